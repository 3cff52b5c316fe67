"""A folder on shared storage through which machines hand each other work: whatever lies in it is sealed.

Every file is encrypted (AES-256-GCM, NIST SP 800-38D) under a key that is made for one run, goes to the machines with
the work and is never written. So nothing of a dump or a vault can be read in the folder, during the run or after it was
broken off, and nobody who may write there can slip in anything.
"""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tracer.errors import EngineFault


@dataclass(frozen=True, slots=True)
class SealedFolder:
    """The folder and its key. `repr` never shows the key."""

    path: Path
    key: bytes = field(repr=False)

    @staticmethod
    def make(parent: Path) -> SealedFolder:
        """A new folder in `parent`, which every machine must see at the same path.

        Raises:
            EngineFault: it cannot be made.
        """
        path = parent.absolute() / f".luobo-{secrets.token_hex(8)}"
        try:
            path.mkdir(parents=True)
        except OSError as fault:
            message = f"{parent}: no working folder can be made ({fault.strerror})"
            raise EngineFault(message, hint="name a folder that all machines share: --spark-folder") from None
        return SealedFolder(path, AESGCM.generate_key(256))

    def put(self, content: bytes | memoryview) -> str:
        """Seal something; it appears whole or not at all.

        Returns:
            Its name, by which it is taken.
        """
        name, nonce = secrets.token_hex(16), secrets.token_bytes(12)
        fresh = self.path / f"{name}.part"
        with fresh.open("xb") as stream:
            stream.write(nonce)
            stream.write(AESGCM(self.key).encrypt(nonce, content, name.encode()))
        fresh.replace(self.path / name)
        return name

    def take(self, name: str) -> bytes:
        """What was sealed under this name.

        Raises:
            EngineFault: it is not there, or is not what was put.
        """
        try:
            sealed = memoryview((self.path / name).read_bytes())
            return AESGCM(self.key).decrypt(bytes(sealed[:12]), sealed[12:], name.encode())
        except (OSError, InvalidTag, ValueError):
            message = "a file of the working folder is lost or damaged"
            raise EngineFault(message, hint="is the folder on storage that all machines share?") from None

    def drop(self, name: str) -> None:
        """Remove one file."""
        with suppress(OSError):
            os.unlink(self.path / name)  # noqa: PTH108 - as quick as it gets

    def remove(self) -> None:
        """Remove the folder and all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
