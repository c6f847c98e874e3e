"""Every format in, every format out: the same documents whatever they lie in, all other fields unharmed, and all of it back again."""

from __future__ import annotations

import bz2
import csv
import datetime as dt
import gzip
import io
import json
import lzma
import os
import random
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cleaner.audit import Detail
from cleaner.document import Raw
from cleaner.errors import UsageError
from cleaner.readers import Compression, Format
from cleaner.readers.compressed import zstd_module
from cleaner.readers.files import read_files
from cleaner.readers.options import ReadOptions
from cleaner.readers.tree import find_inputs, listed_paths
from cleaner.run.bulk import Job, clean_files
from cleaner.run.restore import restore_run
from cleaner.run.written import records_in
from cleaner.settings import RunSettings
from cleaner.writers import Target

ROWS: list[dict[str, Any]] = [
    {"ID": "a1", "Article Body": 'One.\nHouse notice\nTwo, "three"; four\tfive.\n', "link": "https://x.example/1", "pubDate": "2026-01-02", "lang": "en"},
    {"ID": "a2", "Article Body": "The cafÃ© is open.\r\nHouse notice\r\n", "link": "", "pubDate": "", "lang": "de"},
    {"ID": "a3", "Article Body": "ünï 🌊", "link": "x", "pubDate": "y", "lang": ""},
]  # fmt: skip
CLEAN = ['One.\nTwo, "three"; four\tfive.\n', "The café is open.\r\n", "ünï 🌊"]
PAGE = (
    "<html><body><article><h1>Head</h1>"
    + "<p>The ferry council met on Tuesday for nine hours and voted.</p>" * 6
    + "</article></body></html>"
)


def table(delimiter: str = ",") -> bytes:
    made = io.StringIO(newline="")
    writer = csv.DictWriter(made, ROWS[0], delimiter=delimiter)
    writer.writeheader()
    writer.writerows(ROWS)
    return made.getvalue().encode()


def lines() -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in ROWS)


def parquet(columns: Any = None, **options: Any) -> bytes:
    made = io.BytesIO()
    pq.write_table(columns if columns is not None else pa.Table.from_pylist(ROWS), made, **options)
    return made.getvalue()


PACKED = {
    "": bytes, ".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress, ".zst": lambda data: zstd_module().compress(data),
}  # fmt: skip
FORMS = {
    "r.jsonl": lines,
    "r.ndjson": lines,
    "r.csv": table,
    "semi.csv": lambda: table(";"),
    "r.tsv": lambda: table("\t"),
    "r.parquet": parquet,
}


@pytest.mark.parametrize("suffix", list(PACKED))
@pytest.mark.parametrize("name", list(FORMS))
def test_the_same_documents_from_every_format(files: Any, name: str, suffix: str) -> None:
    folder = files({name + suffix: PACKED[suffix](FORMS[name]())})
    found = find_inputs([str(folder)])
    raws = [item for _, item in read_files(found.files, ReadOptions()) if item is not None]
    assert all(isinstance(raw, Raw) for raw in raws)
    told = [(raw.data, raw.source.id, raw.site, raw.date, raw.language, raw.text_field) for raw in raws if isinstance(raw, Raw)]
    assert told == [
        (row["Article Body"], row["ID"], row["link"] or None, row["pubDate"] or None, row["lang"] or None, "Article Body")
        for row in ROWS
    ]
    assert [raw.source.record for raw in raws] == [1, 2, 3]
    assert [dict(raw.fields or {}) for raw in raws if isinstance(raw, Raw)] == ROWS


@pytest.mark.parametrize("to", [None, *Target])
@pytest.mark.parametrize("shard", [None, 2])
def test_everything_comes_back_from_every_output(
    cleaned: Any, files: Any, tree: Any, to: Target | None, shard: int | None
) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("n/a.txt", "One.\nHouse notice\n")
        archive.writestr("r.csv.gz", gzip.compress(table()))
    inputs = {"r.csv": table(), "a.jsonl": lines(), "b.jsonl.zst": PACKED[".zst"](lines()), "t.tsv": table("\t"), "p.parquet": parquet(),
              "z.zip": made.getvalue(), "t.txt.gz": gzip.compress(b"Two.\nHouse notice\n"), "empty.csv": b"", "page.html": PAGE}  # fmt: skip
    folder = files(inputs, "in")
    settings = RunSettings(to=to, shard_size=shard)
    outcome = cleaned([folder], folder.parent / "out", settings)
    assert (outcome.report.documents, dict(outcome.report.rejections)) == (21, {})
    again = folder.parent / "out2"
    cleaned([folder], again, RunSettings(to=to, shard_size=shard, workers=2))
    assert tree(folder.parent / "out") == tree(again)
    restore_run(folder.parent / "out", folder.parent / "back")
    back = tree(folder.parent / "back")
    assert back["z.zip/n/a.txt"] == b"One.\nHouse notice\n"
    assert back["t.txt"] == b"Two.\nHouse notice\n"
    for name in ("r.csv.jsonl", "a.jsonl", "b.jsonl", "t.tsv.jsonl", "p.parquet.jsonl", "z.zip/r.csv.jsonl"):
        found = [json.loads(line) for line in back[name].splitlines()]
        if to is not None and not to.records:
            assert [list(one.values()) for one in found] == [[row["ID"], row["Article Body"]] for row in ROWS]
        else:
            assert found == ROWS, name
    paths = sorted((folder.parent / "out/clean").rglob("*"))
    if shard and to is Target.JSONL_GZ:
        names = [path.name for path in paths if path.name.startswith("a-")]
        assert names == ["a-00001.jsonl.gz", "a-00002.jsonl.gz"]
        assert [one["Article Body"] for path in paths if path.name in names for one in records_in(path)] == CLEAN
        assert paths[0].read_bytes()[4:8] == b"\0\0\0\0"


def test_parquet_keeps_every_other_column_as_it_was(cleaned: Any, files: Any) -> None:
    count = 700
    chance = random.Random(1)
    columns: dict[str, Any] = {
        "text": pa.array([f"Line {number} of a long report on the harbour, its boats, its nets and its lofts, and on those who work there.\nHouse notice\n" if number % 7 else None for number in range(count)], pa.large_string()),
        "big": pa.array([2**64 - 1 - number for number in range(count)], pa.uint64()),
        "nano": pa.array([number * 1_000_000_007 for number in range(count)], pa.timestamp("ns", "Europe/Paris")),
        "bytes": pa.array([bytes([number % 256, 255]) for number in range(count)]),
        "nested": pa.array([{"a": [{"b": number}], "c": None} for number in range(count)]),
        "map": pa.array([[("k", number)] for number in range(count)], pa.map_(pa.string(), pa.int8() if count < 128 else pa.int32())),
        "decimal": pa.array([chance.randrange(10**6) for _ in range(count)]).cast(pa.decimal128(25, 4)),
        "coded": pa.array([str(number % 3) for number in range(count)]).dictionary_encode(),
        "half": pa.array([number / 7 if number % 5 else None for number in range(count)], pa.float32()),
        "span": pa.array(list(range(count)), pa.duration("ns")),
        "day": pa.array([dt.date(2026, 1, 1)] * count),
        "cleaner": pa.array(["mine"] * count),
    }  # fmt: skip
    before = pa.table(columns, metadata={"made": "by a test"})
    folder = files({"in/p.parquet": parquet(before, row_group_size=150)})
    for workers in (1, 2):
        cleaned([folder / "in"], folder / f"out{workers}", RunSettings(workers=workers))
    assert (folder / "out1/clean/p.parquet").read_bytes() == (folder / "out2/clean/p.parquet").read_bytes()
    after = pq.read_table(folder / "out1/clean/p.parquet")
    kept = before.filter(before["text"].is_valid())
    assert after.schema.metadata == before.schema.metadata
    assert after.column_names == before.column_names
    for name in before.column_names:
        if name not in ("text", "cleaner"):
            assert after.schema.field(name).equals(before.schema.field(name)), name
            assert after[name].combine_chunks().equals(kept[name].combine_chunks()), name
    assert after["text"].to_pylist() == [text.replace("House notice\n", "") for text in kept["text"].to_pylist()]
    assert json.loads(after["cleaner"][0].as_py())["removed"] == [{"line": 2, "rule": "house.notice"}]
    rejected = [json.loads(line) for line in (folder / "out1/rejected.jsonl").read_bytes().splitlines()]
    assert [one["record"] for one in rejected] == list(range(1, count + 1, 7))
    restore_run(folder / "out1", folder / "back")
    back = [json.loads(line) for line in (folder / "back/p.parquet.jsonl").read_bytes().splitlines()]
    assert [one["text"] for one in back] == kept["text"].to_pylist()
    assert {one["cleaner"] for one in back} == {"mine"}
    assert back[0]["big"] == 2**64 - 2


def test_columns_that_records_need_are_made_for_parquet(cleaned: Any, files: Any) -> None:
    records = [
        {"text": "a", "n": 1, "x": 1.5, "mixed": 1, "l": [1], "b": True, "big": 2**70, "o": None, "lone": "\ud800"},
        {"text": "b", "n": None, "x": 2, "mixed": "x", "l": {"k": None}, "b": None, "big": 1, "new": "é"},
    ]
    folder = files({"in/r.jsonl": "".join(json.dumps(one) + "\n" for one in records)})
    cleaned([folder / "in"], folder / "out", RunSettings(to=Target.PARQUET))
    found = pq.read_table(folder / "out/clean/r.parquet")
    kinds = {field.name: str(field.type) for field in found.schema}
    assert kinds == {"text": "string", "n": "int64", "x": "double", "mixed": "string", "l": "string", "b": "bool", "big": "string",
                     "o": "string", "lone": "string", "cleaner": "string", "new": "string"}  # fmt: skip
    restore_run(folder / "out", folder / "back")
    back = [json.loads(line) for line in (folder / "back/r.jsonl").read_bytes().splitlines()]
    assert back == [{**records[0], "new": None, "lone": "\ufffd"}, {**records[1], "o": None, "lone": None}]


def test_pages_in_records_are_read_where_there_is_no_text(cleaned: Any, files: Any) -> None:
    records = [{"id": 1, "html": PAGE, "n": 1}, {"id": 2, "text": "Text.\nHouse notice\n", "html": PAGE}, {"id": 3, "text": "  ", "html": PAGE},
               {"id": 4, "text": PAGE}, {"id": 5, "html": " "}, {"id": 6, "text": "", "html": ""}]  # fmt: skip
    folder = files({"in/r.jsonl": "".join(json.dumps(one) + "\n" for one in records)})
    outcome = cleaned([folder / "in"], folder / "out")
    found = [json.loads(line) for line in (folder / "out/clean/r.jsonl").read_bytes().splitlines()]
    assert dict(outcome.report.rejections) == {"no-text": 1}
    assert [one["id"] for one in found] == [1, 2, 3, 4, 6]
    assert [one["text"].startswith("The ferry council") for one in found] == [True, False, True, True, False]
    assert found[0]["html"] == PAGE
    assert found[1]["text"] == "Text.\n"
    restore_run(folder / "out", folder / "back")
    back = [json.loads(line) for line in (folder / "back/r.jsonl").read_bytes().splitlines()]
    assert back == [one for one in records if one["id"] != 5]


def test_fields_are_the_same_for_a_whole_file_and_records_without_them_go_by_their_own(cleaned: Any, files: Any) -> None:
    records = [
        {"title": "x"},
        {"body": "first", "id": 1},
        {"text": "short", "body": "second"},
        {"text": "third"},
        {"CONTENT": "fourth", "uuid": "u"},
    ]
    folder = files({"in/r.jsonl": "".join(json.dumps(one) + "\n" for one in records)})
    cleaned([folder / "in"], folder / "out")
    audit = [json.loads(line) for line in (folder / "out/audit.jsonl").read_bytes().splitlines()]
    assert [(one["record"], one["id"], one.get("field", "text")) for one in audit] == [
        (2, 1, "body"), (3, "r.jsonl#3", "body"), (4, "r.jsonl#4", "text"), (5, "u", "CONTENT"),
    ]  # fmt: skip
    restore_run(folder / "out", folder / "back")
    assert [json.loads(line) for line in (folder / "back/r.jsonl").read_bytes().splitlines()] == records[1:]


def test_lists_of_paths(cleaner: Any, files: Any, tree: Any) -> None:
    assert listed_paths(b"\xef\xbb\xbfa\n\nb\r\na\n") == ["a", "b"]
    folder = files({"d/a.txt": "x\n", "d/b/a.txt": "y\n", "e/a [1]*.txt": "z\n", "list": "d/a.txt\nd/b/a.txt\n", "none": "\n"})
    done = cleaner("clean", "--files-from", "list", "--out", "out", "--no-rules", cwd=folder)
    assert done.code == 0, done.err
    assert {name for name in tree(folder / "out") if "clean/" in name} == {"clean/d/a.txt", "clean/d/b/a.txt"}
    stdin = os.fsencode(f"{folder}/d/a.txt\0e/a [1]*.txt\0")
    done = cleaner("clean", "d/b", "--files-from", "-", "--out", "out2", "--no-rules", cwd=folder, stdin=stdin)
    assert done.code == 0, done.err
    names = {name.removeprefix("clean/") for name in tree(folder / "out2") if "clean/" in name}
    assert names == {"a.txt", f"{str(folder).lstrip('/')}/d/a.txt", "e/a [1]*.txt"}
    for args, word in (
        (["--files-from", "none"], "empty"),
        (["--files-from", "gone"], "gone"),
        ([], "INPUT"),
        (["-", "--files-from", "-"], "both"),
    ):
        done = cleaner("clean", *args, "--out", "out3", "--no-rules", cwd=folder)
        assert (done.code, word in done.err, (folder / "out3").exists()) == (2, True, False), done.err
    (folder / "list").write_text("d/a.txt\nd/gone.txt\n")
    done = cleaner("clean", "--files-from", "list", "--out", "out3", "--no-rules", cwd=folder)
    assert (done.code, "d/gone.txt" in done.err, (folder / "out3").exists()) == (2, True, False)


def test_many_files_of_one_name_are_told_apart_in_time(files: Any) -> None:
    folder = files({f"{number}/index.txt": "x" for number in range(2_000)})
    found = find_inputs([str(folder / str(number) / "index.txt") for number in range(2_000)])
    assert len({file.name for file in found.files}) == 2_000


@pytest.mark.parametrize(
    ("form", "data"), [("csv", table()), ("tsv", table("\t")), ("csv", gzip.compress(table())), ("parquet", parquet())]
)
def test_tables_in_a_pipe(cleaner: Any, tmp_path: Path, house: Path, form: str, data: bytes) -> None:
    done = cleaner("clean", "-", "--from", form, "--rules", house, "--strength", "rules", cwd=tmp_path, stdin=data)
    assert (done.code, done.err) == (0, "")
    found = [json.loads(line) for line in done.out.splitlines()]
    assert [one["Article Body"] for one in found] == CLEAN
    assert [{**one, "Article Body": 0, "cleaner": 0} for one in found] == [
        {**row, "Article Body": 0, "cleaner": 0} for row in ROWS
    ]
    done = cleaner("clean", "-", "--from", form, "--to", "parquet", cwd=tmp_path, stdin=data)
    assert (done.code, "--out" in done.err) == (2, True)


def test_explain_opens_every_format(cleaner: Any, files: Any, house: Path) -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        info = tarfile.TarInfo("n/r.csv")
        info.size = len(table())
        archive.addfile(info, io.BytesIO(table()))
    folder = files(
        {
            "r.csv.zst": PACKED[".zst"](table()),
            "r.parquet": parquet(),
            "t.tgz": made.getvalue(),
            "a.txt.gz": gzip.compress(b"House notice\n"),
        }
    )
    options = ("--rules", house, "--strength", "rules")
    for args in (
        ["r.csv.zst", "--record", "1"],
        ["r.parquet", "--record", "1"],
        ["t.tgz/n/r.csv", "--record", "1"],
        ["a.txt.gz"],
    ):
        done = cleaner("explain", *args, *options, cwd=folder)
        assert (done.code, "house.notice" in done.text) == (0, True), done.err
    for args, word in ((["t.tgz"], "t.tgz/n/r.csv"), (["t.tgz/none.txt"], "none.txt"), (["r.csv.zst"], "--record"), (["r.csv.zst", "--record", "9"], "record 9"),
                       (["a.txt.gz/x"], "x"), (["gone.txt"], "gone.txt")):  # fmt: skip
        done = cleaner("explain", *args, *options, cwd=folder)
        assert (done.code, word in done.err, "Traceback" in done.err) == (2, True, False), done.err
    assert cleaner("clean", "r.csv.zst", "t.tgz", "--out", "out", *options, cwd=folder).code == 0
    done = cleaner("explain", "t.tgz/n/r.csv", "--record", "1", "--run", "out", cwd=folder)
    assert (done.code, "house.notice" in done.text) == (0, True), done.err


@pytest.mark.parametrize(
    ("name", "args", "missing", "told"),
    [
        ("a.parquet", [], "pyarrow", "reading .parquet needs pyarrow: pip install 'cleaner[parquet]'"),
        ("a.txt", ["--to", "parquet"], "pyarrow", "writing .parquet needs pyarrow: pip install 'cleaner[parquet]'"),
        ("a.warc.gz", [], "fastwarc", "reading .warc needs FastWARC: pip install 'cleaner[warc]'"),
        ("a.txt.zst", [], "backports", "reading .zst needs backports.zstd: pip install 'cleaner[zstd]'"),
        ("a.tar.zst", [], "backports", "reading .zst needs backports.zstd: pip install 'cleaner[zstd]'"),
    ],
)
def test_what_is_not_installed_is_told_before_anything_is_written(
    cleaner: Any, files: Any, *, name: str, args: list[str], missing: str, told: str
) -> None:
    fake = f"{missing}/__init__.py" if missing == "backports" else f"{missing}.py"
    folder = files({f"in/{name}": b"x", "in/b.txt": "x\n", f"fake/{fake}": "raise ImportError"})
    if missing == "backports":
        pytest.importorskip("backports.zstd")
    done = cleaner(
        "clean",
        "in",
        "--out",
        "out",
        "--no-rules",
        *args,
        cwd=folder,
        PYTHONPATH=f"{folder}/fake{os.pathsep}{Path(__file__).parents[1]}",
    )
    assert (done.code, (folder / "out").exists(), "Traceback" in done.err) == (2, False, False), done.err
    assert told in done.err


def test_members_of_archives_are_known_again(files: Any) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.txt", "x")
        archive.writestr("A.txt", "y")
    folder = files({"d/z.zip": made.getvalue()})
    found = find_inputs([str(folder)])
    assert [(file.name, file.address) for file in found.files] == [
        ("d/z.zip/a.txt", f"{folder}/d/z.zip/a.txt"), ("2/d/z.zip/A.txt", f"{folder}/d/z.zip/A.txt"),
    ]  # fmt: skip
    assert [file.compression for file in found.files] == [None, None]
    assert find_inputs([str(folder)], reads_as=Format.TEXT).files[0].format is Format.TEXT


def test_spans_alone_hold_no_text_of_records(cleaned: Any, files: Any) -> None:
    folder = files({"in/r.jsonl": json.dumps({"html": PAGE, "text": PAGE})})
    cleaned([folder / "in"], folder / "out", RunSettings(detail=Detail.SPANS))
    assert b"ferry" not in (folder / "out/audit.jsonl").read_bytes()
    with pytest.raises(UsageError, match="--audit full"):
        restore_run(folder / "out", folder / "back")


def test_a_lasting_index_knows_members_and_rows(house_rules: Any, files: Any) -> None:
    long = (
        "The ferry council met on Tuesday for nine hours and voted, by a single hand, to keep the night boat running all winter."
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.txt", long)
        archive.writestr("r.csv", f'text,id\n"{long}",7\n')
    folder = files({"z.zip": made.getvalue()})
    for number in range(2):
        settings = RunSettings(index=folder / "index")
        clean_files(Job((str(folder / "z.zip"),), folder / f"out{number}", house_rules, settings))
    told = [json.loads(line) for line in (folder / "out1/audit.jsonl").read_bytes().splitlines()]
    assert told[0]["duplicates"] == []
    assert told[1]["duplicates"][0]["of"]["input"] == "z.zip/a.txt"


def test_compressions_have_suffixes() -> None:
    assert {one.value for one in Compression} == set(PACKED) - {""}


@pytest.mark.parametrize("to", ["jsonl", "jsonl.gz", "parquet"])
def test_near_duplicates_of_a_run_are_shown_from_every_output(cleaner: Any, files: Any, to: str) -> None:
    long = " ".join(f"word{number}" for number in range(200))
    rows = [{"body": f"{long}\n", "id": 1}, {"body": f"{long} and more.\n", "id": 2}, {"body": f"Other.\n{long}\n", "id": 3}]
    folder = files({"in/r.jsonl": "".join(json.dumps(row) + "\n" for row in rows)})
    assert cleaner("clean", "in", "--out", "out", "--no-rules", "--to", to, "--shard-size", "2", cwd=folder).code == 0
    for args in (["--least", "3"], ["--stories"], []):
        done = cleaner("duplicates", "out", *args, cwd=folder)
        assert (done.code, "r.jsonl" in done.text) == (0, True), done.err
