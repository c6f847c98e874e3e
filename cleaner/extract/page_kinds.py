"""Pages that are no articles: walls, lost pages, log-ins; told by what they say and by how little else they hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

_SHORT = 1200
"""Characters of main text above which a page is an article, whatever it also says."""


class PageKind(Enum):
    """What a page is that is no article."""

    SCRIPT = "needs-script"
    """It asks to switch JavaScript on; what a browser would show is not in the file."""
    CONSENT = "consent-wall"
    """It asks for consent to cookies, and shows nothing else."""
    MISSING = "not-found"
    """It says that there is no such page."""
    LOGIN = "login"
    """It asks to log in or to subscribe."""
    ROBOT = "robot-check"
    """It asks whether the reader is a person."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A page that is no article.

    Attributes:
        kind: what it is.
        evidence: where that was read: ``"title: Page not found"``.
    """

    kind: PageKind
    evidence: str


_SAID: dict[PageKind, re.Pattern[str]] = {
    PageKind.ROBOT: re.compile(
        r"\b(?:are you a (?:robot|human)|not a robot|verify(?:ing)? (?:that )?you are (?:a )?human|checking your browser|unusual traffic"
        r"|just a moment\.\.\.|security check|captcha|access (?:to this page has been )?denied|attention required|request blocked)\b",
        re.IGNORECASE,
    ),
    PageKind.SCRIPT: re.compile(
        r"\b(?:(?:enable|activate|turn on|requires?|need) java ?script|java ?script (?:is|must be|to be) (?:disabled|enabled|required|turned off)"
        r"|without java ?script|java ?script (?:aktivieren|einschalten|ist deaktiviert)|(?:activer|activez) java ?script"
        r"|(?:active|activar|habilitar?) (?:el )?java ?script|browser (?:does not support|has disabled) java ?script)\b",
        re.IGNORECASE,
    ),
    PageKind.MISSING: re.compile(
        r"(?:\b404\b|\b(?:page|article|story|content) (?:was |is |could |can |has )?(?:not (?:be )?found|no longer (?:available|exists?)|(?:been )?removed)"
        r"|\bpage (?:you (?:are|were) (?:looking|trying)|doesn.t exist|does not exist)|\bseite (?:wurde )?(?:nicht gefunden|existiert nicht)"
        r"|\bpage (?:introuvable|non trouvée)|\bpágina (?:no encontrada|não encontrada)|\bpagina non trovata|\bpagina niet gevonden"
        r"|\bhalaman tidak ditemukan|页面不存在|ページが見つかりません|страница не найдена)",
        re.IGNORECASE,
    ),
    PageKind.LOGIN: re.compile(
        r"\b(?:(?:please |you (?:must|need to) )?(?:log ?in|sign ?in) (?:to (?:continue|read|view|access|your)|or (?:register|subscribe|create|sign up))"
        r"|(?:subscribe|register) to (?:continue|keep) reading|already (?:a subscriber|have an account|registered)\?|forgot(?:ten)? (?:your )?password"
        r"|create (?:a free|an) account to|jetzt anmelden|bitte (?:melden sie sich an|loggen sie sich ein)|passwort vergessen"
        r"|connectez-vous|mot de passe oublié|iniciar? sesión|olvid[óo] su contraseña|accedi o registrati)\b",
        re.IGNORECASE,
    ),
    PageKind.CONSENT: re.compile(
        r"\b(?:we (?:and our partners )?(?:use|value|store)[^.]{0,60}(?:cookies|your privacy)|before you continue|accept (?:all )?cookies|cookie (?:settings|preferences|policy)"
        r"|wir (?:und unsere partner )?(?:verwenden|nutzen|benötigen)[^.]{0,60}(?:cookies|zustimmung)|mit werbung (?:weiter)?lesen"
        r"|nous (?:et nos partenaires )?(?:utilisons|stockons)[^.]{0,60}cookies|utilizamos (?:las )?cookies|utilizziamo i cookie)\b",
        re.IGNORECASE,
    ),
}
_IN_TITLE = (PageKind.MISSING, PageKind.ROBOT, PageKind.LOGIN)
"""Kinds that a title tells as well; a title is read as a whole, so that a story about captchas is none."""
_TITLE = re.compile(
    r"(?:(?P<missing>(?:error )?404\b.{0,40}|(?:page|seite|page web|article|story) (?:not found|nicht gefunden|introuvable|unavailable))"
    r"|(?P<robot>just a moment\.{0,3}|attention required!?|access denied|are you a robot\??|security check|robot check)"
    r"|(?P<login>(?:log|sign) ?in|login|anmelden|anmeldung|connexion|iniciar sesión|accedi))(?:\s*[|\-–—:·].{0,80})?$",
    re.IGNORECASE,
)


def kind_of(text: str, title: str, shown: str) -> Seen | None:
    """What a page is that is no article; None for all others.

    Args:
        text: what was taken for its article.
        title: what the page calls itself.
        shown: all that it shows, and what it shows without scripts.

    >>> kind_of("", "Page not found | Daily News", "Home News Sport")
    Seen(kind=<PageKind.MISSING: 'not-found'>, evidence='title: Page not found | Daily News')
    >>> kind_of("The city was found empty. " * 80, "City - 404 days later", "") is None
    True
    """
    if len(text) > _SHORT:
        return None
    told = _TITLE.match(" ".join(title.split()))
    if told is not None:
        kind = {"missing": PageKind.MISSING, "robot": PageKind.ROBOT, "login": PageKind.LOGIN}[told.lastgroup or ""]
        return Seen(kind, f"title: {title.strip()[:120]}")
    for kind, pattern in _SAID.items():
        found = pattern.search(text) or (pattern.search(shown) if not text.strip() else None)
        # An article of some length may speak of passwords; a wall says little else.
        if found is not None and (
            not text.strip()
            or len(found[0]) * 25 > len(text)
            or (kind in (PageKind.MISSING, PageKind.SCRIPT, PageKind.ROBOT) and len(text) < 400)
        ):
            return Seen(kind, f"text: {found[0][:120]}")
    return None
