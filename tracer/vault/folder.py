"""A vault in a folder of this machine."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from tracer.custody.durability import sync_folder
from tracer.errors import KeyFault, VaultFault
from tracer.vault.place import MANIFEST, PARTS, SKETCHES

_LOCK: Final = "lock"


@dataclass(frozen=True, slots=True)
class Folder:
    """See `Place`; the same for writing, for the lock is the system's own."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    def read(self, name: str) -> bytes:
        """See `Place.read`."""
        try:
            return (self.path / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise FileNotFoundError(name) from None
        except OSError as fault:
            message = f"{self.path / name}: cannot be read ({fault.strerror})"
            raise VaultFault(message, hint="check its permissions") from None

    def ahead(self, files: Mapping[str, int]) -> None:
        """Nothing: the system reads ahead by itself."""

    @contextmanager
    def locked(self) -> Iterator[Folder]:
        """See `Place.locked`; the lock ends with the process, however it ends."""
        try:
            stream = (self.path / _LOCK).open("w")
        except OSError as fault:
            raise VaultFault(f"{self}: cannot be written ({fault.strerror})", hint="check its permissions") from None
        with stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                message = f"{self}: somebody else is writing this vault"
                raise VaultFault(message, hint="wait until they are done") from None
            try:
                yield self
            except OSError as fault:
                message = f"{self}: cannot be written ({fault.strerror})"
                raise VaultFault(message, hint="nothing was changed") from None

    @contextmanager
    def made(self) -> Iterator[Folder]:
        """See `Place.made`."""
        try:
            self.path.mkdir(mode=0o700, parents=True)
        except FileExistsError:
            raise VaultFault(f"{self}: is there already", hint="name a path where nothing is yet") from None
        except OSError as fault:
            raise VaultFault(f"{self}: cannot be made ({fault.strerror})", hint="check the folder above it") from None
        try:
            yield self
        except KeyFault:
            self.path.rmdir()
            raise
        (self.path / PARTS).mkdir()

    def freed(self) -> None:
        """See `Place.freed`: whoever held it is gone, or still writing."""

    def key_path(self) -> Path:
        """Beside the vault."""
        # `.` and `..` have another name where they lie
        root = self.path.resolve() if self.path.name in {"", ".."} else self.path
        return root.with_name(root.name + ".key")

    @contextmanager
    def write(self, name: str) -> Iterator[IO[bytes]]:
        """See `Writing.write`."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())

    def settle(self, folder: str) -> None:
        """See `Writing.settle`."""
        sync_folder(self.path / folder)
        sync_folder((self.path / folder).parent)

    def replace(self, name: str, data: bytes) -> None:
        """See `Writing.replace`."""
        fresh = f"{name}.{secrets.token_hex(4)}"
        with self.write(fresh) as stream:
            stream.write(data)
        (self.path / fresh).replace(self.path / name)
        sync_folder(self.path)

    def sweep(self, kept: Collection[str]) -> None:
        """See `Writing.sweep`."""
        for held in (PARTS, SKETCHES):
            for found in (self.path / held).glob("*"):
                if f"{held}/{found.name}" in kept:
                    continue
                if found.is_dir():
                    shutil.rmtree(found, ignore_errors=True)
                else:
                    found.unlink(missing_ok=True)
        for stray in self.path.glob(f"{MANIFEST}.*"):
            stray.unlink(missing_ok=True)
