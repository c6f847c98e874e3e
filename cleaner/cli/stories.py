"""How ``cleaner duplicates --stories`` shows stories: a table for people, an object for programs, what a copy changed for both."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from cleaner.dedup.changes import Changes, Paragraph, Piece
    from cleaner.run.flagged import Place
    from cleaner.run.stories import Carrier, FoundStory

_MOST_PARAGRAPHS = 12
"""Paragraphs that --diff shows of one copy."""
_LONGEST = {"dropped": 240, "added": 240, "moved": 68, "changed": 600}
"""Characters of a paragraph that --diff shows."""
_BESIDE = 6
"""Words of what stayed that --diff shows on either side of a change."""
_COLOURS = {"-": "red", "+": "green"}


def terminal_width() -> int:
    """Columns there are to write on."""
    return min(max(shutil.get_terminal_size((80, 24)).columns, 60), 140) if sys.stdout.isatty() else 80


def count(number: int, noun: str, plural: str | None = None) -> str:
    """A number and its noun.

    >>> count(1, "story", "stories"), count(2000, "copy", "copies"), count(0, "pair")
    ('1 story', '2,000 copies', '0 pairs')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def cut(text: str, width: int) -> str:
    """The text on one line of ``width`` characters at most.

    >>> cut("one two three", 8)
    'one two…'
    """
    line = " ".join(text.split())
    return line if len(line) <= width else line[: max(width - 1, 0)].rstrip() + "…"


def shown(found: Sequence[FoundStory], *, diff: bool, width: int) -> str:
    """All stories, for people."""
    if not found:
        return "No two documents of this run carry the same story."
    blocks = ["\n".join(_story(number, story, diff=diff, width=width)) + "\n" for number, story in enumerate(found, 1)]
    carriers = sum(1 + len(story.others) for story in found)
    legend = "of it: share of the first one's words; of own: share of a document's own words"
    return "\n".join([*blocks, legend, f"{count(len(found), 'story', 'stories')}, carried by {count(carriers, 'document')}"])


def described(story: FoundStory, *, diff: bool) -> dict[str, Any]:
    """A story as plain JSON values; keys that do not apply are left out."""
    return {
        "first_by": "date" if story.by_date else "input order",
        "opening": story.opening,
        "first": _described(story.first),
        "others": [_described(other) | _told_of(other, diff=diff) for other in story.others],
    }


def pieces_shown(pieces: Sequence[Piece], *, marks: bool, beside: int = _BESIDE) -> str:
    """Some words in a row; of long runs that stayed only the words beside a change, and what changed in [-…-] and {+…+}.

    Args:
        pieces: the words.
        marks: whether what changed is marked.
        beside: words that are shown on either side of a change.
    """
    return "".join(_pieces(pieces, marks=marks, beside=beside)).strip()


def _pieces(pieces: Sequence[Piece], *, marks: bool, beside: int) -> Iterator[str]:
    changed = any(piece.sign.value != " " for piece in pieces)
    for place, piece in enumerate(pieces):
        text = piece.text
        if piece.sign.value == " " and changed:
            before, after = beside if place else 0, beside if place < len(pieces) - 1 else 0
            words = re.findall(r"\S+\s*", text)
            if len(words) > before + after + 2:
                text = "".join([*words[:before], "… ", *words[len(words) - after :]])
        elif piece.sign.value != " " and marks:
            opening, closing = ("[-", "-]") if piece.sign.value == "-" else ("{+", "+}")
            bare = text.rstrip()
            text = opening + bare + closing + text[len(bare) :]
        yield text


def _described(carrier: Carrier) -> dict[str, Any]:
    found = carrier.place.described() | {"site": carrier.site, "date": carrier.date, "words": carrier.words}
    return {key: value for key, value in found.items() if value is not None}


def _told_of(carrier: Carrier, *, diff: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"share_of_own": round(carrier.own, 4)}
    if carrier.has is not None:
        found["share_of_first"] = round(carrier.has, 4)
    if carrier.of is not None:
        found["of"] = carrier.of.described()
    if carrier.changes is not None:
        found["changes"] = dict(_counts(carrier.changes))
        if diff:
            found["diff"] = [
                {"change": paragraph.kind.value, "text": _marked(paragraph)}
                for paragraph in carrier.changes.paragraphs
                if paragraph.kind.value != "same"
            ]
    return found


def _counts(changes: Changes) -> Iterator[tuple[str, int]]:
    from cleaner.dedup.changes import Kind

    for kind in (Kind.DROPPED, Kind.ADDED, Kind.CHANGED, Kind.MOVED):
        yield kind.value, changes.count(kind)


def _marked(paragraph: Paragraph) -> str:
    return pieces_shown(paragraph.pieces, marks=True, beside=1_000_000) if paragraph.kind.value == "changed" else paragraph.text


def _story(number: int, story: FoundStory, *, diff: bool, width: int) -> list[str]:
    """A story: how it opens, a row for each document that carries it, and what each changed."""
    dates = [_date(carrier.date) for carrier in (story.first, *story.others) if carrier.date]
    column = max(map(len, dates), default=0)
    head = f"{number}. "
    rows = [head + click.style(cut(story.opening, width - len(head)), bold=True)]
    rows.append(click.style("   of it  of own" + ("  date" if column else ""), dim=True))
    size = f", {count(story.first.words, 'word')}" if story.first.words is not None else ""
    rows += _row(("first", ""), story.first, [_name(story.first) + size], column, width)
    for other in story.others:
        notes = [_name(other)]
        notes += [_changed(other.changes)] if other.changes is not None else []
        notes += [f"found by {other.of.shown}"] if other.of is not None else []
        rows += _row(("?" if other.has is None else f"{other.has:.0%}", f"{other.own:.0%}"), other, notes, column, width)
    if diff:
        for other in story.others:
            if other.changes is not None:
                rows += ["", *_diff(other.of or story.first.place, other.place, other.changes, width)]
    return rows


def _row(shares: tuple[str, str], carrier: Carrier, notes: Sequence[str], column: int, width: int) -> Iterator[str]:
    """A document and what is said of it, each thing on lines of its own."""
    head = f"   {shares[0]:>5}  {shares[1]:>6}  " + (f"{_date(carrier.date or ''):<{column}}  " if column else "")
    indent = " " * len(head)
    for note in notes:
        for line in textwrap.wrap(note, max(width - len(head), 20), break_on_hyphens=False):
            yield head + line
            head = indent


def _name(carrier: Carrier) -> str:
    """What a document is called, its site included unless that stands in its path."""
    place, site = carrier.place, carrier.site
    return f"{site}: {place.shown}" if site and site not in place.shown else place.shown


def _date(date: str) -> str:
    """A date for the table: without seconds, and without a zone.

    >>> _date("2026-05-21T09:30:00+02:00"), _date("2026-05-21")
    ('2026-05-21 09:30', '2026-05-21')
    """
    return date[:16].replace("T", " ")


def _changed(changes: Changes) -> str:
    """What was changed, in words."""
    parts = [f"{number:,} {kind}" for kind, number in _counts(changes) if number]
    if not parts:
        return "word for word"
    total = sum(number for _, number in _counts(changes))
    return f"paragraphs: {', '.join(parts)}" if len(parts) > 1 or total > 1 else f"1 paragraph {parts[0].split()[1]}"


def _diff(of: Place, place: Place, changes: Changes, width: int) -> Iterator[str]:
    """What a copy changed, in the manner of a unified diff: dropped, added, changed paragraphs, and how many stayed between them."""
    yield click.style(f"   --- {cut(of.shown, width - 7)}", bold=True)
    yield click.style(f"   +++ {cut(place.shown, width - 7)}", bold=True)
    stayed = told = 0
    changed = sum(paragraph.kind.value != "same" for paragraph in changes.paragraphs)
    for paragraph in changes.paragraphs:
        if paragraph.kind.value == "same":
            stayed += 1
            continue
        if told == _MOST_PARAGRAPHS:
            yield click.style(f"   … and {changed - told:,} more; --json --diff shows all", dim=True)
            return
        if stayed:
            yield click.style(f"     ({count(stayed, 'paragraph')} the same)", dim=True)
        stayed, told = 0, told + 1
        yield from _paragraph(paragraph, width)
    if stayed:
        yield click.style(f"     ({count(stayed, 'paragraph')} the same)", dim=True)


def _paragraph(paragraph: Paragraph, width: int) -> Iterator[str]:
    kind = paragraph.kind.value
    sign = {"dropped": "-", "added": "+", "changed": "~", "moved": ">"}[kind]
    text = cut(pieces_shown(paragraph.pieces, marks=True) if kind == "changed" else paragraph.text, _LONGEST[kind])
    for opening, closing in (("[-", "-]"), ("{+", "+}")) if kind == "changed" else ():
        text += closing if text.rfind(opening) > text.rfind(closing) else ""
    for line in textwrap.wrap(text, width - 5, break_on_hyphens=False):
        yield f"   {sign} " + click.style(line, fg=_COLOURS.get(sign))
