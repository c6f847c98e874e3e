"""How a line is looked at: blanks folded, and case folded the way the literal prefilter needs it."""

from __future__ import annotations

_CASE_ODDITIES = (("\u0130", "i"), ("\u0131", "i"), ("\u017f", "s"))
"""Letters that ``regex`` takes for i or s when case is ignored, but that ``str.lower`` leaves apart."""


def fold_blanks(line: str) -> str:
    r"""The line without outer blanks and with every inner run of blanks as one space.

    >>> fold_blanks("\u00a0 Read\u00a0 more \r")
    'Read more'
    """
    return " ".join(line.split())


def fold_offsets(line: str) -> list[int]:
    r"""Where each code point of ``fold_blanks(line)`` stands in the line; for a folded run of blanks, its last blank.

    >>> fold_offsets(" a\t\u00a0bc ")
    [1, 3, 4, 5]
    """
    offsets: list[int] = []
    at = 0
    for word in line.split():
        at = line.index(word, at)
        if offsets:
            offsets.append(at - 1)
        offsets.extend(range(at, at + len(word)))
        at += len(word)
    return offsets


def fold_case(text: str) -> str:
    r"""Lower case, such that whatever ``regex`` takes for equal when it ignores case is equal here.

    >>> fold_case("\u017fIGN \u212aI\u0130")
    'sign kii'
    """
    if not text.isascii():  # str.replace, not str.translate, which costs ten times as much where there is nothing to do
        for odd, plain in _CASE_ODDITIES:
            text = text.replace(odd, plain)
    return text.lower()
