from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np

from graphs.lineage.calibration import FEATURES, Signs, curve, determined, features, probability

SURE = Signs(
    support=1.0,
    reverse=0.0,
    margin=500.0,
    backward=500.0,
    inherited=40,
    damaged=20,
    repaired=0,
    covered=1.0,
    taken=0.6,
    merge=False,
    unseized=False,
    alone=1.0,
    lost=0,
    added=0,
    ordered=True,
    days=10,
    barred=False,
    copied=1.0,
)
DOUBTFUL = replace(SURE, support=0.3, reverse=0.4, margin=0.0, backward=0.0, inherited=0, damaged=0, repaired=9)


def test_the_curve_is_whole() -> None:
    """A weight for each feature, lines that rise, nothing certain, and how it was made."""
    assert len(features(SURE)) == len(FEATURES)
    for family, name in product(("clean", "damaged"), ("edge", "direction")):
        part = curve()[family][name]
        assert len(part["weights"]) == len(FEATURES)
        assert (np.diff(part["raw"]) >= 0).all()
        assert (np.diff(part["probability"]) >= 0).all()
        assert 0 < part["probability"][0] <= part["probability"][-1] < 1
    assert curve()["made"]["made_by"] == "benchmarks/lineage_calibration.py"


def test_more_speaks_for_a_sure_edge() -> None:
    """An edge with every sign is likelier than one with hardly any, and only its direction is determined."""
    assert probability(SURE) > 0.9
    assert probability(DOUBTFUL) < 0.6
    assert determined(SURE)
    assert not determined(DOUBTFUL)


def test_without_a_margin_backwards_nothing_is_determined() -> None:
    """Where the reverse edge is as cheap and no copied error tells, the direction stays open."""
    even = replace(SURE, support=0.5, reverse=0.5, backward=0.0)
    assert not determined(replace(even, inherited=0, damaged=0, days=0, copied=0.0))
