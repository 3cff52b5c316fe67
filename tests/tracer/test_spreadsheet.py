from __future__ import annotations

import csv
import io

import openpyxl
import pytest

from tracer.spreadsheet import harmless, write_rows

DANGEROUS = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x", " =1", "\u200b=1"]


@pytest.mark.parametrize("cell", DANGEROUS)
def test_no_cell_is_run(cell: str) -> None:
    """A cell that a spreadsheet program would run gets an apostrophe in CSV and is text in XLSX."""
    assert harmless(cell) == "'" + cell
    (row,) = [*csv.reader(io.StringIO(write_rows((), [(cell,)], "a.csv").decode("utf-8-sig")))][1:]
    assert row == ["'" + cell]
    book = openpyxl.load_workbook(io.BytesIO(write_rows(("x",), [(cell,)], "a.xlsx")))
    assert book.worksheets[0]["A2"].data_type == "s"


def test_harmless_cells_stay() -> None:
    """Numbers, words and phones are written as they are."""
    assert [harmless(cell) for cell in ("张三", 5, -3, None, "13800000000")] == ["张三", "5", "-3", "", "13800000000"]
