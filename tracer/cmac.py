"""AES-CMAC of whole columns of text: a message authentication code that costs one block of AES where a text is short.

CMAC is the keyed pseudo-random function of NIST SP 800-38B and RFC 4493, here with AES-256 (FIPS 197). Each block of 16
bytes is added to what came of the last one and encrypted; the last block is filled up and added to one of two sub-keys,
so that no text is another's beginning. Phone numbers, names and sums fill one block, identity numbers two.
"""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np
import polars as pl
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from numpy.typing import NDArray

_BLOCK: Final = 16
_LONGEST: Final = 256
"""Bytes of a text beyond which its SHA-256 (FIPS 180-4) stands for it."""
_NOT_TEXT: Final = b"\xff"
"""Before such a digest: no text in UTF-8 holds this byte, so no text is taken for another's digest."""
_FILL: Final = b"\x80" + bytes(_BLOCK - 1)
"""What fills up a last block."""
_REDUCTION: Final = 0x87
"""Of the field of 2^128 elements, RFC 4493 section 2.3."""

Words = NDArray[np.uint64]
"""Blocks as pairs of little-endian numbers, so that their bytes lie as they come."""


def first_words(text: pl.Series, key: bytes) -> pl.Series:
    """The first 64 bits, big-endian, of each text's code: UInt64; null stays null.

    Args:
        text: Utf8.
        key: 32 bytes.
    """
    if text.is_empty():
        return pl.Series(text.name, [], dtype=pl.UInt64)
    length = text.str.len_bytes().fill_null(0).to_numpy().astype(np.int64)
    long = np.flatnonzero(length > _LONGEST)
    length[long] = 0
    words = _codes(text.fill_null("").cast(pl.Binary), length, key)
    if long.size:
        digests = [_NOT_TEXT + hashlib.sha256(one.encode()).digest() for one in text.gather(long)]
        words[long] = _codes(pl.Series(digests, dtype=pl.Binary), np.full(long.size, len(digests[0])), key)
    codes = pl.Series(text.name, words)
    return codes.set(text.is_null(), None) if text.null_count() else codes


def encrypted(blocks: Words, key: bytes) -> Words:
    """(blocks, 2) each block by itself through AES: a keyed permutation, for blocks that are all different."""
    # ECB is nothing but the block cipher. Blocks that are chained, or hold what only the key makes, show no pattern.
    cipher = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305
    out = np.empty(blocks.nbytes + _BLOCK, np.uint8)
    plain = np.ascontiguousarray(blocks).view(np.uint8).ravel()
    cipher.encryptor().update_into(plain.data, out.data)
    return out[: blocks.nbytes].view(np.uint64).reshape(-1, 2)


def _codes(text: pl.Series, length: NDArray[np.int64], key: bytes) -> Words:
    """(texts,) the first words of the codes of as many bytes of each text as its length says."""
    subkeys, blocks = _subkeys(key), np.maximum(1, -(-length // _BLOCK))
    filled = text.alias("text").to_frame().select(pl.col("text") + pl.lit(_FILL))
    state = encrypted(_block(filled, 0, length, subkeys), key)
    for number in range(1, int(blocks.max(initial=1))):
        rows = np.flatnonzero(blocks > number)
        block = _block(filled[rows], number, length[rows], subkeys)
        state[rows] = encrypted(state[rows] ^ block, key)
    return state[:, 0].byteswap()


def _block(filled: pl.DataFrame, number: int, length: NDArray[np.int64], subkeys: tuple[Words, Words]) -> Words:
    """(texts, 2) the block of this number of each text, with its sub-key where it is the text's last."""
    cell = pl.col("text")
    halves = filled.select(
        cell.bin.slice(_BLOCK * number + at, 8).bin.reinterpret(dtype=pl.UInt64, endianness="little").alias(str(at))
        for at in (0, 8)
    )
    block = np.empty((length.size, 2), np.uint64)
    block[:, 0], block[:, 1] = (half.to_numpy() for half in halves.get_columns())
    used = length - _BLOCK * number
    for ends, subkey in zip((used == _BLOCK, used < _BLOCK), subkeys, strict=True):
        if ends.all():
            block ^= subkey
        elif ends.any():
            block[ends] ^= subkey
    return block


def _subkeys(key: bytes) -> tuple[Words, Words]:
    """The two sub-keys of RFC 4493 section 2.3: (2,) each."""
    doubled = int.from_bytes(encrypted(np.zeros((1, 2), np.uint64), key).tobytes(), "big")
    made = []
    for _ in range(2):
        carried = doubled >> 127
        doubled = (doubled << 1) & (2**128 - 1) ^ (_REDUCTION if carried else 0)
        made.append(np.frombuffer(doubled.to_bytes(16, "big"), "<u8"))
    return made[0], made[1]
