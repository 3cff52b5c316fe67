"""The figures on which the verdict on one platform rests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from tracer.attribution.agreement import Agreement
from tracer.attribution.anachronism import Anachronism
from tracer.attribution.doubles import Sharing
from tracer.linkage.chance import MatchRate
from tracer.linkage.testimony import Testimony
from tracer.vault.manifest import Platform


class Verdict(StrEnum):
    """What may be said of a platform. Nobody is ever said to be guilty."""

    ESTABLISHED = "established"
    """Named: the false-accusation bound, corrected for everything tested, is at most the nominal level."""
    CONSISTENT = "consistent"
    """Fits, but another explanation fits too."""
    INDETERMINATE = "indeterminate"
    """Too little to say."""
    EXCLUDED = "excluded"
    """What should have been seen if it had leaked was not."""


_LEAST_BOUND: Final = 1e-12
"""No smaller bound is stated: the assumptions are not known that well."""


_SLIGHT: Final = 0.01
"""Share of a count by which strata may change it without a word."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many records a platform supplied, and the interval of that."""

    rows: float
    rows_low: float
    rows_high: float

    def whole(self, records: int) -> tuple[int, int, int]:
        """The same in whole records of a dump that has so many, the interval no narrower."""
        return round(self.rows), int(self.rows_low), min(records, -int(-self.rows_high // 1))

    def holds(self, other: Estimate) -> bool:
        """Whether the other's rows lie in this interval."""
        return self.rows_low <= other.rows <= self.rows_high


@dataclass(frozen=True, slots=True)
class Regression:
    """How many records a platform supplied, as if nothing were filtered and within strata."""

    unstratified: Estimate
    stratified: Estimate
    strata: tuple[str, ...]
    """Columns that the selection of the platform's customers seems to follow, the strongest first."""
    cells: int
    """Strata that its customers are in; 1 where it seems to have lost them as they come."""
    divided: bool
    """Whether any platform's customers are in several; if not, the two are the same."""

    @property
    def agrees(self) -> bool:
        """Whether each interval holds the other's rows."""
        return self.unstratified.holds(self.stratified) and self.stratified.holds(self.unstratified)

    @property
    def tells(self) -> bool:
        """Whether strata change a count enough to speak of it.

        Whoever joined after a leak is missing from it, so that whole tables too seem selected by the month of joining.
        """
        plain, strict = self.unstratified.rows, self.stratified.rows
        return self.divided and (not self.agrees or abs(plain - strict) > _SLIGHT * max(plain, strict))


@dataclass(frozen=True, slots=True)
class Standing:
    """The figures on which the verdict on one platform rests."""

    testimony: Testimony
    agreement: Agreement
    active: bool
    """Whether the fitted model gives it records."""
    score: float
    """Its efficient score when it was last outside the model; NaN if it never was."""
    rows: float
    rows_low: float
    rows_high: float
    newcomers: float
    """Records that may be of customers it won after its newest snapshot, whom nobody can recognise."""
    unseen_days: int
    """Days between its newest snapshot and the sealing of the dump."""
    twins: tuple[str, ...]
    """Platforms that the evidence cannot tell from it."""
    tested: int
    """Platforms tested."""
    records: int
    """Records of the dump."""
    rates: tuple[MatchRate, ...] = ()
    """Of the masked and damaged kinds of identifier that linked records to it."""
    sharings: tuple[Sharing, ...] = ()
    """Records that it and another platform could both have supplied."""
    regression: Regression | None = None
    """What strata make of its rows; None where neither way gives it any."""

    def within(self, regression: Regression) -> Standing:
        """With what strata make of its rows: if it is in the model without them, they are counted within strata.

        Of what one of the two counts alone, the other has the last word: then the interval reaches to both.
        """
        plain, strict = regression.unstratified, regression.stratified
        high = max(plain.rows_high, strict.rows_high)
        if not self.active:
            return replace(self, regression=regression, rows_high=high)
        if strict.rows > 0:
            high = strict.rows_high
        return replace(self, regression=regression, rows=strict.rows, rows_low=strict.rows_low, rows_high=high)

    def with_more(self, most: float) -> Standing:
        """With up to so many more records, of which nothing says that they came from here."""
        return replace(self, rows_high=min(float(self.records), self.rows_high + most)) if most else self

    @property
    def surely(self) -> bool:
        """Whether it supplied some records, with strata and without."""
        if self.regression is None:
            return self.rows_low > 0
        plain, strict = self.regression.unstratified, self.regression.stratified
        return strict.rows > 0 and self.rows_low + min(0.0, plain.rows_low - strict.rows_low) > 0

    def beside(self, sharings: Sequence[Sharing]) -> Standing:
        """With what it shares with others; what it could have supplied as well, it may have."""
        mine = tuple(one for one in sharings if self.name in {one.source.name, one.other.name})
        most = max((one.rows for one in mine if one.other.name == self.name), default=0)
        return replace(self, sharings=mine, rows_high=max(self.rows_high, float(most)))

    @property
    def doubled(self) -> bool:
        """Whether nothing tells it from another platform that supplied, or could have supplied, its records."""
        if self.active:
            return bool(self.twins) or any(one.doubles for one in self.sharings)
        return any(one.whole for one in self.sharings)

    @property
    def name(self) -> str:
        """The platform's."""
        return self.testimony.links.platform.name

    def bound(self, anachronism: Anachronism | None) -> float:
        """Chance that an innocent platform would look like this, corrected for the platforms and tests made; at most 1.

        Args:
            anachronism: what the platform's times say, where they were asked.
        """
        asked = [self.agreement.bound] if self.agreement.core else []
        asked += [] if anachronism is None else [anachronism.bound]
        return min(1.0, max(_LEAST_BOUND, min(asked, default=1.0) * max(1, len(asked)) * self.tested))

    @property
    def covered(self) -> float:
        """Share of the records that are about its customers."""
        return self.testimony.linked / max(1, self.records)

    @property
    def sharers(self) -> tuple[Platform, ...]:
        """The registered platforms with which it shares records, each once."""
        both = [platform for one in self.sharings for platform in (one.source, one.other)]
        return tuple({one.name: one for one in both if one.name != self.name}.values())
