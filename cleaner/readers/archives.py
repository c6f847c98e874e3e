"""Archives, ``.zip`` and ``.tar``: what lies in them, in the order it lies there, and each member as a stream.

Nothing is ever written to the disk, so no name and no link of an archive can lead anywhere; even so, names that try to are told and not
read. An archive that is cut off or damaged gives what is whole before that place.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cleaner.errors import InputError
from cleaner.readers import require_installed
from cleaner.readers.compressed import unpacked
from cleaner.readers.members import Member, Members, Refused
from cleaner.readers.options import ReadOptions
from cleaner.readers.shape import Archive, Shape
from cleaner.readers.tar import Tar
from cleaner.readers.zip import Zip


def open_archive(stream: BinaryIO, shape: Shape, options: ReadOptions) -> Members:
    """An archive, by its name's shape.

    Args:
        stream: as it lies on the disk, with random access.
        shape: which kind it is, and how it is compressed.
        options: limits.

    Raises:
        InputError: it is none, or nothing of it can be read.
    """
    if shape.archive is Archive.TAR:
        return Tar(unpacked(stream, shape.compression, options))
    if shape.compression is not None:
        raise InputError("unsupported", "a compressed zip file is not opened; unpack it first")
    return Zip(stream, options)


def listing(path: Path, shape: Shape, options: ReadOptions) -> Iterator[Member | Refused]:
    """What lies in an archive, in its order; what cannot be read of it too.

    Raises:
        OSError: the disk does not give the file.
        UsageError: it needs a package that is not there.
    """
    if shape.compression is not None:
        require_installed([shape.compression])
    with path.open("rb") as stream:
        try:
            members = open_archive(stream, shape, options)
        except InputError as error:
            yield Refused("", error.reason, error.detail)
            return
        yield from members.listed()
