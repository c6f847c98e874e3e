"""Where packs lie that nobody names by their path: the project's, the user's, and those of installed Python packages.

None of them is in force unasked, so that what a command does depends on its words and not on the machine: ``--rules @project``, ``@user``
and ``@installed`` take them, ``@all`` takes all three.
"""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

ENTRY_POINTS = "cleaner.rules"
"""Group of entry points by which an installed package says that it holds packs; the value is the module beside which they lie."""


class Origin(Enum):
    """Whose packs they are; the value is the name that ``--rules`` knows them by."""

    INSTALLED = "@installed"
    USER = "@user"
    PROJECT = "@project"


ALL = "@all"
NAMES = (*(origin.value for origin in Origin), ALL)


@dataclass(frozen=True, slots=True)
class Place:
    """A folder with packs.

    Attributes:
        origin: whose it is.
        path: the folder.
        package: the distribution it came with, and its version; empty for others.
        files: its packs, by path.
    """

    origin: Origin
    path: Path
    package: str
    files: tuple[Path, ...]


def found() -> list[Place]:
    """Every place that holds packs, in a fixed order: installed ones by name, the user's, the project's."""
    places = [*_installed(), *_place(Origin.USER, user_folder()), *_place(Origin.PROJECT, Path("rules"))]
    return [place for place in places if place.files]


def named(name: str) -> list[Place]:
    """The places that a name such as ``@user`` stands for."""
    return [place for place in found() if name in (ALL, place.origin.value)]


def user_folder(environment: Mapping[str, str] | None = None, platform: str = sys.platform) -> Path:
    """Where a user's own packs lie, as the system has it for settings.

    >>> user_folder({"XDG_CONFIG_HOME": "/home/jo/.config"}, "linux").as_posix()
    '/home/jo/.config/cleaner/rules'
    >>> user_folder({"HOME": "/Users/jo"}, "darwin").as_posix()
    '/Users/jo/Library/Application Support/cleaner/rules'
    """
    known = os.environ if environment is None else environment
    home = Path(known["HOME"]) if known.get("HOME") else Path("~").expanduser()
    if platform == "win32":
        base = Path(known["APPDATA"]) if known.get("APPDATA") else home / "AppData" / "Roaming"
    elif platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        # What is not absolute does not count, says the XDG specification.
        told = known.get("XDG_CONFIG_HOME", "")
        base = Path(told) if told.startswith("/") else home / ".config"
    return base / "cleaner" / "rules"


def _place(origin: Origin, folder: Path, package: str = "") -> Iterator[Place]:
    if folder.is_dir():
        yield Place(origin, folder, package, tuple(path for path in sorted(folder.rglob("*.toml")) if _is_pack(path)))


def _is_pack(path: Path) -> bool:
    """Whether a file says of itself that it is a pack: in a folder called rules there may be anybody's."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError:
        return "[pack]" in path.read_text(encoding="utf-8-sig")  # a pack with a fault is told, not left out
    except (OSError, UnicodeDecodeError, RecursionError):
        return False
    return isinstance(table.get("pack"), dict)


def _installed() -> Iterator[Place]:
    from importlib.metadata import entry_points

    points = sorted(entry_points(group=ENTRY_POINTS), key=lambda point: (point.dist.name if point.dist else "", point.name))
    for point in points:
        folder = _folder_of(point.module)
        if folder is not None:
            package = f"{point.dist.name} {point.dist.version}" if point.dist else point.name
            yield from _place(Origin.INSTALLED, folder, package)


def _folder_of(module: str) -> Path | None:
    """The folder of a package, which is not run for it."""
    from importlib.util import find_spec

    try:
        spec = find_spec(module)
    except (ImportError, ValueError):
        return None
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    return Path(places[0]) if places else None
