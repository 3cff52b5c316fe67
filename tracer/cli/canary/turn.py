"""`luobo canary turn`: the clock canaries in a database show today's value."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from tracer.cli import show
from tracer.cli.canary.opening import database_options, open_register, opening_options


@click.command(
    epilog="Example: luobo canary turn canaries.reg --database postgresql://app@db/lending --table customers"
)
@click.argument("path", metavar="REG", type=click.Path(path_type=Path))
@database_options
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The day to show. [default: today]")
@opening_options
def command(  # noqa: PLR0913 - one parameter an option
    path: Path, database: str, table: str, on: datetime | None, key_path: Path | None, passphrase_file: Path | None
) -> None:
    """Set the limit of every planted clock canary to what its sealed schedule has for the day; run it daily. 走钟"""
    from tracer.canary.databases import turn  # noqa: PLC0415 - `--help` must not wait for it

    opened = open_register(path, key_path, passphrase_file)
    done = turn(opened.register, database, table, on.date() if on else datetime.now(UTC).date())
    for warning in done.warnings:
        click.echo(f"note: {show.escape_controls(warning)}", err=True)
    click.echo(f"{table}: {done.rows:,} clock canaries set")
