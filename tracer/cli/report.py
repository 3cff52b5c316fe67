"""`luobo report`: what a court reads of a case."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click

from tracer.cli import show
from tracer.cli.case.acting import CASE, JSON, open_case, person_options
from tracer.cli.unlock import given


@click.command(epilog='Example: luobo report case-7 -o report.pdf --lang zh --by "Li Lei"')
@CASE
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="FILE.pdf, .html, .json or .xlsx; FILE.jsonld for CASE/UCO, FILE.prov.json for W3C PROV.",
)
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language.")
@click.option(
    "--sign", "signer", metavar="FILE.p12", type=click.Path(path_type=Path), help="Sign the PDF with this P-256 key."
)
@click.option(
    "--sign-passphrase-file", "opener", metavar="FILE", type=click.Path(path_type=Path), help="Opens that key."
)
@JSON
@person_options
def command(  # noqa: PLR0913 - one parameter an option
    folder: Path,
    output: Path,
    lang: str,
    signer: Path | None,
    opener: Path | None,
    target: str | None,
    by: str | None,
    passphrase_file: Path | None,
) -> None:
    """Write the report of CASE: findings, exhibits, custody log, integrity, and what was not recorded. 出具报告

    Personal data is masked. The same case gives the same file, byte for byte; its digest is in the journal before the
    file is there. A PDF that is signed holds the time of the signature and is another file each time.
    """
    from tracer.reporting import report  # noqa: PLC0415 - `--help` must not wait for it

    if signer is not None and output.suffix.lower() != ".pdf":
        raise click.UsageError("only a PDF can be signed: -o FILE.pdf")
    case = open_case(folder, by, passphrase_file)
    with show.progress(f"writing {output}"):
        made, dossier = report(case, output.name, lang, _signature(signer, opener))
    show.write_file(made, output)
    digest = hashlib.sha256(made).hexdigest()
    if target is not None:
        told = {"file": str(output), "bytes": len(made), "sha256": digest, "content": dossier.digest, "lang": lang}
        show.write_json({"schema": "luobo.report.file/1", **told}, target)
    if target != "-":
        click.echo(f"{output}: {len(made):,} bytes, SHA-256 {digest}")
        click.echo(f"content, the same in every format and language: {dossier.digest}")


def _signature(signer: Path | None, opener: Path | None) -> Callable[[bytes], bytes] | None:
    if signer is None:
        return None
    from tracer.report.pades import signed  # noqa: PLC0415 - as above

    # Without a file of its own: no passphrase, for that of the person's key is another.
    passphrase = None if opener is None else given(opener)
    return partial(signed, key=signer, passphrase=passphrase)
