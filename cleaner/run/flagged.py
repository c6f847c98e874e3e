"""The documents of a finished run that are like others, and their flags, read from its audit; of all other documents nothing is held."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

from cleaner.dedup.clusters import Closest, Pair
from cleaner.document import Relation, Unit
from cleaner.errors import UsageError
from cleaner.run import folder as names
from cleaner.run.written import holds_records

Key: TypeAlias = tuple[int, int]
"""Number of a document, and line of a passage in it (0: the document); sorts in input order."""
_Ref: TypeAlias = tuple[bool, str, int]
"""Whether a document is of an earlier run, its input, its record (0: none)."""
_FLAG = b'"relation"'
"""Stands in the audit object of every document with a flag: others need not be parsed."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a unit stands.

    Attributes:
        id: what people call its document.
        input: name of the input.
        record: number of the record in it, or None.
        line: first line of the passage, or None for a whole document.
        earlier: whether its document is of an earlier run, known by the index only.
    """

    id: str | int | float
    input: str
    record: int | None
    line: int | None
    earlier: bool = False

    @property
    def shown(self) -> str:
        """For people: input, record or id, and line.

        >>> Place("a", "news.jsonl", 3, 12).shown
        'news.jsonl, record 3 (a), line 12'
        >>> Place("a.txt", "a.txt", None, None, earlier=True).shown
        'a.txt (earlier run)'
        """
        record = "" if self.record is None else f", record {self.record}"
        own = "" if self.id in (self.input, f"{self.input}#{self.record}") else f" ({self.id})"
        line = "" if self.line is None else f", line {self.line}"
        return f"{self.input}{record}{own}{line}" + (" (earlier run)" if self.earlier else "")

    def described(self) -> dict[str, Any]:
        """As plain JSON values; keys that do not apply are left out."""
        found = {"id": self.id, "input": self.input, "record": self.record, "line": self.line, "earlier": self.earlier or None}
        return {key: value for key, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Told:
    """A document, as the audit tells of it.

    Attributes:
        number: its place in the run, from 0; of an earlier run: below 0.
        place: of the whole document.
        site: host of the page, or None.
        at: where its audit object begins, in bytes.
        output: path of its output file, relative to the run's folder.
        row: which line of that file it is, from 0.
        chars: code points that were kept, or went only as duplicates.
    """

    number: int
    place: Place
    site: str | None = None
    at: int = 0
    output: str = ""
    row: int = 0
    chars: int = 0

    @property
    def earlier(self) -> bool:
        """Whether it is of an earlier run, so that there is no text of it."""
        return self.number < 0


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag.

    Attributes:
        pair: which unit is like which.
        chars: length of the unit that bears it, in code points.
        removed: whether a policy took that unit out.
    """

    pair: Pair[Key]
    chars: int
    removed: bool


@dataclass(frozen=True, slots=True)
class Flagged:
    """What of a run is like something else.

    Attributes:
        documents: those that bear a flag or are named in one, by number.
        flags: in input order.
        settings: of the run, as ``run.json`` has them.
    """

    documents: Mapping[int, Told]
    flags: list[Flag] = field(default_factory=list)
    settings: Mapping[str, Any] = field(default_factory=dict)

    def place(self, key: Key) -> Place:
        """Where a unit stands."""
        return replace(self.documents[key[0]].place, line=key[1] or None)


def read_flagged(run: Path) -> Flagged:
    """What of a finished run is like something else, from two readings of its audit.

    Raises:
        UsageError: the folder holds no finished run, or no audit, or one that cannot be read.
    """
    names.require_run(run)
    path = run / names.AUDIT
    if not path.exists():
        raise UsageError(f"{path} is missing: the run was made with --audit none; clean again with an audit to see duplicates")
    settings = json.loads((run / names.RUN).read_bytes()).get("settings", {})
    try:
        named = _named(path)
        return _flagged(path, named, settings)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{path} was changed after the run ({error!r}); clean again to see duplicates") from error


def require_compared(run: Path, flagged: Flagged) -> None:
    """Makes sure that a run looked for near-duplicates: an empty answer would say that there are none.

    Raises:
        UsageError: it did not.
    """
    if flagged.settings.get("duplicates") == "off":
        raise UsageError(f"the run in {run} was made with --duplicates off, so nothing was compared; clean again without it")


def entry_at(run: Path, told: Told) -> dict[str, Any]:
    """The whole audit object of a document."""
    with (run / names.AUDIT).open("rb") as lines:
        lines.seek(told.at)
        entry: dict[str, Any] = json.loads(lines.readline())
    return entry


def _named(path: Path) -> dict[_Ref, Place]:
    """Every document that a flag names."""
    named: dict[_Ref, Place] = {}
    with path.open("rb") as lines:
        for line in lines:
            if _FLAG not in line:
                continue
            for found in json.loads(line)["duplicates"]:
                for one in (found, found.get("closest")):
                    if one:
                        of = one["of"]
                        place = Place(of["id"], of["input"], of.get("record"), None, earlier=bool(of.get("earlier")))
                        named.setdefault(_ref(of), place)
    return named


def _flagged(path: Path, named: Mapping[_Ref, Place], settings: Mapping[str, Any]) -> Flagged:
    before = sorted(ref for ref in named if ref[0])
    numbers = {ref: number - len(before) for number, ref in enumerate(before)}
    documents = {number: Told(number, named[ref]) for ref, number in numbers.items()}
    flags: list[Flag] = []
    for told, entry in _documents(path):
        ref = _ref(entry)
        if ref in named:
            numbers[ref] = told.number
        if ref in named or entry["duplicates"]:
            documents[told.number] = told
        if entry["duplicates"]:
            # A passage may be inside a later one of its own document, which nobody else may name.
            numbers.setdefault(ref, told.number)
            gone = {mark["line"] for mark in entry["removed"] if mark["rule"] == "duplicate"}
            flags += [_flag(found, told, numbers, gone) for found in entry["duplicates"]]
            if ref not in named:
                del numbers[ref]
    return Flagged(documents, flags, settings)


def _documents(path: Path) -> Iterator[tuple[Told, Mapping[str, Any]]]:
    """Every document of a run, with its audit object."""
    rows: Counter[str] = Counter()
    at = 0
    with path.open("rb") as lines:
        for number, line in enumerate(lines):
            entry = json.loads(line)
            output = entry.get("output", "")
            place = Place(entry["id"], entry["input"], entry.get("record"), None)
            as_duplicates = sum(mark["end"] - mark["start"] for mark in entry["removed"] if mark["rule"] == "duplicate")
            yield (
                Told(number, place, entry.get("site"), at, output, rows[output], entry["chars_out"] + as_duplicates),
                entry,
            )
            at += len(line)
            if holds_records(output):
                rows[output] += 1


def _flag(found: Mapping[str, Any], told: Told, numbers: Mapping[_Ref, int], gone: set[int]) -> Flag:
    closest = found.get("closest")
    pair = Pair(
        Unit(found["unit"]),
        (told.number, found["line"] or 0),
        _key(found["of"], numbers),
        Relation(found["relation"]),
        found["jaccard"],
        found["containment"],
        bool(found.get("larger")),
        closest
        and Closest(_key(closest["of"], numbers), closest["jaccard"], closest["containment"], larger=bool(closest.get("larger"))),
    )
    chars = told.chars if found["line"] is None else found["end"] - found["start"]
    return Flag(pair, chars, found["line"] in gone or (found["line"] is None and bool(gone)))


def _ref(one: Mapping[str, Any]) -> _Ref:
    return bool(one.get("earlier")), str(one["input"]), one.get("record") or 0


def _key(of: Mapping[str, Any], numbers: Mapping[_Ref, int]) -> Key:
    return numbers[_ref(of)], of["line"] or 0
