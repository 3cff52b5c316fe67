"""Rows written so that a spreadsheet program takes no cell for a formula.

A cell that begins with = + - @, a tab or a carriage return is run when the file is opened (OWASP, CSV injection), and
by some programs its full-width twin. In CSV such a cell gets an apostrophe in front, in XLSX every
cell is written as text.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from tracer.errors import MissingExtra

_DANGEROUS = re.compile(r"^[\s\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]*[=+\-@＝＋－＠\t\r|%]|^[\t\r\n]")
_LONGEST = 32_767
"""Characters of the longest cell of an XLSX file (Excel's specification)."""
_MOST_ROWS = 1_048_576


def harmless(cell: object) -> str:
    """A cell as text that no spreadsheet program runs."""
    text = "" if cell is None else str(cell)
    if isinstance(cell, int | float) or not _DANGEROUS.match(text):
        return text
    return "'" + text


def write_rows(columns: Sequence[str], rows: Iterable[Sequence[object]], name: str) -> bytes:
    """A file of rows: XLSX where `name` ends in .xlsx, else CSV (UTF-8 with a mark, by which Excel knows it).

    Raises:
        MissingExtra: XLSX was asked for and its writer is not installed.
    """
    if name.lower().endswith(".xlsx"):
        return _xlsx(columns, rows)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([harmless(cell) for cell in columns])
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig", errors="backslashreplace")


def _xlsx(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    try:
        import xlsxwriter  # noqa: PLC0415 (only who asks for XLSX needs it)
    except ImportError:
        raise MissingExtra("XLSX cannot be written here", hint="pip install 'luobo[report]', or ask for CSV") from None
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet()
    for place, row in enumerate((columns, *rows)):
        if place >= _MOST_ROWS:
            break
        for column, cell in enumerate(row):
            text = "" if cell is None else str(cell)
            sheet.write_string(place, column, text.encode("utf-8", "backslashreplace").decode()[:_LONGEST])
    book.close()
    return out.getvalue()
