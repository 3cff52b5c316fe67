"""`luobo canary seal`: a signed head, before anything leaves."""

from __future__ import annotations

from pathlib import Path

import click

from tracer.cli import show
from tracer.cli.canary.opening import open_register, opening_options


@click.command(epilog="Example: luobo canary seal canaries.reg -o head.json")
@click.argument("path", metavar="REG", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, metavar="HEAD", type=click.Path(path_type=Path), help="The signed head.")
@click.option(
    "--request", metavar="FILE.tsq", type=click.Path(path_type=Path), help="Also write an RFC 3161 request for it."
)
@opening_options
def command(
    path: Path, output: Path, request: Path | None, key_path: Path | None, passphrase_file: Path | None
) -> None:
    """Commit to every canary in the register, shadows too, and sign the root, the counts and the versions. 封存

    Publish HEAD or have it timestamped (--request makes the request for a timestamping authority): it proves nothing
    about a time at which only the platform had it. HEAD holds no personal data.
    """
    from canaries.sealing import seal  # noqa: PLC0415 - `--help` must not wait for it

    show.spare(path, output, request)
    with show.progress("sealing"):
        opened = open_register(path, key_path, passphrase_file)
        register, head = seal(opened.register)
        if request is not None:
            from tracer.canary.timestamps import request_for  # noqa: PLC0415

            show.write_file(request_for(head), request)
        show.write_file(head, output)
        opened.save(register)
    click.echo(f"{output}: {len(register.canaries):,} canaries sealed, head {register.heads[-1]['sha256'][:16]}")
