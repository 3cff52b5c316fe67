from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.demo.chance import exponential, normal, shuffled, uniform
from tracer.demo.people import IDENTITIES, NUMBERS, cities, names, national_ids, phones
from tracer.demo.vocabulary import CITIES, MALE
from tracer.identifiers import national_id, phone

MANY = np.arange(20_000, dtype=np.int64)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@given(size=st.integers(1, 3_000), seed=st.integers(0, 2**63))
def test_a_shuffle_loses_nobody(size: int, seed: int) -> None:
    """A shuffle of n places is a permutation of them."""
    assert sorted(shuffled(np.arange(size, dtype=np.int64), size, seed)) == list(range(size))


def test_draws_have_their_distribution() -> None:
    """Uniform, normal and exponential draws have the mean and spread they should."""
    assert uniform(MANY, 1).mean() == pytest.approx(0.5, abs=0.01)
    assert normal(MANY, 1).mean() == pytest.approx(0.0, abs=0.03)
    assert normal(MANY, 1).std() == pytest.approx(1.0, abs=0.02)
    assert exponential(MANY, 5.0, 1).mean() == pytest.approx(5.0, rel=0.03)


def test_draws_of_other_words_are_unrelated() -> None:
    """The same person's draws for two purposes, or of two seeds, or two neighbours' draws, do not correlate."""
    one = uniform(MANY, 1, "one")
    for other in (uniform(MANY, 1, "other"), uniform(MANY, 2, "one"), uniform(MANY + 1, 1, "one")):
        assert abs(np.corrcoef(one, other)[0, 1]) < 0.03


@given(person=st.integers(0, IDENTITIES - 1), seed=st.integers(0, 2**63))
def test_ids_pass_the_standard(person: int, seed: int) -> None:
    """Every ID has a district, a grown-up's birthday and the check digit of GB 11643."""
    text = national_ids(np.array([person]), seed)[0]
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, text[:17], strict=True))
    assert text[17] == "10X98765432"[total % 11]
    assert int(text[:6]) in dict(CITIES)
    assert 1960 <= int(text[6:10]) <= 2004
    assert pl.Series([text[6:14]]).str.to_date("%Y%m%d").len() == 1


def test_our_own_reading_accepts_them() -> None:
    """IDs and numbers of invented people are valid to the workbench, and stand in their normal form."""
    frame = pl.DataFrame([national_ids(MANY, 7), phones(MANY, 7)])
    same = frame.select(
        national_id.normalise(pl.col("national_id")) == pl.col("national_id"),
        phone.normalise(pl.col("phone")) == pl.col("phone"),
    )
    assert same.select(pl.all().all()).row(0) == (True, True)


@given(line=st.integers(0, NUMBERS - 1), seed=st.integers(0, 2**63))
def test_phones_are_mainland_mobiles(line: int, seed: int) -> None:
    """Every number has 11 digits and a head that people have."""
    assert pl.Series(phones(np.array([line]), seed)).str.contains(r"^1[3-9]\d{9}$").all()


def test_no_two_people_share_an_id_or_number() -> None:
    """IDs and numbers are unique over many people."""
    assert national_ids(MANY, 3).n_unique() == phones(MANY, 3).n_unique() == len(MANY)


def test_names_suit_the_sex_and_are_shared() -> None:
    """A man's given name is a man's, and the commonest name is borne by several people but few."""
    who = pl.DataFrame([names(MANY, 3), national_ids(MANY, 3)])
    male = who.filter(pl.col("national_id").str.slice(16, 1).cast(pl.Int64) % 2 == 1)
    assert male["name"].str.slice(-1).is_in(list(MALE)).all()
    assert 5 < who["name"].value_counts()["count"].max() < 200  # type: ignore[operator]


def test_most_people_live_where_their_id_was_given() -> None:
    """About three of four live in the city of their district."""
    who = pl.DataFrame([cities(MANY, 3), national_ids(MANY, 3)])
    home = who["national_id"].str.slice(0, 6).cast(pl.Int64).replace_strict(dict(CITIES))
    assert 0.74 < (home == who["city"]).mean() < 0.80  # type: ignore[operator]
