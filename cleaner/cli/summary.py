"""What a person reads when a run is done."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence

    from cleaner.report import RunReport
    from cleaner.run.bulk import Outcome

_MOST_PACKS = 12
"""Packs that are named; the audit names all."""


def summary(outcome: Outcome, out: Path | None, config: Path | None = None, everywhere: Sequence[str] = ()) -> str:
    """What a run did, in a dozen lines or so, readable at 80 columns.

    Args:
        outcome: of the run.
        out: its folder, or None when nothing was written.
        config: the file of options that held, if any.
        everywhere: packs of the user's own that were in force for every document.
    """
    report = outcome.report
    lines = [_head(outcome)]
    lines += _reused(outcome)
    share = report.chars_out / report.chars_in if report.chars_in else 1.0
    lines.append(f"  kept        {report.chars_out:,} of {report.chars_in:,} characters ({share:.1%})")
    if report.topics:
        lines += _wrapped("removed", _by_kind(report.topics), f"{_count(report.topics.total(), 'line')}: ")
    if report.flagged:
        lines += _wrapped("flagged", _by_kind(report.flagged), f"{_count(report.flagged.total(), 'line')}, kept: ")
    if report.duplicates:
        kinds = sorted(report.duplicates.items())
        total = report.duplicates.total()
        lines += _wrapped("duplicates", [f"{count:,} {relation}" for relation, count in kinds], f"{total:,} flagged: ")
    lines += [f"  repaired    {_count(report.repairs, 'line')} of broken encoding"] * bool(report.repairs)
    lines += _site_packs(report)
    lines += _wrapped("everywhere", _first(list(everywhere)), "") if everywhere else []
    if report.skipped:
        lines += _wrapped("set aside", sorted(report.skipped), "rules too slow on some line: ")
    if report.rejections:
        reasons = [f"{reason} {count:,}" for reason, count in sorted(report.rejections.items())]
        lines += _wrapped("rejected", reasons, f"{report.rejections.total():,}: ")
        lines += [f"{'':14}see {out / 'rejected.jsonl'}"] if out else []
    if outcome.left_aside:
        kinds = sorted(outcome.left_aside.items())
        lines += _wrapped("left aside", [f"{suffix} {count:,}" for suffix, count in kinds], "files of other kinds: ")
    for alarm in outcome.alarms:
        lines += _filled("tripwire", f"{alarm.about}: {alarm.detail}")
    lines += [f"  options of  {config}"] if config is not None else []
    if out is not None:
        lines.append(f"  written to  {out}")
    return "\n".join(lines)


def _site_packs(report: RunReport) -> list[str]:
    """Which packs of sites were in force, for how many documents, and what told it."""
    if not report.packs:
        return []
    by = {"url": "by URL", "marker": "by markers", "site option": "by --site"}
    told = [f"{count:,} {by[means]}" for means, count in report.told_by.most_common()]
    noun = "document" if report.told_by.total() == 1 else "documents"
    packs = sorted(report.packs.items(), key=lambda item: (-item[1], item[0]))
    told[0] = told[0].replace(" ", f" {noun} ", 1)
    return _wrapped("site packs", _first([f"{pack} {count:,}" for pack, count in packs]), f"{', '.join(told)}: ")


def _first(parts: list[str]) -> list[str]:
    """As many as a person reads, and how many more there are."""
    return parts if len(parts) <= _MOST_PACKS else [*parts[:_MOST_PACKS], f"and {len(parts) - _MOST_PACKS:,} more"]


def _reused(outcome: Outcome) -> list[str]:
    """How much of what a run that was cut off had prepared was of use, and how much was done again; nothing when there was none."""
    from cleaner.run.basis import CALLED

    held, again = outcome.held, outcome.report.documents - outcome.reused
    if held.changed:
        causes = ", ".join(CALLED.get(name, name) for name in held.changed)
        text = f"none of {held.documents:,} that were prepared before ({causes}); {again:,} prepared now"
    elif held.documents or held.damage:
        text = f"{outcome.reused:,} of {held.documents:,} that were prepared before; {again:,} prepared now"
    else:
        return []
    return _filled("reused", text)


def _filled(label: str, text: str) -> list[str]:
    """A sentence behind a label, over as many lines of 80 columns as it needs."""
    return textwrap.wrap(text, 80, initial_indent=f"  {label:<12}", subsequent_indent=" " * 14, break_on_hyphens=False)


def _head(outcome: Outcome) -> str:
    return f"Cleaned {_count(outcome.report.documents, 'document')} in {outcome.seconds:.1f} s"


def _by_kind(counts: Counter[str]) -> list[str]:
    return [f"{kind} {count:,}" for kind, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _wrapped(label: str, parts: list[str], before: str) -> list[str]:
    """Parts behind a label, with commas, over as many lines of 80 columns as they need."""
    lines: list[str] = []
    line = f"  {label:<12}{before}"
    for number, part in enumerate(parts):
        piece = part + (", " if number < len(parts) - 1 else "")
        if len(line) + len(piece.rstrip()) > 80 and len(line) > 14:
            lines.append(line.rstrip())
            line = " " * 14
        line += piece
    return [*lines, line.rstrip()]
