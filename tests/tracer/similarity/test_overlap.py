from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.similarity.overlap import estimated, joined, sampled

SETS = st.sets(st.integers(0, 2**64 - 1), max_size=40)


def ascending(values: set[int]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.array(sorted(values), np.uint64)


@given(SETS, SETS)
def test_joined_is_exact(one: set[int], other: set[int]) -> None:
    """Joined sets give the very Jaccard and containment of their definitions, with limits that are the value."""
    found = joined(ascending(one), ascending(other))
    shared, either = len(one & other), len(one | other)
    assert found.exact
    assert found.jaccard() == (shared / max(1, either),) * 3
    assert found.contained(left=True) == (shared / max(1, len(one)),) * 3
    assert found.contained(left=False) == (shared / max(1, len(other)),) * 3


@given(SETS)
def test_the_sample_of_everything_is_everything(one: set[int]) -> None:
    """At rate 1 nothing but the last tokens of all is cut off, and at rate 0 nothing is left."""
    tokens = ascending({value for value in one if value < 2**64 - 2048})
    assert sampled(tokens, 1.0).tolist() == tokens.tolist()
    assert not sampled(tokens, 0.0).size


@pytest.mark.parametrize(
    ("left", "right", "shared", "rate"),
    [(6_000, 4_000, 800, 0.2), (10_000, 2_400, 2_200, 0.1), (2_400, 2_400, 60, 0.5), (4_000, 4_000, 3_800, 0.1)],
)
def test_intervals_hold_the_truth(left: int, right: int, shared: int, rate: float) -> None:
    """Over 400 samples the 95 % interval holds the true number as often as it says."""
    rng = np.random.default_rng(7)
    held = 0
    for _ in range(400):
        tokens = rng.integers(0, 2**64, left + right - shared, dtype=np.uint64)
        one, other = np.sort(tokens[:left]), np.sort(tokens[left - shared :])
        found = estimated((left, right), (sampled(one, rate), sampled(other, rate)), 0.95)
        assert not found.exact
        assert 0 <= found.low <= found.shared <= found.high <= min(left, right)
        held += found.low <= shared <= found.high
    # Of 400 trials at 95 % between 368 and 391 hold, but for one run in a thousand.
    assert 368 <= held <= 392


def test_nothing_seen_is_not_nothing_shared() -> None:
    """Where the samples share nothing, the upper limit is about three over the rate, and zero is not ruled out."""
    rng = np.random.default_rng(1)
    one, other = (np.sort(rng.integers(0, 2**64, 50_000, dtype=np.uint64)) for _ in range(2))
    found = estimated((50_000, 50_000), (sampled(one, 0.02), sampled(other, 0.02)), 0.95)
    assert found.shared == found.low == 0
    assert 100 <= found.high <= 250


def test_an_empty_sample_says_nothing() -> None:
    """Without a sample everything is possible."""
    none = np.empty(0, np.uint64)
    found = estimated((50, 40), (none, none), 0.95)
    assert (found.low, found.high) == (0, 40)
