"""Two dumps beside each other: the records they share, where their cells differ, and which way round that is likely."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from graphs.lineage.cells import Costs, Differences, Traits, differences, traits
from graphs.lineage.columns import Column, column
from graphs.lineage.joints import Joint, joints
from graphs.lineage.members import Mask, Member, Rows, Slots, slots_of
from graphs.lineage.records import Numbers
from graphs.lineage.selection import Rule, rule
from graphs.lineage.standing import Standing, standing
from graphs.lineage.weights import Weights

_STRANGE = 0.5
"""Share of rewritten columns, of those that are not the same everywhere, beyond which the records are not the same."""


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
    mended: Costs
    """(m,) nats for cells that are damaged in the parent only."""
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
    sorted: bool
    """Whether the parent's rows stand in the order of a column."""
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
class Comparison:
    """What is compared."""

    rows: Rows
    members: Sequence[Member]
    """Whose rows they are."""
    traits: Traits
    weights: Weights


def compare(
    rows: Rows, members: Sequence[Member], wanted: Sequence[Sequence[int]], weights: Weights
) -> Iterator[tuple[int, int, Match]]:
    """Lay dumps beside others: (parent, child, match), both ways round, where they are kin.

    Args:
        rows: of the members.
        members: dumps of a family.
        wanted: for each dump the others, ascending, each pair once.
        weights: of events.
    """
    known = Comparison(rows, members, traits(members), weights)
    for joint in joints(rows, wanted):
        columns = [column(rows, joint, masked, slot) for slot, masked in enumerate(known.traits.masked.T)]
        kin = _kin(known.traits, joint, columns)
        yield from _matches(known, joint, columns, kin)
        yield from _matches(known, joint.turned(), [one.turned() for one in columns], kin)


def _kin(known: Traits, joint: Joint, columns: Sequence[Column]) -> Mask:
    """(pairs,) whether the records are the same.

    The same people with other accounts, sums and products are two platforms' customers, and no kinship.
    """
    told = known.held & ~known.personal
    telling = told[joint.left] & told[joint.right]
    strange = np.count_nonzero(np.array([one.rewritten for one in columns]).T & telling, axis=1)
    several = np.count_nonzero(telling, axis=1)
    kin: Mask = (several < 2) | (strange <= _STRANGE * several)
    return kin


def _matches(known: Comparison, joint: Joint, columns: Sequence[Column], kin: Mask) -> Iterator[tuple[int, int, Match]]:
    """The left dumps as parents of the right ones."""
    sums = differences(known.traits, joint, columns, known.weights)
    order = joint.order()
    joint = replace(joint, lefts=joint.lefts[order], rights=joint.rights[order])
    rows = joint.rights - known.rows.starts[joint.right][joint.pair]
    theirs = joint.lefts - known.rows.starts[joint.left][joint.pair]
    cost = np.minimum(sums.wrong + sums.mended + sums.more, known.weights.most)[order]
    mutual = np.minimum(sums.wrong + sums.less, known.weights.most)[order]
    mended = sums.mended[order]
    stands = standing(known.rows, joint)
    for pair in np.flatnonzero(kin).tolist():
        part = slice(int(joint.starts[pair]), int(joint.starts[pair + 1]))
        shared = rows[part], theirs[part], cost[part], mutual[part], mended[part]
        parent, child = int(joint.left[pair]), int(joint.right[pair])
        yield parent, child, _match(known, (parent, child), shared, (sums, stands), pair)


def _match(
    known: Comparison,
    arc: tuple[int, int],
    shared: tuple[Numbers, Numbers, Costs, Costs, Costs],
    told: tuple[Differences, Standing],
    pair: int,
) -> Match:
    parent, child = (known.members[one] for one in arc)
    (rows, theirs, cost, mutual, mended), (sums, stands), weights = shared, told, known.weights
    veiled = child.masked & ~parent.masked & parent.held & child.held
    bared = parent.masked & ~child.masked & child.held
    rewritten, spoilt, restored = (int(one[pair]) for one in (sums.rewritten, sums.spoilt, sums.restored))
    return Match(
        rows=rows,
        theirs=theirs,
        cost=cost,
        mutual=mutual,
        mended=mended,
        events=weights.masked * veiled.bit_count()
        + weights.damaged * spoilt
        + weights.restored * restored
        + weights.rewritten * (rewritten - spoilt - restored),
        apart=weights.apart * rewritten,
        nested=_nested(len(rows), parent.size, child.size),
        bared=bared,
        offered=parent.held & ~slots_of(sums.filled[pair]) & ~bared,
        ordered=bool(stands.ordered[pair]),
        sorted=parent.sketch.sorted,
        strewn=bool(stands.strewn[pair]),
        appended=bool(stands.appended[pair]),
        rule=_rule(parent, theirs, weights) if len(rows) > 0.9 * child.size else None,
        errors=int(sums.errors[pair]),
        damaged=int(sums.damaged[pair]),
        repaired=int(sums.repaired[pair]),
        inherited=int(sums.inherited[pair]),
    )


def _rule(parent: Member, theirs: Numbers, weights: Weights) -> Rule | None:
    chosen = np.zeros(parent.size, bool)
    chosen[theirs] = True
    return rule(parent.measures, parent.place, chosen, weights)


def _nested(shared: int, one: int, other: int) -> bool:
    small, large = sorted((one, other))
    return shared >= 0.98 * small and large > 1.02 * small
