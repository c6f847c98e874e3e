"""Floors of the quality on real pages, when CLEANER_EVAL names their folder: they may rise, never sink."""

from __future__ import annotations

import importlib.util
import os
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from cleaner import Strength

EVAL = os.environ.get("CLEANER_EVAL")
HERE = Path(__file__).parent
FLOORS = tomllib.loads((HERE / "floors.toml").read_text(encoding="utf-8"))
pytestmark = pytest.mark.skipif(EVAL is None, reason="CLEANER_EVAL names no folder with the evaluation pages")


@pytest.fixture(scope="module")
def quality() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("quality", HERE.parent / "benchmarks" / "quality.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["quality"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["quality"]


@pytest.fixture(scope="module", params=[(strength, name) for strength in Strength for name in ("text_article", "text_page")])
def told(request: pytest.FixtureRequest, quality: ModuleType) -> tuple[dict[str, Any], list[Any]]:
    """Floors of a strength on a file, and the rows of the scorer."""
    strength, name = request.param
    return FLOORS[strength.value][name], quality.scored(Path(EVAL or ""), name, quality.Cleaner(strength))


def test_recall_and_loss_hold_their_floors(told: tuple[dict[str, Any], list[Any]], quality: ModuleType) -> None:
    floors, rows = told
    for language in ("en", "de", "others"):
        if floor := floors.get(language):
            chosen = [
                row for row in rows if row[0]["lang"] == language or (language == "others" and row[0]["lang"] not in ("en", "de"))
            ]
            found = quality.figures(Path(EVAL or ""), chosen)
            assert found.recall >= floor["recall"], language
            assert found.loss <= floor["loss"], language
            assert found.f1 >= floor.get("f1", 0), language
    assert quality.titles_kept(rows) >= floors.get("headlines", 0)


@pytest.mark.parametrize("name", ["text_article", "text_page"])
def test_a_second_cleaning_changes_hardly_any_document(name: str, quality: ModuleType) -> None:
    changed, count = quality.unstable(Path(EVAL or ""), name, quality.Cleaner())
    assert changed / count <= FLOORS["default"][name]["changed_by_a_second_cleaning"]


def test_a_confidence_says_how_often_it_is_right(quality: ModuleType) -> None:
    """By tenths of confidence, over all scored lines, each judged by weights that have not seen its host."""
    judging, gold = quality.judging, sys.modules["gold"]
    model = quality.read_model(quality.evidence_folder() / "model.toml")
    lexicon = judging.Lexicon(quality.evidence_folder(), model.structure.classes.names)
    data = judging.gather(list(gold.pages(Path(EVAL or ""))), model.structure, lexicon)
    tenths = list(judging.tenths(data, judging.judge(data, model, judging.read_folds()), model))
    assert len(tenths) == 10
    for one in tenths:
        assert abs(one.confidence - one.share) <= FLOORS["calibration"]["off"], one


def test_snippets_hold_their_floors(quality: ModuleType) -> None:
    kept, dropped = quality.snippets(Path(EVAL or ""), quality.Cleaner())
    assert kept >= FLOORS["snippets"]["kept"]
    assert dropped >= FLOORS["snippets"]["dropped"]
