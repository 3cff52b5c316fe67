"""Who is a customer where, drawn at random, and dumps of such customers as the inclusion model sees them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracer.attribution.inclusion import Patterns


@dataclass(frozen=True)
class Population:
    """Registered people and where each is a customer."""

    member: NDArray[np.bool_]
    """(people, platforms); everybody is a customer of at least one."""

    @property
    def customers(self) -> NDArray[np.float64]:
        """(platforms,)."""
        return np.asarray(self.member.sum(axis=0), float)


@dataclass(frozen=True)
class Seen:
    """A dump as the model sees it."""

    patterns: Patterns
    pattern: NDArray[np.intp]
    """(records,) pattern of each."""
    true_rows: NDArray[np.int64]
    """(1 + platforms,) records from nobody registered and from each platform."""


def population(rng: np.random.Generator, platforms: int, people: int = 6_000) -> Population:
    """People with uneven chances of being a customer, and a last platform that is mostly the first one's customers."""
    pull = rng.gamma(3.0, 1 / 3.0, people)[:, None]
    chance = np.minimum(0.9, pull * rng.uniform(0.08, 0.3, platforms)[None, :])
    member = rng.random((people, platforms)) < chance
    if platforms > 1:
        member[:, -1] = np.where(rng.random(people) < 0.6, member[:, 0], member[:, -1])
    return Population(member[member.any(axis=1)])


def dump(rng: np.random.Generator, people: Population, rows: NDArray[np.int64]) -> Seen:
    """A dump of identifiers: `rows[0]` of all registered people and `rows[k]` customers of platform k."""
    member = people.member
    taken = [rng.choice(member.shape[0], rows[0], replace=False)]
    taken += [rng.choice(np.flatnonzero(member[:, k]), count, replace=False) for k, count in enumerate(rows[1:])]
    masks, pattern = np.unique(member[np.concatenate(taken)], axis=0, return_inverse=True)
    count = np.bincount(pattern, minlength=len(masks)).astype(float)
    patterns = Patterns(count, masks.astype(float), people.customers, float(member.shape[0]))
    return Seen(patterns, pattern.reshape(-1), rows)
