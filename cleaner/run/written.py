"""The clean outputs of a run, read again: records of JSON lines, compressed or not, and of Parquet."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from cleaner.errors import InputError, UsageError
from cleaner.readers import COMPRESSIONS, require_installed
from cleaner.readers.compressed import unpacked
from cleaner.readers.options import ReadOptions
from cleaner.writers import SUFFIXES, Target

_MOST_OPEN = 16
"""Files that are open at once: a run may have written thousands."""


def holds_records(output: str) -> bool:
    """Whether a file of a run's outputs holds records, by its name.

    >>> holds_records("clean/a-00001.jsonl.gz"), holds_records("clean/a.txt")
    (True, False)
    """
    return any(target.records and output.endswith(suffix) for target, suffix in SUFFIXES.items())


def records_in(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a file of a run's outputs, in order.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not as it was written.
        UsageError: it needs a package that is not installed.
    """
    if path.name.endswith(SUFFIXES[Target.PARQUET]):
        yield from _rows(path)
        return
    compression = COMPRESSIONS.get(path.suffix.lower())
    if compression is not None:
        require_installed([compression])
    with path.open("rb") as raw:
        lines = unpacked(raw, compression, ReadOptions(max_ratio=10**9))
        try:
            for line in lines:
                yield json.loads(line)
        except InputError as error:
            raise ValueError(error.detail) from error


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    from cleaner.readers import Format

    require_installed([Format.PARQUET])
    import pyarrow as pa
    from pyarrow import parquet

    from cleaner.readers.parquet import plain
    from cleaner.writers.parquet import JSON

    try:
        with path.open("rb") as stream:
            file = parquet.ParquetFile(stream, pre_buffer=False, buffer_size=1 << 20)
            coded = {field.name for field in file.schema_arrow if JSON.items() <= (field.metadata or {}).items()}
            for batch in file.iter_batches(64):
                for index in range(batch.num_rows):
                    row: Mapping[str, Any] = {
                        name: plain(column[index]) for name, column in zip(batch.schema.names, batch.columns, strict=True)
                    }
                    yield {
                        name: json.loads(value) if name in coded and value is not None else value for name, value in row.items()
                    }
    except pa.ArrowException as error:
        raise ValueError(str(error)) from error


class Written:
    """Reads outputs in the order of the audit. Few are open at a time; a file that is asked for again goes on where it was left.

    Args:
        run: the run's folder.
    """

    def __init__(self, run: Path) -> None:
        self._run = run
        self._open: OrderedDict[str, Iterator[dict[str, Any]]] = OrderedDict()
        self._taken: dict[str, int] = {}

    def next(self, output: str, path: Path, text_field: str) -> dict[str, Any]:
        """The next record of an output.

        Args:
            output: its name.
            path: where it lies.
            text_field: field that must hold a text.

        Raises:
            UsageError: it cannot be read, or was changed.
        """
        try:
            record = next(self._at(output, path), None)
        except OSError as error:
            raise UsageError(
                f"{path} cannot be read: {error.strerror or error}; restore needs the outputs as they were written"
            ) from error
        except ValueError as error:
            raise UsageError(f"{path} was changed after the run ({error}); restore needs it as it was written") from error
        self._taken[output] = self._taken.get(output, 0) + 1
        if not isinstance(record, dict) or not isinstance(record.get(text_field), str):
            raise UsageError(f'{path} was changed after the run (no "{text_field}"); restore needs it as it was written')
        return record

    def close(self) -> None:
        """Closes what is open."""
        self._open.clear()

    def _at(self, output: str, path: Path) -> Iterator[dict[str, Any]]:
        if output not in self._open:
            if len(self._open) >= _MOST_OPEN:
                self._open.popitem(last=False)
            taken = self._taken.get(output, 0)
            self._open[output] = islice(records_in(path), taken, None)
        self._open.move_to_end(output)
        return self._open[output]
