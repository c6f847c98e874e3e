"""Disks that fill up or may not be written, inputs that fail, change or vanish while they are read: nothing half written, nothing lost.

A layer below everything that is opened for writing under one folder counts bytes and refuses those beyond a limit, as a full disk does;
where this user may mount one, a small disk is filled in earnest.
"""

from __future__ import annotations

import errno
import gzip
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from cleaner.dedup.settings import DuplicateSettings, Policy
from cleaner.evidence.settings import EvidenceSettings, Strength
from cleaner.run import watch
from cleaner.run.bulk import Job, clean_files
from cleaner.settings import CleanSettings, RunSettings
from cleaner.writers import Target

posix = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX system")
WORDS = [f"{head}{tail}" for head in "bdfgklmnprst" for tail in ("an", "ero", "ilt", "omu", "ush", "ok")]


def text(seed: int) -> str:
    rng = random.Random(seed)
    lines = [" ".join(rng.choices(WORDS, k=20)).capitalize() + "." for _ in range(4)]
    return "\n".join([lines[0], "House notice", *lines[1:]]) + "\n"


def records(start: int, count: int) -> bytes:
    return b"".join(json.dumps({"id": n, "text": text(n)}).encode() + b"\n" for n in range(start, start + count))


@pytest.fixture
def news(files: Any) -> Path:
    """Texts and records."""
    content = {f"{number:02}.txt": text(number) for number in range(12)}
    return files({**content, "more.jsonl": records(5, 150), "zero.txt": b"\0" * 200}, "news")


class Disk:
    """A disk with so much space for what is written under a folder; ``used`` is what was written."""

    def __init__(self, below: Path) -> None:
        self.below = below
        self.space = sys.maxsize
        self.used = 0

    def take(self, size: int) -> int:
        """How many of some bytes still find a place; at least one, or the system's error."""
        free = self.space - self.used
        if size and free <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.used += min(size, free)
        return min(size, free)


class Held(io.FileIO):
    """A file on that disk."""

    disk: Disk

    def write(self, data: Any, /) -> int:
        view = memoryview(data).cast("B")
        return super().write(view[: self.disk.take(len(view))]) or 0


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    """A disk for all that is opened for writing under ``tmp_path``."""
    found = Disk(tmp_path)
    whole = open

    def opened(file: Any, mode: str = "r", *more: Any, **named: Any) -> Any:
        if "b" not in mode or set(mode) <= {"r", "b"} or not isinstance(file, (str, os.PathLike)):
            return whole(file, mode, *more, **named)
        if not Path(file).is_relative_to(found.below):
            return whole(file, mode, *more, **named)
        raw = Held(file, mode.replace("b", ""))
        raw.disk = found
        return io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)

    monkeypatch.setattr("builtins.open", opened)  # numpy.save
    monkeypatch.setattr(Path, "open", opened)
    return found


def whole_so_far(out: Path, whole: dict[str, bytes], tree: Any) -> None:
    """Nothing has its name that is not whole, and no unfinished run counts as done."""
    found = {name: data for name, data in tree(out).items() if not name.endswith(".partial")} if out.exists() else {}
    assert {name: data for name, data in found.items() if whole.get(name) != data} == {}
    assert not (out / "run.json").exists()


EVIDENCE = EvidenceSettings(strength=Strength.RULES)  # quick: what is written is what matters here
KINDS = {
    "files": RunSettings(clean=CleanSettings(evidence=EVIDENCE, duplicates=DuplicateSettings(signatures=True))),
    "gzip": RunSettings(clean=CleanSettings(evidence=EVIDENCE), to=Target.JSONL_GZ),
    "parquet": RunSettings(clean=CleanSettings(evidence=EVIDENCE), to=Target.PARQUET),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_wherever_the_disk_is_full_the_run_can_be_gone_on_with(  # noqa: PLR0917  # fixtures
    kind: str, news: Path, cleaned: Any, tree: Any, tmp_path: Path, disk: Disk
) -> None:
    if kind == "parquet" and find_spec("pyarrow") is None:
        pytest.skip("needs pyarrow")
    settings = KINDS[kind]
    cleaned([news], tmp_path / "whole", settings)
    whole, needed = tree(tmp_path / "whole"), disk.used
    assert needed > 10_000
    out = tmp_path / "out"
    spaces = [0, 10, *(needed * part // 8 for part in range(1, 8)), *(needed - 100 - part * 300 for part in range(4))]
    for space in spaces:
        shutil.rmtree(out, ignore_errors=True)
        disk.space, disk.used = space, 0
        with pytest.raises(OSError, match="No space left") as caught:
            cleaned([news], out, settings)
        assert caught.value.errno == errno.ENOSPC
        whole_so_far(out, whole, tree)
        disk.used = 0
        try:  # no more space than before: what the journal holds needs none, which may be enough
            cleaned([news], out, settings, resume=True)
        except OSError:
            whole_so_far(out, whole, tree)
        disk.space, disk.used = sys.maxsize, 0
        cleaned([news], out, settings, resume=True)
        assert tree(out) == whole, space


def test_a_full_disk_leaves_an_index_as_it_was(news: Path, cleaned: Any, tree: Any, tmp_path: Path, disk: Disk) -> None:
    (news / "late.jsonl").write_bytes(records(100, 100))
    (tmp_path / "early.jsonl").write_bytes(records(0, 60))
    index = tmp_path / "index"
    settings = RunSettings(clean=CleanSettings(evidence=EVIDENCE), index=index)
    cleaned([tmp_path / "early.jsonl"], tmp_path / "early", settings)
    shutil.copytree(index, tmp_path / "copy")
    disk.used = 0
    cleaned([news], tmp_path / "whole", settings)
    whole, after, needed = tree(tmp_path / "whole"), tree(index), disk.used
    out = tmp_path / "out"
    for space in [*(needed * part // 10 for part in range(1, 10)), *(needed - 100 - part * 300 for part in range(8))]:
        for folder in (index, out):
            shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(tmp_path / "copy", index)
        manifest = (index / "index.json").read_bytes()
        disk.space, disk.used = space, 0
        with pytest.raises(OSError, match="No space left"):
            cleaned([news], out, settings)
        assert (index / "index.json").read_bytes() == manifest
        whole_so_far(out, whole, tree)
        disk.space = sys.maxsize
        cleaned([news], out, settings, resume=True)
        assert tree(out) == whole, space
        assert tree(index).keys() - {"lock"} == after.keys() - {"lock"}
        assert {name: data for name, data in tree(index).items() if name.endswith(".npy")} == {
            name: data for name, data in after.items() if name.endswith(".npy")
        }


def test_an_older_run_is_not_replaced_by_half_of_one(news: Path, cleaned: Any, tree: Any, tmp_path: Path, disk: Disk) -> None:
    out = tmp_path / "out"
    cleaned([news], out)
    whole = tree(out)
    disk.space, disk.used = 30_000, 0
    with pytest.raises(OSError, match="No space left"):
        cleaned([news], out, overwrite=True)
    whole_so_far(out, whole, tree)
    disk.space = sys.maxsize
    cleaned([news], out, resume=True)
    assert tree(out) == whole


# In earnest, through the command.


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Makes, or changes, a disk of its own; only the superuser of some systems may."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(options: str) -> Path:
        again = "remount," if os.path.ismount(folder) else ""
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", again + options, "none", str(folder)], capture_output=True, check=False
        )
        if done.returncode:
            pytest.skip("this user may mount no disk")
        return folder

    yield mount
    if os.path.ismount(folder):
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.skipif(sys.platform != "linux" or shutil.which("mount") is None, reason="needs tmpfs")
def test_a_disk_that_is_full_in_earnest(  # noqa: PLR0917  # fixtures
    news: Path, house: Path, cleaner: Any, tree: Any, tmp_path: Path, small_disk: Callable[[str], Path]
) -> None:
    small = small_disk("size=100k")
    command = ("clean", news, "--rules", house, "--strength", "rules", "--index")
    assert cleaner(*command, tmp_path / "index", "--out", "whole", cwd=tmp_path).code == 1
    for size in (100, 250):
        small_disk(f"size={size}k")
        done = cleaner(*command, small / "index", "--out", small / "out", *["--resume"][: size > 100], cwd=tmp_path)
        assert (done.code, done.out) == (4, b""), done.err
        assert "No space left on device" in done.err
        assert f"with --resume goes on in {small}/out" in done.err.replace("\n", " ")
        assert "Traceback" not in done.err
        assert "Exception" not in done.err
        whole_so_far(small / "out", tree(tmp_path / "whole"), tree)
    small_disk("size=50m")
    done = cleaner(*command, small / "index", "--out", small / "out", "--resume", cwd=tmp_path)
    assert done.code == 1, done.err
    assert tree(small / "out") == tree(tmp_path / "whole")
    assert cleaner(*command, small / "index", "--out", small / "out", "--resume", cwd=tmp_path).code == 0
    arrays = [{name: data for name, data in tree(one).items() if name.endswith(".npy")} for one in (tmp_path, small)]
    assert {name: data for name, data in arrays[0].items() if name.startswith("index/")} == arrays[1]


@pytest.mark.skipif(sys.platform != "linux" or shutil.which("mount") is None, reason="needs tmpfs")
def test_a_place_that_may_not_be_written(news: Path, cleaner: Any, tmp_path: Path, small_disk: Callable[[str], Path]) -> None:
    small = small_disk("size=1m,ro")
    for more in (("--out", small / "out"), ("--out", "out", "--index", small / "index")):
        done = cleaner("clean", news, "--no-rules", *more, cwd=tmp_path)
        assert done.code == (4 if len(more) == 2 else 2), done.err
        assert "Read-only file system" in done.err
        assert str(small) in done.err
        assert "Traceback" not in done.err
        assert "--resume" not in done.err
        assert not (tmp_path / "out").exists()


@posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_without_rights(news: Path, cleaner: Any, tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    done = cleaner("clean", news, "--no-rules", "--out", "locked/out", cwd=tmp_path)
    assert (done.code, "Permission denied" in done.err, "locked/out" in done.err) == (4, True, True)


@posix
def test_files_that_may_not_grow(news: Path, command: list[str], process_env: Any, tree: Any, tmp_path: Path) -> None:
    (news / "large.txt").write_text("\n".join(map(text, range(400))))
    words = [*command, "clean", str(news), "--strength", "rules", "--out"]

    def run(out: str, *more: str, limit: int | None = None) -> subprocess.CompletedProcess[str]:
        def limited() -> None:
            import resource

            if limit is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        return subprocess.run(
            [*words, str(tmp_path / out), *more],
            env=process_env(),
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=limited,
        )

    assert run("whole").returncode == 1
    for limit in (60_000, 120_000):
        done = run("out", *["--resume"][: limit > 60_000], limit=limit)
        assert (done.returncode, done.stdout) == (4, ""), done.stderr
        assert "File too large" in done.stderr
        assert "Traceback" not in done.stderr
        whole_so_far(tmp_path / "out", tree(tmp_path / "whole"), tree)
    assert run("out", "--resume").returncode == 1
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("where", ["stdout", "--audit", "--rejected"])
def test_a_pipe_into_a_full_disk(where: str, command: list[str], process_env: Any) -> None:
    data = records(0, 30) + b"{\n" + records(30, 30)
    more = [] if where == "stdout" else [where, "/dev/full"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*command, "clean", "-", "--from", "jsonl", "--no-rules", *more],
            input=data,
            stdout=full if where == "stdout" else subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=process_env(),
            check=False,
        )
    told = done.stderr.decode()
    assert done.returncode == 4, told
    assert "No space left on device" in told
    assert "Traceback" not in told
    assert "Exception" not in told


# Inputs.


def reasons(out: Path) -> dict[str, str]:
    found = [json.loads(line) for line in (out / "rejected.jsonl").read_bytes().splitlines()]
    return {one["input"] + (f"#{one['record']}" if "record" in one else ""): one["reason"] for one in found}


def written(out: Path) -> set[str]:
    return {path.relative_to(out / "clean").as_posix() for path in (out / "clean").rglob("*") if path.is_file()}


def packed(folder: Path) -> None:
    """The same records and texts in every form that is read piece by piece."""
    data = random.Random(3).sample(range(10**6), 3_000)
    lines = b"".join(json.dumps({"id": n, "text": f"{n} {text(n)}"}).encode() + b"\n" for n in data)
    (folder / "b.jsonl").write_bytes(lines)
    (folder / "c.jsonl.gz").write_bytes(gzip.compress(lines, 1))
    (folder / "d.csv").write_text("id,text\n" + "".join(f'{n},"{n} {text(n)}"\n' for n in data), encoding="utf-8")
    with zipfile.ZipFile(folder / "e.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for n in data[:1_500]:
            archive.writestr(f"{n:06}.txt", f"{n} {text(n)}")
    with tarfile.open(folder / "f.tar.gz", "w:gz") as archive:
        for n in data[:1_500]:
            info = tarfile.TarInfo(f"{n:06}.txt")
            info.size = len(f"{n} {text(n)}".encode())
            archive.addfile(info, io.BytesIO(f"{n} {text(n)}".encode()))
    (folder / "z.txt").write_text(text(1), encoding="utf-8")


PACKED = ("b.jsonl", "c.jsonl.gz", "d.csv", "e.zip", "f.tar.gz")
QUICK = RunSettings(clean=CleanSettings(rules=False, duplicates=DuplicateSettings(policy=Policy.OFF)))


@posix
def test_inputs_that_vanish_or_are_cut_while_the_run_goes_on(news: Path, house_rules: Any, tmp_path: Path) -> None:
    """All but the first are there when the run begins; then they are gone, empty, or half."""
    packed(news)
    sizes = {name: (news / name).stat().st_size for name in PACKED}
    done: list[bool] = []

    def meddle(event: watch.Event) -> None:
        if done or not isinstance(event, watch.Began):
            return
        done.append(True)
        (news / "03.txt").unlink()
        (news / "04.txt").write_bytes(b"")
        (news / "05.txt").write_text("Another text by now.\n")
        (news / "06.txt").unlink()
        (news / "06.txt").mkdir()
        for name in PACKED:
            os.truncate(news / name, sizes[name] // 2)

    out = tmp_path / "out"
    clean_files(Job((str(news),), out, house_rules, QUICK), meddle)
    found = reasons(out)
    assert {name: found.pop(name, None) for name in ("03.txt", "06.txt", "zero.txt")} == {
        "03.txt": "unreadable", "06.txt": "unreadable", "zero.txt": "not-text",
    }  # fmt: skip
    assert (out / "clean/04.txt").read_bytes() == b""
    assert (out / "clean/05.txt").read_text() == "Another text by now.\n"
    assert (out / "clean/z.txt").exists()
    for name in PACKED:
        assert any(one.startswith(name) for one in found), (name, found)
    assert set(found.values()) <= {"not-json", "truncated", "corrupt", "unclosed-quote", "not-csv", "bad-row"}, set(
        found.values()
    )
    kept = (out / "clean/b.jsonl").read_bytes().splitlines()
    assert 1_000 < len(kept) < 2_000


@posix
@pytest.mark.parametrize("name", PACKED)
def test_an_input_that_is_cut_while_it_is_read(name: str, news: Path, house_rules: Any, tmp_path: Path) -> None:
    packed(news)
    whole = news / name
    size = whole.stat().st_size
    cut: list[int] = []

    def meddle(event: watch.Event) -> None:
        if not cut and isinstance(event, watch.Standing) and event.documents >= 70:
            os.truncate(whole, size // 2)
            cut.append(event.documents)

    out = tmp_path / "out"
    outcome = clean_files(Job((str(whole), str(news / "z.txt")), out, house_rules, QUICK), meddle)
    assert cut
    assert outcome is not None
    assert outcome.report.documents > 300
    assert len(reasons(out)) >= 1
    assert (out / "clean/z.txt").exists()


@pytest.mark.parametrize("name", PACKED)
def test_an_input_whose_disk_fails(name: str, news: Path, cleaned: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed(news)
    read = watch._File.readinto
    limit = (news / name).stat().st_size // 2

    def failing(self: Any, buffer: Any, /) -> int:
        if str(self.name).endswith(name) and self.tell() > limit:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return read(self, buffer)

    def failing_whole(_: Any, /) -> bytes:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(watch._File, "readinto", failing)
    if name.endswith(".zip"):  # whose end is read at once, and first
        monkeypatch.setattr(watch._File, "readall", failing_whole)
    out = tmp_path / "out"
    outcome = cleaned([news / name, news / "z.txt"], out, QUICK)
    assert outcome.report.documents >= 1
    assert "unreadable" in set(reasons(out).values()), reasons(out)
    assert (out / "clean/z.txt").exists()
