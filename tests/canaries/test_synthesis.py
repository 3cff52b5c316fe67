from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canaries.splice import Cards, heaped, written
from canaries.synthesis import Drawn, Synthesiser, Trait
from canaries.tree import grow, predictor

ROWS = 3_000


def loans() -> list[Trait]:
    """Income decides the product at a threshold, product and income the limit, limit and term the instalment."""
    rng = np.random.default_rng(1)
    income = np.round(rng.lognormal(8.5, 0.4, ROWS), -1)
    product = (income > 5_000).astype(float)
    limit = np.round(income * (5 + 7 * product) * rng.lognormal(0, 0.1, ROWS), -3)
    term = rng.choice([6.0, 12.0, 24.0], ROWS)
    place = rng.integers(0, 8, ROWS).astype(float)
    place[rng.random(ROWS) < 0.1] = np.nan
    return [
        Trait("product", product, ordered=False),
        Trait("income", income, ordered=True),
        Trait("limit", limit, ordered=True),
        Trait("term", term, ordered=False),
        Trait("instalment", limit / term * rng.uniform(1.05, 1.06, ROWS), ordered=True, smooth=True),
        Trait("place", place, ordered=False),
    ]


@pytest.fixture(scope="module")
def drawn() -> dict[str, Drawn]:
    return Synthesiser(loans(), ROWS).draw(2_000, np.random.default_rng(2))


def values(drawn: dict[str, Drawn], key: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return next(one.values for one in loans() if one.key == key)[drawn[key].donors]


def test_a_threshold_is_kept(drawn: dict[str, Drawn]) -> None:
    """What one column decides of another at a threshold is so in canaries, but for a few at the threshold itself."""
    wrong = (values(drawn, "income") > 5_000) != (values(drawn, "product") == 1)
    assert wrong.mean() < 0.01


def test_a_proportion_is_kept(drawn: dict[str, Drawn]) -> None:
    """An instalment is as much of its own limit and term as customers' are, though no customer has it."""
    made = drawn["instalment"].numbers
    assert made is not None
    share = made * values(drawn, "term") / values(drawn, "limit")
    assert ((share > 1.049) & (share < 1.061)).mean() > 0.99
    assert len(set(made) & set(loans()[4].values)) < 0.01 * len(made)


def test_a_balance_is_any_share_of_its_limit() -> None:
    """Where a number never exceeds another, high shares of it are as frequent as low ones, and none is above it."""
    rng = np.random.default_rng(4)
    limit = np.round(rng.lognormal(9.5, 1.0, ROWS), -3) + 1000
    known = [Trait("limit", limit, ordered=True), Trait("owed", limit * rng.random(ROWS), ordered=True, smooth=True)]
    drawn = Synthesiser(known, ROWS).draw(ROWS, rng)
    share = (drawn["owed"].numbers if drawn["owed"].numbers is not None else limit) / limit[drawn["limit"].donors]
    assert np.histogram(share, 4, (0, 1))[0] / ROWS == pytest.approx([0.25] * 4, abs=0.035)
    assert share.max() <= 1


def test_cards_are_dealt() -> None:
    """All are dealt before any is dealt again."""
    cards, rng = Cards("abcde"), np.random.default_rng(1)
    drawn = "".join(cards.draw(rng) for _ in range(15))
    assert {"".join(sorted(drawn[at : at + 5])) for at in (0, 5, 10)} == {"abcde"}


def test_nobody_lends_a_value_twice(drawn: dict[str, Drawn]) -> None:
    """Where fewer canaries than customers are drawn, hardly a customer lends one thing to two of them."""
    for key in ("term", "place"):
        assert Counter(drawn[key].donors.tolist()).most_common(1)[0][1] <= 3
        assert len(np.unique(drawn[key].donors)) > 0.9 * 2_000


def test_a_canary_has_several_donors(drawn: dict[str, Drawn]) -> None:
    """Three donors at least, none of whom lends more than half."""
    for row in np.column_stack([one.donors for one in drawn.values()]):
        lent = Counter(row.tolist())
        assert len(lent) >= 3
        assert max(lent.values()) <= 3


def test_missing_values_are_inherited(drawn: dict[str, Drawn]) -> None:
    """As many are missing as of customers."""
    assert np.isnan(values(drawn, "place")).mean() == pytest.approx(0.1, abs=0.02)


def test_chance_makes_few_forks() -> None:
    """Columns that have nothing to do with each other leave a tree its large leaves, words of many levels too."""
    forks = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        known = [predictor(rng.random(800), ordered=True), predictor(np.floor(60 * rng.random(800)), ordered=False)]
        forks += len(grow(rng.random(800), known, ordered=True).forks)
    assert forks <= 2 * 20


@given(st.floats(0.01, 1e7), st.sampled_from(["1234.56", "¥1,234.50", "12", "1500", "0.75元"]))
def test_numbers_are_written_as_the_donor_writes(value: float, cell: str) -> None:
    """Decimals and signs are the donor's; the value is right to the last place."""
    rng = np.random.default_rng(1)
    told = written(value, cell, rng, heaps=False)
    assert told is not None
    assert re.sub(r"[0-9,]+", "9", told) == re.sub(r"[0-9,]+", "9", cell)
    places = len(cell.partition(".")[2].rstrip("元"))
    assert float(re.sub(r"[¥,元]", "", told)) == pytest.approx(value, abs=0.51 * 10**-places)


def test_end_zeros_are_the_donors() -> None:
    """Where numbers are heaped, a made one ends with as many zeros as its donor's."""
    rng = np.random.default_rng(3)
    cells = ["1500", "2000", "1730", "99", "12000"] * 40
    assert heaped(cells)
    for cell in cells:
        told = written(float(rng.integers(500, 50_000)), cell, rng, heaps=True) or ""
        assert len(told) - len(told.rstrip("0")) == len(cell) - len(cell.rstrip("0"))


def test_even_ends_are_no_habit() -> None:
    """Numbers of which one in ten ends with a zero are not heaped."""
    assert not heaped([str(number) for number in range(1000, 3000)])
