"""Files made to do harm, or cut off on the way: what is whole is read, the rest is told, and memory stays small."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import stat
import struct
import subprocess
import sys
import tarfile
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cleaner.document import Raw, Rejection
from cleaner.readers import Compression, Format
from cleaner.readers.compressed import zstd_module
from cleaner.readers.files import read_files
from cleaner.readers.members import safe_name
from cleaner.readers.options import ReadOptions
from cleaner.readers.tree import find_inputs

PACK: dict[Compression, Callable[[bytes], bytes]] = {
    Compression.GZIP: lambda data: gzip.compress(data, mtime=0),
    Compression.BZIP2: bz2.compress,
    Compression.XZ: lzma.compress,
    Compression.ZSTD: lambda data: zstd_module().compress(data, options={zstd_module().CompressionParameter.checksum_flag: 1}),
}
RECORDS = b"".join(json.dumps({"text": f"The council met for the {number}th time."}).encode() + b"\n" for number in range(2_000))
MEGA = 1 << 20


def read(*paths: Path, options: ReadOptions = ReadOptions()) -> list[Raw | Rejection]:
    """All that stands in some files: what could not be opened, then the documents."""
    found = find_inputs([str(path) for path in paths], options=options)
    return [*found.rejections, *(item for _, item in read_files(found.files, options) if item is not None)]


def texts(items: list[Raw | Rejection]) -> dict[str, Any]:
    """Input -> its text, or why it was rejected."""
    return {
        item.source.input + ("" if item.source.record is None else f"#{item.source.record}"): (
            item.data if isinstance(item, Raw) else item.reason
        )
        for item in items
    }


def reasons(items: list[Raw | Rejection]) -> list[str]:
    return [item.reason for item in items if isinstance(item, Rejection)]


# -- compression


@pytest.mark.parametrize("compression", list(Compression))
def test_what_is_whole_of_a_stream_that_was_cut_off_is_read(files: Any, compression: Compression) -> None:
    packed = PACK[compression](RECORDS)
    for cut in (0, 1, 5, len(packed) // 3, len(packed) - 9, len(packed) - 1):
        folder = files({f"r.jsonl{compression.value}": packed[:cut], f"t.txt{compression.value}": packed[:cut]})
        found = read(folder / f"r.jsonl{compression.value}")
        whole = [item for item in found if isinstance(item, Raw)]
        assert [item.fields for item in whole] == [json.loads(line) for line in RECORDS.splitlines()[: len(whole)]]
        assert reasons(found) == ["truncated"], cut
        assert found[-1].source.record is None
        assert texts(read(folder / f"t.txt{compression.value}")) == {f"t.txt{compression.value}": "truncated"}


@pytest.mark.parametrize("compression", list(Compression))
def test_damage_is_told(files: Any, compression: Compression) -> None:
    packed = PACK[compression](RECORDS)
    broken = bytearray(packed)
    broken[len(packed) // 2 : len(packed) // 2 + 8] = b"\xff\0\xff\0\xff\0\xff\0"
    suffix = compression.value
    folder = files({
        f"broken.txt{suffix}": bytes(broken), f"other.txt{suffix}": b"This is plain text.\n", f"behind.txt{suffix}": packed + b"garbage!",
        f"two.txt{suffix}": PACK[compression](b"one\n") + PACK[compression](b"two\n"),
    })  # fmt: skip
    found = texts(read(folder))
    assert found.pop(f"two.txt{suffix}") == b"one\ntwo\n"
    assert set(found.values()) <= {"corrupt", "truncated"}, found
    assert len(found) == 3


def test_a_wrong_checksum_is_told(files: Any) -> None:
    packed = bytearray(gzip.compress(RECORDS))
    packed[-8] ^= 1
    found = read(files({"r.jsonl.gz": bytes(packed)}))
    assert (len(found), reasons(found)) == (2_001, ["corrupt"])


@pytest.fixture(scope="module")
def bombs() -> dict[str, bytes]:
    """Name -> a file that becomes 3 GB and more."""
    packed = {compression: pack(b"\0" * (16 * MEGA)) * 200 for compression, pack in PACK.items()}
    names = {"bomb.txt": Compression.GZIP, "bomb.jsonl": Compression.GZIP, "bomb.csv": Compression.ZSTD, "bomb.warc": Compression.XZ,
             "bomb.html": Compression.BZIP2}  # fmt: skip
    return {name + compression.value: packed[compression] for name, compression in names.items()}


def test_bombs_are_stopped(files: Any, bombs: dict[str, bytes]) -> None:
    folder = files(bombs)
    for path in sorted(folder.iterdir()):
        tracemalloc.start()
        found = read(path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert len(found) <= 2
        assert {item.reason for item in found if isinstance(item, Rejection)} <= {"bomb", "too-large", "not-warc"}
        assert reasons(found)
        assert peak < 300 * MEGA, (path, peak)


def test_a_stream_that_asks_for_much_memory_is_refused(files: Any) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 29, "preset": 0}]
    zstd = zstd_module()
    options = {zstd.CompressionParameter.window_log: 30, zstd.CompressionParameter.enable_long_distance_matching: 1}
    made = files({
        "a.txt.xz": lzma.compress(b"x" * 100, filters=filters),
        "b.txt.zst": zstd.compress(os.urandom(1000) * 1000, options=options)[:-3] if sys.version_info < (3, 11) else b"",
    })  # fmt: skip
    assert texts(read(made / "a.txt.xz")) == {"a.txt.xz": "bomb"}


# -- archives


def zipped(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return made.getvalue()


ODD_NAMES = [
    "../up.txt",
    "/root.txt",
    "a/../../b.txt",
    "C:\\x.txt",
    "c:y.txt",
    "..\\w.txt",
    "a/..",
    "n" * 256 + ".txt",
    "\\\\host\\share.txt",
]


def test_names_that_lead_elsewhere_are_not_read(files: Any, cleaned: Any, tree: Any) -> None:
    good = [
        "a.txt",
        "b/./c.txt",
        "b\\d.txt",
        "A.TXT",
        "con.txt",
        "d/NUL",
        "d/nul.txt",
        "é\n\x01.txt",
        "ñ" * 125 + ".txt",
        "e.txt.",
        "fo:g.txt",
    ]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in [*ODD_NAMES, *good]:
            archive.writestr(name, "x")
        with warnings.catch_warnings(action="ignore"):
            archive.writestr("a.txt", "again")  # the same name once more
    tarred = io.BytesIO()
    with tarfile.open(fileobj=tarred, mode="w:gz") as archive_:
        for name in [*ODD_NAMES, *good, "a.txt"]:
            info = tarfile.TarInfo(name)
            info.size = 1
            archive_.addfile(info, io.BytesIO(b"x"))
    folder = files({"in/z.zip": made.getvalue(), "in/t.tgz": tarred.getvalue()})
    before = set(tree(folder))
    outcome = cleaned([folder / "in"], folder / "out")
    rejected = [json.loads(line) for line in (folder / "out/rejected.jsonl").read_bytes().splitlines()]
    assert [one["reason"] for one in rejected] == ["unsafe-name"] * 2 * len(ODD_NAMES)
    assert outcome.report.documents == 2 * (len(good) - 2 + 1)  # d/NUL and e.txt. have no suffix of ours
    written = {name.removeprefix("out/clean/") for name in set(tree(folder)) - before if "clean/" in name}
    assert len(written) == outcome.report.documents
    assert {"z.zip/a.txt", "2/z.zip/A.txt", "3/z.zip/a.txt", "z.zip/_con.txt", "z.zip/d/_nul.txt", "z.zip/b/d.txt"} <= written
    assert {name.split("/")[0] for name in set(tree(folder)) - before} == {"out"}


def test_links_devices_and_archives_inside_are_not_followed(files: Any) -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for kind, name in ((tarfile.SYMTYPE, "s.txt"), (tarfile.LNKTYPE, "h.txt"), (tarfile.CHRTYPE, "d.txt"), (tarfile.FIFOTYPE, "f.txt"),
                           (tarfile.GNUTYPE_SPARSE, "p.txt"), (tarfile.DIRTYPE, "dir")):  # fmt: skip
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        for name in ("in.zip", "in.tar.gz", "good.txt"):
            info = tarfile.TarInfo(name)
            info.size = 4
            archive.addfile(info, io.BytesIO(b"data"))
    link = zipfile.ZipInfo("link.txt")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    both = io.BytesIO()
    with zipfile.ZipFile(both, "w") as archive_:
        archive_.writestr(link, "/etc/passwd")
        archive_.writestr("in.tgz", b"x")
        archive_.writestr("good.txt", b"data")
    folder = files({"t.tar": made.getvalue(), "z.zip": both.getvalue()})
    found = texts(read(folder))
    assert found == {
        "t.tar/s.txt": "link", "t.tar/h.txt": "link", "t.tar/d.txt": "not-a-file", "t.tar/f.txt": "not-a-file", "t.tar/p.txt": "unsupported",
        "t.tar/in.zip": "nested-archive", "t.tar/in.tar.gz": "nested-archive", "t.tar/good.txt": b"data", "z.zip/link.txt": "link",
        "z.zip/in.tgz": "nested-archive", "z.zip/good.txt": b"data",
    }  # fmt: skip


def test_encrypted_and_damaged_members_leave_the_others_alone(files: Any) -> None:
    data = bytearray(
        zipped(**{"a.txt": b"alpha " * 50, "b.txt": b"beta " * 50, "c.txt": b"gamma " * 50, "d.txt": b"delta " * 50})
    )
    at = data.index(b"b.txt")
    data[at + 7] ^= 0x55  # its deflated bytes
    directory = data.rindex(b"PK\1\2", 0, data.rindex(b"d.txt"))
    third = data.rindex(b"PK\1\2", 0, data.rindex(b"c.txt"))
    data[third + 8] |= 1  # encrypted
    data[directory + 16] ^= 1  # CRC of the last
    found = texts(read(files({"z.zip": bytes(data)})))
    assert found.pop("z.zip/a.txt") == b"alpha " * 50
    assert found == {"z.zip/b.txt": "corrupt", "z.zip/c.txt": "encrypted", "z.zip/d.txt": "corrupt"}


@pytest.mark.parametrize("streamed", [False, True])
def test_a_zip_file_that_was_cut_off_gives_its_whole_members(files: Any, streamed: bool) -> None:
    class Stream(io.BytesIO):
        """A stream that cannot seek: sizes stand behind the members then."""

        def seekable(self) -> bool:
            return not streamed

        def seek(self, *args: int) -> int:
            if streamed:
                raise io.UnsupportedOperation
            return super().seek(*args)

        def tell(self) -> int:
            if streamed:
                raise io.UnsupportedOperation
            return super().tell()

    made = Stream()
    members = {f"{number}.txt": os.urandom(400).hex().encode() for number in range(5)}
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    whole = made.getvalue()
    ends = [whole.find(b"PK\3\4", at + 1) for at in range(len(whole)) if whole.startswith(b"PK\3\4", at)]
    for number, end in enumerate(ends[:-1], 1):
        for cut in (end, end + 3, end + 40, end + 100):
            found = texts(read(files({"z.zip": whole[:cut]})))
            assert found.pop("z.zip") == "truncated"
            assert found == {f"z.zip/{name}": data for name, data in list(members.items())[:number]}, cut
    assert texts(read(files({"z.zip": whole[:50]}))) == {"z.zip": "truncated"}
    assert texts(read(files({"z.zip": b""}))) == {"z.zip": "truncated"}
    assert texts(read(files({"z.zip": b"no archive at all" * 9}))) == {"z.zip": "truncated"}
    assert texts(read(files({"z.zip": whole}))) == {f"z.zip/{name}": data for name, data in members.items()}


@pytest.mark.parametrize("suffix", ["", ".gz", ".xz", ".zst", ".bz2"])
def test_a_tar_file_that_was_cut_off_gives_its_whole_members(files: Any, suffix: str) -> None:
    made = io.BytesIO()
    members = {f"{number}.txt": os.urandom(1_500).hex().encode() for number in range(6)}
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    plain = made.getvalue()
    packed = {one.value: PACK[one](plain) for one in Compression}.get(suffix, plain)
    name = f"t.tar{suffix}"
    assert texts(read(files({name: packed}))) == {f"{name}/{one}": data for one, data in members.items()}
    for cut in range(0, len(packed) - 40 if suffix else plain.rindex(members["5.txt"]) + 3_000, len(packed) // 12):
        found = texts(read(files({name: packed[:cut]})))
        reason = found.pop(name)
        assert reason in ("truncated", "corrupt"), cut
        whole = {one: data for one, data in found.items() if data != "truncated"}
        assert whole == {f"{name}/{one}": data for one, data in list(members.items())[: len(whole)]}
        assert len(found) - len(whole) <= 1
    broken = bytearray(plain)
    broken[3 * 3_584 + 100] ^= 0x41  # a header
    if not suffix:
        found = texts(read(files({name: bytes(broken)})))
        assert found.pop(name) == "corrupt"
        assert list(found) == [f"{name}/0.txt", f"{name}/1.txt", f"{name}/2.txt"]


def test_a_name_as_long_as_memory_is_refused(files: Any) -> None:
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 1 << 33
    found = read(files({"t.tar": info.tobuf(tarfile.GNU_FORMAT) + b"a" * 100_000}))
    assert reasons(found) == ["corrupt"]


def test_members_that_share_bytes_are_counted_together(files: Any) -> None:
    kernel = zipfile.ZipInfo("k")
    chunk = b"a" * (30 * MEGA)
    made = bytearray(zipped(k=chunk))
    end = made.rindex(b"PK\1\2")
    entry = bytes(made[end : made.rindex(b"PK\5\6")])
    count = 200
    directory = b"".join(entry[:28] + struct.pack("<H", 5) + entry[30:46] + b"%d.txt" % (number % 10) for number in range(count))
    tail = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count, count, len(directory), end, 0)
    made[end:] = directory + tail
    made[26:28] = struct.pack("<H", 1)
    assert kernel.filename == "k"
    found = read(files({"z.zip": bytes(made)}))
    assert set(reasons(found)) <= {"bomb", "corrupt", "truncated"}
    assert sum(len(item.data) for item in found if isinstance(item, Raw)) < 100 * MEGA


def test_a_safe_name_is_left_as_it_is() -> None:
    assert safe_name("a/b c/ü.txt") == "a/b c/ü.txt"
    assert safe_name("a..b/..c.txt") == "a..b/..c.txt"


# -- formats


def read_bytes(form: Format, data: bytes, **options: Any) -> list[Raw | Rejection]:
    from cleaner.readers import READERS

    return list(READERS[form](io.BytesIO(data), "in", ReadOptions(**options)))


def test_tables_that_are_none() -> None:
    cases: dict[bytes, list[str]] = {
        b"": [],
        b"\n\r\n": [],
        b"a,b\n1,2\n": ["no-text"],
        b'"text\n': ["not-csv"],
        b"text,id\nx,1\nx\nx,1,2\ny,2\n": ["x", "ragged", "ragged", "y"],
        b'text,id\n"never closed,1\ny,2\nz,3': ["not-csv"],
        b'text,id\n"never closed,1\n"y",2\nz,3': ["not-csv", "y", "z"],
        b'text,id\n"a"b,1\ny,2': ["not-csv", "y"],
        b"text,id\na\0b,1\n\0\0,2": ["a\0b", "\0\0"],
        b"text\r1\r2": ["1", "2"],
        "Text;id\nä;1".encode("utf-16"): ["ä"],
        "Text|id\nä|1".encode("utf-32"): ["ä"],
        "id\ttext\n1\tcaf\xe9 et th\xe9\n".encode("latin-1"): ["café et thé"],
        b"\xff\xfe\0": ["no-text"],
        b"text,text,\n1,2,3": ["1"],
        b"id,body,text\n1,b,t": ["t"],
    }
    for data, expected in cases.items():
        assert [one.data if isinstance(one, Raw) else one.reason for one in read_bytes(Format.CSV, data)] == expected, data
    large = b'text,id\n"' + b"y" * 300_000 + b'",1\nz,2\n'
    assert [len(one.data) for one in read_bytes(Format.CSV, large) if isinstance(one, Raw)] == [300_000, 1]
    found = read_bytes(Format.CSV, large, max_document=200_000)
    assert [one.data if isinstance(one, Raw) else one.reason for one in found] == ["too-large", "z"]
    quoted = b'text,id\na,1\n"' + b"y\n" * 150_000 + b'",1\nz,2\n'
    found = read_bytes(Format.CSV, quoted, max_document=200_000)
    assert reasons(found)[0] == "too-large"
    assert found[-1].source.record == 1 + len(found) - 1


def test_columns_that_were_said_are_used_or_missed() -> None:
    data = b"id,body,text,page,when,lang\n7,b,t,<p>p</p>,2026-01-02,de\n8,,,<p>q</p>,,\n"
    first, second = read_bytes(Format.CSV, data, text_field="body", html_field="page", id_field="lang", date_field="when")
    assert isinstance(first, Raw)
    assert isinstance(second, Raw)
    assert (first.data, first.source.id, first.date, first.language, first.text_field) == ("b", "de", "2026-01-02", "de", "body")
    assert (second.data, second.media.value) == ("<p>q</p>", "html")
    (one,) = read_bytes(Format.CSV, data, text_field="gone")
    assert isinstance(one, Rejection)
    assert all(word in one.detail for word in ('"gone"', "body", "--text-field"))


def test_parquet_that_is_none_or_damaged() -> None:
    made = io.BytesIO()
    pq.write_table(
        pa.table({"text": ["The council met."] * 5_000, "id": list(range(5_000))}), made, row_group_size=1_000, compression="zstd"
    )
    whole = made.getvalue()
    for data in (b"", b"PAR1", b"no parquet" * 99, whole[:-4], whole[: len(whole) // 2], whole[100:]):
        assert reasons(read_bytes(Format.PARQUET, data)) == ["not-parquet"]
    broken = bytearray(whole)
    broken[len(whole) // 2 : len(whole) // 2 + 60] = os.urandom(60)
    found = read_bytes(Format.PARQUET, bytes(broken))
    assert set(reasons(found)) <= {"not-parquet", "not-utf8", "no-text"}
    none = io.BytesIO()
    pq.write_table(pa.table({"number": [1, 2]}), none)
    (one,) = read_bytes(Format.PARQUET, none.getvalue())
    assert isinstance(one, Rejection)
    assert (one.reason, "number" in one.detail) == ("no-text", True)


def test_a_value_that_many_rows_share_does_not_fill_memory() -> None:
    made = io.BytesIO()
    value = os.urandom(MEGA).hex() * 8
    pq.write_table(pa.table({"text": pa.array([0] * 5_000, pa.int32())}), io.BytesIO())
    table = pa.table({"text": pa.DictionaryArray.from_arrays(pa.array([0] * 500, pa.int32()), pa.array([value]))})
    pq.write_table(table, made, dictionary_pagesize_limit=1 << 27, compression="zstd")
    before = pa.total_allocated_bytes()
    most = 0
    count = 0
    from cleaner.readers import READERS

    for one in READERS[Format.PARQUET](io.BytesIO(made.getvalue()), "in", ReadOptions()):
        count += isinstance(one, Raw)
        most = max(most, pa.total_allocated_bytes() - before)
    assert count == 500
    assert most < 400 * MEGA


WARC_HEAD = b"WARC/1.0\r\nWARC-Type: %s\r\nWARC-Target-URI: https://x.example/%d\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=iso-8859-1\r\n%s\r\n%s"


def record(number: int, body: bytes, kind: bytes = b"response", media: bytes = b"application/http; msgtype=response") -> bytes:
    head = WARC_HEAD % (kind, number) + b"WARC-Record-ID: <urn:uuid:%d>\r\nContent-Type: %s\r\n" % (number, media)
    return head + b"Content-Length: %d\r\n\r\n%s\r\n\r\n" % (len(body), body)


def test_web_archives_are_read_record_by_record_and_resumed_after_damage() -> None:
    pages = [record(number, PAGE % (b"", b"<p>caf\xe9 %d</p>" % number)) for number in range(4)]
    packed = record(4, PAGE % (b"Content-Encoding: gzip\r\n", gzip.compress(b"<p>packed</p>")))
    others = [record(5, b"GET / HTTP/1.1\r\n\r\n", b"request"), record(6, b"HTTP/1.1 404 No\r\nContent-Type: text/html\r\n\r\nx"),
              record(7, b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\nx"), record(8, b"plain", b"conversion", b"text/plain")]  # fmt: skip
    found = read_bytes(Format.WARC, b"".join([*pages, packed, *others]))
    assert [one.source.record for one in found] == [1, 2, 3, 4, 5, 9]
    assert [one.data for one in found if isinstance(one, Raw)][-2:] == [b"<p>packed</p>", b"plain"]
    first = found[0]
    assert isinstance(first, Raw)
    assert (first.declared, first.site, first.source.id) == ("iso-8859-1", "https://x.example/0", "urn:uuid:0")
    data = pages[0] + b"garbage\r\n" * 3 + pages[1] + pages[2].replace(b"Content-Length", b"Content-Longth") + pages[3]
    found = read_bytes(Format.WARC, data)
    assert [one.reason if isinstance(one, Rejection) else "page" for one in found][:3] == ["page", "not-warc", "page"]
    assert isinstance(found[-1], Raw)
    for cut in (30, 100, len(pages[0]) - 30):
        found = read_bytes(Format.WARC, pages[0] + pages[1][:cut])
        assert [one.reason if isinstance(one, Rejection) else "page" for one in found] == ["page", "truncated"]
    bomb = record(1, PAGE % (b"Content-Encoding: gzip\r\n", gzip.compress(b"x" * 3_000_000)))
    assert reasons(read_bytes(Format.WARC, bomb + pages[0], max_document=1_000_000)) == ["too-large"]
    assert reasons(read_bytes(Format.WARC, record(1, b"x" * 2_000_000) + pages[0], max_document=1_000_000)) == ["too-large"]
    assert reasons(read_bytes(Format.WARC, b"hello\n" * 100)) == ["not-warc"]


# -- the whole command


@pytest.mark.skipif(sys.platform == "win32", reason="memory is asked of POSIX")
def test_memory_and_time_stay_small(command: list[str], process_env: Any, files: Any, bombs: dict[str, bytes]) -> None:
    line = b'{"text": "' + b"The council met. " * 6_200_000 + b'"}\n'
    nested = b'{"text": "x", "deep": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n"
    table = b'text,id\n"' + b"never closed, " * 7_000_000
    folder = files({**{f"in/{name}": data for name, data in bombs.items()}, "in/line.jsonl": line + b'{"text": "good"}\n',
                    "in/deep.jsonl": nested, "in/table.csv": table})  # fmt: skip
    code = (
        "import resource, subprocess, sys; done = subprocess.run(sys.argv[1:], check=False);"
        "print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)"
    )
    args = [sys.executable, "-c", code, *command, "clean", "in", "--out", "out", "--no-rules", "--no-config"]
    done = subprocess.run(args, cwd=folder, env=process_env(), capture_output=True, timeout=120, check=False)
    status, peak = map(int, done.stdout.split()[-2:])
    assert (status, b"Traceback" in done.stderr) == (1, False), done.stderr
    assert peak < 500
    rejected = [json.loads(one) for one in (folder / "out/rejected.jsonl").read_bytes().splitlines()]
    assert {one["input"] for one in rejected} == {path.name for path in (folder / "in").iterdir()}
    assert (folder / "out/clean/line.jsonl").read_bytes().startswith(b'{"text": "good"')


def test_names_in_any_bytes_come_through(files: Any, cleaned: Any, tree: Any) -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.GNU_FORMAT, encoding="latin-1") as archive:
        info = tarfile.TarInfo("caf\xe9/\xff.txt")
        info.size = 1
        archive.addfile(info, io.BytesIO(b"x"))
    folder = files({"in/t.tar": made.getvalue()})
    outcome = cleaned([folder / "in"], folder / "out")
    assert (outcome.report.documents, dict(outcome.report.rejections)) == (1, {})
    assert os.fsdecode(b"clean/t.tar/caf\xe9/\xff.txt") in tree(folder / "out")


@pytest.mark.parametrize("count", [40_000])
def test_many_members_are_read_in_time(files: Any, count: int) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for number in range(count):
            archive.writestr(zipfile.ZipInfo(f"{number % 50}/{number}.txt"), b"x")
    found = find_inputs([str(files({"z.zip": made.getvalue()}) / "z.zip")])
    assert sum(item is not None for _, item in read_files(found.files[:2_000], ReadOptions())) == 2_000
    assert len(found.files) == count
