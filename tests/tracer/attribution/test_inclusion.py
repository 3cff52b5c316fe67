from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import special, stats

from tests.tracer.attribution.memberships import Seen, dump, population
from tracer.attribution.inclusion import Patterns, _likelihood, _maximise, fit, responsibilities, search
from tracer.attribution.mixture import Mixture

Floats = NDArray[np.float64]
NULLS = 240
PLATFORMS = 6
NOMINAL = 0.05
THRESHOLD = float(special.ndtri(1 - NOMINAL / PLATFORMS))
CHANCE = int(stats.binom.ppf(0.999, NULLS, NOMINAL))
"""False accusations that a search of the nominal level exceeds once in a thousand runs of this test."""


def drawn(seed: int, *, shadows: bool = True) -> Patterns:
    """Patterns with random evidence, also of platforms that explain nothing or everything."""
    rng = np.random.default_rng(seed)
    groups, platforms = int(rng.integers(2, 40)), int(rng.integers(1, 6))
    ratio = np.exp(rng.normal(0, rng.uniform(0, 4), (groups, platforms)))
    weight = np.where(rng.random((groups, platforms)) < 0.5, ratio, 0.0)
    customers = rng.integers(1_000, 6_000, platforms).astype(float)
    count = rng.poisson(rng.uniform(0.5, 60), groups).astype(float)
    shadowed = tuple(np.flatnonzero(rng.random(platforms) < 0.5).tolist()) if shadows else ()
    return Patterns(count, weight, customers, float(customers.sum() * 0.7), shadowed)


def rates(patterns: Patterns) -> Floats:
    """The rates of all origins."""
    return patterns.rates(range(patterns.origins))


def by_expectation(rates: Floats, count: Floats, turns: int) -> Floats:
    """Plain expectation maximisation: slow, and never wrong."""
    rows = np.full(rates.shape[1], count.sum() / rates.shape[1])
    for _ in range(turns):
        # A pattern of no record may die out altogether.
        ratio = np.divide(count, rates @ rows, out=np.zeros_like(count), where=count > 0)
        rows = rows * (ratio @ rates)
    return rows


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32 - 1))
def test_newton_reaches_what_expectation_maximisation_reaches(seed: int) -> None:
    """The fit's likelihood is that of 4,000 turns of plain EM, to 1e-3, and no less than it."""
    patterns = drawn(seed)
    newton = _maximise(rates(patterns), patterns.count)
    slow = by_expectation(rates(patterns), patterns.count, 4_000)
    reached = _likelihood(rates(patterns), patterns.count, newton)
    expected = _likelihood(rates(patterns), patterns.count, slow)
    assert reached >= expected - 1e-3
    assert reached <= expected + max(1e-3, 1e-3 * patterns.count.sum())


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_fit_is_the_greatest_likelihood(seed: int) -> None:
    """Nothing is gained by moving any origin's rows, and they add up to the records (the Kuhn-Tucker conditions)."""
    patterns = drawn(seed)
    rows = _maximise(rates(patterns), patterns.count)
    assert rows.sum() == pytest.approx(patterns.count.sum(), rel=1e-3, abs=1e-3)
    if patterns.count.sum() > 0:
        seen = patterns.count > 0  # a pattern of no record may have no intensity either
        gain = (patterns.count[seen] / (rates(patterns)[seen] @ rows)) @ rates(patterns)[seen] - 1.0
        assert np.abs(gain[rows > 0.5]).max(initial=0.0) < 1e-2
        assert gain.max() < 1e-2


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32 - 1))
def test_every_record_came_from_somewhere(seed: int) -> None:
    """The chances of a pattern's origins sum to 1, whatever was fitted."""
    patterns = drawn(seed)
    platforms = range(patterns.customers.size)
    share = responsibilities(patterns, fit(patterns, list(platforms)))
    seen = patterns.count > 0
    assert share[seen].sum(axis=1) == pytest.approx(1.0)
    assert (share >= 0).all()


def test_an_empty_dump_has_no_rows() -> None:
    """Where no record is linked, nobody supplied anything."""
    empty = Patterns(np.zeros(0), np.zeros((0, 2)), np.array([10.0, 20.0]), 25.0)
    assert fit(empty, [0, 1]).rows.tolist() == [0.0, 0.0, 0.0]


def mixture(seen: Seen, active: list[int]) -> Mixture:
    inclusion = fit(seen.patterns, active)
    share = responsibilities(seen.patterns, inclusion)
    unscored = np.full(seen.patterns.customers.size, np.nan)
    return Mixture(np.arange(seen.pattern.size), seen.pattern, seen.patterns, inclusion, unscored, 1.0, share)


def test_the_fit_recovers_rows_of_overlapping_platforms() -> None:
    """Over 40 invented dumps of three of five overlapping platforms and strangers, 95 % intervals hold the rows."""
    held, errors = [], []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        people = population(rng, 5)
        seen = dump(rng, people, np.array([200, 300, 0, 250, 0, 200]))
        found = mixture(seen, [0, 2, 4])
        for platform in (0, 2, 4):
            rows, low, high = found.rows(platform, 0.95)
            held.append(low <= seen.true_rows[platform + 1] <= high)
            errors.append(rows - seen.true_rows[platform + 1])
    assert np.mean(held) >= stats.binom.ppf(0.001, len(held), 0.95) / len(held)
    assert abs(np.mean(errors)) < 4 * np.std(errors) / np.sqrt(len(errors))


def null(seed: int) -> Patterns:
    rng = np.random.default_rng([seed, 5])
    people = population(rng, PLATFORMS)
    return dump(rng, people, np.array([800] + [0] * PLATFORMS)).patterns


def test_the_search_accuses_no_more_innocents_than_it_says() -> None:
    """At a nominal 5 %, at most 5 % of dumps drawn evenly from all registered people accuse anybody."""
    accused = sum(bool(search(null(seed), [], THRESHOLD)[0].active) for seed in range(NULLS))
    assert accused <= CHANCE


def test_the_search_finds_a_small_source_in_a_large_one() -> None:
    """60 rows of one platform are found beside 500 of another that shares its customers, at a level of 1e-4."""
    threshold = float(special.ndtri(1 - 1e-4 / PLATFORMS))
    found = []
    for seed in range(20):
        rng = np.random.default_rng([seed, 9])
        people = population(rng, PLATFORMS)
        seen = dump(rng, people, np.array([0, 500, 0, 60, 0, 0, 0]))
        found.append(set(search(seen.patterns, [], threshold)[0].active))
    assert all(0 in one for one in found)
    assert sum(one == {0, 2} for one in found) >= 18
