from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from tracer.custody.exhibit import seal
from tracer.errors import UnreadableInput
from tracer.intake.interface import Reading
from tracer.intake.reading import read

Row = tuple[str | None, ...]
Read = Callable[[bytes], Reading]
Cells = Callable[[Reading], list[Row]]


def test_all_sheets_are_read(cells: Cells, tmp_path: Path) -> None:
    """Titles, repeated headers and footers are no records; hidden sheets are; numbers and dates read as people do."""
    path = tmp_path / "book.xlsx"
    book = xlsxwriter.Workbook(path)
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet = book.add_worksheet("甲")
    sheet.write_row(0, 0, ["某平台客户名单 2024"])
    sheet.write_row(2, 0, ["姓名", "手机", "额度", "时间"])
    for i in range(3):
        sheet.write_row(3 + i, 0, ["张三", 13_800_000_000 + i, 50_000.5 if i else 3])
        sheet.write_datetime(3 + i, 3, dt.datetime(2024, 5, 1, 10, i), moment)
    sheet.write_row(6, 0, ["姓名", "手机", "额度", "时间"])
    sheet.write_row(7, 0, ["李四", 13_900_000_000, 1])
    sheet.write_row(9, 0, ["共4条"])
    hidden = book.add_worksheet("乙")
    hidden.write_row(0, 0, ["王五", "13700000001"])
    hidden.write_row(1, 0, ["赵六", "13700000002"])
    hidden.hide()
    book.add_worksheet("空")
    book.close()

    found = read(seal(path))
    assert found.members == ("甲", "乙", "空")
    assert cells(found) == [
        ("张三", "13800000000", "3", "2024-05-01 10:00"), ("张三", "13800000001", "50000.5", "2024-05-01 10:01"),
        ("张三", "13800000002", "50000.5", "2024-05-01 10:02"), ("李四", "13900000000", "1", None),
        ("王五", "13700000001"), ("赵六", "13700000002"),
    ]  # fmt: skip
    assert "1 hidden sheets hold 2 records" in found.warnings


def test_a_workbook_that_kills_its_reader_is_read_all_the_same(cells: Cells, tmp_path: Path) -> None:
    """A cell in the farthest corner makes the parser abort; only the child dies, a sturdier one reads the sheet."""
    path = tmp_path / "far.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    for i in range(5):
        sheet.write_row(i, 0, ["张三", 13_800_000_000 + i])
    sheet.write(1_048_575, 16_383, "x")
    book.close()
    start = time.perf_counter()
    found = read(seal(path))
    assert [row[:2] for row in cells(found)] == [("张三", f"1380000000{i}") for i in range(5)]
    assert time.perf_counter() - start < 20


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    """A workbook cut in half is refused."""
    path = tmp_path / "book.xlsx"
    book = xlsxwriter.Workbook(path)
    book.add_worksheet().write_row(0, 0, ["张三", "13800000000"])
    book.close()
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(UnreadableInput):
        read(seal(path))
