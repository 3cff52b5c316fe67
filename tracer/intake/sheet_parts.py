"""XLSX read part by part in little memory, for workbooks that kill the fast reader (a cell in the farthest corner)."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import IO
from xml.etree import ElementTree as ET

from tracer.errors import UnreadableInput
from tracer.intake.archives.interface import DAMAGED
from tracer.intake.interface import Note, Part, Shape, Sheet
from tracer.intake.member import Member
from tracer.intake.workbook import damaged, refuse_bombs, tables

_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})$")
_WIDEST = 500
"""Columns beyond are put behind each other: no table of people is wider."""
_MOST_STRINGS = 5_000_000
_Row = tuple[int, dict[int, str]]


class SheetParts:
    """The cells that are there, and none of the empty ones between them."""

    format = "xlsx"

    def recognises(self, member: Member, head: bytes) -> bool:
        """Never asked: it is taken when the fast reader died."""
        return False

    def read(self, member: Member) -> Iterator[Part]:
        """Every sheet as the fast reader gives it; dates stay the numbers they are stored as.

        Raises:
            UnreadableInput: it is no XLSX, or a damaged one.
        """
        refuse_bombs(member)
        yield Shape("xlsx")
        try:
            with zipfile.ZipFile(member.stream) as archive:
                names = [name for name in archive.namelist() if re.match(r"xl/worksheets/[^/]+\.xml$", name)]
                if not names:
                    raise damaged(member)
                titles = _titles(archive)
                strings = _strings(archive)
                for place, part in enumerate(sorted(names, key=lambda name: (len(name), name))):
                    title = titles[place] if place < len(titles) else part
                    yield Sheet(title)
                    with archive.open(part) as content:
                        yield from _sheet(title, content, strings)
        except (*DAMAGED, ET.ParseError):
            raise damaged(member) from None


def _sheet(title: str, content: IO[bytes], strings: list[str]) -> Iterator[Part]:
    rows: list[_Row] = list(_rows(content, strings))
    used = sorted({column for _, cells in rows for column in cells})
    if len(used) > _WIDEST:
        yield Note(f"{title}: {len(used)} columns are filled; those behind the {_WIDEST}th were not read")
        used = used[:_WIDEST]
    place = {column: i for i, column in enumerate(used)}

    def laid_out() -> Iterator[list[str | None]]:
        for _, cells in rows:
            row: list[str | None] = [None] * len(used)
            for column, text in cells.items():
                if column in place:
                    row[place[column]] = text
            yield row

    yield from tables(title, laid_out(), len(used))


def _rows(content: IO[bytes], strings: list[str]) -> Iterator[_Row]:
    number = 0
    for _, element in ET.iterparse(content):
        if element.tag.endswith("}row"):
            number = int(element.get("r") or number + 1)
            cells: dict[int, str] = {}
            for place, cell in enumerate(element):
                found = _REFERENCE.match(cell.get("r") or "")
                column = _column(found[1]) if found else place
                text = _text(cell, strings)
                if text:
                    cells[column] = text
            if cells:
                yield number, cells
            element.clear()


def _text(cell: ET.Element, strings: list[str]) -> str:
    kind = cell.get("t")
    if kind == "inlineStr":
        return "".join(part.text or "" for part in cell.iter() if part.tag.endswith("}t"))
    value = next((part.text or "" for part in cell if part.tag.endswith("}v")), "")
    if kind == "s" and value.isdecimal():
        return strings[int(value)] if int(value) < len(strings) else ""
    if kind is None and re.fullmatch(r"-?\d+(?:\.\d+)?[eE]\+?\d+|-?\d+\.0+", value):
        number = float(value)
        return str(int(number)) if number == int(number) else value
    return value


def _strings(archive: zipfile.ZipFile) -> list[str]:
    name = next((name for name in archive.namelist() if name.lower() == "xl/sharedstrings.xml"), None)
    if name is None:
        return []
    out: list[str] = []
    with archive.open(name) as content:
        for _, element in ET.iterparse(content):
            if element.tag.endswith("}si"):
                out.append("".join(part.text or "" for part in element.iter() if part.tag.endswith("}t")))
                element.clear()
                if len(out) > _MOST_STRINGS:
                    raise UnreadableInput("its strings are more than a workbook holds", hint="it may be a bomb")
    return out


def _titles(archive: zipfile.ZipFile) -> list[str]:
    try:
        with archive.open("xl/workbook.xml") as content:
            return [str(e.get("name")) for _, e in ET.iterparse(content) if e.tag.endswith("}sheet")]
    except KeyError:
        return []


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
