"""What is seen of a run while it goes on, and of a run the next day: the bar, lines in a log, JSON for machines, ``run.json``."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cleaner.cli.bar import Bar, layout
from cleaner.cli.progress import Display, JsonLines, Lines, displayed
from cleaner.document import Document, Rejection, Source
from cleaner.run.watch import Alarm, Began, Event, Meter, Standing

needs_terminal = pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals there")
TEXT = "The ferry council met on Tuesday for nine hours and voted, by a single hand, to keep the night boat running.\n"


@dataclass
class Clock:
    """A clock that a test sets."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Terminal:
    """A process whose standard error is a terminal, and what it wrote there."""

    shown: str
    out: bytes
    code: int

    @property
    def frames(self) -> list[str]:
        """What stood on the line, one after the other, without colours."""
        plain = re.sub("\x1b\\[[0-9;]*m", "", self.shown)
        return [frame for frame in re.split("[\r\n]", plain) if frame.strip()]


@pytest.fixture
def terminal(command: list[str], process_env: Callable[..., dict[str, str]]) -> Callable[..., Terminal]:
    """Runs the command on a terminal of so many columns; standard input comes in slow pieces."""

    def run(args: Sequence[str], cwd: Path, columns: int = 80, pieces: Sequence[bytes] = (), **env: str) -> Terminal:
        import fcntl
        import pty
        import struct
        import termios

        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        pipe = subprocess.PIPE
        with subprocess.Popen(
            [*command, *args], cwd=cwd, stdin=pipe, stdout=pipe, stderr=slave, env=process_env(**env), bufsize=0
        ) as process:
            os.close(slave)
            assert process.stdin
            assert process.stdout
            out = b""
            for piece in pieces:
                process.stdin.write(piece)
                out += process.stdout.readline()
                time.sleep(0.3)
            process.stdin.close()
            shown = b"".join(_read(master))
            out += process.stdout.read()
        os.close(master)
        return Terminal(shown.decode(), out, process.wait(60))

    return run


def _read(master: int) -> Iterator[bytes]:
    """All that is written to a terminal until its last writer is gone."""
    while True:
        try:
            data = os.read(master, 1 << 16)
        except OSError:  # Linux says so at the end
            return
        if not data:
            return
        yield data


RECORDS = [json.dumps({"text": TEXT * 3}).encode() + b"\n"] * 5


@needs_terminal
@pytest.mark.parametrize("columns", [80, 40, 20])
def test_a_bar_fits_the_terminal_and_is_wiped(terminal: Any, tmp_path: Path, columns: int) -> None:
    done = terminal(["clean", "-", "--from", "jsonl", "--no-rules", "--progress"], tmp_path, columns, RECORDS)
    assert (done.code, done.out.count(b"\n")) == (0, len(RECORDS))
    assert done.frames
    assert all(len(frame) <= columns for frame in done.frames)
    assert all("rejected" in frame for frame in done.frames)
    if columns == 80:
        assert re.search(r"^0\.0 MB, .*[1-5] documents, 0 rejected$", done.frames[-1].strip())
    # The line is blank in the end, and the cursor at its beginning.
    assert re.search(r"\r *\r$", done.shown)


@needs_terminal
def test_rejections_stand_above_the_bar(terminal: Any, tmp_path: Path) -> None:
    pieces = [*RECORDS[:3], b"broken\n" + RECORDS[0], *RECORDS[:1]]
    done = terminal(["clean", "-", "--from", "jsonl", "--no-rules", "--progress"], tmp_path, 100, pieces)
    assert done.code == 1
    assert len([frame for frame in done.frames if frame.startswith("rejected: record 4: not-json: ")]) == 1
    assert re.search(r"\r *\rrejected: record 4", done.shown)
    assert done.frames[-1].strip().endswith("1 rejected")


@needs_terminal
def test_nothing_is_shown_in_a_pipe_unasked(terminal: Any, tmp_path: Path) -> None:
    done = terminal(["clean", "-", "--from", "jsonl", "--no-rules"], tmp_path, 80, RECORDS)
    assert (done.code, done.shown) == (0, "")


@needs_terminal
@pytest.mark.parametrize("colour", [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_folder_on_a_terminal(terminal: Any, files: Any, colour: dict[str, str]) -> None:
    folder = files({f"in/{number:03}.txt": f"Story {number}.\n" + TEXT * 60 for number in range(200)} | {"in/x.txt": b"\0\1\2"})
    done = terminal(["clean", "in", "--out", "out"], folder, 90, **{"TERM": "xterm", **colour})
    assert done.code == 1
    assert done.out.decode().startswith("Cleaned 200 documents")
    assert done.shown == "" or re.search(r"\r *\r$", done.shown)
    if colour:
        assert "\x1b" not in done.shown
    for frame in done.frames:
        assert re.fullmatch(r" *\d+% \|.{6,}\| [\d.]+ of 1\.\d MB, .*\d+ documents?, [01] rejected *", frame)
    assert terminal(["clean", "in", "--out", "out", "--overwrite", "--no-progress"], folder).shown == ""


# -- in a log


def test_a_log_gets_lines_when_asked_and_nothing_else(cleaner: Any, files: Any) -> None:
    folder = files({"in/a.txt": "x\n", "in/b.txt": b"\0\1\2"})
    assert cleaner("clean", "in", "--out", "out", "--no-rules", cwd=folder).err == ""
    done = cleaner("clean", "in", "--out", "out", "--no-rules", "--overwrite", "--progress", cwd=folder)
    assert re.fullmatch(r"\[\d:\d\d\] 0\.0 MB, 1 document, 1 rejected\n", done.err)
    assert done.text.startswith("Cleaned 1 document")
    done = cleaner("clean", "-", "--no-rules", "--progress", cwd=folder, stdin=b"x\n")
    assert done.out == b"x\n"
    assert re.fullmatch(r"\[\d:\d\d\] 0\.0 MB, 1 document, 0 rejected\n", done.err)


def test_a_log_gets_a_line_a_minute(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    lines = Lines(clock)
    lines(Began(10, 100_000_000))
    for second in range(1, 151):
        clock.now = second
        lines(Standing(second * 10, second // 60, second * 400_000))
    lines.close()
    assert capsys.readouterr().err.splitlines() == [
        "[1:00] 24%, 24.0 of 100.0 MB, 400 kB/s, 3:10 left, 600 documents, 1 rejected",
        "[2:00] 48%, 48.0 of 100.0 MB, 400 kB/s, 2:10 left, 1,200 documents, 2 rejected",
        "[2:30] 60.0 MB, 400 kB/s, 1,500 documents, 2 rejected",
    ]


# -- the bar


@pytest.mark.parametrize("size", [None, 2_000_000_000_000])
@pytest.mark.parametrize("width", [9, 20, 39, 47, 63, 79, 99, 150])
def test_a_line_is_as_long_as_fits(width: int, size: int | None) -> None:
    event = Standing(12_345_678, 1_234, 700_000_000_000)
    line = layout(event, size, 5_200_000, width)
    bar = "{percentage:3.0f}% |{bar}| "
    assert len(line.replace(bar, " 35% |------| ")) <= max(
        width, len("35%, 1,234 rejected"), len("12,345,678 docs, 1,234 rejected") if size is None else 0
    )
    assert ("{bar}" in line) == (width == 150 and size is not None)
    assert "1,234 rejected" in line


def test_a_line_tells_what_matters_most_first() -> None:
    event = Standing(12_345, 3, 45_600_000)
    shown = {width: layout(event, 120_000_000, 2_000_000, width) for width in (90, 75, 60, 39, 30, 20)}
    assert shown == {
        90: "{percentage:3.0f}% |{bar}| 45.6 of 120.0 MB, 2.0 MB/s, 0:37 left, 12,345 documents, 3 rejected",
        75: "38%, 45.6 of 120.0 MB, 2.0 MB/s, 0:37 left, 12,345 documents, 3 rejected",
        60: "38%, 2.0 MB/s, 0:37 left, 12,345 documents, 3 rejected",
        39: "38%, 0:37 left, 12,345 docs, 3 rejected",
        30: "38%, 0:37 left, 3 rejected",
        20: "38%, 3 rejected",
    }


def test_the_bar_moves_ten_times_a_second_at_most() -> None:
    clock, stream = Clock(), io.StringIO()
    bar = Bar(stream, clock)
    bar(Began(1, 1_000_000))
    time.sleep(0.01)  # of tqdm's own clock
    for step in range(3000):
        clock.now = step / 1000
        bar(Standing(step, 0, step * 300))
    assert 20 <= stream.getvalue().count("\r") <= 26
    bar.close()
    assert re.search(r"\r *\r$", stream.getvalue())


def test_a_short_run_has_no_bar() -> None:
    clock, stream = Clock(), io.StringIO()
    bar = Bar(stream, clock)
    bar(Began(1, 1_000_000))
    for step in range(4):
        clock.now = step / 10
        bar(Standing(step, 0, step * 300))
    bar.close()
    assert stream.getvalue() == ""


def test_what_suits(monkeypatch: pytest.MonkeyPatch) -> None:
    def kind(asked: bool | None, *, pipe: bool = False, log_json: dict[str, Any] | None = None) -> type[Display]:
        with displayed(asked, pipe=pipe, log_json=log_json) as display:
            return type(display)

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert [kind(asked, pipe=pipe) for pipe in (False, True) for asked in (None, True, False)] == [
        Bar, Bar, Display, Display, Bar, Display,
    ]  # fmt: skip
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False)
    assert [kind(asked, pipe=pipe) for pipe in (False, True) for asked in (None, True, False)] == [
        Display, Lines, Display, Display, Lines, Display,
    ]  # fmt: skip
    assert kind(None, log_json={}) is JsonLines


@pytest.mark.parametrize("display", [Display(), Lines(), Bar(io.StringIO())])
def test_a_tripwire_is_always_told(display: Display, capsys: pytest.CaptureFixture[str]) -> None:
    display(Alarm("site.box", "takes half of all lines; check it", stops=True))
    assert capsys.readouterr().err == "tripwire: site.box: takes half of all lines; check it\n"


# -- for machines


def objects(err: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in err.splitlines()]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", one.pop("time")) for one in found)
    return found


def test_log_json_is_all_that_standard_error_holds(cleaner: Any, files: Any) -> None:
    folder = files({"in/a.txt": "x\n", "in/b.txt": b"\0\1\2", "in/c.jsonl": '{"text": "y"}\nbroken\n'})
    done = cleaner("clean", "in", "--out", "out", "--no-rules", "--workers", "2", "--log-json", cwd=folder)
    assert done.code == 1
    assert done.text.startswith("Cleaned 2 documents")
    start, *rejections, end = objects(done.err)
    assert start == {
        "event": "start", "version": start["version"], "inputs": ["in"], "out": "out", "files": 3, "bytes_total": 26,
        "set_by": dict.fromkeys(["out", "no-rules", "workers", "log-json"], "command line"),
    }  # fmt: skip
    assert [(one["event"], one["input"], one.get("record"), one["reason"]) for one in rejections] == [
        ("rejection", "b.txt", None, "not-text"), ("rejection", "c.jsonl", 2, "not-json"),
    ]  # fmt: skip
    assert (end["event"], end["status"]) == ("end", 1)
    assert end["counts"] == json.loads((folder / "out/run.json").read_bytes())["counts"]


def test_log_json_in_a_pipe(cleaner: Any, tmp_path: Path) -> None:
    done = cleaner("clean", "-", "--from", "jsonl", "--no-rules", "--log-json", cwd=tmp_path, stdin=b'{"text": "x"}\nbroken\n')
    assert (done.code, done.out.count(b"\n")) == (1, 1)
    assert [(one["event"], one.get("record")) for one in objects(done.err)] == [("start", None), ("rejection", 2), ("end", None)]


@pytest.mark.parametrize(("args", "status"), [(["gone", "--out", "out"], 2), (["in", "--out", "in/a.txt/out"], 4)])
def test_errors_are_objects_too(cleaner: Any, files: Any, args: list[str], status: int) -> None:
    done = cleaner("clean", *args, "--no-rules", "--log-json", cwd=files({"in/a.txt": "x\n"}))
    assert done.code == status
    *_, last = objects(done.err)
    assert (last["event"], last["status"]) == ("error", status)
    assert last["message"]


def test_machines_are_told_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    for every in (10.0, None):
        clock = Clock()
        log = JsonLines({"version": "1"}, every, clock)
        log(Began(2, 1000))
        for second in range(1, 26):
            clock.now = second
            log(Standing(second, 0, second * 10))
        log(Alarm("run", "removes nothing", stops=False))
    told = objects(capsys.readouterr().err)
    assert [one["event"] for one in told] == ["start", "progress", "progress", "tripwire", "start", "tripwire"]
    assert told[2] == {
        "event": "progress", "documents": 20, "rejected": 0, "bytes": 200, "bytes_total": 1000, "seconds": 20, "seconds_left": 80.0,
    }  # fmt: skip


# -- the meter


@dataclass
class Seen:
    """Remembers what it is told."""

    events: list[Event] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        self.events.append(event)

    @property
    def read(self) -> list[int]:
        return [event.read for event in self.events if isinstance(event, Standing)]


def test_bytes_are_those_of_the_disk(files: Any) -> None:
    folder = files({"a.txt": "x" * 200_000, "empty.txt": "", "b.zip": "y" * 1000, "c.txt": "z" * 10})
    seen = Seen()
    meter = Meter(seen, readings=2)
    paths = [folder / name for name in ("a.txt", "empty.txt", "b.zip", "b.zip", "gone.txt", "c.txt")]
    meter.begin(paths)
    assert seen.events == [Began(6, 402_020)]
    for _ in range(2):
        for number, path in enumerate(paths):
            meter.enter(number)
            if path.exists():
                with meter.open(path) as stream:
                    # The members of an archive share it; a file may be read in part, or twice.
                    stream.read(600)
                    stream.seek(0)
                    stream.read(600 if path.suffix == ".zip" else -1)
    assert seen.read == sorted(seen.read)
    assert seen.read[-1] == 402_020
    assert meter.bytes_in == 201_010
    assert len(seen.read) < 40


def test_of_a_stream_the_bytes_are_counted_and_no_record_waits() -> None:
    read, write = os.pipe()
    seen = Seen()
    meter = Meter(seen)
    meter.begin(None)
    with os.fdopen(read, "rb") as source, os.fdopen(write, "wb", 0) as sink:
        counted = meter.counted(source)
        sink.write(b"one\n")
        assert counted.readline() == b"one\n"
        sink.write(b"two\nthree")
        assert counted.readline() == b"two\n"
    assert seen.events[0] == Began(None, None)
    assert seen.read == [4, 13]
    assert meter.bytes_in == 13


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes there")
def test_of_what_has_no_size_the_total_is_not_known(files: Any) -> None:
    folder = files({"a.txt": "x" * 50})
    os.mkfifo(folder / "pipe.txt")
    seen = Seen()
    Meter(seen).begin([folder / "a.txt", folder / "pipe.txt"])
    assert seen.events == [Began(2, None)]


def test_documents_and_rejections_are_told() -> None:
    source = Source("a.txt", None, "a.txt")
    rejection = Rejection(source, "not-text", "detail")
    seen = Seen()
    meter = Meter(seen)
    for result in (Document(source, "x"), rejection):
        meter.add(result)
    assert seen.events == [Standing(1, 0, 0), rejection, Standing(1, 1, 0)]
    assert (meter.report.documents, meter.report.rejections.total()) == (1, 1)


# -- the next day


def test_run_json_tells_what_a_person_asks_the_next_day(cleaner: Any, files: Any, house: Path) -> None:
    page = "<html><body><article>" + f"<p>{TEXT}</p>" * 4 + "</article></body></html>"
    folder = files(
        {
            "cleaner.toml": '[clean]\nworkers = 2\nrules = ["house.toml"]\nout = "out"\n',
            "house.toml": house.read_text(),
            "in/a.txt": TEXT + "House notice\nAdvertisement\n",
            "in/b.txt": TEXT,
            "in/c.txt": "House notice\n",
            "in/blank.txt": " \n",
            "in/page.html": page,
            "in/r.jsonl": '{"text": "One.\\n"}\n',
            "in/x.txt": b"\0\1\2",
            "in/y.png": b"\x89PNG",
        }
    )
    done = cleaner("clean", "in", "--strength", "rules", cwd=folder)
    assert done.code == 1, done.err
    assert "  options of  cleaner.toml" in done.text.splitlines()
    told = json.loads((folder / "out/run.json").read_bytes())
    assert told["config"] == str(folder / "cleaner.toml")
    assert told["set_by"] == {
        "out": "cleaner.toml:4", "rules": "cleaner.toml:3", "strength": "command line", "workers": "cleaner.toml:2",
    }  # fmt: skip
    assert (told["inputs"], told["out"]) == ([str(folder / "in")], str(folder / "out"))
    assert told["files"] == {"html": 1, "jsonl": 1, "text": 5}
    assert told["rules"]["own"] == {"house": str(folder / "house.toml")}
    assert told["bytes_in"] == sum(path.stat().st_size for path in (folder / "in").iterdir() if path.suffix != ".png")
    counts = told["counts"]
    assert [counts[name] for name in ("documents", "rejected", "empty", "emptied")] == [6, 1, 1, 1]
    assert counts["media"] == {"text": 5, "html": 1}
    assert counts["rules"] == {"house.notice": 2, "advertising-en.ad-label": 1}
    assert counts["rule_documents"]["house.notice"] == 2
    assert counts["rule_packs"] == {"house": 2, "advertising-en": 1}
    assert sum(counts["duplicates"].values()) == sum(counts["duplicate_units"].values()) > 0
    assert told["seconds"] > 0 < told["documents_per_second"]
    assert told["began"] <= told["ended"]
    assert set(told["machine"]) == {"host", "system", "processors"}
    if sys.platform != "win32":
        assert told["peak_memory"]["process"] > 10_000_000


def test_without_a_file_run_json_says_so(cleaner: Any, files: Any) -> None:
    folder = files({"in/a.txt": "x\n"})
    done = cleaner("clean", "in", "--out", "out", "--no-rules", cwd=folder)
    told = json.loads((folder / "out/run.json").read_bytes())
    assert (told["config"], told["set_by"]) == (None, {"out": "command line", "no-rules": "command line"})
    assert "options of" not in done.text
