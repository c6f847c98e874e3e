"""What a rule is: frozen data, as a pack's TOML says it, with nothing compiled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, IntEnum

from cleaner.errors import Fault


class Kind(Enum):
    """What of a document a rule speaks about."""

    LINE = "line"
    """A whole line."""
    PHRASE = "phrase"
    """A span inside a line; with ``action = "keep"``, any line that holds it."""
    BLOCK = "block"
    """From a line that matches ``start`` to the next that matches ``end``; or just the lines of ``start``."""
    TAIL = "tail"
    """From a line that matches ``start`` to the document's end."""
    HEAD = "head"
    """From the document's start to a line that matches ``end``."""
    NODE = "node"
    """An element of an HTML page, with all it holds."""
    BODY = "body"
    """The element of an HTML page that holds the article; nothing else is of it."""
    TITLE = "title"
    """What of an HTML page tells its title."""
    AUTHOR = "author"
    """What of an HTML page tells who wrote it."""
    DATE = "date"
    """What of an HTML page tells when it was published."""

    @property
    def of_page(self) -> bool:
        """Whether it speaks about elements of an HTML page, and not about lines of text."""
        return self in _OF_PAGE

    @property
    def of_metadata(self) -> bool:
        """Whether it fills a field of the metadata of its name."""
        return self in _OF_METADATA


_OF_METADATA = frozenset([Kind.TITLE, Kind.AUTHOR, Kind.DATE])
_OF_PAGE = _OF_METADATA | {Kind.NODE, Kind.BODY}


class Action(Enum):
    """What happens to what a rule matches."""

    REMOVE = "remove"
    FLAG = "flag"
    KEEP = "keep"


class Level(IntEnum):
    """How near to the user a pack lies; the nearest level that says anything about a line decides."""

    GENERIC = 1
    SITE = 2
    PROJECT = 3
    USER = 4


@dataclass(frozen=True, slots=True)
class Condition:
    """What a line, or a window of consecutive non-blank lines, must be.

    Attributes:
        literals: whole lines, compared with blanks and case folded.
        patterns: ``regex`` patterns, searched in the line with its blanks folded.
    """

    literals: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.literals or self.patterns)


@dataclass(frozen=True, slots=True)
class Selection:
    """What finds elements of a page.

    Attributes:
        css: CSS selectors.
        xpath: XPath expressions.
    """

    css: tuple[str, ...] = ()
    xpath: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.css or self.xpath)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a pack.

    Attributes:
        pack: id of its pack.
        id: its own id, unique in the pack.
        why: what the thing is, one sentence for people.
        kind: what it speaks about.
        action: what happens to it.
        topic: kind of boilerplate, for summaries.
        match: for lines and phrases: what matches.
        start: for blocks and tails: the first line, or a window of lines.
        end: for blocks and heads: the last line.
        select: for what is of a page: what finds it.
        max_lines: for blocks, tails and heads: non-blank lines they may cover at most, both ends counted.
        max_length: code points of a line (blanks folded) above which its patterns are not tried.
        first: only among this many first non-blank lines of what is left of the document; None: anywhere.
        last: only among this many last ones; None: anywhere.
        hosts: of its pack's pages, only those of these hosts and their sub-domains; empty: all. For what is of a page.
        except_hosts: but not those of these.
        whole: of a body: all that stands in it is of the article, whatever the weights say of it.
        removes: examples that go. Of a keep rule: near misses that it does not protect.
        keeps: near misses that stay. Of a keep rule: examples that it protects. Those of what is of a page are HTML.
    """

    pack: str
    id: str
    why: str
    kind: Kind
    action: Action
    topic: str
    match: Condition = Condition()
    start: Condition = Condition()
    end: Condition = Condition()
    max_lines: int = 0
    max_length: int = 1000
    first: int | None = None
    last: int | None = None
    select: Selection = Selection()
    hosts: tuple[str, ...] = ()
    except_hosts: tuple[str, ...] = ()
    whole: bool = False
    removes: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Full name, ``pack.rule``."""
        return f"{self.pack}.{self.id}"

    def covers(self, host: str) -> bool:
        """Whether it speaks about pages of a host, among those of its pack; of an unknown host when it names none to speak about."""
        return (not self.hosts or on_host(host, self.hosts)) and not (self.except_hosts and on_host(host, self.except_hosts))


def on_host(host: str, hosts: Iterable[str]) -> bool:
    """Whether a host is one of some, or a sub-domain of one.

    >>> on_host("www.example.org", ["example.org"]), on_host("badexample.org", ["example.org"])
    (True, False)
    """
    return any(host == one or host.endswith("." + one) for one in hosts)


@dataclass(frozen=True, slots=True)
class Pack:
    """Rules that are in force together.

    Attributes:
        id: its name, unique among all packs that are loaded.
        version: as its author counts.
        path: the file it was read from, for messages.
        level: how near to the user it lies.
        topic: kind of boilerplate its rules are about, for summaries.
        language: two-letter code of the language its rules read, or None for any.
        hosts: hosts it is in force for; sub-domains count.
        subdomains: False: of these hosts alone, and of them with ``www.`` before them.
        paths: beginnings of URL paths that narrow ``hosts``; empty: all.
        markers: patterns of lines that tell the site when no URL does.
        markers_needed: how many different markers must be found.
        marker_length: code points of a line above which a marker in it does not count: an article may quote a site.
        disable: full names of rules that are off wherever this pack is in force.
        imported: what it was made of by a converter; its rules may lack examples. Empty: people wrote it.
        licence: that of what it was made of, as its file tells it.
        rules: in the order of the file.
    """

    id: str
    version: str
    path: str
    level: Level
    topic: str
    language: str | None = None
    hosts: tuple[str, ...] = ()
    subdomains: bool = True
    paths: tuple[str, ...] = ()
    markers: tuple[str, ...] = ()
    markers_needed: int = 1
    marker_length: int = 200
    disable: tuple[str, ...] = ()
    imported: str = ""
    licence: str = ""
    rules: tuple[Rule, ...] = ()

    @property
    def scoped(self) -> bool:
        """Whether it is in force for some documents only."""
        return bool(self.hosts or self.markers)

    def covers(self, host: str, path: str) -> bool:
        """Whether a page belongs to its hosts, on label boundaries, and to its paths.

        >>> pack = Pack("p", "1", "p.toml", Level.USER, "site", hosts=("example.org",), paths=("/news/",))
        >>> pack.covers("www.example.org", "/news/1"), pack.covers("badexample.org", "/news/1"), pack.covers("example.org", "/")
        (True, False, False)
        """
        if not (on_host(host, self.hosts) if self.subdomains else host.removeprefix("www.") in self.hosts):
            return False
        return not self.paths or path.startswith(self.paths)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All packs of a run, in order of loading: bundled ones first.

    Attributes:
        packs: the packs; their ids are unique.
        fingerprint: hex digest of everything in them that can change a result.
        notes: what is wrong in files of others' rules; all else in them is in force.
    """

    packs: tuple[Pack, ...] = ()
    fingerprint: str = ""
    notes: tuple[Fault, ...] = ()

    def rules(self) -> Iterator[tuple[Pack, Rule]]:
        """Every rule with its pack, in order."""
        for pack in self.packs:
            for rule in pack.rules:
                yield pack, rule
