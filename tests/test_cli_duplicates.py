"""``cleaner duplicates``: the clusters of a finished run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cleaner.audit import Detail
from cleaner.dedup.settings import DuplicateSettings, Policy
from cleaner.document import Relation, Unit
from cleaner.errors import UsageError
from cleaner.run.found import find_clusters
from cleaner.settings import CleanSettings, RunSettings

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


def test_what_is_no_run_is_said(cleaned: Any, files: Any, cleaner: Any) -> None:
    folder = files({"a.txt": f"{LONG}\n"}, "in")
    cleaned([folder], folder.parent / "none", RunSettings(detail=Detail.NONE))
    with pytest.raises(UsageError, match="--audit none"):
        find_clusters(folder.parent / "none")
    cleaned([folder], folder.parent / "alone")
    assert cleaner("duplicates", "alone", cwd=folder.parent).text == "No near-duplicates were flagged in this run.\n"
    done = cleaner("duplicates", "in", cwd=folder.parent)
    assert (done.code, "no finished run" in done.err, done.out) == (2, True, b"")
