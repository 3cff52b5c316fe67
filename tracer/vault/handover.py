"""What a platform hands over instead of its table: one file of keyed tokens."""

from __future__ import annotations

import hashlib
import hmac
import json
import zipfile
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import IO, Any, Final

from tracer.custody.exhibit import Exhibit, seal
from tracer.errors import KeyFault, UnreadableInput
from tracer.vault.manifest import File, Platform, platform_from
from tracer.vault.store import (
    DAMAGE,
    file_of,
    is_safe,
    private_file,
    read_file,
    read_manifest,
    write_manifest,
    write_part,
)
from tracer.vault.vault import Vault

SCHEMA: Final = "luobo.handover/3"
_ENTRY: Final = "platform.json"
_SEAL: Final = "seal"
"""Member that holds the HMAC of the entry, which holds the digests of the others: only who has the key can make it."""


def hand_over(vault: Vault, platform: Platform, output: Path) -> None:
    """Write one platform's tokens to `output`; the file appears whole or not at all, and only its owner may read it.

    Raises:
        VaultFault: the vault is damaged, or the file cannot be written.
    """
    with private_file(output) as stream:
        _write(vault, platform, stream)


def _write(vault: Vault, platform: Platform, stream: IO[bytes]) -> None:
    body = {"schema": SCHEMA, "key": vault.key.fingerprint, "platform": asdict(platform)}
    vault.place.ahead({file_of(platform, file): file.size for file in platform.files})
    entry = json.dumps(body, ensure_ascii=False, default=date.isoformat).encode()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as bundle:
        bundle.writestr(_ENTRY, entry)
        bundle.writestr(_SEAL, vault.key.mac("handover", entry))
        for file in platform.files:
            bundle.writestr(file.name, read_file(vault.place, platform, file))


def take_over(vault: Vault, path: Path) -> Platform:
    """Put a platform that was handed over into the vault, in the place of what it had of it.

    Raises:
        UnreadableInput: the file is no handover, or damaged.
        KeyFault: its tokens were made with another key.
        VaultFault: somebody else is writing the vault.
    """
    exhibit = seal(path)
    try:
        with zipfile.ZipFile(path) as bundle:
            platform, files = _checked(bundle, vault, exhibit)
    except DAMAGE:
        message = f"{path}: is no undamaged handover of a platform"
        raise UnreadableInput(message, hint="make it with: luobo vault export") from None
    with vault.place.locked() as writing:
        part, written = write_part(writing, files)
        taken = replace(platform, part=part, files=written)
        write_manifest(writing, read_manifest(vault.place).with_platform(taken))
    return taken


def _checked(bundle: zipfile.ZipFile, vault: Vault, exhibit: Exhibit) -> tuple[Platform, dict[str, bytes]]:
    # Nothing in a handover is compressed, so it cannot unpack to more than it is.
    stored = all(member.compress_type == zipfile.ZIP_STORED for member in bundle.infolist())
    if not stored or sum(member.file_size for member in bundle.infolist()) > exhibit.size:
        raise ValueError(exhibit.name)
    entry = bundle.read(_ENTRY)
    body: dict[str, Any] = json.loads(entry)
    if body["schema"] != SCHEMA:
        raise ValueError(SCHEMA)
    if body["key"] != vault.key.fingerprint:
        message = f"{exhibit.name}: its tokens were made with another key"
        raise KeyFault(message, hint="the platform must use this vault's key file")
    if not hmac.compare_digest(bundle.read(_SEAL), vault.key.mac("handover", entry).encode()):
        raise ValueError(_SEAL)
    platform = platform_from(body["platform"])
    if not all(is_safe(file.name) for file in platform.files):
        raise ValueError(_ENTRY)
    return platform, {file.name: _whole(bundle, file) for file in platform.files}


def _whole(bundle: zipfile.ZipFile, file: File) -> bytes:
    data = bundle.read(file.name)
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise ValueError(file.name)
    return data
