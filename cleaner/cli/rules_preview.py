"""``cleaner rules preview``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cleaner.cli import configured, like_clean, options
from cleaner.cli.changes import counted, group_rows, looking
from cleaner.cli.columns import cut, folded
from cleaner.cli.failure import told
from cleaner.errors import UsageError

if TYPE_CHECKING:
    from cleaner.rules.model import RuleSet
    from cleaner.trial.compare import Comparison, Group, RuleCount

EPILOG = """\b
Examples:
  cleaner rules preview draft.toml --corpus pages
  cleaner rules preview draft.toml --against rules/paper.example.toml --corpus dump.jsonl
  cleaner rules preview draft.toml --corpus dump.jsonl --json | jq 'select(.risk > 0.4)'
"""


@click.command(cls=like_clean.LikeClean, epilog=EPILOG)
@click.argument("pack", metavar="PACK")
@click.option("--corpus", multiple=True, required=True, metavar="PATH", help="Files, folders or globs to try it on; repeatable.")
@click.option(
    "--against", metavar="PATH", help="The packs in whose place PACK comes. Default: in that of the pack of its id, else none."
)
@click.option("--rules", "packs", multiple=True, metavar="PATH", help="Packs that are in force already; repeatable.")
@click.option("--site", metavar="HOST", help="The site of documents of which nothing tells it.")
@options.language_option
@click.option("--most", type=click.IntRange(min=0), default=5, show_default=True, help="Lines shown of each rule.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes. Default: one a processor.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per rule and text, a line each.")
@like_clean.file_options
def preview(
    pack: str,
    corpus: tuple[str, ...],
    against: str | None,
    packs: tuple[str, ...],
    site: str | None,
    languages: str | None,
    most: int,
    workers: int | None,
    as_json: bool,
) -> None:
    """Show what a pack would change, before it is used.

    PACK is a file or a folder. Every document of the corpus is looked at with the rules in force and with PACK over them: which lines
    would go that stay now, which would stay that go now, by which rule, the riskiest first. Evidence and duplicates are not asked.
    """
    from cleaner.rules.scope import page_of
    from cleaner.trial.compare import Corpus, Look, compare
    from cleaner.trial.sets import of_languages

    with told():
        context = click.get_current_context()
        before, after = (
            of_languages(one, options.language_set(languages)) for one in _sets(pack, against, packs, configured.project(context))
        )
        on = Corpus(corpus, like_clean.read_options(context), home=page_of(site).host if site else None)
        with looking() as progress:
            comparison = compare(on, before, after, look=Look(workers, progress))
    if as_json:
        for group in comparison.groups:
            click.echo(json.dumps(_described(group), ensure_ascii=True))
        return
    click.echo(
        "\n".join(
            [
                *_rows(comparison, most),
                *_silent(comparison, after, pack, known=bool(on.home or on.read.site)),
                *_of_pages(after, pack),
            ]
        )
    )


def _sets(pack: str, against: str | None, packs: tuple[str, ...], project: tuple[str, ...]) -> tuple[RuleSet, RuleSet]:
    """The rules in force, and those with the pack over them."""
    from cleaner.rules.load import pack_files
    from cleaner.trial.sets import fresh_packs, in_force_without, require_known, with_pack

    if not Path(pack).exists() and not pack.startswith("@"):
        raise UsageError(f"{pack}: there is no such file or folder; PACK is a file of rules (.toml), or a folder of them")
    fresh = fresh_packs(pack)
    own = {Path(one.path).resolve() for one in fresh}
    before = in_force_without([*packs, *([against] if against else [])], sorted(own), project)
    after = before
    if against is not None:
        old = {file.path.resolve() for file in pack_files([against])} - own
        kept = {one.id for one in fresh}
        dropped = [one for one in before.packs if Path(one.path).resolve() in old and one.id not in kept]
        after = type(before)(tuple(one for one in before.packs if one not in dropped), before.fingerprint)
    for one in fresh:
        after = with_pack(after, one)
    require_known(after)
    return before, after


def _rows(comparison: Comparison, most: int) -> list[str]:
    from cleaner.trial.change import What

    verb = "comes" if comparison.differ == 1 else "come"
    head = f"{counted(comparison.documents, 'document')}, of which {comparison.differ:,} {verb} out differently"
    rows = [head if comparison.documents else "no document was read"]
    for what, sign, told_as in (
        (What.GAINED, "+", "would go that stay now"),
        (What.LOST, "-", "would stay that go now"),
        (What.FLAGGED, "?", "would be flagged"),
        (What.UNFLAGGED, " ", "would no longer be flagged"),
        (What.OTHER_RULE, "=", "go as now, by another rule"),
    ):
        lines = comparison.lines(what)
        rows += [f"  {sign} {counted(lines, 'line')} {told_as}"] if lines else []
    if comparison.rejected:
        rows.append(f"  {counted(comparison.rejected, 'input')} could not be read")
    for what, title, colour in (
        (What.GAINED, "would go", "red"),
        (What.LOST, "would stay", "green"),
        (What.FLAGGED, "flagged", "magenta"),
    ):
        for one in _by_risk(comparison, what):
            said = f"{counted(one.lines, 'line')} {title}, in {counted(one.documents, 'document')}"
            rows += ["", f"{click.style(cut(one.rule, 40), bold=True)}: {said}"]
            rows += group_rows(comparison.of(what, one.rule), most, around=what is What.GAINED, colour=colour)
    return rows


def _silent(comparison: Comparison, after: RuleSet, pack: str, *, known: bool) -> list[str]:
    """Why nothing changes, where it may be that nothing tells the site of the corpus."""
    own = [one for one in after.packs if Path(one.path).resolve().is_relative_to(Path(pack).resolve())]
    if comparison.counts or known or not own or not all(one.hosts for one in own):
        return []
    return folded(f"{pack} is in force on {own[0].hosts[0]} only; --site says that the documents are from there", 80, "  ")


def _of_pages(after: RuleSet, pack: str) -> list[str]:
    """That rules about elements of pages are not looked at, where the pack has some."""
    own = [one for one in after.packs if Path(one.path).resolve().is_relative_to(Path(pack).resolve())]
    count = sum(rule.kind.of_page for one in own for rule in one.rules)
    told = f"{counted(count, 'rule')} about elements of pages not looked at; `cleaner explain page.html --rules {pack}` shows what they do"
    return folded(told, 80, "  ") if count else []


def _by_risk(comparison: Comparison, what: Any) -> Sequence[RuleCount]:
    """The rules, that first of which a line is the riskiest."""
    order = {group.change.rule: place for place, group in reversed(list(enumerate(comparison.of(what))))}
    return sorted((one for one in comparison.counts if one.what is what), key=lambda one: order[one.rule])


def _described(group: Group) -> dict[str, Any]:
    change = group.change
    found = {
        "what": change.what.value,
        "rule": change.rule,
        "text": change.text,
        "whole": change.whole,
        "lines": group.lines,
        "documents": group.documents,
        "risk": group.risk,
        "reasons": list(group.reasons),
        "document": group.at.document,
        "line": group.at.line,
        "above": change.around[0],
        "below": change.around[1],
    }
    return {**found, "was": change.was} if change.was else found
