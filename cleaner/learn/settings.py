"""What can be set about learning."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LearnSettings:
    """How much must repeat, and how sure it must be.

    Attributes:
        by: what tells pages of a site: ``"url"``, ``"folder"``, or the name of a record's field; None: the URL where there is one, else
            the folder.
        least_pages: pages a site must have for a pack.
        sure: confidence, 0..1, from which a rule removes.
        worth: confidence from which a rule is written at all; between the two it flags.
        sample: pages of a site that are looked at closely; all are counted.
    """

    by: str | None = None
    least_pages: int = 20
    sure: float = 0.7
    worth: float = 0.5
    sample: int = 600
