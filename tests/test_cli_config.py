"""``cleaner.toml``: which file holds, what it may say, who wins, and what is wrong with it, all at once."""

from __future__ import annotations

import os
import re
import sys
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest
from click.testing import CliRunner

from cleaner.cli import main
from cleaner.cli.clean import clean
from cleaner.cli.config import FOR_ONE_RUN, options_of
from cleaner.cli.configured import _EXCLUDE

LINE = re.compile(r"^(?P<off># )?(?P<name>[a-z-]+) =(?P<value>.*?)\s+# (?P<source>.*)$")


class Done(NamedTuple):
    """A command that ended, in this process."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()


def shown(done: Any) -> dict[str, tuple[Any, str]]:
    """Option -> its value (None when there is none) and where it comes from, as --print-config says."""
    assert done.code == 0, done.err
    values = tomllib.loads(done.text)["clean"]
    found = [LINE.match(line) for line in done.text.splitlines()]
    told = {one["name"]: (None if one["off"] else values[one["name"]], one["source"]) for one in found if one}
    assert set(values) == {name for name, (value, _) in told.items() if value is not None}
    return told


def sample(name: str, option: click.Option) -> Any:
    """A value that is not the default, as a file has it."""
    if option.is_flag:
        return option.default is not True
    if isinstance(option.type, click.Choice):
        value: Any = next(choice for choice in option.type.choices if choice != option.default)
    elif isinstance(option.type, click.IntRange):
        value = 3
    elif isinstance(option.type, click.FloatRange):
        value = 0.75
    else:
        value = {"keep": "captions", "containment": "off", "audit": "spans"}.get(name, "some")
    return [value] if option.multiple else value


def written(name: str, value: Any) -> str:
    text = str(value).lower() if isinstance(value, (bool, int, float)) else repr(value)
    return f"{name} = {text}\n"


IN_FILES = {name: option for name, option in options_of(clean).items() if name not in FOR_ONE_RUN}


@pytest.mark.parametrize("name", list(IN_FILES))
def test_a_file_may_hold_every_option_by_its_long_name(name: str, files: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    value = sample(name, IN_FILES[name])
    folder = files({"cleaner.toml": "[clean]\n" + written(name, value)})
    inputs = ["-"] if name == "rejected" else []
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(main, ["clean", *inputs, "--print-config"])
    found = shown(Done(done.exit_code, done.stdout_bytes, done.output))
    assert found[name] == (value, "cleaner.toml:2")
    assert {source for other, (_, source) in found.items() if other != name} == {"default"}


def test_the_nearest_file_above_holds(cleaner: Any, files: Any) -> None:
    folder = files(
        {
            "cleaner.toml": "[clean]\nworkers = 2\nsite = 'a.example'\n",
            "b/cleaner.toml": "[clean]\nworkers = 3\n",
            "b/c/d/x.txt": "x",
        }
    )
    found = shown(cleaner("clean", "--print-config", cwd=folder / "b/c/d"))
    assert found["workers"] == (3, "../../cleaner.toml:2")
    assert found["site"] == (None, "default")
    assert shown(cleaner("clean", "--print-config", "--no-config", cwd=folder / "b/c"))["workers"] == (1, "default")
    found = shown(cleaner("clean", "--print-config", "--config", "../cleaner.toml", cwd=folder / "b"))
    assert (found["workers"], found["site"]) == ((2, "../cleaner.toml:2"), ("a.example", "../cleaner.toml:3"))
    assert cleaner("clean", "--print-config", "--config", "cleaner.toml", "--no-config", cwd=folder).code == 2


def test_the_command_line_wins(cleaner: Any, files: Any) -> None:
    folder = files({"cleaner.toml": '[clean]\nstrength = "careful"\nsignatures = true\nprogress = true\nkeep = ["captions"]\n'})
    options = ["--strength", "thorough", "--no-signatures", "--no-progress"]
    found = shown(cleaner("clean", "--print-config", *options, cwd=folder))
    assert [found[name] for name in ("strength", "signatures", "progress", "keep")] == [
        ("thorough", "command line"), (False, "command line"), (False, "command line"), (["captions"], "cleaner.toml:5"),
    ]  # fmt: skip


def test_every_flag_of_a_file_can_be_undone_on_the_command_line() -> None:
    excluded = {name for pair in _EXCLUDE for name in pair}
    for name, option in IN_FILES.items():
        assert not option.is_flag or option.secondary_opts or name in excluded, f"write it --{name}/--no-{name}"


def test_what_goes_ill_with_the_command_line_is_set_aside(cleaner: Any, files: Any) -> None:
    folder = files(
        {"cleaner.toml": '[clean]\nstrength = "careful"\nrules = ["packs"]\n', "b/cleaner.toml": "[clean]\nno-rules = true\n"}
    )
    done = cleaner("clean", "--print-config", "--no-rules", cwd=folder)
    found = shown(done)
    assert found["no-rules"] == (True, "command line")
    assert found["rules"] == ([], "default (cleaner.toml:3 does not hold: --no-rules excludes it)")
    assert found["strength"][0] is None
    for option in (["--rules", "x"], ["--strength", "thorough"]):
        assert shown(cleaner("clean", "--print-config", *option, cwd=folder / "b"))["no-rules"][0] is False


@pytest.mark.parametrize(
    "options", [[], ["--no-rules"], ["-", "--rules", "x y", "--audit", 'a"b\\é.jsonl'], ["--strength", "rules", "--workers", "2"]]
)
def test_what_is_printed_can_be_saved_and_says_the_same(cleaner: Any, files: Any, options: list[str]) -> None:
    text = '[clean]\nrules = ["packs", "../more"]\nthreshold = 1\ncontainment = 0.95\nindex = "i"\nsite = "é.example"\n'
    folder = files({"a/cleaner.toml": text, "a/b/x.txt": "x"}) / "a/b"
    done = cleaner("clean", "--print-config", *options, cwd=folder)
    (folder / "cleaner.toml").write_bytes(done.out)
    again = (
        cleaner("clean", "--print-config", *options[:1], cwd=folder)
        if options[:1] == ["-"]
        else cleaner("clean", "--print-config", cwd=folder)
    )
    assert {name: value for name, (value, _) in shown(again).items()} == {name: value for name, (value, _) in shown(done).items()}
    assert f"# {folder / 'cleaner.toml'} holds." in again.text


def test_print_config_needs_nothing_and_does_nothing(cleaner: Any, files: Any, tree: Any) -> None:
    folder = files({"in/a.txt": "x\n", "cleaner.toml": '[clean]\nout = "out"\nrules = ["gone"]\n'})
    before = tree(folder)
    for inputs in ([], ["in"], ["gone"]):
        assert cleaner("clean", *inputs, "--print-config", "--overwrite", cwd=folder).code == 0
    assert tree(folder) == before
    assert "# --overwrite " in cleaner("clean", "--print-config", "--overwrite", cwd=folder).text


# -- paths, packs, pipes


def test_paths_lead_from_the_file(cleaner: Any, files: Any, house: Path) -> None:
    folder = files(
        {"p/cleaner.toml": '[clean]\nout = "done"\nrules = ["own/house.toml"]\n', "p/own/house.toml": house.read_text()}
    )
    files({"p/q/in/a.txt": "One.\nHouse notice\n"})
    done = cleaner("clean", "in", cwd=folder / "p/q")
    assert done.code == 0, done.err
    assert (folder / "p/done/clean/a.txt").read_bytes() == b"One.\n"
    found = shown(cleaner("clean", "--print-config", cwd=folder / "p/q"))
    assert (found["out"][0], found["rules"][0]) == (str(Path("../done")), [str(Path("../own/house.toml"))])
    text = f'[clean]\nindex = "~/i"\nout = "{(folder / "far").as_posix()}"\naudit = "spans"\n'
    files({"r/cleaner.toml": text})
    found = shown(
        cleaner("clean", "--print-config", "--config", "r/cleaner.toml", cwd=folder, HOME="/home/ann", USERPROFILE="/home/ann")
    )
    assert [found[name][0] for name in ("index", "out", "audit")] == [str(Path("/home/ann/i")), str(folder / "far"), "spans"]


def test_packs_of_the_command_line_come_over_those_of_the_file(cleaner: Any, files: Any, house: Path) -> None:
    keeps = house.read_text().replace('id = "house"', 'id = "mine"').split("[[rule]]")
    mine = (
        keeps[0]
        + "[[rule]]"
        + keeps[1]
        .replace('keeps = ["House notices are rare."]', 'keeps = ["House notice"]')
        .replace('removes = ["House notice"]', 'action = "keep"\nremoves = ["House notices are rare."]')
    )
    folder = files({"cleaner.toml": '[clean]\nrules = ["house.toml"]\n', "house.toml": house.read_text(), "mine.toml": mine})
    page = b"One (house aside) two.\nHouse notice\n"
    assert cleaner("clean", "-", cwd=folder, stdin=page).out == b"One two.\n"
    done = cleaner("clean", "-", "--rules", "mine.toml", cwd=folder, stdin=page)
    assert done.out == b"One two.\nHouse notice\n", done.err
    assert cleaner("clean", "-", "--no-rules", cwd=folder, stdin=page).out == page
    found = shown(cleaner("clean", "--print-config", "--rules", "mine.toml", cwd=folder))
    assert found["rules"] == (["house.toml", "mine.toml"], "cleaner.toml:2, and over it the command line")


def test_what_is_for_folders_does_not_hold_in_a_pipe(cleaner: Any, files: Any) -> None:
    folder = files(
        {"cleaner.toml": '[clean]\nout = "out"\nsignatures = true\naudit = "none"\nrejected = "r.jsonl"\n', "in/a.txt": "x\n"}
    )
    done = cleaner("clean", "-", cwd=folder, stdin=b"x\n")
    assert (done.code, done.out) == (0, b"x\n"), done.err
    assert not (folder / "out").exists()
    assert cleaner("clean", "in", cwd=folder).code == 0
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["clean", "rejected.jsonl", "run.json", "signatures.jsonl"]
    found = shown(cleaner("clean", "-", "--print-config", cwd=folder))
    assert found["out"] == (None, "default (cleaner.toml:2 does not hold: it is not for standard input)")


# -- what is wrong


WRONG = """\
strength = "careful"
[clean]
text_field = "body"
workers = "4"
threshold = 2
strength = "carefull"
overwrite = true
no-progress = true
rules = "packs"
keep = [1]
zzz = 1
inputs = ["a"]
signatures = "yes"
"no-rules" = 1
to = '''
text = 1
'''
since = 2020-01-01
[duplicates]
unit = "both"
"""


def test_all_faults_come_at_once_with_place_and_remedy(cleaner: Any, files: Any, tree: Any) -> None:
    folder = files({"cleaner.toml": WRONG, "in/a.txt": "x\n"})
    before = tree(folder)
    done = cleaner("clean", "in", "--out", "out", cwd=folder)
    assert (done.code, done.out, tree(folder)) == (2, b"", before)
    heading, *faults = done.err.splitlines()
    assert heading == "Error: 16 faults in cleaner.toml:"
    told = [fault.strip().split(": ", 2) for fault in faults]
    assert [(place, name) for place, name, _ in told] == [
        ("cleaner.toml:1", "strength"), ("cleaner.toml:3", "text_field"), ("cleaner.toml:4", "workers"),
        ("cleaner.toml:5", "threshold"), ("cleaner.toml:6", "strength"), ("cleaner.toml:7", "overwrite"),
        ("cleaner.toml:8", "no-progress"), ("cleaner.toml:9", "rules"), ("cleaner.toml:10", "keep"), ("cleaner.toml:11", "zzz"),
        ("cleaner.toml:12", "inputs"), ("cleaner.toml:13", "signatures"), ("cleaner.toml:14", "no-rules"), ("cleaner.toml:15", "to"),
        ("cleaner.toml:18", "since"), ("cleaner.toml:19", "[duplicates]"),
    ]  # fmt: skip
    remedies = [
        "put [clean] in a line above", "text-field?", "a whole number, without quotes", "0.5<=x<=1", "careful, default",
        "--overwrite on the command line", "progress = false", "give a list", "give a text", "there are: audit, ",
        "on the command line", "true or false", "true or false", "text, markdown, jsonl", "there is no such option", "all options stand in [clean]",
    ]  # fmt: skip
    for (_, _, problem), remedy in zip(told, remedies, strict=True):
        assert remedy in problem


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"[clean]\nto = text\n", ["cleaner.toml:2: is not TOML", "quotes"]),
        (b"[clean]\nto = 'text'\nto = 'text'\n", ["cleaner.toml:3: is not TOML"]),
        (b"[clean]\nsite = '\xe9'\n", ["is not UTF-8 (byte 16)"]),
        (b"clean = 3\n", ["cleaner.toml:1: clean: is 3", "[clean]"]),
        (b"[[clean]]\nto = 'text'\n", ["cleaner.toml:1: clean: is a list"]),
        (
            b"[clean]\nno-rules = true\nstrength = 'careful'\nrules = ['x']\n",
            ["2 faults", ":3: strength: no-rules excludes it", ":4: rules"],
        ),
        (b'[clean]\nsite = "a\\u0000b"\n', ["cleaner.toml:2: site", "null"]),
        (b"[clean]\nworkers = true\nthreshold = 'a'\n", ["workers: is true", "threshold: is the text"]),
        (b"a = " + b"[" * 5000, ["nested too deeply"]),
    ],
)
def test_files_that_cannot_be_read(cleaner: Any, files: Any, text: bytes, words: list[str]) -> None:
    done = cleaner("clean", "in", "--out", "out", cwd=files({"cleaner.toml": text}))
    assert done.code == 2
    assert "Traceback" not in done.err
    assert all(word in done.err for word in words), done.err


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault(cleaner: Any, files: Any) -> None:
    folder = files({"cleaner.toml": b"\xef\xbb\xbf# ours\r\n[clean]\r\nworkers = 2\r\n"})
    assert shown(cleaner("clean", "--print-config", cwd=folder))["workers"] == (2, "cleaner.toml:3")


@pytest.mark.parametrize("name", ["gone.toml", "."])
def test_a_file_that_is_named_must_be_there(cleaner: Any, tmp_path: Path, name: str) -> None:
    done = cleaner("clean", "in", "--out", "out", "--config", name, cwd=tmp_path)
    assert done.code == 2
    assert "--config" in done.err


def test_errors_say_where_the_options_stand_that_they_speak_of(cleaner: Any, files: Any) -> None:
    folder = files(
        {
            "cleaner.toml": '[clean]\nout = "out"\nmeta-field = "text"\nthreshold = 0.9\nduplicates = "keep-longest"\n',
            "in/a.txt": "x\n",
        }
    )
    done = cleaner("clean", "in", cwd=folder)
    assert done.code == 2
    assert done.err.splitlines()[-1] == "  meta-field stands in cleaner.toml:3"
    done = cleaner("clean", "-", "--meta-field", "done", cwd=folder, stdin=b"x")
    assert (done.code, done.err.splitlines()[-1]) == (2, "  duplicates stands in cleaner.toml:5")


def test_help_and_completion_do_not_read_it(cleaner: Any, files: Any) -> None:
    folder = files({"cleaner.toml": "[clean]\nworkers = 3\nwrong\n"})
    done = cleaner("clean", "in", "--help", cwd=folder)
    assert done.code == 0
    assert "default: 1" in done.text
    done = cleaner(cwd=folder, _CLEANER_COMPLETE="bash_complete", COMP_WORDS="cleaner clean --conf", COMP_CWORD="2")
    assert "--config" in done.text


@pytest.mark.skipif(sys.platform == "win32", reason="rights are another matter there")
def test_a_file_of_strangers_is_not_followed_unasked(cleaner: Any, files: Any) -> None:
    folder = files({"cleaner.toml": "[clean]\nworkers = 2\n", "b/x.txt": "x"})
    (folder / "cleaner.toml").chmod(0o666)
    done = cleaner("clean", "--print-config", cwd=folder / "b")
    assert done.code == 2
    assert all(word in done.err for word in ("any user", "--config ../cleaner.toml", "--no-config"))
    assert shown(cleaner("clean", "--print-config", "--no-config", cwd=folder))["workers"][0] == 1
    assert shown(cleaner("clean", "--print-config", "--config", "../cleaner.toml", cwd=folder / "b"))["workers"][0] == 2
    if os.getuid() == 0:
        (folder / "cleaner.toml").chmod(0o644)
        os.chown(folder / "cleaner.toml", 12345, 12345)
        assert "another user" in cleaner("clean", "--print-config", cwd=folder).err


# -- the page


PAGE = (Path(__file__).resolve().parent.parent / "docs" / "configuration.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_page_shows_a_file_that_holds_and_what_is_printed_of_it(cleaner: Any, files: Any) -> None:
    [file] = [body for language, body in BLOCKS if language == "toml"]
    folder = files({"news/cleaner.toml": file, "news/june/x.txt": "x"}) / "news/june"
    command, _, lines = next(body for language, body in BLOCKS if language == "console").partition("\n")
    done = cleaner(*command.removeprefix("$ cleaner ").split(), cwd=folder)
    printed = [re.sub(r"(?<=\S) +#", " #", line) for line in done.text.splitlines()]
    for line in lines.splitlines():
        assert line == "..." or re.sub(r"(?<=\S) +#", " #", line) in [
            line.replace(str(folder.parent), "/home/ann/news") for line in printed
        ], line


def test_the_page_names_no_option_that_there_is_not() -> None:
    named = set(re.findall(r"`--([a-z-]+)", PAGE))
    known = {name for option in options_of(clean).values() for name in (*option.opts, *option.secondary_opts)} | {
        "--resume",
        "--accept-tripwire",
    }
    assert {f"--{name}" for name in named} <= known
    assert {name for name in FOR_ONE_RUN if name in options_of(clean) and not name.endswith("config")} <= named
