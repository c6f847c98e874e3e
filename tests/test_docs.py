"""The documentation is true: its TOML loads, its programs and commands print what it says, and no command or option is missing.

How a block is treated, by the comment on the line before it, or by its language:

    <!-- file: NAME -->        it is saved under that name, for the blocks after it
    <!-- program: NAME -->     it is saved and run; the next block, <!-- output -->, is what it prints
    <!-- help: COMMAND -->     it is what --help prints
    ```console                 lines after "$ " are commands for the shell, all others what they print
    ```toml                    a pack; rules of one when it begins with "# in a pack"; with "# wrong" it has faults,
                               with "# careless" rules that advice is given about

``...`` stands for any output. ``python tests/test_docs.py --write`` writes what is printed now into the blocks that have no such dots.
"""

from __future__ import annotations

import ast
import doctest
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
import pytest
from click.testing import CliRunner

import cleaner
from cleaner.cli import main
from cleaner.errors import RuleFaults
from cleaner.extract.examples import left_by as left_of_page
from cleaner.rules.check import advice, check_rules
from cleaner.rules.load import PackFile, read_packs
from cleaner.rules.model import Level, Rule, RuleSet
from cleaner.strip import left_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = [
    "adding-rules.md",
    "commands.md",
    "evidence.md",
    "html.md",
    "learning.md",
    "preprocessing.md",
    "rules.md",
    "sharing-packs.md",
]
EVERY_PAGE = [*PAGES, "../README.md"]
BLOCK = re.compile(r"(?:^<!-- (?P<note>[^\n]+?) -->\n)?^```(?P<language>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
needs_shell = pytest.mark.skipif(os.name == "nt", reason="the commands are for a POSIX shell")


class Block(NamedTuple):
    """A fenced block: where its body stands in the page, and how it is to be treated."""

    start: int
    end: int
    note: str
    value: str
    language: str
    body: str


class Printed(NamedTuple):
    """What a block says, and what was printed."""

    block: Block
    found: str

    @property
    def true(self) -> bool:
        if self.block.note == "help":  # its columns are those of the installed click
            return self.block.body.split() == self.found.split()
        return doctest.OutputChecker().check_output(self.block.body, self.found, doctest.ELLIPSIS)


def blocks(page: str) -> list[Block]:
    found = []
    for match in BLOCK.finditer((DOCS / page).read_text(encoding="utf-8")):
        note, _, value = (match["note"] or "").partition(": ")
        found.append(Block(*match.span("body"), note, value, match["language"], match["body"]))
    return found


def printed(page: str, folder: Path) -> Iterator[Printed]:
    """Every block that shows what something prints, with what it does print; the page's files are written to ``folder``."""
    environment = prepared(folder)
    output = None
    for block in blocks(page):
        if block.note in ("file", "program"):
            path = folder / block.value
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.body, encoding="utf-8")
        if block.note == "program":
            output = ran([sys.executable, block.value], folder, environment)
        elif block.note == "output":
            assert output is not None, f"{page}: an output without a program"
            yield Printed(block, output)
        elif block.note == "help":
            yield Printed(block, help_of(block.value))
        elif block.language == "console":
            yield Printed(block, session(block.body, folder, environment))


def prepared(folder: Path) -> dict[str, str]:
    """A command ``cleaner`` on the path, this package for it, and the samples beside."""
    shutil.copytree(ROOT / "samples", folder / "samples")
    command = folder / ".bin" / "cleaner"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cleaner "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    found = {
        "PATH": os.pathsep.join([str(command.parent), os.environ["PATH"]]),
        "PYTHONPATH": str(Path(cleaner.__file__).resolve().parent.parent),
        "PYTHONUTF8": "1",
        "COLUMNS": "80",
    }
    return {**os.environ, **found}


def session(body: str, folder: Path, environment: dict[str, str]) -> str:
    """The commands of a console block, each with what it prints and its exit status."""
    told = ""
    for command in re.findall(r"^\$ (.*)\n", body, re.MULTILINE):
        told += f"$ {command}\n" + ran(["sh", "-c", command], folder, environment)
    return told


def ran(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    text = "".join(line.rstrip() + "\n" for line in done.stdout.decode().splitlines())
    return text if done.returncode == 0 else text + f"[exit status {done.returncode}]\n"


def help_of(command: str) -> str:
    """What --help prints on 80 columns."""
    return CliRunner().invoke(main, [*command.split()[1:], "--help"], prog_name="cleaner", terminal_width=80).output


def commands(command: click.Command = main, name: str = "cleaner") -> Iterator[tuple[str, click.Command]]:
    """Every command with its whole name."""
    yield name, command
    if isinstance(command, click.Group):
        for own, below in sorted(command.commands.items()):
            yield from commands(below, f"{name} {own}")


def long_options(command: click.Command) -> set[str]:
    options = [one for one in command.params if isinstance(one, click.Option)]
    return {name for one in options for name in (*one.opts, *one.secondary_opts) if name.startswith("--")}


def options_of_benchmarks() -> set[str]:
    scripts = [path.read_text(encoding="utf-8") for path in (ROOT / "benchmarks").glob("*.py")]
    return {option for script in scripts for option in re.findall(r'add_argument\("(--[a-z-]+)"', script)}


def sections() -> dict[str, str]:
    """Name of a command -> what the page says of it outside the boxes."""
    text = BLOCK.sub("", (DOCS / "commands.md").read_text(encoding="utf-8"))
    head, *rest = re.split(r"^## ", text, flags=re.MULTILINE)
    parts = [part.partition("\n") for part in rest]
    return {"cleaner": head, **{title.strip("`"): body for title, _, body in parts}}


# -- commands


def test_every_command_has_its_section_and_box_and_no_other() -> None:
    names = [name for name, _ in commands()]
    assert sorted(sections()) == sorted(names)
    assert sorted(block.value for block in blocks("commands.md") if block.note == "help") == sorted(names)


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_every_long_option_is_described(name: str, command: click.Command) -> None:
    described = set(re.findall(r"`(--[a-z-]+)`", sections()[name]))
    assert long_options(command) <= described


def test_no_option_is_described_that_does_not_exist() -> None:
    known = {option for _, command in commands() for option in long_options(command)} | {"--help"} | options_of_benchmarks()
    for page in EVERY_PAGE:
        text = (DOCS / page).read_text(encoding="utf-8")
        assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) <= known, page


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_help_is_as_written(name: str, command: click.Command) -> None:
    assert command.help
    [block] = [block for block in blocks("commands.md") if block.note == "help" and block.value == name]
    assert Printed(block, help_of(name)).true, "out of date; run: python tests/test_docs.py --write"


@needs_shell
def test_completion_is_as_written(tmp_path: Path) -> None:
    for shell in ("bash", "zsh", "fish"):
        assert f"_CLEANER_COMPLETE={shell}_source cleaner" in (DOCS / "commands.md").read_text(encoding="utf-8")
    script = ran(["sh", "-c", "_CLEANER_COMPLETE=zsh_source cleaner"], tmp_path, prepared(tmp_path))
    assert "compdef" in script


# -- programs and sessions


@needs_shell
@pytest.mark.parametrize("page", EVERY_PAGE)
def test_what_is_printed_is_as_written(page: str, tmp_path: Path) -> None:
    for block, found in printed(page, tmp_path):
        assert Printed(block, found).true, f"written:\n{block.body}\nprinted:\n{found}"


@needs_shell
def test_pages_that_show_programs_and_sessions_have_some() -> None:
    assert any(block.note == "program" for block in blocks("preprocessing.md"))
    for page in ("evidence.md", "preprocessing.md", "rules.md"):
        assert any(block.language == "console" for block in blocks(page)), page


def test_every_program_is_marked() -> None:
    for page in PAGES:
        assert all(block.note == "program" for block in blocks(page) if block.language == "python"), page


# -- rules


def toml(page: str, sign: Callable[[str], bool]) -> list[str]:
    return [block.body for block in blocks(page) if block.language == "toml" and sign(block.body)]


def loaded(bodies: list[str], folder: Path) -> RuleSet:
    """The packs of these blocks; what is marked as rules is put in a pack first."""
    files = []
    for number, body in enumerate(bodies):
        head = f'[pack]\nid = "part-{number}"\n' if body.startswith("# in a pack\n") else ""
        path = folder / f"{number}.toml"
        path.write_text(head + body, encoding="utf-8")
        files.append(PackFile(path, Level.USER))
    return read_packs(files)


def alone(rule: Rule) -> Callable[[str], str]:
    """What a rule leaves of its examples."""
    return left_of_page(rule) if rule.kind.of_page else left_by(rule)


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_rules_load_and_do_what_their_examples_say(page: str, tmp_path: Path) -> None:
    rules = loaded(toml(page, lambda body: not body.startswith(("# wrong\n", "# careless\n"))), tmp_path)
    assert list(check_rules(rules, alone)) == []
    assert list(advice(rules)) == []


def test_rules_that_are_shown_as_wrong_are(tmp_path: Path) -> None:
    bodies = toml("rules.md", lambda body: body.startswith("# wrong\n"))
    assert bodies
    for body in bodies:
        with pytest.raises(RuleFaults):
            loaded([body], tmp_path)


def test_rules_that_are_shown_as_careless_are(tmp_path: Path) -> None:
    rules = loaded(toml("rules.md", lambda body: body.startswith("# careless\n")), tmp_path)
    assert list(check_rules(rules, alone)) == []
    assert len(list(advice(rules))) == len(list(rules.rules())) > 0


def test_every_kind_and_field_is_shown() -> None:
    from cleaner.rules import model, parse

    tables = [tomllib.loads(body) for body in toml("rules.md", lambda body: not body.startswith("# wrong\n"))]
    heads = {name for table in tables for name in table.get("pack", {})}
    rules = [rule for table in tables for rule in table.get("rule", [])]
    text = (DOCS / "rules.md").read_text(encoding="utf-8")
    assert heads >= parse._PACK_FIELDS - {"language", "marker_length", "max_length"}
    assert {name for rule in rules for name in rule} >= parse._RULE_FIELDS | parse._ALL_KIND_FIELDS - {"last"}
    assert {rule["kind"] for rule in rules} == {kind.value for kind in model.Kind}
    assert {rule.get("action", "remove") for rule in rules} == {action.value for action in model.Action}
    for name in parse._PACK_FIELDS | parse._RULE_FIELDS | parse._ALL_KIND_FIELDS:
        assert f"`{name}" in text, name


# -- the rest


def test_relative_links_lead_somewhere() -> None:
    for page in [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]:
        for link in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
            assert "://" in link or (page.parent / link).exists(), f"{page.name}: {link}"


def doors() -> dict[str, tuple[str, ...]]:
    """Dependency -> the files or folders of the package that alone may import it, as the decision says."""
    text = (DOCS / "decisions" / "dependencies.md").read_text(encoding="utf-8")
    found = re.findall(r"^- \*\*([\w-]+)\*\*.*? Doors?: (`[\w/.]+`(?:, `[\w/.]+`)*)", text, re.MULTILINE)
    return {dependency: tuple(re.findall(r"`(.+?)`", places)) for dependency, places in found}


def imports(path: Path) -> set[str]:
    """Top-level names of all modules that a file imports, wherever in it."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names}


def test_every_dependency_has_its_line() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = (DOCS / "decisions" / "dependencies.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^- \*\*([\w-]+)\*\*", text, re.MULTILINE)) == {
        re.split(r"[^\w-]", requirement)[0] for requirement in project["dependencies"]
    }


@pytest.mark.parametrize(("dependency", "places"), list(doors().items()))
def test_every_dependency_comes_in_by_its_doors_only(dependency: str, places: tuple[str, ...]) -> None:
    package = Path(cleaner.__file__).resolve().parent
    name = dependency.replace("-", "_")
    importers = [path.relative_to(package).as_posix() for path in package.rglob("*.py") if name in imports(path)]
    for place in places:
        assert any(path.startswith(place) for path in importers), f"{dependency} does not come in by {place}"
    assert all(path.startswith(places) for path in importers), importers


def test_changelog_tells_of_this_version() -> None:
    assert re.search(
        rf"^## \[{re.escape(cleaner.__version__)}\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    )


def write() -> None:
    """Writes what is printed now into the pages."""
    for page in EVERY_PAGE:
        with tempfile.TemporaryDirectory() as folder:
            text = (DOCS / page).read_text(encoding="utf-8")
            for block, found in sorted(printed(page, Path(folder)), reverse=True):
                if "..." not in block.body or block.note == "help":
                    text = text[: block.start] + found + text[block.end :]
            (DOCS / page).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        raise SystemExit("usage: python tests/test_docs.py --write")
    write()
