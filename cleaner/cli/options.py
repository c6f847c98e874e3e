"""Options that several commands have, and how they become settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from cleaner.rules.model import RuleSet

F = TypeVar("F", bound=Callable[..., Any])


def rule_options(command: F) -> F:
    """``--rules``, ``--no-rules``, ``--site``, ``--language``."""
    for option in (
        click.option(
            "--language",
            "languages",
            metavar="CODES",
            help="Only packs of these languages are in force, e.g. en,de. Default: all.",
        ),
        click.option("--site", metavar="HOST", help="The site of all inputs. Default: the url field, else text markers."),
        click.option("--no-rules", is_flag=True, help="No rules: repair and duplicates only."),
        click.option(
            "--rules",
            "packs",
            multiple=True,
            metavar="PATH",
            help="A pack or a folder of packs, over the bundled ones; repeatable.",
        ),
    ):
        command = option(command)
    return command


def load(packs: tuple[str, ...], *, no_rules: bool) -> RuleSet:
    """The packs that options name.

    Raises:
        RuleFaults: with every fault.
        click.UsageError: ``--rules`` and ``--no-rules`` together.
    """
    from cleaner.rules.load import load_rules

    if no_rules:
        if packs:
            raise click.UsageError("--rules and --no-rules exclude each other; leave one out")
        return RuleSet()
    return load_rules(*packs)


def language_set(languages: str | None) -> frozenset[str] | None:
    """The codes of a comma-separated list.

    >>> sorted(language_set("en, DE"))
    ['de', 'en']
    """
    if languages is None:
        return None
    return frozenset(code.strip().lower() for code in languages.split(",") if code.strip())
