"""The weights of evidence: a linear model over named features, read from ``rules/evidence/model.toml``.

A feature's value falls into one of its bins, and the bin has a weight; a table has a weight for each combination of some coarse
values. A line's score is the sum of all of them: the higher, the surer it is boilerplate; even odds lie well below 0. Weights have two
decimals and are added up as whole hundredths, so the sum is exact in any order and company, and can be taken apart again, which is what reasons are made of.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count, takewhile, zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.errors import Fault, RuleFaults
from cleaner.evidence.features import Classes, Columns
from cleaner.evidence.headline import Binned, Headline
from cleaner.evidence.stretches import Floats, Ints
from cleaner.evidence.widgets import Between, Cards, Lists, Widgets


class _Steps(NamedTuple):
    """How values fall into bins, worked out once.

    Attributes:
        names: the feature of each binning, features themselves and coarse values mixed, those with most edges first.
        edges: the first edges of all names that have one, then the second ones of all that have two, and so on, each as a column.
        place: where each feature stands among them.
        parts: where the first coarse value of each table does, the second one of each, and so on.
        strides: what each of these counts in the number of a table's cell, as columns; 0 for tables with fewer.
        offsets: where the weights of each feature and table begin, as a column.
    """

    names: tuple[str, ...]
    edges: tuple[Floats, ...]
    place: Ints
    parts: tuple[Ints, ...]
    strides: tuple[Ints, ...]
    offsets: Ints


@dataclass(frozen=True, eq=False)
class Structure:
    """What is weighed, without the weights.

    Attributes:
        classes: of the lexicon.
        features: with their bins.
        about: name of a feature or of a table -> the kind of reason it gives.
        coarse: name -> the feature it is made of, with coarser bins.
        tables: combinations of coarse values that are weighed together.
    """

    classes: Classes
    features: tuple[Binned, ...]
    about: Mapping[str, str]
    coarse: Mapping[str, Binned]
    tables: tuple[tuple[str, ...], ...]

    def cells(self, columns: Columns) -> Ints:
        """Which weights each line takes: one of each feature and one of each table, shape (features + tables, lines)."""
        steps = self._steps
        values = columns.rows(steps.names)
        bins = np.zeros(values.shape, np.int8)
        for edges in steps.edges:
            bins[: len(edges)] += (values[: len(edges)] >= edges).view(np.int8)
        cells = np.zeros((len(self.features) + len(self.tables), values.shape[1]), np.int64)
        cells[: len(self.features)] = bins[steps.place]
        cells += steps.offsets
        for part, stride in zip(steps.parts, steps.strides, strict=True):
            cells[len(self.features) :] += bins[part] * stride
        return cells

    @cached_property
    def _steps(self) -> _Steps:
        binned = [*self.features, *self.coarse.values()]
        order = sorted(range(len(binned)), key=lambda number: -len(binned[number].edges))
        ordered = [binned[number] for number in order]
        layers = takewhile(bool, ([one.edges[layer] for one in ordered if layer < len(one.edges)] for layer in count()))
        place = np.argsort(order)
        parts = list(zip_longest(*(self._strides(table) for table in self.tables), fillvalue=(0, 0)))
        return _Steps(
            tuple(one.name for one in ordered),
            tuple(np.array(layer)[:, None] for layer in layers),
            place[: len(self.features)],
            tuple(place[[len(self.features) + number for number, _ in part]] for part in parts),
            tuple(np.array([stride for _, stride in part])[:, None] for part in parts),
            self.offsets()[:-1, None],
        )

    def _strides(self, table: Sequence[str]) -> list[tuple[int, int]]:
        """The coarse values of a table, and what each counts in a cell's number: the last one 1, others what is behind them."""
        numbers = {name: number for number, name in enumerate(self.coarse)}
        found: list[tuple[int, int]] = []
        stride = 1
        for name in reversed(table):
            found.append((numbers[name], stride))
            stride *= len(self.coarse[name].edges) + 1
        return found

    def offsets(self) -> Ints:
        """Where the weights of each feature and table begin among all weights, and their number behind."""
        sizes = [len(feature.edges) + 1 for feature in self.features]
        sizes += [int(np.prod([len(self.coarse[name].edges) + 1 for name in table])) for table in self.tables]
        return np.concatenate(([0], np.cumsum(sizes)))

    def kinds(self) -> list[str]:
        """The kind of reason that each feature and table gives, in the order of ``cells``."""
        names = [feature.name for feature in self.features] + [" x ".join(table) for table in self.tables]
        return [self.about[name] for name in names]


class _Sums(NamedTuple):
    """How contributions are added up by kind of reason, worked out once.

    Attributes:
        kinds: the kinds, by name.
        weights: of all bins and cells, in hundredths.
        rows: for each kind its features and tables.
        usual: what each kind adds to the score of an average line of an article, in hundredths, as a column.
    """

    kinds: tuple[str, ...]
    weights: NDArray[np.int32]
    rows: tuple[Ints, ...]
    usual: Ints


@dataclass(frozen=True, eq=False)
class Model:
    """The structure with its weights, and what is made of a score.

    Attributes:
        structure: what is weighed.
        weights: of all bins and cells, end to end, shape (offsets[-1],); two decimals.
        intercept: score of a line with no weight at all.
        usual: for each feature and table, what it adds to the score of an average line of an article.
        stake: how much surer a line must be for each time e of its share of the article.
        stake_free: share of the article, 0..1, below which that counts nothing.
        lift: how much lines between surer ones gain at most.
        fade: what of it is lost with every line.
        scores: points of the line from score to confidence, rising.
        confidences: share of boilerplate among lines with these scores, 0..1.
        thresholds: name of a strength -> score from which a line goes.
        opens: score that a line of a document must reach, or nothing of it goes.
        doubtful: score from which a line is doubtful.
        widgets: what lines in furniture of several lines gain.
        headline: what speaks for a headline.
    """

    structure: Structure
    weights: Floats
    intercept: float
    usual: Floats
    stake: float
    stake_free: float
    lift: float
    fade: float
    scores: Floats
    confidences: Floats
    thresholds: Mapping[str, float]
    opens: float
    doubtful: float
    widgets: Widgets
    headline: Headline

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of reasons, by name."""
        return self._sums.kinds

    def weigh(self, columns: Columns) -> Ints:
        """What all features and tables of each kind add to the score of each line, in hundredths, shape (kinds, lines)."""
        sums = self._sums
        added = sums.weights.take(self.structure.cells(columns))
        # Kind by kind: many times faster than ``reduceat`` along the first axis.
        return np.stack([np.add.reduce(added[rows], axis=0) for rows in sums.rows]).astype(np.int64)

    def scored(self, weighed: Ints) -> Floats:
        """Scores of lines, from what each kind adds to them."""
        scores: Floats = (weighed.sum(axis=0) + _hundredths(self.intercept)) / 100
        return scores

    def beyond_usual(self, weighed: Ints) -> Ints:
        """What each kind adds to scores beyond what it adds to an average line of an article, in hundredths."""
        return weighed - self._sums.usual

    @cached_property
    def _sums(self) -> _Sums:
        named = self.structure.kinds()
        kinds = tuple(sorted(set(named)))
        rows = tuple(np.flatnonzero(np.array(named) == kind) for kind in kinds)
        usual = np.array([_hundredths(self.usual)[own].sum() for own in rows])
        return _Sums(kinds, _hundredths(self.weights).astype(np.int32), rows, usual[:, None])

    def confidence(self, scores: Floats) -> Floats:
        """Share of boilerplate among lines with these scores, 0..1, as it was on pages that the weights had not seen."""
        return np.interp(scores, self.scores, self.confidences)


def _hundredths(values: Any) -> Any:
    """Values of two decimals as whole numbers."""
    return np.rint(np.asarray(values) * 100).astype(np.int64)


def read_model(path: Path) -> Model:
    """The model of a file.

    Raises:
        RuleFaults: it cannot be read, or weights and structure do not fit each other; with every fault.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        structure = _structure(table)
        parts = [np.array(one["weights"], np.float64) for one in (*table["feature"], *table["table"])]
        faults = [
            Fault(str(path), None, str(one.get("name", one.get("of"))), f"{len(part)} weights for {size} bins; fit it again")
            for one, part, size in zip((*table["feature"], *table["table"]), parts, np.diff(structure.offsets()), strict=True)
            if len(part) != size
        ]
        if faults:
            raise RuleFaults(tuple(faults))
        return Model(
            structure,
            np.concatenate(parts),
            float(table["intercept"]),
            np.array([one["usual"] for one in (*table["feature"], *table["table"])], np.float64),
            float(table["stake"]["weight"]),
            float(table["stake"]["free"]),
            float(table["lift"]["most"]),
            float(table["lift"]["fade"]),
            np.array(table["calibration"]["scores"], np.float64),
            np.array(table["calibration"]["confidences"], np.float64),
            {name: float(score) for name, score in table["strength"].items()},
            float(table["sure"]["from"]),
            float(table["doubtful"]["from"]),
            _widgets(table["widgets"]),
            _headline(table["headline"]),
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise RuleFaults((Fault(str(path), None, None, f"is no model of evidence: {error!r}; install cleaner again"),)) from error


def _structure(table: Mapping[str, Any]) -> Structure:
    classes = table["classes"]
    return Structure(
        Classes(
            tuple(classes["names"]),
            tuple(classes["topics"]),
            tuple(classes["telling"]),
            tuple(classes["openers"]),
            {name: tuple(group) for name, group in classes["groups"].items()},
        ),
        tuple(Binned(one["name"], tuple(map(float, one["edges"]))) for one in table["feature"]),
        {one["name"]: one["about"] for one in table["feature"]} | {" x ".join(one["of"]): one["about"] for one in table["table"]},
        {name: Binned(one["of"], tuple(map(float, one["edges"]))) for name, one in table["coarse"].items()},
        tuple(tuple(one["of"]) for one in table["table"]),
    )


def _widgets(table: Mapping[str, Any]) -> Widgets:
    between = {group: Between(**{**one, "rules": tuple(one["rules"])}) for group, one in table["between"].items()}
    cards, named = (Cards(**table[name]) for name in ("cards", "named"))
    return Widgets(float(table["sure"]), between, cards, named, Lists(**table["lists"]))


def _headline(table: Sequence[Mapping[str, Any]]) -> Headline:
    features = tuple(Binned(one["name"], tuple(map(float, one["edges"]))) for one in table)
    weights = [np.array(one["weights"], np.float64) for one in table]
    if any(len(part) != len(one.edges) + 1 for part, one in zip(weights, features, strict=True)):
        raise ValueError("headline: as many weights as bins are needed")
    return Headline(features, np.concatenate(weights))
