"""An expression of XPath and what stands where in it: what it calls, where it looks across the page, what its steps are.

Nothing is evaluated here; that an expression can be read is told by compiling it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_FUNCTIONS = frozenset(
    [
        "last",
        "position",
        "count",
        "local-name",
        "namespace-uri",
        "name",
        "string",
        "concat",
        "starts-with",
        "contains",
        "substring-before",
        "substring-after",
        "substring",
        "string-length",
        "normalize-space",
        "translate",
        "boolean",
        "not",
        "true",
        "false",
        "lang",
        "number",
        "sum",
        "floor",
        "ceiling",
        "round",
        "node",
        "text",
        "comment",
        "processing-instruction",
        "and",
        "or",
        "div",
        "mod",
    ]
)
"""Functions and node tests of XPath 1.0, and operators that may stand before a parenthesis; ``id()`` is made ``//*[@id=...]``."""
_LITERAL = re.compile(r"'[^']*'|\"[^\"]*\"")
_CALL = re.compile(r"(?<![\w.$-])([A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?)\s*\(")
_PREFIX = re.compile(r"(?<![\w.-])([A-Za-z_][\w.-]*):(?=[A-Za-z_*])")
_ACROSS = re.compile(r"(?:following|preceding)(?:-sibling)?\s*::")
_FIRST_ONLY = re.compile(r"(?:following|preceding)-sibling\s*::\s*[\w*.-]+(?:\(\))?\s*\[\s*1\s*\]")
_ABSOLUTE = re.compile(r"(?:^|[\[(,|=<>+!]|\b(?:and|or|div|mod)\b)\s*(?=/)")


class Marks:
    """An XPath expression and what stands where in it; texts in quotes are not looked at."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.plain = _LITERAL.sub(lambda found: "'" + "x" * (len(found[0]) - 2) + "'", path)
        self._depths: list[tuple[int, int]] | None = None

    def depth(self, place: int) -> tuple[int, int]:
        """How many brackets, and how many parentheses, are open at a place."""
        if self._depths is None:
            self._depths, brackets, parentheses = [], 0, 0
            for sign in self.plain:
                self._depths.append((brackets, parentheses))
                brackets += (sign == "[") - (sign == "]")
                parentheses += (sign == "(") - (sign == ")")
        return self._depths[place]

    def outermost(self, place: int) -> bool:
        """Whether a place stands in no brackets and no parentheses."""
        return self.depth(place) == (0, 0)

    def fault(self) -> str | None:
        """What is wrong with it, or None; whether it can be read is told by compiling it.

        >>> [bool(Marks(one).fault()) for one in ("//p[contains(., 'document(')]", "document('a')", "re:test(@id, 'a')", "//x:p")]
        [False, True, True, True]
        """
        if "$" in self.plain:
            return "has a variable ($); there are none"
        for name in _CALL.findall(self.plain):
            if name not in _FUNCTIONS:
                return f"{name}() is no function of XPath 1.0"
        if prefix := _PREFIX.search(self.plain):
            return f"{prefix[0]} is a namespace; elements of a page have none"
        across = list(self._across())
        if any(self._holds(one, other) for one in across for other in across):
            return "looks across the page for each element that it finds across the page; that may take hours"
        return None

    def _holds(self, one: int, other: int) -> bool:
        """Whether a place stands in a predicate of the step that begins at another."""
        level = self.depth(one)[0]
        return one < other and self.depth(other)[0] > level > 0 and all(self.depth(at)[0] >= level for at in range(one, other))

    def looks_across(self) -> bool:
        """Whether it looks across the page from inside a predicate or a function, or from texts."""
        return any(not self.outermost(place) for place in self._across()) or "text()/" in self.plain

    def _across(self) -> Iterator[int]:
        for found in _ACROSS.finditer(self.plain):
            yield found.start()
        for found in _ABSOLUTE.finditer(self.plain):
            if found.end() and self.depth(found.end())[0]:
                yield found.end()

    def alternatives(self) -> list[str]:
        """What stands between its outermost ``|``."""
        return self._cut([found.start() for found in re.finditer(r"\|", self.plain)], 1)

    def _cut(self, places: Sequence[int], skipped: int) -> list[str]:
        parts, begin = [], 0
        for place in places:
            if self.outermost(place):
                parts.append(self.path[begin:place].strip())
                begin = place + skipped
        return [*parts, self.path[begin:].strip()]


def steps(path: str) -> Iterator[str]:
    """A path cut before each of its own steps that looks across the page.

    >>> list(steps("//h2[.='a']/following-sibling::*[b]/i")), list(steps("//h2/following-sibling::*[1]/self::p"))
    (["//h2[.='a']", 'following-sibling::*[b]/i'], ['//h2/following-sibling::*[1]/self::p'])
    """
    marks = Marks(path)
    begin = 0
    for found in _ACROSS.finditer(marks.plain):
        place = found.start()
        before = marks.path[begin:place]
        nearest = _FIRST_ONLY.match(marks.plain, place)
        if (
            not marks.outermost(place)
            or nearest
            or not before.endswith("/")
            or before.strip("/ ") == ""
            or before.endswith("text()/")
        ):
            continue
        yield before[:-1] + "descendant-or-self::*" if before.endswith("//") else before[:-1]
        begin = place
    yield marks.path[begin:]
