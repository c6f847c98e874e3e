"""The inputs' text again, from a run's outputs and its audit: what was removed is put back, what was repaired is undone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from cleaner import audit
from cleaner.audit import Entry
from cleaner.document import Media
from cleaner.errors import UsageError
from cleaner.run import folder as names
from cleaner.writers.atomic import AtomicFile


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored.

    Attributes:
        documents: how many.
        pages: how many of them were HTML, of which the extracted text is what there is to restore.
    """

    documents: int
    pages: int


def restore_run(run: Path, out: Path) -> Restored:
    """Writes the text of every input of a finished run, as it was decoded.

    Text files come under their own names in UTF-8, code point for code point, line ends included (the encoding and byte order mark
    they had stand in the audit); HTML as the extracted text, ``.txt`` added; records as JSON lines with their text restored.

    Args:
        run: folder of the run.
        out: folder to write; must be new or empty.

    Raises:
        UsageError: no finished run, no full audit, outputs that do not fit the audit, or ``out`` holds something.
    """
    names.require_run(run)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} is not empty; nothing was written. Name a new or empty folder after --out")
    meta_field = _settings(run).get("meta_field", "cleaner")
    text_field = _settings(run).get("text_field", "text")
    documents = pages = 0
    records = _Records(out)
    outputs = _Outputs(run)
    try:
        for entry in _entries(run):
            documents += 1
            pages += entry.media is Media.HTML
            record = outputs.next(entry, text_field)
            record[text_field] = _decoded(entry, record[text_field])
            if entry.record is None:
                with AtomicFile(_free(_inside(out, entry))) as single:
                    single.write(record[text_field].encode("utf-8", "surrogatepass"))
                continue
            replaced = entry.data.get("replaced", {})
            if meta_field in replaced:
                record[meta_field] = replaced[meta_field]
            else:
                record.pop(meta_field, None)
            records.write(_inside(out, entry), audit.to_json(record))
        records.close()
    except BaseException:
        records.abandon()
        raise
    finally:
        outputs.close()
    return Restored(documents, pages)


def repaired_text(run: Path, told: Mapping[str, Any]) -> str:
    """The whole repaired text of one document of a run, from its output and its audit object.

    Raises:
        UsageError: the output was changed, or the audit holds no removed text.
    """
    outputs = _Outputs(run)
    entry = audit.from_object(told)
    if not entry.restorable or entry.output.endswith(".jsonl"):
        raise UsageError(f"{entry.input} cannot be shown from this run; it needs a run with --audit full, and a file of its own")
    try:
        return _filled(entry, outputs.next(entry, "text")["text"])
    finally:
        outputs.close()


def _filled(entry: Entry, clean: str) -> str:
    """The repaired text: what was removed is put back."""
    pieces: list[str] = []
    at = taken = 0
    for start, end, text in entry.removed:
        pieces += (clean[taken : taken + start - at], text)
        taken += start - at
        at = end
    pieces.append(clean[taken:])
    repaired = "".join(pieces)
    if len(repaired) != entry.data["chars_in"]:
        raise UsageError(
            f"{entry.output} was changed after the run ({entry.input} cannot be restored); restore needs it as it was written"
        )
    return repaired


def _decoded(entry: Entry, clean: str) -> str:
    """The text as it was decoded: repairs undone too."""
    repaired = _filled(entry, clean)
    if not entry.repairs:
        return repaired
    lines = repaired.split("\n")
    for line, before, _ in entry.repairs:
        lines[line - 1] = before
    return "\n".join(lines)


def _entries(run: Path) -> Iterator[Entry]:
    path = run / names.AUDIT
    if not path.exists():
        raise UsageError(f"{path} is missing; restore needs a run with --audit full")
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                entry = audit.from_object(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise UsageError(f"{path}, line {number} is not an audit object of this version: {error}") from error
            if not entry.restorable:
                raise UsageError(f"{path} holds no removed text; restore needs a run with --audit full")
            yield entry


def _settings(run: Path) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads((run / names.RUN).read_bytes()).get("settings", {})
    return settings


def _inside(out: Path, entry: Entry) -> Path:
    """Where an input's text goes; an audit that was tampered with leads nowhere else."""
    return _below(out, entry.input + (".txt" if entry.media is Media.HTML and entry.record is None else ""))


def _below(folder: Path, name: str) -> Path:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        raise UsageError(f"the audit names a file outside its folder: {name}")
    return folder.joinpath(*path.parts)


def _free(path: Path) -> Path:
    """The path, or one with more ``.txt`` when it is taken: of ``page.html`` and ``page.html.txt`` both come back."""
    while path.exists():
        path = path.with_name(path.name + ".txt")
    return path


class _Records:
    """Writes restored records: the file of one input at a time, as the audit names them, so that few files are open."""

    def __init__(self, out: Path) -> None:
        out.mkdir(parents=True, exist_ok=True)
        self._path: Path | None = None
        self._file: AtomicFile | None = None

    def write(self, path: Path, line: bytes) -> None:
        """One record to a file; the file before it, if it was another, is whole now."""
        if path != self._path or self._file is None:
            self.close()
            self._path, self._file = path, AtomicFile(path)
        self._file.write(line)

    def close(self) -> None:
        """Gives the file at hand its name."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def abandon(self) -> None:
        """Removes the file at hand."""
        if self._file is not None:
            self._file.abandon()


class _Outputs:
    """Reads the clean outputs in the order of the audit. One is open at a time: a run may have written thousands."""

    def __init__(self, run: Path) -> None:
        self._run = run
        self._output = ""
        self._file: BinaryIO | None = None
        self._places: dict[str, int] = {}

    def next(self, entry: Entry, text_field: str) -> dict[str, Any]:
        """The record (for a text file: just its text) that an audit object belongs to."""
        path = _below(self._run, entry.output)
        try:
            if not entry.output.endswith(".jsonl"):
                return {"id": entry.data["id"], text_field: path.read_bytes().decode("utf-8", "surrogatepass")}
            record: dict[str, Any] = json.loads(self._at(entry.output, path).readline())
        except OSError as error:
            raise UsageError(
                f"{path} cannot be read: {error.strerror}; restore needs the outputs as they were written"
            ) from error
        except ValueError as error:
            raise UsageError(f"{path} was changed after the run ({error}); restore needs it as it was written") from error
        if not isinstance(record, dict) or not isinstance(record.get(text_field), str):
            raise UsageError(f'{path} was changed after the run (no "{text_field}"); restore needs it as it was written')
        return record

    def close(self) -> None:
        """Closes what is open; a file that is asked for again goes on where it was left."""
        if self._file is not None:
            self._places[self._output] = self._file.tell()
            self._file.close()
            self._file = None

    def _at(self, output: str, path: Path) -> BinaryIO:
        if self._file is None or output != self._output:
            self.close()
            self._output, self._file = output, path.open("rb")
            self._file.seek(self._places.get(output, 0))
        return self._file
