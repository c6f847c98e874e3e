"""Any bytes, through every reader: documents and rejections with reason and remedy, never an exception; findings stay as cases.

``CLEANER_FUZZ=20000 pytest tests/test_fuzz_readers.py`` looks longer.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import re
import tarfile
import zipfile
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cleaner.document import Raw, Rejection
from cleaner.readers import READERS, Compression, Format
from cleaner.readers.archives import listing
from cleaner.readers.compressed import unpacked, zstd_module
from cleaner.readers.files import read_files
from cleaner.readers.members import Member, Refused
from cleaner.readers.options import ReadOptions
from cleaner.readers.shape import shape_of
from cleaner.readers.tree import InputFile

EXAMPLES = int(os.environ.get("CLEANER_FUZZ", "60"))
OPTIONS = ReadOptions(max_document=1 << 20)
some = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))

TABLE = b'id,text,url\n1,The council met.,https://a.example/1\n2,"One, ""two""\nthree",x\n3,"",\n'
LINES = b'{"id": 1, "text": "The council met."}\n{"html": "<p>x</p>", "n": [1, {"a": null}]}\n'


@cache
def seeds() -> dict[Format, bytes]:
    """Sound files, to be damaged."""
    made = io.BytesIO()
    table = pa.table({"text": ["The council met.", None, "ü"] * 40, "n": [1.5] * 120, "l": [[1]] * 120})
    pq.write_table(table, made, row_group_size=50)
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"<p>x</p>", mtime=0)
    head = ["WARC/1.0", "WARC-Type: response", "WARC-Record-ID: <urn:uuid:1>", "WARC-Target-URI: http://a.example/",
            "Content-Type: application/http; msgtype=response", f"Content-Length: {len(page)}", "", ""]  # fmt: skip
    record = "\r\n".join(head).encode() + page + b"\r\n\r\n"
    return {
        Format.TEXT: b"The council met.\n", Format.HTML: b"<p>The council met.</p>", Format.JSONL: LINES, Format.CSV: TABLE,
        Format.TSV: TABLE.replace(b",", b"\t"), Format.PARQUET: made.getvalue(), Format.WARC: record * 3,
    }  # fmt: skip


@cache
def archives() -> dict[str, bytes]:
    zipped, tarred = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive, tarfile.open(fileobj=tarred, mode="w") as other:
        for name, data in (("a.txt", b"alpha " * 30), ("b/c.jsonl", LINES), ("d.csv", TABLE)):
            archive.writestr(zipfile.ZipInfo(name), data)
            info = tarfile.TarInfo(name)
            info.size = len(data)
            other.addfile(info, io.BytesIO(data))
    return {"z.zip": zipped.getvalue(), "t.tar": tarred.getvalue(), "t.tar.gz": gzip.compress(tarred.getvalue(), mtime=0)}


DAMAGE = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 6), st.binary(max_size=6)), max_size=5)
WORDS = {
    Format.JSONL: [b'{"text": "x"}', b"{", b"\xff", b"\n", b"null", b"[[", b'"', b"\\ud800", b"1e999", b"\xef\xbb\xbf"],
    Format.CSV: [b'"', b",", b";", b"\n", b"\r", b"\r\n", b"\0", b"text", b"id", b"\xff", b"a", b"\xff\xfe", b'""'],
    Format.TSV: [b'"', b"\t", b"\n", b"text", b"\r"],
    Format.WARC: [b"WARC/1.0\r\n", b"\r\n", b"Content-Length: 5\r\n", b"Content-Length: -1\r\n", b"WARC-Type: response\r\n", b"HTTP/1.1 200\r\n", b"x"],
}  # fmt: skip


def damaged(data: bytes, damage: list[tuple[float, int, bytes]]) -> bytes:
    """Some places of the data replaced by others."""
    for place, length, new in damage:
        at = int(place * len(data))
        data = data[:at] + new + data[at + length :]
    return data


def sound(items: list[Raw | Rejection]) -> None:
    """Each is a document, or says why not and what to do; no record comes twice."""
    for item in items:
        if isinstance(item, Rejection):
            assert re.fullmatch("[a-z0-9-]+", item.reason)
            assert len(item.detail) > 20
            json.dumps(item.detail).encode()
        else:
            assert isinstance(item.data, bytes | str)
            if item.fields is not None:
                json.dumps(dict(item.fields), default=str)
    numbers = [item.source.record for item in items if item.source.record is not None]
    assert numbers == sorted(set(numbers))


@some
@pytest.mark.parametrize("form", list(Format))
@given(st.data())
def test_any_bytes(form: Format, data: st.DataObject) -> None:
    words = st.lists(st.sampled_from(WORDS.get(form, [b"x"])), max_size=25).map(b"".join)
    made = data.draw(st.binary(max_size=300) | words | DAMAGE.map(lambda damage: damaged(seeds()[form], damage)))
    sound(list(READERS[form](io.BytesIO(made), "in", OPTIONS)))


@some
@given(st.sampled_from(list(Compression)), DAMAGE, st.integers(0, 3))
@example(Compression.GZIP, [(0.99, 0, b"\0\0\0")], 0)
def test_any_compressed_bytes(compression: Compression, damage: list[tuple[float, int, bytes]], twice: int) -> None:
    pack = {Compression.GZIP: gzip.compress, Compression.BZIP2: bz2.compress, Compression.XZ: lzma.compress}
    packed = pack.get(compression, zstd_module().compress)(LINES * 20)
    stream = unpacked(io.BytesIO(damaged(packed * (twice + 1), damage)), compression, OPTIONS)
    sound(list(READERS[Format.JSONL](stream, "in", OPTIONS)))


@some
@given(st.sampled_from(["z.zip", "t.tar", "t.tar.gz"]), DAMAGE, st.floats(0, 1))
@example("z.zip", [(0.0, 1, b"")], 1.0)  # offsets that lead before the beginning of the file
@example("z.zip", [(0.75, 2, b"\0\0\0\0\0\0"), (0.875, 5, b"\0")], 1.0)  # a member without a name
def test_any_archive(
    tmp_path_factory: pytest.TempPathFactory, name: str, damage: list[tuple[float, int, bytes]], cut: float
) -> None:
    data = damaged(archives()[name], damage)
    data = data[: int(len(data) * cut)] if cut < 0.5 else data
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(data)
    look(path)


def look(path: Path) -> None:
    """Reads all that stands in an archive."""
    shape = shape_of(path.name)
    listed = list(listing(path, shape, OPTIONS))
    assert all(len(one.detail) > 20 for one in listed if isinstance(one, Refused))
    members = [one for one in listed if isinstance(one, Member)]
    files = [InputFile(path, one.name, shape_of(one.name).format or Format.TEXT, "", member=one) for one in members]
    found = list(read_files(files, OPTIONS))
    for number in range(len(files)):
        sound([item for own, item in found if own == number and item is not None])
