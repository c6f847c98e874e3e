"""``cleaner clean``."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections import Counter
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from cleaner._version import __version__
from cleaner.audit import Detail
from cleaner.cli import configured, options, summary
from cleaner.cli.failure import DONE, REJECTED, TRIPPED, resumable, told
from cleaner.dedup.settings import DuplicateSettings, Policy
from cleaner.document import Rejection, Unit
from cleaner.readers import Format
from cleaner.readers.options import MAX_DOCUMENT
from cleaner.settings import CleanSettings, RunSettings
from cleaner.writers import Target

if TYPE_CHECKING:
    from cleaner.cli.progress import Display
    from cleaner.report import RunReport
    from cleaner.rules.model import RuleSet

_UNITS = {
    "passage": frozenset([Unit.PASSAGE]),
    "document": frozenset([Unit.DOCUMENT]),
    "both": frozenset([Unit.PASSAGE, Unit.DOCUMENT]),
}

EPILOG = """\b
Examples:
  cleaner clean news --out cleaned                       a folder of .txt, .html, .jsonl, .csv ...
  cleaner clean news --out cleaned --rules my-rules      your own packs over the bundled ones
  cat page.txt | cleaner clean -                         clean text to standard output
  cleaner clean - --from jsonl < in.jsonl > out.jsonl    a filter for records

\b
Exit status: 0 done; 1 done, but some inputs were rejected; 2 wrong usage or wrong rules, nothing was
             written; 3 stopped by a tripwire; 4 stopped on the way by the machine (full disk, killed worker).
"""


@dataclass(frozen=True, slots=True)
class _Places:
    """Where things go, as the options say it."""

    out: str | None
    audit: str | None
    rejected: str | None
    overwrite: bool
    resume: bool
    accept_tripwire: bool
    dry_run: bool
    progress: bool | None
    log_json: bool


@click.command(cls=configured.Configured, epilog=EPILOG)
@click.argument("inputs", nargs=-1, metavar="INPUT...")
@click.option(
    "--files-from", metavar="PATH|-", help="File with more inputs, a path a line or ended by NUL; - for standard input."
)
@click.option("--out", metavar="DIR", help="Folder for the clean files and the audit; new or empty.")
@click.option(
    "--to",
    type=click.Choice([target.value for target in Target]),
    help="What to write. Default: text for text and HTML, parquet for parquet, jsonl for other records.",
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
@click.option(
    "--signatures/--no-signatures", default=False, help="Write the MinHash signatures to DIR/signatures.jsonl, for datasketch."
)
@click.option("--fast/--no-fast", default=False, help="HTML: twice as fast, and a little less exact; see docs/html.md.")
@click.option(
    "--front-matter/--no-front-matter",
    default=False,
    help="Text from HTML begins with title, author, date and the like, between two lines ---.",
)
@options.field_options
@click.option(
    "--meta-field", default="cleaner", show_default=True, metavar="NAME", help="Field of a record that tells what was done."
)
@click.option(
    "--shard-size",
    type=click.IntRange(min=1),
    metavar="N",
    help="Records in files of N documents each: name-00001.jsonl and so on.",
)
@click.option(
    "--max-document",
    type=click.IntRange(min=1),
    default=MAX_DOCUMENT,
    show_default=True,
    metavar="BYTES",
    help="What is larger, unpacked, is rejected.",
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
@click.option("--resume", is_flag=True, help="Go on with a run in DIR that was cut off; what was prepared is not done again.")
@click.option(
    "--accept-tripwire", is_flag=True, help="Do not stop where a rule, a pack or the run removes implausibly much or little."
)
@click.option("--dry-run", is_flag=True, help="Write nothing; show what would be done.")
@click.option("--progress/--no-progress", default=None, help="Show progress. Default: on a terminal, not in a pipe.")
@click.option("--log-json/--no-log-json", default=False, help="Standard error is for machines: a JSON object a line.")
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
    fast: bool,
    front_matter: bool,
    meta_field: str,
    shard_size: int | None,
    max_document: int,
    audit: str | None,
    rejected: str | None,
    workers: int,
    overwrite: bool,
    resume: bool,
    accept_tripwire: bool,
    dry_run: bool,
    progress: bool | None,
    log_json: bool,
    files_from: str | None,
    **fields: str | None,
) -> None:
    """Clean scraped text.

    INPUT is a file, a folder, an archive, a glob, or - for standard input.

    DIR gets clean/ (the texts), audit.jsonl (every removal, and why), rejected.jsonl (what could not be read) and run.json
    (counts and settings).
    """
    places = _Places(out, audit, rejected, overwrite, resume, accept_tripwire, dry_run, progress, log_json)
    with told():
        options.check_meta_field(meta_field, fields)
        listed = _listed(files_from, inputs)
        chosen = Policy(policy)
        default_unit = "document" if chosen is Policy.KEEP_LONGEST else "passage"
        duplicates = DuplicateSettings(
            policy=chosen,
            units=_UNITS[unit or default_unit],
            threshold=threshold,
            containment=_containment(containment),
            signatures=signatures,
        )
        detail = _detail(places, inputs)
        settings = RunSettings(
            clean=CleanSettings(
                rules=not no_rules,
                languages=options.language_set(languages),
                duplicates=duplicates,
                evidence=options.evidence(strength, doubtful, kept, no_rules=no_rules),
                extract=options.extract(
                    kept, fast=fast, markdown=to == Target.MARKDOWN.value, left_out=detail is not Detail.NONE
                ),
            ),
            read=options.read_options(site, fields, max_document),
            reads_as=Format(reads_as) if reads_as else None,
            to=Target(to) if to else None,
            meta_field=meta_field,
            detail=detail,
            workers=workers,
            index=index,
            shard_size=shard_size,
            front_matter=front_matter,
        )
        rules = configured.load_rules(packs, no_rules=no_rules)
        if "-" in inputs and not out:
            _check_pipe(inputs, places, settings)
            sys.exit(_pipe(rules, settings, places))
        _check_folder(inputs, places)
        sys.exit(_folder(inputs, rules, settings, places, listed))


def _listed(files_from: str | None, inputs: tuple[str, ...]) -> tuple[str, ...]:
    """The paths of the list that ``--files-from`` names."""
    if files_from is None:
        if not inputs:
            raise click.UsageError(
                "Missing argument 'INPUT...'; name files, folders, archives, globs or -, or a list with --files-from"
            )
        return ()
    if files_from == "-" and "-" in inputs:
        raise click.UsageError("- (standard input) cannot be both the input and the list of --files-from")
    from cleaner.readers.tree import listed_paths

    try:
        data = sys.stdin.buffer.read() if files_from == "-" else Path(files_from).read_bytes()
    except OSError as error:
        raise click.UsageError(f"--files-from {files_from} cannot be read: {error.strerror}") from error
    paths = listed_paths(data)
    if not (paths or inputs):
        raise click.UsageError(f"--files-from {files_from}: the list is empty, so there is nothing to clean")
    return tuple(paths)


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
    if places.overwrite and places.resume:
        raise click.UsageError("--overwrite replaces what --resume would go on with; choose one")
    if not places.out and not places.dry_run:
        raise click.UsageError("say where the clean files go: --out DIR (or --dry-run, or - to clean standard input)")


def _folder(inputs: tuple[str, ...], rules: RuleSet, settings: RunSettings, places: _Places, listed: tuple[str, ...]) -> int:
    from cleaner.run.bulk import Job, clean_files

    out = Path(places.out) if places.out and not places.dry_run else None
    origin = configured.origin(click.get_current_context())
    job = Job(
        inputs,
        out,
        rules,
        settings,
        overwrite=places.overwrite,
        resume=places.resume,
        accept_tripwire=places.accept_tripwire,
        listed=listed,
        origin=origin,
    )
    with resumable(out), _displayed(places, inputs) as display:
        outcome = clean_files(job, display)
    if outcome is None:
        click.echo(f"The run in {out} is finished; there is nothing to go on with.")
        return DONE
    status = _status(outcome.report, tripped=outcome.tripped)
    display.ended(status, outcome.report, outcome.seconds)
    click.echo(summary.summary(outcome, out, configured.in_force(click.get_current_context())))
    return status


def _status(report: RunReport, *, tripped: bool) -> int:
    return TRIPPED if tripped else REJECTED if report.rejections else DONE


def _displayed(places: _Places, inputs: tuple[str, ...]) -> AbstractContextManager[Display]:
    from cleaner.cli.progress import displayed

    about = {"version": __version__, "inputs": list(inputs), "out": places.out, **configured.origin(click.get_current_context())}
    return displayed(places.progress, pipe=inputs == ("-",), log_json=about if places.log_json else None)


def _pipe(rules: RuleSet, settings: RunSettings, places: _Places) -> int:
    from cleaner.run.bulk import Outcome
    from cleaner.run.guard import Guard
    from cleaner.run.stream import Taps, clean_stream
    from cleaner.run.tripwires import Tripwires
    from cleaner.run.watch import Meter

    clock = time.perf_counter()
    with contextlib.ExitStack() as stack:
        display = stack.enter_context(_displayed(places, ("-",)))
        audit_file = _opened(stack, places.audit) if not places.dry_run else None
        rejected_file = _opened(stack, places.rejected) if not places.dry_run else None
        sink = sys.stdout.buffer if not places.dry_run else stack.enter_context(Path(os.devnull).open("wb"))

        def rejected(rejection: Rejection) -> None:
            _tell_rejection(rejection, rejected_file, None if places.log_json else display)

        def audited(line: bytes) -> None:
            if audit_file is not None:
                audit_file.write(line)

        try:
            meter = Meter(display)
            guard = Guard(Tripwires(rules, cleans=settings.clean.rules), meter, accepts=places.accept_tripwire, stops=False)
            taps = Taps(audited, rejected, remember=not places.dry_run, meter=meter, guard=guard)
            report = clean_stream(sys.stdin.buffer, sink, rules, settings, taps)
        except BrokenPipeError:
            # The reader (head, less) has what it wanted. Standard output must not be flushed again at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return DONE
    status, seconds = _status(report, tripped=guard.tripped), time.perf_counter() - clock
    display.ended(status, report, seconds)
    if places.dry_run:
        click.echo(summary.summary(Outcome(report, Counter(), seconds, alarms=tuple(guard.alarms)), None))
    return status


def _opened(stack: contextlib.ExitStack, path: str | None) -> BinaryIO | None:
    if path is None:
        return None
    try:
        return stack.enter_context(Path(path).open("wb"))
    except OSError as error:
        raise click.UsageError(f"{path} cannot be written: {error.strerror}") from error


def _tell_rejection(rejection: Rejection, file: BinaryIO | None, display: Display | None) -> None:
    """A rejection to its file, else to people; ``display`` is None when machines were told already."""
    from cleaner.audit import to_json
    from cleaner.run.outputs import rejection_object

    if file is not None:
        file.write(to_json(rejection_object(rejection)))
    elif display is not None:
        place = f"record {rejection.source.record}" if rejection.source.record is not None else "standard input"
        display.note(f"rejected: {place}: {rejection.reason}: {rejection.detail}")
