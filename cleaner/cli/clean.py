"""``cleaner clean``."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from cleaner.audit import Detail
from cleaner.cli import configured, options, summary
from cleaner.cli.failure import DONE, REJECTED, told
from cleaner.dedup.settings import DuplicateSettings, Policy
from cleaner.document import Rejection, Unit
from cleaner.readers import Format
from cleaner.readers.options import ReadOptions
from cleaner.settings import CleanSettings, RunSettings
from cleaner.writers import Target

if TYPE_CHECKING:
    from cleaner.rules.model import RuleSet

_UNITS = {
    "passage": frozenset([Unit.PASSAGE]),
    "document": frozenset([Unit.DOCUMENT]),
    "both": frozenset([Unit.PASSAGE, Unit.DOCUMENT]),
}

EPILOG = """\b
Examples:
  cleaner clean news --out cleaned                       a folder of .txt, .html, .jsonl
  cleaner clean news --out cleaned --rules my-rules      your own packs over the bundled ones
  cat page.txt | cleaner clean -                         clean text to standard output
  cleaner clean - --from jsonl < in.jsonl > out.jsonl    a filter for records

\b
Exit status: 0 done; 1 done, but some inputs were rejected; 2 wrong usage or wrong rules, nothing was
             written; 4 stopped on the way by the machine (full disk, killed worker).
"""


@dataclass(frozen=True, slots=True)
class _Places:
    """Where things go, as the options say it."""

    out: str | None
    audit: str | None
    rejected: str | None
    overwrite: bool
    dry_run: bool
    progress: bool | None


@click.command(cls=configured.Configured, epilog=EPILOG)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--out", metavar="DIR", help="Folder for the clean files and the audit; new or empty.")
@click.option(
    "--to",
    type=click.Choice([target.value for target in Target]),
    help="What to write. Default: text for text and HTML, jsonl for jsonl.",
)
@click.option(
    "--from",
    "reads_as",
    type=click.Choice([form.value for form in Format]),
    help="What all inputs are. Default: by suffix; text for -.",
)
@options.rule_options
@options.evidence_options
@click.option(
    "--duplicates",
    "policy",
    type=click.Choice([policy.value for policy in Policy]),
    default=Policy.FLAG.value,
    show_default=True,
    help="What happens to near-duplicates; flag removes nothing.",
)
@click.option("--unit", type=click.Choice(list(_UNITS)), help="What is compared. Default: passage (document for keep-longest).")
@click.option(
    "--threshold",
    type=click.FloatRange(0.5, 1.0),
    default=0.8,
    show_default=True,
    help="Jaccard similarity from which two are the same.",
)
@click.option(
    "--containment",
    default="0.9",
    show_default=True,
    metavar="SHARE|off",
    help="Share of the smaller one from which it is inside the other, .5 to 1; off: do not look for that.",
)
@click.option(
    "--index",
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="Folder of a lasting index: compare with what earlier runs with it cleaned, too.",
)
@click.option("--signatures/--no-signatures", default=False, help="Write the MinHash signatures to DIR/signatures.jsonl, for datasketch.")
@click.option(
    "--text-field", default="text", show_default=True, metavar="NAME", help="Field of a JSON record that holds its text."
)
@click.option(
    "--meta-field", default="cleaner", show_default=True, metavar="NAME", help="Field of a JSON record that tells what was done."
)
@click.option(
    "--audit",
    "audit",
    metavar="full|spans|none|PATH",
    help="With --out: how much audit.jsonl tells (default full). In a pipe: the file it goes to.",
)
@click.option("--rejected", metavar="PATH", help="In a pipe: the file for rejected records. Default: standard error.")
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    help="Processes; the result is the same for any number.",
)
@click.option("--overwrite", is_flag=True, help="Replace an earlier run in DIR.")
@click.option("--dry-run", is_flag=True, help="Write nothing; show what would be done.")
@click.option("--progress/--no-progress", default=None, help="Show progress. Default: when standard error is a terminal.")
@configured.config_options
def clean(
    inputs: tuple[str, ...],
    out: str | None,
    to: str | None,
    reads_as: str | None,
    packs: tuple[str, ...],
    no_rules: bool,
    site: str | None,
    languages: str | None,
    strength: str,
    doubtful: str,
    kept: tuple[str, ...],
    policy: str,
    unit: str | None,
    threshold: float,
    containment: str,
    index: Path | None,
    signatures: bool,
    text_field: str,
    meta_field: str,
    audit: str | None,
    rejected: str | None,
    workers: int,
    overwrite: bool,
    dry_run: bool,
    progress: bool | None,
) -> None:
    """Clean scraped text.

    INPUT is a file, a folder, a glob, or - for standard input.

    DIR gets clean/ (the texts), audit.jsonl (every removal, and why), rejected.jsonl (what could not be read) and run.json
    (counts and settings).
    """
    places = _Places(out, audit, rejected, overwrite, dry_run, progress)
    with told():
        if meta_field == text_field:
            raise click.UsageError(
                f'--meta-field and --text-field are both "{text_field}", so the text would be lost; choose another'
            )
        chosen = Policy(policy)
        default_unit = "document" if chosen is Policy.KEEP_LONGEST else "passage"
        duplicates = DuplicateSettings(
            policy=chosen,
            units=_UNITS[unit or default_unit],
            threshold=threshold,
            containment=_containment(containment),
            signatures=signatures,
        )
        settings = RunSettings(
            clean=CleanSettings(
                rules=not no_rules,
                languages=options.language_set(languages),
                duplicates=duplicates,
                evidence=options.evidence(strength, doubtful, kept, no_rules=no_rules),
            ),
            read=ReadOptions(site=site, text_field=text_field),
            reads_as=Format(reads_as) if reads_as else None,
            to=Target(to) if to else None,
            meta_field=meta_field,
            detail=_detail(places, inputs),
            workers=workers,
            index=index,
        )
        rules = configured.load_rules(packs, no_rules=no_rules)
        if "-" in inputs and not out:
            _check_pipe(inputs, places, settings)
            sys.exit(_pipe(rules, settings, places))
        _check_folder(inputs, places)
        sys.exit(_folder(inputs, rules, settings, places))


def _containment(said: str) -> float | None:
    if said == "off":
        return None
    try:
        return float(said)
    except ValueError:
        raise click.UsageError(f'--containment "{said}": give a number from .5 to 1, or off') from None


def _detail(places: _Places, inputs: tuple[str, ...]) -> Detail:
    if places.audit is None or ("-" in inputs and not places.out):
        return Detail.FULL
    try:
        return Detail(places.audit)
    except ValueError:
        raise click.UsageError(f'--audit "{places.audit}": with --out it says how much is told: full, spans or none') from None


def _check_pipe(inputs: tuple[str, ...], places: _Places, settings: RunSettings) -> None:
    if len(inputs) > 1:
        raise click.UsageError("- (standard input) goes alone; name the other inputs in a run of their own")
    if settings.clean.duplicates.policy is Policy.KEEP_LONGEST:
        raise click.UsageError(
            "--duplicates keep-longest reads everything twice, which standard input does not allow; use keep-first, or files"
        )
    if settings.clean.duplicates.signatures:
        raise click.UsageError("--signatures writes to the folder of --out; name files and a folder")
    if places.audit in {detail.value for detail in Detail}:
        raise click.UsageError(f"in a pipe --audit names a file; for a file of that name write ./{places.audit}")


def _check_folder(inputs: tuple[str, ...], places: _Places) -> None:
    if "-" in inputs:
        raise click.UsageError("- (standard input) writes to standard output; leave --out away, or name files")
    if places.rejected:
        raise click.UsageError("--rejected is for pipes; with --out, rejects go to rejected.jsonl in that folder")
    if not places.out and not places.dry_run:
        raise click.UsageError("say where the clean files go: --out DIR (or --dry-run, or - to clean standard input)")


def _folder(inputs: tuple[str, ...], rules: RuleSet, settings: RunSettings, places: _Places) -> int:
    from cleaner.run.bulk import Job, clean_files

    out = Path(places.out) if places.out and not places.dry_run else None
    job = Job(inputs, out, rules, settings, overwrite=places.overwrite)
    shown = sys.stderr.isatty() if places.progress is None else places.progress
    with summary.progress_line(enabled=shown) as progress:
        outcome = clean_files(job, progress)
    click.echo(summary.summary(outcome, out))
    return REJECTED if outcome.report.rejections else DONE


def _pipe(rules: RuleSet, settings: RunSettings, places: _Places) -> int:
    from cleaner.run.bulk import Outcome
    from cleaner.run.stream import Taps, clean_stream

    clock = time.perf_counter()
    with contextlib.ExitStack() as stack:
        audit_file = _opened(stack, places.audit) if not places.dry_run else None
        rejected_file = _opened(stack, places.rejected) if not places.dry_run else None
        sink = sys.stdout.buffer if not places.dry_run else stack.enter_context(Path(os.devnull).open("wb"))

        def rejected(rejection: Rejection) -> None:
            _tell_rejection(rejection, rejected_file)

        def audited(line: bytes) -> None:
            if audit_file is not None:
                audit_file.write(line)

        try:
            report = clean_stream(sys.stdin.buffer, sink, rules, settings, Taps(audited, rejected, remember=not places.dry_run))
        except BrokenPipeError:
            # The reader (head, less) has what it wanted. Standard output must not be flushed again at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return DONE
    if places.dry_run:
        click.echo(summary.summary(Outcome(report, Counter(), time.perf_counter() - clock), None))
    return REJECTED if report.rejections else DONE


def _opened(stack: contextlib.ExitStack, path: str | None) -> BinaryIO | None:
    if path is None:
        return None
    try:
        return stack.enter_context(Path(path).open("wb"))
    except OSError as error:
        raise click.UsageError(f"{path} cannot be written: {error.strerror}") from error


def _tell_rejection(rejection: Rejection, file: BinaryIO | None) -> None:
    from cleaner.audit import to_json
    from cleaner.run.outputs import rejection_object

    if file is not None:
        file.write(to_json(rejection_object(rejection)))
        return
    place = f"record {rejection.source.record}" if rejection.source.record is not None else "standard input"
    click.echo(f"rejected: {place}: {rejection.reason}: {rejection.detail}", err=True)
