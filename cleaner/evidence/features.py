"""Every feature of every line of some documents, by name: what the model weighs. ``rules/evidence/model.toml`` says what each means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

import numpy as np

from cleaner.evidence import around, content
from cleaner.evidence.article import Article, locate, prose
from cleaner.evidence.lexicon import ClassHits, Lexicon
from cleaner.evidence.shape import End, Words, shape
from cleaner.evidence.stretches import PARTS, Bools, Floats, Ints, Stretches, in_parts
from cleaner.evidence.surface import Block, Characters, Reader, block
from cleaner.evidence.tokens import Tokens, tokens_of, words_of
from cleaner.evidence.units import Units
from cleaner.evidence.vocabulary import Place


@dataclass(frozen=True, slots=True)
class Classes:
    """What the classes of the lexicon and the topics of the rules are used for.

    Attributes:
        names: classes of words, in the order of the lexicon's rows.
        topics: topics of generic rules that are evidence.
        telling: classes whose words tell of furniture.
        openers: classes whose lines open a block that is foreign to the article.
        groups: classes that are looked for around a line, together under one name.
    """

    names: tuple[str, ...]
    topics: tuple[str, ...]
    telling: tuple[str, ...]
    openers: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]


class Columns(Mapping[str, Floats]):
    """Features by name: a value for each line, shape (lines,).

    Args:
        blocks: all of them; every name stands in one of them only.
    """

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._names = tuple(chain.from_iterable(part.names for part in blocks))
        self._rows = list(chain.from_iterable(part.rows for part in blocks))
        self._row = _numbered(self._names)

    def __getitem__(self, name: str) -> Floats:
        row: Floats = self._rows[self._row[name]]
        return row

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def rows(self, names: Sequence[str], lines: Ints | slice = slice(None)) -> Floats:
        """Some of the features, of some lines, shape (names, lines)."""
        return np.stack([self._rows[self._row[name]][lines] for name in names])


@lru_cache(maxsize=4)
def _numbered(names: tuple[str, ...]) -> Mapping[str, int]:
    """Where each name stands; remembered, for all documents have the same."""
    return {name: number for number, name in enumerate(names)}


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The features of the lines of some documents.

    Attributes:
        stretches: which lines are those of which document.
        columns: the features by name.
        article: where the articles stand.
        openers: which lines open a foreign block.
        captions: which lines tell of a picture: words of credits, or a rule about them.
    """

    stretches: Stretches
    columns: Columns
    article: Article
    openers: Bools
    captions: Bools


class _Said(NamedTuple):
    """What some documents say.

    Attributes:
        texts: of all lines.
        characters: theirs.
        blanked: what stands between their blanks.
        tokens: theirs.
        function: which distinct tokens are function words.
    """

    texts: Sequence[str]
    characters: Characters
    blanked: Words
    tokens: Tokens
    function: Bools


class Extractor:
    """Features of documents.

    Args:
        lexicon: words of all languages, with the rows of ``classes``.
        classes: what they are used for.
    """

    def __init__(self, lexicon: Lexicon, classes: Classes) -> None:
        self._lexicon = lexicon
        self._reader = Reader()
        self._row = {name: number for number, name in enumerate(classes.names)}
        self._topic = {name: number for number, name in enumerate(classes.topics)}
        self._rule_names = (*(f"rule_{topic}" for topic in classes.topics), "ruled")
        self._word_names = tuple(f"{place}_{name}" for place in ("words", "starts", "line") for name in classes.names)
        self._group = {name: number for number, name in enumerate(classes.groups)}
        self._group_names = tuple(f"group_{name}" for name in classes.groups)
        self._since_names = tuple(f"since_{name}" for name in classes.groups)
        joined = (*classes.groups.values(), classes.telling, classes.openers, ("byline", "bio"))
        self._joined = [np.array([self._row[name] for name in part]) for part in joined]

    def table(self, units: Units, topics: Mapping[int, frozenset[str]]) -> Table:
        """The features of some documents.

        Args:
            units: their lines; each document has one at least.
            topics: index of a unit -> topics of the generic rules that take it whole; units that no rule takes are left out.
        """
        stretches = Stretches.of(units.sizes)
        characters = self._reader.read(units.texts, stretches)
        said = words_of(characters)
        tokens = tokens_of(characters, said)
        spoken = self._lexicon.spoken(tokens, len(units.sizes))
        hits = self._lexicon.hits(characters, said, spoken.languages)
        shapes, blanked = shape(characters, units)
        blocks = [shapes, self._rules(topics, len(units.texts))]
        columns = blocks[0].columns() | blocks[1].columns()
        words, ruled = columns["words"], columns["ruled"] > 0
        # "4. Canada" is a ranking and no menu.
        hits.lines[self._row["sections"]] *= columns["digits"] == 0
        *grouped, told, opening, role = (np.maximum.reduce(hits.places[:, rows], axis=1) for rows in self._joined)
        groups = self._groups(np.stack(grouped, axis=1), columns)
        columns |= groups.columns()
        blocks += [Block(self._word_names, hits.places.reshape(-1, len(words))), groups]
        telling = _telling(told, ruled)
        lines_of_prose = prose(words, columns["sentence"], columns["lower"], ruled)
        openers = (np.maximum(opening[Place.LINES], opening[Place.WORDS]) > 0.9) | ((columns["rule_related"] > 0) & (words < 8))
        article = locate(stretches, words, lines_of_prose, telling, openers)
        found = _contents(_Said(units.texts, characters, blanked, tokens, spoken.function), words, article)
        found |= {
            "date_share": _date_share(columns, hits.words[self._row["calendar"]]),
            "introduction": found["introduces"] * (1.0 + (role[Place.WORDS] > 0)),
            "credit_late": (hits.last[self._row["credit"]] > 0.6) & (words >= 5),
            "relative_length": np.log1p(words) - np.log1p(stretches.spread(_typical(stretches, words, article.prose))),
            "stake": _stake(stretches, words, article),
            "prose": article.prose,
            "telling": telling,
            "opener": openers,
        }
        bylines = self._bylines(stretches, columns, found["name_only"] > 0, hits)
        found |= content.authors(tokens, bylines, spoken.function)
        found |= _layout(stretches, columns, article)
        found |= around.place(stretches, article, words)
        found |= _since_openers(stretches, columns, telling, openers, article)
        blocks += [
            block(found),
            _document(stretches, columns, article, telling, ruled),
            *self._surroundings(stretches, columns, groups, telling, article),
        ]
        captions = (columns["group_credit"] > 0.3) | (columns["rule_credit"] > 0)
        return Table(stretches, Columns(blocks), article, openers, captions)

    def _rules(self, topics: Mapping[int, frozenset[str]], count: int) -> Block:
        """Which generic rules take each line."""
        rows = np.zeros((len(self._rule_names), count))
        rows[-1, list(topics)] = 1.0
        told = [(self._topic[topic], place) for place, here in topics.items() for topic in here if topic in self._topic]
        for topic, place in told:
            rows[topic, place] = 1.0
        return Block(self._rule_names, rows)

    def _groups(self, joined: Floats, columns: Mapping[str, Floats]) -> Block:
        """How strongly the words of a line speak of groups of classes, 0..1: all of it, its beginning, or a share of it.

        Args:
            joined: the largest hits of any class of each group, shape (3, groups, lines).
            columns: features so far.
        """
        share, start, whole = joined
        rows = np.maximum(whole, np.maximum(0.8 * start, np.minimum(2.5 * share, 1.0)))
        dated = ((columns["time"] > 0) | (columns["year"] > 0)) & (columns["words"] < 10)
        date = self._group["date"]
        rows[date] = np.maximum(rows[date], 0.8 * dated)
        return Block(self._group_names, rows)

    def _bylines(self, stretches: Stretches, columns: Mapping[str, Floats], name_only: Bools, hits: ClassHits) -> Bools:
        """Which lines name the author: a byline, or a name beside one or beside a date."""
        row = self._row["byline"]
        words = columns["words"]
        byline = ((columns["rule_byline"] > 0) | (hits.starts[row] > 0) | (hits.lines[row] > 0)) & (words < 15)
        beside = (columns["group_date"] > 0.3) & (words < 12) | byline
        below = stretches.shifted(beside.astype(np.float64), 1, 0.0) > 0
        above = stretches.shifted((byline & (words < 4)).astype(np.float64), -1, 0.0) > 0
        found: Bools = byline | (name_only & (below | above))
        return found

    def _surroundings(
        self, stretches: Stretches, columns: Mapping[str, Floats], groups: Block, telling: Floats, article: Article
    ) -> list[Block]:
        """What stands above and below each line."""
        words, lines_of_prose = columns["words"], article.prose
        written = np.where(lines_of_prose, words, 0.0)
        share = stretches.before(written) / np.maximum(stretches.spread(stretches.total(written)), 1.0)
        late = (groups.rows > 0.6) & (words < 20) & (share > 0.5)
        rows = block({"prose": lines_of_prose, "telling": telling, "short": words < 6, "sentences": columns["sentence"]})
        near = block({"words": words, "telling": telling, "ruled": columns["ruled"], "capital_words": columns["capital_words"]})
        return [
            around.windows(stretches, rows),
            around.neighbours(stretches, near, (-2, -1, 1, 2), -1.0),
            around.neighbours(stretches, groups, (-1, 1), 0.0),
            around.counts_near(stretches, groups),
            Block(self._since_names, around.since(stretches, late, words, lines_of_prose)),
        ]


def _contents(said: _Said, words: Floats, article: Article) -> dict[str, Floats | Ints | Bools]:
    """What the words of each line are; ``words``: how many it has."""
    texts, characters, blanked, tokens, function = said
    meaning = content.carries_meaning(characters, tokens, function)
    return {
        **content.cohesion(tokens, meaning, article.core),
        **content.repetition(tokens, characters.stretches),
        **content.lists(texts, characters, blanked.marked),
        **content.names(texts, characters, blanked, words < 8),
        "function_words": content.tokens_per_line(tokens, function[tokens.ids], len(words)),
    }


def _telling(told: Floats, ruled: Bools) -> Floats:
    """How much the words of each line tell of furniture, 0..1, from the largest hits of any class that does, shape (3, lines)."""
    share, start, whole = told
    telling: Floats = np.maximum(np.maximum(ruled, whole), np.maximum(0.7 * start, np.minimum(2 * share, 1.0) * 0.9))
    return telling


def _date_share(columns: Mapping[str, Floats], calendar: Floats) -> Floats:
    """Share of a line that is a date, 0..1; ``calendar``: that of its words."""
    dated = calendar + columns["time"] + columns["year"] > 0
    return np.where(dated, np.minimum(calendar + columns["digits"], 1.0), 0.0)


def _since_openers(
    stretches: Stretches, columns: Mapping[str, Floats], telling: Floats, openers: Bools, article: Article
) -> dict[str, Floats | Ints]:
    """What lies between a line and what opened a block or a list above it, and how telling the run it stands in is."""
    words, lines_of_prose = columns["words"], article.prose
    colon = (columns["end"] == End.COLON) & (telling <= 0.6) & (words >= 4)
    return {
        **around.opener_above(stretches, openers, lines_of_prose),
        "after_colon": around.lists_after_colon(stretches, colon, lines_of_prose & (words > 25)),
        "run_telling": around.run_means(stretches, telling, lines_of_prose),
    }


def _layout(stretches: Stretches, columns: Mapping[str, Floats], article: Article) -> dict[str, Floats]:
    """Whether indentation and blank lines are those of the article: 0 nothing to tell, 1 the same, 2 another."""
    indent, above, core = columns["indent"], columns["above"], article.core
    # Lines of the article directly below another of its lines.
    follows = core & (stretches.shifted(core.astype(np.float64), -1, 0.0) > 0)
    usual_indent, usual_gap = (
        stretches.spread(_most_common(stretches, values, mask)) for values, mask in ((indent, core), (above, follows))
    )
    varied = stretches.spread(_kinds_of(stretches, indent) > 3)
    return {
        "indented": np.where(varied & (usual_indent >= 0), np.where(indent == usual_indent, 1.0, 2.0), 0.0),
        "gap": np.where(usual_gap >= 0, np.where(above == usual_gap, 1.0, np.where(above > usual_gap, 2.0, 3.0)), 0.0),
    }


def _kinds_of(stretches: Stretches, values: Floats) -> Ints:
    """How many distinct values each document has."""
    order = np.lexsort((values, stretches.owner))
    new = np.concatenate(([True], np.diff(values[order]) != 0))
    new[stretches.bounds[:-1]] = True
    kinds: Ints = np.add.reduceat(new.astype(np.int64), stretches.bounds[:-1])
    return kinds


def _most_common(stretches: Stretches, values: Floats, mask: Bools) -> Floats:
    """The most common of each document's values that a mask picks, of equal ones the smallest; -1 of nothing. Values are 0 or more."""
    lines = np.flatnonzero(mask)
    lines = lines[np.lexsort((values[lines], stretches.owner[lines]))]
    owner, ordered = stretches.owner[lines], values[lines]
    found = np.full(len(stretches.sizes), -1.0)
    if len(lines):
        new = np.flatnonzero(np.concatenate(([True], (np.diff(ordered) != 0) | (np.diff(owner) != 0))))
        times = np.diff(np.append(new, len(lines)))
        best = np.lexsort((-ordered[new], times))
        # Of several values of a document the last is written last: the one that comes most often.
        found[owner[new[best]]] = ordered[new[best]]
    return found


def _typical(stretches: Stretches, words: Floats, mask: Bools) -> Floats:
    """The median of each document's lines that a mask picks; 0 of nothing."""
    lines = np.flatnonzero(mask)
    ordered = np.append(words[lines[np.lexsort((words[lines], stretches.owner[lines]))]], 0.0)
    bounds = np.searchsorted(stretches.owner[lines], np.arange(len(stretches.sizes) + 1))
    first, count = bounds[:-1], np.diff(bounds)
    middle = (ordered[first + np.maximum(count - 1, 0) // 2] + ordered[first + count // 2]) / 2
    return np.where(count > 0, middle, 0.0)


def _stake(stretches: Stretches, words: Floats, article: Article) -> Floats:
    """Logarithm of each line's share of its article."""
    core = np.maximum(stretches.total(np.where(article.core, words, 0.0)), 60.0)
    stake: Floats = np.log(np.maximum(words, 0.1) / stretches.spread(core))
    return stake


def _document(stretches: Stretches, columns: Mapping[str, Floats], article: Article, telling: Floats, ruled: Bools) -> Block:
    """Facts about the whole document, the same for each of its lines."""
    words, count = columns["words"], stretches.sizes
    inside, size = article.inside, article.last + 1 - article.first
    told = in_parts(telling)
    sums = stretches.total(
        block(
            {
                "core_words": np.where(article.core, words, 0.0),
                "core_prose": article.core,
                "core_short": inside & (words < 6),
                "core_telling": np.where(inside, told, 0.0),
                "telling": told,
                "sentences": columns["sentence"],
                "ruled": ruled,
            }
        ).rows
    )
    facts = {
        "doc_lines": count,
        "doc_core_words": sums[0],
        "doc_core_prose": sums[1] / size,
        "doc_core_short": sums[2] / size,
        "doc_core_telling": sums[3] / (size * PARTS),
        "doc_telling": sums[4] / (count * PARTS),
        "doc_sentences": sums[5] / count,
        "doc_ruled": sums[6] / count,
        "doc_outside": 1.0 - size / count,
    }
    return Block(tuple(facts), stretches.spread(block(facts).rows))
