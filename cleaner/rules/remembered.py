"""What is known of lines that were seen before, as far as that is a matter of the line alone.

A site's lines come again and again: of a dump of whole pages half of the short ones.
"""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """What was found out about the lines seen last, in two generations of which the older is forgotten when the younger is full.

    Args:
        size: lines of a generation.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._young: dict[str, T] = {}
        self._old: dict[str, T] = {}

    def get(self, line: str) -> T | None:
        """What is known of a line; None when it is not remembered."""
        found = self._young.get(line)
        if found is None:
            found = self._old.get(line)
            if found is not None:
                self.put(line, found)
        return found

    def put(self, line: str, found: T) -> None:
        """Remember a line."""
        if len(self._young) >= self._size:
            self._young, self._old = {}, self._young
        self._young[line] = found

    def __reduce__(self) -> tuple[type[Remembered[T]], tuple[int]]:
        """Nothing of it travels between processes."""
        return Remembered, (self._size,)
