"""Which encoding bytes are likeliest in, when nothing tells; the only door to charset-normalizer.

It is a hint: right for about two pages of three. Scripts other than Latin are charset-normalizer's, among the encodings found on the
web; Latin script goes by the letters that its languages have beyond ASCII.
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
        "äöüß", "éèêëàâçîïôùûüœæ", "áéíóúñü", "ãõáéíóúâêôàç", "àèéìòù", "åäöé", "æøåé", "áéíóúýþðæö", "éëïóöü", "àçèéíïòóúü",
    )),
    (("cp1250", "iso8859_2"), ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž")),
    (("cp1254",), ("çğıöşüâîûİ",)),
    (("cp1257",), ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž")),
)  # fmt: skip
"""Encodings of Latin script, and the letters that languages written in them have beyond ASCII; the commonest first."""
_QUOTES = frozenset("“”„‘’–—…«»")
_SIGNS = frozenset("‚‹›•·€£§°©®™\xa0\xad¡¿½²³ªº×")


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
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=list(_SCRIPTS)).best()
    return best.encoding if best and best.encoding in _SCRIPTS else _latin(sample)


def _latin(sample: bytes) -> str:
    """The encoding whose reading fits one language best: its letters and quotes speak for it, what is no text against it.

    Small letters count twice: a wrong encoding often gives capitals inside words. Of equals the commonest encoding is taken.
    """
    best, encoding = -len(sample), "cp1252"
    for names, languages in _LATIN:
        for name in names:
            seen = Counter(re.findall(r"[^\x00-\x7f]", sample.decode(name, "replace")))
            for letters in languages:
                weights = dict.fromkeys(_SIGNS, 0) | dict.fromkeys({*letters.upper(), *_QUOTES}, 1) | dict.fromkeys(letters, 2)
                fit = sum(count * weights.get(char, -1) for char, count in seen.items())
                if fit > best:
                    best, encoding = fit, name
    return encoding
