"""Two dumps beside each other: the records they share, where their cells differ, and which way round that is likely."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from graphs.lineage.columns import MOST, Column, differences
from graphs.lineage.family import Member, Slots
from graphs.lineage.records import Numbers
from graphs.lineage.selection import Rule, rule
from graphs.lineage.weights import Weights

_STRANGE = 0.5
"""Share of rewritten columns, of those that are not the same everywhere, beyond which the records are not the same."""
_TOUCHED = 0.08
"""Share of a column's cells from which their change was one act and not so many errors."""
_FEW = 10
"""Shared rows from which their order tells."""
_IN_ORDER = 0.97
"""Share of neighbouring rows in the parent's order from which the order was kept."""
_SOME_RUNS = 3
"""Places at which new records may stand together in a dump that otherwise keeps its parent's order."""

Costs = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """What a child has in common with one parent."""

    rows: Numbers
    """(m,) the child's rows that the parent has, ascending."""
    theirs: Numbers
    """(m,) the parent's rows."""
    cost: Costs
    """(m,) nats to make the child's record from the parent's."""
    mutual: Costs
    """(m,) nats where both were made from a third."""
    mended: tuple[Numbers, Costs]
    """The matched rows with cells that are damaged in the parent only, by place, and the nats for these."""
    events: float
    """Nats for whole columns that were masked, spoilt or rewritten."""
    apart: float
    """The same where both were made from a third."""
    nested: bool
    """Whether one of them has all records of the other and more."""
    bared: Slots
    """Columns that are masked in the parent and not in the child."""
    offered: Slots
    """Columns that the child can have from the parent."""
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


def compare(left: Member, others: Iterable[Member], weights: Weights) -> Iterator[tuple[Match, Match]]:
    """For each other dump: its match as a child of `left`, and that of `left` as its child."""
    at = np.full(int(left.record[-1]) + 1 if left.size else 1, -1, np.int64)
    at[left.record] = np.arange(left.size)
    for right in others:
        theirs, mine = _joined(left, right, at)
        columns = differences(left, right, theirs, mine)
        telling = left.held & right.held & ~left.personal & ~right.personal
        strange = sum(one.rewritten for one in columns if telling >> one.slot & 1)
        if telling.bit_count() > 1 and strange > _STRANGE * telling.bit_count():
            # The same people with other accounts, sums and products: two platforms' customers, and no kinship.
            mine, theirs, columns = mine[:0], theirs[:0], []
        turned = [one.turned() for one in columns]
        back = np.argsort(theirs)
        yield (
            _match(left, right, (theirs, mine), columns, weights),
            _sorted(_match(right, left, (mine, theirs), turned, weights), back),
        )


def _sorted(match: Match, order: Numbers) -> Match:
    """The match with its rows in `order`."""
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return replace(
        match,
        rows=match.rows[order],
        theirs=match.theirs[order],
        cost=match.cost[order],
        mutual=match.mutual[order],
        mended=(place[match.mended[0]], match.mended[1]),
    )


def _joined(left: Member, right: Member, at: Numbers) -> tuple[Numbers, Numbers]:
    """Rows of both that are the same record, and of what is left those about the same person.

    `at` has for each record its row in `left`, or -1.
    """
    known = right.record[: int(np.searchsorted(right.record, len(at)))]
    place = np.full(right.size, -1, np.int64)
    place[: len(known)] = at[known]
    mine = np.flatnonzero(place >= 0)
    theirs = place[mine]
    alone = np.ones(left.size, bool)
    alone[theirs] = False
    more, rest = np.flatnonzero(place < 0), np.flatnonzero(alone)
    if len(more) and len(rest):
        several = np.zeros(1 + int(max(left.person[rest].max(), right.person[more].max())), bool)
        several[left.person[rest]] = True
        more = more[several[right.person[more]]]
    if len(more) and len(rest):
        _, ours, yours = np.intersect1d(right.person[more], left.person[rest], return_indices=True)
        mine, theirs = np.concatenate([mine, more[ours]]), np.concatenate([theirs, rest[yours]])
        order = np.argsort(mine)
        mine, theirs = mine[order], theirs[order]
    return theirs, mine


def _match(
    parent: Member, child: Member, joined: tuple[Numbers, Numbers], columns: list[Column], weights: Weights
) -> Match:
    """`joined` has the parent's rows and the child's."""
    theirs, rows = joined
    count = max(1, len(rows))
    wrong, more, less, mended = (np.zeros(len(rows), np.float32) for _ in range(4))
    filled = rewritten = spoilt = restored = 0
    errors = damaged = repaired = 0
    touched: list[Numbers] = []
    for one in columns:
        if len(one.gained) > MOST * count:
            filled |= 1 << one.slot
        elif len(one.gained) and parent.held >> one.slot & 1:
            more[one.gained] += weights.fill
            less[one.gained] += _each(len(one.gained), count, weights.blank)
        if 0 < len(one.lost) <= MOST * count:
            wrong[one.lost] += _each(len(one.lost), count, weights.blank)
        if one.rewritten:
            rewritten += 1
            whole, kept = not _mostly(parent, one.slot), not _mostly(child, one.slot)
            spoilt += whole and one.damaged[1] > MOST * count
            restored += not whole and kept
        elif len(one.differs):
            wrong[one.differs] += _each(len(one.differs), count, weights.error)
            mending = one.differs[one.parent_faulty & ~one.child_faulty]
            mended[mending] += weights.repair
            touched.append(mending)
            repaired += len(mending)
            damaged += int(np.count_nonzero(one.child_faulty & ~one.parent_faulty))
            errors += len(one.differs)
    veiled = child.masked & ~parent.masked & parent.held & child.held
    bared = parent.masked & ~child.masked & child.held
    events = (
        weights.masked * veiled.bit_count() + weights.damaged * spoilt + weights.restored * restored
        + weights.rewritten * (rewritten - spoilt - restored)
    )  # fmt: skip
    ordered, strewn, appended = _order(parent, child, theirs, rows)
    mends = np.unique(np.concatenate(touched)) if touched else np.zeros(0, np.int64)
    return Match(
        rows=rows,
        theirs=theirs,
        cost=np.minimum(wrong + mended + more, weights.most),
        mutual=np.minimum(wrong + less, weights.most),
        mended=(mends, mended[mends]),
        events=float(events),
        apart=float(weights.apart * rewritten),
        nested=_nested(len(rows), parent.size, child.size),
        bared=bared,
        offered=parent.held & ~filled & ~bared,
        ordered=ordered,
        strewn=strewn,
        appended=appended,
        rule=_rule(parent, theirs, weights) if len(rows) > 0.9 * child.size else None,
        errors=errors - repaired - damaged,
        damaged=damaged,
        repaired=repaired,
        inherited=sum(one.inherited for one in columns),
    )


def _rule(parent: Member, theirs: Numbers, weights: Weights) -> Rule | None:
    chosen = np.zeros(parent.size, bool)
    chosen[theirs] = True
    return rule(parent.measures, parent.place, chosen, weights)


def _each(marked: int, count: int, most: float) -> float:
    """Nats for one marked cell of a column.

    Where an act touched a share of a column (sums brought up to date, cells lost), it is told once and then by its
    share: the binary entropy of the share, spread over the marked cells.
    """
    share = min(marked / count, 1 - 1e-6)
    if share < _TOUCHED:
        return most
    return min(most, float(-(share * np.log(share) + (1 - share) * np.log1p(-share)) / share))


def _nested(shared: int, one: int, other: int) -> bool:
    small, large = sorted((one, other))
    return shared >= 0.98 * small and large > 1.02 * small


def _mostly(member: Member, slot: int) -> bool:
    """Whether most cells of a column are damaged."""
    return member.damaged[slot] > MOST * max(1, member.filled[slot])


def _order(parent: Member, child: Member, theirs: Numbers, rows: Numbers) -> tuple[bool, bool, bool]:
    if len(rows) < _FEW:
        return False, False, False
    stood = np.full(child.size, -1, np.int64)
    stood[rows] = parent.place[theirs]
    stood = stood[child.lines]
    fresh = stood < 0
    told = stood[~fresh]
    ordered = bool(np.count_nonzero(told[1:] > told[:-1]) >= _IN_ORDER * (len(told) - 1))
    begun = int(np.count_nonzero(fresh[1:] & ~fresh[:-1])) + int(fresh[0])
    strewn = ordered and begun > max(_SOME_RUNS, 0.2 * np.count_nonzero(fresh))
    appended = bool(fresh[-1] and begun <= 1)
    return ordered, strewn, appended
