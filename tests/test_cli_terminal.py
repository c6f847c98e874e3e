"""What people see in a terminal of 80 columns: no row is wider, and none is cut inside a word."""

from __future__ import annotations

import os
import re
import signal
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest

pty = pytest.importorskip("pty", reason="terminals of Unix")

FAULTS = '[pack]\nid = "Bad Id"\nhost = ["x"]\n[[rule]]\nid = "a"\nkind = "lines"\npattern = "("\n'
JAPANESE = "フェリーが再開\n\n島の議会は月曜日から運航を再開すると発表した。\n\n関連記事:島の天気と週末の予報をまとめて読むことができるページはこちら、毎朝お届けします\n"
PAGE = "Ferry returns\n\nThe ferry sails again from Monday.\n\nSkerrow supper club\n\nIt is open.\n"


@pytest.fixture
def folder(files: Any) -> Path:
    path: Path = files({"faults.toml": FAULTS, "jp.txt": JAPANESE, "pages/a.txt": PAGE, "bin.txt": "", "none/x.dat": ""})
    (path / "bin.txt").write_bytes(bytes(range(256)) * 40)
    return path


def seen(folder: Path, *arguments: str, types: str = "", when: str = "") -> tuple[int, list[str]]:
    """The exit status, and the rows that a terminal shows, without colours; what is typed, at once or when something is shown.

    What waits for a question is typed again while nothing happens: a key that stops the program may come while Python turns to the
    library that reads the line, and then that library does not hear of it.
    """
    import fcntl
    import select
    import struct
    import termios

    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # who runs the tests may have set it aside
        os.environ.update(COLUMNS="80", LINES="24", TERM="xterm")
        os.environ.pop("PYTHONPATH", None)
        os.execv(sys.executable, [sys.executable, "-m", "cleaner", *arguments])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    told, typed = b"", False
    try:
        while True:
            quiet = bool(when) and not select.select([terminal], [], [], 2)[0]
            if when.encode() in told and (quiet or not typed):
                os.write(terminal, types.encode())
                typed = True
            if quiet:
                continue
            piece = os.read(terminal, 65536)
            if not piece:
                break
            told += piece
    except OSError:  # so does Linux end it
        pass
    os.close(terminal)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", told.decode()).replace("\r\n", "\n")
    return status, [row.rpartition("\r")[2] for row in text.split("\n")]


def columns(row: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in row)


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["rules"], 2, "Commands:"),
        (["rules", "add", "Join the club", "--pack", "faults.toml"], 2, '  faults.toml: id: "Bad Id" is not a name'),
        (["rules", "add"], 2, "Error: say where the rule is in force: --site HOST"),
        (["rules", "add", "--from", "bin.txt", "--line", "1", "--site", "a.example"], 2, "Error: bin.txt is rejected (not-text)"),
        (
            ["rules", "add", "Join the club", "--site", "a.example", "--corpus", "none"],
            2,
            "Error: --corpus none: holds no document",
        ),
        (["rules", "preview", "gone.toml", "--corpus", "pages"], 2, "Error: gone.toml: there is no such file or folder"),
        (["rules", "preview", "faults.toml", "--corpus", "jp.txt", "pages/a.txt"], 2, "quote the pattern ('pages/*.txt')"),
        (["rules", "add", "Join", "the", "club", "--site", "a.example"], 2, "quote what holds blanks, 'like this'"),
        (["rules", "check", "--codes"], 0, "R301  advice"),
        (["rules", "learn", "pages", "--update", "gone.toml"], 2, "Error: --update gone.toml: there is no such file"),
        (["explain", "jp.txt"], 0, "related-ja.label-and-title"),
        (["explain", "jp.txt", "--line", "5"], 0, "It went: related-ja.label-and-title"),
    ],
)
def test_rows_fit(folder: Path, arguments: list[str], status: int, told: str) -> None:
    code, rows = seen(folder, *arguments)
    assert code == status, rows
    assert any(told in row for row in rows) or told in " ".join(row.strip() for row in rows), rows
    assert [row for row in rows if columns(row) > 80] == []


def test_a_person_is_asked_and_may_say_no(folder: Path) -> None:
    arguments = ["rules", "add", "Skerrow supper club", "--site", "bugle.example", "--corpus", "pages"]
    code, rows = seen(folder, *arguments, types="n\n")
    assert code == 0
    assert any(row.endswith("nothing was written") for row in rows), rows  # behind the question, for it was answered early
    assert not (folder / "rules").exists()
    code, rows = seen(folder, *arguments, types="y\n")
    assert any(row.endswith("written to rules/bugle.example.toml: 1 rule, each does what its examples say") for row in rows), rows
    other = ["rules", "add", "Skerrow night boat", "--site", "bugle.example"]
    code, rows = seen(folder, *other, types="\x03", when="Write it")
    assert (code, rows[-2]) == (130, "stopped; nothing was written")
    code, rows = seen(folder, *arguments)
    assert rows[-4:-1] == [
        "nothing to add: bugle-example.skerrow-supper-club takes it already",
        "  cleaner rules show bugle-example.skerrow-supper-club   shows that rule",
        "  --anyway adds this one",
    ]


def test_a_line_that_may_be_anything_is_warned_of(folder: Path) -> None:
    code, rows = seen(folder, "rules", "add", "x", "--site", "bugle.example", types="n\n")
    assert code == 0
    assert 'Beware: literal "x" is so short that it may be anything; ask for more of the' in rows
