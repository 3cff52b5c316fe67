from __future__ import annotations

from itertools import permutations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tracer.comparison.resolution import resolve


@st.composite
def worths(draw: st.DrawFn) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """A small matrix of log odds, some of them negative."""
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    cells = draw(st.lists(st.integers(-5, 20), min_size=rows * columns, max_size=rows * columns))
    return np.array(cells, dtype=np.float64).reshape(rows, columns)


@given(worths())
def test_the_likeliest_pairs_together(gain: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> None:
    """Nobody is kept twice, and no other choice of pairs would be likelier."""
    ours, theirs = (place.ravel() for place in np.indices(gain.shape))
    kept = resolve(ours, theirs, gain.ravel())
    assert np.unique(ours[kept]).size == np.unique(theirs[kept]).size == kept.sum()
    wide = gain if gain.shape[0] <= gain.shape[1] else gain.T
    best = max(
        sum(max(0.0, wide[row, column]) for row, column in enumerate(chosen))
        for chosen in permutations(range(wide.shape[1]), wide.shape[0])
    )
    assert gain.ravel()[kept].sum() == best
    assert (gain.ravel()[kept] > 0).all()


def test_a_crowd_is_resolved_by_the_likeliest_first() -> None:
    """Where very many people compete for very many, still nobody is kept twice."""
    rng = np.random.default_rng(1)
    ours, theirs = rng.integers(0, 600, 4_000), rng.integers(0, 600, 4_000)
    pairs = np.unique(np.column_stack([ours, theirs]), axis=0)
    gain = rng.random(len(pairs)) + 0.1
    kept = resolve(pairs[:, 0], pairs[:, 1], gain)
    assert np.unique(pairs[kept, 0]).size == np.unique(pairs[kept, 1]).size == kept.sum() > 500
