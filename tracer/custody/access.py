"""Who can open the originals: the case's own age identity, wrapped for each person who may."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import pyrage

from tracer.custody.keys import PersonKey
from tracer.errors import CaseFault


def grant(folder: Path, identity: str, public: str, recipient: str) -> None:
    """Let a person open the originals.

    Args:
        folder: where access lies.
        identity: the case's age identity.
        public: the person's signing key, by which the file is called.
        recipient: the person's age key.

    Raises:
        CaseFault: it cannot be written.
    """
    wrapped = pyrage.encrypt(identity.encode(), [pyrage.x25519.Recipient.from_str(recipient)])
    fresh = folder / f".{secrets.token_hex(8)}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(wrapped)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(folder / f"{public}.age")
    except OSError as fault:
        raise CaseFault(f"{folder}: cannot be written ({fault.strerror})", hint="make room, then try again") from None
    finally:
        fresh.unlink(missing_ok=True)


def identity_for(folder: Path, person: PersonKey) -> str:
    """The case's age identity, opened by a person's key.

    Raises:
        CaseFault: this person may not open the originals.
    """
    try:
        wrapped = (folder / f"{person.public}.age").read_bytes()
        return bytes(pyrage.decrypt(wrapped, [pyrage.x25519.Identity.from_str(person.identity)])).decode()
    except (OSError, pyrage.DecryptError, UnicodeDecodeError):
        hint = "somebody who may opens it up: luobo case role CASE NAME ROLE --by PERSON"
        raise CaseFault("this person cannot open the originals of the case", hint=hint) from None
