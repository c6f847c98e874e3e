"""``cleaner clean``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cleaner.audit import Detail
from cleaner.cli import configured, options, summary
from cleaner.cli.failure import DONE, resumable, status_of, told
from cleaner.cli.pipe import clean_pipe
from cleaner.cli.places import Places, check_folder, check_pipe, detail_of, displayed_at, listed_in
from cleaner.dedup.settings import DuplicateSettings, Policy
from cleaner.document import Unit
from cleaner.extract.settings import MAX_SECONDS
from cleaner.readers import Format
from cleaner.readers.options import MAX_DOCUMENT
from cleaner.rules.scope import own_everywhere
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
  cleaner clean news --out cleaned                       a folder of .txt, .html, .jsonl, .csv ...
  cleaner clean news --out cleaned --rules my-rules      your own packs over the bundled ones
  cat page.txt | cleaner clean -                         clean text to standard output
  cleaner clean - --from jsonl < in.jsonl > out.jsonl    a filter for records

\b
Exit status: 0 done; 1 done, but some inputs were rejected; 2 wrong usage or wrong rules, nothing was
             written; 3 stopped by a tripwire; 4 stopped on the way by the machine (full disk, killed worker).
"""


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
    "--drop",
    "dropped",
    type=click.Choice(["html"]),
    multiple=True,
    help="What records go on without: the field that holds their page.",
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
    "--max-seconds",
    type=click.FloatRange(min=0),
    default=MAX_SECONDS,
    show_default=True,
    metavar="SECONDS",
    help="An HTML page that takes longer is rejected (page-too-slow); 0: none is.",
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
    dropped: tuple[str, ...],
    shard_size: int | None,
    max_document: int,
    max_seconds: float,
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
    places = Places(out, audit, rejected, overwrite, resume, accept_tripwire, dry_run, progress, log_json)
    with told():
        options.check_meta_field(meta_field, fields)
        listed = listed_in(files_from, inputs)
        chosen = Policy(policy)
        default_unit = "document" if chosen is Policy.KEEP_LONGEST else "passage"
        duplicates = DuplicateSettings(
            policy=chosen,
            units=_UNITS[unit or default_unit],
            threshold=threshold,
            containment=_containment(containment),
            signatures=signatures,
        )
        detail = detail_of(places, inputs)
        settings = RunSettings(
            clean=CleanSettings(
                rules=not no_rules,
                languages=options.language_set(languages),
                duplicates=duplicates,
                evidence=options.evidence(strength, doubtful, kept, no_rules=no_rules),
                extract=options.extract(
                    kept,
                    fast=fast,
                    markdown=to == Target.MARKDOWN.value,
                    left_out=detail is not Detail.NONE,
                    max_seconds=max_seconds,
                ),
            ),
            read=options.read_options(site, fields, max_document, drop_html="html" in dropped),
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
        if rules.notes and not log_json:
            faults = f"{len(rules.notes):,} line{'' if len(rules.notes) == 1 else 's'}"
            click.echo(
                f"note: {faults} of others' rules left out, such as {rules.notes[0]} (`cleaner rules check` lists all)", err=True
            )
        if "-" in inputs and not out:
            check_pipe(inputs, places, settings)
            sys.exit(clean_pipe(rules, settings, places))
        check_folder(inputs, places)
        sys.exit(_folder(inputs, rules, settings, places, listed))


def _containment(said: str) -> float | None:
    """What ``--containment`` says; None: off."""
    if said == "off":
        return None
    try:
        return float(said)
    except ValueError:
        raise click.UsageError(f'--containment "{said}": give a number from .5 to 1, or off') from None


def _folder(inputs: tuple[str, ...], rules: RuleSet, settings: RunSettings, places: Places, listed: tuple[str, ...]) -> int:
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
    with resumable(out), displayed_at(places, inputs) as display:
        outcome = clean_files(job, display)
    if outcome is None:
        click.echo(f"The run in {out} is finished; there is nothing to go on with.")
        return DONE
    status = status_of(outcome.report, tripped=outcome.tripped)
    display.ended(status, outcome.report, outcome.seconds)
    everywhere = own_everywhere(rules, settings.clean.languages)
    click.echo(summary.summary(outcome, out, configured.in_force(click.get_current_context()), everywhere))
    return status
