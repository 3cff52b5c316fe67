"""Support and margins as a probability: a curve set by hand on simulated families, and measured on others."""

from __future__ import annotations

from typing import Final

import numpy as np

_EDGE: Final = (-1.0, 0.7, 0.7)
"""Intercept, and weights of the logit of the support and of the logarithm of the margin."""
_HELD: Final = 0.02
"""What keeps the logit of a support of none or all finite."""
ODDS: Final = 20.0
"""Odds from which a direction is said to be determined."""
_TEMPER: Final = 2.0
"""By what nats are divided before they count as log-odds: a cost is no exact likelihood."""


def features(support: float, margin: float) -> tuple[float, float, float]:
    """What the curve is a weighted sum of."""
    held = min(1 - _HELD, max(_HELD, support))
    return 1.0, float(np.log(held / (1 - held))), float(np.log1p(min(margin, 1_000.0)))


def probability(support: float, margin: float) -> float:
    """The probability of an edge.

    Args:
        support: share of the bootstrap replicates that have the edge.
        margin: nats by which the best account without it is dearer.
    """
    return _logistic(_EDGE, features(support, margin))


def determined(support: float, reverse: float, backward: float) -> bool:
    """Whether the direction of an edge is.

    Args:
        support: share of the bootstrap replicates that have the edge.
        reverse: share that have it the other way round.
        backward: nats by which the best account with the reverse edge is dearer.
    """
    return bool(backward / _TEMPER >= np.log(ODDS)) and support >= ODDS * reverse


def _logistic(weights: tuple[float, float, float], values: tuple[float, float, float]) -> float:
    return float(1 / (1 + np.exp(-np.dot(weights, values))))
