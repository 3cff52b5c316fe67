"""Columns of which no record fills two, and that hold the same thing: they are looked at as one.

An archive holds files, a workbook sheets and a JSON document records of several kinds, each under headers of its own.
What a platform claims is compared with one column of a dump; the records of all other kinds would go uncompared, and
count as the platform's because nothing contradicts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracer.intake.headers import personal
from tracer.linkage.alignment import TELLING, claimed
from tracer.linkage.comparison import PILOT, Comparison
from tracer.linkage.dump import Value, ways_of
from tracer.linkage.exact import Links
from tracer.linkage.holdings import Places
from tracer.vault.snapshot import Claim
from tracer.vault.vault import Vault

Group = tuple[int, ...]
"""Places of value columns, ascending."""
_ENOUGH: Final = 20_000
"""Different values that are asked about, and records that are looked at first."""
_DIFFERENT: Final = 0.9
_COMMON: Final = 0.5


@dataclass(frozen=True, slots=True)
class _Grouped:
    """Columns on their way into groups."""

    parts: list[list[int]]
    together: NDArray[np.bool_]
    """(columns, columns) whether some record fills both."""

    def join(self, first: int, second: int) -> None:
        """Put the groups of two columns together, if no record fills columns of both."""
        mine, theirs = (next(part for part in self.parts if place in part) for place in (first, second))
        if mine is not theirs and not self.together[np.ix_(mine, theirs)].any():
            mine += theirs
            self.parts.remove(theirs)

    @property
    def groups(self) -> tuple[Group, ...]:
        """In the order of the first column of each."""
        return tuple(sorted(tuple(sorted(part)) for part in self.parts))


def groups(
    values: Sequence[Value], dumps: Sequence[tuple[Sequence[Value], Links]], vault: Vault, seed: int
) -> tuple[Group, ...]:
    """Which columns hold the same thing.

    Of columns of which no record fills two: those that agree with the same claim of a platform beyond chance; and those
    that are alone with their role in their records and use the same words, or words that platforms use, unless they
    agree with different claims.

    Args:
        values: what is known of the columns.
        dumps: for each platform these columns of some records, and the links of these.
        vault: in which the platforms are registered.
        seed: of the pilot samples.

    Returns:
        Every column in one group, in the order of the first column of each.
    """
    distinct = list({id(one): one for one, _ in dumps}.values())
    together = _together(values, distinct)
    grouped = _Grouped([[place] for place in range(len(values))], together)
    if together.all():
        return grouped.groups
    lone = _lone(values, together)
    words = {id(one): {place: _Words.of(one[place]) for place in lone} for one in distinct}
    agreeing, spoken = [], {place: _Spoken() for place in lone}
    for number, (mine, links) in enumerate(dumps):  # one at a time: together they may be too much to hold
        comparison = Comparison(mine, vault, links)
        agreeing.append(_agreeing(comparison, seed + number))
        _asked(comparison, words[id(mine)], spoken)
    for claims in agreeing:
        for first, second in combinations(sorted(claims), 2):
            if claims[first] == claims[second]:
                grouped.join(first, second)
    for first, second in combinations(lone, 2):
        apart = any(first in claims and second in claims and claims[first] != claims[second] for claims in agreeing)
        alike = (values[first].role, values[first].nature) == (values[second].role, values[second].nature)
        platforms = spoken[first].familiar and spoken[second].familiar
        if alike and not apart and (platforms or any(one[first].like(one[second]) for one in words.values())):
            grouped.join(first, second)
    return grouped.groups


def united(values: Sequence[Value], grouped: Sequence[Group]) -> tuple[Value, ...]:
    """The columns of each group as one, named after the first of them."""
    return tuple(_one([values[place] for place in group]) for group in grouped)


def _one(columns: Sequence[Value]) -> Value:
    first, *others = columns
    if not others:
        return first
    # No two of them have a value of the same record, and where there is none stands the least there can be.
    days = [one.day for one in columns if one.day is not None]
    return replace(
        first,
        variety=max(one.variety for one in columns),
        digest=np.maximum.reduce([one.digest for one in columns]),
        present=np.logical_or.reduce([one.present for one in columns]),
        day=np.maximum.reduce(days) if days else None,
        places=tuple(place for one in columns for place in one.places),
    )


def _together(values: Sequence[Value], dumps: Sequence[Sequence[Value]]) -> NDArray[np.bool_]:
    """(columns, columns) whether some record fills both; True for each with itself."""
    together = np.eye(len(values), dtype=bool)
    for columns in filter(None, dumps):
        records = columns[0].present.size
        # Of most dumps a few records show it already; else one is looked at for each set of columns that records fill.
        together |= _shown(columns, np.arange(0, records, max(1, records // _ENOUGH)))
        if not together.all():
            together |= _shown(columns, np.unique(ways_of(columns, records), return_index=True)[1])
    return together


def _shown(columns: Sequence[Value], records: Places) -> NDArray[np.bool_]:
    """(columns, columns) whether one of these records fills both."""
    filled = np.column_stack([one.present[records] for one in columns]).astype(np.float32)
    return np.asarray(filled.T @ filled > 0)


@dataclass(slots=True)
class _Spoken:
    """The different values of a column that platforms were asked about, and those that one of them holds."""

    met: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))
    held: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))

    @property
    def familiar(self) -> bool:
        """Whether they are the platforms' words for the most part."""
        return self.held.size > _COMMON * self.met.size


@dataclass(frozen=True, slots=True)
class _Words:
    """What a column holds."""

    digest: NDArray[np.uint64]
    """(values,) the different ones, in an order that has nothing to do with them."""
    filled: int

    @staticmethod
    def of(column: Value) -> _Words:
        """Of one column."""
        return _Words(np.unique(column.digest[column.present]), int(column.present.sum()))

    def like(self, other: _Words) -> bool:
        """Whether two columns are different for everybody, or one has most of its values in common with the other.

        A seller's names of products, or balances beside limits, are no contradiction of what a platform holds.
        """
        less, more = sorted((self, other), key=lambda one: one.filled)
        if all(one.digest.size > _DIFFERENT * one.filled for one in (less, more)):
            return less.filled > 0
        return less.filled > 0 and float(np.isin(less.digest, more.digest).mean()) > _COMMON


def _lone(values: Sequence[Value], together: NDArray[np.bool_]) -> list[int]:
    """Columns that are compared for their role, and stand in no record beside another of that role."""
    roles = np.array([one.role for one in values])
    return [
        place
        for place, one in enumerate(values)
        if one.role in TELLING and not personal(one.name) and (together[place] & (roles == one.role)).sum() == 1
    ]


def _agreeing(comparison: Comparison, seed: int) -> dict[int, Claim]:
    """Column → the claim that it agrees with beyond chance."""
    generator = np.random.default_rng(seed)
    return claimed(comparison, _pilot(comparison.links, generator), generator)


def _asked(comparison: Comparison, words: Mapping[int, _Words], spoken: Mapping[int, _Spoken]) -> None:
    """Ask one platform which of the words of some columns it holds about anybody."""
    for place, one in words.items():
        digest = one.digest[:_ENOUGH]
        for claim in comparison.platform.claims:
            if claim.role == comparison.values[place].role:
                known = digest[comparison.spoken(digest, claim)]
                spoken[place].met = np.union1d(spoken[place].met, digest)
                spoken[place].held = np.union1d(spoken[place].held, known)


def _pilot(links: Links, generator: np.random.Generator) -> Places:
    """Some links: of every kind of record, for a customer may stand in several."""
    if links.row.size <= PILOT:
        return np.arange(links.row.size)
    return np.sort(generator.choice(links.row.size, PILOT, replace=False))
