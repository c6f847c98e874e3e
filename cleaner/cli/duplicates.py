"""``cleaner duplicates``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cleaner.cli.failure import told

if TYPE_CHECKING:
    from cleaner.run.found import FoundCluster

EPILOG = """\b
Example:
  cleaner clean news --out cleaned
  cleaner duplicates cleaned
"""


@click.command(epilog=EPILOG)
@click.argument("run", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object per cluster, a line each.")
def duplicates(run: Path, as_json: bool) -> None:
    """Show the near-duplicates of a run.

    Of the run in DIR, each original with its copies: where they stand, and how alike they are.
    """
    from cleaner.run.found import find_clusters

    with told():
        found = find_clusters(run)
    if as_json:
        for cluster in found:
            click.echo(json.dumps(_object(cluster), ensure_ascii=True))
        return
    for number, cluster in enumerate(found, 1):
        click.echo(_shown(number, cluster))
    copies = sum(len(cluster.copies) for cluster in found)
    if found:
        click.echo(f"{len(found):,} cluster{'s' * (len(found) != 1)}, {copies:,} cop{'ies' if copies != 1 else 'y'}")
    else:
        click.echo("No near-duplicates were flagged in this run.")


def _shown(number: int, cluster: FoundCluster) -> str:
    lines = [f"{number}. {cluster.unit.value} at {cluster.original.shown}"]
    for copy in cluster.copies:
        measure = f"Jaccard {copy.jaccard:.2f}" if copy.relation.value == "same" else f"containment {copy.containment:.2f}"
        beside = "" if copy.of == cluster.original else f" (of {copy.of.shown})"
        gone = ", removed" if copy.removed else ""
        lines.append(f"   {copy.relation.value:<7}{measure:<18} {copy.place.shown}{beside}{gone}")
    return "\n".join(lines) + "\n"


def _object(cluster: FoundCluster) -> dict[str, Any]:
    return {
        "unit": cluster.unit.value,
        "original": cluster.original.described(),
        "copies": [
            {
                **copy.place.described(),
                "relation": copy.relation.value,
                "jaccard": copy.jaccard,
                "containment": copy.containment,
                "of": copy.of.described(),
                "removed": copy.removed,
            }
            for copy in cluster.copies
        ],
    }
