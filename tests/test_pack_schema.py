"""``docs/pack.schema.json`` says of packs what the parser says."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cleaner.rules import fields, parse
from cleaner.rules.load import bundled_files, bundled_schema
from cleaner.rules.model import Action, Kind

SCHEMA: dict[str, Any] = json.loads(bundled_schema().read_text(encoding="utf-8"))
RULE = SCHEMA["$defs"]["rule"]
PACK = '[pack]\nid = "odd"\n'
FINE = PACK + '[[rule]]\nid = "a"\nwhy = "A line"\nkind = "line"\nliteral = "gone"\nremoves = "gone"\nkeeps = ["stays"]\n'


def valid(table: Any) -> bool:
    return Draft202012Validator(SCHEMA).is_valid(table)


def parses(table: Any) -> bool:
    faults = parse.FaultList("odd.toml")
    return parse.parse_pack(table, "odd.toml", faults) is not None


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_fields_kinds_and_actions_are_those_of_the_parser() -> None:
    assert set(SCHEMA["properties"]) == {"pack", "words", "rule"}
    assert set(SCHEMA["properties"]["pack"]["properties"]) == parse._PACK_FIELDS
    assert set(RULE["properties"]) == parse._RULE_FIELDS | parse._ALL_KIND_FIELDS
    assert set(RULE["properties"]["kind"]["enum"]) == {kind.value for kind in Kind}
    assert set(RULE["properties"]["action"]["enum"]) == {action.value for action in Action}
    for part in RULE["allOf"]:
        kind = Kind(part["if"]["properties"]["kind"]["const"])
        assert set(part["then"]["properties"]) == parse._ALL_KIND_FIELDS - parse._KIND_FIELDS[kind]
    assert len(RULE["allOf"]) == len(Kind)
    limits = {name: one["maximum"] for name, one in RULE["properties"].items() if "maximum" in one}
    lines = parse._MAX_LINES_LIMIT
    assert limits == {"max_length": parse._MAX_LENGTH_LIMIT, "max_lines": lines, "first": lines, "last": lines}
    assert SCHEMA["properties"]["pack"]["properties"]["id"]["pattern"] == f"^{fields._ID.pattern}$"
    assert SCHEMA["properties"]["pack"]["properties"]["hosts"]["oneOf"][0]["pattern"] == f"^{fields.HOST.pattern}$"


def test_all_bundled_packs_fit() -> None:
    for file in bundled_files():
        errors = list(Draft202012Validator(SCHEMA).iter_errors(tomllib.loads(file.path.read_text(encoding="utf-8"))))
        assert not errors, (file.path, errors[0].message)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('kind = "line"', 'kind = "lines"'),
        ('kind = "line"', 'kind = "tail"'),
        ('kind = "line"', 'kind = "head"'),
        ('kind = "line"', 'kind = "block"'),
        ('literal = "gone"', ""),
        ('literal = "gone"', "literal = 3"),
        ('literal = "gone"', 'literal = "gone"\nmax_lines = 3'),
        ('literal = "gone"', 'literal = "gone"\nfirst = 0'),
        ('literal = "gone"', 'literal = "gone"\nmax_length = 20001'),
        ('literal = "gone"', 'literals = ["gone"]'),
        ('literal = "gone"', 'literal = "gone"\naction = "delete"'),
        ('removes = "gone"', ""),
        ('removes = "gone"', "removes = []"),
        ('keeps = ["stays"]', ""),
        ('why = "A line"', 'why = " "'),
        ('id = "a"', 'id = "A"'),
        ('id = "odd"', 'id = "odd"\nhosts = ["https://a.example"]'),
        ('id = "odd"', 'id = "odd"\nhost = ["a.example"]'),
        ('id = "odd"', 'id = "odd"\nlanguage = "English"'),
        ('id = "odd"', 'id = "odd"\npaths = ["/news/"]'),
        ('id = "odd"', 'id = "odd"\nmarkers_needed = 2'),
        (PACK, '[pack]\nid = "odd"\n[word]\na = "b"\n'),
        (PACK, '[pack]\nid = "odd"\n[words]\nBig = "b"\n'),
        (PACK, ""),
    ],
)
def test_what_the_parser_refuses_the_schema_refuses(old: str, new: str) -> None:
    assert valid(tomllib.loads(FINE))
    assert parses(tomllib.loads(FINE))
    assert old in FINE
    table = tomllib.loads(FINE.replace(old, new, 1))
    assert not parses(table)
    assert not valid(table)


def test_packs_of_the_documentation_fit() -> None:
    import re

    text = (Path(__file__).resolve().parent.parent / "docs" / "rules.md").read_text(encoding="utf-8")
    packs = [
        body for body in re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL) if not body.startswith("# wrong")
    ]
    assert len(packs) > 5
    for body in packs:
        assert valid(tomllib.loads(PACK + body if body.startswith("# in a pack") else body)), body
