"""What a file is, by its name: format, compression, archive."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import PurePosixPath


class Format(Enum):
    """What documents a file or stream holds."""

    TEXT = "text"
    HTML = "html"
    JSONL = "jsonl"
    CSV = "csv"
    TSV = "tsv"
    PARQUET = "parquet"
    WARC = "warc"

    @property
    def records(self) -> bool:
        """Whether one file holds many documents."""
        return self not in (Format.TEXT, Format.HTML)


class Compression(Enum):
    """How bytes were made fewer."""

    GZIP = ".gz"
    BZIP2 = ".bz2"
    XZ = ".xz"
    ZSTD = ".zst"


class Archive(Enum):
    """What holds many files in one."""

    ZIP = "zip"
    TAR = "tar"


FORMATS: dict[str, Format] = {
    ".txt": Format.TEXT,
    ".text": Format.TEXT,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".xhtml": Format.HTML,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".csv": Format.CSV,
    ".tsv": Format.TSV,
    ".parquet": Format.PARQUET,
    ".warc": Format.WARC,
}
"""Suffix, lower case, to format."""

COMPRESSIONS: dict[str, Compression] = {one.value: one for one in Compression}
"""Suffix, lower case, to compression."""

ARCHIVES: dict[str, tuple[Archive, Compression | None]] = {
    ".zip": (Archive.ZIP, None),
    ".tar": (Archive.TAR, None),
    ".tgz": (Archive.TAR, Compression.GZIP),
    ".tbz": (Archive.TAR, Compression.BZIP2),
    ".tbz2": (Archive.TAR, Compression.BZIP2),
    ".txz": (Archive.TAR, Compression.XZ),
    ".tzst": (Archive.TAR, Compression.ZSTD),
}
"""Suffix, lower case, to archive; behind ``.tar`` any compression may stand."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a name tells.

    Attributes:
        format: of the documents; None: unknown, or an archive.
        compression: around the file, or None.
        archive: what kind of archive it is, or None.
        stem: the name without the suffixes that tell this.
    """

    format: Format | None
    compression: Compression | None
    archive: Archive | None
    stem: str


def shape_of(name: str) -> Shape:
    """What a file is, by its name.

    >>> shape_of("news/a.jsonl.GZ")
    Shape(format=<Format.JSONL: 'jsonl'>, compression=<Compression.GZIP: '.gz'>, archive=None, stem='news/a')
    >>> shape_of("news.tar.xz").archive, shape_of("notes.md").format, shape_of(".txt").stem
    (<Archive.TAR: 'tar'>, None, '.txt')
    """
    path = PurePosixPath(name)
    compression = COMPRESSIONS.get(path.suffix.lower())
    inner = path.with_suffix("") if compression else path
    suffix = inner.suffix.lower()
    if suffix in ARCHIVES and (compression is None or suffix == ".tar"):
        archive, own = ARCHIVES[suffix]
        return Shape(None, compression or own, archive, str(inner.with_suffix("")))
    stem = inner.with_suffix("") if suffix in FORMATS else inner
    return Shape(FORMATS.get(suffix), compression, None, str(stem))
