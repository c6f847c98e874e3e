"""Which packs are in force for a page: by its host and path, else by markers found in its lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from cleaner.document import Means, ToldBy
from cleaner.rules.matcher import Limited, Matcher
from cleaner.rules.model import Condition, Level, Pack, RuleSet

_SCHEME = re.compile(r"\s*(?:[A-Za-z][A-Za-z0-9+.-]*:)?//")


@dataclass(frozen=True, slots=True)
class Page:
    """Where a document stood on the web, as far as it is known.

    Attributes:
        host: lower case, without port; empty when unknown.
        path: path of the URL; ``/`` when unknown.
        means: what told it: its own URL, or somebody who named the site.
    """

    host: str = ""
    path: str = "/"
    means: Means = field(default=Means.URL, repr=False)


def page_of(url: str) -> Page:
    """The page a URL or a bare host names.

    >>> page_of("https://www.Example.org:443/news/1?x=2")
    Page(host='www.example.org', path='/news/1')
    >>> page_of("example.org")
    Page(host='example.org', path='/')
    >>> page_of("example.org/go?to=https://example.com/")
    Page(host='example.org', path='/go')
    >>> page_of("http://[broken")
    Page(host='', path='/')
    """
    try:
        parts = urlsplit(url if _SCHEME.match(url) else "//" + url.lstrip())
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return Page()
    return Page(host, parts.path or "/")


def _above(host: str) -> Iterator[str]:
    """A host, and all that it is a sub-domain of.

    >>> list(_above("www.example.org"))
    ['www.example.org', 'example.org', 'org']
    """
    while host:
        yield host
        host = host.partition(".")[2]


@dataclass(frozen=True, slots=True)
class InForce:
    """A scoped pack that is in force, and what told that."""

    pack: Pack
    told_by: ToldBy


def own_everywhere(rules: RuleSet, languages: frozenset[str] | None = None) -> list[str]:
    """Ids of the packs of a project or a user that are in force for every page; sorted.

    Args:
        rules: all packs.
        languages: as for ``Stripper``.
    """
    own = (pack for pack in rules.packs if pack.level >= Level.PROJECT and not pack.scoped)
    return sorted(pack.id for pack in own if speaks(pack, languages))


def speaks(pack: Pack, languages: frozenset[str] | None) -> bool:
    """Whether a pack is of one of the languages; None: of any. A pack without a language is of all."""
    return languages is None or pack.language is None or pack.language in languages


class Scope:
    """Decides which scoped packs are in force.

    A pack with hosts goes by the page's host when that is known, else by its markers; a pack without hosts by its markers alone.

    Args:
        packs: all packs; those without scope are left to the caller, they are always in force.
        time_limit: seconds for one marker on one line.
    """

    def __init__(self, packs: Sequence[Pack], *, time_limit: float) -> None:
        self._packs = [pack for pack in packs if pack.scoped]
        self._number = {pack.id: number for number, pack in enumerate(self._packs)}
        self._by_host: dict[str, list[int]] = {}
        for number, pack in enumerate(self._packs):
            for host in pack.hosts:
                self._by_host.setdefault(host, []).append(number)
        self._owner: list[str] = []
        self._markers: list[str] = []
        conditions: dict[int, Limited] = {}
        for pack in self._packs:
            for marker in pack.markers:
                conditions[len(self._owner)] = Limited(Condition(patterns=(marker,)), pack.marker_length)
                self._owner.append(pack.id)
                self._markers.append(marker)
        self._matcher = Matcher(conditions, time_limit=time_limit)

    @property
    def reads_single_lines(self) -> bool:
        """Whether no marker reads several lines."""
        return self._matcher.window == 1

    def prime(self, views: Sequence[str]) -> None:
        """As ``Matcher.prime``, for the markers."""
        self._matcher.prime(views)

    def in_force(
        self, page: Page, views: Sequence[str], slow: dict[str, int], besides: Sequence[InForce] = ()
    ) -> tuple[InForce, ...]:
        """The scoped packs in force for a page, in the order they were loaded.

        Args:
            page: where it stood.
            views: its non-blank lines, blanks folded.
            slow: is given ``pack.markers`` -> line index for every pack of which a marker took too long.
            besides: packs that are in force in any case.
        """
        found: dict[str, set[int]] = {}
        set_aside: dict[int, int] = {}
        for hit in self._matcher.hits(views, set_aside):
            found.setdefault(self._owner[hit.condition], set()).add(hit.condition)
        slow |= {f"{self._owner[number]}.markers": index for number, index in set_aside.items()}
        already = {one.pack.id: one for one in besides}
        # Thousands of packs may be loaded; only those are looked at of which the host or a marker speaks.
        numbers = {self._number[name] for name in (*already, *found)}
        for host in _above(page.host):
            numbers.update(self._by_host.get(host, ()))
        every = (
            already.get(pack.id) or self._told(pack, page, found.get(pack.id, set()))
            for pack in (self._packs[number] for number in sorted(numbers))
        )
        return tuple(one for one in every if one is not None)

    def _told(self, pack: Pack, page: Page, found: set[int]) -> InForce | None:
        """The pack, if it is in force.

        Args:
            pack: one with a scope.
            page: where the text stood.
            found: numbers of its markers that the text holds.
        """
        if pack.hosts and page.host:
            return InForce(pack, ToldBy(pack.id, page.means)) if pack.covers(page.host, page.path) else None
        if not pack.markers or len(found) < pack.markers_needed:
            return None
        told = tuple(self._markers[number] for number in sorted(found)[: pack.markers_needed])
        return InForce(pack, ToldBy(pack.id, Means.MARKER, told))
