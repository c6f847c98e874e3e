"""Tokens, their hashes and the length of texts: held against a plain re-telling, character by character."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cleaner.dedup.tokens import _code_points, _joins, _kinds, tokenize

MASK = 2**64 - 1
STEP = 0x9E3779B97F4A7C15
SYLLABLES = ("THAI", "LAO", "MYANMAR", "KHMER", "TAI LE", "NEW TAI LUE", "TAI THAM", "TAI VIET", "JAVANESE", "BALINESE")
IDEOGRAPHS = ("CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH", "HIRAGANA LETTER", "KATAKANA LETTER", "HENTAIGANA LETTER")
UNSEEN = "\u00ad\u034f\u0640\u200b\u200c\u200d\u200e\u2060\ufe0e\ufe0f\ufeff\U000e0100"
"""Soft hyphen, grapheme joiner, tatweel, space of no width, non-joiner, joiner, mark of direction, word joiner, variation selectors."""


def mix(value: int) -> int:
    value = (value ^ (value >> 33)) * 0xFF51AFD7ED558CCD & MASK
    value = (value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53 & MASK
    return value ^ (value >> 33)


def token_hash(token: str) -> int:
    return mix(sum(mix((ord(character) + (place + 1) * STEP) & MASK) for place, character in enumerate(token)) & MASK)


def compared(text: str) -> str:
    """The form in which a text is compared."""
    characters = []
    for character in text:
        usual = unicodedata.normalize("NFKC", character)
        if "\uff10" <= character <= "\uff9f" and (usual.isalnum() or usual in "_\u3099\u309a"):
            characters.append(usual)
        elif not unseen(character):
            characters.append(character)
    whole = "".join(characters)
    apart = unicodedata.normalize("NFD", whole)
    return unicodedata.normalize("NFC", (apart if "\u0345" in apart else whole).casefold())


def unseen(character: str) -> bool:
    if unicodedata.category(character) != "Cf":
        return character in "\u034f\u0640\u180b\u180c\u180d" or "VARIATION SELECTOR" in unicodedata.name(character, "")
    shown = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\ufff9\ufffa\ufffb"
    return character not in shown and not 0xFFFF < ord(character) < 0xE0000  # there: hieroglyphs and music


def quarters(character: str) -> int:
    """What a token that begins with a character adds to the length of its text; 0 when none begins there."""
    name, category = unicodedata.name(character, ""), unicodedata.category(character)
    if name.startswith(SYLLABLES) and category[0] in "LM" and "MUSICAL" not in name:
        return 1
    if (name.startswith(IDEOGRAPHS) and category == "Lo") or character in "々〆〇ゝゞーヽヾゟヿ":
        return 2
    return 4 if character.isalnum() or character == "_" else 0


def tokens(text: str) -> list[str]:
    found: list[str] = []
    last = 0  # what the last character that is no mark adds
    for character in compared(text):
        adds = quarters(character)
        if not adds and unicodedata.category(character)[0] == "M":
            if last:
                found[-1] += character
            continue
        if adds == last == 4:
            found[-1] += character
        elif adds:
            found.append(character)
        last = adds
    return found


def hashes(text: str) -> list[int]:
    return tokenize([text]).hashes.tolist()


ALPHABET = (
    "aaabcdeIXSzZ059__    -.,'’“—…\t\r\0éÉüßẞǅǰΐΣσςĲﬁſİıŉⅨ²½①"
    "\u0301\u0308\u0307\u0345\u0323\u030c\u20e3жЖйҐמּא\u05bc\u064e\u0651\u0644\u0627آﷺ"
    "हनदक़\u093c\u094d\u093f\u0940য়\u09be\u09c7க\u0bcdกำ\u0e38\u0e48ລຳ\u0eb4ကိ\u1039\u102eខ\u17d2\u17c6ཀ\u0fb2\u0f71\u0f80"
    "東京々〇ーかが\u3099\u309aハパﾊﾟｶﾞｱｰ゙０９ＡｚＺ＿，。・한국\u1112\u1161\u11ab가\u11a8豈𠮷𝒜😀\U0001f1e9\ud800Å\u2126\u0f43\ufb1d"
) + UNSEEN
TEXTS = st.text(alphabet=st.sampled_from(ALPHABET), max_size=25) | st.text(max_size=25).map(
    lambda text: "".join(character for character in text if character != "\n" and unicodedata.category(character) != "Cn")
)


@settings(deadline=None, max_examples=300)
@example(["", "\u0301", "\u00ad", "a", "\u0301b"])
@example(["a\u00ad\u0301", "か\u3099", "か\u00ad\u3099", "\u1112\u1161\u11ab"])
@given(st.lists(TEXTS, max_size=5))
def test_tokens_are_those_the_docstring_tells(texts: list[str]) -> None:
    found = tokenize(texts)
    told = [tokens(text) for text in texts]
    assert found.hashes.tolist() == [token_hash(token) for text in told for token in text]
    assert found.counts.tolist() == [len(text) for text in told]
    assert found.quarters.tolist() == [sum(quarters(token[0]) for token in text) for text in told]


def test_every_character_is_taken_as_the_docstring_tells() -> None:
    ranges = (range(0x3400), range(0xA000, 0xAC80), range(0xD7A0, 0xE000), range(0xF900, 0x11800), range(0x1AFF0, 0x1F100))
    characters = [chr(point) for points in ranges for point in points]
    texts = [f"a{one}b" for one in characters if one != "\n" and unicodedata.category(one) != "Cn"]
    found = tokenize(texts)
    told = [tokens(text) for text in texts]
    counts = found.counts.tolist()
    assert [(text, count) for text, words, count in zip(texts, told, counts, strict=True) if len(words) != count] == []
    assert found.hashes.tolist() == [token_hash(token) for text in told for token in text]


@settings(deadline=None, max_examples=300)
@given(TEXTS)
@example("\u1ffc\u093c")
def test_composed_and_decomposed_copies_are_equal(text: str) -> None:
    assert hashes(unicodedata.normalize("NFC", text)) == hashes(unicodedata.normalize("NFD", text))
    assert tokens(compared(text)) == tokens(text)


@settings(deadline=None, max_examples=300)
@given(TEXTS, st.randoms(use_true_random=False))
def test_what_no_reader_sees_makes_no_difference(text: str, rng) -> None:
    strewn = "".join(character + rng.choice(UNSEEN) * rng.randrange(2) for character in text)
    assert hashes(strewn) == hashes(text)


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=8))
def test_texts_do_not_touch_one_another(texts: list[str]) -> None:
    together = tokenize(texts)
    alone = [tokenize([text]) for text in texts]
    assert together.hashes.tolist() == [value for one in alone for value in one.hashes.tolist()]
    assert together.counts.tolist() == [count for one in alone for count in one.counts.tolist()]
    assert together.quarters.tolist() == [count for one in alone for count in one.quarters.tolist()]


@pytest.mark.parametrize(
    ("text", "told", "length"),
    [
        ("हिन्दी में समाचार", ["हिन्दी", "में", "समाचार"], 12),
        ("বাংলা ভাষা", ["বাংলা", "ভাষা"], 8),
        ("தமிழ்", ["தமிழ்"], 4),
        ("مُحَمَّد", ["مُحَمَّد"], 4),
        ("מָלוֹן", ["מָלוֹן"], 4),
        ("İstanbul'da", ["i\u0307stanbul", "da"], 8),
        ("\u0301 a\u0301\u0301b", ["á\u0301b"], 4),
        ("བོད་ཡིག", ["བོད", "ཡིག"], 8),
        ("สวัสดี", list("สวัสดี"), 6),
        ("ភាសាខ្មែរ ២០២៤", [*"ភាសាខ្មែរ", "២០២៤"], 13),
        ("မြန်မာ", list("မြန်မာ"), 6),
        ("ꦗꦮ", list("ꦗꦮ"), 2),
        ("한국어 뉴스", ["한국어", "뉴스"], 8),
        ("東京でNATOが", [*"東京で", "nato", "が"], 12),
        ("ｶﾞｽ２０２４年ＮＨＫ", [*"ガス", "2024", "年", "nhk"], 14),
        ("a\u3099 あ\u3099い", ["a\u3099", "あ\u3099", "い"], 8),
        ("m² ½ kg", ["m²", "½", "kg"], 12),
    ],
)
def test_tokens_and_length(text: str, told: list[str], length: int) -> None:
    found = tokenize([text])
    assert tokens(text) == told
    assert found.hashes.tolist() == [token_hash(token) for token in told]
    assert found.quarters.tolist() == [length]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Donau\u00addampf\u00adschiff", "Donaudampfschiff"),
        ("می\u200cخواهم", "میخواهم"),
        ("جمـــيل", "جميل"),
        ("क्\u200dष", "क्ष"),
        ("葛\U000e0100城", "葛城"),
        ("❤\ufe0f team", "❤ team"),
        ("\ufeffstart\u200b", "start"),
        ("１２３ｷﾛﾊﾞｲﾄ", "123キロバイト"),
        ("か\u00ad\u3099", "が"),
        ("STRASSE", "straße"),
        ("\u212bngstr", "ångstr"),
        ("\uf900", "\u8c48"),
    ],
)
def test_two_spellings_of_one_text(one: str, other: str) -> None:
    assert hashes(one) == hashes(other)
    assert hashes(other)


def test_hashes_stay_what_they_are() -> None:
    """A lasting index holds them: whoever changes these numbers makes all that there are useless."""
    assert [f"{value:016x}" for value in hashes("a the straße café हिन्दी 東")] == [
        "873a68eea425efa3",
        "05c6500f688ed42d",
        "04fac70974a111ee",
        "b2b447018d53f6eb",
        "65f1383e9936dd05",
        "7395f6fda1ef144f",
    ]


def test_long_tokens() -> None:
    text = f"{'a' * 70_000} {'é' * 70_000} {'हि' * 40_000}"
    assert hashes(text) == [token_hash(token) for token in text.split(" ")]


@given(st.lists(TEXTS, max_size=6), st.integers(1, 12))
def test_a_long_text_may_be_cut_in_pieces(texts: list[str], size: int) -> None:
    whole = tokenize(texts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cleaner.dedup.tokens._CHUNK", size)
        pieces = tokenize(texts)
    for name in ("hashes", "counts", "quarters", "weights"):
        assert getattr(pieces, name).tolist() == getattr(whole, name).tolist()


def test_nfc_joins_no_gap_with_what_is_behind_it() -> None:
    marks = [chr(point) for point in range(0x110000) if unicodedata.category(chr(point))[0] == "M"]
    for gap in " \t,.;:!?\u3000\u3001\u3002\uff0c\uff01\uff1f":
        assert [mark for mark in marks if unicodedata.normalize("NFC", gap + mark)[0] != gap] == []
        assert tokenize([gap]).counts.tolist() == [0]


def test_nothing_that_nfc_joins_is_overlooked() -> None:
    for point in range(0x110000):
        parts = unicodedata.decomposition(chr(point)).split()
        if not unicodedata.is_normalized("NFC", chr(point)):
            assert _joins(chr(point), np.array([4], np.uint8)), chr(point)
        elif len(parts) == 2 and "<" not in parts[0]:
            second = chr(int(parts[1], 16))
            assert _joins(second, _kinds(_code_points(second))), second
    marks = "".join(chr(point) for point in range(0x110000) if unicodedata.combining(chr(point)))
    kinds = _kinds(_code_points(marks))
    assert all(_joins(mark, kinds[place : place + 1]) for place, mark in enumerate(marks))


def test_letters_of_one_hangul_syllable_join() -> None:
    letters = "".join(map(chr, [*range(0x1100, 0x1113), *range(0x1161, 0x1176), *range(0x11A8, 0x11C3)]))
    assert all(_joins(letter, np.array([4], np.uint8)) for letter in letters)
