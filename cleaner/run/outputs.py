"""The open files of a run: clean outputs, audit, rejections."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from cleaner import audit
from cleaner.audit import Detail
from cleaner.document import Document, Media, Rejection
from cleaner.readers.fields import HTML, fold_name
from cleaner.run import folder as names
from cleaner.settings import RunSettings
from cleaner.writers import ENCODERS, Target
from cleaner.writers.atomic import AtomicFile
from cleaner.writers.front_matter import front_matter
from cleaner.writers.jsonl import METADATA
from cleaner.writers.naming import Output, record_path
from cleaner.writers.records import RecordFile, Shards, open_file


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
        self._open: dict[str, Shards] = {}
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

    def write(self, file: int, document: Document) -> None:
        """One document: to its output, and to the audit."""
        output = self._outputs[file]
        path = output.path
        if output.per_record and document.source.record is not None:
            path = record_path(output, document.source.record)
        if output.target.records:
            path = self._open[path].write(document)
        else:
            data = ENCODERS[output.target](document, self._settings.meta_field)
            if self._settings.front_matter:
                data = front_matter(document).encode("utf-8", "surrogatepass") + data
            with AtomicFile(self._folder / names.CLEAN / path) as single:
                single.write(data)
        if self._audit is not None:
            told = audit.to_object(document, output=f"{names.CLEAN}/{path}", detail=self._settings.detail)
            if self._settings.front_matter and not output.target.records and document.metadata:
                told["front_matter"] = len(front_matter(document))
            if output.target.records and document.fields is not None:
                told |= _of_record(document, self._settings)
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
        # What stands there from the beginning must not go before this is whole: without either, nobody would know the folder for ours.
        unfinished = self._folder / names.UNFINISHED
        with AtomicFile(unfinished) as run:
            run.write(json.dumps({"kind": names.MARK, **told}, indent=2).encode() + b"\n")
        unfinished.replace(self._folder / names.RUN)

    def abandon(self) -> None:
        """Removes what is not whole; that the run was not finished stays written."""
        for file in self._files():
            file.abandon()

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


def _of_record(document: Document, settings: RunSettings) -> dict[str, Any]:
    """What the audit tells of a record beside its marks: which field holds its text, what stood where something else stands now."""
    fields, field = document.fields or {}, document.text_field
    told: dict[str, Any] = {} if field == (settings.read.text_field or "text") else {"field": field}
    if settings.detail is not Detail.FULL:
        return told
    replaced = {name: fields[name] for name in (settings.meta_field,) if name in fields}
    # A page was replaced by its text, or text stands now where none stood: the field as it was is needed to restore it.
    if document.media is Media.HTML and field in fields:
        replaced[field] = fields[field]
    if replaced:
        told["replaced"] = replaced
    # Where no page stands in the record (of a web archive), the text is all there is to restore.
    if field not in fields and any(fold_name(name) in HTML or name == settings.read.html_field for name in fields):
        told["added"] = [field]
    if document.metadata and METADATA not in fields:
        told["added"] = [*told.get("added", ()), METADATA]
    return told


def _last_use(outputs: Sequence[Output]) -> dict[str, int]:
    return {output.path: number for number, output in enumerate(outputs)}
