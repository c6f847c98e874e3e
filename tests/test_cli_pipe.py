"""``cleaner clean -``: standard output holds data and nothing else, each document as soon as it is read."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

WAIT = 60
"""Seconds to wait for a line from a process; a busy machine needs a few."""


def test_clean_text_and_nothing_else(cleaner: Any, house: Path, tmp_path: Path) -> None:
    page = "One (house aside) two.\r\n\r\nAdvertisement\r\n\r\nHouse notice\r\n\r\nCafÃ© é🌊.".encode("utf-8-sig")
    done = cleaner("clean", "-", "--rules", house, "--audit", "audit.jsonl", cwd=tmp_path, stdin=page)
    assert (done.code, done.err) == (0, "")
    assert done.out == "One two.\r\n\r\nCafé é🌊.".encode()
    (entry,) = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_bytes().splitlines()]
    assert (entry["id"], entry["input"], entry["encoding"]) == ("-", "-", "utf-8-sig")
    assert "output" not in entry
    assert {mark["rule"] for mark in entry["removed"]} == {"house.aside", "advertising-en.ad-label", "house.notice", "layout"}
    assert [path.name for path in tmp_path.iterdir()] == ["audit.jsonl"]


def test_a_filter_for_records(cleaner: Any, tmp_path: Path) -> None:
    long = "The ferry council met on Tuesday for nine hours and voted by a single hand to keep the night boat."
    records = [{"id": 3, "body": "Advertisement\nA.", "x": [1]}, {"id": 3, "body": long}, {"id": 4, "body": "B.\n\n" + long}]
    data = [json.dumps(one).encode() for one in records]
    stdin = b"\n".join([b"\xef\xbb\xbf" + data[0], b"broken", data[1], b'{"text": "elsewhere"}', data[2]])
    options = ["--from", "jsonl", "--text-field", "body", "--meta-field", "done"]
    done = cleaner("clean", "-", *options, cwd=tmp_path, stdin=stdin)
    assert done.code == 1
    first, second, third = map(json.loads, done.out.splitlines())
    assert first == {**records[0], "body": "A.", "done": {
        "removed": [{"line": 1, "rule": "advertising-en.ad-label"}], "duplicates": [], "repairs": [],
    }}  # fmt: skip
    assert second["done"]["duplicates"] == []
    assert third["done"]["duplicates"][0]["of"] == {"id": 3, "line": 1, "input": "-", "record": 3}
    assert [line.split(":")[:3] for line in done.err.splitlines()] == [
        ["rejected", " record 2", " not-json"], ["rejected", " record 4", " no-text"],
    ]  # fmt: skip
    told = cleaner("clean", "-", *options, "--no-rules", "--rejected", "bad.jsonl", "--workers", "2", cwd=tmp_path, stdin=stdin)
    assert (told.code, told.err) == (1, "")
    bad = [json.loads(line) for line in (tmp_path / "bad.jsonl").read_bytes().splitlines()]
    assert [(one["input"], one["record"], one["reason"]) for one in bad] == [("-", 2, "not-json"), ("-", 4, "no-text")]
    again = cleaner("clean", "-", *options, cwd=tmp_path, stdin=done.out)
    assert [json.loads(line)["body"] for line in again.out.splitlines()] == [one["body"] for one in (first, second, third)]


@pytest.mark.parametrize(
    ("options", "stdin", "expected"),
    [
        (
            ["--to", "jsonl"],
            b"a\n",
            (0, b'{"id": "-", "text": "a\\n", "cleaner": {"removed": [], "duplicates": [], "repairs": []}}\n'),
        ),
        (["--from", "jsonl", "--to", "text"], b'{"text": "a\\n"}\n{"text": "b\\n"}', (0, b"a\nb\n")),
        ([], b"", (0, b"")),
        ([], b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, (1, b"")),
    ],
)
def test_forms(cleaner: Any, tmp_path: Path, options: list[str], stdin: bytes, expected: tuple[int, bytes]) -> None:
    done = cleaner("clean", "-", "--no-rules", *options, cwd=tmp_path, stdin=stdin)
    assert (done.code, done.out) == expected
    assert done.err.startswith("rejected: standard input: not-text: ") if done.code else done.err == ""
    assert not list(tmp_path.iterdir())


def test_what_a_pipe_cannot_do_is_refused(cleaner: Any, tmp_path: Path) -> None:
    for args, word in (
        (["-", "other.txt"], "alone"),
        (["-", "--duplicates", "keep-longest"], "keep-longest"),
        (["-", "--audit", "full"], "./full"),
        (["-", "--audit", "gone/audit.jsonl"], "gone/audit.jsonl"),
        (["-", "--out", "out"], "--out"),
    ):
        done = cleaner("clean", *args, "--no-rules", cwd=tmp_path, stdin=b"x")
        assert (done.code, done.out) == (2, b""), args
        assert word in done.err
    assert not list(tmp_path.iterdir())


def test_a_dry_run_in_a_pipe_writes_nothing(cleaner: Any, tmp_path: Path) -> None:
    options = ["--from", "jsonl", "--dry-run", "--no-rules", "--audit", "a.jsonl", "--rejected", "r.jsonl"]
    done = cleaner("clean", "-", *options, cwd=tmp_path, stdin=b'{"text": "x\\n"}\nbroken')
    assert done.code == 1
    assert "1 document" in done.text
    assert "not-json" in done.err
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break differently there")
@pytest.mark.parametrize("form", ["text", "jsonl"])
def test_a_reader_that_goes_away_is_no_error(command: list[str], process_env: Any, tmp_path: Path, form: str) -> None:
    record = json.dumps({"text": "word " * 400 + "\n"}) if form == "jsonl" else "word " * 400
    data = "".join(f"{record}\n" for _ in range(1500)).encode()
    args = [*command, "clean", "-", "--from", form, "--no-rules", "--duplicates", "off"]
    with subprocess.Popen(
        args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env=process_env()
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        feeder = threading.Thread(target=_feed, args=(process.stdin, data))
        feeder.start()
        assert process.stdout.readline()
        process.stdout.close()
        assert process.wait(WAIT) == 0
        feeder.join(WAIT)
        assert process.stderr.read() == b""


def _feed(stdin: Any, data: bytes) -> None:
    try:
        stdin.write(data)
        stdin.close()
    except BrokenPipeError:
        pass


def test_a_record_comes_out_before_the_next_goes_in(command: list[str], process_env: Any, tmp_path: Path) -> None:
    args = [*command, "clean", "-", "--from", "jsonl", "--no-rules"]
    with subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path, env=process_env()) as process:
        assert process.stdin
        assert process.stdout
        lines: queue.Queue[bytes] = queue.Queue()
        reader = threading.Thread(target=lambda: [lines.put(line) for line in process.stdout])
        reader.start()
        try:
            for number in range(3):
                process.stdin.write(json.dumps({"id": number, "text": "x\n"}).encode() + b"\n")
                process.stdin.flush()
                assert json.loads(lines.get(timeout=WAIT))["id"] == number
            process.stdin.close()
            assert process.wait(WAIT) == 0
        finally:
            process.kill()
            reader.join(WAIT)
