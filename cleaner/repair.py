r"""The only door to ftfy: mojibake, control characters and leftovers of markup in decoded text, repaired line by line.

Promises:

- never adds or removes a ``\n``: a line keeps its number; a newline that an entity (``&#10;``) would bring in becomes a blank;
- a line is repaired as ``ftfy.fix_and_explain`` repairs it under one fixed configuration, and lines do not see each other;
  quotes, ligatures, character width and ``\r``, U+2028, U+2029 stay as the author set them;
- idempotent: ``repair(repair(text)[0])`` changes nothing;
- the repairs name every changed line, before and after, so that each can be undone.

ftfy reads 1 to 2 MB/s, so a guard made from ftfy's own tables finds the lines it could change, and only those are handed to it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from re import Pattern
from typing import TYPE_CHECKING

from cleaner.document import Repair
from cleaner.spans import Span, line_spans

if TYPE_CHECKING:
    from ftfy import TextFixerConfig

SEGMENT = 65_536
"""A longer line is handed to ftfy in pieces of at most so many code points. ftfy bounds its work in ``fix_text`` only (at
1,000,000), and its CESU-8 decoder takes time that grows with the square of the length."""

_REACH = 8
"""Code points: longer than the longest match of ftfy's heuristic (7), so a window of this much on both sides holds any match."""
_STRIDE = 24
"""Code points the heuristic looks at beyond one hit of the trigger, so that dense hits do not make it read text twice."""


def repair(text: str) -> tuple[str, tuple[Repair, ...]]:
    r"""The text with what ftfy repairs repaired, and the lines that changed.

    Args:
        text: decoded text; may hold lone surrogates (they become U+FFFD).

    Returns:
        The repaired text, with as many ``\n`` as before, and one ``Repair`` for each changed line, in order.

    >>> repair("The caf\u00c3\u00a9\r\n\u201cfine\u201d\r\n")
    ('The café\r\n“fine”\r\n', (Repair(line=1, before='The cafÃ©\r', after='The café\r'),))
    """
    guard = _guard()
    pieces: list[str] = []
    repairs: list[Repair] = []
    at, number, counted = 0, 1, 0
    for start, end in guard.suspects(text):
        before = text[start:end]
        after = _repaired(before, guard)
        if after == before:
            continue
        number += text.count("\n", counted, start)
        counted = start
        repairs.append(Repair(number, before, after))
        pieces += text[at:start], after
        at = end
    if not repairs:
        return text, ()
    pieces.append(text[at:])
    return "".join(pieces), tuple(repairs)


def _repaired(line: str, guard: _Guard) -> str:
    """One line (without its line end) as ftfy repairs it, repaired again until nothing changes.

    One call is not always enough: ftfy leaves entities alone where the line has a ``<``, and may itself compose that ``<`` with a
    combining stroke, so that its own second call would see another line.
    """
    while True:
        fixed = _fixed_once(line, guard)
        if fixed == line or not any(guard.suspects(fixed)):
            return fixed
        line = fixed


def _fixed_once(line: str, guard: _Guard) -> str:
    from ftfy import fix_and_explain

    config = guard.markup if "<" in line else guard.plain
    if len(line) <= SEGMENT:
        fixed = fix_and_explain(line, config).text
    else:
        pieces = (line[start:end] for start, end in _segments(line))
        fixed = "".join(fix_and_explain(piece, config).text if any(guard.suspects(piece)) else piece for piece in pieces)
    return fixed.replace("\n", " ")


def _segments(line: str) -> Iterator[Span]:
    """A long line cut into pieces of at most ``SEGMENT`` code points, where it can be after a blank between two ASCII characters.

    There a cut goes through no entity, no terminal escape, and no mojibake of which a byte became a blank.
    """
    start = 0
    while len(line) - start > SEGMENT:
        end = limit = start + SEGMENT
        while (end := line.rfind(" ", start + SEGMENT // 2, end)) > 0 and not line[end - 1 : end + 2].isascii():
            pass
        end = end + 1 if end > 0 else limit
        yield Span(start, end)
        start = end
    yield Span(start, len(line))


@dataclass(frozen=True, slots=True)
class _Guard:
    """Finds the lines that ftfy could change; all others it need not see.

    ftfy changes a line only if it holds an HTML entity, a control character, a C1 character or a surrogate, if it is not in
    normal form C, or if ftfy's heuristic (``BADNESS_RE``) matches. That heuristic is what makes ftfy slow, so it is asked only
    around pairs of characters without which none of its alternatives can match.

    Attributes:
        trigger: finds where a change is possible; its group ``sure`` takes part when the heuristic need not be asked.
        heuristic: ftfy's ``BADNESS_RE``.
        plain: configuration for lines without ``<``.
        markup: configuration for lines with ``<``, whose entities are left alone.
    """

    trigger: Pattern[str]
    heuristic: Pattern[str]
    plain: TextFixerConfig
    markup: TextFixerConfig

    def suspects(self, text: str) -> Iterator[Span]:
        r"""The lines, each without its ``\n``, that ftfy could change, in order."""
        if unicodedata.is_normalized("NFC", text):
            yield from self._triggered(text)
            return
        for start, end in line_spans(text):
            line = text[start:end].removesuffix("\n")
            if not unicodedata.is_normalized("NFC", line) or any(self._triggered(line)):
                yield Span(start, start + len(line))

    def _triggered(self, text: str) -> Iterator[Span]:
        at = start = looked = harmless = 0
        while hit := self.trigger.search(text, at):
            found, at = hit.start(), hit.end()
            sure = hit["sure"] is not None
            if found < harmless and not sure:
                continue
            # Never look further than needed: in a line of millions of characters that would be done for each of its hits.
            start, looked = max(start, text.rfind("\n", looked, found) + 1), found
            # A slice, not search(text, from, to): there "^" would not stand for the start of the line.
            back = text[max(start, found - _REACH) : found]
            ahead, _, _ = text[found : at + _STRIDE + _REACH].partition("\n")
            if sure or self.heuristic.search(back + ahead):
                end = text.find("\n", found)
                at = len(text) if end < 0 else end
                yield Span(start, at)
            else:
                harmless = at + min(_STRIDE, len(ahead) - 1)


@cache
def _guard() -> _Guard:
    from ftfy import TextFixerConfig
    from ftfy.badness import BADNESS_RE

    plain = TextFixerConfig(uncurl_quotes=False, fix_latin_ligatures=False, fix_character_width=False, fix_line_breaks=False)
    return _Guard(_trigger(), BADNESS_RE, plain, plain._replace(unescape_html=False))


def _trigger() -> Pattern[str]:
    """The trigger, made from ftfy's tables.

    It asks the least that each alternative of ``BADNESS_RE`` needs: two adjacent characters that are not ASCII, of kinds that it
    joins, or one of few that suffice alone. Letters common in Greek and Cyrillic text count only where they stand in mojibake of
    these scripts. ``tests/test_repair.py`` holds this against ``BADNESS_RE`` for all pairs and triples of kinds of characters.
    """
    import re

    from ftfy.badness import MOJIBAKE_CATEGORIES
    from ftfy.chardata import CONTROL_CHARS

    kinds: dict[str, str] = {name: chars for name, chars in MOJIBAKE_CATEGORIES.items() if name != "c1"}
    kinds["sure"] = "\x80-\x9f\ud800-\udfff" + "".join(re.escape(chr(code)) for code in CONTROL_CHARS)
    kinds["odd"] = kinds["bad"] + kinds["box"] + "Ђ"
    kinds["value"] = kinds["currency"] + kinds["numeric"] + "°"
    kinds["quote"] = kinds["start_punctuation"] + kinds["end_punctuation"]
    kinds["sign"] = kinds["law"] + kinds["value"] + kinds["quote"]
    kinds["wide"] = "[^\\x00-\\x7f]"
    # One class at the front lets `re` skip to the next candidate at its full speed; the lookbehinds then judge what it found.
    # A pair is asked for at one of its two characters only.
    return re.compile(
        r"""
        [&ŒœÙ{sure}{odd}{upper_accented}{sign}]
        (?: (?P<sure> (?<=&)(?=\#?[0-9A-Za-z]{{1,24}};) | (?<=[{sure}]) )
          | (?<=[Œœ]) (?![A-Za-z])
          | (?<=[ÂÃ]) (?=[ ])
          | (?<=[ÂÃÎÐØÙ√≈‚]) (?={wide})
          | (?<=[{odd}]) (?: (?={wide}) | (?<={wide}.) )
          | (?<=[{upper_accented}]) (?: (?=[{sign}]) | (?<=[{lower_accented}{lower_common}{end_punctuation}{value}].) )
          | (?<=[{sign}]) (?<=[{sign}ВГРСΒΓΞΟβ].)
          | (?<=[{value}]) (?<=[{lower_accented}].)
          | (?<=[{quote}]) (?<=[{lower_accented}].) (?=\w|{wide})
          | (?<=[{end_punctuation}{value}]) (?=[{lower_accented}])
        )
        """.format(**kinds),
        re.VERBOSE,
    )
