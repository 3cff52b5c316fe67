"""Which platforms a dump came from: testimonies in, standings of all platforms and the unknown rest out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracer.attribution.agreement import Agreement, classify, weigh
from tracer.attribution.inclusion import Floats
from tracer.attribution.mixture import Mixture, settle
from tracer.attribution.verdict import Standing
from tracer.linkage.claims import Testimony
from tracer.settings import Settings

_ALIKE: Final = 0.95
"""Squared cosine of two platforms' evidence from which they count as one."""
_SIZES: Final = 1.25
"""Ratio of two platforms' numbers of customers up to which they may be taken for each other."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is asked: a dump's links and values against all platforms."""

    testimonies: Sequence[Testimony]
    """One a platform."""
    person: NDArray[np.int64]
    """(records,) equal numbers are records about the same person."""
    registered: float
    """Distinct people over all platforms."""
    settings: Settings


@dataclass(frozen=True, slots=True)
class Attribution:
    """Where the records of a dump came from."""

    standings: tuple[Standing, ...]
    """One a platform, in the order of the testimonies."""
    groups: tuple[tuple[int, ...], ...]
    """Platforms that the evidence cannot tell apart."""
    mixture: Mixture

    def shares(self, platform: int) -> Floats:
        """(links of the platform,) chance that each linked record came from it."""
        row = self.standings[platform].testimony.links.row
        return np.asarray(self.mixture.shares(platform)[np.searchsorted(self.mixture.row, row)])


def attribute(inquiry: Inquiry) -> Attribution:
    """Find the sources of a dump."""
    level, testimonies = inquiry.settings.nominal_level, inquiry.testimonies
    agreements = [weigh(one, [*testimonies[:k], *testimonies[k + 1 :]], level) for k, one in enumerate(testimonies)]
    classes = [classify(one, agreement.telling) for one, agreement in zip(testimonies, agreements, strict=True)]
    supported = [k for k, one in enumerate(agreements) if one.bound * len(testimonies) <= level]
    links = [one.links for one in testimonies]
    mixture = settle(links, classes, inquiry.person, inquiry.registered, supported, level)
    groups = _groups(mixture)
    standings = tuple(_standing(inquiry, k, agreements[k], mixture, groups) for k in range(len(testimonies)))
    return Attribution(standings, groups, mixture)


def _standing(
    inquiry: Inquiry, place: int, agreement: Agreement, mixture: Mixture, groups: Sequence[Sequence[int]]
) -> Standing:
    rows, low, high = mixture.rows(place, inquiry.settings.confidence)
    inclusion = mixture.inclusion
    active = rows > 0
    if not active:
        high = max(0.0, inclusion.one_step[place]) + 1.96 * inclusion.one_step_error[place]
    twins = [other for group in groups if place in group for other in group if other != place]
    return Standing(
        testimony=inquiry.testimonies[place],
        agreement=agreement,
        active=active,
        score=float(mixture.entry_score[place]),
        rows=rows,
        rows_low=low,
        rows_high=min(high, float(inquiry.testimonies[place].links.row.size)),
        twins=tuple(inquiry.testimonies[other].links.platform.name for other in twins),
        tested=len(inquiry.testimonies),
        records=inquiry.person.size,
    )


def _groups(mixture: Mixture) -> tuple[tuple[int, ...], ...]:
    """Active platforms with those of about their size that no record tells from them."""
    customers = mixture.patterns.customers
    found: list[set[int]] = []
    for platform in mixture.inclusion.active:
        sizes = customers / customers[platform]
        twins = {
            other
            for other in np.flatnonzero((sizes > 1 / _SIZES) & (sizes < _SIZES)).tolist()
            if other == platform or mixture.alike(platform, other) > _ALIKE
        }
        if len(twins) > 1:
            met = [group for group in found if group & twins]
            found = [group for group in found if group not in met] + [twins.union(*met)]
    return tuple(tuple(sorted(group)) for group in found)
