"""The files of a vault on disk: written whole or not at all, and read only if their digest is right."""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import re
import secrets
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO, Final

import polars as pl

from tracer.errors import VaultFault
from tracer.vault.manifest import File, Manifest, Platform
from tracer.vault.pieces import write_pieces

DAMAGE: Final = (
    OSError,
    EOFError,
    ArithmeticError,
    AttributeError,
    KeyError,
    RuntimeError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
)
"""What reading a damaged or hostile archive raises."""
MANIFEST: Final = "manifest.json"
PARTS: Final = "parts"
_LOCK: Final = "lock"
_WRITERS: Final = 2
"""Files that are written at once."""
_SAFE: Final = re.compile(r"[a-z0-9_]+(-[a-z0-9_]+)*(\.parquet)?")

Frames = pl.DataFrame | Callable[[], Iterator[pl.DataFrame]]
"""A frame, or what gives its pieces, one at least."""


def read_manifest(root: Path) -> Manifest:
    """The manifest of the vault at `root`.

    Raises:
        VaultFault: there is no vault, or its manifest cannot be read or is damaged.
    """
    path = root / MANIFEST
    try:
        manifest = Manifest.from_json(path.read_text(encoding="utf-8"), path)
    except (FileNotFoundError, NotADirectoryError):
        raise VaultFault(f"{root}: is no vault", hint=f"make one with: luobo vault create {root}") from None
    except UnicodeDecodeError:
        raise VaultFault(f"{path}: the vault's manifest is damaged", hint="restore the vault from a backup") from None
    except OSError as fault:
        raise VaultFault(f"{path}: cannot be read ({fault.strerror})", hint="check its permissions") from None
    names = [
        name for platform in manifest.platforms for name in (platform.part, *(file.name for file in platform.files))
    ]
    if not all(map(is_safe, names)):
        raise VaultFault(f"{path}: the vault's manifest is damaged", hint="restore the vault from a backup")
    return manifest


def is_safe(name: str) -> bool:
    """Whether a name from a manifest can be a file or folder of the vault and nothing else."""
    return _SAFE.fullmatch(name) is not None


def write_manifest(root: Path, manifest: Manifest) -> None:
    """Replace the manifest in one step; a kill at any moment leaves the old one or the new one."""
    fresh = root / f"{MANIFEST}.{secrets.token_hex(4)}"
    with fresh.open("w", encoding="utf-8") as stream:
        stream.write(manifest.to_json())
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(root / MANIFEST)
    sync_folder(root)


def write_part(root: Path, frames: Mapping[str, Frames]) -> tuple[str, tuple[File, ...]]:
    """Write the files of one platform into a new folder that no manifest names yet, and force them to the disk.

    Args:
        root: the vault.
        frames: file name without its ending → the frame, or what gives its pieces.

    Returns:
        The folder's name and its files.
    """
    part = secrets.token_hex(8)
    folder = root / PARTS / part
    folder.mkdir(parents=True)
    with ThreadPoolExecutor(_WRITERS) as pool:
        files = tuple(pool.map(partial(_write_frames, folder), frames, frames.values()))
    sync_folder(folder)
    sync_folder(folder.parent)
    return part, files


def _write_frames(folder: Path, name: str, frames: Frames) -> File:
    if not isinstance(frames, pl.DataFrame):
        return write_pieces(folder, f"{name}.parquet", frames())
    buffer = io.BytesIO()
    # Tokens are random: compression would cost each trace more than it saves on the disk.
    frames.write_parquet(buffer, compression="uncompressed")
    return write_file(folder, f"{name}.parquet", buffer.getbuffer())


def write_file(folder: Path, name: str, data: bytes | memoryview) -> File:
    """Write one file and force it to the disk."""
    with (folder / name).open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    return File(name, len(data), hashlib.sha256(data).hexdigest())


@contextmanager
def private_file(output: Path) -> Iterator[IO[bytes]]:
    """Write `output`, which appears whole or not at all and which only its owner may read.

    Raises:
        VaultFault: it cannot be written.
    """
    fresh = output.absolute().parent / f".luobo-{secrets.token_hex(4)}"
    try:
        with open(fresh, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(output)
    except OSError as fault:
        raise VaultFault(f"{output}: cannot be written ({fault.strerror})", hint="check the folder") from None
    finally:
        with suppress(OSError):
            fresh.unlink()


def read_bytes(root: Path, platform: Platform, file: File) -> bytes:
    """One file of a platform.

    Raises:
        VaultFault: it is missing or its digest is not the one in the manifest.
    """
    path = root / PARTS / platform.part / file.name
    try:
        data = path.read_bytes()
    except OSError:
        message = f"{path}: a file of {platform.name} is missing from the vault"
        raise VaultFault(message, hint="run again if the vault is being written; else restore it") from None
    if hashlib.sha256(data).hexdigest() != file.sha256:
        message = f"{path}: a file of {platform.name} is damaged (its digest is not the manifest's)"
        raise VaultFault(message, hint="restore the vault from a backup")
    return data


def sync_folder(folder: Path) -> None:
    """Force a folder's entries to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(root: Path, manifest: Manifest) -> None:
    """Remove what no manifest names: parts that were replaced, and what a kill left behind. Call it under the lock."""
    used = {platform.part for platform in manifest.platforms}
    for folder in (root / PARTS).iterdir():
        if folder.name not in used:
            shutil.rmtree(folder, ignore_errors=True)
    for stray in root.glob(f"{MANIFEST}.*"):
        stray.unlink(missing_ok=True)


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Hold the vault for writing; the lock ends with the process, however it ends.

    Raises:
        VaultFault: somebody else is writing, or the vault cannot be written.
    """
    try:
        stream = (root / _LOCK).open("w")
    except OSError as fault:
        raise VaultFault(f"{root}: cannot be written ({fault.strerror})", hint="check its permissions") from None
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise VaultFault(f"{root}: somebody else is writing this vault", hint="wait until they are done") from None
        try:
            yield
        except OSError as fault:
            raise VaultFault(f"{root}: cannot be written ({fault.strerror})", hint="nothing was changed") from None
