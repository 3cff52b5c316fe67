"""How a vault is named: by a path, or by the address of a folder in an object store."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from tracer.errors import VaultFault
from tracer.vault.place import Place

_ADDRESS: Final = re.compile(r"([a-z][a-z0-9+.-]*)://([^/]*)(.*)", re.DOTALL)


def is_address(vault: str | os.PathLike[str]) -> bool:
    """Whether a vault is named by an address and not by a path."""
    return _ADDRESS.fullmatch(os.fspath(vault)) is not None


def place_of(vault: str | os.PathLike[str]) -> Place:
    """The place that a path or an address names.

    Raises:
        VaultFault: the address says more than where the vault is.
    """
    from tracer.vault.folder import Folder  # noqa: PLC0415 - as below

    named = os.fspath(vault)
    address = _ADDRESS.fullmatch(named)
    if address is None:
        return Folder(Path(named))
    scheme, bucket, folder = address.groups()
    if set("@?#") & set(bucket + folder):
        # Credentials in an address would stand in the shell's history and in the list of processes.
        message = f"{masked(named)}: an address has no user name, password, query or fragment here"
        raise VaultFault(
            message, hint="give credentials as the store's own tools take them, in the environment or a file"
        )
    if scheme == "file" and not bucket:
        return Folder(Path(unquote(urlsplit(named).path)))
    if not bucket:
        raise VaultFault(f"{named}: names no bucket", hint=f"for example {scheme}://bucket/folder")
    from tracer.vault.bucket import Bucket  # noqa: PLC0415 - a vault in a folder needs nothing of it

    return Bucket(f"{scheme}://{bucket}{folder}".rstrip("/"))


def masked(address: str) -> str:
    """An address without what may be secret in it."""
    scheme, slashes, rest = address.partition("://")
    rest = re.sub(r"[?#].*", "?…", rest, flags=re.DOTALL)
    bucket, slash, folder = rest.partition("/")
    if "@" in rest:
        bucket, slash, folder = ("…@" + rest.rpartition("@")[2]).partition("/")
    return f"{scheme}{slashes}{bucket}{slash}{folder}"
