"""From input files to documents, through archives and compression: each file opened when its turn comes, and one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from cleaner.document import Raw, Rejection, Source
from cleaner.errors import InputError, UsageError
from cleaner.readers import READERS, require_installed
from cleaner.readers.archives import listing, open_archive
from cleaner.readers.compressed import unpacked
from cleaner.readers.members import Member, Members
from cleaner.readers.options import ReadOptions
from cleaner.readers.shape import Format, Shape, shape_of
from cleaner.readers.tree import InputFile


def _plain(path: Path) -> BinaryIO:
    return path.open("rb")


def read_files(
    files: Sequence[InputFile], options: ReadOptions, opener: Callable[[Path], BinaryIO] = _plain
) -> Iterator[tuple[int, Raw | Rejection | None]]:
    """Every document of every file, in order: the number of the file, and what was read; None where a file begins."""
    opened = _Opened(options, opener)
    try:
        for number, file in enumerate(files):
            yield number, None
            try:
                with opened.stream(file) as stream:
                    for item in READERS[file.format](stream, file.name, options):
                        yield number, item
            except InputError as error:
                yield number, Rejection(Source(file.name, None, file.name), error.reason, error.detail)
            except OSError as error:
                detail = f"cannot be read: {error.strerror or error}; check that it exists and that you may read it"
                yield number, Rejection(Source(file.name, None, file.name), "unreadable", detail)
    finally:
        opened.close()


@contextmanager
def one_stream(path: str, reads_as: Format | None, options: ReadOptions) -> Iterator[tuple[BinaryIO, Format]]:
    """One file, open and unpacked, and how it is to be read; ``archive.zip/member.txt`` names a file in an archive.

    Raises:
        UsageError: there is no such file, or the archive holds no such member, or cannot be read.
    """
    place, inside = _parted(path)
    shape = shape_of(place.name)
    opened = _Opened(options)
    try:
        if inside is None and shape.archive is None:
            file = InputFile(place, place.name, reads_as or shape.format or Format.TEXT, "", shape.compression)
        else:
            file = _member(place, shape, inside, reads_as, options)
        require_installed([file.format, *filter(None, [file.compression])])
        with opened.stream(file) as stream:
            yield stream, file.format
    except InputError as error:
        raise UsageError(f"{path} cannot be read: {error.detail}") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error
    finally:
        opened.close()


def _parted(path: str) -> tuple[Path, str | None]:
    """An archive's path and what is named in it; without an archive the path alone."""
    whole = Path(path)
    for place in (whole, *whole.parents):
        if place.is_file():
            return place, whole.relative_to(place).as_posix() if place != whole else None
    return whole, None


def _member(place: Path, shape: Shape, inside: str | None, reads_as: Format | None, options: ReadOptions) -> InputFile:
    if shape.archive is None:
        raise UsageError(f"{place} is no archive, so there is no {inside} in it")
    found = [one for one in listing(place, shape, options) if isinstance(one, Member)]
    if inside is None:
        some = ", ".join(one.name for one in found[:3]) or "none"
        raise UsageError(
            f"{place} is an archive of {len(found):,} files ({some}); name one of them: {place}/{(found or [Member(0, 'NAME')])[0].name}"
        )
    member = next((one for one in found if one.name == inside), None)
    if member is None:
        raise UsageError(f"{place} holds no file {inside} that can be read")
    own = shape_of(member.name)
    return InputFile(place, member.name, reads_as or own.format or Format.TEXT, "", own.compression, member)


class _Opened:
    """Opens files; an archive stays open while its members follow one another."""

    def __init__(self, options: ReadOptions, opener: Callable[[Path], BinaryIO] = _plain) -> None:
        self._options = options
        self._opener = opener
        self._path: Path | None = None
        self._members: Members | None = None
        self._place = -1
        self._stack = ExitStack()

    @contextmanager
    def stream(self, file: InputFile) -> Iterator[BinaryIO]:
        """The bytes of a file, unpacked."""
        if file.member is None:
            self.close()
            with self._opener(file.path) as raw:
                yield unpacked(raw, file.compression, self._options)
            return
        members = self._archive(file.path, file.member.place)
        self._place = file.member.place
        with members.open(file.member.place) as raw:
            yield unpacked(raw, file.compression, self._options)

    def close(self) -> None:
        """Closes the archive, if one is open."""
        self._stack.close()
        self._path, self._members = None, None

    def _archive(self, path: Path, place: int) -> Members:
        if self._members is None or self._path != path or place <= self._place:
            self.close()
            stream = self._stack.enter_context(self._opener(path))
            self._members = open_archive(stream, shape_of(path.name), self._options)
            self._path = path
        return self._members
