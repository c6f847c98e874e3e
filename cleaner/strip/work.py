"""One document while rules are applied to it, pass by pass, until nothing more goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cleaner.document import Removal, RuleFired
from cleaner.layout import Lines
from cleaner.rules.fold import fold_blanks, fold_offsets
from cleaner.rules.model import Action, Kind
from cleaner.spans import Span, clip, complement, merge
from cleaner.strip.applied import Claim, Entry
from cleaner.strip.claims import Levels, claims_of, unopposed
from cleaner.strip.hits import LineHits


class Work:
    """The passes over one document.

    Args:
        lines: its non-blank lines, named by index; spans are cut out of them.
        hits: what holds on them.
        held: numbers of the lines that no rule may take.

    Attributes:
        levels: which lines keep and flag rules speak for, after the last pass.
    """

    def __init__(self, lines: Lines, hits: LineHits, held: Iterable[int] = ()) -> None:
        self._lines = lines
        self._hits = hits
        self._held = [index for number in held if (index := lines.index_of(number)) is not None]
        if self._held:
            hits.settled = False
        self._gone: dict[int, RuleFired] = {}
        self._flagged: dict[int, RuleFired] = {}
        self._flagged_spans: list[Removal] = []
        self._blocks = 0
        self.levels = Levels()

    def run(self) -> None:
        """Applies the rules until nothing more goes."""
        while True:
            claims, self.levels = unopposed(claims_of(self._hits), self._held)
            taken = self._take(claims)
            cut = self._cut_phrases()
            if not taken and not cut:
                self._flag_phrases()
                return
            self._hits.follow(taken | {index for index in cut if not self._hits.views[index]}, cut)

    def go_on(self, taken: Mapping[int, int], blocks: int) -> None:
        """Applies the rules to what others have left, until nothing more goes.

        Args:
            taken: number of a line -> code points that others took of it. What is left of a line of which they took a part is not
                looked at again.
            blocks: how many blocks are numbered so far.
        """
        self._blocks = blocks
        indices = ((self._lines.index_of(number), size) for number, size in taken.items())
        gone = {index for index, size in indices if index is not None and size >= self._lines[index].left}
        self._hits.follow(gone.intersection(self._hits.alive), set())
        self.run()

    # -- whole lines

    def _take(self, claims: list[Claim]) -> set[int]:
        """Removes or flags each line by the first claim that may; the lines that went."""
        best: dict[int, Claim] = {}
        for claim in claims:
            for line in claim.lines:
                if self.levels.keeps.get(line, 0) < claim.entry.level:
                    best.setdefault(line, claim)
        fired: dict[Claim, RuleFired] = {}
        taken: set[int] = set()
        for line in sorted(best):
            claim = best[line]
            if claim not in fired:
                fired[claim] = RuleFired(claim.entry.rule.name, claim.entry.rule.topic, self._next_block(claim))
            if claim.entry.rule.action is Action.REMOVE:
                self._gone[line] = fired[claim]
                taken.add(line)
            else:
                self._flagged.setdefault(line, fired[claim])
        return taken

    def _next_block(self, claim: Claim) -> int | None:
        if claim.entry.rule.kind in (Kind.LINE, Kind.PHRASE):
            return None
        if claim.entry.rule.action is Action.FLAG and any(line in self._flagged for line in claim.lines):
            return None
        self._blocks += 1
        return self._blocks

    # -- spans inside lines

    def _cut_phrases(self) -> set[int]:
        """Cuts phrases out of the lines that stay; the indices of the lines that changed."""
        by_line = self._hits.by_line
        phrases = (index for index, hits in by_line.items() if any(hit.entry.rule.kind is Kind.PHRASE for hit in hits))
        cut = {index for index in phrases if index not in self._gone and self._cut(index)}
        for index in sorted(cut):
            self._hits.views[index] = fold_blanks(self._lines[index].text)
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

    def _phrases(self, index: int) -> list[tuple[Entry, Span]]:
        """Where phrases to remove or flag stand in the text of a line, nearest level first, without what a nearer one flags."""
        found: list[tuple[Entry, Span]] = []
        phrases = [hit for hit in self._hits.by_line.get(index, ()) if hit.entry.rule.kind is Kind.PHRASE]
        if not phrases:
            return found
        offsets = fold_offsets(self._lines[index].text)
        for hit in sorted(phrases, key=lambda one: one.entry.rank):
            entry = hit.entry
            if entry.rule.action is Action.KEEP or self._hits.spares(entry.rule) or self.levels.hold_back(index, entry.level):
                continue
            flagged = [span for other, span in found if other.rule.action is Action.FLAG and other.level > entry.level]
            spans = self._hits.matcher_of(hit.condition).spans(
                hit.condition, self._hits.views[index], self._hits.set_aside, index
            )
            for start, end in spans:
                span = Span(offsets[start], offsets[end - 1] + 1)
                if not any(clip(span, one) for one in flagged):
                    found.append((entry, span))
        return found

    def _flag_phrases(self) -> None:
        """Marks the phrases to flag in what stays."""
        self._flagged_spans = []
        for index in sorted(self._hits.by_line):
            for entry, span in self._phrases(index):
                fired = RuleFired(entry.rule.name, entry.rule.topic)
                self._flagged_spans += self._lines[index].marks_of(span.start, span.end, fired)

    # -- results

    def removals(self) -> list[Removal]:
        """All marks: whole lines with their line ends, and spans inside the lines that stay."""
        marks: list[Removal] = []
        touched = self._lines.touched
        for index in sorted({*touched, *self._gone}):
            if index in touched:
                marks += touched[index].removals(self._gone.get(index))
            else:  # a whole line
                marks.append(Removal(self._lines.span(index), self._lines.numbers[index], self._gone[index]))
        return marks

    def flags(self) -> tuple[Removal, ...]:
        """What flag rules found on lines that stay, sorted."""
        whole = [
            Removal(self._lines[index].span, self._lines[index].number, fired)
            for index, fired in self._flagged.items()
            if index not in self._gone
        ]
        return tuple(sorted((*whole, *self._flagged_spans), key=lambda removal: removal.span))
