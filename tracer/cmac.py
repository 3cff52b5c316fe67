"""AES-CMAC of whole columns of text: a message authentication code that costs one block of AES where a text is short.

CMAC is the keyed pseudo-random function of NIST SP 800-38B and RFC 4493, here with AES-256 (FIPS 197). Each block of 16
bytes is added to what came of the last one and encrypted; the last block is filled up and added to one of two sub-keys,
so that no text is another's beginning. Phone numbers, names and sums fill one block, identity numbers two.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
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
_BYTES: Final = f"V{_BLOCK}"
_AT_ONCE: Final = 1 << 15
"""Texts that are worked on at once, so that all their blocks stay in the processor's cache."""
_INLINE: Final = 12
"""Bytes of a text that its view holds itself."""
_HALF: Final = np.uint64(32)
_LOW: Final = np.uint64(2**32 - 1)
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
    out = np.empty(blocks.nbytes + _BLOCK, np.uint8)
    plain = np.ascontiguousarray(blocks).view(np.uint8).ravel()
    cipher.encryptor().update_into(plain.data, out.data)
    return out[: blocks.nbytes].view(np.uint64).reshape(-1, 2)


@dataclass(frozen=True, slots=True)
class Views:
    """Texts as Arrow lays them out: short ones in their views, of long ones where they lie (Utf8View)."""

    view: Words
    """(texts, 2) length, and twelve bytes of text; or length, four bytes of text, number of a buffer, place in it."""
    buffers: tuple[NDArray[np.uint8], ...]

    @staticmethod
    def of(text: pl.Series) -> Views:
        """Of a column without nulls, Utf8 or Binary."""
        array = text.to_arrow(compat_level=pl.CompatLevel.newest())
        _, views, *buffers = array.buffers()
        view = np.frombuffer(views, "<u8").reshape(-1, 2)[array.offset : array.offset + len(array)]
        return Views(view, tuple(np.frombuffer(one, np.uint8) for one in buffers))

    @property
    def length(self) -> NDArray[np.int64]:
        """(texts,) bytes."""
        return (self.view[:, 0] & _LOW).astype(np.int64)

    def block(self, number: int, rows: NDArray[np.intp] | None = None) -> Words:
        """(rows, 2) the block of this number of some texts, or of all; whatever follows a text is in it as well."""
        view = self.view if rows is None else _pairs(_whole(self.view)[rows])
        block = np.empty(view.shape, np.uint64)
        block[:, 0] = view[:, 0] >> _HALF | view[:, 1] << _HALF
        block[:, 1] = view[:, 1] >> _HALF
        long = np.flatnonzero((view[:, 0] & _LOW) > _INLINE)
        if not long.size:
            return block
        place = view[long, 1]
        buffer, at = (place & _LOW).astype(np.uint32), (place >> _HALF).astype(np.int64) + number * _BLOCK
        for one, there in _groups(buffer):
            _whole(block)[long[there]] = _read(self.buffers[one], at[there])
        return block


def _whole(blocks: Words) -> NDArray[np.void]:
    """(blocks,) each as one thing of sixteen bytes, which is moved ten times as fast as a pair."""
    return blocks.view(_BYTES)[:, 0]


def _pairs(whole: NDArray[np.void]) -> Words:
    """(blocks, 2) what `_whole` was given."""
    return whole.view("<u8").reshape(-1, 2)


def _groups(buffer: NDArray[np.uint32]) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """Each number that there is, and the places where it stands."""
    sizes = np.bincount(buffer)
    narrow = buffer.astype(np.uint16) if sizes.size <= 1 << 16 else buffer  # numbers of 16 bits are sorted by radix
    ends = np.cumsum(sizes)
    order = np.argsort(narrow, kind="stable")
    for one in np.flatnonzero(sizes).tolist():
        yield one, order[ends[one] - sizes[one] : ends[one]]


def _read(data: NDArray[np.uint8], at: NDArray[np.int64]) -> NDArray[np.void]:
    """(places,) the sixteen bytes at each place, zeros behind the end of the data."""
    if data.size < _BLOCK:
        data = np.concatenate((data, np.zeros(_BLOCK, np.uint8)))
    last = data.size - _BLOCK
    found = np.ndarray(last + 1, _BYTES, data, strides=(1,))[np.minimum(at, last)]
    for one in np.flatnonzero(at > last).tolist():
        found[one] = data[at[one] :].tobytes().ljust(_BLOCK, b"\0")
    return found


def _codes(text: Views, key: bytes) -> Words:
    """(texts,) the first words of their codes."""
    endings = _endings(key)
    begins = range(0, len(text.view), _AT_ONCE)
    return np.concatenate([_some(replace(text, view=text.view[at : at + _AT_ONCE]), key, endings) for at in begins])


def _some(text: Views, key: bytes, endings: tuple[Words, Words]) -> Words:
    """The same of few texts."""
    length = text.length
    blocks = np.maximum(1, -(-length // _BLOCK))
    state = encrypted(_ended(text.block(0), length, *endings), key)
    for number in range(1, int(blocks.max(initial=1))):
        rows = np.flatnonzero(blocks > number)
        block = _ended(text.block(number, rows), length[rows] - number * _BLOCK, *endings)
        block ^= _pairs(_whole(state)[rows])
        _whole(state)[rows] = _whole(encrypted(block, key))
    return state[:, 0].byteswap()


def _ended(block: Words, left: NDArray[np.int64], kept: Words, added: Words) -> Words:
    """Blocks, the last one of each text filled up and with its sub-key.

    Args:
        block: (texts, 2) one of each.
        left: (texts,) bytes of the text from this block on.
        kept: see `_endings`.
        added: see `_endings`.
    """
    used = np.minimum(left, _BLOCK + 1)
    for half in (0, 1):
        block[:, half] &= kept[:, half][used]
        block[:, half] ^= added[:, half][used]
    return block


def _endings(key: bytes) -> tuple[Words, Words]:
    """(18, 2) which bits of a last block with 0 to 16 bytes of text are kept, and what is added; 17 for any other."""
    kept, added = np.zeros((18, _BLOCK), np.uint8), np.zeros((18, _BLOCK), np.uint8)
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
