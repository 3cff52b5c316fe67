"""Where a dump may have come from: sets of up to three parents, and dumps that share an unseized ancestor with it.

Candidates are found by conditional gain: the second parent is the one that explains most of what the first leaves, so a
small donor is found beside a large one. Descendants explain a dump as well as ancestors do and would crowd these out;
so candidates are sought again among the dumps that stand before it in the best order found so far.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from graphs.lineage.comparison import Match, compare
from graphs.lineage.family import Family
from graphs.lineage.members import Member, places
from graphs.lineage.weights import Weights

_NEIGHBOURS = 40
"""Dumps with most records in common that are compared with a dump."""
_SINGLES, _FIRST, _SECOND, _THIRD = 12, 6, 2, 1
"""How many single, first, second and third parents are tried, each by two rankings."""
_BESIDE = 2
"""How many siblings are tried beside a parent, and where there is none."""
_GROUPS = 0.2
"""Groups of rows, as a share of the rows, up to which they were made by a column."""
_PULLS = 4
"""Of how many siblings together an unseized ancestor may be known."""
_ROW = 4.0
"""Nats that an explained record is worth when candidates are looked for."""
_LOOKED_AT = 1_500
"""Records by which candidates are ranked."""

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
    place: Mapping[int, int]
    """Candidate → its place among them."""
    matched: tuple[Match, ...]
    hit: NDArray[np.bool_]
    """(candidates, n) which of the child's records each has."""
    cost: Row
    """(candidates, n) nats to make the record from the candidate's, infinite where it has none."""
    mutual: Row
    """(candidates, n) the same where both were made from a third."""
    stood: NDArray[np.int32]
    """(candidates, n) where each candidate has the rows of the child, in the child's order.

    -1 where it has not, -2 where one of the two has the row several times, so that its place says little.
    """
    grouped: bool
    """Whether the child's rows stand in groups, by what a column says."""
    own: Row
    """(n,) nats of the record where nobody has it: its damaged cells were damaged by the child itself."""
    choice: NDArray[np.float64]
    """(candidates,) nats to choose the shared records from a candidate's."""
    alone: NDArray[np.float64]
    """(candidates,) nats for the child if this were its only parent, roughly."""
    gains: dict[tuple[Chosen, bool], Row] = field(default_factory=dict)
    """What was worked out before; see `_gains`."""
    asked: dict[bytes, list[Option]] = field(default_factory=dict)
    """Candidates allowed → the options that there are; see `options`."""


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
    for parent, child, match in compare(family.rows, family.members, [sorted(several) for several in wanted], weights):
        found[parent, child] = match
    return found


def table(family: Family, child: int, found: dict[Arc, Match], near: Sequence[int], weights: Weights) -> Table:
    """Put a child beside its candidates."""
    member = family.members[child]
    matched = tuple(found[parent, child] for parent in near)
    hit = np.zeros((len(near), member.size), bool)
    cost = np.full((len(near), member.size), np.inf, np.float32)
    mutual = cost.copy()
    stood = np.full((len(near), member.size), -1, np.int32)
    for place, match in enumerate(matched):
        other = family.members[near[place]]
        single = member.single[match.rows] & other.single[match.theirs]
        stood[place, member.rank[match.rows]] = np.where(single, other.place[match.theirs], -2)
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
    return Table(
        member,
        tuple(near),
        {one: place for place, one in enumerate(near)},
        matched,
        hit,
        cost,
        mutual,
        stood,
        _grouped(member),
        own,
        choice,
        alone,
    )


def _grouped(member: Member) -> bool:
    """Whether rows with the same cell in some column stand together: a list was sorted by a few values."""
    lines = np.argsort(member.rank)
    for slot in places(member.held & ~member.constant):
        cells = member.cells[lines, slot]
        changes = int(np.count_nonzero(cells[1:] != cells[:-1]))
        if changes < _GROUPS * member.size and changes < 1.5 * len(np.unique(cells)):
            return True
    return False


def options(child: int, beside: Table, allowed: Collection[int]) -> list[Option]:
    """Every option worth a thought if only some candidates may be asked for, having no parent first."""
    may = np.array([one in allowed for one in beside.near], bool)
    key = may.tobytes()
    if key not in beside.asked:
        beside.asked[key] = [
            Option(child, tuple(beside.near[one] for one in parents), tuple(beside.near[one] for one in siblings))
            for parents, siblings in dict.fromkeys(_sets(beside, may))
        ]
    return beside.asked[key]


def _sets(beside: Table, may: NDArray[np.bool_]) -> Iterator[tuple[Chosen, Chosen]]:
    """Sets of parents and of siblings, by place."""
    yield (), ()
    firsts = [int(place) for place in np.argsort(beside.alone, kind="stable") if may[place]]
    for place in firsts[:_SINGLES]:
        yield (place,), ()
    alone = [(place,) for place in firsts[:_FIRST]]
    for chosen, siblings in zip([(), *alone], _best(beside, may, [(), *alone], _BESIDE, mutual=True), strict=True):
        yield from ((chosen, (sibling,)) for sibling in siblings)
        if not chosen:
            yield from (((), several) for several in _pulls(beside, may, siblings))
    pairs = [
        (*chosen, partner)
        for chosen, partners in zip(alone, _best(beside, may, alone, _SECOND, mutual=False), strict=True)
        for partner in partners
    ]
    for pair, thirds in zip(pairs, _best(beside, may, pairs, _THIRD, mutual=False), strict=True):
        yield tuple(sorted(pair)), ()
        yield from ((tuple(sorted((*pair, third))), ()) for third in thirds)


def _pulls(beside: Table, may: NDArray[np.bool_], siblings: Sequence[int]) -> Iterator[Chosen]:
    """Several dumps that were taken out of the same unseized list: a platform's table, most likely."""
    for first in siblings:
        chosen: Chosen = (first,)
        while len(chosen) < _PULLS:
            ((*following,),) = _best(beside, may, [chosen], 1, mutual=True)
            if not following:
                break
            chosen = tuple(sorted((*chosen, following[0])))
            yield chosen


def _best(
    beside: Table, may: NDArray[np.bool_], several: Sequence[Chosen], count: int, *, mutual: bool
) -> list[list[int]]:
    """For each choice the candidates that explain most of what it leaves, and those that do so by little choice."""
    if not several or not len(beside.near):
        return [[] for _ in several]
    gain = np.where(may, _gains(beside, [tuple(sorted(chosen)) for chosen in several], mutual=mutual), 0)
    for row, chosen in zip(gain, several, strict=True):
        row[list(chosen)] = 0
    if mutual:
        gain[:, [place for place, match in enumerate(beside.matched) if match.nested]] = 0
    most = np.argsort(-gain, axis=1, kind="stable")[:, :count]
    least = np.argsort(beside.choice - gain, axis=1, kind="stable")[:, :count]
    ranked = np.concatenate([most, least], axis=1).tolist()
    return [
        [place for place in dict.fromkeys(places) if row[place] > _ROW]
        for row, places in zip(gain, ranked, strict=True)
    ]


def _gains(beside: Table, several: Sequence[Chosen], *, mutual: bool) -> Row:
    """(several, candidates) nats that each saves where chosen ones are there, on a sample of the child's records."""
    fresh = [chosen for chosen in dict.fromkeys(several) if (chosen, mutual) not in beside.gains]
    if fresh:
        step = max(1, beside.child.size // _LOOKED_AT)
        cost, offer = beside.cost[:, ::step], (beside.mutual if mutual else beside.cost)[:, ::step]
        paid = np.array([cost[list(chosen)].min(axis=0, initial=np.inf) for chosen in fresh])
        now = np.where(np.isfinite(paid), np.minimum(paid, 3 * _ROW), _ROW).astype(np.float32)
        for chosen, row in zip(fresh, now, strict=True):
            beside.gains[chosen, mutual] = step * np.maximum(row - offer, 0).sum(axis=1, dtype=np.float32)
    return np.array([beside.gains[chosen, mutual] for chosen in several])
