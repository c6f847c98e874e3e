"""How long it takes to load a folder of site files: 1,900 invented ones of the usual size, and a list of 20,000 cosmetic filters.

python benchmarks/site_files.py
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from pathlib import Path

from cleaner.rules.load import load_rules
from cleaner.rules.model import RuleSet

FILES = 1_900
FILTERS = 20_000
_WORDS = [
    "harbour",
    "gull",
    "ferry",
    "tide",
    "pier",
    "storm",
    "mast",
    "crab",
    "lantern",
    "oar",
    "quay",
    "shoal",
    "reef",
    "buoy",
    "anchor",
    "sail",
]


def site_files(folder: Path, count: int = FILES) -> None:
    """Writes site files of invented hosts: three to fifteen lines each."""
    chance = random.Random(7)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        word = chance.choice(_WORDS)
        rows = [f"# {word}", f"title: //h1[@class='{word}-title']", f"body: //div[@id='{word}-body']"]
        rows += [f"strip: //div[contains(@class, '{chance.choice(_WORDS)}-{n}')]" for n in range(chance.randrange(6))]
        rows += [f"strip_id_or_class: {chance.choice(_WORDS)}{n}" for n in range(chance.randrange(6))]
        rows += ["date: //time/@datetime", "author: //a[@rel='author']", "prune: no", "tidy: no"][: chance.randrange(5)]
        rows.append(f"test_url: https://{word}{number}.example/story")
        (folder / f"{word}{number}.example.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")


def filter_list(path: Path, count: int = FILTERS) -> None:
    """Writes a list of filters for all pages and for invented hosts."""
    chance = random.Random(8)
    rows = ["! Title: invented"]
    for number in range(count):
        host = f"{chance.choice(_WORDS)}{number % 3000}.example" if number % 2 else ""
        rows.append(f"{host}##{chance.choice('.#')}{chance.choice(_WORDS)}-{number}")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def _seconds(path: Path, repeats: int = 5) -> tuple[float, float, RuleSet]:
    """Median of processor time and of the clock, and what was loaded."""
    taken, waited = [], []
    for _ in range(repeats):
        clock, begin = time.perf_counter(), time.process_time()
        rules = load_rules(path, bundled=False)
        taken.append(time.process_time() - begin)
        waited.append(time.perf_counter() - clock)
    return statistics.median(taken), statistics.median(waited), rules


def main() -> None:
    """Prints the figures."""
    with tempfile.TemporaryDirectory() as folder:
        site_files(Path(folder) / "sites")
        filter_list(Path(folder) / "list.txt")
        for name, path in (
            (f"{FILES:,} site files", Path(folder) / "sites"),
            (f"{FILTERS:,} filters", Path(folder) / "list.txt"),
        ):
            processor, clock, rules = _seconds(path)
            count = sum(len(pack.rules) for pack in rules.packs)
            print(
                f"{name}: {processor:.2f} s of processor time, {clock:.2f} s by the clock; {count:,} rules in {len(rules.packs):,} packs"
            )


if __name__ == "__main__":
    main()
