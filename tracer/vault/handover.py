"""What a platform hands over instead of its table: one file of keyed tokens."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import zipfile
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import polars as pl

from tracer.errors import KeyFault, UnreadableInput, VaultFault
from tracer.vault.manifest import File, Platform, platform_from
from tracer.vault.store import (
    PARTS,
    is_safe,
    locked,
    read_bytes,
    read_manifest,
    sweep,
    sync_folder,
    write_file,
    write_manifest,
)
from tracer.vault.vault import Vault

SCHEMA: Final = "luobo.handover/1"
_ENTRY: Final = "platform.json"
_LARGEST: Final = 1 << 36
"""Bytes that a handover may unpack to."""


def hand_over(vault: Vault, platform: Platform, output: Path) -> None:
    """Write one platform's tokens to `output`; the file appears whole or not at all.

    Raises:
        VaultFault: the vault is damaged, or the file cannot be written.
    """
    body = {"schema": SCHEMA, "key": vault.key.fingerprint, "platform": asdict(platform)}
    fresh = output.with_name(f".{output.name}.{secrets.token_hex(4)}")
    try:
        with zipfile.ZipFile(fresh, "x", zipfile.ZIP_STORED) as bundle:
            bundle.writestr(_ENTRY, json.dumps(body, ensure_ascii=False, default=date.isoformat))
            for file in platform.files:
                bundle.writestr(file.name, read_bytes(vault.root, platform, file))
        with fresh.open("rb") as stream:
            os.fsync(stream.fileno())
        fresh.replace(output)
    except OSError as fault:
        raise VaultFault(f"{output}: cannot be written ({fault.strerror})", hint="check the folder") from None
    finally:
        fresh.unlink(missing_ok=True)


def take_over(vault: Vault, path: Path) -> Platform:
    """Put a platform that was handed over into the vault, in the place of what it had of it.

    Raises:
        UnreadableInput: the file is no handover, or damaged.
        KeyFault: its tokens were made with another key.
        VaultFault: somebody else is writing the vault.
    """
    try:
        with zipfile.ZipFile(path) as bundle:
            platform, files = _checked(bundle, vault, path)
    except FileNotFoundError:
        raise UnreadableInput(f"{path}: no such file", hint="check the path") from None
    except (
        OSError,
        zipfile.BadZipFile,
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        EOFError,
        pl.exceptions.PolarsError,
    ):
        message = f"{path}: is no undamaged handover of a platform"
        raise UnreadableInput(message, hint="make it with: luobo vault export") from None
    with locked(vault.root):
        part = secrets.token_hex(8)
        folder = vault.root / PARTS / part
        folder.mkdir(parents=True)
        written = tuple(write_file(folder, name, data) for name, data in files.items())
        sync_folder(folder)
        sync_folder(folder.parent)
        taken = replace(platform, part=part, files=written)
        manifest = read_manifest(vault.root).with_platform(taken)
        write_manifest(vault.root, manifest)
        sweep(vault.root, manifest)
    return taken


def _checked(bundle: zipfile.ZipFile, vault: Vault, path: Path) -> tuple[Platform, dict[str, bytes]]:
    if sum(member.file_size for member in bundle.infolist()) > _LARGEST:
        raise UnreadableInput(f"{path}: unpacks to more than {_LARGEST:,} bytes", hint="is it really a handover?")
    body: dict[str, Any] = json.loads(bundle.read(_ENTRY))
    if body["schema"] != SCHEMA:
        raise ValueError(SCHEMA)
    if body["key"] != vault.key.fingerprint:
        message = f"{path}: its tokens were made with another key"
        raise KeyFault(message, hint="the platform must use this vault's key file")
    platform = platform_from(body["platform"])
    if not all(is_safe(file.name) for file in platform.files):
        raise ValueError(_ENTRY)
    return platform, {file.name: _whole(bundle, file) for file in platform.files}


def _whole(bundle: zipfile.ZipFile, file: File) -> bytes:
    data = bundle.read(file.name)
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise ValueError(file.name)
    pl.read_parquet_schema(data)
    return data
