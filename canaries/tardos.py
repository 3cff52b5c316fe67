"""Collusion-secure allotment of coded canaries, and an accusation whose error is bounded for the very case at hand.

Each coded canary is given to each recipient with its own chance p, drawn from the arcsine density with a cut-off
(Tardos 2008, "Optimal probabilistic fingerprint codes"). Whoever compares exports cannot know what the others hold. The
score is a sum over canaries, and for an innocent recipient, whose holdings are independent of the dump, its tail is
bounded by Chernoff's inequality for the p and the hits that were realised. Nothing asymptotic enters, so the bound is
valid for any coalition and any strategy; how often a colluder is caught is another matter, and is simulated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]
Bits = NDArray[np.bool_]

CUT: Final = 0.02
"""No chance is below this or above one minus this."""
_TILTS: Final = 80
_ROUNDS: Final = 60


def biases(slots: int, rng: np.random.Generator) -> Real:
    """The chance of each coded canary: sin²(u) for u uniform between the cut-offs."""
    low = np.arcsin(np.sqrt(CUT))
    chances: Real = np.sin(rng.uniform(low, np.pi / 2 - low, slots)) ** 2
    return chances


def code(chances: Real, recipients: int, rng: np.random.Generator) -> Bits:
    """(recipients, slots) who holds what. A canary that nobody drew stays with nobody: to give it away would bias."""
    held: Bits = rng.random((recipients, len(chances))) < chances
    return held


@dataclass(frozen=True, slots=True)
class Score:
    """What one canary adds to a recipient's score: `held` if they hold it, `lacked` if they do not."""

    held: Real
    lacked: Real


def scores(chances: Real, seen: Bits, colluders: int = 3) -> list[Score]:
    """The scores that are tried, each good against some strategies.

    Symmetric (Škorić, Katzenbeisser & Celik 2008), presence only, and likelihood ratios against a coalition of
    `colluders` that takes the union, the intersection, the majority, or a random member's row.
    """
    odds = np.sqrt((1 - chances) / chances)
    symmetric = Score(np.where(seen, odds, -odds), np.where(seen, -1 / odds, 1 / odds))
    presence = Score(np.where(seen, -np.log(chances), 0.0), np.zeros(len(chances)))
    ratios = [_ratio(chances, seen, shown) for shown in _strategies(colluders)]
    return [symmetric, presence, *ratios]


def _strategies(colluders: int) -> list[Real]:
    """Chance that a canary is seen if k of the coalition hold it, k = 0 … colluders, for each strategy."""
    holders = np.arange(colluders + 1)
    union = (holders > 0) * 1.0
    intersection = (holders == colluders) * 1.0
    majority = (holders * 2 > colluders) * 1.0
    minority = np.where(holders == 0, 0.0, np.where(holders == colluders, 1.0, (holders * 2 < colluders) * 1.0))
    return [union, intersection, majority, minority, holders / colluders]


def _ratio(chances: Real, seen: Bits, shown: Real) -> Score:
    """Log likelihood ratio of holding and of lacking a canary, if the recipient is one of the coalition."""
    others = len(shown) - 1
    held, lacked = np.zeros(len(chances)), np.zeros(len(chances))
    for k in range(others):
        ways = _binomial(others - 1, k) * chances**k * (1 - chances) ** (others - 1 - k)
        held += ways * shown[k + 1]
        lacked += ways * shown[k]
    smooth = 0.02  # a row lost or found by accident must not decide alone
    held, lacked = (smooth + (1 - 2 * smooth) * each for each in (held, lacked))
    mean = chances * held + (1 - chances) * lacked
    told = [np.where(seen, np.log(each / mean), np.log((1 - each) / (1 - mean))) for each in (held, lacked)]
    return Score(told[0], told[1])


def _binomial(n: int, k: int) -> float:
    result = 1.0
    for step in range(k):
        result *= (n - step) / (step + 1)
    return result


def chernoff(score: Score, chances: Real, reached: Real) -> Real:
    """Upper bounds of the chance that an innocent recipient scores at least `reached`.

    min over t ≥ 0 of exp(ψ(t) − t·s), where ψ is the sum of the canaries' cumulant functions given what was seen.

    Args:
        score: per canary.
        chances: with which each was given.
        reached: (recipients,) scores.
    """
    exponent = np.zeros(len(reached))
    tilts = np.concatenate([[0.0], np.geomspace(1e-3, 30.0, _TILTS)])
    cumulants = np.array([_cumulant(score, chances, tilt) for tilt in tilts])
    bounds = cumulants[None, :] - tilts[None, :] * reached[:, None]
    best = bounds.argmin(axis=1)
    exponent = bounds[np.arange(len(reached)), best]
    for place in np.flatnonzero(exponent < np.log(0.1)):
        low, high = tilts[max(0, best[place] - 1)], tilts[min(_TILTS, best[place] + 1)]
        exponent[place] = min(exponent[place], _minimum(score, chances, float(reached[place]), float(low), float(high)))
    bound: Real = np.exp(np.minimum(exponent, 0.0))
    return bound


def _minimum(score: Score, chances: Real, reached: float, low: float, high: float) -> float:
    """Golden-section search: the exponent is convex in t."""
    ratio = (math.sqrt(5) - 1) / 2
    left, right = high - ratio * (high - low), low + ratio * (high - low)
    at_left, at_right = (_cumulant(score, chances, t) - t * reached for t in (left, right))
    for _ in range(_ROUNDS):
        if high - low < 1e-6 * high:
            break
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - ratio * (high - low)
            at_left = _cumulant(score, chances, left) - left * reached
        else:
            low, left, at_left = left, right, at_right
            right = low + ratio * (high - low)
            at_right = _cumulant(score, chances, right) - right * reached
    return min(at_left, at_right)


def _cumulant(score: Score, chances: Real, tilt: float) -> float:
    terms = np.logaddexp(np.log(chances) + tilt * score.held, np.log1p(-chances) + tilt * score.lacked)
    return float(np.sum(terms))


def accuse(held: Bits, chances: Real, seen: Bits, colluders: int = 3) -> Real:
    """(recipients,) Bounds of the chance that this one, if innocent, would look so guilty under any score tried.

    Bonferroni over the scores; over the recipients it is for the caller.
    """
    best = np.ones(len(held))
    tried = scores(chances, seen, colluders)
    for score in tried:
        reached = np.where(held, score.held, score.lacked).sum(axis=1)
        best = np.minimum(best, chernoff(score, chances, reached))
    return np.minimum(1.0, best * len(tried))
