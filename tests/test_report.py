"""What a run did, in counts: parts add up in any grouping, and nothing of a document is counted twice."""

from __future__ import annotations

import json
from functools import reduce
from operator import add

from hypothesis import given
from hypothesis import strategies as st

from cleaner.document import (
    Document,
    Duplicate,
    DuplicateOf,
    Evidence,
    Layout,
    Means,
    Media,
    Rejection,
    Relation,
    Removal,
    Repair,
    RuleFired,
    Skipped,
    Source,
    ToldBy,
    Unit,
    UnitRef,
)
from cleaner.report import RunReport, Tally
from cleaner.spans import Span

SOURCE = Source("a.txt", None, "a.txt")
OF = UnitRef(SOURCE, 1)
ALL = Document(
    SOURCE,
    "One.\nRelated\nTide tables\n\nBy Ann\nTwo.\n",
    encoding="cp1252",
    media=Media.HTML,
    packs=("more", "site"),
    told_by=(ToldBy("more", Means.MARKER, ("^One",)), ToldBy("site", Means.MARKER, ("^Tide",))),
    repairs=(Repair(1, "x", "One."),),
    removals=(
        Removal(Span(5, 13), 2, RuleFired("site.box", "related")),
        Removal(Span(13, 25), 3, Evidence(0.97, ("under “Related”", "a date"))),
        Removal(Span(25, 26), 4, Layout()),
        Removal(Span(26, 33), 5, RuleFired("site.by", "byline")),
    ),
    flags=(Removal(Span(33, 38), 6, Evidence(0.5, ("a date",))),),
    skipped=(Skipped("site.slow", 1),),
    duplicates=(Duplicate(Unit.PASSAGE, Span(0, 5), 1, OF, Relation.SAME, 1.0, 1.0),),
)
GONE = Document(SOURCE, "One.\n\n", encoding="utf-8", removals=(Removal(Span(0, 5), 1, DuplicateOf(OF)),))
BLANK = Document(SOURCE, " \n\n", encoding="utf-8")
PLAIN = Document(SOURCE, "One.\n")
REJECTED = Rejection(SOURCE, "not-text", "detail")
RESULTS = [ALL, GONE, BLANK, PLAIN, REJECTED]


def test_a_document_is_counted_by_all_that_became_of_it() -> None:
    assert {name: value for name, value in RunReport.of(ALL).described().items() if value} == {
        "documents": 1, "chars_in": 38, "chars_out": 10, "repairs": 1, "repaired": 1, "media": {"html": 1}, "encodings": {"cp1252": 1},
        "topics": {"byline": 1, "evidence": 1, "related": 1}, "rules": {"evidence": 1, "site.box": 1, "site.by": 1},
        "rule_characters": {"evidence": 12, "site.box": 8, "site.by": 7, "layout": 1},
        "rule_documents": {"evidence": 1, "layout": 1, "site.box": 1, "site.by": 1},
        "characters": {"evidence": 12, "related": 8, "byline": 7, "layout": 1}, "confidence": {"0.9": 1}, "reasons": {"under “…”": 1},
        "flagged": {"evidence": 1}, "duplicates": {"same": 1}, "duplicate_units": {"passage": 1}, "packs": {"more": 1, "site": 1},
        "told_by": {"marker": 1},
        "skipped": {"site.slow": 1}, "rule_packs": {"site": 2}, "rule_packs_characters": {"site": 15},
    }  # fmt: skip
    assert not RunReport.of(ALL).deterministic


def test_documents_without_anything_left_are_told_from_those_without_anything_in_them() -> None:
    for document, empty, emptied, untouched in ((ALL, 0, 0, 0), (GONE, 0, 1, 0), (BLANK, 1, 0, 1), (PLAIN, 0, 0, 1)):
        report = RunReport.of(document)
        assert (report.empty, report.emptied, report.untouched) == (empty, emptied, untouched)


def test_a_rejection_is_no_document() -> None:
    report = RunReport.of(REJECTED)
    assert (report.documents, report.rejections) == (0, {"not-text": 1})
    assert report.described()["rejected"] == 1


@given(st.lists(st.sampled_from(RESULTS)), st.integers(0, 20))
def test_parts_add_up_however_they_are_cut(results: list[Document | Rejection], cut: int) -> None:
    tally = Tally()
    for result in results:
        tally.add(result)
    parts = [RunReport.of(result) for result in results]
    one, other = reduce(add, parts[:cut], RunReport()), reduce(add, parts[cut:], RunReport())
    assert tally.report == one + other == other + one
    assert tally.rejected == tally.report.rejections.total()
    joined = Tally()
    for part in (one, other):
        joined.include(part)
    assert joined.report == tally.report
    assert json.dumps(tally.report.described()) == json.dumps((one + other).described())


def test_a_report_does_not_change_when_its_tally_goes_on() -> None:
    tally = Tally()
    tally.add(ALL)
    before = tally.report
    tally.add(ALL)
    assert before == RunReport.of(ALL) != tally.report
