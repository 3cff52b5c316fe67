"""Support and margins as a probability: a curve fitted on simulated families (benchmarks/lineage.py --fit)."""

from __future__ import annotations

from typing import Final

import numpy as np

_EDGE: Final = (-1.0, 1.0, 0.6)
"""Intercept, and weights of the logit of the support and of the logarithm of the margin."""
_TURN: Final = (1.0, 1.0, 0.6)
_LEAST: Final = 0.02
ODDS: Final = 20.0
"""Odds from which a direction is said to be determined."""


def features(support: float, margin: float) -> tuple[float, float, float]:
    """What the curve is a weighted sum of."""
    held = min(1 - _LEAST, max(_LEAST, support))
    return 1.0, float(np.log(held / (1 - held))), float(np.log1p(min(margin, 1_000.0)))


def probability(support: float, reverse: float, margin: float, backward: float) -> tuple[float, bool]:
    """The probability of an edge, and whether its direction is determined.

    Args:
        support: share of the bootstrap replicates that have the edge.
        reverse: share that have it the other way round.
        margin: nats by which the best story without it is dearer.
        backward: nats by which the best story with the reverse edge is dearer.
    """
    edge = _logistic(_EDGE, features(support, margin))
    ahead = support / (support + reverse) if support + reverse else 0.5
    turn = _logistic(_TURN, features(ahead, backward))
    return edge, turn >= ODDS / (1 + ODDS)


def _logistic(weights: tuple[float, float, float], values: tuple[float, float, float]) -> float:
    return float(1 / (1 + np.exp(-np.dot(weights, values))))
