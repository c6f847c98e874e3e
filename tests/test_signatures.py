"""Signatures as they are written: equal to datasketch's with the hash that docs/commands.md prints, and fit for its MinHashLSH."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
LINES = [
    "The harbour of Lindmere was closed on Monday after a storm had torn two cranes from the northern quay.",
    "The harbour of Lindmere was closed on Tuesday after a storm had torn two cranes from the northern quay.",
    "Nobody was hurt, said the mayor, but the ferries to the islands will not sail before the end of the week.",
    "The harbour of Lindmere was closed on Monday after a storm had torn two cranes from the northern quay, police said.",
]


@pytest.fixture(scope="module")
def documented() -> Callable[[tuple[str, ...]], int]:
    """The hash function as the docs print it."""
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    (block,) = [block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "def of_token" in block]
    names: dict[str, Any] = {}
    exec(block, names)
    found: Callable[[tuple[str, ...]], int] = names["h"]
    return found


def test_written_signatures_are_datasketch_s(
    tmp_path: Path, cleaner: Callable[..., Any], documented: Callable[[tuple[str, ...]], int]
) -> None:
    from datasketch import MinHash, MinHashLSH

    (tmp_path / "news").mkdir()
    for number, line in enumerate(LINES):
        (tmp_path / "news" / f"{number}.txt").write_text(f"Head\n\n{line}\n")
    done = cleaner("clean", "news", "--out", "out", "--signatures", "--unit", "both", cwd=tmp_path)
    assert done.code == 0, done.err
    rows = [json.loads(row) for row in (tmp_path / "out" / "signatures.jsonl").read_text().splitlines()]
    assert [(row["unit"], row["id"], row["line"]) for row in rows] == [
        *(("passage", f"{number}.txt", 3) for number in range(4)),
        *(("document", f"{number}.txt", None) for number in range(4)),
    ]
    index = MinHashLSH(threshold=0.6, num_perm=128)
    for row in rows[:4]:
        values = np.frombuffer(base64.b64decode(row["signature"]), "<u4")
        tokens = re.findall(r"\w+", LINES[int(row["id"][0])].casefold())
        assert row["words"] == len(tokens)
        expected = MinHash(num_perm=128, seed=1, scheme="affine32", hashfunc=documented)
        for at in range(len(tokens) - 4):
            expected.update(tuple(tokens[at : at + 5]))
        assert values.tolist() == expected.hashvalues.tolist()
        made = MinHash(num_perm=128, seed=1, scheme="affine32", hashvalues=values)
        if row["id"] == "3.txt":
            assert "0.txt" in index.query(made)
            assert "2.txt" not in index.query(made)
        index.insert(row["id"], made)


def test_signatures_need_a_folder_and_something_to_compare(tmp_path: Path, cleaner: Callable[..., Any]) -> None:
    (tmp_path / "a.txt").write_text(LINES[0])
    done = cleaner("clean", "-", "--signatures", cwd=tmp_path, stdin=b"text")
    assert done.code == 2
    done = cleaner("clean", "a.txt", "--out", "out", "--signatures", "--duplicates", "off", cwd=tmp_path)
    assert done.code == 2
    assert not (tmp_path / "out").exists()
    done = cleaner("clean", "a.txt", "--out", "out", "--signatures", cwd=tmp_path)
    assert done.code == 0
    assert len((tmp_path / "out" / "signatures.jsonl").read_text().splitlines()) == 1
