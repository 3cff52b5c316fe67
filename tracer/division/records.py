"""Each record's likely source, of a dump that was traced in parts: in the order of the dump, a piece at a time."""

from __future__ import annotations

import weakref
from collections.abc import Collection, Iterator, Sequence
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.attribution.attribution import Attribution
from tracer.attribution.records import records
from tracer.division.linked import Parts
from tracer.division.scratch import packed, unpacked
from tracer.errors import TracerError
from tracer.intake.interface import OFFSET, ROW

_PIECE: Final = 500_000
"""Records that are written at a time."""


class OnDisk:
    """The records of all parts, and the working folder in which they lie."""

    def __init__(self, parts: Parts, code: NDArray[np.uint64], records_of: int) -> None:
        """See to it that the folder goes when nobody asks for the records any more.

        Args:
            parts: after their showings were counted.
            code: (showings,) ascending.
            records_of: how many there are.
        """
        self._parts, self._code, self._records = parts, code, records_of
        self._gone = weakref.finalize(self, parts.scratch.remove)
        # A run that ends before anybody was given the answer is to be gone on with.
        self._gone.atexit = False

    def forget(self) -> None:
        """Remove the folder."""
        self._gone()

    def pieces(self, attribution: Attribution, named: Collection[str], nobodys: float) -> Iterator[pl.DataFrame]:
        """See `findings.Recorded`.

        Raises:
            TracerError: they were removed.
        """
        if not self._gone.alive:
            raise TracerError("the records of this trace are no longer there", hint="trace the dump again")
        showings = pl.DataFrame({ROW: np.arange(self._code.size, dtype=np.uint32)})
        told = records(showings, attribution, named).drop(ROW)
        nobody = pl.DataFrame({"probability": [nobodys], "unknown": [nobodys]})
        told = pl.concat([told, nobody], how="diagonal")
        pieces = max(1, -(-self._records // _PIECE))
        self._deal(pieces)
        for number in range(pieces):
            held = [unpacked(one) for one in self._parts.scratch.pieces(f"records/{number}")]
            piece = pl.concat(held).sort(ROW) if held else pl.DataFrame()
            if piece.height != min(_PIECE, self._records - number * _PIECE):
                raise self._parts.scratch.damaged()
            yield piece.select(ROW, OFFSET).hstack(told[piece.get_column("showing")])
            self._parts.scratch.drop(f"records/{number}")

    def _deal(self, pieces: int) -> None:
        """Bring the records of all parts back into the order of the dump."""
        scratch = self._parts.scratch
        for number in range(pieces):
            scratch.drop(f"records/{number}")
        for part in self._parts.each():
            places = self._parts.places(part)
            known = scratch.frame(f"showings/{part}")
            showing = np.full(places.height, self._code.size, np.uint32)
            showing[known.get_column("at").to_numpy()] = np.searchsorted(
                self._code, known.get_column("code").to_numpy()
            )
            whole = places.with_columns(showing=showing).sort(ROW)
            row = whole.get_column(ROW).to_numpy()
            ends = np.searchsorted(row, np.arange(1, pieces + 1) * _PIECE)
            for number, (start, end) in enumerate(_spans(ends.tolist())):
                if end > start:
                    scratch.append(f"records/{number}", packed(whole.slice(start, end - start)))


def _spans(ends: Sequence[int]) -> Iterator[tuple[int, int]]:
    """(begin, end) of each."""
    start = 0
    for end in ends:
        yield start, end
        start = end
