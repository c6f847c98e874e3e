"""Texts of a finished run's documents, at any place of it, from its outputs and its audit."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import weakref
from array import array
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from cleaner import audit
from cleaner.dedup.passages import passages
from cleaner.document import Document, Layout, Removal, Source
from cleaner.errors import UsageError
from cleaner.run.flagged import Told, entry_at
from cleaner.run.written import holds_records, records_in
from cleaner.spans import Span
from cleaner.writers import SUFFIXES, Target


class Texts:
    """Reads documents of a run.

    Args:
        run: folder of the run.
        settings: of the run, as ``run.json`` has them.
    """

    def __init__(self, run: Path, settings: Mapping[str, Any]) -> None:
        self._run = run
        self._text_field = str(settings.get("text_field", "text"))
        self._rows: dict[str, array[int]] = {}
        self._copies: Path | None = None

    def record(self, told: Told) -> dict[str, Any]:
        """The record a document was written as; of a text file just its text.

        Raises:
            UsageError: it was moved or changed after the run.
        """
        path = self._path(told)
        try:
            if not holds_records(told.output):
                return {self._text_field: path.read_bytes().decode("utf-8", "surrogatepass")}
            with self._lines(told.output, path) as lines:
                lines.seek(self._offsets(told.output, lines)[told.row])
                record: dict[str, Any] = json.loads(lines.readline())
        except OSError as error:
            raise UsageError(
                f"{path} cannot be read: {error.strerror}; leave the outputs of a run as they were written"
            ) from error
        except (ValueError, IndexError) as error:
            raise UsageError(f"{path} was changed after the run ({error}); clean again to compare its documents") from error
        if not isinstance(record, dict):
            raise UsageError(f"{path} was changed after the run (no record); clean again to compare its documents")
        return record

    def paragraphs(self, told: Told) -> list[str]:
        """What was kept of a document before a duplicate policy took anything, passage by passage.

        Raises:
            UsageError: the output was changed, or a policy took something and the audit does not hold it.
        """
        entry = entry_at(self._run, told)
        text = self._clean(told, entry)
        if any(mark["rule"] == "duplicate" for mark in entry["removed"]):
            if not audit.from_object(entry).restorable:
                raise UsageError(
                    f"{self._path(told)} went, or parts of it, as a duplicate, and the audit holds no removed text; "
                    "clean again with --duplicates flag or --audit full"
                )
            text = refilled(text, entry["removed"], lambda mark: bool(mark["rule"] == "duplicate"))
        return [passage.text for passage in passages(Document(Source(told.place.input), text))]

    def units(self, told: Told, lines: Collection[int]) -> dict[int, str]:
        """Passages of a document by their first lines (0: the document), as they were compared; none without a full audit."""
        entry = entry_at(self._run, told)
        if not audit.from_object(entry).restorable:
            return {}
        text = refilled(self._clean(told, entry), entry["removed"], lambda _: True)
        kept = tuple(
            Removal(Span(mark["start"], mark["end"]), mark["line"], Layout())
            for mark in entry["removed"]
            if mark["rule"] not in ("duplicate", "layout")
        )
        found = passages(Document(Source(told.place.input), text, removals=kept))
        by_line = {passage.line: passage.text for passage in found} | {0: "\n".join(passage.text for passage in found)}
        return {line: by_line[line] for line in lines if line in by_line}

    def _clean(self, told: Told, entry: Mapping[str, Any]) -> str:
        """The clean text."""
        # A text file has no field of its own.
        field = entry.get("field", self._text_field) if holds_records(told.output) else self._text_field
        text = self.record(told).get(field)
        if not isinstance(text, str) or len(text) != entry["chars_out"]:
            raise UsageError(f"{self._path(told)} was changed after the run; clean again to compare its documents")
        return text

    def _path(self, told: Told) -> Path:
        path = PurePosixPath(told.output)
        if not told.output or path.is_absolute() or ".." in path.parts or "\0" in told.output:
            raise UsageError(f"the audit in {self._run} names no file of its folder for {told.place.shown}; clean again")
        return self._run.joinpath(*path.parts)

    def _lines(self, output: str, path: Path) -> BinaryIO:
        """A file of records as JSON lines: itself, or a copy of what is compressed or Parquet, in a temporary folder."""
        if output.endswith(SUFFIXES[Target.JSONL]):
            return path.open("rb")
        if self._copies is None:
            self._copies = Path(tempfile.mkdtemp())
            weakref.finalize(self, shutil.rmtree, self._copies, ignore_errors=True)
        copy = Path(self._copies, hashlib.sha256(output.encode("utf-8", "surrogatepass")).hexdigest())
        if not copy.exists():
            with copy.open("wb") as file:
                file.writelines(audit.to_json(record) for record in records_in(path))
        return copy.open("rb")

    def _offsets(self, output: str, lines: BinaryIO) -> array[int]:
        """Where each line of a file begins, in bytes: 8 bytes a line."""
        if output not in self._rows:
            at = 0
            offsets = self._rows[output] = array("Q")
            for line in lines:
                offsets.append(at)
                at += len(line)
        return self._rows[output]


def refilled(clean: str, removed: Sequence[Mapping[str, Any]], chosen: Callable[[Mapping[str, Any]], bool]) -> str:
    """A clean text with some of what was removed put back.

    Args:
        clean: without anything that was removed.
        removed: marks of the audit, sorted, with their text.
        chosen: which of them are put back.

    >>> marks = [{"start": 0, "end": 2, "text": "a ", "rule": "x"}, {"start": 4, "end": 6, "text": "c ", "rule": "y"}]
    >>> refilled("b d", marks, lambda mark: mark["rule"] == "y")
    'b c d'
    """
    pieces: list[str] = []
    at = taken = 0
    for mark in removed:
        pieces.append(clean[taken : taken + mark["start"] - at])
        taken += mark["start"] - at
        at = mark["end"]
        if chosen(mark):
            pieces.append(mark["text"])
    return "".join([*pieces, clean[taken:]])
