"""Files and streams to ``Raw`` documents: one file per format, chosen by suffix.

A reader takes an open binary stream and yields one ``Raw`` or one ``Rejection`` per document; it never raises for what the input
holds, only ``OSError`` for what the disk does. Compression and archives are layers of their own below: ``cleaner.readers.files``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import BinaryIO

from cleaner.document import Raw, Rejection
from cleaner.errors import UsageError
from cleaner.readers import csv, html, jsonl, parquet, text, warc
from cleaner.readers.options import ReadOptions
from cleaner.readers.shape import ARCHIVES, COMPRESSIONS, FORMATS, Compression, Format

__all__ = ["ARCHIVES", "COMPRESSIONS", "FORMATS", "READERS", "Compression", "Format", "Reader", "require_installed"]

Reader = Callable[[BinaryIO, str, ReadOptions], Iterator[Raw | Rejection]]

READERS: dict[Format, Reader] = {
    Format.TEXT: text.read,
    Format.HTML: html.read,
    Format.JSONL: jsonl.read,
    Format.CSV: csv.read,
    Format.TSV: csv.read_tabs,
    Format.PARQUET: parquet.read,
    Format.WARC: warc.read,
}

_EXTRAS: dict[Format | Compression, tuple[str, tuple[str, ...], str, str]] = {
    Format.PARQUET: (".parquet", ("pyarrow",), "pyarrow", "parquet"),
    Format.WARC: (".warc", ("fastwarc",), "FastWARC", "warc"),
    Compression.ZSTD: (".zst", ("compression.zstd", "backports.zstd"), "backports.zstd", "zstd"),
}
"""What needs a package that is not always there: suffix, modules one of which is enough, name of the package, name of the extra."""


def require_installed(kinds: Iterable[Format | Compression], doing: str = "reading") -> None:
    """Makes sure that formats and compressions can be read (or written).

    Raises:
        UsageError: some cannot; with the way to install what they need, all at once.
    """
    wanting = [_EXTRAS[kind] for kind in dict.fromkeys(kinds) if kind in _EXTRAS and not _importable(_EXTRAS[kind][1])]
    if wanting:
        raise UsageError(
            "\n".join(
                f"{doing} {suffix} needs {package}: pip install 'cleaner[{extra}]'" for suffix, _, package, extra in wanting
            )
        )


def _importable(modules: Iterable[str]) -> bool:
    for module in modules:
        try:
            import_module(module)
        except ImportError:
            continue
        return True
    return False
