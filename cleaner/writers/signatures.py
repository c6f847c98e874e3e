"""MinHash signatures of a run's units as JSON lines, for other tools.

``signature`` is base64 of 128 unsigned integers of 32 bits, least byte first: what ``datasketch.MinHash(num_perm=128, seed=1,
scheme="affine32")`` has in ``hashvalues``, bit for bit, when its hash function gives the low 32 bits of a shingle's hash; see
``cleaner.dedup.sketch``.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from cleaner.document import Document, Unit

if TYPE_CHECKING:
    from cleaner.dedup.sketch import Sketch, Units


def signature_rows(documents: Sequence[Document], sketch: Sketch) -> Iterator[bytes]:
    """A line of JSON for each unit of some documents that were sketched with signatures: passages, then whole documents."""
    for unit, units in ((Unit.PASSAGE, sketch.passages), (Unit.DOCUMENT, sketch.documents)):
        if units is None or units.signatures is None:
            continue
        for place, document in enumerate(units.documents.tolist()):
            row = {**_named(documents[document]), "unit": unit.value, **_place(units, place, unit)}
            row["signature"] = base64.b64encode(units.signatures[place].astype("<u4").tobytes()).decode()
            yield json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"


def _named(document: Document) -> dict[str, Any]:
    source = document.source
    return {"id": source.id, "input": source.input, **({} if source.record is None else {"record": source.record})}


def _place(units: Units, place: int, unit: Unit) -> dict[str, Any]:
    if unit is Unit.DOCUMENT:
        return {"line": None, "words": int(units.words[place])}
    return {"line": int(units.lines[place, 0]), "words": int(units.words[place])}
