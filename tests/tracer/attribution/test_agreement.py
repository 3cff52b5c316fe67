from __future__ import annotations

from math import comb, exp, factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.attribution.agreement import tail, upper_limit, upper_limit_count

CHANCES = st.floats(1e-4, 0.999)


def at_least(agreed: int, compared: int, chance: float) -> float:
    return sum(comb(compared, k) * chance**k * (1 - chance) ** (compared - k) for k in range(agreed, compared + 1))


@given(compared=st.integers(1, 60), part=st.floats(0, 1), chance=CHANCES)
def test_the_tail_is_the_sum_of_its_terms(compared: int, part: float, chance: float) -> None:
    """The chance of so many agreements or more equals the binomial terms added up."""
    agreed = round(part * compared)
    assert tail(agreed, compared, chance) == pytest.approx(at_least(agreed, compared, chance), rel=1e-9, abs=1e-300)


@given(compared=st.integers(2, 400), part=st.floats(0, 1), chance=CHANCES)
def test_more_agreements_are_never_likelier(compared: int, part: float, chance: float) -> None:
    """The tail falls with the agreements and rises with the chance."""
    agreed = round(part * (compared - 1))
    assert tail(agreed + 1, compared, chance) <= tail(agreed, compared, chance)
    assert tail(agreed, compared, chance / 2) <= tail(agreed, compared, chance)


@given(trials=st.integers(1, 60), part=st.floats(0, 1), level=st.sampled_from([0.95, 0.999]))
def test_a_share_above_its_upper_limit_would_have_given_more_hits(trials: int, part: float, level: float) -> None:
    """At the Clopper-Pearson limit, so few hits have exactly the chance that is left; all hits leave no limit."""
    hits = round(part * trials)
    limit = upper_limit(hits, trials, level)
    if hits == trials:
        assert limit == 1.0
    else:
        assert 1 - at_least(hits + 1, trials, limit) == pytest.approx(1 - level, rel=1e-6)
        assert hits / trials < limit < 1


@given(count=st.integers(0, 60), level=st.sampled_from([0.95, 0.999]))
def test_a_mean_above_its_upper_limit_would_have_given_more(count: int, level: float) -> None:
    """At Garwood's limit, so small a Poisson count or a smaller one has exactly the chance that is left."""
    mean = upper_limit_count(count, level)
    below = sum(exp(-mean) * mean**k / factorial(k) for k in range(count + 1))
    assert below == pytest.approx(1 - level, rel=1e-6)


def test_no_agreement_is_no_evidence() -> None:
    """Nothing agreed: the chance of at least that is 1."""
    assert tail(0, 100, 0.01) == 1.0
    assert tail(-1, 100, 0.01) == 1.0


def test_rule_of_three() -> None:
    """None of n seen leaves about 3 in n at 95 %."""
    assert upper_limit(0, 1_000, 0.95) == pytest.approx(3 / 1_000, rel=0.01)
    assert upper_limit_count(0, 0.95) == pytest.approx(3, rel=0.01)
