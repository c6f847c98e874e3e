"""Parquet: the rows of a Parquet input with their text replaced, every other column as it was; other records with columns made for them.

A column named by the meta field holds, as JSON, what ``cleaner.writers.jsonl`` writes there. Records that did not come from Parquet get a
column for each field: logical, int64, double or string where all their values are that; else JSON as a string, which the column's
metadata say (``cleaner: json``). Which it is shows only at the end, so such records wait in a temporary file until then.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cleaner import audit
from cleaner.document import Document
from cleaner.readers.parquet import Row
from cleaner.writers.atomic import AtomicFile
from cleaner.writers.jsonl import METADATA, meta, record_of

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

JSON = {b"cleaner": b"json"}
"""Metadata of a column whose strings are JSON."""
_ROWS = 1_024
_BYTES = 1 << 24
"""Rows, or bytes of text, of a row group."""
_EXACT = 2**53
"""Integers up to here are exact in a double."""


class Table:
    """A Parquet file.

    Args:
        path: the file.
        meta_field: column that tells what was done.
    """

    def __init__(self, path: Path, meta_field: str) -> None:
        self._meta_field = meta_field
        self._file = AtomicFile(path)
        self._writer: ParquetWriter | None = None
        self._rows: list[Document] = []
        self._bytes = 0
        self._waiting: _Waiting | None = None

    def write(self, document: Document, _: bytes | None = None) -> None:
        """Adds a row."""
        if not isinstance(document.fields, Row):
            self._waiting = self._waiting or _Waiting()
            self._waiting.add(record_of(document, self._meta_field))
            return
        self._rows.append(document)
        self._bytes += len(document.text)
        if len(self._rows) >= _ROWS or self._bytes >= _BYTES:
            self._flush()

    def close(self) -> None:
        """Gives the file its name."""
        self._flush()
        if self._waiting is not None:
            for table in self._waiting.tables():
                self._add(table)
        if self._writer is None:
            import pyarrow as pa

            empty = {name: pa.array([], pa.string()) for name in ("id", "text", self._meta_field)}
            self._add(pa.table(empty))
        if self._writer is not None:
            self._writer.close()
        self._file.close()

    def abandon(self) -> None:
        """Removes what was written."""
        if self._waiting is not None:
            self._waiting.close()
        # Else it is closed when it is forgotten, and complains that its file is gone; what it raises is Arrow's own, too.
        with suppress(Exception):
            if self._writer is not None:
                self._writer.close()
        self._file.abandon()

    def _flush(self) -> None:
        if self._rows:
            self._add(_table(self._rows, self._meta_field))
        self._rows, self._bytes = [], 0

    def _add(self, table: pa.Table) -> None:
        import pyarrow as pa
        from pyarrow import parquet

        if self._writer is None:
            # As a process that was sent the rows has it: the file holds the schema in Arrow's form, in which that shows.
            schema = pa.ipc.read_schema(pa.py_buffer(table.schema.serialize()))
            self._writer = parquet.ParquetWriter(self._file.stream, schema, compression="zstd", version="2.6")
        if table.num_rows:
            self._writer.write_table(table)


def _table(documents: Sequence[Document], meta_field: str) -> pa.Table:
    """Rows of one input with their text replaced and what was done to them beside it."""
    import pyarrow as pa

    batches: list[pa.RecordBatch] = []
    places: list[int] = []
    for document in documents:
        row = document.fields
        if not isinstance(row, Row):
            raise TypeError(type(row).__name__)
        if batches and places and batches[-1] is row.batch:
            places.append(row.index)
            continue
        if batches:
            batches[-1] = batches[-1].take(pa.array(places))
        batches.append(row.batch)
        places = [row.index]
    batches[-1] = batches[-1].take(pa.array(places))
    # In one piece, for pages end where pieces do, and those depend on how many processes worked.
    table = pa.Table.from_batches(batches).combine_chunks()
    table = _replaced(table, documents[0].text_field, [document.clean_text for document in documents])
    told = [audit.to_json(meta(document)).decode().rstrip("\n") for document in documents]
    place = table.schema.get_field_index(meta_field)
    column = pa.array(told, pa.string())
    field = pa.field(meta_field, pa.string(), metadata=JSON)
    table = table.append_column(field, column) if place < 0 else table.set_column(place, field, column)
    rows = documents[0].fields
    return (
        _with_metadata(table, documents) if isinstance(rows, Row) and rows.pages and METADATA not in table.schema.names else table
    )


def _with_metadata(table: pa.Table, documents: Sequence[Document]) -> pa.Table:
    """The table with what pages say of themselves, as JSON; null where nothing is known."""
    import pyarrow as pa

    told = [audit.to_json(one.metadata).decode().rstrip("\n") if one.metadata else None for one in documents]
    return table.append_column(pa.field(METADATA, pa.string(), metadata=JSON), pa.array(told, pa.string()))


def _replaced(table: pa.Table, name: str, texts: Sequence[str]) -> pa.Table:
    import pyarrow as pa

    place = table.schema.get_field_index(name)
    column: pa.Array = pa.array([valid(text) for text in texts], pa.string())
    if place < 0:
        return table.append_column(pa.field(name, pa.string()), column)
    field = table.schema.field(place)
    if str(field.type) in ("binary", "large_binary"):
        field = field.with_type(pa.large_string())
    try:
        column = column.cast(field.type)
    except (pa.ArrowException, ValueError):
        field = field.with_type(pa.string())
    return table.set_column(place, field.with_nullable(nullable=True), column)


def valid(text: str) -> str:
    r"""The text as Parquet can hold it: lone surrogates, which UTF-8 has not, become U+FFFD.

    >>> valid("a\ud800")
    'a�'
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= sign <= "\udfff" else sign for sign in text)
    return text


class _Waiting:
    """Records whose columns are not known before the last of them."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # closed by tables() or close()
        self._kinds: dict[str, set[str]] = {}

    def add(self, record: Mapping[str, Any]) -> None:
        """One more."""
        for name, value in record.items():
            self._kinds.setdefault(name, set()).add(_kind(value))
        self._file.write(json.dumps(record).encode() + b"\n")

    def tables(self) -> Iterator[pa.Table]:
        """All of them, some rows at a time; after that they are gone."""
        import pyarrow as pa

        columns = {name: _column(kinds) for name, kinds in self._kinds.items()}
        types = {"bool": pa.bool_(), "int": pa.int64(), "float": pa.float64()}
        fields = [
            pa.field(valid(name), types.get(kind, pa.string()), metadata=JSON if kind == "json" else None)
            for name, kind in columns.items()
        ]
        schema = pa.schema(fields)
        self._file.seek(0)
        rows: list[dict[str, Any]] = []
        size = 0
        for line in self._file:
            rows.append(json.loads(line))
            size += len(line)
            if len(rows) >= _ROWS or size >= _BYTES:
                yield _arrow(rows, columns, schema)
                rows, size = [], 0
        yield _arrow(rows, columns, schema)
        self._file.close()

    def close(self) -> None:
        """Lets go of them."""
        with suppress(OSError):  # the disk may be full
            self._file.close()


def _arrow(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], schema: pa.Schema) -> pa.Table:
    import pyarrow as pa

    arrays = [
        pa.array([_value(row, name, kind) for row in rows], field.type)
        for (name, kind), field in zip(columns.items(), schema, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _value(row: Mapping[str, Any], name: str, kind: str) -> Any:
    if name not in row:
        return None
    value = row[name]
    if kind == "json":
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if _encodes(value) else json.dumps(value)
    if kind == "float" and value is not None:
        return float(value)
    return valid(value) if isinstance(value, str) else value


def _encodes(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _kind(value: Any) -> str:
    """What a value is: null, bool, str, float, exact (an integer a double holds), int (64 bits), or json.

    >>> [_kind(one) for one in (None, True, 3, 2**60, 2**70, 1.5, "x", [])]
    ['null', 'bool', 'exact', 'int', 'json', 'float', 'str', 'json']
    """
    if isinstance(value, bool) or value is None:
        return "null" if value is None else "bool"
    if isinstance(value, int):
        return "exact" if abs(value) <= _EXACT else "int" if -(2**63) <= value < 2**63 else "json"
    return {float: "float", str: "str"}.get(type(value), "json")


def _column(kinds: set[str]) -> str:
    """What a column of such values is.

    >>> _column({"exact", "null"}), _column({"exact", "float"}), _column({"int", "float"}), _column({"str", "bool"})
    ('int', 'float', 'json', 'json')
    """
    kinds = kinds - {"null"}
    if kinds <= {"exact", "int"} and kinds:
        return "int"
    if kinds == {"exact", "float"}:
        return "float"
    return (kinds or {"str"}).pop() if len(kinds) <= 1 else "json"
