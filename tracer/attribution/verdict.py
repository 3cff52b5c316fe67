"""The verdict on each platform."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from tracer.attribution.anachronism import Anachronism
from tracer.attribution.dating import Window
from tracer.attribution.lots import Lot
from tracer.attribution.overlap import Overlap
from tracer.attribution.standing import Regression, Standing, Verdict
from tracer.attribution.statements import Evidence, explain, of_overlap

UNREGISTERED: Final = "a platform nobody registered, with the same customers"
"""The rival that people alone cannot rule out."""

_NEGLIGIBLE_SHARE: Final = 0.01
_NEGLIGIBLE_ROWS: Final = 3.0
"""A platform is excluded if more than this many records from it, or this share, would have been seen."""


@dataclass(frozen=True, slots=True)
class Source:
    """What is found of one platform."""

    platform: str
    verdict: Verdict
    rows: float
    rows_low: float
    rows_high: float
    false_accusation: float
    """Upper bound of the chance that an innocent platform would look like this, corrected for everything tested; 1
    where no bound can be given."""
    window: Window
    evidence: tuple[Evidence, ...]
    rivals: tuple[str, ...]
    lots: tuple[Lot, ...] = ()
    """Two, the earlier one first, if its records cannot have left on one day."""
    overlaps: tuple[tuple[str, Overlap], ...] = ()
    """If it is `consistent`, for each established source whether that one's customers explain its own."""
    regression: Regression | None = None
    """Its rows without strata and within them, where either way gives it any."""

    def beside(self, overlaps: Sequence[tuple[str, Overlap]]) -> Source:
        """With what the overlaps with established sources say."""
        said = tuple(of_overlap(self.platform, source, one) for source, one in overlaps)
        return replace(self, overlaps=tuple(overlaps), evidence=(*self.evidence, *said))


def decide(standing: Standing, anachronism: Anachronism | None, level: float) -> tuple[Verdict, float]:
    """The verdict, and the false-accusation bound."""
    bound = standing.bound(anachronism)
    if standing.doubled:
        return Verdict.CONSISTENT, 1.0
    if standing.active and bound <= level and standing.surely:
        return Verdict.ESTABLISHED, bound
    if standing.active:
        return Verdict.CONSISTENT, 1.0
    if standing.regression is None and negligible(standing.rows_high + standing.newcomers, standing.records):
        return Verdict.EXCLUDED, 1.0
    return Verdict.INDETERMINATE, 1.0


def negligible(most: float, records: int) -> bool:
    """Whether a platform that supplied no more of a dump's records than `most` is excluded."""
    return most <= max(_NEGLIGIBLE_ROWS, _NEGLIGIBLE_SHARE * records)


def rivals(standing: Standing, verdict: Verdict, active: Sequence[str]) -> tuple[str, ...]:
    """Who else would explain the records."""
    if verdict is not Verdict.CONSISTENT:
        return ()
    named = dict.fromkeys((*standing.twins, *(one.name for one in standing.sharers), *active))
    named.pop(standing.name, None)
    return (*named, UNREGISTERED)


def conclude(
    standing: Standing, window: Window, anachronism: Anachronism | None, active: Sequence[str], level: float
) -> Source:
    """Everything that is found of one platform."""
    verdict, bound = decide(standing, anachronism, level)
    low = standing.rows_low if verdict is Verdict.ESTABLISHED else 0.0
    if anachronism is not None and standing.bound(None) > level:
        # Its people alone name it: a stranger may have supplied some of them all the same.
        low *= 1 - anachronism.strangers
    # A leak from before the newest snapshot holds nobody who joined after it.
    newcomers = standing.newcomers if window.before is None else 0.0
    return Source(
        platform=standing.name,
        verdict=verdict,
        rows=standing.rows,
        rows_low=low,
        rows_high=standing.rows_high + newcomers,
        false_accusation=bound,
        window=window,
        evidence=explain(standing, anachronism, verdict),
        rivals=rivals(standing, verdict, active),
        regression=standing.regression,
    )
