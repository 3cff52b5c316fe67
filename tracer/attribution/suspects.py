"""What the values say of each platform: first of all its customers, then of those that no other platform explains.

Beside a large source a small one drowns: most of its customers in the dump are there as the other's. So a platform that
values do not name is looked at again without what speaks for others, in two ways:

* without the *customers* of all others whose values agree beyond chance;
* without the *records* whose values are those of such another. If nothing came from this platform, what is left
  holds values that differ from one platform's, which makes them no more likely to be this platform's than the guards of
  `agreement` assume; chance is counted among what is left.

Looks cost: where there is somebody to leave out, the first one is allowed half of the chance of a false accusation, and
each of the others a quarter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracer.attribution.agreement import Agreement, Left, weigh
from tracer.linkage.testimony import Testimony

_FEWEST: Final = 3
"""Agreements without which nobody is looked at again."""
_FIRST, _FURTHER = 2, 4
"""By how much the bounds of the first look and of each further one are multiplied."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Others:
    """Rows that speak for suspects."""

    rows: dict[int, Flags]
    """Place of each → (rows,) which speak for it."""
    count: NDArray[np.int32]
    """(rows,) for how many each speaks."""

    @staticmethod
    def of(rows: dict[int, Flags], many: int) -> _Others:
        count = np.zeros(many, np.int32)
        for flags in rows.values():
            count += flags
        return _Others(rows, count)

    def beside(self, place: int) -> Flags:
        """(rows,) which speak for another one than this."""
        return np.asarray(self.count > self.rows.get(place, 0))


def agreements_of(testimonies: Sequence[Testimony], rows: int, level: float) -> list[Agreement]:
    """What the values say of each platform.

    Args:
        testimonies: of all platforms.
        rows: that links can have.
        level: bound at which values name a platform.

    Returns:
        One a platform.
    """
    agreements = [weigh(one, _beside(testimonies, place)) for place, one in enumerate(testimonies)]
    suspects = [place for place, one in enumerate(agreements) if one.luck <= level]
    if not suspects:
        return agreements
    known = {place: _flags(testimonies[place].links.row, rows) for place in suspects}
    explained = {place: _explained(testimonies[place], agreements[place], rows) for place in suspects}
    left: dict[Left, _Others] = {"customers": _Others.of(known, rows), "records": _Others.of(explained, rows)}
    return [
        one if suspects == [place] else _again(testimonies, place, one, left, level)
        for place, one in enumerate(agreements)
    ]


def _again(
    testimonies: Sequence[Testimony], place: int, first: Agreement, left: Mapping[Left, _Others], level: float
) -> Agreement:
    """The first look at a platform, or the clearest of the further ones where only that names it."""
    best = replace(first, bound=min(1.0, _FIRST * first.bound))
    if best.bound <= level:
        return best
    whole = testimonies[place]
    for what, suspects in left.items():
        part = whole.without(suspects.beside(place))
        if part.counted((part.agree == 1).any(axis=1)) < _FEWEST:
            continue
        again = weigh(part, _beside(testimonies, place), whole)
        bound = min(1.0, _FURTHER * again.bound)
        if bound <= level and bound < best.bound:
            best = replace(again, bound=bound, left_out=what)
    return best


def _explained(testimony: Testimony, agreement: Agreement, rows: int) -> Flags:
    """(rows,) which of them agree with this platform in all that speaks for it."""
    if not agreement.core:
        return np.zeros(rows, bool)
    return _flags(testimony.links.row[(testimony.agree[:, list(agreement.core)] == 1).all(axis=1)], rows)


def _flags(where: NDArray[np.integer], rows: int) -> Flags:
    flags = np.zeros(rows, bool)
    flags[where] = True
    return flags


def _beside(testimonies: Sequence[Testimony], place: int) -> list[Testimony]:
    return [*testimonies[:place], *testimonies[place + 1 :]]
