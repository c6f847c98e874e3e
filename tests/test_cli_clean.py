"""``cleaner clean`` with files: the folder it writes, the audit, exit codes, and what it refuses."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cleaner.audit import Detail
from cleaner.cli.summary import summary
from cleaner.dedup.settings import DuplicateSettings, Policy
from cleaner.document import Document, Evidence, Removal, RuleFired, Source
from cleaner.errors import UsageError
from cleaner.readers.options import ReadOptions
from cleaner.repair import repair
from cleaner.report import RunReport
from cleaner.run.batches import BATCH_DOCUMENTS
from cleaner.run.bulk import Outcome
from cleaner.settings import CleanSettings, RunSettings
from cleaner.spans import Span
from cleaner.writers import ENCODERS, Target, encoded, told_duplicates

LONG = "The ferry council met on Tuesday for nine hours and voted, by a single hand, to keep the night boat running all winter."

STORY = (
    "Harbour keeps its boat\n\nHouse notice\n\n" + LONG + "\n\nHouse box begins\nPick one\n\nHouse box ends\n\n\n"
    "One (house aside) two.\nHouse stamp 12\nThe cafÃ© was full 🌊.\nHouse notice\nLast line."
)
STORY_CLEAN = "Harbour keeps its boat\n\n" + LONG + "\n\n\nOne two.\nHouse stamp 12\nThe café was full 🌊.\nLast line."
RECORDS = [
    {"id": 7, "url": "https://news.example/a", "nested": {"b": [1, None, True, 1.5]}, "text": "Alpha.\nHouse notice\nOmega.\n"},
    {"text": "No id.\n", "cleaner": {"mine": 1}, "id": None},
    {"id": 7, "text": LONG + "\n", "extra": "é\ud83d"},
]
INPUTS: dict[str, str | bytes] = {
    "a/story.txt": STORY,
    "a/copy.txt": "Another paper\n" + LONG + "\n",
    "a-b.txt": "Before the folder a.\n",
    "empty.txt": "",
    "blank.txt": " \n\n\t\n",
    "same.txt": "As text.\n",
    "same.TEXT": "As text too.\n",
    "UP.TXT": "Upper.\n",
    "wide.txt": "Café\r\nHouse notice\r\nÉté\r\n".encode("utf-16"),
    "records.jsonl": "\n".join(map(json.dumps, RECORDS)) + "\n\n" + "no json\n" + '{"headline": "x"}',
    "picture.png": b"\x89PNG",
    "notes": "no suffix",
    "image.txt": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8,
    "page.html": "<html><head><title>T</title></head><body><article><h1>Heading</h1>"
    + f"<p>{LONG}</p>" * 3
    + "</article></body></html>",
}
ORDER = ["UP.TXT", "a-b.txt", "a/copy.txt", "a/story.txt", "blank.txt", "empty.txt", "page.html", "records.jsonl"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, cleaner: Any, house: Path) -> tuple[Path, Any]:
    """A folder of everything, cleaned once by a process: the folder, and how the process ended."""
    folder = tmp_path_factory.mktemp("run")
    for name, data in INPUTS.items():
        path = folder / "news" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return folder / "out", cleaner("clean", "news", "--out", "out", "--rules", house, cwd=folder)


def entries(out: Path) -> dict[tuple[str, int | None], dict[str, Any]]:
    """The audit by input and record."""
    found = [json.loads(line) for line in (out / "audit.jsonl").read_bytes().splitlines()]
    return {(one["input"], one.get("record")): one for one in found}


def test_the_tree_mirrors_the_inputs(run: tuple[Path, Any], tree: Callable[[Path], dict[str, bytes]]) -> None:
    out, done = run
    assert done.code == 1, done.err
    assert set(tree(out)) == {
        "audit.jsonl", "rejected.jsonl", "clean/UP.txt", "clean/a-b.txt", "clean/a/copy.txt", "clean/a/story.txt", "clean/blank.txt",
        "clean/empty.txt", "clean/page.txt", "clean/records.jsonl", "clean/same.TEXT.txt", "clean/same.txt.txt", "clean/wide.txt",
    }  # fmt: skip


def test_clean_text_is_what_no_mark_covers(run: tuple[Path, Any]) -> None:
    clean = run[0] / "clean"
    assert (clean / "a/story.txt").read_bytes() == STORY_CLEAN.encode()
    assert (clean / "empty.txt").read_bytes() == b""
    assert (clean / "blank.txt").read_bytes() == b" \n\n\t\n"
    assert (clean / "wide.txt").read_bytes() == "Café\r\nÉté\r\n".encode()
    assert (clean / "a/copy.txt").read_text() == INPUTS["a/copy.txt"]
    assert LONG in (clean / "page.txt").read_text()


def test_records_keep_every_field(run: tuple[Path, Any]) -> None:
    written = [json.loads(line) for line in (run[0] / "clean/records.jsonl").read_bytes().splitlines()]
    assert [list(one) for one in written] == [[*RECORDS[0], "cleaner"], list(RECORDS[1]), [*RECORDS[2], "cleaner"]]
    for before, after in zip(RECORDS, written, strict=True):
        assert {**after, "text": 0, "cleaner": 0} == {**before, "text": 0, "cleaner": 0}
    assert written[0]["text"] == "Alpha.\nOmega.\n"
    assert written[0]["cleaner"] == {"removed": [{"line": 2, "rule": "house.notice"}], "duplicates": [], "repairs": []}
    assert written[2]["cleaner"]["duplicates"][0]["of"]["input"] == "a/copy.txt"


def test_the_audit_is_in_input_order(run: tuple[Path, Any]) -> None:
    objects = [json.loads(line) for line in (run[0] / "audit.jsonl").read_bytes().splitlines()]
    inputs = [one["input"] for one in objects]
    assert inputs == [*ORDER, "records.jsonl", "records.jsonl", "same.TEXT", "same.txt", "wide.txt"]
    assert [one["id"] for one in objects if one["input"] == "records.jsonl"] == [7, "records.jsonl#2", 7]
    assert [one.get("record") for one in objects if one["input"] == "records.jsonl"] == [1, 2, 3]


def test_audit_objects_have_the_keys_that_apply(run: tuple[Path, Any]) -> None:
    found = entries(run[0])
    always = {
        "schema", "id", "input", "output", "media", "detail", "sha256", "packs", "chars_in", "chars_out", "repairs", "removed",
        "flagged", "skipped", "duplicates",
    }  # fmt: skip
    assert set(found["a/story.txt", None]) == always | {"encoding"}
    assert set(found["records.jsonl", 1]) == always | {"record", "site"}
    assert found["records.jsonl", 1]["site"] == "news.example"
    assert found["wide.txt", None]["encoding"] == "utf-16"
    assert found["page.html", None]["media"] == "html"
    assert found["empty.txt", None]["chars_in"] == found["empty.txt", None]["chars_out"] == 0


def test_marks_are_spans_of_the_repaired_text(run: tuple[Path, Any]) -> None:
    text = repair(STORY)[0]
    entry = entries(run[0])["a/story.txt", None]
    assert (entry["chars_in"], entry["chars_out"]) == (len(text), len(STORY_CLEAN))
    ends = [at for at, char in enumerate(text, 1) if char == "\n"]
    at = 0
    for mark in entry["removed"]:
        assert set(mark) - {"block"} == {"start", "end", "line", "rule", "text"}
        assert text[mark["start"] : mark["end"]] == mark["text"]
        assert at <= mark["start"] < mark["end"]
        at = mark["end"]
        assert mark["line"] == 1 + sum(end <= mark["start"] for end in ends) == 1 + sum(end < mark["end"] for end in ends)
    rules = [(mark["line"], mark["rule"], mark.get("block")) for mark in entry["removed"] if mark["rule"] != "layout"]
    assert rules == [
        (3, "house.notice", None), (7, "house.box", 1), (8, "house.box", 1), (10, "house.box", 1), (13, "house.aside", None),
        (16, "house.notice", None),
    ]  # fmt: skip
    assert [(mark["line"], mark["rule"], mark["text"]) for mark in entry["flagged"]] == [(14, "house.stamp", "House stamp 12\n")]
    assert entry["repairs"] == [{"line": 15, "before": "The cafÃ© was full 🌊.", "after": "The café was full 🌊."}]


def test_a_duplicate_names_the_earlier_passage(run: tuple[Path, Any]) -> None:
    (found,) = entries(run[0])["a/story.txt", None]["duplicates"]
    start = repair(STORY)[0].index(LONG)
    assert (found["unit"], found["relation"], found["jaccard"], found["containment"]) == ("passage", "same", 1.0, 1.0)
    assert (found["start"], found["line"]) == (start, 5)
    assert found["end"] - start in (len(LONG), len(LONG) + 1)
    assert found["of"] == {"id": "a/copy.txt", "line": 2, "input": "a/copy.txt"}


def test_rejected_inputs_are_named_with_a_remedy(run: tuple[Path, Any], lines_of: Callable[[Path], list[dict[str, Any]]]) -> None:
    rejected = lines_of(run[0] / "rejected.jsonl")
    assert [(one["input"], one.get("record"), one["reason"]) for one in rejected] == [
        ("image.txt", None, "not-text"), ("records.jsonl", 5, "not-json"), ("records.jsonl", 6, "no-text"),
    ]  # fmt: skip
    assert all(set(one) <= {"input", "record", "reason", "detail"} and len(one["detail"]) > 20 for one in rejected)


def test_only_run_json_knows_times_and_places(run: tuple[Path, Any], tree: Callable[[Path], dict[str, bytes]]) -> None:
    out, done = run
    told = json.loads((out / "run.json").read_bytes())
    assert told["counts"]["documents"] == 13
    assert told["counts"]["rejected"] == 3
    assert told["counts"]["rejections"] == {"no-text": 1, "not-json": 1, "not-text": 1}
    assert told["counts"]["rules"] == {"house.notice": 4, "house.box": 3, "house.aside": 1}
    assert told["left_aside"] == {"(no suffix)": 1, ".png": 1}
    assert told["deterministic"] is True
    assert re.fullmatch(r"[0-9a-f]{64}", told["rules"]["fingerprint"])
    assert told["inputs"] == [str(out.parent / "news")]
    here = str(out.parent).encode()
    assert not [name for name, data in tree(out).items() if here in data or told["began"][:13].encode() in data]
    assert all(len(line) <= 80 for line in done.text.splitlines())
    for word in ("13 documents", "removed", "house", "flagged: ", "repaired", "3: ", "rejected.jsonl", ".png 1"):
        assert word in done.text


def test_a_second_run_is_refused_or_replaces_the_first(cleaned: Any, tree: Any, files: Any) -> None:
    out = files({"in/b.txt": "Only this.\n"}) / "out"
    cleaned([out.parent / "in"], out)
    before = tree(out)
    (out.parent / "in/b.txt").rename(out.parent / "in/c.txt")
    with pytest.raises(UsageError, match="--overwrite"):
        cleaned([out.parent / "in"], out)
    assert tree(out) == before
    cleaned([out.parent / "in"], out, overwrite=True)
    assert set(tree(out)) == {"audit.jsonl", "rejected.jsonl", "clean/c.txt"}


def test_a_foreign_folder_is_never_touched(cleaned: Any, tree: Any, files: Any) -> None:
    folder = files({"in/b.txt": "x\n", "own/run.json": "{}", "mixed/letter.txt": "dear\n", "file": "x"})
    cleaned([folder / "in"], folder / "mixed2")
    (folder / "mixed2/letter.txt").write_text("dear\n")
    before = tree(folder)
    for name in ("own", "mixed", "mixed2", "file"):
        with pytest.raises(UsageError, match=name):
            cleaned([folder / "in"], folder / name, overwrite=True)
    assert tree(folder) == before


def test_the_output_folder_may_lie_in_the_input_folder(cleaned: Any, tree: Any, files: Any) -> None:
    folder = files({"b.txt": "x\n"}, "in")
    for overwrite in (False, True):
        cleaned([folder], folder / "out", overwrite=overwrite)
        assert set(tree(folder / "out")) == {"audit.jsonl", "rejected.jsonl", "clean/b.txt"}


def test_the_output_of_a_run_cannot_be_its_input(cleaned: Any, tree: Any, files: Any) -> None:
    folder = files({"in/b.txt": "x\n"})
    cleaned([folder / "in"], folder / "out")
    before = tree(folder)
    with pytest.raises(UsageError, match="output folder"):
        cleaned([folder / "out/clean"], folder / "out", overwrite=True)
    assert tree(folder) == before


def test_several_folders_go_each_under_its_own_name(cleaned: Any, tree: Any, files: Any) -> None:
    folder = files({"x/news/b.txt": "x\n", "y/news/b.txt": "y\n", "z/c.txt": "z\n", "d.txt": "d\n", "x/d.txt": "e\n"})
    inputs = [folder / name for name in ("x/news", "y/news", "z", "d.txt", "x/d.txt")]
    cleaned(inputs, folder / "out")
    assert {name: data for name, data in tree(folder / "out").items() if name.startswith("clean")} == {
        "clean/news/b.txt": b"x\n", "clean/news-2/b.txt": b"y\n", "clean/z/c.txt": b"z\n", "clean/d.txt": b"d\n", "clean/2/d.txt": b"e\n",
    }  # fmt: skip


def test_globs_and_files_of_unknown_kind(cleaned: Any, tree: Any, files: Any) -> None:
    folder = files({"n/b.txt": "x\n", "n/c.txt": "y\n", "n/deep/e.txt": "z\n", "README": "read\n", "page.md": "md\n"})
    cleaned([folder / "n/*.txt", folder / "README", folder / "page.md"], folder / "out")
    assert {name for name in tree(folder / "out") if name.startswith("clean")} == {
        "clean/b.txt", "clean/c.txt", "clean/README.txt", "clean/page.txt",
    }  # fmt: skip
    cleaned([folder / "n/**/*.txt"], folder / "out2")
    assert set(tree(folder / "out2")) >= {"clean/b.txt", "clean/c.txt", "clean/e.txt"}


def test_no_input_leads_out_of_the_folder(cleaned: Any, tree: Any, files: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = files({"up/b.txt": "x\n", "up/here/c.txt": "y\n", "up/here/sub/d.txt": "z\n"})
    monkeypatch.chdir(folder / "up/here")
    cleaned(["..", "sub"], Path("../../out"))
    assert {name for name in tree(folder / "out") if "clean/" in name} == {
        "clean/up/b.txt", "clean/up/here/c.txt", "clean/up/here/sub/d.txt", "clean/sub/d.txt",
    }  # fmt: skip
    assert set(tree(folder)) == {
        *(f"out/{name}" for name in tree(folder / "out")),
        "up/b.txt",
        "up/here/c.txt",
        "up/here/sub/d.txt",
    }


def test_to_jsonl_gathers_texts(cleaned: Any, tree: Any, files: Any, lines_of: Any) -> None:
    folder = files(
        {"news/b.txt": "x\nHouse notice\n", "news/c/d.txt": "y\n", "news/r.jsonl": '{"id": 1, "body": "z", "text": 3}\n'}
    )
    settings = RunSettings(to=Target.JSONL, meta_field="meta", read=ReadOptions(text_field="body"))
    cleaned([folder / "news"], folder / "out", settings)
    assert {name for name in tree(folder / "out") if "clean/" in name} == {"clean/news.jsonl", "clean/r.jsonl"}
    none = {"removed": [], "duplicates": [], "repairs": []}
    assert lines_of(folder / "out/clean/news.jsonl") == [
        {"id": "b.txt", "body": "x\n", "meta": {**none, "removed": [{"line": 2, "rule": "house.notice"}]}},
        {"id": "c/d.txt", "body": "y\n", "meta": none},
    ]
    assert lines_of(folder / "out/clean/r.jsonl") == [{"id": 1, "body": "z", "text": 3, "meta": none}]


def test_to_text_gives_each_record_its_file(cleaned: Any, tree: Any, files: Any) -> None:
    folder = files({"news/r.jsonl": '{"text": "x"}\n\n{"text": "House notice\\ny"}\n', "news/r/000001.txt": "other\n"})
    cleaned([folder / "news"], folder / "out", RunSettings(to=Target.TEXT))
    assert {name: data for name, data in tree(folder / "out").items() if "clean/" in name} == {
        "clean/r.jsonl/000001.txt": b"x", "clean/r.jsonl/000003.txt": b"y", "clean/r/000001.txt": b"other\n",
    }  # fmt: skip


def test_audit_spans_and_none_hold_no_text(cleaned: Any, tree: Any, files: Any) -> None:
    folder = files({"story.txt": STORY}, "in")
    for detail in (Detail.SPANS, Detail.NONE, Detail.FULL):
        cleaned([folder], folder.parent / detail.value, RunSettings(detail=detail))
    full, spans, none = (tree(folder.parent / name) for name in ("full", "spans", "none"))
    assert full["clean/story.txt"] == spans["clean/story.txt"] == none["clean/story.txt"] == STORY_CLEAN.encode()
    assert "audit.jsonl" not in none
    told, bare = json.loads(full["audit.jsonl"]), json.loads(spans["audit.jsonl"])
    for word in ("House", "café", "notice\\n"):
        assert word.encode() in full["audit.jsonl"]
        assert word.encode() not in spans["audit.jsonl"]
    assert bare["removed"] == [{key: mark[key] for key in mark if key != "text"} for mark in told["removed"]]
    assert bare["repairs"] == [{"line": 15}]


def test_policies_remove_or_only_flag(cleaned: Any, files: Any, lines_of: Any) -> None:
    folder = files({"a.txt": "Head one\n\n" + LONG + "\n\nEnd.\n", "b.txt": "Head two\n\n" + LONG + "\n\nFin.\n"}, "in")
    texts = {}
    for policy in (Policy.OFF, Policy.FLAG, Policy.KEEP_FIRST):
        out = folder.parent / policy.value
        cleaned([folder], out, RunSettings(clean=CleanSettings(duplicates=DuplicateSettings(policy))))
        texts[policy] = (out / "clean/b.txt").read_text(), lines_of(out / "audit.jsonl")[1]
    whole = (folder / "b.txt").read_text()
    assert texts[Policy.OFF][0] == texts[Policy.FLAG][0] == whole
    assert texts[Policy.OFF][1]["duplicates"] == []
    assert texts[Policy.FLAG][1]["removed"] == []
    assert texts[Policy.KEEP_FIRST][0] == "Head two\n\nFin.\n"
    mark = texts[Policy.KEEP_FIRST][1]["removed"][0]
    assert (mark["rule"], mark["of"]) == ("duplicate", {"id": "a.txt", "line": 3, "input": "a.txt"})


def test_wrong_usage_ends_with_2_and_writes_nothing(cleaner: Any, files: Any, tree: Any) -> None:
    folder = files({"in/b.txt": "x\n", "file": "x"})
    before = tree(folder)
    for args, words in (
        (["in", "gone", "away/*.txt", "--out", "out", "--no-rules"], ["gone", "away/*.txt"]),
        (["in", "--no-rules"], ["--out DIR"]),
        (["in", "--out", "out", "--no-rules", "--audit", "some"], ["full, spans or none"]),
        (["in", "--out", "out", "--no-rules", "--text-field", "t", "--meta-field", "t"], ["--meta-field"]),
        (["in", "--out", "out", "--no-rules", "--duplicates", "keep-longest", "--unit", "passage"], ["keep-longest"]),
        (["in", "--out", "out", "--keep", "captions,captoins"], ["--keep", '"captoins"', "choose from: captions"]),
        (["in", "--out", "out", "--strength", "strong"], ["--strength", "rules", "careful", "default", "thorough"]),
        (["in", "--out", "out", "--doubtful", "drop"], ["--doubtful", "flag", "keep", "remove"]),
        (["in", "--out", "out", "--no-rules", "--strength", "thorough"], ["--strength and --no-rules"]),
    ):
        done = cleaner("clean", *args, cwd=folder)
        assert done.code == 2, (args, done)
        assert "Traceback" not in done.err
        assert all(word in done.err for word in words), done.err
        assert tree(folder) == before
        assert not (folder / "out").exists()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], ["default", "flag", []]),
        (["--no-rules"], ["rules", "flag", []]),
        (["--no-rules", "--strength", "rules"], ["rules", "flag", []]),
        (["--strength", "careful", "--doubtful", "remove"], ["careful", "remove", []]),
        (["--strength", "thorough", "--keep", "captions, captions", "--keep", "captions"], ["thorough", "flag", ["captions"]]),
    ],
)
def test_run_json_tells_how_much_evidence_may_take(files: Any, cleaner: Any, options: list[str], expected: list[Any]) -> None:
    folder = files({"in/b.txt": "One.\n"})
    done = cleaner("clean", "in", "--out", "out", *options, cwd=folder)
    assert done.code == 0, done.err
    told = json.loads((folder / "out/run.json").read_bytes())["settings"]
    assert [told[name] for name in ("strength", "doubtful", "keep")] == expected


def test_summary_and_records_tell_of_evidence() -> None:
    reasons = ("after the article's end", "under 'Related'")
    document = Document(
        Source("a.txt", None, "a.txt"),
        "One.\nRelated\nTide tables\nBy Ann\n",
        removals=(
            Removal(Span(5, 13), 2, RuleFired("house.notice", "related")),
            Removal(Span(13, 25), 3, Evidence(0.93, reasons, block=1)),
        ),
        flags=(Removal(Span(25, 32), 4, Evidence(0.6, reasons)), Removal(Span(0, 5), 1, RuleFired("house.stamp", "stamp"))),
    )
    report = RunReport.of(document) + RunReport.of(replace(document, flags=()))
    assert report.described().items() >= {"topics": {"evidence": 2, "related": 2}, "flagged": {"evidence": 1, "stamp": 1}}.items()
    assert report.described()["rules"] == {"evidence": 2, "house.notice": 2}
    assert report.described()["characters"] == {"evidence": 24, "related": 16}
    shown = summary(Outcome(report, Counter(), 0.0), None)
    assert "removed     4 lines: evidence 2, related 2" in shown
    assert "flagged     2 lines, kept: evidence 1, stamp 1" in shown
    record = json.loads(encoded(ENCODERS[Target.JSONL](document, "cleaner"), told_duplicates(document)))
    assert record["cleaner"]["removed"] == [{"line": 2, "rule": "house.notice"}, {"line": 3, "rule": "evidence"}]


def test_a_place_that_cannot_be_written_ends_with_4(cleaner: Any, files: Any, tree: Any) -> None:
    folder = files({"in/b.txt": "x\n", "file": "x"})
    before = tree(folder)
    done = cleaner("clean", "in", "--out", "file/out", "--no-rules", cwd=folder)
    assert (done.code, done.out, tree(folder)) == (4, b"", before)
    assert "file/out" in done.err
    assert "Traceback" not in done.err


@pytest.mark.skipif(sys.platform == "win32", reason="a named pipe holds the run at a known point")
def test_a_run_that_is_killed_leaves_whole_files_and_can_be_done_again(
    command: list[str], process_env: Any, cleaner: Any, files: Any, tree: Any
) -> None:
    # As many as are prepared at once, so that all of them are written before the pipe is read.
    texts = {f"{number:03}.txt": b"x%d\n" % number for number in range(BATCH_DOCUMENTS)}
    folder = files({f"in/{name}": data for name, data in texts.items()})
    os.mkfifo(folder / "pipe.txt")
    args = [*command, "clean", "in", "pipe.txt", "--out", "out", "--no-rules"]
    with subprocess.Popen(args, cwd=folder, env=process_env()) as process:
        while not (folder / "out/clean" / max(texts)).exists() and process.poll() is None:
            time.sleep(0.02)
        process.kill()
    left = tree(folder / "out")
    clean = {f"clean/{name}": data for name, data in texts.items()}
    assert {name: data for name, data in left.items() if name.startswith("clean/")} == clean
    assert not {"audit.jsonl", "rejected.jsonl", "run.json"} & set(left)
    (folder / "pipe.txt").unlink()
    done = cleaner("clean", "in", "--out", "out", "--no-rules", cwd=folder)
    assert (done.code, tree(folder / "out")) == (2, left)
    assert "not finished" in done.err
    assert cleaner("restore", "out", "--out", "again", cwd=folder).code == 2
    done = cleaner("clean", "in", "--out", "out", "--no-rules", "--overwrite", cwd=folder)
    assert done.code == 0, done.err
    assert set(tree(folder / "out")) == {"audit.jsonl", "rejected.jsonl", *clean}


def test_a_dry_run_writes_nothing(cleaner: Any, files: Any, tree: Any) -> None:
    folder = files({"in/b.txt": "x\n", "in/c.txt": b"\x00\x01\x02"})
    before = tree(folder)
    done = cleaner("clean", "in", "--out", "out", "--dry-run", "--no-rules", cwd=folder)
    assert (done.code, tree(folder), (folder / "out").exists()) == (1, before, False)
    assert "1 document" in done.text
    assert "not-text 1" in done.text
    assert "written to" not in done.text


def test_help_names_every_exit_status_and_is_quick(cleaner: Any, tmp_path: Path) -> None:
    done = cleaner("clean", "--help", cwd=tmp_path)
    assert done.code == 0
    assert "0 done; 1 done, but some inputs were rejected; 2 wrong usage or wrong rules" in done.text
