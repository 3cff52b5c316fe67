"""Where the parts of a dump lie while it is traced: files that say nothing, and that outlive a kill.

Every file is encrypted (AES-256-GCM, NIST SP 800-38D) under a key that is derived from the vault's for this one dump,
and its name is a code under that key: nothing of a dump or a vault can be read in the folder by anybody without the
vault's key, and nothing that somebody else put there is taken for ours. What was put is there whole or not at all, so
that a run that was killed can be gone on with.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import io
import os
import secrets
import shutil
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

import polars as pl
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tracer.errors import TracerError
from tracer.vault.vault import Vault

SCHEME: Final = "luobo.parts/2"
"""Of what lies in a working folder; another version begins anew."""
_LENGTH: Final = struct.Struct("<Q")
_NONCE: Final = 12
_ROOM: Final = "name a folder with more room: --scratch"


@dataclass(slots=True)
class Scratch:
    """The folder of one run. `repr` never shows its key."""

    path: Path
    key: bytes = field(repr=False)
    _lock: IO[bytes] | None = None
    _appended: dict[str, int] = field(default_factory=dict)
    """How many pieces each growing file has."""

    @staticmethod
    def of(parent: Path, key: bytes) -> Scratch:
        """The folder for this key in `parent`, which need not be there."""
        return Scratch(parent.absolute() / f".luobo-{_code(key, 'folder')[:16]}", key)

    def begin(self) -> None:
        """Work in the folder, as the last run left it; where somebody does that already, in one of our own.

        Raises:
            TracerError: it cannot be made.
        """
        if self._lock is not None:
            return
        try:
            self._lock = self._locked()
            if self._lock is None:
                self.path = self.path.with_name(f"{self.path.name}-{secrets.token_hex(4)}")
                self._lock = self._locked()
        except OSError as fault:
            message = f"{self.path.parent}: no working folder can be made ({fault.strerror})"
            raise TracerError(message, hint="name another folder: --scratch") from None

    def _locked(self) -> IO[bytes] | None:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (self.path / "lock").open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return None
        return lock

    def put(self, name: str, content: bytes | memoryview) -> None:
        """Lay something down; it is there whole or not at all.

        Raises:
            TracerError: there is no room.
        """
        fresh = self.path / f"{secrets.token_hex(16)}.part"
        with _writing(self.path):
            with fresh.open("xb") as stream:
                self._seal(stream, content, name)
            fresh.replace(self._file(name))

    def take(self, name: str) -> bytes:
        """What was laid down under this name; nothing if there is no such file.

        Raises:
            TracerError: it is not what was put.
        """
        return next(self.pieces(name), b"")

    def append(self, name: str, content: bytes | memoryview) -> None:
        """Add a piece to a growing file, which begins anew in every run.

        Raises:
            TracerError: there is no room.
        """
        number = self._appended.get(name, 0)
        with _writing(self.path), self._file(name).open("ab" if number else "wb") as stream:
            self._seal(stream, content, f"{name}#{number}" if number else name)
        self._appended[name] = number + 1

    def pieces(self, name: str) -> Iterator[bytes]:
        """The pieces of a file, in order; none if there is no such file.

        Raises:
            TracerError: a piece is not what was put.
        """
        number = 0
        try:
            with self._file(name).open("rb") as stream:
                size = os.fstat(stream.fileno()).st_size
                while head := stream.read(_LENGTH.size + _NONCE):
                    # Nobody vouches for the length itself.
                    sealed = stream.read(min(size, _LENGTH.unpack(head[: _LENGTH.size])[0]))
                    bound = (f"{name}#{number}" if number else name).encode()
                    yield AESGCM(self.key).decrypt(head[_LENGTH.size :], sealed, bound)
                    number += 1
        except FileNotFoundError:
            return
        except (OSError, InvalidTag, ValueError, struct.error):
            raise self.damaged() from None

    def damaged(self) -> TracerError:
        """What to raise where something is not what was laid down."""
        message = f"{self.path}: a file of the working folder is lost or damaged"
        return TracerError(message, hint="remove the folder and run the command again")

    def has(self, name: str) -> bool:
        """Whether anything was laid down under this name."""
        return self._file(name).exists()

    def drop(self, name: str) -> None:
        """Remove one file."""
        self._appended.pop(name, None)
        with suppress(OSError):
            self._file(name).unlink()

    def put_frame(self, name: str, frame: pl.DataFrame) -> None:
        """Lay down a frame, see `put`."""
        self.put(name, packed(frame))

    def frame(self, name: str) -> pl.DataFrame:
        """The frame that was laid down under this name.

        Raises:
            TracerError: it is not there, or is not what was put.
        """
        content = self.take(name)
        if not content:
            raise self.damaged()
        return unpacked(content)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let nobody else work in the folder; if this ends with an error, others may go on with what is in it."""
        try:
            yield
        except BaseException:
            self._release()
            raise

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def remove(self) -> None:
        """Remove the folder and all that is in it."""
        self._release()
        shutil.rmtree(self.path, ignore_errors=True)

    def _file(self, name: str) -> Path:
        return self.path / _code(self.key, name)[:32]

    def _seal(self, stream: IO[bytes], content: bytes | memoryview, bound: str) -> None:
        nonce = secrets.token_bytes(_NONCE)
        sealed = AESGCM(self.key).encrypt(nonce, content, bound.encode())
        stream.write(_LENGTH.pack(len(sealed)) + nonce)
        stream.write(sealed)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Say in our own words that something could not be written."""
    try:
        yield
    except OSError as fault:
        raise TracerError(f"{folder}: cannot be written ({fault.strerror})", hint=_ROOM) from None


def packed(frame: pl.DataFrame) -> memoryview:
    """A frame as bytes."""
    buffer = io.BytesIO()
    frame.write_ipc(buffer, compat_level=pl.CompatLevel.newest())
    return buffer.getbuffer()


def unpacked(content: bytes) -> pl.DataFrame:
    """The frame that was packed."""
    return pl.read_ipc(io.BytesIO(content))


def _code(key: bytes, name: str) -> str:
    return hmac.new(key, name.encode(), hashlib.sha256).hexdigest()


def job_key(vault: Vault, sha256: str, *others: object) -> bytes:
    """The key of the working folder of one trace: of the vault's key, and of all that the answer depends on."""
    # A platform's part has a new name whenever it is written.
    state = (f"{platform.name}/{platform.part}" for platform in vault.platforms)
    return derived(vault.key.derive("scratch"), SCHEME, sha256, *state, *map(repr, others))


def derived(secret: bytes, *told: str) -> bytes:
    """The key of one piece of work: of a secret, and of words that say which it is."""
    return hmac.new(secret, "\0".join(told).encode("utf-8", "surrogateescape"), hashlib.sha256).digest()
