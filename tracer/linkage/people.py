"""Which records of a dump are about the same person."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tracer.linkage.dump import Dump


def distinct_people(dump: Dump) -> NDArray[np.int64]:
    """(records,) The first record about the same person, by the kind of identifier that most records carry."""
    person = np.arange(dump.records, dtype=np.int64)
    if dump.main_kind in dump.identifiers:
        carried = dump.identifiers[dump.main_kind]
        row, token = carried.get_column("row").to_numpy(), carried.get_column("token").to_numpy()
        begins = np.flatnonzero(np.concatenate(([True], token[1:] != token[:-1])))
        first = np.repeat(np.minimum.reduceat(row, begins), np.diff(np.append(begins, row.size)))
        if np.bincount(row).max() == 1:
            person[row] = first
        else:  # A record with two numbers goes by the one that was carried first.
            np.minimum.at(person, row, first)
    return person
