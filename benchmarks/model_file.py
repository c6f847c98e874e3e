"""The text of ``rules/evidence/model.toml``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # measure the source tree beside this file, whatever is installed

from cleaner.evidence.assessor import evidence_folder
from cleaner.evidence.model import Model
from cleaner.evidence.stretches import Floats
from cleaner.evidence.widgets import Widgets


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
    yield "\n[widgets.named]  # the same below an opener that a rule takes, if it is more"
    yield from (f"{name} = {value:g}" for name, value in asdict(widgets.named).items())
    yield "\n[widgets.lists]  # headlines alone below an opener, so many at least; a list ends with one of a lower score"
    yield from (f"{name} = {value:g}" for name, value in asdict(widgets.lists).items())


def _numbers(values: Sequence[float] | Floats, digits: int | None = None) -> str:
    return "[" + ", ".join(f"{value if digits is None else round(float(value), digits) + 0.0:g}" for value in values) + "]"


def _table(values: Floats, width: int) -> str:
    """The weights of a table, a row for each combination of all coarse values but the last."""
    rows = [", ".join(f"{round(float(value), 2) + 0.0:g}" for value in row) for row in values.reshape(-1, width)]
    return "[\n" + "".join(f"  {row},\n" for row in rows) + "]"
