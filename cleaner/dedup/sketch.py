"""Shingles and MinHash signatures of a document's units, for a whole document at once in NumPy; the only door to datasketch.

Pure, picklable, and the same in any process on any machine of either byte order, for nothing here depends on Python's own hash:

- A *shingle* is five consecutive tokens. Its hash, from those of its tokens, modulo 2^64:
  ``mix64(((((t0 * STEP) + t1) * STEP + t2) * STEP + t3) * STEP + t4)``. Two different shingles get the same hash with a chance of
  about 2^-64; so sets of hashes stand for sets of shingles.
- A *signature* is that of ``datasketch.MinHash(num_perm=128, seed=1, scheme="affine32")`` whose hash function gives the low 32
  bits of the shingle's hash; bit for bit (a test holds that), at a fraction of the cost of ``MinHash.bulk``.
- *Prints* are winnowed shingle hashes (Schleimer, Wilkerson, Aiken: Winnowing, SIGMOD 2003): the least hash of every window of
  ``WINDOW`` shingles. Two units that share a verbatim run of eight tokens share a print, always.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from cleaner.dedup.passages import passages
from cleaner.dedup.settings import DuplicateSettings
from cleaner.dedup.tokens import I64, STEP, U32, U64, WORD, Tokens, mix64, tokenize, upper
from cleaner.document import Document, Unit

SHINGLE = 5
"""Tokens in a shingle."""
MIN_WORDS = 8
"""Units of fewer words are not compared."""
WINDOW = 4
"""Shingles in a winnowing window: the shortest unit that is compared has four."""
PERMUTATIONS = 128
SEED = 1
_BLOCK = 1 << 16
"""Cells of a block of permuted hashes: 256 KiB, so that it stays in a core's second-level cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """The comparable units of one kind of one document, n of them, in order; ragged rows lie end to end between offsets.

    Attributes:
        spans: shape (n, 2): start and end, code points of the document's text.
        lines: shape (n, 2): first and last line, from 1.
        words: shape (n,): length in words.
        offsets: shape (n + 1,): unit i has ``hashes[offsets[i]:offsets[i + 1]]``.
        hashes: shingle hashes; those of a unit are sorted and unique, and never none.
        print_offsets: shape (n + 1,), likewise for ``prints``.
        prints: upper halves of winnowed shingle hashes; none when nothing is compared across documents.
        signatures: shape (n, 128); None when nothing is compared across documents.
    """

    spans: I64
    lines: I64
    words: I64
    offsets: I64
    hashes: U64
    print_offsets: I64
    prints: U32
    signatures: U32 | None

    def __len__(self) -> int:
        return len(self.words)

    def shingles(self, unit: int) -> U64:
        """The shingle hashes of one unit, sorted and unique."""
        return self.hashes[self.offsets[unit] : self.offsets[unit + 1]]


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """What the comparison needs of one document.

    Attributes:
        passages: its passages of 8 words or more; None when passages are not compared.
        document: the document as one unit (no unit when it is shorter); None when documents are not compared.
    """

    passages: Units | None = None
    document: Units | None = None


def sketch(document: Document, settings: DuplicateSettings, *, across: bool) -> Sketch:
    """The sketch of what is kept of a document.

    Args:
        document: with all its removals but those of duplicates.
        settings: tell which units are compared.
        across: whether it will be compared with other documents; if not, signatures are left out and datasketch is not imported.
    """
    found = passages(document)
    tokens = tokenize([passage.text for passage in found])
    spans = np.array([passage.span for passage in found], np.int64).reshape(-1, 2)
    lines = np.array([(passage.line, passage.last) for passage in found], np.int64).reshape(-1, 2)
    whole = Tokens(tokens.hashes, tokens.counts.sum(keepdims=True), tokens.quarters.sum(keepdims=True))
    return Sketch(
        passages=_units(tokens, spans, lines, across=across) if Unit.PASSAGE in settings.units else None,
        document=_units(whole, np.array([[0, len(document.text)]]), np.zeros((1, 2), np.int64), across=across)
        if Unit.DOCUMENT in settings.units
        else None,
    )


def _units(tokens: Tokens, spans: I64, lines: I64, *, across: bool) -> Units:
    """The rows of some tokens that are long enough to be compared, sketched."""
    words = tokens.quarters // WORD
    chosen = np.flatnonzero(words >= MIN_WORDS)
    starts = (np.cumsum(tokens.counts) - tokens.counts)[chosen]
    counts = tokens.counts[chosen] - SHINGLE + 1
    hashes = shingle_hashes(tokens.hashes)
    unique, offsets = _sorted_sets(hashes, starts, counts)
    prints, print_offsets = (
        _prints(hashes, starts, counts) if across else (np.empty(0, np.uint32), np.zeros(len(chosen) + 1, np.int64))
    )
    return Units(
        spans=spans[chosen],
        lines=lines[chosen],
        words=words[chosen],
        offsets=offsets,
        hashes=unique,
        print_offsets=print_offsets,
        prints=prints,
        signatures=signatures(unique, offsets) if across else None,
    )


def _mix32(values: U32) -> U32:
    """The 32-bit finalizer of MurmurHash3, which datasketch applies before it permutes."""
    values = values ^ (values >> np.uint32(16))
    values *= np.uint32(0x85EBCA6B)
    values ^= values >> np.uint32(13)
    values *= np.uint32(0xC2B2AE35)
    values ^= values >> np.uint32(16)
    return values


def shingle_hashes(tokens: U64) -> U64:
    """The hash of the shingle that begins at each of some consecutive tokens; none at the last four."""
    length = max(0, len(tokens) - SHINGLE + 1)
    hashes = tokens[:length].copy()
    for shift in range(1, SHINGLE):
        hashes *= STEP
        hashes += tokens[shift : shift + length]
    return mix64(hashes)


def _sorted_sets(hashes: U64, starts: I64, counts: I64) -> tuple[U64, I64]:
    """Each row's hashes sorted and unique, end to end, with offsets."""
    rows = [np.sort(hashes[start : start + count]) for start, count in zip(starts.tolist(), counts.tolist(), strict=True)]
    if not rows:
        return np.empty(0, np.uint64), np.zeros(1, np.int64)
    values = np.concatenate(rows)
    firsts = np.cumsum(counts) - counts
    fresh = _fresh(values, firsts)
    return values[fresh], _offsets(fresh, firsts)


def _prints(hashes: U64, starts: I64, counts: I64) -> tuple[U32, I64]:
    """The prints of each row, end to end, with offsets; every row has at least one window."""
    if not len(counts):
        return np.empty(0, np.uint32), np.zeros(1, np.int64)
    length = len(hashes) - WINDOW + 1
    least = hashes[:length].copy()
    for shift in range(1, WINDOW):
        np.minimum(least, hashes[shift : shift + length], out=least)
    windows = counts - WINDOW + 1
    firsts = np.cumsum(windows) - windows
    values = least[np.arange(windows.sum()) + np.repeat(starts - firsts, windows)]
    fresh = _fresh(values, firsts)
    return upper(values[fresh]), _offsets(fresh, firsts)


def _fresh(values: U64, firsts: I64) -> NDArray[np.bool_]:
    """Which values differ from the one before, or begin a row."""
    fresh = np.empty(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=fresh[1:])
    fresh[firsts] = True
    return fresh


def _offsets(fresh: NDArray[np.bool_], firsts: I64) -> I64:
    """Where each row begins, and the last ends, once only the fresh values are left."""
    offsets = np.zeros(len(firsts) + 1, np.int64)
    np.add.reduceat(fresh, firsts, dtype=np.int64).cumsum(out=offsets[1:])
    return offsets


def signatures(hashes: U64, offsets: I64) -> U32:
    """MinHash signatures of ragged rows, none of them empty: shape (n, 128), uint32."""
    count = len(offsets) - 1
    if not count:
        return np.empty((0, PERMUTATIONS), np.uint32)
    factors, shifts = _permutations()
    mixed = _mix32(hashes.astype(np.uint32))
    least = np.empty((PERMUTATIONS, count), np.uint32)
    step = max(1, _BLOCK // len(mixed))
    for row in range(0, PERMUTATIONS, step):
        block = factors[row : row + step, None] * mixed
        block += shifts[row : row + step, None]
        np.minimum.reduceat(block, offsets[:-1], axis=1, out=least[row : row + step])
    return np.ascontiguousarray(least.T)


@cache
def _permutations() -> U32:
    """Factors and shifts of datasketch's permutations, shape (2, 128): constants, kept because drawing them costs 200 us."""
    # The import costs most of a second, and a single document needs none of it.
    from datasketch import MinHash

    permutations: U32 = MinHash(num_perm=PERMUTATIONS, seed=SEED, scheme="affine32").permutations
    return permutations
