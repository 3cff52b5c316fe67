"""Tables of HTML pages, also of those that are called .xls, and of Excel's XML of 2003."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

import numpy as np
import polars as pl

from tracer.intake import header as headers
from tracer.intake.decode import texts
from tracer.intake.encoding import glimpse
from tracer.intake.interface import Note, Part, Piece, Shape
from tracer.intake.member import Member
from tracer.intake.sections import sort_rows

_BEGINS = re.compile(
    r"(?i)^\s*(?:<!doctype html|<html\b|<\?xml[^>]*>\s*(?:<!--.*?-->\s*)?<html\b|<table\b"
    r"|<(?:head|meta|body|div|style)\b)"
)
_TABLE = re.compile(r"(?i)<table\b|<tr\b|<(?:ss:)?Worksheet\b")
_SPREADSHEET = re.compile(r"urn:schemas-microsoft-com:office:spreadsheet")
_ROW, _CELL = {"tr", "row", "ss:row"}, {"td", "th", "cell", "ss:cell"}
_TABLES = {"table", "worksheet", "ss:worksheet"}
_UNSEEN = {"script", "style", "head", "styles", "documentproperties", "names"}
_BREAKS = {"br", "p", "div", "li"}
_WIDEST, _LONGEST_SPAN = 2_000, 1_000
_BATCH = 200_000


class Markup:
    """HTML, or Excel's XML of 2003, with tables in it."""

    format = "html"

    def recognises(self, member: Member, head: bytes) -> bool:
        """Whether it begins like HTML or like Excel's XML, or holds the beginning of an HTML table."""
        shown = glimpse(head)
        if _SPREADSHEET.search(shown):
            return True
        return _BEGINS.match(shown.lstrip("\ufeff")) is not None and (
            _TABLE.search(shown) is not None or len(head) < member.size
        )

    def read(self, member: Member) -> Iterator[Part]:
        """Every row of a table a record; text beside tables is looked at only where there is none."""
        parser, said = _Tables(), False
        for text in texts(member):
            if not said:
                said = True
                yield Shape("xml" if _SPREADSHEET.search(glimpse(member.head())) else "html", text.encoding)
            yield from text.rejects
            parser.feed(text.data.decode())
            if parser.count > _BATCH:
                yield from _tables(parser, final=False)
        parser.close()
        yield from _tables(parser, final=True)


@dataclass(slots=True)
class _Grid:
    """The rows of one table."""

    rows: list[list[str | None]] = field(default_factory=list)
    spans: dict[int, tuple[int, str | None]] = field(default_factory=dict)
    """Column → (rows it still reaches into, its text)."""
    number: int = 0
    header: headers.Cells | None = None
    begun: bool = False
    width: int = 0


class _Tables(HTMLParser):
    """Rows of cells out of tags, however badly they are nested."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.done: list[_Grid] = []
        self.open: list[_Grid] = []
        self.row: list[str | None] | None = None
        self.cell: list[str] | None = None
        self.span = (1, 1)
        self.unseen = 0
        self.count = 0
        self.numbered = 0
        self.outer: list[tuple[list[str | None] | None, list[str] | None, tuple[int, int]]] = []
        self.loose: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: C901 (one case for each thing that may come)
        if tag in _UNSEEN:
            self.unseen += tag != "head"
        elif tag in _TABLES:
            if self.open and tag == "table" and "worksheet" in str(self.get_starttag_text()).lower():
                return
            if self.open and self.open[-1].number < 0:
                self.open[-1].number = -self.open[-1].number
                return
            self.outer.append((self.row, self.cell, self.span))
            self.row = self.cell = None
            self.numbered += 1
            self.open.append(_Grid(number=-self.numbered if tag != "table" else self.numbered))
        elif tag in _ROW:
            self._end_row()
            self.row = []
            if not self.open:
                self.numbered += 1
                self.open.append(_Grid(number=self.numbered))
        elif tag in _CELL:
            self._end_cell()
            if self.row is None:
                self.row = []
            found = dict(attrs)
            self.span = (
                _number(found.get("colspan") or found.get("ss:mergeacross", "0"), 1),
                _number(found.get("rowspan"), 1),
            )
            place = _number(found.get("ss:index"), 0)
            while place > len(self.row) + 1 and len(self.row) < _WIDEST:
                self.row.append(None)
            self.cell = []
        elif tag in _BREAKS and self.cell is not None:
            self.cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self.unseen = max(0, self.unseen - (tag != "head"))
        elif tag in _CELL:
            self._end_cell()
        elif tag in _ROW:
            self._end_row()
        elif tag in _TABLES and self.open and not (tag == "table" and self.open[-1].number < 0):
            self._end_row()
            self.done.append(self.open.pop())
            self.row, self.cell, self.span = self.outer.pop() if self.outer else (None, None, (1, 1))

    def handle_data(self, data: str) -> None:
        if self.unseen:
            return
        if self.cell is not None:
            self.cell.append(data)
        elif data.strip() and len(self.loose) < _BATCH:
            self.loose.append(data)

    def close(self) -> None:
        """Read what is left, and end what was left open."""
        super().close()
        self._end_row()
        while self.open:
            self.done.append(self.open.pop())

    def _end_cell(self) -> None:
        if self.cell is None or self.row is None:
            self.cell = None
            return
        text = re.sub(r"[ \t\r\n]+", " ", "".join(self.cell)).strip() or None
        self.cell = None
        across, down = self.span
        if self.open:
            self._fill_spans()
        for step in range(min(across, _LONGEST_SPAN)):
            if len(self.row) >= _WIDEST:
                break
            if down > 1 and self.open:
                self.open[-1].spans[len(self.row)] = (min(down, _LONGEST_SPAN) - 1, text if not step else None)
            self.row.append(text if not step else None)

    def _fill_spans(self) -> None:
        """Cells of earlier rows that reach down into this one."""
        grid = self.open[-1]
        while self.row is not None and len(self.row) in grid.spans and len(self.row) < _WIDEST:
            place = len(self.row)
            left, text = grid.spans[place]
            if left > 1:
                grid.spans[place] = (left - 1, text)
            else:
                del grid.spans[place]
            self.row.append(text)

    def _end_row(self) -> None:
        self._end_cell()
        if self.row is not None and self.open:
            if self.row:
                self._fill_spans()
            self.open[-1].rows.append(self.row)
            self.count += 1
        self.row = None


def _number(written: str | None, least: int) -> int:
    return max(least, int(written)) if written and written.isdecimal() and len(written) < 7 else least


def _tables(parser: _Tables, *, final: bool) -> Iterator[Part]:
    grids = [*parser.done, *(parser.open[-1:] if not final else [])]
    several = parser.numbered > 1
    for grid in grids:
        yield from _records(grid, several=several)
        grid.rows = []
    parser.done.clear()
    parser.count = 0
    if final and parser.loose and not parser.numbered:
        lines = [line.strip() for text in parser.loose for line in text.split("\n") if line.strip()]
        yield Piece("", (None,), pl.DataFrame({"c0": pl.Series("c0", lines, dtype=pl.String)}))


def _records(grid: _Grid, *, several: bool) -> Iterator[Part]:
    width = max((len(row) for row in grid.rows), default=0)
    if not width:
        return
    frame = pl.DataFrame(
        [
            pl.Series(f"c{i}", [row[i] if i < len(row) else None for row in grid.rows], dtype=pl.String)
            for i in range(width)
        ]
    )
    counts = np.array([0 if sum(cell is not None for cell in row) <= 1 else len(row) - 1 for row in grid.rows])
    usual = int(np.bincount(counts).argmax())
    found = sort_rows(frame, np.arange(frame.height), counts, usual, goes_on=grid.begun, header=grid.header)
    name = f"table {abs(grid.number)}" if several else ""
    for place, section in enumerate(found.sections):
        if section.begins or not grid.begun:
            grid.header, grid.begun = section.header, True
        names = (*(grid.header or ()), *(None,) * (width - len(grid.header or ())))[:width]
        if len(section.rows):
            yield Piece(f"{name}.{place}" if place and section.begins else name, names, frame[section.rows])
    if found.aside:
        yield Note(f"{found.aside} rows of titles, rules, footers or repeated headers are no records")
