"""Which output file each input goes to: paths that mirror the inputs, and never two inputs for one path."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from cleaner.readers import Format
from cleaner.readers.tree import InputFile
from cleaner.writers import SUFFIXES, Target

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


def name_outputs(files: Sequence[InputFile], to: Target | None) -> list[Output]:
    """The output of each input, in order.

    The suffix is replaced. Inputs that would meet in one path, or in a path that is another's folder, keep their full name with the
    new suffix behind it; text inputs that go to JSON lines are gathered in one file per argument.

    Args:
        files: the inputs.
        to: what to write; None: text for text and HTML, JSON lines for JSON lines.
    """
    wanted = [_wanted(file, to) for file in files]
    folders = {str(folder) for output in wanted for folder in PurePosixPath(output.path).parents}
    wanted = [_beside(output, folders) if _gathers(file, output) else output for file, output in zip(files, wanted, strict=True)]
    gathered = {output.path for file, output in zip(files, wanted, strict=True) if _gathers(file, output)}
    often = Counter(output.path for file, output in zip(files, wanted, strict=True) if not _gathers(file, output))
    used = folders | gathered | {path for path, count in often.items() if count == 1}
    named: list[Output] = []
    for file, output in zip(files, wanted, strict=True):
        alone = often[output.path] == 1 and output.path not in gathered and output.path not in folders
        if _gathers(file, output) or alone:
            named.append(output)
            continue
        suffix = "" if output.per_record else SUFFIXES[output.target]
        path = _fitting(file.name, suffix)
        number = 2
        while path in used:
            path = _fitting(f"{file.name}-{number}", suffix)
            number += 1
        used.add(path)
        named.append(Output(path, output.target, output.per_record))
    return named


def record_path(output: Output, record: int) -> str:
    """Path of the text file of one record.

    >>> record_path(Output("news", Target.TEXT, per_record=True), 12)
    'news/000012.txt'
    """
    return f"{output.path}/{record:06}{SUFFIXES[output.target]}"


def _fitting(path: str, suffix: str) -> str:
    """The path with a suffix; a last part that becomes longer than file systems allow is cut, and told apart by its digest."""
    folder, slash, name = path.rpartition("/")
    if len(os.fsencode(name + suffix)) > _LONGEST_NAME:
        digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:8]
        name = os.fsencode(name)[: _LONGEST_NAME - len(suffix) - len(digest) - 1].decode("utf-8", "ignore") + "-" + digest
    return folder + slash + name + suffix


def _gathers(file: InputFile, output: Output) -> bool:
    return output.target is Target.JSONL and file.format is not Format.JSONL


def _beside(output: Output, folders: Collection[str]) -> Output:
    """The output of gathered texts, under a name that no folder has."""
    path, number = output.path, 1
    while path in folders:
        number += 1
        path = f"{output.path.removesuffix(SUFFIXES[output.target])}-{number}{SUFFIXES[output.target]}"
    return Output(path, output.target)


def _wanted(file: InputFile, to: Target | None) -> Output:
    target = to or (Target.JSONL if file.format is Format.JSONL else Target.TEXT)
    stem = str(PurePosixPath(file.name).with_suffix(""))
    if target is Target.TEXT and file.format is Format.JSONL:
        return Output(stem, target, per_record=True)
    if target is Target.JSONL and file.format is not Format.JSONL:
        return Output(_fitting(file.group, SUFFIXES[target]), target)
    return Output(_fitting(stem, SUFFIXES[target]), target)
