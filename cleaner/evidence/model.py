"""The weights of evidence: a linear model over named features, read from ``rules/evidence/model.toml``.

A feature's value falls into one of its bins, and the bin has a weight; a table has a weight for each combination of some coarse
values. A line's score is the sum of all of them: above 0 speaks for boilerplate. The sum is exact and can be taken apart again, which
is what reasons are made of.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count, takewhile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cleaner.errors import Fault, RuleFaults
from cleaner.evidence.features import Classes, Columns
from cleaner.evidence.surface import Floats, Ints


@dataclass(frozen=True, slots=True)
class Binned:
    """A feature and its bins.

    Attributes:
        name: of the feature.
        edges: where a new bin begins, rising; a value on an edge belongs to the bin above it.
    """

    name: str
    edges: tuple[float, ...]


class _Steps(NamedTuple):
    """How values fall into bins, worked out once.

    Attributes:
        names: the feature of each binning, features themselves and coarse values mixed, those with most edges first.
        edges: the first edges of all names that have one, then the second ones of all that have two, and so on, each as a column.
        place: where each feature, and then each coarse value, stands among them.
        strides: what each coarse value counts in the number of a table's cell, shape (tables, coarse values).
        offsets: where the weights of each feature and table begin, as a column.
    """

    names: tuple[str, ...]
    edges: tuple[Floats, ...]
    place: Ints
    strides: Floats
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
        bins = np.zeros(values.shape, np.int16)
        for edges in steps.edges:
            bins[: len(edges)] += values[: len(edges)] >= edges
        bins = bins[steps.place]
        cells = steps.strides @ bins[len(self.features) :]
        found: Ints = np.concatenate((bins[: len(self.features)], cells), dtype=np.int64, casting="unsafe")
        return found + steps.offsets

    @cached_property
    def _steps(self) -> _Steps:
        binned = [*self.features, *self.coarse.values()]
        order = sorted(range(len(binned)), key=lambda number: -len(binned[number].edges))
        ordered = [binned[number] for number in order]
        layers = takewhile(bool, ([one.edges[layer] for one in ordered if layer < len(one.edges)] for layer in count()))
        return _Steps(
            tuple(one.name for one in ordered),
            tuple(np.array(layer)[:, None] for layer in layers),
            np.argsort(order),
            np.array([self._strides(table) for table in self.tables], np.float64).reshape(len(self.tables), len(self.coarse)),
            self.offsets()[:-1, None],
        )

    def _strides(self, table: Sequence[str]) -> list[int]:
        """What each coarse value counts in the number of a table's cell: the last one of the table 1, others what is behind them."""
        found = dict.fromkeys(self.coarse, 0)
        stride = 1
        for name in reversed(table):
            found[name] = stride
            stride *= len(self.coarse[name].edges) + 1
        return list(found.values())

    def offsets(self) -> Ints:
        """Where the weights of each feature and table begin among all weights, and their number behind."""
        sizes = [len(feature.edges) + 1 for feature in self.features]
        sizes += [int(np.prod([len(self.coarse[name].edges) + 1 for name in table])) for table in self.tables]
        return np.concatenate(([0], np.cumsum(sizes)))

    def kinds(self) -> list[str]:
        """The kind of reason that each feature and table gives, in the order of ``cells``."""
        names = [feature.name for feature in self.features] + [" x ".join(table) for table in self.tables]
        return [self.about[name] for name in names]


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """The structure with its weights, and what is made of a score.

    Attributes:
        structure: what is weighed.
        weights: of all bins and cells, end to end, shape (offsets[-1],).
        intercept: score of a line with no weight at all.
        usual: for each feature and table, what it adds to the score of an average line of an article.
        stake: how much surer a line must be for each time e of its share of the article.
        stake_free: share of the article, 0..1, below which that counts nothing.
        lift: how much lines between surer ones gain at most.
        fade: what of it is lost with every line.
        scores: points of the line from score to confidence, rising.
        confidences: share of boilerplate among lines with these scores, 0..1.
        thresholds: name of a strength -> score from which a line goes.
        doubtful: score from which a line is doubtful.
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
    doubtful: float

    def contributions(self, columns: Columns) -> Floats:
        """What each feature and table adds to the score of each line, shape (features + tables, lines)."""
        added: Floats = self.weights[self.structure.cells(columns)]
        return added

    def confidence(self, score: float) -> float:
        """Share of boilerplate among lines with this score, 0..1, as it was on pages that the weights had not seen."""
        return float(np.interp(score, self.scores, self.confidences))


SURE = 8.0
"""Score of a line that a rule takes."""


def decisive(model: Model, scores: Floats, stake: Floats, ruled: Sequence[bool] | np.ndarray[Any, Any]) -> Floats:
    """The scores that are compared with a strength's threshold.

    The more of the article a line would take along, the surer it must be; and a line between surer ones gains, for what goes of a
    block should go as a whole.

    Args:
        model: its ``stake`` and ``lift`` hold how much.
        scores: of the lines of one document, in order.
        stake: logarithm of each line's share of the article.
        ruled: which lines a rule takes.
    """
    own = scores - model.stake * np.maximum(0.0, stake - np.log(model.stake_free))
    own = np.where(ruled, np.maximum(own, SURE), own)
    values = own.tolist()
    from_above = _flow(values, model.lift, model.fade)
    from_below = _flow(values[::-1], model.lift, model.fade)[::-1]
    decided: Floats = np.maximum(own, np.minimum(from_above, from_below))
    return decided


def _flow(values: Sequence[float], lift: float, fade: float) -> list[float]:
    """How far the surest line above can raise each line: by ``lift`` at most, less with every line between."""
    found: list[float] = []
    above = -np.inf
    for value in values:
        above = max(value, min(above, value + lift) - fade)
        found.append(above)
    return found


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
            float(table["doubtful"]["from"]),
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
