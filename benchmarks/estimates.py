"""How true the Jaccard similarity is that two signatures show: ours, and those of datasketch with its own hash.

A part of ``duplicates.py``. The chance that two signatures agree in a value is the similarity, so the share of 128 in which they
do has no bias and a standard deviation of sqrt(J (1 - J) / 128).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

import numpy as np
from duplicate_costs import PERMUTATIONS, SAMPLE, batches, shingles_of
from numpy.typing import NDArray
from oracle import I64, Units, alike, units_of
from passages_corpus import Press, Story

from cleaner.dedup.settings import DuplicateSettings
from cleaner.dedup.sketch import sketch

BANDS = ((0.4, 0.5), (0.5, 0.6), (0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.0))


def estimates(asked: argparse.Namespace) -> Iterator[str]:
    """Bias and standard deviation by exact similarity; what to print, line by line."""
    stories = list(Press(asked.seed).stories(SAMPLE))
    lines = [line for one in stories for line in one.lines]
    units = units_of(lines, [at for at, one in enumerate(stories) for _ in one.lines])
    pairs, sizes = alike(units, 2), units.sets.sizes
    each = pairs.one < pairs.other
    one, other, common = pairs.one[each], pairs.other[each], pairs.common[each]
    alone = disjoint(one, other)
    one, other, common = one[alone], other[alone], common[alone]
    exact = common / (sizes[one] + sizes[other] - common)
    ours, theirs = _ours(stories, units, asked.threshold), _theirs(lines, units)
    yield f"\n{'from 128 values':<20}{'':>7}{'ours':>21}{'datasketch':>21}{'theory':>21}"
    yield f"{'exact similarity':<20}{'pairs':>7}" + f"{'bias':>10}{'deviation':>11}" * 3
    for low, high in BANDS:
        band = (exact >= low) & (exact < high)
        theory = float(np.sqrt((exact[band] * (1 - exact[band]) / PERMUTATIONS).mean()))
        cells = ""
        for values in (ours, theirs):
            apart = (values[one[band]] == values[other[band]]).mean(axis=1) - exact[band]
            cells += f"{apart.mean():>+10.4f}{float(np.sqrt((apart**2).mean())):>11.4f}"
        error = f"±{theory / float(np.sqrt(band.sum())):.4f}"
        yield f"{f'{low} to {high}':<20}{band.sum():>7}{cells}{error:>10}{theory:>11.4f}"


def _ours(stories: Sequence[Story], units: Units, threshold: float) -> NDArray[np.uint32]:
    """Our signature of each distinct set.

    Raises:
        RuntimeError: the oracle sees other units than the sketch does.
    """
    settings = DuplicateSettings(threshold=threshold, containment=None, signatures=True)
    found = [sketch(batch, settings, across=True).passages for batch in batches(iter(stories))]
    values = np.concatenate([one.signatures for one in found if one is not None and one.signatures is not None])
    if len(values) != len(units):
        raise RuntimeError(f"{len(values)} signatures for {len(units)} units: the oracle cuts otherwise")
    first: NDArray[np.uint32] = values[units.first]
    return first


def _theirs(lines: Sequence[str], units: Units) -> NDArray[np.uint64]:
    """The signature of each distinct set by datasketch."""
    from datasketch import MinHash

    rows = [shingles_of(lines[place]) for place in units.places[units.first].tolist()]
    return np.stack([one.hashvalues for one in MinHash.bulk(rows, num_perm=PERMUTATIONS)])


def disjoint(one: I64, other: I64) -> list[int]:
    """Places of pairs no two of which share a member, since the pairs of one cluster would err together.

    >>> disjoint(np.array([1, 1, 2, 3]), np.array([2, 3, 3, 4]))
    [0, 3]
    """
    used: set[int] = set()
    found: list[int] = []
    for place, pair in enumerate(zip(one.tolist(), other.tolist(), strict=True)):
        if used.isdisjoint(pair):
            used.update(pair)
            found.append(place)
    return found
