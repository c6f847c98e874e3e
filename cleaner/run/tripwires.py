"""Tripwires: a rule, a pack or a run that removes implausibly much or little.

Pure: is told every result in input order, and answers with alarms; so they depend neither on workers nor on whether a run was cut off and
resumed. Nothing is judged before the 200th result. Each alarm is given once, and once more if it becomes grave.

What is usual was measured on 3,200 news texts of 400 sites (article columns, whole pages, HTML): the strongest rule took 1.9 % of all
text, the strongest pack 4.6 %, a whole run 45 % at most, with ``--strength thorough``; no document was emptied; 4 % of them were repaired
at most, and 1 in 150 held a replacement character. Every threshold lies far from that, for a run that stops in the night without need is
a fault, too. Text that a duplicate policy takes counts neither as removed nor as there: a crawl may hold most pages many times.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cleaner.document import Rejection
from cleaner.rules.model import Action, Kind, Level, Pack, RuleSet
from cleaner.run.evident import Repeated
from cleaner.run.hosts import Hosts
from cleaner.run.traits import Traits, pack_of
from cleaner.run.watch import Alarm

LEAST = 200
"""Documents and rejections before anything is judged: fewer may all come from one odd page."""
EARLY = 5 * LEAST
"""Of so many documents and rejections short lines are looked at, for what all documents have in common; so there may be rejections among them."""
LEAST_OF_PACK = 50
"""Documents for which a site's pack must have been in force before it and its rules are judged: a site has fewer in a run than the run."""


@dataclass(frozen=True, slots=True)
class Shares:
    """From which share, 0..1, an alarm is given, and from which it is grave; None: never."""

    warns: float
    stops: float | None


LINES = Shares(0.10, 0.25)
"""Of all text, what one rule takes that names lines or phrases: the strongest that is known took 2 %; what takes a quarter eats articles."""
LINES_OF_SITE = Shares(0.30, 0.50)
"""The same for a pack of one site, of the text of that site: one that puts lists of its other stories into every article had 16 %."""
STRETCHES = Shares(0.40, 0.70)
"""The same for rules that name blocks, heads or tails: a tail may rightly be all comments below an article."""
PACK = Shares(0.60, 0.85)
"""Of all text it was in force for, what the rules of one pack take: whole pages are 44 % boilerplate in the mean, 80 % at some sites."""
RUN = Shares(0.75, 0.90)
"""Of all text, what rules and evidence take: so little is left of hardly any page, and never of most."""
EMPTIED = Shares(0.20, 0.60)
"""Of all documents that held something, those of which nothing is left; in a crawl there are notices and empty pages, but not so many."""
BROKEN = Shares(0.10, 0.50)
"""Of all documents, those that hold U+FFFD where letters were: they were decoded wrongly, and what was lost cannot be repaired."""
NOT_TEXT = Shares(0.20, 0.50)
"""Of all inputs, those rejected as being no text in any encoding."""
REJECTED = Shares(0.50, None)
"""Of all inputs, those rejected, for whatever reason: pages without an article may be many, so it never stops."""
REPAIRED = Shares(0.30, None)
"""Of all documents, those whose encoding was repaired; they are right now, but what made them so may be set right."""
DUPLICATES = Shares(0.95, None)
"""Of all text, what a duplicate policy took; it was asked for, so it never stops."""
CLEAR = 3
"""Different lines that most documents have in common, all kept, from which a run that removes nothing at all is grave."""

_NOT_TEXT = frozenset(("not-text", "not-utf8"))
_RUN = "run"
"""What an alarm is about that is about no rule and no pack."""


class Tripwires:
    """Judges a run as it goes.

    Args:
        rules: the packs.
        cleans: whether rules or evidence may remove anything; else a run that removes nothing is as it was asked to be.
    """

    def __init__(self, rules: RuleSet, *, cleans: bool = True) -> None:
        self._packs = {pack.id: pack for pack in rules.packs}
        self._own = [pack for pack in rules.packs if pack.level in (Level.PROJECT, Level.USER)]
        self._kinds = {rule.name: rule.kind for _, rule in rules.rules()}
        self._given: dict[tuple[str, str], bool] = {}
        self._reasons: Counter[str] = Counter()
        self._documents = self._broken = self._repaired = self._emptied = self._empty = 0
        self._characters = self._taken = self._doubled = 0
        self._by_rule: Counter[str] = Counter()  # code points
        self._by_pack: Counter[str] = Counter()
        self._of_pack: Counter[str] = Counter()  # code points of the documents it was in force for
        self._in_force: Counter[str] = Counter()  # documents
        self._marked: set[str] = set()  # packs of which a rule removed or flagged something
        self._repeated: Repeated | None = Repeated() if cleans else None
        # A collection of others' rules is of sites that a run need not hold.
        self._hosts = Hosts([pack for pack in self._own if not pack.imported], rules.packs)

    def add(self, result: Traits | Rejection) -> list[Alarm]:
        """The next result, in input order, judged by policy; gives what it sets off."""
        touched: Iterable[str] = ()
        if isinstance(result, Rejection):
            self._reasons[result.reason] += 1
        else:
            self._count(result)
            touched = result.by_rule if self._near(result.by_pack) else ()
        seen = self._documents + self._reasons.total()
        if seen < LEAST:
            return []
        if seen == LEAST:
            touched = self._by_rule
        return list(self._new((*self._of_rules(touched), *self._of_run(seen))))

    def end(self) -> list[Alarm]:
        """What can be told only when all is done: packs that had nothing to do."""
        if self._documents < LEAST:
            return []
        idle = [pack for pack in self._own if self._holds_something(pack) and pack.id not in self._marked]
        return list(self._new((*self._hosts.alarms(self._in_force), *self._idle(idle))))

    def _count(self, traits: Traits) -> None:
        """Adds a document."""
        self._documents += 1
        self._characters += traits.size
        self._taken += traits.taken
        self._doubled += traits.doubled
        self._broken += traits.broken
        self._repaired += traits.repaired
        self._empty += traits.blank
        self._emptied += traits.emptied
        for name, length in traits.by_rule.items():
            self._by_rule[name] += length
        for name, length in traits.by_pack.items():
            self._by_pack[name] += length
        for pack in traits.packs:
            self._in_force[pack] += 1
            self._of_pack[pack] += traits.size - traits.doubled
        self._marked |= traits.marked
        self._hosts.add(traits.site)
        if traits.taken or traits.flags or traits.short is None:
            self._repeated = None
        elif self._repeated is not None:
            self._repeated.add(traits.short)

    def _near(self, packs: Iterable[str]) -> bool:
        """Whether all rules of one of these packs together took as much as a single one must not: nearly never, and quickly told."""
        sizes = ((name, self._size_for(self._packs.get(name))) for name in packs)
        return any(size and self._by_pack[name] / size >= LINES.warns for name, size in sizes)

    def _of_rules(self, names: Iterable[str]) -> Iterator[tuple[str, Alarm]]:
        packs: dict[str, bool] = {}  # of these rules -> whether one of them took all that its pack took
        for name in sorted(names):
            identity = pack_of(name)
            pack = self._packs.get(identity)
            size = self._size_for(pack)
            if pack is None or not size:
                continue
            packs[identity] = packs.get(identity, False) or self._by_rule[name] == self._by_pack[identity]
            lines = self._kinds.get(name) in (Kind.LINE, Kind.PHRASE)
            shares = STRETCHES if not lines else LINES_OF_SITE if pack.scoped else LINES
            share = self._by_rule[name] / size
            if share < shares.warns:  # nearly always: what would be said is not put together
                continue
            where = f" of the {self._in_force[pack.id]:,} documents its pack was in force for" if pack.scoped else ""
            look = f"`cleaner rules show {name}` shows it; give it an anchor or a maximum length"
            detail = (
                f"takes {{}} of all text{where}, far more than a rule for boilerplate can: {look}, or turn it off with `disable`"
            )
            yield from _judged("much", name, share, shares, detail)
        for identity in sorted(identity for identity, of_one in packs.items() if not of_one):  # of one rule was told above
            pack = self._packs[identity]
            detail = f"its rules together take {{}} of all text they were tried on; look at what went (`cleaner explain`), and at {pack.path}"
            yield from _judged("much", identity, self._by_pack[identity] / self._size_for(pack), PACK, detail)

    def _size_for(self, pack: Pack | None) -> int:
        """Code points of the documents a pack was in force for; 0 when they are too few to judge it."""
        if pack is None or (pack.scoped and self._in_force[pack.id] < LEAST_OF_PACK):
            return 0
        return self._of_pack[pack.id] if pack.scoped else self._characters - self._doubled

    def _of_run(self, seen: int) -> Iterator[tuple[str, Alarm]]:
        explain = "`cleaner explain` shows why each line goes; try --strength careful, and check your own rules"
        there = self._characters - self._doubled
        if there:
            detail = f"rules and evidence take {{}} of all text, which leaves too little to be articles: {explain}"
            yield from _judged("much", _RUN, self._taken / there, RUN, detail)
        if self._documents > self._empty:
            detail = f"nothing is left of {{}} of the documents that held something: {explain}"
            yield from _judged("emptied", _RUN, self._emptied / (self._documents - self._empty), EMPTIED, detail)
        if self._documents:
            detail = "{} of the documents hold U+FFFD where letters were: they were decoded wrongly before they came here; decode them again"
            yield from _judged("broken", _RUN, self._broken / self._documents, BROKEN, detail)
            detail = "{} of the documents had to be repaired: they were decoded wrongly before they came here; what wrote them may be set right"
            yield from _judged("repaired", _RUN, self._repaired / self._documents, REPAIRED, detail)
        not_text = sum(self._reasons[reason] for reason in _NOT_TEXT)
        detail = "{} of the inputs are no text in any encoding (see rejected.jsonl): name the right files, or their encoding"
        yield from _judged("not-text", _RUN, not_text / seen, NOT_TEXT, detail)
        if self._reasons:
            most = max(sorted(self._reasons), key=self._reasons.__getitem__)
            detail = f"{{}} of the inputs are rejected, most of them as {most}: is it the right --from, the right field?"
            yield from _judged("rejected", _RUN, self._reasons.total() / seen, REJECTED, detail)
        if self._characters:
            detail = (
                "{} of all text are near-duplicates and removed; compare a few (`cleaner duplicates`): are they all one notice?"
            )
            yield from _judged("duplicates", _RUN, self._doubled / self._characters, DUPLICATES, detail)
        if self._repeated is not None and self._repeated.documents == LEAST:
            yield from self._of_nothing(self._repeated)

    def _of_nothing(self, repeated: Repeated) -> Iterator[tuple[str, Alarm]]:
        """Nothing was removed or flagged so far: that is implausible where lines repeat in most documents."""
        lines = repeated.common()
        self._repeated = None
        if lines:
            some = ", ".join(f"“{line[:40]}”" for line in lines[:CLEAR])
            keep = ": it is a keep rule that protects most lines" if repeated.protected > 0.5 else ": is it the right --language?"
            detail = f"removes nothing at all, though most of {LEAST} documents hold {some}{keep} Make rules with `cleaner rules learn`"
            yield "nothing", Alarm(_RUN, detail, stops=len(lines) >= CLEAR)

    @staticmethod
    def _holds_something(pack: Pack) -> bool:
        # Rules about elements of pages are not among those that are judged here: what they take was never text.
        return any(rule.action is not Action.KEEP and not rule.kind.of_page for rule in pack.rules)

    def _idle(self, packs: list[Pack]) -> Iterator[tuple[str, Alarm]]:
        for pack in packs:
            count = self._in_force[pack.id] if pack.scoped else self._documents
            if count >= LEAST:
                detail = f"was in force for {count:,} documents, and none of its rules found anything: has the site changed?"
                yield "little", Alarm(pack.id, f"{detail} `cleaner explain` shows what its pages look like now", stops=False)

    def _new(self, alarms: tuple[tuple[str, Alarm], ...]) -> Iterator[Alarm]:
        """Those that were not given yet, or not as grave."""
        for wire, alarm in alarms:
            given = self._given.get((wire, alarm.about))
            if given is None or (alarm.stops and not given):
                self._given[wire, alarm.about] = alarm.stops
                yield alarm


def _judged(wire: str, about: str, share: float, shares: Shares, detail: str) -> Iterator[tuple[str, Alarm]]:
    """An alarm if the share is implausible; its detail is given the share."""
    if share >= shares.warns:
        # Not format(): a path in it may hold braces.
        told = detail.replace("{}", f"{share:.0%}", 1)
        yield wire, Alarm(about, told, stops=shares.stops is not None and share >= shares.stops)
