"""When Python looks for garbage that refers to itself: seldom, for documents make none, and looking through the rules takes long."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG = 20_000
"""Objects more than before from which on it is looked among the youngest; Python's own figure is 700. About 2 MB."""


@contextmanager
def seldom() -> Iterator[None]:
    """While it lasts, what is there already is not looked through, and what comes is looked through seldom."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(max(YOUNG, before[0]), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
