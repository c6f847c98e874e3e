"""Pages of the sites that have a bundled pack, without a URL, and foreign pages that quote them; cases are files."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleaner import Document, Layout, Pipeline

CASES = sorted((Path(__file__).parent / "cases" / "sites").glob("*.case"))


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    return Pipeline()


def _parsed(path: Path) -> tuple[str, dict[int, str]]:
    lines = path.read_text(encoding="utf-8").split("\n")
    return "\n".join(line[2:] for line in lines), {number: line[0] for number, line in enumerate(lines, 1) if line.strip()}


def _gone(document: Document) -> set[int]:
    return {removal.line for removal in document.removals if not isinstance(removal.cause, Layout)}


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_must_go_goes_and_the_rest_stays(path: Path, line_end: str, pipeline: Pipeline) -> None:
    text, signs = _parsed(path)
    document = pipeline.clean(text.replace("\n", line_end))
    gone = _gone(document)
    lines = text.split("\n")
    assert [lines[number - 1] for number, sign in signs.items() if sign == "-" and number not in gone] == []
    assert [lines[number - 1] for number, sign in signs.items() if sign == "+" and number in gone] == []
    kept = [line for number, line in enumerate(lines, 1) if line.strip() and number not in gone]
    assert [line for line in document.clean_text.replace("\r\n", "\n").split("\n") if line.strip()] == kept


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_site_is_told_by_its_lines(path: Path, pipeline: Pipeline) -> None:
    pack = path.stem.split(".")[0]
    assert pipeline.clean(_parsed(path)[0]).packs == (() if pack == "foreign" else (pack,))
