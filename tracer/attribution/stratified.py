"""The inclusion rates within strata of each platform's customers.

With n_ks records from the S_ks customers of platform k in its stratum s, a record whose customer is in stratum s(k) of
every platform k that knows him has the intensity

    λ = n_0 / E + Σ_k w_k · n_k,s(k) / S_k,s(k),   Σ λ = n_0 + Σ_ks n_ks.

That is the model of `inclusion` with each stratum in the place of a platform: exposures drop out as they do there, and
with one stratum each it is the same. A platform outside the model is tried as a whole, since one that supplied nothing
was not selected from; what the strata of the others explain is not held against it.

The unknown source stays even: there is no table of whoever nobody registered that says by what it was filtered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tracer.attribution.attribution import Attribution
from tracer.attribution.inclusion import Floats, Inclusion, Patterns, fit, responsibilities
from tracer.attribution.mixture import Mixture
from tracer.attribution.overlap import Flags, Labels
from tracer.attribution.standing import Estimate, Regression, Standing
from tracer.attribution.strata import DIFFERS, Strata, strata_of
from tracer.linkage.clientele import drawn_by, selectable
from tracer.settings import Settings
from tracer.vault.vault import Vault

_EVEN: Final = 0.5
_TRIED: Final = 5
"""Platforms tried at each step of the forward search, the greatest scores first."""
Counted = tuple[float, float, float]
"""Rows, and the ends of their interval."""
_NOTHING: Final = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Cells:
    """Records counted by their pattern and the strata of the customers whom they are about."""

    pattern: NDArray[np.intp]
    """(F,) the pattern that each part is of."""
    stratum: Mapping[int, Labels]
    """Place of a platform → (F,) the stratum of its customer, -1 where there is none."""
    records: Floats
    """(F,) records of each."""

    @staticmethod
    def of(pattern: NDArray[np.intp], stratum: Mapping[int, Labels]) -> Cells:
        """Count records, given (records,) the pattern and the strata of each."""
        return Cells.together([Cells(pattern, stratum, np.ones(pattern.size, np.float64))])

    @staticmethod
    def together(counted: Sequence[Cells]) -> Cells:
        """The cells of several parts of a dump, each cell once."""
        pattern = np.concatenate([one.pattern for one in counted])
        stratum = {place: np.concatenate([one.stratum[place] for one in counted]) for place in counted[0].stratum}
        code = pattern.astype(np.int64)
        for labels in stratum.values():
            code = code * (int(labels.max(initial=0)) + 2) + labels + 1
        _, first, number = np.unique(code, return_index=True, return_inverse=True)
        records = np.asarray(np.bincount(number, np.concatenate([one.records for one in counted])), np.float64)
        return Cells(pattern[first], {place: labels[first] for place, labels in stratum.items()}, records)

    def people(self, patterns: Patterns) -> Floats:
        """(F,) distinct people of each: those of a pattern are in its strata as its records are."""
        whole = np.bincount(self.pattern, self.records, patterns.count.size)
        return np.asarray(self.records * (patterns.count / np.maximum(whole, 1.0))[self.pattern])


@dataclass(frozen=True, slots=True)
class Stratified:
    """The model in which platforms have strata."""

    patterns: Patterns
    """Of the divided patterns: the K platforms as wholes, then all strata, as if each were a platform."""
    inside: tuple[tuple[int, ...], ...]
    """For each platform the columns that stand for it in the model: itself, or its strata."""

    @staticmethod
    def of(patterns: Patterns, cells: Cells, strata: Mapping[int, Strata]) -> Stratified:
        """Divide patterns."""
        whole = patterns.weight[cells.pattern]
        weight, customers, shadowed = [whole], [patterns.customers], list(patterns.shadowed)
        closed = None if patterns.closed is None else patterns.closed[cells.pattern]
        platform_of = list(range(patterns.customers.size))
        inside: list[tuple[int, ...]] = [(place,) for place in range(patterns.customers.size)]
        columns = patterns.customers.size
        for place, one in strata.items():
            many = one.customers.size
            weight.append(whole[:, [place]] * (cells.stratum[place][:, None] == np.arange(many)))
            customers.append(one.customers.astype(float))
            inside[place] = tuple(range(columns, columns + many))
            columns += many
            platform_of += [place] * many
            # Somebody unregistered with the same customers may have been filtered alike.
            shadowed += inside[place] if place in patterns.shadowed else ()
        divided = replace(
            patterns,
            count=cells.people(patterns),
            weight=np.concatenate(weight, axis=1),
            customers=np.concatenate(customers),
            shadowed=tuple(shadowed),
            closed=None if closed is None else closed[:, platform_of],
        )
        return Stratified(divided, tuple(inside))

    def search(self, supported: Sequence[int], threshold: float) -> tuple[Inclusion, tuple[int, ...]]:
        """Let platforms in as `inclusion.search` does; from then on their strata stand for them.

        Who came in before the strata of others did may have nothing left to explain, and is let out again.

        Returns:
            The fit, and the platforms in it.
        """
        found, platforms = list(supported), len(self.inside)
        inclusion = fit(self.patterns, self.columns(found))
        while True:
            score = np.nan_to_num(inclusion.score[:platforms], nan=-np.inf)
            score[found] = -np.inf
            tried = [int(place) for place in np.argsort(-score)[:_TRIED] if score[place] > threshold / 2]
            roots = {place: self._gained(found, [place], inclusion) for place in tried}
            best = max(roots, key=lambda place: roots[place], default=None)
            if best is None or roots[best] <= threshold:
                break
            found.append(best)
            inclusion = fit(self.patterns, self.columns(found), inclusion.rows)
        while True:
            others = {place: [one for one in found if one != place] for place in found if place not in supported}
            roots = {place: self._gained(rest, self.inside[place], inclusion) for place, rest in others.items()}
            least = min(roots, key=lambda place: roots[place], default=None)
            if least is None or roots[least] > threshold:
                return inclusion, tuple(found)
            found.remove(least)
            inclusion = fit(self.patterns, self.columns(found), inclusion.rows)

    def _gained(self, found: Sequence[int], more: Sequence[int], near: Inclusion) -> float:
        """The root of the likelihood ratio of the model with some columns `more` to that without.

        Their shadows are in both. The fits begin from one that is `near`.
        """
        columns, shadows = self.columns(found), [column for column in more if column in self.patterns.shadowed]
        greater = fit(self.patterns, [*columns, *more], near.rows).likelihood
        lesser = fit(self.patterns, columns, near.rows, shadows).likelihood
        return float(np.sqrt(max(0.0, 2 * (greater - lesser))))

    def columns(self, places: Sequence[int]) -> list[int]:
        """The columns of these platforms, once they are in the model."""
        return [column for place in places for column in self.inside[place]]


def within_strata(
    attribution: Attribution,
    vault: Vault,
    drawn_of: Callable[[int], Flags],
    cells_of: Callable[[Mapping[int, Strata]], Cells],
    settings: Settings,
) -> Attribution:
    """The attribution with what strata make of the rows of its platforms.

    Args:
        attribution: without strata.
        vault: what platforms registered.
        drawn_of: gives for the place of a platform (customers,) who is in the dump, as far as it came from there.
        cells_of: counts the records by strata, if there are any.
        settings: of the run.
    """
    mixture, standings = attribution.mixture, list(attribution.standings)
    plain = {place: mixture.rows(place, settings.confidence) for place in mixture.inclusion.active}
    found = {}
    for place in plain:
        platform = standings[place].testimony.links.platform
        one = strata_of(drawn_of(place), partial(selectable, vault, platform), settings.seed + place)
        found.update({place: one} if one else {})
    cells = cells_of(found) if found else None
    strata, within = needed(mixture, cells, found) if cells else {}, plain
    if cells and strata:
        level = settings.nominal_level / standings[0].tested
        supported = [place for place in plain if standings[place].agreement.bound <= level]
        within = counted(mixture, cells, strata, supported, (level, settings.confidence))
    for place in sorted({*plain, *within}):
        own, standing = strata.get(place), standings[place]
        regression = Regression(
            unstratified=Estimate(standing.rows, standing.rows_low, standing.rows_high),
            stratified=_allowing(standing, plain.get(place, _NOTHING), within.get(place, _NOTHING)),
            strata=own.columns if own else (),
            cells=own.customers.size if own else 1,
            divided=bool(strata),
        )
        if max(regression.unstratified.rows, regression.stratified.rows) > 0:
            standings[place] = standing.within(regression)
    return replace(attribution, standings=tuple(standings))


def drawn(attribution: Attribution, place: int) -> Flags:
    """(customers,) whom of a platform's the records that came from it are about."""
    return drawn_by(attribution.standings[place].testimony.links, attribution.shares(place) > _EVEN)


def tabulate(attribution: Attribution, strata: Mapping[int, Strata]) -> Cells:
    """The records of a dump, counted by strata."""
    mixture, stratum = attribution.mixture, {}
    for place, one in strata.items():
        links = attribution.standings[place].testimony.links
        stratum[place] = np.full(mixture.row.size, -1, np.int64)
        stratum[place][mixture.places_of(links.row)] = one.stratum[links.person]
    return Cells.of(mixture.pattern, stratum)


def needed(mixture: Mixture, cells: Cells, strata: Mapping[int, Strata]) -> dict[int, Strata]:
    """Those strata that explain what the platform as a whole does not.

    Whose records are taken for a platform's depends on who else knows the people, so that a leak of a whole table may
    seem to have been selected from. In the model it is not: with or without strata it explains the same.
    """
    model, active = Stratified.of(mixture.patterns, cells, strata), mixture.inclusion.active
    whole = fit(model.patterns, model.columns(active))
    kept = {}
    for place, one in strata.items():
        rest = model.columns([other for other in active if other != place])
        gained = whole.likelihood - fit(model.patterns, [*rest, place], whole.rows).likelihood
        if special.chdtrc(one.customers.size - 1, max(0.0, 2 * gained)) <= DIFFERS:
            kept[place] = one
    return kept


def counted(
    mixture: Mixture, cells: Cells, strata: Mapping[int, Strata], supported: Sequence[int], levels: tuple[float, float]
) -> dict[int, Counted]:
    """The rows of the platforms that the model with strata needs.

    Args:
        mixture: without strata.
        cells: its records, counted by strata.
        strata: place of a platform → the strata of its customers.
        supported: platforms that are in the model from the start.
        levels: of the search for each platform, and of the intervals.
    """
    search, confidence = levels
    model = Stratified.of(mixture.patterns, cells, strata)
    inclusion, found = model.search(supported, float(special.ndtri(1 - search)))
    share, every = responsibilities(model.patterns, inclusion), np.arange(cells.pattern.size)
    tried = np.full(model.patterns.customers.size, np.nan)
    divided = Mixture(every, every, model.patterns, inclusion, tried, mixture.repeated, share, cells.records)
    return {place: divided.rows_of(model.inside[place], confidence) for place in found}


def _allowing(standing: Standing, plain: Counted, within: Counted) -> Estimate:
    """The rows within strata, with what the standing allows for beside the regression's own error."""
    rows, low, high = within
    if not rows > 0:
        return Estimate(0.0, 0.0, 0.0)
    if not plain[0] > 0:
        return Estimate(rows, 0.0, min(float(standing.records), high))
    return Estimate(
        rows,
        max(0.0, low + standing.rows_low - plain[1]),
        min(float(standing.records), high + standing.rows_high - plain[2]),
    )
