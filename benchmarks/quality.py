"""How clean the clean text is: the scorers' tables on real pages with gold, for what the bundled rules remove without any URL.

    CLEANER_EVAL=folder python benchmarks/quality.py [--site-packs] [--kinds]

The folder holds text_article.jsonl.gz, text_page.jsonl.gz, snippets.jsonl.gz and the scorers beside them. Hosts whose SHA-1 ends in
0 to 3 are a hold-out that no rule writer looks at; figures are printed for both parts.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import importlib.util
import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from cleaner import Pipeline, RuleSet, load_rules

TEXTS = ("text_article", "text_page")


@dataclass(frozen=True, slots=True)
class Figures:
    """What a scorer says of a group of documents: shares 0..1, averaged over documents."""

    documents: int
    recall: float
    loss: float
    f1: float


def held_out(host: str) -> bool:
    """Whether a host belongs to the part that no rule writer looks at."""
    return hashlib.sha1(host.encode(), usedforsecurity=False).hexdigest()[-1] in "0123"


def pipeline(*, site_packs: bool) -> Pipeline:
    """The default pipeline, with or without the packs of single sites."""
    rules = load_rules()
    return Pipeline(rules if site_packs else RuleSet(tuple(pack for pack in rules.packs if not pack.scoped)))


def scored(folder: Path, name: str, cleaner: Pipeline) -> Iterator[tuple[dict[str, Any], Any]]:
    """Every document of a file with the scorer's row for its clean text."""
    scorer = _module(folder / "score_text.py")
    for document in _records(folder / f"{name}.jsonl.gz"):
        yield document, scorer.score_doc(document, cleaner.clean(document["text"]).clean_text)


def figures(folder: Path, rows: Sequence[tuple[dict[str, Any], Any]]) -> Figures:
    """The scorer's summary of some of its rows."""
    told = _module(folder / "score_text.py").agg([row[0] for _, row in rows])
    return Figures(told["docs"], told["br_macro"], told["bl_macro"], told["F1"])


def snippets(folder: Path, cleaner: Pipeline) -> tuple[float, float]:
    """Shares of the snippets that must stay and did, and of those that must go and did."""
    scorer = _module(folder / "score_snippets.py")
    counts = [scorer.score(record, cleaner.clean(record["text"]).clean_text) for record in _records(folder / "snippets.jsonl.gz")]
    kept, must_stay, dropped, must_go = (sum(column) for column in zip(*counts, strict=True))
    return kept / must_stay, dropped / must_go


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--site-packs", action="store_true", help="packs of single sites too, put in force by their markers")
    parser.add_argument("--kinds", action="store_true", help="recall by kind of boilerplate, English")
    options = parser.parse_args()
    if "CLEANER_EVAL" not in os.environ:
        sys.exit("CLEANER_EVAL is not set: name the folder with the evaluation files")
    folder = Path(os.environ["CLEANER_EVAL"])
    cleaner = pipeline(site_packs=options.site_packs)
    for name in TEXTS:
        rows = list(scored(folder, name, cleaner))
        print(f"\n{name}  {'documents':>22} {'recall':>8} {'body loss':>10} {'F1':>7}")
        for label, group in _groups(rows):
            one = figures(folder, group)
            print(f"  {label:<26} {one.documents:>6} {one.recall:>8.3f} {one.loss:>9.3%} {one.f1:>8.4f}")
        if options.kinds:
            _print_kinds([row for document, row in rows if document["lang"] == "en"])
    kept, dropped = snippets(folder, cleaner)
    print(f"\nsnippets: kept {kept:.4f}, dropped {dropped:.4f}")


def _groups(rows: list[tuple[dict[str, Any], Any]]) -> Iterator[tuple[str, list[tuple[dict[str, Any], Any]]]]:
    for label, languages in (("English", {"en"}), ("German", {"de"}), ("other languages", None)):
        group = [row for row in rows if (row[0]["lang"] in languages if languages else row[0]["lang"] not in ("en", "de"))]
        yield label, group
        yield f"  {label}, seen hosts", [row for row in group if not held_out(row[0]["host"])]
        yield f"  {label}, held-out hosts", [row for row in group if held_out(row[0]["host"])]


def _print_kinds(rows: Sequence[Any]) -> None:
    kinds: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for _, by_kind, _, _ in rows:
        for kind, (characters, gone) in by_kind.items():
            kinds[kind][0] += characters
            kinds[kind][1] += gone
    for kind, (characters, gone) in sorted(kinds.items(), key=lambda item: -item[1][0]):
        print(f"    {kind:<20} {characters:>9,} characters, recall {gone / max(1, characters):.3f}")


def _records(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _module(path: Path) -> ModuleType:
    if path.stem in sys.modules:
        return sys.modules[path.stem]
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules[path.stem] = module
    return module


if __name__ == "__main__":
    main()
