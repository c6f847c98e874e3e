"""From findings to rules: lines of one kind in one rule, every pattern in its own, each with its evidence and its examples."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import regex

from cleaner.learn.examples import Near, true_rule
from cleaner.learn.finding import Finding, Form, Place
from cleaner.learn.learned import Learned
from cleaner.learn.lines import Survey
from cleaner.learn.settings import LearnSettings
from cleaner.learn.texts import count
from cleaner.rules.model import Action, Condition, Kind, Rule

_AT_END = 5
"""Lines from a page's start or end within which a line must always stand for its rule to look nowhere else."""
_MOST_LINES = 200
"""Lines of one rule at most; more go into a second one."""
_EXAMPLES = 3
_ENDS = {"": "", "first": " at top", "last": " at end"}
_KINDS = {
    Form.LINE: Kind.LINE, Form.PATTERN: Kind.LINE, Form.STRIP: Kind.PHRASE, Form.BLOCK: Kind.BLOCK, Form.TAIL: Kind.TAIL,
}  # fmt: skip
_NAMES = {
    "related": "links to other stories", "newsletter": "newsletter", "share": "share buttons", "comments": "comments", "advertising": "advertising",
    "subscribe": "subscriptions", "paywall": "subscriptions", "legal": "legal notices", "cookies": "cookies", "menu": "menu", "navigation": "menu",
    "video": "player", "tags": "tags", "support": "donations", "app": "apps", "commerce": "shop", "feedback": "feedback", "credit": "credits",
    "byline": "bylines and dates", "widget": "boxes of the page", "repeated": "no kind that is known",
}  # fmt: skip
_WORD = re.compile(r"[a-z]+")


def learned_rules(pack: str, findings: Iterable[Finding], survey: Survey, settings: LearnSettings) -> list[Learned]:
    """Rules that take what was found, each true to its examples; those that remove come first.

    Args:
        pack: id of their pack.
        findings: surest first.
        survey: the site, for near misses.
        settings: from which confidence on a rule removes, and is written.
    """
    worth = [finding for finding in findings if finding.confidence >= settings.worth]
    near = Near(survey, worth)
    names = _Names()
    found: list[Learned] = []
    gone: set[str] = set()
    for action in (Action.REMOVE, Action.FLAG):
        own = [finding for finding in worth if (finding.confidence >= settings.sure) == (action is Action.REMOVE)]
        own = [finding for finding in own if finding.form is Form.LINE or not gone.issuperset(finding.seen)]
        drafts = [*_grouped(pack, own, survey, names, action), *_single(pack, own, survey, names, action)]
        found += [true for draft in drafts if (true := true_rule(draft, near)) is not None]
        gone = set(_all_taken(survey, found))
    return found


def _all_taken(survey: Survey, rules: Sequence[Learned]) -> Iterator[str]:
    """Lines that rules of whole lines take."""
    patterns = [regex.compile(one) for learned in rules if learned.rule.kind is Kind.LINE for one in learned.rule.match.patterns]
    views = {seen.line.view for every in survey.lines.values() for seen in every}
    return (view for view in views if any(pattern.search(view) for pattern in patterns))


class _Names:
    """Ids of rules, each given once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def free(self, text: str, otherwise: str) -> str:
        words = _WORD.findall(text.casefold())[:4]
        name = own = "-".join(words)[:40].strip("-") or otherwise
        number = 1
        while own in self._taken:
            number += 1
            own = f"{name}-{number}"
        self._taken.add(own)
        return own


def _grouped(pack: str, findings: Sequence[Finding], survey: Survey, names: _Names, action: Action) -> Iterator[Learned]:
    """Whole lines: one rule for those of a kind."""
    groups: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.form is Form.LINE:
            groups[finding.topic, _end_of(finding)].append(finding)
    for (topic, end), every in sorted(groups.items()):
        every.sort(key=lambda finding: (-finding.pages, finding.text))
        for own in (every[at : at + _MOST_LINES] for at in range(0, len(every), _MOST_LINES)):
            name = names.free(f"{topic} lines{_ENDS[end]}", topic)
            rule = Rule(
                pack, name, _why(own, survey), Kind.LINE, action, topic, Condition(tuple(one.text.casefold() for one in own))
            )
            yield _group(replace(rule, removes=tuple(one.text for one in own[:_EXAMPLES])), own, end)


def _why(own: Sequence[Finding], survey: Survey) -> str:
    """What the lines of a rule are, and where they were seen."""
    places = [place for finding in own for place in finding.places]
    least, most = min(finding.pages for finding in own), max(finding.pages for finding in own)
    each = f"{most:,}" if least == most else f"{least:,} to {most:,}"
    what = _NAMES.get(own[0].topic, own[0].topic)
    lines = f"A line that repeats ({what})," if len(own) == 1 else f"{len(own):,} lines that repeat ({what}), each"
    return f"{lines} on {each} of {count(survey.pages, 'page')}, {where(places)}"


def _group(rule: Rule, own: Sequence[Finding], end: str) -> Learned:
    """The rule of some lines, which may look at one end of a page only."""
    places = [place for finding in own for place in finding.places]
    limit = max(place.above if end == "first" else place.below for place in places) + 2
    return Learned(
        replace(rule, first=limit if end == "first" else None, last=limit if end == "last" else None),
        min(finding.confidence for finding in own),
        tuple(finding.text for finding in own[:20]),
        tuple(f"{count(finding.pages, 'page')}, confidence {finding.confidence:.2f}" for finding in own),
    )


def _end_of(finding: Finding) -> str:
    """Which end of the page a line is looked for at: only for lines whose words do not speak for themselves."""
    if finding.topic != "repeated":
        return ""
    if all(place.above < _AT_END for place in finding.places):
        return "first"
    return "last" if all(place.below < _AT_END for place in finding.places) else ""


def _single(pack: str, findings: Sequence[Finding], survey: Survey, names: _Names, action: Action) -> Iterator[Learned]:
    """Everything else: a rule for each."""
    for finding in findings:
        if finding.form is Form.LINE:
            continue
        kind = _KINDS[finding.form]
        condition = Condition(patterns=finding.patterns)
        whole = finding.form in (Form.BLOCK, Form.TAIL)
        yield Learned(
            Rule(
                pack,
                names.free(finding.text, finding.topic),
                f"{finding.what.capitalize()} ({_NAMES.get(finding.topic, finding.topic)}): on {finding.pages:,} of {survey.pages:,} pages, "
                f"{where(finding.places)}",
                kind,
                action,
                finding.topic,
                match=Condition() if whole else condition,
                start=condition if whole else Condition(),
                end=Condition(patterns=finding.ends),
                max_lines=finding.max_lines,
                max_length=finding.max_length or 1000,
                removes=tuple(sorted(finding.seen, key=lambda view: (len(view), view))[:_EXAMPLES]),
            ),
            finding.confidence,
            (finding.text,),
        )


def where(places: Sequence[Place]) -> str:
    """Where on their pages things stand.

    >>> where([Place(0, 0, 0, 30), Place(1, 1, 2, 9)]), where([Place(0, 0, 4, 0)]), where([Place(0, 0, 3, 40), Place(1, 1, 60, 70)])
    ('line 1 to 3', 'the last line', 'anywhere')
    """
    trimmed = (len(places) - 1) // 20  # a twentieth of the places at either end is not told
    ends = (sorted(place.above for place in places), sorted(place.below for place in places))
    (first, last), (low, high) = ((one[trimmed], one[len(one) - 1 - trimmed]) for one in ends)
    if min(last - first, high - low) > _AT_END:
        return "anywhere"
    if (high - low, low) < (last - first, first):
        return "the last line" if high == 0 else _lines(low, high) + " from the end"
    return _lines(first, last)


def _lines(first: int, last: int) -> str:
    return f"line {first + 1:,}" if first == last else f"line {first + 1:,} to {last + 1:,}"
