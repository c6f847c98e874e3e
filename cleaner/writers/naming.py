"""Which output file each input goes to: paths that mirror the inputs, and never two inputs for one path."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from cleaner.readers.tree import InputFile
from cleaner.writers import SUFFIXES, Target, default_target

SHARD = "-{:05}"
"""What is put behind the name of a shard."""
_DEVICES = re.compile(r"(?i)^(?:con|prn|aux|nul|com\d|lpt\d)(?= *(?:\.|$))")
"""Names that Windows keeps for devices, with any suffix."""
_STRANGE = re.compile(r'[<>:"|?*\x00-\x1f\x7f]|[. ]+$')
"""What no file of Windows has in its name (a colon even opens a second stream of the file), or loses at its end."""
_LONGEST_NAME = 255
"""Bytes of a file's name on the file systems in use."""


@dataclass(frozen=True, slots=True)
class Output:
    """Where the documents of an input go.

    Attributes:
        path: path below ``clean/``; for records that become text files, the folder they lie in.
        target: what it is written as.
        per_record: whether each record becomes a file of its own in the folder ``path``.
    """

    path: str
    target: Target
    per_record: bool = False


def name_outputs(files: Sequence[InputFile], to: Target | None, *, shards: bool = False) -> list[Output]:
    """The output of each input, in order.

    The suffix is replaced. Inputs that would meet in one path, or in a path that is another's folder, keep their full name with the
    new suffix behind it; text inputs that go to JSON lines are gathered in one file per argument.

    Args:
        files: the inputs.
        to: what to write; None: what is usual for the format of each.
        shards: whether names leave room for the number of a shard.
    """
    room = len(SHARD.format(0)) if shards else 0
    wanted = [_wanted(file, to, room) for file in files]
    folders = {str(folder) for output in wanted for folder in PurePosixPath(output.path).parents}
    wanted = [
        _beside(output, folders, room) if _gathers(file, output) else output for file, output in zip(files, wanted, strict=True)
    ]
    gathered = {output.path for file, output in zip(files, wanted, strict=True) if _gathers(file, output)}
    meetings = _Meetings((file, output) for file, output in zip(files, wanted, strict=True) if not _gathers(file, output))
    used = {_folded(path) for path in folders | gathered | meetings.alone}
    named: list[Output] = []
    for file, output in zip(files, wanted, strict=True):
        alone = output.path in meetings.alone and output.path not in gathered and output.path not in folders
        if _gathers(file, output) or alone:
            named.append(output)
            continue
        suffix = "" if output.per_record else SUFFIXES[output.target]
        name = _portable(file)
        path = _fitting(name, suffix, room)
        number = 2
        while _folded(path) in used:
            path = _fitting(f"{name}-{number}", suffix, room)
            number += 1
        used.add(_folded(path))
        named.append(Output(path, output.target, output.per_record))
    return named


def record_path(output: Output, record: int) -> str:
    """Path of the text file of one record.

    >>> record_path(Output("news", Target.TEXT, per_record=True), 12)
    'news/000012.txt'
    """
    return f"{output.path}/{record:06}{SUFFIXES[output.target]}"


def shard_path(output: Output, number: int) -> str:
    """Path of one shard of an output, numbered from 1.

    >>> shard_path(Output("a/news.jsonl.gz", Target.JSONL_GZ), 12)
    'a/news-00012.jsonl.gz'
    """
    suffix = SUFFIXES[output.target]
    return output.path.removesuffix(suffix) + SHARD.format(number) + suffix


def _portable(file: InputFile) -> str:
    """The name of an input as a path that every system can have: an archive may hold files that Windows takes for devices, or cannot have."""
    if file.member is None:
        return file.name
    return "/".join(_DEVICES.sub(r"_\g<0>", _STRANGE.sub("_", part)) for part in file.name.split("/"))


class _Meetings:
    """Which outputs meet in one path, also where a file system does not tell case apart.

    Args:
        wanted: inputs that do not share an output, and the output each would have.

    Attributes:
        alone: paths of those that meet no other.
    """

    def __init__(self, wanted: Iterable[tuple[InputFile, Output]]) -> None:
        paths: Counter[str] = Counter()
        places: dict[str, set[str]] = {}
        inputs: dict[str, set[str]] = {}
        for file, output in wanted:
            paths[output.path] += 1
            places.setdefault(_folded(output.path), set()).add(output.path)
            inputs.setdefault(_folded(output.path), set()).add(_folded(file.name))
        # Inputs that differ by case alone lie side by side, so their system tells it apart.
        self.alone = {
            path
            for place, met in places.items()
            for path in met
            if paths[path] == 1 and (len(met) == 1 or len(inputs[place]) == 1)
        }


def _folded(path: str) -> str:
    """A path as file systems see it that do not tell case apart, nor composed letters from others.

    >>> _folded("A/Caf\u00e9.txt") == _folded("a/cafe\u0301.TXT")
    True
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def _fitting(path: str, suffix: str, room: int = 0) -> str:
    """The path with a suffix; a last part that becomes longer than file systems allow is cut, and told apart by its digest."""
    folder, slash, name = path.rpartition("/")
    if len(os.fsencode(name + suffix)) + room > _LONGEST_NAME:
        digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:8]
        name = os.fsencode(name)[: _LONGEST_NAME - len(suffix) - room - len(digest) - 1].decode("utf-8", "ignore") + "-" + digest
    return folder + slash + name + suffix


def _gathers(file: InputFile, output: Output) -> bool:
    return output.target.records and not file.format.records


def _beside(output: Output, folders: Collection[str], room: int) -> Output:
    """The output of gathered texts, under a name that no folder has."""
    path, number = output.path, 1
    while path in folders:
        number += 1
        suffix = SUFFIXES[output.target]
        path = _fitting(f"{output.path.removesuffix(suffix)}-{number}", suffix, room)
    return Output(path, output.target)


def _wanted(file: InputFile, to: Target | None, room: int) -> Output:
    target = to or default_target(file.format)
    name = PurePosixPath(_portable(file))
    stem = str((name.with_suffix("") if file.compression else name).with_suffix(""))
    if not target.records and file.format.records:
        return Output(_fitting(stem, ""), target, per_record=True)
    if target.records and not file.format.records:
        return Output(_fitting(file.group, SUFFIXES[target], room), target)
    return Output(_fitting(stem, SUFFIXES[target], room), target)
