"""Whether memory stays flat: the peak of runs over ever more short documents, with and without the index of duplicates; and of one huge document.

    python benchmarks/memory.py [--documents 100000 1000000] [--strength default] [--workers 1] [--huge-mb 200] [--seed 1]

Every run is a process of its own over one file of JSON lines, of invented words, and tells its peak in ``run.json`` (``VmHWM``). The bar:
without the index the largest run stays within a tenth of the smallest. With it, the difference is told in bytes a passage. The
huge document comes as text, as a page, as one line, as a JSON record and compressed; each must be handled or rejected, below 500 MB.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parent.parent
LINES = 3
"""Lines of a short document; each is a passage that is compared."""
WORDS = 12
MOST = 500
"""MB that a run over one huge document may take."""


@dataclass(frozen=True, slots=True)
class Peak:
    """What one run took.

    Attributes:
        status: exit status.
        resident: bytes at most, of the process or of its largest worker.
        seconds: by the clock.
        rejections: reasons, as ``rejected.jsonl`` has them.
    """

    status: int
    resident: int
    seconds: float
    rejections: tuple[str, ...]


def short_documents(path: Path, count: int, seed: int) -> None:
    """Writes JSON lines of short texts; no two have a line in common."""
    rng = Random(seed)
    words = ["".join(rng.choices(("ba", "ke", "li", "mo", "nu", "ras", "tel", "vin", "dor"), k=1 + n % 4)) for n in range(20_000)]
    with path.open("w", encoding="utf-8") as out:
        for number in range(count):
            lines = (" ".join(rng.choices(words, k=WORDS)).capitalize() + "." for _ in range(LINES))
            out.write(json.dumps({"id": number, "text": "\n".join(lines)}) + "\n")


def measure(source: Path, folder: Path, *options: str) -> Peak:
    """Cleans an input in a process of its own."""
    with tempfile.TemporaryDirectory(dir=folder) as out:
        began = time.monotonic()
        command = [sys.executable, "-m", "cleaner", "clean", str(source), "--out", str(Path(out, "out")), *options]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        seconds = time.monotonic() - began
        if done.returncode not in (0, 1):
            return Peak(done.returncode, 0, seconds, (done.stderr.decode(errors="replace")[-300:],))
        peak = json.loads(Path(out, "out/run.json").read_bytes())["peak_memory"]
        rejected = tuple(json.loads(line)["reason"] for line in Path(out, "out/rejected.jsonl").read_bytes().splitlines())
    return Peak(done.returncode, max(value or 0 for value in peak.values()), seconds, rejected)


def growth(asked: argparse.Namespace, folder: Path) -> Iterator[str]:
    """The table of runs over ever more documents."""
    yield f"{'documents':>10}  {'duplicates':<10}  {'peak MB':>8}  {'MB more':>8}  {'B a passage':>11}  {'seconds':>8}"
    options = ["--strength", asked.strength, "--workers", str(asked.workers)]
    flat: list[int] = []
    first: dict[str, Peak] = {}
    for count in asked.documents:
        source = folder / f"{count}.jsonl"
        short_documents(source, count, asked.seed)
        for mode in ("off", "flag"):
            peak = measure(source, folder, *options, "--duplicates", mode)
            if peak.status != 0:
                yield f"{count:>10}  {mode:<10}  failed ({peak.status}): {peak.rejections[:1]}"
                continue
            more = peak.resident - first.setdefault(mode, peak).resident
            passages = LINES * (count - asked.documents[0])
            flat += [peak.resident] if mode == "off" else []
            each = f"{more / passages:11.0f}" if passages else f"{'-':>11}"
            yield f"{count:>10}  {mode:<10}  {peak.resident / 1e6:8.1f}  {more / 1e6:8.1f}  {each}  {peak.seconds:8.0f}"
        source.unlink()
    if len(flat) > 1:
        share = max(flat) / flat[0] - 1
        yield f"without the index the peak grows by {share:.1%} (bar: 10 %): {'holds' if share <= 0.1 else 'DOES NOT HOLD'}"


def _text(path: Path, size: int) -> None:
    line = b"The council met again on the matter of the bridge and did not agree on who pays.\n"
    path.write_bytes(line * (size // len(line)))


def _page(path: Path, size: int) -> None:
    part = b"<p>The council met again on the matter of the bridge and did not agree on who pays.</p>\n"
    path.write_bytes(b"<html><body><article>" + part * (size // len(part)) + b"</article></body></html>")


def _line(path: Path, size: int) -> None:
    path.write_bytes(b"word " * (size // 5))


def _record(path: Path, size: int) -> None:
    path.write_bytes(b'{"id": 1, "text": "' + b"word " * (size // 5) + b'"}\n{"id": 2, "text": "The one behind it."}\n')


def _packed(path: Path, size: int) -> None:
    _text(path.with_suffix(""), size)
    with gzip.open(path, "wb", compresslevel=1) as out, path.with_suffix("").open("rb") as file:
        while block := file.read(1 << 20):
            out.write(block)
    path.with_suffix("").unlink()


HUGE: dict[str, Callable[[Path, int], None]] = {
    "text.txt": _text,
    "page.html": _page,
    "line.txt": _line,
    "record.jsonl": _record,
    "packed.txt.gz": _packed,
}
"""One huge document, by the name of its file."""


def huge(asked: argparse.Namespace, folder: Path) -> Iterator[str]:
    """The table of huge documents: as asked for, and as large as the default limit lets in."""
    from cleaner.readers.options import MAX_DOCUMENT

    yield f"{'document':<14}  {'MB':>6}  {'status':>6}  {'peak MB':>8}  {'seconds':>8}  rejected"
    for name, write in HUGE.items():
        for size in (int(asked.huge_mb * 1e6), MAX_DOCUMENT - 1024):
            source = folder / name
            write(source, size)
            peak = measure(source, folder, "--strength", asked.strength)
            source.unlink()
            much = "" if peak.resident < MOST * 1e6 and peak.status in (0, 1) else f"  MORE THAN {MOST} MB"
            reasons = ", ".join(peak.rejections) or "-"
            yield f"{name:<14}  {size / 1e6:6.1f}  {peak.status:6}  {peak.resident / 1e6:8.1f}  {peak.seconds:8.1f}  {reasons}{much}"


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--documents", type=int, nargs="*", default=[100_000, 1_000_000], help="sizes of the runs; none: only the huge one"
    )
    parser.add_argument("--strength", default="default", choices=["rules", "careful", "default", "thorough"])
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--huge-mb", type=float, default=200.0, help="size of the huge document; 0: none")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory() as folder:
        for table in (growth, huge):
            if asked.documents if table is growth else asked.huge_mb:
                for line in table(asked, Path(folder)):
                    print(line, flush=True)


if __name__ == "__main__":
    main()
