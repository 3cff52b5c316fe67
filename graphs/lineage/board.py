"""The options of a family laid out so that many orders can be priced at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Order = NDArray[np.int64]
"""(members,) dumps, the earliest first."""
_KEPT = 24
"""Options of a child that are laid out; who cannot have one of the cheapest so many has the one that asks for least."""
_AT_ONCE = 8_000_000
"""Options times orders that are priced together."""


@dataclass(frozen=True, slots=True, eq=False)
class Board:
    """Options worth having: no other option of the child costs less and asks for no more."""

    members: int
    place: NDArray[np.int64]
    """(kept,) where the option stands in the menu; by child, the cheapest first."""
    child: NDArray[np.int64]
    """(kept,)"""
    cost: NDArray[np.float64]
    """(kept,) nats."""
    asks: NDArray[np.uint64]
    """(kept, words) dumps that must be there before, as bits."""
    starts: NDArray[np.int64]
    """(members,) where the options of each child begin."""
    bits: NDArray[np.uint64]
    """(members, words) each dump as a bit."""


def board(child: NDArray[np.int64], asks: NDArray[np.uint64], costs: NDArray[np.float64], members: int) -> Board:
    """Lay out options.

    Args:
        child: (options,) whose option it is; every dump has one that asks for nothing.
        asks: (options, words) what it asks for.
        costs: (options,) nats, infinite for options that are ruled out.
        members: how many dumps there are.
    """
    order = np.lexsort((costs, child))
    bare = ~asks.any(axis=1)
    # Whoever needs nobody is cheaper than all that stand behind: these are never chosen.
    limit = np.full(members, np.inf)
    np.minimum.at(limit, child[bare], costs[bare])
    order = order[np.isfinite(costs[order]) & (costs[order] <= limit[child[order]])]
    ends = np.searchsorted(child[order], np.arange(members + 1))
    kept = np.concatenate([part[_undominated(asks[part])] for part in np.split(order, ends[1:-1])])
    bits = np.zeros((members, asks.shape[1]), np.uint64)
    one = np.arange(members)
    bits[one, one // 64] = np.uint64(1) << (one % 64).astype(np.uint64)
    starts = np.searchsorted(child[kept], one)
    return Board(members, kept, child[kept], costs[kept], asks[kept], starts, bits)


def _undominated(asks: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """(options,) of one child, cheapest first: whether no cheaper one asks for a part of the same."""
    within = ~(asks[:, None, :] & ~asks[None, :, :]).any(axis=2)
    kept = np.logical_not(np.asarray(np.triu(within, 1).any(axis=0)))
    # The last asks for least: it stays, however many stand before it.
    kept[:-1] &= np.cumsum(kept[:-1]) <= _KEPT
    return kept


def price(known: Board, orders: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """(orders,) nats if everybody has the cheapest option that his place allows, and (orders, members) which these are.

    Where a place allows none of a dump's options, the nats are infinite.

    Args:
        known: the options.
        orders: (orders, members), each an order of all dumps.
    """
    step = max(1, _AT_ONCE // max(1, known.asks.size))
    parts = [_price(known, orders[start : start + step]) for start in range(0, len(orders), step)]
    return np.concatenate([total for total, _ in parts]), np.concatenate([picks for _, picks in parts])


def _price(known: Board, orders: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    bits = known.bits[orders]
    there = np.empty_like(bits)
    np.put_along_axis(there, orders[:, :, None], np.cumsum(bits, axis=1) - bits, axis=1)
    missing = known.asks & ~there[:, known.child]
    lacks = missing[..., 0] != 0 if missing.shape[2] == 1 else missing.any(axis=2)
    # Options stand cheapest first: the first that is possible is the best.
    rank = np.where(lacks, np.int32(len(known.place)), np.arange(len(known.place), dtype=np.int32))
    picks = np.minimum.reduceat(rank, known.starts, axis=1)
    return np.append(known.cost, np.inf)[picks].sum(axis=1), picks


def asked(known: Board, option: int) -> NDArray[np.int64]:
    """The dumps that must be there before an option of the board."""
    return np.flatnonzero((known.asks[option] & known.bits).any(axis=1))
