"""From a corpus of many sites to a pack for each: read once, laid on disk, looked at site by site."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from cleaner.document import Document, Raw, Rejection
from cleaner.errors import UsageError
from cleaner.learn.learned import Learned
from cleaner.learn.learner import Desk, study
from cleaner.learn.markers import Candidate, Marker, candidates_of, look_around, markers_of
from cleaner.learn.packs import file_name, pack_id, pack_text
from cleaner.learn.pages import Judge
from cleaner.learn.settings import LearnSettings
from cleaner.learn.sites import Shelf, Site, group_of
from cleaner.learn.update import Updated, updated
from cleaner.pipeline import Pipeline
from cleaner.readers.files import read_files
from cleaner.readers.options import ReadOptions
from cleaner.readers.shape import Format
from cleaner.readers.tree import find_inputs
from cleaner.rules.load import load_rules
from cleaner.rules.model import Level, Pack, RuleSet
from cleaner.rules.scope import page_of
from cleaner.settings import CleanSettings
from cleaner.writers.atomic import AtomicFile

_AT_ONCE = 64
_FEW_MARKERS = 2
"""Pages of a small site that must hold a line that tells it; of others three."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was learned of a site.

    Attributes:
        site: the site.
        rules: its rules.
        markers: what tells it.
        recognised: how many of its pages these tell.
        path: where the pack was written; None: nothing to write, or nowhere to.
        update: what was made of the pack that was there, or None.
    """

    site: Site
    rules: tuple[Learned, ...]
    markers: tuple[Marker, ...]
    recognised: int
    path: Path | None
    update: Updated | None = None


@dataclass(frozen=True, slots=True)
class Lessons:
    """What was learned of a corpus.

    Attributes:
        lessons: site by site, by name.
        small: sites with too few pages, with their number.
        homeless: pages of which nothing tells the site.
        rejected: inputs that could not be read.
        unscoped: sites for which nothing tells where their rules would be in force.
    """

    lessons: tuple[Lesson, ...]
    small: Mapping[str, int]
    homeless: int
    rejected: int
    unscoped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is learned from.

    Attributes:
        arguments: files, folders, globs.
        read: how they are read.
        reads_as: format of all; None: each by its suffix.
    """

    arguments: tuple[str, ...]
    read: ReadOptions = field(default_factory=ReadOptions)
    reads_as: Format | None = None


def learn(
    inputs: Inputs,
    out: Path | None,
    settings: LearnSettings,
    update: Path | None = None,
    progress: Callable[[int], None] | None = None,
) -> Lessons:
    """Packs for the sites of a corpus.

    Args:
        inputs: the corpus.
        out: folder for the packs; None: nothing is written, or, with ``update``, that pack in its place.
        settings: how much must repeat, and how sure it must be.
        update: a pack of one of the sites, which gets what it lacks.
        progress: is told, now and then, how many documents were read.

    Raises:
        UsageError: an input does not exist, or the corpus holds no page of the pack that is to be updated.
        RuleFaults: that pack has faults.
    """
    old = _old_pack(update) if update is not None else None
    with Shelf() as shelf:
        rejected = lay_down(shelf, read(inputs), settings.by, progress)
        lessons = learn_shelf(shelf, settings, old)
        kept = [_put_down(lesson, out, update, old, shelf) for lesson in lessons.lessons]
        return Lessons(tuple(kept), lessons.small, lessons.homeless, rejected, lessons.unscoped)


def read(inputs: Inputs) -> Iterator[Raw | Rejection]:
    """Every document of the corpus."""
    found = find_inputs(inputs.arguments, reads_as=inputs.reads_as)
    yield from found.rejections
    for _, item in read_files(found.files, inputs.read):
        if item is not None:
            yield item


def lay_down(
    shelf: Shelf, items: Iterable[Raw | Rejection], by: str | None, progress: Callable[[int], None] | None = None
) -> int:
    """Decodes, extracts and repairs documents, and lays their texts on the shelf; how many could not be read."""
    pipeline = Pipeline(RuleSet(), CleanSettings(rules=False))
    rejected = 0
    left = iter(items)
    while batch := list(islice(left, _AT_ONCE)):
        raws = [item for item in batch if isinstance(item, Raw)]
        rejected += len(batch) - len(raws)
        for raw, document in zip(raws, pipeline.prepare_all(raws), strict=True):
            if isinstance(document, Document):
                shelf.add(document.text, group_of(raw, by), page_of(raw.site).host if raw.site else "")
            else:
                rejected += 1
        if progress is not None:
            progress(len(shelf) + rejected)
    return rejected


def learn_shelf(shelf: Shelf, settings: LearnSettings, old: Pack | None = None) -> Lessons:
    """What the pages on a shelf teach; nothing is written."""
    sites = shelf.sites()
    large = [site for site in sites if len(site.pages) >= settings.least_pages]
    if old is not None:
        large = [_site_of(old, sites)]
    judge = Judge()
    rules: dict[str, tuple[Learned, ...]] = {}
    candidates: dict[str, list[Candidate]] = {}
    for site in large:
        studied = study(
            Desk(pack_id(site.name), site.hosts or (site.name,), len(site.pages), _texts(shelf, site)), judge, settings
        )
        rules[site.name] = studied.rules
        least = _FEW_MARKERS if len(site.pages) < settings.least_pages else 3
        candidates[site.name] = candidates_of(studied.survey, studied.findings, least)
    look_around(candidates, _pages(shelf, sites))
    lessons = [_lesson(site, rules[site.name], candidates[site.name], sites) for site in large]
    told = [lesson for lesson in lessons if lesson.site.hosts or lesson.markers]
    return Lessons(
        tuple(told),
        {site.name: len(site.pages) for site in sites if site not in large and old is None},
        len(shelf) - sum(len(site.pages) for site in sites),
        0,
        tuple(lesson.site.name for lesson in lessons if lesson not in told),
    )


def _lesson(site: Site, rules: tuple[Learned, ...], candidates: Sequence[Candidate], sites: Sequence[Site]) -> Lesson:
    others = [other for other in sites if other.name != site.name]
    markers = tuple(markers_of(candidates, len(site.pages), sum(len(other.pages) for other in others), len(others)))
    patterns = {marker.pattern for marker in markers}
    recognised = len(set[int]().union(*(one.pages for one in candidates if one.pattern in patterns)))
    return Lesson(site, rules, markers, recognised, None)


def _texts(shelf: Shelf, site: Site) -> Callable[[Sequence[int]], Iterator[str]]:
    return lambda places: shelf.texts([site.pages[place] for place in places])


def _pages(shelf: Shelf, sites: Sequence[Site]) -> Iterator[tuple[int, str, str]]:
    for site in sites:
        for page, text in zip(site.pages, shelf.texts(site.pages), strict=True):
            yield page, site.name, text


def _old_pack(path: Path) -> Pack:
    packs = [pack for pack in load_rules(path, bundled=False).packs if pack.level is Level.USER]
    if path.is_dir() or len(packs) != 1:
        raise UsageError(f"--update {path}: name one file, the pack of the site that is learned from")
    return packs[0]


def _site_of(pack: Pack, sites: Sequence[Site]) -> Site:
    """The site that a pack is of: by its hosts; else the one site there is."""
    own = [site for site in sites if any(pack.covers(host, "/") or not pack.hosts for host in site.hosts)]
    own = own or [site for site in sites if not site.hosts and pack_id(site.name) == pack.id]
    if not own and len(sites) == 1 and not pack.hosts:
        own = list(sites)
    if not own:
        hosts = ", ".join(pack.hosts) or pack.id
        raise UsageError(
            f"the corpus holds no page of {hosts}; is the url field there (--url-field), or name the site with --site"
        )
    return max(own, key=lambda site: len(site.pages))


def _put_down(lesson: Lesson, out: Path | None, update: Path | None, old: Pack | None, shelf: Shelf) -> Lesson:
    """The lesson with its pack on disk."""
    if update is not None and old is not None:
        text = update.read_text(encoding="utf-8-sig")
        changed = updated(text, old, lesson.rules, shelf.texts(lesson.site.pages), len(lesson.site.pages))
        path = update if out is None else out / update.name
        if path != update or changed.added:
            _write(path, changed.text)
        return replace(lesson, path=path, update=changed)
    if out is None or not lesson.rules:
        return lesson
    path = out / file_name(lesson.site)
    _write(path, pack_text(lesson.site, lesson.rules, lesson.markers))
    return replace(lesson, path=path)


def _write(path: Path, text: str) -> None:
    with AtomicFile(path) as file:
        file.write(text.encode())
