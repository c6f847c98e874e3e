"""Options that several commands have, and how they become settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from cleaner.evidence.settings import Doubtful, EvidenceSettings, Keep, Strength
from cleaner.extract.settings import MAX_SECONDS, ExtractSettings
from cleaner.readers.fields import TEXT, fold_name
from cleaner.readers.options import MAX_DOCUMENT, ReadOptions
from cleaner.rules.model import RuleSet

F = TypeVar("F", bound=Callable[..., Any])


def field_options(command: F) -> F:
    """``--text-field`` and the names of other fields; a command takes them as ``**fields``."""
    for option in (
        click.option("--language-field", metavar="NAME", help="Field that holds its language."),
        click.option("--date-field", metavar="NAME", help="Field that tells when it was published."),
        click.option("--url-field", metavar="NAME", help="Field that holds its URL, which tells the site."),
        click.option("--id-field", metavar="NAME", help="Field by which people know it."),
        click.option("--html-field", metavar="NAME", help="Field that holds its page, read where there is no text."),
        click.option(
            "--text-field",
            metavar="NAME",
            help="Field or column that holds a record's text. Default, as for the next five: by common names (text, body, html, id, url ...).",
        ),
    ):
        command = option(command)
    return command


def read_options(
    site: str | None, fields: Mapping[str, str | None], max_document: int = MAX_DOCUMENT, *, drop_html: bool = False
) -> ReadOptions:
    """How inputs are read, as the options say it."""
    return ReadOptions(
        site=site,
        text_field=fields["text_field"],
        html_field=fields["html_field"],
        id_field=fields["id_field"],
        url_field=fields["url_field"],
        date_field=fields["date_field"],
        language_field=fields["language_field"],
        drop_html=drop_html,
        max_document=max_document,
    )


def check_meta_field(meta_field: str, fields: Mapping[str, str | None]) -> None:
    """Makes sure that what was done to a record is not written over its text.

    Raises:
        click.UsageError: it would be.
    """
    text_field = fields["text_field"]
    if meta_field == text_field or (text_field is None and fold_name(meta_field) in TEXT):
        said = "--text-field are both" if text_field is not None else "the text's field may both be"
        raise click.UsageError(f'--meta-field and {said} "{meta_field}", so the text would be lost; choose another')


def language_option(command: F) -> F:
    """``--language``."""
    return click.option(
        "--language",
        "languages",
        metavar="CODES",
        help="Only packs of these languages are in force, e.g. en,de. Default: all.",
    )(command)


def rule_options(command: F) -> F:
    """``--rules``, ``--no-rules``, ``--site``, ``--language``."""
    for option in (
        language_option,
        click.option("--site", metavar="HOST", help="The site of all inputs. Default: the url field, else text markers."),
        click.option("--no-rules", is_flag=True, help="No rules and no evidence: repair and duplicates only."),
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


def evidence_options(command: F) -> F:
    """``--strength``, ``--doubtful``, ``--keep``."""
    for option in (
        click.option(
            "--keep",
            "kept",
            metavar=",".join(kept.value for kept in Keep),
            multiple=True,
            help="What stays in any case, also from rules; with commas, or repeatable.",
        ),
        click.option(
            "--doubtful",
            type=click.Choice([doubtful.value for doubtful in Doubtful]),
            default=Doubtful.FLAG.value,
            show_default=True,
            help="What happens to lines that evidence is not sure of.",
        ),
        click.option(
            "--strength",
            type=click.Choice([strength.value for strength in Strength]),
            default=Strength.DEFAULT.value,
            show_default=True,
            help="How much evidence may take beyond what rules name; rules: nothing.",
        ),
    ):
        command = option(command)
    return command


def evidence(strength: str, doubtful: str, kept: tuple[str, ...], *, no_rules: bool) -> EvidenceSettings:
    """What evidence decides, as the options say it; without rules it is not asked.

    Raises:
        click.UsageError: ``--keep`` names what there is not, or ``--strength`` and ``--no-rules`` contradict each other.
    """
    chosen = Strength(strength)
    if no_rules:
        source = click.get_current_context().get_parameter_source("strength")
        if chosen is not Strength.RULES and source is not ParameterSource.DEFAULT:
            raise click.UsageError("--strength and --no-rules exclude each other; leave one out")
        chosen = Strength.RULES
    return EvidenceSettings(chosen, Doubtful(doubtful), kept_things(kept))


def kept_things(lists: tuple[str, ...]) -> frozenset[Keep]:
    """The things that comma-separated lists name.

    Raises:
        click.UsageError: a word names none of them.

    >>> kept_things(("captions", "Captions, captions"))
    frozenset({<Keep.CAPTIONS: 'captions'>})
    """
    found: set[Keep] = set()
    choices = ", ".join(kept.value for kept in Keep)
    for word in filter(None, (word.strip() for one in lists for word in one.split(","))):
        try:
            found.add(Keep(word.lower()))
        except ValueError:
            raise click.UsageError(f'--keep "{word}": there is no such thing; choose from: {choices}') from None
    return frozenset(found)


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


def extract(
    kept: tuple[str, ...], *, fast: bool = False, markdown: bool = False, left_out: bool = True, max_seconds: float = MAX_SECONDS
) -> ExtractSettings:
    """How articles are taken out of HTML pages, as the options say it."""
    things = kept_things(kept)
    return ExtractSettings(
        fast=fast,
        markdown=markdown,
        captions=Keep.CAPTIONS in things,
        tables=Keep.TABLES in things,
        comments=Keep.COMMENTS in things,
        left_out=left_out,
        max_seconds=max_seconds,
    )


def language_set(languages: str | None) -> frozenset[str] | None:
    """The codes of a comma-separated list.

    >>> sorted(language_set("en, DE"))
    ['de', 'en']
    """
    if languages is None:
        return None
    return frozenset(code.strip().lower() for code in languages.split(",") if code.strip())
