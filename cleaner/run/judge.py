"""What looks at more than one document: near-duplicates and their policy, in input order, in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from cleaner.dedup.settings import DuplicateSettings, Policy
from cleaner.document import Document, Relation, Source, Unit, UnitRef
from cleaner.run.workers import Begin, Prepared

if TYPE_CHECKING:
    from cleaner.dedup.sketch import Sketch

Judge = Callable[[Document, "Sketch | None"], Document]
"""Is given every document once, in input order, and returns it with duplicates, and removals by policy."""


def judge_for(settings: DuplicateSettings, prepared: Callable[[], Iterable[Begin | Prepared]]) -> Judge:
    """The judge of a run.

    Args:
        settings: what is compared, and what happens to near-duplicates.
        prepared: makes the run's documents again; keep-longest has to see all of them before the first can be judged.
    """
    if settings.policy is Policy.OFF:
        return lambda document, _: document
    from cleaner.dedup.fold import Fold

    fold = Fold(settings)

    def flagged(document: Document, sketch: Sketch | None) -> Document:
        return document if sketch is None else fold.add(document, sketch)

    if settings.policy is not Policy.KEEP_LONGEST:
        return flagged
    from cleaner.dedup.policy import remove_document

    stays = _shorter_ones(settings, prepared())

    def longest(document: Document, sketch: Sketch | None) -> Document:
        document = flagged(document, sketch)
        other = stays.get(document.source.key)
        return document if other is None else remove_document(document, UnitRef(other, None))

    return longest


def _shorter_ones(settings: DuplicateSettings, prepared: Iterable[Begin | Prepared]) -> dict[tuple[str, int], Source]:
    """For every document that is like a longer one (of equals: like an earlier one): the one that stays."""
    from cleaner.dedup.fold import Fold
    from cleaner.dedup.policy import longest

    fold = Fold(settings)
    lengths: dict[tuple[str, int], int] = {}
    pairs: list[tuple[tuple[str, int], tuple[str, int]]] = []
    sources: dict[tuple[str, int], Source] = {}
    for item in prepared:
        if isinstance(item, Begin) or not isinstance(item.result, Document) or item.sketch is None:
            continue
        document = fold.add(item.result, item.sketch)
        key = document.source.key
        sources[key] = document.source
        lengths[key] = sum(end - start for start, end in document.kept_spans)
        pairs += [
            (key, found.of.source.key)
            for found in document.duplicates
            if found.unit is Unit.DOCUMENT and found.relation is Relation.SAME
        ]
    return {goes: sources[stays] for goes, stays in longest(lengths, pairs).items()}
