"""Where the bytes of a column of text lie, sixteen at a time, without a copy of the text (Arrow's Utf8View)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

BLOCK: Final = 16
"""Bytes of a block."""
_BYTES: Final = f"V{BLOCK}"
_INLINE: Final = 12
"""Bytes of a text that its view holds itself."""
_HALF: Final = np.uint64(32)
_LOW: Final = np.uint64(2**32 - 1)

Words = NDArray[np.uint64]
"""Blocks as pairs of little-endian numbers, so that their bytes lie as they come."""


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
        view = self.view if rows is None else pairs(whole(self.view)[rows])
        block = np.empty(view.shape, np.uint64)
        block[:, 0] = view[:, 0] >> _HALF | view[:, 1] << _HALF
        block[:, 1] = view[:, 1] >> _HALF
        long = np.flatnonzero((view[:, 0] & _LOW) > _INLINE)
        if not long.size:
            return block
        place = view[long, 1]
        buffer, at = (place & _LOW).astype(np.uint32), (place >> _HALF).astype(np.int64) + number * BLOCK
        for one, there in _groups(buffer):
            whole(block)[long[there]] = _read(self.buffers[one], at[there])
        return block


def whole(blocks: Words) -> NDArray[np.void]:
    """(blocks,) each as one thing of sixteen bytes, which is moved ten times as fast as a pair."""
    return blocks.view(_BYTES)[:, 0]


def pairs(whole: NDArray[np.void]) -> Words:
    """(blocks, 2) what `whole` was given."""
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
    if data.size < BLOCK:
        data = np.concatenate((data, np.zeros(BLOCK, np.uint8)))
    last = data.size - BLOCK
    found = np.ndarray(last + 1, _BYTES, data, strides=(1,))[np.minimum(at, last)]
    for one in np.flatnonzero(at > last).tolist():
        found[one] = data[at[one] :].tobytes().ljust(BLOCK, b"\0")
    return found
