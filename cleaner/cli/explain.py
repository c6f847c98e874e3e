"""``cleaner explain``."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from cleaner.cli import configured, like_clean, options
from cleaner.cli.columns import columns, cut
from cleaner.cli.failure import told
from cleaner.cli.why import like, told_line
from cleaner.readers import Format, require_installed
from cleaner.readers.compressed import detected, unpacked
from cleaner.readers.files import one_stream
from cleaner.readers.options import ReadOptions
from cleaner.settings import CleanSettings

if TYPE_CHECKING:
    from cleaner.rules.near import NearMiss
    from cleaner.run.lines import Explained, Line, Weighed

_MARKS = {"kept": " ", "removed": "-", "partly": "±", "flagged": "?", "blank": " "}
_COLOURS = {"kept": None, "removed": "red", "partly": "yellow", "flagged": "magenta", "blank": None}
EPILOG = """\b
Each line: its number, a sign, its text, and the rule or evidence that took it.
  - removed   ± partly removed   ? flagged or doubtful   (no sign: kept)

\b
Examples:
  cleaner explain page.txt
  cleaner explain page.txt --line 12
  cleaner explain news/page.txt --run cleaned
"""


@click.command(cls=like_clean.LikeClean, epilog=EPILOG)
@click.argument("file", metavar="FILE")
@click.option(
    "--line", "number", type=click.IntRange(min=1), help="Why this line went, or what stopped the rules that came near."
)
@click.option("--run", "run", metavar="DIR", type=click.Path(path_type=Path), help="Show the marks of a finished run.")
@click.option("--record", type=click.IntRange(min=1), help="Which record of a file of records: its line, row or number.")
@click.option("--from", "reads_as", type=click.Choice([form.value for form in Format]), help="What FILE is. Default: by suffix.")
@options.field_options
@options.rule_options
@options.evidence_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object: the audit object and every line.")
@like_clean.file_options
def explain(
    file: str,
    number: int | None,
    run: Path | None,
    record: int | None,
    reads_as: str | None,
    packs: tuple[str, ...],
    no_rules: bool,
    site: str | None,
    languages: str | None,
    strength: str,
    doubtful: str,
    kept: tuple[str, ...],
    as_json: bool,
    **fields: str | None,
) -> None:
    """Show what happens to every line of a file, and why.

    FILE may lie in an archive: news.zip/page.txt.
    """
    from cleaner.pipeline import Pipeline
    from cleaner.run.lines import Asked, explain_fresh, explain_run, why

    with told():
        rules = configured.load_rules(packs, no_rules=no_rules)
        evidence = options.evidence(strength, doubtful, kept, no_rules=no_rules)
        settings = CleanSettings(
            rules=not no_rules, languages=options.language_set(languages), evidence=evidence, extract=options.extract(kept)
        )
        pipeline = Pipeline(rules, settings)
        read = options.read_options(site, fields)
        with _opened(file, Format(reads_as) if reads_as else None, read) as (stream, form):
            asked = Asked(file, form, record, read)
            explained = explain_run(stream, asked, run) if run else explain_fresh(stream, asked, pipeline)
        if number is not None:
            line = explained.line(number)
            misses = why(explained, number, pipeline)
    if number is None:
        click.echo(json.dumps(_described(explained), ensure_ascii=True) if as_json else _shown(explained))
    elif as_json:
        click.echo(json.dumps({**_line(line), "near": [_miss(one) for one in misses]}, ensure_ascii=True))
    else:
        click.echo(told_line(line, misses, explained, pipeline, record))


@contextmanager
def _opened(file: str, reads_as: Format | None, read: ReadOptions) -> Iterator[tuple[BinaryIO, Format]]:
    if file != "-":
        with one_stream(file, reads_as, read) as opened:
            yield opened
        return
    form = reads_as or Format.TEXT
    require_installed([form])
    yield unpacked(sys.stdin.buffer, detected(sys.stdin.buffer), read), form


def _shown(explained: Explained) -> str:
    """The whole document, a line a row: number, sign, text cut to fit, rule."""
    width = min(max(shutil.get_terminal_size((80, 24)).columns, 60), 140) if sys.stdout.isatty() else 80
    rows = [*_heading(explained), ""]
    before: Weighed | None = None
    for line in explained.lines:
        rows += _rows(line, width, explained.told, before)
        before = before if line.state.value == "blank" else line.weighed
    return "\n".join([*rows, *_left_out(explained, width)])


def _left_out(explained: Explained, width: int) -> list[str]:
    """What of an HTML page is not in its text, a row each, by reason."""
    told = explained.told.get("left_out", [])
    if not told:
        return []
    rows = ["", "Left out of the page, before any line was looked at:"]
    for one in told:
        reason = str(one["reason"])
        room = max(width - len(reason) - 9, 24)
        text = cut(" ".join(str(one.get("text", f"({one['chars']:,} characters)")).split()), room)
        rows.append(
            "   - " + click.style(text, fg="red") + " " * max(room - columns(text), 0) + "  " + click.style(reason, fg="cyan")
        )
    return rows


def _heading(explained: Explained) -> list[str]:
    entry = explained.told
    share = entry["chars_out"] / entry["chars_in"] if entry["chars_in"] else 1.0
    facts = [
        f"{entry['chars_out']:,} of {entry['chars_in']:,} characters kept ({share:.0%})" if entry["chars_in"] else "it is empty"
    ]
    facts += [f"encoding {entry['encoding']}"] if "encoding" in entry else []
    facts += [f"site {entry['site']}"] if "site" in entry else []
    facts += [f"this page looks like {entry['page']['kind']} ({entry['page']['evidence']})"] if "page" in entry else []
    facts += [fact for pack in entry["packs"] for fact in _why_in_force(pack, entry.get("told_by", {}).get(pack))]
    facts += [f"pack {pack} is in force everywhere" for pack in explained.everywhere]
    rows = [click.style(explained.name, bold=True), *(f"  {fact}" for fact in facts)]
    rows += [f"  the document: {like(one, entry)}" for one in entry["duplicates"] if one["unit"] == "document"]
    slow = [f"  rule {one['rule']} was too slow on line {one['line']} and was set aside" for one in entry["skipped"]]
    return rows + [click.style(row, fg="yellow") for row in slow]


def _why_in_force(pack: str, told: str | None) -> list[str]:
    """What told that a site's pack is in force; older audits do not say."""
    head = f"pack {pack} is in force"
    if told is None:
        return [head]
    known = {"url": "by its host, which the URL tells", "site option": "by its host, which --site tells"}
    if told in known:
        return [f"{head} {known[told]}"]
    return [
        f"{head} by a marker in the text:",
        *(f"  {cut(one, 76)}" for one in told.removeprefix("marker: ").split("; marker: ")),
    ]


def _rows(line: Line, width: int, entry: Mapping[str, Any], before: Weighed | None) -> list[str]:
    """One row for a line, and one more for each thing that does not fit beside it.

    Reasons of evidence that are those of the line ``before`` are not said again.
    """
    state = line.state.value
    colour = _COLOURS[state]
    reason = ", ".join(_cause(name, line) for name in line.rules)
    room = width - 7
    beside = len(reason) + 2 if reason else 0
    text = line.text.expandtabs(4).strip()
    fits = not reason or room - beside >= min(columns(text), 24)
    body = cut(text, room - beside if fits else room)
    head = f"{line.number:>4} {_MARKS[state]} "
    row = head + click.style(body, fg=colour) if body else head.rstrip()
    notes: list[str] = []
    if reason and fits:
        row += " " * (room - columns(body) - len(reason)) + click.style(reason, fg="cyan")
    elif reason:
        notes.append(click.style(reason, fg="cyan"))
    weighed = line.weighed
    if weighed and weighed.reasons and not (before and (before.took, before.reasons) == (weighed.took, weighed.reasons)):
        notes.append(click.style(_fitting(weighed.reasons, width - 9), dim=True))
    if line.before is not None:
        notes.append(click.style("encoding repaired, was: " + cut(line.before.strip(), width - 34), fg="green"))
    notes += [click.style(like(one, entry), fg="blue") for one in line.duplicates]
    return [row, *(" " * 9 + note for note in notes)]


def _cause(name: str, line: Line) -> str:
    return f"{name} {line.weighed.confidence:.2f}" if name == "evidence" and line.weighed else name


def _fitting(reasons: tuple[str, ...], width: int) -> str:
    """As many reasons as fit, the strongest in any case.

    >>> _fitting(("after the article's end", "under 'Related'"), 40), _fitting(("after the article's end", "under 'Related'"), 30)
    ("after the article's end; under 'Related'", "after the article's end; …")
    """
    for count in range(len(reasons), 0, -1):
        text = "; ".join([*reasons[:count], *(["…"] if count < len(reasons) else [])])
        if len(text) <= width:
            return text
    return cut(reasons[0], width)


def _described(explained: Explained) -> dict[str, Any]:
    return {**explained.told, "lines": [_line(line) for line in explained.lines]}


def _line(line: Line) -> dict[str, Any]:
    found: dict[str, Any] = {"line": line.number, "text": line.text, "state": line.state.value, "rules": list(line.rules)}
    if line.block is not None:
        found["block"] = line.block
    if line.weighed is not None:
        found |= {"confidence": line.weighed.confidence, "reasons": list(line.weighed.reasons)}
    if line.before is not None:
        found["before"] = line.before
    if line.duplicates:
        found["duplicates"] = list(line.duplicates)
    return found


def _miss(miss: NearMiss) -> dict[str, Any]:
    return {"name": miss.name, "stopped_by": miss.stop.value, "detail": miss.detail}
