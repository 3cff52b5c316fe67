"""When the records left the platform: a likelihood over days from who had joined, and which values still held.

Joiners. Customers who joined up to the leak are in the dump at the leak's rate b; those who joined after it are not
(what is found of them came from elsewhere). With ρ_i the odds that record i came from this platform rather than from
elsewhere and N(t) the customers joined by day t,  log L(t) = Σ_{joined ≤ t} log(1 + ρ_i) − b N(t), b fitted anew for
each t. A seller may have cut out only recent joiners, so the same is asked with nobody before some first day.

Versions. A value, a phone number or a customer's presence that was seen from day `since` to day `until`, and another
one before and after, was true on these days for certain and in the gaps with a chance that falls (one change at an even
time in the gap) or, in columns where most values change within a gap, that is not known.

Rows. Of the customers won after the newest snapshot nothing is known, but where records themselves say when their
customers joined, those that nobody claims come at the rate of made-up ones, j a day, and up to the leak at the rate
j + r, with r a day as among the platform's own records before the newest snapshot (a Poisson change point).

The posterior is even over days, and allows for delivery some days later; days after the newest snapshot are one open
class that weighs like a year. What it cannot see: a seller who left out recent customers on purpose makes the joiners'
upper edge too early.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.linkage.holdings import Holdings

Floats = NDArray[np.float64]
Days = NDArray[np.int32]

EPOCH: Final = date(1970, 1, 1)
_OPEN: Final = 365
"""Days that the time after the newest snapshot weighs."""
_STALE: Final = 0.02
"""Share of values that are not of the leak's day whatever the platform says (late updates, damaged cells)."""
_SURE: Final = 0.9
"""Chance of having come from this platform from which a record's values bear on the day."""
_BUCKETS: Final = np.linspace(-12.0, 25.0, 38)
_FIRST_DAYS: Final = (0.0, 0.01, 0.05, 0.25)
_CUT: Final = 0.1
"""Prior chance that a seller cut out recent joiners."""
_VOLATILE: Final = 0.5
DELIVERY: Final = np.array([0.75, 0.2, 0.04, 0.01])
"""Prior chance that records leave so many days after the last day they are of."""
_BEYOND: Final = 30
"""Days after the latest record that are looked at."""
_FAR: Final = 3 * 365
"""Days after the newest snapshot up to which a record's day is taken for one."""
_BEFORE: Final = 120
"""Days before the newest snapshot from which rates are taken."""


@dataclass(frozen=True, slots=True)
class Window:
    """Between which days the records left, each None where nothing limits it."""

    after: date | None
    before: date | None


@dataclass(frozen=True, slots=True)
class Joiners:
    """When customers joined, and which of them are in the dump."""

    joined: Days
    """(customers,) days since 1970-01-01 of everybody whose joining day is known."""
    found: Days
    """(links,) joining day of each linked customer."""
    odds: Floats
    """(links,) odds that the record came from this platform rather than from elsewhere."""


@dataclass(frozen=True, slots=True)
class Written:
    """Days on which records say that their customers joined, since 1970-01-01."""

    own: Days
    """Of the records that came from the platform for certain."""
    unclaimed: Days
    """Of the records that no platform claims."""
    newest: int
    """Day of the platform's newest snapshot."""

    @property
    def made_up(self) -> float:
        """Made-up records a day (j): unclaimed ones before the newest snapshot, where the platform knew its own."""
        return float((self._before(self.unclaimed) + 0.5) / _BEFORE)

    @property
    def gained(self) -> float:
        """Records of new customers a day (r), as among the platform's own before the newest snapshot."""
        return float(self._before(self.own) / _BEFORE)

    def _before(self, days: Days) -> int:
        return int(((days > self.newest - _BEFORE) & (days <= self.newest)).sum())

    def newcomers(self, until: int) -> NDArray[np.bool_]:
        """(unclaimed,) which name a day after the newest snapshot, up to the day `until`."""
        return np.asarray((self.unclaimed > self.newest) & (self.unclaimed <= until))


@dataclass(frozen=True, slots=True)
class Versions:
    """Runs that records agree with, and the gaps around them, in days since 1970-01-01."""

    gap_start: Floats
    """Last day another version was seen before; -inf if none was."""
    since: Floats
    """Day from which it was seen; -inf where a record agrees with no run."""
    until: Floats
    """Day until which it was seen; inf where a record agrees with no run."""
    gap_end: Floats
    """First day another version was seen after; inf if none was."""
    volatile: bool
    """Whether most values change within a gap, so that nothing is known of the gap."""


def versions(held: Holdings, person: NDArray[np.uint32], run: NDArray[np.int64]) -> Versions:
    """The runs at index `run` of these customers and their neighbours in time; nothing is known of runs of -1."""
    if held.days is None:
        raise ValueError("these holdings were read without their days")
    told, run = run >= 0, np.maximum(run, 0)
    since, until = (edge.cast(pl.Int32).to_numpy().astype(np.float64) for edge in held.days)
    if not since.size:
        never, always = np.full(person.size, -np.inf), np.full(person.size, np.inf)
        return Versions(never, never, always, always, volatile=False)
    has_before, has_after = told & (run > held.first(person)), told & (run + 1 < held.last(person))
    before = np.where(has_before, until[np.maximum(run - 1, 0)], -np.inf)
    after = np.where(has_after, since[np.minimum(run + 1, since.size - 1)], np.inf)
    # Values held side by side (two loans at once) say nothing about each other's time.
    before = np.where(before < since[run], before, -np.inf)
    after = np.where(after > until[run], after, np.inf)
    started, ended = np.where(told, since[run], -np.inf), np.where(told, until[run], np.inf)
    return Versions(before, started, ended, after, volatile=held.changed > _VOLATILE)


def window(
    joiners: Joiners | None, seen: Sequence[Versions], newest: date, level: float, written: Written | None = None
) -> Window:
    """The days between which the records left the platform, with the chance `level` of holding the true one.

    Args:
        joiners: None where the platform does not say when customers joined.
        seen: versions that the platform's records agree with.
        newest: day of the platform's newest snapshot.
        level: for example 0.95.
        written: days on which the records themselves say that their customers joined; None where they do not.
    """
    last = (newest - EPOCH).days
    first = last - 1
    if written is not None:
        last = int(max(last, *(written.unclaimed[written.newcomers(last + _FAR)] + _BEYOND), last))
    if joiners is not None and joiners.joined.size:
        first = min(first, int(joiners.joined.min()) - 1)
    starts = [one.since[np.isfinite(one.since)] for one in seen]
    first = min([first, *(int(one.min()) - 400 for one in starts if one.size)])
    grid = np.arange(first, last + 1, dtype=np.int64)
    log_likelihood = sum((_version_likelihood(one, grid) for one in seen if one.since.size), np.zeros(grid.size))
    if joiners is not None and joiners.found.size:
        log_likelihood = log_likelihood + _joiner_likelihood(joiners, grid)
    if written is not None:
        log_likelihood = log_likelihood + _unclaimed_likelihood(written, grid)
    if np.ptp(log_likelihood) < 1e-9:
        return Window(None, None)
    # The last place stands for the newest snapshot's day and all days after it.
    weight = np.exp(log_likelihood - log_likelihood.max())
    weight[-1] *= 1 + _OPEN
    # A seller delivers the same day's rows or those of the days before.
    weight = np.convolve(weight, DELIVERY)[: grid.size]
    share = np.cumsum(weight) / weight.sum()
    edge = (1 - level) / 2
    low, high = int(np.searchsorted(share, edge)), int(np.searchsorted(share, 1 - edge))
    after = None if low == 0 else EPOCH + timedelta(days=int(grid[low]))
    before = None if high >= grid.size - 1 else EPOCH + timedelta(days=int(grid[high]))
    return Window(after, before)


def _joiner_likelihood(joiners: Joiners, grid: NDArray[np.int64]) -> Floats:
    """Log L for each day of the grid, summed over where a seller may have begun."""
    log_odds = np.log(np.clip(joiners.odds, 1e-12, 1e12))
    bucket = np.clip(np.searchsorted(_BUCKETS, log_odds), 0, _BUCKETS.size - 1)
    cell = np.clip(joiners.found - grid[0], 0, grid.size - 1) * _BUCKETS.size + bucket
    table = np.bincount(cell, minlength=grid.size * _BUCKETS.size).reshape(grid.size, _BUCKETS.size).astype(float)
    everybody = np.bincount(np.clip(joiners.joined - grid[0], 0, grid.size - 1), minlength=grid.size).astype(float)
    sure = np.sort(joiners.found[log_odds > 0])
    starts = {0} | {
        max(0, int(np.quantile(sure, share, method="lower")) - int(grid[0])) for share in _FIRST_DAYS if sure.size
    }
    parts = [
        _from_day(table, everybody, start) + np.log((1 - _CUT) if start == 0 else _CUT / len(_FIRST_DAYS))
        for start in sorted(starts)
    ]
    return np.asarray(np.logaddexp.reduce(parts, axis=0))


def _from_day(table: Floats, everybody: Floats, start: int) -> Floats:
    """Log L(t) if the seller took nobody who joined before place `start` of the grid."""
    odds = np.exp(_BUCKETS)
    share = odds / (1 + odds)
    mean_rate = max(float((table @ share).sum()), 1e-9) / max(everybody.sum(), 1.0)
    inside = np.arange(table.shape[0]) >= start
    found = np.cumsum(table * inside[:, None], axis=0)
    people = np.cumsum(everybody * inside)
    rate = np.maximum(found @ share, 1e-9) / np.maximum(people, 1.0)
    gain = (found * np.log1p(odds[None, :] * (rate / mean_rate)[:, None])).sum(axis=1)
    return np.asarray(gain - rate * people)


def _unclaimed_likelihood(written: Written, grid: NDArray[np.int64]) -> Floats:
    """Log L for each day of the grid, by the unclaimed records that name a day after the newest snapshot."""
    late = np.sort(written.unclaimed[written.unclaimed > written.newest])
    if not late.size or not written.gained:
        return np.zeros(grid.size)
    upto = np.searchsorted(late, grid, side="right")
    step = np.log1p(written.gained / written.made_up)
    return np.asarray(upto * step - written.gained * np.maximum(grid - written.newest, 0))


def _version_likelihood(seen: Versions, grid: NDArray[np.int64]) -> Floats:
    """Σ log P(version | day) for each day of the grid; equal runs are counted together."""
    edges = pl.DataFrame([seen.gap_start, seen.since, seen.until, seen.gap_end], schema=["a", "b", "c", "d"])
    total = np.zeros(grid.size)
    for gap_start, since, until, gap_end, many in (
        edges.group_by("a", "b", "c", "d").len().sort("a", "b", "c", "d").rows()
    ):
        if np.isinf(gap_start) and np.isinf(gap_end):
            continue
        total += many * held_on((gap_start, since, until, gap_end), grid, volatile=seen.volatile)
    return total


def held_on(edges: Sequence[float], grid: NDArray[np.int64], *, volatile: bool) -> Floats:
    """Log P(a value is still that of this run | day) for each day of the grid.

    Args:
        edges: `gap_start`, `since`, `until` and `gap_end` of the run, see `Versions`.
        grid: days since 1970-01-01.
        volatile: see `Versions`.
    """
    gap_start, since, until, gap_end = edges
    held = np.ones(grid.size)
    if np.isfinite(gap_start):
        rise = (grid - gap_start) / (since - gap_start)
        held = np.where(grid < since, np.where(grid > gap_start, 1.0 if volatile else rise, 0.0), held)
    if np.isfinite(gap_end):
        fall = (gap_end - grid) / (gap_end - until)
        held = np.where(grid > until, np.where(grid < gap_end, 1.0 if volatile else fall, 0.0), held)
    return np.asarray(np.log(_STALE + (1 - _STALE) * np.clip(held, 0.0, 1.0)))


NO_WINDOW: Final = Window(None, None)


def sure(odds: Floats) -> NDArray[np.bool_]:
    """Which records are so likely from this platform that their values bear on the day."""
    return np.asarray(odds > _SURE / (1 - _SURE))
