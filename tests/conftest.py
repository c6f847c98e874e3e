"""What tests share.

For the command line: the command as a process, a small pack of rules, and eyes for the folder of a run. For evidence: a small model, and
tables of features made by hand.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cleaner.rules.load import load_rules
from cleaner.rules.model import RuleSet

if TYPE_CHECKING:
    from cleaner.evidence.features import Table
    from cleaner.evidence.model import Model

ROOT = Path(__file__).resolve().parent.parent

HOUSE = r"""
[pack]
id = "house"
version = "1"
topic = "house"

[[rule]]
id = "notice"
why = "A notice of the house"
kind = "line"
literal = ["House notice"]
removes = ["House notice"]
keeps = ["House notices are rare."]

[[rule]]
id = "aside"
why = "An aside inside a line"
kind = "phrase"
literal = ["(house aside)"]
removes = ["One (house aside) two"]
keeps = ["One house aside two"]

[[rule]]
id = "box"
why = "A box of the house"
kind = "block"
start = '^House box begins$'
end = '^House box ends$'
max_lines = 5
removes = ["House box begins\nx\nHouse box ends"]
keeps = ["House box begins\nx"]

[[rule]]
id = "stamp"
why = "A stamp, worth a look"
kind = "line"
pattern = '^House stamp \d{1,4}$'
action = "flag"
removes = ["House stamp 12"]
keeps = ["House stamp"]

[[rule]]
id = "motto"
why = "The motto is never removed"
kind = "line"
literal = ["House motto stands here for ever and for all who read it"]
action = "keep"
removes = ["House motto"]
keeps = ["House motto stands here for ever and for all who read it"]
"""


@dataclass(frozen=True, slots=True)
class Done:
    """A process that ended."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """Standard output, decoded."""
        return self.out.decode()


Cleaner = Callable[..., Done]


def environment(**more: str) -> dict[str, str]:
    """Variables of a process that runs the command: the source tree is on the path when the package is not installed."""
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHASHSEED")}
    try:
        distribution("cleaner")
    except PackageNotFoundError:
        env["PYTHONPATH"] = str(ROOT)
    return {**env, "PYTHONIOENCODING": "utf-8", **more}


@pytest.fixture(scope="session")
def command() -> list[str]:
    """How the command is started."""
    return [sys.executable, "-m", "cleaner"]


@pytest.fixture(scope="session")
def process_env() -> Callable[..., dict[str, str]]:
    """Variables for processes that a test starts by itself."""
    return environment


@pytest.fixture(scope="session")
def cleaner(command: list[str]) -> Cleaner:
    """Runs the command line as a process."""

    def run(*args: str | Path, cwd: Path, stdin: bytes = b"", timeout: float = 120, **env: str) -> Done:
        done = subprocess.run(
            [*command, *map(str, args)],
            cwd=cwd,
            input=stdin,
            capture_output=True,
            timeout=timeout,
            env=environment(**env),
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr.decode())

    return run


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's pack whose words stand in no bundled rule."""
    path = tmp_path_factory.mktemp("packs") / "house.toml"
    path.write_text(HOUSE)
    return path


@pytest.fixture(scope="session")
def house_rules(house: Path) -> RuleSet:
    """The house pack alone."""
    return load_rules(house, bundled=False)


@pytest.fixture(scope="session")
def cleaned(house_rules: RuleSet) -> Callable[..., Any]:
    """A run in this process, with the house pack alone unless ``rules`` says otherwise; gives its ``Outcome``."""
    from cleaner.run.bulk import Job, clean_files
    from cleaner.settings import RunSettings

    def run(
        inputs: Sequence[str | Path],
        out: Path | None,
        settings: RunSettings | None = None,
        rules: RuleSet | None = None,
        **more: bool,
    ) -> Any:
        job = Job(tuple(map(str, inputs)), out, rules or house_rules, settings or RunSettings(), **more)
        return clean_files(job)

    return run


@pytest.fixture(scope="session")
def tree() -> Callable[[Path], dict[str, bytes]]:
    """Every file below a folder, by path, without ``run.json``."""

    def read(folder: Path) -> dict[str, bytes]:
        files = (path for path in sorted(folder.rglob("*")) if path.is_file())
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files if path.name != "run.json"}

    return read


@pytest.fixture(scope="session")
def lines_of() -> Callable[[Path], list[dict[str, Any]]]:
    """The objects of a JSON lines file."""

    def read(path: Path) -> list[dict[str, Any]]:
        return [json.loads(line) for line in path.read_bytes().splitlines()]

    return read


@pytest.fixture
def files(tmp_path: Path) -> Callable[..., Path]:
    """Writes files below the test's own folder: ``files({"news/a.txt": "One.\\n"})``."""

    def write(content: dict[str, str | bytes], below: str = "") -> Path:
        folder = tmp_path / below
        for name, data in content.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return folder

    return write


@pytest.fixture(scope="session")
def small() -> Model:
    """A small model of evidence: two features, one table."""
    from cleaner.evidence.model import read_model

    return read_model(ROOT / "tests" / "cases" / "model.toml")


@pytest.fixture(scope="session")
def table_of() -> Callable[..., Table]:
    """The table of documents whose lines are written as features by name, 0 where none is given; "zone" and "opener" stand among them."""
    import numpy as np

    from cleaner.evidence.article import Article
    from cleaner.evidence.features import Columns, Table
    from cleaner.evidence.stretches import Stretches
    from cleaner.evidence.surface import block

    def made(documents: Sequence[Sequence[Mapping[str, float]]], names: Sequence[str]) -> Table:
        stretches = Stretches.of(np.array([len(lines) for lines in documents]))
        rows = [line for lines in documents for line in lines]

        def row(name: str) -> Any:
            return np.array([line.get(name, 0.0) for line in rows], np.float64)

        zone, none = row("zone").astype(np.int64), np.zeros(len(rows), np.bool_)
        first, behind = (np.minimum(stretches.first(zone >= least), stretches.bounds[1:]) for least in (1, 2))
        article = Article(none, np.minimum(first, stretches.bounds[1:] - 1), behind - 1, zone)
        columns = Columns([block({name: row(name) for name in dict.fromkeys((*names, "zone"))})])
        return Table(stretches, columns, article, row("opener") > 0, none)

    return made
