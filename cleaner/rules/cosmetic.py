"""Cosmetic filters of ad-block lists, read as a pack: ``example.com,~shop.example.com##.newsletter``.

What they hide goes, as far as CSS (or ``:xpath()``) says it. An exception (``#@#``) takes its hosts out of the rules with the same
selector, of the same list. What blocks requests, runs scripts or needs a browser is counted.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import PurePath

from cleaner.errors import Fault
from cleaner.rules.adopted import Adopted, slug
from cleaner.rules.fields import HOST
from cleaner.rules.model import Action, Kind, Level, Pack, Rule, Selection

_FILTER = re.compile(r"([^#]*?)(?:#(@?)(\?|\$\??|%)?#|(\$@?\$))(?!#)(.*)$|([^#]*?)#(@?)#(#.*)$")
_HEAD = re.compile(r"!\s*(Licen[cs]e|Version)\s*:\s*(.+)", re.IGNORECASE)
_LOOKS = re.compile(r"[\w.*~,-]*#@?\??#[.#\[:*a-zA-Z]")
_XPATH = re.compile(r":xpath\((.+)\)$")
_PROCEDURES = re.compile(
    r":(?:-abp-[\w-]+|has-text|upward|matches-[\w-]+|min-text-length|nth-ancestor|others|remove|remove-attr|remove-class|style|watch-attr"
    r"|matches-path|matches-media|if|if-not|contains|properties|shadow)\("
)
NETWORK = "network filters (what a browser would not fetch)"
SCRIPTS = "scripts and snippets (+js, #%#, #$#)"
STYLES = "styles (:style, #$#)"
PAGES = "filters of a page's source (##^, $$)"
PROCEDURES = "selectors that need a browser (:has-text, :-abp- ...)"
DOMAINS = "hosts as patterns (example.*, /.../)"
EXCEPTIONS = "exceptions from rules that are not in the list"


@dataclass(slots=True)
class _Filter:
    """A filter that can be used.

    Attributes:
        line: its number.
        body: its selector as written.
        hosts: it is for these; empty: for all.
        except_hosts: but not for these.
    """

    line: int
    body: str
    hosts: list[str] = field(default_factory=list)
    except_hosts: list[str] = field(default_factory=list)


def is_filter_list(text: str) -> bool:
    r"""Whether a text is a list of such filters.

    >>> is_filter_list("! a list\n##.promo\n"), is_filter_list("# Heading\n## Another\n")
    (True, False)
    """
    if text.lstrip("\ufeff").startswith("[Adblock"):
        return True
    lines = [line for line in text.split("\n") if line.strip() and not line.startswith("!")]
    return sum(_LOOKS.match(line) is not None for line in lines) * 10 > len(lines)


def read_filter_list(text: str, path: str, level: Level = Level.USER) -> Adopted:
    """The pack that a list amounts to; selectors are taken as they stand.

    Args:
        text: of the file.
        path: where it lies.
        level: of the pack.
    """
    reading = _Reading()
    for number, line in enumerate(text.split("\n"), 1):
        reading.line(number, line.strip())
    name = PurePath(path).name
    pack = slug(PurePath(path).stem)
    rules = tuple(_rule(pack, one) for one in reading.filters())
    faults = tuple(Fault(path, f"line {number}", None, problem) for number, problem in reading.faults)
    made = Pack(
        pack,
        reading.head.get("version", "1"),
        path,
        level,
        "advertising",
        imported=name,
        licence=reading.head.get("license", ""),
        rules=rules,
    )
    return Adopted(made if rules else None, reading.unused, faults)


def _rule(pack: str, one: _Filter) -> Rule:
    xpath = _XPATH.match(one.body)
    select = Selection(xpath=(xpath[1],)) if xpath else Selection(css=(one.body,))
    return Rule(
        pack,
        f"line-{one.line}",
        f"Filter, line {one.line}",
        Kind.NODE,
        Action.REMOVE,
        "advertising",
        select=select,
        hosts=tuple(one.hosts),
        except_hosts=tuple(one.except_hosts),
    )


class _Reading:
    """A list while it is read."""

    def __init__(self) -> None:
        self._filters: list[_Filter] = []
        self._exceptions: list[_Filter] = []
        self.head: dict[str, str] = {}
        self.unused: Counter[str] = Counter()
        self.faults: list[tuple[int, str]] = []

    def line(self, number: int, line: str) -> None:
        """Reads one line."""
        line = line.removeprefix("\ufeff")
        if not line or line.startswith(("!", "[Adblock")):
            if head := _HEAD.match(line):
                self.head.setdefault(head[1].lower().replace("licence", "license"), head[2].strip())
            return
        told = _FILTER.match(line)
        if told is None:
            self.unused[NETWORK] += 1
            return
        hosts, unless, marker, source, body = told[1], told[2], told[3], told[4], told[5]
        if told[8] is not None:
            hosts, unless, body = told[6], told[7], told[8]
        kind = _unusable(marker, source, body)
        if kind:
            self.unused[kind] += 1
        elif not body:
            self.faults.append((number, f"has no selector: {line[:80]}"))
        else:
            self._take(_Filter(number, body.strip()), hosts, is_exception=bool(unless))

    def _take(self, one: _Filter, hosts: str, *, is_exception: bool) -> None:
        named = [host.strip().lower() for host in hosts.split(",") if host.strip()]
        patterns = 0
        for host in named:
            bare = host.removeprefix("~")
            if not HOST.fullmatch(bare) or "*" in bare:
                patterns += 1
            elif host.startswith("~"):
                one.except_hosts.append(bare)
            else:
                one.hosts.append(bare)
        self.unused[DOMAINS] += patterns
        # For some hosts only, of which none can be told: it must not become one for all.
        if patterns and not one.hosts and any(not host.startswith("~") for host in named):
            return
        (self._exceptions if is_exception else self._filters).append(one)

    def filters(self) -> list[_Filter]:
        """The filters, less their exceptions."""
        self.unused = +self.unused
        by_body: dict[str, list[_Filter]] = {}
        for one in self._filters:
            by_body.setdefault(one.body, []).append(one)
        gone: set[int] = set()
        for exception in self._exceptions:
            meant = by_body.get(exception.body, [])
            if not meant:
                self.unused[EXCEPTIONS] += 1
            for one in meant:
                if exception.hosts:
                    one.except_hosts += [host for host in exception.hosts if host not in one.except_hosts]
                else:
                    gone.add(one.line)
        return [one for one in self._filters if one.line not in gone]


def _unusable(marker: str | None, source: str | None, body: str) -> str | None:
    """Why cleaning text cannot use a filter, as a kind of thing to count."""
    if source or body.startswith("^"):
        return PAGES
    if body.startswith("+js(") or marker == "%" or (marker and marker.startswith("$")):
        return STYLES if marker and body.rstrip().endswith("}") else SCRIPTS
    if ":style(" in body:
        return STYLES
    return PROCEDURES if _PROCEDURES.search(body) else None
