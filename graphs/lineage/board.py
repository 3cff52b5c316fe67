"""The options of a family laid out so that many orders can be priced at once: one lane for each dump."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

Order = NDArray[np.int64]
"""(members,) dumps, the earliest first."""
Bits = NDArray[np.uint64]
"""(…, words) sets of dumps."""
_LOOKED_AT: Final = 128
"""Cheapest options of a dump that are looked at, beside the dearest of those worth having."""
_KEPT: Final = 48
"""Options of a dump that are laid out; who cannot have one of the cheapest so many has the one that asks for least."""
_AT_ONCE: Final = 8_000_000
"""Options times orders that are priced together."""
_ALL: Final = ~np.uint64(0)


@dataclass(frozen=True, slots=True, eq=False)
class Menu:
    """The options of a family."""

    members: int
    child: NDArray[np.int64]
    """(options,)"""
    asks: Bits
    """(options, words) the dumps that must be there before."""


@dataclass(frozen=True, slots=True, eq=False)
class Board:
    """Options worth having, the cheapest first: no cheaper one of the same dump asks for no more.

    Lanes are filled up with options that are never possible; the last is always possible and infinitely dear.
    """

    place: NDArray[np.int64]
    """(members, width) where the option stands in the menu; -1 for what fills a lane up."""
    cost: NDArray[np.float64]
    """(members, width) nats."""
    asks: Bits
    """(members, width, words) dumps that must be there before."""
    bits: Bits
    """(members, words) each dump as a set."""

    @property
    def members(self) -> int:
        """Dumps."""
        return len(self.place)


def board(card: Menu, costs: NDArray[np.float64]) -> Board:
    """Lay out the options of a menu by their (options,) nats; infinite ones are ruled out."""
    order = np.lexsort((costs, card.child))
    bare = ~card.asks.any(axis=1)
    # Whoever needs nobody is cheaper than all that stand behind: these are never chosen.
    limit = np.full(card.members, np.inf)
    np.minimum.at(limit, card.child[bare], costs[bare])
    order = order[np.isfinite(costs[order]) & (costs[order] <= limit[card.child[order]])]
    count = np.bincount(card.child[order], minlength=card.members)
    rank = np.arange(len(order)) - np.repeat(np.cumsum(count) - count, count)
    wide = np.full((card.members, min(_LOOKED_AT, max(1, int(count.max()))) + 1), -1, np.int64)
    near = rank < wide.shape[1] - 1
    wide[card.child[order[near]], rank[near]] = order[near]
    # The dearest asks for least: it stays, however many stand before it.
    last = order[np.cumsum(count)[count > 0] - 1]
    far = count[card.child[last]] > wide.shape[1] - 1
    wide[card.child[last[far]], -1] = last[far]
    bits = np.zeros((card.members, card.asks.shape[1]), np.uint64)
    one = np.arange(card.members)
    bits[one, one // 64] = np.uint64(1) << (one % 64).astype(np.uint64)
    return _laid(card, costs, _worth(card, wide), bits)


def relaid(known: Board, card: Menu, costs: NDArray[np.float64], child: int) -> Board:
    """A board on which one dump has other options: those of the menu that cost a finite number of nats."""
    own = np.flatnonzero((card.child == child) & np.isfinite(costs))
    own = own[np.argsort(costs[own], kind="stable")]
    bare = np.flatnonzero(~card.asks[own].any(axis=1))
    own = own[: bare[0] + 1] if len(bare) else own
    wide = np.concatenate([own[:_LOOKED_AT], own[_LOOKED_AT:][-1:]])[None]
    lane = _laid(card, costs, _worth(card, wide), known.bits)
    width = max(lane.place.shape[1], known.place.shape[1])
    known, lane = _widened(known, width), _widened(lane, width)
    place, cost, asks = known.place.copy(), known.cost.copy(), known.asks.copy()
    place[child], cost[child], asks[child] = lane.place[0], lane.cost[0], lane.asks[0]
    return replace(known, place=place, cost=cost, asks=asks)


def _worth(card: Menu, wide: NDArray[np.int64]) -> NDArray[np.int64]:
    """(lanes, width) of the menu's options, cheapest first, those worth having; -1 for none."""
    asks = np.where(wide[..., None] >= 0, card.asks[wide], _ALL)
    within = ~_lacks(asks[:, :, None], asks[:, None])
    earlier = np.triu(np.ones(within.shape[1:], bool), 1)
    kept = ~(within & earlier).any(axis=1) & (wide >= 0)
    ends = wide.shape[1] - 1 - np.argmax(wide[:, ::-1] >= 0, axis=1)
    kept &= (np.cumsum(kept, axis=1) <= _KEPT) | (np.arange(wide.shape[1]) == ends[:, None])
    packed = np.take_along_axis(np.where(kept, wide, -1), np.argsort(~kept, axis=1, kind="stable"), axis=1)
    return packed[:, : int(kept.sum(axis=1).max())]


def _laid(card: Menu, costs: NDArray[np.float64], wide: NDArray[np.int64], bits: Bits) -> Board:
    place = np.concatenate([wide, np.full((len(wide), 1), -1)], axis=1)
    there = place >= 0
    asks = np.where(there[..., None], card.asks[place], _ALL)
    asks[:, -1] = 0
    return Board(place, np.where(there, costs[place], np.inf), asks, bits)


def _widened(known: Board, width: int) -> Board:
    """The board with lanes of at least this width."""
    more = width - known.place.shape[1]
    if more <= 0:
        return known
    lanes, last = len(known.place), np.s_[:, -1:]
    return replace(
        known,
        place=np.concatenate([known.place, np.full((lanes, more), -1)], axis=1),
        cost=np.concatenate([known.cost, np.full((lanes, more), np.inf)], axis=1),
        asks=np.concatenate([known.asks, np.repeat(known.asks[last], more, axis=1)], axis=1),
    )


def _lacks(asks: Bits, there: Bits) -> NDArray[np.bool_]:
    """Whether a set has something that another has not; the last axis is that of the words."""
    missing = asks & ~there
    return np.asarray(missing[..., 0] != 0 if missing.shape[-1] == 1 else missing.any(axis=-1))


def before(known: Board, orders: NDArray[np.int64]) -> Bits:
    """(orders, members, words) the dumps that stand before each dump."""
    bits = known.bits[orders]
    there = np.empty_like(bits)
    np.put_along_axis(there, orders[:, :, None], np.cumsum(bits, axis=1) - bits, axis=1)
    return there


def picked(known: Board, there: Bits) -> NDArray[np.int64]:
    """(…, members) the first option of each lane that is possible where these dumps (…, members, words) are there."""
    # Options stand cheapest first: the first that is possible is the best.
    return np.asarray(np.argmin(_lacks(known.asks, there[..., None, :]), axis=-1))


def price(known: Board, orders: NDArray[np.int64]) -> NDArray[np.float64]:
    """(orders,) nats if everybody has the cheapest option that his place allows.

    Args:
        known: the options.
        orders: (orders, members), each an order of all dumps.
    """
    step = max(1, _AT_ONCE // known.asks.size)
    parts = [orders[start : start + step] for start in range(0, len(orders), step)]
    return np.concatenate([_paid(known, picked(known, before(known, part))).sum(axis=1) for part in parts])


def _paid(known: Board, picks: NDArray[np.int64]) -> NDArray[np.float64]:
    """(…, members) nats of what was picked."""
    return known.cost[np.arange(known.members), picks]


def reinserted(known: Board, order: Order, ones: NDArray[np.int64]) -> NDArray[np.float64]:
    """(ones, members + 1) nats if one dump is put before the dump at each place, or behind all.

    Who stands before the place does without the dump and who stands behind it has it there; nobody else changes. So
    two prices of everybody tell those of all places.
    """
    there = before(known, order[None])[0]
    now = _paid(known, picked(known, there))
    prefixes = np.concatenate([there[order], np.bitwise_or.reduce(known.bits, axis=0)[None]])
    return np.concatenate([_put(known, order, part, (there, now, prefixes)) for part in _parts(known, ones)])


def _parts(known: Board, ones: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    step = max(1, _AT_ONCE // known.asks.size)
    yield from (ones[start : start + step] for start in range(0, len(ones), step))


def _put(
    known: Board, order: Order, ones: NDArray[np.int64], state: tuple[Bits, NDArray[np.float64], Bits]
) -> NDArray[np.float64]:
    there, now, prefixes = state
    bits = known.bits[ones][:, None]
    changed = _paid(known, picked(known, there ^ bits))
    has = (there & bits).any(axis=-1)
    having, lacking = np.where(has, now, changed), np.where(has, changed, now)
    own = np.arange(len(ones))
    having[own, ones] = lacking[own, ones] = 0
    totals = np.zeros((len(ones), len(order) + 1))
    totals[:, 1:] = np.cumsum(lacking[:, order], axis=1)
    totals[:, :-1] += np.cumsum(having[:, order[::-1]], axis=1)[:, ::-1]
    picks = np.argmin(_lacks(known.asks[ones][:, None], prefixes[:, None]), axis=-1)
    totals += known.cost[ones[:, None], picks]
    return totals
