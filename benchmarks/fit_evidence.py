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
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # measure the source tree beside this file, whatever is installed

from gold import FOLDS, Page, fold_of, pages
from judging import FOLDS_FILE, Data, Fold, Judged, at, curve, gather, generic_rules, groups, joined, judge, tenths, whole_lines
from model_file import rendered

from cleaner.document import Document, Source
from cleaner.evidence.assessor import Assessor, evidence_folder
from cleaner.evidence.headline import candidates
from cleaner.evidence.lexicon import Lexicon
from cleaner.evidence.model import Model, Structure, read_model
from cleaner.evidence.settings import EvidenceSettings, Strength
from cleaner.evidence.stretches import Bools, Floats, Ints
from cleaner.layout import close_gaps
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
AGAIN = -0.7
"""Score from which lines go before a page comes a second time: below the default strength, so that what is left by a hair is not fitted to as
article. Chosen among a few by the number of pages that a second cleaning changes: 4 to 8 of 517, which is partly chance."""


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


def cleaned_once(data: Data, model: Model, folds: Sequence[Fold]) -> Iterator[Page]:
    """The pages as a first cleaning leaves them: what is cleaned comes back, and is to stay as it is."""
    stripper = Stripper(generic_rules())
    stronger = replace(model, thresholds={**model.thresholds, Strength.DEFAULT.value: AGAIN})
    assessors = [Assessor(EvidenceSettings(), one.model(stronger)) for one in folds]
    for page in data.pages:
        stripped = stripper.begin(Document(Source(page.host), page.text))
        document = close_gaps(stripped.after(assessors[fold_of(page.host)].assess(stripped.document)))
        gone = whole_lines(document)
        numbers = [number for number, line in enumerate(page.text.split("\n"), 1) if line.strip()]
        kept = [place for place, number in enumerate(numbers) if number not in gone]
        text = document.clean_text
        if len(kept) < len(numbers) and sum(bool(line.strip()) for line in text.split("\n")) == len(kept) > 1:
            labels = "".join(page.labels[place] for place in kept)
            sizes = tuple(page.sizes[place] for place in kept)
            yield replace(page, origin="again", text=text, labels=labels, sizes=sizes)


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


def _usual(data: Data, model: Model) -> Floats:
    """What each feature and table adds to the score of an average line of an article."""
    article = (data.label == 0) * data.size
    usual: Floats = np.round((article @ model.weights[data.cells[:, data.unit]].T) / article.sum(), 2)
    return usual


if __name__ == "__main__":
    main()
