"""Parquet: one row, one document; pyarrow comes in here and in ``cleaner.writers.parquet`` alone, where it is used.

A file is read row group by row group, some rows at a time. Rows are counted from 1. A record is a ``Row``: it shows plain values, and keeps
Arrow's own, so that a run that writes Parquet gives every other column back exactly as it was.
"""

from __future__ import annotations

import base64
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO

from cleaner.document import Raw, Rejection
from cleaner.errors import InputError
from cleaner.readers.compressed import FREE
from cleaner.readers.fields import Columns, columns_of, no_text, raw_of
from cleaner.readers.options import ReadOptions
from cleaner.readers.records import broken_off, numbered, of_disk, rejected
from cleaner.readers.text import too_large

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS = 64
"""Rows that are read at once."""
_BYTES = 1 << 26
"""Bytes that these may take in memory, as far as the file's own figures tell."""
_SPOOLED = 1 << 25
"""Bytes of a stream without random access that are held in memory; a larger one lies in a temporary file."""


class Row(Mapping[str, object]):
    """One row of a table.

    Attributes:
        batch: rows that were read together; shared, so that it is handed to another process once.
        index: which of them it is.
        pages: whether a column of the table holds pages, so that there may be metadata of them.
    """

    __slots__ = ("batch", "index", "pages")

    def __init__(self, batch: pa.RecordBatch, index: int, *, pages: bool = False) -> None:
        self.batch = batch
        self.index = index
        self.pages = pages

    def __getitem__(self, name: str) -> object:
        place = self.batch.schema.get_field_index(name)
        if place < 0:
            raise KeyError(name)
        return plain(self.batch.column(place)[self.index])

    def __iter__(self) -> Iterator[str]:
        return iter(self.batch.schema.names)

    def __len__(self) -> int:
        return len(self.batch.schema.names)


def read(stream: BinaryIO, name: str, options: ReadOptions) -> Iterator[Raw | Rejection]:
    """The rows of a Parquet file."""
    number = 0
    try:
        with tempfile.SpooledTemporaryFile(_SPOOLED) as spool:
            for item in _rows(_seekable(stream, spool), name, options):
                number = item.source.record or number
                yield item
    except InputError as error:
        yield broken_off(name, number, error)


def _seekable(stream: BinaryIO, spool: Any) -> BinaryIO:
    """The stream, or a copy of it: Parquet's directory stands at the end."""
    if stream.seekable() and hasattr(stream, "fileno"):
        return stream
    shutil.copyfileobj(stream, spool, 1 << 20)
    spool.seek(0)
    found: BinaryIO = spool
    return found


def _rows(stream: BinaryIO, name: str, options: ReadOptions) -> Iterator[Raw | Rejection]:
    import pyarrow as pa
    from pyarrow import parquet

    number = 0
    try:
        file = parquet.ParquetFile(stream, pre_buffer=False, buffer_size=1 << 20)
        columns = _columns(file.schema_arrow, options)
        pages = columns.html is not None
        for group in range(file.metadata.num_row_groups):
            at_once = _at_once(file.metadata.row_group(group), options)
            for batch in file.iter_batches(at_once, row_groups=[group]):
                written = _without(batch, columns.html) if options.drop_html else batch
                for index in range(batch.num_rows):
                    number += 1
                    item = _item(Row(batch, index), name, number, columns, options)
                    yield replace(item, fields=Row(written, index, pages=pages)) if isinstance(item, Raw) else item
    except InputError:
        raise
    # What pyarrow raises for a damaged file: ArrowException, OSError (without a file's name), ValueError, MemoryError and others.
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, MemoryError, OverflowError) as error:
        if of_disk(error):
            raise
        why = " ".join(str(error).split())[:200]
        raise InputError("not-parquet", f"damaged, or not a Parquet file ({why}); fetch or write the file again") from error


def _without(batch: pa.RecordBatch, name: str | None) -> pa.RecordBatch:
    return batch.select([one for one in batch.schema.names if one != name])


def _columns(schema: pa.Schema, options: ReadOptions) -> Columns:
    if len(set(schema.names)) < len(schema.names):
        raise InputError("not-parquet", "two columns have the same name; rename one")
    wordy = [field.name for field in schema if _wordy(field.type)]
    columns = columns_of(schema.names, wordy, options)
    if columns.text not in wordy and columns.html not in wordy:
        error = no_text(schema.names, columns)
        raise InputError(error.reason, error.detail.replace("the record has", "the columns are"))
    return columns


def _wordy(kind: pa.DataType) -> bool:
    from pyarrow import types

    value = kind.value_type if types.is_dictionary(kind) else kind
    return bool(types.is_string(value) or types.is_large_string(value) or str(value) in ("string_view", "binary", "large_binary"))


def _at_once(group: Any, options: ReadOptions) -> int:
    """Rows to read at once, so that neither long rows nor a long value that many of them share (by a dictionary) take much memory.

    Raises:
        InputError: ``bomb``, when a column becomes implausibly large.
    """
    longest = 1
    for place in range(group.num_columns):
        chunk = group.column(place)
        packed, whole = max(chunk.total_compressed_size, 1), chunk.total_uncompressed_size
        if whole > FREE and whole > options.max_ratio * packed:
            raise InputError(
                "bomb",
                f"{packed:,} bytes of the column {chunk.path_in_schema} would become {whole:,}; this is made to fill memory",
            )
        longest = max(longest, whole // max(group.num_rows, 1))
        if chunk.has_dictionary_page and chunk.dictionary_page_offset is not None:
            size = chunk.data_page_offset - chunk.dictionary_page_offset
            longest = max(longest, size * max(whole // packed, 1))
    return int(max(1, min(_ROWS, _BYTES // longest)))


def _item(row: Row, name: str, number: int, columns: Columns, options: ReadOptions) -> Raw | Rejection:
    batch = row.batch
    try:
        shown: dict[str, object] = {
            field: plain(batch.column(field)[row.index])
            for field in (columns.id, columns.url, columns.date, columns.language)
            if field is not None and field in batch.schema.names
        }
        # As it is: bytes of a page are not text yet.
        shown |= {
            field: batch.column(field)[row.index].as_py()
            for field in (columns.text, columns.html)
            if field is not None and field in batch.schema.names
        }
        raw = raw_of(shown, numbered(name, number), columns, options, batch.nbytes // batch.num_rows)
        if len(raw.data) > options.max_document:
            raise too_large("record", options)
    except InputError as error:
        return rejected(name, number, error)
    # Bytes that are no UTF-8, in a column of strings.
    except ValueError as error:
        return rejected(name, number, InputError("not-utf8", f"a value of the row is not UTF-8: {error}"))
    return raw


def plain(value: Any) -> object:
    """A value of Arrow as JSON can hold it: numbers, text and lists as they are; times, decimals and the like as text, bytes in Base64."""
    from pyarrow import types

    kind = value.type
    if not value.is_valid:
        return None
    if types.is_dictionary(kind):
        return plain(value.value)
    if types.is_nested(kind):
        return _nested(value)
    if str(kind).startswith(("binary", "large_binary", "fixed_size_binary")):
        return base64.b64encode(value.as_py()).decode()
    simple = types.is_boolean(kind) or types.is_integer(kind) or types.is_floating(kind) or _wordy(kind)
    return value.as_py() if simple else _as_text(value)


def _nested(value: Any) -> object:
    from pyarrow import types

    kind = value.type
    if types.is_map(kind):
        return [[plain(pair[0]), plain(pair[1])] for pair in value.values]
    if types.is_struct(kind):
        return {kind.field(place).name: plain(value[place]) for place in range(kind.num_fields)}
    return [plain(one) for one in value.values] if hasattr(value, "values") else _as_text(value)


def _as_text(value: Any) -> object:
    import pyarrow as pa

    try:
        return value.cast(pa.string()).as_py()
    except (pa.ArrowException, ValueError):
        return str(value)
