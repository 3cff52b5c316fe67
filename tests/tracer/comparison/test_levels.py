from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracer.comparison.populations import slip
from tracer.comparison.alignment import Kind
from tracer.comparison.blocking import neighbourhood
from tracer.comparison.levels import ALIKE, DIFFER, MISSING, SAME, SOUNDS, TYPO, compare
from tracer.comparison.people import Trait


def level(kind: Kind, one: str | None, other: str | None) -> int:
    """The level of two values."""
    values = pl.Series("value", [text for text in dict.fromkeys((one, other)) if text is not None], dtype=pl.String)
    place = {text: number for number, text in enumerate(values.to_list())}
    codes = [np.array([place.get(text, -1) if text is not None else -1], np.int32) for text in (one, other)]
    trait = Trait("x", kind, claim=False, masked=False, values=values, dump=codes[0], table=codes[1])
    return int(compare(trait, codes[0], codes[1])[0])


@pytest.mark.parametrize(
    ("kind", "one", "other", "found"),
    [
        (Kind.NAME, "张伟", "张伟", SAME),
        (Kind.NAME, "张伟", "章威", SOUNDS),
        (Kind.NAME, "欧阳明珠", "欧阳明朱", SOUNDS),
        (Kind.NAME, "王小明", "王大明", TYPO),
        (Kind.NAME, "王明", "李强", DIFFER),
        (Kind.NAME, "michaela", "michaels", TYPO),
        (Kind.NAME, "smith john", "john smith", ALIKE),
        (Kind.NAME, "smith", None, MISSING),
        (Kind.PHONE, "13812345678", "13812345687", TYPO),
        (Kind.PHONE, "13812345678", "1381234567", TYPO),
        (Kind.PHONE, "13812345678", "13812340079", DIFFER),
        (Kind.NATIONAL_ID, "110105194912310020", "110105194912310021", TYPO),
        (Kind.DATE, "1984-05-03", "1984-03-05", TYPO),
        (Kind.DATE, "1984-05-03", "1971-11-20", DIFFER),
        (Kind.NUMBER, "50000", "49900", ALIKE),
        (Kind.NUMBER, "50000", "12000", DIFFER),
        (Kind.CODE, "4223", "4232", TYPO),
        (Kind.TEXT, "pinkerton circuit", "pinkertn circuit", TYPO),
        (Kind.TEXT, None, None, MISSING),
    ],
)
def test_levels(kind: Kind, one: str | None, other: str | None, found: int) -> None:
    """Two values have the level that a person would give them, whichever comes first."""
    assert level(kind, one, other) == level(kind, other, one) == found


@given(
    st.text("0123456789", min_size=8, max_size=18),
    st.integers(0, 17),
    st.integers(0, 3),
)
def test_one_slip_is_found_again(number: str, place: int, kind: int) -> None:
    """A number with one digit wrong, missing, doubled or swapped shares a key with the number as it was."""
    damaged = slip(number, place % len(number), kind)
    keys = neighbourhood(pl.Series([number, damaged])).group_by("key").agg(pl.col("place").n_unique())
    assert (keys["place"] == 2).any()
