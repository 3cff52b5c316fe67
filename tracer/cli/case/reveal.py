"""`luobo case reveal`: records of an exhibit in the clear."""

from __future__ import annotations

from pathlib import Path

import click

from tracer.cli import show
from tracer.cli.case.acting import CASE, JSON, open_case, person_options
from tracer.cli.case.add import exhibit_number


@click.command(epilog='Example: luobo case reveal case-7 E3 --row 17 --purpose "victim interview" --by "Li Lei"')
@CASE
@click.argument("exhibit", metavar="EXHIBIT")
@click.option("--row", "rows", multiple=True, required=True, type=click.IntRange(min=0), help="Record, counted from 0.")
@click.option("--purpose", required=True, metavar="TEXT", help="What for: it stands in the case.")
@JSON
@person_options
def command(  # noqa: PLR0913 - one parameter an option
    folder: Path,
    exhibit: str,
    rows: tuple[int, ...],
    purpose: str,
    target: str | None,
    by: str | None,
    passphrase_file: Path | None,
) -> None:
    """Show records of EXHIBIT in the clear. Who, which, and what for is journaled before anything is shown. 明文查看"""
    number = exhibit_number(exhibit)
    assert number is not None  # noqa: S101 - the argument is required
    shown = open_case(folder, by, passphrase_file).records(number, rows, purpose)
    if target is not None:
        show.write_json({"schema": "luobo.case.reveal/1", "exhibit": f"E{number}", "records": shown}, target)
    if target != "-":
        for row, cells in zip(rows, shown, strict=True):
            show.table(("column", "value"), list(cells.items()), title=f"E{number}, record {row}")
