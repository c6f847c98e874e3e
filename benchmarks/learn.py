"""What `cleaner rules learn` reaches on pages that it has not seen, and whether a site is told without its URL.

    CLEANER_EVAL=folder python benchmarks/learn.py [--errors 10]
    python benchmarks/learn.py --scale 100000

The folder holds many_per_site.jsonl.gz with its labels and scorer, text_article.jsonl.gz and text_page.jsonl.gz. Packs are learned on one
half of each site's pages, written, read again, and applied to the other half; sites whose SHA-1 ends in 0 to 3 are a hold-out that nobody
looked at. ``--scale`` learns from as many invented pages of one site and prints what that costs.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from gold import held_out, module, records

from cleaner import CleanSettings, DuplicateSettings, EvidenceSettings, Pipeline, Policy, RuleSet, Strength, load_rules
from cleaner.document import Document, Raw, RuleFired, Source
from cleaner.learn.corpus import Lessons, lay_down, learn_shelf
from cleaner.learn.learner import Desk, study
from cleaner.learn.packs import pack_text
from cleaner.learn.pages import Judge
from cleaner.learn.settings import LearnSettings
from cleaner.learn.sites import Shelf
from cleaner.learn.tally import views_of
from cleaner.rules.model import Level, Pack
from cleaner.strip import Stripper

PARTS = ((1, 2), (0, 2))
"""The half that is scored, as the scorer names it; the other one is learned from."""
FEW, MOST = 4, 3
"""Pages of a site from which it is tried with one page held back; other pages that must hold a line for it to tell the site."""
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Figures:
    """What the scorer says of some sites, and how many characters of the text went, 0..1."""

    precision: float
    recall: float
    by_template: float
    glued: float
    loss: float


def learned(rows: Iterable[Row], folder: Path) -> RuleSet:
    """The packs that these records teach, written to a folder and read again."""
    for name, text in packs(rows):
        (folder / name).write_text(text, encoding="utf-8")
    return load_rules(folder, bundled=False)


def packs(rows: Iterable[Row]) -> Iterator[tuple[str, str]]:
    """Names and texts of the packs that these records teach."""
    for lesson in lessons_of(rows).lessons:
        yield f"{lesson.site.name}.toml", pack_text(lesson.site, lesson.rules, lesson.markers)


def lessons_of(rows: Iterable[Row], settings: LearnSettings = LearnSettings()) -> Lessons:  # noqa: B008  # frozen
    """What these records teach."""
    with Shelf() as shelf:
        lay_down(shelf, (_raw(row) for row in rows), settings.by)
        return learn_shelf(shelf, settings)


def _raw(row: Row, *, url: bool = True) -> Raw:
    return Raw(Source("benchmark", None, row["id"]), row["text"], site=row["host"] if url else None)


def cleaned(rules: RuleSet, rows: Sequence[Row], *, url: bool = True) -> list[Document]:
    """The records, with the marks of these rules alone."""
    settings = CleanSettings(evidence=EvidenceSettings(Strength.RULES), duplicates=DuplicateSettings(policy=Policy.OFF))
    found = Pipeline(rules, settings).prepare_all([_raw(row, url=url) for row in rows])
    return [one for one in found if isinstance(one, Document)]


def halves(folder: Path) -> Iterator[tuple[tuple[int, int], list[Row], list[Row]]]:
    """For each part: which it is, the records to learn from, and those to score."""
    scorer = module(folder / "score_learn.py")
    every = list(records(folder / "many_per_site.jsonl.gz"))
    for part in PARTS:
        yield (
            part,
            [row for row in every if not scorer.in_part(row["id"], part)],
            [row for row in every if scorer.in_part(row["id"], part)],
        )


def scored(folder: Path, part: tuple[int, int], documents: Sequence[Document]) -> tuple[Mapping[str, Any], Counter[Any]]:
    """The scorer's counts by site, and what was removed wrongly."""
    scorer = module(folder / "score_learn.py")
    labels = scorer.Labels(str(folder / "many_per_site_labels.tsv"))
    pages = [(row["id"], row["host"], scorer.lines(row["text"])) for row in records(folder / "many_per_site.jsonl.gz")]
    outputs = {document.source.id: document.clean_text for document in documents}
    per_site, _, errors = scorer.score(pages, labels, outputs, 0.05, part)
    return dict(per_site), errors


def figures(folder: Path, per_site: Mapping[str, Any]) -> Figures:
    """The scorer's figures of some sites together."""
    scorer = module(folder / "score_learn.py")
    row = scorer.row(scorer.total(per_site))
    return Figures(row["precision"], row["recall"], row["recall_grp"], row["glued"], row["body_loss"])


def sites_of(per_site: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """All sites, those that people look at, and those they do not."""
    yield "all sites", dict(per_site)
    yield "  seen", {host: counts for host, counts in per_site.items() if not held_out(host)}
    yield "  held out", {host: counts for host, counts in per_site.items() if held_out(host)}


# -- sites with few pages


@dataclass(frozen=True, slots=True)
class Few:
    """Characters of lines to drop and of lines to keep, and how many of them went."""

    drop: int = 0
    dropped: int = 0
    keep: int = 0
    lost: int = 0

    def __add__(self, other: Few) -> Few:
        return Few(self.drop + other.drop, self.dropped + other.dropped, self.keep + other.keep, self.lost + other.lost)


def few_pages(folder: Path, name: str) -> Iterator[tuple[str, Few]]:
    """For each site of four pages or more: each page cleaned by what the others teach."""
    sites: dict[str, list[Row]] = defaultdict(list)
    for record in records(folder / f"{name}.jsonl.gz"):
        sites[record["host"]].append(record)
    judge = Judge()
    for host, rows in sites.items():
        if len(rows) >= FEW:
            for place, row in enumerate(rows):
                yield host, _held_back(row, [*rows[:place], *rows[place + 1 :]], judge)


def _held_back(row: Row, others: Sequence[Row], judge: Judge) -> Few:
    desk = Desk("site", [row["host"]], len(others), lambda places: (others[place]["text"] for place in places))
    rules = tuple(one.rule for one in study(desk, judge, LearnSettings()).rules)
    found = Stripper(RuleSet((Pack("site", "1", "", Level.USER, "site", rules=rules),))).strip(
        Document(Source(row["id"]), row["text"])
    )
    gone: Counter[int] = Counter()
    for mark in found.removals:
        if isinstance(mark.cause, RuleFired):
            gone[mark.line] += mark.span.end - mark.span.start
    total = Few()
    filled = ((number, line) for number, line in enumerate(row["text"].split("\n"), 1) if line.strip())
    for (number, line), label in zip(filled, row["labels"], strict=True):
        taken = min(len(line), gone[number])
        total += Few(len(line), taken) if label == "D" else Few(0, 0, len(line), taken) if label == "K" else Few()
    return total


# -- sites without URL


@dataclass(frozen=True, slots=True)
class Told:
    """Pages, and which of them are told without their URL.

    Attributes:
        pages: how many.
        telling: those that hold a line that three other pages of their site hold.
        own: those of them that hold one that no page of another site has.
        telling_found: of ``telling``, those whose site is told.
        own_found: of ``own``, those.
        found: all that are told.
        wrong: those taken for another site.
    """

    pages: int = 0
    telling: int = 0
    own: int = 0
    telling_found: int = 0
    own_found: int = 0
    found: int = 0
    wrong: int = 0

    def __add__(self, other: Told) -> Told:
        return Told(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


def told(rules: RuleSet, learned_from: Sequence[Row], rows: Sequence[Row], *, apart: bool) -> Iterator[tuple[str, Told]]:
    """Each page, cleaned without its URL.

    Args:
        rules: learned packs.
        learned_from: their pages.
        rows: the pages to tell.
        apart: whether these are others than those learned from.
    """
    holders: dict[str, Counter[str]] = defaultdict(Counter)
    for row in learned_from:
        for view in {view.casefold() for view in views_of(row["text"])}:
            holders[view][row["host"]] += 1
    hosts = {pack.id: pack.hosts for pack in rules.packs}
    for row, document in zip(rows, cleaned(rules, rows, url=False), strict=True):
        views = {view.casefold() for view in views_of(row["text"])}
        needed = MOST if apart else MOST + 1
        telling = [view for view in views if holders[view][row["host"]] >= needed]
        own = any(len(holders[view]) == 1 for view in telling)
        found = any(row["host"] in hosts[name] for name in document.packs)
        wrong = any(row["host"] not in hosts[name] for name in document.packs)
        counts = (1, bool(telling), own, bool(telling) and found, own and found, found, wrong)
        yield row["host"], Told(*map(int, counts))


# -- cost


def invented(pages: int, seed: int = 1) -> Iterator[Row]:
    """Pages of an invented site: furniture, and text of words that mean nothing."""
    chance = random.Random(seed)
    words = ["".join(chance.choices("abdefgiklmnoprstu", k=chance.randint(2, 9))) for _ in range(20_000)]

    def sentence() -> str:
        return " ".join(chance.choices(words, k=chance.randint(8, 25))).capitalize() + "."

    for number in range(pages):
        text = [
            f"Updated {chance.randint(1, 28)} March 20{chance.randint(10, 24)}",
            " ".join(chance.choices(words, k=6)).capitalize(),
        ]
        for _ in range(chance.randint(8, 20)):
            text.append(" ".join(sentence() for _ in range(chance.randint(1, 4))))
            text += ["Advertisement"] if chance.random() < 0.2 else []
        text += [f"Read more: {' '.join(chance.choices(words, k=5))}", "Sign up for the Skerrow Bugle's morning letter"]
        yield {"id": str(number), "host": "skerrowbugle.example", "text": "\n\n".join(text)}


def scale(pages: int) -> None:
    """Prints what it costs to learn from many pages."""
    clock = time.perf_counter()
    lessons = lessons_of(invented(pages))
    seconds = time.perf_counter() - clock
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rules = sum(len(lesson.rules) for lesson in lessons.lessons)
    print(f"{pages:,} pages: {rules} rules, {seconds:.0f} s, {peak:.0f} MB at most")


def main() -> None:
    """Prints all figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--errors", type=int, default=0, metavar="N", help="wrong removals to print, of seen sites only")
    parser.add_argument("--scale", type=int, metavar="PAGES", help="learn from so many invented pages, and nothing else")
    asked = parser.parse_args()
    if asked.scale:
        scale(asked.scale)
        return
    folder = Path(os.environ["CLEANER_EVAL"])
    _print_halves(folder, asked.errors)
    _print_few(folder)


def _print_halves(folder: Path, errors: int) -> None:
    every = list(records(folder / "many_per_site.jsonl.gz"))
    strangers = [row for name in ("text_article", "text_page") for row in records(folder / f"{name}.jsonl.gz")]
    known = {row["host"] for row in every}
    strangers = [row for row in strangers if row["host"] not in known]
    generic = [pack for pack in load_rules().packs if pack.level is Level.GENERIC]
    print(f"{'learned on one half, applied to the other':<42} precision  recall  by template  glued  body loss")
    for part, learn_from, rows in halves(folder):
        with tempfile.TemporaryDirectory() as place:
            rules = learned(learn_from, Path(place))
        both = RuleSet((*generic, *(replace(pack, level=Level.USER) for pack in rules.packs)))
        for label, chosen in (("learned packs alone", rules), ("with the bundled generic ones", both)):
            per_site, wrong = scored(folder, part, cleaned(chosen, rows))
            for name, sites in sites_of(per_site):
                one = figures(folder, sites)
                print(
                    f"{f'part {part[0]}/{part[1]}, {label}: {name.strip()}':<60}"
                    f" {one.precision:.4f} {one.recall:.4f} {one.by_template:.4f} {one.glued:.4f} {one.loss:.6f}"
                )
            for (host, label_of, text), count in wrong.most_common():
                if not held_out(host) and errors > 0 and chosen is rules:
                    errors -= 1
                    print(f"    {count} {host} {label_of} {text[:120]}")
        _print_told(f"part {part[0]}/{part[1]}", told(rules, learn_from, rows, apart=True))
    with tempfile.TemporaryDirectory() as place:
        rules = learned(every, Path(place))
    _print_told("learned on all", told(rules, every, every, apart=False))
    taken = [document for document in cleaned(rules, strangers, url=False) if document.packs]
    print(
        f"pages of {len({row['host'] for row in strangers})} other sites: {len(taken)} of {len(strangers)} taken for one of these"
    )


def _print_told(label: str, found: Iterable[tuple[str, Told]]) -> None:
    groups: dict[str, Told] = defaultdict(Told)
    for host, one in found:
        for name in ("all sites", "held out" if held_out(host) else "seen"):
            groups[name] += one
    for name, one in sorted(groups.items()):
        print(
            f"  without URL, {label}, {name}: {one.found:,} of {one.pages:,} pages told ({one.found / one.pages:.3f}), {one.wrong} wrongly; "
            f"of those with a line on three others {one.telling_found} of {one.telling} ({one.telling_found / max(1, one.telling):.3f}), "
            f"with one that only the site has {one.own_found} of {one.own} ({one.own_found / max(1, one.own):.3f})"
        )


def _print_few(folder: Path) -> None:
    print("\neach page by what the other pages of its site teach, sites of four pages or more")
    for name in ("text_article", "text_page"):
        groups: dict[str, Few] = defaultdict(Few)
        for host, one in few_pages(folder, name):
            groups["held out" if held_out(host) else "seen"] += one
        for label, one in sorted(groups.items()):
            recall, loss = one.dropped / one.drop, one.lost / one.keep
            print(f"{name}, {label}: {recall:.3f} of the boilerplate's characters, {loss:.5f} of the text's")


if __name__ == "__main__":
    main()
