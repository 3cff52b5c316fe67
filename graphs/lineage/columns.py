"""Where pairs of dumps differ, column by column, in the rows that they share."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from graphs.lineage.joints import Joint
from graphs.lineage.members import Mask, Rows
from graphs.lineage.records import Numbers

MOST = 0.5
"""Share of differing cells beyond which a whole column was rewritten, and no single cells."""
_FEW = 10
"""Cells in both from which that can be said."""


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """Where pairs of dumps differ in one column; places are among the rows of a joint, ascending."""

    slot: int
    rewritten: Mask
    """(pairs,) whether most cells differ."""
    differs: Numbers
    """Places where both have a cell, another one."""
    parent_faulty: Mask
    """(differs,) whether the parent's cell is damaged."""
    child_faulty: Mask
    lost: Numbers
    """Where only the parent has a cell."""
    gained: Numbers
    """Where only the child has."""
    inherited: NDArray[np.int64]
    """(pairs,) cells that are damaged, and equally so, in both."""
    damaged: tuple[NDArray[np.int64], NDArray[np.int64]]
    """(pairs,) cells that are damaged in the parent and in the child."""

    def turned(self) -> Column:
        """The same with the children as the parents; places are as before."""
        return replace(
            self,
            parent_faulty=self.child_faulty,
            child_faulty=self.parent_faulty,
            lost=self.gained,
            gained=self.lost,
            damaged=self.damaged[::-1],
        )


def column(rows: Rows, joint: Joint, masked: Mask, slot: int) -> Column:
    """Compare one column of each pair, the left dump as the parent; `masked` (dumps,) tells who masks it."""
    cells, faulty = rows.cells[:, slot], rows.faulty[:, slot]
    a, b = cells[joint.lefts], cells[joint.rights]
    unlike = np.flatnonzero(a != b)
    here, there = a[unlike] != 0, b[unlike] != 0
    both, lost = unlike[here & there], unlike[here & ~there]
    if len(both) and rows.reduced[:, slot].any():
        both = both[_tells(rows, joint, masked, slot, both)]
    compared = joint.sums(a != 0) - joint.counted(lost)
    inherited = ours = theirs = np.zeros(len(joint.left), np.int64)
    if faulty.any():
        one, other = faulty[joint.lefts], faulty[joint.rights]
        alike = one & other
        alike[both] = False
        inherited, ours, theirs = joint.sums(alike), joint.sums(one), joint.sums(other)
    return Column(
        slot=slot,
        rewritten=(joint.counted(both) > MOST * compared) & (compared >= _FEW),
        differs=both,
        parent_faulty=faulty[joint.lefts[both]],
        child_faulty=faulty[joint.rights[both]],
        lost=lost,
        gained=unlike[there & ~here],
        inherited=inherited,
        damaged=(ours, theirs),
    )


def _tells(rows: Rows, joint: Joint, masked: Mask, slot: int, both: Numbers) -> Mask:
    """Whether unequal cells contradict each other: masked ones show but a part of their value."""
    lefts, rights = joint.lefts[both], joint.rights[both]
    partial, reduced, faulty = (values[:, slot] for values in (rows.partial, rows.reduced, rows.faulty))
    shown, other = partial[lefts], partial[rights]
    silent = (reduced[lefts] | reduced[rights]) & ((shown == other) | (shown == 0) | (other == 0))
    # A damaged cell under a mask shows too little to say that it differs.
    veiled = (masked[joint.left] | masked[joint.right])[joint.pair[both]]
    silent |= veiled & (faulty[lefts] | faulty[rights])
    tells: Mask = ~silent
    return tells
