"""A document line by line: what happened to each line, and by which rule or evidence; from a fresh cleaning or from a finished run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path, PurePath, PurePosixPath
from typing import Any, BinaryIO

from cleaner import audit
from cleaner.decode import decode
from cleaner.document import Document, Media, Raw, Rejection
from cleaner.errors import UsageError
from cleaner.layout import close_gaps
from cleaner.pipeline import Pipeline
from cleaner.readers import READERS, Format
from cleaner.readers.options import ReadOptions
from cleaner.readers.shape import shape_of
from cleaner.repair import repair
from cleaner.rules.fold import fold_blanks
from cleaner.rules.near import LineInPage, NearMiss, near_misses
from cleaner.rules.scope import own_everywhere
from cleaner.run import folder as names
from cleaner.spans import line_spans


class State(Enum):
    """What became of a line."""

    KEPT = "kept"
    REMOVED = "removed"
    PARTLY = "partly"
    FLAGGED = "flagged"
    BLANK = "blank"


@dataclass(frozen=True, slots=True)
class Weighed:
    """What evidence says of a line.

    Attributes:
        confidence: how sure it is that the line is boilerplate, 0..1.
        reasons: in words, strongest first.
        took: whether the line went by it; else it only doubts the line.
    """

    confidence: float
    reasons: tuple[str, ...]
    took: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One line and what happened to it.

    Attributes:
        number: from 1.
        text: of the repaired text, without its line end.
        state: what became of it.
        rules: full names of the rules that took (or flagged) it or a part of it, ``evidence``, ``duplicate`` for a duplicate policy.
        block: number of the block it went with, or None.
        before: the line before its encoding was repaired, or None.
        duplicates: audit objects of the near-duplicates that begin on it.
        weighed: what evidence says of it, when it takes or doubts it.
    """

    number: int
    text: str
    state: State
    rules: tuple[str, ...]
    block: int | None
    before: str | None
    duplicates: tuple[Mapping[str, Any], ...]
    weighed: Weighed | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """A document, explained.

    Attributes:
        name: what it is called.
        lines: all lines, in order.
        told: its audit object.
        protected: numbers of the lines that keep rules protect; empty for a finished run.
        everywhere: packs of the user's own that are in force for every document; empty for a finished run.
    """

    name: str
    lines: tuple[Line, ...]
    told: Mapping[str, Any]
    protected: frozenset[int]
    everywhere: tuple[str, ...] = ()

    def line(self, number: int) -> Line:
        """The line of a number.

        Raises:
            UsageError: there is no such line.
        """
        if not 1 <= number <= len(self.lines):
            raise UsageError(f"--line {number}: {self.name} has {len(self.lines)} lines")
        return self.lines[number - 1]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which document is to be explained.

    Attributes:
        name: the file's path, or ``-``.
        reads_as: how it is read; None: by suffix.
        record: number of the record, for files of records.
        read: options of the reader.
    """

    name: str
    reads_as: Format | None
    record: int | None
    read: ReadOptions


def explain_fresh(stream: BinaryIO, asked: Asked, pipeline: Pipeline) -> Explained:
    """Cleans one document and explains it; near-duplicates are those inside it.

    Raises:
        UsageError: the document was rejected, or the record does not exist.
    """
    raw = _raw(stream, asked)
    prepared = pipeline.prepare(raw)
    if isinstance(prepared, Rejection):
        raise UsageError(f"{asked.name} is rejected ({prepared.reason}): {prepared.detail}")
    document = close_gaps(_with_duplicates(prepared, pipeline))
    found = _explained(asked.name, document.text, audit.to_object(document), frozenset(document.protected))
    return replace(found, everywhere=tuple(own_everywhere(pipeline.rules, pipeline.settings.languages)))


def explain_run(stream: BinaryIO, asked: Asked, run: Path) -> Explained:
    """Explains a document as a finished run left it, duplicates across documents included.

    The document is known by the digest of its bytes, so the file may lie elsewhere now.

    Raises:
        UsageError: no finished run, no audit, or the document is not in it.
    """
    names.require_run(run)
    raw = _raw(stream, asked)
    data = raw.data if isinstance(raw.data, bytes) else raw.data.encode("utf-8", "surrogatepass")
    told = _entry(run, hashlib.sha256(data).hexdigest(), raw)
    if told["media"] == Media.HTML.value:
        return _explained(asked.name, _rebuilt(run, told), told, frozenset())
    text = repair(decode(raw.data)[0] if isinstance(raw.data, bytes) else raw.data)[0]
    return _explained(asked.name, text, told, frozenset())


def why(explained: Explained, number: int, pipeline: Pipeline) -> list[NearMiss]:
    """The rules and markers that came near a line and did not take it, the nearest first."""
    line = explained.line(number)
    following = [fold_blanks(one.text) for one in explained.lines[number : number + 12] if one.text.strip()]
    packs, kept = frozenset(explained.told["packs"]), number in explained.protected
    at = LineInPage(line.text, packs, following, kept, pipeline.spared)
    return [miss for miss in near_misses(pipeline.rules.packs, at) if miss.name not in line.rules]


def _raw(stream: BinaryIO, asked: Asked) -> Raw:
    form = asked.reads_as or shape_of(asked.name).format or Format.TEXT
    if form.records and asked.record is None:
        raise UsageError(f"{asked.name} holds records; say which with --record N")
    for item in READERS[form](stream, asked.name, asked.read):
        if form.records and item.source.record not in (asked.record, None):
            continue
        if isinstance(item, Rejection):
            raise UsageError(f"{asked.name} is rejected ({item.reason}): {item.detail}")
        return item
    raise UsageError(f"{asked.name} has no record {asked.record}")


def _with_duplicates(document: Document, pipeline: Pipeline) -> Document:
    from cleaner.dedup.fold import Fold
    from cleaner.dedup.sketch import sketch

    duplicates = pipeline.settings.duplicates
    return Fold(duplicates).add_all([document], sketch([document], duplicates, across=False))[0]


def _entry(run: Path, digest: str, raw: Raw) -> dict[str, Any]:
    path = run / names.AUDIT
    if not path.exists():
        raise UsageError(f"{path} is missing: the run was made with --audit none")
    alike: list[dict[str, Any]] = []
    with path.open("rb") as lines:
        for line in lines:
            if digest.encode() in line:
                alike += [entry for entry in [json.loads(line)] if entry["sha256"] == digest]
    if not alike:
        raise UsageError(f"{raw.source.input} is not in the run in {run}: no document there has these bytes")
    return max(alike, key=lambda entry: _nearness(entry, raw))


def _nearness(entry: Mapping[str, Any], raw: Raw) -> tuple[bool, int]:
    """How well an audit object of the same bytes fits a document: by its record, then by how much of the path is the same."""
    own, other = PurePath(raw.source.input).parts[::-1], PurePosixPath(entry["input"]).parts[::-1]
    same = next(
        (count for count, (one, two) in enumerate(zip(own, other, strict=False)) if one != two), min(len(own), len(other))
    )
    return entry.get("record") == raw.source.record, same


def _rebuilt(run: Path, told: Mapping[str, Any]) -> str:
    """The extracted text of an HTML page, from the run's output and audit."""
    from cleaner.run.restore import repaired_text

    return repaired_text(run, told)


def _explained(name: str, text: str, told: Mapping[str, Any], protected: frozenset[int]) -> Explained:
    if len(text) != told["chars_in"]:
        raise UsageError(f"{name} is not read as it was in the run; was it cleaned by another version?")
    spans = line_spans(text)
    removed = _by_line(told["removed"])
    flagged = _by_line(told["flagged"])
    repairs = {one["line"]: one.get("before", "") for one in told["repairs"]}
    duplicates = _by_line([one for one in told["duplicates"] if one["line"] is not None])
    lines: list[Line] = []
    for number, (start, end) in enumerate(spans, 1):
        marks, flags = removed.get(number, []), flagged.get(number, [])
        content = text[start:end].removesuffix("\n").removesuffix("\r")
        lines.append(
            Line(
                number,
                content,
                _state(text[start:end], start, marks, flags),
                tuple(dict.fromkeys(mark["rule"] for mark in [*marks, *flags] if mark["rule"] != "layout")),
                next((mark["block"] for mark in marks if "block" in mark), None),
                repairs.get(number),
                tuple(duplicates.get(number, [])),
                _weighed(marks, took=True) or _weighed(flags, took=False),
            )
        )
    return Explained(name, tuple(lines), told, protected)


def _by_line(marks: Sequence[Mapping[str, Any]]) -> dict[int, list[Mapping[str, Any]]]:
    found: dict[int, list[Mapping[str, Any]]] = {}
    for mark in marks:
        found.setdefault(mark["line"], []).append(mark)
    return found


def _weighed(marks: Sequence[Mapping[str, Any]], *, took: bool) -> Weighed | None:
    return next((Weighed(mark["confidence"], tuple(mark["reasons"]), took) for mark in marks if mark["rule"] == "evidence"), None)


def _state(line: str, start: int, marks: Sequence[Mapping[str, Any]], flags: Sequence[Mapping[str, Any]]) -> State:
    if not line.strip():
        return State.BLANK
    left = list(line)
    for mark in marks:
        for place in range(mark["start"] - start, min(mark["end"] - start, len(left))):
            left[place] = ""
    if not "".join(left).strip():
        return State.REMOVED
    if any(mark["rule"] != "layout" for mark in marks):
        return State.PARTLY
    return State.FLAGGED if flags else State.KEPT
