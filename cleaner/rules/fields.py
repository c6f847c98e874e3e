"""Typed reading of the tables of a pack, every fault noted on the way."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from enum import Enum
from typing import TypeVar

import regex

from cleaner.errors import Fault
from cleaner.rules.model import Kind, Selection

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
HOST = re.compile(r"[^\s/:@.A-Z]+(?:\.[^\s/:@.A-Z]+)+")
_PIECE = re.compile(r"\{\{([a-z][a-z0-9_]*)\}\}")

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


def filled(pattern: str, words: Mapping[str, str], field: str, faults: FaultList) -> str:
    """The pattern with every ``{{name}}`` replaced by the piece of that name."""

    def piece(found: re.Match[str]) -> str:
        if found[1] not in words:
            faults.add(field, f"{found[0]} is not among [words] above it" + (f"; known are {', '.join(words)}" if words else ""))
        return words.get(found[1], "")

    return _PIECE.sub(piece, pattern)


class Fields:
    """Typed reading of one TOML table; what is wrong becomes a fault and a harmless value."""

    def __init__(self, table: Mapping[str, object], faults: FaultList, words: Mapping[str, str], *, trusted: bool) -> None:
        self._table = table
        self._words = words
        self.faults = faults
        self._trusted = trusted

    def like(self, table: Mapping[str, object]) -> Fields:
        """The fields of another table of the same file."""
        return Fields(table, self.faults, self._words, trusted=self._trusted)

    def has(self, *names: str) -> bool:
        """Whether the table has one of these fields."""
        return any(name in self._table for name in names)

    def refuse_unknown(self, allowed: Collection[str], known: Collection[str] = (), kind: Kind | None = None) -> None:
        """Notes fields that are not allowed; of those that are ``known``, that they do not go with the kind."""
        for name in sorted(self._table.keys() - set(allowed)):
            if name in known and kind is not None:
                self.faults.add(name, f'does not go with kind = "{kind.value}"')
                continue
            near = get_close_matches(name, allowed, n=1)
            hint = f'did you mean "{near[0]}"?' if near else f"known are {', '.join(sorted(allowed))}"
            self.faults.add(name, f"unknown field; {hint}")

    def text(self, name: str) -> str | None:
        """A text that is not blank; None when it is missing."""
        value = self._table.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            self.faults.add(name, "must be a text in quotes")
            return None
        return value

    def required_text(self, name: str, remedy: str) -> str:
        """A text that must be there."""
        if name not in self._table:
            self.faults.add(name, f"missing; {remedy}")
            return ""
        return self.text(name) or ""

    def shaped(self, name: str, shape: re.Pattern[str], remedy: str) -> str | None:
        """A text that has a shape; ``remedy`` says which."""
        value = self.text(name)
        if value is not None and not shape.fullmatch(value):
            self.faults.add(name, f'"{value}" is not {remedy}')
        return value

    def identifier(self, name: str) -> str:
        """A name such as ``newsletter-box``, which must be there."""
        if name not in self._table:
            self.faults.add(name, "missing; a short name such as newsletter-box")
            return ""
        return self.shaped(name, _ID, "a name of lower-case letters, digits and single hyphens") or ""

    def number(self, name: str, least: int, most: int) -> int | None:
        """A whole number from ``least`` to ``most``; None when it is missing."""
        value = self._table.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.faults.add(name, f"must be a whole number from {least} to {most}")
            return None
        return value

    def strings(self, name: str) -> tuple[str, ...]:
        """Texts, of which none is empty."""
        value = self._table.get(name, [])
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(one, str) and one for one in values):
            self.faults.add(name, 'must be a text in quotes or a list of such: ["one", "two"]')
            return ()
        return tuple(values)

    def examples(self, name: str, remedy: str, *, needed: bool = True) -> tuple[str, ...]:
        """Examples, of which one must be there unless they are not needed."""
        values = self.strings(name)
        if needed and not values and (name not in self._table or self._table[name] == []):
            self.faults.add(name, f"missing; {remedy}")
        return values

    def patterns(self, name: str) -> tuple[str, ...]:
        """Patterns with the pieces of ``words`` in them; unless they are trusted, each is compiled to be believed."""
        values = tuple(filled(value, self._words, name, self.faults) for value in self.strings(name))
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
        """One of the options."""
        value = self._table.get(name)
        if value is None and default is not None:
            return default
        names = [str(option.value) for option in options]
        if value not in names:
            given = "missing" if value is None else f'"{value}" is unknown'
            self.faults.add(name, f"{given}; one of {', '.join(names)}")
            return None
        return options(value)

    def selection(self) -> Selection:
        """CSS selectors and XPath expressions; unless they are trusted, each is compiled to be believed."""
        found = Selection(self.strings("css"), self.strings("xpath"))
        for name, sources in (("css", found.css), ("xpath", found.xpath)):
            for source in () if self._trusted else sources:
                from cleaner.rules.selectors import compiled

                try:
                    compiled(css=source) if name == "css" else compiled(xpath=source)
                except ValueError as error:
                    self.faults.add(name, f"{error}: {source}")
        return found

    def yes_or_no(self, name: str, *, default: bool) -> bool:
        """``true`` or ``false``."""
        value = self._table.get(name, default)
        if not isinstance(value, bool):
            self.faults.add(name, "must be true or false")
            return default
        return value

    def hosts(self, name: str = "hosts") -> tuple[str, ...]:
        """Names of hosts."""
        hosts = self.strings(name)
        for host in hosts:
            if not HOST.fullmatch(host):
                self.faults.add(name, f'"{host}" is not a host; write it like example.org: lower case, no https://, no path')
        return hosts
