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
    def sharers(self) -> tuple[Platform, ...]:
        """The registered platforms with which it shares records, each once."""
        both = [platform for one in self.sharings for platform in (one.source, one.other)]
        return tuple({one.name: one for one in both if one.name != self.name}.values())
