"""How a line is looked at: blanks folded, and case folded the way the literal prefilter needs it."""

from __future__ import annotations

from collections.abc import Iterable

_ODD_FORMS = tuple(
    zip(
        "\u0131\u017f\u00b5\u0345\u1fbe\u1fd3\u1fe3ςϐϑϕϖϰϱϵ\u1c80\u1c81\u1c82\u1c83\u1c84\u1c85\u1c86\u1c87",
        "isμιιΐΰσβθφπκρεвдосттъѣ",
        strict=True,
    )
)
"""Lower-case letters that ``regex`` takes for another when case is ignored, but that ``str.lower`` leaves apart; and that other."""


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

    So it is for all letters that ``literals`` relies on. As long as the text, each code point in its place; and of two texts, one
    behind the other, the same as of each alone.

    >>> fold_case("\u017fIGN \u212aI\u0130 ΝΈΟΣ")
    'sign kii νέοσ'
    """
    return _without_odd_forms(_lower(text))


def fold_lines(lines: Iterable[str]) -> str:
    r"""The lines as ``fold_case`` gives them, with line ends between them.

    >>> fold_lines(["Read More", "ΝΈΟΣ"])
    'read more\nνέοσ'
    """
    return _without_odd_forms("\n".join(map(_lower, lines)))  # odd forms are sought in all lines at once: each is a call


def _lower(text: str) -> str:
    return text.lower() if text.isascii() else text.replace("\u0130", "i").lower()  # else lower case is longer


def _without_odd_forms(text: str) -> str:
    if not text.isascii():  # str.replace, not str.translate, which costs ten times as much where there is nothing to do
        for odd, plain in _ODD_FORMS:
            if odd in text:
                text = text.replace(odd, plain)
    return text
