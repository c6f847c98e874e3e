"""What a page must have so that a CSS selector can find anything in it."""

from __future__ import annotations

import re
from typing import NamedTuple

_TEXT = re.compile(r"""\[\s*([\w-]+)\s*[~^*$|]?=\s*(["'])([^"'\\]{3,})\2\s*\]""")
_IN_PARENTHESES = re.compile(r":[\w-]+\([^()]*\)")
_IN_BRACKETS = re.compile(r"""\[(?:[^\]"']|"[^"]*"|'[^']*')*\]""")
_NAME = re.compile(r"[.#]([A-Za-z_-][\w-]*)")


class Needs(NamedTuple):
    """What must stand on a page; empty: nothing is known.

    Attributes:
        name: a class or an id.
        text: a part of the value of an attribute.
        attribute: its name.
    """

    name: str = ""
    text: str = ""
    attribute: str = ""


def needs_of(css: str) -> Needs:
    """What a page must have so that a selector can find anything.

    >>> needs_of("div.news > .promo-box:not(.x)").name, needs_of('a[href^="https://ads."]')
    ('promo-box', Needs(name='', text='https://ads.', attribute='href'))
    >>> needs_of(".a, #b") == needs_of(":is(.a, .b)") == Needs()
    True
    """
    if "\\" in css:
        return Needs()
    in_brackets = _IN_BRACKETS.findall(css)
    plain = _IN_BRACKETS.sub("[]", css)
    # What stands in parentheses need not be there: it may be what must not, or one of several.
    while found := _IN_PARENTHESES.search(plain):
        place = plain[: found.start()].count("[]")
        del in_brackets[place : place + found[0].count("[]")]
        plain = plain[: found.start()] + plain[found.end() :]
    bare = plain.replace("[]", "")
    if "," in bare or "(" in bare or "[" in bare:
        return Needs()
    if names := _NAME.findall(bare):
        return Needs(name=max(names, key=len))
    texts = [(text[3], text[1].lower()) for one in in_brackets if (text := _TEXT.fullmatch(one))]
    return Needs("", *max(texts, key=lambda one: len(one[0]))) if texts else Needs()
