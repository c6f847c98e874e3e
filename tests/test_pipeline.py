"""Rules and evidence in one pipeline: rules see what evidence has left, and a second cleaning finds nothing more."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from cleaner import (
    CleanSettings,
    Document,
    Evidence,
    EvidenceSettings,
    Pipeline,
    Raw,
    RuleFired,
    RuleSet,
    Source,
    Strength,
    load_rules,
)
from cleaner.evidence.assessor import Assessor, evidence_folder
from cleaner.evidence.model import Model, read_model

ARTICLES = Path(__file__).parent / "golden" / "article"
ARTICLE = (ARTICLES / "news-coalition-talks.txt").read_text(encoding="utf-8").rstrip("\n") + "\n"
BIO = "Ada Moss is a staff writer at the Harbour Post."
"""``byline-en.author-bio`` takes it among the last twelve lines."""
SIGNED = "Set in type by the night desk of the house."
FOOT = [
    "Get in touch",
    "Bugle Events",
    "Reader offers",
    "Puzzles and games",
    "Bugle Travel",
    "Our other titles",
    "Letters to the editor",
    "Weather",
    "Crossword",
    "Bugle Property",
    "Family notices",
    "Bugle Jobs",
]
"""Furniture that no rule takes."""
OWN = f"""
[pack]
id = "own"
version = "1"
topic = "house"

[[rule]]
id = "signed"
why = "Who set it, at the end"
kind = "line"
literal = ["{SIGNED}"]
last = 1
removes = ["{SIGNED}"]
keeps = ["Set in type."]
"""


@cache
def bundled() -> RuleSet:
    return load_rules()


@cache
def model() -> Model:
    return read_model(evidence_folder() / "model.toml")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    path = tmp_path_factory.mktemp("own") / "own.toml"
    path.write_text(OWN, encoding="utf-8")
    return load_rules(path, bundled=False)


def by(rules: RuleSet, strength: Strength = Strength.THOROUGH) -> Pipeline:
    """A pipeline in which evidence does not wait for a line that is sure: so that this depends little on the weights."""
    settings = EvidenceSettings(strength)
    found = Pipeline(rules, CleanSettings(evidence=settings))
    if strength is not Strength.RULES:
        found._assessor = Assessor(settings, replace(model(), opens=model().thresholds[strength.value]))
    return found


def page(last: str) -> str:
    """An article, a line that a rule takes near the end, and furniture that no rule takes below."""
    return f"{ARTICLE}\n{last}\n\n" + "\n".join(FOOT) + "\n"


def causes(document: Document) -> dict[str, object]:
    """What took each line."""
    marks = [mark for mark in document.removals if document.text[slice(*mark.span)].strip()]
    return {document.text[slice(*mark.span)].strip(): mark.cause for mark in marks}


@pytest.mark.parametrize(
    ("pack", "line", "cause"),
    [("own", SIGNED, RuleFired("own.signed", "house")), ("bundled", BIO, RuleFired("byline-en.author-bio", "byline"))],
)
def test_a_rule_for_the_last_lines_takes_what_evidence_uncovers(own: RuleSet, pack: str, line: str, cause: RuleFired) -> None:
    rules = {"own": own, "bundled": bundled()}[pack]
    alone, together = (by(rules, strength).clean(page(line)) for strength in (Strength.RULES, Strength.THOROUGH))
    assert causes(alone) == {}, "too much stands below it"
    found = causes(together)
    assert found.pop(line) == cause
    assert sorted(found) == sorted(FOOT)
    assert all(isinstance(one, Evidence) for one in found.values())
    assert together.clean_text == ARTICLE
    again = by(rules).clean(together.clean_text)
    assert again.removals == ()
    assert again.clean_text == together.clean_text


def test_what_rules_find_late_is_found_in_any_company(own: RuleSet) -> None:
    pipeline = by(own)
    raws = [
        Raw(Source(str(number)), text)
        for number, text in enumerate((page(SIGNED), ARTICLE, page(BIO), b"\x00\x01", page(SIGNED)))
    ]
    alone = [pipeline.prepare(raw) for raw in raws]
    assert pipeline.prepare_all(raws) == alone
    assert pipeline.prepare_all(raws[::-1]) == alone[::-1]
    late = [one for one in alone if isinstance(one, Document)]
    assert [SIGNED in causes(one) for one in late] == [True, False, False, True]


def test_a_line_that_a_keep_rule_protects_holds_what_stands_above(tmp_path: Path) -> None:
    """What evidence may not take is still the last line."""
    keep = f'id = "held"\nwhy = "Stays"\nkind = "line"\naction = "keep"\nliteral = ["{FOOT[-1]}"]\nremoves = ["x"]\nkeeps = ["{FOOT[-1]}"]'
    held = f"{OWN}\n[[rule]]\n{keep}\n"
    (tmp_path / "own.toml").write_text(held, encoding="utf-8")
    found = by(load_rules(tmp_path / "own.toml", bundled=False)).clean(page(SIGNED))
    assert SIGNED not in causes(found)
    assert FOOT[-1] not in causes(found)
    assert set(causes(found)) == set(FOOT[:-1])


def test_a_line_in_doubt_is_not_flagged_once_a_rule_takes_it(own: RuleSet) -> None:
    for strength in (Strength.CAREFUL, Strength.DEFAULT, Strength.THOROUGH):
        document = by(own, strength).clean(page(SIGNED))
        gone = {mark.line for mark in document.removals}
        assert not gone & {mark.line for mark in document.flags}
