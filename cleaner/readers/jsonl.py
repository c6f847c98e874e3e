"""JSON lines: one record a line, one document a record.

Records are counted by lines of the file, from 1, so that a number leads to its line; blank lines are passed over.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from cleaner.document import Raw, Rejection, Source
from cleaner.errors import InputError
from cleaner.readers.options import ReadOptions

MAX_DEPTH = 200
"""Levels of lists and objects in a record above which it is rejected: no stage, process or Python version may stumble over it."""


def read(stream: BinaryIO, name: str, options: ReadOptions) -> Iterator[Raw | Rejection]:
    """The records of a JSON lines file, each a document or a rejection."""
    number = 0
    while line := stream.readline(options.max_document + 1):
        number += 1
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        source = Source(name, number, f"{name}#{number}")
        if len(line) > options.max_document:
            while line and not line.endswith(b"\n"):
                line = stream.readline(options.max_document)
            yield Rejection(
                source, "too-large", f"the record is larger than {options.max_document:,} bytes; split it, or leave it out"
            )
        elif line.strip():
            yield _record(line, source, options)


def _record(line: bytes, source: Source, options: ReadOptions) -> Raw | Rejection:
    try:
        record = _parse(line)
        text = _text_of(record, options.text_field)
    except InputError as error:
        return Rejection(source, error.reason, error.detail)
    own = record.get("id")
    if isinstance(own, (str, int, float)) and not isinstance(own, bool):
        source = Source(source.input, source.record, own)
    url = record.get("url")
    site = options.site or (url if isinstance(url, str) else None)
    return Raw(source, text, site=site, fields=record, text_field=options.text_field)


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


def _text_of(record: dict[str, Any], field: str) -> str:
    text = record.get(field)
    if not isinstance(text, str):
        why = "is missing" if field not in record else f"holds {type(text).__name__}, not text"
        names = ", ".join(sorted(map(str, record))[:8])
        raise InputError(
            "no-text", f'the field "{field}" {why}; the record has: {names or "no fields"}; --text-field names another'
        )
    return text
