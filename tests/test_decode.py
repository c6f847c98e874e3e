"""Decoding: what order of evidence decides, real-looking texts in many encodings, and any bytes at all."""

from __future__ import annotations

import codecs
import random
import time
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from cleaner.decode import declared_in, decode
from cleaner.errors import InputError

GERMAN = "Die Bundesregierung hat über die Änderung des Gesetzes beraten. Für die Länder heißt das größere Ausgaben."
FRENCH = "Le président a déclaré que la réforme serait présentée à l’Assemblée dès la rentrée, malgré l’opposition."
RUSSIAN = "Президент заявил, что переговоры продолжатся на следующей неделе. Об этом сообщает агентство новостей."
JAPANESE = "首相は記者会見で、来週から新しい経済対策を実施すると発表した。専門家からは懸念の声も上がっている。"
CHINESE = "国务院总理在记者会上表示，下周将实施新的经济政策。专家认为，这一措施将促进市场的稳定发展。"
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
    b"\x1f\x15\xc4\x89\x00\x00\x00\nIDATx\x9cc\x00\x01"
)

LEGACY = [
    ("cp1252", GERMAN),
    ("cp1252", FRENCH),
    ("cp1252", "El presidente anunció ayer que la economía creció más de lo previsto; según él, el próximo año será aún mejor."),
    ("cp1252", "A população de São Paulo não está satisfeita com a situação; a eleição será em março."),
    ("cp1252", "Regeringen föreslår nya åtgärder för att minska utsläppen på väg mot klimatmålen. Även småföretagen påverkas."),
    ("cp1252", "It’s a “small” price to pay — said the mayor, who’d been in office for nine years."),
    ("cp1252", "“We don’t know,” the mayor said. “It’s the council’s job, and they’ve had – what? – nine years…”"),
    ("cp1252", "The company’s shares didn’t move."),
    ("mac_roman", "“We don’t know,” the mayor said. “It’s the council’s job, and they’ve had nine years.”"),
    ("cp1252", "café"),
    (
        "cp1250",
        "Premiér uvedl, že vláda schválila návrh zákona o daních. Příští týden se jím bude zabývat sněmovna.",
    ),
    ("cp1250", "Rząd przyjął wczoraj projekt ustawy. Według ministra zmiany wejdą w życie już w przyszłym miesiącu."),
    ("cp1250", "A kormány szerint az új törvény jövőre lép életbe, és több száz települést érint, közölte a szóvivő."),
    ("iso8859_2", "Rząd przyjął wczoraj projekt ustawy. Według ministra zmiany wejdą w życie już w przyszłym miesiącu."),
    (
        "cp1254",
        "Başbakan, hükümetin yeni yasa tasarısını önümüzdeki hafta açıklayacağını söyledi. Görüşmeler sürüyor.",
    ),
    ("cp1254", "Köprü baharda açılacak, dedi başkan: aklınız kalmasın."),
    ("mac_roman", FRENCH),
    ("cp1251", RUSSIAN),
    ("cp1251", "Українські військові повідомили про нові обстріли. Її слова підтвердили очевидці подій у місті."),
    ("koi8_r", RUSSIAN),
    ("cp1253", "Ο πρωθυπουργός δήλωσε ότι η κυβέρνηση θα παρουσιάσει το νέο σχέδιο την επόμενη εβδομάδα στη Βουλή."),
    ("cp1255", "ראש הממשלה אמר היום כי הדיונים יימשכו בשבוע הבא. הממשלה תדון בתקציב החדש."),
    ("cp1256", "قال رئيس الوزراء اليوم إن المفاوضات ستستمر الأسبوع المقبل في العاصمة. وأضاف أن الحكومة ستناقش الميزانية."),
    ("cp874", "นายกรัฐมนตรีกล่าวว่ารัฐบาลจะเริ่มใช้นโยบายเศรษฐกิจใหม่ในสัปดาห์หน้า"),
    ("shift_jis", JAPANESE),
    ("euc_jp", JAPANESE),
    ("euc_jp", "市長は月曜日、橋を春に開通させると述べた。\n\n広告\n\n工事は三年前に始まった。\n\n関連記事"),
    ("iso2022_jp", JAPANESE),
    ("gb18030", CHINESE),
    ("big5", "行政院長在記者會上表示，下週將實施新的經濟政策。專家認為，這項措施將促進市場的穩定發展。"),
    ("euc_kr", "대통령은 기자회견에서 다음 주부터 새로운 경제 정책을 시행한다고 밝혔다. 전문가들은 우려를 나타냈다."),
]
KNOWN_FAILURES = [
    ("gb18030", "模"),  # two bytes that are UTF-8 too
    ("cp850", FRENCH),  # too rare on the web to be worth its mistakes
    ("utf-16-le", "天気"),  # no NUL byte tells of UTF-16
]


@pytest.mark.parametrize(("encoding", "text"), LEGACY)
@pytest.mark.parametrize("times", [1, 2000])
def test_legacy_text_is_detected(encoding: str, text: str, times: int) -> None:
    page = (text + "\n") * times
    assert decode(page.encode(encoding))[0] == page


@pytest.mark.parametrize(("encoding", "text"), LEGACY)
def test_declared_encoding_is_read(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding), declared=encoding)[0] == text
    assert decode(text.encode(encoding), declared=f" {encoding.upper()} ")[0] == text


@pytest.mark.parametrize(("encoding", "text"), KNOWN_FAILURES)
@pytest.mark.xfail(strict=True, reason="detection is a hint")
def test_known_failure(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding))[0] == text


@pytest.mark.parametrize(
    "declared",
    [None, "latin-1", "windows-1252", "shift_jis", "utf-8", "x-unknown", "", "\0", "ü", "rot13", "zlib", "utf-7", "hz"],
)
def test_valid_utf8_is_utf8_whatever_is_declared(declared: str | None) -> None:
    for text in (GERMAN, RUSSIAN, JAPANESE, "plain"):
        assert decode(text.encode(), declared=declared) == (text, "utf-8")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("text", [GERMAN, RUSSIAN, JAPANESE, "😀", "\ufeffsecond mark stays", ""])
def test_byte_order_mark(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding), declared="latin-1") == (text, encoding)


def test_big_endian_marks() -> None:
    assert decode(codecs.BOM_UTF16_BE + GERMAN.encode("utf-16-be")) == (GERMAN, "utf-16")
    assert decode(codecs.BOM_UTF32_BE + GERMAN.encode("utf-32-be")) == (GERMAN, "utf-32")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [GERMAN, RUSSIAN, JAPANESE + "\n 1", "ab"])
def test_utf16_without_a_mark(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == (text, encoding)


def test_utf16_cut_off_in_a_character() -> None:
    assert decode(GERMAN.encode("utf-16-le")[:-1]) == (GERMAN[:-1] + "\ufffd", "utf-16-le")
    assert decode(GERMAN.encode("utf-16")[:-1]) == (GERMAN[:-1] + "\ufffd", "utf-16")


@pytest.mark.parametrize("declared", [None, "utf-8", "windows-1252", "shift_jis"])
def test_broken_places_do_not_make_utf8_mojibake(declared: str | None) -> None:
    whole = GERMAN.encode()
    assert decode(whole + b" caf\xe9 \x93so\x94", declared=declared) == (GERMAN + " café “so”", "utf-8")
    assert decode(whole + b" \xe2\x80 lost", declared=declared) == (GERMAN + " \ufffd lost", "utf-8")
    assert decode(b"\xa0" + whole, declared=declared) == ("\xa0" + GERMAN, "utf-8")
    assert decode(whole + b"\xed\xa0\xbd\xed\xb8\x80", declared=declared) == (GERMAN + "😀", "utf-8")
    assert decode(codecs.BOM_UTF8 + whole + b"\xe9 ", declared=declared) == (GERMAN + "é ", "utf-8-sig")


@pytest.mark.parametrize("text", [GERMAN + " 100 €", RUSSIAN, JAPANESE, "Only the end is not ASCII: €", "größte 😀"])
def test_cut_off_utf8_loses_only_the_cut_character(text: str) -> None:
    data = text.rstrip(".。").encode()
    for cut in range(1, len(text.rstrip(".。")[-1].encode())):
        assert decode(data[:-cut])[0] in (text.rstrip(".。")[:-1] + "\ufffd", text.rstrip(".。")[:-1] + "â")


def test_windows_1252_is_read_where_latin_1_is_declared() -> None:
    assert decode(b"\x93It\x92s caf\xe9\x94", declared="ISO-8859-1") == ("“It’s café”", "cp1252")


def test_declared_encoding_with_a_broken_byte() -> None:
    data = JAPANESE.encode("cp932") + b"\x85"
    assert decode(data, declared="Shift_JIS") == (JAPANESE + "\ufffd", "cp932")


def test_mojibake_in_utf8_is_text_for_repair_to_read() -> None:
    mojibake = RUSSIAN.encode().decode("latin-1")
    assert decode(mojibake.encode()) == (mojibake, "utf-8")


def test_empty() -> None:
    assert decode(b"") == ("", "utf-8")
    assert decode(codecs.BOM_UTF8) == ("", "utf-8-sig")


@pytest.mark.parametrize(
    "data",
    [
        PNG,
        b"\x00",
        bytes(1000),
        b"\x01\x02\x03 text",
        b"\x7fELF\x02\x01\x01" + bytes(9),
        b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x02" + random.Random(3).randbytes(500),
        b"%PDF-1.4\n1 0 obj\n<<>>\n" + bytes(range(0x80, 0x100)) * 20,
        random.Random(1).randbytes(1000),
        random.Random(2).randbytes(5000) + GERMAN.encode(),
        ("\ufffd" * 5 + "a" * 100).encode(),
    ],
)
@pytest.mark.parametrize("declared", [None, "windows-1252", "utf-8", "gb18030"])
def test_what_is_no_text_is_refused(data: bytes, declared: str | None) -> None:
    with pytest.raises(InputError) as caught:
        decode(data, declared=declared)
    assert caught.value.reason == "not-text"
    assert "1 %" in caught.value.detail


def test_one_percent_of_noise_is_the_limit() -> None:
    assert decode(b"a" * 99 + b"\x00")[0] == "a" * 99 + "\x00"
    with pytest.raises(InputError):
        decode(b"a" * 98 + b"\x00")
    text = "ä" * 99 + "\U000e0fff"
    assert decode(text.encode()) == (text, "utf-8")
    with pytest.raises(InputError):
        decode(text[1:].encode())


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (b'<html><head><meta charset="utf-8">', "utf-8"),
        (b"<META CHARSET=Windows-1251 >", "windows-1251"),
        (b'<meta http-equiv="Content-Type" content="text/html; charset=euc-kr">', "euc-kr"),
        (b"<?xml version='1.0' encoding='ISO-8859-2'?><html><meta charset=utf-8>", "iso-8859-2"),
        (b"<!-- <meta charset=koi8-r> --><meta charset='big5'/>", "big5"),
        (b"<!-- <meta charset=koi8-r>", None),
        (b"<meta charset=utf-16le>", "utf-8"),
        (b"<meta name=description content=x><p>charset=none", None),
        (b" " * 2048 + b"<meta charset=utf-8>", None),
        (b"<meta charset=\xe9>", None),
        (b"", None),
        (b"\x00\xff", None),
    ],
)
def test_declared_in(page: bytes, expected: str | None) -> None:
    assert declared_in(page) == expected


NAMES = ["latin-1", "utf-8", "shift_jis", "gb2312", "utf-16", "utf-7", "iso-2022-kr", "hz", "idna"]
TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]) | st.sampled_from(" \t\n\r\f"))


@given(st.binary(), st.none() | st.sampled_from(NAMES) | st.text())
@settings(max_examples=800, deadline=None)
@example(b"\xff\xfe\x00\xd8", None)
@example(b"\x81\x8d\x8f\x90\x9d", "windows-1252")
def test_any_bytes_give_text_or_input_error(data: bytes, declared: str | None) -> None:
    declared_in(data)
    try:
        text, encoding = decode(data, declared=declared)
    except InputError:
        return
    assert codecs.lookup(encoding)
    text.encode()  # no lone surrogates
    assert decode(data, declared=declared) == (text, encoding)


@given(TEXT, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
@settings(max_examples=800, deadline=None)
def test_any_text_comes_back(text: str, encoding: str) -> None:
    assume("\ufffd" not in text and not (encoding == "utf-8" and text.startswith("\ufeff")))
    assume(all(unicodedata.category(char) != "Cn" for char in text))
    assert decode(text.encode(encoding)) == (text, encoding)


@given(st.text(st.sampled_from(GERMAN + RUSSIAN + JAPANESE + "😀"), min_size=20), st.integers(0, 10**6))
@settings(max_examples=300, deadline=None)
def test_one_flipped_byte_leaves_the_rest(text: str, place: int) -> None:
    data = bytearray((text + RUSSIAN).encode())
    data[place % len(data)] = 0xFF
    got, encoding = decode(bytes(data))
    assert encoding == "utf-8"
    assert abs(len(got) - len(text + RUSSIAN)) <= 3


@pytest.mark.parametrize(
    "data", [b"plain text of a page\n" * 250_000, RUSSIAN.encode() * 30_000, RUSSIAN.encode("cp1251") * 50_000, bytes(5_000_000)]
)
def test_five_megabytes_take_less_than_three_seconds(data: bytes) -> None:
    start = time.perf_counter()
    with suppress(InputError):
        decode(data)
    assert time.perf_counter() - start < 3
