"""What an HTML page says of itself, on top of its text: a block between two lines ``---``, as static site generators read it."""

from __future__ import annotations

import json

from cleaner.document import Document

FENCE = "---"


def front_matter(document: Document) -> str:
    """The block, or nothing when nothing is known.

    Every value is written as JSON, which YAML reads as it is: no title can be taken for a number, a date, or the end of the block.
    """
    if not document.metadata:
        return ""
    rows = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in document.metadata.items()]
    return "\n".join([FENCE, *rows, FENCE, "", ""])
