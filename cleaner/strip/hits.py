"""Which conditions hold on which lines, kept true while lines go and change."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence

from cleaner.rules.matcher import Matcher
from cleaner.rules.model import Action, Kind, Rule
from cleaner.strip.applied import Entry, Part, RuleHit


class LineHits:
    """The living lines of a document, and the hits on them.

    Args:
        views: the non-blank lines, blanks folded; lines are named by their index in it.
        matchers: of the packs in force.
        role: which rule, and which of its conditions, a number stands for.
        disabled: full names of rules that are off.
        spared: topics whose rules remove nothing, though they hold.

    Attributes:
        views: what is left of each line, blanks folded.
        alive: indices of the lines that are left, rising.
        by_line: index -> the hits that begin on that line.
        set_aside: number of a condition -> line on which its pattern took too long.
        settled: whether no rule that holds here keeps or flags, so that nothing holds a claim back.
    """

    def __init__(
        self,
        views: list[str],
        matchers: Sequence[Matcher],
        role: Callable[[int], tuple[Entry, Part]],
        disabled: frozenset[str],
        spared: frozenset[str] = frozenset(),
    ) -> None:
        self.views = views
        self.alive = list(range(len(views)))
        self.by_line: dict[int, list[RuleHit]] = {}
        self.set_aside: dict[int, int] = {}
        self._matchers = matchers
        self._several = frozenset[int]().union(*(matcher.several for matcher in matchers))
        self._role = role
        self._disabled = disabled
        self._spared = spared
        self._head = self._tail = 0
        self.settled = True
        self._changed = False
        self._look_at: set[int] = set()
        self._remember(self.alive, len(views))

    def spares(self, rule: Rule) -> bool:
        """Whether a rule may not remove what it matches."""
        return rule.action is Action.REMOVE and rule.topic in self._spared

    def may_uncover(self, *, alone: bool) -> bool:
        """Whether something may match what is left that did not match before; ``alone``: it looks at each line by itself."""
        return self._changed or (not alone and len(self.alive) < len(self.views))

    def matcher_of(self, condition: int) -> Matcher:
        """The matcher that knows a phrase's condition."""
        return next(one for one in self._matchers if one.has_phrase(condition))

    def places(self) -> list[int]:
        """Places among the living lines where a claim may have arisen since this was last asked, rising.

        A hit that depends on no place is looked at once. One that does is looked at again as lines go: near the document's ends,
        and at the starts of blocks. When any rule keeps or flags, all lines are looked at again, for its word may come or go.
        """
        look_at, self._look_at = self._look_at, set()
        if not self.settled:
            return [place for place, index in enumerate(self.alive) if index in self.by_line]
        look_at.intersection_update(self.by_line)
        self._look_at |= {index for index in look_at if any(hit.part is Part.START for hit in self.by_line[index])}
        look_at.update(self.alive[: self._head], self.alive[max(0, len(self.alive) - self._tail) :])
        return [bisect_left(self.alive, index) for index in sorted(look_at.intersection(self.by_line))]

    def follow(self, taken: set[int], changed: set[int]) -> None:
        """After a pass: matches again where lines changed, or became neighbours, as far as a window reaches.

        Args:
            taken: lines that went.
            changed: lines of which a part went; those of which nothing is left are among ``taken``.
        """
        reach = max(matcher.window for matcher in self._matchers) - 1
        self._changed = self._changed or bool(changed)
        self.alive = alive = [index for index in self.alive if index not in taken]
        for index in taken:
            self.by_line.pop(index, None)
        # Where a line that went stood, the next one that stays has a new neighbour above.
        for place in sorted({bisect_left(alive, index) for index in taken}) if reach else ():
            if 0 < place < len(alive):
                self._match_windows(alive[max(0, place - reach) : place + reach], min(place, reach))
        for index in sorted(changed - taken):
            place = bisect_left(alive, index)
            self._match(alive[max(0, place - reach) : place + reach + 1], min(place, reach) + 1)

    def _match(self, lines: list[int], begins: int) -> None:
        """Finds the hits on consecutive living ``lines`` that begin on one of the first so many."""
        for index in lines[:begins]:
            self.by_line.pop(index, None)
        self._remember(lines, begins)

    def _match_windows(self, lines: list[int], begins: int) -> None:
        """As ``_match``, where the lines are what they were but have new neighbours: only what reads several lines can differ."""
        for index in lines[:begins]:
            if index in self.by_line:
                self.by_line[index] = [hit for hit in self.by_line[index] if hit.condition not in self._several]
        self._remember(lines, begins, several=True)

    def _remember(self, lines: list[int], begins: int, *, several: bool = False) -> None:
        """Remembers the hits that begin on one of the first lines; ``several``: of what reads several lines."""
        views = [self.views[index] for index in lines]
        for matcher in self._matchers:
            if several and not matcher.several:
                continue
            slow = dict.fromkeys(self.set_aside, 0)
            for hit in matcher.hits(views, slow, matcher.several if several else None, begins):
                entry, part = self._role(hit.condition)
                index = lines[hit.line]
                if entry.rule.name not in self._disabled:
                    self.by_line.setdefault(index, []).append(RuleHit(entry, part, hit.condition, hit.lines))
                    self._look_at.add(index)
                    self._heed(entry)
            for number, at in slow.items():
                self.set_aside.setdefault(number, lines[at] if lines else 0)

    def _heed(self, entry: Entry) -> None:
        """Notes how far from the document's ends a rule looks, and whether its word can hold others back."""
        rule = entry.rule
        self.settled = self.settled and rule.action is Action.REMOVE
        self._head = max(self._head, rule.first or 0, rule.max_lines if rule.kind is Kind.HEAD else 0)
        self._tail = max(self._tail, rule.last or 0, rule.max_lines if rule.kind is Kind.TAIL else 0)
