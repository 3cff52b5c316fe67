"""What agreement is worth: the weights of Fellegi and Sunter (1969), learned by EM without a single label.

A record of the dump is about one person of the table or about nobody in it. With pi the share that is about somebody,
n people in the table, u the chance of a pair's agreements between two different people (counted, see `chance`) and m
their chance between two records of one person,

    P(record i is about person j) = (pi / n) m_ij / u_ij / (1 - pi + sum over k of (pi / n) m_ik / u_ik).

EM (Dempster, Laird and Rubin 1977) learns m and pi; u stays. Pairs that blocking did not propose count as different.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracer.comparison.levels import DIFFER, MISSING, SAME, STEPS, Levels

Floats = NDArray[np.float64]

_USUAL: Final = np.array([0.0, 0.85, 0.03, 0.05, 0.03, 0.04])
"""What is believed of m before anything was seen, level by level, with the weight of `_BELIEF` pairs."""
_BELIEF: Final = 5.0
_ROUNDS: Final = 200
_STILL: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learned."""

    match: Floats
    """(traits, levels) m: chance of each level between two records of one person, of those that both have a value."""
    share: float
    """pi: share of the dump's people who are in the table."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """Pairs by their levels: few patterns of levels occur, and what depends on levels alone is worked out once each."""

    levels: Levels
    """(traits, patterns)."""
    of: NDArray[np.int64]
    """(pairs,)"""


def patterns(levels: Levels) -> Patterns:
    """Group pairs by their levels, (traits, pairs)."""
    number = np.zeros(levels.shape[1], np.uint64)
    for level in levels:
        number = number * np.uint64(STEPS) + level
    _, first, of = np.unique(number, return_index=True, return_inverse=True)
    return Patterns(levels[:, first], of)


def usual(traits: int) -> Weights:
    """What is believed before anything was seen."""
    return Weights(np.tile(_USUAL, (traits, 1)), 0.5)


def slips(weights: Weights) -> Floats:
    """(traits, levels) how often what is the same is written so that it has this level, against written the same.

    Never taken for rarer than usual: the strangers' records are damaged too.
    """
    match = weights.match
    made = np.maximum(match / match[:, [SAME]], _USUAL / _USUAL[SAME])
    made[:, [MISSING, DIFFER]] = 0.0
    return np.asarray(np.minimum(made, 1.0))


def log_match(weights: Weights, levels: Levels) -> Floats:
    """(patterns,) log m."""
    with np.errstate(divide="ignore"):
        log = np.log(weights.match)
    log[:, MISSING] = 0.0
    return np.asarray(np.take_along_axis(log, levels.astype(np.int64), axis=1).sum(axis=0))


def posterior(ratio: Floats, starts: NDArray[np.int64], share: float, people: int) -> tuple[Floats, Floats]:
    """The chance of every pair, and for every person of the dump that there is nobody.

    Args:
        ratio: (pairs,) log m/u, ordered by person of the dump.
        starts: (people with pairs,) where each person's pairs begin.
        share: pi.
        people: n.
    """
    scaled = ratio + np.log(share / people)
    nobody = np.log1p(-share)
    top = np.maximum(np.maximum.reduceat(scaled, starts), nobody)
    sizes = np.diff(np.append(starts, scaled.size))
    weight = np.exp(scaled - np.repeat(top, sizes))
    none = np.exp(nobody - top)
    total = np.add.reduceat(weight, starts) + none
    return weight / np.repeat(total, sizes), none / total


def learn(
    found: Patterns, log_chance: Floats, starts: NDArray[np.int64], sides: tuple[int, int], begin: Weights
) -> Weights:
    """EM from `begin` until the share is still.

    Args:
        found: patterns of the proposed pairs.
        log_chance: (pairs,) log u.
        starts: where each person's pairs begin.
        sides: people of the dump, people of the table.
        begin: weights to start from.
    """
    weights = begin
    ours, theirs = sides
    for _ in range(_ROUNDS):
        ratio = log_match(weights, found.levels)[found.of] - log_chance
        chance, _ = posterior(ratio, starts, weights.share, theirs)
        mass = np.bincount(found.of, weights=chance, minlength=found.levels.shape[1])
        match = np.array([np.bincount(level, weights=mass, minlength=STEPS) for level in found.levels])
        match[:, MISSING] = 0.0
        match += _BELIEF * _USUAL
        share = float(np.clip(chance.sum() / ours, 0.5 / ours, 1 - 0.5 / ours))
        still = abs(share - weights.share) < _STILL
        weights = Weights(match / match.sum(axis=1, keepdims=True), share)
        if still:
            break
    return weights
