"""Three ways of accusing innocents that look like statistics, each beside the answer given here."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special, stats

from tests.tracer.attribution.clientele import filtered, regional, table
from tests.tracer.attribution.memberships import Population, dump
from tracer.attribution.inclusion import Patterns, fit, search
from tracer.attribution.overlap import overlap, stratify

PLATFORMS = 20
LEVEL = 0.05
NULLS = 40
MOST = int(stats.binom.ppf(0.999, NULLS, LEVEL))
"""Dumps in which a test of that level accuses anybody once in a thousand runs."""


def strangers(seed: int) -> Patterns:
    """A dump of customers of nobody in particular: 250 of 2,000 people, hardly any a customer of two platforms.

    The background is weak: only the few who are customers of several platforms tell it from all the platforms together.
    """
    rng = np.random.default_rng([seed, 77])
    member = rng.random((10_000, PLATFORMS)) < 0.01
    people = Population(member[member.any(axis=1)])
    return dump(rng, people, np.array([250] + [0] * PLATFORMS)).patterns


def dropped_one_by_one(patterns: Patterns) -> NDArray[np.float64]:
    """(platforms,) twice the log-likelihood lost by leaving one out of a model in which all others are free."""
    every = list(range(PLATFORMS))
    whole = fit(patterns, every)
    lost = [
        whole.likelihood - fit(patterns, [other for other in every if other != one], whole.rows).likelihood
        for one in every
    ]
    return 2 * np.array(lost)


@pytest.fixture(scope="module")
def nulls() -> list[Patterns]:
    return [strangers(seed) for seed in range(NULLS)]


def test_dropping_one_of_all_accuses_innocents(nulls: list[Patterns]) -> None:
    """At a family-wise 5 %, the ratio of dropping one platform from the model of all accuses in over 15 % of nulls.

    The platforms that chance favoured soak up the background; the one that is left out is compared with too little.
    """
    bar = stats.chi2.isf(2 * LEVEL / PLATFORMS, 1)  # half of the mass is at zero (Self and Liang 1987)
    accused = sum(float(dropped_one_by_one(patterns).max()) > bar for patterns in nulls)
    assert accused > max(MOST, 0.15 * NULLS)


def test_the_search_keeps_its_level_where_dropping_does_not(nulls: list[Patterns]) -> None:
    """On the same dumps, the forward search accuses in no more than its 5 %, and at the level for naming in none."""
    bar = float(special.ndtri(1 - LEVEL / PLATFORMS))
    assert sum(bool(search(patterns, [], bar)[0].active) for patterns in nulls) <= MOST
    strict = float(special.ndtri(1 - 1e-4 / PLATFORMS))
    assert not any(search(patterns, [], strict)[0].active for patterns in nulls)


def guilt(patterns: Patterns, guessed: float) -> NDArray[np.float64]:
    """(platforms,) 1 - Π (1 - (1 - p) / |V_t|) over the records t a platform holds, V_t being all that hold it.

    Papadimitriou and Garcia-Molina 2011, "Data Leakage Detection", IEEE TKDE 23(1), section 4; p is the chance that the
    target got a record without any of them.
    """
    holds = patterns.weight > 0
    innocent = np.log1p(-(1 - guessed) / holds.sum(axis=1))
    return np.asarray(-np.expm1((holds * (patterns.count * innocent)[:, None]).sum(axis=0)))


@pytest.mark.parametrize("guessed", [0.1, 0.5, 0.9])
def test_the_guilt_product_saturates(guessed: float) -> None:
    """On a bulk dump that came from none of 20 platforms the product finds each of them guilty; the search, nobody."""
    rng = np.random.default_rng(12)
    member = rng.random((8_000, PLATFORMS)) < 0.125
    people = Population(member[member.any(axis=1)])
    patterns = dump(rng, people, np.array([2_000] + [0] * PLATFORMS)).patterns
    assert guilt(patterns, guessed).min() > 0.95
    assert search(patterns, [], float(special.ndtri(1 - 1e-4 / PLATFORMS)))[0].active == ()


def test_the_guilt_product_is_right_about_a_record() -> None:
    """Of a single record that two platforms hold, each is guilty with half of what no guess explains."""
    one = Patterns(np.ones(1), np.ones((1, 2)), np.array([10.0, 10.0]), 15.0)
    assert guilt(one, 0.4) == pytest.approx([0.3, 0.3])


def test_an_overlap_without_strata_accuses_a_neighbour() -> None:
    """Of leaks filtered by province, the naive overlap accuses an innocent each time; within strata as often as chance.

    The innocent platform does its business in the provinces the seller asked for, and has supplied nothing.
    """
    naive, within = [], []
    for seed in range(200):
        rng = np.random.default_rng([seed, 9])
        columns = table(rng)
        found = overlap(stratify(filtered(rng, columns, 300), columns), regional(rng, columns))
        naive.append(found.unstratified.chance)
        within.append(found.stratified.chance)
    assert np.median(naive) < 1e-10
    assert sum(chance <= 1e-4 for chance in naive) >= 195
    # Discrete counts make chances a little larger than even ones, never smaller.
    assert stats.kstest(within, "uniform", alternative="greater").pvalue > 1e-3
    assert sum(chance <= LEVEL for chance in within) <= stats.binom.ppf(0.999, 200, LEVEL)
