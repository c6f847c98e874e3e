"""Examples of rules: what goes as it was seen, and what comes near and must stay, from the site itself where it has such lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from cleaner.errors import Fault
from cleaner.learn.finding import Finding
from cleaner.learn.learned import Learned
from cleaner.learn.lines import Survey
from cleaner.rules.check import check_rules
from cleaner.rules.model import Level, Pack, Rule, RuleSet
from cleaner.strip import left_by

_LONG_EXAMPLE = 300
"""Code points of a line above which it is no example of what stays."""
_OF_THE_TEXT = 0.3
"""Confidence of evidence below which a line is one of the text."""
_TRIED = 6
"""Real lines that are tried for each part of a rule."""


class Near:
    """Lines of the site that come near what goes, and stay."""

    def __init__(self, survey: Survey, findings: Iterable[Finding]) -> None:
        gone = {view.casefold() for finding in findings for view in finding.seen}
        self._lines = sorted(
            {
                one.line.view
                for key, seen in survey.lines.items()
                if key not in gone
                for one in seen
                if len(one.line.view) <= _LONG_EXAMPLE and one.line.confidence < _OF_THE_TEXT
            },
            key=lambda view: (len(view), view),
        )
        self._folded = [view.casefold() for view in self._lines]

    def of(self, about: Sequence[str]) -> Iterator[str]:
        """What may come near, nearest first: real lines, then made-up ones."""
        folded = [text.casefold().strip("… ") for text in about]
        for text in folded:
            yield from islice(
                (line for line, own in zip(self._lines, self._folded, strict=True) if text in own and own != text), _TRIED
            )
        start = " ".join(folded[0].split()[:2])
        if len(start) >= 4:
            yield from islice(
                (line for line, own in zip(self._lines, self._folded, strict=True) if own.startswith(start)), _TRIED
            )
        plain = about[0].split("\n")[0].strip("… ")
        yield f"“{_cut(plain)}”, it said there."
        yield f"It said: {_cut(plain)}, and so on"
        yield "And so on."


def _cut(text: str) -> str:
    return text if len(text) <= 80 else text[:80].rsplit(" ", 1)[0]


def true_rule(draft: Learned, near: Near) -> Learned | None:
    """The rule with near misses, true to all its examples; None when there is no such rule."""
    removes = tuple(example for example in draft.rule.removes if not _faults(replace(draft.rule, removes=(example,))))
    if not removes:
        return None
    keeps: list[str] = []
    for example in near.of(draft.about):
        if example not in keeps and example not in removes and not _faults(replace(draft.rule, removes=(), keeps=(example,))):
            keeps.append(example)
        if len(keeps) == 2:
            break
    rule = replace(draft.rule, removes=removes, keeps=tuple(keeps))
    return replace(draft, rule=rule) if keeps else None


def _faults(rule: Rule) -> list[Fault]:
    pack = Pack(rule.pack, "1", "", Level.USER, rule.topic, rules=(rule,))
    return list(check_rules(RuleSet((pack,)), left_by))
