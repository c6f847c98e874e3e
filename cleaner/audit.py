"""The audit: one JSON object a document, with every mark over it; ``docs/audit.schema.json`` is its schema.

``to_object`` writes what ``from_object`` reads; with full detail nothing of a document's marks is lost.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from cleaner.document import (
    Cause,
    Closest,
    Document,
    Duplicate,
    DuplicateOf,
    Evidence,
    Layout,
    LeftOut,
    Media,
    Removal,
    RuleFired,
    UnitRef,
)

SCHEMA = 1
"""Version of the audit's form."""


class Detail(Enum):
    """How much the audit tells of what was removed."""

    FULL = "full"
    """Every mark with its text, every repair before and after; ``restore`` needs it."""
    SPANS = "spans"
    """Where and why, without any text."""
    NONE = "none"
    """No audit."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What ``restore`` and ``duplicates`` need of one audit object.

    Attributes:
        input: name of the input.
        record: number of the record in it, or None.
        output: path of the output file relative to the run's folder.
        media: what the input held.
        restorable: whether the object holds the removed text.
        removed: start, end and text of every removal, sorted.
        repairs: line number, line before and line after.
        data: the whole object.
    """

    input: str
    record: int | None
    output: str
    media: Media
    restorable: bool
    removed: tuple[tuple[int, int, str], ...]
    repairs: tuple[tuple[int, str, str], ...]
    data: Mapping[str, Any]


def to_object(document: Document, *, output: str | None = None, detail: Detail = Detail.FULL) -> dict[str, Any]:
    """The audit object of a document; keys that do not apply are left out.

    Args:
        document: with all its marks.
        output: path of its output file, relative to the run's folder.
        detail: ``SPANS`` leaves removed text and repaired lines out.
    """
    full = detail is Detail.FULL
    source = document.source
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "id": source.id,
        "input": source.input,
        "record": source.record,
        "output": output,
        "media": document.media.value,
        "detail": detail.value,
        "sha256": document.sha256,
        "encoding": document.encoding,
        "site": document.site,
        "date": document.date,
        "language": document.language,
        "packs": list(document.packs),
        "told_by": {one.pack: str(one) for one in document.told_by} or None,
        "chars_in": len(document.text),
        "chars_out": sum(end - start for start, end in document.kept_spans),
        "repairs": [
            {"line": one.line} | ({"before": one.before, "after": one.after} if full else {}) for one in document.repairs
        ],
        "removed": [_mark(document, one, full=full) for one in document.removals],
        "flagged": [_mark(document, one, full=full) for one in document.flags],
        "skipped": [{"rule": one.rule, "line": one.line} for one in document.skipped],
        "duplicates": duplicates(document),
        "page": {"kind": document.page_kind[0], "evidence": document.page_kind[1]} if document.page_kind else None,
        "left_out": [_left_out(one, full=full) for one in document.left_out] if document.media is Media.HTML else None,
    }
    return {key: value for key, value in found.items() if value is not None}


def duplicates(document: Document) -> list[dict[str, Any]]:
    """The near-duplicates of a document, as the audit lists them."""
    return [_duplicate(one) for one in document.duplicates]


def name_of(cause: Cause) -> str:
    """What a cause is called where the name of a rule stands.

    >>> name_of(RuleFired("site.notice", "site")), name_of(Evidence(0.9, ("above the headline",)))
    ('site.notice', 'evidence')
    """
    match cause:
        case RuleFired():
            return cause.rule
        case Evidence():
            return "evidence"
        case DuplicateOf():
            return "duplicate"
        case Layout():
            return "layout"


def from_object(data: Mapping[str, Any]) -> Entry:
    """What ``to_object`` wrote.

    Raises:
        KeyError, TypeError, ValueError: it is not an audit object of this schema.
    """
    if data["schema"] != SCHEMA:
        raise ValueError(f"audit schema {data['schema']}, but this version reads {SCHEMA}")
    restorable = data["detail"] == Detail.FULL.value
    return Entry(
        input=str(data["input"]),
        record=data.get("record"),
        output=str(data.get("output", "")),
        media=Media(data["media"]),
        restorable=restorable,
        removed=tuple((one["start"], one["end"], one["text"]) for one in data["removed"]) if restorable else (),
        repairs=tuple((one["line"], one["before"], one["after"]) for one in data["repairs"]) if restorable else (),
        data=data,
    )


def to_json(value: Mapping[str, Any]) -> bytes:
    """One line of JSON in UTF-8, line end included; lone surrogates, which UTF-8 cannot hold, stay escaped."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(", ", ": ")).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(value, ensure_ascii=True, separators=(", ", ": ")).encode() + b"\n"


def parted(value: Mapping[str, Any], gaps: Collection[str]) -> list[bytes]:
    r"""A line of JSON as ``to_json`` has it, cut where the values of some keys are to be put in; those values are not looked at.

    >>> parted({"a": 1, "b": None, "c": [2]}, {"b"})
    [b'{"a": 1, "b": ', b', "c": [2]}\n']
    """
    parts, members, lead = [b"{"], dict[str, Any](), b""
    for name, one in value.items():
        if name not in gaps:
            members[name] = one
            continue
        if members:
            parts[-1] += lead + to_json(members)[1:-2]
            lead, members = b", ", {}
        parts[-1] += lead + to_json({name: 0})[1:-3]
        parts.append(b"")
        lead = b", "
    if members:
        parts[-1] += lead + to_json(members)[1:-2]
    parts[-1] += b"}\n"
    return parts


def filled(parts: Sequence[bytes], *values: bytes) -> bytes:
    r"""What was parted, with its values put in, as ``value_json`` has them.

    >>> filled([b'{"a": 1, "b": ', b', "c": [2]}\n'], value_json("x"))
    b'{"a": 1, "b": "x", "c": [2]}\n'
    """
    return b"".join([parts[0], *(part for pair in zip(values, parts[1:], strict=True) for part in pair)])


def value_json(value: Any) -> bytes:
    """A value as it stands in a line of JSON."""
    return b"[]" if value == [] else to_json({"": value})[5:-2]


def _mark(document: Document, removal: Removal, *, full: bool) -> dict[str, Any]:
    (start, end), cause = removal.span, removal.cause
    mark: dict[str, Any] = {"start": start, "end": end, "line": removal.line}
    if isinstance(cause, RuleFired | Evidence) and cause.block is not None:
        mark["block"] = cause.block
    mark["rule"] = name_of(cause)
    if isinstance(cause, Evidence):
        mark["confidence"] = round(cause.confidence, 3)
        mark["reasons"] = list(cause.reasons)
    elif isinstance(cause, DuplicateOf):
        mark["of"] = _ref(cause.of)
    if full:
        mark["text"] = document.text[start:end]
    return mark


def _left_out(one: LeftOut, *, full: bool) -> dict[str, Any]:
    """With its text, or only with how long that is; and with the rule that took it, if one did."""
    told: dict[str, Any] = {"reason": one.reason, "chars": len(one.text)}
    if one.rule:
        told["rule"] = one.rule
    return {**told, "text": one.text} if full else told


def _duplicate(found: Duplicate) -> dict[str, Any]:
    told: dict[str, Any] = {
        "unit": found.unit.value,
        "start": found.span.start if found.span else None,
        "end": found.span.end if found.span else None,
        "line": found.line,
        "relation": found.relation.value,
        **_likeness(found),
    }
    if found.closest is not None:
        told["closest"] = _likeness(found.closest)
    return told


def _likeness(found: Duplicate | Closest) -> dict[str, Any]:
    """What a unit is like, and how much; ``larger`` only where it is so."""
    told: dict[str, Any] = {
        "of": _ref(found.of),
        "jaccard": round(found.jaccard, 4),
        "containment": round(found.containment, 4),
    }
    return {**told, "larger": True} if found.larger else told


def _ref(ref: UnitRef) -> dict[str, Any]:
    named: dict[str, Any] = {"id": ref.source.id, "line": ref.line, "input": ref.source.input}
    if ref.source.record is not None:
        named["record"] = ref.source.record
    if ref.earlier:
        named["earlier"] = True
    return named
