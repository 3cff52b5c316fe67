"""The report's tables as a workbook: one sheet a table, figures as numbers, everything else as text.

No cell is ever a formula or a link, whatever a dump called its columns.
"""

from __future__ import annotations

import io
import re
from datetime import datetime
from typing import Any, Final

from tracer.errors import MissingExtra
from tracer.report.page import Block, Callout, Cell, Facts, Page, Table
from tracer.report.wording import wording

_LONGEST: Final = 32_767
"""Characters of the longest cell (Excel's specification)."""
_NAME: Final = 31
"""Characters of the longest name of a sheet."""
_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\']")
_FIGURE: Final = re.compile(r"\d{1,3}(,\d{3})*")


def workbook(page: Page) -> bytes:
    """The file; the same pages give the same bytes.

    Raises:
        MissingExtra: the extra `report` is not installed.
    """
    try:
        import xlsxwriter  # noqa: PLC0415 - only who asks for XLSX needs it
    except ModuleNotFoundError:
        raise MissingExtra("XLSX cannot be written here", hint="pip install 'luobo[report]'") from None
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    issued = datetime.fromisoformat(page.issued).replace(tzinfo=None)
    book.set_properties({"title": page.title, "author": "luobo", "created": issued, "comments": page.digest})
    sheets = _Sheets(book, page)
    sheets.add(page.title, (page.title, page.subtitle), _summary(page))
    for section in page.sections:
        facts = [row for block in section.blocks for row in _facts(block)]
        if facts:
            sheets.add(f"{section.letter} {section.title}", (section.title, "", ""), facts)
        tables = [block for block in section.blocks if isinstance(block, Table)]
        for place, table in enumerate(tables, 1):
            sheets.add(f"{section.letter}{place} {table.caption}", table.heads, table.rows, table.right)
    book.close()
    return out.getvalue()


def _summary(page: Page) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = [row[1:] for block in page.cover for row in _facts(block)]
    rows += [(block.title, block.text) for block in page.cover if isinstance(block, Callout)]
    return [*rows, (page.labels["digest"], page.digest)]


def _facts(block: Block) -> list[tuple[Cell, ...]]:
    return [(block.subject, label, value) for label, value in block.rows] if isinstance(block, Facts) else []


class _Sheets:
    """The sheets of one workbook, each with a name of its own."""

    def __init__(self, book: Any, page: Page) -> None:
        self._book, self._page = book, page
        self._bold = book.add_format({"bold": True, "bg_color": "#EEF3F6", "text_wrap": True, "valign": "top"})
        self._wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self._figure = book.add_format({"num_format": "#,##0", "valign": "top"})
        self._missing = book.add_format({"font_color": "#9A5B00", "bg_color": "#FFF4DD", "valign": "top"})
        self._taken: set[str] = set()

    def add(self, name: str, heads: tuple[str, ...], rows: Any, figures: frozenset[int] = frozenset()) -> None:
        sheet = self._book.add_worksheet(self._named(name))
        for column, head in enumerate(heads):
            sheet.write_string(0, column, head, self._bold)
            longest = max([len(head), *(len(row[column] or "") for row in rows)])
            sheet.set_column(column, column, min(70, 4 + 1.4 * longest))
        for place, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                self._write(sheet, place, column, cell, column in figures)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L&7{self._page.labels['digest']} {self._page.digest}&R&7&P / &N")

    def _write(self, sheet: Any, row: int, column: int, cell: Cell, figure: bool) -> None:  # noqa: FBT001
        if cell is None:
            sheet.write_string(row, column, wording(self._page.lang)("page.not_recorded"), self._missing)
        elif figure and _FIGURE.fullmatch(cell):
            sheet.write_number(row, column, int(cell.replace(",", "")), self._figure)
        else:
            sheet.write_string(row, column, cell[:_LONGEST], self._wrapped)

    def _named(self, name: str) -> str:
        wanted = _FORBIDDEN.sub(" ", name)[:_NAME].strip() or "-"
        made, count = wanted, 1
        while made.lower() in self._taken:
            count += 1
            made = f"{wanted[: _NAME - 1 - len(str(count))]}~{count}"
        self._taken.add(made.lower())
        return made
