"""Three chances of accidents, each exact."""

from __future__ import annotations

import math
from collections.abc import Sequence


def poisson_tail(mean: float, count: int) -> float:
    """P(X ≥ count) of a Poisson number."""
    if count <= 0:
        return 1.0
    from scipy.special import gammainc  # noqa: PLC0415 - heavy, and `plan` alone does not need it

    return float(gammainc(count, mean)) if mean > 0 else 0.0


def poisson_upper(count: int, confidence: float = 0.95) -> float:
    """The greatest mean under which `count` or fewer are not too few (Garwood 1936): 3.0 for none at 95 %."""
    from scipy.special import gammaincinv  # noqa: PLC0415

    return float(gammaincinv(count + 1, confidence))


def log_choose(n: int, k: int) -> float:
    """Logarithm of the number of ways to choose k of n."""
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def hypergeometric_tail(population: int, special: int, drawn: int, count: int) -> float:
    """P(X ≥ count), X the special ones among `drawn` of the population without replacement."""
    if count <= 0:
        return 1.0
    whole = log_choose(population, drawn)
    terms = [
        math.exp(log_choose(special, x) + log_choose(population - special, drawn - x) - whole)
        for x in range(count, min(special, drawn) + 1)
        if drawn - x <= population - special
    ]
    return min(1.0, math.fsum(terms))


def accidents(weights: Sequence[float], pairs: float) -> float:
    """Chance that so many sightings of such weights are all accidents among `pairs` pairs of record and canary.

    An accident reaches w bits with chance at most 2^-w (see `likelihood`). For each j the j heaviest are compared with
    the Poisson number of accidents of that weight; the least of these chances, times their number (Bonferroni).
    """
    ranked = sorted(weights, reverse=True)
    if not ranked:
        return 1.0
    tails = [poisson_tail(pairs * 2.0**-weight, place) for place, weight in enumerate(ranked, 1)]
    return min(1.0, len(ranked) * min(tails))
