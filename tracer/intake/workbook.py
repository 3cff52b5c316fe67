"""Spreadsheets (XLSX, XLS, ODS): every sheet, hidden ones too, as text cells."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import polars as pl

from tracer.custody.exhibit import Exhibit
from tracer.errors import UnreadableInput
from tracer.intake import header as headers
from tracer.intake.child import read_in_child
from tracer.intake.furniture import is_empty, is_furniture
from tracer.intake.interface import Reading, Table
from tracer.intake.table import table
from tracer.settings import Settings

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PARTS = (b"xl/", b"[Content_Types].xml", b"mimetypeapplication/vnd.oasis", b"docProps/", b"_rels/")
_LARGEST = 4 << 30
"""Most bytes all parts of a workbook may have unpacked."""
_RATIO = 400
"""Most that a part above 64 MiB may shrink: sheets of people shrink 5- to 20-fold."""
_SHOWN = 200

_SHEETS = Path(__file__).with_name("sheets.py")


class Workbook:
    """XLSX and its kin. The parser runs in a child process, for a hostile workbook can make it abort."""

    format = "xlsx"

    def recognises(self, head: bytes, name: str) -> bool:
        """Whether it is a ZIP archive whose first part is a workbook's, or an OLE document."""
        return head.startswith(_OLE) or (head.startswith(_ZIP) and any(part in head[:4096] for part in _PARTS))

    def read(self, exhibit: Exhibit, settings: Settings) -> Reading:
        """Every sheet with records a table; title rows above its header are none.

        Raises:
            UnreadableInput: it is damaged, unreasonably large, or holds no record.
        """
        _refuse_bombs(exhibit)
        tables, hidden, sheets = [], [], []
        for name, visible, columns in read_in_child(_SHEETS, "sheets", exhibit):
            sheets.append(name)
            made = _table(name, [pl.Series(f"c{i}", column, dtype=pl.String) for i, column in enumerate(columns)])
            if made is not None:
                tables.append(made)
                if not visible:
                    hidden.append(made)
        if not tables:
            raise UnreadableInput(f"{exhibit.name}: no sheet holds a record", hint="check that it was copied whole")
        warnings = (
            (f"{len(hidden)} hidden sheets hold {sum(t.frame.height for t in hidden)} records",) if hidden else ()
        )
        if len(tables) == 1:
            tables = [Table("", tables[0].columns, tables[0].frame)]
        return Reading("xlsx", "", tuple(tables), members=tuple(sheets) if len(sheets) > 1 else (), warnings=warnings)


def _table(name: str, sheet: list[pl.Series]) -> Table | None:
    """A sheet's table without titles, header, blank rows and footers; None where nothing is left."""
    cells = pl.DataFrame(sheet)
    if not cells.height or not cells.width:
        return None
    columns = cells.columns
    kept = ~cells.select(is_empty(columns) | is_furniture(columns)).to_series().to_numpy()
    rows = np.flatnonzero(kept)
    shown = cells[rows[:_SHOWN]].rows()
    titles = headers.title_lines(shown)
    kept[rows[:titles]] = False
    head = shown[titles] if titles < len(shown) and headers.is_header(shown[titles], shown[titles + 1 :]) else None
    if head is not None:
        kept[headers.repeats(cells, head)] = False
    if not kept.any():
        return None
    return table(name, cells.filter(pl.Series(kept)), head, None)


def _refuse_bombs(exhibit: Exhibit) -> None:
    """Refuse a workbook whose parts unpack to more than any table of people needs."""
    if not zipfile.is_zipfile(exhibit.path):
        return
    with zipfile.ZipFile(exhibit.path) as archive:
        parts = archive.infolist()
    total = sum(part.file_size for part in parts)
    swollen = any(
        part.file_size > (64 << 20) and part.file_size > _RATIO * max(1, part.compress_size) for part in parts
    )
    if total > _LARGEST or swollen:
        raise UnreadableInput(
            f"{exhibit.name}: its parts unpack to {total} bytes, more than a workbook holds",
            hint="it may be a decompression bomb",
        )
