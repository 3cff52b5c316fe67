"""Profiles of customers who do not exist, drawn column by column, each value from somebody alike in those before it.

Sequential synthesis (Rubin 1993; Nowok, Raab & Dibben 2016, "synthpop"): the joint distribution of the columns is the
first one's, times the second's given the first, and so on; each conditional distribution is a tree's leaves (see
`tree`). Within a leaf donors are dealt like cards, so no customer lends a value twice before everybody has lent one:
values occur as often, and as often alone, as in a sample of customers.

A number that nearly everybody has for himself would point at its donor. Of such numbers the proportion to another
number of the row is drawn (a balance to its limit, an instalment to its loan), between those of two donors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from canaries.tree import Places, Predictor, Real, Tree, binned, grow, predictor

Bins = NDArray[np.uint8]

DONORS: Final = 3
"""So many customers lend to one canary at least, where it has as many traits."""
_ROUNDS: Final = 20
_TRIAL: Final = 4_000
"""Donors from whom the proportion is chosen."""
_GAP: Final = 6.0
"""How many times as far as to its neighbour on the other side a made number may be from its donor's."""
_GAIN: Final = 0.8
"""A proportion is drawn instead of the number when its spread in the leaves is less than this share of it."""
_BOUNDED: Final = 0.6
"""Times its spread counts where a number never exceeds the other (a balance its limit): drawn by itself it would
have to be drawn again wherever it does, and high proportions would be rare."""
_FULL: Final = 0.9
"""Of the other number, at least, is the greatest that so bounded a number reaches."""


@dataclass(frozen=True, slots=True)
class Trait:
    """One thing about every donor."""

    key: str
    values: Real
    """(donors,) Numbers, or codes of words, the commonest 0; NaN is missing."""
    ordered: bool
    """Whether they are numbers."""
    smooth: bool = False
    """Whether hardly two donors share one, so that it is made anew and not copied."""
    beside: Real | None = None
    """(donors,) Codes of something that follows from it, for the traits behind it: the weekday of a day."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One trait of the canaries."""

    donors: Places
    """(canaries,) From whom it is."""
    numbers: Real | None = None
    """(canaries,) Numbers made anew, of a smooth trait."""


@dataclass(frozen=True, slots=True)
class _Step:
    """How one trait is drawn when those before it are known."""

    trait: Trait
    tree: Tree
    driver: str
    """The number whose proportion it is; empty where it is itself."""
    lent: Real
    """(donors,) What donors lend: the proportion, or the number."""
    known: tuple[Predictor, ...]
    """What it tells the traits behind it."""


class Synthesiser:
    """Draws traits of canaries from those of donors."""

    def __init__(self, traits: Sequence[Trait], donors: int) -> None:
        """Grow one tree a trait, the simplest trait first.

        Args:
            traits: any number, of the same donors.
            donors: how many there are.
        """
        self._donors = donors
        self._steps: list[_Step] = []
        ranked = sorted(traits, key=lambda one: (one.smooth, len(np.unique(one.values))))
        before: list[Predictor] = []
        for one in ranked:
            self._steps.append(self._step(one, before))
            before += self._steps[-1].known

    def _step(self, trait: Trait, before: list[Predictor]) -> _Step:
        known = [predictor(trait.values, ordered=trait.ordered)]
        if trait.beside is not None:
            known.append(predictor(trait.beside, ordered=False))
        driver = self._driver(trait, before) if trait.smooth else None
        key, lent = ("", trait.values) if driver is None else (driver.key, _proportion(trait, driver))
        return _Step(trait, grow(lent, before, ordered=trait.ordered), key, lent, tuple(known))

    def _driver(self, trait: Trait, before: list[Predictor]) -> Trait | None:
        """The number of which a near-unique one is best drawn as a proportion; None where it is best drawn itself."""
        few = slice(0, None, max(1, self._donors // _TRIAL))
        known = [replace(one, bins=one.bins[few]) for one in before]

        def spread(values: Real) -> float:
            return _spread(grow(values[few], known, ordered=True), values[few])

        best, least = None, _GAIN * spread(trait.values)
        for one in (step.trait for step in self._steps if step.trait.ordered):
            lent = _proportion(trait, one)
            there = lent[np.isfinite(trait.values)]
            if not (np.isfinite(there).all() and (there > 0).all()):
                continue
            bounded = _FULL < float(there.max(initial=0.0)) <= 1
            if (found := spread(lent) * (_BOUNDED if bounded else 1.0)) < least:
                best, least = one, found
        return best

    def draw(self, count: int, rng: np.random.Generator) -> dict[str, Drawn]:
        """The traits of `count` canaries; each has several donors, none of whom lends more than half of its traits."""
        drawn = self._once(count, rng)
        for _ in range(_ROUNDS):
            again = self._too_like(drawn, count)
            if not len(again):
                break
            fresh = self._once(len(again), rng)
            for key, one in drawn.items():
                one.donors[again] = fresh[key].donors
                if one.numbers is not None:
                    one.numbers[again] = fresh[key].numbers
        return drawn

    def _once(self, count: int, rng: np.random.Generator) -> dict[str, Drawn]:
        drawn: dict[str, Drawn] = {}
        bins: list[Bins] = []
        for step in self._steps:
            table = np.column_stack(bins) if bins else np.zeros((count, 0), np.uint8)
            donors, lent = np.zeros(count, np.int64), np.zeros(count)
            for leaf, rows in step.tree.sort(table).items():
                if len(rows):
                    donors[rows] = dealt(step.tree.leaves[leaf], len(rows), rng)
                    if step.trait.smooth:
                        lent[rows] = _between(step.lent, step.tree.leaves[leaf], donors[rows], rng)
            numbers = None
            if step.trait.smooth:
                numbers = lent * self._numbers(step.driver, drawn) if step.driver else lent
            drawn[step.trait.key] = Drawn(donors, numbers)
            own = step.known[0]
            bins.append(own.bins[donors] if numbers is None else binned(numbers, own.edges))
            bins += [one.bins[donors] for one in step.known[1:]]
        return drawn

    def _numbers(self, key: str, drawn: Mapping[str, Drawn]) -> Real:
        made = drawn[key].numbers
        if made is not None:
            return made
        values = next(step.trait.values for step in self._steps if step.trait.key == key)
        return values[drawn[key].donors]

    def _too_like(self, drawn: Mapping[str, Drawn], count: int) -> Places:
        """Canaries too much of which is one donor's."""
        if not drawn:
            return np.zeros(0, np.int64)
        lenders = np.column_stack([one.donors for one in drawn.values()])
        traits = lenders.shape[1]
        most = max(1, traits // 2)
        told = [Counter(row).most_common() for row in lenders.tolist()]
        wanted = min(DONORS, traits, self._donors)
        return np.array([at for at in range(count) if told[at][0][1] > most or len(told[at]) < wanted], np.int64)


def _proportion(trait: Trait, driver: Trait) -> Real:
    with np.errstate(divide="ignore", invalid="ignore"):
        proportion: Real = trait.values / driver.values
    return proportion


def dealt(donors: Places, count: int, rng: np.random.Generator) -> Places:
    """Donors in random order, all of them before any a second time."""
    rounds = [rng.permutation(donors) for _ in range(-(-count // len(donors)))]
    return np.concatenate(rounds)[:count]


def _between(lent: Real, leaf: Places, donors: Places, rng: np.random.Generator) -> Real:
    """A value nearer to each donor's than to any other in the leaf, drawn evenly; never far out into a gap."""
    known = np.sort(lent[leaf][~np.isnan(lent[leaf])])
    own = lent[donors]
    if len(known) < 2:
        return own
    first = np.searchsorted(known, np.nan_to_num(own), side="left")
    last = np.searchsorted(known, np.nan_to_num(own), side="right")
    shared = last - first > 1  # where donors have the very same, canaries have it too
    below = np.where(first > 0, own - known[np.maximum(first - 1, 0)], 0.0) / 2
    above = np.where(last < len(known), known[np.minimum(last, len(known) - 1)] - own, 0.0) / 2
    below, above = np.minimum(below, _GAP * above), np.minimum(above, _GAP * below)
    made: Real = np.where(shared, own, own - below + rng.random(len(own)) * (below + above))
    return made


def _spread(tree: Tree, values: Real) -> float:
    """Mean squared relative deviation within the leaves: comparable between a number and its proportions."""
    total = count = 0.0
    for rows in tree.leaves.values():
        known = values[rows][~np.isnan(values[rows])]
        if len(known) > 1 and (mean := abs(float(known.mean()))) > 0:
            total += float(((known - known.mean()) ** 2).sum()) / mean**2
            count += len(known)
    return total / max(1.0, count)
