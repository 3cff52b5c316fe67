"""Customers in no snapshot: won after the newest one, as their own records may say, or lost before the first.

Where records name the day on which their customer joined, unclaimed ones that name a day between the newest snapshot
and the leak are newcomers, or made up. Made-up ones come at the rate at which they came before the newest snapshot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from scipy import special

from tracer.attribution.dating import EPOCH, Window, Written
from tracer.attribution.lots import Lot
from tracer.attribution.standing import Standing


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
    standings = [_with_lost(standing, one, reach) for standing, one in zip(standings, dated, strict=True)]
    gained = sum(one.written.gained / one.looked_at for one in dated if one.written)
    return tuple(
        _counted(standing, one, gained, reach) if one.written and gained else standing
        for standing, one in zip(standings, dated, strict=True)
    )


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
