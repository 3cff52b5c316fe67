"""An exhibit: a file whose digest was taken before anything read it."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tracer.errors import UnreadableInput

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A sealed file. Only `seal` makes one, and every reader asks for one."""

    path: Path
    """Where the file lies now."""
    name: str
    """The file as the user named it."""
    sha256: str
    """SHA-256 of all its bytes, hexadecimal (FIPS 180-4)."""
    size: int
    """Length in bytes."""
    sealed_at: datetime
    """When the digest was taken (UTC)."""


def seal(path: str | os.PathLike[str]) -> Exhibit:
    """Take the digest of the regular file at `path`, before anything else reads it.

    Raises:
        UnreadableInput: no such file, not a regular file (directory, FIFO, device), empty, or not permitted.
    """
    name = os.fspath(path)
    try:
        # O_NONBLOCK: opening a FIFO must not wait for a writer that never comes.
        descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise UnreadableInput(f"{name}: no such file", hint="check the path") from None
    except OSError as fault:
        raise UnreadableInput(f"{name}: cannot be opened ({fault.strerror})", hint="check its permissions") from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise UnreadableInput(f"{name}: is a directory, not a file", hint="name one file in it")
        raise UnreadableInput(f"{name}: is not a regular file", hint="copy its content into a file first")
    with os.fdopen(descriptor, "rb") as stream:
        if status.st_size == 0:
            raise UnreadableInput(f"{name}: is empty", hint="check that it was copied whole")
        digest = hashlib.file_digest(stream, "sha256", _bufsize=_CHUNK).hexdigest()
    return Exhibit(Path(name), name, digest, status.st_size, datetime.now(UTC))
