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

from graphs.lineage.board import Board, Order, asked, board, price
from graphs.lineage.options import Option

_EXACT = 12
"""Dumps up to which a family is solved exactly."""
_SHAKES = 8
"""How often a good order is shaken and improved again without finding a better one."""
_WISHES = 4
"""Cheaper options of a dump that are tried to be made possible at once."""
_SLIGHT = 1e-6
_NEVER = 1e300


@dataclass(frozen=True, slots=True, eq=False)
class Menu:
    """The options of a family."""

    members: int
    child: NDArray[np.int64]
    """(options,)"""
    asks: NDArray[np.uint64]
    """(options, words) the dumps that must be there before, as bits."""


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


def search(  # noqa: PLR0913 - how hard to look is the caller's to say
    card: Menu,
    costs: NDArray[np.float64],
    *,
    starts: Sequence[Sequence[int]] = (),
    exact: int = _EXACT,
    shakes: int = _SHAKES,
    moved: Sequence[int] | None = None,
) -> Answer:
    """The cheapest choice without circles.

    Args:
        card: the options.
        costs: (options,) nats; infinite for an option that is ruled out.
        starts: orders to begin with, besides a greedy one.
        exact: up to how many dumps to prove the answer.
        shakes: how often to shake an order without success.
        moved: the only dumps to be put elsewhere, once each; as many and as often as helps if left out.
    """
    known = board(card.child, card.asks, costs, card.members)
    free = _free(known)
    if free is not None:
        return _answer(known, free, proven=True)
    if card.members <= exact:
        return _answer(known, _by_subsets(known), proven=True)
    return _answer(known, _by_orders(known, starts, shakes, moved), proven=False)


def _answer(known: Board, order: Order, *, proven: bool) -> Answer:
    totals, picks = price(known, order[None])
    return Answer(tuple(known.place[picks[0]].tolist()), float(totals[0]), tuple(order.tolist()), proven)


def _free(known: Board) -> Order | None:
    """An order in which everybody has his cheapest option, or None."""
    asks = known.asks[known.starts]
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
    ends = [*known.starts[1:].tolist(), len(known.cost)]
    prices = np.full((count, 1 << count), np.inf)
    for child in range(count):
        for at in range(ends[child] - 1, int(known.starts[child]) - 1, -1):
            prices[child, known.asks[at, 0] & ~subsets == 0] = known.cost[at]
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


def _by_orders(known: Board, starts: Sequence[Sequence[int]], shakes: int, moved: Sequence[int] | None) -> Order:
    rng = np.random.default_rng(known.members)
    first = [np.array(order, np.int64) for order in starts]
    if shakes or not first:
        first.append(_greedy(known))
    best, total = min((_improved(known, order, moved) for order in first), key=lambda found: found[1])
    idle = 0
    while idle < shakes:
        order, cost = _improved(known, _shaken(best, rng), moved)
        idle += 1
        if cost < total - _SLIGHT:
            best, total, idle = order, cost, 0
    return best


def _greedy(known: Board) -> Order:
    """Always the dump next that loses least by what is not there yet."""
    there = np.zeros(known.asks.shape[1], np.uint64)
    least = known.cost[known.starts]
    left = np.ones(known.members, bool)
    order = []
    for _ in range(known.members):
        able = ~(known.asks & ~there).any(axis=1)
        loss = np.minimum.reduceat(np.where(able, known.cost, np.inf), known.starts) - least
        one = int(np.argmin(np.where(left, np.minimum(loss, _NEVER), np.inf)))
        order.append(one)
        left[one] = False
        there = there | known.bits[one]
    return np.array(order, np.int64)


def _improved(known: Board, order: Order, moved: Sequence[int] | None) -> tuple[Order, float]:
    """Put dumps elsewhere, and what they wish for before them, until nothing helps."""
    total = float(price(known, order[None])[0][0])
    while True:
        before = total
        order, total = _wished(known, order, total)
        for one in _contested(known, price(known, order[None])[1][0]) if moved is None else moved:
            trials = _elsewhere(order, one)
            totals = price(known, trials)[0]
            best = int(np.argmin(totals))
            if totals[best] < total - _SLIGHT:
                order, total = trials[best], float(totals[best])
        if total > before - _SLIGHT or moved is not None:
            return order, total


def _contested(known: Board, picks: NDArray[np.int64]) -> list[int]:
    """Dumps that have not their cheapest option, and those that a cheaper one asks for: no other's place matters."""
    missed = np.zeros(len(known.place), bool)
    ends = [*known.starts[1:].tolist(), len(known.place)]
    for first, pick, end in zip(known.starts.tolist(), picks.tolist(), ends, strict=True):
        missed[first : min(pick, end)] = True
    wanted = (np.bitwise_or.reduce(known.asks[missed], axis=0) & known.bits).any(axis=1)
    wanted[picks > known.starts] = True
    return np.flatnonzero(wanted).tolist()


def _elsewhere(order: Order, one: int) -> NDArray[np.int64]:
    """(members, members) the order with one dump at every place."""
    rest = order[order != one]
    count = len(order)
    column = np.arange(count)
    trials: NDArray[np.int64] = rest[np.minimum(column - (column > column[:, None]), count - 2)]
    trials[column, column] = one
    return trials


def _wished(known: Board, order: Order, total: float) -> tuple[Order, float]:
    """Make cheaper options possible, as long as that helps altogether."""
    while True:
        trials = _wishes(known, order)
        if not len(trials):
            return order, total
        totals = price(known, trials)[0]
        best = int(np.argmin(totals))
        if totals[best] > total - _SLIGHT:
            return order, total
        order, total = trials[best], float(totals[best])


def _wishes(known: Board, order: Order) -> NDArray[np.int64]:
    """(trials, members) orders in which one dump can have a cheaper option: all that it asks for stands before it."""
    picks = price(known, order[None])[1][0]
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    trials = []
    ends = [*known.starts[1:].tolist(), len(known.place)]
    for child, (first, pick, end) in enumerate(zip(known.starts.tolist(), picks.tolist(), ends, strict=True)):
        for at in range(first, min(pick, end, first + _WISHES)):
            last = int(place[asked(known, at)].max())
            between = order[place[child] : last + 1]
            wanted = (known.asks[at] & known.bits[between]).any(axis=1)
            head, tail = order[: place[child]], order[last + 1 :]
            # What it asks for goes before it, or it goes behind all of that.
            trials.append(np.concatenate([head, between[wanted], between[~wanted], tail]))
            trials.append(np.concatenate([head, between[1:], between[:1], tail]))
    return np.array(trials, np.int64).reshape(-1, len(order))


def _shaken(order: Order, rng: np.random.Generator) -> Order:
    """A few dumps put somewhere else."""
    shaken = order.tolist()
    for _ in range(int(rng.integers(2, 3 + len(order) // 6))):
        one = shaken.pop(int(rng.integers(len(shaken))))
        shaken.insert(int(rng.integers(len(shaken) + 1)), one)
    return np.array(shaken, np.int64)
