"""The last word on a rule that is proposed: it is shown as it would be written, changed if wanted, and written or not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from cleaner.cli.changes import counted
from cleaner.errors import CleanerError, UsageError

if TYPE_CHECKING:
    from cleaner.rules.model import Rule
    from cleaner.trial.target import Target


def settle(target: Target, rule: Rule, *, asks: bool, dry_run: bool, in_force: bool) -> None:
    """Shows a rule, and writes it into its pack if it is wanted.

    Args:
        target: the pack.
        rule: true to its examples.
        asks: whether somebody is asked first.
        dry_run: whether nothing is written.
        in_force: whether the pack is in force without being named.

    Raises:
        UsageError: the file was changed meanwhile, or cannot be written.
        RuleFaults: the rule does not do what its examples say.
    """
    from cleaner.rules.load import bundled_schema, load_rules
    from cleaner.trial.packfile import appended, checked, rule_text, write

    text = rule_text(rule)
    checked(appended(target.data, text), str(target.path), rule.id)
    click.echo("\n" + text.rstrip("\n") + "\n")
    if dry_run:
        click.echo("nothing was written (--dry-run)")
        return
    if asks:
        agreed = _agreed(target, text)
        if agreed is None:
            click.echo("nothing was written")
            return
        text = agreed
    if not target.new and target.path.read_bytes() != target.data:
        raise UsageError(f"{target.path} was changed meanwhile; nothing was written, try again")
    write(target.path, appended(target.data, text), schema=bundled_schema() if target.new else None)
    pack = next(pack for pack in load_rules(target.path, bundled=False).packs)
    click.echo(f"written to {target.path}: {counted(len(pack.rules), 'rule')}, each does what its examples say")
    if target.new and not in_force:
        click.echo(f"to use it: cleaner clean INPUT --out DIR --rules {target.path}")


def _agreed(target: Target, text: str) -> str | None:
    """The rule's text as it is to be written; None: not at all."""
    from cleaner.trial.packfile import appended, checked

    while True:
        answer = click.prompt(
            "Write it? y yes, e edit, n no", default="n", type=click.Choice(["y", "e", "n"]), show_choices=False
        )
        if answer == "y":
            return text
        if answer == "n":
            return None
        edited = click.edit(text, extension=".toml") or text
        try:
            names = re.findall(r'^id\s*=\s*["\']([^"\']*)', edited, re.MULTILINE)
            checked(appended(target.data, edited), str(target.path), names[0] if names else "")
        except CleanerError as error:
            click.echo(str(error), err=True)
            continue
        text = edited if edited.endswith("\n") else edited + "\n"
        click.echo("\n" + text)
