"""Which packs are in force for a page: by its host and path, else by markers found in its lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from cleaner.rules.matcher import Limited, Matcher
from cleaner.rules.model import Condition, Pack

_SCHEME = re.compile(r"\s*(?:[A-Za-z][A-Za-z0-9+.-]*:)?//")


@dataclass(frozen=True, slots=True)
class Page:
    """Where a document stood on the web, as far as it is known.

    Attributes:
        host: lower case, without port; empty when unknown.
        path: path of the URL; ``/`` when unknown.
    """

    host: str = ""
    path: str = "/"


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


class Scope:
    """Decides which scoped packs are in force.

    A pack with hosts goes by the page's host when that is known, else by its markers; a pack without hosts by its markers alone.

    Args:
        packs: all packs; those without scope are left to the caller, they are always in force.
        time_limit: seconds for one marker on one line.
    """

    def __init__(self, packs: Sequence[Pack], *, time_limit: float) -> None:
        self._packs = [pack for pack in packs if pack.scoped]
        self._owner: list[str] = []
        conditions: dict[int, Limited] = {}
        for pack in self._packs:
            for marker in pack.markers:
                conditions[len(self._owner)] = Limited(Condition(patterns=(marker,)), pack.marker_length)
                self._owner.append(pack.id)
        self._matcher = Matcher(conditions, time_limit=time_limit)

    def in_force(self, page: Page, views: Sequence[str], slow: dict[str, int], besides: Sequence[Pack] = ()) -> tuple[Pack, ...]:
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
        already = {pack.id for pack in besides}
        return tuple(pack for pack in self._packs if pack.id in already or self._holds(pack, page, len(found.get(pack.id, ()))))

    @staticmethod
    def _holds(pack: Pack, page: Page, markers: int) -> bool:
        if pack.hosts and page.host:
            return pack.covers(page.host, page.path)
        return bool(pack.markers) and markers >= pack.markers_needed
