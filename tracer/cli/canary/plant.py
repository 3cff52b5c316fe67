"""`luobo canary plant`: the platform's own canaries go into its database."""

from __future__ import annotations

from pathlib import Path

import click

from tracer.cli import show
from tracer.cli.canary.opening import database_options, json_option, open_register, opening_options


@click.command(
    epilog="Example: luobo canary plant canaries.reg --database postgresql://app@db/lending --table customers --dry-run"
)
@click.argument("path", metavar="REG", type=click.Path(path_type=Path))
@database_options
@click.option(
    "--recipient",
    default="platform",
    show_default=True,
    metavar="NAME",
    help="Whose canaries: an environment, an employee.",
)
@click.option("--dry-run", "dry", is_flag=True, help="Try every row against the constraints, then roll back.")
@json_option
@opening_options
def command(  # noqa: PLR0913 - one parameter an option
    path: Path,
    database: str,
    table: str,
    recipient: str,
    dry: bool,  # noqa: FBT001 - click's flag
    target: str | None,
    key_path: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Insert canaries into a real PostgreSQL table: one transaction, its own sequences and constraints. 植入

    Which rows they are is written only in REG; luobo canary unplant takes them out again exactly.
    """
    from tracer.canary.databases import plant  # noqa: PLC0415 - `--help` must not wait for it

    with show.progress("planting"):
        opened = open_register(path, key_path, passphrase_file)
        done = plant(opened.register, database, table, recipient, dry=dry)
        if not dry:
            opened.save(done.register)
    if target is not None:
        told = {"rows": done.rows, "dry_run": dry, "columns": list(done.columns), "warnings": list(done.warnings)}
        show.write_json({"schema": "luobo.canary-plant/1", **told}, target)
    for warning in done.warnings:
        click.echo(f"note: {show.escape_controls(warning)}", err=True)
    if target != "-":
        what = "would be planted (dry run, rolled back)" if dry else "planted"
        click.echo(f"{table}: {done.rows:,} canaries {what}, giving {', '.join(done.columns)}")
