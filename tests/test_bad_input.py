"""Inputs and rules that are not what they should be: never a traceback, never a run that stops, never a silent loss."""

from __future__ import annotations

import json
import os
import random
import sys
from pathlib import Path
from typing import Any

import pytest

from cleaner.document import Raw
from cleaner.readers import READERS, Format
from cleaner.readers.options import ReadOptions
from cleaner.rules.load import load_rules
from cleaner.settings import RunSettings

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs links and pipes of POSIX")
GOOD = "A good page.\nHouse notice\nIt stays.\n"
GOOD_CLEAN = b"A good page.\nIt stays.\n"


def reasons(out: Path) -> dict[str, str]:
    """What was rejected, and why."""
    found = [json.loads(line) for line in (out / "rejected.jsonl").read_bytes().splitlines()]
    return {one["input"] + (f"#{one['record']}" if "record" in one else ""): one["reason"] for one in found}


def test_what_is_no_text_is_rejected_and_the_rest_is_cleaned(cleaned: Any, files: Any, tree: Any) -> None:
    noise = random.Random(7).randbytes(20_000)
    folder = files(
        {"a.txt": GOOD, "nul.txt": b"\0" * 400, "some-nul.txt": b"The council met. \0" * 40, "noise.txt": noise, "noise.html": noise,
         "pic.txt": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + noise, "noise.jsonl": noise.replace(b"\n", b""), "z.txt": GOOD,
         "empty.html": "", "blank.html": " \n", "script.html": "<html><script>x()</script></html>", "empty.jsonl": ""},
        "in",
    )  # fmt: skip
    out = folder.parent / "out"
    outcome = cleaned([folder], out)
    assert reasons(out) == {
        "nul.txt": "not-text", "some-nul.txt": "not-text", "noise.txt": "not-text", "noise.html": "not-text", "pic.txt": "not-text",
        "noise.jsonl#1": "not-utf8", "script.html": "no-article",
    }  # fmt: skip
    assert {name: data for name, data in tree(out).items() if "clean/" in name} == {
        "clean/a.txt": GOOD_CLEAN, "clean/z.txt": GOOD_CLEAN, "clean/empty.txt": b"", "clean/blank.txt": b" \n",
        "clean/empty.jsonl": b"", "clean/noise.jsonl": b"",
    }  # fmt: skip
    assert outcome.report.documents == 4


def test_broken_records_leave_the_others_alone(cleaned: Any, files: Any, lines_of: Any) -> None:
    deep = '{"text": "x", "deep": ' + "[" * 100_000 + "]" * 100_000 + "}"
    less = '{"text": "x", "deep": ' + "[" * 700 + "]" * 700 + "}"
    fine = '{"text": "x", "deep": ' + "[" * 150 + "]" * 150 + "}"
    records = [
        '{"text": "one"}', '{"text": "two"}', '{"text": "three", }', '{"text": "four"}', '{"text": "five"}', '{"title": "x"}',
        '{"text": null}', '{"text": 12}', '{"text": ["x"]}', '["text"]', '"text"', "", "   ", deep, less, fine, "NaN",
        '{"text": "x", "n": ' + "9" * 5000 + "}", '{"text": "x", "big": 12345678901234567890, "nan": NaN}', '\ufeff{"text": "x"}', '{"text": "\\u0000\\u0001\\ud800"}',
    ]  # fmt: skip
    folder = files({"r.jsonl": "\n".join(records)}, "in")
    for workers in (1, 2):
        out = folder.parent / f"out{workers}"
        cleaned([folder], out, RunSettings(workers=workers))
        assert reasons(out) == {
            "r.jsonl#3": "not-json", "r.jsonl#6": "no-text", "r.jsonl#7": "no-text", "r.jsonl#8": "no-text", "r.jsonl#9": "no-text",
            "r.jsonl#10": "not-a-record", "r.jsonl#11": "not-a-record", "r.jsonl#14": "too-deep", "r.jsonl#15": "too-deep",
            "r.jsonl#17": "not-a-record", "r.jsonl#18": "not-json", "r.jsonl#20": "not-json", "r.jsonl#21": "not-text",
        }  # fmt: skip
        written = lines_of(out / "clean/r.jsonl")
        assert [one["text"] for one in written] == ["one", "two", "four", "five", "x", "x"]
        assert written[-1]["big"] == 12345678901234567890


@posix
def test_places_that_cannot_be_read(cleaned: Any, files: Any, tree: Any) -> None:
    folder = files({"a.txt": GOOD, "dir.txt/b.txt": GOOD, "sub/deep/c.txt": GOOD, "locked.txt": GOOD, "real/d.txt": GOOD}, "in")
    (folder / "gone.txt").symlink_to("nowhere.txt")
    (folder / "self.txt").symlink_to("self.txt")
    (folder / "sub/deep/loop").symlink_to(folder)
    (folder / "around").symlink_to("around")
    (folder / "linked").symlink_to("real")
    (folder / "copy.txt").symlink_to("a.txt")
    os.mkfifo(folder / "pipe.txt")
    out = folder.parent / "out"
    (folder / "locked.txt").chmod(0)
    cleaned([folder], out)
    expected = {
        "around": "not-a-file", "gone.txt": "not-a-file", "pipe.txt": "not-a-file", "self.txt": "not-a-file", "sub/deep/loop": "link-loop",
    }  # fmt: skip
    root = os.geteuid() == 0
    assert reasons(out) == (expected if root else {**expected, "locked.txt": "unreadable"})
    names = {
        "a.txt",
        "copy.txt",
        "dir.txt/b.txt",
        "linked/d.txt",
        "real/d.txt",
        "sub/deep/c.txt",
        *(["locked.txt"] if root else []),
    }
    assert {name: data for name, data in tree(out).items() if "clean/" in name} == {f"clean/{name}": GOOD_CLEAN for name in names}
    out2 = folder.parent / "out2"
    cleaned([folder / "gone.txt", folder / "a.txt"], out2)
    assert reasons(out2) == {"gone.txt": "unreadable"}


@posix
def test_names_no_one_would_choose(cleaned: Any, files: Any, tree: Any) -> None:
    long = "n" * 250 + ".txt"
    longer = "é" * 125 + ".html"
    page = f"<html><body><article><p>{'A sentence of the page. ' * 20}</p></article></body></html>"
    odd = os.fsdecode(b"caf\xe9\n\xff.txt")
    folder = files(
        {long: GOOD, longer: page, longer.replace("html", "htm"): page, odd: GOOD, " .txt": GOOD, "-o.txt": GOOD}, "in"
    )
    out = folder.parent / "out"
    outcome = cleaned([folder], out)
    assert (outcome.report.documents, reasons(out)) == (6, {})
    clean = tree(out / "clean")
    assert len(clean) == 6
    assert clean[long] == clean[odd] == clean[" .txt"] == clean["-o.txt"] == GOOD_CLEAN


def test_a_document_that_is_too_large_is_rejected() -> None:
    import io

    small = ReadOptions(max_document=40)
    data = b'{"text": "x"}\n{"text": "' + b"y" * 100 + b'"}\n{"text": "z"}\n'
    found = list(READERS[Format.JSONL](io.BytesIO(data), "r.jsonl", small))
    assert [one.data if isinstance(one, Raw) else one.reason for one in found] == ["x", "too-large", "z"]
    assert [one.source.record for one in found] == [1, 2, 3]
    for form in (Format.TEXT, Format.HTML):
        (one,) = READERS[form](io.BytesIO(b"y" * 41), "r.txt", small)
        assert not isinstance(one, Raw)
        assert one.reason == "too-large"


def test_one_endless_line_is_told_at_once(cleaner: Any, tmp_path: Path) -> None:
    data = b"The council met, and met again. " * 1_600_000
    done = cleaner("clean", "-", cwd=tmp_path, stdin=data, timeout=60)
    assert (done.code, done.out) == (1, b"")
    assert "--max-document" in done.err
    done = cleaner("clean", "-", "--max-document", "100000000", cwd=tmp_path, stdin=data, timeout=60)
    assert (done.code, done.out) == (1, b"")
    assert "endless-line" in done.err
    data = b"The council met, and met again. " * 60_000
    done = cleaner("clean", "-", cwd=tmp_path, stdin=data, timeout=60)
    assert (done.code, done.out, done.err) == (0, data, "")


def test_faults_in_rules_are_listed_all_at_once(cleaner: Any, files: Any, tree: Any) -> None:
    rule = '\n[[rule]]\nid = "{}"\nwhy = "x"\nkind = "line"\npattern = {!r}\nremoves = ["x"]\nkeeps = ["y"]\n'
    folder = files({
        "in/a.txt": GOOD,
        "packs/one.toml": '[pack]\nid = "one"\n' + rule.format("broken", "^(x$") + rule.format("void", "x*"),
        "packs/two.toml": '[pack]\nid = "two"\ntitl = "x"\n[[rule]]\nid = "bare"\nkind = "lime"\n',
        "packs/three.toml": "[pack\n",
        "packs/four.toml": b"\xff\xfe",
    })  # fmt: skip
    before = tree(folder)
    done = cleaner("clean", "in", "--out", "out", "--rules", "packs", "--rules", "gone.toml", cwd=folder)
    assert (done.code, done.out) == (2, b"")
    for word in ("one.toml: broken: pattern", "one.toml: void: pattern", "titl", "two.toml: bare: kind", "removes", "three.toml",
                 "four.toml", "gone.toml"):  # fmt: skip
        assert word in done.err, done.err
    assert "Traceback" not in done.err
    assert tree(folder) == before
    assert not (folder / "out").exists()


def test_a_rule_that_takes_for_ever_is_set_aside(cleaner: Any, files: Any) -> None:
    line = "w" * 200 + "!"
    pack = (
        '[pack]\nid = "slow"\n[[rule]]\nid = "endless"\nwhy = "x"\nkind = "line"\n'
        'pattern = \'^(?:\\w|\\w\\w)+$\'\nremoves = ["x"]\nkeeps = ["!"]\n'
        '[[rule]]\nid = "quick"\nwhy = "x"\nkind = "line"\nliteral = "Gone"\nremoves = ["Gone"]\nkeeps = ["!"]\n'
    )
    folder = files({"in/a.txt": f"Gone\n{line}\nA line.\n", "slow.toml": pack})
    done = cleaner("clean", "in", "--out", "out", "--rules", "slow.toml", cwd=folder, timeout=60)
    assert done.code == 0, done.err
    assert (folder / "out/clean/a.txt").read_text() == f"{line}\nA line.\n"
    (entry,) = [json.loads(one) for one in (folder / "out/audit.jsonl").read_bytes().splitlines()]
    assert entry["skipped"] == [{"rule": "slow.endless", "line": 2}]
    assert "slow.endless" in done.text
    assert json.loads((folder / "out/run.json").read_bytes())["deterministic"] is False


def test_missing_packs_are_named(files: Any) -> None:
    folder = files({"empty/readme.txt": "x"})
    with pytest.raises(Exception, match="gone") as caught:
        load_rules(folder / "gone", folder / "empty")
    assert "holds no pack" in str(caught.value)
