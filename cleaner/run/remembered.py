"""The lasting index of a run, when it has one, and how documents are known again in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cleaner.document import Source
from cleaner.readers.tree import InputFile
from cleaner.settings import RunSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from cleaner.dedup.store import Store


@contextmanager
def lasting_index(settings: RunSettings, identify: Callable[[Source], str]) -> Iterator[Store | None]:
    """The index that the settings name, open; None when they name none.

    Raises:
        UsageError: it cannot be used with these settings.
    """
    if settings.index is None:
        yield None
        return
    from cleaner.dedup.store import Store

    with Store(settings.index, settings.clean.duplicates, identify) as store:
        yield store


def by_path(files: Sequence[InputFile]) -> Callable[[Source], str]:
    """Documents of files are known by where the file lies, and by the number of the record in it."""
    paths: Mapping[str, str] = {file.name: file.address for file in files}
    return lambda source: f"{paths[source.input]}\0{source.record or ''}"


def by_id(source: Source) -> str:
    """Records of a stream are known by their own id; without one nothing tells them from others."""
    made_up = source.record is None or source.id == f"{source.input}#{source.record}"
    return "" if made_up else f"\0{source.id!r}"
