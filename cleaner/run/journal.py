"""What was prepared so far, so that a run that was cut off need not prepare it again.

The file in the run's folder begins with a line that tells what documents' marks depend on beside the documents; then comes one entry a
document, as each is done: length, checksum, key, and its frame (``cleaner.run.frames``). The key is made of what a document is made of:
its bytes, what they are, and what tells its site. An entry that was cut off is the end, and so is one that was damaged.
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zlib
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from cleaner.document import Raw

_FORM = 3
_HEAD = struct.Struct("<II16s")
MOST_PACKED = 16 << 20
"""Bytes of a frame; what takes more is not remembered, but prepared again."""
_LONGEST_MADE = 1 << 16
"""Bytes of the line at the beginning."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What a journal held when a run began.

    Attributes:
        documents: entries, those of other making included.
        changed: names of what marks depend on and is other now, so that no entry holds any more; none when all is as it was.
        damage: what is wrong with the file, or None; what stands before it was read.
    """

    documents: int = 0
    changed: tuple[str, ...] = ()
    damage: str | None = None


class Journal:
    """Frames of documents, on the disk.

    Args:
        path: the file; a new one is begun unless it holds what was prepared in this very way.
        made_by: what a document's marks depend on beside the document, by name: plain JSON values.

    Attributes:
        held: what there was at the start.
        path: the file.
    """

    def __init__(self, path: Path, made_by: Mapping[str, Any]) -> None:
        made = json.loads(json.dumps({"form": _FORM, **made_by}))
        self._keys = np.empty(0, np.uint64)
        self._starts = np.empty(0, np.int64)
        self.held, end = self._read(path, made)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO = path.open("r+b" if end else "w+b")
        if end:
            self._file.truncate(end)
        else:
            self._file.write(json.dumps(made, sort_keys=True).encode() + b"\n")
        self._file.seek(0, io.SEEK_END)
        self.path = path

    def _read(self, path: Path, made: Mapping[str, Any]) -> tuple[Holding, int]:
        """What the file holds, and where its last whole entry ends; 0 when there is none that was made in this way."""
        try:
            file = path.open("rb")
        except OSError:
            return Holding(), 0
        with file:
            head = file.readline(_LONGEST_MADE)
            if not head:
                return Holding(), 0
            before = _made(head)
            if before is None:
                return Holding(damage="its first line cannot be read"), 0
            at, keys, starts = len(head), array("Q"), array("q")
            damage = None
            for key, size in _entries(file):
                if key is None:
                    damage = f"after {len(keys):,} documents"
                    break
                keys.append(_short(key))
                starts.append(at)
                at += _HEAD.size + size
        changed = tuple(name for name in made if before.get(name) != made[name])
        if changed:
            return Holding(len(keys), changed), 0
        order = np.argsort(np.array(keys, np.uint64), kind="stable")
        self._keys, self._starts = np.array(keys, np.uint64)[order], np.array(starts, np.int64)[order]
        return Holding(len(keys), damage=damage), at

    def __len__(self) -> int:
        """Documents that were here at the start, and may be asked for."""
        return len(self._keys)

    def find(self, raw: Raw) -> bytes | None:
        """The frame of what was prepared of this; None when nothing was."""
        if not len(self._keys):
            return None
        key = key_of(raw, _digest(raw.data))
        at = int(self._keys.searchsorted(np.uint64(_short(key))))
        if at == len(self._keys) or self._keys[at] != _short(key):
            return None
        self._file.seek(int(self._starts[at]))
        size, _, whole = _HEAD.unpack(self._file.read(_HEAD.size))
        frame = self._file.read(size)
        self._file.seek(0, io.SEEK_END)
        return frame if whole == key else None

    def add(self, key: bytes, frame: bytes) -> None:
        """Remember a document."""
        if len(frame) <= MOST_PACKED:
            self._file.write(_HEAD.pack(len(frame), zlib.crc32(frame), key) + frame)

    def flush(self) -> None:
        """Hand what was added to the system: from then on it stays when this process is killed."""
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def key_of(raw: Raw, digest: str) -> bytes:
    """What a document's marks are found by: all of its input that they depend on.

    Args:
        raw: the input.
        digest: of its bytes, as ``Document.sha256`` has it.
    """
    url = (raw.fields or {}).get("url")
    parts = [
        digest,
        type(raw.data).__name__,
        raw.media.value,
        raw.site,
        raw.own_url,
        raw.declared,
        url if isinstance(url, str) else None,
    ]
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=16).digest()


def _made(line: bytes) -> dict[str, Any] | None:
    """What the first line tells; None when it tells nothing."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _short(key: bytes) -> int:
    return int.from_bytes(key[:8], "little")


def _digest(data: bytes | str) -> str:
    return hashlib.sha256(data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")).hexdigest()


def _entries(file: BinaryIO) -> Iterator[tuple[bytes | None, int]]:
    """Keys and sizes of the entries that are whole; None at last if what comes then is damaged and not only cut off."""
    while len(head := file.read(_HEAD.size)) == _HEAD.size:
        size, checksum, key = _HEAD.unpack(head)
        if not 0 < size <= MOST_PACKED:
            yield None, 0
            return
        frame = file.read(size)
        if len(frame) < size:
            return
        if zlib.crc32(frame) != checksum:
            yield None, 0
            return
        yield key, size
