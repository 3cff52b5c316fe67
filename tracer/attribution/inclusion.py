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
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]

_ROUNDS: Final = 200
_STEPS: Final = 20
_GAP: Final = 1e-6
"""Log-likelihood that a fit may lack at the end."""
_SLACK: Final = 1e-3
"""What leaving out all rows that are one too many may be worth by the gradient, where a Newton step ends the fit."""
_TOLERANCE: Final = 1e-9
_LEAST_INTENSITY: Final = 1e-150
"""Its square is still above zero."""
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
    closed: NDArray[np.bool_] | None = None
    """(G, K) which patterns a platform's shadow has no records of; None where it may have records of all."""

    def rates(self, places: Sequence[int]) -> Floats:
        """(G, len(places)) the factors in λ of the origins at these places of (n_0, n_1 … n_K, shadows)."""
        platforms = self.customers.size
        rates = np.empty((self.count.size, len(places)))
        for column, place in enumerate(places):
            if place == 0:
                rates[:, column] = 1.0 / self.registered
            elif place <= platforms:
                rates[:, column] = self.weight[:, place - 1] / self.customers[place - 1]
            else:
                cast = self.shadowed[place - platforms - 1]
                there = self.weight[:, cast] > 0.0
                rates[:, column] = (there if self.closed is None else there & ~self.closed[:, cast]) / self.customers[
                    cast
                ]
        return rates

    @property
    def origins(self) -> int:
        """1 + K + H: nobody registered, the platforms, the shadows."""
        return 1 + self.customers.size + len(self.shadowed)


@dataclass(frozen=True, slots=True)
class Inclusion:
    """A fitted model."""

    active: tuple[int, ...]
    """Platforms that were allowed to have supplied records."""
    places: tuple[int, ...]
    """Origins in the model: 0 (nobody registered), 1 + each active platform, 1 + K + each shadow."""
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
    platforms = patterns.customers.size
    cast = [patterns.shadowed.index(one) for one in (*active, *shadows) if one in patterns.shadowed]
    places = (0, *(platform + 1 for platform in active), *(platforms + 1 + place for place in cast))
    rates = patterns.rates(places)
    distinct, count = _together(rates, patterns.count)
    fitted = _maximise(distinct, count, None if start is None else start[list(places)])
    rows = np.zeros(patterns.origins)
    rows[list(places)] = fitted
    intensity = np.maximum(rates @ fitted, _LEAST_INTENSITY)
    free = fitted > 0
    curved = rates[:, free] * (patterns.count / intensity**2)[:, None]
    inverse = np.linalg.pinv(curved.T @ rates[:, free], hermitian=True) if free.any() else np.zeros((0, 0))
    covariance = np.zeros((rows.size, rows.size))
    covariance[np.ix_(rows > 0, rows > 0)] = inverse[np.ix_(*[np.argsort(np.array(places)[free])] * 2)]
    score, step, error = _outside(patterns, active, intensity, curved, inverse)
    return Inclusion(tuple(active), places, rows, covariance, score, step, error, _likelihood(distinct, count, fitted))


def _together(rates: Floats, count: Floats) -> tuple[Floats, Floats]:
    """Patterns that differ only at platforms outside the model, counted together: far fewer (G', places) and (G',)."""
    columns = [f"r{place}" for place in range(rates.shape[1])]
    frame = pl.DataFrame(rates, schema=columns).with_columns(count=count)
    frame = frame.group_by(columns, maintain_order=True).agg(pl.col("count").sum())
    return frame.select(columns).to_numpy(), frame.get_column("count").to_numpy()


def _outside(
    patterns: Patterns, active: Sequence[int], intensity: Floats, curved: Floats, inverse: Floats
) -> tuple[Floats, Floats, Floats]:
    """(K,) efficient score, one Newton step and its standard error of the platforms outside the model.

    Args:
        patterns: the records.
        active: the platforms inside.
        intensity: (G,) λ as fitted.
        curved: (G, F) rates of the free origins times c / λ².
        inverse: (F, F) their covariance.
    """
    weight, customers = patterns.weight, patterns.customers
    gradient = (patterns.count / intensity) @ weight / customers - 1.0
    information = np.einsum("gk,gk,g->k", weight, weight, patterns.count / intensity**2) / customers**2
    across = (weight.T @ curved) / customers[:, None]
    efficient = information - np.einsum("kf,fg,kg->k", across, inverse, across)
    efficient = np.maximum(efficient, _TOLERANCE * np.maximum(information, 1e-300))
    told = efficient > 0
    told[list(active)] = False
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return (
            np.where(told, gradient / np.sqrt(efficient), np.nan),
            np.where(told, gradient / efficient, 0.0),
            np.where(told, 1 / np.sqrt(efficient), 0.0),
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
        step = _step(rates * (np.sqrt(count) / intensity)[:, None], gradient, rows)
        if _is_last(step, gradient, rows):
            break
        rows, gained = _ascend(rates, count, rows, step, value)
        if gained < _GAP:
            rows = _expectation(rates, count, np.where(gradient > 0, np.maximum(rows, _AWAY * even), rows))
        value = _likelihood(rates, count, rows)
    rows[rows < _TOLERANCE * count.sum()] = 0.0
    # Along any direction the likelihood is greatest where the rows add up to the records.
    return np.asarray(rows * (count.sum() / rows.sum()))


def _step(curvature: Floats, gradient: Floats, rows: Floats) -> Floats:
    """The Newton step on the coordinates that may move: none that is as good as zero is sent below it."""
    free = (rows > 0) | (gradient > 0)
    step = np.zeros_like(rows)
    while free.any():
        information = curvature[:, free].T @ curvature[:, free]
        information[np.diag_indices_from(information)] *= 1 + _RIDGE
        step[:] = 0.0
        step[free] = np.linalg.lstsq(information, gradient[free], rcond=None)[0]
        below = free & (rows <= _TOLERANCE * rows.sum()) & (step < 0)
        if not below.any():
            break
        free &= ~below
    return step


def _is_last(step: Floats, gradient: Floats, rows: Floats) -> bool:
    """Whether a Newton step would gain next to nothing, keeps all rows above zero, and leaves out nothing that gains.

    Of sums of logarithms the Newton decrement says how far off the maximum is (Nesterov and Nemirovskii 1994). It tells
    of the end where the bound by the gradient alone does not: of origins that hardly differ. Where there is no
    curvature at all the step is none, and only the gradient speaks.
    """
    still = bool((gradient[step == 0] <= 0).all() and np.abs(gradient) @ rows < _SLACK)
    return still and bool(0 <= gradient @ step < _GAP and (rows + step >= 0).all())


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
    intensity = rates @ rows
    if np.any(intensity[count > 0] <= 0):
        return -np.inf
    return float(special.xlogy(count, intensity).sum() - rows.sum())


def responsibilities(patterns: Patterns, inclusion: Inclusion) -> Floats:
    """(G, places) the chance that a record of each pattern came from each origin in the model; sums to 1."""
    parts = patterns.rates(inclusion.places) * inclusion.rows[list(inclusion.places)]
    return np.asarray(parts / np.maximum(parts.sum(axis=1, keepdims=True), np.finfo(float).tiny))
