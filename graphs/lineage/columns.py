"""Where two dumps differ, column by column, in the rows that they share."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from graphs.lineage.family import Mask, Member
from graphs.lineage.records import Numbers

MOST = 0.5
"""Share of differing cells beyond which a whole column was rewritten, and no single cells."""
_FEW = 10
"""Cells in both from which that can be said."""


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """Where two dumps differ in one column, by places among the rows they share."""

    slot: int
    compared: int
    """Rows in which both have a cell."""
    differs: Numbers
    parent_faulty: Mask
    """(differs,) whether the parent's cell is damaged."""
    child_faulty: Mask
    lost: Numbers
    """Where only the parent has a cell."""
    gained: Numbers
    """Where only the child has."""
    inherited: int
    """Cells that are damaged, and equally so, in both."""
    damaged: tuple[int, int]
    """Cells that are damaged in the parent and in the child."""

    def turned(self) -> Column:
        """The same with the child as the parent."""
        return replace(
            self,
            parent_faulty=self.child_faulty,
            child_faulty=self.parent_faulty,
            lost=self.gained,
            gained=self.lost,
            damaged=self.damaged[::-1],
        )

    @property
    def rewritten(self) -> bool:
        """Whether most cells differ."""
        return len(self.differs) > MOST * self.compared and self.compared >= _FEW


def differences(left: Member, right: Member, lefts: Numbers, rights: Numbers) -> list[Column]:
    """Column by column, the cells that differ; columns that neither has are left out."""
    found = []
    for slot, (one, other) in enumerate(zip(left.filled, right.filled, strict=True)):
        if one or other:
            found.append(_column(left, right, (lefts, rights), slot))
    return found


def _column(left: Member, right: Member, joined: tuple[Numbers, Numbers], slot: int) -> Column:
    lefts, rights = joined
    a, b = left.cells[:, slot][lefts], right.cells[:, slot][rights]
    unlike = np.flatnonzero(a != b)
    here, there = a[unlike] != 0, b[unlike] != 0
    both = unlike[here & there]
    if len(both) and (left.reduced[:, slot].any() or right.reduced[:, slot].any()):
        both = both[_tells(left, right, (lefts[both], rights[both]), slot)]
    inherited, damaged = 0, (0, 0)
    if left.damaged[slot] or right.damaged[slot]:
        faults = left.faulty[:, slot][lefts], right.faulty[:, slot][rights]
        alike = faults[0] & faults[1]
        alike[both] = False
        inherited = int(np.count_nonzero(alike))
        damaged = (int(np.count_nonzero(faults[0])), int(np.count_nonzero(faults[1])))
    return Column(
        slot=slot,
        compared=int(np.count_nonzero(a) - np.count_nonzero(here & ~there)),
        differs=both,
        parent_faulty=left.faulty[:, slot][lefts[both]],
        child_faulty=right.faulty[:, slot][rights[both]],
        lost=unlike[here & ~there],
        gained=unlike[there & ~here],
        inherited=inherited,
        damaged=damaged,
    )


def _tells(left: Member, right: Member, rows: tuple[Numbers, Numbers], slot: int) -> Mask:
    """Whether unequal cells contradict each other: masked ones show but a part of their value."""
    lefts, rights = rows
    shown, other = left.partial[:, slot][lefts], right.partial[:, slot][rights]
    starred = left.reduced[:, slot][lefts] | right.reduced[:, slot][rights]
    silent = starred & ((shown == other) | (shown == 0) | (other == 0))
    if (left.masked | right.masked) >> slot & 1:
        # A damaged cell under a mask shows too little to say that it differs.
        silent |= left.faulty[:, slot][lefts] | right.faulty[:, slot][rights]
    tells: Mask = ~silent
    return tells
