"""The inputs' text again, from a run's outputs and its audit: what was removed is put back, what was repaired is undone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from cleaner import audit
from cleaner.audit import Entry
from cleaner.document import Media
from cleaner.errors import UsageError
from cleaner.readers.shape import Format, shape_of
from cleaner.run import folder as names
from cleaner.run.written import Written, holds_records
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
    they had stand in the audit); HTML as the extracted text, ``.txt`` added; records of whatever format as JSON lines with their text
    restored, ``.jsonl`` added when their input was something else.

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
    outputs = Written(run)
    try:
        for entry in _entries(run):
            documents += 1
            pages += entry.media is Media.HTML
            field = str(entry.data.get("field", text_field))
            record = _record(run, entry, outputs, field)
            record[field] = _decoded(entry, record[field])
            if entry.record is None:
                with AtomicFile(_free(_inside(out, entry))) as single:
                    single.write(record[field].encode("utf-8", "surrogatepass"))
                continue
            for added in (meta_field, *entry.data.get("added", [])):
                if added not in entry.data.get("replaced", {}):
                    record.pop(added, None)
            record |= entry.data.get("replaced", {})
            records.write(entry.input, audit.to_json(record))
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
    entry = audit.from_object(told)
    if not entry.restorable or holds_records(entry.output):
        raise UsageError(f"{entry.input} cannot be shown from this run; it needs a run with --audit full, and a file of its own")
    return _filled(entry, _record(run, entry, Written(run), "text")["text"])


def _record(run: Path, entry: Entry, outputs: Written, field: str) -> dict[str, Any]:
    """The record (for a text file: just its text) that an audit object belongs to."""
    path = _below(run, entry.output)
    if holds_records(entry.output):
        return outputs.next(entry.output, path, field)
    try:
        text = path.read_bytes().decode("utf-8", "surrogatepass")
        return {"id": entry.data["id"], field: text[entry.data.get("front_matter", 0) :]}
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}; restore needs the outputs as they were written") from error
    except ValueError as error:
        raise UsageError(f"{path} was changed after the run ({error}); restore needs it as it was written") from error


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
    """Where the text of an input that is one document goes; an audit that was tampered with leads nowhere else."""
    shape = shape_of(entry.input)
    name = entry.input[: -len(shape.compression.value)] if shape.compression else entry.input
    return _below(out, name + (".txt" if entry.media is Media.HTML else ""))


def _restored_name(name: str) -> str:
    """What the restored records of an input are called.

    >>> _restored_name("a.jsonl"), _restored_name("a.csv"), _restored_name("a.jsonl.gz"), _restored_name("a.csv.xz")
    ('a.jsonl', 'a.csv.jsonl', 'a.jsonl', 'a.csv.jsonl')
    """
    shape = shape_of(name)
    own = name[: -len(shape.compression.value)] if shape.compression else name
    return own if shape.format in (None, Format.JSONL) else own + ".jsonl"


def _below(folder: Path, name: str) -> Path:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        raise UsageError(f"the audit names a file outside its folder: {name}")
    return folder.joinpath(*path.parts)


def _free(path: Path) -> Path:
    """The path, or one with more of its suffix when it is taken: of ``page.html`` and ``page.html.txt`` both come back."""
    while path.exists():
        path = path.with_name(path.name + (path.suffix or ".txt"))
    return path


class _Records:
    """Writes restored records: the file of one input at a time, as the audit names them, so that few files are open."""

    def __init__(self, out: Path) -> None:
        out.mkdir(parents=True, exist_ok=True)
        self._out = out
        self._input = ""
        self._file: AtomicFile | None = None

    def write(self, name: str, line: bytes) -> None:
        """One record of an input to its file; the file before it, if it was another, is whole now."""
        if name != self._input or self._file is None:
            self.close()
            self._input, self._file = name, AtomicFile(_free(_below(self._out, _restored_name(name))))
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
