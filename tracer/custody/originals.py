"""The originals of a case: age files for several recipients, taken in with two digests and opened without a trace.

An original is read once: SHA-256, SM3 and encryption see the same bytes. What was written is read back and compared
before it counts. To be used it is decrypted into memory, or, where it is large, into a file without a name that is
gone with the process.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

import pyrage
from cryptography.hazmat.primitives import hashes

from tracer.custody.durability import sync_folder
from tracer.custody.exhibit import Exhibit, seal
from tracer.errors import CaseFault, UnreadableInput

_IN_MEMORY: Final = 256 << 20
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Sealed:
    """An original as it was taken in."""

    sha256: str
    """Of the original (FIPS 180-4)."""
    sm3: str
    """Of the original (GB/T 32905-2016)."""
    size: int
    sealed_sha256: str
    """Of the age file; the file is called by it."""
    sealed_size: int
    begun: datetime
    ended: datetime


class _Nowhere:
    """A stream that holds and keeps nothing."""

    def read(self, _size: int = -1) -> bytes:
        """Its end."""
        return b""

    def write(self, data: bytes) -> int:
        """Take it."""
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""


class _Witness:
    """A stream that takes digests of what passes through it."""

    def __init__(self, stream: BinaryIO | _Nowhere) -> None:
        self.stream = stream
        self.size = 0
        self.sha256 = hashlib.sha256()
        self.sm3 = hashes.Hash(hashes.SM3())

    def read(self, size: int = -1) -> bytes:
        """Bytes of the stream."""
        data = self.stream.read(size)
        self._see(data)
        return data

    def write(self, data: bytes) -> int:
        """Bytes into the stream."""
        self._see(data)
        return self.stream.write(data)

    def flush(self) -> None:
        """What the stream holds back goes on."""
        self.stream.flush()

    def _see(self, data: bytes) -> None:
        self.size += len(data)
        self.sha256.update(data)
        self.sm3.update(data)


def take_in(path: str | os.PathLike[str], folder: Path, recipients: Sequence[str], identity: str) -> Sealed:
    """Encrypt a file into `folder`, where it is called by the digest of the age file.

    Args:
        path: the file.
        folder: where originals lie.
        recipients: age public keys, each of which can open it.
        identity: one age identity that can, to read back what was written.

    Raises:
        UnreadableInput: it is no regular file, is empty, or changed while it was read.
        CaseFault: there is no room, or what was written cannot be read back.
    """
    begun = datetime.now(UTC)
    exhibit = seal(path)
    fresh = folder / f".{secrets.token_hex(8)}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        with exhibit.path.open("rb") as source, _private(fresh) as target:
            passed = _Witness(source)
            written = _Witness(target)
            pyrage.encrypt_io(passed, written, [pyrage.x25519.Recipient.from_str(one) for one in recipients])
            target.flush()
            os.fsync(target.fileno())
        digest = passed.sha256.hexdigest()
        if (digest, passed.size) != (exhibit.sha256, exhibit.size):
            raise UnreadableInput(f"{exhibit.name}: changed while it was read", hint="copy it, then add the copy")
        _require_same(_decrypted_digest(fresh, identity), digest)
        name = written.sha256.hexdigest()
        fresh.replace(folder / f"{name}.age")
        sync_folder(folder)
    except (OSError, pyrage.EncryptError) as fault:
        reason = f" ({fault.strerror})" if isinstance(fault, OSError) and fault.strerror else ""
        raise CaseFault(f"{folder}: an original cannot be written{reason}", hint="make room, then add again") from None
    finally:
        fresh.unlink(missing_ok=True)
    sm3 = passed.sm3.finalize().hex()
    return Sealed(digest, sm3, passed.size, name, written.size, begun, datetime.now(UTC))


@contextmanager
def opened(folder: Path, sealed_sha256: str, sha256: str, identity: str, name: str) -> Iterator[Exhibit]:
    """An original in the clear, verified, for as long as the block runs; no file with a name holds it.

    Args:
        folder: where originals lie.
        sealed_sha256: what it is called by.
        sha256: the digest taken when it was sealed.
        identity: an age identity that opens it.
        name: what the file was called.

    Raises:
        CaseFault: it is missing, changed, or cannot be opened with this identity.
    """
    path = folder / f"{sealed_sha256}.age"
    descriptor = _nameless(folder, path)
    try:
        size = _unpacked(path, descriptor, sha256, identity)
        yield Exhibit(Path(f"/proc/{os.getpid()}/fd/{descriptor}"), name, sha256, size, datetime.now(UTC))
    finally:
        os.close(descriptor)


def _unpacked(path: Path, descriptor: int, sha256: str, identity: str) -> int:
    """Decrypt an original into an open file and compare its digest; gives its length."""
    try:
        with path.open("rb") as source, os.fdopen(os.dup(descriptor), "wb") as target:
            passed = _Witness(target)
            pyrage.decrypt_io(source, passed, [pyrage.x25519.Identity.from_str(identity)])
            target.flush()
    except (pyrage.DecryptError, OSError):
        # An age file that was cut is an OSError of pyrage's; so is a disk without room for a large original.
        message = f"{path}: the original is missing, damaged, for other keys, or there is no room to open it"
        raise CaseFault(message, hint="make room, or restore it from a backup") from None
    _require_same(passed.sha256.hexdigest(), sha256)
    return passed.size


def _nameless(folder: Path, sealed: Path) -> int:
    """An open file without a name: in memory, or on the disk of the case where the original is large."""
    try:
        if sealed.stat().st_size <= _IN_MEMORY:
            return os.memfd_create("luobo", os.MFD_CLOEXEC)
        return os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as fault:
        raise CaseFault(f"{sealed}: cannot be opened ({fault.strerror})", hint="restore it from a backup") from None


def _private(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb")


def _decrypted_digest(path: Path, identity: str) -> str:
    passed = _Witness(_Nowhere())
    with path.open("rb") as source:
        pyrage.decrypt_io(source, passed, [pyrage.x25519.Identity.from_str(identity)])
    return passed.sha256.hexdigest()


def _require_same(found: str, wanted: str) -> None:
    if found != wanted:
        raise CaseFault("an original is not what was sealed", hint="restore it from a backup")
