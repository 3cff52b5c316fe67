"""`luobo case checkpoint`: the lines that pin a journal."""

from __future__ import annotations

from pathlib import Path

import click

from tracer.cli import show
from tracer.cli.case.acting import CASE, open_case, person_options


@click.command(epilog='Example: luobo case checkpoint case-7 -o point.txt --by "Li Lei"')
@CASE
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write it to a file instead of stdout.")
@person_options
def command(folder: Path, output: Path | None, by: str | None, passphrase_file: Path | None) -> None:
    """Print a signed checkpoint: so many entries had this root. Hand it to somebody else to keep. 检查点

    With it, luobo verify BUNDLE --checkpoint FILE proves later that nothing was cut or rewritten.
    """
    text = open_case(folder, by, passphrase_file).checkpoint()
    if output is None:
        click.echo(text, nl=False)
    else:
        show.write_file(text.encode(), output)
