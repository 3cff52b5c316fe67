"""How a command gets at a register: its file, the passphrase or key file that opens it, and writing it back."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracer.cli import show
from tracer.cli.unlock import given
from tracer.errors import KeyFault, UnreadableInput

if TYPE_CHECKING:
    from canaries.register import Register
    from canaries.strongbox import Opener

register_option = click.option(
    "--register", "path", required=True, metavar="REG", type=click.Path(path_type=Path), help="The canary register."
)
json_option = click.option(
    "--json", "target", metavar="OUT", help="Write the same as JSON to a file, or to stdout with -."
)


def opening_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options `--key` and `--passphrase-file` of a register."""
    where = click.option("--key", "key_path", type=click.Path(path_type=Path), help="Key file (default: REG.key).")
    opens = click.option(
        "--passphrase-file",
        type=click.Path(path_type=Path),
        help="File whose first line opens the register (or set LUOBO_PASSPHRASE).",
    )
    return where(opens(command))


def database_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options `--database` and `--table`."""
    where = click.option("--database", required=True, metavar="postgresql://…", help="Address of the database.")
    which = click.option(
        "--table", required=True, metavar="T", help="Its table of customers, with its schema if need be."
    )
    return where(which(command))


@dataclass(frozen=True, slots=True)
class Opened:
    """A register and how to lock it again."""

    path: Path
    register: Register
    opener: Opener

    def save(self, register: Register) -> None:
        """Write the changed register back: whole or not at all, readable by its owner only."""
        from canaries.register import encode  # noqa: PLC0415 - `--help` must not wait for it

        show.write_file(encode(register, self.opener), self.path)


def open_register(path: Path, key_path: Path | None, passphrase_file: Path | None) -> Opened:
    """Read a register, asking for its passphrase on a terminal if none was given.

    Raises:
        UnreadableInput: there is no such file.
        KeyFault: its key file is missing or the passphrase lacks.
    """
    from canaries.register import decode  # noqa: PLC0415
    from canaries.strongbox import opened_by  # noqa: PLC0415

    try:
        data = path.read_bytes()
    except OSError as fault:
        message = f"{path}: the register cannot be read ({os.strerror(fault.errno or 0)})"
        raise UnreadableInput(message, hint="make one with: luobo canary mint") from None
    opener = _opener(opened_by(data), path, key_path, passphrase_file)
    return Opened(path, decode(data, opener), opener)


def new_opener(path: Path, key_path: Path | None, passphrase_file: Path | None) -> Opener:
    """How a new register is locked: by the passphrase that was given, else by a new key file beside it."""
    from canaries.strongbox import Opener  # noqa: PLC0415
    from tracer.tokens import create_key  # noqa: PLC0415

    passphrase = given(passphrase_file)
    if passphrase is not None:
        return Opener(passphrase=passphrase)
    return Opener(secret=create_key(key_path or _beside(path)).secret)


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".key")


def _opener(how: str, path: Path, key_path: Path | None, passphrase_file: Path | None) -> Opener:
    from canaries.strongbox import Opener  # noqa: PLC0415
    from tracer.tokens import load_key  # noqa: PLC0415

    if how == "key":
        return Opener(secret=load_key(key_path or _beside(path), given(passphrase_file)).secret)
    passphrase = given(passphrase_file)
    if passphrase is None and sys.stdin.isatty():
        passphrase = click.prompt("Passphrase of the register", hide_input=True, err=True)
    if passphrase is None:
        raise KeyFault(
            f"{path}: the register is locked by a passphrase",
            hint="give --passphrase-file or set LUOBO_PASSPHRASE",
            locked=True,
        )
    return Opener(passphrase=passphrase)
