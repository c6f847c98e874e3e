"""The same recall in every script: invented passages and copies of them with graded edits, held against an oracle that knows no hashes."""

from __future__ import annotations

import itertools
import random
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import pytest
import regex

from cleaner.dedup.fold import Fold
from cleaner.dedup.settings import DuplicateSettings
from cleaner.dedup.sketch import sketch
from cleaner.document import Document, Relation, Source

HOW = DuplicateSettings()
PAIRS = 600
TOKEN = regex.compile(
    r"[\p{Thai}\p{Han}\p{Hiragana}\p{Katakana}ー--\p{Nd}]|[\w--[\p{Thai}\p{Han}\p{Hiragana}\p{Katakana}ー]]+", regex.V1
)
"""In ``regex`` marks are ``\\w``."""


@dataclass(frozen=True)
class Language:
    """Words to make passages of, what stands between two, words that count about as one, and another spelling of a text."""

    words: tuple[str, ...]
    between: str
    per_word: int
    respelled: Callable[[str], str]


def words(first: str, *others: str) -> tuple[str, ...]:
    """All that the parts of words make, each time one of each list."""
    return tuple("".join(parts) for parts in product(first.split(), *(other.split(" ") for other in others)))


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def hyphenated(text: str) -> str:
    return decomposed("".join(one + "\u00ad" * (place % 5 == 3) for place, one in enumerate(text)))


def stretched(text: str) -> str:
    return text.replace("م", "مـ").replace("ی", "ی\u200c")


def wide(text: str) -> str:
    return text.translate({ord(one): ord(one) + 0xFEE0 for one in "0123456789ABCNHK"})


def half_width(text: str) -> str:
    return decomposed(wide(text)).translate(
        {
            ord(usual): half
            for usual, half in zip(
                "アイウカキクサシタツテトナニノハフマミラリルンー\u3099\u309a", "ｱｲｳｶｷｸｻｼﾀﾂﾃﾄﾅﾆﾉﾊﾌﾏﾐﾗﾘﾙﾝｰﾞﾟ", strict=True
            )
        }
    )


LANGUAGES = {
    "English": Language(words("b gr t sl c pr m st", "a i o ea", "n rd ll ck mp", " ed er ing"), " ", 1, str.upper),
    "German": Language(words("Br Gr T Schl K Pf M", "ä i ö ei u", "nd ß ll cht tz", " e ung er"), " ", 1, hyphenated),
    "Russian": Language(words("б гр т сл к пр м ст", "а и о ё у", "й рд л ск щ", " а ов ями"), " ", 1, decomposed),
    "Hindi": Language(words("क ग त प म स ह", "ा ि ी े ो ु", "न ल ड़ त्र न्द", " ों ी"), " ", 1, decomposed),
    "Arabic": Language(words("ال و", "ك ب م س ن ع", "ا ي و َّ آ", "ر ل م ت ئ", " ة ون"), " ", 1, stretched),
    "Thai": Language(words("ก ข ค ง จ ช ซ ญ ด ต ถ ท ธ น บ ป ผ ฝ พ ฟ ภ ม ย ร ล ว ศ ส ห อ", "ำ า ิ ี ื ุ ู ั", "น ่ม ้ง ก ด"), "", 1, "\u200b".join),
    "Japanese": Language((*"日本東京会社新聞大学政府経済今年人はがをにでとのもへやかきくけこ", "ガス", "バター", "パリ", "ツアー", "12", "NHK"), "", 2, half_width),
    "Chinese": Language((*"的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多", "2024", "ABC"), "", 2, wide),
    "Korean": Language(words("가 나 다 마 바 사", "격 눈 달 림 빛", " 은 을 에서 했다"), " ", 1, decomposed),
}  # fmt: skip


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    tokens = TOKEN.findall(unicodedata.normalize("NFC", text.casefold()))
    weights = [
        1
        if regex.match(r"\p{Thai}(?<!\p{Nd})", token)
        else 2
        if regex.match(r"[\p{Han}\p{Hiragana}\p{Katakana}ー]", token)
        else 4
        for token in tokens
    ]
    upto = list(itertools.accumulate(weights, initial=0))
    ends = (next((stop for stop in range(at, len(upto)) if upto[stop] - upto[at] > 16), None) for at in range(len(tokens)))
    return frozenset(tuple(tokens[at:end]) for at, end in enumerate(ends) if end)


def edited(rng: random.Random, words: Sequence[str], vocabulary: Sequence[str], edits: int) -> list[str]:
    words = list(words)
    for _ in range(edits):
        at = rng.randrange(len(words))
        words[at : at + rng.randrange(2)] = rng.choices(vocabulary, k=rng.randrange(2))
    return words


def pairs(language: Language, seed: int) -> list[tuple[str, str]]:
    """Passages of 12 words and more, and of each what another document might have: a copy, a part, more than it; with 0 to 3 edits."""
    rng = random.Random(seed)
    made = []
    for number in range(PAIRS):
        sizes = [language.per_word * words for words in (rng.randint(0, 40), rng.randint(15, 80), rng.randint(10, 40))]
        before, middle, after = (rng.choices(language.words, k=size) for size in sizes)
        copy = edited(rng, middle, language.words, number % 7 // 2 * language.per_word)
        one, other = ((middle, copy), ([*before, *middle, *after], copy), (middle, [*before, *copy, *after]))[number % 3]
        made.append((language.between.join(one), language.between.join(other)))
    return made


def related(one: str, other: str) -> tuple[Relation | None, float, float]:
    """How the later of two passages stands to the earlier; with Jaccard and containment."""
    earlier, later = shingles(one), shingles(other)
    common = len(earlier & later)
    jaccard, containment = common / len(earlier | later), common / min(len(earlier), len(later))
    if jaccard >= HOW.threshold:
        return Relation.SAME, jaccard, containment
    if containment < HOW.containment:
        return None, jaccard, containment
    return (Relation.INSIDE if len(later) <= len(earlier) else Relation.HOLDS), jaccard, containment


@pytest.mark.parametrize("name", LANGUAGES)
def test_recall_and_precision_are_the_same_in_every_language(name: str) -> None:
    language = LANGUAGES[name]
    made = pairs(language, seed=len(name))
    texts = [one for one, _ in made] + [
        language.respelled(other) if number % 2 else other for number, (_, other) in enumerate(made)
    ]
    documents = [Document(Source(str(number)), text) for number, text in enumerate(texts)]
    done = Fold(HOW).add_all(documents, sketch(documents, HOW, across=True))
    assert not any(document.duplicates for document in done[:PAIRS])
    alike = missed = 0
    for number, ((one, other), document) in enumerate(zip(made, done[PAIRS:], strict=True)):
        relation, jaccard, containment = related(one, other)
        alike += relation is not None
        if not document.duplicates:
            missed += relation is not None
            continue
        (flag,) = document.duplicates
        assert int(flag.of.source.input) == number
        assert (flag.relation, flag.jaccard, flag.containment) == (relation, pytest.approx(jaccard), pytest.approx(containment))
    assert 0.35 * PAIRS <= alike <= 0.95 * PAIRS
    assert missed <= 0.002 * alike
