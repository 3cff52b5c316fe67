"""One leak or two: whether the records of a platform can all have left on one day.

Each record bears on the day by itself: its values and numbers held from day to day, and its customer had joined.
Record i has the likelihood L_i(t). One day t for all gives Σ log L_i(t); two days, the first for a share π,
Σ log(π L_i(t₁) + (1 - π) L_i(t₂)). Two are reported only if they explain far more than the search over pairs of days
may gain by chance. Each lot's window rests on the records that fit it far better than the other. Those of the earlier
one are about any of the N(t₁) customers there were, L_i(t) / N(t); those of the later one whose customers joined since
are about any of N(t) - N(t₁).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracer.attribution.dating import DELIVERY, EPOCH, NO_WINDOW, Days, Floats, Versions, Window, held_on
from tracer.linkage.joining import UNKNOWN

_MOST: Final = 2_000
"""Records that are looked at."""
_MISFITS: Final = 0.03
"""Share of records that fit the one best day badly from which on a second is looked for."""
_BADLY: Final = float(np.log(0.1))
_STEP: Final = 3
"""Days between those that are tried first."""
_TRIED: Final = 48
"""Days that are tried in pairs."""
_TURNS: Final = 25
_GAIN: Final = 20.0
"""Log-likelihood that a second day must gain; pairs of 48 days may gain log(1128) = 7 by chance."""
_LEAST: Final = 5
"""Records that either lot must have."""
_SURELY: Final = float(np.log(20))
_EARLY: Final = float(np.log(1e-3))
"""Log-likelihood of a record from before its customer joined."""


@dataclass(frozen=True, slots=True)
class Lot:
    """Records that left together."""

    records: int
    """Records that fit this lot twenty times better than the other; the rest may be of either."""
    window: Window


def lots(seen: Sequence[Versions], joined: Days | None, everybody: Days, newest: int, level: float) -> tuple[Lot, ...]:
    """The two lots that a platform's records left in, the earlier first; none where one day explains them all.

    Args:
        seen: for each column with a history, the versions that the records agree with.
        joined: (records,) when their customers joined, or None.
        everybody: (customers,) when all the platform's customers joined, where that is known.
        newest: day of the newest snapshot, since 1970-01-01.
        level: of the windows.
    """
    records = max([one.since.size for one in seen] + [0 if joined is None else joined.size], default=0)
    if records < 2 * _LEAST:
        return ()
    chosen = np.unique(np.linspace(0, records - 1, min(records, _MOST)).astype(np.int64))
    starts = [one.since[np.isfinite(one.since)] for one in seen]
    first = min([newest - 1, *(int(one.min()) - 1 for one in starts if one.size)])
    grid = np.arange(first, newest + 1, dtype=np.int64)
    fit = _fit(seen, None if joined is None else joined[chosen], chosen, grid)
    total = fit.sum(axis=0)
    best = int(total.argmax())
    if (fit[:, best] - fit.max(axis=1) < _BADLY).mean() < _MISFITS:
        return ()
    days = np.unique(np.append(np.arange(0, grid.size, _STEP), grid.size - 1))
    one, other, share = _pair(fit, days)
    gain = float(np.logaddexp(np.log(share) + fit[:, one], np.log1p(-share) + fit[:, other]).sum() - total[best])
    if gain < _GAIN or min(share, 1 - share) * records < _LEAST:
        return ()
    ratio = fit[:, other] - fit[:, one]
    early, late = ratio < -_SURELY, ratio > _SURELY
    before, after = fit[early].sum(axis=0), fit[late].sum(axis=0)
    if joined is not None and everybody.size:
        customers = np.searchsorted(np.sort(everybody), grid, side="right")
        told = joined[chosen]
        before = before - int((told[early] != UNKNOWN).sum()) * np.log(np.maximum(customers, 1))
        first_left = int(before.argmax())
        since = int((told[late] > grid[first_left]).sum())
        after = after - since * np.log(np.maximum(customers - customers[first_left], 1))
    whole = records / chosen.size
    return (
        Lot(round(int(early.sum()) * whole), _around(before, grid, level)),
        Lot(round(int(late.sum()) * whole), _around(after, grid, level)),
    )


def _fit(seen: Sequence[Versions], joined: Days | None, chosen: NDArray[np.int64], grid: NDArray[np.int64]) -> Floats:
    """(records, days) log L_i(t)."""
    fit = np.zeros((chosen.size, grid.size))
    for one in seen:
        edges = np.column_stack([one.gap_start, one.since, one.until, one.gap_end])[chosen]
        distinct, place = np.unique(edges, axis=0, return_inverse=True)
        fit += np.array([held_on(edge, grid, volatile=one.volatile) for edge in distinct])[place.ravel()]
    if joined is not None:
        fit += np.where((joined != UNKNOWN)[:, None] & (joined[:, None] > grid), _EARLY, 0.0)
    return fit


def _pair(fit: Floats, days: NDArray[np.int64]) -> tuple[int, int, float]:
    """The two days, and the share of the earlier one, that explain most: among those that some records like best."""
    weight = np.full(days.size, 1.0 / days.size)
    likelihood = np.exp(fit[:, days] - fit[:, days].max(axis=1, keepdims=True))
    for _ in range(_TURNS):
        parts = likelihood * weight
        weight = (parts / parts.sum(axis=1, keepdims=True)).mean(axis=0)
    liked = np.sort(days[np.argsort(-weight)[:_TRIED]])
    best, found = -np.inf, (int(liked[0]), int(liked[-1]), 0.5)
    for place, one in enumerate(liked):
        share = np.full(liked.size - place - 1, 0.5)
        if not share.size:
            break
        ratio = np.exp(np.clip(fit[:, liked[place + 1 :]] - fit[:, [one]], -60, 60))
        for _ in range(_TURNS):
            share = (share / (share + (1 - share) * ratio)).mean(axis=0)
        gained = (fit[:, [one]] + np.log(share + (1 - share) * ratio)).sum(axis=0)
        other = int(gained.argmax())
        if gained[other] > best:
            best, found = float(gained[other]), (int(one), int(liked[place + 1 + other]), float(share[other]))
    one, other, part = found
    return one, other, float(np.clip(part, 1e-6, 1 - 1e-6))


def _around(log_likelihood: Floats, grid: NDArray[np.int64], level: float) -> Window:
    if np.ptp(log_likelihood) < 1e-9:
        return NO_WINDOW
    weight = np.convolve(np.exp(log_likelihood - log_likelihood.max()), DELIVERY)[: grid.size]
    share = np.cumsum(weight) / weight.sum()
    edges = np.searchsorted(share, [(1 - level) / 2, (1 + level) / 2])
    after, before = (EPOCH + timedelta(days=int(grid[min(int(edge), grid.size - 1)])) for edge in edges)
    return Window(after, None if edges[1] >= grid.size - 1 else before)
