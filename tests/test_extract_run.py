"""HTML through the commands: metadata in records and on top of texts, Markdown, what was left out in the audit."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cleaner.cli import main

PROSE = [
    "The storm came at night and tore the roofs off seven houses along the harbour road, the council said on Tuesday morning.",
    "Nobody was hurt, but the ferry will not sail before Friday because its pier was broken by the waves, according to the port.",
    "Help for those who lost their homes is given at the town hall, which stays open through the night, the mayor told reporters.",
    "Engineers will look at the sea wall on Wednesday, when the tide is low enough to walk along the stones below the lighthouse.",
]
PAGE = (
    '<!DOCTYPE html><html lang="en"><head><title>Storm: "hits" the coast</title><meta name="author" content="Ann Harbour">'
    '<meta property="article:published_time" content="2024-03-02"></head><body><nav><a href="/">Home</a></nav><article>'
    '<h1>Storm: "hits" the coast</h1>'
    f"<p>{PROSE[0]}</p><h2>What is known so far</h2>"
    + "".join(f"<p>{one}</p>" for one in PROSE[1:])
    + '</article><div class="share-bar">Share on Facebook</div></body></html>'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "storm.html").write_text(PAGE, encoding="utf-8")
    return tmp_path


def clean(folder: Path, *options: str) -> Path:
    out = folder / "out"
    done = CliRunner().invoke(main, ["clean", str(folder / "in"), "--out", str(out), *options], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return out


def test_front_matter_and_restore(folder: Path):
    out = clean(folder, "--front-matter")
    text = (out / "clean" / "storm.txt").read_text(encoding="utf-8")
    head, _, body = text.partition("\n---\n\n")
    assert head.split("\n") == [
        "---",
        'title: "Storm: \\"hits\\" the coast"',
        'author: "Ann Harbour"',
        'date: "2024-03-02"',
        'language: "en"',
    ]
    assert body.startswith(PROSE[0])
    assert "Storm: " not in body
    done = CliRunner().invoke(main, ["restore", str(out), "--out", str(folder / "back")], catch_exceptions=False)
    assert done.exit_code == 0
    back = next((folder / "back").rglob("storm*"))
    assert back.read_text(encoding="utf-8") == body


def test_records_hold_metadata(folder: Path):
    out = clean(folder, "--to", "jsonl")
    record = json.loads(next((out / "clean").rglob("*.jsonl")).read_text(encoding="utf-8"))
    assert record["metadata"] == {
        "title": 'Storm: "hits" the coast',
        "author": "Ann Harbour",
        "date": "2024-03-02",
        "language": "en",
    }


def test_a_field_of_that_name_stays(folder: Path):
    (folder / "in" / "storm.html").unlink()
    row = {"id": 1, "html": PAGE, "metadata": "mine"}
    (folder / "in" / "rows.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    out = clean(folder)
    assert json.loads((out / "clean" / "rows.jsonl").read_text(encoding="utf-8"))["metadata"] == "mine"


def test_the_html_field_stays_and_restore_gives_the_record(folder: Path):
    (folder / "in" / "storm.html").unlink()
    row = {"id": 1, "html": PAGE}
    (folder / "in" / "rows.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    out = clean(folder)
    record = json.loads((out / "clean" / "rows.jsonl").read_text(encoding="utf-8"))
    assert record["html"] == PAGE
    assert record["metadata"]["author"] == "Ann Harbour"
    done = CliRunner().invoke(main, ["restore", str(out), "--out", str(folder / "back")], catch_exceptions=False)
    assert done.exit_code == 0
    assert "metadata" not in json.loads(next((folder / "back").rglob("rows.jsonl")).read_text(encoding="utf-8"))


def test_markdown(folder: Path):
    text = (clean(folder, "--to", "markdown") / "clean" / "storm.md").read_text(encoding="utf-8")
    assert "## What is known so far" in text


def test_audit_tells_what_was_left_out(folder: Path):
    entry = json.loads((clean(folder) / "audit.jsonl").read_text(encoding="utf-8"))
    assert {"reason": "containers.share-bar", "chars": 17, "text": "Share on Facebook"} in entry["left_out"]
    spans = json.loads((clean(folder, "--audit", "spans", "--overwrite") / "audit.jsonl").read_text(encoding="utf-8"))
    assert {"reason": "containers.share-bar", "chars": 17} in spans["left_out"]


def test_explain_shows_what_was_left_out(folder: Path):
    shown = CliRunner().invoke(main, ["explain", str(folder / "in" / "storm.html")], catch_exceptions=False).output
    assert "Left out of the page" in shown
    assert "containers.share-bar" in shown


def test_fast(folder: Path):
    assert PROSE[3] in (clean(folder, "--fast") / "clean" / "storm.txt").read_text(encoding="utf-8")


def restored(folder: Path) -> list[dict[str, object]]:
    done = CliRunner().invoke(main, ["restore", str(folder / "out"), "--out", str(folder / "back")], catch_exceptions=False)
    assert done.exit_code == 0
    path = next(path for path in (folder / "back").rglob("*") if path.is_file())
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_page_of_a_record_is_dropped_when_asked(folder: Path):
    (folder / "in" / "storm.html").unlink()
    rows = [{"id": 1, "html": PAGE}, {"id": 2, "text": "A record without a page.", "html": None}]
    (folder / "in" / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    out = clean(folder, "--drop", "html")
    records = [json.loads(line) for line in (out / "clean" / "rows.jsonl").read_text(encoding="utf-8").splitlines()]
    assert all("html" not in record for record in records)
    assert records[0]["text"].startswith(PROSE[0])
    back = restored(folder)
    assert back[0]["id"] == 1
    assert str(back[0]["text"]).startswith(PROSE[0])
    assert back[1] == {"id": 2, "text": "A record without a page."}


@pytest.mark.parametrize("dropped", [False, True])
def test_a_table_of_pages_gets_a_column_of_metadata(folder: Path, dropped: bool):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    (folder / "in" / "storm.html").unlink()
    columns = {"id": [1, 2], "html": [PAGE, None], "text": [None, "A record without a page."]}
    parquet.write_table(pa.table(columns), folder / "in" / "rows.parquet")
    out = clean(folder, *(["--drop", "html"] if dropped else []))
    table = parquet.read_table(out / "clean" / "rows.parquet")
    assert table.schema.names == [*(["id"] if dropped else ["id", "html"]), "text", "cleaner", "metadata"]
    first, second = table.to_pylist()
    assert json.loads(first["metadata"])["author"] == "Ann Harbour"
    assert second["metadata"] is None
    back = restored(folder)
    assert [sorted(row) for row in back] == [["id", "text"] if dropped else ["html", "id", "text"]] * 2
    assert (back[0]["text"] is None) is not dropped


def test_a_table_without_pages_gets_none(folder: Path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    (folder / "in" / "storm.html").unlink()
    parquet.write_table(pa.table({"id": [1], "text": ["A record without a page."]}), folder / "in" / "rows.parquet")
    assert parquet.read_table(clean(folder) / "clean" / "rows.parquet").schema.names == ["id", "text", "cleaner"]
