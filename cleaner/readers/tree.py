"""What the arguments of a command name: the input files, in a fixed order, each with the name the outputs know it by.

Folders are walked by bytes of the path; symbolic links to folders are followed unless they lead back. An archive is a folder whose files
come in the order they lie in it. A file of a folder or archive that no reader knows is left aside and counted, one that was named is
read as text.
"""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from cleaner.document import Rejection, Source
from cleaner.errors import UsageError
from cleaner.readers import require_installed
from cleaner.readers.archives import listing
from cleaner.readers.members import Member, Refused
from cleaner.readers.options import ReadOptions
from cleaner.readers.shape import Compression, Format, Shape, shape_of

_MOST_TOLD = 20
"""Arguments that name nothing, as far as they are told one by one."""
_LISTED = "files"
"""Group of all files of a list."""
_RESOURCE_FORKS = "__MACOSX/"
"""Folder that the Finder puts into archives, with a file that is no text beside every file."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file to read.

    Attributes:
        path: where it lies.
        name: path relative to the folder that was named, with ``/``; its own name when it was named itself.
        format: how it is read.
        group: name of the argument it came from, for outputs that gather several inputs.
        compression: around the file itself, or None.
        member: which file of the archive ``path`` it is; None when it is ``path``.
        again: how many members of the archive before it have the same name.
    """

    path: Path
    name: str
    format: Format
    group: str
    compression: Compression | None = None
    member: Member | None = None
    again: int = 0

    @property
    def address(self) -> str:
        """What this file alone is called on this machine: its absolute path, for a member that of the archive with its name."""
        inside = "" if self.member is None else f"/{self.member.name}" + (f"#{self.again + 1}" if self.again else "")
        return f"{self.path.absolute()}{inside}"


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


def find_inputs(
    arguments: Sequence[str],
    *,
    reads_as: Format | None = None,
    leave_out: Path | None = None,
    listed: Sequence[str] = (),
    options: ReadOptions = ReadOptions(),  # noqa: B008  # frozen
) -> Found:
    """The input files that arguments name: files, folders, archives, globs.

    Args:
        arguments: as given on the command line.
        reads_as: how every file is read, whatever its suffix; None: by suffix.
        leave_out: a folder that is not entered, because outputs go there.
        listed: more paths, literally; a file of them is known by its whole path as it stands there.
        options: limits for archives.

    Raises:
        UsageError: an argument names nothing; all such arguments at once. Or what there is needs a package that is not installed.
    """
    paths, missing = _expand(arguments)
    whole = {Path(one): _whole_name(one) for one in listed}
    missing += [str(path) for path in whole if not os.path.lexists(path)]
    if missing:
        rest = [f"and {len(missing) - _MOST_TOLD:,} more"] if len(missing) > _MOST_TOLD else []
        places = "\n  ".join([*(f"{name}: there is no such file, folder or match" for name in missing[:_MOST_TOLD]), *rest])
        raise UsageError(f"some inputs do not exist; check the paths\n  {places}")
    paths = list(dict.fromkeys([*paths, *whole]))
    _refuse_outputs(paths, leave_out)
    found = Found()
    taken = _Names()
    for path, prefix in zip(paths, _prefixes(paths), strict=True):
        own = Found(left_aside=found.left_aside)
        if path.is_dir():
            _Walk(own, prefix, _label(path), reads_as, leave_out, options).enter(path, "", frozenset())
        else:
            group = _LISTED if path in whole else PurePosixPath(shape_of(path.name).stem).name or path.stem
            _Walk(own, "", group, reads_as, leave_out, options).add_named(path, whole.get(path) or path.name)
        found.files += [replace(file, name=taken.free(file.name, fold=file.member is not None)) for file in own.files]
        found.rejections += own.rejections
    kinds = [file.format for file in found.files] + [file.compression for file in found.files if file.compression]
    require_installed(kinds)
    return found


def listed_paths(data: bytes) -> list[str]:
    r"""The paths of a list: one a line, or ended by NUL (``find -print0``) when there is any.

    >>> listed_paths(b"a.txt\nb c.txt\r\n\n"), listed_paths(b"a\nb.txt\0c.txt\0")
    (['a.txt', 'b c.txt'], ['a\nb.txt', 'c.txt'])
    """
    if b"\0" in data:
        parts = data.split(b"\0")
    else:
        parts = [line.removesuffix(b"\r") for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n")]
    return list(dict.fromkeys(os.fsdecode(part) for part in parts if part))


def _whole_name(path: str) -> str:
    """What a listed file is called: its path, below whatever root.

    >>> _whole_name("/data/news/a.txt"), _whole_name("../a.txt")
    ('data/news/a.txt', 'a.txt')
    """
    parts = PurePosixPath(path.replace(os.sep, "/")).parts
    return "/".join(part for part in parts if part not in ("/", "..") and not part.endswith(":"))


def _refuse_outputs(paths: Sequence[Path], out: Path | None) -> None:
    if out is None:
        return
    inside = [str(path) for path in paths if path.resolve().is_relative_to(out) and path.resolve() != out]
    if inside:
        raise UsageError(
            f"{', '.join(inside[:3])}: lies in the output folder {out}, so it would be replaced while it is read; copy it elsewhere"
        )


def _expand(arguments: Sequence[str]) -> tuple[list[Path], list[str]]:
    paths: dict[Path, None] = {}
    missing: list[str] = []
    for argument in arguments:
        # glob, not Path.glob: an argument may be absolute, and may hold ** anywhere.
        matches = [argument] if os.path.lexists(argument) else sorted(glob.glob(argument, recursive=True), key=os.fsencode)  # noqa: PTH207
        if not matches:
            missing.append(argument)
        paths |= dict.fromkeys(map(Path, matches))
    return list(paths), missing


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
        self._folded: set[str] = set()
        self._numbers: dict[str, int] = {}

    def free(self, name: str, *, fold: bool = False) -> str:
        """The name, or with ``2/`` (``3/`` ...) before it when it would meet another; from now on it is taken.

        Args:
            name: as wished.
            fold: whether names that differ by case alone meet: an archive may come from a system where they are two files.
        """
        own, number = name, self._numbers.get(name, 1)
        while self._meets(own) or (fold and own.casefold() in self._folded):
            number += 1
            own = f"{number}/{name}"
        if number > 1:
            self._numbers[name] = number
        self._files.add(own)
        self._folders.update(_folders(own))
        if fold:
            self._folded.add(own.casefold())
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
    options: ReadOptions

    def add_named(self, path: Path, name: str) -> None:
        """Adds a file that was named: it is read as text when nothing else is known of it; of an archive, all files in it."""
        shape = shape_of(path.name)
        if shape.archive is not None and path.is_file():
            self._open(path, name, shape)
            return
        form = self.reads_as or shape.format or Format.TEXT
        self.found.files.append(InputFile(path, name, form, self.group, shape.compression))

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
        shape = shape_of(path.name)
        if shape.archive is not None:
            self._open(path, name, shape)
            return
        form = self.reads_as or shape.format
        if form is None:
            self.found.left_aside[path.suffix.lower() or "(no suffix)"] += 1
        else:
            self.found.files.append(InputFile(path, self.prefix + name, form, self.group, shape.compression))

    def _open(self, path: Path, name: str, shape: Shape) -> None:
        """Adds the files in an archive."""
        often: Counter[str] = Counter()
        try:
            for one in listing(path, shape, self.options):
                if isinstance(one, Refused):
                    self._reject(f"{name}/{one.name}" if one.name else name, one.reason, one.detail)
                    continue
                own = shape_of(one.name)
                form = self.reads_as or own.format
                if form is None or one.name.startswith(_RESOURCE_FORKS):
                    self.found.left_aside[PurePosixPath(one.name).suffix.lower() or "(no suffix)"] += 1
                    continue
                whole = f"{self.prefix}{name}/{one.name}"
                again = often[one.name]
                often[one.name] += 1
                self.found.files.append(InputFile(path, whole, form, self.group, own.compression, one, again))
        except OSError as error:
            self._reject(name, "unreadable", f"the archive cannot be read: {error.strerror or error}; check that you may read it")

    def _reject(self, name: str, reason: str, detail: str) -> None:
        self.found.rejections.append(Rejection(Source(self.prefix + name, None, self.prefix + name), reason, detail))
