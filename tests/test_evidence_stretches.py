"""Arithmetic over the lines of several documents: each result against a slow reading of each document by itself."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import Any

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from cleaner.evidence.stretches import PARTS, Stretches, in_parts, running

Values = list[float]
DOCUMENTS = st.lists(st.lists(st.integers(-60, 60).map(lambda value: value / 2), min_size=1, max_size=12), min_size=1, max_size=5)
MASKS = st.lists(st.lists(st.booleans(), min_size=1, max_size=12), min_size=1, max_size=5)


def laid(documents: list[list[Any]]) -> tuple[Stretches, np.ndarray[Any, Any]]:
    """The documents end to end."""
    return Stretches.of(np.array(list(map(len, documents)))), np.array(list(chain.from_iterable(documents)))


def each(documents: list[list[Any]], slow: Callable[[list[Any]], list[Any]]) -> list[Any]:
    return list(chain.from_iterable(map(slow, documents)))


@given(DOCUMENTS)
@example([[1.0], [2.0, 3.0]])
def test_lines_know_their_document(documents: list[Values]) -> None:
    of, values = laid(documents)
    assert of.sizes.tolist() == list(map(len, documents))
    assert [values[first:stop].tolist() for first, stop in zip(of.bounds, of.bounds[1:], strict=False)] == documents
    assert of.owner.tolist() == [number for number, one in enumerate(documents) for _ in one]
    assert (of.places - of.begins).tolist() == each(documents, lambda one: list(range(len(one))))
    assert (of.stops - of.begins).tolist() == of.spread(of.sizes).tolist() == each(documents, lambda one: [len(one)] * len(one))


@given(DOCUMENTS)
def test_sums_and_largest_values_are_those_of_each_document(documents: list[Values]) -> None:
    of, values = laid(documents)
    assert of.total(values).tolist() == list(map(sum, documents))
    assert of.most(values).tolist() == list(map(max, documents))
    assert of.before(values).tolist() == each(documents, lambda one: [sum(one[:at]) for at in range(len(one))])
    assert of.highest_so_far(values).tolist() == each(documents, lambda one: [max(one[: at + 1]) for at in range(len(one))])
    assert of.highest_from_here(values).tolist() == each(documents, lambda one: [max(one[at:]) for at in range(len(one))])


@given(DOCUMENTS, st.integers(1, 14))
def test_windows_end_with_the_document(documents: list[Values], reach: int) -> None:
    of, values = laid(documents)
    sums = running(np.stack((values, -values)))
    above = each(documents, lambda one: [sum(one[max(at - reach, 0) : at]) for at in range(len(one))])
    below = each(documents, lambda one: [sum(one[at + 1 : at + 1 + reach]) for at in range(len(one))])
    assert of.above(sums, reach).tolist() == [above, [-value for value in above]]
    assert of.below(sums, reach).tolist() == [below, [-value for value in below]]


@given(DOCUMENTS, st.sampled_from([-3, -2, -1, 1, 2, 3]))
def test_what_stands_further_on_is_of_the_same_document(documents: list[Values], offset: int) -> None:
    of, values = laid(documents)
    slow = each(documents, lambda one: [one[at + offset] if 0 <= at + offset < len(one) else 99.0 for at in range(len(one))])
    assert of.shifted(values, offset, 99.0).tolist() == slow
    assert of.shifted(np.stack((values, values)), offset, 99.0).tolist() == [slow, slow]


@given(MASKS)
def test_the_last_line_above_is_of_the_same_document(documents: list[list[bool]]) -> None:
    of, mask = laid(documents)
    slow = each(documents, lambda one: [max((on for on in range(at) if one[on]), default=None) for at in range(len(one))])
    found = [None if value < 0 else int(value) for value in of.last_above(mask)]
    assert [None if value is None else value - int(begin) for value, begin in zip(found, of.begins, strict=True)] == slow
    assert of.last_above(np.stack((mask, mask & False)))[1].tolist() == [-1] * len(mask)


@given(MASKS)
def test_the_first_line_of_each_document(documents: list[list[bool]]) -> None:
    of, mask = laid(documents)
    firsts = zip(documents, of.bounds.tolist(), strict=False)
    assert of.first(mask).tolist() == [one.index(True) + begin if True in one else len(mask) for one, begin in firsts]


@given(MASKS)
def test_runs_are_unbroken_within_a_document_and_as_long_as_they_can_be(documents: list[list[bool]]) -> None:
    of, mask = laid(documents)
    begins, stops = of.runs(mask)
    for at, (begin, stop) in enumerate(zip(begins.tolist(), stops.tolist(), strict=True)):
        assert of.begins[at] <= begin <= at < stop <= of.stops[at]
        assert set(mask[begin:stop].tolist()) == {mask[at]}
        assert begin == of.begins[at] or mask[begin - 1] != mask[at]
        assert stop == of.stops[at] or mask[stop] != mask[at]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_shares_in_parts_add_without_rounding(shares: list[float]) -> None:
    parts = in_parts(np.array(shares))
    assert running(parts)[-1] == sum(map(int, parts.tolist()))
    assert np.abs(parts / PARTS - shares).max() <= 1 / PARTS
