"""Tables put beside a platform's own: sets of filled columns in which nothing can be compared, and whose people differ.

A seller who puts tables of several platforms together leaves empty what one of them lacks. In records that fill none of
the columns by which a platform is known, its customers cannot be told from the customers whom somebody else shares with
it. Three things may be behind such records: cells were left empty at random, and then as many of the people are
customers here and there as in the records that can be compared; it is a table of the platform itself, and then nearly
all of them are its customers; or it is somebody else's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracer.attribution.inclusion import Floats
from tracer.attribution.showings import Rows
from tracer.linkage.testimony import MISSING, Testimony

_ITS_OWN: Final = 0.8
"""Share of a table's people from which they may all be customers: some join after the last snapshot."""
_ALIKE: Final = 4.0
"""Standard errors up to which two shares may be one."""
_CLOSE: Final = 0.05
"""And by how much they may differ in any case."""


def tables_apart(
    testimonies: Sequence[Testimony],
    telling: Sequence[Sequence[int]],
    supported: Mapping[int, Sequence[int]],
    rows: Rows,
) -> Floats:
    """(ways, K) the most records of each set of filled columns that a platform may have supplied to a table apart.

    NaN where the records are none: something can be compared, they are about the same people as those of which
    something can, or they may all be the platform's.

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
    most = np.full(known.shape, np.nan)
    for place in supported:
        compared = (testimonies[place].agree[:, list(telling[place])] != MISSING).any(axis=1)
        heard = np.bincount(way_of[place], compared, records.size) > 0
        apart = ~heard & (known[:, place] > 0) & (known[:, place] < _ITS_OWN * records) & _unlike(known, records, heard)
        most[apart, place] = _most(known[apart], records[apart], place)
    return most


def _unlike(known: Floats, records: Floats, heard: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(ways,) whether another share of the people is known to some platform than of those that are heard."""
    here, there = known[heard].sum(axis=0), max(1.0, float(records[heard].sum()))
    pooled = (known + here) / (records + there)[:, None]
    error = np.sqrt(pooled * (1 - pooled) * (1 / records + 1 / there)[:, None])
    differ = np.abs(known / records[:, None] - here / there)
    return np.asarray((differ > np.maximum(_CLOSE, _ALIKE * error)).any(axis=1))


def _most(known: Floats, records: Floats, place: int) -> Floats:
    """(ways,) most records of a platform: the others' people are shared with it as with any other platform at least."""
    others = np.delete(known, place, axis=1)
    shared = others.min(axis=1, initial=np.inf) if others.shape[1] else np.zeros(records.size)
    beyond = np.maximum(0.0, known[:, place] - np.minimum(shared, known[:, place]))
    return np.asarray(beyond / np.maximum(1 - shared / records, 1 - _ITS_OWN))
