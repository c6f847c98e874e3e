"""How well articles are taken out of pages: the scorer's figures on real pages with gold, and what each step brings.

    CLEANER_EVAL=folder python benchmarks/html_quality.py [--strength rules|careful|default|thorough] [--speed]
    CLEANER_EVAL=folder python benchmarks/quality.py --html          what each step brings

The folder holds html.jsonl.gz and score_html.py. No rule of a single site is in force, and no address is given. The weights are fitted to
these pages, so each page is weighed by those of ``html_folds.json`` (and of ``evidence_folds.json``) that have not seen its host. Hosts
whose SHA-1 ends in 0 to 3 are a hold-out that nobody looks at; figures are printed for both parts. ``--speed`` prints pages a second
beside trafilatura's own, in one process, one after the other on the same pages.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from gold import fold_of, held_out, module, records
from quality import Cleaner

from cleaner.errors import InputError
from cleaner.evidence.settings import Strength
from cleaner.extract.extractor import Extractor
from cleaner.extract.model import Model
from cleaner.extract.names import read_names
from cleaner.extract.settings import ExtractSettings
from cleaner.rules.load import bundled_folder

FOLDS_FILE = Path(__file__).resolve().parent / "html_folds.json"
PLAIN = ExtractSettings(metadata=False, left_out=False)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the scorer says of a group of pages: 0..1, precision and recall averaged over pages."""

    pages: int
    precision: float
    recall: float
    f1: float


@cache
def _extractor(fold: int, settings: ExtractSettings) -> Extractor:
    folder = bundled_folder() / "html"
    meanings = len(read_names(folder / "names.toml").meanings)
    first, second = json.loads(FOLDS_FILE.read_text(encoding="utf-8"))[fold]
    return Extractor(folder, settings, Model(np.array(first), np.array(second), meanings))


def extracted(record: Mapping[str, Any], settings: ExtractSettings = PLAIN) -> str:
    """The text of a page, by weights that have not seen its host; empty when it is rejected."""
    try:
        return _extractor(fold_of(record["host"]), settings).extract(record["html"]).text
    except InputError:
        return ""


def cleaned(strength: Strength, record: Mapping[str, Any], settings: ExtractSettings = PLAIN) -> str:
    """The same, and then what rules and evidence leave of it."""
    text = extracted(record, settings)
    return Cleaner(strength).document(text, record["host"]).clean_text if text else ""


def trafilatura_text(options: Mapping[str, Any], record: Mapping[str, Any]) -> str:
    """What trafilatura makes of a page by itself."""
    import trafilatura

    return trafilatura.extract(record["html"], deduplicate=False, **options) or ""


def scored(folder: Path, maker: Callable[[dict[str, Any]], str]) -> list[tuple[dict[str, Any], Any]]:
    """Every page with the scorer's row for the text made of it; two processes share the work."""
    pages = list(records(folder / "html.jsonl.gz"))
    with ProcessPoolExecutor(2, initializer=logging.disable) as pool:
        return list(zip(pages, pool.map(partial(_row, folder, maker), pages, chunksize=16), strict=True))


def _row(folder: Path, maker: Callable[[dict[str, Any]], str], record: dict[str, Any]) -> Any:
    return module(folder / "score_html.py").one(maker(record), record["gold"])


def figures(folder: Path, rows: Sequence[tuple[dict[str, Any], Any]]) -> Figures:
    """The scorer's summary of some of its rows."""
    told = module(folder / "score_html.py").agg([row for _, row in rows])
    return Figures(told["n"], told["P"], told["R"], told["F1"])


PRECISE = {"favor_precision": True, "include_comments": False}
"""Trafilatura's best settings on news."""


def steps(strength: Strength) -> Iterator[tuple[str, Callable[[dict[str, Any]], str]]]:
    """What is measured, by name."""
    yield "trafilatura, defaults", partial(trafilatura_text, {})
    yield "trafilatura, precision, no comments", partial(trafilatura_text, PRECISE)
    yield "  and rules and evidence", partial(_cleaned_trafilatura, strength)
    yield "weights alone (--fast)", partial(extracted, settings=replace(PLAIN, fast=True))
    yield "  and rules and evidence", partial(cleaned, strength, settings=replace(PLAIN, fast=True))
    yield "weights and trafilatura", extracted
    for one in (Strength.RULES, Strength.CAREFUL, Strength.DEFAULT, Strength.THOROUGH):
        yield f"  and rules and evidence, {one.value}", partial(cleaned, one)


def _cleaned_trafilatura(strength: Strength, record: dict[str, Any]) -> str:
    text = trafilatura_text(PRECISE, record)
    return Cleaner(strength).document(text, record["host"]).clean_text if text else ""


def speed(folder: Path) -> None:
    """Prints pages a second."""
    pages = list(records(folder / "html.jsonl.gz"))
    logging.disable()
    whole = Extractor(bundled_folder() / "html", ExtractSettings())
    quick = Extractor(bundled_folder() / "html", replace(PLAIN, fast=True))
    fast = Extractor(bundled_folder() / "html", ExtractSettings(fast=True))
    plain = Extractor(bundled_folder() / "html", PLAIN)
    ways: dict[str, Callable[[dict[str, Any]], object]] = {
        "trafilatura, precision, no comments": partial(trafilatura_text, PRECISE),
        "cleaner, text alone": lambda record: _tried(plain, record),
        "cleaner, with metadata and what is left out": lambda record: _tried(whole, record),
        "cleaner, fast, text alone": lambda record: _tried(quick, record),
        "cleaner, fast, as --fast runs it": lambda record: _tried(fast, record),
    }
    taken = dict.fromkeys(ways, 0.0)
    for way in ways.values():
        for record in pages[:20]:
            way(record)
    for record in pages:  # by turns, so that what else the machine does falls on all alike
        for name, way in ways.items():
            start = time.perf_counter()
            way(record)
            taken[name] += time.perf_counter() - start
    first = next(iter(taken.values()))
    for name, seconds in taken.items():
        print(f"{name:<46} {len(pages) / seconds:>6.0f} pages/s, {seconds / first:.2f} of trafilatura's time")


def _tried(extractor: Extractor, record: Mapping[str, Any]) -> str:
    try:
        return extractor.extract(record["html"], record["url"]).text
    except InputError:
        return ""


def table(folder: Path, todo: Iterable[tuple[str, Callable[[dict[str, Any]], str]]]) -> None:
    """Prints precision, recall and F1 of what makes texts of pages, by name."""
    print(f"{'':<44}{'all':^23}  {'seen':^23}  {'held out':^23}")
    print(f"{'':<44}" + "  ".join([f"{'P':>7} {'R':>7} {'F1':>7}"] * 3))
    for name, maker in todo:
        rows = scored(folder, maker)
        parts = [rows, [row for row in rows if not held_out(row[0]["host"])], [row for row in rows if held_out(row[0]["host"])]]
        told = [figures(folder, part) for part in parts]
        print(f"{name:<44}" + "  ".join(f"{one.precision:>7.4f} {one.recall:>7.4f} {one.f1:>7.4f}" for one in told), flush=True)


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strength", choices=[strength.value for strength in Strength], default=Strength.DEFAULT.value)
    parser.add_argument("--speed", action="store_true", help="pages a second")
    options = parser.parse_args()
    if "CLEANER_EVAL" not in os.environ:
        sys.exit("CLEANER_EVAL is not set: name the folder with the evaluation files")
    folder = Path(os.environ["CLEANER_EVAL"])
    if options.speed:
        speed(folder)
        return
    strength = Strength(options.strength)
    table(folder, [(f"cleaner, {strength.value}", partial(cleaned, strength))])


if __name__ == "__main__":
    main()
