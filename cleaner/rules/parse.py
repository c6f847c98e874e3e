"""One pack's TOML table to a ``Pack``, with every fault of it collected on the way."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cleaner.rules.fields import FaultList, Fields, filled
from cleaner.rules.matcher import window
from cleaner.rules.model import Action, Condition, Kind, Level, Pack, Rule

__all__ = ["MAX_LENGTH", "FaultList", "parse_pack"]

_PACK_FIELDS = frozenset(
    [
        "id",
        "version",
        "topic",
        "language",
        "hosts",
        "subdomains",
        "imported",
        "licence",
        "paths",
        "markers",
        "markers_needed",
        "marker_length",
        "disable",
        "max_length",
    ]
)
_RULE_FIELDS = frozenset(["id", "why", "kind", "removes", "keeps"])
_OF_TEXT_FIELDS = frozenset(["action", "max_length"])
_OF_PAGE_FIELDS = frozenset(["css", "xpath", "hosts", "except_hosts"])
_KIND_FIELDS: dict[Kind, frozenset[str]] = {
    Kind.LINE: _OF_TEXT_FIELDS | {"literal", "pattern", "first", "last"},
    Kind.PHRASE: _OF_TEXT_FIELDS | {"literal", "pattern"},
    Kind.BLOCK: _OF_TEXT_FIELDS | {"start", "end", "max_lines", "first", "last"},
    Kind.TAIL: _OF_TEXT_FIELDS | {"start", "max_lines"},
    Kind.HEAD: _OF_TEXT_FIELDS | {"end", "max_lines"},
    Kind.NODE: _OF_PAGE_FIELDS | {"action"},
    Kind.BODY: _OF_PAGE_FIELDS | {"whole"},
    Kind.TITLE: _OF_PAGE_FIELDS,
    Kind.AUTHOR: _OF_PAGE_FIELDS,
    Kind.DATE: _OF_PAGE_FIELDS,
}
_ALL_KIND_FIELDS = frozenset().union(*_KIND_FIELDS.values())
_WORD = re.compile(r"[a-z][a-z0-9_]*")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
MAX_LENGTH = 1000
"""Code points of a line above which a rule's patterns are not tried, unless the rule or its pack says otherwise."""
_MAX_LENGTH_LIMIT = 20_000
_MAX_LINES_LIMIT = 1_000


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
    fields = Fields(head, faults, words, trusted=trusted)
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
        hosts=fields.hosts(),
        subdomains=fields.yes_or_no("subdomains", default=True),
        paths=fields.strings("paths"),
        markers=fields.patterns("markers"),
        markers_needed=fields.number("markers_needed", 1, 100) or 1,
        marker_length=fields.number("marker_length", 1, _MAX_LENGTH_LIMIT) or 200,
        disable=fields.strings("disable"),
        imported=fields.text("imported") or "",
        licence=fields.text("licence") or "",
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
        words[name] = filled("(?:" + "|".join(choices) + ")", words, f"words.{name}", faults)
    return words


def _check_scope(pack: Pack, faults: FaultList) -> None:
    if pack.paths and not pack.hosts:
        faults.add("paths", "narrows hosts, but there are none; add hosts")
    for path in pack.paths:
        if not path.startswith("/"):
            faults.add("paths", f'"{path}" must begin with /')
    if pack.markers_needed > max(1, len(pack.markers)):
        faults.add("markers_needed", f"{pack.markers_needed} are needed, but there are only {len(pack.markers)} markers")


def _rules(tables: object, head: Fields, pack: str, topic: str, length: int) -> tuple[Rule, ...]:
    faults = head.faults
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        faults.add("rule", "must be tables; write [[rule]] with double brackets")
        return ()
    rules: list[Rule] = []
    names: set[str] = set()
    for number, table in enumerate(tables, 1):
        own = table.get("id")
        faults.rule = own if isinstance(own, str) and own else f"rule {number}"
        rule = _rule(head.like(table), pack, topic, length, examples=not head.has("imported"))
        if rule.id and rule.id in names:
            faults.add("id", "is used twice in this pack; give each rule its own")
        names.add(rule.id)
        rules.append(rule)
    faults.rule = None
    return tuple(rules)


def _rule(fields: Fields, pack: str, topic: str, length: int, *, examples: bool) -> Rule:
    """A rule.

    Args:
        fields: of its table.
        pack: id of its pack.
        topic: of its pack.
        length: the pack's ``max_length``.
        examples: whether it must have some.
    """
    kind = fields.choice("kind", Kind, None)
    thing = "small piece of HTML" if kind and kind.of_page else "line"
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
        select=fields.selection(),
        hosts=fields.hosts("hosts") if fields.has("hosts") else (),
        except_hosts=fields.hosts("except_hosts") if fields.has("except_hosts") else (),
        whole=fields.yes_or_no("whole", default=False),
        removes=fields.examples("removes", f"add one {thing} that must go", needed=examples),
        keeps=fields.examples("keeps", f"add one {thing} that looks like it but must stay", needed=examples),
    )
    if kind is not None:
        _check_conditions(rule, fields)
    return rule


def _check_conditions(rule: Rule, fields: Fields) -> None:
    """Whether the rule says what its kind needs."""
    faults = fields.faults
    if rule.kind.of_page:
        if not rule.select and not fields.has("css", "xpath"):
            faults.add("css", 'missing; say what is meant: css = "div.newsletter" or xpath = \'//div[@id="newsletter"]\'')
    elif rule.kind in (Kind.LINE, Kind.PHRASE):
        if not rule.match and not fields.has("literal", "pattern"):
            faults.add("literal", "missing; say what matches: literal = [\"the whole line\"] or pattern = '^...$'")
        if any(window(pattern) > 1 for pattern in rule.match.patterns):
            faults.add("pattern", 'reads several lines (\\n); that is kind = "block" with the pattern as its start')
        if any(not literal.strip() for literal in rule.match.literals):
            faults.add("literal", "is blank; blank lines are not matched")
    else:
        _check_ends(rule, fields)


def _check_ends(rule: Rule, fields: Fields) -> None:
    """Whether a rule about several lines says what its kind needs."""
    faults = fields.faults
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
