"""How sure an edge is: it is asked again of records drawn anew, of the best story without it, and of the reverse.

The Poisson bootstrap (Chamandy et al. 2012, "Estimating uncertainty for massive data streams") gives every block of
people a weight, the same in all dumps, for the rows of dumps that were copied from one another are not independent.
What it cannot see is a wrong model; so support and margins are turned into a probability by a curve that was fitted on
simulated families whose truth is known (`calibration`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np

from graphs.lineage.calibration import determined, probability
from graphs.lineage.cost import costs
from graphs.lineage.family import BLOCKS
from graphs.lineage.inference import Inference
from graphs.lineage.options import Arc
from graphs.lineage.search import search

REPLICATES: Final = 48
_QUICK: Final = 30
"""Branches of a search that starts from a good answer."""
_MOST: Final = 120
"""Dumps of a family up to which every edge is argued against by a search of its own."""


@dataclass(frozen=True, slots=True)
class Belief:
    """What speaks for one edge."""

    arc: Arc
    support: float
    """Share of the replicates that have it."""
    reverse: float
    """Share of the replicates that have it the other way round."""
    margin: float
    """Nats by which the best story without it is dearer."""
    backward: float
    """Nats by which the best story with the reverse edge is dearer."""
    probability: float
    determined: bool
    """Whether its direction is: the odds are at least 20 to 1."""


def beliefs(found: Inference, *, replicates: int = REPLICATES, seed: int = 0) -> tuple[Belief, ...]:
    """What speaks for each edge of the answer."""
    arcs = [(parent, option.child) for option in found.chosen for parent in option.parents]
    if not arcs:
        return ()
    seen = _drawn(found, replicates, seed)
    made = []
    for arc in arcs:
        support, reverse = seen[arc] / replicates, seen[arc[1], arc[0]] / replicates
        margin, backward = _margins(found, arc)
        chance, sure = probability(support, margin), determined(support, reverse, backward)
        made.append(Belief(arc, support, reverse, margin, backward, chance, sure))
    return tuple(made)


def _drawn(found: Inference, replicates: int, seed: int) -> Counter[Arc]:
    """How many replicates have each arc."""
    draws = np.random.default_rng(seed).poisson(1.0, (BLOCKS, replicates)).astype(np.float32)
    nats = costs(found.family, found.book, found.weights, draws)
    seen: Counter[Arc] = Counter()
    for column in range(replicates):
        answer = search(found.card, nats[:, column], start=found.answer.order, branches=_QUICK, shakes=0)
        for place in answer.chosen:
            option = found.book.options[place]
            seen.update((parent, option.child) for parent in option.parents)
    return seen


def _margins(found: Inference, arc: Arc) -> tuple[float, float]:
    parent, child = arc
    without, turned = found.nats.copy(), found.nats.copy()
    for place in found.card.of[child]:
        if parent in found.book.options[place].parents:
            without[place] = np.inf
    for place in found.card.of[parent]:
        if child not in found.book.options[place].parents:
            turned[place] = np.inf
    if len(found.family.members) > _MOST:
        return _rival(found, arc), _rival(found, arc)
    lost = search(found.card, without, start=found.answer.order, branches=_QUICK, shakes=0).cost - found.answer.cost
    if not np.isfinite(turned[found.card.of[parent]]).any():
        return max(0.0, lost), np.inf
    back = search(found.card, turned, start=_swapped(found.answer.order, arc), branches=_QUICK, shakes=0)
    return max(0.0, lost), max(0.0, back.cost - found.answer.cost)


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
        for place in found.card.of[child]
        if parent not in found.book.options[place].parents and set(found.book.options[place].before) <= before
    ]
    return float(min(others) - mine) if others else np.inf
