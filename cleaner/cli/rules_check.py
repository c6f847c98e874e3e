"""``cleaner rules check``."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cleaner.cli.changes import counted, looking
from cleaner.cli.columns import on_terminal
from cleaner.cli.failure import WRONG, told
from cleaner.errors import RuleFaults, UsageError

if TYPE_CHECKING:
    from cleaner.rules.model import RuleSet
    from cleaner.trial.lint import Finding

_FORMATS = ("text", "concise", "json", "github")

EPILOG = """\b
Examples:
  cleaner rules check rules
  cleaner rules check rules --corpus pages --strict --ignore R201
  cleaner rules check rules --format github
  cleaner rules check rules --runs cleaned-monday cleaned-tuesday
"""


@click.command(epilog=EPILOG)
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--corpus", multiple=True, metavar="PATH", help="Also see what each rule does on these files or folders; repeatable."
)
@click.option(
    "--runs", multiple=True, metavar="DIR", help="Also see which rules no longer fire in the last of these runs; repeatable."
)
@click.option("--site", metavar="HOST", help="The site of documents of the corpus of which nothing tells it.")
@click.option("--ignore", multiple=True, metavar="CODE,...", help="Leave out findings of these codes; repeatable.")
@click.option("--strict", is_flag=True, help="Advice, too, makes the status 2.")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", show_default=True, help="How findings are told.")
@click.option("--codes", is_flag=True, help="List the codes, and what they mean.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes. Default: one a processor.")
def check(
    paths: tuple[str, ...],
    corpus: tuple[str, ...],
    runs: tuple[str, ...],
    site: str | None,
    ignore: tuple[str, ...],
    strict: bool,
    form: str,
    codes: bool,
    workers: int | None,
) -> None:
    """Check packs, and every rule by its own examples.

    PATH is a pack or a folder of packs; without one, the bundled packs are checked. Faults make the status 2; advice does not.
    """
    from cleaner.rules.load import load_rules
    from cleaner.rules.model import Level, RuleSet
    from cleaner.trial import lint
    from cleaner.trial.lint_runs import lint_runs

    if codes:
        for code, (severity, meaning) in lint.CODES.items():
            click.echo(f"{code}  {severity.value:<6}  {meaning}")
        return
    with told():
        left_out = _left_out(ignore, lint.CODES)
        try:
            loaded = load_rules(*paths)
        except RuleFaults as error:
            if form == "text":
                raise
            _tell(lint.load_faults(error.faults), form)
            raise SystemExit(WRONG) from error
        checked = RuleSet(tuple(pack for pack in loaded.packs if pack.level is Level.USER)) if paths else loaded
        found = [*lint.lint(loaded, checked), *_tried(loaded, checked, corpus, site, workers)]
        found += lint_runs([Path(run) for run in runs], checked) if runs else []
    kept = [one for one in found if one.code not in left_out]
    if form in {"json", "github", "concise"}:
        _tell(kept, form)
    _end(kept, checked, form, strict=strict)


def _left_out(ignore: tuple[str, ...], known: dict[str, object] | object) -> frozenset[str]:
    codes = frozenset(code.strip().upper() for one in ignore for code in one.split(",") if code.strip())
    unknown = sorted(code for code in codes if isinstance(known, dict) and code not in known)
    if unknown:
        raise UsageError(f"--ignore {', '.join(unknown)}: there is no such code; --codes lists them")
    return codes


def _tried(loaded: RuleSet, checked: RuleSet, corpus: tuple[str, ...], site: str | None, workers: int | None) -> list[Finding]:
    if not corpus:
        return []
    from cleaner.rules.scope import page_of
    from cleaner.trial.compare import Corpus, Look
    from cleaner.trial.lint import lint_on

    home = page_of(site).host if site else None
    with looking() as progress:
        return list(lint_on(Corpus(corpus, home=home), loaded, checked, Look(workers, progress)))


def _tell(findings: Sequence[Finding], form: str) -> None:
    """The findings for machines, and ``concise`` for both."""
    for one in findings:
        fault, level = one.fault, one.severity.value
        about = ": ".join(part for part in (fault.rule, fault.field, fault.problem) if part)
        if form == "json":
            row = {"code": one.code, "severity": level, "path": fault.path, "line": one.line}
            click.echo(json.dumps({**row, "rule": fault.rule, "field": fault.field, "problem": fault.problem}))
        elif form == "github":
            sort = "error" if level == "fault" else "warning"
            place = f"file={_property(fault.path)}" + (f",line={one.line}" if one.line else "")
            click.echo(f"::{sort} {place},title={one.code}::{_data(about)}")
        else:
            click.echo(f"{fault.path}:{one.line or 1}: {one.code} {about}")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _end(findings: Sequence[Finding], checked: RuleSet, form: str, *, strict: bool) -> None:
    """The findings for people, how many there are, and the status."""
    from cleaner.trial.lint import Severity

    faults = [one for one in findings if one.severity is Severity.FAULT]
    hints = [one for one in findings if one.severity is Severity.ADVICE]
    count = counted(sum(len(pack.rules) for pack in checked.packs), "rule")
    if form == "text":
        for one in faults:
            click.echo(on_terminal(str(one.fault), sys.stderr), err=True)
        for one in hints:
            click.echo(on_terminal(f"advice: {one.fault}", sys.stderr), err=True)
    if faults:
        click.echo(f"{counted(len(faults), 'fault')} in {count}", err=True)
        raise SystemExit(WRONG)
    if hints and strict:
        click.echo(f"{counted(len(hints), 'piece')} of advice in {count}, and --strict", err=True)
        raise SystemExit(WRONG)
    if form == "text":
        untested = sum(not rule.removes and not rule.keeps for pack in checked.packs for rule in pack.rules)
        but = f"; {untested:,} of others' rules have none" if untested else ""
        click.echo(f"{count} in {counted(len(checked.packs), 'pack')}: every rule does what its examples say{but}")
