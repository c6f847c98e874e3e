"""A lasting index on the disk: a folder of parts, and one small file that says which of them count.

A run adds a part and replaces that file at its very end, so whatever happens before leaves the index as it was.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from cleaner._version import __version__
from cleaner.dedup.arrays import save
from cleaner.dedup.lasting import Identify, LastingIndex, Part, merged_parts
from cleaner.dedup.minhash import PERMUTATIONS, SCHEME, SEED, banding
from cleaner.dedup.settings import DuplicateSettings
from cleaner.dedup.sketch import MIN_WORDS, SHINGLE, WINDOW
from cleaner.document import Unit
from cleaner.errors import UsageError

MANIFEST = "index.json"
_KIND = "cleaner-index"
_FORM = 1
"""Version of the form of the folder; another cannot be read."""
_LOCK = "lock"
_PARTIAL = ".partial"
_REMEMBERED = 100
"""Runs whose entries are known by name, the latest."""
_LARGER = 2
"""A part that is not so many times as large as what comes after it is merged with it: so parts are few, and a unit is moved few times."""


class Store:
    """A lasting index, open for one run; use it in a ``with`` statement.

    Args:
        path: its folder; it is made when there is none.
        settings: what is compared, and how.
        identify: how documents are known again.

    Attributes:
        indexes: one for each kind of unit that is compared.

    Raises:
        UsageError: the folder is none of ours, was made with other settings, is damaged, or is in use by another run.
    """

    def __init__(self, path: Path, settings: DuplicateSettings, identify: Identify) -> None:
        self._path = path
        self._made = _described(settings)
        self._ready: dict[str, list[str]] | None = None  # the parts, once all is written
        self._lock = _Lock(path)
        try:
            told = _read(path, self._made)
            self._number: int = told["next"]
            self._runs: list[str] = list(map(str, told.get("runs", ())))
            self._parts: dict[str, list[str]] = told["parts"]
            self._read: dict[str, list[Part]] = {}
            self.indexes: dict[Unit, LastingIndex] = {}
            for unit in sorted(settings.units, key=lambda unit: unit.value):
                parts = [Part.read(path / name) for name in self._parts[unit.value]]
                self._read[unit.value] = parts
                self.indexes[unit] = LastingIndex(
                    parts, _gone(path, told["gone"].get(unit.value), parts), told["ever"][unit.value], identify
                )
        except (OSError, ValueError, KeyError, TypeError) as error:
            self._lock.release()
            raise UsageError(f"{path}: the index is damaged ({error}); restore it from a copy, or make a new one") from error
        except BaseException:
            self._lock.release()
            raise
        self._clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def commit(self) -> None:
        """Make what this run entered last.

        Raises:
            OSError: it cannot be written; the index is as it was.
        """
        if self._ready is None:
            self.prepare()
        (self._path / (MANIFEST + _PARTIAL)).replace(self._path / MANIFEST)
        _sync(self._path)
        self._parts = self._ready or self._parts
        self._ready = None
        self._clear()

    def holds(self, entry: str) -> bool:
        """Whether what a run entered counts: one that was cut off in its last moments cannot know otherwise."""
        return entry in self._runs

    def prepare(self) -> str:
        """Write all that ``commit`` needs: after that it takes no more space. Without it, what was written does not count.

        Returns:
            what the index will call what this run enters.

        Raises:
            OSError: it cannot be written; the index is as it was.
        """
        parts: dict[str, list[str]] = {}
        gone: dict[str, str] = {}
        written: list[Path] = []
        for unit, index in self.indexes.items():
            names, more, left = self._merged(unit.value, index)
            parts[unit.value] = names
            written += more
            if left.any():
                gone[unit.value] = self._name(f"{unit.value}-gone") + ".npy"
                save(self._path / gone[unit.value], np.packbits(left))
                written.append(self._path / gone[unit.value])
        for path in written:
            _sync(path)
        for folder in {path.parent for path in written}:
            _sync(folder)
        told = {
            "kind": _KIND,
            "form": _FORM,
            "version": __version__,
            "made": self._made,
            "next": self._number,
            "ever": {unit.value: index.ever for unit, index in self.indexes.items()},
            "parts": parts,
            "gone": gone,
        }
        entry = hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]
        told["runs"] = [*self._runs, entry][-_REMEMBERED:]
        partial = self._path / (MANIFEST + _PARTIAL)
        partial.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
        _sync(partial)
        self._ready = parts
        return entry

    def _merged(self, unit: str, index: LastingIndex) -> tuple[list[str], list[Path], NDArray[np.bool_]]:
        """Names of the parts of a kind with what this run entered, the files that were written for it, and which units are gone."""
        names, parts = list(self._parts[unit]), list(self._read[unit])
        entered = index.entered()
        if entered is not None:
            parts.append(entered)
        sizes = [len(part.chunk) for part in parts]
        gone = np.zeros(sum(sizes), np.bool_)
        gone[: len(index.gone)] = index.gone
        first = _first_to_merge(sizes, gone, len(names))
        if first == len(parts):
            return names, [], gone
        start = sum(sizes[:first])
        if gone[start:].all():
            return names[:first], [], gone[:start]
        name = self._name(unit)
        written = merged_parts(parts[first:], start, gone[start:]).write(self._path / name)
        return [*names[:first], name], written, gone[:start]

    def _name(self, kind: str) -> str:
        """A name that no file of the index had before."""
        self._number += 1
        return f"{kind}-{self._number:06}"

    def _clear(self) -> None:
        """Remove what no longer counts, or never did, as far as the system lets us: a file that is mapped somewhere stays till next time."""
        told = json.loads((self._path / MANIFEST).read_bytes()) if (self._path / MANIFEST).exists() else {"parts": {}, "gone": {}}
        used = {MANIFEST, _LOCK, *told["gone"].values(), *(name for names in told["parts"].values() for name in names)}
        for path in self._path.iterdir():
            if path.name not in used:
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else _remove(path)


def _first_to_merge(sizes: Sequence[int], gone: NDArray[np.bool_], written: int) -> int:
    """Of which part on all become one: the first that is not much larger than all after it, or of which half is gone.

    Args:
        sizes: units of each part.
        gone: which units are gone.
        written: how many parts lie in files already.
    """
    starts = np.cumsum([0, *sizes]).tolist()
    for at, size in enumerate(sizes[:written]):
        after = starts[-1] - starts[at + 1]
        if size < _LARGER * after or 2 * int(np.count_nonzero(gone[starts[at] : starts[at + 1]])) > size:
            return at
    return written


def _described(settings: DuplicateSettings) -> Mapping[str, Any]:
    """What an index was made with; one made with anything else would miss near-duplicates, or name false ones."""
    cut = banding(settings.threshold)
    return {
        "units": sorted(unit.value for unit in settings.units),
        "shingle": SHINGLE,
        "least words": MIN_WORDS,
        "scheme": SCHEME,
        "seed": SEED,
        "permutations": PERMUTATIONS,
        "bands": cut.bands,
        "rows": cut.rows,
        "window": WINDOW if settings.containment is not None else None,
    }


_REMEDIES = {
    "units": "give --unit as then",
    "bands": "give --threshold as then",
    "rows": "give --threshold as then",
    "window": "give --containment as then",
}


def _read(path: Path, made: Mapping[str, Any]) -> dict[str, Any]:
    """What the manifest of an index tells; what it would tell of an empty one when there is none.

    Raises:
        UsageError: the folder is none of ours, or was made with other settings.
        OSError, ValueError, KeyError, TypeError: it cannot be read.
    """
    manifest = path / MANIFEST
    if not manifest.exists():
        others = sorted(
            one.name for one in path.iterdir() if one.name not in {_LOCK, MANIFEST + _PARTIAL} and not _ours(one.name)
        )
        if others:
            raise UsageError(f"{path} holds other files ({', '.join(others[:3])}); name a new folder after --index")
        return {
            "next": 0,
            "parts": {unit.value: [] for unit in Unit},
            "gone": {},
            "ever": {unit.value: 0 for unit in Unit},
        }
    told: dict[str, Any] = json.loads(manifest.read_bytes())
    if told.get("kind") != _KIND:
        raise UsageError(f"{path} is no index of duplicates; name another folder after --index")
    if told["form"] != _FORM:
        raise UsageError(
            f"{path} was written by cleaner {told['version']} in form {told['form']}, this is {__version__} and reads form {_FORM}: "
            "use that version, or clean the documents again with a new index"
        )
    other = [
        f"{name} was {told['made'].get(name)}, now {value} ({_REMEDIES.get(name, 'use the version that made it')})"
        for name, value in made.items()
        if told["made"].get(name) != value
    ]
    if other:
        raise UsageError(f"{path} was made with other settings: {'; '.join(other)}; or name a new folder after --index")
    return told


def _ours(name: str) -> bool:
    """Whether a file may be left over from a first run that did not end."""
    kind, _, number = name.removesuffix(".npy").rpartition("-")
    return number.isdigit() and kind.removesuffix("-gone") in {unit.value for unit in Unit}


def _gone(path: Path, name: str | None, parts: Sequence[Part]) -> NDArray[np.bool_]:
    """Of the units of some parts, whether each is of a document that was cleaned again later."""
    count = sum(len(part.chunk) for part in parts)
    found = np.zeros(count, np.bool_)
    if name is not None:
        read = np.unpackbits(np.load(path / name, allow_pickle=False)).astype(np.bool_)[:count]
        found[: len(read)] = read
    return found


def _sync(path: Path) -> None:
    """Make sure that a file, or what a folder lists, is on the disk; not every system can do that for folders."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        return
    finally:
        os.close(handle)


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError:
        return


class _Lock:
    """That one run alone uses an index: a lock on a file in it, which the system lets go when the process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        if path.exists() and not path.is_dir():
            raise UsageError(f"{path} is a file; name a folder after --index")
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._file: BinaryIO = (path / _LOCK).open("ab")
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror or error}; name another folder after --index") from error
        try:
            _exclusive()(self._file.fileno())
        except OSError as error:
            self._file.close()
            raise UsageError(
                f"{path} is in use by another run; wait until it has ended, or name another folder after --index"
            ) from error

    def release(self) -> None:
        """Let the next one in."""
        self._file.close()


def _exclusive() -> Callable[[int], object]:
    """Locks an open file for this process alone, or raises OSError at once."""
    if sys.platform == "win32":
        import msvcrt

        return lambda handle: msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    import fcntl

    return lambda handle: fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
