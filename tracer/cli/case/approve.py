"""`luobo case approve`: the second signature."""

from __future__ import annotations

from pathlib import Path

import click

from tracer.cli import show
from tracer.cli.case.acting import CASE, JSON, open_case, person_options


@click.command(epilog='Example: luobo case approve case-7 all --by "Han Mei"')
@CASE
@click.argument("entry", metavar="ENTRY|all")
@JSON
@person_options
def command(folder: Path, entry: str, target: str | None, by: str | None, passphrase_file: Path | None) -> None:
    """Sign an act that waits for a second person: ENTRY by its number in the log, or all of them. 复核签名

    Nobody can sign an act of their own. Two keys prove two keys; that two people hold them is for you to see to.
    """
    if entry != "all" and not (entry.isascii() and entry.isdigit()):
        raise click.UsageError("name an entry by its number, or all of them: all")
    case = open_case(folder, by, passphrase_file)
    signed = case.approve(None if entry == "all" else int(entry))
    if target is not None:
        show.write_json({"schema": "luobo.case.approve/1", "approved": signed, "by": case.by}, target)
    if target != "-":
        listed = ", ".join(map(str, signed))
        click.echo(f"signed by {case.by}: {listed}" if signed else "nothing waits for a second signature")
