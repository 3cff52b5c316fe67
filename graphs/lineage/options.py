"""Where a dump may have come from: sets of up to three parents, and dumps that share an unseized ancestor with it.

Candidates are found by conditional gain: the second parent is the one that explains most of what the first leaves, so a
small donor is found beside a large one. Descendants explain a dump as well as ancestors do and would crowd these out;
so candidates are sought again among the dumps that stand before it in the best order found so far.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import permutations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from graphs.lineage.comparison import Match, compare
from graphs.lineage.family import Family, Member, Slots, places
from graphs.lineage.weights import Weights

_NEIGHBOURS = 40
"""Dumps with most records in common that are compared with a dump."""
_SINGLES, _FIRST, _SECOND, _THIRD = 12, 6, 2, 1
"""How many single, first, second and third parents are tried, each by two rankings."""
_BESIDE = 2
"""How many siblings are tried beside a parent, and where there is none."""
_ROW = 4.0
"""Nats that an explained record is worth when candidates are looked for."""
_LOOKED_AT = 1_500
"""Records by which candidates are ranked."""
_FILL = 14.0
"""Nats for a cell that the only list with its record cannot have given."""

Arc = tuple[int, int]
Row = NDArray[np.float32]
Chosen = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One way in which a dump may have come about."""

    child: int
    parents: Chosen
    siblings: Chosen = ()
    """Dumps that share an unseized ancestor with it."""

    @property
    def before(self) -> Chosen:
        """Dumps that must be there before it: what it is told by must not be told by it."""
        return (*self.parents, *self.siblings)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A child beside all its candidates."""

    child: Member
    near: Chosen
    """The candidates, ascending."""
    matched: tuple[Match, ...]
    hit: NDArray[np.bool_]
    """(candidates, n) which of the child's records each has."""
    cost: Row
    """(candidates, n) nats to make the record from the candidate's, infinite where it has none."""
    mutual: Row
    """(candidates, n) the same where both were made from a third."""
    own: Row
    """(n,) nats of the record where nobody has it: its damaged cells were damaged by the child itself."""
    choice: NDArray[np.float64]
    """(candidates,) nats to choose the shared records from a candidate's."""
    alone: NDArray[np.float64]
    """(candidates,) nats for the child if this were its only parent, roughly."""
    gains: dict[tuple[Chosen, bool], Row] = field(default_factory=dict)
    """What was worked out before; see `_gain`."""


def matches(family: Family, weights: Weights) -> dict[Arc, Match]:
    """Compare every dump with the dumps that it has most records in common with: (parent, child) → match."""
    found: dict[Arc, Match] = {}
    shared = family.shared.copy()
    np.fill_diagonal(shared, 0)
    wanted: list[set[int]] = [set() for _ in family.members]
    for one in range(len(family.members)):
        near = np.argsort(-shared[one], kind="stable")[:_NEIGHBOURS]
        for other in (int(place) for place in near if shared[one][place] > 0):
            wanted[min(one, other)].add(max(one, other))
    for one, several in enumerate(wanted):
        others = sorted(several)
        compared = compare(family.members[one], (family.members[other] for other in others), weights)
        for other, (down, up) in zip(others, compared, strict=True):
            if len(down.rows):
                found[one, other], found[other, one] = down, up
    return found


def table(family: Family, child: int, found: dict[Arc, Match], near: Sequence[int], weights: Weights) -> Table:
    """Put a child beside its candidates."""
    member = family.members[child]
    matched = tuple(found[parent, child] for parent in near)
    hit = np.zeros((len(near), member.size), bool)
    cost = np.full((len(near), member.size), np.inf, np.float32)
    mutual = cost.copy()
    for place, match in enumerate(matched):
        hit[place, match.rows], cost[place, match.rows], mutual[place, match.rows] = True, match.cost, match.mutual
    sizes = np.array([family.members[parent].size for parent in near], np.float64)
    hits = np.array([len(match.rows) for match in matched], np.float64)
    choice: NDArray[np.float64] = gammaln(sizes + 1) - gammaln(hits + 1) - gammaln(sizes - hits + 1)
    paid = np.array([match.cost.sum() for match in matched])
    faulty = np.zeros(member.size, np.float32)
    for slot, damaged in enumerate(member.damaged):
        if 0 < damaged <= 0.5 * member.size:
            faulty += member.faulty[:, slot]
    own = np.minimum(weights.most, np.float32(weights.error) * faulty)
    alone = choice + _ROW * (member.size - hits) + paid
    return Table(member, tuple(near), matched, hit, cost, mutual, own, choice, alone)


def options(child: int, beside: Table, allowed: Collection[int]) -> list[Option]:
    """Every option worth a thought if only some candidates may be asked for, having no parent first."""
    may = np.array([one in allowed for one in beside.near], bool)
    found = dict.fromkeys(_sets(beside, may))
    return [
        Option(child, tuple(beside.near[one] for one in parents), tuple(beside.near[one] for one in siblings))
        for parents, siblings in found
    ]


def _sets(beside: Table, may: NDArray[np.bool_]) -> Iterator[tuple[Chosen, Chosen]]:
    """Sets of parents and of siblings, by place."""
    yield (), ()
    firsts = [int(place) for place in np.argsort(beside.alone, kind="stable") if may[place]]
    for place in firsts[:_SINGLES]:
        yield (place,), ()
    for sibling in _best(beside, may, (), _BESIDE, mutual=True):
        yield (), (sibling,)
    for place in firsts[:_FIRST]:
        for partner in _best(beside, may, (place,), _SECOND, mutual=False):
            yield tuple(sorted((place, partner))), ()
            for third in _best(beside, may, (place, partner), _THIRD, mutual=False):
                yield tuple(sorted((place, partner, third))), ()
        for sibling in _best(beside, may, (place,), _BESIDE, mutual=True):
            yield (place,), (sibling,)


def _best(beside: Table, may: NDArray[np.bool_], chosen: Chosen, count: int, *, mutual: bool) -> list[int]:
    """The candidates that explain most of what the chosen ones leave, and those that do so by little choice."""
    gain = np.where(may, _gain(beside, tuple(sorted(chosen)), mutual=mutual), 0)
    gain[list(chosen)] = 0
    if mutual:
        gain[[place for place, match in enumerate(beside.matched) if match.nested]] = 0
    most = np.argsort(-gain, kind="stable")[:count]
    least = np.argsort(beside.choice - gain, kind="stable")[:count]
    return [place for place in dict.fromkeys([*most.tolist(), *least.tolist()]) if gain[place] > _ROW]


def _gain(beside: Table, chosen: Chosen, *, mutual: bool) -> Row:
    """(candidates,) nats that each saves where the chosen ones are there, on a sample of the child's records."""
    key = (chosen, mutual)
    if key not in beside.gains:
        step = max(1, beside.child.size // _LOOKED_AT)
        part = np.s_[:, ::step]
        paid = beside.cost[part][list(chosen)].min(axis=0, initial=np.inf)
        now = np.where(np.isfinite(paid), np.minimum(paid, 3 * _ROW), _ROW).astype(np.float32)
        offer = (beside.mutual if mutual else beside.cost)[part]
        beside.gains[key] = step * np.maximum(now - offer, 0).sum(axis=1, dtype=np.float32)
    return beside.gains[key]


def told(beside: Table, option: Option) -> tuple[NDArray[np.bool_], NDArray[np.bool_], Row]:
    """Which of the child's records some parent has, which only a sibling has, and what each record costs.

    Who merges lists keeps one version of what stands in several, always the first list's. So parents are ranked, and
    the ranking that costs least counts, not the best version of each record. A parent that lacks a column that another
    has cannot have given the records that have it.
    """
    at = [beside.near.index(one) for one in option.parents]
    offers = [_lacking(beside, place, beside.cost[place], at) for place in at]
    least = (
        _ranked([beside.hit[place] for place in at], offers) if at else np.full(beside.child.size, np.inf, np.float32)
    )
    if not option.siblings:
        covered = np.isfinite(least)
        return covered, np.zeros_like(covered), np.where(covered, least, beside.own)
    beside_at = [beside.near.index(one) for one in option.siblings]
    mended = _mended(beside, at)
    covered = np.isfinite(least)
    for place in beside_at:
        # What an unseized dump between parent and child mended is no likelier than had the child mended it itself.
        least = np.minimum(least, _lacking(beside, place, beside.mutual[place], at + beside_at) + mended)
    either = np.isfinite(least)
    return covered, either & ~covered, np.where(either, least, beside.own)


def _ranked(hits: Sequence[NDArray[np.bool_]], offers: Sequence[Row]) -> Row:
    """(n,) nats by the cheapest ranking, infinite where nobody has the record."""
    if len(offers) == 1:
        return offers[0]
    best, least = np.inf, np.zeros(0, np.float32)
    for ranking in permutations(range(len(offers))):
        row = offers[ranking[-1]]
        for place in ranking[-2::-1]:
            row = np.where(hits[place], offers[place], row)
        total = float(row.sum(where=np.isfinite(row)))
        if total < best:
            best, least = total, row
    return least


def _mended(beside: Table, at: Sequence[int]) -> Row | float:
    """(n,) nats for cells that are damaged in every parent with the record, and not in the child."""
    if not any(len(beside.matched[place].mended[0]) for place in at):
        return 0.0
    least = np.full(beside.child.size, np.inf, np.float32)
    for place in at:
        match = beside.matched[place]
        mended = np.zeros(len(match.rows), np.float32)
        mended[match.mended[0]] = match.mended[1]
        least[match.rows] = np.minimum(least[match.rows], mended)
    return np.where(np.isfinite(least), least, 0).astype(np.float32)


def _lacking(beside: Table, place: int, cost: Row, at: Sequence[int]) -> Row:
    """(n,) nats for records from one candidate, where columns that it lacks could be had from others."""
    offered: Slots = 0
    for other in at:
        offered |= beside.matched[other].offered
    lacking = offered & beside.child.held & ~beside.matched[place].offered
    for slot in places(lacking):
        cost = cost + np.float32(_FILL) * ((beside.child.cells[:, slot] != 0) & ~beside.child.reduced[:, slot])
    return cost
