"""What was prepared so far, so that a run that was cut off need not prepare it again.

The file in the run's folder begins with a line that tells by which rules and settings; then comes one frame a document, as each is done:
length, checksum, key, and the document's marks. Of plain text the text is left out, for it comes from the input faster than from here. The
key is made of what a document is made of: its bytes, what they are, and what tells its site. A frame that was cut off is
the end.
"""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import struct
import zlib
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from cleaner import document as nouns
from cleaner import spans
from cleaner.document import Document, Media, Raw, Source

_FORM = 2
_HEAD = struct.Struct("<II16s")
_NOWHERE = Source("")
_MOST = 1 << 30
"""Bytes of a frame above which it is none of ours."""
_MODULES = {module.__name__: module for module in (nouns, spans)}
"""Where all that a frame may hold is defined: a folder that someone else made cannot run anything."""


class Journal:
    """Documents that were prepared, on the disk.

    Args:
        path: the file; a new one is begun unless it holds what was prepared in this very way.
        made_by: what a document's marks depend on beside the document.

    Attributes:
        reused: how many were asked for and found.
    """

    def __init__(self, path: Path, made_by: Mapping[str, Any]) -> None:
        head = json.dumps({"form": _FORM, **made_by}, sort_keys=True).encode() + b"\n"
        self.reused = 0
        self._keys = np.empty(0, np.uint64)
        self._starts = np.empty(0, np.int64)
        end = self._read(path, head)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO = path.open("r+b" if end else "w+b")
        if end:
            self._file.truncate(end)
        else:
            self._file.write(head)
        self._file.seek(0, io.SEEK_END)
        self._path = path

    def _read(self, path: Path, head: bytes) -> int:
        """Where the last whole frame ends; 0 when there is no journal that was made in this way."""
        try:
            file = path.open("rb")
        except OSError:
            return 0
        with file:
            if file.read(len(head)) != head:
                return 0
            at, keys, starts = len(head), array("Q"), array("q")
            for key, size in _frames(file):
                keys.append(_short(key))
                starts.append(at)
                at += _HEAD.size + size
        order = np.argsort(np.array(keys, np.uint64), kind="stable")
        self._keys, self._starts = np.array(keys, np.uint64)[order], np.array(starts, np.int64)[order]
        return at

    def __len__(self) -> int:
        """Documents that were here at the start."""
        return len(self._keys)

    def find(self, raw: Raw) -> Document | None:
        """What was prepared of this, without its source, its record and, for plain text, its text; None when nothing was."""
        if not len(self._keys):
            return None
        key = key_of(raw, _digest(raw.data))
        at = int(self._keys.searchsorted(np.uint64(_short(key))))
        if at == len(self._keys) or self._keys[at] != _short(key):
            return None
        self._file.seek(int(self._starts[at]))
        size, _, whole = _HEAD.unpack(self._file.read(_HEAD.size))
        found = _Reader(io.BytesIO(zlib.decompress(self._file.read(size)))).load() if whole == key else None
        self._file.seek(0, io.SEEK_END)
        if not isinstance(found, Document):
            return None
        self.reused += 1
        return found

    def add(self, document: Document, key: bytes) -> None:
        """Remember a document."""
        text, repairs = (document.text, document.repairs) if document.media is Media.HTML else ("", ())
        slim = replace(document, source=_NOWHERE, text=text, repairs=repairs, signals=(), fields=None, text_field="text")
        frame = zlib.compress(pickle.dumps(slim, protocol=5), 1)
        self._file.write(_HEAD.pack(len(frame), zlib.crc32(frame), key) + frame)

    def flush(self) -> None:
        """Hand what was added to the system: from then on it stays when this process is killed."""
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def remove(self) -> None:
        """Close the file, and remove it: the run is done."""
        self._file.close()
        self._path.unlink(missing_ok=True)


def key_of(raw: Raw, digest: str) -> bytes:
    """What a document's marks are found by: all of its input that they depend on.

    Args:
        raw: the input.
        digest: of its bytes, as ``Document.sha256`` has it.
    """
    told = "\0".join((digest, type(raw.data).__name__, raw.media.value, raw.site or "", str(raw.own_url), raw.declared or ""))
    return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _short(key: bytes) -> int:
    return int.from_bytes(key[:8], "little")


def _digest(data: bytes | str) -> str:
    return hashlib.sha256(data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")).hexdigest()


def _frames(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Keys and sizes of the frames that are whole."""
    while len(head := file.read(_HEAD.size)) == _HEAD.size:
        size, checksum, key = _HEAD.unpack(head)
        frame = file.read(size) if size < _MOST else b""
        if len(frame) != size or zlib.crc32(frame) != checksum:
            return
        yield key, size


class _Reader(pickle.Unpickler):
    """Reads frames, and refuses all that is not made of a document's own parts."""

    def find_class(self, module: str, name: str) -> Any:
        """The class of a name, if a frame may hold it."""
        found = getattr(_MODULES.get(module), name, None)
        if not isinstance(found, type) or found.__module__ != module:
            raise pickle.UnpicklingError(f"{module}.{name} has no place in a journal")
        return found
