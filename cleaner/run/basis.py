"""What the marks of documents depend on beside the documents: by it a run that goes on knows whether what was prepared still holds."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from cleaner._version import __version__
from cleaner.rules.load import bundled_folder
from cleaner.rules.model import RuleSet
from cleaner.run.told import versions
from cleaner.settings import CleanSettings

_DATA = ("evidence", "html")
"""Folders of what is bundled beside packs: weights, names and lists of words."""
_AFTERWARDS = frozenset(["duplicates"])
"""Settings that do not matter before documents are compared."""
CALLED = {
    "form": "another version of cleaner wrote the journal",
    "version": "another version of cleaner",
    "libraries": "other versions of Python or of libraries",
    "data": "other weights or lists of words",
    "rules": "other rules",
    "settings": "other settings",
}
"""What each part of the basis is called when it has changed."""


def basis(rules: RuleSet, settings: CleanSettings) -> dict[str, Any]:
    """All of it, as plain JSON values.

    Args:
        rules: the packs.
        settings: what makes the clean text.
    """
    return {
        "version": __version__,
        "libraries": versions(),
        "data": _digest(),
        "rules": rules.fingerprint,
        "settings": {name: one for name, one in _plain(settings).items() if name not in _AFTERWARDS},
    }


def _digest() -> str:
    """Of the bundled data."""
    found = hashlib.sha256()
    for folder in _DATA:
        top = bundled_folder() / folder
        for path in sorted(path for path in top.rglob("*") if path.is_file()):
            data = path.read_bytes()
            found.update(f"{path.relative_to(top).as_posix()}\0{len(data)}\0".encode() + data)
    return found.hexdigest()


def _plain(value: Any) -> Any:
    """A value of the settings as plain JSON.

    >>> _plain(CleanSettings())["extract"]["markdown"]
    False
    """
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (set, frozenset)):
        return sorted(map(_plain, value))
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, (str, int, float, bool, type(None))):
        return value
    raise TypeError(f"{value!r} has no plain form; say here what it is")
