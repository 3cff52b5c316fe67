from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tracer.comparison.alignment import Kind
from tracer.comparison.chance import Chances, by_chance, dependence
from tracer.comparison.levels import DIFFER, SAME, TYPO
from tracer.comparison.people import Trait
from tracer.comparison.weights import slips, usual


def trait(kind: Kind, cells: list[str]) -> Trait:
    """A trait whose table has these cells."""
    values = pl.Series("value", cells).unique(maintain_order=True)
    place = {text: number for number, text in enumerate(values.to_list())}
    codes = np.array([place[text] for text in cells], np.int32)
    return Trait("x", kind, claim=False, masked=False, values=values, dump=codes[:0], table=codes)


def test_a_value_weighs_by_those_who_share_it() -> None:
    """Of 1,000 people 101 are called Smith: another one is with chance 100/999, a name that one has is far rarer."""
    names = ["smith"] * 101 + [f"name{number}" for number in range(899)]
    found = by_chance(trait(Kind.NAME, names), np.random.default_rng(1))
    assert found.same[0] == pytest.approx(100 / 999)
    assert found.same[1] < 1e-4


def test_numbers_that_nobody_shares() -> None:
    """A phone number that nobody shares weighs far more than one in as many people as there are."""
    numbers = [f"138{number * 7919 % 10**8:08}" for number in range(2_000)]
    found = by_chance(trait(Kind.PHONE, numbers), np.random.default_rng(1))
    assert (found.same < 1e-8).all()


def test_what_goes_together_counts_once() -> None:
    """Where a postcode has one town, agreeing in both is as likely as agreeing in one, and so is a mistyped one."""
    rng = np.random.default_rng(1)
    place = rng.integers(0, 50, 3_000)
    traits = [
        trait(Kind.TEXT, [f"town number {one}" for one in place]),
        trait(Kind.CODE, [f"{90000 + one}" for one in place]),
    ]
    counted = Chances(tuple(by_chance(one, rng) for one in traits), dependence(traits))
    made = slips(usual(2))
    both, one, mistyped = (
        float(counted.log(np.array([[a], [b]], np.uint8), made)[0])
        for a, b in ((SAME, SAME), (SAME, DIFFER), (SAME, TYPO))
    )
    assert both == pytest.approx(np.log(1 / 50), abs=0.1)
    assert one < both
    assert mistyped > np.log(1 / 50 * 0.03)


def test_independent_traits_are_left_alone() -> None:
    """Traits that have nothing to do with each other are not corrected by more than noise."""
    rng = np.random.default_rng(1)
    traits = [trait(Kind.TEXT, [f"value {one}" for one in rng.integers(0, 30, 3_000)]) for _ in range(3)]
    assert all(excess < 0.1 for _, excess in dependence(traits))
