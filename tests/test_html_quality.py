"""Floors of how well articles are taken out of real pages, when CLEANER_EVAL names their folder: they may rise, never sink."""

import importlib.util
import os
import sys
import tomllib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

from cleaner import Strength

EVAL = os.environ.get("CLEANER_EVAL")
HERE = Path(__file__).parent
FLOORS = tomllib.loads((HERE / "floors.toml").read_text(encoding="utf-8"))["html"]
pytestmark = pytest.mark.skipif(EVAL is None, reason="CLEANER_EVAL names no folder with the evaluation pages")


@pytest.fixture(scope="module")
def measure() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("html_quality", HERE.parent / "benchmarks" / "html_quality.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["html_quality"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["html_quality"]


def test_articles_hold_their_floors(measure: ModuleType) -> None:
    rows = measure.scored(Path(EVAL or ""), partial(measure.cleaned, Strength.DEFAULT))
    parts = {"all": rows, "held_out": [row for row in rows if measure.held_out(row[0]["host"])]}
    for name, part in parts.items():
        found = measure.figures(Path(EVAL or ""), part)
        assert found.f1 >= FLOORS[name]["f1"], name
        assert found.precision >= FLOORS[name]["precision"], name
        assert found.recall >= FLOORS[name]["recall"], name


def test_evidence_takes_next_to_nothing_of_articles(measure: ModuleType) -> None:
    folder = Path(EVAL or "")
    before = measure.figures(folder, measure.scored(folder, measure.extracted))
    after = measure.figures(folder, measure.scored(folder, partial(measure.cleaned, Strength.DEFAULT)))
    assert before.recall - after.recall <= FLOORS["lost_to_evidence"]


def test_fast_holds_its_floor(measure: ModuleType) -> None:
    settings = measure.replace(measure.PLAIN, fast=True)
    found = measure.figures(
        Path(EVAL or ""), measure.scored(Path(EVAL or ""), partial(measure.cleaned, Strength.DEFAULT, settings=settings))
    )
    assert found.f1 >= FLOORS["fast"]["f1"]
