"""`luobo canary inject`: an export leaves with its recipient's canaries in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracer.cli import show
from tracer.cli.canary.opening import json_option, open_register, opening_options, register_option
from tracer.errors import UnknownName

if TYPE_CHECKING:
    from canaries.canary import Canary
    from canaries.register import Register

_ON_DEMAND = 10
_FEWEST = 12


@click.command(
    epilog="Example: luobo canary inject export.csv --register canaries.reg --recipient 'Partner A' -o for-a.csv"
)
@click.argument("export", metavar="EXPORT")
@register_option
@click.option("--recipient", required=True, metavar="NAME", help="Who gets the export.")
@click.option(
    "-o", "--output", required=True, metavar="OUT", type=click.Path(path_type=Path), help="The export with canaries."
)
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The day of the export. [default: today]")
@click.option("--cover", is_flag=True, help="Withhold 20 real rows a canary, against the comparison of two exports.")
@click.option("--receipt", metavar="FILE", type=click.Path(path_type=Path), help="Receipt. [default: OUT.receipt.json]")
@json_option
@opening_options
def command(  # noqa: PLR0913 - one parameter an option
    export: str,
    path: Path,
    recipient: str,
    output: Path,
    on: datetime | None,
    cover: bool,  # noqa: FBT001 - click's flag
    receipt: Path | None,
    target: str | None,
    key_path: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Put NAME's canaries into EXPORT (CSV, JSON lines, XLSX), written as the rows around them. 注入

    Everything else stays as it is, byte for byte; in a workbook, cell for cell. The same export gives the same file.
    """
    from tracer.canary.customers import customers  # noqa: PLC0415 - `--help` must not wait for it
    from tracer.canary.exports import inject  # noqa: PLC0415

    receipt = receipt or output.with_name(output.name + ".receipt.json")
    show.spare(Path(export), output, receipt, target)
    show.spare(path, output, receipt, target)
    with show.progress(f"injecting into {export}"):
        opened = open_register(path, key_path, passphrase_file)
        register = allotted(opened.register, recipient)
        day = on.date() if on else datetime.now(UTC).date()
        done = inject(register, recipient, customers(export), day, cover=cover)
        show.write_file(done.data, output)
        opened.save(done.register)
        show.write_json(done.receipt, str(receipt))
    if target is not None:
        show.write_json({**done.receipt, "warnings": list(done.warnings)}, target)
    for warning in done.warnings:
        click.echo(f"note: {show.escape_controls(warning)}", err=True)
    if target != "-":
        click.echo(
            f"{recipient}: {done.receipt['canaries']} canaries among {done.receipt['records']:,} records: {output}"
        )


def allotted(register: Register, recipient: str) -> Register:
    """The register, in which a new recipient gets some of the canaries that nobody has, if it names no recipients yet.

    Raises:
        UnknownName: the register names its recipients, and this is none.
    """
    from canaries.canary import PLATFORM, Kind  # noqa: PLC0415

    if recipient in register.recipients or recipient == PLATFORM:
        return register
    on_demand = not register.recipients or any(
        PLATFORM in one.holders for one in register.canaries if one.proofs.get("")
    )
    free = [one for one in register.of(PLATFORM) if one.kind is Kind.EXCLUSIVE and not one.planted]
    if not on_demand or not free:
        hint = "its recipients: " + ", ".join(register.recipients) if register.recipients else "mint canaries first"
        raise UnknownName(f"{recipient}: is no recipient of this register", hint=hint)
    given = {one.id for one in free[: max(_FEWEST, len(free) // _ON_DEMAND)]}

    def handed(canary: Canary) -> Canary:
        return replace(canary, holders=(recipient,), proofs={**canary.proofs})

    return replace(register.changed(given, handed), recipients=(*register.recipients, recipient))
