"""All rules of a run, compiled together and applied to documents one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from cleaner.document import Document, Evidence, Removal, Signal, Skipped, Source
from cleaner.layout import Lines, close_gaps
from cleaner.rules.matcher import TIME_LIMIT, Limited, Matcher
from cleaner.rules.model import Action, Kind, Level, Pack, Rule, RuleSet
from cleaner.rules.scope import Page, Scope, speaks
from cleaner.spans import complement, line_spans
from cleaner.strip.applied import Entry, Part
from cleaner.strip.claims import signals_of
from cleaner.strip.hits import LineHits
from cleaner.strip.work import Work


@dataclass(frozen=True, slots=True)
class Stripped:
    """A document to which rules were applied, ready for what they say when others have taken lines too.

    Attributes:
        document: with what the rules say of it.
    """

    document: Document
    _work: Work
    _pointed: tuple[Removal, ...] = ()

    def after(self, document: Document) -> Document:
        """The document with what rules say now, of what evidence has left of it.

        A rule that looks among the first or last lines, or at neighbours, sees others once lines between them have gone. A second
        cleaning would see them too. To be asked once.

        Args:
            document: this one, with the marks of evidence.
        """
        evidence = [mark for mark in document.removals if isinstance(mark.cause, Evidence)]
        if not evidence:
            return document
        taken: dict[int, int] = {}
        for mark in evidence:
            taken[mark.line] = taken.get(mark.line, 0) + mark.span.end - mark.span.start
        self._work.go_on(taken, document.last_block)
        removals = sorted((*evidence, *self._work.removals()), key=lambda removal: removal.span)
        gone = {mark.line for mark in removals}
        others = {*self._pointed, *(mark for mark in document.flags if isinstance(mark.cause, Evidence))}
        flags = sorted((*(one for one in others if one.line not in gone), *self._work.flags()), key=lambda removal: removal.span)
        return replace(document, removals=tuple(removals), flags=tuple(flags))


class Stripper:
    """All rules of a run, ready to be applied to documents.

    Args:
        rules: the packs.
        languages: two-letter codes; packs of other languages are not in force. None: all are.
        spared: topics whose rules remove nothing.
        prefilter: False tries every pattern on every line; for tests.
        time_limit: seconds one pattern may take on one line.
    """

    def __init__(
        self,
        rules: RuleSet,
        *,
        languages: frozenset[str] | None = None,
        spared: frozenset[str] = frozenset(),
        prefilter: bool = True,
        time_limit: float = TIME_LIMIT,
    ) -> None:
        packs = [pack for pack in rules.packs if speaks(pack, languages)]
        self._prefilter = prefilter
        self._spared = spared
        self._time_limit = time_limit
        self._scope = Scope(packs, time_limit=time_limit)
        self._unscoped = [pack for pack in packs if not pack.scoped]
        self._off = frozenset(name for pack in self._unscoped for name in pack.disable)
        self._roles: dict[int, tuple[Entry, Part]] = {}
        self._conditions: dict[str, dict[int, Limited]] = {}
        for order, (pack, rule) in enumerate(RuleSet(tuple(packs)).rules()):
            self._register(pack, Entry(rule, pack.level, order))
        everywhere = {number: one for pack in self._unscoped for number, one in self._conditions.get(pack.id, {}).items()}
        self._common = Matcher(everywhere, prefilter=prefilter, time_limit=time_limit)
        self._scoped: dict[str, Matcher] = {}

    def _register(self, pack: Pack, entry: Entry) -> None:
        rule = entry.rule
        for part, condition in ((Part.MATCH, rule.match), (Part.START, rule.start), (Part.END, rule.end)):
            if condition:
                number = len(self._roles)
                self._roles[number] = (entry, part)
                limited = Limited(condition, rule.max_length, phrase=rule.kind is Kind.PHRASE)
                self._conditions.setdefault(pack.id, {})[number] = limited

    def strip(self, document: Document, page: Page = Page()) -> Document:  # noqa: B008  # frozen, so shared safely
        """The document with what the rules in force say: removals, flags, protected lines, rules set aside, packs, site."""
        return self.begin(document, page).document

    def begin(self, document: Document, page: Page = Page()) -> Stripped:  # noqa: B008  # frozen, so shared safely
        """As ``strip``, with what it takes to go on when others have taken lines too."""
        return self._begun(document, page, Lines(document.text))

    def begin_all(self, documents: Sequence[Document], pages: Sequence[Page]) -> list[Stripped]:
        """What ``begin`` makes of each, in order; the same, and faster than one by one."""
        lines = [Lines(document.text) for document in documents]
        views = list(chain.from_iterable(one.views for one in lines))
        self._scope.prime(views)
        self._common.prime(views)
        return list(map(self._begun, documents, pages, lines))

    def _begun(self, document: Document, page: Page, lines: Lines) -> Stripped:
        views = lines.views
        slow: dict[str, int] = {}
        found = self._scope.in_force(page, views, slow)
        while True:
            scoped = [one.pack for one in found]
            hits = LineHits(list(views), self._matchers(scoped), self._roles.__getitem__, self._disabled(scoped), self._spared)
            said = signals_of(hits)
            work = Work(lines, hits, document.protected)
            work.run()
            more = found
            if hits.may_uncover(alone=self._scope.reads_single_lines):
                more = self._scope.in_force(page, [hits.views[index] for index in hits.alive], slow, found)
            if len(more) == len(found):
                break
            # What went has uncovered a marker: once more with its pack, for a second cleaning would see it too.
            found, lines = more, lines.untouched()
        slow |= {self._roles[number][0].rule.name: index for number, index in sorted(hits.set_aside.items())}
        marked = replace(
            document,
            # Markers tell the site only where a pack is that of one site, not of a network.
            site=page.host or next((pack.hosts[0] for pack in scoped if len(pack.hosts) == 1), None),
            packs=tuple(sorted(pack.id for pack in scoped)),
            told_by=tuple(sorted((one.told_by for one in found), key=lambda told: told.pack)),
            removals=tuple(sorted((*document.removals, *work.removals()), key=lambda removal: removal.span)),
            flags=_staying(document.flags, work),
            skipped=tuple(Skipped(name, lines.numbers[index]) for name, index in sorted(slow.items())),
            protected=tuple(sorted({*document.protected, *(lines.numbers[index] for index in work.levels.keeps)})),
            signals=tuple(Signal(lines.numbers[index], topic) for index in sorted(said) for topic in sorted(said[index])),
        )
        return Stripped(marked, work, document.flags)

    def _matchers(self, scoped: Iterable[Pack]) -> list[Matcher]:
        """The matchers whose packs are in force."""
        chosen = [self._common]
        for pack in scoped:
            if pack.id not in self._scoped:
                conditions = self._conditions.get(pack.id, {})
                self._scoped[pack.id] = Matcher(conditions, prefilter=self._prefilter, time_limit=self._time_limit)
            chosen.append(self._scoped[pack.id])
        return chosen

    def _disabled(self, scoped: Iterable[Pack]) -> frozenset[str]:
        """Full names of the rules that packs in force turn off."""
        return self._off.union(*(pack.disable for pack in scoped))


def _staying(flags: Iterable[Removal], work: Work) -> tuple[Removal, ...]:
    """Flags that the document came with, on lines that rules leave, and theirs."""
    own = work.flags()
    if not flags:
        return own
    gone = {mark.line for mark in work.removals()}
    return tuple(sorted((*(one for one in flags if one.line not in gone), *own), key=lambda removal: removal.span))


def left_by(rule: Rule) -> Callable[[str], str]:
    r"""What one rule, alone and on any site, leaves of a text; for a flag or keep rule, what it does not speak for.

    >>> from cleaner.rules.model import Condition
    >>> rule = Rule("p", "ad", "Advertising", Kind.LINE, Action.KEEP, "ad", Condition(("advertisement",)))
    >>> left_by(rule)("One.\nAdvertisement\nTwo.")
    'One.\nTwo.'
    """
    stripper = Stripper(RuleSet((Pack(rule.pack, "1", "", Level.USER, rule.topic, rules=(rule,)),)))

    def left(text: str) -> str:
        document = stripper.strip(Document(Source(rule.name), text))
        if rule.action is Action.REMOVE:
            return close_gaps(document).clean_text
        lines = line_spans(text)
        spans = [lines[number - 1] for number in document.protected] + [flag.span for flag in document.flags]
        return "".join(text[start:end] for start, end in complement(spans, len(text)))

    return left
