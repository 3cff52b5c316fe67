"""A person's keys in a case: one to sign with (Ed25519, RFC 8032), one that opens originals (age, X25519)."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

import pyrage
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tracer.errors import KeyFault

_SCHEMA: Final = "luobo.person/1"
_LOCKED: Final = b"luobo.person.locked/1\n"
_SALT, _NONCE = 16, 12
_SCRYPT: Final = {"n": 2**16, "r": 8, "p": 1}
"""Cost of guessing a passphrase: 64 MiB and a fifth of a second a try."""
_KEY: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class PersonKey:
    """What one person signs with and opens originals with. `repr` shows neither secret."""

    seed: bytes = field(repr=False)
    identity: str = field(repr=False)
    """The age identity, `AGE-SECRET-KEY-1…`."""

    @cached_property
    def _signer(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @cached_property
    def public(self) -> str:
        """The public signing key, 64 hexadecimal digits: what the journal knows the person by."""
        return self._signer.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    @cached_property
    def recipient(self) -> str:
        """The public age key, `age1…`."""
        return str(pyrage.x25519.Identity.from_str(self.identity).to_public())

    def sign(self, message: bytes) -> bytes:
        """64 bytes."""
        return self._signer.sign(message)


def new_key() -> PersonKey:
    """Fresh keys of a person."""
    return PersonKey(os.urandom(32), str(pyrage.x25519.Identity.generate()))


def save_key(key: PersonKey, folder: Path, passphrase: str | None) -> Path:
    """Write a person's keys into `folder` (mode 0600), locked where a passphrase is given.

    scrypt (RFC 7914) stretches the passphrase, AES-256-GCM (NIST SP 800-38D) locks the content.

    Raises:
        KeyFault: it cannot be written.
    """
    content = json.dumps({"schema": _SCHEMA, "seed": key.seed.hex(), "identity": key.identity}).encode()
    if passphrase is not None:
        salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
        content = _LOCKED + salt + nonce + AESGCM(_stretched(passphrase, salt)).encrypt(nonce, content, _LOCKED)
    path = folder / f"{key.public}.key"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as fault:
        raise KeyFault(f"{path}: the key file cannot be written ({fault.strerror})", hint="check the folder") from None
    return path


def load_key(public: str, folder: Path, passphrase: str | None) -> PersonKey:
    """Read the keys of the person whose public signing key this is.

    Raises:
        KeyFault: they are not there, readable by others, damaged, or locked and the passphrase is missing or wrong.
    """
    path = folder / f"{public}.key"
    if _KEY.fullmatch(public) is None:
        raise KeyFault("the name of a key is no key", hint="the case is damaged; take it from a backup")
    try:
        if path.stat().st_mode & 0o077:
            raise KeyFault(f"{path}: others can read this key file", hint=f"chmod 600 {path}")
        content = path.read_bytes()
    except FileNotFoundError:
        hint = "act on the machine that holds the key, or copy its file there"
        raise KeyFault(f"{path}: no such key file", hint=hint) from None
    except OSError as fault:
        raise KeyFault(f"{path}: cannot be read ({fault.strerror})", hint="check its permissions") from None
    if content.startswith(_LOCKED):
        content = _unlocked(content, path, passphrase)
    try:
        body = json.loads(content)
        key = PersonKey(bytes.fromhex(body["seed"]), str(body["identity"]))
        right = body["schema"] == _SCHEMA and key.public == public and bool(key.recipient)
    except (ValueError, KeyError, TypeError, RecursionError, pyrage.IdentityError):
        right = False
    if not right:
        raise KeyFault(f"{path}: is not an undamaged key file", hint="take it from a backup")
    return key


def _unlocked(content: bytes, path: Path, passphrase: str | None) -> bytes:
    if passphrase is None:
        raise KeyFault(
            f"{path}: the key file is locked", hint="give --passphrase-file or LUOBO_PASSPHRASE", locked=True
        )
    salt, nonce, locked = content[len(_LOCKED) :][:_SALT], content[len(_LOCKED) + _SALT :][:_NONCE], content[_HEAD:]
    try:
        return AESGCM(_stretched(passphrase, salt)).decrypt(nonce, locked, _LOCKED)
    except (InvalidTag, ValueError):
        raise KeyFault(f"{path}: the passphrase does not open this key", hint="check the passphrase") from None


def _stretched(passphrase: str, salt: bytes) -> bytes:
    # A passphrase from the environment or a terminal need not be UTF-8; its own bytes count.
    return Scrypt(salt=salt, length=32, **_SCRYPT).derive(passphrase.encode("utf-8", "surrogateescape"))


_HEAD: Final = len(_LOCKED) + _SALT + _NONCE
