"""Rules over a document: which lines and spans go, each with the rule that says so.

What goes is a fixed point: rules are applied to what they leave until nothing more goes, so cleaning clean text changes nothing.
Every condition speaks of single lines (or of a window of consecutive non-blank lines), so after the first pass only what lies
beside a removal is looked at again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from cleaner.document import Document, Removal, RuleFired, Skipped, Source
from cleaner.layout import LineText, close_gaps
from cleaner.rules.fold import fold_blanks, fold_offsets
from cleaner.rules.matcher import TIME_LIMIT, Limited, Matcher
from cleaner.rules.model import Action, Kind, Level, Pack, Rule, RuleSet
from cleaner.rules.scope import Page, Scope
from cleaner.spans import Span, clip, complement, line_spans, merge


class _Part(Enum):
    """Which condition of a rule."""

    MATCH = "match"
    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True, eq=False)  # each is itself alone; a hash over all texts of a rule would cost more than its work
class _Entry:
    """A rule as it is applied; ``order`` breaks ties between rules of one level."""

    rule: Rule
    level: Level
    order: int

    @property
    def rank(self) -> tuple[int, bool, int]:
        """Who decides comes first: the nearest level; within it what removes; then order of loading."""
        return -self.level, self.rule.action is not Action.REMOVE, self.order


@dataclass(frozen=True, slots=True)
class _Claim:
    """What one match of a rule says: these lines (indices), on the word of ``anchors``."""

    entry: _Entry
    lines: tuple[int, ...]
    anchors: tuple[int, ...]


class Stripper:
    """All rules of a run, ready to be applied to documents.

    Args:
        rules: the packs.
        languages: two-letter codes; packs of other languages are not in force. None: all are.
        prefilter: False tries every pattern on every line; for tests.
        time_limit: seconds one pattern may take on one line.
    """

    def __init__(
        self,
        rules: RuleSet,
        *,
        languages: frozenset[str] | None = None,
        prefilter: bool = True,
        time_limit: float = TIME_LIMIT,
    ) -> None:
        packs = [pack for pack in rules.packs if languages is None or pack.language is None or pack.language in languages]
        self._prefilter = prefilter
        self._time_limit = time_limit
        self._scope = Scope(packs, time_limit=time_limit)
        self._unscoped = [pack for pack in packs if not pack.scoped]
        self._roles: dict[int, tuple[_Entry, _Part]] = {}
        self._conditions: dict[str, dict[int, Limited]] = {}
        for order, (pack, rule) in enumerate(RuleSet(tuple(packs)).rules()):
            self._register(pack, _Entry(rule, pack.level, order))
        everywhere = {number: one for pack in self._unscoped for number, one in self._conditions.get(pack.id, {}).items()}
        self._common = Matcher(everywhere, prefilter=prefilter, time_limit=time_limit)
        self._scoped: dict[str, Matcher] = {}

    def _register(self, pack: Pack, entry: _Entry) -> None:
        rule = entry.rule
        for part, condition in ((_Part.MATCH, rule.match), (_Part.START, rule.start), (_Part.END, rule.end)):
            if condition:
                number = len(self._roles)
                self._roles[number] = (entry, part)
                limited = Limited(condition, rule.max_length, phrase=rule.kind is Kind.PHRASE)
                self._conditions.setdefault(pack.id, {})[number] = limited

    def strip(self, document: Document, page: Page = Page()) -> Document:  # noqa: B008  # frozen, so shared safely
        """The document with what the rules in force say: removals, flags, protected lines, rules set aside, packs, site."""
        lines = LineText.of(document)
        views = [fold_blanks(line.text) for line in lines]
        scoped = self._scope.in_force(page, views)
        while True:
            work = _Work(self, lines, list(views), scoped)
            work.run()
            left = work.left()
            more = scoped if left == views else self._scope.in_force(page, left, scoped)
            if more == scoped:
                break
            # What went has uncovered a marker: once more with its pack, for a second cleaning would see it too.
            scoped, lines = more, LineText.of(document)
        site = page.host or next((pack.hosts[0] for pack in scoped if pack.hosts), None)
        return replace(
            document,
            site=site,
            packs=tuple(sorted(pack.id for pack in scoped)),
            removals=tuple(sorted((*document.removals, *work.removals()), key=lambda removal: removal.span)),
            flags=work.flags(),
            skipped=work.skipped(),
            protected=tuple(lines[index].number for index in work.protected()),
        )

    def matchers(self, scoped: Iterable[Pack]) -> list[Matcher]:
        """The matchers whose packs are in force."""
        chosen = [self._common]
        for pack in scoped:
            if pack.id not in self._scoped:
                conditions = self._conditions.get(pack.id, {})
                self._scoped[pack.id] = Matcher(conditions, prefilter=self._prefilter, time_limit=self._time_limit)
            chosen.append(self._scoped[pack.id])
        return chosen

    def disabled(self, scoped: Iterable[Pack]) -> frozenset[str]:
        """Full names of the rules that packs in force turn off."""
        return frozenset(name for pack in (*self._unscoped, *scoped) for name in pack.disable)

    def role(self, condition: int) -> tuple[_Entry, _Part]:
        """Which rule, and which of its conditions, a number stands for."""
        return self._roles[condition]


class _Work:
    """One document while rules are applied to it; ``lines`` are its non-blank lines, named by index."""

    def __init__(self, stripper: Stripper, lines: list[LineText], views: list[str], scoped: tuple[Pack, ...]) -> None:
        self._stripper = stripper
        self._lines = lines
        self._views = views
        self._matchers = stripper.matchers(scoped)
        self._disabled = stripper.disabled(scoped)
        self._alive = list(range(len(lines)))
        self._hits: dict[int, list[tuple[_Entry, _Part, int, int]]] = {}
        self._set_aside: dict[int, int] = {}
        self._gone: dict[int, RuleFired] = {}
        self._flagged: dict[int, RuleFired] = {}
        self._flagged_spans: list[Removal] = []
        self._blocks = 0
        self._shields: dict[int, int] = {}
        self._flag_levels: dict[int, int] = {}

    def run(self) -> None:
        """Applies the rules until nothing more goes."""
        self._match(self._alive, self._alive)
        while True:
            taken = self._take_lines()
            cut = self._cut_phrases()
            if not taken and not cut:
                self._flag_phrases()
                return
            self._rematch(taken | {index for index in cut if not self._views[index]}, cut)

    # -- what holds where

    def _match(self, lines: list[int], accept: Iterable[int]) -> None:
        """Finds the hits on consecutive living ``lines`` and remembers those that begin on one of ``accept``."""
        wanted = set(accept)
        for index in wanted:
            self._hits.pop(index, None)
        self._remember(self._matchers, lines, wanted)

    def _match_windows(self, lines: list[int], accept: Iterable[int]) -> None:
        """As ``_match``, where the lines are what they were but have new neighbours: only what reads several lines can differ."""
        wanted = set(accept)
        matchers = [matcher.several for matcher in self._matchers]
        for index in wanted & self._hits.keys():
            self._hits[index] = [hit for hit in self._hits[index] if not any(hit[2] in matcher.conditions for matcher in matchers)]
        self._remember(matchers, lines, wanted)

    def _remember(self, matchers: Iterable[Matcher], lines: list[int], wanted: set[int]) -> None:
        views = [self._views[index] for index in lines]
        for matcher in matchers:
            slow: dict[int, int] = {number: 0 for number in self._set_aside}
            for hit in matcher.hits(views, slow):
                entry, part = self._stripper.role(hit.condition)
                if lines[hit.line] in wanted and entry.rule.name not in self._disabled:
                    self._hits.setdefault(lines[hit.line], []).append((entry, part, hit.condition, hit.lines))
            for number, at in slow.items():
                self._set_aside.setdefault(number, lines[at] if lines else 0)

    def _rematch(self, taken: set[int], cut: set[int]) -> None:
        """After a pass: matches again where lines changed, or became neighbours, as far as a window reaches."""
        reach = max(matcher.window for matcher in self._matchers) - 1
        above = dict(zip(self._alive[1:], self._alive, strict=False))
        self._alive = alive = [index for index in self._alive if index not in taken]
        for index in taken:
            self._hits.pop(index, None)
        for place, index in enumerate(alive):
            if place and reach and alive[place - 1] != above[index]:
                self._match_windows(alive[max(0, place - reach) : place + reach], alive[max(0, place - reach) : place])
        place_of = {index: place for place, index in enumerate(alive)}
        for index in sorted(cut & place_of.keys()):
            place = place_of[index]
            self._match(alive[max(0, place - reach) : place + reach + 1], alive[max(0, place - reach) : place + 1])

    # -- whole lines

    def _take_lines(self) -> set[int]:
        """One pass over what is left: the lines that go now."""
        best: dict[int, _Claim] = {}
        for claim in self._unopposed(self._claims()):
            for line in claim.lines:
                if self._shields.get(line, 0) < claim.entry.level:
                    best.setdefault(line, claim)
        numbers: dict[_Claim, int | None] = {}
        taken: set[int] = set()
        for line in sorted(best):
            claim = best[line]
            if claim not in numbers:
                numbers[claim] = self._next_block(claim)
            fired = RuleFired(claim.entry.rule.name, claim.entry.rule.topic, numbers[claim])
            if claim.entry.rule.action is Action.REMOVE:
                self._gone[line] = fired
                taken.add(line)
            else:
                self._flagged.setdefault(line, fired)
        return taken

    def _next_block(self, claim: _Claim) -> int | None:
        if claim.entry.rule.kind in (Kind.LINE, Kind.PHRASE):
            return None
        if claim.entry.rule.action is Action.FLAG and any(line in self._flagged for line in claim.lines):
            return None
        self._blocks += 1
        return self._blocks

    def _unopposed(self, claims: list[_Claim]) -> list[_Claim]:
        """The claims to remove or flag, nearest first, whose anchors no keep rule and no nearer flag rule speaks for.

        Notes the nearest levels at which keep and flag rules speak for the lines.
        """
        self._shields, self._flag_levels = {}, {}
        for claim in claims:
            if claim.entry.rule.action is Action.KEEP:
                for line in claim.lines:
                    self._shields[line] = max(self._shields.get(line, 0), claim.entry.level)
        unopposed: list[_Claim] = []
        for claim in sorted(claims, key=lambda one: one.entry.rank):
            level, action = claim.entry.level, claim.entry.rule.action
            if action is Action.KEEP or any(self._spoken_for(line, level) for line in claim.anchors):
                continue
            unopposed.append(claim)
            if action is Action.FLAG:
                for line in claim.lines:
                    self._flag_levels.setdefault(line, level)
        return unopposed

    def _spoken_for(self, line: int, level: int) -> bool:
        """Whether a keep rule of this level or nearer, or a flag rule nearer than it, speaks for a line."""
        return self._shields.get(line, 0) >= level or self._flag_levels.get(line, 0) > level

    def _claims(self) -> list[_Claim]:
        claims: list[_Claim] = []
        place_of = {index: place for place, index in enumerate(self._alive)}
        for index in sorted(self._hits):
            for entry, part, _, size in self._hits[index]:
                claim = self._claim(entry, part, place_of[index], size)
                if claim is not None:
                    claims.append(claim)
        return claims

    def _claim(self, entry: _Entry, part: _Part, place: int, size: int) -> _Claim | None:
        """What a hit at a place of the living lines amounts to; None when position or size forbid it."""
        rule, alive = entry.rule, self._alive
        anchors = tuple(alive[place : place + size])
        if rule.kind is Kind.PHRASE:
            return _Claim(entry, anchors, anchors) if rule.action is Action.KEEP else None
        if rule.first is not None and place >= rule.first:
            return None
        if rule.last is not None and place < len(alive) - rule.last:
            return None
        if rule.kind is Kind.LINE:
            return _Claim(entry, anchors, anchors)
        if rule.kind is Kind.TAIL and len(alive) - place <= rule.max_lines:
            return _Claim(entry, tuple(alive[place:]), anchors)
        if rule.kind is Kind.HEAD and place + 1 <= rule.max_lines:
            return _Claim(entry, tuple(alive[: place + 1]), anchors)
        if rule.kind is Kind.BLOCK and part is _Part.START:
            return self._block(entry, place, size, anchors)
        return None

    def _block(self, entry: _Entry, place: int, size: int, anchors: tuple[int, ...]) -> _Claim | None:
        if not entry.rule.end:
            return _Claim(entry, anchors, anchors)
        for at in range(place + size, min(place + entry.rule.max_lines, len(self._alive))):
            hits = self._hits.get(self._alive[at], ())
            if any(other is entry and part is _Part.END for other, part, _, _ in hits):
                return _Claim(entry, tuple(self._alive[place : at + 1]), anchors)
        return None

    # -- spans inside lines

    def _cut_phrases(self) -> set[int]:
        """Cuts phrases out of the lines that stay; the indices of the lines that changed."""
        phrases = (index for index, hits in self._hits.items() if any(hit[0].rule.kind is Kind.PHRASE for hit in hits))
        cut = {index for index in phrases if index not in self._gone and self._cut(index)}
        for index in sorted(cut):
            self._views[index] = fold_blanks(self._lines[index].text)
        return cut

    def _cut(self, index: int) -> bool:
        """Cuts out of a line whatever any rule takes, all at once, so that the order of rules does not matter."""
        line = self._lines[index]
        parts: list[tuple[Span, RuleFired]] = []
        for entry, span in self._phrases(index):
            if entry.rule.action is Action.REMOVE:
                free = complement((part for part, _ in parts), len(line.text))
                fired = RuleFired(entry.rule.name, entry.rule.topic)
                parts += [(piece, fired) for gap in free if (piece := clip(span, gap))]
        for whole in reversed(merge(part for part, _ in parts)):
            line.cut(whole.start, whole.end, [(part, fired) for part, fired in parts if clip(part, whole)])
        if parts and not line.text.strip():
            self._gone[index] = parts[0][1]
        return bool(parts)

    def _phrases(self, index: int) -> list[tuple[_Entry, Span]]:
        """Where phrases to remove or flag stand in the text of a line, nearest level first, without what a nearer one flags."""
        found: list[tuple[_Entry, Span]] = []
        phrases = [(entry, number) for entry, _, number, _ in self._hits.get(index, ()) if entry.rule.kind is Kind.PHRASE]
        if not phrases:
            return found
        offsets = fold_offsets(self._lines[index].text)
        for entry, number in sorted(phrases, key=lambda one: one[0].rank):
            if entry.rule.action is Action.KEEP or self._spoken_for(index, entry.level):
                continue
            matcher = next(one for one in self._matchers if one.has_phrase(number))
            flagged = [span for other, span in found if other.rule.action is Action.FLAG and other.level > entry.level]
            for start, end in matcher.spans(number, self._views[index], self._set_aside, index):
                span = Span(offsets[start], offsets[end - 1] + 1)
                if not any(clip(span, one) for one in flagged):
                    found.append((entry, span))
        return found

    def _flag_phrases(self) -> None:
        """Marks the phrases to flag in what stays."""
        for index in sorted(self._hits):
            for entry, span in self._phrases(index):
                fired = RuleFired(entry.rule.name, entry.rule.topic)
                self._flagged_spans += self._lines[index].marks_of(span.start, span.end, fired)

    # -- results

    def removals(self) -> list[Removal]:
        """All marks: whole lines with their line ends, and spans inside the lines that stay."""
        marks: list[Removal] = []
        for index, line in enumerate(self._lines):
            marks += line.removals(self._gone.get(index))
        return marks

    def flags(self) -> tuple[Removal, ...]:
        """What flag rules found on lines that stay, sorted."""
        whole = [
            Removal(self._lines[index].span, self._lines[index].number, fired)
            for index, fired in self._flagged.items()
            if index not in self._gone
        ]
        return tuple(sorted((*whole, *self._flagged_spans), key=lambda removal: removal.span))

    def left(self) -> list[str]:
        """What is left of the lines, blanks folded."""
        return [self._views[index] for index in self._alive]

    def protected(self) -> list[int]:
        """Indices of the lines that a keep rule speaks for."""
        return sorted(self._shields)

    def skipped(self) -> tuple[Skipped, ...]:
        """Rules that were set aside, sorted by name."""
        slow = {self._stripper.role(number)[0].rule.name: index for number, index in sorted(self._set_aside.items())}
        return tuple(Skipped(name, self._lines[index].number) for name, index in sorted(slow.items()))


def left_by(rule: Rule, text: str) -> str:
    r"""What one rule, alone and on any site, leaves of a text; for a flag or keep rule, what it does not speak for.

    >>> from cleaner.rules.model import Condition
    >>> rule = Rule("p", "ad", "Advertising", Kind.LINE, Action.KEEP, "ad", Condition(("advertisement",)))
    >>> left_by(rule, "One.\nAdvertisement\nTwo.")
    'One.\nTwo.'
    """
    alone = Pack(rule.pack, "1", "", Level.USER, rule.topic, rules=(rule,))
    document = Stripper(RuleSet((alone,))).strip(Document(Source(rule.name), text))
    if rule.action is Action.REMOVE:
        return close_gaps(document).clean_text
    lines = line_spans(text)
    spans = [lines[number - 1] for number in document.protected] + [flag.span for flag in document.flags]
    return "".join(text[start:end] for start, end in complement(spans, len(text)))
