"""The near-duplicates of a finished run, read from its audit and gathered in clusters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cleaner.dedup.clusters import Pair, clusters
from cleaner.document import Relation, Unit
from cleaner.errors import UsageError
from cleaner.run import folder as names

_Key = tuple[int, int]
"""Place of a document in the run, and line of a passage in it (0: the document); sorts in input order."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a unit stands.

    Attributes:
        id: what people call its document.
        input: name of the input.
        record: number of the record in it, or None.
        line: first line of the passage, or None for a whole document.
    """

    id: str | int | float
    input: str
    record: int | None
    line: int | None

    @property
    def shown(self) -> str:
        """For people: input, record or id, and line.

        >>> Place("a", "news.jsonl", 3, 12).shown
        'news.jsonl, record 3 (a), line 12'
        """
        record = "" if self.record is None else f", record {self.record}"
        own = "" if self.id in (self.input, f"{self.input}#{self.record}") else f" ({self.id})"
        return f"{self.input}{record}{own}" + ("" if self.line is None else f", line {self.line}")

    def described(self) -> dict[str, Any]:
        """As plain JSON values; keys that do not apply are left out."""
        found = {"id": self.id, "input": self.input, "record": self.record, "line": self.line}
        return {key: value for key, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Copy:
    """A unit that is like another; ``removed`` tells whether a policy took it out."""

    place: Place
    of: Place
    relation: Relation
    jaccard: float
    containment: float
    removed: bool


@dataclass(frozen=True, slots=True)
class FoundCluster:
    """An original and its copies."""

    unit: Unit
    original: Place
    copies: tuple[Copy, ...]


def find_clusters(run: Path) -> list[FoundCluster]:
    """The clusters of a finished run, passages and documents, in input order.

    Raises:
        UsageError: the folder holds no finished run, or no audit.
    """
    names.require_run(run)
    path = run / names.AUDIT
    if not path.exists():
        raise UsageError(f"{path} is missing: the run was made with --audit none; clean again with an audit to see duplicates")
    numbers: dict[tuple[str, int], int] = {}
    ids: dict[int, tuple[str | int | float, str, int | None]] = {}
    pairs: list[Pair[_Key]] = []
    removed: set[_Key] = set()
    with path.open("rb") as lines:
        for number, line in enumerate(lines):
            entry = json.loads(line)
            numbers[entry["input"], entry.get("record") or 0] = number
            ids[number] = (entry["id"], entry["input"], entry.get("record"))
            gone = {mark["line"] for mark in entry["removed"] if mark["rule"] == "duplicate"}
            for found in entry["duplicates"]:
                pair = _pair(found, number, numbers)
                pairs.append(pair)
                if found["line"] in gone or (found["line"] is None and gone):
                    removed.add(pair.key)

    def place(key: _Key) -> Place:
        return Place(*ids[key[0]], line=key[1] or None)

    return [
        FoundCluster(
            cluster.unit,
            place(cluster.original),
            tuple(
                Copy(place(copy.key), place(copy.of), copy.relation, copy.jaccard, copy.containment, copy.key in removed)
                for copy in cluster.copies
            ),
        )
        for cluster in clusters(pairs)
    ]


def _pair(found: Mapping[str, Any], number: int, numbers: Mapping[tuple[str, int], int]) -> Pair[_Key]:
    of = found["of"]
    other = numbers[of["input"], of.get("record") or 0]
    return Pair(
        Unit(found["unit"]),
        (number, found["line"] or 0),
        (other, of["line"] or 0),
        Relation(found["relation"]),
        found["jaccard"],
        found["containment"],
    )
