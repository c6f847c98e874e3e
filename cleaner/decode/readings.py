r"""Bytes to text, by the readings they allow, the surest first.

The order is: byte order mark; strict UTF-8; UTF-16 known by its NUL bytes; UTF-8 with a few broken bytes; what was declared;
detection, a hint that is right for about two pages of three. ``docs/decisions/encoding.md`` says why.

Promises:

- any bytes give text or ``InputError``, never another error;
- what a text encodes to in UTF-8, or in UTF-8, UTF-16 or UTF-32 with a byte order mark, gives that text again;
- bytes that are UTF-8 but for some broken places are read as UTF-8, and only these places otherwise;
- the text holds no lone surrogates, and no byte order mark but one that stood behind the first.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from cleaner.decode.detect import detected
from cleaner.errors import InputError

LIMIT = 0.01
"""The largest share, 0..1, of control, unassigned and replacement characters that a text may have."""
HEAD = 2_048
"""Bytes at the start of a page in which its encoding may be declared."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BEYOND_ASCII = bytes(range(0x80, 0x100))
_CONTROLS = bytes({*range(32), 0x7F} - set(b"\t\n\r\f"))
_PRINTABLE = bytes(set(range(0x7F)) - set(_CONTROLS))

_NO_TEXT = {"Cc", "Cn", "Cs"}
"""Unicode categories: control, unassigned, surrogate. Private use (icon fonts of pages) is text."""

_READ_AS = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949",
    "big5": "big5hkscs", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
}  # fmt: skip
"""What browsers read for a declared name (the labels of the WHATWG Encoding Standard): the superset that is in real use."""
_NEVER = {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"}
"""Python's codecs that are transformations, or unsafe, rather than encodings of a page."""
_SEVEN_BIT = ("iso2022", "hz")


class _Reading(NamedTuple):
    """One way to read the bytes.

    Attributes:
        text: what they say.
        encoding: Python's name.
        spared: 1 when one U+FFFD stands for an end that was cut off and says nothing against the reading, else 0.
        sure: C1 characters are the text's own (mojibake, which ``repair`` reads), not a sign of a wrong encoding.
    """

    text: str
    encoding: str
    spared: int = 0
    sure: bool = False


def decode(data: bytes, *, declared: str | None = None) -> tuple[str, str]:
    r"""The text that bytes stand for, and Python's name of the encoding.

    Args:
        data: the whole input.
        declared: name that the page or its server gave; ignored when unknown or contradicted by the bytes.

    Returns:
        The text without its byte order mark, and the name: ``"utf-8-sig"``, ``"utf-16"`` and ``"utf-32"`` tell of a mark;
        ``"utf-8"`` may have had broken places: a stray byte is read as Windows-1252, a sequence that lacks bytes as U+FFFD.

    Raises:
        InputError: ``not-text``, when more than 1 % of what the best reading gives is no text.

    >>> decode("naïve".encode("utf-16"))
    ('naïve', 'utf-16')
    >>> decode(b"na\xc3\xafve caf\xe9, na\xc3")
    ('naïve café, na�', 'utf-8')
    >>> decode(b"na\xefve")
    ('naïve', 'cp1252')
    """
    if not data:
        return "", "utf-8"
    for reading in _readings(data, declared):
        if _is_text(reading):
            return reading.text, reading.encoding
    raise _not_text()


def _not_text() -> InputError:
    return InputError(
        "not-text",
        "not text: more than 1 % of it would be control, unassigned or replacement characters in any encoding tried;"
        " give text or HTML (unpack or convert other files first)",
    )


def require_text(text: str) -> None:
    """Makes sure that what came decoded, as a record's field does, is text by the measure that ``decode`` has for bytes.

    Raises:
        InputError: ``not-text``, when more than 1 % of it is no text.
    """
    if not _is_text(_Reading(text, "", sure=True)):
        raise _not_text()


def declared_in(data: bytes) -> str | None:
    """The encoding a page declares in its first 2,048 bytes, in lower case and perhaps unknown to Python, or None.

    An XML declaration, then the first ``meta`` outside of comments. A page that can be read so far is not in UTF-16, whatever it
    says; HTML has such a page be UTF-8.

    >>> declared_in(b'<html><meta http-equiv=content-type content="text/html; charset=ISO-8859-2">')
    'iso-8859-2'
    >>> declared_in(b'<?xml version="1.0" encoding="UTF-16"?>')
    'utf-8'
    """
    head = re.sub(rb"<!--.*?(?:-->|\Z)", b"", data[:HEAD], flags=re.DOTALL)
    found = re.match(rb"""(?:\xef\xbb\xbf)?\s*<\?xml\s[^>]*?\bencoding\s*=\s*["']\s*([\w.:+-]+)""", head) or re.search(
        rb"""<meta\s[^>]*?\bcharset\s*=\s*["']?\s*([\w.:+-]+)""", head, re.IGNORECASE
    )
    if found is None:
        return None
    name = found[1].decode("ascii").lower()
    return "utf-8" if name.startswith(("utf-16", "utf-32", "utf16", "utf32")) else name


def _readings(data: bytes, declared: str | None) -> Iterator[_Reading]:
    """Ways to read the bytes, the likeliest first, each made only when it is asked for."""
    marked = list(_marked(data))
    if marked:
        yield from marked
        return
    codec = _codec(declared)
    if codec.startswith(_SEVEN_BIT):  # also valid ASCII, so it has to be asked first
        yield from (reading for reading in _strict(data, codec) if not reading.text.isascii())
    utf8 = list(_strict(data, "utf-8", sure=True))
    yield from utf8
    if 0 in data:
        yield from _utf16(data)
    if utf8:  # not text in UTF-8: then in no encoding that shares ASCII with it, but for one
        yield from _strict(data, "iso2022_jp")
        return
    if len(data) - len(data.translate(None, _CONTROLS)) > LIMIT * len(data):  # a reading has no more characters than bytes
        return
    yield from _mended(data, "utf-8")
    if codec:
        yield from _forgiving(data, codec)
    yield from _forgiving(data, detected(data))
    yield _windows(data)


def _marked(data: bytes) -> Iterator[_Reading]:
    for mark, encoding in _MARKS:
        if not data.startswith(mark):
            continue
        strict = list(_strict(data, encoding, sure=True))
        if strict:
            yield from strict
        elif encoding == "utf-8-sig":
            yield from _mended(data[len(mark) :], encoding)
        elif encoding == "utf-16":
            yield _Reading(data.decode(encoding, "replace"), encoding, spared=1, sure=True)


def _strict(data: bytes, encoding: str, *, sure: bool = False) -> Iterator[_Reading]:
    try:
        yield _Reading(data.decode(encoding), encoding, sure=sure)
    except (UnicodeError, LookupError):
        return


def _utf16(data: bytes) -> Iterator[_Reading]:
    """UTF-16 without a mark: NUL bytes, high halves of ASCII characters, stand at odd places (little end first) or even ones."""
    even, odd = data[::2].count(0), data[1::2].count(0)
    # Chinese text too has a blank, digit or line end among 20 characters; but stray NULs must not make Chinese of ASCII, of which
    # UTF-16 has no more than every other byte.
    plain = len(data) - len(data.translate(None, _PRINTABLE))
    if max(even, odd) < 0.05 * (len(data) // 2) or max(even, odd) < 2 * min(even, odd) or plain > 0.75 * len(data):
        return
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    cut = len(data) % 2
    for text, _, _, _ in _strict(data[: len(data) - cut], encoding):
        yield _Reading(text + "\ufffd" * cut, encoding, spared=cut, sure=True)


def _mended(data: bytes, encoding: str) -> Iterator[_Reading]:
    """UTF-8 with broken places: at least as many whole characters beyond ASCII as broken bytes, or only the end is cut off."""
    tail = re.search(rb"(?:[\xc2-\xf4]|[\xe0-\xf4][\x80-\xbf]|[\xf0-\xf4][\x80-\xbf]{2})\Z", data)
    end = tail.start() if tail else len(data)
    # Counted with C's own handler first: ours takes a microsecond for each of the many errors in a text that is not UTF-8 at all.
    whole = data[:end].decode("utf-8", "ignore")
    broken = end - len(whole.encode())
    good = len(whole) - len(data[:end].translate(None, _BEYOND_ASCII))
    cut_off = not broken and len(data) - end > 1
    if (good > 0 and good >= broken) or cut_off or encoding == "utf-8-sig":
        codecs.register_error("cleaner.stray", _stray)
        yield _Reading(data.decode("utf-8", "cleaner.stray"), encoding, spared=int(end < len(data)), sure=True)


def _stray(error: UnicodeError) -> tuple[str, int]:
    """Error handler of UTF-8: a stray byte is Windows-1252, a pair of surrogates the character it means, all else U+FFFD."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    data, start, end = error.object, error.start, error.end
    if re.match(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]", data[start : start + 6]):  # CESU-8
        pair = data[start : start + 6].decode("utf-8", "surrogatepass")
        return pair.encode("utf-16-le", "surrogatepass").decode("utf-16-le"), start + 6
    if re.match(rb"\xed[\xa0-\xbf][\x80-\xbf]", data[start : start + 3]):
        return "\ufffd", start + 3
    if end - start > 1 or (end == len(data) and data[start] >= 0xC2):
        return "\ufffd", end
    return data[start:end].decode("cp1252", "replace"), end


def _codec(declared: str | None) -> str:
    """Python's name of the encoding to read for a declared one; ``""`` when there is none."""
    try:
        name = codecs.lookup((declared or "").strip()).name
    except (LookupError, ValueError):
        return ""
    return "" if name in _NEVER else _READ_AS.get(name, name)


def _forgiving(data: bytes, encoding: str) -> Iterator[_Reading]:
    """Strictly, or else with U+FFFD where bytes are broken, if ten times as many characters beyond ASCII are whole."""
    if encoding == "cp1252":
        yield _windows(data)
        return
    try:
        text = data.decode(encoding, "replace")
    except (UnicodeError, LookupError):
        return
    broken = text.count("\ufffd")
    if not broken or len(re.findall(r"[^\x00-\x7f]", text)) > 11 * broken:
        yield _Reading(text, encoding, spared=int(text.endswith("\ufffd")))


def _windows(data: bytes) -> _Reading:
    """Windows-1252 as browsers have it: the five bytes it leaves open are C1 characters, so that any bytes can be read."""
    codecs.register_error("cleaner.open", _open_byte)
    return _Reading(data.decode("cp1252", "cleaner.open"), "cp1252")


def _open_byte(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


def _is_text(reading: _Reading) -> bool:
    text = reading.text
    if text.isascii():
        noise = len(text) - len(text.encode("ascii").translate(None, _CONTROLS))
    else:
        found = Counter("".join(_suspicious().findall(text)))
        noise = sum(count for char, count in found.items() if char == "\ufffd" or unicodedata.category(char) in _NO_TEXT)
        if reading.sure:
            noise -= sum(count for char, count in found.items() if "\x80" <= char <= "\x9f")
    spared = reading.spared if len(text) > 1 else 0
    return noise - spared <= LIMIT * len(text)


@cache
def _suspicious() -> re.Pattern[str]:
    """Matches all that is no text, and all beyond the basic plane, where a class of ``re`` that names single ranges is slow."""
    kept = set(map(ord, "\t\n\r\f"))
    bad = [code for code in range(0x10000) if unicodedata.category(chr(code)) in _NO_TEXT and code not in kept]
    listed = "".join(map(re.escape, map(chr, [*bad, 0xFFFD])))
    return re.compile(f"[{listed}\U00010000-\U0010ffff]+")
