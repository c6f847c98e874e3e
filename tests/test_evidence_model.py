"""The weights: from features to a score that can be taken apart, its reasons and its confidence, and files that are no model."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cleaner.errors import RuleFaults
from cleaner.evidence.assessor import evidence_folder
from cleaner.evidence.features import Classes, Columns, Extractor, Table
from cleaner.evidence.headline import Binned
from cleaner.evidence.lexicon import Lexicon
from cleaner.evidence.model import Model, Structure, read_model
from cleaner.evidence.reasons import _WIDGETS, Facts, reasons
from cleaner.evidence.settings import Strength
from cleaner.evidence.stretches import Ints
from cleaner.evidence.surface import block
from cleaner.evidence.units import Units, units_of
from cleaner.evidence.widgets import Between, Cards, Lists, Widgets

SMALL = (Path(__file__).parent / "cases" / "model.toml").read_text(encoding="utf-8")


@cache
def bundled() -> Model:
    return read_model(evidence_folder() / "model.toml")


# -- the file


def test_a_model_is_read_as_it_is_written(small: Model) -> None:
    assert small.structure.features == (Binned("words", (3.0, 9.0)), Binned("zone", (0.5,)))
    assert small.structure.tables == (("size", "place"),)
    assert small.structure.kinds() == ["shape", "place", "place"]
    assert small.structure.offsets().tolist() == [0, 3, 5, 11]
    assert small.weights.tolist() == [1, 0, -1, 0.25, -0.25, 0, 1, 2, 10, 11, 12]
    assert small.usual.tolist() == [0, -0.1, 5]
    assert (small.intercept, small.stake, small.stake_free, small.lift, small.fade) == (-1, 0.5, 0.01, 1.5, 0.25)
    assert small.thresholds == {"careful": 2, "default": 1, "thorough": 0}
    assert (small.opens, small.doubtful) == (2.5, -0.5)
    cards = Cards(headline=1, summary=2, least=2, most=3, lowest=-3, lowest_summary=-9, last_headline=-1, last_summary=-2)
    named = Cards(3.9, 5, least=3, most=8, lowest=-4.6, lowest_summary=-5.5, last_headline=-3, last_summary=-4)
    lists = Lists(gain=1, least=40, lowest=-3)
    assert small.widgets == Widgets(0, {"date": Between(2, 1.5, ("share",), article=0)}, cards, named, lists)
    assert small.widgets.kinds == ("date", "card", "list")
    assert small.headline.features == (Binned("words", (5.0,)), Binned("zone", (0.5,)))
    assert small.headline.weights.tolist() == [-1, 1, 0.25, -0.25]
    assert small.structure.classes == Classes(("one",), ("share",), ("one",), ("one",), {"date": ("one",)})


def test_the_bundled_model_is_whole() -> None:
    model = bundled()
    assert set(model.thresholds) == {strength.value for strength in Strength} - {Strength.RULES.value}
    assert model.thresholds["careful"] > model.thresholds["default"] > model.thresholds["thorough"]
    # Else Doubtful.REMOVE would leave what the strength takes.
    assert model.doubtful < min(model.thresholds.values())
    assert np.isfinite(model.weights).all()
    assert len(model.weights) == model.structure.offsets()[-1]
    assert len(model.usual) == len(model.structure.features) + len(model.structure.tables)
    for one in (*model.structure.features, *model.structure.coarse.values(), *model.headline.features):
        assert list(one.edges) == sorted(set(one.edges)), one.name
    for features in (model.structure.features, model.headline.features):
        assert len({one.name for one in features}) == len(features)
    assert min(model.stake, model.stake_free, model.lift, model.fade) >= 0
    # Else a document would be opened by what stays at any strength.
    assert model.opens >= min(model.thresholds.values())
    assert np.isfinite(model.headline.weights).all()


def test_the_widgets_of_the_bundled_model_are_made_of_what_there_is() -> None:
    widgets, classes = bundled().widgets, bundled().structure.classes
    assert set(widgets.between) <= set(classes.groups)
    assert {topic for one in widgets.between.values() for topic in one.rules} <= set(classes.topics)
    assert min(min(one.lines, one.gain) for one in widgets.between.values()) > 0
    assert min(widgets.cards.headline, widgets.cards.summary) > 0
    assert 1 <= widgets.cards.least <= widgets.cards.most
    assert set(widgets.kinds) <= set(_WIDGETS)


def test_every_kind_of_the_bundled_model_is_one_that_reasons_know() -> None:
    kinds = {
        "place",
        "opener",
        "words",
        "article",
        "shape",
        "around",
        "repeat",
        "caption",
        "person",
        "layout",
        "list",
        "rule",
        "document",
    }
    assert set(bundled().structure.kinds()) <= kinds


def test_the_classes_of_the_bundled_model_are_those_of_its_lexicons() -> None:
    classes = bundled().structure.classes
    used = {*classes.telling, *classes.openers, *(name for group in classes.groups.values() for name in group)}
    assert used <= set(classes.names)
    held = tomllib.loads((evidence_folder() / "words" / "en.toml").read_text(encoding="utf-8"))
    assert set(held) - {"lexicon"} == set(classes.names)


BREAKS: dict[str, tuple[str, str]] = {
    "no-toml": ("intercept = -1", "intercept = "),
    "a-key-lacks": ("intercept = -1", "slope = -1"),
    "a-table-lacks": ("[lift]", "[left]"),
    "no-number": ("intercept = -1", 'intercept = "much"'),
    "a-weight-lacks": ("weights = [1, 0, -1]", "weights = [1, 0]"),
    "a-weight-too-many": ("weights = [0, 1, 2, 10, 11, 12]", "weights = [0, 1, 2, 10, 11, 12, 13]"),
    "weights-of-words": ("weights = [1, 0, -1]", 'weights = ["a", "b", "c"]'),
    "an-unknown-part": ('of = ["size", "place"]', 'of = ["size", "palace"]'),
    "no-list": ("edges = [3, 9]", "edges = 3"),
    "no-gate": ("[sure]", "[shore]"),
    "no-widgets": ("[widgets]", "[gadgets]"),
    "a-card-lacks-a-part": ("lowest = -3\n", ""),
    "an-unknown-part-of-a-card": ("lowest = -3", "lowest = -3\nhighest = 3"),
    "an-unknown-part-of-what-lies-between": ("gain = 1.5,", "gain = 1.5, loss = 1.5,"),
    "no-gain": ("gain = 1.5, ", ""),
    "a-weight-of-a-headline-too-many": ("weights = [-1, 1]", "weights = [-1, 1, 1]"),
    "a-weight-of-a-headline-lacks": ("weights = [-1, 1]", "weights = [-1]"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_model_names_its_file(name: str, tmp_path: Path) -> None:
    old, new = BREAKS[name]
    assert old in SMALL
    path = tmp_path / "model.toml"
    path.write_text(SMALL.replace(old, new, 1))
    with pytest.raises(RuleFaults) as raised:
        read_model(path)
    assert {fault.path for fault in raised.value.faults} == {str(path)}


def test_every_fault_of_the_weights_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    path.write_text(SMALL.replace("weights = [1, 0, -1]", "weights = [1]").replace("weights = [0, 1, 2,", "weights = ["))
    with pytest.raises(RuleFaults) as raised:
        read_model(path)
    assert len(raised.value.faults) == 2
    assert "1 weights for 3 bins" in str(raised.value)
    assert "3 weights for 6 bins" in str(raised.value)


def test_no_file_and_no_text_are_faults(tmp_path: Path) -> None:
    bytes_ = tmp_path / "bytes.toml"
    bytes_.write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "none.toml", bytes_, tmp_path):
        with pytest.raises(RuleFaults, match=str(path)):
            read_model(path)


# -- cells and scores


def columns(**rows: list[float]) -> Columns:
    return Columns([block({name: np.array(row, np.float64) for name, row in rows.items()})])


def test_a_value_on_an_edge_belongs_to_the_bin_above(small: Model) -> None:
    cells = small.structure.cells(columns(words=[2.9, 3, 8.9, 9, 1e9], zone=[0, 0.5, 1, 2, -1]))
    assert cells.tolist() == [[0, 1, 1, 2, 2], [3, 4, 4, 4, 3], [5, 6, 9, 10, 8]]


NUMBERS = st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-3, 3)), min_size=1, max_size=20)


@given(NUMBERS)
@example([(3.0, 0.5), (5.0, 1.5), (9.0, 0.0)])
def test_what_kinds_add_are_sums_of_slow_lookups_and_make_the_score(small: Model, rows: list[tuple[float, float]]) -> None:
    words, zone = map(list, zip(*rows, strict=True))
    found = small.weigh(columns(words=words, zone=zone))
    scores, beyond = small.scored(found), small.beyond_usual(found)
    assert small.kinds == ("place", "shape")
    for at, (w, z) in enumerate(rows):
        size, where = int(w >= 5), int(z >= 0.5) + int(z >= 1.5)
        shape = [100, 0, -100][int(w >= 3) + int(w >= 9)]
        place = [25, -25][int(z >= 0.5)] + [[0, 100, 200], [1000, 1100, 1200]][size][where]
        assert found[:, at].tolist() == [place, shape]
        assert scores[at] == (place + shape - 100) / 100
        assert beyond[:, at].tolist() == [place + 10 - 500, shape]


class Weighed(NamedTuple):
    """An article of the tests with some furniture behind it."""

    units: Units
    table: Table


@cache
def article() -> Weighed:
    model = bundled()
    text = (Path(__file__).parent / "golden" / "article" / "news-coalition-talks.txt").read_text(encoding="utf-8")
    units = units_of([f"{text}\nRelated\nMore news from the north\nPhoto: A. Berg / Agency\n"])
    extractor = Extractor(Lexicon(evidence_folder(), model.structure.classes.names), model.structure.classes)
    return Weighed(units, extractor.table(units, {}))


def reasons_for(added: Ints, *places: int, widgets: Sequence[str] = ()) -> list[tuple[str, ...]]:
    """The reasons that are told for units of the article; ``added``: by kind and unit, in hundredths."""
    one = article()
    lines = np.array(places, np.int64) % len(one.units.texts)
    gained = np.array(widgets or [""] * len(places), np.str_)
    return reasons(added, bundled().kinds, Facts(one.table, lines, gained), one.units.texts)


def test_cells_are_within_the_part_of_the_weights_that_is_theirs() -> None:
    structure = bundled().structure
    cells, offsets = structure.cells(article().table.columns), structure.offsets()
    assert cells.shape == (len(structure.features) + len(structure.tables), len(article().units.texts))
    assert (cells >= offsets[:-1, None]).all()
    assert (cells < offsets[1:, None]).all()


def test_values_beyond_all_edges_have_cells_too() -> None:
    structure = bundled().structure
    names = {one.name for one in (*structure.features, *structure.coarse.values())}
    for value in (-1e300, 1e300, 0.0):
        cells = structure.cells(columns(**{key: [value] for key in sorted(names)}))
        assert (cells[:, 0] >= structure.offsets()[:-1]).all()
        assert (cells[:, 0] < structure.offsets()[1:]).all()


def test_reasons_are_one_to_three() -> None:
    added = bundled().beyond_usual(bundled().weigh(article().table.columns))
    found = reasons_for(added, *range(added.shape[1]))
    assert len(found) == len(article().units.texts)
    for told in found:
        assert 1 <= len(told) == len(set(told)) <= 3


def test_reasons_of_many_lines_are_those_of_each() -> None:
    added = bundled().beyond_usual(bundled().weigh(article().table.columns))
    kinds = ["", *bundled().widgets.kinds]
    for widgets in ([""] * added.shape[1], [kinds[place % len(kinds)] for place in range(added.shape[1])]):
        alone = [reasons_for(added[:, [place]], place, widgets=[kind])[0] for place, kind in enumerate(widgets)]
        assert reasons_for(added, *range(added.shape[1]), widgets=widgets) == alone
        assert reasons_for(added[:, ::-1], *reversed(range(added.shape[1])), widgets=widgets[::-1]) == alone[::-1]
    assert reasons_for(added[:, :0]) == []


def test_reasons_are_told_strongest_first() -> None:
    def told(line: int, **strength: float) -> tuple[str, ...]:
        return reasons_for(np.array([[round(100 * strength.get(kind, 0))] for kind in bundled().kinds]), line)[0]

    after, short, related = "after the article's end", "only a few words", "words of lists of other stories"
    assert told(-1, place=1) == (after,)
    assert told(-2, place=1, shape=2) == (short, after)
    assert told(-2, place=2, shape=1) == (after, short)
    assert told(-2, place=1, shape=1) == (after, short), "of equally strong kinds the first by name"
    assert told(-2, place=1, shape=2, words=3, opener=4) == ("under “Related”", related, short)
    assert told(-3, words=1) == (related,)
    assert told(-1, words=1) == ("words of picture credits",)
    assert told(-2, place=0.14, shape=0.15) == (short,), "what adds next to nothing is no reason"
    assert told(-1, document=9, place=1) == (after,), "the document says nothing of one line"


def test_the_widget_without_which_a_line_would_have_stayed_is_told_first() -> None:
    added = np.array([[round(100 * {"place": 1, "shape": 2, "words": 40}.get(kind, 0))] for kind in bundled().kinds])
    related, short, after = "words of lists of other stories", "only a few words", "after the article's end"
    assert reasons_for(added, -2, widgets=["card"]) == [("one of the cards of a list of other stories", related, short)]
    assert reasons_for(added, -2, widgets=[""]) == [(related, short, after)]
    for kind in bundled().widgets.kinds:
        none = np.full((len(bundled().kinds), 1), -9)
        [told] = reasons_for(none, -2, widgets=[kind])
        assert len(told) == 1
        assert told != ("many small signs together",), kind


def test_without_a_strong_reason_there_still_is_one() -> None:
    none = np.zeros((len(bundled().kinds), 1), np.int64)
    assert reasons_for(none, 0) == [("many small signs together",)]
    assert reasons_for(none - 100, 0) == [("many small signs together",)]


# -- confidence


MODELS = pytest.mark.parametrize("which", ["small", "bundled"])


@pytest.fixture(scope="module")
def model(small: Model) -> Callable[[str], Model]:
    return {"small": small, "bundled": bundled()}.__getitem__


@MODELS
@given(scores=st.lists(st.floats(-50, 50), min_size=2, max_size=2).map(sorted))
def test_confidence_rises_with_the_score_and_is_a_share(model: Callable[[str], Model], which: str, scores: list[float]) -> None:
    lower, higher = model(which).confidence(np.array(scores)).tolist()
    assert 0 <= lower <= higher <= 1


def test_confidence_runs_straight_between_its_points(small: Model) -> None:
    assert small.confidence(np.array([-9, -2, -1, 0, 1, 2, 9])).tolist() == pytest.approx([0.1, 0.1, 0.3, 0.5, 0.7, 0.9, 0.9])


def test_points_of_confidence_rise() -> None:
    model = bundled()
    assert len(model.scores) == len(model.confidences)
    assert (np.diff(model.scores) > 0).all()
    assert (np.diff(model.confidences) >= 0).all()
    assert model.confidences.min() >= 0
    assert model.confidences.max() <= 1
    doubtful, careful = model.confidence(np.array([model.doubtful, model.thresholds["careful"]])).tolist()
    assert doubtful > 0.3, "a doubtful line may well be boilerplate"
    assert careful > 0.9


def test_a_structure_has_as_many_weights_as_bins() -> None:
    structure = Structure(
        Classes((), (), (), (), {}),
        (Binned("a", (0.0,)), Binned("b", (0.0, 1.0, 2.0))),
        {"a": "shape", "b": "shape", "a x c": "place"},
        {"a": Binned("a", (0.0,)), "c": Binned("b", (0.0, 1.0))},
        (("a", "c"),),
    )
    assert structure.offsets().tolist() == [0, 2, 6, 12]
    cells = structure.cells(columns(a=[-1.0, 0.0], b=[5.0, -5.0]))
    assert cells.tolist() == [[0, 1], [5, 2], [8, 9]]
    assert replace(bundled(), structure=structure).structure.kinds() == ["shape", "shape", "place"]
