"""The encrypted form of a register: nobody without its passphrase or its key learns one canary.

AES-256-GCM (NIST SP 800-38D) under a key that scrypt (RFC 7914) stretches from the passphrase, or under a key derived
by HKDF-SHA256 (RFC 5869) from a key file's secret. The head is authenticated with the content.
"""

from __future__ import annotations

import base64
import json
import os
import zlib
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from canaries.errors import CanaryFault, Locked

MAGIC: Final = b"luobo.register/1\n"
_SCRYPT: Final = {"n": 2**15, "r": 8, "p": 1}
"""Cost of guessing a passphrase: 32 MiB and about a tenth of a second a try."""
_LONGEST_HEAD: Final = 1024


@dataclass(frozen=True, slots=True)
class Opener:
    """What opens a register: a passphrase, or the 32 bytes of a key file. `repr` shows neither."""

    passphrase: str | None = field(default=None, repr=False)
    secret: bytes | None = field(default=None, repr=False)


def lock(content: bytes, opener: Opener) -> bytes:
    """Compress and encrypt `content`; every call uses a fresh salt and nonce."""
    salt, nonce = os.urandom(16), os.urandom(12)
    how = "passphrase" if opener.passphrase is not None else "key"
    head = MAGIC + json.dumps({"opens": how, "salt": _text(salt), "nonce": _text(nonce)}).encode() + b"\n"
    return head + AESGCM(_key(opener, how, salt)).encrypt(nonce, zlib.compress(content, 6), head)


def unlock(data: bytes, opener: Opener) -> bytes:
    """The content of a locked register.

    Raises:
        Locked: the passphrase or key lacks, or does not open it.
        CanaryFault: it is no register, or damaged.
    """
    how, salt, nonce, head = _head(data)
    if (opener.passphrase if how == "passphrase" else opener.secret) is None:
        raise Locked(f"the register is locked by a {how}", hint=_HINTS[how])
    try:
        return zlib.decompress(AESGCM(_key(opener, how, salt)).decrypt(nonce, data[len(head) :], head))
    except InvalidTag:
        raise Locked(f"the {how} does not open this register, or it is damaged", hint=_HINTS[how]) from None


def opened_by(data: bytes) -> str:
    """`passphrase` or `key`: what a locked register asks for.

    Raises:
        CanaryFault: it is no register.
    """
    return _head(data)[0]


_HINTS: Final = {
    "passphrase": "give --passphrase-file or set LUOBO_PASSPHRASE",
    "key": "its key file lies beside it (REGISTER.key) unless --key says otherwise",
}


def _head(data: bytes) -> tuple[str, bytes, bytes, bytes]:
    end = data.find(b"\n", len(MAGIC), len(MAGIC) + _LONGEST_HEAD) + 1
    try:
        told = json.loads(data[len(MAGIC) : end]) if data.startswith(MAGIC) and end else {}
        salt, nonce = (base64.b64decode(told[part], validate=True) for part in ("salt", "nonce"))
        how = str(told["opens"])
    except (ValueError, KeyError, TypeError):
        how, salt, nonce = "", b"", b""
    if how not in _HINTS or len(nonce) != 12:
        raise CanaryFault("it is not a canary register", hint="make one with: luobo canary mint")
    return how, salt, nonce, data[:end]


def _key(opener: Opener, how: str, salt: bytes) -> bytes:
    if how == "passphrase":
        # A passphrase from the environment need not be UTF-8; its own bytes count.
        words = (opener.passphrase or "").encode("utf-8", "surrogateescape")
        return Scrypt(salt=salt, length=32, **_SCRYPT).derive(words)
    return HKDF(hashes.SHA256(), length=32, salt=salt, info=b"luobo/register/1").derive(opener.secret or b"")


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
