"""Which column of a dump is which claim of a platform: by measured agreement, never by their headers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tracer.intake.headers import personal
from tracer.linkage.comparison import JOINING, Comparison
from tracer.linkage.dump import Value
from tracer.linkage.holdings import Places
from tracer.vault.snapshot import Claim

TELLING: Final = frozenset({"product", "amount", "limit", "datetime", "account"})
"""Roles that describe what happened between this platform and this customer, or what he is called there.

They are compared even where a pilot sample shows no agreement beyond chance.
"""
_EXCESS: Final = 6.0
"""Standard deviations beyond chance at which two columns are taken to hold the same thing."""
_LEAST: Final = 3
"""Agreements that this needs at least."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A column of the dump, and the claim that it is compared with."""

    value: Value
    claim: Claim
    agrees: bool
    """Whether the pilot sample agrees beyond chance; if not, the two are merely the only ones of their role."""


def align(comparison: Comparison, pilot: Places, generator: np.random.Generator) -> tuple[list[Pair], int]:
    """For each column of the dump the claim it agrees with most beyond chance; else the one claim of its own role.

    Args:
        comparison: the dump's values and the platform.
        pilot: links of some customers, each once.
        generator: deals the values out.

    Returns:
        The pairs, and how many were tried.
    """
    scores = _scores(comparison, pilot, generator)
    return _matching(comparison.values, comparison.platform.claims, scores), max(1, len(scores))


def claimed(comparison: Comparison, pilot: Places, generator: np.random.Generator) -> dict[int, Claim]:
    """Column → the claim that it agrees with most beyond chance, whatever the other columns agree with."""
    found: dict[int, Claim] = {}
    for excess, agreed, place, claim in _scores(comparison, pilot, generator):
        if place not in found and excess > _EXCESS and agreed >= _LEAST:
            found[place] = claim
    return found


def _scores(
    comparison: Comparison, pilot: Places, generator: np.random.Generator
) -> list[tuple[float, int, int, Claim]]:
    """(excess beyond chance, agreements, column, claim) of all pairs that may hold the same, the greatest first."""
    person = comparison.links.person[pilot]
    order = generator.permutation(pilot.size)
    differs = person[order] != person
    scores = []
    for place, value in enumerate(comparison.values):
        for claim in filter(comparison.comparable(value), comparison.claims):
            token, present = comparison.chosen(value, claim, pilot)
            held = comparison.held(claim)
            known = held.knows(person)
            both, dealt = present & known, present[order] & known & differs
            agreed = int(held.agrees(person[both], token[both]).sum())
            by_chance = int(held.agrees(person[dealt], token[order][dealt]).sum())
            chance = (by_chance + 0.5) / (int(dealt.sum()) + 1)
            expected = int(both.sum()) * chance
            scores.append((_excess(agreed, expected), agreed, place, claim))
    return sorted(scores, key=lambda one: -one[0])


def beyond_chance(agreed: float, expected: float) -> bool:
    """Whether so many agreements, where chance explains so many, say that two columns hold the same thing."""
    return agreed >= _LEAST and _excess(agreed, expected) > _EXCESS


def _excess(agreed: float, expected: float) -> float:
    return float((agreed - expected) / np.sqrt(expected + 1))


def _matching(
    values: Sequence[Value], claims: Sequence[Claim], scores: Sequence[tuple[float, int, int, Claim]]
) -> list[Pair]:
    """Take pairs greedily while they agree beyond chance; then pairs that are alone with their role on both sides.

    The day of joining agrees wherever the moment does. It is for those that have lost the hour, most of them at least.
    """
    exact = dict.fromkeys(range(len(values)), 0)
    for _, agreed, place, claim in scores:
        if claim.role != JOINING:
            exact[place] = max(exact[place], agreed)
    taken: dict[int, Claim] = {}
    for excess, agreed, place, claim in scores:
        if claim.role == JOINING and 2 * exact[place] >= agreed:
            continue
        if excess > _EXCESS and agreed >= _LEAST and place not in taken and claim not in taken.values():
            taken[place] = claim
    agreeing = set(taken)
    for place, value in enumerate(values):
        same = [claim for claim in claims if claim.role == value.role and claim not in taken.values()]
        alone = sum(one.role == value.role for one in values) == 1
        if place not in taken and len(same) == 1 and alone and value.role in TELLING and not personal(value.name):
            taken[place] = same[0]
    return [Pair(values[place], claim, place in agreeing) for place, claim in sorted(taken.items())]
