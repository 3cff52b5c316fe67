"""Jaccard and containment of two sets, with intervals where they are estimated.

Exact where the sets are joined. Estimated from FracMinHash samples (Irber et al. 2022): the elements whose token is
below a cut. Given that m of the |A| elements of A are below it, which ones is chance alone, so that the number x of
them that are in B too is hypergeometric with the true number shared; its interval is found by the mid-P rule
(Lancaster 1961).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from tracer.ordered import among

Tokens = NDArray[np.uint64]

_TRIED: Final = 33


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many elements two sets share, between which limits, and how great they are."""

    left: int
    right: int
    shared: float
    low: float
    high: float
    exact: bool

    def jaccard(self) -> tuple[float, float, float]:
        """|A and B| / |A or B|: the value and its limits."""
        return self._share(lambda shared: shared / max(1.0, self.left + self.right - shared))

    def contained(self, *, left: bool) -> tuple[float, float, float]:
        """Share of the left set that is in the right one, or the other way round: the value and its limits."""
        size = self.left if left else self.right
        return self._share(lambda shared: shared / max(1, size))

    def _share(self, of: Callable[[float], float]) -> tuple[float, float, float]:
        return of(self.shared), of(self.low), of(self.high)


def joined(left: Tokens, right: Tokens) -> Overlap:
    """Count the shared elements of two ascending sets."""
    small, great = (left, right) if left.size <= right.size else (right, left)
    shared = float(among(small, great).sum())
    return Overlap(left.size, right.size, shared, shared, shared, exact=True)


def sampled(tokens: Tokens, rate: float) -> Tokens:
    """The elements of an ascending set below the cut that keeps `rate` of all possible tokens."""
    return tokens[: int(np.searchsorted(tokens, np.uint64(min(rate, 1.0) * (2**64 - 1025))))]


def estimated(sizes: tuple[int, int], samples: tuple[Tokens, Tokens], confidence: float) -> Overlap:
    """Estimate the shared elements of two sets from their samples under one cut.

    Args:
        sizes: |A| and |B|, which are known.
        samples: of A and B.
        confidence: of the interval.
    """
    seen = int(joined(*samples).shared)
    # The set of which more is in the other one tells more.
    side = int(samples[1].size * sizes[0] < samples[0].size * sizes[1]) if seen else int(sizes[1] < sizes[0])
    size, drawn = sizes[side], samples[side].size
    if not drawn:
        return Overlap(*sizes, 0.0, 0.0, float(min(sizes)), exact=False)
    tail = (1 - confidence) / 2
    most = min(sizes)
    low = _limit(seen, size, drawn, (seen, most), tail) if seen else seen
    high = _limit(seen, size, drawn, (seen, most), 1 - tail)
    point = min(most, max(low, seen * size / drawn))
    return Overlap(*sizes, float(point), float(low), float(max(high, point)), exact=False)


def _limit(seen: int, size: int, drawn: int, bounds: tuple[int, int], level: float) -> int:
    """The number shared at which P(X < seen) + P(X = seen) / 2 falls to `1 - level`, on the outer side."""
    low, high = bounds
    while high - low > 1:
        tried = np.unique(np.linspace(low, high, _TRIED).astype(np.int64))
        below = stats.hypergeom.cdf(seen, size, tried, drawn) - stats.hypergeom.pmf(seen, size, tried, drawn) / 2
        place = int((below > 1 - level).sum())
        if place in (0, tried.size):
            return int(tried[max(0, place - 1)])
        low, high = int(tried[place - 1]), int(tried[place])
    return high if level > 0.5 else low
