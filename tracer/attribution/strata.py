"""Strata of a platform's customers: groups from which a leak took unequal shares.

Sellers filter a platform's table: by province, product, amount, or the month in which customers joined. The leak is
then even within strata only. They are found from what the platform itself registered of its customers, for that is
what its table was filtered by, and it is known of those too who are not in the dump. What somebody else knows of the
same people is not asked: neither who else has them nor what the dump writes about them.

Only the share that was taken matters to a regression, so strata from which equal shares were taken are counted as one
(subclassification on the propensity: Rosenbaum and Rubin 1984). They are split for as long as the chi-squared test
says that the shares within them differ, each time where that explains most.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tracer.attribution.overlap import Flags, Labels, stratify

People = NDArray[np.uint32]
ColumnsOf = Callable[[People, Collection[str] | None], Mapping[str, Labels]]

DIFFERS: Final = 1e-3
"""Chance at which shares taken from several strata are held to differ."""
_PILOT: Final = 4_000
"""Customers in the dump, and customers who are not, on which it is seen whether there are strata at all."""


@dataclass(frozen=True, slots=True)
class Strata:
    """Of one platform's customers."""

    columns: tuple[str, ...]
    """What they are made by, the strongest first."""
    stratum: Labels
    """(customers,) number of each one's, the lower the smaller the share that was taken."""

    @property
    def customers(self) -> Labels:
        """(strata,) how many each has."""
        return np.bincount(self.stratum)


def strata(drawn: Flags, columns: Mapping[str, Labels]) -> Strata | None:
    """Find the strata of a platform's customers.

    Args:
        drawn: (customers,) who is in the dump, as far as it came from the platform.
        columns: see `stratify`.

    Returns:
        None where the leak seems to have taken customers as they come.
    """
    draw = stratify(drawn, columns)
    if not draw.strata:
        return None
    customers, taken = np.bincount(draw.cell), np.bincount(draw.cell[drawn], minlength=int(draw.cell.max()) + 1)
    order = np.argsort(taken / customers, kind="stable")
    parts = _parts(customers[order], taken[order])
    number = np.empty(order.size, np.int64)
    number[order] = np.repeat(np.arange(len(parts)), parts)
    return Strata(draw.strata, number[draw.cell]) if len(parts) > 1 else None


def strata_of(drawn: Flags, columns_of: ColumnsOf, seed: int) -> Strata | None:
    """Find the strata of a platform's customers, of whom there may be many.

    Args:
        drawn: (customers,) who is in the dump, as far as it came from the platform.
        columns_of: gives what is known of some customers, see `stratify`, of all columns or of some.
        seed: of the pilot sample.

    Returns:
        None where the leak seems to have taken customers as they come, as far as a pilot sample shows.
    """
    generator = np.random.default_rng(seed)
    # As many of the one as of the other: shares change by this, and that they are equal does not.
    apart = [np.flatnonzero(drawn), np.flatnonzero(~drawn)]
    pilot = [np.sort(generator.choice(one, _PILOT, replace=False)) if one.size > _PILOT else one for one in apart]
    if not min(one.size for one in pilot):
        return None
    who, followed = np.concatenate(pilot).astype(np.uint32), None
    if who.size < drawn.size:
        followed = stratify(drawn[who], columns_of(who, None)).strata
        if not followed:
            return None
    return strata(drawn, columns_of(np.arange(drawn.size, dtype=np.uint32), followed))


def _parts(customers: Labels, taken: Labels) -> list[int]:
    """How many of the cells, in the order of their shares, belong together: one number a stratum."""
    whole, lost = np.cumsum(customers), np.cumsum(taken)
    share = lost[-1] / whole[-1]
    unit = share * (1 - share)
    if customers.size == 1 or unit == 0:
        return [customers.size]
    spread = float(((taken - customers * share) ** 2 / (customers * unit)).sum())
    if special.chdtrc(customers.size - 1, spread) > DIFFERS:
        return [customers.size]
    # Between the first cells and the rest: how far those lost of the first are from what their share would be.
    first = whole[:-1]
    between = (lost[:-1] - first * share) ** 2 / (first * (whole[-1] - first))
    at = int(between.argmax()) + 1
    return _parts(customers[:at], taken[:at]) + _parts(customers[at:], taken[at:])
