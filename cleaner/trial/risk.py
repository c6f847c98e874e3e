"""How likely it is that a line that goes was part of the article: the eye of whoever reads a preview goes to the riskiest first."""

from __future__ import annotations

import re

_LONG = 160
"""Code points from which a line is as long as a paragraph."""
_WORDS = re.compile(r"[^\W\d_]+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")
"""Letters of scripts that write words without blanks between them; two make a word, more or less."""
_SAYS = 2.5
"""Letters of an alphabet that say as much as one of these."""
_ENDS_SENTENCE = re.compile(r"[.!?…。！？।؟။][\"'”’»)\]」』）】]*$")
_PAIRS = re.compile("..?")
_FEW = 3
"""Documents up to which a text has not been shown to repeat."""


def risk_of(text: str, *, middle: float, documents: int) -> tuple[float, tuple[str, ...]]:
    """How risky it is that a text goes, 0..1, and why, the gravest reason first.

    Args:
        text: what goes, blanks folded.
        middle: 1 where it stands in the middle of its document, 0 at either end.
        documents: how many documents lose the same text.

    >>> risk_of("google cta", middle=0.1, documents=40)
    (0.03, ())
    >>> risk_of("The harbour was closed for nine hours while divers looked for the anchor.", middle=1.0, documents=1)[1]
    ('prose', "in the article's middle", 'only 1 document')
    >>> risk_of("島の議会は月曜日から運航を再開すると発表した。", middle=1.0, documents=1)[1][0]
    'prose'
    """
    words = _words(text)
    lower = sum(word.islower() or word.upper() == word.lower() for word in words) / len(words) if words else 0.0
    prose = min(1.0, len(words) / 8) * (0.5 * bool(_ENDS_SENTENCE.search(text)) + 0.5 * min(1.0, lower / 0.7))
    if len(words) < 5:
        prose /= 3
    size = len(text) + (_SAYS - 1) * len(_UNSPACED.findall(text))
    length = min(1.0, max(0.0, size - 20) / _LONG)
    few = 1.0 if documents == 1 else 0.6 if documents <= _FEW else 0.0
    weighed = [
        (0.4 * prose, "prose"),
        (0.25 * length, "long"),
        (0.2 * middle, "in the article's middle"),
        (0.15 * few, f"only {documents} document" + ("s" if documents > 1 else "")),
    ]
    told = sorted((one for one in weighed if one[0] >= 0.09), key=lambda one: -one[0])
    seen = 0.1 * middle + 0.03 * few if prose < 0.2 and length < 0.1 else sum(weight for weight, _ in weighed)
    return round(min(1.0, seen + (0.02 if prose else 0)), 2), tuple(why for weight, why in told if seen > 0.1)


def is_sentence(text: str) -> bool:
    """Whether a text reads like one of the article.

    >>> is_sentence("The harbour was closed for nine hours, the council said."), is_sentence("Read more about the harbour")
    (True, False)
    """
    return bool(_ENDS_SENTENCE.search(text)) and len(_words(text)) >= 8


def _words(text: str) -> list[str]:
    """The words; of scripts without blanks, pieces of two letters.

    >>> _words("The pier 3"), _words("島の議会は")
    (['The', 'pier'], ['島の', '議会', 'は'])
    """
    return [piece for word in _WORDS.findall(text) for piece in (_PAIRS.findall(word) if _UNSPACED.match(word) else [word])]
