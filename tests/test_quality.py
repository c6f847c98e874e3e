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


@pytest.fixture(scope="module", params=["text_article", "text_page"])
def rows(request: pytest.FixtureRequest, quality: ModuleType) -> tuple[str, list[Any]]:
    return request.param, list(quality.scored(Path(EVAL or ""), request.param, quality.pipeline(site_packs=False)))


@pytest.mark.parametrize("language", ["en", "de"])
def test_recall_and_loss_hold_their_floors(language: str, rows: tuple[str, list[Any]], quality: ModuleType) -> None:
    name, all_rows = rows
    floor = FLOORS[name][language]
    told = quality.figures(Path(EVAL or ""), [row for row in all_rows if row[0]["lang"] == language])
    assert told.recall >= floor["recall"]
    assert told.loss <= floor["loss"]


def test_snippets_hold_their_floors(quality: ModuleType) -> None:
    kept, dropped = quality.snippets(Path(EVAL or ""), quality.pipeline(site_packs=False))
    assert kept >= FLOORS["snippets"]["kept"]
    assert dropped >= FLOORS["snippets"]["dropped"]
