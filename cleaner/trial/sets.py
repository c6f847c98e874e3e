"""Two sets of rules to compare: those in force, and the same with a pack or a rule more, or another in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cleaner.errors import Fault, RuleFaults
from cleaner.rules.load import load_rules, pack_files, unknown_disables
from cleaner.rules.model import Level, Pack, Rule, RuleSet
from cleaner.rules.scope import speaks
from cleaner.trial.packfile import parsed


def with_pack(rules: RuleSet, new: Pack) -> RuleSet:
    """The set with a pack in the place of that of its id, as near to the user as that was, else behind all others."""
    old = next((pack for pack in rules.packs if pack.id == new.id and pack.level >= Level.PROJECT), None)
    if old is not None:
        packs = [replace(new, level=old.level) if pack is old else pack for pack in rules.packs]
    else:
        packs = [*(pack for pack in rules.packs if pack.id != new.id), new]
    return RuleSet(tuple(packs), rules.fingerprint)


def of_languages(rules: RuleSet, languages: frozenset[str] | None) -> RuleSet:
    """The set without packs of other languages; None: of none."""
    return RuleSet(tuple(pack for pack in rules.packs if speaks(pack, languages)), rules.fingerprint)


def with_rule(rules: RuleSet, pack: Pack, rule: Rule) -> RuleSet:
    """The set with a rule more at the end of a pack of it, or of a new one."""
    return with_pack(rules, replace(pack, rules=(*pack.rules, rule)))


def fresh_packs(path: str) -> list[Pack]:
    """The packs of a file or folder, by themselves: what they turn off may stand in others.

    Raises:
        RuleFaults: with every fault.
    """
    faults: list[Fault] = []
    packs: list[Pack] = []
    for file in pack_files([path]):
        try:
            packs.append(parsed(file.path.read_bytes(), str(file.path)))
        except RuleFaults as error:
            faults += error.faults
    if faults:
        raise RuleFaults(tuple(faults))
    return packs


def require_known(rules: RuleSet) -> None:
    """Makes sure that every rule that a pack turns off is there.

    Raises:
        RuleFaults: one is not.
    """
    faults = tuple(unknown_disables(rules.packs, complete=True))
    if faults:
        raise RuleFaults(faults)


def in_force_without(paths: Sequence[str], new: Sequence[Path], project: Sequence[str] = ()) -> RuleSet:
    """The bundled packs, and those that paths name, but for some files.

    Raises:
        RuleFaults: with every fault.
    """
    own = {path.resolve() for path in new}
    loaded = load_rules(*paths, project=project)
    return RuleSet(tuple(pack for pack in loaded.packs if Path(pack.path).resolve() not in own), loaded.fingerprint)
