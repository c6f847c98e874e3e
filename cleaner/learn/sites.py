"""Which site a page belongs to, and the texts of all pages, laid on disk by site: memory holds a few bytes a page.

Sub-domains belong to a host that has pages itself: ``markets.paper.example`` to ``paper.example``.
"""

from __future__ import annotations

import re
import tempfile
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from cleaner.document import Raw, Source
from cleaner.rules.scope import page_of

_HOST = re.compile(r"[^\s/:@.A-Z]+(?:\.[^\s/:@.A-Z]+)+")
_PREFIXES = ("www.", "m.", "amp.", "mobile.")


@dataclass(frozen=True, slots=True)
class Site:
    """Pages that are learned from together.

    Attributes:
        name: what people are shown: the host, or the name of the group.
        hosts: hosts of its pages, shortest first; empty when none is known.
        pages: numbers of its pages on the shelf, rising.
    """

    name: str
    hosts: tuple[str, ...]
    pages: Sequence[int]


def bare_host(host: str) -> str:
    """The host without what only says how it is shown.

    >>> bare_host("www.paper.example"), bare_host("amp.example")
    ('paper.example', 'amp.example')
    """
    for prefix in _PREFIXES:
        if host.startswith(prefix) and host.count(".") > 1:
            return bare_host(host.removeprefix(prefix))
    return host


def group_of(raw: Raw, by: str | None) -> str:
    """Name of the group a page belongs to; empty when nothing tells it.

    Args:
        raw: the page.
        by: as in the settings.
    """
    host = page_of(raw.site).host if raw.site else ""
    if by == "url" or (by is None and host):
        return bare_host(host)
    if by is None or by == "folder":
        return folder_of(raw.source)
    value = (raw.fields or {}).get(by)
    return str(value).strip() if isinstance(value, str | int) else ""


def folder_of(source: Source) -> str:
    """The folder that a page lies in, below the one that was named.

    >>> folder_of(Source("paper.example/2024/a.txt")), folder_of(Source("a.txt"))
    ('paper.example', '')
    """
    return source.input.partition("/")[0] if "/" in source.input else ""


class Shelf:
    """Texts on disk, in the order they were added; a context, behind which nothing of it is left."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="cleaner-learn-")  # noqa: SIM115  # closed by the context
        self._ends = array("Q", [0])
        self._groups: dict[tuple[str, str], array[int]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._ends) - 1

    def add(self, text: str, group: str, host: str) -> None:
        """Lays a page down."""
        data = text.encode("utf-8", "surrogatepass")
        self._file.seek(self._ends[-1])
        self._file.write(data)
        self._groups.setdefault((group, host), array("Q")).append(len(self))
        self._ends.append(self._ends[-1] + len(data))

    def texts(self, pages: Sequence[int]) -> Iterator[str]:
        """Texts of some pages, in this order."""
        for page in pages:
            self._file.seek(self._ends[page])
            yield self._file.read(self._ends[page + 1] - self._ends[page]).decode("utf-8", "surrogatepass")

    def sites(self) -> list[Site]:
        """The groups, by name; sub-domains with the host they belong to."""
        names = {group for group, _ in self._groups}
        pages: dict[str, list[int]] = {}
        hosts: dict[str, set[str]] = {}
        for (group, host), numbers in self._groups.items():
            name = _parent(group, names)
            pages.setdefault(name, []).extend(numbers)
            hosts.setdefault(name, set()).update({bare_host(host)} if host else ())
        for name, own in hosts.items():
            if not own and _HOST.fullmatch(name):
                own.add(name)
        return [Site(name, _topmost(hosts[name]), array("Q", sorted(numbers))) for name, numbers in sorted(pages.items()) if name]


def _parent(group: str, names: set[str]) -> str:
    """The shortest of the names that the group is a sub-domain of; itself when there is none."""
    labels = group.split(".")
    for first in range(len(labels) - 2, 0, -1):
        if ".".join(labels[first:]) in names:
            return ".".join(labels[first:])
    return group


def _topmost(hosts: set[str]) -> tuple[str, ...]:
    """The hosts without those that are sub-domains of others.

    >>> _topmost({"a.paper.example", "paper.example"})
    ('paper.example',)
    """
    return tuple(sorted((host for host in hosts if _parent(host, hosts) == host), key=lambda host: (len(host), host)))
