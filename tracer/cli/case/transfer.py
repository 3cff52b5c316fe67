"""`luobo case transfer`: an exhibit changes hands."""

from __future__ import annotations

from pathlib import Path

import click

from tracer.cli.case.acting import CASE, open_case, person_options
from tracer.cli.case.add import exhibit_number


@click.command(epilog='Example: luobo case transfer case-7 E3 --to "lab 2" --purpose "second opinion" --by "Li Lei"')
@CASE
@click.argument("exhibit", metavar="EXHIBIT")
@click.option("--to", "receiver", required=True, metavar="WHO", help="Who takes it over.")
@click.option("--purpose", required=True, metavar="TEXT", help="What for.")
@click.option("--place", default="", metavar="PLACE", help="Where.")
@person_options
def command(  # noqa: PLR0913 - one parameter an option
    folder: Path,
    exhibit: str,
    receiver: str,
    purpose: str,
    place: str,
    by: str | None,
    passphrase_file: Path | None,
) -> None:
    """Verify the original of EXHIBIT against its seal and write down that it changes hands. 移交物证"""
    number = exhibit_number(exhibit)
    assert number is not None  # noqa: S101 - the argument is required
    case = open_case(folder, by, passphrase_file)
    told = {"from": str(case.by), "to": receiver, "purpose": purpose, "place": place}
    entry = case.transfer(number, {name: value for name, value in told.items() if value})
    click.echo(f"entry {entry.seq}: E{number} is what was sealed, and goes to {receiver}")
