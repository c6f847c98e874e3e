"""Shingles, bands and prints of documents' units, for a batch of documents at once in NumPy.

Pure, picklable, and the same in any process on any machine of either byte order, for nothing here depends on Python's own hash:

- A *shingle* is the fewest consecutive tokens that count more than four words: five words, nine characters of Han or Kana, seventeen of
  Thai. Its hash, from those of its tokens, modulo 2^64: ``mix64(((((t0 * STEP) + t1) * STEP + t2) * STEP + t3) * STEP + t4 ...)``.
- A unit's *shingle set* is the set of the low 32 bits of these. Two different shingles of a pair of units have the same 32 bits with a
  chance of 2^-32: among two passages of 60 words one pair in 1.4 million counts a shingle too many.
- *Bands* are keys made of the MinHash signature of that set; see ``cleaner.dedup.minhash``.
- *Prints* are winnowed shingles (Schleimer, Wilkerson, Aiken: Winnowing, SIGMOD 2003): of every window of ``WINDOW`` shingles the
  least of the high 32 bits. Two units that share a verbatim run of eight tokens share a print, always.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from cleaner.dedup.minhash import PERMUTATIONS, band_keys, banding, signatures
from cleaner.dedup.passages import Passage, passages
from cleaner.dedup.rows import Rows, taken
from cleaner.dedup.settings import DuplicateSettings
from cleaner.dedup.tokens import I64, STEP, U32, U64, WORD, Tokens, mix64, tokenize, upper
from cleaner.document import Document, Unit

SHINGLE = 5
"""Words in a shingle. (Five characters of Thai stand in every other line of an article; seventeen are as rare as five words.)"""
MIN_WORDS = 8
"""Units of fewer words are not compared."""
WINDOW = 4
"""Shingles in a winnowing window: the shortest unit that is compared has four."""


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """The comparable units of one kind of some documents, n of them, in order; ragged rows lie end to end between offsets.

    Attributes:
        documents: shape (n,), rising: which of the documents each is of.
        spans: shape (n, 2): start and end, code points of the document's text.
        lines: shape (n, 2): first and last line, from 1.
        words: shape (n,): length in words.
        offsets: shape (n + 1,): unit i has ``hashes[offsets[i]:offsets[i + 1]]``.
        hashes: shingle sets; those of a unit are sorted and unique, and never none.
        bands: shape (n, b): the keys of its bands; b is 0 when nothing is compared across documents.
        print_offsets: shape (n + 1,), likewise for ``prints``.
        prints: of each unit; none when containment across documents is not asked for.
        signatures: shape (n, 128); None unless they were asked for.
    """

    documents: I64
    spans: I64
    lines: I64
    words: I64
    offsets: I64
    hashes: U32
    bands: U32
    print_offsets: I64
    prints: U32
    signatures: U32 | None

    def __len__(self) -> int:
        return len(self.words)

    def shingles(self, unit: int) -> U32:
        """The shingle set of one unit, sorted and unique."""
        return self.hashes[self.offsets[unit] : self.offsets[unit + 1]]

    @property
    def sets(self) -> Rows:
        """The shingle sets of all."""
        return Rows(self.hashes, self.offsets)

    def firsts(self, documents: int) -> list[int]:
        """Where the units of each of so many documents begin, and where those of the last end."""
        firsts: list[int] = self.documents.searchsorted(np.arange(documents + 1)).tolist()
        return firsts

    def shown_at(self, units: I64, others: I64) -> Units:
        """The same units, some with the lines of others."""
        lines = self.lines.copy()
        lines[units] = self.lines[others]
        return replace(self, lines=lines)

    def part(self, first: int, stop: int) -> Units:
        """Consecutive units of one document, which is alone then."""
        start, end = self.offsets[first], self.offsets[stop]
        print_start, print_end = self.print_offsets[first], self.print_offsets[stop]
        return Units(
            documents=np.zeros(stop - first, np.int64),
            spans=self.spans[first:stop],
            lines=self.lines[first:stop],
            words=self.words[first:stop],
            offsets=self.offsets[first : stop + 1] - start,
            hashes=self.hashes[start:end],
            bands=self.bands[first:stop],
            print_offsets=self.print_offsets[first : stop + 1] - print_start,
            prints=self.prints[print_start:print_end],
            signatures=self.signatures[first:stop] if self.signatures is not None else None,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """What the comparison needs of some documents.

    Attributes:
        passages: their passages of 8 words or more; None when passages are not compared.
        documents: those documents that are as long, each as one unit; None when documents are not compared.
    """

    passages: Units | None = None
    documents: Units | None = None


def sketch(documents: Sequence[Document], settings: DuplicateSettings, *, across: bool) -> Sketch:
    """The sketch of what is kept of some documents.

    Args:
        documents: with all their removals but those of duplicates.
        settings: tell which units are compared, and how.
        across: whether they will be compared with other documents; if not, there are no bands and no prints, and datasketch is not
            imported.
    """
    found = [passages(document) for document in documents]
    tokens = tokenize([passage.text for one in found for passage in one])
    make = _Make(settings, across=across)
    counts = np.array([len(one) for one in found], np.int64)
    owners = np.repeat(np.arange(len(found)), counts)
    return Sketch(
        passages=make.units(tokens, owners, *_places([passage for one in found for passage in one]))
        if Unit.PASSAGE in settings.units
        else None,
        documents=make.units(
            _joined(tokens, counts),
            np.arange(len(found)),
            np.array([(0, len(document.text)) for document in documents], np.int64).reshape(-1, 2),
            np.zeros((len(found), 2), np.int64),
        )
        if Unit.DOCUMENT in settings.units
        else None,
    )


def _places(found: Sequence[Passage]) -> tuple[I64, I64]:
    """Spans and lines of some passages."""
    # Each column for itself: an array made of tuples takes five times as long.
    spans = np.fromiter(chain.from_iterable([passage.span for passage in found]), np.int64, 2 * len(found)).reshape(-1, 2)
    lines = np.stack(
        [np.array([passage.line for passage in found], np.int64), np.array([passage.last for passage in found], np.int64)], axis=1
    )
    return spans, lines


def _joined(tokens: Tokens, counts: I64) -> Tokens:
    """The tokens of passages as those of documents, which have so many passages each."""
    ends = np.cumsum(counts)
    return Tokens(
        tokens.hashes,
        np.diff(np.append(0, np.cumsum(tokens.counts))[ends], prepend=0),
        np.diff(np.append(0, np.cumsum(tokens.quarters))[ends], prepend=0),
        tokens.weights,
    )


class _Make:
    """Makes units as the settings want them."""

    def __init__(self, settings: DuplicateSettings, *, across: bool) -> None:
        self._cut = banding(settings.threshold) if across else None
        self._prints = across and settings.containment is not None
        self._signatures = across and settings.signatures

    def units(self, tokens: Tokens, documents: I64, spans: I64, lines: I64) -> Units:
        """The rows of some tokens that are long enough to be compared."""
        words = tokens.quarters // WORD
        chosen = np.flatnonzero(words >= MIN_WORDS)
        starts = (np.cumsum(tokens.counts) - tokens.counts)[chosen]
        hashes, stops = shingle_hashes(tokens)
        counts = stops.searchsorted(starts + tokens.counts[chosen], side="right") - starts
        unique, offsets = _sorted_sets(taken(hashes.astype(np.uint32), starts, counts), counts)
        bands, found = self._bands(unique, offsets)
        prints, print_offsets = (
            _prints(upper(hashes), starts, counts)
            if self._prints
            else (np.empty(0, np.uint32), np.zeros(len(chosen) + 1, np.int64))
        )
        return Units(
            documents=documents[chosen],
            spans=spans[chosen],
            lines=lines[chosen],
            words=words[chosen],
            offsets=offsets,
            hashes=unique,
            bands=bands,
            print_offsets=print_offsets,
            prints=prints,
            signatures=found,
        )

    def _bands(self, hashes: U32, offsets: I64) -> tuple[U32, U32 | None]:
        """The keys of bands, and the signatures when they are asked for."""
        if self._cut is None:
            return np.empty((len(offsets) - 1, 0), np.uint32), None
        found = signatures(hashes, offsets, PERMUTATIONS if self._signatures else self._cut.permutations)
        return band_keys(found, self._cut), found if self._signatures else None


def shingle_hashes(tokens: Tokens) -> tuple[U64, I64]:
    """The hash of the shingle that begins at each token, and behind which token it ends; none at the last few."""
    hashes, size = tokens.hashes, len(tokens.hashes)
    if (tokens.weights == WORD).all():
        length = max(0, size - SHINGLE + 1)
        found = hashes[:length].copy()
        for shift in range(1, SHINGLE):
            found *= STEP
            found += hashes[shift : shift + length]
        return mix64(found), np.arange(SHINGLE, SHINGLE + length)
    upto = np.append(0, np.cumsum(tokens.weights, dtype=np.int64))
    stops = upto.searchsorted(upto[:-1] + (SHINGLE - 1) * WORD + 1)
    stops = stops[stops <= size]
    # The same sums, of shingles of any length: differences of running sums in which each token has a falling power of STEP.
    falling = np.multiply.accumulate(np.append(np.uint64(1), np.full(size, pow(int(STEP), -1, 1 << 64), np.uint64)))
    rising = np.multiply.accumulate(np.append(np.uint64(1), np.full(size, STEP)))
    sums = np.append(np.uint64(0), np.cumsum(hashes * falling[:-1]))
    return mix64((sums[stops] - sums[: len(stops)]) * rising[stops - 1]), stops


def _sorted_sets(values: U32, counts: I64) -> tuple[U32, I64]:
    """Each row's values sorted and unique, end to end, with offsets."""
    # One sort of all rows at once, by row and value: a sort for each row takes three times as long.
    keyed = values.astype(np.uint64)
    keyed |= np.repeat(np.arange(len(counts), dtype=np.uint64) << np.uint64(32), counts)
    keyed.sort()
    fresh = np.ones(len(keyed), np.bool_)
    np.not_equal(keyed[1:], keyed[:-1], out=fresh[1:])
    return keyed[fresh].astype(np.uint32), _offsets(fresh, counts)


def _prints(values: U32, starts: I64, counts: I64) -> tuple[U32, I64]:
    """The prints of each row, end to end, with offsets; every row has at least one window."""
    length = max(0, len(values) - WINDOW + 1)
    least = values[:length].copy()
    for shift in range(1, WINDOW):
        np.minimum(least, values[shift : shift + length], out=least)
    windows = counts - WINDOW + 1
    found = taken(least, starts, windows)
    fresh = np.ones(len(found), np.bool_)
    np.not_equal(found[1:], found[:-1], out=fresh[1:])
    fresh[np.cumsum(windows) - windows] = True
    return found[fresh], _offsets(fresh, windows)


def _offsets(fresh: NDArray[np.bool_], counts: I64) -> I64:
    """Where each row begins, and the last ends, once only the fresh values are left."""
    upto = np.append(0, np.cumsum(fresh, dtype=np.int64))
    offsets: I64 = upto[np.append(0, np.cumsum(counts))]
    return offsets
