"""Is it chance that so many of a source's leaked customers are another platform's customers too?

If another platform supplied nothing, the customers that a found source lost are a random draw from its table, so that
of n drawn from N, of whom K are the other's too, X ~ Hypergeometric(N, K, n) are. But sellers filter: by province, by
product, by the month in which customers joined. Where the other platform's customers live in that province, X is large
and nobody is to blame. So the draw is taken to be random within strata only, X is a sum of independent hypergeometric
variables, and the strata are those columns on which the draw is seen to depend. The overlap itself is not looked at in
choosing them, so the test stays exact given the strata.

What it cannot know: a filter on something the source did not register.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

Flags = NDArray[np.bool_]
Labels = NDArray[np.int64]

_DEPENDS: Final = 1e-3
"""Chance, over all columns tried, at which a draw is taken to depend on one."""
_FEWEST: Final = 20
"""Customers below which a category is counted with the other rare ones."""
_CELLS: Final = 2_000
"""More strata than that are not made: nothing would be left within them."""
_REACH: Final = 30.0
"""Standard deviations beyond which a stratum's chances are taken for zero."""
_LEAST: Final = 1e-12
"""No smaller chance is told apart from zero."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What chance alone would give, beside what was seen."""

    seen: int
    """Drawn customers who are the other platform's too."""
    expected: float
    deviation: float
    """Standard deviation under chance."""
    chance: float
    """P(X ≥ seen), no less than 1e-12: small if the other platform seems to have supplied records as well."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """A source's overlap with one other platform, as if nothing were filtered and within strata."""

    drawn: int
    """Customers of the source in the dump."""
    unstratified: Expectation
    stratified: Expectation
    strata: tuple[str, ...]
    """Columns on which the draw depends, the strongest first; empty if it seems even over the whole table."""
    cells: int
    """Strata that the columns make."""


@dataclass(frozen=True, slots=True)
class Draw:
    """A source's customers as a leak drew them."""

    drawn: Flags
    """(customers of the source,) who is in the dump, as far as it came from the source."""
    cell: Labels
    """(customers,) number of each one's stratum."""
    strata: tuple[str, ...]
    """The columns that make the strata."""


def overlap(draw: Draw, shared: Flags) -> Overlap:
    """Test one platform against what a found source's leak explains.

    Args:
        draw: of the source's customers, see `stratify`.
        shared: (customers of the source,) who is a customer of the other platform too.

    Returns:
        The test without strata and within them.
    """
    drawn, whole = draw.drawn, np.zeros(draw.drawn.size, np.int64)
    cells = int(draw.cell.max(initial=0)) + 1
    return Overlap(int(drawn.sum()), expect(drawn, shared, whole), expect(drawn, shared, draw.cell), draw.strata, cells)


def stratify(drawn: Flags, columns: Mapping[str, Labels]) -> Draw:
    """Find the strata of a table within which a draw looks random.

    Args:
        drawn: (customers of the source,) who is in the dump, as far as it came from the source.
        columns: what the source registered of them and a seller may filter by, such as province, product or month of
            joining: (customers,) numbers of categories, equal where the value is; negative where it is not known.

    Columns are taken one by one, the one on which the draw depends most first, as long as the chi-squared test within
    the strata made so far says that it depends on one.
    """
    cell = np.zeros(drawn.size, np.int64)
    coarse = {name: _coarse(labels) for name, labels in columns.items()}
    chosen: list[str] = []
    while len(chosen) < len(coarse):
        tried = {name: _dependence(drawn, cell, labels) for name, labels in coarse.items() if name not in chosen}
        best = min(tried, key=lambda name: tried[name])
        finer = _numbered(cell, coarse[best])
        if tried[best] > _DEPENDS / len(coarse) or finer.max(initial=0) >= _CELLS:
            break
        cell = finer
        chosen.append(best)
    return Draw(drawn, cell, tuple(chosen))


def expect(drawn: Flags, shared: Flags, cell: Labels) -> Expectation:
    """How many of the drawn are shared, and what random draws within the strata `cell` would give."""
    customers = np.bincount(cell, minlength=1)
    taken, common = (np.bincount(cell[who], minlength=customers.size) for who in (drawn, shared))
    share = common / np.maximum(customers, 1)
    left = (customers - taken) / np.maximum(customers - 1, 1)
    seen, mean, variance = int((drawn & shared).sum()), taken * share, taken * share * (1 - share) * left
    chance = _tail(np.stack([customers, common, taken], axis=1), np.sqrt(variance), seen)
    return Expectation(seen, float(mean.sum()), float(np.sqrt(variance.sum())), chance)


def _tail(strata: Labels, deviation: NDArray[np.float64], seen: int) -> float:
    """P(X ≥ seen) of the sum: the chances of the strata, rows (N, K, n), convolved."""
    chances, first = np.ones(1), 0
    for (whole, held, drawn), spread in zip(strata.tolist(), deviation.tolist(), strict=True):
        low, high = max(0, drawn + held - whole), min(drawn, held)
        if low < high:
            mean, reach = drawn * held / whole, _REACH * spread + 1
            low, high = max(low, int(mean - reach)), min(high, int(mean + reach) + 1)
            chances = np.convolve(chances, _hypergeometric(np.arange(low, high + 1), whole, held, drawn))
        first += low
    return float(min(1.0, max(_LEAST, chances[max(0, seen - first) :].sum())))


def _hypergeometric(counts: Labels, whole: int, held: int, drawn: int) -> NDArray[np.float64]:
    """P(X = counts) where `held` of `whole` are marked and `drawn` are drawn."""
    log = _choose(held, counts) + _choose(whole - held, drawn - counts) - _choose(whole, np.array(drawn))
    return np.asarray(np.exp(log))


def _choose(many: int, few: Labels) -> NDArray[np.float64]:
    """The logarithm of the binomial coefficient."""
    return np.asarray(special.gammaln(many + 1) - special.gammaln(few + 1) - special.gammaln(many - few + 1))


def _dependence(drawn: Flags, cell: Labels, labels: Labels) -> float:
    """Chance of a draw within the strata being spread so unevenly over the categories of a column."""
    finer = _numbered(cell, labels)
    size = int(finer.max(initial=-1)) + 1
    inside = np.zeros(size, np.int64)
    inside[finer] = cell
    customers, taken = np.bincount(finer, minlength=size), np.bincount(finer[drawn], minlength=size)
    whole, lost = np.bincount(cell), np.bincount(cell[drawn], minlength=int(cell.max(initial=0)) + 1)
    rate = (lost / np.maximum(whole, 1))[inside]
    # Against random draws without replacement, whose counts vary by 1 - rate less.
    expected = customers * rate
    told = (rate > 0) & (rate < 1)
    statistic = float((((taken - expected) ** 2)[told] / (expected * (1 - rate))[told]).sum())
    freedom = int(told.sum()) - np.unique(inside[told]).size
    return float(special.chdtrc(freedom, statistic)) if freedom > 0 else 1.0


def _coarse(labels: Labels) -> Labels:
    """Categories numbered from 0; rare ones and unknown values count as one."""
    known = np.maximum(labels, -1) + 1
    kept = np.bincount(known, minlength=1) >= _FEWEST
    kept[0] = False
    return np.asarray(np.where(kept, np.cumsum(kept), 0)[known], np.int64)


def _numbered(cell: Labels, labels: Labels) -> Labels:
    """The strata that two labels make together, numbered from 0."""
    together = cell * (int(labels.max(initial=0)) + 1) + labels
    there = np.bincount(together) > 0
    return np.asarray((np.cumsum(there) - 1)[together], np.int64)
