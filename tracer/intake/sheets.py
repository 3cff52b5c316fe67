"""The cells of a workbook as text. Run by `confined` in a process of its own, so it imports nothing of luobo."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

Cell = str | float | bool | date | datetime | time | timedelta | None


def sheets(path: str) -> list[tuple[str, bool, list[list[str | None]]]]:
    """(name, whether it is shown, its columns of cells) of every sheet that holds cells."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum  # noqa: PLC0415

    out = []
    with CalamineWorkbook.from_path(path) as book:
        for sheet in book.sheets_metadata:
            if sheet.typ == SheetTypeEnum.WorkSheet:
                rows = book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
                out.append((sheet.name, sheet.visible == SheetVisibleEnum.Visible, _columns(rows)))
    return out


def _columns(rows: Sequence[Sequence[Cell]]) -> list[list[str | None]]:
    width = max(map(len, rows), default=0)
    return [[_text(row[i]) if i < len(row) else None for row in rows] for i in range(width)]


def _text(cell: Cell) -> str | None:
    """A cell as a person reads it: whole numbers without `.0`, dates and times in ISO 8601; empty is null."""
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if math.isfinite(cell) and cell == int(cell) and abs(cell) < 1e21 else repr(cell)
    if isinstance(cell, datetime):
        if not (cell.hour or cell.minute or cell.second):
            return cell.date().isoformat()
        return cell.isoformat(sep=" ", timespec="seconds" if cell.second else "minutes")
    return None if cell is None else str(cell)
