"""Pages with gold: what the fit of evidence and the measurements of quality read."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDS = 10
"""How many parts hosts are dealt into."""
TESTS = Path(__file__).resolve().parent.parent / "tests"


@dataclass(frozen=True, slots=True)
class Page:
    """A page with gold.

    Attributes:
        origin: which file or folder it comes from.
        host: pages of one host are in one fold.
        language: two letters.
        text: the dump.
        labels: for each line that is not blank, K keep, D drop, U unsure or H headline.
        sizes: for each, the letters and digits that the scorer counts.
        held_out: whether no rule writer looks at it.
    """

    origin: str
    host: str
    language: str
    text: str
    labels: str
    sizes: tuple[int, ...]
    held_out: bool


def pages(folder: Path) -> Iterator[Page]:
    """All pages that are fitted to."""
    scorer = module(folder / "score_text.py")
    for origin in ("text_article", "text_page"):
        for record in records(folder / f"{origin}.jsonl.gz"):
            labels = "".join("H" if why == "title" else label for label, why in zip(record["labels"], record["why"], strict=True))
            yield _page(scorer, origin, (record["host"], record["lang"]), record["text"], labels)
    for record in records(folder / "snippets.jsonl.gz"):
        yield _page(scorer, "snippets", (record["host"], record["lang"]), record["text"], _snippet_labels(folder, record))
    for path in sorted((TESTS / "lookalike").glob("*.txt")):
        text, labels = lookalike(path)
        yield _page(scorer, "lookalike", (path.stem, path.stem.split("-")[0]), text, labels)
    for path in sorted((TESTS / "golden" / "article").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        yield _page(scorer, "article", (path.stem, ""), text, "K" * sum(not line.isspace() for line in text.split("\n") if line))


def lookalike(path: Path) -> tuple[str, str]:
    """Text and labels of a look-alike page: each line that is not blank begins with its label and a blank."""
    rows = path.read_text(encoding="utf-8").split("\n")
    return "\n".join(row[2:] if row.strip() else row for row in rows), "".join(row[0] for row in rows if row.strip())


def held_out(host: str) -> bool:
    """Whether a host belongs to the part that no rule writer looks at."""
    return hashlib.sha1(host.encode(), usedforsecurity=False).hexdigest()[-1] in "0123"


def fold_of(host: str) -> int:
    """The fold of a host."""
    return int(hashlib.sha1(f"fold {host}".encode(), usedforsecurity=False).hexdigest(), 16) % FOLDS


def _page(scorer: Any, origin: str, place: tuple[str, str], text: str, labels: str) -> Page:
    host, language = place
    latin = scorer.is_latin(text)
    sizes = tuple(sum(map(len, scorer.words(line, latin))) for line in text.split("\n") if line.strip())
    return Page(origin, host, language, text, labels, sizes, held_out(host))


def _snippet_labels(folder: Path, record: dict[str, Any]) -> str:
    """Labels of the lines that hold a snippet or stand in one; all others are unsure."""
    plain = module(folder / "score_snippets.py").al
    lines = [plain(line) for line in record["text"].split("\n") if line.strip()]
    labels = ["U"] * len(lines)
    for field, label in (("must_keep", "K"), ("must_drop", "D")):
        for snippet in map(plain, record[field]):
            for place, line in enumerate(lines):
                if (
                    line
                    and snippet
                    and ((snippet in line and len(snippet) >= 0.3 * len(line)) or (len(line) > 12 and line in snippet))
                ):
                    labels[place] = label
    return "".join(labels)


def records(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a file of gzipped JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def module(path: Path) -> Any:
    """A script as a module, loaded once."""
    if path.stem in sys.modules:
        return sys.modules[path.stem]
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules[path.stem] = module
    return module
