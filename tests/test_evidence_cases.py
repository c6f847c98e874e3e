"""Articles that stay byte for byte, and pages that nobody fitted rules to; each case is a file.

``golden/article/*.txt`` are articles without any boilerplate, of kinds that look like it: lists, lyrics, results, bylines in the text.
``lookalike/*.txt`` are pages: each line that is not blank begins with K (keep), D (drop), U (unsure) or H (headline) and a blank.
``golden/widgets/*.txt`` are the same, with furniture of several lines in the middle of articles. To add a case, add a file. All are part
of what the weights are fitted to, so the floors tell of a fit or a feature that broke, not of unseen pages.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from cleaner import CleanSettings, Document, EvidenceSettings, Pipeline, Raw, RuleSet, Source, Strength, clean, load_rules
from cleaner.layout import close_gaps

HERE = Path(__file__).parent
ARTICLES = sorted((HERE / "golden" / "article").glob("*.txt"))
PAGES = [*sorted((HERE / "lookalike").glob("*.txt")), *sorted((HERE / "golden" / "widgets").glob("*.txt"))]
FLOORS = tomllib.loads((HERE / "floors.toml").read_text(encoding="utf-8"))
LOOKALIKE, WIDGETS = FLOORS["lookalike"], FLOORS["widgets"]
GROUPS = ("en-column", "en-page", "others", "widgets")
STRENGTHS = (Strength.CAREFUL, Strength.DEFAULT, Strength.THOROUGH)
KICKER = 10
"""Code points up to which a line above the headline is no headline: "Analysis"."""


@cache
def rules() -> RuleSet:
    return load_rules()


@cache
def pipeline(strength: Strength) -> Pipeline:
    return Pipeline(rules(), CleanSettings(evidence=EvidenceSettings(strength)))


def cleaned(text: str, strength: Strength) -> Document:
    """The clean document, near-duplicates apart."""
    found = pipeline(strength).prepare(Raw(Source("x"), text))
    assert isinstance(found, Document)
    return close_gaps(found)


def told(document: Document) -> list[tuple[str, object]]:
    """What went, and why."""
    return [(document.text[slice(*one.span)], one.cause) for one in document.removals]


# -- articles


def cases(paths: Iterable[Path]) -> list[object]:
    """The articles, those with a known loss as strict failures."""
    known = tomllib.loads((HERE / "golden" / "known-losses.toml").read_text(encoding="utf-8"))
    marks = {stem: [pytest.mark.xfail(strict=True, reason=reason)] for stem, reason in known.items()}
    return [pytest.param(path, id=path.stem, marks=marks.get(path.stem, [])) for path in paths]


@pytest.mark.parametrize("path", cases(ARTICLES))
def test_an_article_stays_byte_for_byte(path: Path) -> None:
    text = path.read_bytes().decode()
    document = clean(text)
    assert told(document) == []
    assert document.clean_text == text


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.stem)
def test_a_careful_reading_leaves_an_article_too(path: Path) -> None:
    text = path.read_bytes().decode()
    document = cleaned(text, Strength.CAREFUL)
    assert told(document) == []
    assert document.clean_text == text


def test_a_thorough_reading_loses_little_of_the_articles() -> None:
    texts = [path.read_bytes().decode() for path in ARTICLES]
    lost = sum(1 - len(cleaned(text, Strength.THOROUGH).clean_text) / len(text) for text in texts)
    assert lost / len(texts) <= LOOKALIKE["articles"]["thorough"]["loss"]


# -- pages


class Result(NamedTuple):
    """Shares of a page, 0..1, by characters of its lines: of boilerplate that went, of the article that went; and whether its headline did."""

    recall: float
    loss: float
    headline_gone: bool


def group_of(path: Path) -> str:
    if path.parent.name == "widgets":
        return "widgets"
    language, kind, _ = path.stem.split("-", 2)
    return f"en-{kind}" if language == "en" else "others"


@cache
def result_of(path: Path, strength: Strength) -> Result:
    rows = path.read_text(encoding="utf-8").split("\n")
    labels = {number: row[0] for number, row in enumerate(rows, 1) if row.strip()}
    assert set(labels.values()) <= set("KDUH"), path
    assert all(row[1:2] == " " for row in rows if row.strip()), path
    lines = [row[2:] if row.strip() else row for row in rows]
    gone = dict.fromkeys(labels, 0)
    for one in cleaned("\n".join(lines), strength).removals:
        if one.line in gone:
            gone[one.line] += one.span.end - one.span.start
    share = {number: min(size / len(lines[number - 1]), 1.0) for number, size in gone.items() if lines[number - 1]}
    sign = "H" if "H" in labels.values() else "U"
    headline = next(number for number, label in labels.items() if label == sign and len(lines[number - 1].strip()) >= KICKER)
    dropped, kept = (
        _mean_share([(len(lines[n - 1].strip()), share[n]) for n, one in labels.items() if one == label]) for label in "DK"
    )
    return Result(dropped, kept, share[headline] > 0.5)


def _mean_share(parts: Iterable[tuple[int, float]]) -> float:
    sizes, gone = zip(*((size, size * share) for size, share in parts), strict=True)
    return sum(gone) / sum(sizes)


def test_there_are_pages_of_every_group() -> None:
    assert {group: sum(group_of(path) == group for path in PAGES) >= 10 for group in GROUPS} == dict.fromkeys(GROUPS, True)


@pytest.mark.parametrize("strength", STRENGTHS, ids=lambda one: one.value)
@pytest.mark.parametrize("group", GROUPS)
def test_pages_hold_their_floors(group: str, strength: Strength) -> None:
    results = [result_of(path, strength) for path in PAGES if group_of(path) == group]
    floor = (WIDGETS if group == "widgets" else LOOKALIKE[group])[strength.value]
    assert sum(one.recall for one in results) / len(results) >= floor["recall"]
    assert sum(one.loss for one in results) / len(results) <= floor["loss"]


@pytest.mark.parametrize("strength", STRENGTHS, ids=lambda one: one.value)
def test_headlines_stay(strength: Strength) -> None:
    lookalike, widgets = ([path for path in PAGES if (group_of(path) == "widgets") == which] for which in (False, True))
    for pages, most in ((lookalike, 0.05), (widgets, 1 - WIDGETS[strength.value]["headlines"])):
        gone = [path.stem for path in pages if result_of(path, strength).headline_gone]
        assert len(gone) <= most * len(pages), gone
