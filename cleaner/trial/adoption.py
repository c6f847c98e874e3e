"""Others' rules made packs: each selector compiled, each rule tried on a piece of HTML made up for it, the whole written as TOML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from cleaner.errors import Fault, UsageError
from cleaner.extract.examples import left_by
from cleaner.extract.made_up import matching, near_misses
from cleaner.learn import toml
from cleaner.rules.adopt import SUFFIX, adopt, licence_beside
from cleaner.rules.model import Action, Kind, Pack, Rule, Selection
from cleaner.rules.selectors import fault_in
from cleaner.writers.atomic import AtomicFile


@dataclass(slots=True)
class Import:
    """What came of files of others' rules.

    Attributes:
        packs: name of the file to write -> pack.
        files: how many were read.
        strangers: files in no format that is known.
        unused: kind of thing that cleaning text cannot use -> how many.
        faults: what is wrong in them, and was left out.
    """

    packs: dict[str, Pack] = field(default_factory=dict)
    files: int = 0
    strangers: list[Path] = field(default_factory=list)
    unused: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)

    @property
    def rules(self) -> int:
        """How many rules there are."""
        return sum(len(pack.rules) for pack in self.packs.values())

    @property
    def untested(self) -> int:
        """How many of them have no example."""
        return sum(not rule.removes for pack in self.packs.values() for rule in pack.rules)


def read_others(path: Path, licence: str | None = None) -> Import:
    """The packs of a file, or of all ``*.txt`` below a folder.

    Args:
        path: the file or folder.
        licence: of what is read; None: what the files, or a licence file beside them, say.

    Raises:
        UsageError: there is no such file, or it is in no format that is known, or a folder holds none that is.
    """
    if not path.exists():
        raise UsageError(f"{path}: there is no such file or folder")
    found = Import()
    given = licence if licence is not None else licence_beside(path)
    for file in sorted(path.rglob(f"*{SUFFIX}")) if path.is_dir() else [path]:
        adopted = adopt(file)
        if adopted is None:
            found.strangers.append(file)
            continue
        found.files += 1
        found.unused.update(adopted.unused)
        found.faults += adopted.faults
        if adopted.pack is not None:
            pack = examined(adopted.pack, found.faults)
            told = licence if licence is not None else pack.licence or given
            if pack.rules:
                found.packs[_free(pack.id, found.packs)] = replace(pack, licence=told)
    if not found.files:
        raise UsageError(f"{path}: holds no site file (example.com.txt) and no list of cosmetic filters (list.txt)")
    return found


def _free(name: str, taken: dict[str, Pack]) -> str:
    number, file = 1, f"{name}.toml"
    while file in taken:
        number += 1
        file = f"{name}-{number}.toml"
    return file


def examined(pack: Pack, faults: list[Fault]) -> Pack:
    """The pack without selectors that cannot be used, its rules with examples where some could be made up and hold."""
    rules = (_tested(rule) for one in pack.rules if (rule := _usable(pack, one, faults)) is not None)
    return replace(pack, rules=tuple(rules))


def _usable(pack: Pack, rule: Rule, faults: list[Fault]) -> Rule | None:
    good: dict[str, list[str]] = {"css": [], "xpath": []}
    for name, sources in (("css", rule.select.css), ("xpath", rule.select.xpath)):
        for source in sources:
            problem = fault_in(**{name: source})
            if problem is None:
                good[name].append(source)
            else:
                faults.append(Fault(pack.path, rule.id, None, f"{problem}: {source}"))
    select = Selection(tuple(good["css"]), tuple(good["xpath"]))
    return replace(rule, select=select) if select else None


def _tested(rule: Rule) -> Rule:
    """The rule with an example that goes and one that stays, if such were found by trying."""
    css = rule.select.css[0] if rule.select.css else None
    xpath = rule.select.xpath[0] if css is None else None
    made = matching(css, xpath)
    left = left_by(rule)
    if made is None or left(made).strip():
        return rule
    near = next((one for one in near_misses(css, xpath) if left(one) == one), None)
    if near is None:
        return rule
    takes = rule.kind is Kind.NODE and rule.action is not Action.KEEP
    return replace(rule, removes=(made if takes else near,), keeps=(near if takes else made,))


def write_packs(packs: dict[str, Pack], out: Path, *, overwrite: bool) -> list[Path]:
    """Writes packs: one to a file if ``out`` ends in ``.toml``, else each to its own in a folder.

    Raises:
        UsageError: there is one already, or several are to go to one file.
    """
    if out.suffix == ".toml" and len(packs) > 1:
        raise UsageError(f"--out {out}: there are {len(packs):,} packs, one for each host; name a folder")
    paths = {out if out.suffix == ".toml" else out / name: pack for name, pack in packs.items()}
    there = [path for path in paths if path.exists()]
    if there and not overwrite:
        raise UsageError(f"{there[0]} is there already; name another place, or give --overwrite")
    for path, pack in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with AtomicFile(path) as file:
            file.write(pack_text(replace(pack, id=pack.id)).encode())
    return list(paths)


def pack_text(pack: Pack) -> str:
    r"""A pack of rules about pages as TOML.

    >>> from cleaner.rules.model import Level
    >>> rule = Rule("a", "line-2", "Filter, line 2", Kind.NODE, Action.REMOVE, "ad", select=Selection(css=(".x",)))
    >>> print(pack_text(Pack("a", "1", "a.txt", Level.USER, "ad", imported="a.txt", rules=(rule,))).split("\n")[-5])
    id = "line-2"
    """
    rows = [f"# Made of {pack.imported} by `cleaner rules import`.", "[pack]", f"id = {toml.quoted(pack.id)}"]
    rows += [f"version = {toml.quoted(pack.version)}", f"topic = {toml.quoted(pack.topic)}"]
    rows += [f"hosts = {_listed(pack.hosts)}"] if pack.hosts else []
    rows += [] if pack.subdomains else ["subdomains = false"]
    rows += [f"imported = {toml.quoted(pack.imported)}"]
    rows += [f"licence = {toml.quoted(pack.licence)}"] if pack.licence else []
    return "\n".join([*rows, "", *("\n".join(_rows(rule)) + "\n" for rule in pack.rules)])


def _rows(rule: Rule) -> Iterator[str]:
    yield from ("[[rule]]", f"id = {toml.quoted(rule.id)}", f"why = {toml.quoted(rule.why)}", f'kind = "{rule.kind.value}"')
    for name, values in (("css", rule.select.css), ("xpath", rule.select.xpath)):
        if values:
            yield f"{name} = {toml.listed([*map(toml.raw, values)])}"
    for name, values in (("hosts", rule.hosts), ("except_hosts", rule.except_hosts)):
        if values:
            yield f"{name} = {_listed(values)}"
    if rule.whole:
        yield "whole = true"
    for name, values in (("removes", rule.removes), ("keeps", rule.keeps)):
        if values:
            yield f"{name} = {toml.listed([*map(toml.raw, values)])}"


def _listed(values: tuple[str, ...]) -> str:
    return toml.listed([*map(toml.quoted, values)])
