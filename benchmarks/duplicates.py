"""Near-duplicate detection held against an exact oracle, and what it costs.

    python benchmarks/duplicates.py [--passages 100000] [--threshold .8] [--containment .9|off] [--seed 1] [--misses 0]
    python benchmarks/duplicates.py --cost | --memory | --growth | --lasting [--most 1000000]

Without a switch it compares every flag of a made-up corpus (``passages_corpus.py``) with what ``oracle.py`` counts, for passages
and for whole documents. Costs are in ``duplicate_costs.py``, the truth of signatures in ``estimates.py``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from time import process_time

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # measure the source tree beside this file, whatever is installed

import numpy as np
from numpy.typing import NDArray
from oracle import Truth, Units, truth_of, units_of
from passages_corpus import Press, Story

from cleaner.dedup.fold import Fold
from cleaner.dedup.settings import DuplicateSettings
from cleaner.dedup.sketch import sketch
from cleaner.document import Document, Duplicate, Relation, Source, Unit, UnitRef

BATCH = 64
"""Documents that are handed over at a time, as the run does it."""
INSIDE_WORDS = 12
"""Words of the shortest unit that has to be found in another."""
LENGTHS = ((8, 15), (16, 30), (31, 60), (61, 120), (121, 10**9))
EDGES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
Mask = NDArray[np.bool_]
RELATIONS = tuple(Relation)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """The units of one kind, what is true of each, and what we said of it.

    Attributes:
        units: n of them.
        truth: of them, among the units of earlier documents.
        relation: shape (n,): place of the flag's relation in ``RELATIONS``; -1 without a flag.
        of: shape (n,): unit that the flag names; -1 without a flag.
        wrong: shape (n,): whether a number of the flag, or its relation, is not that of the very pair.
        closest: shape (n,): exact Jaccard similarity of the most similar unit that the flag names; -1 without a flag.
    """

    units: Units
    truth: Truth
    relation: NDArray[np.int64]
    of: NDArray[np.int64]
    wrong: Mask
    closest: NDArray[np.float64]

    @property
    def across(self) -> Mask:
        """Which units have a flag that names a unit of an earlier document."""
        documents = self.units.documents
        return (self.of >= 0) & (documents[self.of] < documents)

    def says(self, *relations: Relation) -> Mask:
        """Which units have a flag of one of these relations that names a unit of an earlier document."""
        return self.across & np.isin(self.relation, [RELATIONS.index(relation) for relation in relations])

    def says_at_least(self, relation: Relation) -> Mask:
        """Which units have such a flag, or one that goes before it; that may name a unit of their own document."""
        rank = RELATIONS.index(relation)
        return self.says(*RELATIONS[: rank + 1]) | ((self.relation >= 0) & (self.relation < rank))


def flags_of(stories: Sequence[Story], settings: DuplicateSettings) -> Iterator[tuple[str, Duplicate]]:
    """Our flags, each with the name of its document."""
    fold = Fold(settings)
    for at in range(0, len(stories), BATCH):
        documents = documents_of(stories[at : at + BATCH])
        for document in fold.add_all(documents, sketch(documents, settings, across=True)):
            for flag in document.duplicates:
                yield document.source.input, flag


def documents_of(stories: Sequence[Story]) -> list[Document]:
    """Stories as documents."""
    return [Document(Source(story.name, None, story.name), story.text) for story in stories]


def judge(units: Units, truth: Truth, keys: Sequence[tuple[str, int | None]], flags: Sequence[tuple[str, Duplicate]],
          settings: DuplicateSettings) -> Judged:  # fmt: skip
    """Our flags beside the truth.

    Args:
        units: of one kind.
        truth: of them.
        keys: document and line of each text that the units were made of.
        flags: of these units.
        settings: that the flags were made with.
    """
    number = {keys[place]: unit for unit, place in enumerate(units.places.tolist())}
    count = len(units)
    judged = Judged(
        units, truth, np.full(count, -1), np.full(count, -1), np.zeros(count, np.bool_), np.full(count, -1.0)
    )  # fmt: skip
    for name, flag in flags:
        unit, of = number[name, flag.line], number[_key(flag.of)]
        judged.relation[unit], judged.of[unit] = RELATIONS.index(flag.relation), of
        right = _exact(units, unit, of, settings) == (flag.relation, round(flag.jaccard, 9), round(flag.containment, 9))
        judged.closest[unit] = flag.jaccard
        if flag.closest is not None:
            _, jaccard, containment = _exact(units, unit, number[_key(flag.closest.of)], settings)
            right &= (jaccard, containment) == (round(flag.closest.jaccard, 9), round(flag.closest.containment, 9))
            judged.closest[unit] = flag.closest.jaccard
        judged.wrong[unit] = not right
    return judged


def _key(of: UnitRef) -> tuple[str, int | None]:
    return of.source.input, of.line


def _exact(units: Units, unit: int, of: int, settings: DuplicateSettings) -> tuple[Relation | None, float, float]:
    """How a unit stands to another, with Jaccard similarity and containment, rounded to nine places."""
    own, other = units.sizes(unit, of)
    common = units.common(unit, of)
    jaccard, containment = common / (own + other - common), common / min(own, other)
    relation = None
    if jaccard >= settings.threshold:
        relation = Relation.SAME
    elif settings.containment is not None and containment >= settings.containment:
        relation = Relation.INSIDE if own <= other else Relation.HOLDS
    return relation, round(jaccard, 9), round(containment, 9)


def shown(name: str, judged: Judged, settings: DuplicateSettings) -> Iterator[str]:
    """The tables of one kind of unit, line by line."""
    units, documents = judged.units, len(np.unique(judged.units.documents))
    distinct, words = len(units.sets), units.words.mean()
    yield f"{name}: {len(units)} compared, in {documents} documents; {distinct} distinct; {words:.0f} words on average"
    yield from _by_similarity(judged, settings.threshold)
    yield from _by_length(judged)
    if settings.containment is not None:
        yield from _by_containment(judged)
    yield from _by_relation(judged)


def _by_similarity(judged: Judged, threshold: float) -> Iterator[str]:
    yield f"  {'best earlier':<14}{'units':>8}{'same':>8}{'recall':>9}{'earliest':>10}{'closest':>9}"
    best = judged.truth.best
    edges = sorted({*EDGES, threshold})
    rows = [(f"{low:.3g} to {high:.3g}", (best >= low) & (best < high)) for low, high in pairwise(edges)]
    rows = [(f"below {edges[0]:.3g}", best < edges[0]), *rows, ("exactly 1", best == 1), ("all to find", best >= threshold)]
    for name, chosen in rows:
        yield _row(name, judged, chosen, to_find=bool((best[chosen] >= threshold).all()))


def _by_length(judged: Judged) -> Iterator[str]:
    yield f"  {'words':<14}{'to find':>8}{'same':>8}{'recall':>9}{'earliest':>10}{'closest':>9}"
    words = judged.units.words
    for low, high in LENGTHS:
        chosen = (words >= low) & (words <= high) & (judged.truth.same >= 0)
        yield _row(f"{low} to {high}" if high < 10**9 else f"{low} or more", judged, chosen, to_find=True)


def _row(name: str, judged: Judged, chosen: Mask, *, to_find: bool) -> str:
    """Of some units how many there are and how many have a flag ``same``; of these how many name what they should."""
    same = judged.says(Relation.SAME) & chosen
    cells = f"  {name:<14}{chosen.sum():>8}{same.sum():>8}"
    if not to_find:
        return cells + "   none is to be flagged"
    earliest, closest = same & (judged.of == judged.truth.same), same & (judged.closest >= judged.truth.best - 1e-9)
    return cells + _share(same, chosen, 9) + _share(earliest, same, 10) + _share(closest, same, 9)


def _by_containment(judged: Judged) -> Iterator[str]:
    yield f"  {'containment':<32}{'units':>8}{'flagged':>9}{'recall':>9}{'earliest':>10}"
    truth, enough = judged.truth, judged.units.words >= INSIDE_WORDS
    smallest = np.where(truth.holds >= 0, judged.units.words[truth.holds], 0)
    inside, holds = (truth.inside >= 0) & enough, (truth.holds >= 0) & (smallest >= INSIDE_WORDS)
    alone = truth.same < 0
    for name, chosen, relation, expected in (
        ("inside an earlier one", inside, Relation.INSIDE, None),
        ("  and the same as none", inside & alone, Relation.INSIDE, truth.inside),
        ("holds an earlier one", holds, Relation.HOLDS, None),
        ("  and the same as, inside none", holds & alone & (truth.inside < 0), Relation.HOLDS, truth.holds),
    ):
        found = judged.says_at_least(relation) & chosen
        named = judged.says(relation) & chosen
        earliest = "" if expected is None else _share(named & (judged.of == expected), named, 10)
        yield f"  {name:<32}{chosen.sum():>8}{found.sum():>9}{_share(found, chosen, 9)}{earliest}"


def _by_relation(judged: Judged) -> Iterator[str]:
    yield f"  {'flags':<14}{'all':>8}{'in their own document':>24}{'wrong':>8}{'precision':>11}"
    for place, relation in enumerate(RELATIONS):
        chosen = judged.relation == place
        own, wrong = chosen & ~judged.across, chosen & judged.wrong
        yield f"  {relation.value:<14}{chosen.sum():>8}{own.sum():>24}{wrong.sum():>8}{_share(chosen & ~wrong, chosen, 11)}"


def _share(part: Mask, whole: Mask, width: int) -> str:
    return (f"{part.sum() / whole.sum():.3%}" if whole.any() else "-").rjust(width)


def missed(judged: Judged, texts: Sequence[str], most: int) -> Iterator[str]:
    """What was missed, a line each: first what is the same as an earlier unit, then what is inside one or holds one."""
    truth, units = judged.truth, judged.units
    alone = truth.same < 0
    for name, chosen, earlier in (
        ("same", (truth.same >= 0) & ~judged.says(Relation.SAME), truth.same),
        ("inside", (truth.inside >= 0) & alone & ~judged.says_at_least(Relation.INSIDE), truth.inside),
        ("holds", (truth.holds >= 0) & alone & (truth.inside < 0) & ~judged.says_at_least(Relation.HOLDS), truth.holds),
    ):
        for unit in np.flatnonzero(chosen)[:most].tolist():
            of = int(earlier[unit])
            own, other = units.sizes(unit, of)
            flag = RELATIONS[judged.relation[unit]].value if judged.relation[unit] >= 0 else "no flag"
            yield (
                f"  missed {name}: unit {unit} as {of}; shingles {own}, {other}, common {units.common(unit, of)}; "
                f"best {truth.best[unit]:.3f}; alike {truth.alike[unit]}; {flag}; "
                f"{texts[int(units.places[unit])][:60]!r}, {texts[int(units.places[of])][:60]!r}"
            )


def measure(asked: argparse.Namespace) -> Iterator[str]:
    """Compares flags with the truth; what to print, line by line."""
    began = process_time()
    stories = list(Press(asked.seed).stories(asked.passages))
    containment = asked.containment or "off"
    yield f"threshold {asked.threshold:g}, containment {containment}; the corpus took {process_time() - began:.0f} s"
    settings = DuplicateSettings(units=frozenset(Unit), threshold=asked.threshold, containment=asked.containment)
    began = process_time()
    flags = list(flags_of(stories, settings))
    yield f"ours took {process_time() - began:.0f} s"
    for unit in (Unit.PASSAGE, Unit.DOCUMENT):
        began = process_time()
        if unit is Unit.PASSAGE:
            texts = [line for story in stories for line in story.lines]
            keys: list[tuple[str, int | None]] = [
                (story.name, story.number(place)) for story in stories for place in range(len(story.lines))
            ]
            documents = [number for number, story in enumerate(stories) for _ in story.lines]
        else:
            texts, keys, documents = (
                [" ".join(one.lines) for one in stories],
                [(one.name, None) for one in stories],
                [*range(len(stories))],
            )
        units = units_of(texts, documents)
        truth = truth_of(units, asked.threshold, asked.containment or 2)
        yield f"\nthe oracle took {process_time() - began:.0f} s"
        judged = judge(units, truth, keys, [(name, flag) for name, flag in flags if flag.unit is unit], settings)
        yield from shown(f"{unit.value}s", judged, settings)
        yield from missed(judged, texts, asked.misses)


def _containment(given: str) -> float | None:
    return None if given == "off" else float(given)


def main() -> None:
    """Reads the command line and prints the tables."""
    parser = argparse.ArgumentParser(description="Near-duplicate detection beside an exact oracle, and what it costs.")
    parser.add_argument("--passages", type=int, default=100_000, help="passages of the corpus (default: 100000)")
    parser.add_argument("--threshold", type=float, default=0.8, help="Jaccard similarity, .5 to 1 (default: .8)")
    parser.add_argument("--containment", type=_containment, default=0.9, help="share, .5 to 1, or off (default: .9)")
    parser.add_argument("--seed", type=int, default=1, help="the same corpus for the same seed (default: 1)")
    parser.add_argument("--misses", type=int, default=0, help="print so many of each kind of miss (default: 0)")
    parser.add_argument("--cost", action="store_true", help="time of each stage, beside datasketch's; truth of the estimate")
    parser.add_argument("--memory", action="store_true", help="bytes a passage")
    parser.add_argument("--growth", action="store_true", help="time a passage as passages become many")
    parser.add_argument("--lasting", action="store_true", help="the index that lasts, over ten runs")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of --cost (default: 5)")
    parser.add_argument(
        "--most", type=int, default=1_000_000, help="passages of --memory, --growth, --lasting at most (default: 1000000)"
    )
    asked = parser.parse_args()
    if not 0.5 <= asked.threshold <= 1:
        parser.error("--threshold: give a number from .5 to 1")
    import duplicate_costs
    import estimates

    parts = [
        part(asked)
        for part, wanted in (
            (duplicate_costs.cost, asked.cost),
            (estimates.estimates, asked.cost),
            (duplicate_costs.memory, asked.memory),
            (duplicate_costs.growth, asked.growth),
            (duplicate_costs.lasting, asked.lasting),
        )
        if wanted
    ]
    for part in parts or [measure(asked)]:
        for line in part:
            print(line, flush=True)


if __name__ == "__main__":
    main()
