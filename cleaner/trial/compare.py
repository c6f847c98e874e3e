"""Two sets of rules over a corpus, in several processes: what changes, gathered by rule and text, the riskiest first."""

from __future__ import annotations

import os
import signal
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice
from typing import ClassVar

from cleaner.document import Raw, Rejection
from cleaner.errors import InputError, UsageError
from cleaner.pipeline import extractor, unmarked
from cleaner.readers.files import read_files
from cleaner.readers.options import ReadOptions
from cleaner.readers.tree import find_inputs
from cleaner.rules.model import RuleSet
from cleaner.rules.scope import Page, page_of
from cleaner.settings import CleanSettings
from cleaner.trial.change import Change, Comparer, What
from cleaner.trial.nearby import Nearby, NearLine, Sought, best
from cleaner.trial.risk import risk_of

_BATCH = 64
_FEW = 4 * _BATCH
"""Documents up to which one process is enough."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """What rules are tried on.

    Attributes:
        arguments: files, folders, globs.
        read: how they are read.
        home: site of the documents of which nothing tells it, or None.
    """

    arguments: tuple[str, ...]
    read: ReadOptions = field(default_factory=ReadOptions)
    home: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """How a corpus is looked at.

    Attributes:
        workers: processes; None: as many as there are processors, where the corpus is worth it.
        progress: is told, now and then, how many documents were looked at.
    """

    workers: int | None = None
    progress: Callable[[int], None] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line stands, for people: its document, and its number from 1."""

    document: str
    line: int


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of one text to which the same happens by one rule.

    Attributes:
        change: one of them, that nearest to the middle of its document.
        at: where that stands.
        lines: how many there are.
        documents: in how many documents.
        risk: how likely it is that they are of the article, 0..1.
        reasons: why.
    """

    change: Change
    at: Place
    lines: int
    documents: int
    risk: float = 0.0
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How much comes out differently by one rule: lines, and the documents they stand in."""

    what: What
    rule: str
    lines: int
    documents: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comes out differently.

    Attributes:
        documents: how many were looked at.
        rejected: inputs that could not be read.
        differ: documents of which lines go that stayed, or stay that went.
        counts: by what happens and by rule, most lines first.
        groups: the texts, the riskiest first.
        near: lines that come near what was sought, nearest first.
    """

    documents: int
    rejected: int
    differ: int
    counts: tuple[RuleCount, ...]
    groups: tuple[Group, ...]
    near: tuple[NearLine, ...]

    def lines(self, what: What) -> int:
        """How many lines something happens to."""
        return sum(one.lines for one in self.counts if one.what is what)

    def of(self, what: What, rule: str | None = None) -> list[Group]:
        """The texts something happens to, by one rule or by any, the riskiest first."""
        return [one for one in self.groups if one.change.what is what and rule in (None, one.change.rule)]


def compare(
    corpus: Corpus,
    before: RuleSet,
    after: RuleSet,
    *,
    sought: Sought | None = None,
    look: Look | None = None,
) -> Comparison:
    """What changes in a corpus when one set of rules takes the place of another. Evidence and duplicates are not asked.

    Args:
        corpus: the documents.
        before: the rules in force.
        after: the new ones.
        sought: what lines are wanted that come near a rule.
        look: how it is done.

    Raises:
        UsageError: an input does not exist, or none of the corpus can be read.
    """
    look = look or Look()
    recipe = _Recipe(before, after, sought, corpus.home)
    total = _Total()
    for batch in _outcomes(_read(corpus), recipe, look.workers):
        total.add(batch)
        if look.progress is not None:
            look.progress(total.documents)
    if not total.documents:
        raise UsageError(f"--corpus {' '.join(corpus.arguments)}: holds no document that can be read{total.why_none}")
    return total.comparison()


@dataclass(frozen=True, slots=True)
class _Recipe:
    before: RuleSet
    after: RuleSet
    sought: Sought | None
    home: str | None


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of a batch."""

    documents: int
    rejected: int
    changes: list[tuple[str, list[Change]]]
    near: list[NearLine]


class _Worker:
    """Compares batches of documents by one recipe."""

    own: ClassVar[_Worker | None] = None

    def __init__(self, recipe: _Recipe) -> None:
        self._comparer = Comparer(recipe.before, recipe.after)
        self._nearby = Nearby(recipe.sought) if recipe.sought is not None else None
        self._home = recipe.home
        self._extracting = cache(lambda: extractor(CleanSettings()))

    def outcome(self, items: Sequence[Raw | Rejection]) -> _Outcome:
        changes: list[tuple[str, list[Change]]] = []
        near: list[NearLine] = []
        documents = 0
        for raw in items:
            try:
                document = unmarked(raw, self._extracting) if isinstance(raw, Raw) else None
            except InputError:
                document = None
            if document is None or isinstance(raw, Rejection):
                continue
            documents += 1
            name = name_of(raw)
            site = raw.site or self._home
            found = self._comparer.changes(document, page_of(site) if site else Page())
            if found:
                changes.append((name, found))
            if self._nearby is not None:
                gone = {change.line for change in found if change.what is What.GAINED}
                near += self._nearby.lines(document.text, name, gone)
        return _Outcome(documents, len(items) - documents, changes, best(near))


def name_of(raw: Raw) -> str:
    """What a document is called in a list of lines."""
    name = raw.source.input
    return name if raw.source.record is None else f"{name}#{raw.source.record}"


def _read(corpus: Corpus) -> Iterator[Raw | Rejection]:
    found = find_inputs(corpus.arguments)
    yield from found.rejections
    for _, item in read_files(found.files, corpus.read):
        if item is not None:
            yield replace(item, fields=None) if isinstance(item, Raw) else item


def _outcomes(items: Iterator[Raw | Rejection], recipe: _Recipe, workers: int | None) -> Iterator[_Outcome]:
    worker = _Worker(recipe)
    count = workers or min(os.cpu_count() or 1, 8)
    batches = _batches(items)
    for batch in batches if count == 1 else islice(batches, _FEW // _BATCH):
        yield worker.outcome(batch)
    following = next(batches, None) if count > 1 else None
    if following is None:
        return
    _Worker.own = worker  # where processes are forked, they begin with what is compiled already
    pool = ProcessPoolExecutor(count, initializer=_begin, initargs=(recipe,))
    waiting = deque([pool.submit(_work, following)])
    try:
        while waiting:
            waiting.extend(pool.submit(_work, batch) for batch in islice(batches, 3 * count - len(waiting)))
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        _Worker.own = None


def _batches(items: Iterable[Raw | Rejection]) -> Iterator[list[Raw | Rejection]]:
    left = iter(items)
    while batch := list(islice(left, _BATCH)):
        yield batch


def _begin(recipe: _Recipe) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who is told to stop is the process that reads
    _Worker.own = _Worker.own or _Worker(recipe)


def _work(batch: list[Raw | Rejection]) -> _Outcome:
    if _Worker.own is None:  # no pool is without _begin
        raise RuntimeError
    return _Worker.own.outcome(batch)


class _Total:
    """Outcomes, added up in input order."""

    def __init__(self) -> None:
        self.documents = self._rejected = self._differ = 0
        self._groups: dict[tuple[What, str, str], Group] = {}
        self._lines: Counter[tuple[What, str]] = Counter()
        self._in: Counter[tuple[What, str]] = Counter()
        self._near: list[NearLine] = []

    def add(self, outcome: _Outcome) -> None:
        self.documents += outcome.documents
        self._rejected += outcome.rejected
        self._near = best([*self._near, *outcome.near])
        for name, changes in outcome.changes:
            self._differ += any(change.what in (What.GAINED, What.LOST) for change in changes)
            self._lines.update((change.what, change.rule) for change in changes)
            self._in.update({(change.what, change.rule) for change in changes})
            seen: set[tuple[What, str, str]] = set()
            for change in changes:
                key = change.what, change.rule, change.text
                self._add(key, change, Place(name, change.line), new=key not in seen)
                seen.add(key)

    @property
    def why_none(self) -> str:
        """What to do when there was no document."""
        if self._rejected:
            return "; `cleaner clean` tells why"
        return "; name files, or folders with texts, pages or records in them"

    def _add(self, key: tuple[What, str, str], change: Change, at: Place, *, new: bool) -> None:
        group = self._groups.get(key)
        if group is None:
            self._groups[key] = Group(change, at, 1, 1)
            return
        nearer = _middle(change) > _middle(group.change)
        self._groups[key] = replace(
            group,
            change=change if nearer else group.change,
            at=at if nearer else group.at,
            lines=group.lines + 1,
            documents=group.documents + new,
        )

    def comparison(self) -> Comparison:
        counts = [RuleCount(*key, lines, self._in[key]) for key, lines in self._lines.items()]
        counts.sort(key=lambda one: (one.what.value, -one.lines, one.rule))
        groups = [_weighed(group) for group in self._groups.values()]
        groups.sort(key=lambda one: (-one.risk, one.lines, one.change.rule, one.change.text))
        return Comparison(self.documents, self._rejected, self._differ, tuple(counts), tuple(groups), tuple(self._near))


def _middle(change: Change) -> float:
    """1 in the middle of a document, 0 at its ends."""
    return 1 - abs(2 * change.place - 1)


def _weighed(group: Group) -> Group:
    risk, reasons = risk_of(group.change.text, middle=_middle(group.change), documents=group.documents)
    return replace(group, risk=risk, reasons=reasons)
