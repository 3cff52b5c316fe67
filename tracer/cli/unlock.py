"""How a command gets at a vault's key: where the key file lies, and the passphrase that opens it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracer.errors import KeyFault

if TYPE_CHECKING:
    from tracer.vault.vault import Vault

PASSPHRASE = "LUOBO_PASSPHRASE"  # noqa: S105 - the name of a variable, not a passphrase


def key_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options `--key` and `--passphrase-file`."""
    where = click.option("--key", "key_path", type=click.Path(path_type=Path), help="Key file (default: VAULT.key).")
    opens = click.option(
        "--passphrase-file",
        type=click.Path(path_type=Path),
        help=f"File whose first line opens the key (or set {PASSPHRASE}).",
    )
    return where(opens(command))


def open_vault(named: str, key_path: Path | None, passphrase_file: Path | None) -> Vault:
    """Open a vault, asking for the passphrase on a terminal if the key file needs one."""
    from tracer.vault.vault import Vault  # noqa: PLC0415 - `--help` must not wait for it

    passphrase = given(passphrase_file)
    try:
        return Vault.open(named, key_path=key_path, passphrase=passphrase)
    except KeyFault as fault:
        if passphrase is not None or not fault.locked or not sys.stdin.isatty():
            raise
    return Vault.open(named, key_path=key_path, passphrase=click.prompt("Passphrase", hide_input=True, err=True))


def given(passphrase_file: Path | None) -> str | None:
    """The passphrase that was given by file or environment, or None.

    Raises:
        KeyFault: the file cannot be read or is empty.
    """
    if passphrase_file is None:
        return os.environ.get(PASSPHRASE) or None
    try:
        lines = passphrase_file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise KeyFault(f"{passphrase_file}: cannot be read", hint="check --passphrase-file") from None
    if not lines or not lines[0]:
        raise KeyFault(f"{passphrase_file}: its first line is empty", hint="write the passphrase into its first line")
    return lines[0]
