"""What the arguments of a command name: the input files, in a fixed order, each with the name the outputs know it by.

Folders are walked by bytes of the path; symbolic links to folders are followed unless they lead back. A file of a folder that no
reader knows is left aside and counted, one that was named is read as text.
"""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from cleaner.document import Rejection, Source
from cleaner.errors import UsageError
from cleaner.readers import FORMATS, Format


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file to read.

    Attributes:
        path: where it lies.
        name: path relative to the folder that was named, with ``/``; its own name when it was named itself.
        format: how it is read.
        group: name of the argument it came from, for outputs that gather several inputs.
    """

    path: Path
    name: str
    format: Format
    group: str


@dataclass(slots=True)
class Found:
    """What a walk found.

    Attributes:
        files: the inputs, in order.
        rejections: places that could not be entered.
        left_aside: suffix -> how many files of folders have it and no reader.
    """

    files: list[InputFile] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    left_aside: Counter[str] = field(default_factory=Counter)


def find_inputs(arguments: Sequence[str], *, reads_as: Format | None = None, leave_out: Path | None = None) -> Found:
    """The input files that arguments name: files, folders, globs.

    Args:
        arguments: as given on the command line.
        reads_as: how every file is read, whatever its suffix; None: by suffix.
        leave_out: a folder that is not entered, because outputs go there.

    Raises:
        UsageError: an argument names nothing; all such arguments at once.
    """
    paths, missing = _expand(arguments)
    if missing:
        places = "\n  ".join(f"{name}: there is no such file, folder or match" for name in missing)
        raise UsageError(f"some inputs do not exist; check the paths\n  {places}")
    _refuse_outputs(paths, leave_out)
    found = Found()
    taken = _Names()
    for path, prefix in zip(paths, _prefixes(paths), strict=True):
        own = Found(left_aside=found.left_aside)
        if path.is_dir():
            _Walk(own, prefix, _label(path), reads_as, leave_out).enter(path, "", frozenset())
        else:
            form = reads_as or FORMATS.get(path.suffix.lower(), Format.TEXT)
            own.files.append(InputFile(path, path.name, form, path.stem))
        found.files += [replace(file, name=taken.free(file.name)) for file in own.files]
        found.rejections += own.rejections
    return found


def _refuse_outputs(paths: Sequence[Path], out: Path | None) -> None:
    if out is None:
        return
    inside = [str(path) for path in paths if path.resolve().is_relative_to(out) and path.resolve() != out]
    if inside:
        raise UsageError(
            f"{', '.join(inside[:3])}: lies in the output folder {out}, so it would be replaced while it is read; copy it elsewhere"
        )


def _expand(arguments: Sequence[str]) -> tuple[list[Path], list[str]]:
    paths: list[Path] = []
    missing: list[str] = []
    for argument in arguments:
        # glob, not Path.glob: an argument may be absolute, and may hold ** anywhere.
        matches = [argument] if os.path.lexists(argument) else sorted(glob.glob(argument, recursive=True), key=os.fsencode)  # noqa: PTH207
        if not matches:
            missing.append(argument)
        paths += [path for path in map(Path, matches) if path not in paths]
    return paths, missing


def _label(path: Path) -> str:
    return (path.name if path.name != ".." else "") or path.resolve().name or "root"


def _prefixes(paths: Sequence[Path]) -> list[str]:
    """Several folders go each under its own name; a name that comes up again gets a number."""
    folders = [path for path in paths if path.is_dir()]
    used: set[str] = set()
    prefixes: list[str] = []
    for path in paths:
        if len(folders) < 2 or not path.is_dir():
            prefixes.append("")
            continue
        label = name = _label(path)
        number = 1
        while name in used:
            number += 1
            name = f"{label}-{number}"
        used.add(name)
        prefixes.append(name + "/")
    return prefixes


class _Names:
    """The names of a run's inputs: no two are the same, and none is a folder of another, so that all can be written side by side."""

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def free(self, name: str) -> str:
        """The name, or with ``2/`` (``3/`` ...) before it when it would meet another; from now on it is taken."""
        own, number = name, 1
        while self._meets(own):
            number += 1
            own = f"{number}/{name}"
        self._files.add(own)
        self._folders.update(_folders(own))
        return own

    def _meets(self, name: str) -> bool:
        return name in self._files or name in self._folders or any(folder in self._files for folder in _folders(name))


def _folders(name: str) -> list[str]:
    """Every folder that a path leads through.

    >>> _folders("a/b/c.txt")
    ['a', 'a/b']
    """
    parts = name.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


@dataclass(frozen=True, slots=True)
class _Walk:
    found: Found
    prefix: str
    group: str
    reads_as: Format | None
    leave_out: Path | None

    def enter(self, folder: Path, below: str, above: frozenset[tuple[int, int]]) -> None:
        """Adds all inputs below a folder; ``above`` are the folders we came through, by device and inode."""
        try:
            status = folder.stat()
            names = sorted((path.name for path in folder.iterdir()), key=os.fsencode)
        except OSError as error:
            self._reject(below or folder.name, "unreadable", f"the folder cannot be read: {error.strerror}")
            return
        here = (status.st_dev, status.st_ino)
        if here in above:
            self._reject(below, "link-loop", "the link leads back to a folder it lies in; it is not followed")
            return
        if self.leave_out is not None and folder.resolve() == self.leave_out:
            return
        for path, name in self._sorted(folder, below, names):
            if path.is_dir():
                self.enter(path, name, above | {here})
            else:
                self._add(path, name)

    @staticmethod
    def _sorted(folder: Path, below: str, names: Sequence[str]) -> Iterator[tuple[Path, str]]:
        """Entries such that all files come out by bytes of their whole path: ``a-b`` before what lies in ``a/``."""
        entries = [(folder / name, f"{below}/{name}" if below else name) for name in names]
        return iter(sorted(entries, key=lambda entry: os.fsencode(entry[1]) + (b"/" if entry[0].is_dir() else b"")))

    def _add(self, path: Path, name: str) -> None:
        if not path.is_file():
            kind = "a link that leads nowhere or to itself" if path.is_symlink() else "neither a file nor a folder"
            self._reject(name, "not-a-file", f"this is {kind}; remove it, or name a file")
            return
        form = self.reads_as or FORMATS.get(path.suffix.lower())
        if form is None:
            self.found.left_aside[path.suffix.lower() or "(no suffix)"] += 1
        else:
            self.found.files.append(InputFile(path, self.prefix + name, form, self.group))

    def _reject(self, name: str, reason: str, detail: str) -> None:
        self.found.rejections.append(Rejection(Source(self.prefix + name, None, self.prefix + name), reason, detail))
