"""Furniture of several lines, against a slow reading of one document after another, and by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cleaner.evidence.assessor import evidence_folder
from cleaner.evidence.features import Table
from cleaner.evidence.model import Model, read_model
from cleaner.evidence.widgets import Between, Cards, Lists, Widgets, gains

Line = Mapping[str, float]
"""Features by name; "score" stands among them, and all that are not named are 0."""
Document = list[Line]
Tables = Callable[..., Table]

REACH = 60
"""No card stands as many lines below its opener."""
CARDS = Cards(headline=1.0, summary=2.0, least=2, most=4, lowest=-3.0, lowest_summary=-9.0, last_headline=-2.0, last_summary=-2.5)
BETWEEN = {"date": Between(2, 1.5, ("byline",)), "share": Between(1, 1.5, ()), "comments": Between(4, 3.0, (), 100)}
NAMED = Cards(3.0, 4.0, least=3, most=5, lowest=-3.5, lowest_summary=-2.7, last_headline=-2.4, last_summary=-2.6)
OWN = Widgets(-0.5, BETWEEN, CARDS, NAMED, Lists(gain=0.8, least=3, lowest=-2.0))
CLASSES = ("date", "byline", "share", "comments")
KINDS = pytest.mark.parametrize("which", ["own", "small", "bundled"])


@cache
def bundled() -> Model:
    return read_model(evidence_folder() / "model.toml")


@pytest.fixture(scope="module")
def widgets_of(small: Model) -> Callable[[str], Widgets]:
    return {"own": OWN, "small": small.widgets, "bundled": bundled().widgets}.__getitem__


def names_of(widgets: Widgets) -> list[str]:
    """The features that are asked for."""
    topics = {topic for one in widgets.between.values() for topic in one.rules}
    groups = {*widgets.between, *CLASSES}
    asked = ["ruled", "starts_related", "words", "sentence", "question", "date_share", "name_only", "doc_core_words"]
    return [*asked, *(f"group_{name}" for name in sorted(groups)), *(f"rule_{name}" for name in sorted(topics))]


def found(tables: Tables, widgets: Widgets, documents: Sequence[Document]) -> list[tuple[float, str]]:
    """What each line gains, and in what."""
    scores = np.array([line.get("score", 0.0) for document in documents for line in document])
    amounts, kinds = gains(widgets, tables(documents, names_of(widgets)), scores)
    return list(zip(amounts.tolist(), [("", *widgets.kinds)[kind] for kind in kinds.tolist()], strict=True))


# -- the slow reading


def is_sure(widgets: Widgets, line: Line) -> bool:
    return line.get("score", 0.0) >= widgets.sure or line.get("ruled", 0.0) > 0


def is_opener(widgets: Widgets, line: Line) -> bool:
    short = line.get("starts_related", 0.0) > 0 and line.get("words", 0.0) <= 6 and not line.get("sentence")
    return is_sure(widgets, line) and (line.get("opener", 0.0) > 0 or short)


def part(line: Line) -> str:
    """S a summary, a an aside, H any other line: a headline."""
    words = line.get("words", 0.0)
    short_question = line.get("question", 0.0) > 0 and words <= 16
    if words > 22 or (line.get("sentence", 0.0) > 0 and words >= 8 and not short_question):
        return "S"
    spoken = any(line.get(f"group_{name}", 0.0) > 0.5 for name in CLASSES)
    aside = spoken or line.get("date_share", 0.0) > 0.3 or words <= 1.5 or line.get("name_only", 0.0) > 0
    return "a" if aside else "H"


def end_of_cards(cards: Cards, document: Document, first: int, last: int) -> int:
    """Behind the cards that begin with line ``first``, of which none may stand at ``last`` or below; ``first`` without."""
    parts = "".join(map(part, document))
    lowest = {"H": cards.lowest, "S": cards.lowest_summary}
    low = [line.get("score", 0.0) < lowest.get(one, -99.0) for one, line in zip(parts, document, strict=True)]
    written = "".join("x" if no else one for no, one in zip(low, parts, strict=True))[:last]
    begin = first
    while written[begin : begin + 1] == "a":
        begin += 1
    each = []
    while len(each) < cards.most and (one := re.compile("H[aH]*Sa*").match(written, begin)):
        each.append(one.span())
        begin = one.end()
    if len(each) < cards.most and last == len(document) and re.compile("H[aH]*$").match(written, begin):
        return last if len(each) >= cards.least else first
    if each and parts[begin - 1 : begin + 1] == "SS":
        headline, summary = document[each[-1][0]], document[begin - 1]
        if headline.get("score", 0.0) < cards.last_headline or summary.get("score", 0.0) < cards.last_summary:
            begin = each.pop()[0]
    return begin if len(each) >= cards.least else first


def end_of_list(lists: Lists, document: Document, first: int, last: int) -> int:
    """Behind the headlines that begin with line ``first``, none at ``last`` or below; ``first`` if they are too few."""
    ends = [at for at in range(first, len(document)) if at >= last or part(document[at]) == "S"]
    weak = [at for at in range(first, last) if part(document[at]) == "H" and document[at].get("score", 0.0) < lists.lowest]
    end = min([len(document), *ends, *weak])
    headlines = [at for at in range(first, end) if part(document[at]) == "H"]
    if headlines and end < len(document) and part(document[end]) == "S":
        end = headlines.pop()
    return end if len(headlines) >= lists.least else first


def slow(widgets: Widgets, document: Document) -> Iterator[tuple[float, str]]:
    """What each line of one document gains, and in what: the most, of equal gains that of the first kind."""
    carded, listed = (dict.fromkeys(range(len(document)), 0.0) for _ in range(2))
    openers = [at for at, line in enumerate(document) if is_opener(widgets, line)]
    for at in openers:
        if document[at].get("zone", 0.0) > 0:
            last = min([len(document), at + REACH, *(other for other in openers if other > at)])
            for cards in (widgets.cards, widgets.named) if document[at].get("ruled", 0.0) > 0 else (widgets.cards,):
                end = end_of_cards(cards, document, at + 1, last)
                for place in range(at, end) if end > at + 1 else ():
                    carded[place] = max(carded[place], cards.summary if part(document[place]) == "S" else cards.headline)
            end = end_of_list(widgets.lists, document, at + 1, last) if document[at].get("opener", 0.0) > 0 else at + 1
            for place in range(at, end) if end > at + 1 else ():
                listed[place] = widgets.lists.gain
    for at, line in enumerate(document):
        offers = [(0.0, "")]
        for group, one in widgets.between.items():
            above, below = document[max(0, at - one.lines) : at], document[at + 1 : at + 1 + one.lines]
            enclosed = all(any(is_mark(widgets, group, other) for other in side) for side in (above, below))
            if enclosed and line.get("doc_core_words", 0.0) >= one.article:
                offers.append((one.gain, group))
        offers += [(carded[at], "card"), (listed[at], "list")]
        amount, kind = max(offers, key=lambda one: one[0])
        yield amount, "" if is_sure(widgets, line) else kind


def is_mark(widgets: Widgets, group: str, line: Line) -> bool:
    """Whether a line is surely one of a kind."""
    by_rule = any(line.get(f"rule_{topic}", 0.0) > 0 for topic in widgets.between[group].rules)
    return is_sure(widgets, line) and (by_rule or line.get(f"group_{group}", 0.0) > 0.6)


# -- any lines


KINDS_OF_LINES: list[Line] = [
    {"words": 7},
    {"words": 7},
    {"words": 12, "sentence": 1, "question": 1},
    {"words": 20, "sentence": 1},
    {"words": 20, "sentence": 1},
    {"words": 22},
    {"words": 22.5},
    {"words": 8, "sentence": 1},
    {"words": 17, "sentence": 1, "question": 1},
    {"words": 7, "sentence": 1},
    {"words": 1.5},
    {"words": 3, "date_share": 0.9},
    {"words": 2, "name_only": 1},
    {"words": 2, "opener": 1},
    {"words": 12, "sentence": 1, "opener": 1},
    {"words": 6, "starts_related": 1},
    {"words": 6, "starts_related": 1, "sentence": 1},
    {"words": 7, "starts_related": 1},
    {},
]
MARKS = [f"group_{name}" for name in ("offers", "legal", "video", "related", *CLASSES)]
MARKS += [f"rule_{name}" for name in ("byline", "share", "newsletter", "comments", "legal", "video")]
LINES = st.builds(
    lambda kind, score, zone, marks, core: {
        **kind,
        **marks,
        "score": score,
        "zone": zone,
        "ruled": core % 2,
        "doc_core_words": core,
    },
    st.sampled_from(KINDS_OF_LINES),
    st.sampled_from([-4.0, -3.0, -2.6, -2.4, -2.1, -1.0, -0.8, -0.5, 0.0, 3.0]),
    st.sampled_from([1, 1, 1, 2, 0]),
    st.dictionaries(st.sampled_from(MARKS), st.sampled_from([0.5, 0.6, 0.7, 1.0]), max_size=2),
    st.sampled_from([0, 90, 400, 400, 100, 149, 150, 401]),
)
DOCUMENTS = st.lists(st.lists(LINES, min_size=1, max_size=14), min_size=1, max_size=4)
CARD: Document = [{"words": 7}, {"words": 20, "sentence": 1}]
OPENER: Line = {"words": 2, "opener": 1, "score": 3.0, "zone": 1}


@KINDS
@settings(max_examples=400, deadline=None)
@given(documents=DOCUMENTS)
@example(documents=[[OPENER, *CARD * 2], [*CARD * 2], [OPENER, *CARD * 2, CARD[1]]])
@example(documents=[[OPENER, *CARD * 40, CARD[0]]])
def test_gains_are_those_of_a_slow_reading_in_any_company(
    table_of: Tables, widgets_of: Callable[[str], Widgets], which: str, documents: list[Document]
) -> None:
    widgets = widgets_of(which)
    expected = [one for document in documents for one in slow(widgets, document)]
    assert found(table_of, widgets, documents) == expected
    assert [one for document in documents for one in found(table_of, widgets, [document])] == expected


PIECES = st.sampled_from(["O", "H", "HS", "HaS", "HSa", "HHS", "S", "a", "h", "s"])
LETTERS: dict[str, Line] = {
    "O": OPENER,
    "H": {"words": 7, "score": -1.0},
    "h": {"words": 7, "score": -2.1},
    "l": {"words": 7, "score": -3.1},
    "S": {"words": 20, "sentence": 1, "score": -1.0},
    "s": {"words": 20, "sentence": 1, "score": -2.6},
    "a": {"words": 3, "date_share": 1.0, "score": -1.0},
}
"""Lines by a letter: an opener, headlines, summaries, an aside; small letters are less like furniture."""


def written(parts: str) -> Document:
    return [{"zone": 1, **LETTERS[letter]} for letter in parts]


@KINDS
@settings(max_examples=400, deadline=None)
@given(documents=st.lists(st.lists(PIECES, min_size=1, max_size=24).map("".join).map(written), min_size=1, max_size=4))
def test_cards_are_those_of_a_slow_reading_in_any_company(
    table_of: Tables, widgets_of: Callable[[str], Widgets], which: str, documents: list[Document]
) -> None:
    widgets = widgets_of(which)
    expected = [one for document in documents for one in slow(widgets, document)]
    assert found(table_of, widgets, documents) == expected
    assert [one for document in documents for one in found(table_of, widgets, [document])] == expected


# -- cards, by hand


@pytest.mark.parametrize(
    ("parts", "gaining"),
    [
        ("SSOHSHSHSSSS", "..OHSHSHS..."),
        ("SSOHSHShSSSS", "..OHSHS....."),
        ("SSOHSHSHsSSS", "..OHSHS....."),
        ("SSOHSHsHSSSS", "..OHSHsHS..."),
        ("SSOHSHShSaSS", "..OHSHShSa.."),
        ("SSOHSHShS", "..OHSHShS"),
        ("SSOHShSSS", "........."),
        ("SSOHSHSHHSS", "..OHSHSHHS."),
        ("SSOHSHSHhSS", "..OHSHSHhS."),
        ("SSOHSHShHSS", "..OHSHS...."),
        ("SSOaHaaSaHSaSS", "..OaHaaSaHSa.."),
        ("OHSHS", "OHSHS"),
        ("OHSHSH", "OHSHSH"),
        ("OHSHSHH", "OHSHSHH"),
        ("OHSHSHlSS", "OHSHS...."),
        ("OHSHSHOSS", "OHSHS...."),
        ("OHSHSHaOSS", "OHSHS....."),
        ("OHSHSlS", "OHSHS.."),
        ("OlSHSHS", "......."),
        ("OHS", "..."),
        ("OHSS", "...."),
        ("OHSH", "...."),
        ("OHHHS", "....."),
        ("OSHSHS", "......"),
        ("OaaaSHSHS", "........."),
        ("OHSHSHSHS", "OHSHSHSHS"),
        ("OHSHSHSHSHS", "OHSHSHSHS.."),
        ("OHSHSHSHSH", "OHSHSHSHS."),
        ("OOHSHS", ".OHSHS"),
        ("OHSOHSHS", "...OHSHS"),
        ("OHSHSOHSHS", "OHSHSOHSHS"),
        ("HSHS", "...."),
        ("O", "."),
    ],
)
def test_cards_gain_below_an_opener(table_of: Tables, parts: str, gaining: str) -> None:
    amount = {"O": 1.0, "H": 1.0, "h": 1.0, "a": 1.0, "S": 2.0, "s": 2.0, ".": 0.0}
    kind = {"O": "", ".": ""}
    expected = [(amount[letter], kind.get(letter, "card")) for letter in gaining]
    assert found(table_of, OWN, [written(parts)]) == expected


def gaining(tables: Tables, document: Document, widgets: Widgets = OWN) -> str:
    """The parts of the lines that gain; a point for all others."""
    each = found(tables, widgets, [document])
    return "".join(part(line) if amount else "." for line, (amount, _) in zip(document, each, strict=True))


def test_an_opener_before_the_article_opens_nothing(table_of: Tables) -> None:
    document = written("OHSHSOHSHS")
    document = [{**line, "zone": int(at >= 5)} for at, line in enumerate(document)]
    assert gaining(table_of, document) == ".....HHSHS"
    behind = [{**line, "zone": 2} for line in document]
    assert gaining(table_of, behind) == "HHSHSHHSHS"


def test_an_opener_that_is_not_sure_opens_nothing_unless_a_rule_takes_it(table_of: Tables) -> None:
    doubtful: Line = {**OPENER, "score": OWN.sure - 0.01}
    assert gaining(table_of, [doubtful, *written("HSHS")]) == "....."
    assert gaining(table_of, [{**doubtful, "score": OWN.sure}, *written("HSHS")]) == "HHSHS"
    assert gaining(table_of, [{**doubtful, "ruled": 1}, *written("HSHS")]) == "HHSHS"


@pytest.mark.parametrize(
    ("opener", "opens"),
    [
        ({"words": 6, "starts_related": 1}, True),
        ({"words": 6.5, "starts_related": 1}, False),
        ({"words": 6, "starts_related": 1, "sentence": 1}, False),
        ({"words": 6}, False),
        ({"words": 30, "opener": 1}, True),
    ],
)
def test_what_an_opener_is(table_of: Tables, opener: Line, *, opens: bool) -> None:
    assert gaining(table_of, [{**opener, "score": 1.0, "zone": 1}, *written("HSHS")])[1:] == ("HSHS" if opens else "....")


def test_far_below_an_opener_nothing_is_a_card(table_of: Tables) -> None:
    many = replace(OWN, cards=replace(CARDS, most=99))
    cards = (REACH - 2) // 2
    assert gaining(table_of, written("O" + "HS" * 40), many) == "H" + "HS" * cards + "." * (80 - 2 * cards)
    assert gaining(table_of, written("O" + "HS" * cards), many) == "H" + "HS" * cards


def test_a_card_that_is_sure_gains_but_would_have_gone_without(table_of: Tables) -> None:
    sure = [{**line, "score": 1.0} for line in written("OHS")]
    assert found(table_of, OWN, [[*sure, *written("HS")]]) == [(1, ""), (1, ""), (2, ""), (1, "card"), (2, "card")]


def test_cards_gain_more_below_an_opener_that_a_rule_takes(table_of: Tables) -> None:
    named = {**OPENER, "ruled": 1}
    for parts, amounts in (
        ("HSHSHS", [3.0, 3, 4, 3, 4, 3, 4]),
        ("HSHS", [1.0, 1, 2, 1, 2]),
        ("HSHSlS", [3.0, 3, 4, 3, 4, 3, 4]),
        ("HSHSHsHS", [3.0, 3, 4, 3, 4, 3, 4, 3, 4]),
        ("HSHSHSHSHSHS", [3.0, 3, 4, 3, 4, 3, 4, 3, 4, 3, 4, 0, 0]),
    ):
        assert [amount for amount, _ in found(table_of, OWN, [[named, *written(parts)]])] == amounts, parts


# -- lists, by hand


@pytest.mark.parametrize(
    ("parts", "gaining"),
    [
        ("OHHH", "OHHH"),
        ("OHaHHa", "OHaHHa"),
        ("OHH", "..."),
        ("OHHHlHHH", "OHHH...."),
        ("OHHHHSS", "OHHH..."),
        ("OHHHSS", "......"),
        ("OHHHOHHH", "OHHHOHHH"),
        ("SSHHHH", "......"),
    ],
)
def test_headlines_alone_gain_below_an_opener(table_of: Tables, parts: str, gaining: str) -> None:
    expected = [(0.0, "") if letter == "." else (0.8, "" if letter == "O" else "list") for letter in gaining]
    assert found(table_of, OWN, [written(parts)]) == expected


# -- between, by hand


DATE: Line = {"words": 2, "group_date": 0.7, "score": 1.0}
SHARE: Line = {"words": 2, "group_share": 0.7, "score": 1.0}
PLAIN: Line = {"words": 5, "score": -2.0}


@pytest.mark.parametrize(
    ("document", "gain"),
    [
        ([DATE, PLAIN, DATE], [0, 1.5, 0]),
        ([DATE, PLAIN, PLAIN, DATE], [0, 1.5, 1.5, 0]),
        ([DATE, PLAIN, PLAIN, PLAIN, DATE], [0, 0, 1.5, 0, 0]),
        ([DATE, PLAIN, SHARE], [0, 0, 0]),
        ([DATE, PLAIN, {**DATE, "score": -0.6}], [0, 0, 0]),
        ([DATE, PLAIN, {**DATE, "score": -0.6, "ruled": 1}], [0, 1.5, 0]),
        ([DATE, PLAIN, {**DATE, "group_date": 0.6}], [0, 0, 0]),
        ([DATE, PLAIN, {"words": 9, "rule_byline": 1, "ruled": 1}], [0, 1.5, 0]),
        ([DATE, DATE, DATE], [0, 1.5, 0]),
        ([PLAIN, DATE, PLAIN], [0, 0, 0]),
    ],
)
def test_lines_between_two_of_a_kind_gain(table_of: Tables, document: Document, gain: list[float]) -> None:
    each = found(table_of, OWN, [document])
    assert [amount for amount, _ in each] == gain
    assert [kind for _, kind in each] == [
        "date" if amount and line is PLAIN else "" for (amount, _), line in zip(each, document, strict=True)
    ]


def test_a_line_in_several_widgets_gains_once_and_the_most(table_of: Tables) -> None:
    edge = {"words": 2, "group_date": 1, "group_share": 1, "score": 1.0}
    assert found(table_of, OWN, [[edge, PLAIN, edge]])[1] == (1.5, "date")
    edge |= {"group_comments": 1}
    assert found(table_of, OWN, [[edge, {**PLAIN, "doc_core_words": 100}, edge]])[1] == (3.0, "comments")


def test_where_there_is_no_article_the_comments_are(table_of: Tables) -> None:
    comment: Line = {"words": 2, "group_comments": 1, "score": 1.0}
    for words, gain in ((0, (0.0, "")), (99.5, (0.0, "")), (100, (3.0, "comments"))):
        document = [{**line, "doc_core_words": words} for line in (comment, PLAIN, comment)]
        assert found(table_of, OWN, [document])[1] == gain


def test_no_widget_reaches_from_one_document_into_another(table_of: Tables) -> None:
    assert found(table_of, OWN, [[DATE, PLAIN], [DATE], written("OHS"), written("HS")]) == [(0.0, "")] * 8
