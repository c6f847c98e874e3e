"""From hits to claims, and which claims no other rule stands against."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter

from cleaner.rules.model import Action, Kind, Level
from cleaner.strip.applied import Claim, Part, RuleHit
from cleaner.strip.hits import LineHits


def claims_of(hits: LineHits) -> list[Claim]:
    """What the hits amount to; without what was claimed in vain before and still would be.

    Where nothing can hold a claim back, what it takes is counted as gone at once, so that a rule that looks at the first (or last)
    few lines of what is left needs one sweep from that end and not one for every few lines.
    """
    alive = hits.alive
    gone = bytearray(len(alive))
    from_start: list[tuple[int, RuleHit]] = []
    from_end: list[tuple[int, RuleHit]] = []
    for place in hits.places():
        for hit in hits.by_line[alive[place]]:
            if not hits.spares(hit.entry.rule):
                (from_end if _looks_from_end(hit) else from_start).append((place, hit))
    # From the end: the last places first, the hits on each in order.
    from_end.sort(key=itemgetter(0), reverse=True)
    found: list[Claim] = []
    for place, hit in chain(from_start, from_end):
        reach = range(place, place + hit.size) if _is_plain(hit) else _reach(hits, hit, place, gone)
        if reach is not None:
            lines = tuple(alive[reach.start : reach.stop])
            anchors = lines if len(reach) == hit.size and reach.start == place else tuple(alive[place : place + hit.size])
            found.append(Claim(hit.entry, lines, anchors))
            if hits.settled:
                gone[reach.start : reach.stop] = b"\1" * len(reach)
    return found


def _is_plain(hit: RuleHit) -> bool:
    """Whether it speaks for just the lines it read, wherever they stand, as most do."""
    rule = hit.entry.rule
    return rule.kind is Kind.LINE and rule.first is None and rule.last is None


def _looks_from_end(hit: RuleHit) -> bool:
    return hit.entry.rule.last is not None or hit.entry.rule.kind is Kind.TAIL


def _reach(hits: LineHits, hit: RuleHit, place: int, gone: bytearray) -> range | None:
    """The places of living lines that a hit speaks for; None when position or size forbid it."""
    rule, count = hit.entry.rule, len(hits.alive)
    # The line itself counts, whatever another rule has said of it: the order of rules must not matter.
    before, after = place - gone.count(1, 0, place), count - place - gone.count(1, place + 1)
    if (rule.first is not None and before >= rule.first) or (rule.last is not None and after > rule.last):
        return None
    if rule.kind is Kind.LINE or (rule.kind is Kind.PHRASE and rule.action is Action.KEEP):
        return range(place, place + hit.size)
    if rule.kind is Kind.TAIL and after <= rule.max_lines:
        return range(place, count)
    if rule.kind is Kind.HEAD and before < rule.max_lines:
        return range(place + 1)
    if rule.kind is Kind.BLOCK and hit.part is Part.START:
        return _block(hits, hit, place)
    return None


def _block(hits: LineHits, hit: RuleHit, place: int) -> range | None:
    if not hit.entry.rule.end:
        return range(place, place + hit.size)
    for at in range(place + hit.size, min(place + hit.entry.rule.max_lines, len(hits.alive))):
        there = hits.by_line.get(hits.alive[at], ())
        if any(other.entry is hit.entry and other.part is Part.END for other in there):
            return range(place, at + 1)
    return None


def signals_of(hits: LineHits) -> dict[int, set[str]]:
    """What bundled generic rules say of whole lines of the untouched document: index -> topics.

    Nothing that other levels say, and nothing that goes, changes it: evidence must not depend on a user's or a site's rules.
    """
    gone = bytearray(len(hits.alive))
    found: dict[int, set[str]] = {}
    kept: set[int] = set()
    for index in sorted(hits.by_line):
        place = bisect_left(hits.alive, index)
        for hit in hits.by_line[index]:
            rule = hit.entry.rule
            if hit.entry.level is not Level.GENERIC or rule.action is Action.FLAG:
                continue
            if rule.action is Action.REMOVE and rule.kind is Kind.PHRASE:
                continue
            for reached in _reach(hits, hit, place, gone) or ():
                line = hits.alive[reached]
                if rule.action is Action.KEEP:
                    kept.add(line)
                else:
                    found.setdefault(line, set()).add(rule.topic)
    return {line: topics for line, topics in found.items() if line not in kept}


@dataclass(slots=True)
class Levels:
    """How near the rules are that hold others back, line by line.

    Attributes:
        keeps: index -> nearest level at which a keep rule speaks for the line.
        flags: index -> nearest level at which a flag rule does.
    """

    keeps: dict[int, int] = field(default_factory=dict)
    flags: dict[int, int] = field(default_factory=dict)

    def hold_back(self, line: int, level: int) -> bool:
        """Whether a keep rule of this level or nearer, or a flag rule nearer than it, speaks for a line."""
        return self.keeps.get(line, 0) >= level or self.flags.get(line, 0) > level


def unopposed(claims: Sequence[Claim], held: Iterable[int] = ()) -> tuple[list[Claim], Levels]:
    """The claims to remove or flag, nearest first, whose anchors nothing holds back; and what holds back.

    Args:
        claims: all.
        held: lines that no claim may take.
    """
    levels = Levels(dict.fromkeys(held, max(Level)))
    for claim in claims:
        if claim.entry.rule.action is Action.KEEP:
            for line in claim.lines:
                levels.keeps[line] = max(levels.keeps.get(line, 0), claim.entry.level)
    found: list[Claim] = []
    for claim in sorted(claims, key=lambda one: one.entry.rank):
        level, action = claim.entry.level, claim.entry.rule.action
        if action is Action.KEEP or any(levels.hold_back(line, level) for line in claim.anchors):
            continue
        found.append(claim)
        if action is Action.FLAG:
            for line in claim.lines:
                levels.flags.setdefault(line, level)
    return found, levels
