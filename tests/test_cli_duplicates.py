"""``cleaner duplicates``: the clusters of a finished run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cleaner.audit import Detail
from cleaner.dedup.settings import DuplicateSettings, Policy
from cleaner.document import Relation, Unit
from cleaner.errors import UsageError
from cleaner.run.found import FoundCluster, find_clusters, find_least
from cleaner.settings import CleanSettings, RunSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
LONG = "The ferry council met on Tuesday for nine hours and voted, by a single hand, to keep the night boat running all winter."
QUOTE = "voted, by a single hand, to keep the night boat running all winter."


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory, cleaner: Any) -> Path:
    """A finished run over the samples."""
    folder = tmp_path_factory.mktemp("samples")
    done = cleaner("clean", SAMPLES, "--out", "run", "--no-rules", cwd=folder)
    assert done.code == 0, done.err
    return folder


def test_clusters_of_the_samples(samples: Path, cleaner: Any) -> None:
    done = cleaner("duplicates", "run", cwd=samples)
    assert (done.code, done.err) == (0, "")
    assert "\x1b" not in done.text
    blocks = [block.splitlines() for block in done.text.strip().split("\n\n")]
    shared = [block for block in blocks if "reservoir-wire-marrowvale.txt" in block[0]]
    assert shared
    for block in shared:
        for row in block[1:]:
            assert "reservoir-wire-northgate.txt, line " in row
            assert row.split()[0] in ("same", "inside", "holds")
            assert "Jaccard" in row or "containment" in row
    told = [json.loads(line) for line in cleaner("duplicates", "run", "--json", cwd=samples).out.splitlines()]
    assert len(told) == len(blocks) - 1
    assert blocks[-1] == [f"{len(told)} clusters, {sum(len(one['copies']) for one in told)} copies"]
    for one in told:
        assert set(one) == {"unit", "original", "copies"}
        for copy in one["copies"]:
            assert set(copy) - {"record"} == {"id", "input", "line", "relation", "jaccard", "containment", "of", "removed"}
            assert copy["removed"] is False
            assert copy["jaccard"] >= 0.8 if copy["relation"] == "same" else copy["containment"] >= 0.9
            assert (copy["input"], copy["line"]) > (copy["of"]["input"], copy["of"]["line"]) or copy["relation"] == "inside"


def test_what_an_earlier_run_said_in_a_record_is_no_flag_of_this_run(cleaner: Any, files: Any) -> None:
    """Records that come out of a run have a field ``cleaner`` with lists of their own, which a second run keeps for ``restore``."""
    folder = files({"a.jsonl": json.dumps({"text": LONG}) + "\n"})
    assert cleaner("clean", "a.jsonl", "--out", "one", cwd=folder).code == 0
    assert cleaner("clean", "a.jsonl", "one/clean", "--out", "two", cwd=folder).code == 0
    done = cleaner("duplicates", "two", cwd=folder)
    assert (done.code, done.err) == (0, "")
    assert "1 cluster, 1 copy" in done.text


def test_relations_places_and_what_was_removed(cleaned: Any, files: Any) -> None:
    records = [{"id": 5, "text": f"Head\n{LONG}"}, {"id": 5, "text": f"Other\n\n{QUOTE}"}]
    folder = files(
        {"a.txt": f"One\n\n{LONG}\n\n{QUOTE}\n", "b.txt": f"{LONG}\n", "r.jsonl": "\n".join(map(json.dumps, records))}, "in"
    )
    for policy in (Policy.FLAG, Policy.KEEP_FIRST):
        out = folder.parent / policy.value
        cleaned([folder], out, RunSettings(clean=CleanSettings(duplicates=DuplicateSettings(policy))))
        gone = policy is Policy.KEEP_FIRST
        (cluster,) = find_clusters(out)
        assert (cluster.unit, cluster.original.shown) == (Unit.PASSAGE, "a.txt, line 3")
        assert [(copy.place.shown, copy.relation, copy.removed) for copy in cluster.copies] == [
            ("a.txt, line 5", Relation.INSIDE, gone), ("b.txt, line 1", Relation.SAME, gone),
            ("r.jsonl, record 1 (5), line 2", Relation.SAME, gone), ("r.jsonl, record 2 (5), line 3", cluster.copies[3].relation, gone),
        ]  # fmt: skip


def test_documents_that_are_alike(cleaned: Any, files: Any) -> None:
    folder = files({"a.txt": f"{LONG}\n", "b.txt": f"{LONG}\n\nAnd more.\n"}, "in")
    settings = RunSettings(clean=CleanSettings(duplicates=DuplicateSettings(Policy.KEEP_LONGEST, frozenset([Unit.DOCUMENT]))))
    cleaned([folder], folder.parent / "out", settings)
    assert (folder.parent / "out/clean/a.txt").read_bytes() == b""
    assert (folder.parent / "out/clean/b.txt").read_text() == f"{LONG}\n\nAnd more.\n"
    (cluster,) = find_clusters(folder.parent / "out")
    assert (cluster.unit, cluster.original.line) == (Unit.DOCUMENT, None)


# -- a higher threshold


def words(number: int, changed: Sequence[int] = (), length: int = 120) -> str:
    """A passage of its own words, some of them changed: one of 120 leaves a Jaccard similarity of .917, two leave .841."""
    return " ".join(f"w{number}x{word}{'y' * (word in changed)}" for word in range(length))


def run_at(cleaned: Any, folder: Path, threshold: float) -> Path:
    """A run over a folder with this threshold."""
    out = folder.parent / f"at-{threshold:g}"
    cleaned([folder], out, RunSettings(clean=CleanSettings(duplicates=DuplicateSettings(threshold=threshold))))
    return out


def drawn(found: Sequence[FoundCluster]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Clusters by places: the original, and each copy with what it is like."""
    return [(one.original.shown, [(copy.place.shown, copy.of.shown) for copy in one.copies]) for one in found]


def members(found: Sequence[FoundCluster]) -> list[list[str]]:
    """Clusters by places, the original first. What each copy is like is left out: here the most similar, in a fresh run the earliest."""
    return [[one.original.shown, *(copy.place.shown for copy in one.copies)] for one in found]


def changed_audit(run: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Changes every object of the audit of a run."""
    entries = [json.loads(line) for line in (run / "audit.jsonl").read_bytes().splitlines()]
    for entry in entries:
        change(entry)
    (run / "audit.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in entries))


def test_a_higher_threshold_gives_the_clusters_of_a_fresh_run(cleaned: Any, files: Any) -> None:
    variants = [(), (30,), (30, 70), (), (119,), (60, 61), (30, 70, 100)]
    names = {
        f"{place}-{number}.txt": words(number, changed) for number in range(4) for place, changed in enumerate(variants[number:])
    }
    names |= {f"8-{number}.txt": words(number, length=98 + 3 * number) for number in range(4)}
    names |= {f"9-{number}.txt": words(number, (5,)) + " " + words(50 + number, length=10) for number in range(4)}
    folder = files(names, "in")
    low = run_at(cleaned, folder, 0.8)
    for threshold in (0.8, 0.85, 0.9, 0.95, 1.0):
        fresh = run_at(cleaned, folder, threshold) if threshold > 0.8 else low
        assert members(find_clusters(low, threshold)) == members(find_clusters(fresh)), threshold
        assert find_least(low, 100, threshold).accepted == find_least(fresh, 100).accepted


def test_the_most_similar_one_stands_in_for_one_that_is_not_enough(cleaned: Any, files: Any) -> None:
    run = run_at(
        cleaned,
        files({f"{name}.txt": words(1, changed) for name, changed in (("a", (30,)), ("b", (60,)), ("c", (60,)))}, "in"),
        0.8,
    )

    def change(entry: dict[str, Any]) -> None:
        if entry["input"] == "c.txt":
            flag = entry["duplicates"][0]
            assert flag["of"]["input"] in "a.txt b.txt"
            flag |= {"of": {"id": "a.txt", "line": 1, "input": "a.txt"}, "jaccard": 0.8413, "containment": 0.9138}
            flag["closest"] = {"of": {"id": "b.txt", "line": 1, "input": "b.txt"}, "jaccard": 1.0, "containment": 1.0}

    changed_audit(run, change)
    assert drawn(find_clusters(run)) == [
        ("a.txt, line 1", [("b.txt, line 1", "a.txt, line 1"), ("c.txt, line 1", "a.txt, line 1")])
    ]
    both, none = find_clusters(run, 0.9), find_clusters(run, 1.0)
    assert [(copy.place.shown, copy.of.shown, copy.relation) for one in both for copy in one.copies] == [
        ("b.txt, line 1", "a.txt, line 1", Relation.INSIDE), ("c.txt, line 1", "b.txt, line 1", Relation.SAME)
    ]  # fmt: skip
    assert drawn(none) == drawn(both)


def test_in_one_document_the_contained_passage_bears_the_flag(cleaned: Any, files: Any) -> None:
    folder = files({"a.txt": f"{words(1, length=100)}\n\n{words(1)}\n"}, "in")
    run = run_at(cleaned, folder, 0.8)
    assert drawn(find_clusters(run)) == [("a.txt, line 1", [("a.txt, line 3", "a.txt, line 1")])]
    changed_audit(run, lambda entry: entry["duplicates"][0].update(larger=True))
    assert drawn(find_clusters(run, 0.9)) == drawn(find_clusters(run_at(cleaned, folder, 0.9)))
    assert find_clusters(run, 0.9)[0].copies[0].relation is Relation.INSIDE


def test_a_threshold_that_cannot_be_answered_is_refused(cleaned: Any, files: Any, cleaner: Any) -> None:
    run = run_at(cleaned, files({"a.txt": words(1), "b.txt": words(1)}, "in"), 0.8)
    done = cleaner("duplicates", run, "--threshold", "0.7", cwd=run.parent)
    assert (done.code, done.out) == (2, b"")
    assert "was made with 0.8" in done.err
    assert "clean again with --threshold 0.7" in done.err
    off = RunSettings(clean=CleanSettings(duplicates=DuplicateSettings(Policy.OFF)))
    cleaned([run.parent / "in"], run.parent / "off", off)
    for option in (["--threshold", "0.9"], ["--least", "1"]):
        done = cleaner("duplicates", "off", *option, cwd=run.parent)
        assert (done.code, done.out, "--duplicates off" in done.err) == (2, b"", True)


# -- the least similar


def test_the_least_similar_pairs_with_what_differs(cleaned: Any, files: Any, cleaner: Any) -> None:
    texts = {"a.txt": f"Head\n\n{words(1)}\n", "b.txt": words(1, (30, 70)), "c.txt": words(1, (30,)), "d.txt": words(1)}
    run = run_at(cleaned, files(texts, "in"), 0.8)
    done = cleaner("duplicates", run, "--least", "2", cwd=run.parent)
    assert (done.code, done.err) == (0, "")
    assert (
        done.text
        == """\
1. Jaccard 0.841
   a.txt, line 3
      … w1x28 w1x29 w1x30 w1x31 w1x32 … w1x68 w1x69 w1x70 w1x71 w1x72 …
   b.txt, line 1
      … w1x28 w1x29 w1x30y w1x31 w1x32 … w1x68 w1x69 w1x70y w1x71 w1x72 …

2. Jaccard 0.917
   a.txt, line 3
      … w1x28 w1x29 w1x30 w1x31 w1x32 …
   c.txt, line 1
      … w1x28 w1x29 w1x30y w1x31 w1x32 …

The 2 least similar of 3 accepted pairs (Jaccard 0.8 or more)
"""
    )
    told = [json.loads(line) for line in cleaner("duplicates", run, "--least", "9", "--json", cwd=run.parent).out.splitlines()]
    assert [one["jaccard"] for one in told] == sorted(one["jaccard"] for one in told)
    for one in told:
        assert set(one) == {"unit", "id", "input", "line", "text", "relation", "jaccard", "containment", "of", "removed"}
        assert one["text"] == texts[one["input"]].strip()
        assert one["of"] == {"id": "a.txt", "input": "a.txt", "line": 3, "text": words(1)}
    assert cleaner("duplicates", run, "--least", "1", "--threshold", "0.9", cwd=run.parent).text.startswith("1. Jaccard 0.917\n")


def test_texts_of_what_went_of_records_and_of_wrapped_paragraphs(cleaned: Any, files: Any) -> None:
    rows = (
        "the committee said on tuesday that it would not publish the\nreport this year, since some of its members had asked for\n"
    )
    wrapped = "".join(f"{letter}{rows}" for letter in "TUVWXY")
    folder = files(
        {"a.txt": f"{LONG}\n\n{wrapped}", "r.jsonl": "".join(json.dumps({"text": text}) + "\n" for text in ("None.", f"One.\n\n{LONG}", wrapped))}, "in"
    )  # fmt: skip
    settings = RunSettings(clean=CleanSettings(duplicates=DuplicateSettings(Policy.KEEP_FIRST)))
    cleaned([folder], folder.parent / "run", settings)
    found = {pair.copy.place.shown: pair for pair in find_least(folder.parent / "run", 10).pairs}
    assert found["r.jsonl, record 2, line 3"].copy.removed
    for pair in found.values():
        assert pair.text == pair.other, pair.copy.place.shown
    assert found["r.jsonl, record 2, line 3"].text == LONG


def test_without_texts_the_places_are_shown(cleaned: Any, files: Any, cleaner: Any) -> None:
    folder = files({"a.txt": words(1), "b.txt": words(1)}, "in")
    cleaned([folder], folder.parent / "run", RunSettings(detail=Detail.SPANS))
    done = cleaner("duplicates", "run", "--least", "5", cwd=folder.parent)
    assert done.text.splitlines()[:5] == [
        "1. Jaccard 1.000", "   a.txt, line 1", "      (no text without --audit full)", "   b.txt, line 1", "      (no text without --audit full)"
    ]  # fmt: skip
    assert done.text.endswith("All 1 accepted pair (Jaccard 0.8 or more)\n")
    cleaned([folder / "a.txt"], folder.parent / "alone")
    assert (
        cleaner("duplicates", "alone", "--least", "5", cwd=folder.parent).text
        == "No pair of this run reaches a Jaccard similarity of 0.8.\n"
    )


# -- documents of earlier runs


def test_originals_of_an_earlier_run(cleaned: Any, files: Any, cleaner: Any) -> None:
    run = run_at(cleaned, files({"a.txt": words(1), "b.txt": words(1), "c.txt": words(1)}, "in"), 0.8)

    def change(entry: dict[str, Any]) -> None:
        of = {"id": 7, "line": 12, "input": "a.txt" if entry["input"] == "b.txt" else "old.jsonl", "earlier": True}
        flag = {"unit": "passage", "start": 0, "end": 9, "line": 1, "relation": "same", "jaccard": 0.82, "containment": 0.85}
        closest = {"of": {**of, "input": "z.txt"}, "jaccard": 0.97, "containment": 0.98}
        entry["duplicates"] = [{**flag, "of": of, "closest": closest}]

    changed_audit(run, change)
    done = cleaner("duplicates", run, cwd=run.parent)
    assert (
        done.text
        == """\
1. passage at a.txt (7), line 12 (earlier run)
   same   Jaccard 0.82       b.txt, line 1

2. passage at old.jsonl (7), line 12 (earlier run)
   same   Jaccard 0.82       a.txt, line 1
   same   Jaccard 0.82       c.txt, line 1

2 clusters, 3 copies
"""
    )
    assert drawn(find_clusters(run, 0.9)) == [
        ("z.txt (7), line 12 (earlier run)", [(f"{name}.txt, line 1", "z.txt (7), line 12 (earlier run)") for name in "abc"])
    ]
    told = json.loads(cleaner("duplicates", run, "--json", cwd=run.parent).out.splitlines()[0])
    assert told["original"] == {"id": 7, "input": "a.txt", "line": 12, "earlier": True}
    least = cleaner("duplicates", run, "--least", "1", cwd=run.parent).text.splitlines()
    assert least[1:3] == ["   old.jsonl (7), line 12 (earlier run)", "      (its text is not in this run)"]
    assert least[4].strip().startswith("w1x0 w1x1")


def test_what_is_no_run_is_said(cleaned: Any, files: Any, cleaner: Any) -> None:
    folder = files({"a.txt": f"{LONG}\n"}, "in")
    cleaned([folder], folder.parent / "none", RunSettings(detail=Detail.NONE))
    with pytest.raises(UsageError, match="--audit none"):
        find_clusters(folder.parent / "none")
    cleaned([folder], folder.parent / "alone")
    assert cleaner("duplicates", "alone", cwd=folder.parent).text == "No near-duplicates were flagged in this run.\n"
    done = cleaner("duplicates", "in", cwd=folder.parent)
    assert (done.code, "no finished run" in done.err, done.out) == (2, True, b"")
