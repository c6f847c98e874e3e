"""Packs from TOML files: either all rules, or every fault of every file at once."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from cleaner.errors import Fault, RuleFaults
from cleaner.rules.adopt import SUFFIX, adopt
from cleaner.rules.model import Level, Pack, Rule, RuleSet
from cleaner.rules.parse import FaultList, parse_pack
from cleaner.rules.places import NAMES, named

_BUNDLED = ("common", "sites")
"""Folders of bundled packs."""
_NO_PACK = (
    "the folder holds no pack; a pack is a file that ends in .toml (others' rules: site files or filter lists that end in .txt)"
)


@dataclass(frozen=True, slots=True)
class PackFile:
    """One file to be read as a pack.

    Attributes:
        path: where it lies.
        level: how near to the user it lies; bundled files say GENERIC and become SITE when they have hosts or markers.
        trusted: whether its patterns were tried when the package was built, so that they need not be compiled to be believed.
        named: whether somebody named the file itself; of the texts that a folder holds, those in no known format are no rules.
    """

    path: Path
    level: Level
    trusted: bool = False
    named: bool = True


def bundled_folder() -> Path:
    """Where the bundled packs lie: inside an installed package, or beside it in the source tree."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_packs"
    return installed if installed.is_dir() else package.parent / "rules"


def bundled_schema() -> Path:
    """The JSON schema of packs: inside an installed package, or in the docs of the source tree."""
    folder = bundled_folder()
    inside = folder / "pack.schema.json"
    return inside if inside.is_file() else folder.parent / "docs" / "pack.schema.json"


def bundled_files() -> list[PackFile]:
    """The bundled packs, by path: those of ``_BUNDLED``; what else lies beside them is no pack."""
    paths = (path for name in _BUNDLED for path in (bundled_folder() / name).rglob("*.toml"))
    return [PackFile(path, Level.GENERIC, trusted=True) for path in sorted(paths)]


def pack_files(paths: Iterable[str | Path], level: Level = Level.USER) -> list[PackFile]:
    """The pack files that paths name: a file, a folder with what is below it, or ``@user`` and the like (``rules.places``).

    Of a folder these are ``*.toml``, and ``*.txt`` that may be others' rules (``adopt``).

    Where ``@user`` and the like name nothing, there is none: they stand for whatever packs there are.

    Raises:
        RuleFaults: a path does not exist, or a folder holds no pack; all such paths at once.
    """
    files: list[PackFile] = []
    faults: list[Fault] = []
    for path in map(Path, paths):
        if str(path) in NAMES:
            files += [PackFile(one, level) for place in named(str(path)) for one in place.files]
        elif path.is_dir():
            packs, texts = list(path.rglob("*.toml")), list(path.rglob(f"*{SUFFIX}"))
            found = packs + texts
            if not packs and not any(adopt(text, level) for text in texts):
                faults.append(Fault(str(path), None, None, _NO_PACK))
            files += [PackFile(one, level, named=False) for one in sorted(found)]
        elif path.exists():
            files.append(PackFile(path, level))
        else:
            faults.append(Fault(str(path), None, None, "there is no such file or folder; check the path after --rules"))
    if faults:
        raise RuleFaults(tuple(faults))
    return files


def load_rules(*paths: str | Path, project: Iterable[str | Path] = (), bundled: bool = True) -> RuleSet:
    """The bundled packs, over them those of a project, and over these the packs that ``paths`` name.

    Args:
        paths: pack files or folders of packs, or others' site files and filter lists (``adopt``); their rules decide over bundled
            ones, and a pack with the id of a bundled one takes its place.
        project: pack files or folders of packs that a whole project shares; they decide over bundled ones.
        bundled: False leaves the bundled packs out.

    Raises:
        RuleFaults: with every fault of every file.
    """
    faults: list[Fault] = []
    own: list[PackFile] = []
    for level, places in ((Level.PROJECT, project), (Level.USER, paths)):
        for place in places:
            try:
                own += pack_files([place], level)
            except RuleFaults as missing:
                faults += missing.faults
    return read_packs([*(bundled_files() if bundled else []), *own], faults)


def read_packs(files: Sequence[PackFile], faults: Iterable[Fault] = ()) -> RuleSet:
    """The packs of these files, in order.

    Raises:
        RuleFaults: with ``faults`` and every fault of every file.
    """
    found = list(faults)
    packs: list[Pack] = []
    notes: list[Fault] = []
    for file in files:
        pack = _adopted(file, found, notes) if file.path.suffix == SUFFIX else _read(file, found)
        if pack is not None:
            packs.append(pack)
    packs = _distinct(packs)
    found += _clashes(packs)
    packs = _replaced(packs)
    found += unknown_disables(packs, complete=not found)
    if found:
        raise RuleFaults(tuple(found))
    return RuleSet(tuple(packs), _fingerprint(packs), tuple(notes))


def _adopted(file: PackFile, faults: list[Fault], notes: list[Fault]) -> Pack | None:
    """The pack that a file of others' rules amounts to; what is wrong in it is noted, and the rest is in force."""
    found = adopt(file.path, file.level)
    if found is not None:
        notes += found.faults
        return found.pack
    if file.named:
        faults.append(
            Fault(
                str(file.path),
                None,
                None,
                "is no site file (example.com.txt) and no list of cosmetic filters; a pack ends in .toml",
            )
        )
    return None


def _distinct(packs: Sequence[Pack]) -> list[Pack]:
    """The packs, each that was adopted with an id of its own: nobody gave it one who could give it another."""
    taken = {pack.id for pack in packs if not _was_adopted(pack)}
    found: list[Pack] = []
    for pack in packs:
        name, number = pack.id, 1
        while _was_adopted(pack) and name in taken:
            number += 1
            name = f"{pack.id}-{number}"
        taken.add(name)
        found.append(
            pack if name == pack.id else replace(pack, id=name, rules=tuple(replace(rule, pack=name) for rule in pack.rules))
        )
    return found


def _was_adopted(pack: Pack) -> bool:
    return bool(pack.imported) and pack.path.endswith(SUFFIX)


def _read(file: PackFile, faults: list[Fault]) -> Pack | None:
    path = str(file.path)
    try:
        table = tomllib.loads(file.path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        faults.append(Fault(path, None, None, f"cannot be read: {error.strerror or error}"))
    except UnicodeDecodeError as error:
        faults.append(Fault(path, None, None, f"is not UTF-8 (byte {error.start}); save it as UTF-8"))
    except tomllib.TOMLDecodeError as error:
        faults.append(Fault(path, None, None, f"is not TOML: {error}; patterns are easiest in 'single quotes'"))
    except RecursionError:
        faults.append(Fault(path, None, None, "is nested too deeply to be a pack"))
    else:
        own = FaultList(path)
        pack = parse_pack(table, path, own, trusted=file.trusted)
        faults += own.faults
        if pack is None:
            return None
        level = Level.SITE if file.level is Level.GENERIC and pack.scoped else file.level
        return replace(pack, level=level)
    return None


def _is_bundled(pack: Pack) -> bool:
    return pack.level <= Level.SITE


def _replaced(packs: Sequence[Pack]) -> list[Pack]:
    """The packs without those bundled ones whose id a nearer pack has: a copy of a bundled pack, edited, takes its place."""
    own = {pack.id for pack in packs if not _is_bundled(pack)}
    return [pack for pack in packs if not (_is_bundled(pack) and pack.id in own)]


def _clashes(packs: Sequence[Pack]) -> Iterator[Fault]:
    first: dict[tuple[str, bool], Pack] = {}
    for pack in packs:
        other = first.setdefault((pack.id, _is_bundled(pack)), pack)
        if other is not pack:
            yield Fault(pack.path, None, "id", f'the pack id "{pack.id}" is taken by {other.path}; give this pack another id')


def unknown_disables(packs: Sequence[Pack], *, complete: bool) -> Iterator[Fault]:
    """Names to disable that no rule has; unless ``complete``, only those of packs that were read: the others may have them."""
    known = {rule.name for pack in packs for rule in pack.rules}
    read = {pack.id for pack in packs}
    for pack in packs:
        for name in pack.disable:
            if name not in known and (complete or name.partition(".")[0] in read):
                near = get_close_matches(name, known, n=1)
                hint = f'; did you mean "{near[0]}"?' if near else "; `cleaner rules list` shows the names"
                yield Fault(pack.path, None, "disable", f'there is no rule "{name}"{hint}')


def _fingerprint(packs: Sequence[Pack]) -> str:
    """Digest of what can change a result: not of comments, paths, reasons or examples."""
    what = [
        [
            pack.id,
            int(pack.level),
            pack.language,
            pack.hosts,
            pack.paths,
            pack.markers,
            pack.markers_needed,
            pack.marker_length,
            pack.disable,
            *([] if pack.subdomains else ["no sub-domains"]),
        ]
        + [_identity(rule) for rule in pack.rules]
        for pack in packs
    ]
    return hashlib.sha256(json.dumps(what, ensure_ascii=True).encode()).hexdigest()


def _identity(rule: Rule) -> list[object]:
    conditions = [[one.literals, one.patterns] for one in (rule.match, rule.start, rule.end)]
    found: list[object] = [rule.name, rule.kind.value, rule.action.value, conditions]
    found += [rule.max_lines, rule.max_length, rule.first, rule.last]
    return [*found, rule.select.css, rule.select.xpath, rule.hosts, rule.except_hosts, rule.whole] if rule.kind.of_page else found
