"""What of a page is not in its text, and where in the text what stands on the page is."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from cleaner.document import LeftOut
from cleaner.extract.blocks import blocks_of
from cleaner.extract.names import Names
from cleaner.extract.nodes import Taken
from cleaner.extract.tree import DEAD, strip_dead

_SEARCHED = 300_000
"""Characters of a text in which blocks that are no line of it are looked for, to tell what was left out."""
_PLAIN = re.compile(r"\W+")


class Place(NamedTuple):
    """A block of a page, and why it goes; empty: it should stay."""

    text: str
    reason: str


def left_out(places: Iterable[Place], text: str, otherwise: str) -> Iterator[LeftOut]:
    """What of a page is not in its text; neighbours with the same reason together.

    Args:
        places: its blocks, in order.
        text: of its article.
        otherwise: the reason of what should be in the text and is not.
    """
    plain = _PLAIN.sub(" ", text)
    lines = {_words(line) for line in text.split("\n")}
    waiting: list[str] = []
    why = ""
    for block, given in places:
        words = _words(block)
        lost = not given and words not in lines and len(plain) <= _SEARCHED and words not in plain
        reason = otherwise if lost else given
        if reason != why and waiting:
            yield LeftOut("\n".join(waiting), why)
            waiting = []
        why = reason
        if reason:
            waiting.append(block)
    if waiting:
        yield LeftOut("\n".join(waiting), why)


def taken_texts(taken: Iterable[Taken], names: Names, rules: Collection[str]) -> Iterator[LeftOut]:
    """What node rules took that holds text.

    Args:
        taken: elements out of their page.
        names: what names of containers mean.
        rules: names of rules of packs; the others are bundled containers.
    """
    for one in taken:
        if one.element.tag in DEAD:
            continue
        strip_dead(one.element)
        texts = blocks_of(one.element, names).texts
        if texts:
            own = one.rule in rules
            yield LeftOut("\n".join(texts), one.rule, one.rule if own else "", one.topic if own else "")


class Numbers:
    """Lines of a text by their words.

    Args:
        text: one line a paragraph.
    """

    def __init__(self, text: str) -> None:
        self._of: dict[str, list[int]] = {}
        for number, line in enumerate(text.split("\n"), 1):
            if words := _words(line):
                self._of.setdefault(words, []).append(number)

    def of(self, blocks: Iterable[str]) -> list[int]:
        """Numbers, from 1, of the lines that are one of some blocks; sorted."""
        return sorted({number for block in blocks for number in self._of.get(_words(block), ())})


def _words(text: str) -> str:
    return _PLAIN.sub(" ", text).strip()
