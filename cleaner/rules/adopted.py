"""Rules that others wrote in formats of their own, read as packs: what comes of a file."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from cleaner.errors import Fault
from cleaner.rules.model import Pack

_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Adopted:
    """What came of a file of somebody else's rules.

    Attributes:
        pack: what can be used; None when nothing can.
        unused: kind of thing that cleaning text cannot use -> how many there are.
        faults: what is wrong in it; the rest is in the pack.
    """

    pack: Pack | None
    unused: Mapping[str, int] = field(default_factory=Counter)
    faults: tuple[Fault, ...] = ()


def slug(name: str) -> str:
    """A name of lower-case letters, digits and single hyphens; different for different names.

    >>> slug("news.example.org"), slug("news-example.org")
    ('news-example-org', 'news-example-org-eb79')
    """
    plain = _SLUG.sub("-", name.lower()).strip("-") or "list"
    if plain.replace("-", ".") == name:
        return plain
    return f"{plain}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:4]}"
