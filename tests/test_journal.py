"""The journal: what it gives back, up to where it was cut or damaged; frames that are false, or too large."""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.document import Document, Evidence, LeftOut, Means, Media, Raw, Removal, Repair, RuleFired, Skipped, Source, ToldBy
from cleaner.pipeline import Pipeline
from cleaner.run.basis import basis
from cleaner.run.frames import Frames, fits
from cleaner.run.journal import Journal, key_of
from cleaner.settings import CleanSettings
from cleaner.spans import Span

FRAMES = Frames()
MADE = {"rules": "one", "settings": {"strength": "default"}}


def raw(number: int) -> Raw:
    return Raw(Source("other.txt"), f"text {number}")


def key(number: int) -> bytes:
    return key_of(raw(number), hashlib.sha256(f"text {number}".encode()).hexdigest())


def test_a_journal_gives_back_what_was_added_up_to_where_it_was_cut(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal = Journal(path, MADE)
    assert journal.find(raw(1)) is None
    for number in range(20):
        journal.add(key(number), b"frame %d" % number)
    journal.close()
    data = path.read_bytes()
    for cut in (len(data), len(data) - 3, len(data) // 2, data.index(b"\n") + 1, 3, 0):
        path.write_bytes(data[:cut])
        journal = Journal(path, MADE)
        known = len(journal)
        assert (journal.held.documents, journal.held.changed) == (known, ())
        assert (journal.held.damage is None) == (cut != 3)  # a first line is written whole or not at all
        assert [journal.find(raw(number)) for number in range(20)] == [
            b"frame %d" % number if number < known else None for number in range(20)
        ]
        assert journal.find(replace(raw(1), media=Media.HTML)) is None
        journal.add(key(19), b"later")
        journal.close()
        journal = Journal(path, MADE)
        assert journal.find(raw(19)) is not None
        journal.close()


def test_what_is_damaged_is_the_end_and_is_told(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal = Journal(path, MADE)
    for number in range(20):
        journal.add(key(number), b"frame %d" % number)
    journal.close()
    data = path.read_bytes()
    first = data.index(b"\n") + 1
    beyond = struct.pack("<II16s", 0xFFFFFFFF, 0, key(3))
    middle = first + 10 * 31 + 28
    for content, known in (
        (data[:middle] + b"\xff" + data[middle + 1 :], 10),
        (data + bytes(4_096), 20),
        (data[:first] + beyond + data[first:], 0),
        (data + beyond, 20),
        (b"\x00" + data[1:], 0),
        (b"[]\n" + data[first:], 0),
        (b"PK\x03\x04" * 50_000, 0),
    ):
        path.write_bytes(content)
        journal = Journal(path, MADE)
        assert len(journal) == known
        assert journal.held.damage
        journal.add(key(30), b"new")
        journal.close()
        journal = Journal(path, MADE)
        assert (len(journal), journal.held.damage) == (known + 1, None)
        journal.close()


def test_what_changed_is_named_and_nothing_of_it_is_given_back(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal = Journal(path, MADE)
    journal.add(key(1), b"frame")
    journal.close()
    journal = Journal(path, {"rules": "two", "settings": {"strength": "careful"}})
    assert (journal.held.documents, journal.held.changed, len(journal)) == (1, ("rules", "settings"), 0)
    assert journal.find(raw(1)) is None
    journal.close()


def test_any_part_of_what_marks_depend_on_makes_another_basis(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Also weights, names and lists of words that no version tells of."""
    rules = Pipeline().rules
    plain = basis(rules, CleanSettings())
    assert plain == basis(rules, CleanSettings()) == json.loads(json.dumps(plain))
    other = CleanSettings(extract=replace(CleanSettings().extract, markdown=True))
    assert basis(rules, other)["settings"] != plain["settings"]
    assert basis(rules, CleanSettings(languages=frozenset({"en"})))["settings"] != plain["settings"]
    assert "duplicates" not in plain["settings"]
    (tmp_path / "html").mkdir()
    monkeypatch.setattr("cleaner.run.basis.bundled_folder", lambda: tmp_path)
    empty = basis(rules, CleanSettings())["data"]
    (tmp_path / "html/names.toml").write_text("x = 1")
    assert len({plain["data"], empty, basis(rules, CleanSettings())["data"]}) == 3


def test_all_that_a_document_is_made_of_is_in_its_key() -> None:
    one = Raw(Source("a", 1), "text", fields={"url": "https://a.example/1"})
    others = [
        replace(one, data=b"text"),
        replace(one, media=Media.HTML),
        replace(one, site="a.example"),
        replace(one, own_url=True),
        replace(one, declared="latin-1"),
        replace(one, fields={"url": "https://a.example/2"}),
    ]
    assert len({key_of(other, "digest") for other in (one, *others)}) == len(others) + 1
    assert key_of(one, "digest") != key_of(one, "other digest")
    assert key_of(replace(one, source=Source("b", 2)), "digest") == key_of(one, "digest")


MARKED = Document(
    Source("a", 3, "x"),
    "one\ntwö \ud800\nthree\nfour\n",
    sha256="0" * 64,
    encoding="utf-8",
    site="a.example",
    packs=("a", "b"),
    told_by=(ToldBy("a", Means.MARKER, ("^x",)),),
    repairs=(Repair(2, "twÃ¶", "twö"),),
    removals=(
        Removal(Span(0, 4), 1, RuleFired("a.b", "topic", 1)),
        Removal(Span(4, 6), 2, Evidence(1 / 3, ("because “x”",), None)),
    ),
    flags=(Removal(Span(8, 9), 2, Evidence(0.5, ())),),
    skipped=(Skipped("a.c", 3),),
    protected=(3,),
)


def test_a_frame_gives_back_every_mark() -> None:
    for document in (
        MARKED,
        replace(MARKED, media=Media.HTML, metadata={"title": "T", "tags": ["a"]}, left_out=(LeftOut("x", "y"),)),
    ):
        frame = FRAMES.packed(document)
        assert frame is not None
        wanted = replace(document, source=Source(""))
        if document.media is Media.TEXT:
            wanted = replace(wanted, text="", repairs=())
        assert FRAMES.unpacked(frame) == (wanted, len(document.text))
        assert fits(wanted, document.text)


def test_every_field_of_a_document_is_remembered_or_left_out_on_purpose() -> None:
    """A field that is new must not be forgotten: with a default it would come back empty."""
    frame = FRAMES.packed(replace(MARKED, media=Media.HTML))
    assert frame is not None
    told = json.loads(zlib.decompress(frame))
    assert len(told) == 1 + len(Document.__dataclass_fields__) - 7


@settings(deadline=None)
@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=3), lambda one: st.lists(one, max_size=20)),
    st.binary(),
)
def test_what_is_no_frame_is_known_for_none(value: object, data: bytes) -> None:
    for frame in (data, zlib.compress(data), zlib.compress(json.dumps(value).encode()), zlib.compress(b"[" * 100_000)):
        assert FRAMES.unpacked(frame) is None


@settings(deadline=None)
@given(st.data())
def test_a_frame_with_one_value_changed_is_none_or_a_document(data: st.DataObject) -> None:
    frame = FRAMES.packed(MARKED)
    assert frame is not None
    told = json.loads(zlib.decompress(frame))
    place = data.draw(st.integers(0, len(told) - 1))
    told[place] = data.draw(
        st.none() | st.integers() | st.text(max_size=3) | st.lists(st.integers(-5, 99) | st.lists(st.integers()), max_size=9)
    )
    found = FRAMES.unpacked(zlib.compress(json.dumps(told).encode()))
    assert found is None or fits(found[0], MARKED.text) in (True, False)


def test_marks_that_do_not_fit_are_known() -> None:
    text = MARKED.text
    for wrong in (
        (Removal(Span(0, len(text) + 1), 1, RuleFired("a.b", "x")),),
        (Removal(Span(3, 3), 1, RuleFired("a.b", "x")),),
        (Removal(Span(-1, 3), 1, RuleFired("a.b", "x")),),
        (Removal(Span(0, 3), 9, RuleFired("a.b", "x")),),
        (Removal(Span(0, 3), 1, RuleFired("a.b", "x")), Removal(Span(2, 4), 1, RuleFired("a.b", "x"))),
        (Removal(Span(2, 4), 1, RuleFired("a.b", "x")), Removal(Span(0, 2), 1, RuleFired("a.b", "x"))),
    ):
        assert not fits(replace(MARKED, removals=wrong), text)
    assert fits(MARKED, text)


def test_a_frame_is_unpacked_up_to_a_bound() -> None:
    assert FRAMES.unpacked(zlib.compress(b" " * 70_000_000)) is None
    assert FRAMES.packed(replace(MARKED, media=Media.HTML, text="\x00" * 12_000_000)) is None
