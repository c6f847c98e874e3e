"""A document's marks as bytes and back, for the journal: packed JSON whose form follows from the dataclasses of ``cleaner.document``.

What is read is checked value by value and has a bound, so that a damaged or false frame is known for one, and never a strange document.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from itertools import pairwise
from types import NoneType, UnionType
from typing import Any, TypeAlias, Union, get_args, get_origin, get_type_hints

from cleaner.document import Document, Media, Source
from cleaner.spans import Span

MOST_UNPACKED = 64 << 20
"""Bytes of a frame's JSON; documents whose marks take more are not remembered, but prepared again."""

_Pack: TypeAlias = Callable[[Any], Any]
"""From a value to what JSON can hold, or back; back, it raises ValueError for what is none of its type."""
_PLAIN = (str, int, float, bool)
_LEFT_OUT = frozenset(("source", "fields", "text_field", "date", "language", "signals", "duplicates"))
"""Fields that the input tells again, or that are not settled yet."""


class Frames:
    """Packs documents into frames, and unpacks them."""

    def __init__(self) -> None:
        hints = get_type_hints(Document)
        self._fields = [(one.name, _packing(hints[one.name]), _unpacking(hints[one.name])) for one in _kept_fields()]

    def packed(self, document: Document) -> bytes | None:
        """A frame; of plain text without the text, for that comes from the input faster than from here. None when it is too large."""
        slim = replace(document, text="", repairs=()) if document.media is Media.TEXT else document
        told = [len(document.text), *(pack(getattr(slim, name)) for name, pack, _ in self._fields)]
        data = json.dumps(told, separators=(",", ":"), check_circular=False).encode()
        return zlib.compress(data, 1) if len(data) <= MOST_UNPACKED else None

    def unpacked(self, frame: bytes) -> tuple[Document, int] | None:
        """The document without what its input tells, and how many code points its text has; None: it is no frame, or larger than any."""
        opened = zlib.decompressobj()
        try:
            data = opened.decompress(frame, MOST_UNPACKED)
            size, *told = _checked(json.loads(data) if opened.eof else None, (list,))
            values = {name: unpack(one) for (name, _, unpack), one in zip(self._fields, told, strict=True)}
            return Document(Source(""), **values), _checked(size, (int,))
        except (zlib.error, ValueError, TypeError, KeyError, RecursionError):
            return None


def fits(known: Document, text: str) -> bool:
    """Whether marks lie within a text, in order and apart from one another."""
    lines, size = text.count("\n") + 1, len(text)
    for marks in (known.removals, known.flags):
        if not all(0 <= one.span.start < one.span.end <= size and 0 < one.line <= lines for one in marks):
            return False
        if any(one.span > other.span for one, other in pairwise(marks)):
            return False
    return all(one.span.end <= other.span.start for one, other in pairwise(known.removals))


def _kept_fields() -> list[Any]:
    return [one for one in fields(Document) if one.name not in _LEFT_OUT]


def _packing(kind: Any) -> _Pack:
    """What packs values of a type."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _packing_union(parts)
    if origin is tuple:
        pack = _packing(parts[0])
        return (lambda value: value) if pack is _same else (lambda values: [pack(one) for one in values])
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        names = [(one.name, _packing(hints[one.name])) for one in fields(kind)]
        return lambda value: [pack(getattr(value, name)) for name, pack in names]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda value: value.value
    return _same


def _packing_union(parts: tuple[Any, ...]) -> _Pack:
    """Of dataclasses the one it is stands before its values; a choice of plain values needs no telling."""
    classes = [part for part in parts if is_dataclass(part)]
    if not classes:
        return _same
    packs = {part: (number, _packing(part)) for number, part in enumerate(classes)}

    def packed(value: Any) -> Any:
        if value is None:
            return None
        number, pack = packs[type(value)]
        return [number, pack(value)]

    return packed


def _unpacking(kind: Any) -> _Pack:
    """What unpacks values of a type, or raises ValueError."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _unpacking_union(parts)
    if origin is tuple:
        unpack = _unpacking(parts[0])
        return lambda values: tuple([unpack(one) for one in _checked(values, (list,))])
    if kind is Span:
        return lambda value: Span(*(_checked(one, (int,)) for one in _checked(value, (list,))))
    if is_dataclass(kind):
        return _unpacking_values(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    plain = (dict,) if origin is not None and issubclass(origin, Mapping) else (float, int) if kind is float else (kind,)
    return lambda value: _checked(value, plain)


def _unpacking_values(kind: Any) -> _Pack:
    """Of the values of a dataclass's fields, in order."""
    hints = get_type_hints(kind)
    unpacks = [_unpacking(hints[one.name]) for one in fields(kind)]
    return lambda values: kind(*(unpack(one) for unpack, one in zip(unpacks, _checked(values, (list,)), strict=True)))


def _unpacking_union(parts: tuple[Any, ...]) -> _Pack:
    unpacks = [_unpacking(part) for part in parts if is_dataclass(part)]
    if not unpacks:
        plain = tuple(part for part in parts if part in (*_PLAIN, NoneType))
        return lambda value: _checked(value, plain)

    def unpacked(value: Any) -> Any:
        if value is None and NoneType in parts:
            return None
        number, values = _checked(value, (list,))
        if number not in range(len(unpacks)):
            raise ValueError(f"{number!r} names no choice")
        return unpacks[number](values)

    return unpacked


def _checked(value: Any, kinds: tuple[type, ...]) -> Any:
    if type(value) not in kinds:
        raise ValueError(f"{value!r:.40} is no {kinds[0].__name__}")
    return value


def _same(value: Any) -> Any:
    return value
