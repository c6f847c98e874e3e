"""Golden cases: each file under ``tests/golden/samples`` is the clean text of the sample of its name. To add one, add two files."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path

import pytest

from cleaner.document import Document, Media, Raw, Source
from cleaner.layout import close_gaps
from cleaner.pipeline import Pipeline

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"
GOLDEN = ROOT / "tests" / "golden" / "samples"
PAGES = sorted(path.relative_to(GOLDEN).as_posix() for path in GOLDEN.rglob("*.txt"))
LEFT: dict[str, list[str]] = tomllib.loads((ROOT / "tests" / "golden" / "left.toml").read_text(encoding="utf-8"))
RECORDS = [json.loads(line) for line in (GOLDEN / "records.jsonl").read_text(encoding="utf-8").splitlines()]


@cache
def pipeline() -> Pipeline:
    """The bundled rules, compiled once."""
    return Pipeline()


def cleaned(data: bytes | str, media: Media = Media.TEXT, site: str | None = None) -> str:
    """The clean text of a page or of a record's text."""
    document = pipeline().prepare(Raw(Source("sample"), data, media, site=site))
    assert isinstance(document, Document), document
    return close_gaps(document).clean_text


def test_every_sample_has_a_golden_case() -> None:
    samples = {path.relative_to(SAMPLES).with_suffix(".txt").as_posix() for path in SAMPLES.glob("*/*")}
    assert samples == set(PAGES)
    assert len(RECORDS) == len((SAMPLES / "records.jsonl").read_bytes().splitlines())


@pytest.mark.parametrize("page", PAGES)
def test_pages(page: str) -> None:
    sample = SAMPLES / page
    html = sample.with_suffix(".html")
    found = cleaned(html.read_bytes(), Media.HTML) if html.exists() else cleaned(sample.read_bytes())
    golden = (GOLDEN / page).read_bytes().decode()
    if page not in LEFT:
        assert found == golden
        return
    # What is known to be left must be left, and nothing else: a line that goes now is to be taken from the list.
    lines = [line for line in found.split("\n") if line.strip()]
    assert [line for line in lines if line in LEFT[page]] == LEFT[page]
    assert [line for line in lines if line not in LEFT[page]] == [line for line in golden.split("\n") if line.strip()]


@pytest.mark.parametrize("number", range(len(RECORDS)), ids=[str(record["id"]) for record in RECORDS])
def test_records(number: int) -> None:
    sample = json.loads((SAMPLES / "records.jsonl").read_text(encoding="utf-8").splitlines()[number])
    assert sample["id"] == RECORDS[number]["id"]
    assert cleaned(sample["text"], site=sample["url"]) == RECORDS[number]["text"]


@pytest.mark.parametrize("page", PAGES)
def test_clean_text_stays_as_it_is(page: str) -> None:
    text = (GOLDEN / page).read_bytes().decode()
    assert cleaned(text) == text
