"""``cleaner restore``: output and audit together are the input again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cleaner as package
from cleaner import audit
from cleaner.audit import Detail, from_object
from cleaner.dedup.settings import DuplicateSettings, Policy
from cleaner.document import Unit
from cleaner.errors import UsageError
from cleaner.readers.options import ReadOptions
from cleaner.rules.model import RuleSet
from cleaner.run.restore import restore_run
from cleaner.settings import CleanSettings, RunSettings
from cleaner.writers import Target

LONG = "The ferry council met on Tuesday for nine hours and voted, by a single hand, to keep the night boat running all winter."
TEXTS = {
    "plain.txt": "One.\nHouse notice\nTwo.\n",
    "no-end.txt": "One.\n\n\nHouse notice",
    "only.txt": "House notice\nHouse notice\n",
    "crlf.txt": "House notice\r\n\r\nOne (house aside) two.\r\nHouse notice\r\n",
    "mixed.txt": "One\r\nTwo\rHouse notice\u2028Three\x85Four\r\n\nHouse notice\n \t \nFive \t\r",
    "mojibake.txt": "The cafÃ© (house aside) is Â£5.\r\nHouse notice\r\nSchÃ¶n &amp; gut   \r\n\r\nâ€œEndâ€",
    "blanks.txt": "\n\n  \nHouse notice\n\t\n\nA line   \n\n\nHouse box begins\n\nx\n\n\nHouse box ends\n\n\n",
    "stars.txt": "🌊 (house aside) 🌊🌊\nHouse notice\n🌊 cafÃ© 🌊\n",
    "long-one.txt": "First page\n\n" + LONG + "\n\nEnd of one.\n",
    "long-two.txt": "Second page\n\n" + LONG + "\n\n" + LONG + "\n\nEnd of two, which is longer.\n",
    "empty.txt": "",
}
RECORDS = [
    {"id": 1, "text": "A cafÃ©.\nHouse notice\n", "list": [1, {"x": None}], "big": 12345678901234567890, "é": "💩"},
    {"cleaner": None, "text": "House notice"},
    {"text": "lone \ud800 one\nHouse notice\nand \udc00\n" + "On it goes. " * 20, "other": "\udfff"},
    {"cleaner": {"was": "here"}, "id": "x", "text": LONG, "z": 1.5},
    {"text": LONG + "\r\n\rHouse notice"},
]


@pytest.fixture
def restored(cleaned: Any, files: Any, tree: Any) -> Callable[..., dict[str, bytes]]:
    """What comes back of inputs after a run with some settings."""

    def run(inputs: dict[str, str | bytes], settings: RunSettings | None = None) -> dict[str, bytes]:
        folder = files(inputs, "in")
        cleaned([folder], folder.parent / "out", settings)
        restore_run(folder.parent / "out", folder.parent / "again")
        found: dict[str, bytes] = tree(folder.parent / "again")
        return found

    return run


@pytest.mark.parametrize(
    "duplicates",
    [
        DuplicateSettings(),
        DuplicateSettings(Policy.KEEP_FIRST),
        DuplicateSettings(Policy.KEEP_FIRST, frozenset([Unit.DOCUMENT, Unit.PASSAGE])),
        DuplicateSettings(Policy.KEEP_LONGEST, frozenset([Unit.DOCUMENT])),
    ],
    ids=["flag", "keep-first", "keep-first-both", "keep-longest"],
)
@pytest.mark.parametrize("to", [None, Target.JSONL, Target.TEXT])
def test_texts_come_back_code_point_for_code_point(restored: Any, duplicates: DuplicateSettings, to: Target | None) -> None:
    inputs = {**TEXTS, "twin.txt": TEXTS["long-one.txt"] + "One more line.\n", "marked.txt": TEXTS["crlf.txt"].encode("utf-8-sig"),
              "wide.txt": TEXTS["mixed.txt"].encode("utf-16"), "old.txt": "Caf\xe9 d\xe9j\xe0 vu\nHouse notice\n".encode("cp1252")}  # fmt: skip
    found = restored(inputs, RunSettings(clean=CleanSettings(duplicates=duplicates), to=to))
    expected = {
        **inputs,
        "marked.txt": TEXTS["crlf.txt"],
        "wide.txt": TEXTS["mixed.txt"],
        "old.txt": "Café déjà vu\nHouse notice\n",
    }
    assert {name: data.decode() for name, data in found.items()} == expected


@pytest.mark.parametrize("policy", [Policy.OFF, Policy.KEEP_FIRST])
def test_records_come_back_with_all_their_fields_in_order(restored: Any, policy: Policy) -> None:
    lines = [json.dumps(one, ensure_ascii=number % 2 == 0 or number == 2) for number, one in enumerate(RECORDS)]
    settings = RunSettings(clean=CleanSettings(duplicates=DuplicateSettings(policy)))
    found = restored({"a/r.jsonl": "\n\n".join(lines), "b/r.jsonl": lines[0] + "\n", "c.txt": "c"}, settings)
    back = [json.loads(line) for line in found["a/r.jsonl"].splitlines()]
    assert back == RECORDS
    assert [list(one) for one in back] == [list(one) for one in RECORDS]
    assert json.loads(found["b/r.jsonl"]) == RECORDS[0]
    assert found["c.txt"] == b"c"


def test_other_fields_and_gathered_texts(restored: Any) -> None:
    record = {"text": "not this", "body": "A\nHouse notice\n", "cleaner": 1, "done": 2}
    settings = RunSettings(to=Target.JSONL, read=ReadOptions(text_field="body"), meta_field="done")
    found = restored({"r.jsonl": json.dumps(record), "a.txt": TEXTS["crlf.txt"], "b/c.txt": TEXTS["stars.txt"]}, settings)
    assert json.loads(found["r.jsonl"]) == record
    assert found["a.txt"].decode() == TEXTS["crlf.txt"]
    assert found["b/c.txt"].decode() == TEXTS["stars.txt"]


def test_of_pages_the_extracted_text_comes_back_and_it_says_so(cleaner: Any, files: Any, tree: Any) -> None:
    page = f"<html><body><article><h1>Head</h1><p>{LONG}</p><p>Advertisement</p><p>{LONG[:60]} cafÃ©.</p></article></body></html>"
    folder = files({"in/p.html": page, "in/page.txt": page, "in/p.html.txt": "Text.\n"})
    assert cleaner("clean", "in", "--out", "out", cwd=folder).code == 0
    done = cleaner("restore", "out", "--out", "again", cwd=folder)
    assert done.code == 0, done.err
    assert "3 documents" in done.text
    assert "2 of them HTML" in done.text
    found = tree(folder / "again")
    assert found.pop("p.html.txt.txt") == b"Text.\n"
    assert set(found) == {"p.html.txt", "page.txt.txt"}
    for data in found.values():
        assert "Advertisement" in data.decode()
        assert "cafÃ©" in data.decode()
    done = cleaner("restore", "out", "--out", "again", cwd=folder)
    assert (done.code, "not empty" in done.err) == (2, True)
    done = cleaner("restore", "in", "--out", "other", cwd=folder)
    assert (done.code, "no finished run" in done.err) == (2, True)
    assert not (folder / "other").exists()


def test_many_files_of_records_do_not_stay_open(restored: Any) -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
    try:
        found = restored({f"{number}.jsonl": '{"text": "x"}\n' for number in range(80)})
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert len(found) == 80


def test_what_cannot_be_restored_is_refused(cleaned: Any, files: Any) -> None:
    folder = files({"a.txt": TEXTS["plain.txt"], "r.jsonl": '{"text": "x\\nHouse notice\\n"}'}, "in")
    for detail in (Detail.SPANS, Detail.NONE):
        out = folder.parent / detail.value
        cleaned([folder], out, RunSettings(detail=detail))
        with pytest.raises(UsageError, match="--audit full"):
            restore_run(out, folder.parent / "again")
    for name, change in (("clean/a.txt", b"changed"), ("clean/r.jsonl", b'{"text": 5}\n'), ("audit.jsonl", b"{}\n"),
                         ("clean/a.txt", None), ("clean/r.jsonl", b"")):  # fmt: skip
        out = folder.parent / "out"
        cleaned([folder], out, overwrite=True)
        (out / name).write_bytes(change) if change is not None else (out / name).unlink()
        with pytest.raises(UsageError, match=r"changed after|not an audit|cannot be read"):
            restore_run(out, folder.parent / f"again-{name.replace('/', '-')}-{change!r:.5}")


@pytest.mark.parametrize("name", ["../evil.txt", "/tmp/evil.txt", "a/../../evil.txt"])
def test_an_audit_that_was_tampered_with_leads_nowhere_else(cleaned: Any, files: Any, tree: Any, name: str) -> None:
    folder = files({"a.txt": "x\n"}, "in")
    out = folder.parent / "out"
    cleaned([folder], out)
    entry = json.loads((out / "audit.jsonl").read_bytes())
    before = tree(folder.parent)
    for key in ("input", "output"):
        (out / "audit.jsonl").write_text(json.dumps({**entry, key: name}))
        with pytest.raises(UsageError, match="outside"):
            restore_run(out, folder.parent / "again")
    (out / "audit.jsonl").write_text(json.dumps(entry) + "\n")
    assert tree(folder.parent) == before


# -- any text, through the bundled rules

PIECES = st.sampled_from([
    "Advertisement", "ADVERTISEMENT", "Read more", "Share this article", "Sign up for our newsletter", "Comments are closed.",
    "By Jane Doe", "No time to read?", "Get a summary", "Photo: AP", "All rights reserved.", "Article continues below",
    "The council met on Tuesday.", LONG, "The cafÃ© was full", "â€œQuoteâ€", "&amp;", "é", "🌊", "", " ", "\t", "\u00a0", "\u3000",
])  # fmt: skip
ENDS = st.sampled_from(["\n", "\n\n", "\n\n\n", "\r\n", "\r\n\r\n", "\r", "\u2028", "\x85", "\n \n", ""])
TEXT = st.lists(st.tuples(PIECES, ENDS), max_size=14).map(lambda pairs: "".join(piece + end for piece, end in pairs))


@settings(max_examples=120, deadline=None)
@given(TEXT)
def test_kept_and_removed_are_the_text_and_a_second_cleaning_changes_nothing(text: str) -> None:
    document = package.clean(text)
    entry = from_object(json.loads(audit.to_json(audit.to_object(document))))
    kept = [(start, end, document.text[start:end]) for start, end in document.kept_spans]
    pieces = sorted([*kept, *entry.removed])
    assert "".join(piece for _, _, piece in pieces) == document.text
    assert [start for start, _, _ in pieces] == [0, *[end for _, end, _ in pieces]][: len(pieces)]
    assert "".join(piece for _, _, piece in kept) == document.clean_text
    lines = document.text.split("\n")
    assert len(lines) == len(text.split("\n"))
    for line, before, after in entry.repairs:
        assert lines[line - 1] == after
        lines[line - 1] = before
    assert "\n".join(lines) == text
    assert package.clean(document.clean_text).clean_text == document.clean_text


@settings(max_examples=25, deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=4), st.sampled_from(list(Policy)))
def test_any_texts_come_back(tmp_path_factory: pytest.TempPathFactory, texts: list[str], policy: Policy) -> None:
    from cleaner.run.bulk import Job, clean_files

    units = frozenset([Unit.DOCUMENT]) if policy is Policy.KEEP_LONGEST else frozenset([Unit.PASSAGE, Unit.DOCUMENT])
    folder = tmp_path_factory.mktemp("any")
    (folder / "in").mkdir()
    data = [text.encode() for text in texts]
    for number, one in enumerate(data):
        (folder / f"in/{number}.txt").write_bytes(one)
    (folder / "in/r.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    settings = RunSettings(clean=CleanSettings(duplicates=DuplicateSettings(policy, units)))
    job = Job((str(folder / "in"),), folder / "out", _advertising(), settings)
    clean_files(job)
    restore_run(folder / "out", folder / "again")
    for number, one in enumerate(data):
        back = (folder / f"again/{number}.txt").read_bytes()
        assert back == one.removeprefix(b"\xef\xbb\xbf")
    records = [json.loads(line)["text"] for line in (folder / "again/r.jsonl").read_bytes().split(b"\n") if line]
    assert records == texts


def _advertising() -> RuleSet:
    """Some of the bundled packs: all of them take a second to compile, and a run compiles anew."""
    from cleaner.rules.load import PackFile, bundled_folder, read_packs
    from cleaner.rules.model import Level

    return read_packs([PackFile(path, Level.GENERIC) for path in sorted(bundled_folder().glob("common/advertising-*.toml"))])
