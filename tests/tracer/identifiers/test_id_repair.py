from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tests.tracer.identifiers.test_visible import BODIES, number, slips
from tracer.identifiers import national_id
from tracer.identifiers.id_repair import candidates, damaged


@given(body=BODIES, data=st.data())
def test_the_right_number_is_among_the_candidates(body: str, data: st.DataObject) -> None:
    """Whatever one slip makes of an ID, the ID is among the few candidates, and all of them pass the checks."""
    whole = number(body)
    slip = data.draw(st.sampled_from(slips(whole, "0123456789X")))
    found = damaged(pl.Series([slip]))
    if found[0] is None:  # a slip that makes another valid number, or a shape no ID has
        assert slip == whole or "X" in slip[:-2] or national_id_valid(slip)
        return
    told = candidates(found).get_column("number")
    assert whole in told.to_list()
    assert told.len() <= 40
    assert told.n_unique() == told.len()
    assert told.to_frame("cell").select(national_id.valid(pl.col("cell")).all()).item()


def national_id_valid(text: str) -> bool:
    """Whether the checks pass."""
    return bool(pl.DataFrame({"cell": [text]}).select(national_id.valid(pl.col("cell"))).item())


def test_whole_numbers_and_other_text_are_left_alone() -> None:
    """Valid IDs, phone numbers, names and nulls are not repaired; places stay those of the column."""
    cells = pl.Series(["11010519491231002X", "13800138000", "张三", None, "11010519491231002 1"])
    told = damaged(cells)
    assert told.to_list() == [None, None, None, None, "110105194912310021"]
    read = candidates(told)
    assert read.get_column("row").unique().to_list() == [4]
    assert "11010519491231002X" in read.get_column("number").to_list()


def test_nothing_to_repair() -> None:
    """No numbers give no candidates."""
    assert candidates(pl.Series([], dtype=pl.String)).is_empty()
