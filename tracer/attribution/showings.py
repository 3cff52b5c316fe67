"""What the rows of a dump's links stand for: one record each, or all the records that show the same.

A long dump is looked at part by part, and of each part only showings are kept: a showing is what a
record shows (which columns it fills; at every platform by which identifiers it is linked, and which of its values
agree) with the number of records that show just that. Nothing an attribution asks for needs more, but how many people
there are: of those with several records it is kept which showings these make.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


class Rows(Protocol):
    """What the rows of a dump's links stand for."""

    @property
    def records(self) -> int:
        """Records of the dump, linked or not."""
        ...

    @property
    def filled(self) -> Places:
        """(rows,) equal numbers are rows that fill the same columns, see `Dump.filled`."""
        ...

    @property
    def of_way(self) -> Floats:
        """(ways,) how many records of the dump fill each set of columns, linked or not, by the numbers in `filled`."""
        ...

    @property
    def many(self) -> Floats | None:
        """(rows,) how many records each stands for; None where that is one each."""
        ...

    def people(self, row: NDArray[np.int64], pattern: Places, patterns: int) -> Floats:
        """(patterns,) how many distinct people have records of each.

        Args:
            row: some rows, ascending.
            pattern: (row,) the pattern of each.
            patterns: how many there are.
        """
        ...


@dataclass(frozen=True, slots=True)
class Singles:
    """Each row is one record."""

    person: NDArray[np.int64]
    """(records,) equal numbers are records about the same person."""
    filled: Places
    many: None = None

    @property
    def records(self) -> int:
        """See `Rows`."""
        return self.person.size

    @property
    def of_way(self) -> Floats:
        """See `Rows`."""
        return np.bincount(self.filled).astype(np.float64)

    def people(self, row: NDArray[np.int64], pattern: Places, patterns: int) -> Floats:
        """See `Rows`."""
        first = pl.Series(self.person[row] * patterns + pattern).is_first_distinct().to_numpy()
        return np.bincount(pattern[first], minlength=patterns).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Showings:
    """Each row is a showing."""

    filled: Places
    of_way: Floats
    many: Floats
    alone: Floats
    """(showings,) people of whom all linked records are of this showing."""
    sets: pl.DataFrame
    """(`set` UInt32, `showing` UInt32) the sets of showings that people with records of several make."""
    people_of: Floats
    """(sets,) people who make each."""

    @property
    def records(self) -> int:
        """See `Rows`."""
        return round(float(self.of_way.sum()))

    def people(self, row: NDArray[np.int64], pattern: Places, patterns: int) -> Floats:
        """See `Rows`."""
        count = np.bincount(pattern, self.alone[row], patterns).astype(np.float64)
        of_showing = np.full(self.filled.size, -1, np.int64)
        of_showing[row] = pattern
        made, met = self.sets.get_column("set").to_numpy().astype(np.int64), self.sets.get_column("showing").to_numpy()
        both = pl.Series(made * patterns + of_showing[met]).filter(pl.Series(of_showing[met] >= 0)).unique().to_numpy()
        several = np.bincount(both % patterns, self.people_of[both // patterns], patterns)
        return np.asarray(count + several)
