"""What speaks for an edge as a probability: a curve fitted on simulated families whose truth is known.

The curve is data (`curve.json`), and so is how it was made. `benchmarks/lineage_calibration.py` makes it anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np

ODDS: Final = 20.0
"""Odds from which a direction is said to be determined."""
LEAST: Final = 0.25
"""The probability from which an edge is drawn. F1 of edges is best from half of what it then is (Lipton et al. 2014),
and hardly less from lower; F1 of merges, whose second parents are never sure, falls from 0.3 on."""
_HELD: Final = 0.02
"""What keeps the logit of a support of none or all finite."""
_CLEAN: Final = 0.2
"""Share of a family's edges with copied damage below which it is clean."""
_MOST: Final = 10_000.0
"""Nats beyond which a margin says no more."""
_PLAIN: Final = 60.0
"""Nats from which a reverse is out of the question, were the costs right."""
FEATURES: Final = (
    *("one", "support", "reverse", "margin", "backward", "inherited", "damaged", "repaired"),
    *("covered", "taken", "merge", "unseized", "alone", "lost", "added", "ordered", "days", "barred"),
    *("unshared", "unshared merge", "unshared backward", "spoilt", "plain backward"),
)


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for an edge and against it."""

    support: float
    """Share of the bootstrap replicates that have the edge."""
    reverse: float
    """Share that have it the other way round."""
    margin: float
    """Nats by which the best account without it is dearer."""
    backward: float
    """Nats by which the best account with the reverse edge is dearer."""
    inherited: int
    """Cells that are damaged alike in both."""
    damaged: int
    """Cells that are damaged in the child only, or differ."""
    repaired: int
    """Cells that are damaged in the parent only."""
    covered: float
    """Share of the child's records that the parent has."""
    taken: float
    """Share of the parent's records that the child has."""
    merge: bool
    """Whether it is one of several parents."""
    unseized: bool
    """Whether an unseized dump stands beside the parent."""
    alone: float
    """Share of the child's records that no other of its parents has."""
    lost: int
    """Columns of the parent that the child has not."""
    added: int
    """Columns of the child that it cannot have from the parent."""
    ordered: bool
    """Whether the child keeps the parent's order of rows."""
    days: int
    """Days from the parent's first sighting to the child's; 0 where one of them is not known."""
    barred: bool
    """Whether the child's rows tell of a day after the parent was seen, so that it cannot be the other way round."""
    copied: float
    """Share of the family's edges along which damaged cells were copied."""


def features(signs: Signs) -> tuple[float, ...]:
    """What the curve is a weighted sum of; see `FEATURES`."""
    # A parent without damage has none to hand on: only damage that stayed with him speaks against it.
    backward, unshared = _nats(signs.backward), float(signs.inherited == 0 and signs.repaired > 0)
    return (
        1.0,
        _logit(signs.support),
        _logit(signs.reverse),
        _nats(signs.margin),
        backward,
        float(np.log1p(signs.inherited)),
        float(np.log1p(signs.damaged)),
        float(np.log1p(signs.repaired)),
        signs.covered,
        signs.taken,
        float(signs.merge),
        float(signs.unseized),
        signs.alone * signs.merge,
        float(np.log1p(signs.lost)),
        float(np.log1p(signs.added)),
        float(signs.ordered),
        float(np.sign(signs.days) * np.log1p(abs(signs.days))),
        float(signs.barred),
        unshared,
        unshared * signs.merge,
        unshared * backward,
        # Nobody mends all that is damaged: what damage there is between the two came later.
        float(np.log1p(signs.damaged)) * (signs.repaired == 0),
        min(signs.backward, _PLAIN) / _PLAIN,
    )


def probability(signs: Signs) -> float:
    """The probability that an edge is true, by the curve."""
    return _read("edge", signs)


def direction(signs: Signs) -> float:
    """The probability that an edge between two that are kin points the right way, by the curve."""
    return _read("direction", signs)


def determined(signs: Signs) -> bool:
    """Whether the direction of an edge is: the odds are at least 20 to 1, and the edge itself is likelier than not."""
    return direction(signs) >= ODDS / (1 + ODDS) and probability(signs) > 0.5


def kind(signs: Signs) -> str:
    """What kind of family an edge is of: where no damage was copied, everything else weighs differently."""
    return "clean" if signs.copied < _CLEAN else "damaged"


def _read(name: str, signs: Signs) -> float:
    """A logistic sum, put right by a rising line (isotonic regression; Zadrozny & Elkan 2002)."""
    part = curve()[kind(signs)][name]
    raw = 1 / (1 + np.exp(-np.dot(_weights(kind(signs), name), features(signs))))
    return float(np.interp(raw, part["raw"], part["probability"]))


@cache
def _weights(family: str, name: str) -> tuple[float, ...]:
    """The weight of each feature; a curve that was fitted before there was one does without it until it is remade."""
    known = dict(zip(curve()["features"], curve()[family][name]["weights"], strict=True))
    return tuple(known.get(feature, 0.0) for feature in FEATURES)


@cache
def curve() -> Mapping[str, Any]:
    """The fitted curve, and how it was made."""
    return dict(json.loads(files("graphs.lineage").joinpath("curve.json").read_text("utf-8")))


def _nats(margin: float) -> float:
    return float(np.log1p(min(margin, _MOST)))


def _logit(share: float) -> float:
    held = min(1 - _HELD, max(_HELD, share))
    return float(np.log(held / (1 - held)))
