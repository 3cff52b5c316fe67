"""Lenders of the whole country and of three provinces, whose tables sellers filter, as the model sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tracer.attribution.inclusion import Patterns, responsibilities, search
from tracer.attribution.mixture import Mixture
from tracer.attribution.overlap import Flags, Labels
from tracer.attribution.strata import Strata, strata
from tracer.attribution.stratified import Cells, Counted, counted, needed

PLATFORMS = 6
PROVINCES = 3
"""Of eight: those in which every second lender does its business, and which sellers ask for."""
FILTERS = ("province", "product", "date", "amount")
LEVELS = (1e-4 / PLATFORMS, 0.95)
NOBODY = -1
"""Who draws from all registered people, and is not registered."""


@dataclass(frozen=True)
class Country:
    """Registered people, and what lenders registered of them."""

    member: Flags
    """(people, platforms)."""
    columns: dict[str, Labels]
    """Filter → (people, platforms) the category that each platform holds."""

    @staticmethod
    def of(seed: int, people: int = 12_000) -> Country:
        """Invent one; provinces are the person's, all else is each platform's own."""
        rng = np.random.default_rng([seed, 105])
        province, pull = rng.integers(0, 8, people), rng.gamma(3.0, 1 / 3.0, people)
        base = rng.uniform(0.08, 0.25, PLATFORMS)
        at_home = np.where(province < PROVINCES, 1.8, 0.15)
        chance = pull[:, None] * base * np.where(np.arange(PLATFORMS) % 2 == 1, at_home[:, None], 1.0)
        member = rng.random((people, PLATFORMS)) < np.minimum(0.9, chance)
        known = member.any(axis=1)
        size = (int(known.sum()), PLATFORMS)
        held = {"product": rng.integers(0, 5, size), "date": rng.integers(0, 24, size)}
        held |= {"amount": rng.integers(0, 30, size), "province": np.tile(province[known, None], (1, PLATFORMS))}
        return Country(member[known], held)

    def fits(self, by: str, place: int) -> Flags:
        """(people,) whose record at a platform a seller's filter lets through; "" lets all through."""
        if not by:
            return self.member[:, place]
        least = {"province": PROVINCES, "product": 2, "date": 8, "amount": 15}[by]
        return np.asarray(self.member[:, place] & (self.columns[by][:, place] < least))


@dataclass(frozen=True)
class Leak:
    """A dump of phone numbers."""

    country: Country
    person: NDArray[np.int64]
    """(records,)."""
    true: NDArray[np.int64]
    """(platforms,) true rows."""

    @staticmethod
    def of(country: Country, rows: Mapping[int, int], filters: Mapping[int, str], seed: int) -> Leak:
        """Draw `rows` of platforms, or of `NOBODY`, through their filters."""
        rng, true = np.random.default_rng([seed, 106]), np.zeros(PLATFORMS, np.int64)
        parts = []
        for place, count in rows.items():
            every = np.arange(country.member.shape[0])
            fits = every if place == NOBODY else np.flatnonzero(country.fits(filters.get(place, ""), place))
            parts.append(rng.choice(fits, min(count, fits.size), replace=False))
            if place != NOBODY:
                true[place] = parts[-1].size
        return Leak(country, np.concatenate(parts), true)

    def mixture(self) -> Mixture:
        """The model without strata."""
        member = self.country.member
        masks, pattern = np.unique(member[self.person], axis=0, return_inverse=True)
        count, customers = np.bincount(pattern.reshape(-1)).astype(float), member.sum(axis=0).astype(float)
        patterns = Patterns(count, masks.astype(float), customers, float(member.shape[0]))
        inclusion, score = search(patterns, [], float(special.ndtri(1 - LEVELS[0])))
        share, row = responsibilities(patterns, inclusion), np.arange(self.person.size)
        return Mixture(row, pattern.reshape(-1), patterns, inclusion, score, 1.0, share)

    def strata(self, mixture: Mixture) -> dict[int, Strata]:
        """What is found of the platforms in the model."""
        found = {}
        for place in mixture.inclusion.active:
            customer = self.country.member[:, place]
            drawn = np.zeros(customer.size, bool)
            drawn[self.person[mixture.chance(place)[mixture.pattern] > 0.5]] = True
            columns = {name: labels[customer, place] for name, labels in self.country.columns.items()}
            one = strata(drawn[customer], columns)
            found.update({place: one} if one else {})
        return found

    def cells(self, mixture: Mixture, strata: Mapping[int, Strata]) -> Cells:
        """The records by strata."""
        stratum = {}
        for place, one in strata.items():
            of_person = np.full(self.country.member.shape[0], -1, np.int64)
            of_person[self.country.member[:, place]] = one.stratum
            stratum[place] = of_person[self.person]
        return Cells.of(mixture.pattern, stratum)

    def both(self) -> tuple[dict[int, Counted], dict[int, Counted]]:
        """Rows and intervals of the platforms in the model, without strata and within them."""
        mixture = self.mixture()
        plain = {place: mixture.rows(place, LEVELS[1]) for place in mixture.inclusion.active}
        found = self.strata(mixture)
        cells = self.cells(mixture, found)
        kept = needed(mixture, cells, found)
        return plain, counted(mixture, cells, kept, [], LEVELS) if kept else plain
