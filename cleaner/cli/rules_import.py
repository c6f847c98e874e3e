"""``cleaner rules import``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cleaner.cli.changes import counted
from cleaner.cli.failure import REJECTED, told

if TYPE_CHECKING:
    from cleaner.trial.adoption import Import

_MOST_FAULTS = 50
"""Faults that are shown; the rest is counted."""

EPILOG = """\b
Reads, by what they say:
  example.com.txt   site files of Full-Text RSS and Instapaper; .example.com.txt: sub-domains
  list.txt          cosmetic filters of ad-block lists: example.com##.newsletter

\b
Examples:
  cleaner rules import site_config                     what is in them, and what cannot be used
  cleaner rules import site_config --out my-rules      a pack for each host
  cleaner rules import annoyances.txt --out my-rules/annoyances.toml --licence CC-BY-4.0
"""


@click.command("import", epilog=EPILOG)
@click.argument("path", metavar="PATH", type=click.Path(path_type=Path))
@click.option(
    "--out",
    metavar="PACK",
    type=click.Path(path_type=Path),
    help="Where packs go: a folder, or for one pack a file that ends in .toml. Default: nothing is written.",
)
@click.option("--licence", metavar="TEXT", help="Licence of what is read. Default: as the files, or LICENSE beside them, say.")
@click.option("--overwrite", is_flag=True, help="Replace packs that are there already.")
def import_(path: Path, out: Path | None, licence: str | None, overwrite: bool) -> None:
    """Make packs of others' rules about HTML pages.

    PATH is a file, or a folder: all *.txt below it. What cleaning text cannot use is counted, what is wrong is listed with its file and line; the rest goes on. `--rules` takes
    such files as they are, too.
    """
    from cleaner.trial.adoption import read_others, write_packs

    with told():
        found = read_others(path, licence)
        written = write_packs(found.packs, out, overwrite=overwrite) if out is not None else []
    for row in _rows(found):
        click.echo(row)
    if written:
        where = str(written[0]) if len(written) == 1 else f"{counted(len(written), 'pack')} in {out}"
        click.echo(f"written: {where}")
    for fault in found.faults[:_MOST_FAULTS]:
        click.echo(str(fault), err=True)
    if len(found.faults) > _MOST_FAULTS:
        click.echo(f"and {len(found.faults) - _MOST_FAULTS:,} more faults", err=True)
    if found.faults:
        raise SystemExit(REJECTED)


def _rows(found: Import) -> list[str]:
    """What was read, what came of it, and what did not."""
    files = counted(found.files, "file")
    rows = [f"{files}: {counted(found.rules, 'rule')} in {counted(len(found.packs), 'pack')}"]
    if found.untested:
        rows.append(
            f"  {found.rules - found.untested:,} were tried on an example made up for them, {found.untested:,} could not be"
        )
    licences = sorted({pack.licence for pack in found.packs.values() if pack.licence})
    rows += [f"  licence: {licence}" for licence in licences[:5]]
    if found.packs and not licences:
        rows.append("  no licence is told; see that you may use them, and name it with --licence")
    if found.unused:
        rows.append("  of no use for text:")
        rows += [f"    {number:>7,}  {kind}" for kind, number in sorted(found.unused.items(), key=lambda one: (-one[1], one[0]))]
    if found.strangers:
        rows.append(f"  {counted(len(found.strangers), 'file')} in no format that is known, such as {found.strangers[0]}")
    if found.faults:
        rows.append(f"  {counted(len(found.faults), 'fault')}, left out:")
    return rows
