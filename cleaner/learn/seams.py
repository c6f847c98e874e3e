r"""Lists of headlines glued into a sentence: they begin where a word runs into the next, ``TrumpGOP``, and end with a word of their own.

``a ferry Anna Maria SkerrowGulls take the market Six walks MORE sailed again``: the list begins behind ``Skerrow`` and ends with ``MORE``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import regex

from cleaner.learn.finding import Finding, Form, Place
from cleaner.learn.lines import Seen, Survey
from cleaner.learn.numbers import escaped
from cleaner.learn.weigh import half_log
from cleaner.spans import Span

_LONGEST = 20_000
"""Code points of a line above which it is not looked at."""
_REACH = 500
"""Code points from a seam to the end of its list at most."""
_BEHIND = r"(?=[\p{Lu}\d“‘]|'[\p{Lu}\d])"
_SEAM = r"(?<=[\p{Ll})])(?<!(?<!\p{L})\p{Lu}\p{Ll}{1,2})" + _BEHIND
"""A small letter and a capital with nothing between, but for names such as McKay; quotation marks may come first."""
_SEAMS = regex.compile(_SEAM)
_END = regex.compile(r"(?<=[\s…])[\p{Lu}]{3,}(?!\w)")
_SHARE = 0.1
"""Share of the stories that must hold such lists."""
_ALWAYS = 0.85
"""Share of the places of the last word that must follow a seam."""
_NAME = r"(?<=(?<!\w)(\p{Lu}[\w’'-]+) )(?:[\p{Lu}(“][^\s]* ){1,5}\1"
"""A name whose last word has just been said, once more in full."""


def found_seams(survey: Survey) -> Iterator[Finding]:
    """Lists glued into lines, by the word that ends them; words inside lists of another word are not asked."""
    lines = [seen for own in survey.lines.values() for seen in own if len(seen.line.view) <= _LONGEST]
    seams = [[found.start() for found in _SEAMS.finditer(seen.line.view)] for seen in lines]
    holders: dict[str, set[int]] = defaultdict(set)
    for seen, here in zip(lines, seams, strict=True):
        if here:
            for end in _END.finditer(seen.line.view):
                holders[end[0]].add(seen.place.story)
    least = max(survey.least + 2, _SHARE * survey.stories)
    words = sorted(
        (word for word, stories in holders.items() if len(stories) >= least), key=lambda word: (-len(holders[word]), word)
    )
    covered: dict[int, list[Span]] = defaultdict(list)
    for word in words:
        lists, loose = _lists(word, lines, seams, covered)
        stories = len({lines[number].place.story for number, _ in lists})
        if stories >= least and len(lists) >= _ALWAYS * (len(lists) + loose):
            for number, span in lists:
                covered[number].append(span)
            yield _finding(survey, word, [(lines[number], *span) for number, span in lists], stories)


def _lists(
    word: str, lines: Sequence[Seen], seams: Sequence[Sequence[int]], covered: Mapping[int, Sequence[Span]]
) -> tuple[list[tuple[int, Span]], int]:
    """The lists that a word ends, by the number of the line; and how often it stands where it ends none."""
    lists: list[tuple[int, Span]] = []
    loose = 0
    ends = regex.compile(rf"(?<=[\s…]){escaped(word)}(?!\w)")
    for number, (seen, here) in enumerate(zip(lines, seams, strict=True)):
        last = 0
        for end in ends.finditer(seen.line.view) if word in seen.line.view else ():
            if any(span.start <= end.start() < span.end for span in covered.get(number, ())):
                continue
            begin = next((seam for seam in here if max(last, end.start() - _REACH) <= seam < end.start() - 10), None)
            if begin is None:
                loose += 1
            else:
                lists.append((number, Span(begin, end.end())))
            last = end.end()
    return lists, loose


def _finding(survey: Survey, word: str, found: Sequence[tuple[Seen, int, int]], stories: int) -> Finding:
    longest = max(end - start for _, start, end in found)
    rest = rf".{{10,{int(longest * 1.2) + 20}}}? {word}(?!\w)"
    named = regex.compile(f"{_NAME}{_BEHIND}{rest}")
    views = [seen.line.view for seen, _, _ in found]
    with_name = sum(named.search(view) is not None for view in views)
    places: tuple[Place, ...] = tuple(seen.place for seen, _, _ in found)
    confidence = survey.scales.confidence("seam", stories=half_log(stories), share=min(1.0, 2 * survey.share(stories)))
    return Finding(
        Form.STRIP,
        f"… {word}",
        len({place.page for place in places}),
        places,
        confidence,
        "related",
        f"headlines glued into a sentence, ended by {word}",
        tuple(sorted(set(views), key=lambda view: (len(view), view))[:2]),
        patterns=(named.pattern if with_name >= 0.5 * len(views) else _SEAM + rest,),
        max_length=min(20_000, 2 * max(map(len, views))),
    )
