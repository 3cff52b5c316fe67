"""Which platforms a dump came from: testimonies in, standings of all platforms and the unknown rest out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tracer.attribution.agreement import Agreement, upper_limit_count
from tracer.attribution.apart import tables_apart
from tracer.attribution.doubles import Sharing, sharings
from tracer.attribution.inclusion import Floats
from tracer.attribution.mixture import Mixture, Question, settle
from tracer.attribution.showings import Rows
from tracer.attribution.standing import Standing
from tracer.attribution.suspects import agreements_of
from tracer.identifiers.kinds import BIT, NUMBERING
from tracer.linkage.chance import WORDS
from tracer.linkage.exact import Census
from tracer.linkage.testimony import MISSING, Testimony
from tracer.settings import Settings
from tracer.vault.manifest import Platform

_BETWEEN: Final = 0.002
"""Share of a source's records whose customers came and went between two snapshots."""
_LOST: Final = 0.01
"""Share of records that may have lost their identifiers where no such loss is seen among few."""
_LOST_FOR_EACH_SEEN: Final = 2.5


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is asked: a dump's links and values against all platforms."""

    testimonies: Sequence[Testimony]
    """One a platform."""
    rows: Rows
    """What the rows of the links stand for."""
    unidentified: int
    """Records without any readable identifier."""
    census: Census
    """Who is a customer where."""
    tested: int
    """Platforms that were looked at at all; those without a testimony in a sample only."""
    sealed_on: date
    """Day on which the dump was seized or sealed: it left before."""
    settings: Settings


@dataclass(frozen=True, slots=True)
class Attribution:
    """Where the records of a dump came from."""

    standings: tuple[Standing, ...]
    """One a platform, in the order of the testimonies."""
    mixture: Mixture
    rows: int
    """Rows that links can have: the records, or their showings."""

    def shares(self, platform: int) -> Floats:
        """(links of the platform,) chance that each linked record came from it."""
        return self.mixture.shares_of(platform, self.standings[platform].testimony.links)

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Names of platforms that nothing in the dump tells apart."""
        named = [{self.standings[place].name for place in group} for group in self.mixture.groups]
        named += [
            {one.source.name, one.other.name} for standing in self.standings for one in standing.sharings if one.whole
        ]
        groups: list[set[str]] = []
        for group in named:
            met = [known for known in groups if known & group]
            groups = [known for known in groups if known not in met] + [group.union(*met)]
        return tuple(tuple(sorted(group)) for group in groups)

    @property
    def unclaimed(self) -> NDArray[np.bool_]:
        """(rows,) which of them more likely than not came from nobody registered."""
        unclaimed = np.ones(self.rows, bool)
        unclaimed[self.mixture.row] = self.mixture.unknown[self.mixture.pattern] > _EVEN
        return unclaimed


_EVEN: Final = 0.5


def attribute(inquiry: Inquiry) -> Attribution:
    """Find the sources of a dump."""
    level, testimonies = inquiry.settings.nominal_level / inquiry.tested, inquiry.testimonies
    agreements = agreements_of(testimonies, inquiry.rows.filled.size, level)
    supported = {place: one.core for place, one in enumerate(agreements) if one.bound <= level}
    telling = [one.telling for one in agreements]
    apart = tables_apart(testimonies, telling, supported, inquiry.rows)
    question = Question(testimonies, telling, supported, apart, inquiry.rows, inquiry.census.distinct)
    mixture = settle(question, level)
    limits = _most_unseen(inquiry, mixture)
    shared = _sharings(inquiry, agreements, mixture)
    doubtful = {k: mixture.expected(k) for k in mixture.inclusion.active if k not in supported}
    more = np.nansum(apart.most, axis=0).tolist()
    standings = [_standing(inquiry, k, agreements[k], mixture, limits[k], doubtful) for k in range(len(testimonies))]
    reaching = tuple(one.with_more(more[k]).beside(shared) for k, one in enumerate(standings))
    return Attribution(reaching, mixture, inquiry.rows.filled.size)


def _sharings(inquiry: Inquiry, agreements: Sequence[Agreement], mixture: Mixture) -> list[Sharing]:
    """Which platforms could have supplied the records of those in the model."""
    testimonies, level = inquiry.testimonies, inquiry.settings.nominal_level
    return [
        one
        for place in mixture.inclusion.active
        for one in sharings(
            testimonies,
            place,
            mixture.shares_of(place, testimonies[place].links) > _EVEN,
            by_values=agreements[place].luck * inquiry.tested <= level,
        )
    ]


def _standing(  # noqa: PLR0913 - what is known of one platform, and of the others that no value names
    inquiry: Inquiry, place: int, agreement: Agreement, mixture: Mixture, limit: float, doubtful: Mapping[int, float]
) -> Standing:
    rows, low, high = mixture.rows(place, inquiry.settings.confidence)
    active = rows > 0
    unexplained = float(inquiry.rows.records - mixture.many.sum() + mixture.many @ mixture.unknown)
    if not active:
        high = limit
    else:
        testimony = inquiry.testimonies[place]
        share, unknown = mixture.shares_of(place, testimony.links), mixture.unknown_of(testimony.links)
        unsure = _reach(inquiry) * _unsure(testimony, agreement, share)
        on_faith = _on_faith(testimony, agreement, share, unknown, inquiry.rows.filled[testimony.links.row])
        low, high = max(0.0, low - unsure - on_faith), high + unsure
        if place not in mixture.patterns.shadowed:
            low = min(low, _agreeing(testimony, _reach(inquiry)))
        high += min(unexplained, rows * (_lost(inquiry) + _damaged(testimony, share)))
    # Whoever joined too late to be known here may be a customer of a platform that only its customers speak for.
    elsewhere = sum(rows for other, rows in doubtful.items() if other != place) if active else 0.0
    platform = inquiry.testimonies[place].links.platform
    twins = [other for group in mixture.groups if place in group for other in group if other != place]
    return Standing(
        testimony=inquiry.testimonies[place],
        agreement=agreement,
        active=active,
        score=float(mixture.entry_score[place]),
        rows=rows,
        rows_low=low,
        rows_high=high,
        newcomers=min(unexplained + elsewhere, newcomers(platform, inquiry.sealed_on)),
        unseen_days=unseen_days(platform, inquiry.sealed_on),
        twins=tuple(inquiry.testimonies[other].links.platform.name for other in twins),
        tested=inquiry.tested,
        records=inquiry.rows.records,
        rates=tuple(
            rate
            for rate in inquiry.census.rates
            if rate.platform == platform.name and rate.used and rate.links and rate.kind in WORDS
        ),
    )


def _on_faith(
    testimony: Testimony, agreement: Agreement, share: Floats, unknown: Floats, way: NDArray[np.intp]
) -> float:
    """Records that count as a platform's although they may well be somebody else's.

    Those of which nothing agrees, taken for edited, or, where no record with the same columns agrees, as in a file of
    its own, nothing can be compared; and those that may agree because the same people have like values everywhere, as
    far as that was looked at (`Agreement.elsewhere`): at most as many as agree by chance, which are in the count
    already. Of the records that are another registered platform's, only what was shared out between the two.
    """
    outcome = testimony.agree[:, list(agreement.telling)]
    agrees, differs = (outcome == 1).any(axis=1), (outcome == 0).any(axis=1)
    foreign = np.bincount(way, agrees, int(way.max(initial=0)) + 1)[way] == 0
    differs = ~agrees & (differs | (foreign & bool(agreement.telling)))
    alike = min(max(0.0, agreement.elsewhere - agreement.by_chance), agreement.by_chance)
    others = np.maximum(0.0, 1 - share - unknown)
    registered = min(alike * testimony.summed(others), testimony.summed(share * others))
    return testimony.summed(share * differs) + alike * testimony.summed(unknown) + registered


def _unsure(testimony: Testimony, agreement: Agreement, share: Floats) -> float:
    """Records of others that agree by chance: the standard deviation of their number.

    How often the values of others agree is known by so many deranged comparisons and no better. Among millions of
    records that is more than chance itself leaves open.
    """
    given = 1 - share[testimony.giver]
    compared, telling = float(given.sum()), list(agreement.telling)
    if not telling or compared <= 0:
        return 0.0
    agreed = float(given[(testimony.dealt[:, telling] == 1).any(axis=1)].sum())
    chance = min(1.0, (agreed + 0.5) / (compared + 1))
    return testimony.summed(1 - share) * float(np.sqrt(chance * (1 - chance) / (compared + 1)))


def _reach(inquiry: Inquiry) -> float:
    """Standard deviations on either side of an interval."""
    return float(special.ndtri(0.5 + inquiry.settings.confidence / 2))


def _damaged(testimony: Testimony, share: Floats) -> float:
    """Share of a platform's records that are linked by a lesser part of an identifier only, the rest being damaged.

    Damage that hits the name is seen so; as much may have hit the digits, and those records are linked to nobody.
    """
    own = testimony.summed(share)
    lesser = (testimony.links.kinds & _TELLING_APART) == 0
    return testimony.summed(share * lesser) / own if own > 0 else 0.0


_NEVER: Final = 1e-9
"""Chance of agreeing in nothing, at least."""
_TELLING_APART: Final = np.uint16(sum(BIT[kind] for kind in NUMBERING))


def _agreeing(testimony: Testimony, reach: float) -> float:
    """Records that agree in something, less those of others that do by chance: the lower limit of their number.

    Where no value could contradict a platform (balances that move every month), those that agree in nothing may be its
    own or anybody's. If all of them are somebody else's, chance made c / (1 - c) agree for each that it did not.
    """
    if not testimony.pairings:
        return float(testimony.linked)
    missed = np.array([1 - one.by_chance for one in testimony.pairings])
    differs = np.maximum(np.where(testimony.agree == MISSING, 1.0, missed).prod(axis=1), _NEVER)
    agrees = (testimony.agree == 1).any(axis=1)
    lucky = np.where(agrees, 0.0, (1 - differs) / differs)
    foreign = testimony.summed(lucky) + reach * float(np.sqrt(testimony.summed(lucky / differs)))
    return max(0.0, testimony.summed(agrees.astype(float)) - foreign)


def _most_unseen(inquiry: Inquiry, mixture: Mixture) -> list[float]:
    """Most records that each platform may have supplied if it is outside the model: the smallest of three upper limits.

    One Newton step of the model; the records linked to it at all; and, since a leak takes customers as they come,
    what the few records of people who are customers of no active platform allow, given how many such customers there
    are.
    """
    inclusion = mixture.inclusion
    reach = _reach(inquiry)
    met = np.zeros(inquiry.rows.filled.size, bool)
    for other in inclusion.active:
        met[inquiry.testimonies[other].links.row] = True
    limits = []
    for place, outside in enumerate(inquiry.census.outside(inclusion.active)):
        testimony = inquiry.testimonies[place]
        row = testimony.links.row
        step = max(0.0, inclusion.one_step[place]) + reach * inclusion.one_step_error[place]
        seen = upper_limit_count(round(testimony.counted(~met[row])), inquiry.settings.confidence)
        limits.append(float(min(step, testimony.linked, seen / outside if outside > 0 else np.inf)))
    return limits


def _lost(inquiry: Inquiry) -> float:
    """Share of a source's records that may have lost every identifier by which they could be linked.

    A typing error in a number is seen in about half the cases: the others give another number that looks like one.
    """
    seen = upper_limit_count(inquiry.unidentified, inquiry.settings.confidence)
    lost = _LOST_FOR_EACH_SEEN * seen / max(1, inquiry.rows.records)
    return _BETWEEN + (lost if inquiry.unidentified else min(_LOST, lost))


def newcomers(platform: Platform, sealed_on: date) -> float:
    """Customers a platform may have won between its newest snapshot and the sealing of the dump: nobody knows them."""
    days = unseen_days(platform, sealed_on)
    return float(np.inf if platform.joins_per_day is None and days else days * (platform.joins_per_day or 0.0))


def unseen_days(platform: Platform, sealed_on: date) -> int:
    """Days between a platform's newest snapshot and the sealing of the dump."""
    return max(0, (sealed_on - platform.days[-1]).days)
