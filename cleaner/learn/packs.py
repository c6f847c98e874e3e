"""A site's pack as a file: its head, with what tells the site, and its rules."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cleaner.learn import toml
from cleaner.learn.learned import Learned, written
from cleaner.learn.markers import MARKER_LENGTH, Marker
from cleaner.learn.sites import Site
from cleaner.learn.texts import count
from cleaner.rules.model import Action

_SIGNS = re.compile(r"[^a-z0-9]+")


def pack_id(name: str) -> str:
    """Id of the pack of a site.

    >>> pack_id("news.Paper.example")
    'news-paper-example'
    """
    return _SIGNS.sub("-", name.casefold()).strip("-") or "site"


def file_name(site: Site) -> str:
    """Name of the pack's file."""
    return (re.sub(r"[^\w.-]+", "-", site.name).strip("-.") or "site") + ".toml"


def pack_text(site: Site, rules: Sequence[Learned], markers: Sequence[Marker]) -> str:
    """The pack as TOML."""
    flags = sum(learned.rule.action is Action.FLAG for learned in rules)
    rows = [
        f"# Learned by `cleaner rules learn` from {count(len(site.pages), 'page')} of {site.name}.",
        f"# {count(len(rules), 'rule')}, {flags:,} of which only flag: look at these first. Change what you like; `--update` keeps it.",
        "[pack]",
        f"id = {toml.quoted(pack_id(site.name))}",
        'version = "1"',
        'topic = "site"',
    ]
    rows += [f"hosts = {toml.listed([*map(toml.quoted, site.hosts)])}"] if site.hosts else []
    rows += [marker_rows(markers)] if markers else []
    return "\n".join(rows) + "\n" + "".join(f"\n{written(learned)}" for learned in rules)


def marker_rows(markers: Sequence[Marker]) -> str:
    """The markers, each with how many pages it tells."""
    notes = [
        count(marker.pages, "page") + ("; any site may have it, but none of those learned with it has" if marker.common else "")
        for marker in markers
    ]
    rows = f"markers = {toml.listed([toml.raw(marker.pattern) for marker in markers], notes)}"
    length = max(marker.length for marker in markers)
    return rows + (f"\nmarker_length = {length}" if length > MARKER_LENGTH else "")
