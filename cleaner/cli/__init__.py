"""The command line: one file per command, each of which parses, calls and prints."""

from __future__ import annotations

import traceback
from typing import Any

import click

from cleaner._version import __version__
from cleaner.cli.clean import clean
from cleaner.cli.duplicates import duplicates
from cleaner.cli.explain import explain
from cleaner.cli.failure import FAULT, INTERRUPTED, fitted
from cleaner.cli.restore import restore
from cleaner.cli.rules import rules

EPILOG = """\b
Examples:
  cleaner clean news --out cleaned
  cat page.txt | cleaner clean -
  cleaner explain news/page.txt
"""


class _Commands(click.Group):
    """The commands; an error that none of them foresaw is shown whole and has an exit status of its own."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            raise fitted(error) from error
        except (click.exceptions.Exit, BrokenPipeError):
            raise
        except click.Abort:  # who was asked stopped it
            click.echo("\nstopped; nothing was written", err=True)
            ctx.exit(INTERRUPTED)
        except KeyboardInterrupt:
            click.echo("interrupted; what was begun is not finished", err=True)
            ctx.exit(INTERRUPTED)
        except Exception:  # noqa: BLE001  # this is the outermost place there is
            traceback.print_exc()
            click.echo("This is a fault in cleaner itself; please report it with the lines above.", err=True)
            ctx.exit(FAULT)


@click.group(cls=_Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="cleaner")
def main() -> None:
    """Scraped news in, clean text out: every removal explained, every near-duplicate flagged, everything restorable."""


main.add_command(clean)
main.add_command(explain)
main.add_command(rules)
main.add_command(duplicates)
main.add_command(restore)
