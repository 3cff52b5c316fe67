from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, hypergeom

from canaries.chance import accidents, hypergeometric_tail, poisson_upper
from canaries.errors import CanaryFault
from canaries.plan import binomial_below, hypergeometric_below, plan


@pytest.mark.parametrize(("sample", "expected"), [(0.01, 459), (0.001, 4603), (0.1, 44), (0.5, 7)])
def test_the_known_answers(sample: float, expected: int) -> None:
    """459 canaries show in 1 % of the rows and 4,603 in 0.1 %, with 99 %."""
    assert plan(1_000_000, 1, 1, sample, 1e-6).canaries == expected


def test_colluders_share_the_rows() -> None:
    """Three colluders need three times the canaries; 12 in a full leak."""
    assert plan(1_000_000, 100, 3, 1.0, 1e-6).exclusive == 12
    assert plan(1_000_000, 100, 3, 0.01, 1e-6).exclusive == 1380


def test_more_colluders_than_recipients() -> None:
    """More colluders than recipients are refused."""
    with pytest.raises(CanaryFault):
        plan(1000, 2, 3, 0.5, 1e-6)


@given(st.integers(20, 3000), st.integers(1, 60), st.floats(0.01, 0.9), st.integers(1, 4))
def test_both_chances_are_exact(rows: int, count: int, share: float, hits: int) -> None:
    """The chances of seeing too few are those of scipy's binomial and hypergeometric distributions."""
    count = min(count, rows)
    drawn = max(1, round(rows * share))
    assert binomial_below(count, share, hits) == pytest.approx(binom.cdf(hits - 1, count, share), abs=1e-9)
    assert hypergeometric_below(rows, count, drawn, hits) == pytest.approx(
        hypergeom.cdf(hits - 1, rows, count, drawn), abs=1e-9
    )


@given(st.integers(1, 200), st.integers(0, 60), st.integers(0, 60), st.integers(0, 20))
def test_the_hypergeometric_tail(population: int, special: int, drawn: int, count: int) -> None:
    """The tail by which an allotment is judged is scipy's."""
    special, drawn = min(special, population), min(drawn, population)
    expected = hypergeom.sf(count - 1, population, special, drawn)
    assert hypergeometric_tail(population, special, drawn, count) == pytest.approx(expected, abs=1e-9)


def test_accidents_fall_with_every_sighting() -> None:
    """More sightings of the same weight are less likely to be accidents, and none is certain to be."""
    chances = [accidents([30.0] * hits, 1e6) for hits in range(5)]
    assert chances[0] == 1.0
    assert chances == sorted(chances, reverse=True)


def test_the_rule_of_three() -> None:
    """No shadow seen bounds the mean at 3.0 with 95 %."""
    assert poisson_upper(0) == pytest.approx(2.9957, abs=1e-3)
