"""``cleaner rules add``."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cleaner.cli.changes import WIDTH, counted, cut, group_rows, looking
from cleaner.cli.failure import told
from cleaner.errors import CleanerError, UsageError

if TYPE_CHECKING:
    from cleaner.rules.model import Action, Pack, Rule, RuleSet
    from cleaner.trial.compare import Comparison
    from cleaner.trial.general import Any as General

_MOST = 5
"""Lines that are shown of those that go, and of those that come near."""
_KINDS = ("line", "phrase", "block", "tail", "head")

EPILOG = """\b
Examples:
  cleaner rules add 'google cta' --site paper.example --corpus pages
  cleaner rules add 'Advertisement 2' --site paper.example --any-number
  cleaner rules add --from pages/a.txt --line 12-14 --site paper.example
  pbpaste | cleaner rules add --site paper.example --yes
"""


@dataclass(frozen=True, slots=True)
class _Target:
    """The pack that gets the rule.

    Attributes:
        path: its file.
        data: what stands in it, or the head of a new one.
        pack: what that says.
        new: whether there is no such file yet.
    """

    path: Path
    data: bytes
    pack: Pack
    new: bool


@dataclass(frozen=True, slots=True)
class _Said:
    """What the command line says of where the line comes from."""

    line: str | None
    file: str | None
    numbers: str | None
    record: int | None
    yes: bool
    dry_run: bool


@click.command(epilog=EPILOG)
@click.argument("line", required=False, metavar="[LINE]")
@click.option("--from", "file", metavar="FILE", help="Take the line from this file ...")
@click.option("--line", "numbers", metavar="N|N-M", help="... the line (or lines) of this number, as `explain` shows them.")
@click.option("--record", type=click.IntRange(min=1), help="Which record of a file of records.")
@click.option("--site", metavar="HOST", help="The site on which the rule is in force.")
@click.option(
    "--pack", "path", metavar="PATH", type=click.Path(path_type=Path), help="The pack that gets it. Default: rules/HOST.toml."
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
@click.option("--workers", type=click.IntRange(min=1), help="Processes. Default: one a processor.")
@click.option("--anyway", is_flag=True, help="Also if a rule in force takes the line already.")
@click.option("--yes", is_flag=True, help="Write it without asking.")
@click.option("--dry-run", is_flag=True, help="Write nothing.")
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
    from cleaner.rules.load import load_rules
    from cleaner.rules.model import Action, Kind
    from cleaner.trial.general import Any
    from cleaner.trial.propose import Wish, proposed, with_action

    said = _Said(line, file, numbers, record, yes, dry_run)
    with told():
        lines, host = _lines(said, site)
        general = frozenset(
            one for one, wanted in zip(Any, (any_number, any_date, any_name, any_address), strict=True) if wanted or generalise
        )
        target_path = path or _default_path(host)
        there = [str(target_path)] if target_path.exists() else []
        in_force = load_rules(*packs, *(one for one in there if _named(one, packs)))
        target = _target(target_path, host, in_force)
        wish = Wish(lines, general, Kind(kind) if kind else None, rule_id, why, Action(action))
        rule = proposed(wish, target.pack.id, {one.id for one in target.pack.rules})
        by = _taken_by(rule, in_force, host or next(iter(target.pack.hosts), None)) if wish.action is Action.REMOVE else None
        if by is not None and not anyway:
            click.echo(
                f"nothing to add: {by} takes it already\n  `cleaner rules show {by}` shows that rule; --anyway adds this one"
            )
            return
        rule, comparison = _tried(rule, wish.action, target, in_force, corpus, host, workers)
        if not rule.keeps:
            raise UsageError("no near miss was found that the rule leaves; is it too wide? Make less of it general")
        rule, plain = with_action(rule, wish.action), rule
    rows = [*_head(target), *(_told(comparison, plain, wish.action) if comparison else []), *_hints(plain, general, comparison)]
    click.echo("\n".join(rows))
    with told():
        _write(target, rule, said)


def _named(path: str, packs: tuple[str, ...]) -> bool:
    """Whether a file is not among the packs, or below them."""
    own = Path(path).resolve()
    return not any(own == Path(pack).resolve() or own.is_relative_to(Path(pack).resolve()) for pack in packs)


def _lines(said: _Said, site: str | None) -> tuple[tuple[str, ...], str | None]:
    """The junk, and the host of its site."""
    from cleaner.rules.scope import page_of
    from cleaner.trial.pointed import lines_at

    host = page_of(site).host if site else None
    if site and (not host or "." not in host):
        raise UsageError(f'--site "{site}" is no host; write it like paper.example')
    if (said.file is None) != (said.numbers is None):
        raise UsageError("--from FILE and --line N go together")
    if said.file is not None:
        if said.line is not None:
            raise UsageError("LINE and --from exclude each other; leave one out")
        numbers = re.fullmatch(r"(\d+)(?:-(\d+))?", said.numbers or "")
        if numbers is None:
            raise UsageError(f"--line {said.numbers}: is no number, nor two like 12-14")
        pointed = lines_at(said.file, said.record, int(numbers[1]), int(numbers[2] or numbers[1]))
        lines, host = pointed.lines, host or pointed.host
    else:
        lines = tuple((said.line if said.line is not None else _pasted()).split("\n"))
    asks = not said.yes and not said.dry_run
    if asks and not sys.stdin.isatty():
        raise UsageError("nobody can be asked, for standard input is no terminal; give --yes to write, or --dry-run to look")
    return lines, host


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


def _default_path(host: str | None) -> Path:
    if host is None:
        raise UsageError("say where the rule is in force: --site HOST; or --pack PATH, for a pack that tells it itself")
    return Path("rules") / f"{host}.toml"


def _target(path: Path, host: str | None, in_force: RuleSet) -> _Target:
    """The pack that gets the rule.

    Raises:
        UsageError: it is in force elsewhere.
        RuleFaults: it has faults.
    """
    from cleaner.rules.model import Level
    from cleaner.trial.packfile import new_pack, parsed

    if path.exists():
        data = path.read_bytes()
        pack = parsed(data, str(path))
        if host and pack.hosts and not any(host == own or host.endswith("." + own) for own in pack.hosts):
            raise UsageError(
                f"{path} is in force on {', '.join(pack.hosts)}, not on {host}; name another --pack, or add the host there"
            )
        return _Target(path, data, pack, new=False)
    taken = {pack.id for pack in in_force.packs}
    name = re.sub(r"[^a-z0-9]+", "-", (host or path.stem).lower()).strip("-") or "own"
    while name in taken:
        name += "-own"
    data = new_pack(name, host).encode()
    return _Target(path, data, replace(parsed(data, str(path)), level=Level.USER), new=True)


def _taken_by(rule: Rule, in_force: RuleSet, host: str | None) -> str | None:
    """The rule in force that takes the whole of it already, wherever it stands."""
    from cleaner.document import Document, RuleFired, Source
    from cleaner.rules.model import Kind
    from cleaner.rules.scope import Page
    from cleaner.strip import Stripper

    text = rule.removes[0]
    document = Stripper(in_force).strip(Document(Source(""), text), Page(host or ""))
    kinds = {one.name: one for _, one in in_force.rules()}
    names = [mark.cause.rule for mark in document.removals if isinstance(mark.cause, RuleFired)]
    anywhere = [name for name in names if kinds[name].kind is Kind.LINE and not kinds[name].first and not kinds[name].last]
    return anywhere[0] if names and len(anywhere) == len(names) and not document.clean_text.strip() else None


def _tried(
    rule: Rule, action: Action, target: _Target, in_force: RuleSet, corpus: tuple[str, ...], host: str | None, workers: int | None
) -> tuple[Rule, Comparison | None]:
    """The rule with its near misses, and what it does in a corpus."""
    from cleaner.rules.fold import fold_blanks
    from cleaner.trial.change import What
    from cleaner.trial.compare import Corpus, Look, compare
    from cleaner.trial.nearby import Sought
    from cleaner.trial.propose import with_keeps, with_removes
    from cleaner.trial.sets import with_rule

    if not corpus:
        return with_keeps(rule, []), None
    home = host or next(iter(target.pack.hosts), None)
    texts = tuple(fold_blanks(line) for line in rule.removes[0].split("\n"))
    after = with_rule(in_force, target.pack, replace(rule, action=action))
    with looking() as progress:
        comparison = compare(Corpus(corpus, home=home), in_force, after, sought=Sought(texts), look=Look(workers, progress))
    gained = [group.change.text for group in comparison.of(What.GAINED, rule.name) if group.change.whole]
    return with_keeps(with_removes(rule, gained), comparison.near), comparison


def _head(target: _Target) -> list[str]:
    pack = target.pack
    where = (
        f"in force on {', '.join(pack.hosts)}"
        if pack.hosts
        else "in force by its markers"
        if pack.markers
        else "in force everywhere"
    )
    state = "new" if target.new else counted(len(pack.rules), "rule") + " so far"
    return [click.style(str(target.path), bold=True), f"  {state}, {where}"]


def _told(comparison: Comparison, rule: Rule, action: Action) -> list[str]:
    """What the rule does in the corpus, and what comes near."""
    from cleaner.rules.model import Action
    from cleaner.trial.change import What

    what = What.GAINED if action is Action.REMOVE else What.FLAGGED if action is Action.FLAG else What.LOST
    groups = comparison.of(what)
    counts = [one for one in comparison.counts if one.what is what]
    lines = sum(one.lines for one in counts)
    of = counted(comparison.documents, "document")
    verb = {What.GAINED: "It takes", What.FLAGGED: "It flags", What.LOST: "It saves"}[what]
    rows = [
        "",
        f"{verb} {counted(lines, 'line')} in {sum(one.documents for one in counts):,} of {of}:"
        if lines
        else f"{verb} nothing in {of}.",
    ]
    rows += group_rows(groups, _MOST, around=True, colour="red")
    others = sum(one.lines for one in comparison.counts if one.what is What.OTHER_RULE)
    rows += [f"{counted(others, 'line')} went already by other rules, and now by this one."] if others else []
    if comparison.rejected:
        rows.append(f"{counted(comparison.rejected, 'input')} could not be read.")
    near = comparison.near[:_MOST]
    rows += ["", "These come near, and stay:"] if near else []
    for one in near:
        rows.append("  " + cut(one.text, WIDTH - 2))
        detail = _stopped(rule, one.text)
        rows.append(
            " " * 4
            + click.style(cut(f"{cut(one.document, 30)}:{one.line}" + (f", {detail}" if detail else ""), WIDTH - 4), dim=True)
        )
    return rows


def _stopped(rule: Rule, line: str) -> str:
    """What stopped the rule there."""
    from cleaner.rules.model import Level, Pack
    from cleaner.rules.near import LineInPage, near_misses

    pack = Pack(rule.pack, "1", "", Level.USER, rule.topic, rules=(rule,))
    misses = near_misses([pack], LineInPage(line, frozenset()))
    return misses[0].detail.partition(": ")[0] if misses else ""


def _hints(rule: Rule, general: frozenset[General], comparison: Comparison | None) -> list[str]:
    from cleaner.rules.fold import fold_blanks
    from cleaner.rules.model import Kind
    from cleaner.trial.change import What
    from cleaner.trial.general import holds

    rows: list[str] = []
    could = holds(fold_blanks(rule.removes[0])) - general
    if could and rule.kind is not Kind.PHRASE:
        names = sorted(one.value for one in could)
        rows.append(f"It holds a {' and a '.join(names)}; {', '.join('--any-' + name for name in names)} takes its like too.")
    if (
        comparison
        and rule.kind is Kind.LINE
        and not comparison.lines(What.GAINED)
        and any(one.rank == 3 for one in comparison.near)
    ):
        rows.append("It never stands alone on a line here; --kind phrase cuts it out of lines that hold it.")
    return ["", *rows] if rows else []


def _write(target: _Target, rule: Rule, said: _Said) -> None:
    from cleaner.rules.load import bundled_schema, load_rules
    from cleaner.trial.packfile import appended, checked, rule_text, write

    text = rule_text(rule)
    checked(appended(target.data, text), str(target.path), rule.id)
    click.echo("\n" + text.rstrip("\n") + "\n")
    if said.dry_run:
        click.echo("nothing was written (--dry-run)")
        return
    if not said.yes:
        agreed = _agreed(target, text)
        if agreed is None:
            click.echo("nothing was written")
            return
        text = agreed
    if not target.new and target.path.read_bytes() != target.data:
        raise UsageError(f"{target.path} was changed meanwhile; nothing was written, try again")
    write(target.path, appended(target.data, text), schema=bundled_schema() if target.new else None)
    pack = next(pack for pack in load_rules(target.path, bundled=False).packs)
    click.echo(f"written to {target.path}: {counted(len(pack.rules), 'rule')}, each does what its examples say")
    if target.new:
        click.echo(f"to use it: cleaner clean INPUT --out DIR --rules {target.path}")


def _agreed(target: _Target, text: str) -> str | None:
    """The rule's text as it is to be written; None: not at all."""
    from cleaner.trial.packfile import appended, checked

    while True:
        answer = click.prompt(
            "Write it? y yes, e edit, n no", default="n", type=click.Choice(["y", "e", "n"]), show_choices=False
        )
        if answer == "y":
            return text
        if answer == "n":
            return None
        edited = click.edit(text, extension=".toml") or text
        try:
            names = re.findall(r'^id\s*=\s*["\']([^"\']*)', edited, re.MULTILINE)
            checked(appended(target.data, edited), str(target.path), names[0] if names else "")
        except CleanerError as error:
            click.echo(str(error), err=True)
            continue
        text = edited if edited.endswith("\n") else edited + "\n"
        click.echo("\n" + text)
