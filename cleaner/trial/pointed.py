"""The lines that somebody points at: by file and number, as ``cleaner explain`` numbers them."""

from __future__ import annotations

from dataclasses import dataclass

from cleaner.document import Document, Raw, Rejection
from cleaner.errors import UsageError
from cleaner.pipeline import Pipeline
from cleaner.readers import READERS
from cleaner.readers.files import one_stream
from cleaner.readers.options import ReadOptions
from cleaner.rules.model import RuleSet
from cleaner.rules.scope import page_of
from cleaner.settings import CleanSettings


@dataclass(frozen=True, slots=True)
class Pointed:
    """Lines of a document.

    Attributes:
        lines: as they stand in the repaired text, without line ends.
        host: the site of the document, where it is known.
    """

    lines: tuple[str, ...]
    host: str | None


def lines_at(file: str, record: int | None, numbers: tuple[int, int], read: ReadOptions) -> Pointed:
    """The lines of a file (or of a record of it) from one number to another, both included.

    Args:
        file: its path.
        record: number of the record, for files of records.
        numbers: of the first line and of the last, from 1.
        read: how the file is read.

    Raises:
        UsageError: there is no such file, record or line, or it cannot be read.
    """
    first, last = numbers
    raw = _raw(file, record, read)
    document = Pipeline(RuleSet(), CleanSettings(rules=False)).prepare(raw)
    if not isinstance(document, Document):
        raise UsageError(f"{file} is rejected ({document.reason}): {document.detail}")
    lines = [line.removesuffix("\r") for line in document.text.removesuffix("\n").split("\n")]
    if not 1 <= first <= last <= len(lines):
        asked = str(first) if first == last else f"{first}-{last}"
        raise UsageError(f"--line {asked}: {file} has {len(lines)} lines; `cleaner explain {file}` shows them with their numbers")
    return Pointed(tuple(lines[first - 1 : last]), page_of(raw.site).host or None if raw.site else None)


def _raw(file: str, record: int | None, read: ReadOptions) -> Raw:
    with one_stream(file, None, read) as (stream, form):
        if form.records and record is None:
            raise UsageError(f"{file} holds records; say which with --record N")
        for item in READERS[form](stream, file, read):
            if form.records and item.source.record not in (record, None):
                continue
            if isinstance(item, Rejection):
                raise UsageError(f"{file} is rejected ({item.reason}): {item.detail}")
            return item
    raise UsageError(f"{file} has no record {record}")
