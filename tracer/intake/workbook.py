"""Spreadsheets (XLSX, XLSB, XLS, ODS): every sheet, hidden ones too, as text cells."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice

import numpy as np
import polars as pl

from tracer.errors import UnreadableInput
from tracer.intake import header as headers
from tracer.intake.archives.interface import DAMAGED
from tracer.intake.interface import Note, Part, Piece, Shape, Sheet
from tracer.intake.member import Member
from tracer.intake.sections import sort_rows

Cell = str | float | bool | date | datetime | time | timedelta | None
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PARTS = ("xl/", "content.xml", "Index/Document.iwa")
LARGEST = 4 << 30
"""Most bytes all parts of a workbook may have unpacked."""
_RATIO = 400
"""Most that a part above 64 MiB may shrink: sheets of people shrink 5- to 20-fold."""
_MOST_CELLS = 4 << 20
"""How many cells are looked at together."""


class Workbook:
    """XLSX and its kin."""

    format = "xlsx"

    def recognises(self, member: Member, head: bytes) -> bool:
        """Whether it is a ZIP archive with a workbook's parts, or an OLE document."""
        return head.startswith(OLE) or (head.startswith(ZIP) and _has_parts(member, head))

    def read(self, member: Member) -> Iterator[Part]:
        """Every sheet with records a table; title rows above its header are none.

        Raises:
            UnreadableInput: it is damaged or unreasonably large.
        """
        from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum  # noqa: PLC0415

        refuse_bombs(member)
        try:
            book = CalamineWorkbook.from_path(member.path)
            sheets = book.sheets_metadata
        except (CalamineError, OSError, ValueError):
            raise damaged(member) from None
        yield Shape(_kind(member))
        for sheet in sheets:
            if sheet.typ != SheetTypeEnum.WorkSheet:
                continue
            try:
                rows = book.get_sheet_by_name(sheet.name)
                width = rows.end[1] + 1 if rows.end else 0
                yield Sheet(sheet.name, hidden=sheet.visible != SheetVisibleEnum.Visible)
                yield from tables(sheet.name, rows.iter_rows(), width)
            except (CalamineError, OSError, ValueError):
                yield Note(f"{sheet.name}: this sheet is damaged and was not read")


def tables(name: str, rows: Iterator[Sequence[Cell]], width: int) -> Iterator[Part]:
    """The tables of a sheet, without titles, headers, blank rows and footers."""
    if not width:
        return
    header: headers.Cells | None = None
    count = aside = 0
    while batch := list(islice(rows, max(1_000, _MOST_CELLS // width))):
        frame = pl.DataFrame(
            [
                pl.Series(f"c{i}", [_text(row[i]) if i < len(row) else None for row in batch], dtype=pl.String)
                for i in range(width)
            ]
        )
        reach = (
            frame.select(
                pl.max_horizontal(
                    pl.when(pl.col(c).is_not_null()).then(i).otherwise(-1) for i, c in enumerate(frame.columns)
                )
            )
            .to_series()
            .to_numpy()
        )
        filled = frame.select(pl.sum_horizontal(pl.all().is_not_null().cast(pl.UInt32))).to_series().to_numpy()
        counts = np.where(filled <= 1, 0, reach)
        usual = int(np.bincount(counts[counts >= 0], minlength=1).argmax()) if len(counts) else 0
        every = np.arange(frame.height)
        found = sort_rows(frame, every, counts, usual, goes_on=count > 0, header=header)
        aside += found.aside
        for section in found.sections:
            if section.begins or not count:
                count += 1
                header = section.header
            names = (*(header or ()), *(None,) * (width - len(header or ())))
            if len(section.rows):
                yield Piece(name if count < 2 else f"{name} (table {count})", names, frame[section.rows])
    if aside:
        yield Note(f"{name}: {aside} rows of titles, rules, footers or repeated headers are no records")


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


def _has_parts(member: Member, head: bytes) -> bool:
    try:
        with zipfile.ZipFile(member.stream) as archive:
            return any(name.startswith(_PARTS) for name in archive.namelist()[:1000])
    except DAMAGED:
        return (
            b"xl/" in head[:4096] or b"[Content_Types].xml" in head[:4096] or b"opendocument.spreadsheet" in head[:200]
        )


def _kind(member: Member) -> str:
    """xls, xlsx, xlsb or ods, by what is in it."""
    if member.head(8).startswith(OLE):
        return "xls"
    try:
        with zipfile.ZipFile(member.stream) as archive:
            names = archive.namelist()
    except DAMAGED:
        raise damaged(member) from None
    return "ods" if "content.xml" in names else "xlsb" if "xl/workbook.bin" in names else "xlsx"


def refuse_bombs(member: Member) -> None:
    """Refuse a workbook whose parts unpack to more than any table of people needs."""
    try:
        with zipfile.ZipFile(member.stream) as archive:
            parts = archive.infolist()
    except DAMAGED:
        if member.head(4) == ZIP:
            raise damaged(member) from None
        return
    total = sum(part.file_size for part in parts)
    swollen = any(
        part.file_size > (64 << 20) and part.file_size > _RATIO * max(1, part.compress_size) for part in parts
    )
    if total > LARGEST or swollen:
        raise UnreadableInput(
            f"{member.name}: its parts unpack to {total} bytes, more than a workbook holds",
            hint="it may be a decompression bomb",
        )


def damaged(member: Member) -> UnreadableInput:
    """What is said of a workbook that cannot be opened."""
    kind = (
        "an OLE document that is no workbook, or a damaged one"
        if member.head(8).startswith(OLE)
        else "a damaged workbook"
    )
    return UnreadableInput(f"{member.name}: is {kind}", hint="was it copied whole? save it as XLSX or CSV")
