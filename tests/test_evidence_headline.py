"""Which lines are the headline, against a slow reading, and that nothing takes them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cleaner import CleanSettings, Document, Doubtful, Evidence, EvidenceSettings, Pipeline, Raw, Source, Strength
from cleaner.errors import RuleFaults
from cleaner.evidence.assessor import Assessor, Spoken, evidence_folder
from cleaner.evidence.features import Extractor, Table
from cleaner.evidence.headline import BEHIND, CLOSE, NEVER, WORDS, Headline, candidates, headlines
from cleaner.evidence.lexicon import Lexicon
from cleaner.evidence.model import Model, read_model
from cleaner.evidence.stretches import Stretches
from cleaner.evidence.units import units_of

Line = Mapping[str, float]
"""Features by name, 0 where none is given."""
Lines = list[Line]
Tables = Callable[..., Table]
HERE = Path(__file__).parent
PAGES = [*sorted((HERE / "lookalike").glob("*.txt"))[::4], *sorted((HERE / "golden" / "widgets").glob("*.txt"))]
MODELS = pytest.mark.parametrize("which", ["small", "bundled"])


@cache
def bundled() -> Model:
    return read_model(evidence_folder() / "model.toml")


@pytest.fixture(scope="module")
def headline_of(small: Model) -> Callable[[str], Headline]:
    return {"small": small.headline, "bundled": bundled().headline}.__getitem__


ASKED = ("words", "ruled", "date_share")


def features_of(headline: Headline) -> list[str]:
    return [*ASKED, *(one.name for one in headline.features)]


# -- candidates


def may_be(document: Lines, at: int) -> bool:
    """Whether a line may be the headline."""
    line = document[at]
    first = next((place for place, other in enumerate(document) if other.get("zone", 0.0) >= 1), len(document) - 1)
    words = line.get("words", 0.0)
    return at <= first + BEHIND and WORDS[0] <= words <= WORDS[1] and not line.get("ruled") and line.get("date_share", 0.0) < 0.4


@pytest.mark.parametrize(
    ("change", "may"),
    [
        ({}, True),
        ({"words": WORDS[0] - 0.5}, False),
        ({"words": WORDS[0]}, True),
        ({"words": WORDS[1]}, True),
        ({"words": WORDS[1] + 0.5}, False),
        ({"date_share": 0.39}, True),
        ({"date_share": 0.4}, False),
        ({"ruled": 1}, False),
        ({"telling": 1, "words": 9}, True),
    ],
)
def test_what_may_be_a_headline(table_of: Tables, change: Line, *, may: bool) -> None:
    table = table_of([[{"words": 9, **change}, {"words": 40, "zone": 1}]], [*ASKED, "telling"])
    assert candidates(table).tolist() == ([0] if may else [])


def test_where_a_headline_may_stand(table_of: Tables) -> None:
    above, inside, behind = ([{"words": 9, "zone": zone}] * 10 for zone in (0, 1, 2))
    table = table_of([[*above, *inside, *behind], [*inside, *behind]], ASKED)
    assert candidates(table).tolist() == [*range(10 + BEHIND + 1), *range(30, 30 + BEHIND + 1)]


# -- votes

VALUES = st.sampled_from([-1.0, 0.0, 0.01, 0.2, 0.3, 0.34, 0.39, 0.4, 0.5, 0.8, 1.0, 2.0, 3.0, 5.0, 9.0, 16.0, 32.0, 33.0, 1e6])


def documents_of(headline: Headline) -> st.SearchStrategy[list[Lines]]:
    values = st.dictionaries(st.sampled_from(features_of(headline)), VALUES)
    line = st.tuples(values, st.sampled_from([0, 1, 1, 2]), st.sampled_from([2.5, 7.0, 9.0, 20.0]))
    lines = line.map(lambda one: {"words": one[2], **one[0], "zone": one[1]})
    return st.lists(st.lists(lines, min_size=1, max_size=8), min_size=1, max_size=4)


def slow_votes(headline: Headline, document: Lines) -> Iterator[float]:
    """How much speaks for each line: feature by feature, edge by edge."""
    for at, line in enumerate(document):
        votes, begin = 0, 0
        for one in headline.features:
            votes += round(100 * headline.weights[begin + sum(line.get(one.name, 0.0) >= edge for edge in one.edges)])
            begin += len(one.edges) + 1
        yield votes if may_be(document, at) else NEVER


def slow_headlines(votes: Sequence[float]) -> list[bool]:
    """Which of a document's lines are its headline: the first of those for which most speaks, and the next if hardly less does."""
    ranked = sorted((place for place, vote in enumerate(votes) if vote > NEVER), key=lambda place: -votes[place])
    chosen = [place for place in ranked[:2] if votes[place] >= max(votes) - CLOSE]
    return [place in chosen for place in range(len(votes))]


@MODELS
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_votes_are_sums_of_slow_lookups_in_any_company(
    table_of: Tables, headline_of: Callable[[str], Headline], which: str, data: st.DataObject
) -> None:
    headline = headline_of(which)
    documents = data.draw(documents_of(headline))
    table = table_of(documents, features_of(headline))
    found = headline.votes(table)
    expected = [list(slow_votes(headline, document)) for document in documents]
    assert found.tolist() == [vote for votes in expected for vote in votes]
    assert headlines(table.stretches, found).tolist() == [one for votes in expected for one in slow_headlines(votes)]


VOTES = st.lists(st.sampled_from([NEVER, NEVER, -CLOSE, 0.0, 1.0, CLOSE, CLOSE + 1]), min_size=1, max_size=6)


@given(st.lists(VOTES, min_size=1, max_size=5))
@example([[NEVER], [7.0, 7.0], [NEVER, -3.0], [NEVER, NEVER]])
def test_a_document_has_two_headlines_at_most_and_the_first_of_equal_ones(votes: list[list[float]]) -> None:
    stretches = Stretches.of(np.array([len(one) for one in votes]))
    found = headlines(stretches, np.array([vote for one in votes for vote in one])).tolist()
    assert found == [one for own in votes for one in slow_headlines(own)]
    for own in votes:
        here, found = found[: len(own)], found[len(own) :]
        assert sum(here) <= 2
        assert any(here) == any(vote > NEVER for vote in own)
        assert not any(here) or here[own.index(max(own))]


@pytest.mark.parametrize(
    ("votes", "chosen"),
    [
        ([5, 7, 7], [1, 2]),
        ([7, 7, 7], [0, 1]),
        ([7, CLOSE + 7, NEVER], [0, 1]),
        ([6, CLOSE + 7, NEVER], [1]),
        ([NEVER, 3, NEVER], [1]),
        ([NEVER, NEVER, NEVER], []),
    ],
)
def test_a_second_line_is_a_headline_if_hardly_less_speaks_for_it(votes: list[float], chosen: list[int]) -> None:
    found = headlines(Stretches.of(np.array([3, 3])), np.array([*votes, *votes], np.float64))
    assert np.flatnonzero(found).tolist() == [*chosen, *(place + 3 for place in chosen)]


def test_without_features_the_first_that_may_are_the_headline(table_of: Tables) -> None:
    nothing = Headline((), np.zeros(0))
    document: Lines = [{"words": 2}, {"words": 9}, {"words": 9}, {"words": 9}, {"words": 40, "zone": 1}]
    table = table_of([document, document[:1]], ASKED)
    assert nothing.votes(table).tolist() == [NEVER, 0, 0, 0, NEVER, NEVER]
    assert np.flatnonzero(headlines(table.stretches, nothing.votes(table))).tolist() == [1, 2]


def test_a_model_that_says_nothing_of_headlines_is_none(tmp_path: Path) -> None:
    text = (HERE / "cases" / "model.toml").read_text(encoding="utf-8")
    first, last = text.index("[[headline]]"), text.index("[classes]")
    path = tmp_path / "model.toml"
    for head in ("", "headline = []\n"):
        path.write_text(head + text[:first] + text[last:], encoding="utf-8")
        assert tomllib.loads(path.read_text(encoding="utf-8"))["classes"]
        with pytest.raises(RuleFaults):
            read_model(path)


# -- whole documents


@cache
def stripped() -> Mapping[str, Document]:
    """The pages with the marks of rules."""
    pipeline = Pipeline(settings=CleanSettings(evidence=EvidenceSettings(Strength.RULES)))
    texts = {path.stem: path.read_text(encoding="utf-8") for path in PAGES}
    bare = {name: "\n".join(row[2:] if row.strip() else row for row in text.split("\n")) for name, text in texts.items()}
    found = {name: pipeline.prepare(Raw(Source(name), text)) for name, text in bare.items()}
    return {name: one for name, one in found.items() if isinstance(one, Document)}


def headline_lines(documents: Sequence[Document]) -> list[set[int]]:
    """The numbers of the headlines' lines in each, as the bundled model sees it."""
    model = bundled()
    units = units_of([document.text for document in documents])
    extractor = Extractor(Lexicon(evidence_folder(), model.structure.classes.names), model.structure.classes)
    table = extractor.table(units, Spoken(documents, units).topics())
    chosen = np.flatnonzero(headlines(table.stretches, model.headline.votes(table)))
    found: list[set[int]] = [set() for _ in documents]
    for owner, line in zip(table.stretches.owner[chosen].tolist(), units.line[chosen].tolist(), strict=True):
        found[owner].add(line)
    return found


def gone(documents: Sequence[Document], settings: EvidenceSettings, model: Model) -> list[set[int]]:
    found = Assessor(settings, model).assess_all(documents)
    return [{one.line for one in document.removals if isinstance(one.cause, Evidence)} for document in found]


@pytest.mark.parametrize("doubtful", [Doubtful.FLAG, Doubtful.REMOVE], ids=lambda one: one.value)
@pytest.mark.parametrize("strength", [Strength.CAREFUL, Strength.DEFAULT, Strength.THOROUGH], ids=lambda one: one.value)
def test_a_headline_stays_at_every_strength(strength: Strength, doubtful: Doubtful) -> None:
    documents = list(stripped().values())
    for model in (bundled(), replace(bundled(), intercept=80.0)):
        taken = gone(documents, EvidenceSettings(strength, doubtful), model)
        for name, headline, lines in zip(stripped(), headline_lines(documents), taken, strict=True):
            assert headline, name
            assert not headline & lines, name


@pytest.mark.parametrize("doubtful", [Doubtful.FLAG, Doubtful.REMOVE], ids=lambda one: one.value)
def test_a_document_without_a_headline_may_go_as_a_whole(doubtful: Doubtful) -> None:
    document = Document(Source("x"), "Share\nShare now\nHome\n12 May 2024\n")
    [found] = gone([document], EvidenceSettings(Strength.THOROUGH, doubtful), replace(bundled(), intercept=80.0))
    assert headline_lines([document]) == [set()]
    assert found == {1, 2, 3, 4}


def test_of_a_document_that_is_boilerplate_to_evidence_only_the_headline_is_left() -> None:
    documents = list(stripped().values())
    taken = gone(documents, EvidenceSettings(Strength.THOROUGH), replace(bundled(), intercept=80.0))
    for document, lines, headline in zip(documents, taken, headline_lines(documents), strict=True):
        spoken = {one.line for one in (*document.removals, *document.flags)} | set(document.protected)
        filled = {number for number, line in enumerate(document.text.split("\n"), 1) if line.strip()}
        assert filled - lines - spoken == headline
