"""The options of a family with the sums that their costs are made of, by block of records.

A bootstrap replicate gives every block of records another weight, alike in all dumps; every cost is then a function of
weighted sums, and no dump is read again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from graphs.lineage.acts import Ruled, act, ruled
from graphs.lineage.comparison import Match
from graphs.lineage.family import BLOCKS, Counts, Family, by_block
from graphs.lineage.options import Arc, Chosen, Option, Table, matches, options, table
from graphs.lineage.orders import orders
from graphs.lineage.records import Numbers
from graphs.lineage.telling import Told, told
from graphs.lineage.weights import Weights

_TOGETHER = 4_000_000
"""Cells that are summed at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """Options and their sums."""

    family: Family
    matches: dict[Arc, Match]
    """(parent, child) → their match."""
    tables: tuple[Table, ...]
    """Every dump beside its candidates."""
    rules: Ruled
    sizes: Counts
    """(members, BLOCKS) records."""
    options: tuple[Option, ...]
    acts: NDArray[np.float64]
    """(options,) nats of the act, whichever records are drawn."""
    hits: Counts
    """(options, 3, BLOCKS) records of the child that each parent has."""
    union: Counts
    """(options, BLOCKS) records of all parents together."""
    beside: Counts
    """(options, BLOCKS) records of the siblings that no parent has."""
    covered: Counts
    """(options, BLOCKS) records of the child that some parent has."""
    aside: Counts
    """(options, BLOCKS) records of the child that only siblings have."""
    cells: Counts
    """(options, BLOCKS) nats for cells that differ."""

    @property
    def stock(self) -> int:
        """Different records of the family."""
        return self.family.stock


def opened(family: Family, weights: Weights) -> Ledger:
    """A ledger without options."""
    found = matches(family, weights)
    near: list[list[int]] = [[] for _ in family.members]
    for parent, child in found:
        near[child].append(parent)
    tables = tuple(table(family, child, found, sorted(several), weights) for child, several in enumerate(near))
    sizes = np.array([np.diff(member.bounds) for member in family.members], np.float32)
    none = np.zeros((0, BLOCKS), np.float32)
    three = np.zeros((0, 3, BLOCKS), np.float32)
    rules = ruled(family, found, weights)
    return Ledger(family, found, tables, rules, sizes, (), np.zeros(0), three, none, none, none, none, none)


def extended(book: Ledger, weights: Weights, allowed: Sequence[Collection[int]] | None = None) -> Ledger:
    """Add what options there are if only some dumps may be asked for.

    Args:
        book: what is known.
        weights: of events.
        allowed: for every dump the candidates; all with records in common if left out.
    """
    known = set(book.options)
    fresh: list[Option] = []
    for child, beside in enumerate(book.tables):
        may = beside.near if allowed is None else allowed[child]
        fresh += [option for option in options(child, beside, may) if option not in known]
    return added(book, fresh, weights)


def added(book: Ledger, fresh: Sequence[Option], weights: Weights) -> Ledger:
    """Add options, those of a child together."""
    if not fresh:
        return book
    parts = [_child(book, child, [one for one in fresh if one.child == child]) for child in _children(fresh)]
    union, beside, hits, sums, order = (np.concatenate(several) for several in zip(*parts, strict=True))
    acts = np.array([act(book.family, book.matches, book.rules, option, weights) for option in fresh]) + order
    return replace(
        book,
        options=(*book.options, *fresh),
        acts=np.concatenate([book.acts, acts]),
        hits=np.concatenate([book.hits, hits]),
        union=np.concatenate([book.union, union]),
        beside=np.concatenate([book.beside, beside]),
        covered=np.concatenate([book.covered, sums[:, 0]]),
        aside=np.concatenate([book.aside, sums[:, 1]]),
        cells=np.concatenate([book.cells, sums[:, 2]]),
    )


def only(book: Ledger, places: Numbers) -> Ledger:
    """The ledger with some of its options."""
    return replace(
        book,
        options=tuple(book.options[place] for place in places.tolist()),
        acts=book.acts[places],
        hits=book.hits[places],
        union=book.union[places],
        beside=book.beside[places],
        covered=book.covered[places],
        aside=book.aside[places],
        cells=book.cells[places],
    )


def _children(fresh: Sequence[Option]) -> list[int]:
    return list(dict.fromkeys(option.child for option in fresh))


def _child(
    book: Ledger, child: int, fresh: Sequence[Option]
) -> tuple[Counts, Counts, Counts, Counts, NDArray[np.float64]]:
    """(options, BLOCKS) union and beside, (options, 3, BLOCKS) hits, and (options, 3, BLOCKS) of what `told` tells."""
    beside, bounds = book.tables[child], book.tables[child].child.bounds
    unions: dict[Chosen, int] = {}
    for option in fresh:
        for several in (option.parents, option.before):
            unions[several] = unions.get(several, len(unions))
    counts = _unions(book.family, list(unions))
    union = counts[[unions[option.parents] for option in fresh]]
    aside = counts[[unions[option.before] for option in fresh]] - union
    each = by_block(beside.hit, bounds)
    hits = np.zeros((len(fresh), 3, BLOCKS), np.float32)
    for place, option in enumerate(fresh):
        for at, parent in enumerate(option.parents):
            hits[place, at] = each[beside.place[parent]]
    chunk = max(1, _TOGETHER // max(1, 3 * beside.child.size))
    sums = np.concatenate(
        [_sums(told(beside, fresh[start : start + chunk]), bounds) for start in range(0, len(fresh), chunk)]
    )
    return union, aside, hits, sums, orders(beside, fresh)


def _sums(known: Told, bounds: Numbers) -> Counts:
    """(options, 3, BLOCKS) records that parents have, that only siblings have, and nats."""
    return np.stack([by_block(one, bounds) for one in (known.covered, known.aside, known.cost)], axis=1)


def _unions(family: Family, several: Sequence[Chosen]) -> Counts:
    """(sets, BLOCKS) records that at least one dump of each set has."""
    bits = np.zeros((len(several), family.bits.shape[1]), np.uint64)
    for place, chosen in enumerate(several):
        for one in chosen:
            bits[place] |= family.bits[one]
    return by_block(np.bitwise_count(bits), family.words)
