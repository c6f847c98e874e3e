"""Site files of Full-Text RSS and Instapaper (``example.com.txt``), read as packs.

The format: https://help.fivefilters.org/full-text-rss/site-patterns.html. A file is named for its host; a dot before it means its
sub-domains; ``global.txt`` is for all. A line is ``key: value``; a key may come several times, and of several titles, bodies, authors or
dates the first that finds anything counts. ``#`` begins a comment.
"""

from __future__ import annotations

import re
from collections import Counter
from difflib import get_close_matches
from pathlib import PurePath

from cleaner.errors import Fault
from cleaner.rules.adopted import Adopted, slug
from cleaner.rules.fields import HOST
from cleaner.rules.model import Action, Kind, Level, Pack, Rule, Selection

_FINDS = {"title": Kind.TITLE, "author": Kind.AUTHOR, "date": Kind.DATE, "body": Kind.BODY}
_WHY = {
    Kind.TITLE: "Title of the page",
    Kind.AUTHOR: "Who wrote the article",
    Kind.DATE: "When the article was published",
    Kind.BODY: "Where the article stands",
}
_UNUSED = frozenset(
    # how a page is fetched
    [
        "single_page_link",
        "single_page_link_in_feed",
        "next_page_link",
        "http_header",
        "if_page_contains",
        "requires_login",
        "login_uri",
        "login_username_field",
        "login_password_field",
        "login_extra_fields",
        "not_logged_in_xpath",
        "tidy",
        "parser",
        "autodetect_on_failure",
        "autodetect_next_page",
        "convert_double_br_tags",
        "skip_json_ld",
        "find_string",
        "replace_string",
        "strip_attr",
        "post_strip_attr",
        "strip_comments",
        "wrap_in",
        "move_into",
        "dissolve",
        "footnotes",
        "skip_id_or_class",
        "native_ad_clue",
        "strip_image_src",
        "src_lazy_load_attr",
        "insert_detected_image",
        "test_url",
        "test_contains",
    ]
)
"""Keys of the format that say nothing of which text is the article's."""
_KNOWN = (*_FINDS, "strip", "strip_id_or_class", "prune", *_UNUSED)
_KEY = re.compile(r"([A-Za-z_]+)\s*(?:\(.*?\))?\s*:")
_ATTRIBUTE = re.compile(r"/@[\w:*-]+$")
_NO = frozenset(["no", "false", "0"])


def is_site_file(name: str, text: str) -> bool:
    r"""Whether a file is one, by its name and by what it says.

    >>> is_site_file("gull.example.txt", "body: //article\n"), is_site_file("notes.txt", "body: //article"), is_site_file("a.b.txt", "Hi")
    (True, False, False)
    """
    if hosts_of(name) is None:
        return False
    keys = [found[1].lower() for line in text.split("\n") if (found := _KEY.match(line))]
    return any(key in _KNOWN for key in keys)


def hosts_of(name: str) -> tuple[tuple[str, ...], bool] | None:
    """The hosts that the name of a file says, and whether their sub-domains count; None: it is no such name.

    >>> hosts_of("www.gull.example.txt"), hosts_of(".gull.example.txt"), hosts_of("global.txt"), hosts_of("README.txt")
    ((('gull.example',), False), (('gull.example',), True), ((), True), None)
    """
    stem, _, suffix = name.lower().rpartition(".")
    if suffix != "txt":
        return None
    if stem == "global":
        return (), True
    host = stem.removeprefix(".").removeprefix("www.")
    return ((host,), stem.startswith(".")) if HOST.fullmatch(host) else None


def read_site_file(text: str, path: str, level: Level = Level.USER) -> Adopted:
    """The pack that a site file amounts to; selectors are taken as they stand.

    Args:
        text: of the file.
        path: where it lies; its name tells the host.
        level: of the pack.
    """
    name = PurePath(path).name
    told = hosts_of(name)
    if told is None:
        return Adopted(None, {}, (Fault(path, None, None, "is not named for a host; call it like example.com.txt"),))
    hosts, subdomains = told
    pack = slug(name.lower().removesuffix(".txt").removeprefix("www.")) if hosts else "global"
    reading = _Reading(path, pack)
    for number, line in enumerate(text.split("\n"), 1):
        reading.line(number, line.strip())
    made = Pack(pack, "1", path, level, "site", hosts=hosts, subdomains=subdomains, imported=name, rules=tuple(reading.rules()))
    return Adopted(made if made.rules else None, reading.unused, tuple(reading.faults))


class _Reading:
    """A file while it is read."""

    def __init__(self, path: str, pack: str) -> None:
        self._path = path
        self._pack = pack
        self._found: dict[Kind, list[str]] = {}
        self._lines: dict[Kind, int] = {}
        self._strips: list[Rule] = []
        self._whole = False
        self.unused: Counter[str] = Counter()
        self.faults: list[Fault] = []

    def line(self, number: int, line: str) -> None:
        """Reads one line."""
        if not line or line.startswith("#") or line == "\ufeff":
            return
        told = _KEY.match(line.removeprefix("\ufeff"))
        if told is None:
            self._fault(number, f"is no `key: value`: {line[:80]}")
            return
        key, value = told[1].lower(), line.removeprefix("\ufeff")[told.end() :].strip()
        if key in _UNUSED:
            self.unused[key] += 1
        elif key not in _KNOWN:
            near = get_close_matches(key, _KNOWN, n=1)
            self._fault(number, f'there is no key "{key}"' + (f"; did you mean {near[0]}?" if near else ""))
        elif not value:
            self._fault(number, f"{key} says nothing")
        else:
            self._take(number, key, value)

    def _take(self, number: int, key: str, value: str) -> None:
        if key in _FINDS:
            self._found.setdefault(_FINDS[key], []).append(value)
            self._lines.setdefault(_FINDS[key], number)
        elif key == "prune":
            self._whole = value.lower() in _NO
        elif key == "strip_id_or_class":
            # The format takes any id or class that holds the text, and quotes in it as if they were not there.
            text = value.replace("'", "").replace('"', "")
            self._strip(number, key, f"//*[contains(@class, '{text}') or contains(@id, '{text}')]")
        elif _ATTRIBUTE.search(value):
            self.unused["strip (of attributes)"] += 1
        else:
            self._strip(number, key, value)

    def _strip(self, number: int, key: str, xpath: str) -> None:
        why = f"{key}, line {number}"
        self._strips.append(
            Rule(self._pack, f"strip-{number}", why, Kind.NODE, Action.REMOVE, "site", select=Selection(xpath=(xpath,)))
        )

    def _fault(self, number: int, problem: str) -> None:
        self.faults.append(Fault(self._path, f"line {number}", None, problem))

    def rules(self) -> list[Rule]:
        """The rules that the lines amount to."""
        return [
            Rule(
                self._pack,
                kind.value,
                f"{_WHY[kind]}, line {self._lines[kind]}",
                kind,
                Action.REMOVE,
                "site",
                select=Selection(xpath=tuple(found)),
                whole=self._whole and kind is Kind.BODY,
            )
            for kind, found in self._found.items()
        ] + self._strips
