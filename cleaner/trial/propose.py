"""From a line that somebody points at to a rule with its examples: what goes, and what comes near and must stay."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from cleaner.errors import UsageError
from cleaner.rules.check import check_rules
from cleaner.rules.fold import fold_blanks
from cleaner.rules.model import Action, Condition, Kind, Level, Pack, Rule, RuleSet
from cleaner.strip import left_by
from cleaner.trial.general import Any, General, fixed, generalised, slug
from cleaner.trial.nearby import NearLine

_WINDOW = 4
"""Lines of a block that are all named by its start."""
_KEEPS = 2
_REMOVES = 2
_LONG_EXAMPLE = 300


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person says of a rule.

    Attributes:
        lines: the junk, a line or several consecutive ones.
        general: what of it may differ.
        kind: None: a line, or of several lines a block.
        id: None: made of the line.
        why: None: made of the line.
        action: what happens to it.
    """

    lines: tuple[str, ...]
    general: frozenset[Any] = frozenset()
    kind: Kind | None = None
    id: str | None = None
    why: str | None = None
    action: Action = Action.REMOVE


def proposed(wish: Wish, pack: str, taken: Collection[str]) -> Rule:
    """The rule, without ``keeps``, as one that removes; ``with_action`` makes it what is wanted.

    Args:
        wish: what is wanted.
        pack: id of its pack.
        taken: ids that the pack has.

    Raises:
        UsageError: there is no line, or the kind does not go with it, or hardly anything of it would be fixed.
    """
    views = tuple(view for line in wish.lines if (view := fold_blanks(line)))
    if not views:
        raise UsageError("there is no line to make a rule of: it is blank")
    kind = wish.kind or (Kind.LINE if len(views) == 1 else Kind.BLOCK)
    if len(views) > 1 and kind in (Kind.LINE, Kind.PHRASE):
        raise UsageError(f"{len(views)} lines are no {kind.value}; give one line, or leave out --kind")
    rule = Rule(
        pack=pack,
        id=wish.id or _free(slug(fixed(" ".join(views), wish.general)) or "rule", taken),
        why=wish.why or _why(views, kind),
        kind=kind,
        action=Action.REMOVE,
        topic="site",
        removes=("\n".join(views),),
    )
    return _with_condition(rule, views, wish.general)


def _with_condition(rule: Rule, views: Sequence[str], wanted: frozenset[Any]) -> Rule:
    if rule.kind in (Kind.LINE, Kind.PHRASE):
        general = generalised(views[0], wanted)
        if not general.found:
            return replace(rule, match=Condition(literals=(views[0],)))
        pattern = general.pattern if rule.kind is Kind.LINE else _inside(general.pattern)
        return replace(
            rule, match=Condition(patterns=(pattern,)), max_length=general.max_length if rule.kind is Kind.LINE else 1000
        )
    first, last = generalised(views[0], wanted), generalised(views[-1], wanted)
    if rule.kind is Kind.BLOCK and len(views) <= _WINDOW:
        whole = generalised("\n".join(views), wanted)
        return replace(rule, start=Condition(patterns=(whole.pattern,)), max_length=whole.max_length)
    limit = max(first.max_length, last.max_length)
    if rule.kind is Kind.BLOCK:
        lines = len(views) + 2
        return replace(rule, start=_only(first), end=_only(last), max_lines=lines, max_length=limit)
    lines = max(6, len(views) + 4)
    if rule.kind is Kind.TAIL:
        return replace(rule, start=_only(first), max_lines=lines, max_length=first.max_length)
    return replace(rule, end=_only(last), max_lines=lines, max_length=last.max_length)


def _only(general: General) -> Condition:
    return Condition(patterns=(general.pattern,))


def _inside(pattern: str) -> str:
    case = "(?i)" if pattern.startswith("(?i)") else ""
    return case + r"(?<!\w)" + pattern.removeprefix("(?i)")[1:-1] + r"(?!\w)"


def _free(name: str, taken: Collection[str]) -> str:
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name}-{number}"
    return found


def _why(views: Sequence[str], kind: Kind) -> str:
    text = views[0] if len(views[0]) <= 60 else views[0][:59].rsplit(" ", 1)[0] + " …"
    words = {
        Kind.LINE: "Line of the page, not of the article",
        Kind.PHRASE: "Words of the page inside a line",
        Kind.BLOCK: "Lines of the page, not of the article, from",
        Kind.TAIL: "The end of the page, from",
        Kind.HEAD: "The beginning of the page, down to",
    }
    shown = views[-1][:60] if kind is Kind.HEAD else text
    return f"{words[kind]}{':' if kind in (Kind.LINE, Kind.PHRASE) else ''} {shown}"


def with_keeps(rule: Rule, near: Sequence[NearLine]) -> Rule:
    """The rule with near misses that it truly leaves: sentences of the corpus, else a made-up one that holds its words.

    Lines of the corpus that are no sentences may be furniture themselves.
    """
    keeps: list[str] = []
    for text in (line.text for line in near if line.prose and len(line.text) <= _LONG_EXAMPLE):
        if len(keeps) < _KEEPS and _leaves(rule, text):
            keeps.append(text)
    keeps = keeps or [text for text in _made_up(rule) if _leaves(rule, text)][:1]
    return replace(rule, keeps=tuple(keeps))


def with_action(rule: Rule, action: Action) -> Rule:
    """The rule with another action; what a keep rule protects are its ``keeps``."""
    if action is Action.KEEP:
        return replace(rule, action=action, removes=rule.keeps, keeps=rule.removes)
    return replace(rule, action=action)


def with_removes(rule: Rule, texts: Sequence[str]) -> Rule:
    """The rule with a few more examples of what goes, as a corpus has them."""
    if rule.kind is not Kind.LINE:
        return rule
    others = [text for text in dict.fromkeys(texts) if text.casefold() not in {one.casefold() for one in rule.removes}]
    return replace(rule, removes=(*rule.removes, *others[:_REMOVES]))


def _leaves(rule: Rule, text: str) -> bool:
    return text not in rule.removes and not faults_of(replace(rule, removes=(), keeps=(text,)))


def _made_up(rule: Rule) -> list[str]:
    lines = rule.removes[0].split("\n")
    plain = lines[-1] if rule.kind is Kind.HEAD else lines[0]
    plain = plain if len(plain) <= 80 else plain[:80].rsplit(" ", 1)[0]
    if rule.kind is Kind.PHRASE:
        words = plain.split()
        return [
            " ".join([words[0], "not", *words[1:]]) if len(words) > 1 else f"{plain}s were not meant.",
            "Nothing of the kind.",
        ]
    return [f"“{plain}”, it says there, and nobody knows why.", f"It says: {plain}, and so on."]


def faults_of(rule: Rule) -> list[str]:
    """What a rule does otherwise than its examples say."""
    pack = Pack(rule.pack, "1", "", Level.USER, rule.topic, rules=(rule,))
    return [fault.problem for fault in check_rules(RuleSet((pack,)), left_by)]
