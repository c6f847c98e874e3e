"""What tripwires look at in a document: small, and made where the document was prepared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from cleaner.document import Document, DuplicateOf, Evidence, RuleFired
from cleaner.run.evident import ShortLines, short_lines

LOSS = 2_000
"""A document is broken if there is a replacement character in so many: German that was decoded wrongly has 40, English 5 to 10; one
emoji that was cut in half counts in short texts alone."""
_LITTLE = 1_000
"""Code points that are left of a document, from which it is not asked whether they are all blank."""


@dataclass(frozen=True, slots=True)
class Traits:
    """A document with all its marks, in numbers.

    Attributes:
        size: code points of its text.
        by_rule: rule -> code points it took.
        by_pack: pack -> code points its rules took.
        marked: packs of which a rule took or flagged something.
        taken: code points that rules and evidence took.
        doubled: code points that a duplicate policy took.
        blank: whether it holds nothing but white space.
        emptied: whether rules or evidence left nothing but white space of more.
        broken: whether it holds replacement characters.
        repaired: whether its encoding was repaired.
        packs: scoped packs that were in force.
        site: host of the page, or None.
        flags: whether anything was flagged.
        short: its short lines, when they were asked for and nothing was taken or flagged.
    """

    size: int
    by_rule: Mapping[str, int]
    by_pack: Mapping[str, int]
    marked: frozenset[str]
    taken: int
    doubled: int
    blank: bool
    emptied: bool
    broken: bool
    repaired: bool
    packs: tuple[str, ...]
    site: str | None
    flags: bool
    short: ShortLines | None = None


def traits_of(document: Document, *, lines: bool = True) -> Traits:
    """The traits of a document that was judged and closed.

    Args:
        document: with all its marks.
        lines: whether its short lines are asked for.
    """
    text, size = document.text, len(document.text)
    by_rule: Counter[str] = Counter()
    taken = doubled = gone = 0
    for removal in document.removals:
        length = removal.span.end - removal.span.start
        gone += length
        match removal.cause:
            case RuleFired(rule=name):
                by_rule[name] += length
                taken += length
            case Evidence():
                taken += length
            case DuplicateOf():
                doubled += length
    by_pack: Counter[str] = Counter()
    for name, length in by_rule.items():
        by_pack[pack_of(name)] += length
    flagged = {pack_of(flag.cause.rule) for flag in document.flags if isinstance(flag.cause, RuleFired)}
    blank = not text or text.isspace()
    return Traits(
        size=size,
        by_rule=dict(by_rule),
        by_pack=dict(by_pack),
        marked=frozenset(flagged.union(by_pack)),
        taken=taken,
        doubled=doubled,
        blank=blank,
        emptied=bool(taken and not (blank or doubled) and size - gone < _LITTLE and not document.clean_text.strip()),
        broken=text.count("\ufffd") * LOSS > size,
        repaired=bool(document.repairs),
        packs=document.packs,
        site=document.site,
        flags=bool(document.flags),
        short=short_lines(document) if lines and not taken and not document.flags else None,
    )


def pack_of(rule: str) -> str:
    """The pack of a full name.

    >>> pack_of("site.notice")
    'site'
    """
    return rule.partition(".")[0]
