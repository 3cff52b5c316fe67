"""What holds for every kind of identifier."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings

from tests.tracer.identifiers.columns import ODD_CELLS, cells, one, through
from tracer.identifiers import account, bank_card, email, mask, national_id, person_name, phone, text, value

NORMALISERS = {
    "text": text.tidy,
    "phone": phone.normalise,
    "masked phone": phone.normalise_masked,
    "national id": national_id.normalise,
    "masked national id": national_id.normalise_masked,
    "name": person_name.normalise,
    "email": email.normalise,
    "bank card": bank_card.normalise,
    "account": account.normalise,
}
TESTS = [phone.valid, national_id.valid, person_name.valid, email.valid, bank_card.valid, account.valid]
MASKS = [phone.mask, national_id.mask, person_name.mask, email.mask, bank_card.mask, account.mask, mask.mask_any]
VALUES = [value.canonical, value.number, value.moment, value.day]


@pytest.mark.parametrize("kind", NORMALISERS)
@settings(max_examples=150, deadline=None)
@given(cell=cells)
def test_a_normal_form_is_its_own_normal_form(kind: str, cell: str) -> None:
    """Normalising twice gives what normalising once gave."""
    normal = one(NORMALISERS[kind], cell)
    assert one(NORMALISERS[kind], normal) == normal


@pytest.mark.parametrize("step", [*NORMALISERS.values(), *TESTS, *MASKS, *VALUES])
def test_nothing_fails_on_odd_cells_and_null_stays_null(step: object) -> None:
    """Odd cells raise nothing, and null gives null among other cells and alone."""
    assert callable(step)
    assert through(step, [None, *ODD_CELLS])[0] is None
    assert through(step, [None, None]) == [None, None]
    assert through(step, []) == []


@pytest.mark.parametrize("step", [*NORMALISERS.values(), *TESTS, *VALUES])
def test_a_cell_means_the_same_alone_and_among_others(step: object) -> None:
    """No cell's outcome depends on the cells beside it."""
    assert callable(step)
    column = [*ODD_CELLS, "13812345678", "+86 138-1234-5678", None, "4,000.00", "2024/1/20", "张 三"]
    assert through(step, column) == [one(step, cell) for cell in column]


@pytest.mark.parametrize("step", [*NORMALISERS.values(), *TESTS, *VALUES])
def test_the_callers_column_is_left_as_it_was(step: object) -> None:
    """Working on a column changes nothing in it."""
    assert callable(step)
    column = ["+86 138-1234-5678", "13812345678", "张 三", " A@B.com"]
    frame = pl.DataFrame({"cells": column})
    frame.select(step(pl.col("cells")))
    assert frame["cells"].to_list() == column


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_a_streamed_column_gives_the_same(engine: str) -> None:
    """Lazy queries give the same in memory and streamed."""
    column = ["+86 138-1234-5678", "13812345678", None, "1.3812345678E+10"] * 500
    lazy = pl.LazyFrame({"cells": column}).select(phone.normalise(pl.col("cells")))
    outcome = lazy.collect(engine="streaming") if engine == "streaming" else lazy.collect(engine="in-memory")
    assert outcome["cells"].to_list() == ["13812345678", "13812345678", None, "13812345678"] * 500


@settings(max_examples=150, deadline=None)
@given(cell=cells)
def test_no_mask_shows_more_than_it_states(cell: str) -> None:
    """A mask of whatever text shows at most the stated characters, and of text that is no normal form nothing."""
    assert one(mask.mask_any, cell) == "***"
    shown_phone, shown_id, shown_card = one(phone.mask, cell), one(national_id.mask, cell), one(bank_card.mask, cell)
    assert len(shown_phone.replace("*", "")) <= 7
    assert len(shown_id.replace("*", "")) <= 10
    assert len(shown_card.replace("*", "")) <= 8
    name, user = one(person_name.mask, cell), one(account.mask, cell)
    assert name == "***" or (name == cell[0] + "**" and len(cell) > 1)
    assert user == "***" or (user == cell[:2] + "***" and len(cell) > 4)
