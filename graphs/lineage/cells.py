"""What the cells cost in which a child differs from a parent, for many pairs of dumps at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphs.lineage.columns import MOST, Column
from graphs.lineage.joints import Joint
from graphs.lineage.members import Mask, Member, marked
from graphs.lineage.records import Numbers
from graphs.lineage.weights import Weights

_TOUCHED = 0.08
"""Share of a column's cells from which their change was one act and not so many errors."""

Costs = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Traits:
    """(dumps, slots) what is said of each column of each dump."""

    held: Mask
    personal: Mask
    masked: Mask
    spoilt: Mask
    """Whether most cells are damaged."""


@dataclass(frozen=True, slots=True, eq=False)
class Differences:
    """What the columns of pairs add up to: (n,) nats of the rows that they share, and (pairs,) counts."""

    wrong: Costs
    """Cells that differ or are lost."""
    more: Costs
    """Cells that only the child has; nobody can fill in what he does not know."""
    less: Costs
    """The same where both were made from a third that may have had them."""
    mended: Costs
    """Cells that are damaged in the parent only."""
    filled: Mask
    """(pairs, slots) whether most of the child's cells are not the parent's."""
    rewritten: Numbers
    """Columns most of whose cells differ; of these …"""
    spoilt: Numbers
    """… were spoilt in the child, …"""
    restored: Numbers
    """… were spoilt in the parent."""
    errors: Numbers
    damaged: Numbers
    repaired: Numbers
    inherited: Numbers


def traits(members: Sequence[Member]) -> Traits:
    """What is said of each column of each dump."""
    filled, damaged = (np.array([getattr(one, name) for one in members]) for name in ("filled", "damaged"))
    held, personal, masked = (
        marked([getattr(one, name) for one in members], filled.shape[1]) for name in ("held", "personal", "masked")
    )
    return Traits(held, personal, masked, damaged > MOST * np.maximum(1, filled))


def differences(known: Traits, joint: Joint, columns: Sequence[Column], weights: Weights) -> Differences:
    """Add up columns; the left dumps are the parents of the right ones, and the columns' places are the joint's."""
    count, parents = joint.counts, joint.left
    wrong, more, less, mended = (np.zeros(len(joint.pair), np.float32) for _ in range(4))
    filled = np.zeros((len(count), len(columns)), bool)
    rewritten, spoilt, restored, errors, damaged, repaired, inherited = np.zeros((7, len(count)), np.int64)
    for slot, one in enumerate(columns):
        gained, lost, differs = (joint.counted(rows) for rows in (one.gained, one.lost, one.differs))
        single = ~one.rewritten
        filled[:, slot] = gained > MOST * count
        some = ~filled[:, slot] & known.held[parents, slot]
        _add(more, one.gained, joint, some * weights.fill)
        _add(less, one.gained, joint, some * _each(gained, count, weights.blank))
        _add(wrong, one.lost, joint, (lost <= MOST * count) * _each(lost, count, weights.blank))
        _add(wrong, one.differs, joint, single * _each(differs, count, weights.error))
        mending = one.differs[one.parent_faulty & ~one.child_faulty]
        _add(mended, mending, joint, single * weights.repair)
        whole = ~known.spoilt[parents, slot]
        rewritten += one.rewritten
        spoilt += one.rewritten & whole & (one.damaged[1] > MOST * count)
        restored += one.rewritten & ~whole & ~known.spoilt[joint.right, slot]
        repaired += single * joint.counted(mending)
        damaged += single * joint.counted(one.differs[one.child_faulty & ~one.parent_faulty])
        errors += single * differs
        inherited += one.inherited
    errors -= repaired + damaged
    return Differences(
        wrong, more, less, mended, filled, rewritten, spoilt, restored, errors, damaged, repaired, inherited
    )


def _add(nats: Costs, rows: Numbers, joint: Joint, price: NDArray[np.floating]) -> None:
    """Add to the nats of some rows what they cost in their pair."""
    if len(rows):
        nats[rows] += price[joint.pair[rows]].astype(np.float32)


def _each(cells: Numbers, count: Numbers, most: float) -> NDArray[np.float64]:
    """(pairs,) nats for one of so many marked cells of a column.

    Where an act touched a share of a column (sums brought up to date, cells lost), it is told once and then by its
    share: the binary entropy of the share, spread over the marked cells.
    """
    share = np.clip(cells / count, 1e-9, 1 - 1e-6)
    entropy = -(share * np.log(share) + (1 - share) * np.log1p(-share)) / share
    return np.where(share < _TOUCHED, most, np.minimum(most, entropy))
