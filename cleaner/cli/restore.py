"""``cleaner restore``."""

from __future__ import annotations

from pathlib import Path

import click

from cleaner.cli.failure import told

EPILOG = """\b
Example:
  cleaner clean news --out cleaned
  cleaner restore cleaned --out again
"""


@click.command(epilog=EPILOG)
@click.argument("run", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--out", required=True, metavar="DIR2", type=click.Path(path_type=Path), help="Folder to write; new or empty.")
def restore(run: Path, out: Path) -> None:
    """Write the inputs' text again.

    It is made from the outputs and the audit of the run in DIR.
    Texts come back as they were decoded, code point for code point, in UTF-8; records with all their fields; HTML pages as the
    text that was extracted from them.
    """
    from cleaner.run.restore import restore_run

    with told():
        done = restore_run(run, out)
    click.echo(f"Restored {done.documents:,} document{'' if done.documents == 1 else 's'} to {out}")
    if done.pages:
        click.echo(f"  {done.pages:,} of them HTML: what is restored is the text that was extracted, not the page")
