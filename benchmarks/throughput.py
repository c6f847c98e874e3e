"""How fast each stage is, beside a naive composition of the same job, and whether planted truth is found.

    python benchmarks/throughput.py [--mb 5] [--rules 500] [--naive-mb 0.3] [--rounds 3] [--seed 1]

Ours (A) and the naive one (B) take turns, A B A B, in one process; figures are megabytes of UTF-8 per second of processor time,
medians over the rounds. Both are warm: what is paid once a process is told apart. Each round of ours reads articles that none before has
read, for lines that come again cost less. The naive one reads a slice from the front of
the corpus, for it is slow: one ``regex`` search after the other on every line, ``ftfy.fix_text`` on every document,
``MinHash.update`` for every shingle, one query and one insert of ``MinHashLSH`` for every passage.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from random import Random
from statistics import median
from time import process_time

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # measure the source tree beside this file, whatever is installed

import naive
from corpus import Article, articles, vocabulary, write

from cleaner import audit
from cleaner.decode import decode
from cleaner.dedup.fold import Fold
from cleaner.dedup.passages import kept_lines
from cleaner.dedup.settings import DuplicateSettings
from cleaner.dedup.sketch import sketch
from cleaner.document import Document, Media, Raw, Source, Unit
from cleaner.evidence.assessor import Assessor
from cleaner.evidence.settings import EvidenceSettings
from cleaner.extract import looks_like_page
from cleaner.layout import close_gaps
from cleaner.readers import Format
from cleaner.readers.tree import InputFile
from cleaner.repair import repair
from cleaner.rules.load import load_rules
from cleaner.rules.model import Action, Condition, Kind, Level, Pack, Rule, RuleSet
from cleaner.rules.scope import Page
from cleaner.run import collector
from cleaner.run.batches import BATCH_DOCUMENTS, Begin, Prepared, Task
from cleaner.run.judge import judge_for
from cleaner.run.made import Maker
from cleaner.run.outputs import Outputs
from cleaner.run.preparer import Preparer, Recipe
from cleaner.run.workers import prepare_batches
from cleaner.settings import RunSettings
from cleaner.spans import line_spans
from cleaner.strip import Stripper
from cleaner.writers import Target
from cleaner.writers.naming import name_outputs
from cleaner.writers.text import encode

STAGES = ("decode", "repair", "strip", "evidence", "sketch", "fold", "write")
OURS_ALONE = "evidence"
"""The stage that the naive composition does not have."""
WHOLE = "whole run"
RUN = RunSettings(to=Target.JSONL)
"""Of the whole run."""
Seconds = dict[str, float]


@dataclass(frozen=True, slots=True)
class Bench:
    """What is measured.

    Attributes:
        corpus: all articles.
        slice: those of them that the naive composition reads.
        folder: holds the corpus in ``text``; outputs go beside it.
        stripper: of these rules.
        assessor: of evidence.
        preparer: of these rules.
    """

    corpus: Sequence[Article]
    slice: Sequence[Article]
    folder: Path
    stripper: Stripper
    assessor: Assessor
    preparer: Preparer


@contextmanager
def timed(seconds: Seconds, stage: str) -> Iterator[None]:
    """Notes the processor time that its block takes."""
    began = process_time()
    yield
    seconds[stage] = process_time() - began


def site_rules(count: int, seed: int) -> Pack:
    """Rules like those written for single sites, over words of the corpus, but in force everywhere, so that each has to be tried."""
    rng = Random(seed)
    words = [word for word in vocabulary(seed)[40:2000] if len(word) > 2]
    rules: list[Rule] = []
    for number in range(count):
        one, two, three, four = rng.choices(words, k=4)
        kind, condition = (
            (Kind.LINE, Condition(patterns=(rf"^(?i:{one} {two}) [^.!?]{{3,60}} (?i:{three})[.!]?$",))),
            (Kind.LINE, Condition(patterns=(rf"^\W{{0,3}}(?i:{one}|{two} {three}) ?[:|-] ?\S.{{2,90}}$",))),
            (Kind.LINE, Condition(literals=(f"{one} {two}", f"{one} {two} {three}", f"{three} {four}"))),
            (Kind.LINE, Condition(patterns=(rf"^(?i:{one}) .{{0,40}}\b(?i:{two}|{three})\b.{{0,40}} (?i:{four})$",))),
            (Kind.PHRASE, Condition(patterns=(rf"\((?i:{one} {two})[^()]{{0,40}}\)",))),
        )[number % 5]
        rules.append(Rule("sites", f"rule-{number}", "", kind, Action.REMOVE, "site", condition, max_length=160))
    return Pack("sites", "1", "", Level.USER, "site", rules=tuple(rules))


def thinned(packs: Sequence[Pack], count: int) -> tuple[Pack, ...]:
    """The packs with so many of their rules, evenly drawn; all of them where they have no more."""
    total = sum(len(pack.rules) for pack in packs)
    picked = (number * count // total != (number + 1) * count // total for number in range(total))
    return tuple(
        replace(pack, rules=tuple(rule for rule in pack.rules if next(picked))) if count < total else pack for pack in packs
    )


def run_stages(bench: Bench) -> tuple[Seconds, list[Document]]:
    """Ours, stage by stage, each over the whole corpus; the documents as they come out."""
    seconds: Seconds = {}
    settings = DuplicateSettings()
    with timed(seconds, "decode"):
        decoded = [(hashlib.sha256(one.data).hexdigest(), *decode(one.data)) for one in bench.corpus]
        assert not any(looks_like_page(text) for _, text, _ in decoded)  # part of the stage: every text is asked
    with timed(seconds, "repair"):
        repaired = [repair(text) for _, text, _ in decoded]
    documents = [
        Document(Source(article.name, None, article.name), text, sha256=digest, encoding=encoding, repairs=repairs)
        for article, (digest, _, encoding), (text, repairs) in zip(bench.corpus, decoded, repaired, strict=True)
    ]
    with timed(seconds, "strip"):
        documents = [
            begun.document for some in _batched(documents) for begun in bench.stripper.begin_all(some, [Page()] * len(some))
        ]
    with timed(seconds, "evidence"):
        documents = bench.assessor.assess_all(documents)
    with timed(seconds, "sketch"):
        batches = _batched(documents)
        sketches = [sketch(batch, settings, across=True) for batch in batches]
    with timed(seconds, "fold"):
        fold = Fold(settings)
        documents = [done for pair in zip(batches, sketches, strict=True) for done in fold.add_all(*pair)]
    with timed(seconds, "write"), (bench.folder / "stage.out").open("wb") as out:
        documents = [close_gaps(document) for document in documents]
        for document in documents:
            out.writelines(encode(document, ""))
            out.write(audit.to_json(audit.to_object(document, output=document.source.input)))
    return seconds, documents


def _batched(documents: Sequence[Document]) -> list[Sequence[Document]]:
    """As many at once as a run takes."""
    return [documents[at : at + BATCH_DOCUMENTS] for at in range(0, len(documents), BATCH_DOCUMENTS)]


def run_whole(bench: Bench) -> Seconds:
    """Ours from text files to JSON lines, batch by batch, as ``cleaner clean --workers 1`` does it with its rules compiled.

    Not to text files: a new file costs 20 us on a disk, and 1.5 ms in a sandbox, where that would be all there is to see.
    """
    seconds: Seconds = {}
    settings = RUN
    files = [InputFile(bench.folder / "text" / one.name, one.name, Format.TEXT, "text") for one in bench.corpus]
    with tempfile.TemporaryDirectory(dir=bench.folder) as out, timed(seconds, WHOLE):
        outputs = Outputs(Path(out), name_outputs(files, settings.to), settings)
        judge = judge_for(settings.clean.duplicates, lambda: ())
        for batch in prepare_batches(_tasks(files), bench.preparer, BATCH_DOCUMENTS):
            for item in judge(batch).items:
                if isinstance(item, Begin):
                    outputs.begin(item.file)
                elif isinstance(item, Prepared) and isinstance(item.result, Document) and item.made is not None:
                    outputs.write(item.task.file, item.result, item.made)
        outputs.close({})
    return seconds


def _tasks(files: Sequence[InputFile]) -> Iterator[Begin | Task]:
    """What is read, file by file."""
    for number, file in enumerate(files):
        yield Begin(number)
        yield Task(number, Raw(Source(file.name, None, file.name), file.path.read_bytes(), Media.TEXT), target=RUN.to)


def run_naive(bench: Bench, rules: naive.NaiveRules) -> tuple[Seconds, dict[str, tuple[str, list[naive.Line], list[int]]]]:
    """The naive composition over its slice; of each article the repaired text, the lines that are left, and those flagged."""
    seconds: Seconds = {}
    names = [one.name for one in bench.slice]
    with timed(seconds, "decode"):
        texts = [one.data.decode() for one in bench.slice]
    with timed(seconds, "repair"):
        texts = [naive.fix(text) for text in texts]
    with timed(seconds, "strip"):
        left = [rules.strip(text) for text in texts]
    with timed(seconds, "sketch"):
        signed = [naive.signatures(lines) for lines in left]
    with timed(seconds, "fold"):
        fold = naive.NaiveFold(DuplicateSettings().threshold)
        flagged = [fold.add(*pair) for pair in zip(names, signed, strict=True)]
    with timed(seconds, "write"), (bench.folder / "naive.out").open("wb") as out:
        for made in zip(names, texts, left, flagged, strict=True):
            out.writelines(naive.encode(*made))
    return seconds, {name: found for name, *found in zip(names, texts, left, flagged, strict=True)}  # type: ignore[misc]


Tally = Counter[tuple[str, bool]]
"""What was planted, and whether it was found -> how often."""


def check(article: Article, text: str, gone: set[int], flagged: set[int]) -> Tally:
    """What of an article's truth was found; gone are lines of which nothing is left."""
    lines = [text[start:end].rstrip("\r\n") for start, end in line_spans(text)]
    planted, garbled = set(article.boilerplate), dict(article.garbled)
    found: Tally = Counter((f"boilerplate {article.language}", number in gone) for number in planted)
    found.update(("mojibake", lines[number - 1] == meant) for number, meant in garbled.items() if number <= len(lines))
    found.update((f"copies {copy.kind.value}", copy.line in flagged) for copy in article.copies)
    found.update(
        ("article lines kept", number not in gone) for number, line in enumerate(lines, 1) if line and number not in planted
    )
    return found


def check_ours(bench: Bench, documents: Sequence[Document]) -> Tally:
    """The truth against our documents; whole documents are compared in a pass of its own, which is not timed."""
    found: Tally = Counter()
    settings = DuplicateSettings(units=frozenset({Unit.DOCUMENT}))
    fold = Fold(settings)
    for article, document in zip(bench.corpus, documents, strict=True):
        gone = {line.number for line in kept_lines(document) if not any(document.text[a:b].strip() for a, b in line.pieces)}
        found += check(article, document.text, gone, {one.line for one in document.duplicates if one.line})
        (whole,) = fold.add_all([document], sketch([document], settings, across=True))
        if article.copy_of:
            found["copies of documents", bool(whole.duplicates)] += 1
    return found


def shown_speed(bench: Bench, ours: Mapping[str, float], theirs: Mapping[str, float]) -> Iterator[str]:
    """The table of speeds, line by line."""
    size, part = (sum(len(one.data) for one in some) / 1e6 for some in (bench.corpus, bench.slice))
    yield f"{'stage':<12}{'ours MB/s':>12}{'share':>8}{'naive MB/s':>12}{'ratio':>9}"
    sums = {"ours": sum(ours[stage] for stage in STAGES), "naive": sum(theirs.values())}
    rows = [(stage, ours[stage], theirs.get(stage)) for stage in STAGES]
    rows += [("all stages", sums["ours"], sums["naive"]), (WHOLE, ours[WHOLE], sums["naive"])]
    for name, mine, other in rows:
        beside = f"{'-':>12}{'-':>9}" if other is None else f"{part / other:>12.2f}{(other / part) / (mine / size):>8.1f}x"
        yield f"{name:<12}{size / mine:>12.2f}{mine / sums['ours']:>8.0%}{beside}"
    yield f"{OURS_ALONE} takes {ours[OURS_ALONE] / sums['ours']:.0%} of all stages, {size / ours[OURS_ALONE]:.1f} MB/s"


def shown_truth(ours: Tally, theirs: Tally) -> Iterator[str]:
    """The table of what was found, line by line."""
    yield f"{'planted':<24}{'ours':>8}{'of':>8}{'naive':>9}{'of':>7}"
    for name in sorted({name for name, _ in [*ours, *theirs]}):
        cells = ""
        for tally, (wide, many) in ((ours, (8, 8)), (theirs, (9, 7))):
            count = tally[name, True] + tally[name, False]
            cells += (f"{tally[name, True] / count:.1%}" if count else "-").rjust(wide) + str(count).rjust(many)
        yield f"{name:<24}{cells}"


def measure(asked: argparse.Namespace, folder: Path) -> Iterator[str]:
    """Carries out the benchmark; what to print, line by line."""
    size = int(asked.mb * 1e6)
    parts = _parts(articles(asked.seed, size * (asked.rounds + 2)), size, asked.rounds + 1)
    corpus = parts[0]
    write(folder, chain.from_iterable(parts))
    sliced = list(articles(asked.seed, int(min(asked.mb, asked.naive_mb) * 1e6)))
    began = process_time()
    bundled = load_rules()
    count = sum(1 for _ in bundled.rules())
    generated = site_rules(max(0, asked.rules - count), asked.seed)
    rules = RuleSet((*thinned(bundled.packs, asked.rules), generated), bundled.fingerprint)
    count = min(count, asked.rules)
    assessor = Assessor(EvidenceSettings())
    bench = Bench(
        corpus, sliced, folder, Stripper(rules), assessor, Preparer(Recipe(rules, RUN.clean, across=True, maker=Maker(RUN)))
    )
    prepared = process_time() - began
    with collector.seldom():  # as in a run
        cold, documents = run_stages(bench)
    run_whole(bench)
    yield f"corpus: {asked.mb:g} MB, {len(corpus)} documents; naive reads {len(sliced)} of them; {asked.rules} rules, {count} bundled"
    simple = naive.NaiveRules(rule for _, rule in rules.rules())
    ours: list[Seconds] = []
    theirs: list[Seconds] = []
    for part in parts[1:]:
        there = replace(bench, corpus=part)
        scale = _size(corpus) / _size(part)
        with collector.seldom():
            seconds = run_stages(there)[0]
        seconds |= run_whole(there)
        ours.append({stage: scale * spent for stage, spent in seconds.items()})
        seconds, outcome = run_naive(bench, simple)
        theirs.append(seconds)
    warm = _medians(ours)
    lazily = sum(cold[stage] - warm[stage] for stage in STAGES)
    yield f"paid once a process, in seconds of processor time: {prepared:.1f} to load the rules, {lazily:.1f} when first used"
    yield from shown_speed(bench, warm, _medians(theirs))
    naively: Tally = Counter()
    for article in sliced:
        text, left, flagged = outcome[article.name]
        gone = {number for number, _ in enumerate(line_spans(text), 1)} - {number for number, _ in left}
        naively += check(article, text, gone, set(flagged))
    yield ""
    yield from shown_truth(check_ours(bench, documents), naively)


def _parts(all_of_them: Iterator[Article], size: int, count: int) -> list[list[Article]]:
    """Articles in order, in so many parts of so many bytes or a little more."""
    parts: list[list[Article]] = []
    for _ in range(count):
        part: list[Article] = []
        written = 0
        while written < size:
            article = next(all_of_them)
            part.append(article)
            written += len(article.data)
        parts.append(part)
    return parts


def _size(some: Sequence[Article]) -> int:
    return sum(len(one.data) for one in some)


def _medians(rounds: Sequence[Seconds]) -> Seconds:
    return {stage: median(one[stage] for one in rounds) for stage in rounds[0]}


def main() -> None:
    """Reads the command line and prints the tables."""
    parser = argparse.ArgumentParser(description="Megabytes per processor second of each stage, ours and naive.")
    parser.add_argument("--mb", type=float, default=5, help="megabytes of the corpus (default: 5)")
    parser.add_argument(
        "--naive-mb", type=float, default=0.3, help="megabytes of it that the naive composition reads (default: 0.3)"
    )
    parser.add_argument("--rules", type=int, default=500, help="rules in force, bundled ones and generated ones (default: 500)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of A and B (default: 3)")
    parser.add_argument("--seed", type=int, default=1, help="of corpus and generated rules (default: 1)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for line in measure(asked, Path(folder)):
            print(line, flush=True)


if __name__ == "__main__":
    main()
