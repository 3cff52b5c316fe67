"""Inclusion rates within strata, beside those without: what sellers' filters do to either."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from tests.tracer.attribution.regional import FILTERS, LEVELS, NOBODY, PLATFORMS, Country, Leak
from tracer.attribution.inclusion import fit
from tracer.attribution.overlap import Labels
from tracer.attribution.standing import Estimate, Regression
from tracer.attribution.strata import Strata, strata, strata_of
from tracer.attribution.stratified import Cells, Counted, Stratified, counted

LARGE, LOCAL, OTHER = 0, 1, 2
"""Platform 1 does its business in the provinces that sellers ask for."""
SEEDS = 40


def leak(seed: int, rows: Mapping[int, int], filters: Mapping[int, str]) -> Leak:
    return Leak.of(Country.of(seed), rows, filters, seed)


def held(told: Mapping[int, Counted], true: Labels) -> list[bool]:
    """For each true source whether its interval holds its rows."""
    nothing = (0.0, 0.0, 0.0)
    ends = [(told.get(place, nothing), rows) for place, rows in enumerate(true.tolist()) if rows]
    return [low <= rows <= high for (_, low, high), rows in ends]


def innocents(told: Mapping[int, Counted], true: Labels) -> int:
    """Platforms that are given rows and supplied none."""
    return sum(not true[place] for place in told)


def test_a_neighbours_rows_are_wrong_without_strata_and_right_within() -> None:
    """Of 40 leaks by province beside a local lender's, no plain interval holds; within strata nearly all do.

    The people of both lenders are the local one's customers, or the large one's who were asked for: the first where the
    shares of whole tables are compared, the second where those of the province are.
    """
    plain, within = [], []
    for seed in range(SEEDS):
        one = leak(seed, {LARGE: 300, LOCAL: 300}, {LARGE: "province"})
        ways = one.both()
        plain += held(ways[0], one.true)
        within += held(ways[1], one.true)
    assert np.mean(plain) < 0.05
    assert np.mean(within) >= stats.binom.ppf(0.001, SEEDS, 0.95) / SEEDS


def test_intervals_are_true_under_every_filter() -> None:
    """Over 320 leaks of two lenders and of strangers, each by another filter, 93 to 97 % of 95 % intervals hold."""
    within = []
    for seed in range(2 * SEEDS):
        for by in FILTERS:
            filters = {LARGE: by, OTHER: FILTERS[(FILTERS.index(by) + seed) % 4]}
            one = leak(seed, {LARGE: 300, OTHER: 300, NOBODY: 150}, filters)
            within += held(one.both()[1], one.true)
    assert len(within) == 4 * 2 * 2 * SEEDS
    assert 0.93 <= np.mean(within) <= 0.97


def test_innocents_get_no_rows_within_strata() -> None:
    """Two lenders' tables by province and strangers: plainly, innocents of the provinces get rows; within strata none.

    Nor does anybody under the other filters, of a leak by one lender alone, or of strangers alone, more often than one
    dump in ten thousand would.
    """
    plain, dumps, within = 0, 0, 0
    for seed in range(SEEDS):
        country = Country.of(seed)
        both = {LARGE: "province", OTHER: "province"}
        made = [({LARGE: 300, OTHER: 300, NOBODY: 300}, both), ({NOBODY: 500}, {})]
        made += [({LARGE: 300, NOBODY: 100}, {LARGE: by}) for by in FILTERS]
        for place, (rows, filters) in enumerate(made):
            one = Leak.of(country, rows, filters, 10 * seed + place)
            ways = one.both()
            plain += place == 0 and innocents(ways[0], one.true) > 0
            within += innocents(ways[1], one.true) > 0
            dumps += 1
    assert plain > SEEDS / 2
    assert within <= stats.binom.ppf(0.999, dumps, 1e-4)


def test_a_small_source_is_found_within_strata() -> None:
    """40 rows of a local lender beside 400 that were filtered by its provinces are found, and their number is."""
    within: list[bool] = []
    for seed in range(SEEDS):
        one = leak(seed, {LARGE: 400, LOCAL: 40}, {LARGE: "province"})
        told = one.both()[1]
        assert set(told) == {LARGE, LOCAL}
        within += held(told, one.true)
    assert np.mean(within) >= stats.binom.ppf(0.001, SEEDS, 0.95) / SEEDS


def test_without_filters_both_ways_agree() -> None:
    """Of 40 leaks of whole tables nine in ten give one count, though who else knows the people looks like a filter."""
    alike, seeming, within = [], 0, []
    for seed in range(SEEDS):
        one = leak(seed, dict.fromkeys((LARGE, LOCAL, 3, 5), 250), {})
        plain, strict = one.both()
        assert set(plain) == set(strict) == {LARGE, LOCAL, 3, 5}
        seeming += bool(one.strata(one.mixture()))
        alike.append(strict == plain)
        within += held(strict, one.true)
    assert seeming > 0
    assert np.mean(alike) >= 0.9
    assert np.mean(within) >= stats.binom.ppf(0.001, SEEDS, 0.95) / SEEDS


def some(seed: int) -> Leak:
    """A leak of any two lenders, or of one and strangers."""
    rng = np.random.default_rng([seed, 8])
    places = rng.choice([NOBODY, *range(PLATFORMS)], 2, replace=False).tolist()
    filters = {place: str(rng.choice(["", *FILTERS])) for place in places}
    return Leak.of(Country.of(seed % 7, 3_000), {place: int(rng.integers(20, 200)) for place in places}, filters, seed)


def any_strata(one: Leak, seed: int, most: int) -> dict[int, Strata]:
    """Strata of the platforms in the model that have nothing to do with the leak."""
    rng = np.random.default_rng([seed, 9])
    sizes = {place: int(one.country.member[:, place].sum()) for place in one.mixture().inclusion.active}
    many = {place: int(rng.integers(1, most + 1)) for place in sizes}
    # Every stratum has customers.
    return {
        place: Strata(("column",), np.append(np.arange(many[place]), rng.integers(0, many[place], size - many[place])))
        for place, size in sizes.items()
    }


def counts(one: Leak, found: Mapping[int, Strata]) -> dict[int, Counted]:
    mixture = one.mixture()
    return counted(mixture, one.cells(mixture, found), found, list(mixture.inclusion.active), LEVELS)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_one_stratum_is_none(seed: int) -> None:
    """With one stratum for each platform, rows and intervals are those without strata."""
    one = some(seed)
    mixture = one.mixture()
    told = counts(one, any_strata(one, seed, 1))
    assert set(told) == set(mixture.inclusion.active)
    for place, ends in told.items():
        assert ends == pytest.approx(mixture.rows(place, LEVELS[1]), rel=1e-4, abs=0.05)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_numbers_of_strata_mean_nothing(seed: int) -> None:
    """Numbering the strata of every platform otherwise changes no rows and no interval."""
    one, rng = some(seed), np.random.default_rng([seed, 10])
    found = any_strata(one, seed, 4)
    other = {
        place: replace(each, stratum=rng.permutation(each.customers.size)[each.stratum])
        for place, each in found.items()
    }
    mine, theirs = counts(one, found), counts(one, other)
    assert set(mine) == set(theirs)
    for place, ends in mine.items():
        assert theirs[place] == pytest.approx(ends, rel=1e-3, abs=0.2)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_strata_explain_no_less(seed: int) -> None:
    """The model without strata is a case of the one with them: its likelihood is no greater; all records are given."""
    one = some(seed)
    mixture, found = one.mixture(), any_strata(one, seed, 4)
    model = Stratified.of(mixture.patterns, one.cells(mixture, found), found)
    active = mixture.inclusion.active
    strict = fit(model.patterns, [column for place in active for column in model.inside[place]])
    assert strict.likelihood >= fit(mixture.patterns, active).likelihood - 1e-3
    assert strict.rows.sum() == pytest.approx(mixture.patterns.count.sum(), rel=1e-3)
    assert model.patterns.count.sum() == pytest.approx(mixture.patterns.count.sum())


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), cuts=st.lists(st.integers(1, 99), min_size=1, max_size=5))
def test_cells_of_parts_are_those_of_the_whole(seed: int, cuts: list[int]) -> None:
    """Records counted part by part and put together are counted as all at once."""
    rng = np.random.default_rng(seed)
    pattern, stratum = rng.integers(0, 5, 100), {3: rng.integers(-1, 3, 100), 1: rng.integers(-1, 2, 100)}
    whole = Cells.of(pattern, stratum)
    spans = [slice(*ends) for ends in zip([0, *sorted(cuts)], [*sorted(cuts), 100], strict=True)]
    parts = [Cells.of(pattern[span], {place: one[span] for place, one in stratum.items()}) for span in spans]
    together = Cells.together([one for one in parts if one.pattern.size])
    assert together.pattern.tolist() == whole.pattern.tolist()
    assert together.records.tolist() == whole.records.tolist()
    assert {place: one.tolist() for place, one in together.stratum.items()} == {
        place: one.tolist() for place, one in whole.stratum.items()
    }


def test_strata_are_the_shares_that_were_taken() -> None:
    """A filter by two columns makes two strata: who is let through, and the rest; the order is that of the shares."""
    rng = np.random.default_rng(3)
    columns = {
        "province": rng.integers(0, 8, 6_000),
        "product": rng.integers(0, 5, 6_000),
        "month": rng.integers(0, 24, 6_000),
    }
    fits = (columns["province"] < 3) & (columns["product"] < 2)
    drawn = np.zeros(6_000, bool)
    drawn[rng.choice(np.flatnonzero(fits), 500, replace=False)] = True
    found = strata(drawn, columns)
    assert found is not None
    assert set(found.columns) == {"province", "product"}
    assert found.stratum.tolist() == fits.astype(int).tolist()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_names_of_values_mean_nothing(seed: int) -> None:
    """Whatever numbers stand for the values, the strata are the same."""
    rng = np.random.default_rng(seed)
    columns = {"a": rng.integers(0, 6, 3_000), "b": rng.integers(0, 4, 3_000)}
    drawn = (rng.random(3_000) < 0.2) & (columns["a"] < rng.integers(1, 6)) & (columns["b"] < rng.integers(1, 5))
    other = {name: rng.permutation(6)[labels] for name, labels in columns.items()}
    mine, theirs = strata(drawn, columns), strata(drawn, other)
    assert (mine is None) == (theirs is None)
    if mine and theirs:
        assert mine.columns == theirs.columns
        assert mine.stratum.tolist() == theirs.stratum.tolist()


def chosen(columns: Mapping[str, Labels], who: NDArray[np.uint32], only: Collection[str] | None) -> dict[str, Labels]:
    return {name: one[who] for name, one in columns.items() if only is None or name in only}


def test_leaks_of_whole_tables_have_no_strata() -> None:
    """Of 400 draws from whole tables no more than one in a thousand seems filtered; each of 20 that are, does."""
    found = 0
    for seed in range(400):
        rng = np.random.default_rng([seed, 4])
        columns = {"a": rng.integers(0, 30, 20_000), "b": rng.integers(0, 4, 20_000)}
        drawn = np.zeros(20_000, bool)
        drawn[rng.choice(20_000, 600, replace=False)] = True
        found += strata_of(drawn, partial(chosen, columns), 0) is not None
        if seed < 20:
            told = strata_of(drawn & (columns["a"] < 25), partial(chosen, columns), 0)
            assert told is not None
            assert told.columns == ("a",)
    assert found <= stats.binom.ppf(0.999, 400, 1e-3)


@pytest.mark.parametrize(
    ("within", "told"), [((1_000, 980, 1_020), False), ((1_009, 990, 1_020), False), ((1_012, 990, 1_020), True)]
)
def test_strata_that_change_nothing_are_not_spoken_of(within: tuple[float, float, float], told: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Strata are told of in words where a count moves by more than a hundredth."""
    plain = Estimate(1_000, 980, 1_020)
    assert Regression(plain, Estimate(*within), ("joined",), 3, divided=True).tells is told
    assert not Regression(plain, Estimate(*within), ("joined",), 1, divided=False).tells


def test_an_interval_that_misses_the_other_count_is_spoken_of() -> None:
    """A change of less than a hundredth counts as well where it is beyond an interval."""
    assert Regression(Estimate(1_000, 999, 1_001), Estimate(1_005, 1_004, 1_006), (), 1, divided=True).tells


@given(low=st.floats(0, 500), rows=st.floats(500, 600), high=st.floats(600, 900), records=st.integers(900, 2_000))
def test_whole_records_make_no_interval_narrower(low: float, rows: float, high: float, records: int) -> None:
    """The printed interval holds the one that was found."""
    told, lower, upper = Estimate(rows, low, high).whole(records)
    assert lower <= low
    assert upper >= high
    assert lower <= told <= upper
