"""The options of a family with the sums that their costs are made of, by block of records.

A bootstrap replicate gives every block of records another weight, alike in all dumps; every cost is then a function of
weighted sums, and no dump is read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphs.lineage.comparison import Match
from graphs.lineage.family import BLOCKS, Counts, Family, by_block
from graphs.lineage.options import Arc, Option, options, table, told
from graphs.lineage.weights import Weights


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """Options and their sums."""

    options: tuple[Option, ...]
    matches: dict[Arc, Match]
    """(parent, child) → their match."""
    sizes: Counts
    """(members, BLOCKS) records."""
    hits: Counts
    """(options, 3, BLOCKS) records of the child that each parent has."""
    union: Counts
    """(options, BLOCKS) records of all parents together."""
    covered: Counts
    """(options, BLOCKS) records of the child that some parent has."""
    beside: Counts
    """(options, BLOCKS) records of the siblings that no parent has."""
    aside: Counts
    """(options, BLOCKS) records of the child that only siblings have."""
    cells: Counts
    """(options, BLOCKS) nats for cells that differ."""


def opened(family: Family, found: dict[Arc, Match]) -> Ledger:
    """A ledger without options."""
    sizes = np.concatenate([by_block(member, np.ones((1, member.size))) for member in family.members])
    none = np.zeros((0, BLOCKS), np.float32)
    return Ledger((), found, sizes, np.zeros((0, 3, BLOCKS), np.float32), none, none, none, none, none)


def extended(book: Ledger, family: Family, weights: Weights, allowed: Sequence[frozenset[int]] | None = None) -> Ledger:
    """Add what options there are if only some dumps may be asked for.

    Args:
        book: what is known.
        family: its dumps.
        weights: of events.
        allowed: for every dump the candidates; all with records in common if left out.
    """
    known = set(book.options)
    near: list[list[int]] = [[] for _ in family.members]
    for parent, child in book.matches:
        if allowed is None or parent in allowed[child]:
            near[child].append(parent)
    fresh, sums = [], []
    unions: dict[frozenset[int], Counts] = {}
    for child in range(len(family.members)):
        beside = table(family, child, sorted(near[child]), book.matches, weights)
        new = [option for option in options(child, beside) if option not in known]
        if not new:
            continue
        rows = np.concatenate([np.asarray(told(beside, option), np.float32) for option in new])
        summed = by_block(beside.child, rows).reshape(-1, 3, BLOCKS)
        each = dict(zip(beside.near, by_block(beside.child, beside.hit), strict=True)) if beside.near else {}
        fresh += new
        sums += [_sums(family, option, part, (each, unions)) for option, part in zip(new, summed, strict=True)]
    if not fresh:
        return book
    wide = np.stack(sums)
    return Ledger(
        (*book.options, *fresh),
        book.matches,
        book.sizes,
        np.concatenate([book.hits, wide[:, 0:3]]),
        *(
            np.concatenate([old, wide[:, place]])
            for old, place in zip(
                (book.union, book.covered, book.beside, book.aside, book.cells), range(3, 8), strict=True
            )
        ),
    )


def _sums(
    family: Family, option: Option, part: Counts, known: tuple[dict[int, Counts], dict[frozenset[int], Counts]]
) -> NDArray[np.float32]:
    """(8, BLOCKS) hits of three parents, union, covered, beside, aside, cells."""
    each, unions = known
    sums = np.zeros((8, BLOCKS), np.float32)
    for place, parent in enumerate(option.parents):
        sums[place] = each[parent]
    sums[3] = _union(family, frozenset(option.parents), unions)
    sums[4], sums[6], sums[7] = part
    if option.siblings:
        sums[5] = _union(family, frozenset(option.before), unions) - sums[3]
    return sums


def _union(family: Family, several: frozenset[int], known: dict[frozenset[int], Counts]) -> Counts:
    """(BLOCKS,) records that at least one of the dumps has."""
    if several not in known:
        total: Counts = np.zeros(BLOCKS, np.float32)
        have = np.zeros(0, np.int64)
        for one in sorted(several):
            member = family.members[one]
            fresh = ~np.isin(member.record, have, assume_unique=True) if len(have) else np.ones(member.size, bool)
            total += np.bincount(member.block[fresh], minlength=BLOCKS).astype(np.float32)
            have = np.union1d(have, member.record[fresh]) if len(several) > 1 else have
        known[several] = total
    return known[several]
