"""Tables put beside a platform's own: sets of filled columns in which nothing can be compared, and whose people differ.

A seller who puts tables of several platforms together leaves empty what one of them lacks. In records that fill none of
the columns by which a platform is known, its customers cannot be told from the customers whom somebody else shares with
it. Four things may be behind such records: cells were left empty at random, and then as many of the people are
customers here and there as in the records that can be compared; it is a table of the platform itself, and then nearly
all of them are its customers; it is one of several platforms that values name, and then nearly all are a customer of
one of these; or it is somebody else's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracer.attribution.inclusion import Floats
from tracer.attribution.showings import Rows
from tracer.linkage.testimony import MISSING, Testimony

_ITS_OWN: Final = 0.8
"""Share of a table's people from which they may all be customers: some join after the last snapshot."""
_NEARLY_ALL: Final = 0.95
_ALIKE: Final = 4.0
"""Standard errors up to which two shares may be one."""
_CLOSE: Final = 0.05
"""And by how much they may differ in any case."""


@dataclass(frozen=True, slots=True)
class Apart:
    """What the sets of filled columns say of records in which a platform's values cannot be compared."""

    most: Floats
    """(ways, K) the most records that a platform may have supplied to a table apart; NaN where the records are none:
    something can be compared, they are about the same people as those of which something can, or they may all be its.
    """
    closed: NDArray[np.bool_]
    """(ways, K) whether nearly all of the people are customers of platforms that values name, so that nobody else with
    a platform's customers is needed."""

    @property
    def elsewhere(self) -> NDArray[np.bool_]:
        """(ways, K) whether the records are a table apart."""
        return ~np.isnan(self.most)


def tables_apart(
    testimonies: Sequence[Testimony],
    telling: Sequence[Sequence[int]],
    supported: Mapping[int, Sequence[int]],
    rows: Rows,
) -> Apart:
    """Look for tables apart.

    Args:
        testimonies: K, one a platform.
        telling: columns of each that count as evidence.
        supported: places of the platforms whose customers' values agree beyond chance; others have no such records.
        rows: what the rows of the links stand for.
    """
    records = np.maximum(rows.of_way, 1.0)
    way_of = [rows.filled[one.links.row] for one in testimonies]
    held = [np.bincount(way, one.many, records.size) for way, one in zip(way_of, testimonies, strict=True)]
    known = np.column_stack(held).astype(float)
    met = np.zeros(rows.filled.size, bool)
    for place in supported:
        met[testimonies[place].links.row] = True
    many = met.astype(float) if rows.many is None else met * rows.many
    full = np.bincount(rows.filled, many, records.size) >= _NEARLY_ALL * records
    most, closed = np.full(known.shape, np.nan), np.zeros(known.shape, bool)
    for place in supported:
        speaking = [column for column in telling[place] if not testimonies[place].idle[column]]
        compared = (testimonies[place].agree[:, speaking] != MISSING).any(axis=1)
        heard = np.bincount(way_of[place], compared, records.size) > 0
        silent = ~heard & (known[:, place] > 0)
        closed[:, place] = silent & full
        apart = silent & ~full & (known[:, place] < _ITS_OWN * records) & _unlike(known, records, heard)
        most[apart, place] = _most(known[apart], records[apart], place)
    return Apart(most, closed)


def _unlike(known: Floats, records: Floats, heard: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(ways,) whether another share of the people is known to some platform than of those that are heard."""
    here, there = known[heard].sum(axis=0), max(1.0, float(records[heard].sum()))
    pooled = (known + here) / (records + there)[:, None]
    error = np.sqrt(pooled * (1 - pooled) * (1 / records + 1 / there)[:, None])
    differ = np.abs(known / records[:, None] - here / there)
    return np.asarray((differ > np.maximum(_CLOSE, _ALIKE * error)).any(axis=1))


def _most(known: Floats, records: Floats, place: int) -> Floats:
    """(ways,) most records of a platform: the others' people are shared with it half as much as with any other."""
    others = np.delete(known, place, axis=1)
    shared = others.min(axis=1, initial=np.inf) / 2 if others.shape[1] else np.zeros(records.size)
    beyond = np.maximum(0.0, known[:, place] - np.minimum(shared, known[:, place]))
    return np.asarray(beyond / np.maximum(1 - shared / records, 1 - _ITS_OWN))
