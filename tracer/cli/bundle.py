"""`luobo bundle`: what the other side gets."""

from __future__ import annotations

from pathlib import Path

import click

from tracer.cli import show
from tracer.cli.case.acting import CASE, JSON, open_case, person_options


@click.command(epilog='Example: luobo bundle case-7 -o case-7.luobo --by "Li Lei"')
@CASE
@click.option(
    "-o", "--output", required=True, metavar="FILE.luobo", type=click.Path(path_type=Path), help="The bundle."
)
@click.option("--without-originals", is_flag=True, help="Leave the encrypted originals out.")
@JSON
@person_options
def command(  # noqa: PLR0913 - one parameter an option
    folder: Path,
    output: Path,
    without_originals: bool,  # noqa: FBT001 (click's flag)
    target: str | None,
    by: str | None,
    passphrase_file: Path | None,
) -> None:
    """Write journal, checkpoint, results and encrypted originals of CASE into one file to hand over. 移交包

    The same checkpoint is written beside it (FILE.luobo.checkpoint): whoever keeps it can prove later that nothing
    was cut. luobo verify needs only the bundle.
    """
    case = open_case(folder, by, passphrase_file)
    with show.progress("writing the bundle"):
        made = case.bundle(output, originals=not without_originals)
    show.write_file(made.checkpoint.encode(), output.with_name(output.name + ".checkpoint"))
    if target is not None:
        show.write_json(
            {"schema": "luobo.bundle/1", "file": str(output), "sha256": made.sha256, "entries": made.entries}, target
        )
    if target != "-":
        click.echo(f"{output}: SHA-256 {made.sha256}, {made.entries} entries")
        click.echo(f"verify it with: luobo verify {output}")
