"""Lines of articles that look like furniture: the bundled rules take none of them, whether alone or all together.

Each ``cases/rules/stays-*.txt`` holds lines that must stay, one a line, invented for the purpose. To add a case, add a line.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from cleaner import CleanSettings, EvidenceSettings, Pipeline, RuleSet, Strength, load_rules

CASES = sorted((Path(__file__).parent / "cases" / "rules").glob("stays-*.txt"))


@cache
def generic() -> Pipeline:
    """The bundled packs that are in force everywhere, without evidence: the lines are about rules."""
    rules = RuleSet(tuple(pack for pack in load_rules().packs if not pack.scoped))
    return Pipeline(rules, CleanSettings(evidence=EvidenceSettings(Strength.RULES)))


def taken(text: str) -> list[tuple[str, str]]:
    """What of a text goes: the rule (or what else was the cause) and the words."""
    document = generic().clean(text)
    return [(getattr(one.cause, "rule", "layout"), document.text[one.span.start : one.span.end]) for one in document.removals]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_each_line_stays_alone(path: Path) -> None:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert [found for line in lines for found in taken(line + "\n")] == []


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_all_lines_stay_together(path: Path) -> None:
    assert taken(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_each_line_stays_between_sentences(path: Path) -> None:
    """As a subhead or a short paragraph of an article, near neither end."""
    before = "\n".join(f"The council met for hour {hour} and could not agree on a single line of the plan." for hour in range(60))
    after = "\n".join(f"In year {year} of the works the mayor still spoke of a short delay." for year in range(60))
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    document = "\n".join(
        f"{line}\nNobody at the table had seen it coming, the minutes say of item {number}." for number, line in enumerate(lines)
    )
    assert taken(f"{before}\n{document}\n{after}\n") == []
