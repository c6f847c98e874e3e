"""Which sites a run met, held against the hosts of the user's packs: a host that is misspelt never meets its pages."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from cleaner.rules.model import Pack
from cleaner.run.watch import Alarm

ENOUGH = 200
"""Documents of a known site before a pack that was never in force is told of."""
MOST = 10_000
"""Hosts that are remembered, so that memory has a bound; the rest are not compared."""
ALIKE = 0.8
"""Similarity (``difflib``, 0..1) from which one host is taken for a misspelling of another: ``exmaple.org`` has .91, ``example.com`` .82."""
_COMPARED = 1_000
"""Hosts, the most frequent ones, among which a misspelt one is looked for."""
_ASKED = 20
"""Packs for which that is done: it takes some 20 us for each two hosts."""
_FEW = 4
"""Packs without a page are few when there are so many times as many that have some."""
_NAMED = 5
"""Packs that one message names."""


class Hosts:
    """Counts documents by host.

    Args:
        own: the user's packs; only those with hosts are asked about.
        packs: all packs.
    """

    def __init__(self, own: Sequence[Pack], packs: Sequence[Pack]) -> None:
        self._own = [pack for pack in own if pack.hosts]
        self._packs = packs
        self._seen: Counter[str] = Counter()
        self._without = 0

    def add(self, site: str | None) -> None:
        """One document of a host, or of none that is known."""
        if not self._own:
            return
        if site is None:
            self._without += 1
        elif site in self._seen or len(self._seen) < MOST:
            self._seen[site] += 1

    def alarms(self, in_force: Mapping[str, int]) -> Iterator[tuple[str, Alarm]]:
        """Of packs that were never in force: those whose hosts are much like one that was met, and others where most were in force.

        Args:
            in_force: pack -> documents it was in force for.
        """
        never = [pack for pack in self._own if not in_force.get(pack.id)]
        if not self._seen and self._without >= ENOUGH:
            blind = [pack.id for pack in never if not pack.markers]
            if blind:
                detail = f"no document tells its site, so these packs were never in force: {_some(blind)}; name the site (--site, --url-field)"
                yield "sites", Alarm("run", detail, stops=False)
        if self._seen.total() < ENOUGH:
            return
        others: list[str] = []
        strange = self._strange()
        for number, pack in enumerate(never):
            wrong = self._misspelt(pack, strange if number < _ASKED else {})
            if wrong is None:
                others.append(pack.id)
            else:
                yield "never", Alarm(pack.id, f"was never in force: {wrong}", stops=False)
        # A collection of packs may be larger than what one run holds: of 17 that were learned from one crawl, another lacked 4 sites.
        used = len(self._own) - len(never)
        if others and (not used or len(others) <= max(1, used // _FEW)):
            detail = f"never in force: {_some(others)}; none of {self._seen.total():,} documents is of their hosts: are they spelt right?"
            yield "never", Alarm("packs", detail, stops=False)

    def _misspelt(self, pack: Pack, strange: Mapping[str, str]) -> str | None:
        """What is wrong with a pack that was never in force, if that can be told; ``strange`` are the hosts that no pack knows."""
        if pack.paths and (own := next((host for host in sorted(self._seen) if _known(host, pack.hosts)), None)):
            return f"{own} was met, but no page below {', '.join(pack.paths[:_NAMED])}; check its `paths`"
        for own in pack.hosts:
            found = difflib.get_close_matches(_bare(own), strange, 1, ALIKE)
            if found:
                host = strange[found[0]]
                return f"no page is of {own}, but {self._seen[host]:,} are of {host}; check its `hosts`"
        return None

    def _strange(self) -> dict[str, str]:
        """The hosts that were met most, of those that no pack knows: without ``www.`` -> as it was met."""
        known = {host for pack in self._packs for host in pack.hosts}
        often = sorted(self._seen.items(), key=lambda item: (-item[1], item[0]))
        return {_bare(host): host for host, _ in reversed(often[:_COMPARED]) if not _known(host, known)}


def _known(host: str, hosts: Collection[str]) -> bool:
    """Whether a host is one of some, or below one.

    >>> _known("news.example.org", {"example.org"}), _known("example.org", {"news.example.org"})
    (True, False)
    """
    labels = host.split(".")
    return any(".".join(labels[start:]) in hosts for start in range(len(labels)))


def _bare(host: str) -> str:
    """A host without what says nothing.

    >>> _bare("www.example.org")
    'example.org'
    """
    return host.removeprefix("www.")


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
