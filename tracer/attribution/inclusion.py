"""Inclusion rates: how many records of a dump each platform supplied, given whose customers the records are.

Model. A record of pattern g is a customer of some platforms; w_gk is 0 where it is none of platform k's and else how
many times likelier its other values are if k supplied it than if anybody else did (1 where there are no other
values). With n_k records from platform k of S_k customers, and n_0 records of people among the E registered ones from
nobody registered,

    c_g ~ Poisson(E_g · λ_g),   λ_g = n_0 / E + Σ_k w_gk · n_k / S_k,   Σ_g E_g λ_g = n_0 + Σ_k n_k,   all n ≥ 0

(identity link, so the log-likelihood Σ c log λ − Σ n is concave). The exposures E_g of single patterns drop out: only
the sizes S_k and E are needed. Solved by Newton steps on the coordinates that are free (not held at zero).

The unknown source is taken to draw evenly from all registered people, unless a platform has a shadow: a term of its
own, 1{w_gk > 0} · n'_k / S_k, for somebody unregistered with the same customers but other values. Where the records
hold values, the two are told apart. Where they do not, they cannot be, so identifiers alone never establish a source.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_ROUNDS: Final = 200
_STEPS: Final = 20
_GAP: Final = 1e-6
"""Log-likelihood that a fit may lack at the end."""
_TOLERANCE: Final = 1e-9
_RIDGE: Final = 1e-9
_AWAY: Final = 1e-3
_TRIED: Final = 5
"""Platforms tried at each step of the forward search, the greatest scores first."""


@dataclass(frozen=True)
class Patterns:
    """Records grouped by their evidence."""

    count: Floats
    """(G,) records of each pattern; every one is linked to at least one platform."""
    weight: Floats
    """(G, K) w_gk."""
    customers: Floats
    """(K,) S_k."""
    registered: float
    """E: distinct people over all platforms."""
    shadowed: tuple[int, ...] = ()
    """H platforms whose values tell: each has a shadow."""

    @cached_property
    def rates(self) -> Floats:
        """(G, 1 + K + H) the factors of n_0, of n_1 … n_K and of the shadows in λ."""
        shadows = (self.weight[:, list(self.shadowed)] > 0.0) / self.customers[list(self.shadowed)]
        everybody = np.full(self.count.size, 1.0 / self.registered)
        return np.column_stack([everybody, self.weight / self.customers, shadows])


@dataclass(frozen=True, slots=True)
class Inclusion:
    """A fitted model."""

    active: tuple[int, ...]
    """Platforms that were allowed to have supplied records."""
    rows: Floats
    """(1 + K + H,) n_0, n_1 … n_K and the shadows; zero for platforms that are not active."""
    covariance: Floats
    """(1 + K + H, 1 + K + H) inverse of the observed information over what is above zero; zero elsewhere."""
    score: Floats
    """(K,) standardised efficient score of each platform that is not active: its evidence beyond the fitted ones, about
    standard normal if it supplied nothing. NaN for active ones."""
    one_step: Floats
    """(K,) rows that a platform which is not active would get by one Newton step; zero for active ones."""
    one_step_error: Floats
    """(K,) the standard error of that."""
    likelihood: float
    """The log-likelihood that was reached."""


def fit(
    patterns: Patterns, active: Sequence[int], start: Floats | None = None, shadows: Sequence[int] = ()
) -> Inclusion:
    """Fit the rows of the unknown source and of the `active` platforms, and score the others against that fit.

    Args:
        patterns: the records.
        active: platforms that may have supplied any; each brings its shadow.
        shadows: platforms of which the shadow alone is in the model.
        start: (1 + K + H,) rows from which to begin, for example those of an earlier fit.
    """
    rates = patterns.rates
    platforms = patterns.customers.size
    cast = [patterns.shadowed.index(one) for one in (*active, *shadows) if one in patterns.shadowed]
    places = [0, *(platform + 1 for platform in active), *(platforms + 1 + place for place in cast)]
    rows = np.zeros(rates.shape[1])
    begin = None if start is None else start[places]
    rows[places] = _maximise(np.ascontiguousarray(rates[:, places]), patterns.count, begin)
    intensity = np.maximum(rates @ rows, np.finfo(float).tiny)
    curvature = rates * (np.sqrt(patterns.count) / intensity)[:, None]
    information = curvature.T @ curvature
    gradient = (patterns.count / intensity) @ rates - 1.0
    free = [place for place in places if rows[place] > 0]
    covariance = np.zeros_like(information)
    inverse = np.linalg.pinv(information[np.ix_(free, free)], hermitian=True) if free else np.zeros((0, 0))
    covariance[np.ix_(free, free)] = inverse
    across = information[:, free]
    efficient = np.diag(information) - np.einsum("kf,fg,kg->k", across, inverse, across)
    efficient = np.maximum(efficient, _TOLERANCE * np.maximum(np.diag(information), 1e-300))
    outside = np.ones(rates.shape[1], bool)
    outside[places] = False
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        score = np.where(outside & (efficient > 0), gradient / np.sqrt(efficient), np.nan)
        step = np.where(outside & (efficient > 0), gradient / efficient, 0.0)
        error = np.where(outside & (efficient > 0), 1 / np.sqrt(efficient), 0.0)
    own = slice(1, platforms + 1)
    return Inclusion(
        tuple(active), rows, covariance, score[own], step[own], error[own], _likelihood(rates, patterns.count, rows)
    )


def search(patterns: Patterns, active: Sequence[int], threshold: float) -> tuple[Inclusion, Floats]:
    """Let platforms in one by one, the one that explains most first, while it explains more than chance would.

    The root of the likelihood ratio of the greater model to the fitted one is compared with `threshold`; a platform's
    shadow is in both, so that only what its values add counts. The
    efficient score only says whom to try: where a fitted source leaves few records over, its information is too small
    to be trusted. (Dropping one platform from the model of all would be anti-conservative: the others soak up the
    noise of the unknown source.)

    Returns:
        The fit, and (K,) the root at which each platform was tried last; NaN if it never was.
    """
    inclusion = fit(patterns, active)
    root = np.full(patterns.customers.size, np.nan)
    while True:
        score = np.nan_to_num(inclusion.score, nan=-np.inf)
        tried = [int(place) for place in np.argsort(-score)[:_TRIED] if score[place] > threshold / 2]
        fits = {place: fit(patterns, (*inclusion.active, place), inclusion.rows) for place in tried}
        for place, greater in fits.items():
            lesser = (
                fit(patterns, inclusion.active, inclusion.rows, [place]) if place in patterns.shadowed else inclusion
            )
            root[place] = np.sqrt(max(0.0, 2 * (greater.likelihood - lesser.likelihood)))
        best = max(fits, key=lambda place: root[place], default=None)
        if best is None or root[best] <= threshold:
            return inclusion, root
        inclusion = fits[best]


def _maximise(rates: Floats, count: Floats, start: Floats | None = None) -> Floats:
    """The n ≥ 0 at which Σ c log(rates · n) − Σ n is greatest; Newton on the free coordinates with step halving."""
    if count.sum() == 0:
        return np.zeros(rates.shape[1])
    # A pattern of no record says nothing, and its intensity may vanish.
    rates, count = rates[count > 0], count[count > 0]
    even = count.sum() / rates.shape[1]
    # A coordinate at zero has no way back in a likelihood of logarithms alone, so nothing begins there.
    rows = np.full(rates.shape[1], even) if start is None else np.maximum(start, _AWAY * even)
    value = _likelihood(rates, count, rows)
    for _ in range(_ROUNDS):
        intensity = rates @ rows
        gradient = (count / intensity) @ rates - 1.0
        # Concave, and the best n add up to the records: so much the likelihood can rise at most.
        if count.sum() * max(0.0, gradient.max()) - gradient @ rows < _GAP:
            break
        free = (rows > 0) | (gradient > 0)
        curvature = rates[:, free] * (np.sqrt(count) / intensity)[:, None]
        information = curvature.T @ curvature
        information[np.diag_indices_from(information)] *= 1 + _RIDGE
        step = np.zeros_like(rows)
        step[free] = np.linalg.lstsq(information, gradient[free], rcond=None)[0]
        rows, gained = _ascend(rates, count, rows, step, value)
        if gained < _GAP:
            rows = _expectation(rates, count, np.where(gradient > 0, np.maximum(rows, _AWAY * even), rows))
        value = _likelihood(rates, count, rows)
    rows[rows < _TOLERANCE * count.sum()] = 0.0
    # Along any direction the likelihood is greatest where the rows add up to the records.
    return np.asarray(rows * (count.sum() / rows.sum()))


def _ascend(rates: Floats, count: Floats, rows: Floats, step: Floats, value: float) -> tuple[Floats, float]:
    for halving in range(40):
        tried = np.maximum(rows + step * 0.5**halving, 0.0)
        gained = _likelihood(rates, count, tried) - value
        if gained > 0:
            return tried, gained
    return rows, 0.0


def _expectation(rates: Floats, count: Floats, rows: Floats) -> Floats:
    """Some expectation-maximisation steps, the way out where projection stalls Newton."""
    for _ in range(_STEPS):
        rows = rows * ((count / (rates @ rows)) @ rates)
    return rows


def _likelihood(rates: Floats, count: Floats, rows: Floats) -> float:
    seen = count > 0
    intensity = rates[seen] @ rows
    if np.any(intensity <= 0):
        return -np.inf
    return float(count[seen] @ np.log(intensity) - rows.sum())


def responsibilities(patterns: Patterns, rows: Floats) -> Floats:
    """(G, 1 + K + H) the chance that a record of each pattern came from each origin; sums to 1.

    The origins are nobody registered, platforms 1 … K, and the shadows of platforms.
    """
    parts = patterns.rates * rows
    return np.asarray(parts / np.maximum(parts.sum(axis=1, keepdims=True), np.finfo(float).tiny))
