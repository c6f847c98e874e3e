"""One pack's TOML table to a ``Pack``, with every fault of it collected on the way."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from enum import Enum
from typing import TypeVar

import regex

from cleaner.errors import Fault
from cleaner.rules.matcher import window
from cleaner.rules.model import Action, Condition, Kind, Level, Pack, Rule

_PACK_FIELDS = frozenset(
    [
        "id",
        "version",
        "topic",
        "language",
        "hosts",
        "paths",
        "markers",
        "markers_needed",
        "marker_length",
        "disable",
        "max_length",
    ]
)
_RULE_FIELDS = frozenset(["id", "why", "kind", "action", "removes", "keeps", "max_length"])
_KIND_FIELDS: dict[Kind, frozenset[str]] = {
    Kind.LINE: frozenset(["literal", "pattern", "first", "last"]),
    Kind.PHRASE: frozenset(["literal", "pattern"]),
    Kind.BLOCK: frozenset(["start", "end", "max_lines", "first", "last"]),
    Kind.TAIL: frozenset(["start", "max_lines"]),
    Kind.HEAD: frozenset(["end", "max_lines"]),
}
_ALL_KIND_FIELDS = frozenset().union(*_KIND_FIELDS.values())
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_HOST = re.compile(r"[^\s/:@.A-Z]+(?:\.[^\s/:@.A-Z]+)+")
_WORD = re.compile(r"[a-z][a-z0-9_]*")
_PIECE = re.compile(r"\{\{([a-z][a-z0-9_]*)\}\}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
MAX_LENGTH = 1000
"""Code points of a line above which a rule's patterns are not tried, unless the rule or its pack says otherwise."""
_MAX_LENGTH_LIMIT = 20_000
_MAX_LINES_LIMIT = 1_000

E = TypeVar("E", bound=Enum)


class FaultList:
    """The faults of one file, and where in it we are."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.rule: str | None = None
        self.faults: list[Fault] = []

    def add(self, field: str | None, problem: str) -> None:
        """Notes a fault of a field of the rule at hand, once."""
        fault = Fault(self.path, self.rule, field, problem)
        if fault not in self.faults:
            self.faults.append(fault)


def parse_pack(table: Mapping[str, object], path: str, faults: FaultList, *, trusted: bool = False) -> Pack | None:
    """The pack of a TOML table; None when ``faults`` was given any.

    Args:
        table: what the TOML says.
        path: the file's name, for messages.
        faults: is given every fault.
        trusted: whether patterns are believed without being compiled.
    """
    before = len(faults.faults)
    for name in sorted(table.keys() - {"pack", "words", "rule"}):
        faults.add(name, "unknown table; a pack has one [pack], one [words] if need be, and any number of [[rule]]")
    head = table.get("pack")
    if not isinstance(head, dict):
        faults.add("pack", "missing; begin the file with [pack] and an id")
        head = {}
    words = _words(table.get("words", {}), faults)
    fields = _Fields(head, faults, words, trusted=trusted)
    fields.refuse_unknown(_PACK_FIELDS)
    pack_id = fields.identifier("id")
    topic = fields.text("topic") or "site"
    length = fields.number("max_length", 1, _MAX_LENGTH_LIMIT)
    pack = Pack(
        id=pack_id,
        version=fields.text("version") or "1",
        path=path,
        level=Level.GENERIC,
        topic=topic,
        language=fields.shaped("language", _LANGUAGE, "a two-letter code in lower case, such as en"),
        hosts=tuple(fields.hosts()),
        paths=fields.strings("paths"),
        markers=fields.patterns("markers"),
        markers_needed=fields.number("markers_needed", 1, 100) or 1,
        marker_length=fields.number("marker_length", 1, _MAX_LENGTH_LIMIT) or 200,
        disable=fields.strings("disable"),
        rules=_rules(table.get("rule", []), fields, pack_id, topic, length or MAX_LENGTH),
    )
    _check_scope(pack, faults)
    return pack if len(faults.faults) == before else None


def _words(table: object, faults: FaultList) -> dict[str, str]:
    """The named pieces of patterns of a pack: a list is a choice, and a piece may use those before it."""
    words: dict[str, str] = {}
    if not isinstance(table, dict):
        faults.add("words", 'must be a table: [words] and below it lists such as month = ["January", "February"]')
        return words
    for name, value in table.items():
        choices = [value] if isinstance(value, str) else value
        texts = isinstance(choices, list) and bool(choices) and all(isinstance(one, str) and one for one in choices)
        if not texts or not _WORD.fullmatch(name):
            faults.add(f"words.{name}", "must be a lower-case name with a text or a list of texts")
            continue
        words[name] = _filled("(?:" + "|".join(choices) + ")", words, f"words.{name}", faults)
    return words


def _filled(pattern: str, words: Mapping[str, str], field: str, faults: FaultList) -> str:
    """The pattern with every ``{{name}}`` replaced by the piece of that name."""

    def piece(found: re.Match[str]) -> str:
        if found[1] not in words:
            faults.add(field, f"{found[0]} is not among [words] above it" + (f"; known are {', '.join(words)}" if words else ""))
        return words.get(found[1], "")

    return _PIECE.sub(piece, pattern)


def _check_scope(pack: Pack, faults: FaultList) -> None:
    if pack.paths and not pack.hosts:
        faults.add("paths", "narrows hosts, but there are none; add hosts")
    for path in pack.paths:
        if not path.startswith("/"):
            faults.add("paths", f'"{path}" must begin with /')
    if pack.markers_needed > max(1, len(pack.markers)):
        faults.add("markers_needed", f"{pack.markers_needed} are needed, but there are only {len(pack.markers)} markers")


def _rules(tables: object, head: _Fields, pack: str, topic: str, length: int) -> tuple[Rule, ...]:
    faults = head.faults
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        faults.add("rule", "must be tables; write [[rule]] with double brackets")
        return ()
    rules: list[Rule] = []
    for number, table in enumerate(tables, 1):
        own = table.get("id")
        faults.rule = own if isinstance(own, str) and own else f"rule {number}"
        rule = _rule(head.like(table), pack, topic, length)
        if rule.id and any(rule.id == other.id for other in rules):
            faults.add("id", "is used twice in this pack; give each rule its own")
        rules.append(rule)
    faults.rule = None
    return tuple(rules)


def _rule(fields: _Fields, pack: str, topic: str, length: int) -> Rule:
    kind = fields.choice("kind", Kind, None)
    every = _RULE_FIELDS | _ALL_KIND_FIELDS
    fields.refuse_unknown(_RULE_FIELDS | _KIND_FIELDS[kind] if kind else every, every, kind)
    rule = Rule(
        pack=pack,
        id=fields.identifier("id"),
        why=fields.required_text("why", "say in one sentence what it is"),
        kind=kind or Kind.LINE,
        action=fields.choice("action", Action, Action.REMOVE) or Action.REMOVE,
        topic=topic,
        match=Condition(fields.strings("literal"), fields.patterns("pattern")),
        start=Condition(patterns=fields.patterns("start")),
        end=Condition(patterns=fields.patterns("end")),
        max_lines=fields.number("max_lines", 1, _MAX_LINES_LIMIT) or 0,
        max_length=fields.number("max_length", 1, _MAX_LENGTH_LIMIT) or length,
        first=fields.number("first", 1, _MAX_LINES_LIMIT),
        last=fields.number("last", 1, _MAX_LINES_LIMIT),
        removes=fields.examples("removes", "add one line that must go"),
        keeps=fields.examples("keeps", "add one line that looks like it but must stay"),
    )
    if kind is not None:
        _check_conditions(rule, fields)
    return rule


def _check_conditions(rule: Rule, fields: _Fields) -> None:
    """Whether the rule says what its kind needs."""
    faults = fields.faults
    if rule.kind in (Kind.LINE, Kind.PHRASE):
        if not rule.match and not fields.has("literal", "pattern"):
            faults.add("literal", "missing; say what matches: literal = [\"the whole line\"] or pattern = '^...$'")
        if any(window(pattern) > 1 for pattern in rule.match.patterns):
            faults.add("pattern", 'reads several lines (\\n); that is kind = "block" with the pattern as its start')
        if any(not literal.strip() for literal in rule.match.literals):
            faults.add("literal", "is blank; blank lines are not matched")
        return
    if rule.kind in (Kind.BLOCK, Kind.TAIL) and not rule.start and not fields.has("start"):
        faults.add("start", "missing; a pattern of the first line")
    if rule.kind is Kind.HEAD and not rule.end and not fields.has("end"):
        faults.add("end", "missing; a pattern of the last line")
    if any(window(pattern) > 1 for pattern in rule.end.patterns):
        faults.add("end", "reads several lines (\\n); an end is one line")
    several = all(window(pattern) > 1 for pattern in rule.start.patterns)
    if rule.kind is Kind.BLOCK and rule.start and not rule.end and not several and not fields.has("end"):
        faults.add("end", "missing; a pattern of the last line (or a start that reads several lines, with \\n)")
    needs_limit = rule.kind is not Kind.BLOCK or bool(rule.end)
    if needs_limit and not fields.has("max_lines"):
        faults.add("max_lines", "missing; how many non-blank lines may go at most")


class _Fields:
    """Typed reading of one TOML table; what is wrong becomes a fault and a harmless value."""

    def __init__(self, table: Mapping[str, object], faults: FaultList, words: Mapping[str, str], *, trusted: bool) -> None:
        self._table = table
        self._words = words
        self.faults = faults
        self._trusted = trusted

    def like(self, table: Mapping[str, object]) -> _Fields:
        """The fields of another table of the same file."""
        return _Fields(table, self.faults, self._words, trusted=self._trusted)

    def has(self, *names: str) -> bool:
        return any(name in self._table for name in names)

    def refuse_unknown(self, allowed: Collection[str], known: Collection[str] = (), kind: Kind | None = None) -> None:
        for name in sorted(self._table.keys() - set(allowed)):
            if name in known and kind is not None:
                self.faults.add(name, f'does not go with kind = "{kind.value}"')
                continue
            near = get_close_matches(name, allowed, n=1)
            hint = f'did you mean "{near[0]}"?' if near else f"known are {', '.join(sorted(allowed))}"
            self.faults.add(name, f"unknown field; {hint}")

    def text(self, name: str) -> str | None:
        value = self._table.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            self.faults.add(name, "must be a text in quotes")
            return None
        return value

    def required_text(self, name: str, remedy: str) -> str:
        if name not in self._table:
            self.faults.add(name, f"missing; {remedy}")
            return ""
        return self.text(name) or ""

    def shaped(self, name: str, shape: re.Pattern[str], remedy: str) -> str | None:
        value = self.text(name)
        if value is not None and not shape.fullmatch(value):
            self.faults.add(name, f'"{value}" is not {remedy}')
        return value

    def identifier(self, name: str) -> str:
        if name not in self._table:
            self.faults.add(name, "missing; a short name such as newsletter-box")
            return ""
        return self.shaped(name, _ID, "a name of lower-case letters, digits and single hyphens") or ""

    def number(self, name: str, least: int, most: int) -> int | None:
        value = self._table.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.faults.add(name, f"must be a whole number from {least} to {most}")
            return None
        return value

    def strings(self, name: str) -> tuple[str, ...]:
        value = self._table.get(name, [])
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(one, str) and one for one in values):
            self.faults.add(name, 'must be a text in quotes or a list of such: ["one", "two"]')
            return ()
        return tuple(values)

    def examples(self, name: str, remedy: str) -> tuple[str, ...]:
        values = self.strings(name)
        if not values and (name not in self._table or self._table[name] == []):
            self.faults.add(name, f"missing; {remedy}")
        return values

    def patterns(self, name: str) -> tuple[str, ...]:
        values = tuple(_filled(value, self._words, name, self.faults) for value in self.strings(name))
        for value in () if self._trusted else values:
            try:
                compiled = regex.compile(value)
            except (regex.error, ValueError) as error:  # ValueError: flags that exclude each other
                self.faults.add(name, f"does not compile: {error}: {value}")
                continue
            except RecursionError:
                self.faults.add(name, "is nested too deeply")
                continue
            if compiled.fullmatch("") is not None and name != "end":
                self.faults.add(name, f"matches an empty line, so it would match anything: {value}")
        return values

    def choice(self, name: str, options: type[E], default: E | None) -> E | None:
        value = self._table.get(name)
        if value is None and default is not None:
            return default
        names = [str(option.value) for option in options]
        if value not in names:
            given = "missing" if value is None else f'"{value}" is unknown'
            self.faults.add(name, f"{given}; one of {', '.join(names)}")
            return None
        return options(value)

    def hosts(self) -> tuple[str, ...]:
        hosts = self.strings("hosts")
        for host in hosts:
            if not _HOST.fullmatch(host):
                self.faults.add("hosts", f'"{host}" is not a host; write it like example.org: lower case, no https://, no path')
        return hosts
