from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tracer.ordered import among, below, distinct

NUMBERS = st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 9), max_size=40)


def words(numbers: list[int]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.array(numbers, np.uint64)


@given(sought=NUMBERS, held=NUMBERS)
def test_among_is_membership(sought: list[int], held: list[int]) -> None:
    """A number is among those in order if it is one of them, however few of either there are."""
    assert among(words(sought), words(sorted(held))).tolist() == [one in set(held) for one in sought]


@given(held=NUMBERS)
def test_distinct_is_a_set_in_order(held: list[int]) -> None:
    """Each number is left once, in order."""
    assert distinct(words(sorted(held))).tolist() == sorted(set(held))


@given(held=NUMBERS, halvings=st.integers(0, 12))
def test_below_is_a_bound(held: list[int], halvings: int) -> None:
    """What is kept lies below the share of 2^64, and nothing that lies there is lost."""
    bound = 2**64 >> halvings
    assert below(words(sorted(held)), 0.5**halvings).tolist() == [one for one in sorted(held) if one < bound]
