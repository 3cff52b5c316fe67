"""Whether a child keeps the order in which a parent's rows stand, and where its other rows stand among these."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphs.lineage.joints import Joint
from graphs.lineage.members import Mask, Rows

_FEW = 10
"""Shared rows from which their order tells."""
_IN_ORDER = 0.97
"""Share of neighbouring rows in the parent's order from which the order was kept."""
_SOME_RUNS = 3
"""Places at which new records may stand together in a dump that otherwise keeps its parent's order."""


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """(pairs,) how the rows of children stand."""

    ordered: Mask
    """Whether the child keeps the parent's order of rows."""
    strewn: Mask
    """Whether the child's other records stand among these at random."""
    appended: Mask
    """Whether the child's other records stand at its end."""


def standing(rows: Rows, joint: Joint) -> Standing:
    """How the rows of the right dumps stand beside those of the left ones."""
    size = np.diff(rows.starts)[joint.right]
    begins = np.cumsum(size) - size
    stood = np.full(int(size.sum()), -1, np.int64)
    stood[begins[joint.pair] + rows.rank[joint.rights]] = rows.place[joint.lefts]
    fresh = stood < 0
    told = stood[~fresh]
    rising = (told[1:] > told[:-1]) & (joint.pair[1:] == joint.pair[:-1])
    kept = np.bincount(joint.pair[1:][rising], minlength=len(size))
    begun = fresh.copy()
    begun[1:] &= ~fresh[:-1]
    begun[begins] = fresh[begins]
    runs = np.add.reduceat(begun, begins, dtype=np.int64)
    several = joint.counts >= _FEW
    ordered = several & (kept >= _IN_ORDER * (joint.counts - 1))
    return Standing(
        ordered=ordered,
        strewn=ordered & (runs > np.maximum(_SOME_RUNS, 0.2 * (size - joint.counts))),
        appended=several & fresh[begins + size - 1] & (runs <= 1),
    )
