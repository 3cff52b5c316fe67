"""The cheapest way in which all dumps of a family can have come about, nobody being made from his own descendants.

Given an order in time, every dump's best option is independent of the others' (Teyssier & Koller 2005,
"Ordering-based search"). Where
everybody's cheapest option closes no circle, that is the optimum and no order is needed.
Otherwise the search branches on a circle (one of its arcs must be missing) and follows the branch with the least bound,
so that the answer is proven. Where that takes too long, orders are improved by the best re-insertion of each dump,
shaken and improved again.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphs.lineage.options import Option

_BRANCHES = 150
"""Branches after which the proof is given up."""
_SHAKES = 24
"""How often a good order is shaken and improved again without finding a better one."""
_SLIGHT = 1e-9

Entry = tuple[float, int, int]
"""Nats, the dumps that must be there before (as bits), and the option's place."""


@dataclass(frozen=True, slots=True, eq=False)
class Menu:
    """The options of a family by child."""

    of: tuple[NDArray[np.int64], ...]
    """For each child the places of its options."""
    asks: tuple[int, ...]
    """For each option the dumps that must be there before, as bits."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One option for every dump, without circles."""

    chosen: tuple[int, ...]
    """For each dump the place of its option."""
    cost: float
    order: tuple[int, ...]
    """An order in which the dumps can have been made."""
    proven: bool
    """Whether nothing cheaper exists."""


def menu(options: Sequence[Option], members: int) -> Menu:
    """Sort options by child."""
    child = np.array([option.child for option in options])
    of = tuple(np.flatnonzero(child == member) for member in range(members))
    return Menu(of, tuple(sum(1 << one for one in set(option.before)) for option in options))


def search(
    card: Menu,
    costs: NDArray[np.float64],
    *,
    start: Sequence[int] = (),
    branches: int = _BRANCHES,
    shakes: int = _SHAKES,
) -> Answer:
    """The cheapest choice without circles.

    Args:
        card: the options.
        costs: (options,) nats; infinite for an option that is ruled out.
        start: an order to begin with where the proof fails.
        branches: after how many to give up the proof.
        shakes: how often to shake an order without success.
    """
    tables = [_table(card, costs, places) for places in card.of]
    proven = _branch(tables, branches)
    if proven is not None:
        return proven
    return _by_orders(tables, start, shakes)


def _table(card: Menu, costs: NDArray[np.float64], places: NDArray[np.int64]) -> list[Entry]:
    """A child's options, cheapest first; those that ask for more and cost more than another are left out."""
    table: list[Entry] = []
    for place in places[np.argsort(costs[places], kind="stable")]:
        asks, cost = card.asks[place], float(costs[place])
        if np.isfinite(cost) and not any(other & ~asks == 0 for _, other, _ in table):
            table.append((cost, asks, int(place)))
    return table


def _branch(tables: list[list[Entry]], branches: int) -> Answer | None:
    counter = itertools.count()
    first = [0] * len(tables)
    queue: list[tuple[float, int, list[int], dict[int, int]]] = [(sum(table[0][0] for table in tables), 0, first, {})]
    for _ in range(branches):
        bound, _, picks, banned = heapq.heappop(queue)
        circle = _circle([tables[child][pick][1] for child, pick in enumerate(picks)])
        if circle is None:
            chosen = tuple(tables[child][pick][2] for child, pick in enumerate(picks))
            order = _sorted([tables[child][pick][1] for child, pick in enumerate(picks)])
            return Answer(chosen, bound, order, proven=True)
        for parent, child in circle:
            refused = banned.get(child, 0) | 1 << parent
            table = tables[child]
            pick = next((at for at in range(picks[child] + 1, len(table)) if not table[at][1] & refused), None)
            if pick is not None:
                changed = picks.copy()
                changed[child] = pick
                worse = bound - table[picks[child]][0] + table[pick][0]
                heapq.heappush(queue, (worse, -next(counter), changed, {**banned, child: refused}))
        if not queue:
            break
    return None


def _bits(mask: int) -> list[int]:
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found


def _circle(asks: Sequence[int]) -> list[tuple[int, int]] | None:
    """(parent, child) arcs of one circle, or None."""
    state = [0] * len(asks)
    for root in range(len(asks)):
        if state[root]:
            continue
        path, stack = [root], [iter(_bits(asks[root]))]
        state[root] = 1
        while stack:
            step = next(stack[-1], None)
            if step is None:
                state[path.pop()] = 2
                stack.pop()
            elif state[step] == 1:
                ring = [*path[path.index(step) :], step]
                return [(ring[place + 1], ring[place]) for place in range(len(ring) - 1)]
            elif state[step] == 0:
                state[step] = 1
                path.append(step)
                stack.append(iter(_bits(asks[step])))
    return None


def _sorted(asks: Sequence[int]) -> tuple[int, ...]:
    """An order in which everything that is asked for is there."""
    there = 0
    order: list[int] = []
    while len(order) < len(asks):
        ready = [one for one in range(len(asks)) if not there >> one & 1 and asks[one] & ~there == 0]
        order += ready
        there |= sum(1 << one for one in ready)
    return tuple(order)


def _by_orders(tables: list[list[Entry]], start: Sequence[int], shakes: int) -> Answer:
    rng = np.random.default_rng(len(tables))
    starts = [list(start)] if start else []
    if shakes or not starts:
        starts.append(_greedy(tables))
    best = min((_improved(tables, order) for order in starts), key=lambda found: found[0])
    idle = 0
    while idle < shakes:
        trial = _improved(tables, _shaken(best[1], rng))
        idle = 0 if trial[0] < best[0] - 1e-6 else idle + 1
        best = min(best, trial, key=lambda found: found[0])
    cost, order = best
    chosen, there = [0] * len(tables), 0
    for one in order:
        chosen[one] = next(place for _, asks, place in tables[one] if asks & ~there == 0)
        there |= 1 << one
    return Answer(tuple(chosen), cost, tuple(order), proven=False)


def _price(table: list[Entry], there: int) -> float:
    for cost, asks, _ in table:
        if asks & ~there == 0:
            return cost
    return float("inf")


def _greedy(tables: list[list[Entry]]) -> list[int]:
    """Always the dump next that loses least by what is not there yet."""
    there = 0
    order: list[int] = []
    left = list(range(len(tables)))
    while left:
        one = min(left, key=lambda member: (_price(tables[member], there) - tables[member][0][0], member))
        left.remove(one)
        order.append(one)
        there |= 1 << one
    return order


def _improved(tables: list[list[Entry]], order: list[int]) -> tuple[float, list[int]]:
    """Re-insert every dump where it serves best, until nothing helps."""
    order = list(order)
    total = _total(tables, order)
    changed = True
    while changed:
        changed = False
        for one in list(order):
            cost, place = _best_place(tables, order, one)
            if cost < total - 1e-7:
                order.remove(one)
                order.insert(place, one)
                total, changed = cost, True
    return total, order


def _total(tables: list[list[Entry]], order: Sequence[int]) -> float:
    total, there = 0.0, 0
    for one in order:
        total += _price(tables[one], there)
        there |= 1 << one
    return total


def _best_place(tables: list[list[Entry]], order: Sequence[int], one: int) -> tuple[float, int]:
    """The cost of the best place for `one` among the others, and that place."""
    mark = 1 << one
    own, without, gain = [], [], []
    there = 0
    for other in order:
        if other == one:
            continue
        own.append(_price(tables[one], there))
        alone = _price(tables[other], there)
        without.append(alone)
        gain.append(_price(tables[other], there | mark) - alone)
        there |= 1 << other
    own.append(_price(tables[one], there))
    base = sum(without)
    # Those behind `one` may ask for it: walk from the back and add what that saves them.
    best, place, saved = own[-1], len(without), 0.0
    for spot in range(len(without) - 1, -1, -1):
        saved += gain[spot]
        if own[spot] + saved < best - _SLIGHT:
            best, place = own[spot] + saved, spot
    return base + best, place


def _shaken(order: Sequence[int], rng: np.random.Generator) -> list[int]:
    """A few dumps put somewhere else."""
    shaken = list(order)
    for _ in range(int(rng.integers(2, 3 + len(order) // 6))):
        one = shaken.pop(int(rng.integers(len(shaken))))
        shaken.insert(int(rng.integers(len(shaken) + 1)), one)
    return shaken
