"""``cleaner.toml``: options of ``cleaner clean`` that a folder and all below it share.

Which file holds, what is wrong with it (all at once, each with its line), and what it says. Nothing here knows the options by heart:
names, types and choices are those of the command.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from cleaner.errors import Fault, UsageError
from cleaner.rules.places import NAMES

NAME = "cleaner.toml"
TABLE = "clean"
FOR_ONE_RUN = frozenset(
    ["accept-tripwire", "config", "dry-run", "help", "no-config", "overwrite", "print-config", "resume"],
)
"""What no file may say, for it would replace, go on with, or leave unwritten what the next person did not mean."""
_PLACES = frozenset(["PATH", "DIR", "FILE", "FOLDER"])
"""Words that stand for a path in what --help calls a value."""


@dataclass(frozen=True, slots=True)
class Config:
    """A file that was read, without fault.

    Attributes:
        path: the file; relative to the working folder unless it was named otherwise.
        values: long name of an option -> what it says; paths lead from the working folder.
        lines: long name -> line of the file, from 1, where it is known.
    """

    path: Path
    values: Mapping[str, Any]
    lines: Mapping[str, int]

    def place(self, name: str) -> str:
        """Where an option stands, e.g. ``cleaner.toml:3``."""
        return _place(self.path, self.lines.get(name))


def find() -> Path | None:
    """The nearest ``cleaner.toml``, in the working folder or above it; None when there is none.

    Raises:
        UsageError: somebody else wrote it, or may; what it says could make us overwrite files of our own.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        path = folder / NAME
        if path.is_file():
            shown = Path(os.path.relpath(path))
            _refuse_strangers(shown)
            return shown
    return None


def _refuse_strangers(path: Path) -> None:
    if not hasattr(os, "getuid"):  # Windows, where rights are another matter
        return
    # Both the link and what it leads to.
    told = (path.lstat(), path.stat())
    strange = any(status.st_uid not in (0, os.getuid()) for status in told)
    if strange or told[1].st_mode & 0o002:
        why = "belongs to another user" if strange else "may be written by any user"
        raise UsageError(f"{path} {why}, so it is not followed unasked; name it (--config {path}), or leave it out (--no-config)")


def read(path: Path, command: click.Command) -> Config:
    """What a file says.

    Args:
        path: the file.
        command: its options are those the file may hold.

    Raises:
        UsageError: with every fault of the file.
    """
    text = _text(path)
    table = _table(path, text)
    lines = dict(_lines(text))
    faults = list(_outside(path, table, lines, command))
    values: dict[str, Any] = {}
    options = options_of(command)
    own = table.get(TABLE, {})
    for name, value in (own if isinstance(own, dict) else {}).items():
        try:
            values[name] = _checked(name, value, options, path.parent)
        except ValueError as error:
            faults.append(Fault(_place(path, lines.get(f"{TABLE}.{name}")), None, name, str(error)))
    if values.get("no-rules"):
        faults += [
            Fault(_place(path, lines.get(f"{TABLE}.{name}")), None, name, "no-rules excludes it; leave one out")
            for name in ("rules", "strength")
            if values.get(name) not in (None, [], "rules")
        ]
    if faults:
        order = {_place(path, line): line for line in lines.values()}
        _refuse(path, sorted(faults, key=lambda fault: order.get(fault.path, 0)))
    start = len(TABLE) + 1
    return Config(path, values, {name[start:]: line for name, line in lines.items() if name.startswith(f"{TABLE}.")})


def options_of(command: click.Command) -> dict[str, click.Option]:
    """Long name, without its dashes -> option."""
    found = [param for param in command.params if isinstance(param, click.Option)]
    return {long_name(param): param for param in found}


def long_name(option: click.Option) -> str:
    """What an option is called on the command line, without the dashes.

    >>> long_name(click.Option(["--from", "reads_as"])), long_name(click.Option(["--progress/--no-progress"]))
    ('from', 'progress')
    """
    return next((name for name in option.opts if name.startswith("--")), option.opts[0]).lstrip("-")


def _place(path: Path, line: int | None) -> str:
    return str(path) if line is None else f"{path}:{line}"


def _refuse(path: Path, faults: Sequence[Fault]) -> None:
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    raise UsageError("\n  ".join([f"{count} in {path}:", *map(str, faults)]))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not UTF-8 (byte {error.start}); save it as UTF-8") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}; check the path after --config") from error


def _table(path: Path, text: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # The library tells the place in words; only then it is sure to be there on every Python.
        at = re.search(r"\(at line (\d+), column (\d+)\)$", str(error))
        line = int(at[1]) if at else None
        raise UsageError(f"{_place(path, line)}: is not TOML: {error}; texts stand in quotes, a line is: name = value") from error
    except RecursionError as error:
        raise UsageError(f"{path}: is nested too deeply") from error


def _lines(text: str) -> Iterator[tuple[str, int]]:
    r"""Full names of the keys of a TOML file, and their lines.

    >>> list(_lines('[clean]\n\nto = "text"\nrules = [\n  "a = b",\n]\n'))
    [('clean', 1), ('clean.to', 3), ('clean.rules', 4)]
    """
    table = ""
    quoted = False
    for number, line in enumerate(text.split("\n"), 1):
        if not quoted and (head := re.match(r"\s*\[+\s*([^\[\]]+?)\s*\]+\s*(?:#|$)", line)):
            table = re.sub(r"[\"'\s]", "", head[1]) + "."
            yield table[:-1], number
        elif not quoted and (
            key := re.match(r"\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"|'[^']*'))*)\s*=", line)
        ):
            yield table + re.sub(r"[\"'\s]", "", key[1]), number
        if len(re.findall(r"'''|\"\"\"", line)) % 2:
            quoted = not quoted


def _outside(path: Path, table: Mapping[str, Any], lines: Mapping[str, int], command: click.Command) -> Iterator[Fault]:
    """What stands beside the one table there is."""
    for name, value in table.items():
        place = _place(path, lines.get(name) or next((line for key, line in lines.items() if key.startswith(f"{name}.")), None))
        if name == TABLE:
            if not isinstance(value, dict):
                yield Fault(
                    place, None, name, f"is {_kind(value)}; write [{TABLE}] in a line of its own, and the options below it"
                )
        elif isinstance(value, dict):
            yield Fault(place, None, f"[{name}]", f"there is no such table; all options stand in [{TABLE}]")
        else:
            known = name in options_of(command)
            why = (
                f"stands outside of the table; put [{TABLE}] in a line above it" if known else _no_such(name, options_of(command))
            )
            yield Fault(place, None, name, why)


def _checked(name: str, value: Any, options: Mapping[str, click.Option], folder: Path) -> Any:
    """What an option is set to, paths as they lead from the working folder.

    Raises:
        ValueError: cause and remedy.
    """
    option = options.get(name)
    if name in FOR_ONE_RUN:
        raise ValueError(f"is for one run, so no file may hold it; give --{name} on the command line")
    if option is None:
        raise ValueError(_no_such(name, options))
    if option.is_flag and not isinstance(value, bool):
        raise ValueError(f"is {_kind(value)}; give true or false, without quotes")
    if not option.multiple:
        return _single(value, option, folder)
    if not isinstance(value, list):
        raise ValueError(f"is {_kind(value)}, but can be given more than once; give a list, in [ ]")  # noqa: TRY004
    return [_single(one, option, folder) for one in value]


def _no_such(name: str, options: Mapping[str, click.Option]) -> str:
    if name == "inputs":
        return "there is no such option; inputs are named on the command line"
    if name.removeprefix("no-") in options:
        return f"there is no such option; write {name.removeprefix('no-')} = false"
    from difflib import get_close_matches

    known = sorted(set(options) - FOR_ONE_RUN)
    near = get_close_matches(name.lower().replace("_", "-").lstrip("-"), known, 1)
    return (
        f"there is no such option; do you mean {near[0]}?" if near else f"there is no such option; there are: {', '.join(known)}"
    )


def _single(value: Any, option: click.Option, folder: Path) -> Any:
    wanted, fits = _wanted(option, value)
    if not fits:
        raise ValueError(f"is {_kind(value)}; give {wanted}")
    if isinstance(option.type, click.Choice):
        choices = [str(choice) for choice in option.type.choices]
        if value not in choices:
            raise ValueError(f"{_kind(value)} is none of its values; choose from: {', '.join(choices)}")
        return value
    if isinstance(value, (int, float)) and wanted == "a text":
        return str(value)
    if isinstance(value, str) and _is_path(option, value):
        value = str(folder / Path(value).expanduser())
    try:
        option.type.convert(value, option, None)
    except click.BadParameter as error:
        raise ValueError(f"{error.message.rstrip('.')}; see cleaner clean --help") from error
    if isinstance(value, str) and "\0" in value:
        raise ValueError("holds a null character, which no option can")
    return value


def _wanted(option: click.Option, value: Any) -> tuple[str, bool]:
    """What kind of value an option takes, and whether this is one."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    match option.type.name:
        case "boolean":
            return "true or false, without quotes", isinstance(value, bool)
        case "integer" | "integer range":
            return "a whole number, without quotes", number and isinstance(value, int)
        case "float" | "float range":
            return "a number, without quotes", number
    # A share that may also be a word, say "off", is a text for the command line and a number for a person.
    share = isinstance(option.default, str) and re.fullmatch(r"[\d.]+", option.default) is not None
    return "a text", isinstance(value, str) or (share and number)


def _kind(value: Any) -> str:
    """What a value of TOML is, in words.

    >>> _kind(True), _kind(4), _kind([])
    ('true', '4', 'a list')
    """
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case str():
            return f'the text "{value}"' if len(value) <= 40 and value.isprintable() else "this text"
        case list():
            return "a list"
        case dict():
            return "a table"
    return "a date"


def _is_path(option: click.Option, value: str) -> bool:
    """Whether a value of an option leads to a file or folder: what --help calls its value tells.

    >>> audit = click.Option(["--audit"], metavar="full|none|PATH")
    >>> _is_path(audit, "none"), _is_path(audit, "audit.jsonl"), _is_path(click.Option(["--site"], metavar="HOST"), "a.example")
    (False, True, False)
    """
    forms = (option.metavar or "").split("|")
    return isinstance(option.type, click.Path) or (bool(_PLACES & set(forms)) and value not in forms and value not in NAMES)
