"""Customers in no snapshot: won after the newest one, as their own records may say, or lost before the first.

Where records name the day on which their customer joined, unclaimed ones that name a day between the newest snapshot
and the leak are newcomers, or made up. Made-up ones come at the rate at which they came before the newest snapshot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
from scipy import special

from tracer.attribution.agreement import upper_limit_count
from tracer.attribution.dating import EPOCH, Days, Window, Written
from tracer.attribution.lots import Lot
from tracer.attribution.standing import Standing

_FEW: Final = 10
"""Customers of whom at least a rate is taken."""
_LAST: Final = (30, 90, 365)
"""Days before the newest snapshot in which newcomers are counted."""
_FIRST: Final = (0.0, 0.01, 0.05, 0.25, 0.5)
"""Shares of the records' customers who joined before counting begins."""


@dataclass(frozen=True, slots=True)
class Dated:
    """When a platform's records left, and the days on which records say that their customers joined it."""

    window: Window
    written: Written | None = None
    """None where no column holds such days."""
    lots: tuple[Lot, ...] = ()
    """Two if the records cannot have left on one day."""
    lost_per_day: float = 0.0
    """Share of the platform's customers that a day takes out of reach."""
    looked_at: float = 1.0
    """Share of the records of which `written` holds the days."""
    won_per_day: float = np.inf
    """Records of customers won on one day, at most, as among the last before the newest snapshot."""

    def lost_before(self, first: date) -> float:
        """Share of the customers of the leak's day who were out of reach on the day of the first snapshot."""
        early = self.window.after
        return self.lost_per_day * max(0, (first - early).days) if early is not None else 0.0


def recognise(standings: Sequence[Standing], dated: Sequence[Dated], level: float) -> tuple[Standing, ...]:
    """The standings with newcomers counted where their records name their day.

    Args:
        standings: of the platforms.
        dated: one a standing.
        level: of the intervals, for example 0.95.
    """
    reach = float(special.ndtri(0.5 + level / 2))
    standings = [
        _with_lost(_with_won(standing, one, reach), one, reach) for standing, one in zip(standings, dated, strict=True)
    ]
    gained = sum(one.written.gained / one.looked_at for one in dated if one.written)
    return tuple(
        _counted(standing, one, gained, reach) if one.written and gained else standing
        for standing, one in zip(standings, dated, strict=True)
    )


def _with_won(standing: Standing, dated: Dated, reach: float) -> Standing:
    """With no more newcomers than the records of a day times the days on which they could have come, and chance."""
    won = dated.won_per_day * standing.unseen_days if standing.unseen_days else 0.0
    return replace(standing, newcomers=min(standing.newcomers, won + reach * float(np.sqrt(won))))


def won_per_day(joined: Days, newest: int, level: float) -> float:
    """Customers of one day who are among the records of a leak, at most: of those won last before a snapshot.

    Sellers cut out recent customers: so the greatest is taken of what different beginnings give, some of them as late
    as the records themselves begin.

    Args:
        joined: (customers found for certain,) days since 1970-01-01.
        newest: day of the newest snapshot.
        level: of the upper limit, for example 0.95.

    Returns:
        Infinity where there are too few to tell.
    """
    joined = np.sort(joined[joined <= newest])
    if joined.size < _FEW:
        return np.inf
    begins = {newest - days for days in _LAST} | {int(joined[int(share * joined.size)]) - 1 for share in _FIRST}
    found = {day: int(joined.size - np.searchsorted(joined, day, side="right")) for day in begins if day < newest}
    limits = [upper_limit_count(many, level) / (newest - day) for day, many in found.items() if many >= _FEW]
    return max(limits, default=np.inf)


def _with_lost(standing: Standing, dated: Dated, reach: float) -> Standing:
    """With those in the interval who left, or changed their number, before the first snapshot: nobody knows them.

    As many are expected as a day takes at other times; how many it was is up to chance (Poisson).
    """
    lost = standing.rows * dated.lost_before(standing.testimony.links.platform.days[0])
    high = standing.rows_high + lost + reach * float(np.sqrt(lost))
    return replace(standing, rows_high=min(float(standing.records), high)) if lost else standing


def _counted(standing: Standing, dated: Dated, gained: float, reach: float) -> Standing:
    """With the newcomers of one of several platforms that together gain so many records a day."""
    written, until = dated.written, dated.window.before
    if written is None or until is None:
        return standing
    days = max(0, (until - EPOCH).days - written.newest)
    found = int(written.newcomers((until - EPOCH).days).sum())
    share = written.gained / dated.looked_at / gained
    likely = share * max(0.0, found - days * written.made_up) / dated.looked_at
    error = reach * float(np.sqrt(share * found)) / dated.looked_at
    return replace(
        standing,
        rows=standing.rows + likely,
        rows_low=standing.rows_low + max(0.0, likely - error),
        rows_high=min(float(standing.records), standing.rows_high + likely + error),
        newcomers=0.0,
    )
