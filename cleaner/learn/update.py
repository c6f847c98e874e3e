"""A pack that is there already: what people wrote in it stays letter by letter, new rules come behind it, and what no longer fires is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from cleaner.document import Document, RuleFired, Source
from cleaner.learn.learned import Learned, written
from cleaner.learn.texts import count
from cleaner.rules.fold import fold_blanks
from cleaner.rules.model import Action, Level, Pack, RuleSet
from cleaner.strip import Stripper


@dataclass(frozen=True, slots=True)
class Updated:
    """A pack with new rules.

    Attributes:
        text: the file.
        added: rules that are new.
        silent: names of its old rules that fire on no page.
    """

    text: str
    added: tuple[Learned, ...]
    silent: tuple[str, ...]


def updated(text: str, pack: Pack, learned: Sequence[Learned], pages: Iterable[str], count_of_pages: int) -> Updated:
    """The pack's file with the rules that it lacks.

    Args:
        text: the file as it is.
        pack: what it says.
        learned: rules for the site.
        pages: texts of the site.
        count_of_pages: how many these are.
    """
    everywhere = Stripper(RuleSet((replace(pack, level=Level.USER, hosts=(), paths=(), markers=(), disable=()),)))
    taken = {rule.id for rule in pack.rules}
    added = [_renamed(new, pack.id, taken) for one in learned if (new := _lacking(one, everywhere)) is not None]
    fired: Counter[str] = Counter()
    for page in pages:
        fired.update(_speakers(everywhere.strip(Document(Source(""), page))))
    # Of keep rules nothing is told: what they protect is known by its line only; nor of rules about HTML, for texts are looked at.
    heard = (rule for rule in pack.rules if rule.action is not Action.KEEP and not rule.kind.of_page)
    silent = [rule.name for rule in heard if not fired[rule.name]]
    if added:
        head = f"\n# Added by `cleaner rules learn --update` from {count(count_of_pages, 'page')}.\n"
        text = text.rstrip("\n") + "\n" + head + "\n".join(map(written, added))
    return Updated(text, tuple(added), tuple(silent))


def _speakers(document: Document) -> set[str]:
    return {mark.cause.rule for mark in (*document.removals, *document.flags) if isinstance(mark.cause, RuleFired)}


def _lacking(learned: Learned, there: Stripper) -> Learned | None:
    """What of a rule the pack says nothing about; None when it says something about all of it."""
    rule = learned.rule
    if rule.match.literals:
        places = [number for number, literal in enumerate(rule.match.literals) if not _spoken(literal, rule.removes, there)]
        if not places:
            return None
        literals = tuple(rule.match.literals[place] for place in places)
        removes = tuple(example for example in rule.removes if fold_blanks(example).casefold() in literals) or literals[:1]
        rule = replace(rule, match=replace(rule.match, literals=literals), removes=removes)
        return replace(learned, rule=rule, notes=tuple(learned.notes[place] for place in places))
    return None if all(_says(example, there) for example in rule.removes) else learned


def _spoken(literal: str, examples: Sequence[str], there: Stripper) -> bool:
    """Whether the pack speaks of a line; as it is written, where an example tells that."""
    shown = next((example for example in examples if fold_blanks(example).casefold() == literal), literal)
    return _says(shown, there)


def _says(text: str, there: Stripper) -> bool:
    document = there.strip(Document(Source(""), text))
    return bool(document.removals or document.flags or document.protected)


def _renamed(learned: Learned, pack: str, taken: set[str]) -> Learned:
    """The rule as one of the pack, under a name that is free."""
    name, number = learned.rule.id, 1
    while name in taken:
        number += 1
        name = f"{learned.rule.id}-{number}"
    taken.add(name)
    return replace(learned, rule=replace(learned.rule, id=name, pack=pack))
