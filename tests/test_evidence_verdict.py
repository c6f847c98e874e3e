"""From scores to decisions: what else goes along, what stands around a line, and whether anything in a document is sure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cleaner import Document, Doubtful, Evidence, EvidenceSettings, Source, Strength
from cleaner.document import Signal
from cleaner.evidence.assessor import Assessor, evidence_folder
from cleaner.evidence.features import Table
from cleaner.evidence.headline import CLOSE, NEVER, headlines
from cleaner.evidence.model import Model, read_model
from cleaner.evidence.stretches import Floats, Stretches
from cleaner.evidence.verdict import SURE, Verdict, decisive, verdict
from cleaner.evidence.widgets import gains

MODELS = pytest.mark.parametrize("which", ["small", "bundled"])


@cache
def bundled() -> Model:
    return read_model(evidence_folder() / "model.toml")


@pytest.fixture(scope="module")
def model(small: Model) -> Callable[[str], Model]:
    return {"small": small, "bundled": bundled()}.__getitem__


# -- what else goes along, and what stands around


CASES = st.lists(st.tuples(st.floats(-12, 12), st.floats(-8, 1), st.booleans()), min_size=1, max_size=15)
Case = list[tuple[float, float, bool]]


def decided(model: Model, case: Case) -> Floats:
    return decided_all(model, [case])


def decided_all(model: Model, cases: list[Case]) -> Floats:
    """Of several documents, end to end."""
    scores, stake, ruled = (np.array(column) for column in zip(*(line for case in cases for line in case), strict=True))
    return decisive(model, Stretches.of(np.array([len(case) for case in cases])), scores, stake, ruled)


def own(model: Model, case: Case) -> list[float]:
    """What each line has by itself."""
    found = [score - model.stake * max(0.0, stake - math.log(model.stake_free)) for score, stake, _ in case]
    return [max(value, SURE) if ruled else value for value, (_, _, ruled) in zip(found, case, strict=True)]


@MODELS
@given(cases=st.lists(CASES, min_size=1, max_size=4))
@example(cases=[[(9.0, -8.0, False)], [(0.0, -8.0, False)] * 5 + [(9.0, -8.0, False)]])
def test_decisions_are_those_of_a_slow_walk_and_each_documents_own(
    model: Callable[[str], Model], which: str, cases: list[Case]
) -> None:
    chosen = model(which)

    def flow(values: list[float], beyond: float) -> list[float]:
        found: list[float] = []
        above = beyond
        for value in values:
            above = max(value, min(above, value + chosen.lift) - chosen.fade)
            found.append(above)
        return found

    together = decided_all(chosen, cases).tolist()
    assert together == [value for case in cases for value in decided(chosen, case).tolist()]
    slow: list[float] = []
    for case in cases:
        alone = own(chosen, case)
        both = zip(flow(alone, -math.inf), flow(alone[::-1], SURE)[::-1], strict=True)
        slow += [max(value, min(two)) for value, two in zip(alone, both, strict=True)]
    assert together == pytest.approx(slow, abs=2e-6)


@MODELS
@given(case=CASES)
@example(case=[(9.0, -8.0, False), (0.0, -8.0, False), (9.0, -8.0, False)])
def test_neighbours_never_lower_a_line_and_lift_it_by_a_bounded_amount(
    model: Callable[[str], Model], which: str, case: Case
) -> None:
    chosen = model(which)
    for value, alone in zip(decided(chosen, case), own(chosen, case), strict=True):
        assert alone - 2e-6 <= value <= alone + max(chosen.lift - chosen.fade, 0) + 2e-6


@MODELS
@given(case=CASES)
def test_no_line_rises_above_the_surest_on_either_side(model: Callable[[str], Model], which: str, case: Case) -> None:
    """Above the first line is nothing; below the last is what is as sure as a line that a rule takes."""
    chosen = model(which)
    alone = own(chosen, case)
    for at, value in enumerate(decided(chosen, case)):
        assert value <= max(alone[at], min(max(alone[: at + 1]), max(*alone[at:], SURE))) + 2e-6
    assert decided(chosen, case)[0] == pytest.approx(alone[0], abs=2e-6)


@MODELS
@given(case=CASES)
def test_the_end_of_a_document_is_like_one_more_line_that_a_rule_takes(
    model: Callable[[str], Model], which: str, case: Case
) -> None:
    ruled = (-12.0, -8.0, True)
    assert decided(model(which), case).tolist() == decided(model(which), [*case, ruled]).tolist()[:-1]


@MODELS
@given(case=CASES)
def test_lines_that_a_rule_takes_are_sure(model: Callable[[str], Model], which: str, case: Case) -> None:
    found = decided(model(which), case)
    assert all(value >= SURE for value, (_, _, ruled) in zip(found, case, strict=True) if ruled)
    assert max(model(which).thresholds.values()) < SURE


@MODELS
@given(case=CASES, data=st.data())
def test_a_surer_line_makes_none_less_sure(model: Callable[[str], Model], which: str, case: Case, data: st.DataObject) -> None:
    chosen = model(which)
    at = data.draw(st.integers(0, len(case) - 1))
    score, stake, ruled = case[at]
    higher, smaller = data.draw(st.floats(0, 9)), data.draw(st.floats(0, 9))
    before = decided(chosen, case)
    for surer in ((score + higher, stake, ruled), (score, stake - smaller, ruled), (score, stake, True)):
        assert (decided(chosen, [*case[:at], surer, *case[at + 1 :]]) >= before - 2e-6).all()


@MODELS
@given(case=CASES)
def test_between_rules_it_does_not_matter_from_which_end_one_looks(model: Callable[[str], Model], which: str, case: Case) -> None:
    """Only between them: the end of a document is sure, its beginning is not."""
    held = [(0.0, -8.0, True), *case, (0.0, -8.0, True)]
    assert decided(model(which), held[::-1]).tolist() == decided(model(which), held)[::-1].tolist()


def test_what_lies_between_surer_lines_gains_and_less_the_longer_it_is(small: Model) -> None:
    def final(*scores: float) -> list[float]:
        return decided(small, [(score, -9.0, False) for score in scores]).tolist()

    assert final(5, 0, 5) == [5, 1.25, 5]
    assert final(0, 0, 5) == [0, 0, 5], "above the first line is nothing"
    assert final(5, 0, 0) == [5, 1, 1], "below the last line all is sure"
    assert final(0, 0, 0) == [0, 0, 0]
    assert final(5, 0, 0, 5) == [5, 1, 1, 5]
    assert final(0.5, 0, 0.5) == [0.5, 0.25, 0.5], "no surer than those beside it, less what the way costs"
    assert final(0, 5, 0) == [0, 5, 1.25]


def test_what_would_take_much_of_an_article_must_be_surer(small: Model) -> None:
    shares = [0.001, 0.01, 0.02, 0.5]
    found = [decided(small, [(1.0, math.log(share), False)])[0] for share in shares]
    assert found == pytest.approx([1, 1, 1 - 0.5 * math.log(2), 1 - 0.5 * math.log(50)], abs=2e-6)


# -- whether anything is sure


Line = dict[str, float]
"""Features by name, 0 where none is given; "score" and "vote" stand among them."""
Tables = Callable[..., Table]
LINES = st.fixed_dictionaries(
    {
        "score": st.sampled_from([-9.0, -3.0, -1.0, 0.0, 1.0, 1.9, 2.0, 2.4, 2.5, 4.0, 9.0]),
        "stake": st.sampled_from([-9.0, -9.0, -3.0, -0.5]),
        "vote": st.sampled_from([NEVER, NEVER, 0.0, CLOSE, CLOSE + 1]),
        "zone": st.sampled_from([1.0, 1.0, 2.0]),
        "words": st.sampled_from([2.0, 7.0, 20.0]),
    },
    optional={
        "ruled": st.just(1.0),
        "opener": st.just(1.0),
        "sentence": st.just(1.0),
        "group_date": st.just(1.0),
        "doc_core_words": st.just(500.0),
    },
)
DOCUMENTS = st.lists(st.lists(LINES, min_size=1, max_size=10), min_size=1, max_size=4)


def names_of(model: Model) -> list[str]:
    topics = {topic for one in model.widgets.between.values() for topic in one.rules}
    groups = {*model.widgets.between, "date", "byline", "share", "comments"}
    asked = ["stake", "ruled", "starts_related", "words", "sentence", "question", "date_share", "name_only", "doc_core_words"]
    return [*asked, *(f"group_{name}" for name in groups), *(f"rule_{name}" for name in topics)]


def column(documents: Sequence[Sequence[Line]], name: str, otherwise: float) -> Floats:
    return np.array([line.get(name, otherwise) for line in chain.from_iterable(documents)])


def said_of(tables: Tables, model: Model, documents: Sequence[Sequence[Line]]) -> Verdict:
    table = tables(documents, names_of(model))
    return verdict(model, table, column(documents, "score", 0.0), column(documents, "vote", NEVER))


@MODELS
@settings(max_examples=300, deadline=None)
@given(documents=DOCUMENTS)
def test_a_verdict_is_what_is_decided_and_gained_unless_nothing_is_sure(
    table_of: Tables, model: Callable[[str], Model], which: str, documents: list[list[Line]]
) -> None:
    chosen = model(which)
    found = said_of(table_of, chosen, documents)
    at = 0
    for document in documents:
        table = table_of([document], names_of(chosen))
        ruled = column([document], "ruled", 0.0) > 0
        final = decisive(chosen, table.stretches, column([document], "score", 0.0), column([document], "stake", 0.0), ruled)
        gained = gains(chosen.widgets, table, final)
        scores = [score + gain for score, gain in zip(final.tolist(), gained.amount.tolist(), strict=True)]
        votes = [line["vote"] for line in document]
        spared = headlines(table.stretches, np.array(votes)).tolist()
        if not any(score >= chosen.opens for score, stays in zip(scores, spared, strict=True) if not stays):
            scores = [min(score, min(chosen.thresholds.values()) - 0.01) for score in scores]
        here = slice(at, at + len(document))
        assert found.scores[here].tolist() == scores
        assert found.widget[here].tolist() == gained.kind.tolist()
        assert found.headline[here].tolist() == spared
        at += len(document)


@MODELS
@given(documents=DOCUMENTS)
def test_a_verdict_is_the_same_in_any_company(
    table_of: Tables, model: Callable[[str], Model], which: str, documents: list[list[Line]]
) -> None:
    together = said_of(table_of, model(which), documents)
    alone = [said_of(table_of, model(which), [document]) for document in documents]
    for whole, parts in zip(together, zip(*alone, strict=True), strict=True):
        assert whole.tolist() == np.concatenate(parts).tolist()


@MODELS
@given(documents=DOCUMENTS)
def test_a_document_goes_at_no_strength_or_has_a_line_that_is_sure(
    table_of: Tables, model: Callable[[str], Model], which: str, documents: list[list[Line]]
) -> None:
    chosen = model(which)
    for document in documents:
        found = said_of(table_of, chosen, [document])
        sure = (found.scores >= chosen.opens) & ~found.headline
        gone = [
            (found.scores >= score) & ~found.headline for _, score in sorted(chosen.thresholds.items(), key=lambda one: -one[1])
        ]
        assert sure.any() or not any(mask.any() for mask in gone)
        for weaker, stronger in pairwise(gone):
            assert not (weaker & ~stronger).any()


HELD: Line = {"score": 2.4, "stake": -9.0, "words": 7.0, "zone": 1.0}
"""Would go at any strength of the small model, in a document with a line that is sure."""


@pytest.mark.parametrize(
    ("document", "goes"),
    [
        ([HELD, HELD], []),
        ([HELD, HELD | {"score": 2.5}], [0, 1]),
        ([HELD, HELD | {"score": 9.0, "vote": 1.0}], []),
        ([HELD | {"score": 9.0, "vote": 1.0}, HELD, HELD | {"score": 9.0, "vote": 0.0}], []),
        ([HELD, HELD | {"score": 9.0, "vote": CLOSE + 1}, HELD | {"score": 3.0, "vote": 0.0}], [0, 1, 2]),
        ([HELD, HELD | {"score": -9.0, "ruled": 1.0}], [0, 1]),
        ([HELD, HELD | {"score": 2.0, "opener": 1.0}, HELD, HELD | {"words": 20.0, "sentence": 1.0}], []),
    ],
    ids=[
        "nothing-sure",
        "one-line",
        "the-headline",
        "it-stands-there-twice",
        "beside-the-headline",
        "a-rule",
        "one-card-is-none",
    ],
)
def test_one_sure_line_opens_a_document(table_of: Tables, small: Model, document: list[Line], goes: list[int]) -> None:
    lifted = replace(small, lift=0.0)
    found = said_of(table_of, lifted, [document])
    assert np.flatnonzero(found.scores >= max(small.thresholds.values())).tolist() == goes
    other = said_of(table_of, lifted, [document, [HELD | {"score": 9.0}], [HELD]])
    assert other.scores.tolist() == [*found.scores.tolist(), 9.0, min(small.thresholds.values()) - 0.01]


def test_what_is_gained_in_a_widget_may_open_a_document(table_of: Tables, small: Model) -> None:
    plain = replace(small, lift=0.0)
    edge = HELD | {"score": 0.5, "group_date": 1.0}
    assert (said_of(table_of, plain, [[edge, HELD | {"score": 0.9}, edge]]).scores < 0).all()
    assert said_of(table_of, plain, [[edge, HELD | {"score": 1.0}, edge]]).scores.tolist() == [0.5, 2.5, 0.5]


# -- whole documents


HERE = Path(__file__).parent
ARTICLE = (HERE / "golden" / "article" / "news-coalition-talks.txt").read_text(encoding="utf-8")


def gone(document: Document, **more: Any) -> set[int]:
    found = Assessor(EvidenceSettings(**more), bundled()).assess(document)
    return {one.line for one in found.removals if isinstance(one.cause, Evidence)}


@pytest.mark.parametrize("strength", [Strength.CAREFUL, Strength.DEFAULT, Strength.THOROUGH], ids=lambda one: one.value)
def test_an_article_in_which_nothing_is_sure_is_left_alone(strength: Strength) -> None:
    document = Document(Source("x"), ARTICLE)
    for doubtful in (Doubtful.FLAG, Doubtful.KEEP):
        assert gone(document, strength=strength, doubtful=doubtful) == set()


def test_a_rule_on_any_line_opens_a_document_for_evidence() -> None:
    """Whatever it is about: here a line without which nothing would be sure."""
    opened = replace(bundled(), opens=SURE)
    document = Document(Source("x"), f"{ARTICLE}\nFollow us on Facebook\nMore from our newsroom\n")
    last = document.text.count("\n")
    assert not Assessor(EvidenceSettings(Strength.THOROUGH), opened).assess(document).removals
    ruled = replace(document, signals=(Signal(last, "share"),))
    found = Assessor(EvidenceSettings(Strength.THOROUGH), opened).assess(ruled)
    assert last - 1 in {one.line for one in found.removals}
