"""Sets of shingles, keys and units as they are kept and looked up, held against Python's own sets and dicts."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cleaner.dedup.match import shared
from cleaner.dedup.rows import Rows, offsets_of
from cleaner.dedup.runs import Run, Runs, entries_of, find, keys_of
from cleaner.dedup.shelf import Shelf, chunk_of
from cleaner.dedup.sketch import Units
from cleaner.document import Source

HASH = st.integers(0, 2**32 - 1) | st.integers(0, 40) | st.integers(0, 40).map(lambda place: place << 20) | st.just(2**32 - 1)
SETS = st.lists(st.sets(HASH, min_size=1, max_size=40), min_size=1, max_size=8)


def rows(sets: list[set[int]]) -> Rows:
    return Rows(
        np.array([value for one in sets for value in sorted(one)], np.uint32), offsets_of(np.array([len(one) for one in sets]))
    )


@settings(deadline=None)
@example([{place << 16 for place in range(200)}, {0}, {1}], [{place << 16 for place in range(1, 300)} | {3}, {0}], 0)
@given(SETS, SETS, st.integers(0, 7))
def test_shared_shingles_are_counted_exactly(ours: list[set[int]], theirs: list[set[int]], first: int) -> None:
    places = [(first + number) % len(ours) for number in range(len(theirs))]
    found = shared(rows(ours), np.array(places), rows(theirs))
    assert found.tolist() == [len(ours[place] & other) for place, other in zip(places, theirs, strict=True)]


def test_a_very_long_unit_among_short_ones_is_counted_exactly() -> None:
    rng = np.random.default_rng(2)
    ours = [set(rng.integers(0, 2**32, size).tolist()) for size in (100_000, 8, 8)]
    other = set(list(ours[0])[::3]) | set(rng.integers(0, 2**32, 90_000).tolist())
    found = shared(rows(ours), np.array([0, 1, 0]), rows([other, ours[1], ours[2]]))
    assert found.tolist() == [len(ours[0] & other), len(ours[1]), len(ours[0] & ours[2])]


def test_a_key_that_many_units_have_hides_no_other() -> None:
    rng = np.random.default_rng(3)
    keys = rng.integers(0, 2**32, 20_000, dtype=np.uint32)
    keys[::4] = keys[0]
    keys[1::4] = keys[0] ^ np.uint32(1)
    run = Run.of(entries_of(keys, np.arange(len(keys), dtype=np.uint64)))
    asked = keys_of(entries_of(np.append(np.unique(keys), [0, 2**32 - 1]).astype(np.uint32), np.zeros(1, np.uint64)))
    found = find([run], asked, np.full(len(asked), 7))
    for place, key in enumerate((asked >> np.uint64(32)).astype(np.uint32).tolist()):
        assert found.units[found.places == place].tolist() == np.flatnonzero(keys == key)[:7].tolist()


def test_units_behind_the_first_of_a_key_take_no_memory() -> None:
    table = Runs(16)
    for at in range(0, 10_000, 100):
        table.add(entries_of(np.full(100, 5, np.uint32), np.arange(at, at + 100, dtype=np.uint64)))
    assert table.nbytes < 8 * 200
    assert find(table.runs, np.array([5 << 32], np.uint64), np.array([20])).units.tolist() == list(range(16))


def some_units(rng: np.random.Generator, documents: int) -> Units:
    counts = rng.integers(0, 5, documents)
    count = int(counts.sum())
    sizes = rng.integers(1, 30, count)
    found = rows([set(rng.integers(0, 2**32, size).tolist()) for size in sizes])
    none = np.zeros((count, 0), np.uint32)
    lines = np.repeat(rng.integers(1, 99, count), 2).reshape(-1, 2)
    owners = np.repeat(np.arange(documents), counts)
    return Units(
        owners, lines, lines, sizes, found.offsets, found.values, none, np.zeros(count + 1, np.int64), none.ravel(), None
    )


def test_a_shelf_tells_what_was_put_on_it_and_stays_in_few_chunks() -> None:
    rng = np.random.default_rng(4)
    shelf, kept = Shelf(), list[tuple[list[int], int, Source]]()
    for batch in range(300):
        units = some_units(rng, 6)
        sources = [Source(f"é{batch}-{number}.txt", *((number, "id") if number % 2 else ())) for number in range(6)]
        chosen = np.flatnonzero(rng.random(len(units)) < 0.8)
        if not len(chosen):
            continue
        shelf.add(chunk_of(units, chosen, sources, len(shelf)))
        kept += [
            (units.shingles(unit).tolist(), int(units.lines[unit, 0]), sources[units.documents[unit]]) for unit in chosen.tolist()
        ]
    assert len(shelf) == len(kept)
    assert len(shelf.added) < 12
    numbers = np.sort(rng.integers(0, len(kept), 500))
    sets, refs = shelf.sets(numbers), shelf.refs(numbers)
    assert [sets.at(np.array([place])).values.tolist() for place in range(500)] == [kept[number][0] for number in numbers]
    assert shelf.sizes(numbers).tolist() == sets.sizes.tolist()
    assert [(ref.line, ref.earlier) for ref in refs] == [(kept[number][1], False) for number in numbers]
    assert [(ref.source.input, ref.source.record) for ref in refs] == [
        (kept[number][2].input, kept[number][2].record) for number in numbers
    ]
