"""What looks at more than one document: near-duplicates and their policy, in input order, in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from cleaner.dedup.settings import DuplicateSettings, Policy
from cleaner.document import Document, Relation, Source, Unit, UnitRef
from cleaner.run.batches import Batch

if TYPE_CHECKING:
    from cleaner.dedup.store import Store

Judge = Callable[[Batch], Batch]
"""Is given every batch once, in input order, and returns it judged: documents with duplicates, and removals by policy."""


def judge_for(settings: DuplicateSettings, prepared: Callable[[], Iterable[Batch]], store: Store | None = None) -> Judge:
    """The judge of a run.

    Args:
        settings: what is compared, and what happens to near-duplicates.
        prepared: makes the run's documents again; keep-longest has to see all of them before the first can be judged.
        store: a lasting index, open; not with keep-longest.
    """
    if settings.policy is Policy.OFF:
        return lambda batch: batch
    from cleaner.dedup.fold import Fold

    fold = Fold(settings, store.indexes if store is not None else None)

    def flagged(batch: Batch) -> list[Document]:
        return batch.documents if batch.sketch is None else fold.add_all(batch.documents, batch.sketch)

    if settings.policy is not Policy.KEEP_LONGEST:
        return lambda batch: batch.judged(flagged(batch))
    from cleaner.dedup.policy import remove_document

    stays = _shorter_ones(settings, prepared())

    def longest(document: Document) -> Document:
        other = stays.get(document.source.key)
        return document if other is None else remove_document(document, UnitRef(other, None))

    return lambda batch: batch.judged(map(longest, flagged(batch)))


def _shorter_ones(settings: DuplicateSettings, prepared: Iterable[Batch]) -> dict[tuple[str, int], Source]:
    """For every document that is like a longer one (of equals: like an earlier one): the one that stays."""
    from cleaner.dedup.fold import Fold
    from cleaner.dedup.policy import longest

    fold = Fold(settings)
    lengths: dict[tuple[str, int], int] = {}
    pairs: list[tuple[tuple[str, int], tuple[str, int]]] = []
    sources: dict[tuple[str, int], Source] = {}
    for batch in prepared:
        for document in fold.add_all(batch.documents, batch.sketch) if batch.sketch is not None else ():
            key = document.source.key
            sources[key] = document.source
            lengths[key] = sum(end - start for start, end in document.kept_spans)
            pairs += [
                (key, found.of.source.key)
                for found in document.duplicates
                if found.unit is Unit.DOCUMENT and found.relation is Relation.SAME
            ]
    return {goes: sources[stays] for goes, stays in longest(lengths, pairs).items()}
