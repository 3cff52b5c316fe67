"""Mainland identity numbers, whole and masked."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracer.identifiers.columns import one, through
from tracer.identifiers import national_id

TODAY = date(2025, 6, 30)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # as printed in GB 11643-1999


def with_check(seventeen: str) -> str:
    """The 17 digits with their check character, reckoned digit by digit."""
    return seventeen + "10X98765432"[sum(int(d) * w for d, w in zip(seventeen, WEIGHTS, strict=True)) % 11]


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """Invented numbers that are right in every respect."""
    province = draw(st.sampled_from(national_id.PROVINCES))
    born = draw(st.dates(date(1900, 1, 1), TODAY))
    county, sequence = draw(st.integers(0, 9999)), draw(st.integers(0, 999))
    return with_check(f"{province}{county:04d}{born:%Y%m%d}{sequence:03d}")


def test_the_example_of_the_standard_is_right() -> None:
    """The number GB 11643-1999 gives as an example is valid and tells what it should."""
    number = "11010519491231002X"
    assert one(national_id.valid, number)
    assert one(national_id.birth_date, number) == date(1949, 12, 31)
    assert one(national_id.sex, number) == "F"
    assert one(national_id.region, number) == "110105"
    assert one(national_id.mask, number) == "110105********002X"


def test_the_weights_are_those_of_the_standard() -> None:
    """Powers of two modulo eleven give the weights printed in the standard."""
    assert national_id.WEIGHTS == WEIGHTS


@settings(max_examples=60, deadline=None)
@given(number=numbers())
def test_every_writing_of_a_number_gives_the_same(number: str) -> None:
    """Case, width, spaces and hyphens change nothing."""
    wide = number.translate(str.maketrans("0123456789X", "０１２３４５６７８９Ｘ"))
    spaced = f"{number[:6]} {number[6:14]} {number[14:]}"
    writings = [
        number,
        number.lower(),
        wide,
        wide.lower(),
        spaced,
        spaced.replace(" ", "-"),
        f"'{number}",
        f"{number}\u200f",
    ]
    assert set(through(national_id.normalise, writings)) == {number}
    assert set(through(lambda e: national_id.valid(e, today=TODAY), writings)) == {True}


@settings(max_examples=40, deadline=None)
@given(number=numbers())
def test_every_slip_in_one_character_is_seen(number: str) -> None:
    """MOD 11-2 detects each change of a single character."""
    slips = [
        number[:place] + other + number[place + 1 :]
        for place, own in enumerate(number)
        for other in ("0123456789X" if place == 17 else "0123456789")
        if other != own
    ]
    assert not any(through(lambda e: national_id.valid(e, today=TODAY), slips))


@settings(max_examples=60, deadline=None)
@given(number=numbers(), stars=st.integers(1, 12), star=st.sampled_from("*xX#•＊"))
def test_a_masked_number_is_the_head_and_tail_of_the_whole_one(number: str, stars: int, star: str) -> None:
    """However the middle was hidden, the masked number meets the whole one's form."""
    masked = f"{number[:6]}{star * stars}{number[14:]}"
    assert one(national_id.normalise_masked, masked) == one(national_id.head_tail, number)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (with_check("99010519491231002"), "no such province"),
        (with_check("11010519490230002"), "no such day"),
        (with_check("11010518991231002"), "before 1900"),
        (with_check("11010520990101002"), "not born yet"),
        ("110105194912310021", "wrong check character"),
        ("1101051949123100", "too short"),
        ("", "empty"),
    ],
)
def test_impossible_numbers_are_not_valid(written: str, why: str) -> None:
    """Province, birth date and check character are each looked at."""
    assert one(lambda e: national_id.valid(e, today=TODAY), written) is False, why


def test_old_numbers_become_new_ones() -> None:
    """Fifteen digits get their century and check character; other runs of fifteen digits do not."""
    assert one(national_id.normalise, "130503670401001") == with_check("13050319670401001")
    assert through(national_id.normalise, ["378282246310005", "358742991234567"]) == [None, None]


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("1****************X", "1****************X"),
        ("11010519491231XXXX", "11010519491231****"),
        ("110105xxxxxxxx002x", "110105********002X"),
        ("11010519491231002X", None),
        ("******************", None),
        ("110105****", None),
    ],
)
def test_an_x_at_the_end_is_a_check_character_unless_x_is_the_star(written: str, normal: str | None) -> None:
    """A final x is read as a star only behind another x."""
    assert one(national_id.normalise_masked, written) == normal
