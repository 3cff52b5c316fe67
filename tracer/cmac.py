"""AES-CMAC of whole columns of text: a message authentication code that costs one block of AES where a text is short.

CMAC is the keyed pseudo-random function of NIST SP 800-38B and RFC 4493, here with AES-256 (FIPS 197). Each block of 16
bytes is added to what came of the last one and encrypted; the last block is filled up and added to one of two sub-keys,
so that no text is another's beginning. Phone numbers, names and sums fill one block, identity numbers two.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Final

import numpy as np
import polars as pl
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from numpy.typing import NDArray

from tracer.views import BLOCK, Views, Words, pairs, whole

_LONGEST: Final = 256
"""Bytes of a text beyond which its SHA-256 (FIPS 180-4) stands for it."""
_NOT_TEXT: Final = b"\xff"
"""Before such a digest: no text in UTF-8 holds this byte, so no text is taken for another's digest."""
_AT_ONCE: Final = 1 << 15
"""Texts that are worked on at once, so that all their blocks stay in the processor's cache."""
_REDUCTION: Final = 0x87
"""Of the field of 2^128 elements, RFC 4493 section 2.3."""


def first_words(text: pl.Series, key: bytes) -> pl.Series:
    """The first 64 bits, big-endian, of each text's code: UInt64; null stays null.

    Args:
        text: Utf8.
        key: 32 bytes.
    """
    if text.is_empty():
        return pl.Series(text.name, [], dtype=pl.UInt64)
    if (text.str.len_bytes() > _LONGEST).any():
        text = _shortened(text)
    codes = pl.Series(text.name, _codes(Views.of(text.fill_null("")), key))
    return codes.set(text.is_null(), None) if text.null_count() else codes


def _shortened(text: pl.Series) -> pl.Series:
    """Texts, the long ones as what stands for them (Binary)."""
    long = np.flatnonzero((text.str.len_bytes() > _LONGEST).fill_null(value=False).to_numpy())
    digests = [_NOT_TEXT + hashlib.sha256(one.encode()).digest() for one in text.gather(long)]
    return text.cast(pl.Binary).scatter(long, pl.Series(digests, dtype=pl.Binary))


def encrypted(blocks: Words, key: bytes) -> Words:
    """(blocks, 2) each block by itself through AES: a keyed permutation, for blocks that are all different."""
    # ECB is nothing but the block cipher. Blocks that are chained, or hold what only the key makes, show no pattern.
    cipher = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305
    out = np.empty(blocks.nbytes + BLOCK, np.uint8)
    plain = np.ascontiguousarray(blocks).view(np.uint8).ravel()
    cipher.encryptor().update_into(plain.data, out.data)
    return out[: blocks.nbytes].view(np.uint64).reshape(-1, 2)


def _codes(text: Views, key: bytes) -> Words:
    """(texts,) the first words of their codes."""
    endings = _endings(key)
    begins = range(0, len(text.view), _AT_ONCE)
    return np.concatenate([_some(replace(text, view=text.view[at : at + _AT_ONCE]), key, endings) for at in begins])


def _some(text: Views, key: bytes, endings: tuple[Words, Words]) -> Words:
    """The same of few texts."""
    length = text.length
    blocks = np.maximum(1, -(-length // BLOCK))
    state = encrypted(_ended(text.block(0), length, *endings), key)
    for number in range(1, int(blocks.max(initial=1))):
        rows = np.flatnonzero(blocks > number)
        block = _ended(text.block(number, rows), length[rows] - number * BLOCK, *endings)
        block ^= pairs(whole(state)[rows])
        whole(state)[rows] = whole(encrypted(block, key))
    return state[:, 0].byteswap()


def _ended(block: Words, left: NDArray[np.int64], kept: Words, added: Words) -> Words:
    """Blocks, the last one of each text filled up and with its sub-key.

    Args:
        block: (texts, 2) one of each.
        left: (texts,) bytes of the text from this block on.
        kept: see `_endings`.
        added: see `_endings`.
    """
    used = np.minimum(left, BLOCK + 1)
    for half in (0, 1):
        block[:, half] &= kept[:, half][used]
        block[:, half] ^= added[:, half][used]
    return block


def _endings(key: bytes) -> tuple[Words, Words]:
    """(18, 2) which bits of a last block with 0 to 16 bytes of text are kept, and what is added; 17 for any other."""
    kept, added = np.zeros((18, BLOCK), np.uint8), np.zeros((18, BLOCK), np.uint8)
    for used in range(17):
        kept[used, :used] = 0xFF
        added[used, used : used + 1] = 0x80
    kept[17] = 0xFF
    whole, filled = _subkeys(key)
    ends = added.view("<u8")
    ends[:16] ^= filled
    ends[16] ^= whole
    return kept.view("<u8"), ends


def _subkeys(key: bytes) -> tuple[Words, Words]:
    """The two sub-keys of RFC 4493 section 2.3: (2,) each."""
    doubled = int.from_bytes(encrypted(np.zeros((1, 2), np.uint64), key).tobytes(), "big")
    made = []
    for _ in range(2):
        carried = doubled >> 127
        doubled = (doubled << 1) & (2**128 - 1) ^ (_REDUCTION if carried else 0)
        made.append(np.frombuffer(doubled.to_bytes(16, "big"), "<u8"))
    return made[0], made[1]
