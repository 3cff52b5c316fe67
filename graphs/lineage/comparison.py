"""Two dumps beside each other: the records they share, where their cells differ, and which way round that is likely."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphs.lineage.family import Mask, Member
from graphs.lineage.records import Numbers
from graphs.lineage.selection import Rule, rule
from graphs.lineage.weights import Weights

_MOST = 0.5
"""Share of differing cells beyond which a whole column was rewritten, and no single cells."""
_STRANGE = 0.5
"""Share of rewritten columns, of those that are not the same everywhere, beyond which the records are not the same."""
_TOUCHED = 0.08
"""Share of a column's cells from which their change was one act and not so many errors."""
_FEW = 10
_IN_ORDER = 0.97
"""Share of neighbouring rows in the parent's order from which the order was kept."""
_SOME_RUNS = 3
"""Places at which new records may stand together in a dump that otherwise keeps its parent's order."""

Costs = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """What a child has in common with one parent."""

    rows: Numbers
    """(m,) the child's rows that the parent has."""
    theirs: Numbers
    """(m,) the parent's rows."""
    cost: Costs
    """(m,) nats to make the child's record from the parent's."""
    mutual: Costs
    """(m,) nats where both were made from a third."""
    mended: Costs
    """(m,) nats for cells that are damaged in the parent only."""
    events: float
    """Nats for whole columns that were masked, spoilt or rewritten."""
    apart: float
    """The same where both were made from a third."""
    nested: bool
    """Whether one of them has all records of the other and more."""
    bared: Mask
    """(slots,) columns that are masked in the parent and not in the child."""
    offered: Mask
    """(slots,) columns that the child can have from the parent."""
    ordered: bool
    """Whether the child keeps the parent's order of rows."""
    strewn: bool
    """Whether the child's other records stand among these at random."""
    appended: bool
    """Whether the child's other records stand at its end."""
    rule: Rule | None
    """By what the child's records seem to have been selected, over the parent's rows."""
    errors: int
    """Cells in which the child differs and nothing tells which is right."""
    damaged: int
    """Cells damaged in the child only."""
    repaired: int
    """Cells damaged in the parent only."""
    inherited: int
    """Cells that are damaged, and equally so, in both."""


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    differs: Mask
    left_only: Mask
    right_only: Mask
    left_faulty: Mask
    right_faulty: Mask
    rewritten: Mask


def compare(left: Member, right: Member, weights: Weights) -> tuple[Match, Match]:
    """The match of `right` as a child of `left`, and of `left` as a child of `right`."""
    theirs, mine = _joined(left, right)
    pair = _pair(left, right, theirs, mine)
    telling = left.held & right.held & ~left.personal & ~right.personal
    if telling.sum() > 1 and (pair.rewritten & telling).sum() > _STRANGE * telling.sum():
        # The same people with other accounts, sums and products: two platforms' customers, and no kinship.
        mine, theirs = mine[:0], theirs[:0]
        pair = _pair(left, right, theirs, mine)
    turned = _Pair(
        differs=pair.differs,
        left_only=pair.right_only,
        right_only=pair.left_only,
        left_faulty=pair.right_faulty,
        right_faulty=pair.left_faulty,
        rewritten=pair.rewritten,
    )
    return (
        _match(left, right, (theirs, mine), pair, weights),
        _match(right, left, (mine, theirs), turned, weights),
    )


def _joined(left: Member, right: Member) -> tuple[Numbers, Numbers]:
    """Rows of both that are the same record, and of what is left those about the same person."""
    at = np.searchsorted(left.record, right.record)
    at[at == left.size] = 0
    hit = left.record[at] == right.record if left.size else np.zeros(right.size, bool)
    mine, theirs = np.flatnonzero(hit), at[hit]
    alone = np.ones(left.size, bool)
    alone[theirs] = False
    more, rest = np.flatnonzero(~hit), np.flatnonzero(alone)
    if len(more) and len(rest):
        _, ours, yours = np.intersect1d(right.person[more], left.person[rest], return_indices=True)
        mine, theirs = np.concatenate([mine, more[ours]]), np.concatenate([theirs, rest[yours]])
    return theirs, mine


def _pair(left: Member, right: Member, lefts: Numbers, rights: Numbers) -> _Pair:
    a, b = left.cells[lefts], right.cells[rights]
    both = (a != 0) & (b != 0)
    differs = both & (a != b)
    some = np.flatnonzero(differs.any(axis=1))
    if len(some) and (left.reduced.any() or right.reduced.any()):
        shown, other = left.partial[lefts[some]], right.partial[rights[some]]
        starred = left.reduced[lefts[some]] | right.reduced[rights[some]]
        # A damaged cell under a mask shows too little to say that it differs.
        damaged = (left.masked | right.masked) & (left.faulty[lefts[some]] | right.faulty[rights[some]])
        differs[some] &= ~(starred & ((shown == other) | (shown == 0) | (other == 0)) | damaged)
    compared = both.sum(axis=0)
    rewritten = (differs.sum(axis=0) > _MOST * compared) & (compared >= _FEW)
    return _Pair(differs, (a != 0) & (b == 0), (a == 0) & (b != 0), left.faulty[lefts], right.faulty[rights], rewritten)


def _match(parent: Member, child: Member, joined: tuple[Numbers, Numbers], pair: _Pair, weights: Weights) -> Match:
    """`joined` has the parent's rows and the child's; `pair` has the parent on its left."""
    theirs, rows = joined
    count = max(1, len(rows))
    blanked = pair.left_only.sum(axis=0) > _MOST * count
    filled = pair.right_only.sum(axis=0) > _MOST * count
    single = ~pair.rewritten
    differs = pair.differs & single
    repaired = differs & pair.left_faulty & ~pair.right_faulty
    damaged = differs & pair.right_faulty & ~pair.left_faulty
    lost, gained = pair.left_only & ~blanked, pair.right_only & ~filled & parent.held
    wrong = differs @ _each(differs, count, weights.error) + lost @ _each(lost, count, weights.blank)
    mended = weights.repair * repaired.sum(axis=1)
    cost = wrong + mended + weights.fill * gained.sum(axis=1)
    mutual = wrong + gained @ _each(gained, count, weights.blank)
    veiled = child.masked & ~parent.masked & parent.held & child.held
    bared = parent.masked & ~child.masked & child.held
    spoilt = pair.rewritten & (pair.right_faulty.sum(axis=0) > _MOST * count) & ~_mostly(parent, parent.faulty)
    restored = pair.rewritten & _mostly(parent, parent.faulty) & ~_mostly(child, child.faulty)
    other = pair.rewritten & ~spoilt & ~restored
    events = (
        weights.masked * veiled.sum() + weights.damaged * spoilt.sum() + weights.restored * restored.sum()
        + weights.rewritten * other.sum()
    )  # fmt: skip
    chosen = np.zeros(parent.size, bool)
    chosen[theirs] = True
    ordered, strewn, appended = _order(parent, child, theirs, rows)
    return Match(
        rows=rows,
        theirs=theirs,
        cost=np.minimum(cost, weights.most).astype(np.float32),
        mutual=np.minimum(mutual, weights.most).astype(np.float32),
        mended=mended.astype(np.float32),
        events=float(events),
        apart=float(weights.apart * pair.rewritten.sum()),
        nested=_nested(len(rows), parent.size, child.size),
        bared=bared,
        offered=parent.held & ~filled & ~bared,
        ordered=ordered,
        strewn=strewn,
        appended=appended,
        rule=rule(parent.measures, parent.place, chosen, weights) if len(rows) > 0.9 * child.size else None,
        errors=int((differs & ~repaired & ~damaged).sum()),
        damaged=int(damaged.sum()),
        repaired=int(repaired.sum()),
        inherited=int((pair.left_faulty & pair.right_faulty & ~pair.differs).sum()),
    )


def _each(mark: Mask, count: int, most: float) -> NDArray[np.float64]:
    """(slots,) nats for one marked cell of a column.

    Where an act touched a share of a column (sums brought up to date, cells lost), it is told once and then by its
    share: the binary entropy of the share, spread over the marked cells.
    """
    share = np.clip(mark.sum(axis=0) / count, 1e-6, 1 - 1e-6)
    entropy = -(share * np.log(share) + (1 - share) * np.log1p(-share)) / share
    each: NDArray[np.float64] = np.where(share >= _TOUCHED, np.minimum(entropy, most), most)
    return each


def _nested(shared: int, one: int, other: int) -> bool:
    small, large = sorted((one, other))
    return shared >= 0.98 * small and large > 1.02 * small


def _mostly(member: Member, mark: Mask) -> Mask:
    most: Mask = mark.sum(axis=0) > _MOST * np.maximum(1, (member.cells != 0).sum(axis=0))
    return most


def _order(parent: Member, child: Member, theirs: Numbers, rows: Numbers) -> tuple[bool, bool, bool]:
    if len(rows) < _FEW:
        return False, False, False
    standing = np.argsort(child.place[rows])
    steps = np.diff(parent.place[theirs][standing])
    ordered = bool((steps > 0).mean() >= _IN_ORDER)
    old = np.zeros(child.size, bool)
    old[rows] = True
    fresh = ~old[np.argsort(child.place)]
    runs = int((np.diff(fresh.astype(np.int8)) == 1).sum()) + int(fresh[0])
    strewn = ordered and runs > max(_SOME_RUNS, 0.2 * fresh.sum())
    appended = bool(fresh.any() and fresh[-1] and runs <= 1)
    return ordered, strewn, appended
