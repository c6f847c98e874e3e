"""JSON lines: one record a line, one document a record.

Records are counted by lines of the file, from 1, so that a number leads to its line; blank lines are passed over. Which fields hold text,
id and so on is decided by the first record that has a text, for the whole file; a record without those fields is read by its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, BinaryIO

from cleaner.document import Raw, Rejection
from cleaner.errors import InputError
from cleaner.readers.fields import Columns, columns_of, raw_of
from cleaner.readers.options import ReadOptions
from cleaner.readers.records import broken_off, numbered, rejected, skip_line
from cleaner.readers.text import too_large

MAX_DEPTH = 200
"""Levels of lists and objects in a record above which it is rejected: no stage, process or Python version may stumble over it."""

_MOST_KNOWN = 1_000
"""Sets of names for which the fields are remembered."""


def read(stream: BinaryIO, name: str, options: ReadOptions) -> Iterator[Raw | Rejection]:
    """The records of a JSON lines file, each a document or a rejection."""
    number = 0
    guess = _Guess(options)
    try:
        while line := stream.readline(options.max_document + 1):
            number += 1
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            if len(line) > options.max_document:
                if not line.endswith(b"\n"):
                    del line
                    skip_line(stream)
                yield rejected(name, number, too_large("record", options))
            elif line.strip():
                try:
                    record = _parse(line)
                    item: Raw | Rejection = raw_of(record, numbered(name, number), guess.columns(record), options, len(line))
                except InputError as error:
                    item = rejected(name, number, error)
                yield item
    except InputError as error:
        yield broken_off(name, number, error)


class _Guess:
    """Which fields are meant, by their names; of those with text, and with HTML, the same in all records that have it."""

    def __init__(self, options: ReadOptions) -> None:
        self._options = options
        self._text: str | None = None
        self._html: str | None = None
        self._known: dict[tuple[tuple[str, ...], tuple[str, ...]], Columns] = {}

    def columns(self, record: Mapping[str, object]) -> Columns:
        """The fields of one record."""
        wordy = tuple(name for name, value in record.items() if isinstance(value, str))
        key = tuple(record), wordy
        found = self._known.get(key)
        if found is not None:
            return found
        own = columns_of(*key, self._options)
        self._text = self._text or (own.text if own.text in wordy else None)
        self._html = self._html or (own.html if own.html in wordy else None)
        found = replace(
            own,
            text=self._text if self._text in wordy else own.text,
            html=self._html if self._html in wordy else own.html,
        )
        if len(self._known) < _MOST_KNOWN:
            self._known[key] = found
        return found


def _parse(line: bytes) -> dict[str, Any]:
    try:
        record = json.loads(line.decode())
    except UnicodeDecodeError as error:
        raise InputError("not-utf8", f"byte {error.start} of the line is not UTF-8; JSON lines must be UTF-8") from error
    except json.JSONDecodeError as error:
        raise InputError(
            "not-json", f"{error.msg.removesuffix(' at')} at column {error.colno}; each line must be one whole JSON object"
        ) from error
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise InputError("not-json", f"cannot be read as JSON: {error}") from error
    if line.count(b"[") + line.count(b"{") > MAX_DEPTH and _depth(record) > MAX_DEPTH:
        raise _too_deep()
    if not isinstance(record, dict):
        raise InputError("not-a-record", 'the line is JSON, but not an object with fields; write {"text": ...}')
    return record


def _too_deep() -> InputError:
    return InputError("too-deep", f"lists and objects are nested more than {MAX_DEPTH} levels deep; flatten the record")


def _depth(value: object) -> int:
    """Levels of lists and objects.

    >>> _depth({"a": [1, [2]], "b": {}})
    3
    """
    levels, level = 0, [value]
    while level := [one for one in level if isinstance(one, (dict, list))]:
        levels += 1
        level = [inner for outer in level for inner in (outer.values() if isinstance(outer, dict) else outer)]
    return levels
