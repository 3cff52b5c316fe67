"""A platform's history too long for memory: read piece by piece, and gone through in step with what is new."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.vault.history import PERSON
from tracer.vault.stack import Keys, Numbers

ReadPieces = Callable[[str], Iterator[pl.DataFrame]]
"""Gives one of the platform's frames by name, as it is stored, piece by piece, one piece at least."""
_LATEST: Final = (True, True, False)


def runs_of(pieces: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """What `history.unpack` gives of a frame that comes in pieces."""
    begin = 0
    for piece in pieces:
        yield piece if PERSON in piece.columns else piece.with_row_index(PERSON, begin)
        begin += piece.height


def latest_of(runs: pl.DataFrame) -> tuple[Keys, Numbers]:
    """(token, customer) each token once, with the customer who had it last; all runs of a token are among these."""
    last = runs.sort("token", "until", "since", PERSON, descending=[False, *_LATEST])
    last = last.unique("token", keep="first", maintain_order=True)
    return last.get_column("token").to_numpy(), last.get_column(PERSON).to_numpy()


def in_step(
    left: Iterator[pl.DataFrame], right: Iterator[pl.DataFrame], key: str
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Two tables that come in pieces, cut at the same places: rows with equal keys are in one pair of pieces.

    Args:
        left: pieces ordered by `key`, one at least, of whatever length.
        right: likewise.
        key: name of a column that both have.

    Returns:
        Pairs of pieces, one at least, in the order of the key.
    """
    lines = (_Line(left, key), _Line(right, key))
    while open_ends := [line.last for line in lines if line.goes_on()]:
        bound = min(open_ends)
        cut = [line.below(bound) for line in lines]
        if any(piece.height for piece in cut):
            yield cut[0], cut[1]
        for line in lines:
            line.read_on(bound)
    yield lines[0].held, lines[1].held


class _Line:
    """A table that comes in pieces, as far as it was read."""

    def __init__(self, pieces: Iterator[pl.DataFrame], key: str) -> None:
        self._pieces, self._key = pieces, key
        self.held = next(pieces)
        self._following = next(pieces, None)

    @property
    def keys(self) -> NDArray[np.generic]:
        return self.held.get_column(self._key).to_numpy()

    @property
    def last(self) -> int:
        return int(self.held.get_column(self._key)[-1])

    def goes_on(self) -> bool:
        """Whether more will come; then something is held."""
        while not self.held.height and self._following is not None:
            self._read()
        return self._following is not None

    def below(self, bound: int) -> pl.DataFrame:
        """Cut off what is held below a key."""
        many = int(np.searchsorted(self.keys, np.asarray(bound, self.keys.dtype)))
        piece, self.held = self.held[:many], self.held[many:]
        return piece

    def read_on(self, bound: int) -> None:
        """Read another piece if nothing beyond a key is held."""
        if self._following is not None and (not self.held.height or self.last <= bound):
            self._read()

    def _read(self) -> None:
        assert self._following is not None  # noqa: S101 - who asks has looked
        self.held = pl.concat([self.held, self._following])
        self._following = next(self._pieces, None)
