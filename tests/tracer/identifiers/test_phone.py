"""Phone numbers, whole and masked."""

from __future__ import annotations

import time

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracer.identifiers.columns import one, through
from tracer.identifiers import phone

mobiles = st.from_regex(r"\A1[3-9][0-9]{9}\Z")
WIDE = str.maketrans("0123456789+", "０１２３４５６７８９＋")


def writings(number: str) -> list[str]:
    """The ways in which a mainland mobile is written in dumps."""
    a, b, c = number[:3], number[3:7], number[7:]
    grouped = [f"{a}{mark}{b}{mark}{c}" for mark in (" ", "-", ".", "·", "—", "\u00a0", "\u3000", "–", "  ")]
    prefixed = [f"{p}{number}" for p in ("+86", "+86 ", "86", "86-", "0086", "0086 ", "(+86)", "+86-", "'", "0")]
    numeric = [f"{number}.0", f"{number}.00", f"1.{number[1:]}E+10", f"1.{number[1:]}e10"]
    hidden = [f"\u202a{number}\u202c", f"\ufeff{number}", f" {number}\t", f"{a}\u200b{b}{c}"]
    spoken = [f"({a}) {b}-{c}", f"+86 {a} {b} {c}", number.translate(WIDE), f"+86{number}".translate(WIDE)]
    return [number, *grouped, *prefixed, *numeric, *hidden, *spoken]


@settings(max_examples=60, deadline=None)
@given(number=mobiles)
def test_every_writing_of_a_number_gives_the_same(number: str) -> None:
    """All writings of one mainland mobile have the same normal form."""
    assert set(through(phone.normalise, writings(number))) == {number}


@settings(max_examples=60, deadline=None)
@given(number=mobiles, stars=st.integers(1, 9), star=st.sampled_from("*xX#•＊●"))
def test_a_masked_number_is_the_head_and_tail_of_the_whole_one(number: str, stars: int, star: str) -> None:
    """However a number was masked to head and tail, it meets the whole number's form."""
    head, tail, hidden = number[:3], number[7:], star * stars
    masked = [
        f"{head}{hidden}{tail}",
        f"+86 {head}{hidden}{tail}",
        f"86-{head} {hidden} {tail}",
        f"{head}-{hidden}-{tail}",
    ]
    assert set(through(phone.normalise_masked, masked)) == {one(phone.head_tail, number)}
    assert one(phone.mask, number) == one(phone.head_tail, number) == f"{head}****{tail}"


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("+852 9123 4567", "+85291234567"),
        ("0085291234567", "+85291234567"),
        ("+1 (312) 212-3456", "+13122123456"),
        ("+86 10 1234 5678", None),
        ("010-12345678", None),
        ("12812345678", None),
        ("1381234567", None),
        ("1381234567.0", None),
        ("138123456789", None),
        ("1.38123E+10", None),
        ("1.3812345678", None),
        ("13812345678,13912345678", None),
        ("2024-01-20 19:56", None),
        ("440304197103134235", None),
    ],
)
def test_other_countries_get_their_plus_and_no_numbers_get_nothing(written: str, normal: str | None) -> None:
    """Numbers of other countries become E.164; landlines, short, long and damaged numbers become null."""
    assert one(phone.normalise, written) == normal
    assert one(phone.valid, written) is (normal is not None)


def test_the_region_reads_its_own_numbers() -> None:
    """A bare Hong Kong number is one in Hong Kong only, and a mainland mobile is one everywhere."""
    numbers = ["9123 4567", "13812345678"]
    assert through(lambda e: phone.normalise(e, "HK"), numbers) == ["+85291234567", "13812345678"]
    assert through(phone.normalise, numbers) == [None, "13812345678"]


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("1381234****", "1381234****"),
        ("*******5678", "*******5678"),
        ("138****56", None),
        ("****", None),
        ("***********", None),
        ("13812345678", None),
        ("128****5678", None),
        ("张**", None),
        ("", None),
    ],
)
def test_partly_seen_numbers_need_all_their_places(written: str, normal: str | None) -> None:
    """Without head and tail all eleven places must be there and four digits seen."""
    assert one(phone.normalise_masked, written) == normal


def test_a_foreign_number_shows_five_digits() -> None:
    """The mask of another country's number shows its first three and last two digits."""
    assert one(phone.mask, "+85291234567") == "+852****67"
    assert one(phone.head_tail, "+85291234567") is None


def test_plain_numbers_cost_little() -> None:
    """300,000 plain numbers take less than a tenth of a second of processor time, for nothing is done to them."""
    frame = pl.DataFrame({"cells": pl.Series(range(13_000_000_000, 13_000_300_000)).cast(pl.String)})
    spent = []
    for _ in range(3):
        start = time.process_time()
        frame.select(phone.normalise(pl.col("cells")))
        spent.append(time.process_time() - start)
    assert min(spent) < 0.1
