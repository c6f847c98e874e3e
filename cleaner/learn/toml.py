"""TOML as people write packs: patterns in single quotes, lists that fit on a line on one, long ones a line an item."""

from __future__ import annotations

from collections.abc import Sequence

_WIDTH = 130
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\b": "\\b", "\f": "\\f"}


def quoted(text: str) -> str:
    r"""A text in double quotes.

    >>> print(quoted('Say "no"\n'))
    "Say \"no\"\n"
    """
    return '"' + "".join(_ESCAPES.get(sign) or (sign if _plain(sign) else f"\\u{ord(sign):04X}") for sign in text) + '"'


def _plain(sign: str) -> bool:
    return sign >= " " and sign != "\x7f" and not "\ud800" <= sign <= "\udfff"


def raw(pattern: str) -> str:
    r"""A pattern with its backslashes as they are.

    >>> print(raw(r"^\d+$"), raw("^don't$"))
    '^\d+$' '''^don't$'''
    """
    if not all(map(_plain, pattern)):
        return quoted(pattern)
    if "'" not in pattern:
        return f"'{pattern}'"
    return quoted(pattern) if "'''" in pattern or pattern.endswith("'") else f"'''{pattern}'''"


def listed(items: Sequence[str], notes: Sequence[str] = ()) -> str:
    """A list of items that are quoted already.

    Args:
        items: quoted.
        notes: a comment for each; then every item has its own line.

    >>> print(listed(['"a"', '"b"']))
    ["a", "b"]
    """
    line = "[" + ", ".join(items) + "]"
    if not notes and len(line) <= _WIDTH - 12:
        return line
    rows = [f"  {item}," + (f"  # {note}" if note else "") for item, note in zip(items, notes or [""] * len(items), strict=True)]
    return "\n".join(["[", *rows, "]"])
