"""Fits the weights of ``rules/evidence/model.toml`` to pages with gold, and says how well they do on hosts they were not fitted to.

    CLEANER_EVAL=folder python benchmarks/fit_evidence.py [--write]

The structure (features, bins, tables, classes) is read from the file and stays; only weights, calibration and the figures at its top
are written. Everything is fitted in folds by host, so that each figure comes from pages whose hosts the weights have not seen; with
``--write`` the weights are then fitted once more to all pages. The same data give the same file: folds come from a hash of the
host, and the solver starts from zero.

Besides the folder's pages the look-alike pages and the articles of ``tests`` are fitted to: invented ones, with gold of our own.
A line weighs by its share of its document's boilerplate or article, and article weighs ``COST`` times as much: one lost character of an
article costs as much as that many characters of boilerplate that stay.

Needs scikit-learn (BSD-3-Clause), which nothing else does.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import importlib.util
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # measure the source tree beside this file, whatever is installed

from cleaner.document import Document, Source
from cleaner.evidence.assessor import Assessor, Spoken, evidence_folder
from cleaner.evidence.features import Extractor, Table
from cleaner.evidence.headline import candidates
from cleaner.evidence.lexicon import Lexicon
from cleaner.evidence.model import Model, Structure, read_model
from cleaner.evidence.settings import EvidenceSettings
from cleaner.evidence.stretches import Bools, Floats, Ints
from cleaner.evidence.units import Units, units_of
from cleaner.evidence.verdict import Verdict, verdict
from cleaner.evidence.widgets import Widgets
from cleaner.layout import close_gaps
from cleaner.rules.load import load_rules
from cleaner.rules.model import RuleSet
from cleaner.strip import Stripper

COST = 90.0
"""Characters of boilerplate left that one lost character of an article is worth."""
HEADLINE = 0.6
"""What a headline costs beside a line of the article of the same length: the scorer leaves headlines out, but readers want them."""
RIDGE = 0.01
"""Inverse strength of the L2 penalty, as scikit-learn counts it."""
HEADLINE_RIDGE = 0.3
"""The same for the weights of headlines."""
BY_ZONE = (("zone", "length", "sentence"), {0: (0.3, -0.3), 1: (-0.3, -0.3), 2: (0.0, -0.3)}, 4)
OUTSIDE = ("doc_outside", -0.25, 3)
"""What is added to weights after the fit: to a table by zone, for lines below and from the fourth bin of length (16 words) on; to a
feature from its third bin on (three quarters of the lines stand outside the article).

The fit makes the most of all lines together. Near the thresholds, where it counts, a line inside the article, or a long one outside, was
ten times as often a line of the article as one of the same score elsewhere. And on whole pages so much is sure that more can be left.
"""
LEAST = 200.0
"""Characters below which a document's article or boilerplate is weighed as if it had that many."""
ORIGIN_WEIGHT = {"text_article": 1.0, "text_page": 1.0, "snippets": 2.0, "lookalike": 1.0, "article": 0.2, "again": 0.2}
"""Weight of a document by where it comes from: our articles hold no boilerplate at all; pages cleaned once come a second time."""
AT_ONCE = 32
"""Pages whose features are made at once."""
FOLDS = 10
FOLDS_FILE = Path(__file__).resolve().parent / "evidence_folds.json"
"""The weights of each fold, so that quality can be measured on unseen hosts without fitting again."""
TESTS = Path(__file__).resolve().parent.parent / "tests"


@dataclass(frozen=True, slots=True)
class Page:
    """A page with gold.

    Attributes:
        origin: which file or folder it comes from.
        host: pages of one host are in one fold.
        language: two letters.
        text: the dump.
        labels: for each line that is not blank, K keep, D drop, U unsure or H headline.
        sizes: for each, the letters and digits that the scorer counts.
        held_out: whether no rule writer looks at it.
    """

    origin: str
    host: str
    language: str
    text: str
    labels: str
    sizes: tuple[int, ...]
    held_out: bool


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


def pages(folder: Path) -> Iterator[Page]:
    """All pages that are fitted to."""
    scorer = module(folder / "score_text.py")
    for origin in ("text_article", "text_page"):
        for record in records(folder / f"{origin}.jsonl.gz"):
            labels = "".join("H" if why == "title" else label for label, why in zip(record["labels"], record["why"], strict=True))
            yield _page(scorer, origin, (record["host"], record["lang"]), record["text"], labels)
    for record in records(folder / "snippets.jsonl.gz"):
        yield _page(scorer, "snippets", (record["host"], record["lang"]), record["text"], _snippet_labels(folder, record))
    for path in sorted((TESTS / "lookalike").glob("*.txt")):
        text, labels = lookalike(path)
        yield _page(scorer, "lookalike", (path.stem, path.stem.split("-")[0]), text, labels)
    for path in sorted((TESTS / "golden" / "article").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        yield _page(scorer, "article", (path.stem, ""), text, "K" * sum(not line.isspace() for line in text.split("\n") if line))


def lookalike(path: Path) -> tuple[str, str]:
    """Text and labels of a look-alike page: each line that is not blank begins with its label and a blank."""
    rows = path.read_text(encoding="utf-8").split("\n")
    return "\n".join(row[2:] if row.strip() else row for row in rows), "".join(row[0] for row in rows if row.strip())


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
        gone = _whole_lines(document)
        for line, text in enumerate(document.text.split("\n"), 1):
            if text.strip():
                yield gone, unit_of[line], line


def _whole_lines(document: Document) -> frozenset[int]:
    """Numbers of the lines of which rules take nearly all."""
    taken: dict[int, int] = {}
    for removal in document.removals:
        taken[removal.line] = taken.get(removal.line, 0) + removal.span.end - removal.span.start
    lines = document.text.split("\n")
    return frozenset(number for number, size in taken.items() if size >= 0.8 * len(lines[number - 1].strip()))


def weights(data: Data) -> Floats:
    """How much each line counts in the fit; 0 for unsure ones."""
    count = len(data.pages)
    found = np.zeros(len(data.label))
    for label, beside, cost in ((0, 0, COST), (1, 1, 1.0), (-2, 0, HEADLINE * COST)):
        here, whole = data.label == label, data.label == beside
        total = np.bincount(data.page[whole], data.size[whole], count)
        found[here] = cost * data.size[here] / np.maximum(total, LEAST)[data.page[here]]
    share: Floats = found * np.array([ORIGIN_WEIGHT[page.origin] for page in data.pages])[data.page]
    return share


class Fold(NamedTuple):
    """Weights that have not seen the hosts of one fold."""

    weights: Floats
    intercept: float
    headline: Floats

    def model(self, model: Model) -> Model:
        """The model with these weights."""
        headline = replace(model.headline, weights=self.headline)
        return replace(model, weights=self.weights, intercept=self.intercept, headline=headline)


def held_out(host: str) -> bool:
    """Whether a host belongs to the part that no rule writer looks at."""
    return hashlib.sha1(host.encode(), usedforsecurity=False).hexdigest()[-1] in "0123"


def fold_of(host: str) -> int:
    """The fold of a host."""
    return int(hashlib.sha1(f"fold {host}".encode(), usedforsecurity=False).hexdigest(), 16) % FOLDS


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


def _logistic(cells: Ints, size: int, label: Bools, weight: Floats, ridge: float) -> tuple[Floats, float]:
    """Weights of all bins, and intercept: logistic regression on which bins hold, shape of ``cells`` (features, rows)."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    rows = cells.T
    pointers = np.arange(0, rows.size + 1, rows.shape[1])
    matrix = csr_matrix((np.ones(rows.size, np.float32), rows.reshape(-1), pointers), shape=(len(rows), size))
    model = LogisticRegression(C=ridge, max_iter=400).fit(matrix, label, sample_weight=weight / weight.mean())
    return np.round(model.coef_[0], 2) + 0.0, round(float(model.intercept_[0]), 2)


def fit(data: Data, model: Model, rows: Bools) -> Fold:
    """Weights fitted to some lines."""
    weight = weights(data)
    pick = np.flatnonzero(rows & (weight > 0))
    size = int(model.structure.offsets()[-1])
    found, intercept = _logistic(data.cells[:, data.unit[pick]], size, data.label[pick] == 1, weight[pick], RIDGE)
    return Fold(np.round(found + _margins(model.structure), 2), intercept, _headline(data, model, rows))


def _margins(structure: Structure) -> Floats:
    """What ``BY_ZONE`` and ``OUTSIDE`` add to all weights."""
    offsets = structure.offsets()
    found = np.zeros(int(offsets[-1]))
    table, by_zone, long = BY_ZONE
    first = int(offsets[len(structure.features) + structure.tables.index(table)])
    for cell, (zone, length, _) in enumerate(np.ndindex(*(len(structure.coarse[name].edges) + 1 for name in table))):
        found[first + cell] = by_zone[zone][length >= long]
    feature, margin, begin = OUTSIDE
    place = next(number for number, one in enumerate(structure.features) if one.name == feature)
    found[int(offsets[place]) + begin : int(offsets[place + 1])] += margin
    return found


def _headline(data: Data, model: Model, rows: Bools) -> Floats:
    """Weights of a headline fitted to some lines: which of the candidates is it, on pages of which that is known."""
    titled = np.unique(data.page[(data.label == -2) & np.isin(data.page, _asked(data))])
    chosen = data.of_units(rows & np.isin(data.page, titled))
    is_title = data.of_units(data.label == -2)
    cells, label, count = [], [], 0
    for table in data.tables:
        lines = candidates(table)
        lines = lines[chosen[count + lines]]
        cells.append(model.headline.cells(table, lines))
        label.append(is_title[count + lines])
        count += len(table.stretches.owner)
    labels = np.concatenate(label)
    return _logistic(np.concatenate(cells, axis=1), len(model.headline.weights), labels, np.ones(len(labels)), HEADLINE_RIDGE)[0]


def _asked(data: Data) -> Ints:
    """The pages that are asked which line is their headline: in others it is not told, or lines are gone."""
    return np.flatnonzero([page.origin in ("text_article", "text_page", "lookalike") for page in data.pages])


def folds_of(data: Data, model: Model) -> list[Fold]:
    """Weights fitted to the hosts of all folds but one, for each."""
    found: list[Fold] = []
    for number in range(FOLDS):
        found.append(fit(data, model, data.fold != number))
        print(f"fold {number + 1} of {FOLDS}", file=sys.stderr)
    return found


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


def cleaned_once(data: Data, model: Model, folds: Sequence[Fold]) -> Iterator[Page]:
    """The pages as a first cleaning leaves them: what is cleaned comes back, and is to stay as it is."""
    stripper = Stripper(generic_rules())
    assessors = [Assessor(EvidenceSettings(), one.model(model)) for one in folds]
    for page in data.pages:
        stripped = stripper.begin(Document(Source(page.host), page.text))
        document = close_gaps(stripped.after(assessors[fold_of(page.host)].assess(stripped.document)))
        gone = _whole_lines(document)
        numbers = [number for number, line in enumerate(page.text.split("\n"), 1) if line.strip()]
        kept = [place for place, number in enumerate(numbers) if number not in gone]
        text = document.clean_text
        if len(kept) < len(numbers) and sum(bool(line.strip()) for line in text.split("\n")) == len(kept) > 1:
            labels = "".join(page.labels[place] for place in kept)
            sizes = tuple(page.sizes[place] for place in kept)
            yield replace(page, origin="again", text=text, labels=labels, sizes=sizes)


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


def calibration(data: Data, final: Floats) -> tuple[list[float], list[float]]:
    """Points of the line from score to confidence: isotonic over all scored lines, thinned to a few points."""
    from sklearn.isotonic import IsotonicRegression

    origin = np.array([page.origin.startswith("text_") for page in data.pages])[data.page]
    pick = origin & (data.label >= 0) & ~data.ruled
    iso = IsotonicRegression(y_min=0.001, y_max=0.999, out_of_bounds="clip").fit(final[pick], data.label[pick])
    grid = np.unique(np.round(np.quantile(final[pick], np.linspace(0, 1, 25)), 2))
    # Averages over a neighbourhood, so that a point does not stand on the edge of a step.
    values = [float(iso.predict(np.linspace(point - 0.2, point + 0.2, 9)).mean()) for point in grid]
    return grid.tolist(), np.maximum.accumulate(values).tolist()


def main() -> None:
    """Prints the figures, and writes the weights when asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="fit to all pages and write rules/evidence/model.toml")
    options = parser.parse_args()
    if "CLEANER_EVAL" not in os.environ:
        sys.exit("CLEANER_EVAL is not set: name the folder with the evaluation files")
    path = evidence_folder() / "model.toml"
    model = read_model(path)
    lexicon = Lexicon(evidence_folder(), model.structure.classes.names)
    data = gather(list(pages(Path(os.environ["CLEANER_EVAL"]))), model.structure, lexicon)
    again = gather(list(cleaned_once(data, model, folds_of(data, model))), model.structure, lexicon)
    everything = joined(data, again)
    folds = folds_of(everything, model)
    judged = judge(data, model, folds)
    scores, confidences = calibration(data, judged.scores)
    model = replace(model, scores=np.array(scores), confidences=np.array(confidences))
    report(data, judged, model)
    print(f"of {len(again.pages)} pages cleaned once evidence changes {_changed(again, judge(again, model, folds), model):.2%}")
    if options.write:
        fitted = fit(everything, model, np.ones(len(everything.label), np.bool_)).model(model)
        rows = (json.dumps({name: _plain(value) for name, value in one._asdict().items()}) for one in folds)
        FOLDS_FILE.write_text("[\n" + ",\n".join(rows) + "\n]\n", encoding="utf-8")
        told = figures(data, judged, model)
        path.write_text(rendered(replace(fitted, usual=_usual(data, fitted)), told), encoding="utf-8")


def _plain(value: Floats | float) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else value


def _changed(data: Data, judged: Judged, model: Model) -> float:
    """Share of the pages of which something goes that no rule takes."""
    gone = judged.goes(model.thresholds["default"]) & ~data.ruled
    return float((np.bincount(data.page, gone, len(data.pages)) > 0).mean())


def report(data: Data, judged: Judged, model: Model) -> None:
    """Prints recall by permitted loss, what the strengths reach, and how true the confidence is."""
    losses = (0.0004, 0.00075, 0.0015, 0.003, 0.01)
    for name, chosen in groups(data).items():
        row = "  ".join(
            f"@{loss:.3%} {recall:.3f}" for loss, (_, recall) in zip(losses, curve(data, judged, chosen, losses), strict=True)
        )
        print(f"{name:22} {row}", flush=True)
    print(*figures(data, judged, model), sep="\n")
    for threshold in np.concatenate((np.arange(-3.0, -1.0, 0.25), np.arange(-1.0, 0.0, 0.05), np.arange(0.0, 4.1, 0.25))):
        cells = (at(data, judged, chosen, threshold) for chosen in groups(data).values())
        print(f"{threshold:5.2f}  " + "  ".join(f"{recall:.3f} {loss:.3%}" for recall, loss in cells))


def figures(data: Data, judged: Judged, model: Model) -> list[str]:
    """Recall and loss of each strength, out of fold, on hosts that rule writers saw and on those they did not; and the calibration."""
    rows = [f"{'recall / body loss, out of fold by host':40} {'all hosts':>17} {'seen':>17} {'held out':>17}"]
    held = np.array([page.held_out for page in data.pages])
    for strength, threshold in model.thresholds.items():
        for name, chosen in groups(data).items():
            cells = [at(data, judged, chosen & part, threshold) for part in (held | ~held, ~held, held)]
            rows.append(f"{strength:9} {name:30} " + " ".join(f"{recall:8.3f} {loss:8.3%}" for recall, loss in cells))
    told = [f"{one.confidence:.2f}: {one.share:.2f} of {one.lines:,}" for one in tenths(data, judged, model)]
    rows.append("share of boilerplate by tenths of confidence, out of fold: " + ", ".join(told))
    return rows


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


def _usual(data: Data, model: Model) -> Floats:
    """What each feature and table adds to the score of an average line of an article."""
    article = (data.label == 0) * data.size
    usual: Floats = np.round((article @ model.weights[data.cells[:, data.unit]].T) / article.sum(), 2)
    return usual


def rendered(model: Model, told: Sequence[str]) -> str:
    """The file's text: what stands before the first table stays what people wrote, and everything else follows from the model."""
    structure, offsets = model.structure, model.structure.offsets()
    path = evidence_folder() / "model.toml"
    head = path.read_text(encoding="utf-8").split("# -- figures", 1)[0]
    rows = [head + "# -- figures of the last fit: python benchmarks/fit_evidence.py --write", *(f"# {row}" for row in told), ""]
    rows += [f"intercept = {model.intercept:g}", ""]
    rows += [
        "[strength]  # score from which a line goes",
        *(f"{name} = {score:g}" for name, score in model.thresholds.items()),
        "",
    ]
    rows += ["[sure]  # score that a line of a document must reach, or nothing of it goes", f"from = {model.opens:g}", ""]
    rows += ["[doubtful]  # score from which a line is doubtful", f"from = {model.doubtful:g}", ""]
    rows += ["[stake]  # the more of the article a line would take along, the surer it must be"]
    rows += [f"weight = {model.stake:g}", f"free = {model.stake_free:g}", ""]
    rows += ["[lift]  # what a line gains at most from surer lines above and below, and what of it every line between costs"]
    rows += [f"most = {model.lift:g}", f"fade = {model.fade:g}", ""]
    rows += [*_widgets(model.widgets), ""]
    rows += ["[calibration]  # from score to confidence"]
    rows += [f"scores = {_numbers(model.scores, 2)}", f"confidences = {_numbers(model.confidences, 3)}", ""]
    parts = np.split(model.headline.weights, np.cumsum([len(one.edges) + 1 for one in model.headline.features])[:-1])
    for one, part in zip(model.headline.features, parts, strict=True):
        rows += ["[[headline]]", f'name = "{one.name}"', f"edges = {_numbers(one.edges)}", f"weights = {_numbers(part, 2)}", ""]
    classes = structure.classes
    rows += ["[classes]  # of the lexicons, and what they are used for"]
    for name in ("names", "topics", "telling", "openers"):
        rows.append(f"{name} = {json.dumps(list(getattr(classes, name)))}")
    rows += ["", "[classes.groups]  # classes that are looked for around a line"]
    rows += [f"{name} = {json.dumps(list(group))}" for name, group in classes.groups.items()]
    rows += ["", "[coarse]  # coarser bins of features, for the tables"]
    rows += [f'{name} = {{ of = "{one.name}", edges = {_numbers(one.edges)} }}' for name, one in structure.coarse.items()]
    for number, feature in enumerate(structure.features):
        part = model.weights[offsets[number] : offsets[number + 1]]
        rows += ["", "[[feature]]", f'name = "{feature.name}"', f'about = "{structure.about[feature.name]}"']
        rows += [f"edges = {_numbers(feature.edges)}", f"weights = {_numbers(part, 2)}", f"usual = {model.usual[number]:g}"]
    for number, table in enumerate(structure.tables, len(structure.features)):
        part = model.weights[offsets[number] : offsets[number + 1]]
        rows += ["", "[[table]]", f"of = {json.dumps(list(table))}", f'about = "{structure.about[" x ".join(table)]}"']
        rows += [f"weights = {_table(part, len(structure.coarse[table[-1]].edges) + 1)}", f"usual = {model.usual[number]:g}"]
    return "\n".join(rows) + "\n"


def _widgets(widgets: Widgets) -> Iterator[str]:
    yield "[widgets]  # what lines in furniture of several lines gain; score from which a line counts as furniture there"
    yield f"sure = {widgets.sure:g}\n"
    yield "[widgets.between]  # lines between two of one kind, each of them at most so many lines off; topics of rules that are of that kind too"
    for group, one in widgets.between.items():
        article = f", article = {one.article:g}" if one.article else ""
        yield f"{group} = {{ lines = {one.lines}, gain = {one.gain:g}, rules = {json.dumps(list(one.rules))}{article} }}"
    yield "\n[widgets.cards]  # lines below an opener, as long as headlines and summaries take turns; below these scores a card is none"
    yield from (f"{name} = {value:g}" for name, value in asdict(widgets.cards).items())
    yield "\n[widgets.lists]  # headlines alone below an opener, so many at least; a list ends with one of a lower score"
    yield from (f"{name} = {value:g}" for name, value in asdict(widgets.lists).items())


def _numbers(values: Sequence[float] | Floats, digits: int | None = None) -> str:
    return "[" + ", ".join(f"{value if digits is None else round(float(value), digits) + 0.0:g}" for value in values) + "]"


def _table(values: Floats, width: int) -> str:
    """The weights of a table, a row for each combination of all coarse values but the last."""
    rows = [", ".join(f"{round(float(value), 2) + 0.0:g}" for value in row) for row in values.reshape(-1, width)]
    return "[\n" + "".join(f"  {row},\n" for row in rows) + "]"


def _page(scorer: Any, origin: str, place: tuple[str, str], text: str, labels: str) -> Page:
    host, language = place
    latin = scorer.is_latin(text)
    sizes = tuple(sum(map(len, scorer.words(line, latin))) for line in text.split("\n") if line.strip())
    return Page(origin, host, language, text, labels, sizes, held_out(host))


def _snippet_labels(folder: Path, record: dict[str, Any]) -> str:
    """Labels of the lines that hold a snippet or stand in one; all others are unsure."""
    plain = module(folder / "score_snippets.py").al
    lines = [plain(line) for line in record["text"].split("\n") if line.strip()]
    labels = ["U"] * len(lines)
    for field, label in (("must_keep", "K"), ("must_drop", "D")):
        for snippet in map(plain, record[field]):
            for place, line in enumerate(lines):
                if (
                    line
                    and snippet
                    and ((snippet in line and len(snippet) >= 0.3 * len(line)) or (len(line) > 12 and line in snippet))
                ):
                    labels[place] = label
    return "".join(labels)


def records(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a file of gzipped JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def module(path: Path) -> Any:
    """A script as a module, loaded once."""
    if path.stem in sys.modules:
        return sys.modules[path.stem]
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules[path.stem] = module
    return module


if __name__ == "__main__":
    main()
