from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tests.tracer.attribution.clientele import CUSTOMERS, filtered, regional, table
from tracer.attribution.overlap import Expectation, expect, overlap, stratify

SEEDS = 300


def test_chances_are_true_within_strata() -> None:
    """Over 300 filtered leaks, an innocent's stratified chance is below a level no more often than that."""
    chances = []
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        columns = table(rng)
        chances.append(
            overlap(stratify(filtered(rng, columns, 400), columns), regional(rng, columns)).stratified.chance
        )
    for level in (0.5, 0.1, 0.02, 0.005):
        below = sum(chance <= level for chance in chances)
        assert below <= stats.binom.ppf(0.999, SEEDS, level)
    # Nor are they too cautious to be of use.
    assert 0.4 < np.mean(chances) < 0.65


def test_chances_are_true_without_filters() -> None:
    """Over 300 leaks of the whole table, no strata are found and both chances are as even as they should be."""
    chances, strata = [], 0
    for seed in range(SEEDS):
        rng = np.random.default_rng([seed, 1])
        columns, drawn = table(rng), np.zeros(CUSTOMERS, bool)
        drawn[rng.choice(CUSTOMERS, 500, replace=False)] = True
        found = overlap(stratify(drawn, columns), regional(rng, columns))
        chances.append(found.unstratified.chance)
        strata += bool(found.strata)
    assert stats.kstest(chances, "uniform").pvalue > 1e-3
    assert strata <= stats.binom.ppf(0.999, SEEDS, 1e-3)


def test_a_second_source_is_seen_through_the_filter() -> None:
    """100 customers that the other platform supplied itself are seen, filtered or not."""
    found = 0
    for seed in range(20):
        rng = np.random.default_rng([seed, 2])
        columns = table(rng)
        shared, drawn = regional(rng, columns), filtered(rng, columns, 400)
        free = np.flatnonzero(shared & ~drawn & (columns["province"] < 4) & (columns["product"] < 2))
        drawn[rng.choice(free, min(100, free.size), replace=False)] = True
        found += overlap(stratify(drawn, columns), shared).stratified.chance < 1e-4
    assert found >= 18


def test_the_strata_are_what_was_filtered_by() -> None:
    """Province and product are found where the draw was filtered by them, the month never."""
    for seed in range(20):
        rng = np.random.default_rng([seed, 3])
        columns = table(rng)
        strata = stratify(filtered(rng, columns, 400), columns).strata
        assert set(strata) >= {"province", "product"}
        assert "month" not in strata


def test_the_sum_is_that_of_the_strata() -> None:
    """The expectation, the deviation and the chance are those of 20,000 random draws within the strata."""
    rng = np.random.default_rng(4)
    cell = rng.integers(0, 5, 400)
    shared = rng.random(400) < 0.1 + 0.15 * cell
    drawn = rng.random(400) < 0.05 + 0.1 * cell
    told = expect(drawn, shared, cell)
    sums = np.zeros(20_000)
    for place in range(5):
        inside = cell == place
        law = (int((shared & inside).sum()), int((~shared & inside).sum()), int((drawn & inside).sum()))
        sums += rng.hypergeometric(*law, 20_000)
    assert told.expected == pytest.approx(sums.mean(), abs=0.2)
    assert told.deviation == pytest.approx(sums.std(), rel=0.03)
    assert told.chance == pytest.approx((sums >= told.seen).mean(), abs=0.015)


def test_nothing_drawn_and_everything_drawn_say_nothing() -> None:
    """Where nobody or everybody was drawn, or nobody or everybody is shared, the chance is 1."""
    rng = np.random.default_rng(5)
    some, none, every = rng.random(50) < 0.5, np.zeros(50, bool), np.ones(50, bool)
    for drawn, shared in ((none, some), (every, some), (some, none), (some, every)):
        found = overlap(stratify(drawn, {"city": np.arange(50) % 2}), shared)
        assert found.stratified.chance == pytest.approx(1.0)
        assert found.unstratified.chance == pytest.approx(1.0)
    assert overlap(stratify(none[:0], {}), none[:0]).stratified == Expectation(0, 0.0, 0.0, 1.0)
