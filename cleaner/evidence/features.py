"""Every feature of every line of a document, by name: what the model weighs. ``rules/evidence/model.toml`` says what each means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np

from cleaner.evidence import around, content
from cleaner.evidence.article import Article, locate, prose
from cleaner.evidence.lexicon import ClassHits, Lexicon, Place
from cleaner.evidence.shape import End, bracketed_end, shape
from cleaner.evidence.surface import Block, Bools, Floats, Ints, Reader, block, tokens_of
from cleaner.evidence.units import Unit


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
        self._rows = np.concatenate([part.rows for part in blocks])
        self._row = _numbered(self._names)

    def __getitem__(self, name: str) -> Floats:
        row: Floats = self._rows[self._row[name]]
        return row

    def at(self, name: str, place: int) -> float:
        """A feature of one line."""
        return float(self._rows[self._row[name], place])

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def rows(self, names: tuple[str, ...]) -> Floats:
        """Some of the features, shape (names, lines)."""
        rows: Floats = self._rows[_places(names, self._names)]
        return rows


@lru_cache(maxsize=4)
def _numbered(names: tuple[str, ...]) -> Mapping[str, int]:
    """Where each name stands; remembered, for all documents have the same."""
    return {name: number for number, name in enumerate(names)}


@lru_cache(maxsize=16)
def _places(wanted: tuple[str, ...], names: tuple[str, ...]) -> Ints:
    """Where some of the names stand; remembered for the same reason."""
    return np.array([_numbered(names)[name] for name in wanted])


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The features of a document's lines.

    Attributes:
        columns: the features by name.
        article: where the article stands.
        openers: which lines open a foreign block.
        captions: which lines tell of a picture: words of credits, or a rule about them.
    """

    columns: Columns
    article: Article
    openers: Bools
    captions: Bools


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
        self._joined = np.array([self._row[name] for part in joined for name in part])
        self._joints = np.cumsum([0, *map(len, joined[:-1])])

    def table(self, units: Sequence[Unit], topics: Sequence[frozenset[str]]) -> Table:
        """The features of a document.

        Args:
            units: its lines; at least one.
            topics: for each line, the topics of the generic rules that take it whole.
        """
        characters = self._reader.read(units)
        tokens = tokens_of(characters)
        language, function = self._lexicon.language(tokens)
        hits = self._lexicon.hits(characters, language)
        blocks = [shape(characters, units), self._rules(topics)]
        columns = blocks[0].columns() | blocks[1].columns()
        words, ruled = columns["words"], columns["ruled"] > 0
        # "4. Canada" is a ranking and no menu.
        hits.lines[self._row["sections"]] *= columns["digits"] == 0
        joined = np.maximum.reduceat(hits.places[:, self._joined], self._joints, axis=1)
        *_, told, opening, role = joined.swapaxes(0, 1)
        groups = self._groups(joined[:, :-3], columns)
        columns |= groups.columns()
        blocks += [Block(self._word_names, hits.places.reshape(-1, len(units))), groups]
        telling = _telling(told, ruled)
        lines_of_prose = prose(words, columns["sentence"], columns["lower"], ruled)
        openers = (np.maximum(opening[Place.LINES], opening[Place.WORDS]) > 0.9) | ((columns["rule_related"] > 0) & (words < 8))
        article = locate(words, lines_of_prose, telling, openers)
        found: dict[str, Floats | Ints | Bools] = {}
        found |= content.cohesion(tokens, content.carries_meaning(tokens, function), article.core)
        found |= content.repetition(tokens, len(units))
        found |= content.lists(units)
        found |= content.names(units, words < 8)
        found |= {
            "function_words": content.tokens_per_line(tokens, function[tokens.ids], len(units)),
            "date_share": _date_share(columns, hits.words[self._row["calendar"]]),
            "introduction": found["introduces"] * (1.0 + (role[Place.WORDS] > 0)),
            "credit_late": (hits.last[self._row["credit"]] > 0.6) & (words >= 5),
            "bracketed_end": bracketed_end(units),
            "relative_length": np.log1p(words) - np.log1p(_typical(words[article.prose])),
            "stake": np.log(np.maximum(words, 0.1) / max(float(words[article.core].sum()), 60.0)),
            "prose": article.prose,
            "telling": telling,
            "opener": openers,
        }
        found |= content.authors(units, tokens, self._bylines(columns, found["name_only"] > 0, hits), function)
        found |= _layout(columns, article)
        found |= around.place(article, words)
        found |= _since_openers(columns, telling, openers, article)
        blocks += [
            block(found),
            _document(columns, article, telling, ruled),
            *self._surroundings(columns, groups, telling, article),
        ]
        captions = (columns["group_credit"] > 0.3) | (columns["rule_credit"] > 0)
        return Table(Columns(blocks), article, openers, captions)

    def _rules(self, topics: Sequence[frozenset[str]]) -> Block:
        """Which generic rules take each line."""
        rows = np.zeros((len(self._rule_names), len(topics)))
        for place, here in enumerate(topics):
            for topic in here:
                rows[-1, place] = 1.0
                if topic in self._topic:
                    rows[self._topic[topic], place] = 1.0
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

    def _bylines(self, columns: Mapping[str, Floats], name_only: Bools, hits: ClassHits) -> Bools:
        """Which lines name the author: a byline, or a name beside one or beside a date."""
        row = self._row["byline"]
        words = columns["words"]
        byline = ((columns["rule_byline"] > 0) | (hits.starts[row] > 0) | (hits.lines[row] > 0)) & (words < 15)
        beside = (columns["group_date"] > 0.3) & (words < 12) | byline
        below = around.shifted(beside.astype(np.float64), 1, 0.0) > 0
        above = around.shifted((byline & (words < 4)).astype(np.float64), -1, 0.0) > 0
        found: Bools = byline | (name_only & (below | above))
        return found

    def _surroundings(self, columns: Mapping[str, Floats], groups: Block, telling: Floats, article: Article) -> list[Block]:
        """What stands above and below each line."""
        words, lines_of_prose = columns["words"], article.prose
        late = (groups.rows > 0.6) & (words < 20) & (_before_share(words, lines_of_prose) > 0.5)
        rows = block({"prose": lines_of_prose, "telling": telling, "short": words < 6, "sentences": columns["sentence"]})
        near = block({"words": words, "telling": telling, "ruled": columns["ruled"], "capital_words": columns["capital_words"]})
        return [
            around.windows(rows),
            around.neighbours(near, (-2, -1, 1, 2), -1.0),
            around.neighbours(groups, (-1, 1), 0.0),
            around.counts_near(groups),
            Block(self._since_names, around.since(late, words, lines_of_prose)),
        ]


def _telling(told: Floats, ruled: Bools) -> Floats:
    """How much the words of each line tell of furniture, 0..1, from the largest hits of any class that does, shape (3, lines)."""
    share, start, whole = told
    telling: Floats = np.maximum(np.maximum(ruled, whole), np.maximum(0.7 * start, np.minimum(2 * share, 1.0) * 0.9))
    return telling


def _date_share(columns: Mapping[str, Floats], calendar: Floats) -> Floats:
    """Share of a line that is a date, 0..1; ``calendar``: that of its words."""
    dated = calendar + columns["time"] + columns["year"] > 0
    return np.where(dated, np.minimum(calendar + columns["digits"], 1.0), 0.0)


def _since_openers(columns: Mapping[str, Floats], telling: Floats, openers: Bools, article: Article) -> dict[str, Floats | Ints]:
    """What lies between a line and what opened a block or a list above it, and how telling the run it stands in is."""
    words, lines_of_prose = columns["words"], article.prose
    colon = (columns["end"] == End.COLON) & (telling <= 0.6) & (words >= 4)
    return {
        **around.opener_above(openers, lines_of_prose),
        "after_colon": around.lists_after_colon(colon, lines_of_prose & (words > 25)),
        "run_telling": around.run_means(telling, lines_of_prose),
    }


def _layout(columns: Mapping[str, Floats], article: Article) -> dict[str, Floats]:
    """Whether indentation and blank lines are those of the article: 0 nothing to tell, 1 the same, 2 another."""
    core = np.flatnonzero(article.core)
    indent, above = columns["indent"], columns["above"]
    follows = core[1:][core[1:] - core[:-1] == 1]
    found = dict.fromkeys(("indented", "gap"), np.zeros(len(indent)))
    if len(core) and len(set(indent.tolist())) > 3:
        found["indented"] = np.where(indent == _most_common(indent[core]), 1.0, 2.0)
    if len(follows):
        usual_gap = _most_common(above[follows])
        found["gap"] = np.where(above == usual_gap, 1.0, np.where(above > usual_gap, 2.0, 3.0))
    return found


def _most_common(values: Floats) -> float:
    """The most common of some values, of equal ones the smallest."""
    counts = Counter(values.tolist())
    return float(min(counts, key=lambda value: (-counts[value], value)))


def _typical(words: Floats) -> float:
    """The median; 0 of nothing."""
    if not len(words):
        return 0.0
    ordered = np.sort(words)
    return float(ordered[(len(words) - 1) // 2] + ordered[len(words) // 2]) / 2


def _before_share(words: Floats, lines_of_prose: Bools) -> Floats:
    """Share of the document's prose that stands before each line."""
    written = np.where(lines_of_prose, words, 0.0)
    return (np.cumsum(written) - written) / max(float(written.sum()), 1.0)


def _document(columns: Mapping[str, Floats], article: Article, telling: Floats, ruled: Bools) -> Block:
    """Facts about the whole document, the same for each line."""
    words, count = columns["words"], len(telling)
    core, size = slice(article.first, article.last + 1), article.last + 1 - article.first
    facts = {
        "doc_lines": count,
        "doc_core_words": words[article.core].sum(),
        "doc_core_prose": article.prose[core].sum() / size,
        "doc_core_short": (words[core] < 6).sum() / size,
        "doc_core_telling": telling[core].sum() / size,
        "doc_telling": telling.sum() / count,
        "doc_sentences": columns["sentence"].sum() / count,
        "doc_ruled": ruled.sum() / count,
        "doc_outside": 1.0 - size / count,
    }
    return Block(tuple(facts), np.repeat(np.array(list(facts.values()), np.float64)[:, None], count, axis=1))
