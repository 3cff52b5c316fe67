"""`luobo canary suppress`: the list by which other systems skip canaries."""

from __future__ import annotations

from pathlib import Path

import click

from tracer.cli import show
from tracer.cli.canary.opening import open_register, opening_options
from tracer.errors import UnknownName


@click.command(epilog="Example: luobo canary suppress canaries.reg --field 用户名 -o skip.txt --key-out skip.key")
@click.argument("path", metavar="REG", type=click.Path(path_type=Path))
@click.option(
    "--field",
    required=True,
    metavar="HEADER",
    help="By which value other systems know a customer; KEY for a planted row's key.",
)
@click.option(
    "-o", "--output", required=True, metavar="LIST", type=click.Path(path_type=Path), help="The list, an entry a line."
)
@click.option(
    "--key-out",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Its key, hexadecimal, for one service.",
)
@opening_options
def command(  # noqa: PLR0913 - one parameter an option
    path: Path, field: str, output: Path, key_out: Path, key_path: Path | None, passphrase_file: Path | None
) -> None:
    """Write the keyed, padded list of planted canaries and its key. Keep them apart. 抑制名单

    A service with the key answers whether HMAC-SHA256(key, value), its first 32 hexadecimal digits, is in LIST.
    """
    from canaries.planting.suppress import suppress_list  # noqa: PLC0415 - `--help` must not wait for it

    show.spare(path, output, key_out)
    register = open_register(path, key_path, passphrase_file).register
    headers = [one.name for one in register.fields]
    if field == "KEY":
        values = [
            key[0] for one in register.receipts if not one.get("undone") for key in one.get("keys", ()) if len(key) == 1
        ]
    elif field in headers:
        values = [cell for one in register.canaries if one.planted and (cell := one.cells.get(field))]
    else:
        raise UnknownName(f"{field}: is no field of the register", hint="there are KEY, " + ", ".join(headers))
    key = register.derive("suppress")
    show.write_file("".join(f"{one}\n" for one in suppress_list(key, values)).encode(), output)
    show.write_file(key.hex().encode() + b"\n", key_out)
    click.echo(f"{output}: {len(values):,} canaries among padding; key: {key_out}")
