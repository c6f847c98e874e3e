"""``cleaner duplicates``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cleaner.cli import stories as shown_stories
from cleaner.cli.failure import told
from cleaner.cli.stories import count, cut, pieces_shown, terminal_width

if TYPE_CHECKING:
    from cleaner.run.found import Copy, FoundCluster, Least, LeastPair

_SHARE = 0.5
"""Default of --share; that of ``cleaner.dedup.stories``, which would bring NumPy into --help."""

EPILOG = """\b
Examples:
  cleaner clean news --out cleaned
  cleaner duplicates cleaned
  cleaner duplicates cleaned --least 20
  cleaner duplicates cleaned --threshold 0.9
  cleaner duplicates cleaned --stories --diff
"""


@click.command(epilog=EPILOG)
@click.argument("run", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1, min_open=True),
    help="Jaccard similarity from which two are the same, if not that of the run; not below it.",
)
@click.option("--least", type=click.IntRange(min=1), metavar="N", help="Show the N pairs that are least alike, with their texts.")
@click.option("--stories", is_flag=True, help="Show which documents carry the same story, who was first, and what each changed.")
@click.option(
    "--share",
    type=click.FloatRange(0, 1, min_open=True),
    help=f"With --stories: share of the shorter one's words that two have in common.  [default: {_SHARE}]",
)
@click.option(
    "--date-field",
    metavar="NAME",
    help="With --stories: field of JSON records that tells who was first. Default: date, published and the like, if there.",
)
@click.option("--diff", is_flag=True, help="With --stories: also show what each changed, word by word.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per cluster, pair or story, a line each.")
def duplicates(
    run: Path,
    threshold: float | None,
    least: int | None,
    stories: bool,
    share: float | None,
    date_field: str | None,
    diff: bool,
    as_json: bool,
) -> None:
    """Show the near-duplicates of a run.

    Of the run in DIR, each original with its copies: where they stand, and how alike they are.
    """
    from cleaner.run.found import find_clusters, find_least

    _require_fitting(
        {"--threshold": threshold, "--least": least}, {"--share": share, "--date-field": date_field, "--diff": diff}, stories
    )
    with told():
        if stories:
            from cleaner.run.stories import find_stories

            found = find_stories(run, _SHARE if share is None else share, date_field)
            objects = [shown_stories.described(story, diff=diff) for story in found] if as_json else []
            text = "" if as_json else shown_stories.shown(found, diff=diff, width=terminal_width())
        elif least is not None:
            pairs = find_least(run, least, threshold)
            objects = [_pair_object(pair) for pair in pairs.pairs] if as_json else []
            text = "" if as_json else _shown_least(pairs, terminal_width())
        else:
            groups = find_clusters(run, threshold)
            objects = [_object(cluster) for cluster in groups] if as_json else []
            text = "" if as_json else _shown_clusters(groups)
    if not as_json:
        click.echo(text)
    for one in objects:
        click.echo(json.dumps(one, ensure_ascii=True))


def _require_fitting(other: Mapping[str, object], of_stories: Mapping[str, object], stories: bool) -> None:
    """Makes sure that no option is given which would do nothing."""
    given = [name for name, value in (other if stories else of_stories).items() if value not in (None, False)]
    if given and stories:
        raise click.UsageError(f"{' and '.join(given)} cannot go with --stories, which compares whole texts; see --share")
    if given:
        raise click.UsageError(f"{' and '.join(given)} says how stories are shown; add --stories")


def _shown_clusters(found: list[FoundCluster]) -> str:
    if not found:
        return "No near-duplicates were flagged in this run."
    copies = sum(len(cluster.copies) for cluster in found)
    blocks = [_shown(number, cluster) for number, cluster in enumerate(found, 1)]
    return "\n".join([*blocks, f"{count(len(found), 'cluster')}, {count(copies, 'copy', 'copies')}"])


def _shown(number: int, cluster: FoundCluster) -> str:
    lines = [f"{number}. {cluster.unit.value} at {cluster.original.shown}"]
    for copy in cluster.copies:
        measure = f"Jaccard {copy.jaccard:.2f}" if copy.relation.value == "same" else f"containment {copy.containment:.2f}"
        beside = "" if copy.of == cluster.original else f" (of {copy.of.shown})"
        gone = ", removed" if copy.removed else ""
        lines.append(f"   {copy.relation.value:<7}{measure:<18} {copy.place.shown}{beside}{gone}")
    return "\n".join(lines) + "\n"


def _shown_least(found: Least, width: int) -> str:
    """The pairs, each text on one line, cut down to what differs."""
    if not found.pairs:
        return f"No pair of this run reaches a Jaccard similarity of {found.threshold:g}."
    blocks = ["\n".join([f"{number}. {_head(pair)}", *_texts(pair, width)]) + "\n" for number, pair in enumerate(found.pairs, 1)]
    shown, of = len(found.pairs), count(found.accepted, "accepted pair")
    tail = f"All {of}" if shown == found.accepted else f"The {shown:,} least similar of {of}"
    return "\n".join([*blocks, f"{tail} (Jaccard {found.threshold:g} or more)"])


def _head(pair: LeastPair) -> str:
    return f"Jaccard {pair.copy.jaccard:.3f}" + (", removed" if pair.copy.removed else "")


def _texts(pair: LeastPair, width: int) -> list[str]:
    """Where both units stand, the earlier one first, and below each its text."""
    rows: list[str] = []
    for place, text in zip((pair.copy.of, pair.copy.place), _beside(pair, width - 6), strict=True):
        rows += ["   " + cut(place.shown, width - 3), "      " + text]
    return rows


def _beside(pair: LeastPair, width: int) -> tuple[str, str]:
    """Both texts, cut to one line each, so that what differs is seen."""
    if pair.text is None or pair.other is None:
        missing = "(its text is not in this run)" if pair.copy.of.earlier else "(no text without --audit full)"
        return cut(pair.other, width) if pair.other else missing, cut(pair.text, width) if pair.text else missing
    from cleaner.dedup.changes import Sign, word_changes

    pieces = word_changes(pair.other, pair.text)
    other = pieces_shown([piece for piece in pieces if piece.sign is not Sign.ADDED], marks=False, beside=2)
    text = pieces_shown([piece for piece in pieces if piece.sign is not Sign.DROPPED], marks=False, beside=2)
    return cut(other, width), cut(text, width)


def _object(cluster: FoundCluster) -> dict[str, Any]:
    return {
        "unit": cluster.unit.value,
        "original": cluster.original.described(),
        "copies": [{**copy.place.described(), **_measures(copy)} for copy in cluster.copies],
    }


def _pair_object(pair: LeastPair) -> dict[str, Any]:
    found = {"unit": pair.unit.value, **pair.copy.place.described(), "text": pair.text, **_measures(pair.copy)}
    found["of"] = {key: value for key, value in (found["of"] | {"text": pair.other}).items() if value is not None}
    return {key: value for key, value in found.items() if value is not None}


def _measures(copy: Copy) -> dict[str, Any]:
    return {
        "relation": copy.relation.value,
        "jaccard": copy.jaccard,
        "containment": copy.containment,
        "of": copy.of.described(),
        "removed": copy.removed,
    }
