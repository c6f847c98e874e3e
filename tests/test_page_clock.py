"""A page that takes longer than its limit is rejected by name, and the run goes on."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cleaner.errors import InputError
from cleaner.run.clock import PageClock

needs_alarm = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no such alarm")


@needs_alarm
@pytest.mark.parametrize("workers", ["1", "2"])
def test_slow_pages_are_rejected_and_the_rest_is_cleaned(tmp_path: Path, workers: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    prose = "<p>The storm came at night and tore the roofs off seven houses along the harbour road.</p>"
    for number in range(3):
        (folder / f"{number}.html").write_text(f"<html><body><article>{prose * 200}</article></body></html>", encoding="utf-8")
    (folder / "plain.txt").write_text("A text has no limit of time.\n", encoding="utf-8")
    out = tmp_path / "out"
    command = [sys.executable, "-m", "cleaner", "clean", str(folder), "--out", str(out), "--workers", workers]
    done = subprocess.run([*command, "--max-seconds", "0.0005"], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1, done.stderr
    rejected = [json.loads(line) for line in (out / "rejected.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(one["input"], one["reason"]) for one in rejected] == [(f"{n}.html", "page-too-slow") for n in range(3)]
    assert "--max-seconds" in rejected[0]["detail"]
    assert (out / "clean" / "plain.txt").exists()
    assert json.loads((out / "run.json").read_text(encoding="utf-8"))["deterministic"] is False


@needs_alarm
def test_what_swallows_exceptions_is_stopped_too() -> None:
    def stubborn() -> None:
        for _ in range(3):
            try:
                time.sleep(5)
            except Exception:  # noqa: BLE001  # as libraries do
                continue

    began = time.monotonic()
    with pytest.raises(InputError) as caught, PageClock(0.05)():
        stubborn()
    assert caught.value.reason == "page-too-slow"
    assert time.monotonic() - began < 3


@needs_alarm
def test_nothing_of_it_is_left_behind() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with PageClock(5.0)():
        assert signal.getsignal(signal.SIGALRM) is not before
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_no_limit() -> None:
    with PageClock(0)():
        time.sleep(0.01)
