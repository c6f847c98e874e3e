"""The weights of ``rules/html/model.toml``: how sure it is that each block of a page is of its article.

Two sums one after the other: a block by itself and where it stands; then the same with what the first sum said of the blocks around it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cleaner.extract.blocks import Blocks
from cleaner.extract.declared import Declared
from cleaner.extract.features import Floats, Known, around, known, names_of_around, names_of_columns


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Weights.

    Attributes:
        first: of the columns of ``names_of_columns``, and behind them what every block begins with.
        second: the same, of ``names_of_columns`` and ``names_of_around``.
        meanings: how many meanings names have.
    """

    first: Floats
    second: Floats
    meanings: int

    def verdicts(self, page: Known) -> Floats:
        """For each block how sure it is that it is of the article, 0..1."""
        first = _summed(page.columns, self.first)
        return _summed(np.concatenate([page.columns, around(page, first)], axis=1), self.second)

    def known(self, blocks: Blocks, declared: Declared) -> Known:
        """What is known of a page with one block or more."""
        return known(blocks, declared, self.meanings)


def _summed(columns: Floats, weights: Floats) -> Floats:
    """Columns weighed and summed up, as 0..1, in whole millionths.

    Weights are whole hundredths and columns 0 or 1, so sums of hundredths are exact: the order in which a machine adds cannot matter.
    """
    whole = np.rint(weights * 100)
    found: Floats = np.round(sigmoid((columns @ whole[:-1] + whole[-1]) / 100), 6)
    return found


def sigmoid(scores: Floats) -> Floats:
    """Scores as 0..1."""
    found: Floats = 1 / (1 + np.exp(-scores.clip(-30, 30)))
    return found


def column_names(meanings: Sequence[str]) -> tuple[list[str], list[str]]:
    """The names of the weights of both sums, in order."""
    first = names_of_columns(meanings)
    return [*first, "every block"], [*first, *names_of_around(), "every block"]


def read_model(path: Path, meanings: Sequence[str]) -> Model:
    """The weights of a file; one that is not named is 0.

    Raises:
        ValueError: a weight is named that there is not.
    """
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    found = []
    for part, names in zip(("first", "second"), column_names(meanings), strict=True):
        place = {name: number for number, name in enumerate(names)}
        weights = np.zeros(len(names))
        for name, weight in table[part].items():
            if name not in place:
                raise ValueError(f"{path}: [{part}] has no column {name!r}; fit again (benchmarks/fit_html.py --write)")
            weights[place[name]] = weight
        found.append(weights)
    return Model(found[0], found[1], len(meanings))
