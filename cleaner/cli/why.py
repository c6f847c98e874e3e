"""Why one line went or stayed, for people; and what makes a rule of it, if it should not have stayed."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from cleaner.cli.columns import cut, folded

if TYPE_CHECKING:
    from cleaner.pipeline import Pipeline
    from cleaner.rules.near import NearMiss
    from cleaner.run.lines import Explained, Line, Weighed

_MOST_NEAR = 8
"""Near misses that --line shows; the rest is counted."""
_LONGEST_DETAIL = 280
"""Characters of a near miss's detail that --line shows: some patterns fill a screen; --json tells all."""


def told_line(line: Line, misses: list[NearMiss], explained: Explained, pipeline: Pipeline, record: int | None) -> str:
    """The line, what became of it, and the rules that came near.

    Args:
        line: the line.
        misses: rules that came near, nearest first.
        explained: its document.
        pipeline: that cleaned it.
        record: number of the document's record, if somebody named it.
    """
    rows = [f"Line {line.number}: {cut(line.text.strip(), 68)}", "", *_told_state(line, pipeline)]
    rows += ["A keep rule protects it."] if line.number in explained.protected else []
    rows += [like(one, explained.told) for one in line.duplicates]
    if line.before is not None:
        rows.append(f"Its encoding was repaired; it was: {cut(line.before.strip(), 200)}")
    if misses:
        rows += ["", "Rules whose words stand in it, and what stopped them:"]
        for miss in misses[:_MOST_NEAR]:
            rows.append(f"  {click.style(miss.name, fg='cyan')} ({miss.stop.value})")
            rows += folded(cut(miss.detail, _LONGEST_DETAIL), 80, "    ")
        if len(misses) > _MOST_NEAR:
            rows.append(f"  and {len(misses) - _MOST_NEAR} more; --json lists all")
    elif not line.rules and line.state.value != "blank":
        rows.append("No rule's words stand in it.")
    if _may_be_junk(line, explained):
        rows += ["", f"If it should go: {_remedy(line, explained, record)}"]
    return "\n".join(rows)


def _told_state(line: Line, pipeline: Pipeline) -> list[str]:
    """What became of a line, and by what."""
    if not line.rules:
        return ["It stays." if line.state.value != "blank" else "It is blank; blank lines go only with what stands beside them."]
    rows: list[str] = []
    reasons = {rule.name: rule.why for _, rule in pipeline.rules.rules()}
    verb = {"removed": "It went", "partly": "A part of it went", "flagged": "It is flagged"}.get(line.state.value, "It went")
    for name in line.rules:
        if name == "evidence" and line.weighed:
            rows += _told_evidence(line, line.weighed, verb)
            continue
        rows.append(f"{verb}: {click.style(name, fg='cyan')}" + (f" (block {line.block})" if line.block else ""))
        rows += [f"  {reasons[name]}"] if name in reasons else []
    return rows


def _may_be_junk(line: Line, explained: Explained) -> bool:
    """Whether somebody who asks for a line may want it gone: it stays, and no keep rule says so."""
    return line.state.value in ("flagged", "kept") and line.number not in explained.protected


def _remedy(line: Line, explained: Explained, record: int | None) -> str:
    """The command that makes a rule of a line."""
    site = f"--site {explained.told.get('site', 'HOST')}"
    if explained.name == "-":
        text = line.text.strip()
        return f"cleaner rules add {site} {'-- ' if text.startswith('-') else ''}{shlex.quote(text)}"
    which = f" --record {record}" if record else ""
    return f"cleaner rules add --from {shlex.quote(explained.name)} --line {line.number}{which} {site}"


def _told_evidence(line: Line, weighed: Weighed, verb: str) -> list[str]:
    """That evidence took the line, or doubts it, and the reasons, one a row."""
    if weighed.took:
        block = f" (block {line.block})" if line.block else ""
        head = f"{verb} by {click.style('evidence', fg='cyan')}, confidence {weighed.confidence:.2f}{block}:"
    else:
        rest = {"removed": "Evidence found", "partly": "The rest stays, but evidence finds"}
        head = f"{rest.get(line.state.value, 'It stays, but evidence finds')} it doubtful ({weighed.confidence:.2f}):"
    return [head, *(f"  {reason}" for reason in weighed.reasons)]


def like(found: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    """What a line, or the document, is a near-duplicate of.

    Args:
        found: the audit's object of it.
        entry: the audit's object of its document.
    """
    of = found["of"]
    here = (of["input"], of.get("record")) == (entry["input"], entry.get("record"))
    line = "" if of["line"] is None else f"line {of['line']}"
    where = " of ".join(part for part in (line, "" if here else str(of["id"])) if part)
    measure = f"Jaccard {found['jaccard']:.2f}" if found["relation"] == "same" else f"containment {found['containment']:.2f}"
    words = {"same": "near-duplicate of", "inside": "stands inside", "holds": "holds"}[found["relation"]]
    return f"{words} {where} ({measure})"
