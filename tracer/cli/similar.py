"""`luobo similar`: how much of one dump is in another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracer.cli import show

if TYPE_CHECKING:
    from tracer.resemblance import Similarity

_LISTED = 30


@click.command(epilog="Example: luobo similar first.csv second.xlsx third.sql --json similar.json")
@click.argument("dumps", nargs=-1, required=True, metavar="DUMP DUMP...")
@click.option("--json", "target", metavar="OUT", help="Write the pairs as JSON to a file, or to stdout with -.")
def command(dumps: tuple[str, ...], target: str | None) -> None:
    """Say how many people every two DUMPs share: Jaccard and containment with 95 % intervals. 数据相似度

    People are compared by the identifier that most records of both carry. Figures are exact wherever the dumps were
    joined, which they are unless there are very many.
    """
    from tracer.resemblance import similar  # noqa: PLC0415 - `--help` must not wait for it

    for dump in dumps:
        show.spare(Path(dump), target)
    with show.progress(f"comparing {len(dumps)} dumps"):
        found = similar(dumps)
    if target is not None:
        show.write_json(found.to_dict(), target)
    if target != "-":
        _print(found)


def _print(found: Similarity) -> None:
    show.table(("dump", "records", "people"), [(one.file, one.records, one.people) for one in found.dumps])
    listed = sorted(found.to_dict()["pairs"], key=_alike)
    rows = [
        (
            one["a"],
            one["b"],
            one["by"],
            one["shared"],
            *(_figure(one, name) for name in ("jaccard", "containment_a_in_b", "containment_b_in_a")),
            "exact" if one["exact"] else "estimated" if one["by"] else None,
        )
        for one in listed[:_LISTED]
    ]
    show.table(("a", "b", "by", "shared", "Jaccard", "a in b", "b in a", "figures"), rows)
    if len(listed) > _LISTED:
        click.echo(f"… and {len(listed) - _LISTED} more pairs (see --json)")
    for warning in found.warnings:
        click.echo(f"note: {show.escape_controls(warning)}", err=True)


def _alike(one: dict[str, float | None]) -> float:
    """The most alike first."""
    return -max(one["containment_a_in_b"] or 0.0, one["containment_b_in_a"] or 0.0)


def _figure(one: dict[str, float | None], name: str) -> str | None:
    value, low, high = one[name], one[f"{name}_low"], one[f"{name}_high"]
    if value is None:
        return None
    return f"{value:.1%}" if one["exact"] else f"{value:.1%} ({low:.1%} – {high:.1%})"
