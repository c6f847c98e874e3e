"""Readers and the walk over inputs, in this process: what becomes a document, under which name, in which order."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.document import Media, Raw, Rejection
from cleaner.errors import UsageError
from cleaner.readers import FORMATS, READERS, Format
from cleaner.readers.options import ReadOptions
from cleaner.readers.tree import find_inputs


def read(form: Format, data: bytes, **options: Any) -> list[Raw | Rejection]:
    """What a reader makes of some bytes."""
    return list(READERS[form](io.BytesIO(data), "in", ReadOptions(**options)))


def test_each_format_has_a_reader_and_a_suffix() -> None:
    assert set(READERS) == set(Format) == set(FORMATS.values())
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in FORMATS)


def test_texts_and_pages_are_read_as_bytes() -> None:
    for form, media in ((Format.TEXT, Media.TEXT), (Format.HTML, Media.HTML)):
        (raw,) = read(form, b"\xff\r\n\0", site="a.example")
        assert isinstance(raw, Raw)
        assert (raw.data, raw.media, raw.site, raw.source.key, raw.source.id) == (
            b"\xff\r\n\0",
            media,
            "a.example",
            ("in", 0),
            "in",
        )


def test_records_are_numbered_by_lines_and_keep_their_ids() -> None:
    lines = ['{"text": "a", "id": 3}', "", '{"text": "b", "id": true, "url": "https://x.example/1"}', '{"text": "c", "id": 1.5}\r',
             '{"id": "d"}', '{"text": "e", "id": "", "url": 7}']  # fmt: skip
    found = read(Format.JSONL, b"\xef\xbb\xbf" + "\n".join(lines).encode())
    assert [(one.source.record, one.source.id) for one in found] == [(1, 3), (3, "in#3"), (4, 1.5), (5, "in#5"), (6, "")]
    assert [one.data if isinstance(one, Raw) else one.reason for one in found] == ["a", "b", "c", "no-text", "e"]
    assert [one.site for one in found if isinstance(one, Raw)] == [None, "https://x.example/1", None, None]
    assert {one.site for one in read(Format.JSONL, lines[2].encode(), site="own.example") if isinstance(one, Raw)} == {
        "own.example"
    }


PIECES = st.sampled_from([b'{"text": "x"}', b"{", b"\xff", b"\n", b"null", b"[[", b'"'])


@given(st.binary(max_size=200) | st.lists(PIECES, max_size=8).map(b"".join))
def test_no_bytes_stop_the_reader_of_records(data: bytes) -> None:
    found = read(Format.JSONL, data)
    assert len(found) == sum(bool(line.strip()) for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n"))
    assert [one.source.record for one in found] == sorted({one.source.record or 0 for one in found})


def names(paths: Sequence[str | Path], **options: Any) -> list[str]:
    """The names under which inputs are known."""
    return [file.name for file in find_inputs([str(path) for path in paths], **options).files]


def test_folders_are_walked_by_bytes_of_the_path(files: Any) -> None:
    folder = files({f"{name}.txt": "x" for name in ("b", "a/z", "a-b", "a.b", "a/b/c", "ä", "B", "a0", "\U0001f30a")})
    found = names([folder])
    assert found == sorted(found, key=os.fsencode)
    assert len(found) == 9


def test_only_known_suffixes_of_a_folder_are_read_unless_a_format_is_given(files: Any) -> None:
    folder = files({"a.TXT": "", "b.ndjson": "", "c.htm": "", "d.md": "", "e": "", ".hidden": "", "f.md.gz": ""})
    found = find_inputs([str(folder)])
    assert [(file.name, file.format) for file in found.files] == [
        ("a.TXT", Format.TEXT), ("b.ndjson", Format.JSONL), ("c.htm", Format.HTML),
    ]  # fmt: skip
    assert found.left_aside == {".md": 1, "(no suffix)": 2, ".gz": 1}
    everything = find_inputs([str(folder)], reads_as=Format.TEXT)
    assert {file.format for file in everything.files} == {Format.TEXT}
    assert len(everything.files) == 7


def test_an_argument_that_names_nothing_is_told_with_all_others(files: Any) -> None:
    folder = files({"a.txt": "", "[b].txt": ""})
    with pytest.raises(UsageError, match=r"(?s)gone\.txt.*none\*"):
        find_inputs([str(folder / "a.txt"), str(folder / "gone.txt"), str(folder / "none*")])
    assert names([folder / "[b].txt", folder / "[b].txt", folder / "a.tx?"]) == ["[b].txt", "a.txt"]


def test_no_two_inputs_share_a_name_and_none_is_a_folder_of_another(files: Any) -> None:
    content = ["x/news/a.txt", "y/news/a.txt", "z/news-2/a.txt", "a.txt", "x/a.txt", "y/a.txt", "p/a.txt/b.txt", "x/2/a.txt"]
    folder = files(dict.fromkeys(content, "x"))
    arguments = ["x", "y", "x/news", "y/news", "z/news-2", "z", "a.txt", "x/a.txt", "y/a.txt", "p", "p/a.txt", "."]
    for several in (*combinations(arguments, 2), *combinations(arguments[::-1], 3), arguments):
        found = names([folder / one for one in several])
        assert len(set(found)) == len(found)
        folders = {str(parent) for name in found for parent in Path(name).parents}
        assert not folders & set(found), several
        assert not any(name.startswith(("/", "../")) or "/../" in name for name in found)
