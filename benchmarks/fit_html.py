"""Fits the weights of ``rules/html/model.toml``: which blocks of a page are of its article.

    CLEANER_EVAL=folder python benchmarks/fit_html.py [--write]

The folder holds html.jsonl.gz. A block is of the article when half of its runs of four words are in the gold and not yet taken. Weights
of the second sum are fitted to first verdicts that have not seen the host of their page. ``--write`` writes the weights fitted to all
pages, and into ``html_folds.json`` ten sets that have each not seen the hosts of one fold: with these quality is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from gold import FOLDS, fold_of, records
from sklearn.linear_model import LogisticRegression

from cleaner.errors import InputError
from cleaner.extract.blocks import blocks_of
from cleaner.extract.containers import Containers, read_containers, take_containers
from cleaner.extract.declared import declared_in
from cleaner.extract.features import Floats, Known, around, known
from cleaner.extract.model import column_names, sigmoid
from cleaner.extract.names import Names, read_names
from cleaner.extract.tree import parsed, strip_dead
from cleaner.rules.load import bundled_folder

FOLDS_FILE = Path(__file__).resolve().parent / "html_folds.json"
INNER = 5
STRENGTH = 0.1
"""Inverse strength of the penalty on large weights."""
LARGEST = 0.3
"""Share of a page's gold above which the size of a block counts for no more."""
_WORD = re.compile(r"\w+")


class Data(NamedTuple):
    """Pages with gold.

    Attributes:
        pages: what is known of the blocks of each.
        columns: of all blocks.
        labels: whether each is of the article.
        weights: how much each counts.
        fold: of each block, the fold of its host.
        owner: of each block, its page.
    """

    pages: list[Known]
    columns: Floats
    labels: Any
    weights: Floats
    fold: Any
    owner: Any


def labelled(texts: Sequence[str], gold: str) -> tuple[list[bool], list[float]]:
    """Whether each block is of the gold, and its size as a share of the gold."""
    words = _WORD.findall(gold)
    left = runs(words)
    whole = dict(left)
    total = max(sum(left.values()), 1)
    line = f" {' '.join(words)} "
    labels, sizes = [], []
    for text in texts:
        mine = _WORD.findall(text)
        size = len(mine) / total
        if len(mine) < 4:
            labels.append(bool(mine) and f" {' '.join(mine)} " in line)
            sizes.append(size / 2)
            continue
        found = runs(mine)
        number = sum(found.values())
        good = sum(min(count, left.get(run, 0)) for run, count in found.items()) >= number / 2
        again = not good and sum(min(count, whole.get(run, 0)) for run, count in found.items()) >= number / 2
        if good:
            left.subtract({run: min(count, left[run]) for run, count in found.items() if run in left})
        labels.append(good)
        sizes.append(size / 2 if again else size)
    return labels, sizes


def runs(words: Sequence[str]) -> Counter[tuple[str, ...]]:
    """Runs of four words."""
    return Counter(tuple(words[place : place + 4]) for place in range(max(1, len(words) - 3))) if words else Counter()


def gather(folder: Path, names: Names, containers: Containers) -> Data:
    """All pages with a block or more."""
    pages, labels, weights, folds = [], [], [], []
    for record in records(folder / "html.jsonl.gz"):
        try:
            tree = parsed(record["html"])
        except InputError:  # an empty page
            continue
        declared = declared_in(tree)
        strip_dead(tree)
        take_containers(tree, containers)
        blocks = blocks_of(tree, names)
        if not blocks.texts:
            continue
        found, sizes = labelled(blocks.texts, record["gold"])
        pages.append(known(blocks, declared, len(names.meanings)))
        labels += found
        weights += [min(size, LARGEST) + 0.002 for size in sizes]
        folds += [fold_of(record["host"])] * len(found)
    counts = [len(page.words) for page in pages]
    return Data(
        pages,
        np.concatenate([page.columns for page in pages]),
        np.array(labels),
        np.array(weights),
        np.array(folds),
        np.repeat(np.arange(len(pages)), counts),
    )


def fitted(columns: Floats, data: Data, chosen: Any) -> Floats:
    """Weights fitted to the chosen blocks, the constant last; in hundredths."""
    weights = data.weights[chosen]
    model = LogisticRegression(C=STRENGTH, max_iter=400)
    model.fit(columns[chosen], data.labels[chosen], weights * len(weights) / weights.sum())
    return np.round(np.append(model.coef_[0], model.intercept_[0]), 2)


def both(data: Data, chosen: Any) -> tuple[Floats, Floats]:
    """Both sums, fitted to the chosen blocks."""
    first = fitted(data.columns, data, chosen)
    verdicts = sigmoid(data.columns @ first[:-1] + first[-1])
    inner = (data.fold * 7 + 3) % FOLDS % INNER
    for part in range(INNER):
        here = inner == part
        weights = fitted(data.columns, data, chosen & ~here)
        verdicts[here] = sigmoid(data.columns[here] @ weights[:-1] + weights[-1])
    more = np.concatenate([around(page, verdicts[data.owner == place]) for place, page in enumerate(data.pages)])
    return first, fitted(np.concatenate([data.columns, more], axis=1), data, chosen)


def main() -> None:
    """Fits, and writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write what was fitted")
    options = parser.parse_args()
    folder = bundled_folder() / "html"
    names = read_names(folder / "names.toml")
    data = gather(Path(os.environ["CLEANER_EVAL"]), names, read_containers(folder / "containers.toml"))
    print(f"{len(data.pages)} pages, {len(data.labels):,} blocks, {data.columns.shape[1]} columns")
    folds = []
    for fold in range(FOLDS):
        folds.append([part.tolist() for part in both(data, data.fold != fold)])
        print(f"fold {fold}", flush=True)
    if options.write:
        FOLDS_FILE.write_text(json.dumps(folds) + "\n", encoding="utf-8")
        (folder / "model.toml").write_text(written(both(data, np.ones(len(data.labels), bool)), names.meanings), encoding="utf-8")


def written(sums: tuple[Floats, Floats], meanings: Sequence[str]) -> str:
    """The file of weights."""
    rows = ["# Which blocks of a page are of its article: weights, fitted by benchmarks/fit_html.py. Positive: of the article."]
    for part, names, weights in zip(("first", "second"), column_names(meanings), sums, strict=True):
        rows += [
            "",
            f"[{part}]",
            *(f'"{name}" = {weight:g}' for name, weight in zip(names, weights.tolist(), strict=True) if weight),
        ]
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    main()
