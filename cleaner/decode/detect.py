r"""Which encoding bytes are likeliest in, when nothing tells; the only door to charset-normalizer.

It is a hint. Scripts other than Latin are charset-normalizer's, among the encodings found on the web; Latin script goes by the letters
that its languages have beyond ASCII, and by where letters and quotes stand: ``don\x92t`` is an apostrophe, not an ``í``.
"""

from __future__ import annotations

import re
from collections import Counter

SAMPLE = 65_536
"""Bytes, from the first that is not ASCII, that detection reads."""

_SCRIPTS = (
    "cp1251", "koi8_r", "cp866", "cp1253", "cp1255", "cp1256", "cp874", "cp932", "euc_jp", "gb18030", "big5", "cp949",
)  # fmt: skip
"""Encodings of other scripts than Latin that detection chooses among: those found on the web."""
_LATIN = (
    (("cp1252", "mac_roman"), (
        "äöüß", "éèêëàâçîïôùûüœæ", "áéíóúñü", "ãõáéíóúâêôàç", "àèéìòù", "åäöé", "æøåé", "éëïóöü", "àçèéíïòóúü",
    )),
    (("cp1250", "iso8859_2"), ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž")),
    (("cp1254",), ("çğıöşüâîûİ",)),
    (("cp1252",), ("áéíóúýþðæö",)),
    (("cp1257",), ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž")),
)  # fmt: skip
"""Encodings of Latin script, and the letters that languages written in them have beyond ASCII; the commonest first."""
_OPENING, _CLOSING, _DASHES = frozenset("“‘„«"), frozenset("”’»…"), frozenset("–—")
_SIGNS = frozenset("‚‹›•·€£§°©®™\xa0\xad¡¿½²³ªº×")
_WORDS = frozenset("àéèåöøÀÉÈÅÖØ")
_BEFORE_AN_OPENING, _AFTER_A_CLOSING = frozenset(" \t\r\n([-/“‘„–—\xa0"), frozenset(" \t\r\n)].,:;!?-/”’–—\xa0")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_JAMO = re.compile(r"[\u3131-\u318e]")
"""Letters of Korean that no page writes outside of syllables: what reads as many of them is in another encoding (kana in EUC-JP)."""


def detected(data: bytes) -> str:
    """The likeliest of the known encodings. Letters beyond ASCII come in runs, but in Latin script."""
    first = re.search(rb"[\x80-\xff]", data)
    start = max(0, first.start() - 64) if first else 0
    sample = data[start : start + SAMPLE]
    if start + SAMPLE < len(data):
        sample = sample[: max(sample.rfind(b" "), sample.rfind(b"\n")) + 1] or sample  # never inside a character of two bytes
    runs = re.findall(rb"[\x80-\xff]+", sample)
    if sum(map(len, runs)) < 1.5 * len(runs):
        return _latin(sample)
    return _script(sample, _SCRIPTS) or _latin(sample)


def _script(sample: bytes, among: tuple[str, ...]) -> str | None:
    """The likeliest of some encodings of other scripts; None when it is in none of them."""
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=list(among)).best()
    if best is None or best.encoding not in among:
        return None
    text = str(best)
    if best.encoding == "cp949" and len(_JAMO.findall(text)) > 0.1 * len(_BEYOND_ASCII.findall(text)):
        return _script(sample, tuple(name for name in among if name != "cp949"))
    return best.encoding


def _latin(sample: bytes) -> str:
    """The encoding whose reading fits one language best: its letters, and quotes where quotes stand, speak for it; all else is against it.

    Of equals the commonest encoding is taken, and Windows-1252 where more speaks against each than for it.
    """
    best, encoding = 0, "cp1252"
    for names, languages in _LATIN:
        for name in names:
            text = f" {sample.decode(name, 'replace')} "
            seen = Counter(text[found.start() - 1 : found.end() + 1] for found in _BEYOND_ASCII.finditer(text))
            common = sum(count * _fit(place) for place, count in seen.items() if not place[1].isalpha())
            for letters in languages:
                known = {*letters, *letters.upper()}
                fit = common + sum(
                    count * (_fit(place) if place[1] in known else -1) for place, count in seen.items() if place[1].isalpha()
                )
                if fit > best:
                    best, encoding = fit, name
    return encoding


def _fit(place: str) -> int:
    """How well a character beyond ASCII suits the characters before and after it: 2, 1, 0 or -1."""
    before, char, after = place[0], place[1], place[2]
    if char.isalpha():
        if not (before.isalpha() or after.isalpha()):
            return int(char in _WORDS and before.isspace() and after.isspace())
        inside = before.islower() and char.isupper()
        return -1 if inside or (char.islower() and after.isupper()) else 2
    if char in _OPENING and before in _BEFORE_AN_OPENING:
        return 2
    if char in _CLOSING and not before.isspace() and (after in _AFTER_A_CLOSING or (char == "’" and before.isalpha())):
        return 2
    if char in _DASHES and before.isspace() == after.isspace():
        return 2
    return 0 if char in _SIGNS | _OPENING | _CLOSING | _DASHES else -1
