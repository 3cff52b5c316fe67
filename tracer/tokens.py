"""Keyed tokens of identifiers and claims, and the key file without which nobody can make or compare them.

A phone number hashed without a key *is* the phone number: all of them can be tried in hours. So every token is
AES-256-CMAC (NIST SP 800-38B) under a key derived by HKDF-SHA256 (RFC 5869) from the one secret in the key file, cut to
its first 64 bits. Each kind of identifier has a key of its own, so a phone never equals a bank card. Claims pass
through one AES block under their platform's key as well, so that two platforms' equal values do not show as equal.

What cannot be had: tokens of short values stay personal data. Whoever holds the key file can try every phone number.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from numpy.typing import NDArray

from tracer.cmac import encrypted, first_words
from tracer.errors import KeyFault

_SCHEMA: Final = "luobo.key/1"
_SCRYPT: Final = {"n": 2**15, "r": 8, "p": 1}
"""Cost of guessing a passphrase: 32 MiB and about a tenth of a second a try (RFC 7914)."""


@dataclass(frozen=True, slots=True)
class TokenKey:
    """The one secret of a vault. `repr` never shows it."""

    secret: bytes = field(repr=False)
    """32 random bytes."""

    def derive(self, purpose: str) -> bytes:
        """The key for one purpose, 32 bytes: HKDF-SHA256 without salt, the purpose as its info."""
        key = HKDF(hashes.SHA256(), length=32, salt=None, info=f"luobo/1/{purpose}".encode())
        return key.derive(self.secret)

    @property
    def fingerprint(self) -> str:
        """A public name of the key: 16 hexadecimal characters of an HMAC, from which the key cannot be had."""
        return self.mac("fingerprint", b"luobo")[:16]

    def mac(self, purpose: str, data: bytes) -> str:
        """HMAC-SHA256 of `data` under the key for one purpose, hexadecimal: only who has this key can make it."""
        mac = hmac.HMAC(self.derive(purpose), hashes.SHA256())
        mac.update(data)
        return mac.finalize().hex()


def identifier_token(text: pl.Expr, key: TokenKey, kind: str) -> pl.Expr:
    """Tokens of normal forms of one `kind` of identifier.

    Args:
        text: normal forms, Utf8; null stays null.
        key: the vault's key.
        kind: what the identifier is; equal text of two kinds gives unrelated tokens.

    Returns:
        UInt64: the first 64 bits of the code, big-endian.
    """
    return _codes(text, key.derive(f"identifier/{kind}"))


def claim_digest(text: pl.Expr, key: TokenKey) -> pl.Expr:
    """Digests of canonical values before they belong to a platform: UInt64, cut like tokens; null for null."""
    return _codes(text, key.derive("claim"))


def claim_tokens(digest: NDArray[np.uint64], key: TokenKey, platform: str) -> NDArray[np.uint32]:
    """Tokens of values under the key of one `platform`: (values,) 32 bits each.

    Each digest, filled up with zeros to one block, goes through AES-256 (FIPS 197) under the platform's own key, and
    the first 32 bits are kept: a keyed permutation, so that tokens of two platforms have nothing in common, at a
    fraction of the cost of another code. 32 bits are enough, for a claim is only ever compared with those of one
    customer: two different values are taken for equal once in 4 billion comparisons.

    Args:
        digest: (values,) see `claim_digest`.
        key: the vault's key.
        platform: whose tokens.
    """
    blocks = np.zeros((digest.size, 2), "<u8")
    blocks[:, 0] = digest
    return encrypted(blocks, key.derive(f"platform/{platform}")).view("<u4")[:, 0].astype(np.uint32)


def name_digests(names: pl.Series, key: TokenKey, part: str) -> NDArray[np.uint64]:
    """Digests of names before digits are joined to them: (names,), 0 where there is none.

    Args:
        names: Utf8; each is worked out, so give each distinct one once.
        key: the vault's key.
        part: which part of a name it is; equal text of two parts gives unrelated digests.
    """
    return first_words(names, key.derive(f"name/{part}")).fill_null(0).to_numpy()


def composite_tokens(
    name: NDArray[np.uint64], digits: NDArray[np.int64], key: TokenKey, kind: str
) -> NDArray[np.uint64]:
    """Tokens of names with digits: (pairs,) 64 bits each.

    A name's digest and the digits fill one block of AES-256 (FIPS 197) under a key of the kind's own, and the first 64
    bits are kept. All blocks are different, and each holds a code that only the key makes: to anybody without it they
    are as random as a code of both would be, at a fraction of its cost.

    Args:
        name: see `name_digests`.
        digits: what is seen of a number, not negative.
        key: the vault's key.
        kind: of the digits; equal pairs of two kinds give unrelated tokens.
    """
    blocks = np.empty((name.size, 2), "<u8")
    blocks[:, 0], blocks[:, 1] = name, digits
    return encrypted(blocks, key.derive(f"composite/{kind}"))[:, 0].copy()


def by_token(frame: pl.DataFrame) -> pl.DataFrame:
    """A frame ordered by its column `token`; rows with equal tokens keep their order."""
    return frame[order(frame.get_column("token").to_numpy())]


def order(token: NDArray[np.uint64]) -> NDArray[np.intp]:
    """Places in the order of tokens, equal ones in the order they stood in.

    Numbers are sorted several times faster than the places of numbers. So each place is written over the last bits of
    its token; tokens that differ in those bits alone are as good as never met, and then sorted the long way.
    """
    last = np.uint64((1 << max(0, token.size - 1).bit_length()) - 1)
    packed = (token & ~last) | np.arange(token.size, dtype=np.uint64)
    # Polars sorts numbers on all cores, and in half the time of numpy where that knows nothing of the processor.
    packed = pl.Series(packed).sort().to_numpy()
    order = (packed & last).astype(np.intp)
    ordered = token[order]
    return order if (ordered[1:] >= ordered[:-1]).all() else np.argsort(token, kind="stable")


def _codes(text: pl.Expr, key: bytes) -> pl.Expr:
    return text.map_batches(lambda cells: first_words(cells, key), return_dtype=pl.UInt64, is_elementwise=True)


def create_key(path: Path, passphrase: str | None = None) -> TokenKey:
    """Make a new key and write it to `path`, readable by its owner only (mode 0600).

    With a passphrase the secret is wrapped: scrypt (RFC 7914) and AES-256-GCM (NIST SP 800-38D).

    Raises:
        KeyFault: there is a file already, or it cannot be written.
    """
    key = TokenKey(secrets.token_bytes(32))
    body = {
        "schema": _SCHEMA,
        "fingerprint": key.fingerprint,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        **(_wrapped(key.secret, passphrase) if passphrase else {"secret": _text(key.secret)}),
    }
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise KeyFault(
            f"{path}: a key file is there already", hint="a key is never overwritten; move it away"
        ) from None
    except OSError as fault:
        raise KeyFault(f"{path}: the key file cannot be written ({fault.strerror})", hint="check the folder") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(body, stream, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    return key


def load_key(path: Path, passphrase: str | None = None) -> TokenKey:
    """Read a key file.

    Raises:
        KeyFault: it is not there, readable by others, damaged, or wrapped and the passphrase is missing or wrong.
    """
    body = _read(path)
    try:
        if "secret" in body:
            secret = base64.b64decode(str(body["secret"]), validate=True)
        elif passphrase is None:
            hint = "give --passphrase-file or set LUOBO_PASSPHRASE"
            raise KeyFault(f"{path}: the key file is locked", hint=hint, locked=True)
        else:
            secret = _unwrapped(body, passphrase)
    except InvalidTag:
        raise KeyFault(f"{path}: the passphrase does not open this key file", hint="check the passphrase") from None
    except (KeyError, TypeError, ValueError, binascii.Error):
        raise _damaged(path) from None
    key = TokenKey(secret)
    if len(secret) != 32 or key.fingerprint != body.get("fingerprint"):
        raise _damaged(path)
    return key


def _read(path: Path) -> dict[str, object]:
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise KeyFault(f"{path}: others can read this key file", hint=f"chmod 600 {path}")
        body = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        hint = "the key file lies beside the vault unless --key says otherwise; a lost key cannot be had again"
        raise KeyFault(f"{path}: no such key file", hint=hint) from None
    except OSError as fault:
        raise KeyFault(
            f"{path}: the key file cannot be read ({fault.strerror})", hint="check its permissions"
        ) from None
    except (ValueError, RecursionError):  # RecursionError: brackets nested beyond what JSON is read to
        raise _damaged(path) from None
    if not isinstance(body, dict) or body.get("schema") != _SCHEMA:
        raise _damaged(path)
    return body


def _damaged(path: Path) -> KeyFault:
    return KeyFault(
        f"{path}: is not an undamaged key file", hint="take it from a backup; a lost key cannot be had again"
    )


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _stretched(passphrase: str, salt: bytes) -> bytes:
    # A passphrase from the environment or a terminal need not be UTF-8; its own bytes count.
    return Scrypt(salt=salt, length=32, **_SCRYPT).derive(passphrase.encode("utf-8", "surrogateescape"))


def _wrapped(secret: bytes, passphrase: str) -> dict[str, str]:
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    sealed = AESGCM(_stretched(passphrase, salt)).encrypt(nonce, secret, _SCHEMA.encode())
    return {"salt": _text(salt), "nonce": _text(nonce), "sealed": _text(sealed)}


def _unwrapped(body: dict[str, object], passphrase: str) -> bytes:
    salt, nonce, sealed = (base64.b64decode(str(body[part]), validate=True) for part in ("salt", "nonce", "sealed"))
    return AESGCM(_stretched(passphrase, salt)).decrypt(nonce, sealed, _SCHEMA.encode())
