r"""Repair against plain ftfy: the same result on every line, sooner; and no line break that comes or goes.

``cases/ftfy/*.jsonl`` holds a case a line, ``["before", "after"]``, by kind of damage; adding a case is adding a line. In
``must-not-change`` both are alike, ``not-as-ftfy`` is where a promise of ours is stronger, ``known-failures`` holds what should
become of text that ftfy leaves as it is. (JSON joins pairs of surrogates, so these stand below.)
"""

from __future__ import annotations

import itertools
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from ftfy import TextFixerConfig, fix_and_explain
from ftfy.badness import BADNESS_RE, MOJIBAKE_CATEGORIES
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner import repair as room
from cleaner.document import Repair
from cleaner.repair import repair

CASES = Path(__file__).parent / "cases" / "ftfy"
CONFIG = TextFixerConfig(uncurl_quotes=False, fix_latin_ligatures=False, fix_character_width=False, fix_line_breaks=False)
TEXTS = (
    "Die größte Brücke über den Fluß heißt „Öland“ und ist 50 m² groß.",
    "« L’été dernier », dit-elle, l’œuvre brûlait à côté — naïve…",
    "¿Mañana será otro día, señor? «Sí», contestó ÁNGEL.",
    "It’s a “small” price — £5 or €6 – said AT&T’s CEO™ & co.",
    "Příliš žluťoučký kůň ÚPĚL ĎÁBELSKÉ ÓDY",
    "Zażółć GĘŚLĄ jaźń, łódź i źdźbło",
    "Президент заявил: «Новости» — № 5, 10 °С, ВГРС",
    "Її слова підтвердили очевидці ПОДІЙ у Ґанку",
    "Ο πρωθυπουργός δήλωσε ότι η ΕΛΛΑΔΑ «ΒΓΞΟ» 10 €",
    "今日は「東京」の天気がいい。２０２４年　ｶﾀｶﾅ",
    "오늘 서울 날씨가 좋다",
    "مرحبا بالعالم، كيف الحال؟ ٪٥",
    "שלום „עולם“",
    "Đại học Quốc gia Hà Nội, Việt Nam, ƯƠ",
    "İstanbul’da ŞİŞLİ ve ÇAĞDAŞ ığ",
    "São João, AÇÃO, 1.ª edição, Â",
    "😀👍🏽 x² + y³ ≠ ½ ± √2 │┌─┐▓ ﬁne",
    "Plain English with 'nothing' in it, but 3 < 4 & 5 > 4.",
)
ENCODINGS = (
    "latin-1", "sloppy-windows-1252", "sloppy-windows-1251", "sloppy-windows-1250", "sloppy-windows-1253",
    "sloppy-windows-1254", "sloppy-windows-1257", "iso-8859-2", "macroman", "cp437", "windows-1252",
)  # fmt: skip
DAMAGE = (
    "&amp;", "&eacute;", "&lt;", "&#10;", "&#x2019;", "&amp;quot;", "<", "\x1b[31m", "\x00", "\x07", "\ufeff", "\ud83d", "\ude00",
    "\ufffd", "?", "\u2028", "\x85", "\x92", "\r", " ", "\xa0", "e\u0301", "\u0338", "Ã", "Â ", "œ", "°", "\ufffc", "\xad",
)  # fmt: skip


def as_ftfy(line: str) -> str:
    """Plain ftfy on one line, again and again until nothing changes, newlines from entities made blanks."""
    while (fixed := fix_and_explain(line, CONFIG).text.replace("\n", " ")) != line:
        line = fixed
    return line


def check(text: str) -> None:
    after, repairs = repair(text)
    before_lines, after_lines = text.split("\n"), after.split("\n")
    assert after_lines == [as_ftfy(line) for line in before_lines]
    changed = [(n, b, a) for n, (b, a) in enumerate(zip(before_lines, after_lines, strict=True), 1) if a != b]
    assert [(r.line, r.before, r.after) for r in repairs] == changed
    assert repair(after) == (after, ())


def cases(*, without: tuple[str, ...] = (), only: str = "*") -> list[object]:
    found: list[object] = []
    for path in sorted(CASES.glob(f"{only}.jsonl")):
        if path.stem not in without:
            lines = path.read_text(encoding="utf-8").splitlines()
            found += [pytest.param(*json.loads(line), id=f"{path.stem}:{number}") for number, line in enumerate(lines, 1)]
    assert found
    return found


def damaged(rng: random.Random) -> str:
    """A line in one of many languages, as often as not broken in one or several ways."""
    text = rng.choice(TEXTS)
    start = rng.randrange(len(text))
    text = text[start : start + rng.randrange(1, 60)] if rng.random() < 0.7 else text
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3))):
        text = text.encode("utf-8", "replace").decode(rng.choice(ENCODINGS), "replace")
    if rng.random() < 0.2:
        text = text.replace("\xa0", " ")
    if rng.random() < 0.3:
        text += rng.choice(TEXTS)
    for _ in range(rng.choice((0, 0, 0, 1, 2))):
        at = rng.randrange(len(text) + 1)
        text = text[:at] + rng.choice(DAMAGE) + text[at:]
    return text.replace("\n", " ")


@pytest.mark.parametrize(("before", "after"), cases(without=("known-failures",)))
def test_case(before: str, after: str) -> None:
    fixed, repairs = repair(before)
    assert fixed == after
    assert repairs == (() if before == after else (Repair(1, before, after),))
    assert repair(after) == (after, ())


@pytest.mark.parametrize(("before", "after"), cases(without=("known-failures", "not-as-ftfy")))
def test_case_is_as_ftfy_has_it(before: str, after: str) -> None:
    assert fix_and_explain(before, CONFIG).text == after


@pytest.mark.parametrize(("before", "after"), cases(only="known-failures"))
@pytest.mark.xfail(strict=True, reason="ftfy leaves it as it is")
def test_known_failure(before: str, after: str) -> None:
    assert repair(before)[0] == after


def test_pairs_of_surrogates_become_characters() -> None:
    assert repair("\ud83d\ude00 and \ud83d\ud83d\ude00")[0] == "😀 and \ufffd😀"


def test_lines_keep_their_numbers_and_ends() -> None:
    text = "first\r\nschÃ¶n\r\n\n&#10;\u2028\nlast\x85Ã¼"
    after, repairs = repair(text)
    assert after == "first\r\nschön\r\n\n \u2028\nlast…ü"
    assert repairs == (Repair(2, "schÃ¶n\r", "schön\r"), Repair(4, "&#10;\u2028", " \u2028"), Repair(5, "last\x85Ã¼", "last…ü"))


def test_lines_do_not_see_each_other() -> None:
    assert repair("<b>\n&eacute;\n<i> &eacute;\n&eacute;")[0] == "<b>\né\n<i> &eacute;\né"


def test_nothing_to_repair_gives_the_same_text() -> None:
    text = "\n".join(TEXTS)
    assert repair(text) == (text, ())
    assert repair("") == ("", ())


def test_as_ftfy_on_generated_mojibake() -> None:
    """100,000 lines."""
    rng = random.Random(20)
    for _ in range(2000):
        check("\n".join(damaged(rng) for _ in range(50)))


@settings(max_examples=400, deadline=None)
@given(st.text(st.characters()) | st.text(st.sampled_from("".join((*TEXTS, *DAMAGE, *MOJIBAKE_CATEGORIES.values(), "\n\n\n")))))
def test_as_ftfy_on_any_text(text: str) -> None:
    check(text)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from((*TEXTS, *DAMAGE, "\n", " ", "a")), max_size=8), st.sampled_from(ENCODINGS))
def test_as_ftfy_on_any_mixture(parts: list[str], encoding: str) -> None:
    text = "".join(parts)
    check(text)
    check(text.encode("utf-8", "replace").decode(encoding, "replace"))


def _kinds() -> Iterator[str]:
    """One character of each kind that ``BADNESS_RE`` tells apart: those it names, and one for each set of categories."""
    named = set(re.findall(r"[^\x00-\x7f]", BADNESS_RE.pattern))
    for chars in MOJIBAKE_CATEGORIES.values():
        named -= set(chars)
    members = {name: re.compile(f"[{chars}]") for name, chars in MOJIBAKE_CATEGORIES.items()}
    seen = set()
    for char in [*map(chr, range(0x80, 0x2600)), "\uf8ff", "\ufb01", "\ufb02", "\ufffd", "中"]:
        kind = (*(bool(one.match(char)) for one in members.values()), bool(re.match(r"\w", char)), bool(re.match(r"\s", char)))
        if kind not in seen or char in named or char in "ŒœÂÃÎÐØÙàâóÄ√≈±∂†≠®™´≤≥¥µø°¢ВГРСвЂΒΓΞΟβā€×²³‚Ў":
            yield char
        seen.add(kind)


def test_guard_triggers_wherever_ftfys_heuristic_can_match() -> None:
    trigger = room._guard().trigger
    every = [
        char for chars in MOJIBAKE_CATEGORIES.values() for char in map(chr, range(0x80, 0x10000)) if re.match(f"[{chars}]", char)
    ]
    alphabet = sorted({*every, *"aZ1 .\r_"})
    pairs = map("".join, itertools.product(alphabet, repeat=2))
    assert not [pair for pair in pairs if BADNESS_RE.search(pair) and not trigger.search(pair)]
    alphabet = [*_kinds(), *"aZ1 .\r"]
    triples = map("".join, itertools.product(alphabet, repeat=3))
    assert not [triple for triple in triples if BADNESS_RE.search(triple) and not trigger.search(triple)]


def test_guard_window_holds_ftfys_longest_match() -> None:
    longest = re._parser.parse(BADNESS_RE.pattern, re.VERBOSE).getwidth()[1]  # type: ignore[attr-defined]
    assert longest <= room._REACH


def test_a_long_line_is_repaired_whole_and_stays_repaired(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "SEGMENT", 40)
    rng = random.Random(21)
    for _ in range(150):
        line = " and ".join(damaged(rng) for _ in range(6))
        after, _ = repair(line)
        assert "\n" not in after
        assert repair(after) == (after, ())
    mojibake = "the größte day, l’été; " * 20
    assert repair(mojibake.encode().decode("windows-1252"))[0] == mojibake
    assert repair("Ã¶" * 101)[0] == "ö" * 101
    assert repair("&eacute; " * 30 + "<")[0] == "&eacute; " * 30 + "<"


def test_a_line_of_megabytes_takes_seconds() -> None:
    line = "The man said it’s “fine” and the größte day of all. " * 60_000
    broken = line[:1_000_000] + "schÃ¶n " + line[1_000_000:]
    assert repair(broken)[0] == line[:1_000_000] + "schön " + line[1_000_000:]
