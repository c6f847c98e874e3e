"""How lines are shown that come out differently: the riskiest first, with what stands around them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from cleaner.cli.columns import cut

if TYPE_CHECKING:
    from cleaner.trial.compare import Group

WIDTH = 80
_INDENT = 15


def counted(number: int, noun: str) -> str:
    """A number of things.

    >>> counted(1, "line"), counted(2000, "line")
    ('1 line', '2,000 lines')
    """
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


@contextmanager
def looking() -> Iterator[Callable[[int], None] | None]:
    """What tells on a terminal how many documents were looked at; None where nobody watches."""
    if not sys.stderr.isatty():
        yield None
        return
    try:
        yield lambda documents: click.echo(f"\r{counted(documents, 'document')} …", nl=False, err=True)
    finally:
        click.echo("\r\033[K", nl=False, err=True)


def group_rows(groups: Sequence[Group], most: int, *, around: bool, colour: str) -> list[str]:
    """Rows for the riskiest of some groups, and one that counts the rest."""
    rows = ["  risk   docs"] if groups else []
    for group in groups[:most]:
        text = click.style(cut(group.change.text, WIDTH - _INDENT), fg=colour)
        rows.append(f"  {group.risk:.2f} {group.documents:>6,}  {text}")
        part = [] if group.change.whole else ["part of a line"]
        where = cut(f"{group.at.document}:{group.at.line}", 40)
        rows.append(" " * _INDENT + click.style(cut(", ".join([where, *part, *group.reasons]), WIDTH - _INDENT), dim=True))
        if around:
            for label, line in zip(("above", "below"), group.change.around, strict=True):
                rows += [" " * _INDENT + click.style(f"{label}: {cut(line, WIDTH - _INDENT - 7)}", dim=True)] if line else []
    left = groups[most:]
    if left:
        rows.append(f"  … and {counted(len(left), 'text')} more, of risk {left[0].risk:.2f} and less")
    return rows
