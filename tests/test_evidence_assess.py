"""Evidence on whole documents: what goes and what stays, who has spoken before, and what is said of it."""

from __future__ import annotations

import json
import pickle
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cleaner import (
    CleanSettings,
    Document,
    Doubtful,
    Evidence,
    EvidenceSettings,
    Keep,
    Layout,
    Pipeline,
    Raw,
    Rejection,
    Removal,
    RuleFired,
    RuleSet,
    Source,
    Strength,
    load_rules,
)
from cleaner.document import Signal
from cleaner.evidence.assessor import Assessor, evidence_folder
from cleaner.evidence.model import Model, read_model
from cleaner.evidence.units import Unit, units_of
from cleaner.spans import Span, line_spans

HERE = Path(__file__).parent
PAGES = sorted((HERE / "lookalike").glob("*.txt"))
SOME = ["de-page-hallenbad", "en-column-wire", "en-page-dev-blog", "en-page-red-top"]
STRENGTHS = [Strength.CAREFUL, Strength.DEFAULT, Strength.THOROUGH]
ONE_LINE = (HERE / "golden" / "article" / "one-line-oyster-court.txt").read_text(encoding="utf-8").strip()
WRAPPED = (HERE / "golden" / "article" / "hard-wrapped-beet-harvest.txt").read_text(encoding="utf-8")
CAPTION = "Rocky, a 14-year-old African grey, has been 'spoken to' by officers (Image: Humberline Police)"


def page(name: str) -> str:
    rows = (HERE / "lookalike" / f"{name}.txt").read_text(encoding="utf-8").split("\n")
    return "\n".join(row[2:] if row.strip() else row for row in rows)


def units_in(text: str) -> list[Unit]:
    found = units_of([text])
    return [found.unit(place) for place in range(len(found.texts))]


def of_sentences(text: str) -> bool:
    return bool(units_of([text]).sentences[0])


LANGUAGES = frozenset({"en", "de"})
"""Rules of these are enough here, and read in less time."""


@cache
def bundled() -> RuleSet:
    return load_rules()


@cache
def by_rules() -> Pipeline:
    """The rules alone."""
    return Pipeline(bundled(), CleanSettings(languages=LANGUAGES, evidence=EvidenceSettings(Strength.RULES)))


@cache
def whole() -> Pipeline:
    """Rules and evidence."""
    return Pipeline(bundled(), CleanSettings(languages=LANGUAGES))


@cache
def model() -> Model:
    return read_model(evidence_folder() / "model.toml")


@cache
def certain() -> Model:
    """A model to which every line is boilerplate."""
    return replace(model(), intercept=80.0)


@cache
def opened() -> Assessor:
    """A thorough one that takes what is likely from documents in which nothing is sure, too: texts in one line have little to be sure of."""
    return Assessor(EvidenceSettings(Strength.THOROUGH), replace(model(), opens=model().thresholds["thorough"]))


@cache
def assessor(strength: Strength = Strength.DEFAULT, doubtful: Doubtful = Doubtful.FLAG, *, sure: bool = False) -> Assessor:
    return Assessor(EvidenceSettings(strength, doubtful), certain() if sure else model())


@cache
def stripped(text: str) -> Document:
    found = by_rules().prepare(Raw(Source("x"), text))
    assert isinstance(found, Document)
    return found


def weighed(text: str, strength: Strength = Strength.DEFAULT, doubtful: Doubtful = Doubtful.FLAG) -> Document:
    return assessor(strength, doubtful).assess(stripped(text))


def mark(document: Document, line: int, cause: RuleFired | None = None) -> Removal:
    """What a rule would say of a whole line."""
    return Removal(line_spans(document.text)[line - 1], line, cause or RuleFired("p.r", "topic"))


def told(marks: tuple[Removal, ...]) -> dict[Span, Evidence]:
    """What evidence says, by span; without the number of the block, which is that of its neighbours too."""
    return {one.span: replace(one.cause, block=None) for one in marks if isinstance(one.cause, Evidence)}


def lines(marks: tuple[Removal, ...]) -> set[int]:
    return {one.line for one in marks if isinstance(one.cause, Evidence)}


# -- marks


def check(document: Document) -> None:
    """What holds for every document."""
    whole = line_spans(document.text)
    units, sentences = units_in(document.text), of_sentences(document.text)
    for marks in (document.removals, document.flags):
        assert list(marks) == sorted(marks, key=lambda one: one.span)
    assert all(a.span.end <= b.span.start for a, b in zip(document.removals, document.removals[1:], strict=False))
    spans = {one.span for one in units} if sentences else set(whole)
    assert set(told(document.removals)) | set(told(document.flags)) <= spans
    assert not lines(document.flags) & {one.line for one in document.removals} or sentences
    for one in (*document.removals, *document.flags):
        if isinstance(one.cause, Evidence):
            assert whole[one.line - 1].start <= one.span.start < one.span.end <= whole[one.line - 1].end
            assert 0 <= one.cause.confidence <= 1
            check_reasons(one.cause.reasons)
    if sentences and (gone := sorted(told(document.removals))):
        kept = [one for one in units if one.span not in gone]
        assert all(span.end <= kept[0].span.start or span.start >= kept[-1].span.end for span in gone if kept)


def check_reasons(reasons: tuple[str, ...]) -> None:
    assert 1 <= len(reasons) <= 3
    assert len(set(reasons)) == len(reasons)
    for reason in reasons:
        assert reason == reason.strip()
        assert 3 < len(reason) <= 60
        assert "\n" not in reason
        if not reason.startswith("under “"):
            assert re.fullmatch(r"[a-z][a-z' ]+", reason), reason


@pytest.mark.parametrize("path", PAGES[::3], ids=lambda path: path.stem)
def test_marks_are_whole_lines_and_stronger_settings_take_more(path: Path) -> None:
    document = stripped(page(path.stem))
    by_strength = [assessor(strength).assess(document) for strength in STRENGTHS]
    for found in by_strength:
        check(found)
    careful, default, thorough = (set(told(found.removals)) for found in by_strength)
    assert careful <= default <= thorough
    assert thorough
    # How sure a line is does not depend on how sure one wants to be.
    for weaker, stronger in pairwise(by_strength):
        assert told(weaker.removals).items() <= told(stronger.removals).items()
        assert told(stronger.flags).items() <= {**told(weaker.flags), **told(weaker.removals)}.items()


@pytest.mark.parametrize("name", SOME)
def test_the_whole_pipeline_and_the_parts_agree(name: str) -> None:
    text = page(name)
    document = whole().clean(text)
    assert told(document.removals) == told(weighed(text).removals)
    assert told(document.flags) == told(weighed(text).flags)
    assert lines(document.removals)
    kept = [number for number, (start, end) in enumerate(line_spans(text), 1) if text[start:end].strip()]
    gone = {one.line for one in document.removals if not isinstance(one.cause, Layout)}
    left = [text[slice(*line_spans(text)[number - 1])].strip() for number in kept if number not in gone]
    assert [line.strip() for line in document.clean_text.split("\n") if line.strip()] == left


def test_the_strength_rules_asks_no_evidence() -> None:
    for name in SOME:
        document = by_rules().clean(page(name))
        assert not told(document.removals)
        assert not told(document.flags)
        assert assessor(Strength.RULES).assess(document) is document


def test_without_rules_there_is_no_evidence() -> None:
    text = page(SOME[0])
    assert Pipeline(settings=CleanSettings(rules=False)).clean(text).clean_text == text


# -- the doubtful middle


@pytest.mark.parametrize("strength", STRENGTHS, ids=lambda one: one.value)
@pytest.mark.parametrize("name", [*SOME, "one-line"])
def test_doubtful_lines_are_flagged_kept_or_removed(name: str, strength: Strength) -> None:
    text = page(name) if name != "one-line" else f"{ONE_LINE} Read more news. Follow us on Facebook. Most read stories today."
    flag, keep, remove = (weighed(text, strength, doubtful) for doubtful in Doubtful)
    assert told(keep.removals) == told(flag.removals)
    assert not told(keep.flags)
    assert not told(remove.flags)
    assert not set(told(flag.removals)) & set(told(flag.flags))
    assert told(remove.removals) == told(flag.removals) | told(flag.flags)
    for marks in (flag, keep, remove):
        check(marks)


def test_something_is_doubtful() -> None:
    assert sum(len(told(weighed(page(path.stem), Strength.CAREFUL).flags)) for path in PAGES[::4]) > 10


def test_doubtful_lines_are_those_between_two_scores() -> None:
    for name in SOME:
        document = weighed(page(name))
        least, most = model().confidence(np.array([model().doubtful, model().thresholds["default"]])).tolist()
        assert all(round(least, 3) <= one.confidence <= round(most, 3) for one in told(document.flags).values())
        assert all(one.confidence >= round(most, 3) for one in told(document.removals).values())


# -- who has spoken before


@pytest.mark.parametrize("name", SOME)
def test_protected_removed_and_flagged_lines_are_left_alone(name: str) -> None:
    document = stripped(page(name))
    free = [unit.line for unit in units_in(document.text)]
    free = [line for line in free if line not in {one.line for one in (*document.removals, *document.flags)}]
    free = [line for line in free if line not in document.protected]
    protected, flagged, removed = free[::5], free[1::5], free[2::5]
    spoken = replace(
        document,
        protected=tuple(sorted({*document.protected, *protected})),
        flags=tuple(sorted((*document.flags, *(mark(document, line) for line in flagged)), key=lambda one: one.span)),
        removals=tuple(sorted((*document.removals, *(mark(document, line) for line in removed)), key=lambda one: one.span)),
    )
    found = assessor(sure=True).assess(spoken)
    check(found)
    assert lines(found.removals) == lines(assessor(sure=True).assess(document).removals) - {*protected, *flagged, *removed}
    assert not lines(found.flags)
    assert {one for one in found.removals if isinstance(one.cause, RuleFired)} == set(spoken.removals)
    assert found.flags == spoken.flags


def test_what_rules_say_is_weighed_but_what_they_take_is_not_taken_twice() -> None:
    document = stripped("The council met on Monday.\nVery plain words\nThe council will meet again on Friday.\n")
    assert not document.removals
    with_signal = replace(document, signals=(Signal(2, "share"),))
    before, after = (assessor(Strength.THOROUGH).assess(one) for one in (document, with_signal))
    assert 2 not in lines(assessor(Strength.CAREFUL).assess(document).removals)
    assert 2 in lines(after.removals)
    assert told(before.removals).keys() <= told(after.removals).keys()
    taken = replace(with_signal, removals=(mark(document, 2),))
    assert 2 not in lines(assessor(Strength.THOROUGH).assess(taken).removals)


def unique(name: str, chosen: set[int]) -> list[int]:
    """Numbers of the lines of a page, among the chosen, whose words stand nowhere else on any page, and which are more than a button."""
    every = Counter(" ".join(line.casefold().split()) for one in SOME for line in page(one).split("\n"))
    rows = [" ".join(line.casefold().split()) for line in page(name).split("\n")]
    return sorted(line for line in chosen if every[rows[line - 1]] == 1 and len(rows[line - 1]) >= 12)


@pytest.fixture(scope="module")
def own_pack(tmp_path_factory: pytest.TempPathFactory) -> tuple[RuleSet, dict[str, dict[str, int]]]:
    """Packs of a user and of a site for lines of some pages, and which lines each rule is for."""
    folder = tmp_path_factory.mktemp("own")
    chosen: dict[str, dict[str, int]] = {}
    rules: dict[str, list[str]] = {"remove": [], "flag": [], "keep": [], "site": []}
    for name in SOME:
        text = page(name)
        document = weighed(text)
        taken = unique(name, lines(document.removals))
        left = unique(name, {unit.line for unit in units_in(text)} - {one.line for one in document.removals})
        picked = {"remove": taken[1], "flag": taken[len(taken) // 2], "keep": taken[-2], "site": left[len(left) // 2]}
        chosen[name] = picked
        for action, line in picked.items():
            rules[action].append(text.split("\n")[line - 1].strip())
    site = rules.pop("site")
    (folder / "user.toml").write_text(pack("own", "", rules), encoding="utf-8")
    (folder / "site.toml").write_text(pack("place", 'hosts = ["house.example"]', {"remove": site}), encoding="utf-8")
    return RuleSet((*bundled().packs, *load_rules(folder, bundled=False).packs)), chosen


def pack(name: str, scope: str, rules: dict[str, list[str]]) -> str:
    parts = [f'[pack]\nid = "{name}"\nversion = "1"\ntopic = "house"\n{scope}\n']
    for action, literals in rules.items():
        spoken = json.dumps(literals, ensure_ascii=False)
        other = '["Some other words"]'
        examples = (other, spoken) if action == "keep" else (spoken, other)
        parts.append(
            f'[[rule]]\nid = "{action}"\nwhy = "A line of ours"\nkind = "line"\naction = "{action}"\n'
            f"literal = {spoken}\nremoves = {examples[0]}\nkeeps = {examples[1]}\n"
        )
    return "\n".join(parts)


def test_a_users_rules_change_no_other_line(own_pack: tuple[RuleSet, dict[str, dict[str, int]]]) -> None:
    rules, chosen = own_pack
    pipeline = Pipeline(rules, CleanSettings(languages=LANGUAGES))
    for name, picked in chosen.items():
        text = page(name)
        for site in (None, "house.example"):
            plain, own = whole().clean(text, site=site), pipeline.clean(text, site=site)
            assert own.packs == (("place",) if site else ())
            where = line_spans(text)
            spoken = {where[picked[action] - 1] for action in ("remove", "flag", "keep", *(["site"] if site else []))}
            for before, after in ((plain.removals, own.removals), (plain.flags, own.flags)):
                assert told(after) == {span: cause for span, cause in told(before).items() if span not in spoken}
            causes = {one.line: one.cause for one in own.removals if isinstance(one.cause, RuleFired)}
            flags = {one.line: one.cause for one in own.flags if isinstance(one.cause, RuleFired)}
            assert causes[picked["remove"]] == RuleFired("own.remove", "house")
            assert flags[picked["flag"]] == RuleFired("own.flag", "house")
            assert picked["flag"] not in {one.line for one in own.removals}
            assert picked["keep"] not in {one.line for one in own.removals}
            assert picked["keep"] in own.protected
            assert (picked["site"] in causes) == (site is not None)


def test_a_users_rule_for_one_line_of_a_paragraph_changes_no_other_line() -> None:
    document = stripped(WRAPPED)
    plain = assessor(sure=True).assess(document)
    paragraph = next(unit for unit in reversed(units_in(WRAPPED)) if unit.last > unit.line + 1)
    assert paragraph.line + 1 in lines(plain.removals)
    own = assessor(sure=True).assess(replace(document, removals=(mark(document, paragraph.line + 1),)))
    assert lines(own.removals) == lines(plain.removals) - {paragraph.line + 1}


def test_a_users_phrase_in_a_text_of_one_line_changes_no_other_sentence() -> None:
    document = stripped(f"{ONE_LINE} Follow us on Facebook. Most read stories today.")
    plain = opened().assess(document)
    assert told(plain.removals)
    first = document.text.index(" ")
    phrase = Removal(Span(0, first), 1, RuleFired("p.phrase", "topic"))
    assert told(opened().assess(replace(document, removals=(phrase,))).removals) == told(plain.removals)


# -- blocks


def test_blocks_are_numbered_on_after_those_of_rules() -> None:
    numbered = 0
    for path in PAGES[::3]:
        document = weighed(page(path.stem))
        rules = {one.cause.block for one in document.removals if isinstance(one.cause, RuleFired) and one.cause.block}
        own = [one.cause.block for one in document.removals if isinstance(one.cause, Evidence) and one.cause.block]
        assert own == sorted(own)
        assert min(own, default=99) > max(rules, default=0)
        numbered += bool(own and rules)
    assert numbered


@pytest.mark.parametrize("name", SOME)
def test_adjacent_lines_that_go_together_share_a_block(name: str) -> None:
    document = weighed(page(name))
    blocks = {one.line: one.cause.block for one in document.removals if isinstance(one.cause, Evidence)}
    stretches = groupby((unit.line for unit in units_in(document.text)), key=blocks.__contains__)
    runs = [list(run) for gone, run in stretches if gone]
    for run in runs:
        assert len({blocks[line] for line in run}) == 1
        assert (blocks[run[0]] is None) == (len(run) == 1)
    numbers = [blocks[run[0]] for run in runs if len(run) > 1]
    assert len(set(numbers)) == len(numbers)


def test_lines_of_one_paragraph_share_a_block() -> None:
    document = stripped(WRAPPED)
    units = units_in(document.text)
    paragraph = next(unit for unit in reversed(units) if unit.last > unit.line)
    others = tuple(line for unit in units if unit != paragraph for line in range(unit.line, unit.last + 1))
    found = assessor(sure=True).assess(replace(document, protected=others))
    blocks = {one.line: one.cause.block for one in found.removals if isinstance(one.cause, Evidence)}
    assert sorted(blocks) == list(range(paragraph.line, paragraph.last + 1))
    assert set(blocks.values()) == {1}


# -- what stays


def test_captions_stay_where_they_are_wanted() -> None:
    credits_ = RuleSet(tuple(one for one in bundled().packs if one.topic == "credit"))
    plainly = Pipeline(credits_)
    wanted = Pipeline(credits_, CleanSettings(evidence=EvidenceSettings(keep=frozenset({Keep.CAPTIONS}))))
    text = page("en-page-red-top")
    plain, kept = plainly.clean(text), wanted.clean(text)
    assert CAPTION not in plain.clean_text
    assert CAPTION in kept.clean_text
    assert told(kept.removals).items() <= told(plain.removals).items()
    ruled = "The hall burned on Monday.\nThe hall on Monday. Photograph: Ola Dahl/Reuters\nNobody was hurt, the mayor said.\n"
    assert "Photograph" not in plainly.clean(ruled).clean_text
    assert wanted.clean(ruled).clean_text == ruled


def test_only_captions_stay_that_would_have_gone() -> None:
    wanted = Assessor(EvidenceSettings(Strength.THOROUGH, keep=frozenset({Keep.CAPTIONS})), model())
    stay: dict[str, int] = {}
    for path in PAGES[::3]:
        document = stripped(page(path.stem))
        plain, kept = assessor(Strength.THOROUGH).assess(document), wanted.assess(document)
        assert told(kept.removals).items() <= told(plain.removals).items()
        stay[path.stem] = len(told(plain.removals)) - len(told(kept.removals))
    assert sum(stay.values()) > 0
    assert max(stay.values()) < 12, "a page has few pictures"


def test_a_hard_wrapped_article_stays_between_furniture() -> None:
    text = f"{WRAPPED}\nSign up for our newsletter\nFollow us on Facebook\n\nMost read\n"
    assert len(units_in(text)) < len(WRAPPED.split("\n"))
    assert whole().clean(text).clean_text == WRAPPED


def test_of_an_article_in_one_line_only_the_ends_may_go() -> None:
    assert whole().clean(ONE_LINE).clean_text == ONE_LINE
    ends = "Follow us on Facebook. Most read stories today."
    found = opened().assess(stripped(f"{ONE_LINE} {ends}"))
    assert ends not in found.clean_text
    assert found.clean_text.startswith(ONE_LINE)
    middle = ONE_LINE.replace(". ", f". {ends} ", 5)
    found = opened().assess(stripped(middle))
    check(found)
    assert ends in found.clean_text


def test_every_sentence_may_go() -> None:
    document = stripped("Share now. " * 60)
    found = assessor(sure=True).assess(document)
    assert found.clean_text == ""
    assert len(told(found.removals)) == 60


@pytest.mark.parametrize("name", SOME)
def test_however_sure_evidence_is_the_headline_stays(name: str) -> None:
    document = stripped(page(name))
    found = assessor(sure=True).assess(document)
    left = {unit.line for unit in units_in(document.text)} - {one.line for one in found.removals}
    rows = (HERE / "lookalike" / f"{name}.txt").read_text(encoding="utf-8").split("\n")
    headline = next(number for number, row in enumerate(rows, 1) if row.startswith("U ") and len(row) > 20)
    assert headline in left
    assert len(left) <= 2, "pages often write it twice"


@pytest.mark.parametrize("text", ["", "\n\n", " \n\t\n", "One line alone", "Follow us on Facebook\n", "\n\nShare\n"])
def test_fewer_than_two_lines_are_not_weighed(text: str) -> None:
    document = stripped(text)
    assert assessor(sure=True).assess(document) is document


# -- the same every time


def test_order_of_documents_and_age_of_the_assessor_do_not_matter() -> None:
    documents = [stripped(page(path.stem)) for path in PAGES[::6]]
    forth, back = Assessor(EvidenceSettings(), model()), Assessor(EvidenceSettings())
    assert [forth.assess(one) for one in documents] == [back.assess(one) for one in reversed(documents)][::-1]


MANY = [*(page(path.stem) for path in PAGES[::5]), ONE_LINE, WRAPPED, "", "One line", "東京\n" * 40, "x\n" * 300, "A. " * 300]


def test_documents_in_any_company_are_what_they_are_alone() -> None:
    documents = [stripped(text) for text in MANY]
    for strength in (Strength.RULES, Strength.THOROUGH):
        alone = [assessor(strength).assess(one) for one in documents]
        assert assessor(strength).assess_all(documents) == alone
        assert assessor(strength).assess_all(documents[::-1]) == alone[::-1]
        assert assessor(strength).assess_all([]) == []
    twice = assessor(Strength.THOROUGH).assess_all([*documents, *documents] * 2)
    assert twice == [assessor(Strength.THOROUGH).assess(one) for one in documents] * 4


def test_raws_in_any_company_are_what_they_are_alone() -> None:
    raws = [Raw(Source(str(number)), text) for number, text in enumerate(MANY)]
    raws[2::4] = [Raw(one.source, bytes(range(256)) * 8) for one in raws[2::4]]
    alone = [whole().prepare(raw) for raw in raws]
    assert {type(one) for one in alone} == {Document, Rejection}
    assert whole().prepare_all(raws) == alone
    assert whole().prepare_all(raws[::-1]) == alone[::-1]
    assert whole().prepare_all([]) == []


def test_a_pipeline_travels_between_processes() -> None:
    pipeline = Pipeline(RuleSet())
    fresh = pickle.dumps(pipeline)
    expected = [pipeline.clean(page(name)) for name in SOME]
    for bytes_ in (fresh, pickle.dumps(pipeline)):
        other = pickle.loads(bytes_)
        assert [other.clean(page(name)) for name in SOME] == expected


@pytest.mark.parametrize(
    "change", [str, lambda text: text.replace("\n", "\r\n"), lambda text: text + "\n\n\n"], ids=["lf", "crlf", "blank"]
)
def test_line_ends_do_not_matter(change: Callable[[str], str]) -> None:
    for name in SOME:
        assert lines(weighed(change(page(name))).removals) == lines(weighed(page(name)).removals)


# -- odd inputs


ODD = [
    "!!!\n???\n...\n",
    "word",
    "a\nb",
    "العاصفة ضربت الساحل ليلا\nשתף\n" * 40,
    "😀\n🎉🎉\n👍🏽 👍🏽\n" * 20,
    "word " * 20_000,
    "No end to it at all " * 40 + "\nShare\nShare\n",
    "A. " * 1000,
    "1\n2\n3\n" * 300,
    "\u200b\n\u200b\u200b\n\u2060x\n",
    "İ\nŉ\nﬁ\n",
    "\u0301\n\u0301a\n",
    "東京\n" * 400,
]


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("sure", [False, True])
def test_odd_documents(text: str, *, sure: bool) -> None:
    check(assessor(Strength.THOROUGH, sure=sure).assess(stripped(text)))


def test_thousands_of_lines_alike() -> None:
    check(assessor(Strength.THOROUGH).assess(stripped("x\n" * 5000)))


PARTS = st.sampled_from(
    ["Share", "By Ann Berg", "Related", "12 May 2024", "The storm came at night, the police said. " * 4, "", "  ", "...", "1. A"]
)


@settings(max_examples=40, deadline=None)
@given(st.lists(PARTS | st.text(max_size=30), max_size=14).map("\n".join), st.booleans())
@example("\ufeffa\nb", True)
@example("a\x85b\u2028c\nd", True)
def test_any_text(text: str, sure: bool) -> None:
    prepared = by_rules().prepare(Raw(Source("x"), text))
    if isinstance(prepared, Rejection):
        return
    found = assessor(Strength.THOROUGH, sure=sure).assess(prepared)
    check(found)
    assert assessor(Strength.THOROUGH, sure=sure).assess(prepared) == found


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(PARTS | st.text(max_size=30), max_size=10).map("\n".join), min_size=1, max_size=5), st.data())
def test_any_texts_in_any_company(texts: list[str], data: st.DataObject) -> None:
    found = by_rules().prepare_all([Raw(Source("x"), text) for text in texts])
    documents = [one for one in found if isinstance(one, Document)]
    alone = [assessor(Strength.THOROUGH).assess(one) for one in documents]
    order = data.draw(st.permutations(range(len(documents))))
    cut = data.draw(st.integers(0, len(documents)))
    for part in (order[:cut], order[cut:], order):
        assert assessor(Strength.THOROUGH).assess_all([documents[one] for one in part]) == [alone[one] for one in part]


def test_a_very_long_text_is_judged_section_by_section() -> None:
    """Each section with what stands around it; the same lines go, but near its ends, and no line twice."""
    page = "\n".join(
        [
            "Harbour reopens after the storm",
            *(
                f"The council said on day {number} that the harbour would open again once the sand had gone from its mouth."
                for number in range(30)
            ),
            "Related",
            "Share this article",
            "Sign up for our newsletter",
            "Copyright 2024 Harbour Herald. All rights reserved.",
        ]
    )
    document = Document(Source("a"), "\n".join([page] * 20))
    whole = Assessor(EvidenceSettings()).assess(document)
    parts = Assessor(EvidenceSettings(), section=4 * (page.count("\n") + 1)).assess(document)
    lines = [mark.line for mark in parts.removals]
    assert lines == sorted(set(lines))
    assert "".join(sorted(document.text)) == "".join(
        sorted(parts.clean_text + "".join(document.text[a:b] for a, b in (mark.span for mark in parts.removals)))
    )
    both = set(lines) & {mark.line for mark in whole.removals}
    assert len(both) > 20
    blocks = [mark.cause.block for mark in parts.removals if isinstance(mark.cause, Evidence) and mark.cause.block]
    assert blocks == sorted(blocks)
