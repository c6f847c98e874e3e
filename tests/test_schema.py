"""The audit and the rejections of real runs are what ``docs/*.schema.json`` says."""

from __future__ import annotations

import ast
import copy
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable

    Lines = Callable[[Path], list[dict[str, Any]]]

ROOT = Path(__file__).resolve().parent.parent

PACK = r"""
[pack]
id = "odd"
hosts = ["odd.example"]

[[rule]]
id = "flagged"
why = "A line that is only flagged"
kind = "line"
literal = ["perhaps an advertisement"]
action = "flag"
removes = ["Perhaps an advertisement"]
keeps = ["Perhaps an advertisement, she said."]

[[rule]]
id = "boxes"
why = "A box of several lines"
kind = "block"
start = '^Box begins$'
end = '^Box ends$'
max_lines = 4
removes = ["Box begins\nBox ends"]
keeps = ["Box begins"]

[[rule]]
id = "part"
why = "A part of a line"
kind = "phrase"
literal = ["(story goes on below)"]
removes = ["One. (Story goes on below) Two."]
keeps = ["The story goes on below deck."]
"""

WHOLE = "The harbour of Almesta was closed for nine hours on Sunday while divers looked for a lost anchor.\n"
RECORDS = [
    {
        "id": 7,
        "url": "https://odd.example/1",
        "text": "Tide turns\nPerhaps an advertisement\nBox begins\nSoap\nBox ends\nIt turned.\n",
    },
    {"id": 7.5, "url": "https://odd.example/2", "text": "One. (Story goes on below) Two.", "cleaner": {"by": "someone"}},
    {"text": "The cafÃ© is shut.\n"},
    {"id": "empty", "text": ""},
    {"id": "first", "text": WHOLE},
    {"id": "again", "text": WHOLE},
]


def validator(name: str) -> Draft202012Validator:
    schema = json.loads((ROOT / "docs" / name).read_bytes())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory, cleaner: Callable[..., Any]) -> Path:
    """A run that meets every kind of mark, and many kinds of rejections."""
    folder = tmp_path_factory.mktemp("odd")
    inputs = folder / "in"
    inputs.mkdir()
    (folder / "odd.toml").write_text(PACK, encoding="utf-8")
    lines = [json.dumps(record).encode() for record in RECORDS]
    lines += [b'{"id": "no text"}', b"[1]", b"{", b'{"text": "caf\xe9"}']
    (inputs / "records.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    (inputs / "picture.txt").write_bytes(bytes(range(256)) * 8)
    (inputs / "empty.html").write_text("<html><body></body></html>", encoding="utf-8")
    (inputs / "windows.txt").write_bytes("\ufeffPaid in €.\r\n".encode("utf-16"))
    if hasattr(os, "symlink"):
        (inputs / "nowhere.txt").symlink_to("gone.txt")
        (inputs / "loop").symlink_to(".", target_is_directory=True)
    done = cleaner(
        "clean", "in", "--out", "out", "--rules", "odd.toml", "--duplicates", "keep-first", "--unit", "both", cwd=folder
    )
    assert done.code == 1, done.err
    return folder / "out"


@pytest.mark.parametrize("options", ["--audit full --duplicates keep-first --unit both", "--audit spans --duplicates flag"])
def test_audit_of_the_samples(options: str, tmp_path: Path, cleaner: Callable[..., Any], lines_of: Lines) -> None:
    done = cleaner("clean", ROOT / "samples", "--out", "out", *options.split(), cwd=tmp_path)
    assert done.code == 0, done.err
    audits = lines_of(tmp_path / "out" / "audit.jsonl")
    schema = validator("audit.schema.json")
    for told in audits:
        schema.validate(told)
        assert told["detail"] in options
    assert any(told["removed"] for told in audits)
    assert any(told["repairs"] for told in audits)
    assert any(told["duplicates"] for told in audits)
    removed = {mark["rule"] for told in audits for mark in told["removed"]}
    assert "layout" in removed
    assert ("duplicate" in removed) == ("keep-first" in options)


def test_audit_of_odd_inputs(odd: Path, lines_of: Lines) -> None:
    audits = lines_of(odd / "audit.jsonl")
    schema = validator("audit.schema.json")
    for told in audits:
        schema.validate(told)
    assert [told["id"] for told in audits if told["input"] == "records.jsonl"] == [
        7,
        7.5,
        "records.jsonl#3",
        "empty",
        "first",
        "again",
    ]
    assert any(told["flagged"] for told in audits)
    assert any("block" in mark for told in audits for mark in told["removed"])
    assert any("replaced" in told for told in audits)
    assert [one["unit"] for told in audits for one in told["duplicates"]] == ["document"]
    assert {mark["of"]["line"] for told in audits for mark in told["removed"] if "of" in mark} == {None}
    assert {told.get("encoding") for told in audits} == {None, "utf-16"}


def test_audit_in_a_pipe_has_no_output(tmp_path: Path, cleaner: Callable[..., Any], lines_of: Lines) -> None:
    record = json.dumps({"text": "Hello to all."}).encode() + b"\n"
    done = cleaner("clean", "-", "--from", "jsonl", "--audit", "audit.jsonl", cwd=tmp_path, stdin=record)
    assert done.code == 0, done.err
    [told] = lines_of(tmp_path / "audit.jsonl")
    validator("audit.schema.json").validate(told)
    assert told["input"] == "-"
    assert "output" not in told


def test_a_rule_set_aside_is_in_the_schema() -> None:
    from cleaner.audit import to_object
    from cleaner.document import Document, Skipped, Source

    validator("audit.schema.json").validate(
        to_object(Document(Source("a.txt", None, "a.txt"), "x\n", sha256="0" * 64, skipped=(Skipped("odd.slow", 1),)))
    )


@pytest.mark.parametrize("detail", ["full", "spans"])
def test_marks_by_evidence_are_in_the_schema(detail: str) -> None:
    from cleaner.audit import Detail, to_object
    from cleaner.document import Document, Evidence, Removal, Source
    from cleaner.spans import Span

    gone = Removal(Span(4, 12), 2, Evidence(0.93456, ("after the article's end", "under 'Related'"), block=2))
    doubtful = Removal(Span(0, 4), 1, Evidence(0.62, ("above the headline",)))
    document = Document(Source("a.txt", None, "a.txt"), "One\nRelated\n", sha256="0" * 64, removals=(gone,), flags=(doubtful,))
    told = to_object(document, detail=Detail(detail))
    validator("audit.schema.json").validate(told)
    [removed], [flagged] = told["removed"], told["flagged"]
    text = {"text": "Related\n"} if detail == "full" else {}
    assert removed == {
        "start": 4, "end": 12, "line": 2, "block": 2, "rule": "evidence", "confidence": 0.935,
        "reasons": ["after the article's end", "under 'Related'"], **text,
    }  # fmt: skip
    assert (flagged["rule"], flagged["confidence"], "block" in flagged) == ("evidence", 0.62, False)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda told: told.pop("sha256"), id="a required key is missing"),
        pytest.param(lambda told: told.update(extra=1), id="an unknown key"),
        pytest.param(lambda told: told.update(schema=2), id="another version"),
        pytest.param(lambda told: told.update(record=None), id="null where the key should be left out"),
        pytest.param(lambda told: told.update(media="pdf"), id="an unknown medium"),
        pytest.param(lambda told: told.update(detail="none"), id="an audit that is none"),
        pytest.param(lambda told: told.update(detail="spans"), id="text where there must be none"),
        pytest.param(lambda told: told["removed"][0].pop("text"), id="no text where there must be some"),
        pytest.param(lambda told: told["removed"][0].update(start=-1), id="an offset before the text"),
        pytest.param(lambda told: told["removed"][0].update(line=0), id="lines from 0"),
        pytest.param(lambda told: told["removed"][0].update(rule="a b"), id="not the name of a rule"),
        pytest.param(lambda told: told["removed"][0].update(rule="duplicate"), id="a duplicate of nothing"),
        pytest.param(lambda told: told["removed"][0].update(extra=1), id="an unknown key of a mark"),
        pytest.param(lambda told: told["flagged"][0].update(rule="layout"), id="flagged by layout"),
        pytest.param(lambda told: told["removed"][0].update(confidence=0.9), id="a rule that is not sure"),
        pytest.param(lambda told: told["flagged"][0].update(reasons=["?"]), id="a rule that gives reasons"),
        pytest.param(lambda told: told["removed"][1].pop("confidence"), id="evidence without confidence"),
        pytest.param(lambda told: told["flagged"][1].pop("reasons"), id="evidence without reasons"),
        pytest.param(lambda told: told["removed"][1].update(reasons=[]), id="evidence for no reason"),
        pytest.param(lambda told: told["removed"][1].update(reasons=["?"] * 4), id="evidence for four reasons"),
        pytest.param(lambda told: told["removed"][1].update(confidence=1.01), id="surer than sure"),
        pytest.param(
            lambda told: told["removed"][1].update(of={"id": "b", "line": 2, "input": "b.txt"}), id="evidence of a unit"
        ),
        pytest.param(lambda told: told["removed"][2].update(block=1), id="layout in a block"),
        pytest.param(lambda told: told["duplicates"][0].update(relation="like"), id="an unknown relation"),
        pytest.param(lambda told: told["duplicates"][0].update(jaccard=1.2), id="more than the same"),
        pytest.param(lambda told: told["duplicates"][0].update(unit="document"), id="a document on a line"),
        pytest.param(lambda told: told["duplicates"][0].update(line=None), id="a passage on no line"),
        pytest.param(lambda told: told["duplicates"][0].pop("of"), id="like nothing"),
    ],
)
def test_a_broken_audit_object_fails(change: Callable[[dict[str, Any]], object]) -> None:
    unit = {"id": "b", "line": 2, "input": "b.txt"}
    mark = {"start": 0, "end": 4, "line": 1, "rule": "pack.rule", "text": "one\n"}
    weighed = {**mark, "rule": "evidence", "confidence": 0.9, "reasons": ["above the headline"], "block": 1}
    gap = {**mark, "rule": "layout"}
    told: dict[str, Any] = {
        "schema": 1, "id": "a", "input": "a.txt", "output": "clean/a.txt", "media": "text", "detail": "full", "sha256": "0" * 64,
        "packs": [], "chars_in": 9, "chars_out": 5, "repairs": [], "removed": [mark, weighed, gap],
        "flagged": [dict(mark), dict(weighed)], "skipped": [],
        "duplicates": [
            {"unit": "passage", "start": 4, "end": 9, "line": 2, "of": unit, "relation": "same", "jaccard": 1.0, "containment": 1.0},
        ],
    }  # fmt: skip
    schema = validator("audit.schema.json")
    schema.validate(told)
    wrong = copy.deepcopy(told)
    change(wrong)
    with pytest.raises(ValidationError):
        schema.validate(wrong)


def test_rejections(odd: Path, lines_of: Lines) -> None:
    rejected = lines_of(odd / "rejected.jsonl")
    schema = validator("rejected.schema.json")
    for one in rejected:
        schema.validate(one)
    expected = {"no-text", "not-a-record", "not-json", "not-utf8", "not-text", "no-article"}
    assert {one["reason"] for one in rejected} - {"not-a-file", "link-loop"} == expected
    assert {one["record"] for one in rejected if one["input"] == "records.jsonl"} == {7, 8, 9, 10}


@pytest.mark.parametrize(
    "wrong",
    [
        {"input": "a.txt", "reason": "not-text"},
        {"input": "a.txt", "reason": "bad luck", "detail": "?"},
        {"input": "a.txt", "record": None, "reason": "no-text", "detail": "?"},
        {"input": "a.jsonl", "record": 0, "reason": "no-text", "detail": "?"},
        {"input": "a.txt", "reason": "not-text", "detail": "?", "id": "a"},
    ],
)
def test_a_broken_rejection_fails(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        validator("rejected.schema.json").validate(wrong)


def test_every_reason_of_the_code_is_in_the_schema_and_no_other() -> None:
    from cleaner.extract.page_kinds import PageKind

    schema = json.loads((ROOT / "docs" / "rejected.schema.json").read_bytes())
    listed = {one["const"] for one in schema["properties"]["reason"]["oneOf"]}
    written = {kind.value for kind in PageKind}  # what a page is that is no article
    for path in (ROOT / "cleaner").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("InputError", "Rejection", "Refused", "self._reject"):
                place = 0 if ast.unparse(node.func) == "InputError" else 1
                if place < len(node.args) and isinstance(node.args[place], ast.Constant):
                    written.add(ast.literal_eval(node.args[place]))
    assert written == listed
