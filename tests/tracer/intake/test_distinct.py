from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.intake import distinct

PARTS = st.lists(st.lists(st.none() | st.integers(0, 500).map(str), max_size=80), max_size=8)


@given(parts=PARTS, held=st.integers(0, 200))
def test_different_values_are_counted_once(parts: list[list[str | None]], held: int) -> None:
    """However many hashes fit into memory, the count is that of a set."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distinct, "_HELD", held)
        seen = distinct.Distinct()
        for part in parts:
            seen.add(pl.Series(part, dtype=pl.String))
        assert seen.count() == len({value for part in parts for value in part} - {None})
