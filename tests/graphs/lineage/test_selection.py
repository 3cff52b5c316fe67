from __future__ import annotations

import numpy as np

from graphs.lineage.selection import measures, rule
from graphs.lineage.weights import START

RNG = np.random.default_rng(3)
SUMS = RNG.uniform(0, 50_000, 1_000).astype(np.float32)
KINDS = RNG.integers(0, 8, 1_000).astype(np.float32)
KNOWN = measures(np.column_stack([SUMS, KINDS]), (True, False))
PLACE = RNG.permutation(1_000)


def test_a_range_is_a_rule() -> None:
    """Everybody with a sum above a bound: the rule is found, exact and telling."""
    found = rule(KNOWN, PLACE, SUMS > 30_000, START)
    assert found is not None
    assert (found.measure, found.exact, found.telling) == (0, True, True)


def test_some_values_are_a_rule() -> None:
    """Everybody with one of three products: the rule is found."""
    found = rule(KNOWN, PLACE, np.isin(KINDS, [1, 4, 6]), START)
    assert found is not None
    assert (found.measure, found.exact) == (1, True)


def test_a_stretch_is_a_rule() -> None:
    """The first four hundred lines are a stretch, but no hint: a list may also have grown by the others."""
    found = rule(KNOWN, PLACE, PLACE < 400, START)
    assert found is not None
    assert (found.measure, found.exact, found.telling) == (-1, True, False)


def test_chance_is_no_rule() -> None:
    """Among many random selections none obeys a rule."""
    assert not any(
        (found := rule(KNOWN, PLACE, RNG.random(1_000) < 0.4, START)) is not None and found.exact for _ in range(50)
    )
