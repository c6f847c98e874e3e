"""HTML: one file, one page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from cleaner.document import Media, Raw, Rejection
from cleaner.readers.options import ReadOptions
from cleaner.readers.text import read_whole


def read(stream: BinaryIO, name: str, options: ReadOptions) -> Iterator[Raw | Rejection]:
    """The page of an HTML file."""
    yield read_whole(stream, name, options, Media.HTML)
