"""What each record of a child costs under an option.

Who merges lists keeps one version of what stands in several, always the first list's. So parents are ranked, and the
ranking that costs least counts, not the best version of each record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, permutations

import numpy as np
from numpy.typing import NDArray

from graphs.lineage.members import Slots, places
from graphs.lineage.options import Option, Row, Table

_FILL = 14.0
"""Nats for a cell that the only list with its record cannot have given."""


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """(options, n) what is said of each record of a child."""

    covered: NDArray[np.bool_]
    """Whether some parent has it."""
    aside: NDArray[np.bool_]
    """Whether only a sibling has it."""
    cost: Row
    """Nats."""


def told(beside: Table, several: Sequence[Option]) -> Told:
    """Tell a child's records by each of several options."""
    shape = (len(several), beside.child.size)
    made = Told(np.zeros(shape, bool), np.zeros(shape, bool), np.zeros(shape, np.float32))
    lacks: dict[Slots, Row] = {0: np.zeros(beside.child.size, np.float32)}
    order = sorted(range(len(several)), key=lambda place: (len(several[place].parents), len(several[place].siblings)))
    for (parents, siblings), group in groupby(
        order, key=lambda place: (len(several[place].parents), len(several[place].siblings))
    ):
        at = list(group)
        chosen = [several[place] for place in at]
        least = _ranked(beside, chosen, lacks) if parents else np.full((len(at), shape[1]), np.inf, np.float32)
        made.covered[at] = np.isfinite(least)
        if siblings:
            least = np.minimum(least, _beside(beside, chosen, lacks))
            made.aside[at] = np.isfinite(least) & ~made.covered[at]
        made.cost[at] = np.where(np.isfinite(least), least, beside.own)
    return made


def _ranked(beside: Table, several: Sequence[Option], lacks: dict[Slots, Row]) -> Row:
    """(options, n) nats by the cheapest ranking of each option's parents, infinite where none has the record."""
    offers = [
        np.array([_offer(beside, beside.cost, one.parents[rank], one.parents, lacks) for one in several])
        for rank in range(len(several[0].parents))
    ]
    if len(offers) == 1:
        return offers[0]
    has = [np.isfinite(offer) for offer in offers]
    best, least = np.full(len(several), np.inf), np.zeros_like(offers[0])
    for ranking in permutations(range(len(offers))):
        rows = offers[ranking[-1]]
        for place in ranking[-2::-1]:
            rows = np.where(has[place], offers[place], rows)
        total = np.where(np.isfinite(rows), rows, 0).sum(axis=1)
        better = total < best
        best[better], least[better] = total[better], rows[better]
    return least


def _beside(beside: Table, several: Sequence[Option], lacks: dict[Slots, Row]) -> Row:
    """(options, n) nats by the cheapest sibling of each option."""
    made = np.full((len(several), beside.child.size), np.inf, np.float32)
    for row, option in zip(made, several, strict=True):
        # What an unseized dump between parent and child mended is no likelier than had the child mended it itself.
        mended = _mended(beside, option.parents)
        for one in option.siblings:
            np.minimum(row, _offer(beside, beside.mutual, one, option.before, lacks) + mended, out=row)
    return made


def _offer(beside: Table, nats: Row, one: int, several: Sequence[int], lacks: dict[Slots, Row]) -> Row:
    """(n,) nats for records from one candidate, dearer where they have columns that only others can have given."""
    lacking = _offered(beside, several) & beside.child.held & ~beside.matched[beside.place[one]].offered
    if lacking not in lacks:
        slots = places(lacking)
        given = (beside.child.cells[:, slots] != 0) & ~beside.child.reduced[:, slots]
        lacks[lacking] = np.float32(_FILL) * np.count_nonzero(given, axis=1).astype(np.float32)
    row: Row = nats[beside.place[one]]
    return row + lacks[lacking] if lacking else row


def _offered(beside: Table, several: Sequence[int]) -> Slots:
    offered: Slots = 0
    for one in several:
        offered |= beside.matched[beside.place[one]].offered
    return offered


def _mended(beside: Table, parents: Sequence[int]) -> Row:
    """(n,) nats for cells that are damaged in every parent with the record, and not in the child."""
    least = np.full(beside.child.size, np.inf, np.float32)
    for one in parents:
        match = beside.matched[beside.place[one]]
        least[match.rows] = np.minimum(least[match.rows], match.mended)
    return np.where(np.isfinite(least), least, 0).astype(np.float32)
