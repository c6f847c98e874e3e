"""``cleaner rules learn``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cleaner.cli.changes import looking
from cleaner.cli.columns import on_terminal
from cleaner.cli.failure import told

if TYPE_CHECKING:
    from cleaner.learn.corpus import Lesson, Lessons

EPILOG = """\b
Examples:
  cleaner rules learn news.jsonl --out packs           a pack for each site, by the url field
  cleaner rules learn pages --by folder --out packs    pages/paper.example/*.txt: by the folders' names
  cleaner rules learn new.jsonl --update packs/paper.example.toml
  cleaner clean more.jsonl --rules packs --out cleaned
"""


@click.command(epilog=EPILOG)
@click.argument("corpus", nargs=-1, required=True, metavar="CORPUS...")
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path), help="Folder for the packs, one file a site.")
@click.option(
    "--update",
    metavar="PACK",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Add to this pack of a site, in its place unless --out is given; what is in it stays.",
)
@click.option("--by", metavar="url|folder|FIELD", help="What tells sites apart. Default: the url field, else the folder.")
@click.option("--site", metavar="HOST", help="The site of all pages.")
@click.option("--text-field", metavar="NAME", help="Field of a record that holds its text. Default: by common names.")
@click.option("--url-field", metavar="NAME", help="Field of a record that holds its URL. Default: by common names.")
@click.option(
    "--sure",
    type=click.FloatRange(0.5, 1.0),
    default=0.7,
    show_default=True,
    help="Confidence below which a rule only flags.",
)
@click.option(
    "--least-pages",
    type=click.IntRange(2),
    default=20,
    show_default=True,
    help="Pages that a site must have.",
)
@click.option("--overwrite", is_flag=True, help="Replace packs that are in DIR already.")
def learn(
    corpus: tuple[str, ...],
    out: Path | None,
    update: Path | None,
    by: str | None,
    site: str | None,
    text_field: str | None,
    url_field: str | None,
    sure: float,
    least_pages: int,
    overwrite: bool,
) -> None:
    """Learn packs for sites from many of their pages.

    CORPUS is files, folders or globs with at least 20 pages a site. What a site repeats becomes rules, with where it was seen; what
    is less sure only flags. Read the packs before you use them.
    """
    from cleaner.learn.corpus import Inputs, learn
    from cleaner.learn.settings import LearnSettings
    from cleaner.readers.options import ReadOptions

    if out is None and update is None:
        raise click.UsageError("say where the packs go: --out DIR (or --update PACK)")
    if out is not None and not overwrite and out.is_dir() and any(out.glob("*.toml")):
        raise click.UsageError(f"{out} holds packs already; name another folder, or give --overwrite (or --update PACK)")
    if update is not None and not update.exists():
        raise click.UsageError(f"--update {update}: there is no such file; give --out DIR for a new pack")
    with told():
        read = ReadOptions(site=site, text_field=text_field, url_field=url_field)
        settings = LearnSettings(by=by, sure=sure, worth=min(sure, LearnSettings().worth), least_pages=least_pages)
        with looking() as progress:
            lessons = learn(Inputs(corpus, read), out, settings, update, progress)
    for row in _rows(lessons):
        click.echo(on_terminal(row, sys.stdout))


def _rows(lessons: Lessons) -> list[str]:
    from cleaner.learn.texts import count

    rows: list[str] = []
    for lesson in lessons.lessons:
        rows += _lesson(lesson)
    if lessons.small:
        pages = sum(lessons.small.values())
        rows.append(
            f"{count(len(lessons.small), 'site')} left out, with too few pages ({count(pages, 'page')}); see --least-pages"
        )
    if lessons.homeless:
        rows.append(f"{count(lessons.homeless, 'page')} left out, of which nothing tells the site; see --by and --site")
    if lessons.rejected:
        rows.append(f"{count(lessons.rejected, 'input')} could not be read; `cleaner clean` tells why")
    rows += [
        f"{name}: no host, and no line that only this site has, so nothing says where its rules hold; give --site HOST"
        for name in lessons.unscoped
    ]
    return rows or ["no site with enough pages; see --least-pages, --by and --site"]


def _lesson(lesson: Lesson) -> list[str]:
    from cleaner.learn.texts import count
    from cleaner.rules.model import Action

    pages = count(len(lesson.site.pages), "page")
    if lesson.update is not None:
        added, silent = lesson.update.added, lesson.update.silent
        rows = [f"{lesson.site.name}: {pages}, {count(len(added), 'rule')} added to {lesson.path}"]
        rows += [f"  + {one.rule.id}: {one.rule.why}" for one in added]
        return [*rows, *(f"  no longer fires: {name}" for name in silent)]
    if not lesson.rules:
        return [f"{lesson.site.name}: {pages}, nothing repeats that is furniture; no pack"]
    flags = sum(one.rule.action is Action.FLAG for one in lesson.rules)
    only = f" ({flags:,} of them only flag)" if flags else ""
    told_by = f", {count(len(lesson.markers), 'marker')} on {lesson.recognised:,} pages" if lesson.markers else ", no marker"
    return [f"{lesson.site.name}: {pages}, {count(len(lesson.rules), 'rule')}{only}{told_by}: {lesson.path}"]
