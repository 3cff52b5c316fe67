"""The files of a vault, wherever it lies: written whole or not at all, and read only if their digest is right."""

from __future__ import annotations

import hashlib
import io
import os
import re
import secrets
import zipfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO, Final

import polars as pl

from tracer.errors import VaultFault
from tracer.vault.manifest import File, Manifest, Platform, SketchEntry
from tracer.vault.pieces import Hashed, write_pieces
from tracer.vault.place import MANIFEST, PARTS, SKETCHES, Place, Writing

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
_WRITERS: Final = 2
"""Files that are written at once."""
_SAFE: Final = re.compile(r"[a-z0-9_]+(-[a-z0-9_]+)*(\.parquet|\.sketch)?")

Content = bytes | pl.DataFrame | Callable[[], Iterator[pl.DataFrame]]
"""What a file holds, a frame, or what gives its pieces, one at least."""


def read_manifest(place: Place) -> Manifest:
    """The manifest of the vault at `place`.

    Raises:
        VaultFault: there is no vault, or its manifest cannot be read or is damaged.
    """
    named = f"{place}/{MANIFEST}"
    try:
        manifest = Manifest.from_json(place.read(MANIFEST).decode(), named)
    except FileNotFoundError:
        raise VaultFault(f"{place}: is no vault", hint=f"make one with: luobo vault create {place}") from None
    except UnicodeDecodeError:
        raise VaultFault(f"{named}: the vault's manifest is damaged", hint="restore the vault from a backup") from None
    names = [
        name for platform in manifest.platforms for name in (platform.part, *(file.name for file in platform.files))
    ]
    if not all(map(is_safe, (*names, *(one.file.name for one in manifest.sketches)))):
        raise VaultFault(f"{named}: the vault's manifest is damaged", hint="restore the vault from a backup")
    return manifest


def is_safe(name: str) -> bool:
    """Whether a name from a manifest can be a file or folder of the vault and nothing else."""
    return _SAFE.fullmatch(name) is not None


def write_manifest(writing: Writing, manifest: Manifest) -> None:
    """Replace the manifest, then remove what it does not name any more."""
    writing.replace(MANIFEST, manifest.to_json().encode())
    parts = {f"{PARTS}/{platform.part}" for platform in manifest.platforms}
    writing.sweep(parts | {f"{SKETCHES}/{one.file.name}" for one in manifest.sketches})


def write_part(writing: Writing, contents: Mapping[str, Content]) -> tuple[str, tuple[File, ...]]:
    """Write the files of one platform into a new folder that no manifest names yet.

    Args:
        writing: the vault.
        contents: file name → what it holds.

    Returns:
        The folder's name and its files.
    """
    part = secrets.token_hex(8)
    with ThreadPoolExecutor(_WRITERS) as pool:
        files = tuple(pool.map(partial(_write, writing, f"{PARTS}/{part}"), contents, contents.values()))
    writing.settle(f"{PARTS}/{part}")
    return part, files


def write_sketch_file(writing: Writing, data: bytes) -> File:
    """Write the file of one sketch, which no manifest names yet."""
    file = _write(writing, SKETCHES, f"{secrets.token_hex(8)}.sketch", data)
    writing.settle(SKETCHES)
    return file


def _write(writing: Writing, folder: str, name: str, content: Content) -> File:
    with writing.write(f"{folder}/{name}") as stream:
        hashed = Hashed(stream)
        if isinstance(content, bytes):
            hashed.write(content)
        elif isinstance(content, pl.DataFrame):
            buffer = io.BytesIO()
            # Tokens are random: compression would cost each trace more than it saves on the disk.
            content.write_parquet(buffer, compression="uncompressed")
            hashed.write(buffer.getbuffer())
        else:
            write_pieces(hashed, content())
        return File(name, hashed.size, hashed.digest.hexdigest())


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


def file_of(platform: Platform, file: File) -> str:
    """How the place of a vault names one file of a platform."""
    return f"{PARTS}/{platform.part}/{file.name}"


def read_file(place: Place, platform: Platform, file: File) -> bytes:
    """One file of a platform.

    Raises:
        VaultFault: it is missing or its digest is not the one in the manifest.
    """
    return _whole(place, file_of(platform, file), platform.name, file)


def read_pieces(place: Place, platform: Platform, file: File) -> Iterator[pl.DataFrame]:
    """One table of a platform, piece by piece, one at least: only its bytes are held.

    Raises:
        VaultFault: as `read_file`, or it is no table.
    """
    from pyarrow import ArrowException, BufferReader, parquet  # noqa: PLC0415 - only long histories need it

    try:
        table = parquet.ParquetFile(BufferReader(read_file(place, platform, file)))
        for group in range(table.num_row_groups):
            yield pl.DataFrame(pl.from_arrow(table.read_row_group(group)))
        if not table.num_row_groups:
            yield pl.DataFrame(pl.from_arrow(table.schema_arrow.empty_table()))
    except ArrowException:
        message = f"{place}: {file.name} of {platform.name} is no table"
        raise VaultFault(message, hint="restore the vault from a backup") from None


def read_sketch_file(place: Place, entry: SketchEntry) -> bytes:
    """The sketch of a platform.

    Raises:
        VaultFault: as `read_file`.
    """
    return _whole(place, f"{SKETCHES}/{entry.file.name}", entry.platform, entry.file)


def _whole(place: Place, name: str, whose: str, file: File) -> bytes:
    try:
        data = place.read(name)
    except FileNotFoundError:
        message = f"{place}/{name}: a file of {whose} is missing from the vault"
        raise VaultFault(message, hint="run again if the vault is being written; else restore it") from None
    if hashlib.sha256(data).hexdigest() != file.sha256:
        message = f"{place}/{name}: a file of {whose} is damaged (its digest is not the manifest's)"
        raise VaultFault(message, hint="restore the vault from a backup")
    return data
