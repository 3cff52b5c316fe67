from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tracer.engines.matching import match

TOKENS = st.integers(0, 30) | st.integers(2**64 - 4, 2**64 - 1)
PAIRS = st.lists(st.tuples(st.integers(0, 20), TOKENS), max_size=60)


def ordered(pairs: list[tuple[int, int]], name: str) -> pl.DataFrame:
    schema = {name: pl.UInt32, "token": pl.UInt64}
    return pl.DataFrame(pairs, schema=schema, orient="row").sort("token")


@given(sought=PAIRS, registered=PAIRS)
def test_matching_equals_a_join(sought: list[tuple[int, int]], registered: list[tuple[int, int]]) -> None:
    """Every pair of a record and a customer with an equal token is found, as Polars' own join finds it."""
    dump, platform = ordered(list(dict.fromkeys(sought)), "row"), ordered(registered, "person")
    joined = dump.join(platform, on="token").select("row", "person")
    assert_frame_equal(match(dump, platform), joined, check_row_order=False)
