"""The pack that gets a new rule, and what the rule does before it is there."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from cleaner.document import Document, RuleFired, Source
from cleaner.errors import UsageError
from cleaner.rules.fold import fold_blanks
from cleaner.rules.model import Action, Kind, Pack, Rule, RuleSet
from cleaner.rules.scope import Page
from cleaner.strip import Stripper
from cleaner.trial.change import What
from cleaner.trial.compare import Comparison, Corpus, Look, compare
from cleaner.trial.nearby import Sought
from cleaner.trial.packfile import new_pack, parsed
from cleaner.trial.propose import with_keeps, with_removes
from cleaner.trial.sets import with_rule


@dataclass(frozen=True, slots=True)
class Target:
    """The pack that gets the rule.

    Attributes:
        path: its file.
        data: what stands in it, or the head of a new one.
        pack: what that says.
        new: whether there is no such file yet.
        in_force: the rules to which the new one comes, its own included.
    """

    path: Path
    data: bytes
    pack: Pack
    new: bool
    in_force: RuleSet

    @property
    def host(self) -> str | None:
        """The first of its hosts."""
        return next(iter(self.pack.hosts), None)


def target_of(path: Path, host: str | None, in_force: RuleSet) -> Target:
    """The pack that gets the rule.

    Args:
        path: its file.
        host: the site of the rule, or None: the pack tells it.
        in_force: all packs, itself included if it is there.

    Raises:
        UsageError: it is in force elsewhere.
        RuleFaults: it has faults.
    """
    if path.exists():
        data = path.read_bytes()
        pack = parsed(data, str(path))
        if host and pack.hosts and not any(host == own or host.endswith("." + own) for own in pack.hosts):
            raise UsageError(
                f"{path} is in force on {', '.join(pack.hosts)}, not on {host}; name another --pack, or add the host there"
            )
        return Target(path, data, pack, new=False, in_force=in_force)
    taken = {pack.id for pack in in_force.packs}
    name = re.sub(r"[^a-z0-9]+", "-", (host or path.stem).lower()).strip("-") or "own"
    while name in taken:
        name += "-own"
    data = new_pack(name, host).encode()
    return Target(path, data, parsed(data, str(path)), new=True, in_force=in_force)


def taken_by(rule: Rule, target: Target, host: str | None) -> str | None:
    """The rule in force that takes the whole of it already, wherever it stands."""
    text = rule.removes[0]
    document = Stripper(target.in_force).strip(Document(Source(""), text), Page(host or ""))
    kinds = {one.name: one for _, one in target.in_force.rules()}
    names = [mark.cause.rule for mark in document.removals if isinstance(mark.cause, RuleFired)]
    anywhere = [name for name in names if kinds[name].kind is Kind.LINE and not kinds[name].first and not kinds[name].last]
    return anywhere[0] if names and len(anywhere) == len(names) and not document.clean_text.strip() else None


def tried(rule: Rule, action: Action, target: Target, corpus: Corpus, look: Look) -> tuple[Rule, Comparison]:
    """The rule with its near misses, and what it does in a corpus.

    Args:
        rule: without ``keeps``, as one that removes.
        action: what it is to do.
        target: the pack that gets it.
        corpus: what it is tried on.
        look: how that is looked at.

    Raises:
        UsageError: an input of the corpus does not exist.
    """
    texts = tuple(fold_blanks(line) for line in rule.removes[0].split("\n"))
    after = with_rule(target.in_force, target.pack, replace(rule, action=action))
    comparison = compare(corpus, target.in_force, after, sought=Sought(texts), look=look)
    gained = [group.change.text for group in comparison.of(What.GAINED, rule.name) if group.change.whole]
    return with_keeps(with_removes(rule, gained), comparison.near), comparison
