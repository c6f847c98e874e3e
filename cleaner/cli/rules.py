"""``cleaner rules``, with ``list`` and ``show``; each other command has a file of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cleaner.cli.columns import cut, folded
from cleaner.cli.failure import told
from cleaner.cli.learn import learn
from cleaner.cli.rules_add import add
from cleaner.cli.rules_check import check
from cleaner.cli.rules_import import import_
from cleaner.cli.rules_preview import preview

if TYPE_CHECKING:
    from cleaner.rules.model import Pack, Rule
    from cleaner.rules.places import Place

_MOST_HOSTS = 3
"""Hosts of a pack that are listed."""
_PACKS = click.option(
    "--rules",
    "packs",
    multiple=True,
    metavar="PATH",
    help="A pack, a folder of packs, or @project, @user, @installed, @all; repeatable.",
)


@click.group()
def rules() -> None:
    """List, show, check, try, add, learn and import rules."""


rules.add_command(learn)
rules.add_command(add)
rules.add_command(check)
rules.add_command(import_)
rules.add_command(preview)


@rules.command("list")
@_PACKS
@click.option("--json", "as_json", is_flag=True, help="One JSON object per rule, a line each.")
def list_rules(packs: tuple[str, ...], as_json: bool) -> None:
    """List every pack with its rules, and where it is in force."""
    from cleaner.rules.load import load_rules
    from cleaner.rules.places import found

    with told():
        loaded = load_rules(*packs)
    if as_json:
        for pack, rule in loaded.rules():
            told_of = {
                "rule": rule.name,
                "kind": rule.kind.value,
                "action": rule.action.value,
                "why": rule.why,
                "level": pack.level.name.lower(),
            }
            click.echo(json.dumps({**told_of, "path": pack.path}, ensure_ascii=True))
        return
    places = found()
    source = ""
    for pack in loaded.packs:
        if (here := _source(pack, places)) != source:
            click.echo(click.style(f"from {here}", dim=True))
            source = here
        click.echo(click.style(pack.id, bold=True) + f"  {_scope(pack, _MOST_HOSTS)}")
        for rule in pack.rules:
            sign = {"remove": " ", "flag": "?", "keep": "+"}[rule.action.value]
            click.echo(f"  {sign} {rule.id:<30} {cut(rule.why, 75 - max(30, len(rule.id)))}")
    own = {Path(pack.path).resolve() for pack in loaded.packs}
    for place in places:
        left = [path for path in place.files if path.resolve() not in own]
        if left:
            where = place.package or str(place.path)
            click.echo(f"not in force: {_counted(len(left), 'pack')} of {where}; --rules {place.origin.value} takes them")
    count = sum(len(pack.rules) for pack in loaded.packs)
    click.echo(f"{count:,} rules in {len(loaded.packs)} packs   (? flags, + keeps; cleaner rules show PACK.RULE)")


@rules.command()
def schema() -> None:
    """Print the JSON schema of packs, for editors.

    Editors that know such schemas check and complete packs by it.
    """
    from cleaner.rules.load import bundled_schema

    click.echo(bundled_schema().read_text(encoding="utf-8"), nl=False)


@rules.command()
@click.argument("name", metavar="ID")
@_PACKS
def show(name: str, packs: tuple[str, ...]) -> None:
    """Show one rule, or all of a pack.

    ID is pack.rule, as the audit and `rules list` name it; or a pack's id.
    """
    from difflib import get_close_matches

    from cleaner.rules.load import load_rules

    with told():
        loaded = load_rules(*packs)
    for pack, rule in loaded.rules():
        if rule.name == name:
            click.echo(_shown(pack, rule))
            return
    for pack in loaded.packs:
        if pack.id == name:
            click.echo("\n\n".join(_shown(pack, rule) for rule in pack.rules))
            return
    near = get_close_matches(name, [rule.name for _, rule in loaded.rules()], n=3)
    hint = f" Did you mean {', '.join(near)}?" if near else " `cleaner rules list` shows all."
    raise click.UsageError(f'there is no rule "{name}".{hint}')


def _source(pack: Pack, places: Sequence[Place]) -> str:
    """Where a pack comes from: with cleaner, or from which folder of whose."""
    from cleaner.rules.load import bundled_folder
    from cleaner.rules.model import Level

    if pack.level <= Level.SITE:
        return f"cleaner ({bundled_folder()})"
    path = Path(pack.path)
    place = next((place for place in places if path in place.files), None)
    return f"{place.package or place.path} ({place.origin.value})" if place else str(path)


def _scope(pack: Pack, most: int) -> str:
    """Where a pack is in force, with so many of its hosts."""
    level = pack.level.name.lower()
    parts = [level]
    if pack.language:
        parts.append(pack.language)
    if pack.hosts:
        left = len(pack.hosts) - most
        parts.append(", ".join(pack.hosts[:most]) + (f" and {left:,} more" if left > 0 else ""))
    if pack.markers:
        needed = f"{pack.markers_needed} of " if pack.markers_needed > 1 else ""
        parts.append(needed + _counted(len(pack.markers), "marker"))
    return " · ".join(parts)


def _shown(pack: Pack, rule: Rule) -> str:
    rows = [click.style(rule.name, bold=True), *folded(rule.why, 80, "  ")]
    rows += [f"  {'kind':<10} {rule.kind.value}", f"  {'action':<10} {rule.action.value}"]
    for label, condition in (("", rule.match), ("start ", rule.start), ("end ", rule.end)):
        rows += [f"  {label + 'literal':<10} {literal}" for literal in condition.literals]
        rows += [f"  {label + 'pattern' if not label else label.strip():<10} {pattern}" for pattern in condition.patterns]
    for label, values in (
        ("css", rule.select.css),
        ("xpath", rule.select.xpath),
        ("hosts", rule.hosts),
        ("not on", rule.except_hosts),
    ):
        rows += [f"  {label:<10} {value}" for value in values]
    for label, value in (
        ("max_lines", rule.max_lines),
        ("first", rule.first),
        ("last", rule.last),
        ("max_length", 0 if rule.kind.of_page else rule.max_length),
    ):
        rows += [f"  {label:<10} {value}"] if value else []
    rows += [f"  {'in force':<10} {_scope(pack, len(pack.hosts))}", f"  {'file':<10} {pack.path}"]
    rows += [f"  {'made of':<10} {pack.imported}"] if pack.imported else []
    rows += [f"  {'licence':<10} {pack.licence}"] if pack.licence else []
    for label, examples in (("removes", rule.removes), ("keeps", rule.keeps)):
        for example in examples:
            rows += [f"  {label if at == 0 else '':<10} {line}" for at, line in enumerate(example.strip("\n").split("\n"))]
    return "\n".join(rows)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
