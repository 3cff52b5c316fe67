from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pytest

from tracer.comparison.alignment import align, laid_together
from tracer.comparison.forms import Field, fields
from tracer.intake.material import material
from tracer.settings import DEFAULT


def made(header: str, dump: Sequence[str | None], table: Sequence[str | None]) -> tuple[Field, ...]:
    """The fields of two frames of one column."""
    sheets = [laid_together(material(pl.DataFrame({header: cells}), DEFAULT).reading) for cells in (dump, table)]
    return fields(align(sheets[0], sheets[1]), sheets[0], sheets[1])


WHOLE = ["13812345678", "13987654321", "15012341234"]


@pytest.mark.parametrize(
    ("shown", "left"),
    [
        (["138****5678", "139****4321"], ["138*5678", "139*4321", "150*1234"]),
        (["138-XXXX-5678", "139-XXXX-4321"], ["138*5678", "139*4321", "150*1234"]),
        (["*******5678", "*******4321"], ["*5678", "*4321", "*1234"]),
        (["1381234****", "1398765****"], ["1381234*", "1398765*", "1501234*"]),
    ],
)
def test_a_mask_is_laid_over_the_table(shown: list[str], left: list[str]) -> None:
    """The table's numbers are compared as the dump's mask would leave them."""
    (one,) = made("手机号", shown, WHOLE)
    assert one.masked
    assert one.table.to_list() == left
    assert one.dump.to_list() == left[:2]


def test_whole_and_masked_cells_are_two_fields() -> None:
    """A column that is masked here and there gives a field of whole values and one for each way of masking."""
    found = made("手机号", [*WHOLE, "138****5678", "139****4321"], WHOLE)
    assert [one.masked for one in found] == [False, True]
    assert found[0].dump.to_list() == [*WHOLE, None, None]
    assert found[1].dump.to_list() == [None, None, None, "138*5678", "139*4321"]


def test_an_id_that_ends_in_x_is_not_masked() -> None:
    """The check character X is no star."""
    (one,) = made("身份证号", ["11010519491231002X"] * 3, ["11010519491231002x"] * 3)
    assert not one.masked
    assert one.dump.to_list() == one.table.to_list()


def test_masked_mail_keeps_its_domain() -> None:
    """z***@qq.com is compared with the first letter and the domain of the table's addresses."""
    (one,) = made("email", ["z***@qq.com", "l***@163.com"], ["zhang@qq.com", "li.na@163.com"])
    assert one.table.to_list() == ["z*@qq.com", "l*@163.com"] == one.dump.to_list()


def test_full_width_digits_and_traditional_characters() -> None:
    """Full-width digits are digits, and traditional characters are simplified."""
    (one,) = made("手机号", ["１３８１２３４５６７８"], ["138 1234 5678"])
    assert one.dump.to_list() == one.table.to_list()
    (two,) = made("姓名", ["劉德華", "張偉"], ["刘德华", "张伟"])
    assert two.dump.to_list() == two.table.to_list()


def test_days_before_months_are_read_from_the_column() -> None:
    """03.05.2024 is the third of May in a column that also has 20.01.2024, and the fifth of March beside 01/20/2024."""
    german = made("date_of_birth", ["20.01.1984", "03.05.1984"], ["1984-01-20", "1984-05-03"])
    american = made("date_of_birth", ["01/20/1984", "03/05/1984"], ["1984-01-20", "1984-03-05"])
    for (one,) in (german, american):
        assert one.dump.to_list() == one.table.to_list()


def test_lost_leading_zeros() -> None:
    """A spreadsheet's 2134 is the postcode 02134."""
    (one,) = made("postcode", ["2134", "800"], ["02134", "0800"])
    assert one.dump.to_list() == one.table.to_list()
