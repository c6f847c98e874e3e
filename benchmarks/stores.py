"""What a lasting index of duplicates costs on each embedded store: SQLite, LMDB, RocksDB, DuckDB, or sorted runs in NumPy.

    python benchmarks/stores.py [--units 1000000] [--runs 10] [--stores numpy lmdb duckdb rocksdb sqlite] [--limit 240] [--seed 1]

The load is made up. A unit has a number (they rise), 8 to 30 keys of 32 bits, 56 or so sorted shingle hashes of 32 bits, and a line.
Three of five keys are new; the others come by Zipf's law from a pool of 2^19, so that 20 to 26 % of those asked for are there.
As in a run of the cleaner, batches of 1,000 units take turns: first what stands under their keys, then the shingles of 300 units,
then the batch goes in; one commit ends the run. First ``--units`` go in as ``--runs`` equal runs, then, into a new store, as one.
Figures are microseconds of processor time a unit, that of threads included; and by the clock, which waits for the disk, and for others.

Each store does its work in processes of its own. Some are killed within a run and in the midst of its commit: what is read
afterwards must be the state before the run or, once the commit was begun, the one after it.
"""
# ruff: noqa: D102 - what the methods of the stores do is told once, by the class that they share

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import shutil
import sqlite3
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib import import_module, metadata
from importlib.util import find_spec
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

I64 = NDArray[np.int64]
U32 = NDArray[np.uint32]
U64 = NDArray[np.uint64]

BATCH = 1000
"""Units in a batch: some 64 documents."""
ASKED = 300
"""Units of which a batch asks the shingles."""
QUERIES = 100
"""Batches asked of a store that was opened anew."""
MAX_PER_KEY = 32
"""Units that one key leads to: the first."""
POOL = 1 << 19
"""Keys that come again and again."""
HALF = np.uint64(32)
LOW = np.uint64(0xFFFF_FFFF)


class Batch(NamedTuple):
    """Units that go in together.

    Attributes:
        first: number of the first unit.
        pairs: sorted and unique; each is a key in the upper 32 bits, the unit that has it in the lower.
        keys: all keys of the batch, sorted and unique.
        rows: the units' rows end to end; a row is the line and then the shingle hashes, sorted.
        sizes: shape (n,): length of each row.
    """

    first: int
    pairs: U64
    keys: U32
    rows: U32
    sizes: I64


def batch_of(seed: int, number: int) -> Batch:
    """Batch of a number, from 0; one seed gives the same batches in every process."""
    rng = np.random.default_rng((seed, number))
    first = number * BATCH
    units = np.arange(first, first + BATCH, dtype=np.uint64)
    owners = units.repeat(rng.integers(8, 31, BATCH))
    keys = rng.integers(0, 1 << 32, len(owners), dtype=np.uint64)
    again = rng.random(len(owners)) < 0.4
    ranks = np.exp(rng.random(np.count_nonzero(again)) * np.log(POOL)).astype(np.uint64)  # Zipf: rank r has chance ~ 1 / r
    keys[again] = (ranks * np.uint64(0x9E37_79B1)) & LOW
    sizes = rng.integers(16, 97, BATCH)
    hashes = rng.integers(0, 1 << 32, int(sizes.sum()), dtype=np.uint64)
    rows = np.sort((units.repeat(sizes) << HALF) | hashes).astype(np.uint32)
    lines = rng.integers(1, 200, BATCH).astype(np.uint32)
    pairs = np.unique((keys << HALF) | owners)
    return Batch(first, pairs, np.unique(keys).astype(np.uint32), np.insert(rows, np.cumsum(sizes) - sizes, lines), sizes + 1)


def firsts(pairs: U64) -> U64:
    """Of sorted pairs the first ``MAX_PER_KEY`` of each key."""
    keys = pairs >> HALF
    keep = np.ones(len(pairs), np.bool_)
    keep[MAX_PER_KEY:] = keys[MAX_PER_KEY:] != keys[:-MAX_PER_KEY]
    return pairs if keep.all() else pairs[keep]


def cut(rows: U32, sizes: I64) -> list[bytes]:
    """Rows as bytes, each for itself."""
    data = rows.tobytes()
    ends = (np.cumsum(sizes) * 4).tolist()
    return [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def joined(blobs: Sequence[bytes]) -> tuple[U32, I64]:
    """The other way."""
    return np.frombuffer(b"".join(blobs), np.uint32), np.array([len(blob) // 4 for blob in blobs], np.int64)


class Store(ABC):
    """An index on disk, opened for one run or for reading. Whoever leaves without ``commit`` leaves it as it was.

    Attributes:
        package: what to install for it; none for what is there anyway.
    """

    package: str | None = None

    @abstractmethod
    def __init__(self, path: Path, *, write: bool) -> None: ...

    @abstractmethod
    def __len__(self) -> int:
        """Units in it, those of the run included."""

    @abstractmethod
    def find(self, keys: U32) -> U64:
        """Pairs of some keys, which are sorted and unique: the first ``MAX_PER_KEY`` of each key, sorted."""

    @abstractmethod
    def passages(self, numbers: I64) -> tuple[U32, I64]:
        """Rows of some units, which are sorted and unique, end to end; and the length of each."""

    @abstractmethod
    def add(self, batch: Batch) -> None:
        """Takes in a batch."""

    @abstractmethod
    def commit(self) -> None:
        """Makes the run lasting, and ends it: afterwards the store is closed."""

    @abstractmethod
    def close(self) -> None:
        """Leaves the store."""


class Library(Store):
    """What the stores made by others share: no key is entered more often than it is read.

    A stock phrase in a million units would otherwise be a list of a million, read each time. What stands under the keys is known
    from the question, for what is asked is mostly what goes in next.
    """

    _asked: U32 = np.empty(0, np.uint32)
    _found: U64 = np.empty(0, np.uint64)
    _count = 0

    def __len__(self) -> int:
        return self._count

    def find(self, keys: U32) -> U64:
        self._asked, self._found = keys, self._find(keys)
        return self._found

    def add(self, batch: Batch) -> None:
        old = self._found if np.array_equal(batch.keys, self._asked) else self._find(batch.keys)
        pairs = firsts(np.sort(np.concatenate([old, batch.pairs]), kind="stable"))
        self._put(pairs, pairs[(pairs & LOW) >= np.uint64(batch.first)], batch)
        self._asked = self._asked[:0]
        self._count += len(batch.sizes)

    @abstractmethod
    def _find(self, keys: U32) -> U64:
        """As ``find``."""

    @abstractmethod
    def _put(self, pairs: U64, new: U64, batch: Batch) -> None:
        """Enters the new pairs, and the rows of a batch; ``pairs`` has all of their keys, old and new ones."""


class Sqlite(Library):
    """Pairs are the rows of a table without row numbers; one transaction a run, with a log that is written ahead (WAL)."""

    def __init__(self, path: Path, *, write: bool) -> None:
        path.mkdir(exist_ok=True)
        self._base = sqlite3.connect(path / "index.db", isolation_level=None, timeout=0.5)
        run = self._base.execute
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-262144", "mmap_size=4294967296", "temp_store=MEMORY"):
            run(f"PRAGMA {pragma}")
        run("CREATE TEMP TABLE asked(key INTEGER PRIMARY KEY)")
        run("CREATE TABLE IF NOT EXISTS pairs(key INTEGER, unit INTEGER, PRIMARY KEY(key, unit)) WITHOUT ROWID")
        run("CREATE TABLE IF NOT EXISTS passages(unit INTEGER PRIMARY KEY, row BLOB)")
        run("BEGIN IMMEDIATE" if write else "BEGIN")
        self._count = run("SELECT ifnull(max(unit) + 1, 0) FROM passages").fetchone()[0]

    def _find(self, keys: U32) -> U64:
        self._base.executemany("INSERT INTO asked VALUES (?)", zip(keys.tolist(), strict=True))
        # A cross join: SQLite keeps its order, so that what is asked is walked and not all pairs.
        found = self._base.execute("SELECT p.key, p.unit FROM asked a CROSS JOIN pairs p ON p.key = a.key").fetchall()
        self._base.execute("DELETE FROM asked")
        pairs = np.array(found, np.uint64).reshape(-1, 2)
        return (pairs[:, 0] << HALF) | pairs[:, 1]

    def passages(self, numbers: I64) -> tuple[U32, I64]:
        marks = ",".join("?" * len(numbers))
        rows = self._base.execute(f"SELECT row FROM passages WHERE unit IN ({marks}) ORDER BY unit", numbers.tolist())
        return joined([row for (row,) in rows])

    def _put(self, pairs: U64, new: U64, batch: Batch) -> None:  # noqa: ARG002 - only the new ones are to be entered
        entered = zip((new >> HALF).tolist(), (new & LOW).tolist(), strict=True)
        self._base.executemany("INSERT INTO pairs VALUES (?, ?)", entered)
        rows = enumerate(cut(batch.rows, batch.sizes), batch.first)
        self._base.executemany("INSERT INTO passages VALUES (?, ?)", rows)

    def commit(self) -> None:
        self._base.execute("COMMIT")
        self._base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.close()

    def close(self) -> None:
        self._base.close()


class Lmdb(Library):
    """A key leads to its units, which lie sorted under it (``dupsort``); rows are appended."""

    package = "lmdb"

    def __init__(self, path: Path, *, write: bool) -> None:
        lmdb = import_module("lmdb")
        self._env = lmdb.open(str(path), map_size=1 << 34, max_dbs=2, writemap=write, readahead=False, readonly=not write)
        numbers = {"integerkey": True, "create": write}
        self._pairs = self._env.open_db(b"pairs", dupsort=True, dupfixed=True, integerdup=True, **numbers)
        self._passages = self._env.open_db(b"passages", **numbers)
        self._txn = self._env.begin(write=write)
        self._count = self._txn.stat(self._passages)["entries"]

    def _find(self, keys: U32) -> U64:
        with self._txn.cursor(self._pairs) as cursor:
            found = cursor.getmulti(cut(keys, np.ones(len(keys), np.int64)), dupdata=True, dupfixed_bytes=4, keyfixed=True)
        pairs = np.frombuffer(found, np.uint32).reshape(-1, 2).astype(np.uint64)
        return (pairs[:, 0] << HALF) | pairs[:, 1]

    def passages(self, numbers: I64) -> tuple[U32, I64]:
        with self._txn.cursor(self._passages) as cursor:
            found = cursor.getmulti(cut(numbers.astype(np.uint32), np.ones(len(numbers), np.int64)))
        return joined([row for _, row in found])

    def _put(self, pairs: U64, new: U64, batch: Batch) -> None:  # noqa: ARG002 - only the new ones are to be entered
        single = np.ones(len(new), np.int64)
        keys, units = ((new >> HALF).astype(np.uint32), new.astype(np.uint32))
        with self._txn.cursor(self._pairs) as cursor:
            cursor.putmulti(list(zip(cut(keys, single), cut(units, single), strict=True)))
        numbers = np.arange(batch.first, batch.first + len(batch.sizes), dtype=np.uint32)
        rows = zip(cut(numbers, np.ones(len(numbers), np.int64)), cut(batch.rows, batch.sizes), strict=True)
        with self._txn.cursor(self._passages) as cursor:
            cursor.putmulti(list(rows), append=True)

    def commit(self) -> None:
        self._txn.commit()
        self._env.sync(True)  # noqa: FBT003 - lmdb takes no name for it
        self.close()

    def close(self) -> None:
        self._txn.abort()
        self._env.close()


class Rocks(Library):
    """A key leads to its units, packed. A run works on a checkpoint (hard links) of the store, and a pointer tells which is in force.

    One batch of writes for the whole run would be atomic too, but it cannot be read before it is written.
    """

    package = "rocksdict"

    def __init__(self, path: Path, *, write: bool) -> None:
        path.mkdir(exist_ok=True)
        self._path = path
        pointer = path / "current"
        number = int(pointer.read_text()) if pointer.exists() else 0
        self._base = self._open(path / str(number), read=not write)  # to write it is to lock it
        self._next = number + 1
        self._db = self._base
        if write:
            shutil.rmtree(path / str(self._next), ignore_errors=True)  # left by a crash
            import_module("rocksdict").Checkpoint(self._base).create_checkpoint(str(path / str(self._next)))
            self._db = self._open(path / str(self._next), read=False)
        last = self._db.iter()
        last.seek_to_last()
        self._count = int.from_bytes(last.key()[4:], "big") + 1 if last.valid() else 0

    def _open(self, path: Path, *, read: bool) -> Any:
        rocksdict = import_module("rocksdict")
        options = rocksdict.Options(raw_mode=True)
        options.increase_parallelism(2)
        options.set_allow_mmap_reads(True)
        options.optimize_universal_style_compaction(1 << 28)
        options.set_compression_type(rocksdict.DBCompressionType.none())
        blocks = rocksdict.BlockBasedOptions()
        blocks.set_bloom_filter(10, block_based=False)
        blocks.set_block_cache(rocksdict.Cache(1 << 28))
        options.set_block_based_table_factory(blocks)
        kind = rocksdict.AccessType.read_only() if read else rocksdict.AccessType.read_write()
        opened = rocksdict.Rdict(str(path), options, access_type=kind)
        if not read:
            unlogged = rocksdict.WriteOptions()
            unlogged.disable_wal = True  # nothing of a run counts before its flush
            opened.set_write_options(unlogged)
        return opened

    def _find(self, keys: U32) -> U64:
        found = self._db.get(cut(keys.astype(">u4"), np.ones(len(keys), np.int64)))
        hit = [place for place, units in enumerate(found) if units is not None]
        units, sizes = joined([found[place] for place in hit])
        return (keys[hit].repeat(sizes).astype(np.uint64) << HALF) | units

    def passages(self, numbers: I64) -> tuple[U32, I64]:
        return joined(self._db.get(self._behind(numbers)))

    @staticmethod
    def _behind(numbers: I64) -> list[bytes]:
        """Keys of rows: 8 bytes that sort behind all of the others, which have 4."""
        return cut((numbers.astype(np.uint64) | (LOW << HALF)).astype(">u8").view(np.uint32), np.full(len(numbers), 2))

    def _put(self, pairs: U64, new: U64, batch: Batch) -> None:
        writes = import_module("rocksdict").WriteBatch(raw_mode=True)
        grown = pairs[np.isin(pairs >> HALF, new >> HALF)]
        keys, sizes = np.unique(grown >> HALF, return_counts=True)
        single = np.ones(len(keys), np.int64)
        for key, units in zip(cut(keys.astype(">u4"), single), cut(grown.astype(np.uint32), sizes), strict=True):
            writes.put(key, units)
        numbers = np.arange(batch.first, batch.first + len(batch.sizes))
        for key, row in zip(self._behind(numbers), cut(batch.rows, batch.sizes), strict=True):
            writes.put(key, row)
        self._db.write(writes)

    def commit(self) -> None:
        self._db.flush()
        _replace(self._path / "current", str(self._next))
        self.close()
        shutil.rmtree(self._path / str(self._next - 1), ignore_errors=True)

    def close(self) -> None:
        self._db.close()
        if self._base is not self._db:
            self._base.close()


class Duck(Library):
    """Tables without an index, joined with what is asked; a batch comes as NumPy arrays."""

    package = "duckdb"

    def __init__(self, path: Path, *, write: bool) -> None:
        path.mkdir(exist_ok=True)
        self._base = import_module("duckdb").connect(str(path / "index.duckdb"), read_only=not write)
        if write:
            self._base.execute("BEGIN")
            self._base.execute("CREATE TABLE IF NOT EXISTS pairs(key UINTEGER, unit UINTEGER)")
            self._base.execute("CREATE TABLE IF NOT EXISTS passages(unit UINTEGER, row BLOB)")
        self._count = self._base.execute("SELECT count(*) FROM passages").fetchall()[0][0]

    def _find(self, keys: U32) -> U64:
        self._base.register("asked", {"key": keys})
        found = self._base.execute("SELECT p.key, p.unit FROM pairs p JOIN asked a ON p.key = a.key").fetchnumpy()
        return np.sort((found["key"].astype(np.uint64) << HALF) | found["unit"])

    def passages(self, numbers: I64) -> tuple[U32, I64]:
        self._base.register("wanted", {"unit": numbers.astype(np.uint32)})
        query = "SELECT p.row FROM passages p JOIN wanted w ON p.unit = w.unit ORDER BY p.unit"
        return joined([row for (row,) in self._base.execute(query).fetchall()])

    def _put(self, pairs: U64, new: U64, batch: Batch) -> None:  # noqa: ARG002 - only the new ones are to be entered
        self._base.register("entered", {"key": (new >> HALF).astype(np.uint32), "unit": new.astype(np.uint32)})
        self._base.execute("INSERT INTO pairs SELECT key, unit FROM entered")
        numbers = np.arange(batch.first, batch.first + len(batch.sizes), dtype=np.uint32)
        rows = np.empty(len(numbers), object)
        rows[:] = cut(batch.rows, batch.sizes)
        self._base.register("shown", {"unit": numbers, "row": rows})
        self._base.execute("INSERT INTO passages SELECT unit, row FROM shown")

    def commit(self) -> None:
        self._base.execute("COMMIT")
        self._base.execute("CHECKPOINT")
        self.close()

    def close(self) -> None:
        self._base.close()


class Runs(Store):
    """Sorted files of pairs, the older the longer, and two files of rows that only grow; a manifest tells what of them counts.

    A run's pairs are sorted arrays in memory, its rows lie behind the end that the manifest tells. The commit writes one more file
    of pairs, merged with those less than ``RATIO`` times as long, and replaces the manifest.
    """

    RATIO = 8
    CHUNK = 1 << 20

    def __init__(self, path: Path, *, write: bool) -> None:
        path.mkdir(exist_ok=True)
        self._path = path
        self._lock = _locked(path / "lock") if write else None
        manifest = path / "manifest.json"
        told: dict[str, Any] = {"units": 0, "cells": 0, "pairs": [], "serial": 0}
        if manifest.exists():
            told = json.loads(manifest.read_text())
        self._count: int = told["units"]
        self._cells: int = told["cells"]
        self._names: list[str] = told["pairs"]
        self._serial: int = told["serial"]
        self._files: list[U64] = [np.asarray(np.memmap(path / name, np.uint64, "r")) for name in self._names]
        self._new: list[U64] = []
        self._maps: tuple[U64, U32] | None = None
        if write:
            for left in set(path.glob("pairs-*")) - {path / name for name in self._names}:  # by a crash
                left.unlink()
            self._ends, self._rows = self._behind("ends", self._count * 8), self._behind("rows", self._cells * 4)

    def _behind(self, name: str, size: int) -> Any:
        """A file to write on from where what counts ends."""
        (self._path / name).touch()
        opened = (self._path / name).open("r+b", buffering=0)
        opened.seek(size)
        return opened

    def __len__(self) -> int:
        return self._count

    def find(self, keys: U32) -> U64:
        low = keys.astype(np.uint64) << HALF
        found: list[U64] = []
        for pairs in (*self._files, *self._new):
            starts = pairs.searchsorted(low)
            hit = (starts < len(pairs)).nonzero()[0]
            hit = hit[(pairs[starts[hit]] >> HALF) == keys[hit]]
            starts = starts[hit]
            sizes = np.minimum(pairs.searchsorted(low[hit] | LOW, "right") - starts, MAX_PER_KEY)
            found.append(pairs[_ranges(starts, sizes)])
        return firsts(np.sort(np.concatenate(found), kind="stable")) if found else low[:0]

    def passages(self, numbers: I64) -> tuple[U32, I64]:
        if self._maps is None:
            ends = np.asarray(np.memmap(self._path / "ends", np.uint64, "r", shape=(self._count,)))
            self._maps = ends, np.asarray(np.memmap(self._path / "rows", np.uint32, "r", shape=(self._cells,)))
        ends, rows = self._maps
        upto = ends[numbers].astype(np.int64)
        starts = np.where(numbers > 0, ends[numbers - 1], 0).astype(np.int64)
        return rows[_ranges(starts, upto - starts)], upto - starts

    def add(self, batch: Batch) -> None:
        self._new.append(batch.pairs)
        while len(self._new) > 1 and len(self._new[-2]) < self.RATIO * len(self._new[-1]):
            self._new[-2:] = [firsts(np.sort(np.concatenate(self._new[-2:]), kind="stable"))]
        self._rows.write(batch.rows.data)
        self._ends.write((np.cumsum(batch.sizes) + self._cells).astype(np.uint64).data)
        self._count += len(batch.sizes)
        self._cells += len(batch.rows)
        self._maps = None

    def commit(self) -> None:
        size, kept = sum(map(len, self._new)), len(self._files)
        while kept and len(self._files[kept - 1]) < self.RATIO * size:
            kept -= 1
            size += len(self._files[kept])
        name = f"pairs-{self._serial}"
        with (self._path / name).open("wb") as file:
            for chunk in self._merged([*self._files[kept:], *self._new], size):
                file.write(chunk.data)
            file.flush()
            os.fsync(file.fileno())
        for file in (self._rows, self._ends):
            os.fsync(file.fileno())
        told = {"units": self._count, "cells": self._cells, "pairs": [*self._names[:kept], name], "serial": self._serial + 1}
        _replace(self._path / "manifest.json", json.dumps(told))
        self._files = self._files[:kept]
        for gone in self._names[kept:]:
            with suppress(PermissionError):  # Windows: someone reads it; the next run will delete it
                (self._path / gone).unlink()
        self.close()

    def _merged(self, arrays: Sequence[U64], size: int) -> Iterator[U64]:
        """Sorted arrays as one, piece by piece: keys are well mixed, so even ranges of keys give even pieces."""
        pieces = size // self.CHUNK + 1
        bounds = (np.arange(1, pieces, dtype=np.uint64) * np.uint64((1 << 32) // pieces)) << HALF
        cuts = [np.concatenate([[0], one.searchsorted(bounds), [len(one)]]) for one in arrays]
        for piece in range(pieces):
            parts = [one[at[piece] : at[piece + 1]] for one, at in zip(arrays, cuts, strict=True)]
            yield firsts(np.sort(np.concatenate(parts), kind="stable"))

    def close(self) -> None:
        self._files, self._new, self._maps = [], [], None
        if self._lock:
            self._rows.close()
            self._ends.close()
            self._lock.close()


def _ranges(starts: I64, sizes: I64) -> I64:
    """Places in ranges, end to end."""
    places: I64 = np.repeat(starts - (np.cumsum(sizes) - sizes), sizes)
    return places + np.arange(len(places))


def _replace(path: Path, text: str) -> None:
    """Writes a file so that it is the old one or the new one, whatever happens."""
    beside = path.with_name(path.name + ".new")
    with beside.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    if sys.platform != "win32":
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def _locked(path: Path) -> Any:
    """A file that no other process can have; the system takes the lock back when the process ends, however it does.

    Raises:
        OSError: another process has it.
    """
    file = path.open("wb")
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return file


STORES: dict[str, type[Store]] = {"numpy": Runs, "lmdb": Lmdb, "duckdb": Duck, "rocksdb": Rocks, "sqlite": Sqlite}


class Figures(NamedTuple):
    """What a run took.

    Attributes:
        units: in the store at its end.
        add: microseconds of processor time to add a unit; opening and commit included.
        within: likewise to ask, in the run.
        query: likewise, of the store opened anew.
        clock: microseconds a unit of ``add`` and ``within`` by the clock.
        commit: seconds of the commit by the clock.
        size: bytes on disk a unit.
        own: MB of memory that the run took, at most, without mapped files; -1 where unknown.
        mapped: MB of mapped files that lay in memory, at most; the system takes it back when it needs it.
        hits: share of the keys asked for that were there.
    """

    units: int
    add: float
    within: float
    query: float
    clock: float
    commit: float
    size: float
    own: float
    mapped: float
    hits: float


def resident() -> tuple[float, float]:
    """MB of this process in memory: its own, and those of mapped files."""
    status = Path("/proc/self/status")
    if not status.exists():
        return -1, -1
    told = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return int(told["RssAnon"].split()[0]) / 1e3, int(told["RssFile"].split()[0]) / 1e3


class Watch:
    """Adds up what its blocks take: seconds of processor time, and by the clock."""

    def __init__(self) -> None:
        self.busy = self.clock = 0.0

    def __enter__(self) -> Self:
        self.busy -= time.process_time()
        self.clock -= time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.busy += time.process_time()
        self.clock += time.perf_counter()


def run(name: str, path: Path, seed: int, batches: range) -> Figures:
    """One run, into a store that may have earlier batches; then questions to it."""
    adding, asking, ending, later = Watch(), Watch(), Watch(), Watch()
    before = resident()
    seen = [before]
    with adding:
        store = STORES[name](path, write=True)
    for number in batches:
        batch = batch_of(seed, number)
        ask(store, batch, number, asking)
        with adding:
            store.add(batch)
        seen.append(resident())
    units = len(store)
    with ending:
        store.commit()
    seen.append(resident())
    own, mapped = (max(column) - least for column, least in zip(zip(*seen, strict=True), before, strict=True))
    size = sum(on_disk(file) for file in path.rglob("*") if file.is_file())
    store = STORES[name](path, write=False)
    others = range(1_000_000, 1_000_000 + QUERIES)
    hits = sum(ask(store, batch_of(seed, number), number, later) for number in others) / QUERIES
    store.close()
    each = 1e6 / (len(batches) * BATCH)
    busy = (adding.busy + ending.busy) * each, asking.busy * each, later.busy * 1e6 / (QUERIES * BATCH)
    clock = (adding.clock + ending.clock + asking.clock) * each
    return Figures(units, *busy, clock, ending.clock, size / units, own, mapped, hits)


def ask(store: Store, batch: Batch, seed: int, watch: Watch) -> float:
    """Asks as the cleaner would; the share of keys that were there."""
    numbers = np.unique(np.random.default_rng(seed).integers(0, len(store), ASKED)) if len(store) else np.empty(0, np.int64)
    with watch:
        pairs = store.find(batch.keys)
        if len(numbers):
            store.passages(numbers)
    return len(np.unique(pairs >> HALF)) / len(batch.keys)


def on_disk(file: Path) -> int:
    """Bytes that a file takes, less its holes where the system tells."""
    status = file.stat()
    return status.st_size if sys.platform == "win32" else status.st_blocks * 512


LONG = 120.0
"""Seconds after which a process that should have said something is stuck."""
BEFORE, AFTER = range(10), range(10, 30)
"""Batches in the store when a process is killed, and batches of the run that is killed."""


def state(name: str, path: Path) -> str:
    """A digest of all that a store answers; opened as for a run, so that it repairs itself if it has to."""
    store = STORES[name](path, write=True)
    digest = hashlib.sha256(str(len(store)).encode())
    for number in (*BEFORE, *AFTER):
        digest.update(store.find(batch_of(1, number).keys).tobytes())
    for first in range(0, len(store), ASKED):
        rows, sizes = store.passages(np.arange(first, min(first + ASKED, len(store))))
        digest.update(rows.tobytes() + sizes.tobytes())
    store.close()
    return digest.hexdigest()


def half(name: str, path: Path, batches: range, told: Connection) -> None:
    """A run that says when it has added all, and commits when it is told to."""
    store = STORES[name](path, write=True)
    for number in batches:
        store.add(batch_of(1, number))
    told.send(None)
    told.recv()
    began = time.perf_counter()
    store.commit()
    told.send(time.perf_counter() - began)


def second(name: str, path: Path, told: Connection) -> None:
    """Tries to read, and then to write, while another process has a run open."""
    for write in (False, True):
        try:
            store = STORES[name](path, write=write)
            store.find(batch_of(1, BEFORE[0]).keys)
            answer = f"{len(store):,} units"
            store.close()
        except Exception as error:  # noqa: BLE001 - each store has its own errors
            answer = f"{type(error).__name__}"
        told.send(answer)


def reply(function: Callable[..., object], *args: Any) -> None:
    """Runs a function, and sends what it returns through the pipe that comes as the last argument."""
    *given, told = args
    told.send(function(*given))


class Child:
    """A process that runs a function of this file, which is given the other end of a pipe as its last argument."""

    def __init__(self, function: Callable[..., None], *args: object) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=function, args=(*args, other), daemon=True)
        self.process.start()
        other.close()

    def answer(self, seconds: float) -> Any:
        """What it says.

        Raises:
            TimeoutError: it says nothing for so long.
            EOFError: it ended without a word.
        """
        if not self.pipe.poll(seconds):
            raise TimeoutError
        return self.pipe.recv()

    def kill(self) -> None:
        """Ends it at once, by SIGKILL where there is one."""
        self.process.kill()
        self.process.join()


def whole(name: str, path: Path, batches: range) -> float:
    """A run that nothing disturbs; seconds of its commit."""
    child = Child(half, name, path, batches)
    child.answer(LONG)
    child.pipe.send(None)
    seconds: float = child.answer(LONG)
    child.process.join()
    return seconds


def crashes(name: str, folder: Path) -> tuple[str, str]:
    """What came of the kills, in words; and the state after the whole run, to be compared with that of other stores."""
    done = folder / "done"
    whole(name, done, BEFORE)
    before = state(name, done)
    seconds = whole(name, done, AFTER)
    after = state(name, done)
    found: Counter[str] = Counter()
    for number, moment in enumerate((None, 0.0, 0.3, 0.6, 0.9, 1.2)):
        trial = folder / f"trial-{number}"
        whole(name, trial, BEFORE)
        child = Child(half, name, trial, AFTER)
        child.answer(LONG)
        if moment is not None:
            child.pipe.send(None)
            time.sleep(moment * seconds)
        child.kill()
        left = state(name, trial)
        found["before" if left == before else "after" if left == after and moment is not None else "BROKEN"] += 1
        if left == before:
            whole(name, trial, AFTER)
            found["BROKEN"] += state(name, trial) != after
        shutil.rmtree(trial)
    return ", ".join(f"{count} {what}" for what, count in sorted(found.items()) if count), after


def together(name: str, folder: Path) -> Iterator[str]:
    """What a second process meets that reads, and that writes, while a run is open."""
    path = folder / "together"
    whole(name, path, BEFORE)
    holder = Child(half, name, path, AFTER)
    holder.answer(LONG)
    other = Child(second, name, path)
    for what in ("reads", "writes"):
        try:
            yield f"{what}: {other.answer(5)}"
        except TimeoutError:
            yield f"{what}: waits"
    other.kill()
    holder.kill()


def install_size(package: str | None) -> str:
    """MB that a package takes when installed, or that there is none to install."""
    if package is None:
        return "0"
    files = metadata.files(package) or []
    return f"{sum(Path(str(file.locate())).stat().st_size for file in files if Path(str(file.locate())).exists()) / 1e6:.0f}"


def rows_of(name: str, folder: Path, asked: argparse.Namespace) -> Iterator[Figures | None]:
    """Figures of the first of several runs and of the last, and of one run of as many units; none where the time was up."""
    batches = asked.units // BATCH
    share = batches // asked.runs
    ends = time.monotonic() + asked.limit
    told: list[Figures] = []
    for number in range(asked.runs):
        child = Child(reply, run, name, folder / "runs", asked.seed, range(number * share, (number + 1) * share))
        try:
            told.append(child.answer(ends - time.monotonic()))
        except TimeoutError:
            break
        finally:
            child.kill()
    yield told[0] if told else None
    yield (
        told[-1]._replace(**{what: sum(getattr(one, what) for one in told) / len(told) for what in ("add", "clock")})
        if len(told) == asked.runs
        else None
    )
    child = Child(reply, run, name, folder / "one", asked.seed, range(batches))
    try:
        yield child.answer(asked.limit)
    except TimeoutError:
        yield None
    finally:
        child.kill()


def shown(name: str, what: str, figures: Figures | None) -> str:
    """A row of the table."""
    head = f"{name:<9}{what:<14}"
    if figures is None:
        return head + "took longer than the limit"
    return head + (
        f"{figures.units:>10,}{figures.add:>8.1f}{figures.within:>8.1f}{figures.query:>8.1f}{figures.clock:>8.1f}"
        f"{figures.commit:>9.2f}{figures.size:>8.0f}{figures.own:>8.0f}{figures.mapped:>8.0f}{figures.hits:>7.0%}"
    )


def measure(asked: argparse.Namespace, folder: Path) -> Iterator[str]:
    """Carries out the benchmark; what to print, line by line."""
    names = []
    for name in asked.stores:
        package = STORES[name].package
        if package and not find_spec(package):
            yield f"{name}: skipped, for it is not installed; pip install {package}"
        else:
            names.append(name)
    yield "microseconds a unit to add (commit included), to ask within the run, and to ask the store opened anew; MB of memory"
    heads = zip(
        ("add", "within", "query", "clock", "commit s", "B/unit", "own", "mapped", "hits"),
        (8, 8, 8, 8, 9, 8, 8, 8, 7),
        strict=True,
    )
    yield f"{'store':<9}{'load':<14}{'units':>10}{''.join(head.rjust(width) for head, width in heads)}"
    loads = ("first run", f"{asked.runs} runs", "one run")
    for name in names:
        (folder / name).mkdir()
        for what, figures in zip(loads, rows_of(name, folder / name, asked), strict=True):
            yield shown(name, what, figures)
        shutil.rmtree(folder / name)
    yield ""
    yield "killed within a run and in its commit; a second process while a run is open; MB to install"
    states: dict[str, str] = {}
    for name in names:
        (folder / name).mkdir()
        outcome, states[name] = crashes(name, folder / name)
        yield f"{name:<9}{outcome:<24}{'; '.join(together(name, folder / name)):<50}{install_size(STORES[name].package):>6}"
        shutil.rmtree(folder / name)
    yield "all stores answer alike" if len(set(states.values())) <= 1 else f"STORES DIFFER: {states}"


def main() -> None:
    """Reads the command line and prints the tables."""
    parser = argparse.ArgumentParser(description="Cost of a lasting index of duplicates on each embedded store.")
    parser.add_argument("--units", type=int, default=1_000_000, help="units in all (default: 1000000)")
    parser.add_argument("--runs", type=int, default=10, help="runs in which they go in; then all go in as one (default: 10)")
    parser.add_argument("--stores", nargs="+", choices=STORES, default=list(STORES), help="which (default: all)")
    parser.add_argument("--limit", type=float, default=240, help="seconds a store may take for either load (default: 240)")
    parser.add_argument("--seed", type=int, default=1, help="of the load (default: 1)")
    parser.add_argument("--dir", type=Path, help="folder for the stores; emptied again (default: one for temporary files)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.dir) as folder:
        for line in measure(asked, Path(folder)):
            print(line, flush=True)


if __name__ == "__main__":
    main()
