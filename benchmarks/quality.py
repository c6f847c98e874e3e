"""How clean the clean text is: the scorers' tables on real pages with gold, for what the tool removes without any URL.

    CLEANER_EVAL=folder python benchmarks/quality.py [--strength rules|careful|default|thorough] [--site-packs] [--kinds] [--twice]
    CLEANER_EVAL=folder python benchmarks/quality.py --html
    CLEANER_SEEDS=folder python benchmarks/quality.py --seeds

The folder holds text_article.jsonl.gz, text_page.jsonl.gz, snippets.jsonl.gz and the scorers beside them. Evidence is fitted to these
pages, so each is cleaned with weights that have not seen its host: those that ``fit_evidence.py`` left in ``evidence_folds.json``.
``--html`` prints what each step brings on the pages of html.jsonl.gz (``html_quality.py``), ``--seeds`` how far pages whose sites have
packs get without these. Hosts whose SHA-1 ends in 0 to 3 are a hold-out that no rule writer looks at; figures are printed for both parts.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import judging
from gold import fold_of, held_out, module, records

from cleaner import EvidenceSettings, Strength, load_rules
from cleaner.document import Document, Source
from cleaner.evidence.assessor import Assessor, evidence_folder
from cleaner.evidence.model import read_model
from cleaner.layout import close_gaps
from cleaner.repair import repair
from cleaner.strip import Stripper

TEXTS = ("text_article", "text_page")
Row = tuple[dict[str, Any], Any]


@dataclass(frozen=True, slots=True)
class Figures:
    """What a scorer says of a group of documents: shares 0..1, averaged over documents."""

    documents: int
    recall: float
    loss: float
    f1: float


@dataclass(frozen=True, slots=True)
class Cleaner:
    """Cleans a page with weights that have not seen its host.

    Attributes:
        strength: how much evidence may take.
        site_packs: whether packs of single sites may be put in force by their markers.
    """

    strength: Strength = Strength.DEFAULT
    site_packs: bool = False

    def document(self, text: str, host: str) -> Document:
        """The cleaned page: the stages that ``Pipeline`` takes a text through, with other weights."""
        repaired, repairs = repair(text)
        stripped = _stripper(site_packs=self.site_packs).begin(Document(Source("page"), repaired, repairs=repairs))
        return close_gaps(stripped.after(_assessor(self.strength, fold_of(host)).assess(stripped.document)))


@cache
def _stripper(*, site_packs: bool) -> Stripper:
    return Stripper(load_rules() if site_packs else judging.generic_rules())


@cache
def _assessor(strength: Strength, fold: int) -> Assessor:
    return Assessor(EvidenceSettings(strength), _fold_models()[fold])


@cache
def _fold_models() -> list[Any]:
    return judging.fold_models(read_model(evidence_folder() / "model.toml"))


def scored(folder: Path, name: str, cleaner: Cleaner) -> list[Row]:
    """Every document of a file with the scorer's row for its clean text; two processes share the work."""
    documents = list(records(folder / f"{name}.jsonl.gz"))
    with ProcessPoolExecutor(2) as pool:
        rows = list(pool.map(partial(_score, folder, cleaner), documents, chunksize=16))
    return list(zip(documents, rows, strict=True))


def _score(folder: Path, cleaner: Cleaner, document: dict[str, Any]) -> Any:
    cleaned = cleaner.document(document["text"], document["host"])
    counts, kinds, zones, lost = module(folder / "score_text.py").score_doc(document, cleaned.clean_text)
    return counts, dict(kinds), dict(zones), lost, _titles(document, cleaned)


def _titles(document: dict[str, Any], cleaned: Document) -> tuple[int, int]:
    """Headlines of a document, and how many of them are left whole."""
    lines = [number for number, line in enumerate(document["text"].split("\n"), 1) if line.strip()]
    titles = {number for number, why in zip(lines, document["why"], strict=True) if why == "title"}
    return len(titles), len(titles - {removal.line for removal in cleaned.removals})


def figures(folder: Path, rows: Sequence[Row]) -> Figures:
    """The scorer's summary of some of its rows."""
    told = module(folder / "score_text.py").agg([row[0] for _, row in rows])
    return Figures(told["docs"], told["br_macro"], told["bl_macro"], told["F1"])


def titles_kept(rows: Sequence[Row]) -> float:
    """Share of the documents with a headline in which one of its headline lines is left."""
    having = [row[4] for _, row in rows if row[4][0]]
    return sum(int(kept > 0) for _, kept in having) / max(len(having), 1)


def snippets(folder: Path, cleaner: Cleaner) -> tuple[float, float]:
    """Shares of the snippets that must stay and did, and of those that must go and did."""
    scorer = module(folder / "score_snippets.py")
    counts = [
        scorer.score(record, cleaner.document(record["text"], record["host"]).clean_text)
        for record in records(folder / "snippets.jsonl.gz")
    ]
    kept, must_stay, dropped, must_go = (sum(column) for column in zip(*counts, strict=True))
    return kept / must_stay, dropped / must_go


def unstable(folder: Path, name: str, cleaner: Cleaner) -> tuple[int, int]:
    """Documents of a file that a second cleaning changes once more, and all of them."""
    documents = list(records(folder / f"{name}.jsonl.gz"))
    with ProcessPoolExecutor(2) as pool:
        changed = list(pool.map(partial(_changes, cleaner), documents, chunksize=16))
    return sum(changed), len(changed)


def _changes(cleaner: Cleaner, document: dict[str, Any]) -> bool:
    once = cleaner.document(document["text"], document["host"]).clean_text
    return cleaner.document(once, document["host"]).clean_text != once


def seeds(folder: Path, strength: Strength) -> Iterator[str]:
    """What of each page with a gold of line numbers goes, with no pack of its site in force.

    Evidence was not fitted to these pages, so the shipped weights are measured. Lines and letters are counted, blanks apart.
    """
    assessor = Assessor(EvidenceSettings(strength))
    gold = json.loads((folder / "gold.json").read_text(encoding="utf-8"))["documents"]
    yield f"{'page':<30} {'lines to go':>11} {'gone':>5} {'recall':>7} {'lines to stay':>14} {'lost':>5} {'body loss':>10}"
    for name, one in sorted(gold.items()):
        lines = (folder / name).read_bytes().decode().split("\n")
        stripped = _stripper(site_packs=False).begin(Document(Source(name), "\n".join(lines)))
        gone = {mark.line for mark in stripped.after(assessor.assess(stripped.document)).removals}
        drop, keep = ({line: len("".join(lines[line - 1].split())) for line in one[part]} for part in ("drop", "keep"))
        recall, loss = (sum(part[line] for line in part.keys() & gone) / max(sum(part.values()), 1) for part in (drop, keep))
        found, lost = (len(part.keys() & gone) for part in (drop, keep))
        yield f"{name:<30} {len(drop):>11} {found:>5} {recall:>7.3f} {len(keep):>14} {lost:>5} {loss:>10.3%}"


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strength", choices=[strength.value for strength in Strength], default=Strength.DEFAULT.value)
    parser.add_argument("--site-packs", action="store_true", help="packs of single sites too, put in force by their markers")
    parser.add_argument("--kinds", action="store_true", help="recall by kind of boilerplate, English")
    parser.add_argument("--seeds", action="store_true", help="the pages of CLEANER_SEEDS, without the packs of their sites")
    parser.add_argument("--html", action="store_true", help="HTML pages instead: trafilatura, and what each step brings")
    parser.add_argument("--twice", action="store_true", help="how many documents a second cleaning changes")
    options = parser.parse_args()
    if options.seeds:
        if "CLEANER_SEEDS" not in os.environ:
            sys.exit("CLEANER_SEEDS is not set: name the folder with the pages and their gold.json")
        print(*seeds(Path(os.environ["CLEANER_SEEDS"]), Strength(options.strength)), sep="\n")
        return
    if "CLEANER_EVAL" not in os.environ:
        sys.exit("CLEANER_EVAL is not set: name the folder with the evaluation files")
    folder = Path(os.environ["CLEANER_EVAL"])
    if options.html:
        import html_quality  # which measures with what stands here

        html_quality.table(folder, html_quality.steps(Strength(options.strength)))
        return
    cleaner = Cleaner(Strength(options.strength), options.site_packs)
    for name in TEXTS:
        rows = scored(folder, name, cleaner)
        print(f"\n{name}  {'documents':>22} {'recall':>8} {'body loss':>10} {'F1':>7} {'headline':>9}")
        for label, group in _groups(rows):
            one = figures(folder, group)
            print(
                f"  {label:<26} {one.documents:>6} {one.recall:>8.3f} {one.loss:>9.3%} {one.f1:>8.4f} {titles_kept(group):>8.3f}"
            )
        if options.kinds:
            _print_kinds([row for document, row in rows if document["lang"] == "en"])
        if options.twice:
            print("  a second cleaning changes {} of {} documents".format(*unstable(folder, name, cleaner)))
    kept, dropped = snippets(folder, cleaner)
    print(f"\nsnippets: kept {kept:.4f}, dropped {dropped:.4f}")


def _groups(rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    """The rows by language: English, German, the others together, and each of these."""

    def part(test: Callable[[str], bool]) -> list[Row]:
        return [row for row in rows if test(row[0]["lang"])]

    wholes = {
        "English": part(lambda code: code == "en"),
        "German": part(lambda code: code == "de"),
        "other languages": part(lambda code: code not in ("en", "de")),
    }
    for label, group in wholes.items():
        yield label, group
        yield f"  {label}, seen hosts", [row for row in group if not held_out(row[0]["host"])]
        yield f"  {label}, held-out hosts", [row for row in group if held_out(row[0]["host"])]
    for code in sorted({row[0]["lang"] for row in wholes["other languages"]}):
        yield f"    {code}", part(lambda other, code=code: other == code)  # type: ignore[misc]


def _print_kinds(rows: Sequence[Any]) -> None:
    kinds: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        for kind, (characters, gone) in row[1].items():
            kinds[kind][0] += characters
            kinds[kind][1] += gone
    for kind, (characters, gone) in sorted(kinds.items(), key=lambda item: -item[1][0]):
        print(f"    {kind:<20} {characters:>9,} characters, recall {gone / max(1, characters):.3f}")


if __name__ == "__main__":
    main()
