"""The open files of a run: clean outputs, audit, rejections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from cleaner import audit
from cleaner.audit import Detail
from cleaner.document import Document, Rejection
from cleaner.run import folder as names
from cleaner.run.made import Made
from cleaner.settings import RunSettings
from cleaner.writers import Target, encoded, told_duplicates
from cleaner.writers.atomic import AtomicFile
from cleaner.writers.naming import Output, record_path
from cleaner.writers.records import RecordFile, Shards, open_file


class Sink(Protocol):
    """Where a run's results go."""

    def begin(self, file: int) -> None:
        """A new input begins."""

    def target(self, file: int) -> Target | None:
        """What the documents of an input are written as; None: they are not written."""

    def write(self, file: int, document: Document, made: Made) -> None:
        """One document."""

    def sign(self, rows: Iterable[bytes]) -> None:
        """Lines of JSON that tell the signatures of units."""

    def reject(self, rejection: Rejection) -> None:
        """One input or record that could not be read."""

    def close(self, told: Mapping[str, Any]) -> None:
        """All is written; ``told`` is what is to be said of it."""

    def abandon(self) -> None:
        """The run failed."""


class Discard:
    """Writes nothing: the sink of a dry run."""

    def begin(self, file: int) -> None:
        """Does nothing."""

    def target(self, file: int) -> Target | None:
        """Nothing is written."""

    def write(self, file: int, document: Document, made: Made) -> None:
        """Does nothing."""

    def sign(self, rows: Iterable[bytes]) -> None:
        """Does nothing."""

    def reject(self, rejection: Rejection) -> None:
        """Does nothing."""

    def close(self, told: Mapping[str, Any]) -> None:
        """Does nothing."""

    def abandon(self) -> None:
        """Does nothing."""


class Outputs:
    """Writes what a run makes; nothing has its final name before it is whole.

    Args:
        folder: the run's folder, claimed.
        outputs: the output of each input.
        settings: of the run.
    """

    def __init__(self, folder: Path, outputs: Sequence[Output], settings: RunSettings) -> None:
        self._folder = folder
        self._outputs = outputs
        self._settings = settings
        self._shared = _last_use(outputs)
        self._open: dict[str, Shards] = {}
        self._last = ("", b"")  # path of an output, and as it is told
        (folder / names.CLEAN).mkdir(parents=True, exist_ok=True)
        self._audit = AtomicFile(folder / names.AUDIT) if settings.detail is not Detail.NONE else None
        self._rejected = AtomicFile(folder / names.REJECTED)
        self._signatures = AtomicFile(folder / names.SIGNATURES) if settings.clean.duplicates.signatures else None

    def begin(self, file: int) -> None:
        """A new input: closes the files that no later input goes to, and opens its own when it gathers records."""
        for path in [path for path in self._open if self._shared[path] < file]:
            self._open[path].close()
            del self._open[path]  # not before: what cannot be closed is to be abandoned
        output = self._outputs[file]
        if output.target.records and output.path not in self._open:
            self._open[output.path] = Shards(output, self._settings.shard_size, lambda path: self._opened(path, output.target))

    def target(self, file: int) -> Target | None:
        """What the documents of an input are written as."""
        return self._outputs[file].target

    def write(self, file: int, document: Document, made: Made) -> None:
        """One document: to its output, and to the audit."""
        output = self._outputs[file]
        path = output.path
        if output.per_record and document.source.record is not None:
            path = record_path(output, document.source.record)
        duplicates = told_duplicates(document)
        data = encoded(made.output, duplicates) if made.output is not None else None
        if output.target.records:
            path = self._open[path].write(document, data)
        else:
            with AtomicFile(self._folder / names.CLEAN / path) as single:
                single.write(data or b"")
        if self._audit is not None and made.audit is not None:
            self._audit.write(audit.filled(made.audit, self._told(path), duplicates))

    def sign(self, rows: Iterable[bytes]) -> None:
        """Lines of JSON that tell the signatures of units."""
        if self._signatures is not None:
            for row in rows:
                self._signatures.write(row)

    def reject(self, rejection: Rejection) -> None:
        """One input or record that could not be read."""
        self._rejected.write(audit.to_json(rejection_object(rejection)))

    def close(self, told: Mapping[str, Any]) -> None:
        """Gives every file its name; the run does not count as done yet.

        Args:
            told: what ``run.json`` will say.
        """
        for file in self._files():
            file.close()
        self._open.clear()
        names.note_written(self._folder, told)

    def abandon(self) -> None:
        """Removes what is not whole; that the run was not finished stays written."""
        for file in self._files():
            file.abandon()

    def _told(self, path: str) -> bytes:
        """A path as the audit tells it; most documents go where the one before went."""
        if path != self._last[0]:
            self._last = path, audit.value_json(f"{names.CLEAN}/{path}")
        return self._last[1]

    def _opened(self, path: str, target: Target) -> RecordFile:
        return open_file(self._folder / names.CLEAN / path, target, self._settings.meta_field)

    def _files(self) -> list[AtomicFile | Shards]:
        told = [self._audit, self._rejected, self._signatures]
        return [*self._open.values(), *(file for file in told if file is not None)]


def rejection_object(rejection: Rejection) -> dict[str, Any]:
    """A rejection as ``rejected.jsonl`` holds it."""
    source = rejection.source
    record = {} if source.record is None else {"record": source.record}
    return {"input": source.input, **record, "reason": rejection.reason, "detail": rejection.detail}


def _last_use(outputs: Sequence[Output]) -> dict[str, int]:
    return {output.path: number for number, output in enumerate(outputs)}
