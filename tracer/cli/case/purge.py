"""`luobo case purge`: destroy what a case holds of people."""

from __future__ import annotations

from pathlib import Path

import click

from tracer.cli.case.acting import CASE, open_case, person_options


@click.command(epilog='Example: luobo case purge case-7 --reason "judgment final" --by "Li Lei"')
@CASE
@click.option("--reason", required=True, metavar="TEXT", help="Why: it stands in the certificate's entry.")
@person_options
def command(folder: Path, reason: str, by: str | None, passphrase_file: Path | None) -> None:
    """Destroy the originals of CASE, the key to them and all results; leave journal and certificate. 销毁

    The first call asks; when a second person has signed (luobo case approve), the next call carries it out.
    """
    from tracer.purging import purge  # noqa: PLC0415 - `--help` must not wait for it

    certificate = purge(open_case(folder, by, passphrase_file), reason)
    if certificate is None:
        click.echo(f"asked for; a second person signs, then do this again: luobo case approve {folder} all --by OTHER")
    else:
        click.echo(f"purged; certificate: {certificate}")
