"""`luobo case trace`: trace the dumps of a case."""

from __future__ import annotations

from pathlib import Path

import click

from tracer.cli import show
from tracer.cli.canary.opening import open_register
from tracer.cli.case.acting import CASE, JSON, open_case, person_options
from tracer.cli.case.add import exhibit_number
from tracer.cli.trace import print_findings
from tracer.cli.unlock import open_vault


@click.command(epilog='Example: luobo case trace case-7 --vault city.vault --by "Li Lei"')
@CASE
@click.option("--vault", "root", required=True, metavar="VAULT", help="What the platforms registered.")
@click.option(
    "--register",
    "registers",
    multiple=True,
    metavar="REGISTER",
    type=click.Path(path_type=Path),
    help="Canaries to look for.",
)
@click.option(
    "--exhibit", "exhibits", multiple=True, metavar="EXHIBIT", help="Only this one (E7); all dumps otherwise."
)
@click.option("--key", "key_path", type=click.Path(path_type=Path), help="The vault's key file (default: VAULT.key).")
@click.option(
    "--vault-passphrase-file",
    type=click.Path(path_type=Path),
    help="File whose first line opens the vault and the registers, where it is not the person's own.",
)
@JSON
@person_options
def command(  # noqa: PLR0913 - one parameter an option
    folder: Path,
    root: str,
    registers: tuple[Path, ...],
    exhibits: tuple[str, ...],
    key_path: Path | None,
    vault_passphrase_file: Path | None,
    target: str | None,
    by: str | None,
    passphrase_file: Path | None,
) -> None:
    """Trace every dump of CASE that counts to the platforms it came from; the findings stay in the case. 溯源

    Each original is verified against its seal first. Exit code 0 when it is done, whatever was found.
    """
    unlocking = vault_passphrase_file or passphrase_file
    vault = open_vault(root, key_path, unlocking)
    opened = [open_register(path, None, unlocking).register for path in registers]
    chosen = [number for label in exhibits if (number := exhibit_number(label)) is not None] or None
    case = open_case(folder, by, passphrase_file)
    with show.progress("tracing the case"):
        found = case.trace(vault, registers=opened, exhibits=chosen)
    if target is not None:
        listed = [{"exhibit": exhibit.label, **findings.to_dict()} for exhibit, findings in found]
        show.write_json({"schema": "luobo.case.trace/1", "findings": listed}, target)
    if target != "-":
        for exhibit, findings in found:
            click.echo(f"{exhibit.label}:")
            print_findings(findings)
