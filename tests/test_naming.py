"""Which output each input goes to: never two inputs for one path, and never a path that is another's folder."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cleaner.errors import InputError
from cleaner.readers import FORMATS, Format
from cleaner.readers.members import Member, safe_name
from cleaner.readers.tree import InputFile
from cleaner.writers import Target
from cleaner.writers.atomic import AtomicFile
from cleaner.writers.naming import Output, name_outputs, record_path


def inputs(*names: str, group: str = "news") -> list[InputFile]:
    """Inputs of one folder."""
    return [InputFile(Path(name), name, FORMATS.get(PurePosixPath(name).suffix.lower(), Format.TEXT), group) for name in names]


@pytest.mark.parametrize(
    ("names", "to", "paths"),
    [
        (["a.txt", "b/c.html", "d.jsonl"], None, ["a.txt", "b/c.txt", "d.jsonl"]),
        (["a.txt", "a.html", "b.txt"], None, ["a.txt.txt", "a.html.txt", "b.txt"]),
        (["a.txt", "a.html", "a.txt.txt"], None, ["a.txt-2.txt", "a.html.txt", "a.txt.txt"]),
        (["a.jsonl", "a.ndjson"], None, ["a.jsonl.jsonl", "a.ndjson.jsonl"]),
        (["README", "a.b.txt", ".txt"], None, ["README.txt", "a.b.txt", ".txt.txt"]),
        (["a.html", "a.txt/b.html"], None, ["a.html.txt", "a.txt/b.txt"]),
        (["a.txt", "b.html", "c.jsonl"], Target.JSONL, ["news.jsonl", "news.jsonl", "c.jsonl"]),
        (["a.txt", "news.jsonl"], Target.JSONL, ["news.jsonl", "news.jsonl.jsonl"]),
        (["a.jsonl", "a.txt", "b.jsonl", "b/000001.txt"], Target.TEXT, ["a", "a.txt", "b.jsonl", "b/000001.txt"]),
        (["a.jsonl", "a.ndjson"], Target.TEXT, ["a.jsonl", "a.ndjson"]),
        (["A.txt", "a.html", "b.txt"], None, ["A.txt.txt", "a.html.txt", "b.txt"]),  # of macOS and Windows
        (["caf\u00e9.txt", "cafe\u0301.html"], None, ["caf\u00e9.txt.txt", "cafe\u0301.html.txt"]),
        (["A.txt", "a.txt"], None, ["A.txt", "a.txt"]),  # both are there, so their system tells case apart
    ],
)
def test_paths(names: list[str], to: Target | None, paths: list[str]) -> None:
    assert [output.path for output in name_outputs(inputs(*names), to)] == paths


PARTS = st.sampled_from(
    ["a", "a.txt", "a.html", "a.jsonl", "a.txt.txt", "a.html.txt", "a-2", "a.txt-2.txt", "news.jsonl", "n" * 250]
)
NAMES = st.lists(st.lists(PARTS, min_size=1, max_size=3).map("/".join), max_size=9, unique=True)


def side_by_side(paths: Sequence[str]) -> bool:
    """Whether all paths can be files at once."""
    folders = {str(folder) for path in paths for folder in PurePosixPath(path).parents}
    return not folders & set(paths)


@settings(deadline=None)
@given(NAMES.filter(side_by_side), st.sampled_from([None, *Target]))
def test_all_outputs_can_be_written_side_by_side(names: list[str], to: Target | None) -> None:
    files = inputs(*names)
    outputs = name_outputs(files, to)
    gathered = {
        output.path for file, output in zip(files, outputs, strict=True) if output.target.records and not file.format.records
    }
    alone = [output for output in outputs if output.path not in gathered]
    written = [record_path(output, 1) if output.per_record else output.path for output in alone]
    assert len(set(written)) == len(written)
    assert len({output.path for output in alone}) == len(alone)
    assert side_by_side([*written, *gathered])
    assert all(len(os.fsencode(part)) <= 255 for path in written for part in path.split("/"))


MEMBERS = st.text(
    st.sampled_from('aA.:/\\ ?*<>|"\x01nNuUlLcCoOmM1txTX\u00e9')
    | st.characters(exclude_characters="\0", exclude_categories=["Cs"])
    | st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF, categories=["Cs"]),  # bytes that are no UTF-8
    min_size=1,
    max_size=30,
)


@settings(deadline=None)
@given(st.lists(MEMBERS, max_size=6))
@example(["con .txt", "a/NUL", "aux.tar.txt", "b.txt:evil", "c./d ", "q?.txt", "q*.txt", "COM1"])
def test_what_an_archive_holds_can_be_written_on_windows_and_stays_below_the_folder(members: list[str]) -> None:
    files: list[InputFile] = []
    for member in members:
        try:
            name = safe_name(member)
        except InputError:
            continue
        files.append(InputFile(Path("a.zip"), f"a.zip/{name}", Format.TEXT, "a", None, Member(len(files), name)))
    folder = PureWindowsPath("C:/out/clean")
    for output in name_outputs(files, None):
        path = folder / output.path
        assert path.is_relative_to(folder)
        assert not {"..", "."} & set(path.parts)
        assert path.drive == "C:"
        assert path.suffix == ".txt"
        for part in path.parts[1:]:
            assert not re.search(r'[<>:"|?*\x00-\x1f]|[. ]$', part), part
            assert part.split(".")[0].rstrip(" ").upper() not in DEVICES, part


DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{name}{number}" for name in ("COM", "LPT") for number in range(10))}


def test_records_that_become_files_are_numbered() -> None:
    assert record_path(Output("r", Target.TEXT, per_record=True), 1_234_567) == "r/1234567.txt"


def write_half(path: Path) -> None:
    """Begins to write a file, and is stopped."""
    with AtomicFile(path) as file:
        file.write(b"half")
        raise KeyboardInterrupt


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    for name in ("a.txt", "n" * 255):
        path = tmp_path / "sub" / name
        with pytest.raises(KeyboardInterrupt):
            write_half(path)
        assert not list((tmp_path / "sub").iterdir())
        with AtomicFile(path) as file:
            file.write(b"whole")
            assert not path.exists()
        assert path.read_bytes() == b"whole"
        path.unlink()
