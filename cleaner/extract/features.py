"""What is known of each block of a page, as columns of a matrix: what the weights of ``rules/html/model.toml`` weigh.

All columns are 0 or 1. A quantity has a column for each of its bins, so that a weight can be read: "links: .5 to .8". First come the
block by itself and where it stands; then, once all blocks have a first verdict, what stands around it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.extract.blocks import ABOVE, Blocks
from cleaner.extract.declared import Declared

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

TAGS = (
    *("p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "td", "th", "div", "blockquote", "figcaption", "pre", "dt", "dd", "section"),
    *("article", "header", "footer", "caption", "address", "body"),
)
CUTS: dict[str, tuple[float, ...]] = {
    "words": (1.5, 3.5, 5.5, 8.5, 12, 20, 35, 60),
    "links": (0.001, 0.2, 0.5, 0.8, 0.95),
    "capitals": (0.03, 0.06, 0.12, 0.3),
    "digits": (0.005, 0.03, 0.1),
    "prose in the box above": (0.001, 0.02, 0.1, 0.3, 0.6, 0.9),
    "prose in the second box above": (0.001, 0.02, 0.1, 0.3, 0.6, 0.9),
    "prose in the third box above": (0.001, 0.02, 0.1, 0.3, 0.6, 0.9),
    "prose in boxes of its kind": (0.001, 0.02, 0.1, 0.3, 0.6, 0.9),
    "boxes of its kind": (1.5, 3.5, 8.5, 20),
    "links in boxes of its kind": (0.05, 0.2, 0.5, 0.9),
    "words of prose in the box above": (1, 20, 60, 150, 400),
    "words of prose in boxes of its kind": (1, 20, 60, 150, 400),
    "prose among the words of the box above": (0.1, 0.5, 0.8, 0.95),
    "place": (0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9),
    "words before it": (0.05, 0.15, 0.3, 0.5, 0.7, 0.85, 0.95),
    "prose before it": (0.001, 0.1, 0.3, 0.5, 0.7, 0.9, 0.999),
    "share of the page below the headline": (-0.2, -0.02, 0, 0.02, 0.1, 0.3, 0.6),
    "blocks from the headline": (0.5, 1.5, 3.5, 6.5, 10.5, 20.5),
    "words of the title": (0.2, 0.5, 0.8),
}
_SHARES = (0.02, 0.08, 0.2, 0.4, 0.6, 0.8, 0.92, 0.98)
AROUND = (
    "its own first verdict",
    *(f"verdict {abs(step)} {'before' if step < 0 else 'after'}" for step in (-4, -3, -2, -1, 1, 2, 3, 4)),
    *(f"{what} of box {level} above" for level in (1, 2, 3, 4) for what in ("mean verdict", "article share")),
    *("mean verdict of its kind", "article share of its kind", "article before it", "article from it on", "verdict around it"),
    "words shared with the article",
)
"""Quantities that need a first verdict."""
_INSIDE = (0.15, 0.3, 0.5)
_LEVELS = 5

_END = re.compile(r"[.!?…。！？।۔:][\"”»’')\]]*$")
_DENSE = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Letters of scripts without blanks between words; two of them count as a word."""
_PLAIN = re.compile(r"\W+")
_PROBE = 30
"""Letters at a block's beginning or end by which it is found in the body that a page declares."""
PROSE_WORDS = 12
PROSE_LINKS = 0.4
"""A block of so many words, not more of it links, is prose."""


class Known(NamedTuple):
    """The columns of a page, and what else is needed of it.

    Attributes:
        columns: shape (blocks, columns).
        words: of each block.
        levels: for each block its box and those above.
        kinds: of each block, the kind of its box.
        stops: of each box, the number behind those of the boxes in it.
        vocabulary: of each block, its longer words.
        titles: which blocks are the headline, or what the page calls its title.
        prose: which blocks are prose.
    """

    columns: Floats
    words: Floats
    levels: list[NDArray[np.int64]]
    kinds: NDArray[np.int64]
    stops: NDArray[np.int64]
    vocabulary: list[frozenset[str]]
    titles: Bools
    prose: Bools


def names_of_columns(meanings: Sequence[str]) -> list[str]:
    """What the columns are called, in order."""
    names = [
        "ends like a sentence",
        "stands twice",
        "prose",
        "has a headline",
        "is the headline",
        "above the headline",
        "behind the last prose",
    ]
    names += ["in an article", "in the article with most prose", "in the article with the headline"]
    names += ["is a title", "is the description", "no declared body", "in the declared body", "not in the declared body"]
    names += [f"tag {tag}" for tag in TAGS] + [f"in {tag}" for tag in ABOVE]
    names += [f"in a box named {one}" for one in meanings] + [f"in a box next to it named {one}" for one in meanings]
    return names + _bin_names(CUTS)


def names_of_around() -> list[str]:
    """What the columns that need a first verdict are called, in order."""
    return [f"in the part with the most, at {inside}" for inside in _INSIDE] + _bin_names(dict.fromkeys(AROUND, _SHARES))


def words_of(text: str) -> float:
    """Words of a text.

    >>> words_of("Storm hits coast"), words_of("暴风雨来袭")
    (3.0, 3.5)
    """
    return len(text.split()) + len(_DENSE.findall(text)) / 2 if not text.isascii() else float(len(text.split()))


def known(blocks: Blocks, declared: Declared, meanings: int) -> Known:
    """What is known of the blocks of a page (one or more) before any verdict."""
    count = len(blocks.texts)
    words = np.array([words_of(text) for text in blocks.texts])
    sizes = np.array([len(text) for text in blocks.texts])
    links = np.array(blocks.linked) / sizes
    is_prose = (words >= PROSE_WORDS) & (links < PROSE_LINKS)
    levels = blocks.upwards(_LEVELS)
    kinds = np.array(blocks.kind)[levels[0]]
    plain = [_PLAIN.sub(" ", text).strip().lower() for text in blocks.texts]
    title, headline = _titles(blocks, plain, declared)
    binary = [*_plain_columns(blocks, plain, is_prose), *_headline_columns(count, headline, is_prose)]
    bodies = [title >= 2, _described(plain, declared), *_in_body(plain, declared)]
    binary += [*_articles(blocks, levels[0], headline, np.where(is_prose, words, 0.0)), *bodies]
    bits = [
        _bits([TAGS.index(blocks.boxes[box].tag) if blocks.boxes[box].tag in TAGS else -1 for box in blocks.box], len(TAGS)),
        _set_bits(np.array(blocks.above)[levels[0]], len(ABOVE)),
        _set_bits(np.array(blocks.named)[levels[0]], meanings),
        _set_bits(np.array(blocks.own)[levels[0]] | np.array(blocks.own)[levels[1]], meanings),
    ]
    prose = np.where(is_prose, words, 0.0)
    amounts = [words, links, *_letters(blocks.texts, sizes), *_amounts_of_boxes(prose, words, links, levels, kinds)]
    amounts += [*_places(prose, words, headline), np.minimum(title, 1)]
    columns = [np.column_stack(binary).astype(float), *bits, *map(_binned, amounts, CUTS.values())]
    vocabulary = [_longer(text) for text in plain]
    titles = (title >= 2) | (np.arange(count) == headline)
    return Known(np.concatenate(columns, axis=1), words, levels, kinds, np.array(blocks.stop), vocabulary, titles, is_prose)


def around(known: Known, verdicts: Floats) -> Floats:
    """The columns that need a first verdict, shape (blocks, columns).

    Args:
        known: what is known of the blocks.
        verdicts: how sure it is that each is of the article, 0..1.
    """
    count = len(verdicts)
    weight = verdicts * known.words
    total = max(float(weight.sum()), 1e-9)
    places = np.arange(count)
    amounts = [verdicts]
    for step in (-4, -3, -2, -1, 1, 2, 3, 4):
        there = places + step
        amounts.append(np.where((there >= 0) & (there < count), verdicts[there.clip(0, count - 1)], 0.0))
    for keys in (*known.levels[1:], known.kinds):
        mine = np.bincount(keys, weight)[keys]
        amounts += [mine / np.bincount(keys, known.words)[keys].clip(1e-9), mine / total]
    before = np.cumsum(weight) / total
    amounts += [before, 1 - before + weight / total, _smooth(weight) / _smooth(known.words).clip(1e-9)]
    amounts.append(_shared(known.vocabulary, verdicts))
    inside = [part_with_most(known, verdicts - level)[1] for level in _INSIDE]
    return np.concatenate([np.column_stack(inside).astype(float), *(_binned(one, _SHARES) for one in amounts)], axis=1)


def part_with_most(known: Known, values: Floats) -> tuple[int, Bools]:
    """The box with the greatest sum of words x value, the innermost of equals; and which blocks stand in it."""
    box = known.levels[0]
    sums = np.concatenate([[0.0], np.cumsum(np.bincount(box, known.words * values, len(known.stops)))])
    inside = sums[known.stops] - sums[:-1]
    best = int(np.flatnonzero(inside >= inside.max() - 1e-6)[-1])
    return best, (box >= best) & (box < known.stops[best])


def _longer(text: str) -> frozenset[str]:
    """The longer words of a text; of scripts without blanks between words, pairs of letters.

    >>> sorted(_longer("storm hits the coast")), sorted(_longer("暴风雨"))
    (['coast', 'storm'], ['暴风', '风雨'])
    """
    dense = _DENSE.findall(text) if not text.isascii() else []
    if len(dense) * 2 > len(text):
        return frozenset(map("".join, pairwise(dense)))
    return frozenset(word for word in text.split() if len(word) > 4)


def _shared(vocabulary: Sequence[frozenset[str]], verdicts: Floats) -> Floats:
    """For each block the share of its longer words that other blocks of the article have; .5 without any."""
    counts: dict[str, int] = {}
    inside = (verdicts >= 0.5).tolist()
    for words, here in zip(vocabulary, inside, strict=True):
        if here:
            for word in words:
                counts[word] = counts.get(word, 0) + 1
    found = []
    for words, here in zip(vocabulary, inside, strict=True):
        least = 2 if here else 1
        found.append(sum(counts.get(word, 0) >= least for word in words) / len(words) if words else 0.5)
    return np.array(found)


def _smooth(values: Floats) -> Floats:
    padded = np.pad(values, 2)
    found: Floats = padded[:-4] + 2 * padded[1:-3] + 3 * padded[2:-2] + 2 * padded[3:-1] + padded[4:]
    return found


def _plain_columns(blocks: Blocks, plain: Sequence[str], is_prose: Bools) -> list[Bools]:
    seen: dict[str, int] = {}
    for text in plain:
        seen[text] = seen.get(text, 0) + 1
    ends = np.array([_END.search(text[-8:]) is not None for text in blocks.texts])
    return [ends, np.array([seen[text] > 1 for text in plain]), is_prose]


def _titles(blocks: Blocks, plain: Sequence[str], declared: Declared) -> tuple[Floats, int]:
    """For each block how much of it are words of the title (2: it is a title), and which is the headline (-1: none)."""
    titles = {_PLAIN.sub(" ", one).strip().lower() for one in declared.titles()} - {""}
    words = set(" ".join(titles).split())
    tags = [blocks.boxes[box].tag for box in blocks.box]
    share = [2.0 if text in titles else _share(text, words) for text in plain]
    named = [place for place, one in enumerate(share) if one == 2.0]
    firsts = [place for place in named if tags[place] == "h1"] or named
    if not firsts:
        firsts = [place for place, tag in enumerate(tags) if tag == "h1"]
    return np.array(share), firsts[0] if firsts else -1


def _share(text: str, words: set[str]) -> float:
    mine = text.split()
    return sum(word in words for word in mine) / len(mine) if mine else 0.0


def _headline_columns(count: int, headline: int, is_prose: Bools) -> list[Bools]:
    places = np.arange(count)
    there = np.full(count, headline >= 0)
    last = int(np.flatnonzero(is_prose)[-1]) if is_prose.any() else count - 1
    return [there, places == headline, there & (places < headline), places > last]


def _articles(blocks: Blocks, box: NDArray[np.int64], headline: int, prose: Floats) -> list[Bools]:
    """Three columns: in any article element, in the one with most prose, in one that holds the headline."""
    spans = [(place, blocks.stop[place]) for place, element in enumerate(blocks.boxes) if element.tag == "article"]
    inside = [(box >= start) & (box < stop) for start, stop in spans]
    nothing = np.zeros(len(box), bool)
    if not spans:
        return [nothing, nothing, nothing]
    most = max(inside, key=lambda here: float(prose[here].sum()))
    headed = [here for here in inside if headline >= 0 and here[headline]]
    return [np.logical_or.reduce(inside), most, np.logical_or.reduce(headed) if headed else nothing]


def _described(plain: Sequence[str], declared: Declared) -> Bools:
    told = " | ".join(_PLAIN.sub(" ", one).strip().lower() for one in declared.descriptions())
    return np.array([len(text) > _PROBE and text in told for text in plain])


def _in_body(plain: Sequence[str], declared: Declared) -> list[Bools]:
    """Three columns: the page declares no body; it does, and this is in it; it does, and this is not."""
    body = declared.article_body()
    count = len(plain)
    if len(body) < 200:
        return [np.ones(count, bool), np.zeros(count, bool), np.zeros(count, bool)]
    body = " " + _PLAIN.sub(" ", body).strip().lower() + " "
    inside = np.array([_within(text, body) for text in plain])
    return [np.zeros(count, bool), inside, ~inside]


def _within(text: str, body: str) -> bool:
    if len(text) <= _PROBE:
        return f" {text} " in body
    return text[:_PROBE] in body or text[-_PROBE:] in body


def _letters(texts: Sequence[str], sizes: NDArray[np.int64]) -> list[Floats]:
    """Shares of capitals and of digits."""
    whole = "".join(texts)
    small = whole.lower()
    if len(small) != len(whole):  # a few letters become two
        small = "".join(letter.lower()[0] for letter in whole)
    codes, others = (np.frombuffer(one.encode("utf-32-le", "surrogatepass"), np.uint32) for one in (whole, small))
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    capitals = np.add.reduceat((codes != others).astype(np.int64), starts)
    digits = np.add.reduceat(((codes >= ord("0")) & (codes <= ord("9"))).astype(np.int64), starts)
    return [capitals / sizes, digits / sizes]


def _amounts_of_boxes(
    prose: Floats, words: Floats, links: Floats, levels: Sequence[NDArray[np.int64]], kinds: NDArray[np.int64]
) -> list[Floats]:
    total = max(float(prose.sum()), 1.0)
    above = [np.bincount(keys, prose)[keys] for keys in levels[1:4]]
    mine = np.bincount(kinds, prose)[kinds]
    number = np.bincount(kinds)[kinds]
    return [
        *(one / total for one in above),
        mine / total,
        number.astype(float),
        np.bincount(kinds, links)[kinds] / number,
        above[0],
        mine,
        above[0] / np.bincount(levels[1], words)[levels[1]].clip(1),
    ]


def _places(prose: Floats, words: Floats, headline: int) -> list[Floats]:
    count = len(words)
    places = np.arange(count, dtype=float)
    from_headline = places - headline if headline >= 0 else np.zeros(count)
    far = np.abs(from_headline) if headline >= 0 else np.full(count, 99.0)
    return [
        places / count,
        np.cumsum(words) / max(float(words.sum()), 1.0),
        np.cumsum(prose) / max(float(prose.sum()), 1.0),
        from_headline / count,
        far,
    ]


def _bits(chosen: Sequence[int], count: int) -> Floats:
    """One column each; -1 is none."""
    found = np.zeros((len(chosen), count + 1))
    found[np.arange(len(chosen)), chosen] = 1
    return found[:, :count]


def _set_bits(values: NDArray[np.int64], count: int) -> Floats:
    found: Floats = ((values[:, None] >> np.arange(count)) & 1).astype(float)
    return found


def _binned(values: Floats, cuts: Sequence[float]) -> Floats:
    """A column for each bin."""
    found = np.zeros((len(values), len(cuts) + 1))
    found[np.arange(len(values)), np.searchsorted(cuts, values)] = 1
    return found


def _bin_names(cuts: dict[str, tuple[float, ...]]) -> list[str]:
    found: list[str] = []
    for name, edges in cuts.items():
        found.append(f"{name}: up to {edges[0]:g}")
        found += [f"{name}: {low:g} to {high:g}" for low, high in pairwise(edges)]
        found.append(f"{name}: above {edges[-1]:g}")
    return found
