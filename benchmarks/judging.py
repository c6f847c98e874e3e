"""What evidence says of the lines of pages with gold, each judged by weights that have not seen its host; and how right that is."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # measure the source tree beside this file, whatever is installed

from gold import Page, fold_of

from cleaner.document import Document, Source
from cleaner.evidence.assessor import Spoken
from cleaner.evidence.features import Extractor, Table
from cleaner.evidence.lexicon import Lexicon
from cleaner.evidence.model import Model, Structure
from cleaner.evidence.stretches import Bools, Floats, Ints
from cleaner.evidence.units import Units, units_of
from cleaner.evidence.verdict import Verdict, verdict
from cleaner.rules.load import load_rules
from cleaner.rules.model import RuleSet
from cleaner.strip import Stripper

AT_ONCE = 32
"""Pages whose features are made at once."""
FOLDS_FILE = Path(__file__).resolve().parent / "evidence_folds.json"
"""The weights of each fold, so that quality can be measured on unseen hosts without fitting again."""


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """All lines of all pages, and the units that are judged.

    Attributes:
        pages: in order.
        page: for each line its page, shape (lines,).
        unit: for each line the unit it is of; a paragraph of hard-wrapped text is one unit.
        label: for each line 1 boilerplate, 0 article, -1 unsure, -2 headline.
        size: letters and digits.
        ruled: whether generic rules take the line.
        cells: which weights each unit takes, shape (features and tables, units).
        tables: the features of the units, some pages at a time.
    """

    pages: Sequence[Page]
    page: Ints
    unit: Ints
    label: Ints
    size: Floats
    ruled: Bools
    cells: Ints
    tables: Sequence[Table]

    @property
    def fold(self) -> Ints:
        """The fold of each line."""
        return np.array([fold_of(page.host) for page in self.pages])[self.page]

    def of_units(self, lines: Any) -> Any:
        """What is known of lines, for units: that of their first line; 0 for the sentences of a text in one line but the last."""
        found = np.zeros(self.cells.shape[1], lines.dtype)
        found[self.unit[::-1]] = lines[::-1]
        return found


def gather(found: Sequence[Page], structure: Structure, lexicon: Lexicon) -> Data:
    """The lines of pages with their features."""
    extractor = Extractor(lexicon, structure.classes)
    stripper = Stripper(generic_rules())
    tables: list[Table] = []
    places: list[int] = []
    ruled: list[bool] = []
    count = 0
    for first in range(0, len(found), AT_ONCE):
        some = found[first : first + AT_ONCE]
        documents = [stripper.strip(Document(Source(page.host), page.text)) for page in some]
        units = units_of([page.text for page in some])
        table = extractor.table(units, Spoken(documents, units).topics())
        for gone, place, line in _filled_lines(documents, units, table):
            places.append(count + place)
            ruled.append(line in gone)
        tables.append(table)
        count += len(units.texts)
    label = np.array([{"K": 0, "D": 1, "U": -1, "H": -2}[letter] for page in found for letter in page.labels])
    size = np.array([size for page in found for size in page.sizes], np.float64)
    owner = np.repeat(np.arange(len(found)), [len(page.labels) for page in found])
    cells = np.concatenate([structure.cells(table.columns) for table in tables], axis=1)
    return Data(found, owner, np.array(places), label, size, np.array(ruled), cells, tables)


def generic_rules() -> RuleSet:
    """The bundled packs that are in force everywhere."""
    return RuleSet(tuple(pack for pack in load_rules().packs if not pack.scoped))


def _filled_lines(documents: Sequence[Document], units: Units, table: Table) -> Iterator[tuple[frozenset[int], int, int]]:
    """For each line that is not blank: the lines of its document that rules take, its unit, its number."""
    # The pages have units of whole lines, and every line that is not blank is of one.
    for number, document in enumerate(documents):
        own = range(*table.stretches.bounds[number : number + 2].tolist())
        unit_of = {line: place for place in own for line in range(int(units.line[place]), int(units.last[place]) + 1)}
        gone = whole_lines(document)
        for line, text in enumerate(document.text.split("\n"), 1):
            if text.strip():
                yield gone, unit_of[line], line


def whole_lines(document: Document) -> frozenset[int]:
    """Numbers of the lines of which rules take nearly all."""
    taken: dict[int, int] = {}
    for removal in document.removals:
        taken[removal.line] = taken.get(removal.line, 0) + removal.span.end - removal.span.start
    lines = document.text.split("\n")
    return frozenset(number for number, size in taken.items() if size >= 0.8 * len(lines[number - 1].strip()))


def joined(one: Data, other: Data) -> Data:
    """The pages of both."""
    label, size, ruled = (np.concatenate((getattr(one, name), getattr(other, name))) for name in ("label", "size", "ruled"))
    return Data(
        pages=[*one.pages, *other.pages],
        page=np.concatenate((one.page, other.page + len(one.pages))),
        unit=np.concatenate((one.unit, other.unit + one.cells.shape[1])),
        label=label,
        size=size,
        ruled=ruled,
        cells=np.concatenate((one.cells, other.cells), axis=1),
        tables=[*one.tables, *other.tables],
    )


class Fold(NamedTuple):
    """Weights that have not seen the hosts of one fold."""

    weights: Floats
    intercept: float
    headline: Floats

    def model(self, model: Model) -> Model:
        """The model with these weights."""
        headline = replace(model.headline, weights=self.headline)
        return replace(model, weights=self.weights, intercept=self.intercept, headline=headline)


def read_folds() -> list[Fold]:
    """The weights of each fold, as the last fit left them."""
    table = json.loads(FOLDS_FILE.read_text(encoding="utf-8"))
    return [Fold(np.array(one["weights"]), one["intercept"], np.array(one["headline"])) for one in table]


def fold_models(model: Model) -> list[Model]:
    """The model of each fold: what is measured with it comes from hosts that its weights have not seen.

    Raises:
        ValueError: the folds were fitted to another structure.
    """
    folds = read_folds()
    fits = (len(one.weights) == len(model.weights) and len(one.headline) == len(model.headline.weights) for one in folds)
    if not all(fits):
        raise ValueError(f"{FOLDS_FILE} does not fit the model; run benchmarks/fit_evidence.py --write")
    return [one.model(model) for one in folds]


class Judged(NamedTuple):
    """What is said of each line, by weights that have not seen its host.

    Attributes:
        scores: what is compared with a strength.
        headline: whether it is its page's headline, and stays.
    """

    scores: Floats
    headline: Bools

    def goes(self, threshold: float) -> Bools:
        """Which lines go."""
        gone: Bools = (self.scores >= threshold) & ~self.headline
        return gone


def judge(data: Data, model: Model, folds: Sequence[Fold]) -> Judged:
    """The verdict on every line, out of fold."""
    fold = data.of_units(data.fold)
    scores = np.zeros(len(fold))
    for number, one in enumerate(folds):
        here = fold == number
        scores[here] = np.rint(one.weights * 100)[data.cells[:, here]].sum(axis=0) / 100 + one.intercept
    found: list[Verdict] = []
    first = 0
    for table in data.tables:
        here = slice(first, first + len(table.stretches.owner))
        votes = np.stack([one.model(model).headline.votes(table) for one in folds])[fold[here], table.stretches.places]
        found.append(verdict(model, table, scores[here], votes))
        first = here.stop
    final, headline = (np.concatenate([getattr(one, name) for one in found]) for name in ("scores", "headline"))
    return Judged(final[data.unit], headline[data.unit])


def curve(data: Data, judged: Judged, chosen: Bools, losses: Sequence[float]) -> list[tuple[float, float]]:
    """For each permitted loss the threshold and the recall: averages over the chosen pages, of letters and digits."""
    count = len(data.pages)
    kept = np.bincount(data.page, data.size * (data.label == 0), count)
    dropped = np.bincount(data.page, data.size * (data.label == 1), count)
    worth_k = data.size * (data.label == 0) / np.maximum(kept, 1)[data.page] / max((chosen & (kept > 0)).sum(), 1)
    worth_d = data.size * (data.label == 1) / np.maximum(dropped, 1)[data.page] / max((chosen & (dropped > 0)).sum(), 1)
    here = np.flatnonzero(chosen[data.page])
    final = np.where(data.ruled, 99.0, np.where(judged.headline, -99.0, judged.scores))
    value = final[here]
    order = here[np.argsort(-value, kind="stable")]
    lost, gone = np.cumsum(worth_k[order]), np.cumsum(worth_d[order])
    level = final[order]
    found = []
    for loss in losses:
        allowed = np.flatnonzero(lost <= loss)
        last = int(allowed[-1]) if len(allowed) else 0
        found.append((float(level[last]), float(gone[last])))
    return found


def at(data: Data, judged: Judged, chosen: Bools, threshold: float) -> tuple[float, float]:
    """Recall and loss at a threshold."""
    count = len(data.pages)
    gone = data.ruled | judged.goes(threshold)
    parts = []
    for label in (1, 0):
        total = np.bincount(data.page, data.size * (data.label == label), count)
        taken = np.bincount(data.page, data.size * (data.label == label) * gone, count)
        pick = chosen & (total > 0)
        parts.append(float((taken[pick] / total[pick]).mean()) if pick.any() else 0.0)
    return parts[0], parts[1]


def groups(data: Data) -> dict[str, Bools]:
    """Pages by file and language."""
    found: dict[str, Bools] = {}
    for origin in ("text_article", "text_page"):
        for name, pick in (("en", {"en"}), ("de", {"de"}), ("others", None)):
            found[f"{origin} {name}"] = np.array(
                [p.origin == origin and (p.language in pick if pick else p.language not in ("en", "de")) for p in data.pages]
            )
    return found


class Tenth(NamedTuple):
    """Lines of a tenth of confidence: what it says on average, what share of them is boilerplate, how many they are."""

    confidence: float
    share: float
    lines: int


def tenths(data: Data, judged: Judged, model: Model) -> Iterator[Tenth]:
    """How true the confidence is, by tenths with 300 lines or more."""
    scored = np.array([page.origin.startswith("text_") for page in data.pages])[data.page] & (data.label >= 0)
    confidence = np.interp(judged.scores, model.scores, model.confidences)
    for tenth in range(10):
        here = scored & (confidence >= tenth / 10) & (confidence < (tenth + 1) / 10 + (tenth == 9))
        if here.sum() >= 300:
            yield Tenth(float(confidence[here].mean()), float(data.label[here].mean()), int(here.sum()))
