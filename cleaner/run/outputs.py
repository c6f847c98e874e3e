"""The open files of a run: clean outputs, audit, rejections."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from cleaner import audit
from cleaner.audit import Detail
from cleaner.document import Document, Rejection
from cleaner.run import folder as names
from cleaner.settings import RunSettings
from cleaner.writers import ENCODERS, Target
from cleaner.writers.atomic import AtomicFile
from cleaner.writers.naming import Output, record_path


class Sink(Protocol):
    """Where a run's results go."""

    def begin(self, file: int) -> None:
        """A new input begins."""

    def write(self, file: int, document: Document) -> None:
        """One document."""

    def sign(self, rows: Iterable[bytes]) -> None:
        """Lines of JSON that tell the signatures of units."""

    def reject(self, rejection: Rejection) -> None:
        """One input or record that could not be read."""

    def close(self, told: Mapping[str, Any]) -> None:
        """The run is done; ``told`` is what is to be said of it."""

    def abandon(self) -> None:
        """The run failed."""


class Discard:
    """Writes nothing: the sink of a dry run."""

    def begin(self, file: int) -> None:
        """Does nothing."""

    def write(self, file: int, document: Document) -> None:
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
        self._open: dict[str, AtomicFile] = {}
        folder.mkdir(parents=True, exist_ok=True)
        (folder / names.UNFINISHED).touch()
        (folder / names.CLEAN).mkdir(exist_ok=True)
        self._audit = AtomicFile(folder / names.AUDIT) if settings.detail is not Detail.NONE else None
        self._rejected = AtomicFile(folder / names.REJECTED)
        self._signatures = AtomicFile(folder / names.SIGNATURES) if settings.clean.duplicates.signatures else None

    def begin(self, file: int) -> None:
        """A new input: closes the files that no later input goes to, and opens its own when it gathers records."""
        for path in [path for path in self._open if self._shared[path] < file]:
            self._open.pop(path).close()
        output = self._outputs[file]
        if output.target is Target.JSONL and output.path not in self._open:
            self._open[output.path] = AtomicFile(self._folder / names.CLEAN / output.path)

    def write(self, file: int, document: Document) -> None:
        """One document: to its output, and to the audit."""
        output = self._outputs[file]
        data = ENCODERS[output.target](document, self._settings.meta_field)
        path = output.path
        if output.per_record and document.source.record is not None:
            path = record_path(output, document.source.record)
        if output.target is Target.JSONL:
            self._open[path].write(data)
        else:
            with AtomicFile(self._folder / names.CLEAN / path) as single:
                single.write(data)
        if self._audit is not None:
            told = audit.to_object(document, output=f"{names.CLEAN}/{path}", detail=self._settings.detail)
            meta_field, fields = self._settings.meta_field, document.fields or {}
            if meta_field in fields and output.target is Target.JSONL and self._settings.detail is Detail.FULL:
                told["replaced"] = {meta_field: fields[meta_field]}
            self._audit.write(audit.to_json(told))

    def sign(self, rows: Iterable[bytes]) -> None:
        """Lines of JSON that tell the signatures of units."""
        if self._signatures is not None:
            for row in rows:
                self._signatures.write(row)

    def reject(self, rejection: Rejection) -> None:
        """One input or record that could not be read."""
        self._rejected.write(audit.to_json(rejection_object(rejection)))

    def close(self, told: Mapping[str, Any]) -> None:
        """Gives every file its name, ``run.json`` last.

        Args:
            told: what ``run.json`` says.
        """
        for file in self._files():
            file.close()
        self._open.clear()
        with AtomicFile(self._folder / names.RUN) as run:
            run.write(json.dumps({"kind": names.MARK, **told}, indent=2).encode() + b"\n")

    def abandon(self) -> None:
        """Removes what is not whole; that the run was not finished stays written."""
        for file in self._files():
            file.abandon()

    def _files(self) -> list[AtomicFile]:
        told = [self._audit, self._rejected, self._signatures]
        return [*self._open.values(), *(file for file in told if file is not None)]


def rejection_object(rejection: Rejection) -> dict[str, Any]:
    """A rejection as ``rejected.jsonl`` holds it."""
    source = rejection.source
    record = {} if source.record is None else {"record": source.record}
    return {"input": source.input, **record, "reason": rejection.reason, "detail": rejection.detail}


def _last_use(outputs: Sequence[Output]) -> dict[str, int]:
    return {output.path: number for number, output in enumerate(outputs)}
