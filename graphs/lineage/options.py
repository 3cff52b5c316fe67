"""Where a dump may have come from: sets of up to three parents, and dumps that share an unseized ancestor with it.

Candidates are found by conditional gain: the second parent is the one that explains most of what the first leaves, so a
small donor is found beside a large one. Descendants explain a dump as well as ancestors do and would crowd these out;
so candidates are sought again among the dumps that stand before it in the best order found so far.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from graphs.lineage.comparison import Match, compare
from graphs.lineage.family import Family, Member
from graphs.lineage.weights import Weights

_NEIGHBOURS = 40
"""Dumps with most records in common that are compared with a dump."""
_SINGLES, _FIRST, _SECOND, _THIRD = 12, 6, 2, 1
"""How many single, first, second and third parents are tried, each by two rankings."""
_BESIDE, _FURTHER = 2, 2
"""How many siblings are tried beside a parent, and how many more where there is no parent."""
_ROW = 4.0
"""Nats that an explained record is worth when candidates are looked for."""

Arc = tuple[int, int]
Row = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Option:
    """One way in which a dump may have come about."""

    child: int
    parents: tuple[int, ...]
    siblings: tuple[int, ...] = ()
    """Dumps that share an unseized ancestor with it."""

    @property
    def before(self) -> tuple[int, ...]:
        """Dumps that must be there before it: what it is told by must not be told by it."""
        return (*self.parents, *self.siblings)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A child beside all its candidates."""

    child: Member
    near: tuple[int, ...]
    """The candidates."""
    matched: tuple[Match, ...]
    sizes: NDArray[np.float64]
    hit: NDArray[np.bool_]
    """(candidates, n) which of the child's records each has."""
    cost: Row
    """(candidates, n) nats to make the record from the candidate's, infinite where it has none."""
    mutual: Row
    """(candidates, n) the same where both were made from a third."""
    own: Row
    """(n,) nats of the record where nobody has it: its damaged cells were damaged by the child itself."""


def matches(family: Family, weights: Weights) -> dict[Arc, Match]:
    """Compare every dump with the dumps that it has most records in common with: (parent, child) → match."""
    found: dict[Arc, Match] = {}
    shared = family.shared.copy()
    np.fill_diagonal(shared, 0)
    for one in range(len(family.members)):
        near = np.argsort(-shared[one], kind="stable")[:_NEIGHBOURS]
        for other in (int(place) for place in near if shared[one][place] > 0):
            if (other, one) not in found:
                found[(other, one)], found[(one, other)] = compare(family.members[other], family.members[one], weights)
    return {arc: match for arc, match in found.items() if len(match.rows)}


def table(family: Family, child: int, near: Sequence[int], found: dict[Arc, Match], weights: Weights) -> Table:
    """Put a child beside candidates."""
    member = family.members[child]
    matched = tuple(found[parent, child] for parent in near)
    hit = np.zeros((len(near), member.size), bool)
    cost = np.full((len(near), member.size), np.inf, np.float32)
    mutual = cost.copy()
    for place, match in enumerate(matched):
        hit[place, match.rows], cost[place, match.rows], mutual[place, match.rows] = True, match.cost, match.mutual
    sizes = np.array([family.members[parent].size for parent in near], np.float64)
    spoilt = member.faulty.sum(axis=0) > 0.5 * max(1, member.size)
    own = np.minimum(weights.most, weights.error * (member.faulty & ~spoilt).sum(axis=1)).astype(np.float32)
    return Table(member, tuple(near), matched, sizes, hit, cost, mutual, own)


def options(child: int, beside: Table) -> list[Option]:
    """Every option worth a thought, having no parent first."""
    found = dict.fromkeys(_sets(beside))
    return [
        Option(child, tuple(beside.near[one] for one in parents), tuple(beside.near[one] for one in siblings))
        for parents, siblings in found
    ]


def _sets(beside: Table) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Sets of parents and of siblings, by place."""
    yield (), ()
    if not beside.near:
        return
    hits = beside.hit.sum(axis=1)
    choice = _choice(beside.sizes, hits)
    alone = choice + _ROW * (beside.child.size - hits) + np.where(beside.hit, beside.cost, 0).sum(axis=1)
    firsts = [int(place) for place in np.argsort(alone, kind="stable")]
    for place in firsts[:_SINGLES]:
        yield (place,), ()
    for sibling in _best(beside, (), choice, _BESIDE, beside.mutual):
        yield (), (sibling,)
        for second in _best(beside, (sibling,), choice, _FURTHER, beside.mutual):
            yield (), tuple(sorted((sibling, second)))
            for third in _best(beside, (sibling, second), choice, 1, beside.mutual):
                yield (), tuple(sorted((sibling, second, third)))
    for place in firsts[:_FIRST]:
        for partner in _best(beside, (place,), choice, _SECOND, beside.cost):
            yield tuple(sorted((place, partner))), ()
            for third in _best(beside, (place, partner), choice, _THIRD, beside.cost):
                yield tuple(sorted((place, partner, third))), ()
        for sibling in _best(beside, (place,), choice, _BESIDE, beside.mutual):
            yield (place,), (sibling,)


def _choice(total: NDArray[np.float64], part: NDArray[np.int64]) -> NDArray[np.float64]:
    """Nats to choose the shared records from a candidate's."""
    ways: NDArray[np.float64] = gammaln(total + 1) - gammaln(part + 1) - gammaln(total - part + 1)
    return ways


def _best(beside: Table, chosen: tuple[int, ...], choice: NDArray[np.float64], count: int, offer: Row) -> list[int]:
    """The candidates that explain most of what the chosen ones leave, and those that do so by little choice."""
    told = beside.hit[list(chosen)].any(axis=0)
    paid = beside.cost[list(chosen)].min(axis=0, initial=np.inf)
    now = np.where(told, np.minimum(paid, 3 * _ROW), _ROW).astype(np.float32)
    gain = np.where(beside.hit, now - np.minimum(offer, now), 0).sum(axis=1)
    gain[list(chosen)] = 0
    most = np.argsort(-gain, kind="stable")[:count]
    least = np.argsort(choice - gain, kind="stable")[:count]
    return [place for place in dict.fromkeys([*most.tolist(), *least.tolist()]) if gain[place] > _ROW]


def told(beside: Table, option: Option) -> tuple[NDArray[np.bool_], NDArray[np.bool_], Row]:
    """Which of the child's records some parent has, which only a sibling has, and what each record costs.

    Who merges lists keeps one version of what stands in several, always the first list's. So parents are ranked, and
    the ranking that costs least counts, not the best version of each record. A parent that lacks a column that another
    has cannot have given the records that have it.
    """
    places = [beside.near.index(one) for one in option.parents]
    others = [beside.near.index(one) for one in option.siblings]
    matched = [beside.matched[place] for place in places]
    covered = np.asarray(beside.hit[places].any(axis=0))
    offers = [_lacking(beside, place, beside.cost[place], matched) for place in places]
    least = np.full(beside.child.size, np.inf, np.float32)
    if offers:
        least = min((_ranked(order) for order in permutations(offers)), key=lambda row: row[covered].sum())
    everybody = matched + [beside.matched[place] for place in others]
    mended = _mended(beside, places)
    for place in others:
        # What an unseized dump between parent and child mended is no likelier than had the child mended it itself.
        least = np.minimum(least, _lacking(beside, place, beside.mutual[place], everybody) + mended)
    only = np.asarray(beside.hit[others].any(axis=0)) & ~covered
    return covered, only, np.where(covered | only, least, beside.own).astype(np.float32)


def _mended(beside: Table, places: list[int]) -> Row:
    """(n,) nats for cells that are damaged in every parent with the record, and not in the child."""
    least = np.full(beside.child.size, np.inf, np.float32)
    for place in places:
        match = beside.matched[place]
        least[match.rows] = np.minimum(least[match.rows], match.mended)
    return np.where(np.isfinite(least), least, 0).astype(np.float32)


def _ranked(offers: Sequence[Row]) -> Row:
    first = offers[0]
    for offer in offers[1:]:
        first = np.where(np.isfinite(first), first, offer)
    return first


def _lacking(beside: Table, place: int, cost: Row, others: list[Match]) -> Row:
    """(n,) nats for records from one candidate, where columns that it lacks could be had from others."""
    match = beside.matched[place]
    offered = np.zeros(len(match.offered), bool)
    for other in others:
        offered |= other.offered
    lacking = offered & beside.child.held & ~match.offered
    if not lacking.any():
        return cost
    dearer = cost.copy()
    there = (beside.child.cells[match.rows] != 0) & ~beside.child.reduced[match.rows]
    dearer[match.rows] += _FILL * there[:, lacking].sum(axis=1)
    return dearer


_FILL = 14.0
"""Nats for a cell that the only list with its record cannot have given."""
