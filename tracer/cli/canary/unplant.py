"""`luobo canary unplant`: the canaries leave the database again."""

from __future__ import annotations

from pathlib import Path

import click

from tracer.cli import show
from tracer.cli.canary.opening import database_options, json_option, open_register, opening_options


@click.command(
    epilog="Example: luobo canary unplant canaries.reg --database postgresql://app@db/lending --table customers"
)
@click.argument("path", metavar="REG", type=click.Path(path_type=Path))
@database_options
@json_option
@opening_options
def command(  # noqa: PLR0913 - one parameter an option
    path: Path, database: str, table: str, target: str | None, key_path: Path | None, passphrase_file: Path | None
) -> None:
    """Delete exactly the rows that were planted, and set sequences back that nobody has moved since. 撤出"""
    from tracer.canary.databases import unplant  # noqa: PLC0415 - `--help` must not wait for it

    with show.progress("unplanting"):
        opened = open_register(path, key_path, passphrase_file)
        done = unplant(opened.register, database, table)
        opened.save(done.register)
    if target is not None:
        told = {"schema": "luobo.canary-unplant/1", "rows": done.rows, "warnings": list(done.warnings)}
        show.write_json(told, target)
    for warning in done.warnings:
        click.echo(f"note: {show.escape_controls(warning)}", err=True)
    if target != "-":
        click.echo(f"{table}: {done.rows:,} canaries taken out")
