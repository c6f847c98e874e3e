"""What two sets of rules make of one document: which lines go that stayed, and which stay that went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from cleaner.document import Document, Removal, RuleFired
from cleaner.rules.fold import fold_blanks
from cleaner.rules.model import RuleSet
from cleaner.rules.scope import Page
from cleaner.spans import Span, clip, complement, line_spans
from cleaner.strip import Stripper
from cleaner.trial.detect import Detector


class What(Enum):
    """What became of a line."""

    GAINED = "gained"
    """It goes, and stayed before."""
    LOST = "lost"
    """It stays, and went before."""
    FLAGGED = "flagged"
    """It is flagged, and was not."""
    UNFLAGGED = "unflagged"
    """It was flagged, and is not any more."""
    OTHER_RULE = "other-rule"
    """It goes as before, by another rule."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line that comes out differently.

    Attributes:
        what: what became of it.
        rule: full name of the rule: the new one of what is gained, the old one of what is lost.
        line: its number, from 1.
        text: what changes of it, blanks folded.
        whole: whether that is all of the line.
        place: where it stands among the non-blank lines, 0 the first, 1 the last.
        around: the non-blank line before it and the one after it, blanks folded; empty at the ends.
        was: for ``OTHER_RULE``, the rule before.
    """

    what: What
    rule: str
    line: int
    text: str
    whole: bool
    place: float
    around: tuple[str, str]
    was: str = ""


class Comparer:
    """Two sets of rules, ready for many documents.

    Args:
        before: the rules in force.
        after: the new ones.
    """

    def __init__(self, before: RuleSet, after: RuleSet) -> None:
        self._rules = before, after
        self._detector = Detector(before, after)
        self._strippers: tuple[Stripper, Stripper] | None = None

    def changes(self, document: Document, page: Page) -> list[Change]:
        """What comes out differently of a document without marks, in order of lines."""
        views = [view for line in document.text.split("\n") if (view := fold_blanks(line))]
        if not self._detector.may_differ(views, page):
            return []
        if self._strippers is None:  # most documents need none
            self._strippers = Stripper(self._rules[0]), Stripper(self._rules[1])
        old, new = (stripper.strip(document, page) for stripper in self._strippers)
        lines = _Lines(document.text)
        pairs = [(What.GAINED, new.removals, old.removals), (What.LOST, old.removals, new.removals)]
        pairs += [(What.FLAGGED, new.flags, old.flags), (What.UNFLAGGED, old.flags, new.flags)]
        found = [change for what, marks, others in pairs for change in lines.more(what, marks, others)]
        found += lines.other_rule(old.removals, new.removals)
        return sorted(found, key=lambda change: (change.line, change.what.value, change.rule))


class _Lines:
    """The lines of a text, by number."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._spans = line_spans(text)
        self._filled = [number for number, span in enumerate(self._spans, 1) if not text[span.start : span.end].isspace()]
        self._place = {number: place for place, number in enumerate(self._filled)}

    def more(self, what: What, marks: Sequence[Removal], others: Sequence[Removal]) -> Iterator[Change]:
        """What marks cover and others do not, line by line and rule by rule."""
        other: dict[int, list[Span]] = {}
        for mark in others:
            other.setdefault(mark.line, []).append(mark.span)
        parts: dict[tuple[int, str], list[str]] = {}
        for mark in marks:
            if isinstance(mark.cause, RuleFired):
                parts.setdefault((mark.line, mark.cause.rule), []).extend(self._uncovered(mark.span, other.get(mark.line, [])))
        for (line, rule), texts in parts.items():
            text = fold_blanks(" ".join(texts))
            if text:
                yield self._change(what, rule, line, text)

    def other_rule(self, before: Sequence[Removal], after: Sequence[Removal]) -> Iterator[Change]:
        """Spans that go as before, by another rule."""
        was = {mark.span: mark.cause.rule for mark in before if isinstance(mark.cause, RuleFired)}
        for mark in after:
            if isinstance(mark.cause, RuleFired) and was.get(mark.span, mark.cause.rule) != mark.cause.rule:
                text = fold_blanks(self._text[mark.span.start : mark.span.end])
                yield self._change(What.OTHER_RULE, mark.cause.rule, mark.line, text, was[mark.span])

    def _uncovered(self, span: Span, others: Sequence[Span]) -> list[str]:
        shifted = [Span(one.start - span.start, one.end - span.start) for other in others if (one := clip(other, span))]
        return [self._text[span.start + gap.start : span.start + gap.end] for gap in complement(shifted, span.end - span.start)]

    def _change(self, what: What, rule: str, line: int, text: str, was: str = "") -> Change:
        at = self._place.get(line, 0)
        last = len(self._filled) - 1
        around = (self._view(self._filled[at - 1]) if at else "", self._view(self._filled[at + 1]) if at < last else "")
        return Change(what, rule, line, text, text == self._view(line), at / last if last > 0 else 0.0, around, was)

    def _view(self, number: int) -> str:
        span = self._spans[number - 1]
        return fold_blanks(self._text[span.start : span.end])
