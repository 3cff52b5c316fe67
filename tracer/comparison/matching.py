"""Who of the dump is whom of the table: pairs are proposed, compared, weighed and resolved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracer.comparison.blocking import Pairs, allowance, merged, propose, rules
from tracer.comparison.chance import Chances, chances, surprise
from tracer.comparison.levels import Levels, compare
from tracer.comparison.people import People, Places
from tracer.comparison.resolution import resolve
from tracer.comparison.weights import Patterns, Weights, learn, log_match, patterns, slips, usual

Floats = NDArray[np.float64]

_BEYOND_DOUBT: Final = 1e6
"""Odds, however few of the dump are in the table, from which a person is looked for no longer."""
_AT_ONCE: Final = 4
"""Rules that are tried before it is asked who is still looked for."""
_AS_LIKELY: Final = 0.5
_SURE: Final = 0.99
"""Chance from which a pair is linked in any case."""
_WRONG: Final = 0.001
"""Share of links that may be wrong."""


@dataclass(frozen=True)
class Matching:
    """Every pair that was compared, and what became of it."""

    people: People
    chances: Chances
    weights: Weights
    ours: Places
    """(pairs,) person of the dump, ascending."""
    theirs: Places
    """(pairs,) person of the table."""
    levels: Levels
    """(traits, pairs)."""
    ratio: Floats
    """(pairs,) log m/u."""
    chance: Floats
    """(pairs,) that they are one person."""
    kept: NDArray[np.bool_]
    """(pairs,) the pairs that are left after each person was given to one."""

    known: Floats
    """(people of the dump, then decoys) the chance that each is somebody of the table."""
    recognised: float
    """Share of the table's own people who are recognised when they are looked for with the dump's blanks and slips."""

    @cached_property
    def strangers(self) -> Floats:
        """(decoys from which nothing was learned,) chance of the likeliest person that each is taken for."""
        best = np.zeros(self.people.looked_for)
        np.maximum.at(best, self.ours, self.chance)
        return best[self.people.ours + 1 :: 2]

    @cached_property
    def found(self) -> NDArray[np.bool_]:
        """(people of the dump, then decoys) who is surely somebody of the table, be it known who or not."""
        sure = self.known >= _SURE
        sure[self.ours[self.chance >= self.least]] = True
        return sure

    @cached_property
    def least(self) -> float:
        """Chance from which pairs are linked: among them hardly one in a thousand is expected to be wrong.

        Expected twice: by their own chances, and by how many strangers would get so far (Elias and Gygi 2007).
        """
        good = np.sort(self.chance[self.kept])[::-1]
        good = good[good >= _AS_LIKELY]
        linked = np.arange(1, good.size + 1)
        wrong = np.cumsum(1 - good)
        strangers = np.sort(self.strangers)
        rate = (strangers.size - np.searchsorted(strangers, good)) / max(1, strangers.size)
        wrong = np.maximum(wrong, rate * np.maximum(0, self.people.ours - linked))
        fine = np.flatnonzero(wrong <= _WRONG * linked)
        return min(_SURE, float(good[fine[-1]])) if fine.size else _SURE


def match(people: People, seed: int, progress: Callable[[str], None]) -> Matching:
    """Find for every person of the dump who of the table that is."""
    generator = np.random.default_rng(seed)
    progress("counting how often people agree by chance")
    counted = chances(people, generator)
    search = _Search(people, counted)
    for stage in rules(people):
        for start in range(0, len(stage), _AT_ONCE):
            progress(f"comparing {search.pairs.size:,} pairs")
            search.extend([propose(rule, search.sought, allowance(people)) for rule in stage[start : start + _AT_ONCE]])
    progress("learning the weights")
    return search.conclude()


class _Search:
    """Pairs as they are found."""

    def __init__(self, people: People, counted: Chances) -> None:
        self.people, self.chances = people, counted
        self.pairs = np.empty(0, np.int64)
        self.sought = np.ones(people.looked_for, bool)
        self._levels = np.empty((len(people.traits), 0), np.uint8)
        self._belief = usual(len(people.traits))

    def extend(self, proposals: list[Pairs]) -> None:
        """Compare what is new of the proposals, and close the people who are found beyond doubt."""
        fresh = merged(self.people, proposals, self.pairs)
        if not fresh.size:
            return
        ours, theirs = np.divmod(fresh, self.people.theirs)
        codes = [trait.table[theirs] for trait in self.people.traits]
        levels = np.array(
            [compare(one, one.dump[ours], code) for one, code in zip(self.people.traits, codes, strict=True)]
        )
        log_chance = self.chances.log(levels, slips(self._belief), codes)
        ratio = log_match(self._belief, levels) - log_chance
        sure = ratio - np.log(float(self.people.theirs) * self.people.ours) > np.log(_BEYOND_DOUBT)
        self.sought[ours[sure & ~self.people.themselves(ours, theirs)]] = False
        place = np.argsort(np.concatenate([self.pairs, fresh]), kind="stable")
        self.pairs = np.concatenate([self.pairs, fresh])[place]
        self._levels = np.concatenate([self._levels, levels], axis=1)[:, place]

    def conclude(self) -> Matching:
        """Learn the weights and give everybody to one."""
        people = self.people
        ours, theirs = np.divmod(self.pairs, max(1, people.theirs))
        found = patterns(self._levels)
        itself = people.themselves(ours, theirs)
        weights, ratio = self._belief, np.empty(0)
        # Twice: what damage is like must be known before it can be said how often it makes strangers alike.
        for _ in range(2):
            weights, ratio = self._learn(found, ours, theirs, weights)
        odds = ratio + np.log(weights.share / people.theirs) - np.log1p(-weights.share)
        recognised = self._recognised(ours, itself, ratio)
        odds[itself] = -np.inf
        chance = alone(ours, odds)
        real = ours < people.ours
        # Whom two people of the dump could be goes to the likelier; the decoys take nobody.
        kept = resolve(ours, theirs, np.where(real & (chance > _CONSIDERED), odds, 0.0))
        free = ~np.isin(theirs, theirs[kept]) | kept | ~real
        left = alone(ours, np.where(free, odds, -np.inf))
        known = np.minimum(np.bincount(ours, weights=left, minlength=people.looked_for), 1.0)
        return Matching(
            people, self.chances, weights, ours, theirs, self._levels, ratio, chance, kept, known, recognised
        )

    def _learn(self, found: Patterns, ours: Places, theirs: Places, begin: Weights) -> tuple[Weights, Floats]:
        """Weights, and the log m/u of every pair."""
        people = self.people
        made = slips(begin)
        log_chance = self.chances.log(self._levels, made, [one.table[theirs] for one in people.traits])
        log_chance += self._surprise(found, ours, made)[found.of]
        real = ours < people.ours
        weights = begin
        if real.any():
            of = Patterns(found.levels, found.of[real])
            starts = np.flatnonzero(np.diff(ours[real], prepend=-1))
            weights = learn(of, log_chance[real], starts, (people.ours, people.theirs), begin)
        return weights, log_match(weights, found.levels)[found.of] - log_chance

    def _recognised(self, ours: Places, itself: NDArray[np.bool_], ratio: Floats) -> float:
        """Share of the decoys from which nothing was learned that are recognised, when half may be nobody."""
        tried = (self.people.decoys.size) // 2
        chance = alone(ours, ratio - np.log(self.people.theirs))
        known = itself & (chance >= _AS_LIKELY) & ((ours - self.people.ours) % 2 == 1)
        return float(known.sum() / tried) if tried else 0.0

    def _surprise(self, found: Patterns, ours: Places, made: Floats) -> Floats:
        """(patterns,) what every other decoy teaches; the rest are kept to be tried on."""
        people = self.people
        tutors = np.arange(0, people.decoys.size, 2)
        taught = np.isin(ours, people.ours + tutors)
        taught &= ~people.themselves(*np.divmod(self.pairs, people.theirs))
        seen = np.bincount(found.of[taught], minlength=found.levels.shape[1]).astype(np.float64)
        return surprise(people, self.chances, found.levels, made, seen, tutors)


def alone(ours: Places, odds: Floats) -> Floats:
    """(pairs,) the chance of each, when every person of the dump is one of those it is paired with or nobody.

    Args:
        ours: (pairs,) ascending.
        odds: (pairs,) log odds against nobody.
    """
    if not ours.size:
        return np.empty(0)
    starts = np.flatnonzero(np.diff(ours, prepend=-1))
    top = np.maximum(np.maximum.reduceat(odds, starts), 0.0)
    sizes = np.diff(np.append(starts, odds.size))
    weight = np.exp(odds - np.repeat(top, sizes))
    return np.asarray(weight / np.repeat(np.add.reduceat(weight, starts) + np.exp(-top), sizes))


_CONSIDERED: Final = 1e-3
