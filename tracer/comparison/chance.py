"""How often two different people agree: counted inside the table, whose rows are different people.

A value that c of n people have is met in another of them with chance (c - 1) / (n - 1). Of a value that one person has
nothing is learned by that; Good and Turing (Good 1953) give it 2 N₂ / (N₁ n), where N₁ and N₂ are how many values one
and two people have. So a phone number that nobody shares weighs what unshared numbers weigh, and a rare surname what
rare surnames do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.comparison.alignment import Kind
from tracer.comparison.blocking import neighbourhood
from tracer.comparison.levels import DIFFER, MISSING, SAME, SOUNDS, STEPS, TYPO, Levels, compare
from tracer.comparison.people import Codes, People, Places, Trait

Floats = NDArray[np.float64]

_DRAWN: Final = 500_000
"""Pairs of different people on which the chance of each level rests."""
_SPELLED: Final = 100_000
"""People among whom numbers that are one character apart are counted."""
_SPACE: Final = {Kind.PHONE: 1e-9, Kind.NATIONAL_ID: 1e-12}
"""Chance that two people have the same number where such numbers are given out once (about 1.7e9 mobile numbers)."""
_JOINT: Final = 5
"""Pairs of people that must agree in two traits before these are taken to depend on each other."""


@dataclass(frozen=True, slots=True)
class Chance:
    """How often two different people agree in one trait."""

    level: Floats
    """(levels,) share of pairs, of those where neither side is missing."""
    same: Floats
    """(values,) chance that another person has this very value."""
    sounds: Floats
    """(values,) chance that another person has a value that sounds like it."""


def by_chance(trait: Trait, generator: np.random.Generator) -> Chance:
    """Estimate the chance of every level of a trait from pairs of the table's people."""
    people = trait.table.size
    one, other = _different(people, generator)
    level = compare(trait, trait.table[one], trait.table[other])
    counts = np.bincount(level, minlength=STEPS).astype(np.float64)
    compared = counts[SAME:].sum()
    rate = (counts + 0.5) / (compared + 0.5 * (STEPS - 1))
    if trait.kind in (Kind.PHONE, Kind.NATIONAL_ID, Kind.CODE, Kind.EMAIL):
        spelled = _one_apart(trait)
        if counts[TYPO] < _FEW and spelled is not None:
            rate[TYPO] = min(rate[TYPO], spelled)
    same = _shared(trait.held, trait.table, _space(trait))
    sounds = same
    if (trait.sound >= 0).any():
        heard = np.where(trait.table >= 0, trait.sound[trait.table], -1)
        alike = np.bincount(heard[heard >= 0], minlength=int(trait.sound.max()) + 1)
        sounds = np.where(trait.sound >= 0, _shared(alike, heard.astype(np.int32), None)[trait.sound], 1.0)
    rate[SAME] = _collisions(trait.held, same)
    rate[MISSING] = 1.0
    rate[DIFFER] = max(rate[DIFFER], _LEAST)
    return Chance(rate, same, np.maximum(sounds, rate[SOUNDS] * _LEAST))


_FEW: Final = 20
_LEAST: Final = 1e-6


def _different(people: int, generator: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    if people * (people - 1) <= _DRAWN:
        one, other = np.triu_indices(people, 1)
        return one.astype(np.int64), other.astype(np.int64)
    one = generator.integers(0, people, _DRAWN)
    other = (one + generator.integers(1, people, _DRAWN)) % people
    return one, other


def _space(trait: Trait) -> float | None:
    """What is known of the numbers beyond this table: how many there are."""
    if trait.masked:
        return None
    if trait.kind in _SPACE:
        return _SPACE[trait.kind]
    return None


def _shared(held: NDArray[np.int64], codes: Codes, space: float | None) -> Floats:
    """(values,) chance that somebody else has the same value, by how many of the table have it."""
    people = max(2, int((codes >= 0).sum()))
    once, twice = int((held == 1).sum()), int((held == 2).sum())
    unseen = 2 * twice / max(1, once) / people
    least = unseen + (space if space is not None else 2 * 0.5 / max(1, once) / people)
    return np.maximum((held - 1) / (people - 1), least)


def _collisions(held: NDArray[np.int64], same: Floats) -> float:
    """The chance over all values."""
    total = held.sum()
    return float((held * same).sum() / total) if total else 1.0


def _one_apart(trait: Trait) -> float | None:
    """Share of pairs of people whose numbers are one slip apart; None where there are too many to be counted so."""
    codes = trait.table[trait.table >= 0][:_SPELLED]
    if codes.size < 2:
        return None
    held = np.bincount(codes)
    used = np.flatnonzero(held)
    variants = neighbourhood(trait.values.gather(used))
    crowd = variants.group_by("key").len().get_column("len").to_numpy().astype(np.float64)
    if (crowd * (crowd - 1)).sum() > _SPELLED_PAIRS:
        return None
    near = variants.join(variants, on="key").filter(pl.col("place") < pl.col("place_right"))
    near = near.select("place", "place_right").unique()
    one, other = used[near["place"].to_numpy()], used[near["place_right"].to_numpy()]
    slipped = compare(trait, one.astype(np.int32), other.astype(np.int32)) == TYPO
    met = float((held[one[slipped]] * held[other[slipped]]).sum())
    return (met + 0.5) / (codes.size * (codes.size - 1) / 2)


_SPELLED_PAIRS: Final = 4e6


def dependence(traits: Sequence[Trait]) -> tuple[tuple[int, float], ...]:
    """For each trait the trait it goes together with (-1: none), and the log of how much oftener than by themselves.

    A maximum spanning tree of the excesses (Chow and Liu 1968), so that nothing is corrected twice: postcode and
    suburb, ID and city, name and address of a household. Counted over all pairs of people of the table.
    """
    rates = [_rate([one.table]) for one in traits]
    edges = []
    for i, j in combinations(range(len(traits)), 2):
        together, compared = _rate([traits[i].table, traits[j].table])
        (one, ones), (other, others) = rates[i], rates[j]
        if together >= _JOINT:
            excess = float(np.log(together / compared) - np.log(one / ones) - np.log(other / others))
            if excess > 0:
                edges.append((excess, i, j))
    return _rooted(sorted(edges, reverse=True), len(traits))


def _rate(columns: list[Codes]) -> tuple[float, float]:
    """Pairs of people of the table that have the same values, and pairs that have any."""
    has = np.logical_and.reduce([codes >= 0 for codes in columns])
    frame = pl.DataFrame({str(place): codes[has] for place, codes in enumerate(columns)})
    counts = frame.group_by(frame.columns).len().get_column("len").to_numpy().astype(np.float64)
    people = float(has.sum())
    return float((counts * (counts - 1) / 2).sum()), people * (people - 1) / 2


def _rooted(edges: list[tuple[float, int, int]], size: int) -> tuple[tuple[int, float], ...]:
    """The maximum spanning forest of the edges, every trait pointing to its parent (Kruskal 1956)."""
    group, near = list(range(size)), [list[tuple[int, float]]() for _ in range(size)]
    for excess, i, j in edges:
        if group[i] != group[j]:
            near[i].append((j, excess))
            near[j].append((i, excess))
            old, new = group[j], group[i]
            group = [new if each == old else each for each in group]
    parents: dict[int, tuple[int, float]] = {}
    for root in range(size):
        if root in parents:
            continue
        parents[root] = (-1, 0.0)
        waiting = [root]
        while waiting:
            one = waiting.pop()
            for other, excess in near[one]:
                if other not in parents:
                    parents[other] = (one, excess)
                    waiting.append(other)
    return tuple(parents[one] for one in range(size))


@dataclass(frozen=True, slots=True)
class Chances:
    """How often two different people agree in every trait, and in two at once."""

    traits: tuple[Chance, ...]
    parents: tuple[tuple[int, float], ...]
    """As `dependence` gives them."""

    def log(self, levels: Levels, slips: Floats, codes: Sequence[Codes] | None = None) -> Floats:
        """(pairs,) log of the chance that two different people agree as much as each pair does.

        Two people's values are one slip apart because they are, or because they are the same and one was mistyped: so a
        damaged agreement is never worth more than a whole one.

        Args:
            levels: (traits, pairs).
            slips: (traits, levels) how often what is the same is written so that it has this level, against written
                the same.
            codes: for each trait the numbers of the values of the table's people (pairs,); values as they usually are
                if left out.
        """
        total = np.zeros(levels.shape[1])
        agrees = (levels != MISSING) & (levels != DIFFER)
        for place, (chance, (parent, excess)) in enumerate(zip(self.traits, self.parents, strict=True)):
            level = levels[place]
            code = None if codes is None else codes[place]
            log = np.log(chance.level)[level]
            at = np.flatnonzero(agrees[place])
            same = np.log(chance.level[SAME] if code is None else chance.same[code[at]])
            if parent >= 0:
                same = np.minimum(same + excess * agrees[parent][at], 0.0)
            apart = log[at]
            if code is not None:
                apart = np.where(level[at] == SOUNDS, np.log(chance.sounds[code[at]]), apart)
            with np.errstate(divide="ignore"):
                slipped = same + np.log(slips[place][level[at]])
            log[at] = np.where(level[at] == SAME, same, np.logaddexp(apart, slipped))
            total += np.where(level == MISSING, 0.0, log)
        return total


def surprise(  # noqa: PLR0913 - what a pattern is made of
    people: People, counted: Chances, levels: Levels, slips: Floats, seen: Floats, tutors: Places
) -> Floats:
    """(patterns,) log of how much oftener strangers show a pattern of levels than its parts suggest; 0 at least.

    Town and postcode, name and mail address, a household: agreements go together in ways no list foresees. So people of
    the table are looked for among its others, and the patterns that turn up are counted.

    Args:
        people: both sides.
        counted: the chance of every level by itself.
        levels: (traits, patterns).
        slips: as for `Chances.log`.
        seen: (patterns,) how many pairs of a tutor and somebody else show each.
        tutors: decoys (places in `people.decoys`) that were counted.
    """
    lacking = _lacking(people, tutors)
    missing = _bits(levels == MISSING)
    pairs = float(tutors.size) * people.theirs
    share = np.array([lacking.get(int(one), 0.0) for one in missing])
    expected = pairs * share * np.exp(counted.log(levels, slips))
    return np.log(np.maximum(1.0, (seen + _DOUBT) / (expected + _DOUBT)))


_DOUBT: Final = 0.5
_LOOKED_AT: Final = 2_000


def _lacking(people: People, tutors: Places) -> dict[int, float]:
    """The share of pairs of a tutor and somebody of the table in which each set of traits is missing."""
    ours = _bits(np.array([one.dump[people.ours + tutors] < 0 for one in people.traits]))
    step = max(1, people.theirs // _LOOKED_AT)
    theirs = _bits(np.array([one.table[::step] < 0 for one in people.traits]))
    mine, my_count = np.unique(ours, return_counts=True)
    others, their_count = np.unique(theirs, return_counts=True)
    either = (mine[:, None] | others[None, :]).ravel()
    weight = np.outer(my_count, their_count).ravel().astype(np.float64)
    sets, place = np.unique(either, return_inverse=True)
    share = np.bincount(place, weights=weight) / weight.sum()
    return dict(zip(sets.tolist(), share.tolist(), strict=True))


def _bits(flags: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(columns,) the flags of a column as one number."""
    return np.asarray(flags.T @ (1 << np.arange(flags.shape[0], dtype=np.int64)))


def chances(people: People, generator: np.random.Generator) -> Chances:
    """Count them in the table."""
    return Chances(tuple(by_chance(one, generator) for one in people.traits), dependence(people.traits))
