"""A pack's file: a rule is written behind what stands there, letter by letter as it was."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

from cleaner.errors import Fault, RuleFaults, UsageError
from cleaner.learn import toml
from cleaner.rules.check import check_rules
from cleaner.rules.model import Action, Level, Pack, Rule, RuleSet
from cleaner.rules.parse import MAX_LENGTH, FaultList, parse_pack
from cleaner.strip import left_by
from cleaner.writers.atomic import AtomicFile

_BOM = b"\xef\xbb\xbf"
SCHEMA = "pack.schema.json"
"""Beside a pack, for editors that know JSON schemas of TOML."""


def rule_text(rule: Rule) -> str:
    r"""A rule as people write it.

    >>> from cleaner.rules.model import Condition, Kind
    >>> made = Rule("p", "cta", "A button", Kind.LINE, Action.REMOVE, "site", Condition(("google cta",)), removes=("google cta",))
    >>> print(rule_text(made).split("\n")[4])
    literal = ["google cta"]
    """
    rows = ["[[rule]]", f"id = {toml.quoted(rule.id)}", f"why = {toml.quoted(rule.why)}", f'kind = "{rule.kind.value}"']
    if rule.match.literals:
        rows.append(f"literal = {toml.listed([*map(toml.quoted, rule.match.literals)])}")
    for name, condition in (("pattern", rule.match), ("start", rule.start), ("end", rule.end)):
        patterns = [*map(toml.raw, condition.patterns)]
        rows += [f"{name} = {patterns[0] if len(patterns) == 1 else toml.listed(patterns)}"] if patterns else []
    rows += [f"max_lines = {rule.max_lines}"] if rule.max_lines else []
    rows += [f"max_length = {rule.max_length}"] if rule.max_length != MAX_LENGTH else []
    rows += [f"first = {rule.first}"] if rule.first else []
    rows += [f"last = {rule.last}"] if rule.last else []
    rows += [f'action = "{rule.action.value}"'] if rule.action is not Action.REMOVE else []
    rows += [f"{name} = {toml.listed([*map(toml.quoted, getattr(rule, name))])}" for name in ("removes", "keeps")]
    return "\n".join(rows) + "\n"


def new_pack(pack_id: str, host: str | None) -> str:
    """The head of a new pack.

    >>> print(new_pack("paper", "paper.example"))
    #:schema ./pack.schema.json
    [pack]
    id = "paper"
    version = "1"
    hosts = ["paper.example"]
    <BLANKLINE>
    """
    rows = [f"#:schema ./{SCHEMA}", "[pack]", f"id = {toml.quoted(pack_id)}", 'version = "1"']
    rows += [f"hosts = [{toml.quoted(host)}]"] if host else []
    return "\n".join(rows) + "\n"


def appended(old: bytes, rule: str) -> bytes:
    r"""The file with a rule behind what stands there; its line ends are those of the file.

    >>> appended(b"[pack]\r\nid = 'a' # mine", "[[rule]]\n")
    b"[pack]\r\nid = 'a' # mine\r\n\r\n[[rule]]\r\n"
    """
    end = b"\r\n" if b"\r\n" in old else b"\n"
    if not old.endswith((b"\n\n", b"\r\n\r\n")):
        old += end * (1 if old.endswith(b"\n") else 2)
    return old + rule.encode().replace(b"\n", end)


def parsed(data: bytes, path: str) -> Pack:
    """The pack that a file holds.

    Raises:
        RuleFaults: with every fault of it.
    """
    try:
        table = tomllib.loads(data.removeprefix(_BOM).decode())
    except UnicodeDecodeError as error:
        raise RuleFaults((Fault(path, None, None, f"is not UTF-8 (byte {error.start}); save it as UTF-8"),)) from error
    except tomllib.TOMLDecodeError as error:
        raise RuleFaults((Fault(path, None, None, f"is not TOML: {error}"),)) from error
    faults = FaultList(path)
    pack = parse_pack(table, path, faults)
    if pack is None:
        raise RuleFaults(tuple(faults.faults))
    return replace(pack, level=Level.USER)


def checked(data: bytes, path: str, rule: str) -> Pack:
    """The pack that a file holds, in which a rule does what its examples say.

    Raises:
        RuleFaults: it does not, or the pack has other faults.
    """
    pack = parsed(data, path)
    own = replace(pack, rules=tuple(one for one in pack.rules if one.id == rule))
    faults = tuple(check_rules(RuleSet((own,)), left_by))
    if faults:
        raise RuleFaults(faults)
    return pack


def write(path: Path, data: bytes, *, schema: Path | None) -> None:
    """Writes the file, and beside a new one the schema, unless it is there.

    Raises:
        UsageError: it is a symbolic link to nowhere, or a folder.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name a file, such as {path / 'pack.toml'}")
    with AtomicFile(path.resolve()) as file:
        file.write(data)
    beside = path.with_name(SCHEMA)
    if schema is not None and not beside.exists():
        with AtomicFile(beside) as file:
            file.write(schema.read_bytes())
