"""``cleaner rules add``."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cleaner.cli import configured, like_clean, options
from cleaner.cli.agreement import settle
from cleaner.cli.changes import looking
from cleaner.cli.failure import told
from cleaner.cli.proposal import head_rows, hint_rows, tried_rows
from cleaner.errors import UsageError

if TYPE_CHECKING:
    from cleaner.readers.options import ReadOptions
    from cleaner.rules.model import RuleSet

_KINDS = ("line", "phrase", "block", "tail", "head")
_FOLDER = "rules"
"""Where packs lie unless ``cleaner.toml`` names a folder of them."""

EPILOG = """\b
Examples:
  cleaner rules add 'google cta' --site paper.example --corpus pages
  cleaner rules add 'Advertisement 2' --site paper.example --any-number
  cleaner rules add --from pages/a.txt --line 12-14 --site paper.example
  pbpaste | cleaner rules add --site paper.example --yes
"""


@dataclass(frozen=True, slots=True)
class _Said:
    """What the command line says of where the line comes from."""

    line: str | None
    file: str | None
    numbers: str | None
    record: int | None


@dataclass(frozen=True, slots=True)
class _Where:
    """What the command line and ``cleaner.toml`` say of where the rule goes."""

    path: Path | None
    packs: tuple[str, ...]
    project: tuple[str, ...]
    languages: frozenset[str] | None


@click.command(cls=like_clean.LikeClean, epilog=EPILOG)
@click.argument("line", required=False, metavar="[LINE]")
@click.option("--from", "file", metavar="FILE", help="Take the line from this file ...")
@click.option("--line", "numbers", metavar="N|N-M", help="... the line (or lines) of this number, as `explain` shows them.")
@click.option("--record", type=click.IntRange(min=1), help="Which record of a file of records.")
@click.option("--site", metavar="HOST", help="The site on which the rule is in force.")
@click.option(
    "--pack",
    "path",
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="The pack that gets it. Default: HOST.toml in the folder of packs of cleaner.toml, else in rules.",
)
@click.option("--corpus", multiple=True, metavar="PATH", help="Try it on these files, folders or globs; repeatable.")
@click.option("--any-number", is_flag=True, help="Any number in the place of each.")
@click.option("--any-date", is_flag=True, help="Any date, day, month or time in the place of each.")
@click.option("--any-name", is_flag=True, help="Any name (two or more words with capitals) in the place of each.")
@click.option("--any-address", is_flag=True, help="Any URL, e-mail address or @handle in the place of each.")
@click.option("--generalise", is_flag=True, help="All four.")
@click.option("--kind", type=click.Choice(_KINDS), help="Default: line; block for several lines.")
@click.option("--action", type=click.Choice(["remove", "flag", "keep"]), default="remove", show_default=True)
@click.option("--id", "rule_id", metavar="NAME", help="Name of the rule. Default: made of its words.")
@click.option("--why", metavar="SENTENCE", help="What the thing is, for people who read the audit.")
@click.option("--rules", "packs", multiple=True, metavar="PATH", help="Packs that are in force already; repeatable.")
@options.language_option
@click.option("--workers", type=click.IntRange(min=1), help="Processes. Default: one a processor.")
@click.option("--anyway", is_flag=True, help="Also if a rule in force takes the line already.")
@click.option("--yes", is_flag=True, help="Write it without asking.")
@click.option("--dry-run", is_flag=True, help="Write nothing.")
@like_clean.file_options
def add(
    line: str | None,
    file: str | None,
    numbers: str | None,
    record: int | None,
    site: str | None,
    path: Path | None,
    corpus: tuple[str, ...],
    any_number: bool,
    any_date: bool,
    any_name: bool,
    any_address: bool,
    generalise: bool,
    kind: str | None,
    action: str,
    rule_id: str | None,
    why: str | None,
    packs: tuple[str, ...],
    languages: str | None,
    workers: int | None,
    anyway: bool,
    yes: bool,
    dry_run: bool,
) -> None:
    """Make a rule of a line of junk, try it, and write it into a pack.

    LINE is the junk as it stands in the text; without it, and without --from, it is read from standard input, where it may be
    several lines. Shown are the rule with its examples and, with --corpus, what it takes there that stayed so far, the riskiest
    first, and lines that come near and stay, of which its examples are made.
    """
    from cleaner.rules.model import Action, Kind
    from cleaner.trial.compare import Corpus, Look
    from cleaner.trial.general import Any
    from cleaner.trial.propose import Wish, proposed, with_action, with_keeps
    from cleaner.trial.target import taken_by, target_of, tried

    context = click.get_current_context()
    asks = not yes and not dry_run
    with told():
        read = like_clean.read_options(context)
        if path is not None and not like_clean.is_said(context, "site"):
            # A pack that was named tells its site better than the file of options does.
            site, read = None, replace(read, site=None)
        if file is None and path is None and site is None:
            raise _nowhere()
        lines, host = _lines(_Said(line, file, numbers, record), site, read)
        if asks and not sys.stdin.isatty():
            raise UsageError("nobody can be asked, for standard input is no terminal; give --yes to write, or --dry-run to look")
        general = frozenset(
            one for one, wanted in zip(Any, (any_number, any_date, any_name, any_address), strict=True) if wanted or generalise
        )
        where = _Where(path, packs, configured.project(context), options.language_set(languages))
        target_path = path or _default_path(host, where.project)
        target = target_of(target_path, host, _in_force(target_path, where))
        wish = Wish(lines, general, Kind(kind) if kind else None, rule_id, why, Action(action))
        rule = proposed(wish, target.pack.id, {one.id for one in target.pack.rules})
        by = taken_by(rule, target, host or target.host) if wish.action is Action.REMOVE else None
        if by is not None and not anyway:
            click.echo(
                f"nothing to add: {by} takes it already\n  cleaner rules show {by}   shows that rule\n  --anyway adds this one"
            )
            return
        comparison = None
        if corpus:
            with looking() as progress:
                tried_on = Corpus(corpus, read, home=host or target.host)
                rule, comparison = tried(rule, wish.action, target, tried_on, Look(workers, progress))
        else:
            rule = with_keeps(rule, [])
        if not rule.keeps:
            raise UsageError("no near miss was found that the rule leaves; is it too wide? Make less of it general")
        rule, plain = with_action(rule, wish.action), rule
    rows = [*head_rows(target), *(tried_rows(comparison, plain, wish.action) if comparison else [])]
    click.echo("\n".join([*rows, *hint_rows(plain, general, comparison)]))
    with told():
        settle(target, rule, asks=asks, dry_run=dry_run, in_force=_is_named(target_path, (*where.project, *where.packs)))


def _in_force(path: Path, where: _Where) -> RuleSet:
    """The rules to which the new one comes, those of its own pack included."""
    from cleaner.rules.load import load_rules
    from cleaner.trial.sets import of_languages

    loaded = load_rules(*where.packs, project=where.project)
    if path.exists() and path.resolve() not in {Path(pack.path).resolve() for pack in loaded.packs}:
        loaded = load_rules(*where.packs, path, project=where.project)
    return of_languages(loaded, where.languages)


def _is_named(path: Path, packs: Sequence[str]) -> bool:
    """Whether a file is one of the packs, or lies in a folder of them."""
    own = path.resolve()
    places = [Path(_FOLDER if pack in ("@project", "@all") else pack).resolve() for pack in packs]
    return any(own.is_relative_to(place) for place in places)


def _lines(said: _Said, site: str | None, read: ReadOptions) -> tuple[tuple[str, ...], str | None]:
    """The junk, and the host of its site."""
    from cleaner.rules.scope import page_of
    from cleaner.trial.pointed import lines_at

    host = page_of(site).host if site else None
    if site and (not host or "." not in host):
        raise UsageError(f'--site "{site}" is no host; write it like paper.example')
    if (said.file is None) != (said.numbers is None):
        raise UsageError("--from FILE and --line N go together")
    if said.file is None:
        return tuple((said.line if said.line is not None else _pasted()).split("\n")), host
    if said.line is not None:
        raise UsageError("LINE and --from exclude each other; leave one out")
    numbers = re.fullmatch(r"(\d+)(?:-(\d+))?", said.numbers or "")
    if numbers is None:
        raise UsageError(f"--line {said.numbers}: is no number, nor two like 12-14")
    pointed = lines_at(said.file, said.record, (int(numbers[1]), int(numbers[2] or numbers[1])), read)
    return pointed.lines, host or pointed.host


def _pasted() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.buffer.read().decode("utf-8-sig", "replace").strip("\n")
    click.echo("Paste the line (or lines), then an empty line:", err=True)
    rows: list[str] = []
    for row in sys.stdin:
        if not row.strip():
            break
        rows.append(row.rstrip("\r\n"))
    return "\n".join(rows)


def _nowhere() -> UsageError:
    return UsageError("say where the rule is in force: --site HOST; or --pack PATH, for a pack that tells it itself")


def _default_path(host: str | None, project: Sequence[str]) -> Path:
    """Where the pack of a site lies."""
    if host is None:
        raise _nowhere()
    folder = next((Path(place) for place in project if Path(place).is_dir()), Path(_FOLDER))
    return folder / f"{host}.toml"
