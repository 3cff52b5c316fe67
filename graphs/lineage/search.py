"""The cheapest way in which all dumps of a family can have come about, nobody being made from his own descendants.

Given an order in time, every dump's best option is independent of the others' (Teyssier & Koller 2005,
"Ordering-based search"). Where everybody's cheapest option closes no circle, that is the optimum. Small families are
solved exactly over the subsets of their dumps (Silander & Myllymäki 2006). In larger ones an order is improved by two
moves until neither helps, shaken, and improved again: a dump is put elsewhere, or what a dump's cheaper option asks for
is put before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphs.lineage.board import Board, Menu, Order, before, board, picked, price, reinserted
from graphs.lineage.options import Option

_EXACT = 12
"""Dumps up to which a family is solved exactly."""
_SHAKES = 8
"""How often a good order is shaken and improved again without finding a better one."""
_WISHES = 4
"""Cheaper options of a dump that are tried to be made possible at once."""
_SLIGHT = 1e-6
_NEVER = 1e300


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
    """What each option is for and what it asks for."""
    asks = np.zeros((len(options), -(-members // 64)), np.uint64)
    for place, option in enumerate(options):
        for one in option.before:
            asks[place, one // 64] |= np.uint64(1 << one % 64)
    return Menu(members, np.array([option.child for option in options], np.int64), asks)


def search(
    card: Menu,
    costs: NDArray[np.float64],
    *,
    starts: Sequence[Sequence[int]] = (),
    exact: int = _EXACT,
    shakes: int = _SHAKES,
) -> Answer:
    """The cheapest choice without circles.

    Args:
        card: the options.
        costs: (options,) nats; infinite for an option that is ruled out.
        starts: orders to begin with, besides a greedy one.
        exact: up to how many dumps to prove the answer.
        shakes: how often to shake an order without success.
    """
    known = board(card, costs)
    free = _free(known)
    if free is not None:
        return _answer(known, free, proven=True)
    if card.members <= exact:
        return _answer(known, _by_subsets(known), proven=True)
    return _answer(known, _by_orders(known, starts, shakes), proven=False)


def near(known: Board, order: Sequence[int], moved: Sequence[int]) -> float:
    """Nats of the cheapest story near an order: some dumps may stand elsewhere, and wishes may be granted."""
    return _improved(known, np.array(order, np.int64), np.array(moved, np.int64))[1]


def _answer(known: Board, order: Order, *, proven: bool) -> Answer:
    picks = picked(known, before(known, order[None]))[0]
    one = np.arange(known.members)
    chosen, cost = known.place[one, picks], float(known.cost[one, picks].sum())
    return Answer(tuple(chosen.tolist()), cost, tuple(order.tolist()), proven)


def _free(known: Board) -> Order | None:
    """An order in which everybody has his cheapest option, or None."""
    asks = known.asks[:, 0]
    there = np.zeros(asks.shape[1], np.uint64)
    left, order = np.arange(known.members), np.zeros(0, np.int64)
    while len(left):
        ready = ~(asks[left] & ~there).any(axis=1)
        if not ready.any():
            return None
        there = there | np.bitwise_or.reduce(known.bits[left[ready]], axis=0)
        order, left = np.concatenate([order, left[ready]]), left[~ready]
    return order


def _by_subsets(known: Board) -> Order:
    """The best order of few dumps, by the best orders of all subsets of them."""
    count = known.members
    subsets = np.arange(1 << count, dtype=np.uint64)
    first = np.argmin((known.asks[:, :, 0, None] & ~subsets) != 0, axis=1)
    prices = np.take_along_axis(known.cost, first, axis=1)
    best = np.full(1 << count, np.inf)
    best[0] = 0.0
    last = np.zeros(1 << count, np.int64)
    sizes = np.bitwise_count(subsets)
    for size in range(1, count + 1):
        whole = np.flatnonzero(sizes == size)
        for child in range(count):
            having = whole[whole >> child & 1 == 1]
            rest = having ^ (1 << child)
            total = best[rest] + prices[child, rest]
            better = total < best[having]
            best[having[better]], last[having[better]] = total[better], child
    order, subset = [], (1 << count) - 1
    while subset:
        order.append(int(last[subset]))
        subset ^= 1 << order[-1]
    return np.array(order[::-1], np.int64)


def _by_orders(known: Board, starts: Sequence[Sequence[int]], shakes: int) -> Order:
    rng = np.random.default_rng(known.members)
    first = [np.array(order, np.int64) for order in starts]
    if shakes or not first:
        first.append(_greedy(known))
    everybody = np.arange(known.members)
    best, total = min((_improved(known, order, everybody) for order in first), key=lambda found: found[1])
    idle = 0
    while idle < shakes:
        order, cost = _improved(known, _shaken(best, rng), everybody)
        idle += 1
        if cost < total - _SLIGHT:
            best, total, idle = order, cost, 0
    return best


def _greedy(known: Board) -> Order:
    """Always the dump next that loses least by what is not there yet."""
    there = np.zeros(known.asks.shape[2], np.uint64)
    one = np.arange(known.members)
    left = np.ones(known.members, bool)
    order = []
    for _ in range(known.members):
        loss = known.cost[one, picked(known, there[None])] - known.cost[:, 0]
        following = int(np.argmin(np.where(left, np.minimum(loss, _NEVER), np.inf)))
        order.append(following)
        left[following] = False
        there = there | known.bits[following]
    return np.array(order, np.int64)


def _improved(known: Board, order: Order, moved: NDArray[np.int64]) -> tuple[Order, float]:
    """Put dumps elsewhere, and what they wish for before them, until nothing helps."""
    total = float(price(known, order[None])[0])
    while True:
        trials = _wishes(known, order)
        totals = price(known, trials) if len(trials) else np.array([np.inf])
        wish = int(np.argmin(totals))
        if totals[wish] < total - _SLIGHT:
            order, total = trials[wish], float(totals[wish])
            continue
        if not len(moved):
            return order, total
        places = reinserted(known, order, moved)
        one, place = (int(at) for at in np.unravel_index(np.argmin(places), places.shape))
        if places[one, place] > total - _SLIGHT:
            return order, total
        order, total = _put(order, int(moved[one]), place), float(places[one, place])


def _put(order: Order, one: int, place: int) -> Order:
    """The order with one dump before the one at `place`."""
    head, tail = order[:place], order[place:]
    return np.concatenate([head[head != one], [one], tail[tail != one]])


def _wishes(known: Board, order: Order) -> NDArray[np.int64]:
    """(trials, members) orders in which one dump can have a cheaper option: what it asks for is put before it."""
    picks = picked(known, before(known, order[None]))[0]
    child, option = np.nonzero(np.arange(_WISHES) < picks[:, None])
    wanted = (known.asks[child, option][:, None] & known.bits).any(axis=-1)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    wanted &= place > place[child][:, None]
    # Whoever is wanted stands just before the child, in the order in which they stood.
    key = np.where(wanted, place[child][:, None] - 1 + (place + 1) / (len(order) + 1), place)
    return np.argsort(key, axis=1, kind="stable")


def _shaken(order: Order, rng: np.random.Generator) -> Order:
    """A few dumps put somewhere else."""
    shaken = order.tolist()
    for _ in range(int(rng.integers(2, 3 + len(order) // 6))):
        one = shaken.pop(int(rng.integers(len(shaken))))
        shaken.insert(int(rng.integers(len(shaken) + 1)), one)
    return np.array(shaken, np.int64)
