"""A made-up news corpus with its truth: which lines are boilerplate, which are garbled, which are copies of what.

    python benchmarks/corpus.py --mb 50 --seed 1 --out DIR

writes ``DIR/text/NNNN/NNNNNN.txt`` and ``DIR/truth.jsonl``. One seed gives the same bytes on every platform: only ``Random.random``
and ``Random.choices`` are drawn from, and no weight passes through a function of the C library.

Words are invented (Zipf's law over syllables of four languages), but the commonest are real, and so are words that boilerplate
shares with articles ("read", "photo", "newsletter"): without them a literal prefilter would have it too easy.
"""

from __future__ import annotations

import argparse
import json
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import Enum
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import TypeVar

T = TypeVar("T")

VOCABULARY = 12_000
"""Words of one language."""
REMEMBERED = 400
"""Latest articles of a language that later ones may copy from."""
SHORTEST = 14
"""Words, parted by blanks, of the shortest line that counts as a copy."""


class Kind(Enum):
    """How a planted copy is like its source."""

    VERBATIM = "verbatim"
    EDITED = "edited"
    """One word of 56 or more is another: the Jaccard similarity of the 5-gram sets is .82 or more."""
    QUOTE = "quote"
    """One sentence of a paragraph, alone on a line: containment 1."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A line of 14 words or more that was planted as a copy; ``of`` names the article it was taken from, maybe its own."""

    line: int
    of: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Article:
    """One document and the truth about it; lines count from 1.

    Attributes:
        name: file name.
        language: two-letter code.
        data: the file's bytes, UTF-8.
        boilerplate: lines that were planted as such.
        garbled: lines that are mojibake, each with what they should say.
        copies: lines that are copies of earlier lines, or of lines of this article.
        copy_of: name of the article that this whole one is an edited copy of, or None.
    """

    name: str
    language: str
    data: bytes
    boilerplate: tuple[int, ...] = ()
    garbled: tuple[tuple[int, str], ...] = ()
    copies: tuple[Copy, ...] = ()
    copy_of: str | None = None


@dataclass(frozen=True, slots=True)
class _Tongue:
    """What a language's text is made of: blank-separated lists in which what is listed twice comes twice as often."""

    onsets: str
    vowels: str
    codas: str
    endings: str
    common: str
    traps: str
    quotes: tuple[str, str]
    formulas: tuple[str, ...]
    closings: tuple[str, ...]
    """Formulas that stand at the end alone: what leads to other stories, or says that no more follows."""


_TONGUES = {
    "en": _Tongue(
        "b c d f g h l m n p r s t w st tr pr gr bl ch sh th cl s t r m d",
        "a e i o u e a i o ea ou ai e",
        "- - - - - n r s t l d m nd st ck ng rt n r",
        "- - - - s ed ing er ly tion al ment ness able y",
        "the of to and a in that is was for on with as he it by at said from his be have are had has an not this they were but who"
        " which their she will or more been its would one we you about after people year when first two also out than new last up",
        "read more story share news photo email comments sign newsletter subscribe advertising follow here click related copyright"
        " rights video watch image credit report published updated free sponsored download app support journalism inbox facebook"
        " continue below site privacy terms join get daily latest top related editor reserved listen podcast contact",
        ("“", "”"),
        (
            "Advertisement", "ADVERTISEMENT", "Advertisement {n}", "Story continues below advertisement", "Article content",
            "Sponsored content", "Scroll to continue with content", "Sign up for our daily newsletter",
            "Sign up for our {day} newsletter to receive the best stories from {site}.", "Subscribe to our newsletter",
            "Get the day's top headlines delivered to your inbox.", "Enter your email address",
            "By signing up, you agree to our Terms of Service and Privacy Policy.", "Share this article", "Share on Facebook",
            "Copy link", "Email this article", "Follow us on Twitter", "Follow {site} on Facebook and Instagram",
            "READ MORE: {headline}", "Read more: {headline}", "RELATED: {headline}", "Click here to read more", "Read the full story",
            "Photo: {name}/Reuters", "(Photo by {name}/Getty Images)", "Image credit: {name}", "Join the conversation",
            "{n} Comments", "Download our app", "Support independent journalism. Subscribe today.", "Already a subscriber? Log in",
            "Add {site} as a preferred source on Google", "Watch: {headline}", "By {name}", "Published {month} {n}, {year}",
            "Skip to main content", "We use cookies to improve your experience.",
        ),
        (
            "© {year} {site}. All rights reserved.", "Copyright {year} {site}. All rights reserved.", "Related stories",
            "This material may not be published, broadcast, rewritten or redistributed.", "You might also like", "Most read",
            "Leave a comment", "View comments", "Back to top", "Share this article", "Sign up for our daily newsletter",
        ),
    ),
    "de": _Tongue(
        "b d f g h k l m n r s t v w z sch st tr gr br kl fr pf sp d g m",
        "a e i o u ei au ie ä ö ü eu e a",
        "- - n r t l s nd cht rt ng ck ß mm ll n r",
        "- - - en er e ung lich keit heit isch t em end",
        "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass sie nach"
        " wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr durch man sein",
        "lesen mehr artikel anzeige newsletter teilen foto bild uhr kommentar video nachrichten abonnieren rechte quelle app hier",
        ("„", "“"),
        (
            "Anzeige", "ANZEIGE", "Werbung", "Lesen Sie auch: {headline}", "Artikel teilen", "Kommentare",
            "Jetzt den Newsletter abonnieren", "Melden Sie sich für unseren Newsletter an.", "Foto: {name}/dpa",
            "Auf Facebook teilen", "Von {name}",
        ),
        ("© {year} {site}. Alle Rechte vorbehalten.", "Zur Startseite", "Mehr zum Thema", "Artikel teilen"),
    ),
    "fr": _Tongue(
        "b c d f g l m n p r s t v ch pr tr cr gr qu j pl br d p",
        "a e i o u é ou ai an on in è ê oi e eau",
        "- - - r s t l n x nt r s",
        "- - - e es ent tion ment eux ée er ait é ique",
        "de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont avec son aux cette mais"
        " ou ont comme sa été fait leur deux même ces ses était après aussi être entre sans tout depuis",
        "lire article partager publicité photo lettre abonnez commentaires vidéo droits suivez crédit aussi inscrivez",
        ("« ", " »"),
        (
            "Publicité", "PUBLICITÉ", "Lire aussi : {headline}", "Partager l'article", "Commentaires",
            "Inscrivez-vous à notre newsletter", "Abonnez-vous à notre lettre d'information.", "Crédit photo : {name} / AFP",
            "Partager sur Facebook", "Par {name}",
        ),
        ("© {year} {site}. Tous droits réservés.", "Retour à l'accueil", "À lire aussi", "Partager l'article"),
    ),
    "es": _Tongue(
        "b c d f g l m n p r s t v ch pr tr cr gr qu j ll br d p",
        "a e i o u a e o á ó í ie ue ia",
        "- - - - n r s l d n s",
        "- - - o a os as ción ado mente ía ante ero ó",
        "de la que el en y a los se del las un por con no una su para es al lo como más o pero sus le ha me si sin sobre este ya"
        " entre cuando todo esta ser son dos también fue había era muy años hasta desde está",
        "leer noticia compartir publicidad foto boletín suscríbete comentarios vídeo derechos síguenos más",
        ("«", "»"),
        (
            "Publicidad", "PUBLICIDAD", "Lea también: {headline}", "Compartir esta noticia", "Comentarios",
            "Suscríbete a nuestro boletín", "Recibe las noticias más importantes en tu correo.", "Foto: {name} / EFE",
            "Compartir en Facebook", "Por {name}",
        ),
        ("© {year} {site}. Todos los derechos reservados.", "Volver al inicio", "Te puede interesar", "Compartir esta noticia"),
    ),
}  # fmt: skip
_SHARES = {"en": 90, "de": 4, "fr": 3, "es": 3}
"""Percent of the articles in each language."""
_DAYS = ("Monday", "Wednesday", "Friday", "Sunday")
_MONTHS = ("January", "March", "April", "June", "August", "October")


@dataclass(slots=True)
class _Draft:
    """An article while it is written: its lines, blank ones included, and what is known of them."""

    lines: list[str] = field(default_factory=list)
    boilerplate: list[int] = field(default_factory=list)
    copies: list[Copy] = field(default_factory=list)
    copy_of: str | None = None

    def add(self, line: str, *, tight: bool = False) -> int:
        """Adds a line, behind a blank one unless ``tight``; its number."""
        if self.lines and not tight:
            self.lines.append("")
        self.lines.append(line)
        return len(self.lines)


class _Writer:
    """Writes the articles of one language."""

    def __init__(self, language: str, rng: Random) -> None:
        self._rng = rng
        self.language = language
        self._tongue = _TONGUES[language]
        self.words = self._vocabulary()
        # 1 / (rank + 2.7), in whole numbers: Mandelbrot's form of Zipf's law.
        self._weights = list(accumulate(10_000_000 // (10 * rank + 27) for rank in range(len(self.words))))
        self._names = [f"{self._invented().capitalize()} {self._invented().capitalize()}" for _ in range(600)]
        self._sites = [f"The {self._invented().capitalize()} {paper}" for paper in ("Post", "Herald", "Times", "Ledger")]
        self._past: deque[tuple[str, str, list[str]]] = deque(maxlen=REMEMBERED)

    def article(self, name: str) -> Article:
        """The next article."""
        draft = _Draft()
        headline, paragraphs, ascii_only = self._body(draft)
        self._write(draft, name, headline, paragraphs)
        lines = [line.translate(_TYPEWRITER) for line in draft.lines] if ascii_only else draft.lines
        garbled: list[tuple[int, str]] = []
        if not ascii_only and self._chance(6):  # 3 % of all
            garbled = [(number, line) for number, line in enumerate(lines, 1) if not line.isascii()]
            lines = [line if line.isascii() else _misread(line) for line in lines]
        end = "\r\n" if self._chance(5) else "\n"
        data = (end.join(lines) + end).encode()
        return Article(
            name,
            self.language,
            data,
            tuple(draft.boilerplate),
            tuple(garbled),
            tuple(draft.copies),
            draft.copy_of,
        )

    def _body(self, draft: _Draft) -> tuple[str, list[str], bool]:
        """Headline, paragraphs, and whether a typewriter wrote it; new, or a copy of an earlier article, edited."""
        ascii_only = self.language == "en" and self._chance(50)
        if self._past and self._chance(4):
            draft.copy_of, headline, paragraphs = self._pick(self._past)
            return headline, [self._edited(one) if self._chance(30) else one for one in paragraphs], ascii_only
        return self._headline(), [self._paragraph() for _ in range(self._number(3, 14))], ascii_only

    def _write(self, draft: _Draft, name: str, headline: str, paragraphs: list[str]) -> None:
        self._furniture(draft, 35)
        draft.add(headline)
        self._furniture(draft, 50)
        for paragraph in paragraphs:
            number = draft.add(paragraph)
            if draft.copy_of and len(paragraph.split()) >= SHORTEST:
                draft.copies.append(Copy(number, draft.copy_of, Kind.EDITED))
            self._furniture(draft, 12)
            if self._chance(2):
                self._quote(draft, name, paragraph)
            if self._past and self._chance(2):
                self._borrow(draft)
        self._furniture(draft, 80, closing=True)
        self._past.append((name, headline, paragraphs))

    def _furniture(self, draft: _Draft, percent: int, *, closing: bool = False) -> None:
        """With that chance, a run of one to four lines of boilerplate; at the end, of two to eight."""
        if not self._chance(percent):
            return
        tight = self._chance(40)
        for place in range(self._number(1, 4) * (1 + closing)):
            formula = self._pick(self._tongue.closings if closing and place % 2 else self._tongue.formulas)
            line = formula.format(
                n=self._number(1, 28),
                year=self._number(2015, 2026),
                name=self._pick(self._names),
                site=self._pick(self._sites),
                day=self._pick(_DAYS),
                month=self._pick(_MONTHS),
                headline=self._headline() if "{headline}" in formula else "",
            )
            draft.boilerplate.append(draft.add(line, tight=tight and place > 0))

    def _quote(self, draft: _Draft, name: str, paragraph: str) -> None:
        """Plants a sentence of a paragraph of this article once more, as a pull quote."""
        long = [one for one in paragraph.split(". ") if len(one.split()) >= SHORTEST]
        if long:
            draft.copies.append(Copy(draft.add(self._pick(long)), name, Kind.QUOTE))

    def _borrow(self, draft: _Draft) -> None:
        """Plants a paragraph of an earlier article, verbatim or edited."""
        of, _, paragraphs = self._pick(self._past)
        paragraph = self._pick(paragraphs)
        if len(paragraph.split()) < SHORTEST:
            return
        edited = self._edited(paragraph)
        kind = Kind.VERBATIM if edited == paragraph or self._chance(50) else Kind.EDITED
        draft.copies.append(Copy(draft.add(paragraph if kind is Kind.VERBATIM else edited), of, kind))

    def _edited(self, paragraph: str) -> str:
        """The paragraph with one word changed, if it is so long that it stays alike."""
        words = paragraph.split(" ")
        at = self._number(0, len(words) - 1)
        if len(words) < 56 or not words[at].isalpha():
            return paragraph
        return " ".join([*words[:at], self._invented(), *words[at + 1 :]])

    def _paragraph(self) -> str:
        return " ".join(self._sentence() for _ in range(self._number(1, 5)))

    def _sentence(self) -> str:
        words = self._rng.choices(self.words, cum_weights=self._weights, k=self._number(6, 28))
        words[0] = words[0].capitalize()
        for at in range(self._number(0, len(words)) % 5, len(words) - 1, 7):
            words[at] = self._inserted(words[at])
        opened, closed = self._tongue.quotes
        if self._chance(15):
            return f"{opened}{' '.join(words)},{closed} {self._pick(self._names)} {self.words[31]}."
        return " ".join(words) + ("." if self._chance(95) else "?")

    def _inserted(self, word: str) -> str:
        """A word with what stands in running text beside words."""
        turn = self._number(0, 9)
        if turn < 4:
            return word + ","
        if turn == 4:
            return f"{self._number(2, 99)}"
        if turn == 5:
            return f"{self._number(1, 99)}.{self._number(0, 9)} %"
        if turn == 6:
            return f"{word}’s" if self.language == "en" else word
        return self._pick(self._names) if turn < 9 else f"{word} –"

    def _headline(self) -> str:
        words = self._rng.choices(self.words[60:], k=self._number(5, 10))
        return " ".join([words[0].capitalize(), *words[1:]])

    def _vocabulary(self) -> list[str]:
        """Words by rank: real ones first, then invented ones, with a trap at every ninth rank until they are used up."""
        words = self._tongue.common.split()
        traps = deque(self._tongue.traps.split())
        seen = {*words, *traps}
        while len(words) < VOCABULARY:
            if traps and len(words) % 9 == 0:
                words.append(traps.popleft())
                continue
            word = self._invented()
            if word not in seen:
                seen.add(word)
                words.append(word)
        return words

    def _invented(self) -> str:
        tongue = self._tongue
        syllables = [
            self._letters(tongue.onsets) + self._letters(tongue.vowels) + self._letters(tongue.codas)
            for _ in range(self._pick((1, 1, 1, 2, 2)))
        ]
        return "".join(syllables) + self._letters(tongue.endings)

    def _letters(self, listed: str) -> str:
        return self._pick(listed.split()).replace("-", "")

    def _pick(self, several: Sequence[T]) -> T:
        return several[self._number(0, len(several) - 1)]

    def _number(self, least: int, most: int) -> int:
        return least + int(self._rng.random() * (most - least + 1))

    def _chance(self, percent: int) -> bool:
        return self._rng.random() * 100 < percent


_TYPEWRITER = str.maketrans({"“": '"', "”": '"', "’": "'", "–": "-", "©": "(c)"})


def _misread(line: str) -> str:
    """UTF-8 read as Windows-1252 by a browser: bytes that it leaves undefined become C1 characters.

    >>> _misread("café ’")
    'cafÃ© â€™'
    """
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in line.encode())


def vocabulary(seed: int) -> list[str]:
    """The English words of the corpus of a seed, the commonest first."""
    return list(_Writer("en", Random(seed)).words)


def articles(seed: int, size: int) -> Iterator[Article]:
    """Articles, until they hold ``size`` bytes or a little more.

    Args:
        seed: the same articles for the same seed; a larger size only adds articles.
        size: bytes of UTF-8.
    """
    rng = Random(seed)
    writers = {language: _Writer(language, rng) for language in _SHARES}
    languages, weights = list(_SHARES), list(accumulate(_SHARES.values()))
    written = number = 0
    while written < size:
        number += 1
        language = rng.choices(languages, cum_weights=weights)[0]
        article = writers[language].article(f"{number // 100:04}/{number:06}.txt")
        written += len(article.data)
        yield article


def write(folder: Path, wanted: Iterator[Article]) -> None:
    """Articles as files below ``folder/text``, and their truth, one JSON object an article, in ``folder/truth.jsonl``."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "truth.jsonl").open("w", encoding="utf-8", newline="\n") as truth:
        for article in wanted:
            path = folder / "text" / article.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(article.data)
            told = asdict(replace(article, data=b""))
            del told["data"]
            told["copies"] = [{**copy, "kind": copy["kind"].value} for copy in told["copies"]]
            truth.write(json.dumps(told, ensure_ascii=False) + "\n")


def main() -> None:
    """Reads the command line and writes a corpus."""
    parser = argparse.ArgumentParser(description="Writes a made-up news corpus with its truth.")
    parser.add_argument("--mb", type=float, default=50, help="megabytes of text (default: 50)")
    parser.add_argument("--seed", type=int, default=1, help="the same corpus for the same seed (default: 1)")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    asked = parser.parse_args()
    write(asked.out, articles(asked.seed, int(asked.mb * 1e6)))


if __name__ == "__main__":
    main()
