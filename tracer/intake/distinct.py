"""How many different values there are, whatever their number, in little memory."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from typing import IO

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.intake.child import nameless

_HELD = 2 << 20
"""How many hashes are held in memory: 16 MiB."""
_BUCKETS = 256
_BITS = np.uint64(8)
_EDGES = np.arange(1, _BUCKETS, dtype=np.uint64) << np.uint64(64 - int(_BITS))


@dataclass(slots=True, weakref_slot=True)
class Distinct:
    """Different values told by a 64-bit hash each. Of a hundred million of them less than one is taken for another.

    Hashes beyond those in memory go to a file without a name, sorted, so that those of one first byte can be read and
    counted by themselves.
    """

    _parts: list[pl.Series] = field(default_factory=list)
    _held: int = 0
    _file: IO[bytes] | None = None
    _runs: list[NDArray[np.int64]] = field(default_factory=list)
    """For every run in the file where its buckets begin and where it ends, in hashes."""

    def add(self, values: pl.Series) -> None:
        """Take note of these values; nulls are none."""
        hashes = values.drop_nulls().hash(seed=1)
        self._parts.append(hashes)
        self._held += len(hashes)
        if self._held > _HELD:
            self._spill()

    def count(self) -> int:
        """How many different ones there were."""
        if self._file is None:
            return pl.concat(self._parts).n_unique() if self._parts else 0
        self._spill()
        buckets = (np.sort(self._bucket(number)) for number in range(_BUCKETS))
        return sum(int(np.count_nonzero(np.diff(bucket))) + 1 for bucket in buckets if len(bucket))

    def _spill(self) -> None:
        if self._file is None:
            self._file = nameless()
            weakref.finalize(self, self._file.close)
        if not self._held:
            return
        run = np.sort(pl.concat(self._parts).to_numpy())
        begins = self._file.tell() // run.itemsize
        self._file.write(run.data)
        self._runs.append(begins + np.concatenate(([0], np.searchsorted(run, _EDGES), [len(run)])))
        self._parts, self._held = [], 0

    def _bucket(self, number: int) -> NDArray[np.uint64]:
        assert self._file is not None  # noqa: S101 (there are runs)
        pieces = []
        for bounds in self._runs:
            start, end = (int(bound) for bound in bounds[number : number + 2])
            self._file.seek(8 * start)
            pieces.append(np.frombuffer(self._file.read(8 * (end - start)), np.uint64))
        return np.concatenate(pieces)
