"""How sure an edge is: it is asked again of records drawn anew, of the best story without it, and of the reverse.

The Poisson bootstrap (Chamandy et al. 2012, "Estimating uncertainty for massive data streams") gives every block of
people a weight, the same in all dumps, for the rows of dumps that were copied from one another are not independent.
What it cannot see is a wrong model; so support and margins are turned into a probability by a curve that was fitted on
simulated families whose truth is known (`calibration`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graphs.lineage.board import Board, board, relaid
from graphs.lineage.calibration import Signs, determined, probability
from graphs.lineage.cost import costs
from graphs.lineage.family import BLOCKS
from graphs.lineage.inference import Inference
from graphs.lineage.ledger import only
from graphs.lineage.options import Arc
from graphs.lineage.search import menu, near, search

REPLICATES: Final = 32
_MOST: Final = 120
"""Dumps of a family up to which every edge is argued against by a search of its own."""


@dataclass(frozen=True, slots=True)
class Belief:
    """What speaks for one edge."""

    arc: Arc
    signs: Signs
    probability: float
    determined: bool
    """Whether its direction is: the odds are at least 20 to 1."""


def beliefs(found: Inference, *, replicates: int = REPLICATES, seed: int = 0) -> tuple[Belief, ...]:
    """What speaks for each edge of the answer."""
    arcs = [(parent, option.child) for option in found.chosen for parent in option.parents]
    if not arcs:
        return ()
    fathers, known = _fathers(found), board(found.card, found.nats)
    seen = _drawn(found, known, replicates, seed)
    copied = float(np.mean([found.book.matches[arc].inherited > 0 for arc in arcs]))
    made = []
    for arc in arcs:
        shares = seen[arc] / replicates, seen[arc[1], arc[0]] / replicates
        signs = replace(_signs(found, arc, shares, fathers, known), copied=copied)
        made.append(Belief(arc, signs, probability(signs), determined(signs)))
    return tuple(made)


def _signs(found: Inference, arc: Arc, shares: tuple[float, float], fathers: NDArray[np.int64], known: Board) -> Signs:
    """What speaks for one arc; `shares` are those of the replicates that have it, and that have its reverse."""
    parent, child = (found.family.members[one] for one in arc)
    option, match = found.chosen[arc[1]], found.book.matches[arc]
    margin, backward = _margins(found, known, fathers, arc)
    return Signs(
        support=shares[0],
        reverse=shares[1],
        margin=margin,
        backward=backward,
        inherited=match.inherited,
        damaged=match.damaged + match.errors,
        repaired=match.repaired,
        covered=len(match.rows) / max(1, child.size),
        taken=len(match.rows) / max(1, parent.size),
        merge=len(option.parents) > 1,
        unseized=bool(option.siblings),
        alone=_alone(found, arc) / max(1, child.size),
        lost=(parent.held & ~child.held).bit_count(),
        added=(child.held & ~match.offered & ~child.constant).bit_count(),
        ordered=match.ordered,
        days=_days(parent.sketch.first_seen, child.sketch.first_seen),
        barred=_days(parent.sketch.first_seen, child.sketch.newest) > 0,
        copied=0.0,
    )


def _alone(found: Inference, arc: Arc) -> int:
    """Records of the child that no other of its parents has."""
    parent, child = arc
    others = [one for one in found.chosen[child].parents if one != parent]
    mine = np.zeros(found.family.members[child].size, bool)
    mine[found.book.matches[arc].rows] = True
    for one in others:
        mine[found.book.matches[one, child].rows] = False
    return int(np.count_nonzero(mine))


def _days(earlier: date | None, later: date | None) -> int:
    """Days from one to the other; 0 where one is not known."""
    return (later - earlier).days if earlier and later else 0


def _drawn(found: Inference, known: Board, replicates: int, seed: int) -> Counter[Arc]:
    """How many replicates have each arc; only options that are on the board are thought of again."""
    draws = np.random.default_rng(seed).poisson(1.0, (BLOCKS, replicates)).astype(np.float32)
    book = only(found.book, np.unique(known.place[known.place >= 0]))
    card, nats = menu(book.options, known.members), costs(book, found.weights, draws)
    seen: Counter[Arc] = Counter()
    for column in range(replicates):
        answer = search(card, nats[:, column], starts=[found.answer.order], shakes=0)
        for place in answer.chosen:
            option = book.options[place]
            seen.update((parent, option.child) for parent in option.parents)
    return seen


def _margins(found: Inference, known: Board, fathers: NDArray[np.int64], arc: Arc) -> tuple[float, float]:
    """Nats by which the best story without the arc, and that with its reverse, are dearer."""
    parent, child = arc
    without = np.where((found.card.child == child) & (fathers == parent).any(axis=1), np.inf, found.nats)
    turned = np.where((found.card.child == parent) & ~(fathers == child).any(axis=1), np.inf, found.nats)
    if len(found.family.members) > _MOST:
        rival = _rival(found, arc)
        return rival, rival
    lost = near(relaid(known, found.card, without, child), found.answer.order, arc) - found.answer.cost
    if not np.isfinite(turned[found.card.child == parent]).any():
        return max(0.0, lost), np.inf
    back = near(relaid(known, found.card, turned, parent), _swapped(found.answer.order, arc), arc)
    return max(0.0, lost), max(0.0, back - found.answer.cost)


def _fathers(found: Inference) -> NDArray[np.int64]:
    """(options, 3) their parents, -1 where there are fewer."""
    return np.array([[*option.parents, -1, -1, -1][:3] for option in found.book.options])


def _swapped(order: tuple[int, ...], arc: Arc) -> list[int]:
    """The order with the child just before its parent."""
    parent, child = arc
    rest = [one for one in order if one != child]
    rest.insert(rest.index(parent), child)
    return rest


def _rival(found: Inference, arc: Arc) -> float:
    """Nats by which the child's next best option without this parent is dearer, in the order found."""
    parent, child = arc
    before = set(found.answer.order[: found.answer.order.index(child)])
    mine = found.nats[found.answer.chosen[child]]
    others = [
        found.nats[place]
        for place in np.flatnonzero(found.card.child == child)
        if parent not in found.book.options[place].parents and set(found.book.options[place].before) <= before
    ]
    return float(min(others) - mine) if others else np.inf
