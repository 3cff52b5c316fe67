"""Putting rows into an XLSX export: rows are cloned from their neighbours inside the sheet's own XML.

Every part of the workbook but the sheet, its strings and its table's frame keeps its content (ECMA-376, part 1).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from html import escape, unescape
from typing import Final

from canaries.errors import CanaryFault
from canaries.planting.export import Row
from canaries.values import canonical
from canaries.writing import fold

_ROW: Final = re.compile(r"<row\b[^>]*?(?:/>|>.*?</row>)", re.DOTALL)
_CELL: Final = re.compile(r"<c\b(?P<attributes>[^>]*?)(?:/>|>(?P<body>.*?)</c>)", re.DOTALL)
_LETTERED: Final = re.compile(
    r'<c\b(?P<attributes>[^>]*?\br="(?P<letter>[A-Z]+)\d+"[^>]*?)(?:/>|>(?P<body>.*?)</c>)', re.DOTALL
)
_SHOWN: Final = 200
_REFERENCE: Final = re.compile(r'\br="([A-Z]+)(\d+)"')
_NUMBERED: Final = re.compile(r'(<row\b[^>]*?\br=")(\d+)(")')
_TEXT: Final = re.compile(r"<t\b[^>]*>(.*?)</t>", re.DOTALL)
_STRING: Final = re.compile(r"<si\b[^>]*?(?:/>|>.*?</si>)", re.DOTALL)
_RANGE: Final = re.compile(r'\bref="([A-Z]+\d+:[A-Z]+)(\d+)"')
_ZERO: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - a workbook's clock has no zone
_NO_TABLE: Final = "the rows of the table cannot be found in its sheet"


def merged(data: bytes, rows: Sequence[Row], names: Sequence[str], records: int) -> bytes:
    """The workbook with rows put into the sheet that holds a table with these headers and that many records.

    Raises:
        CanaryFault: the table cannot be found in the workbook's XML.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {entry.filename: archive.read(entry) for entry in archive.infolist()}
        entries = archive.infolist()
    strings = _Strings(parts.get("xl/sharedStrings.xml", b"").decode())
    for name in sorted(part for part in parts if re.match(r"xl/worksheets/[^/]+\.xml$", part)):
        sheet = parts[name].decode()
        found = _ROW.findall(sheet)
        first = _first(found, strings, names, records)
        if first is not None:
            parts[name] = _with_rows(sheet, found, first, rows, strings).encode()
            _stretch(parts, name, len(rows))
            break
    else:
        raise CanaryFault(_NO_TABLE, hint="save it as CSV and inject into that")
    if strings.text:
        parts["xl/sharedStrings.xml"] = strings.written().encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in entries:
            archive.writestr(entry, parts[entry.filename], entry.compress_type)
    return out.getvalue()


class _Strings:
    """The workbook's shared strings; new ones go to the end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.all = ["".join(unescape(t) for t in _TEXT.findall(item)) for item in _STRING.findall(text)]
        self._place = {one: place for place, one in enumerate(self.all)}
        self._new: list[str] = []
        self._used = 0

    def place(self, value: str) -> int:
        """Where a string is, or will be."""
        self._used += 1
        if value not in self._place:
            self._place[value] = len(self._place)
            self._new.append(value)
        return self._place[value]

    def written(self) -> str:
        """The part with the new strings and their counts."""
        added = "".join(f"<si><t{_space(value)}>{escape(value, quote=False)}</t></si>" for value in self._new)
        text = self.text.replace("</sst>", added + "</sst>")
        text = re.sub(r'\bcount="(\d+)"', lambda found: f'count="{int(found[1]) + self._used}"', text, count=1)
        return re.sub(
            r'\buniqueCount="(\d+)"', lambda found: f'uniqueCount="{int(found[1]) + len(self._new)}"', text, count=1
        )


def _space(value: str) -> str:
    return ' xml:space="preserve"' if value != value.strip() else ""


def _texts(row: str, strings: _Strings) -> list[str]:
    return [_text(found["attributes"], found["body"] or "", strings) for found in _CELL.finditer(row)]


def _text(attributes: str, body: str, strings: _Strings) -> str:
    value = re.search(r"<v>(.*?)</v>", body)
    if 't="s"' in attributes and value:
        place = int(value[1])
        return strings.all[place] if place < len(strings.all) else ""
    if 't="inlineStr"' in attributes:
        return "".join(unescape(t) for t in _TEXT.findall(body))
    return unescape(value[1]) if value else ""


def _first(found: Sequence[str], strings: _Strings, names: Sequence[str], records: int) -> int | None:
    """The place of the first record among the sheet's rows."""
    wanted = [name for name in names if not re.match(r"^column \d+$", name)]
    for place, row in enumerate(found[:50]):
        texts = [text.strip() for text in _texts(row, strings)]
        if wanted and all(name in texts for name in wanted) and len(found) - place - 1 >= records:
            return place + 1
    return len(found) - records if not wanted and len(found) >= records else None


def _with_rows(sheet: str, found: Sequence[str], first: int, rows: Sequence[Row], strings: _Strings) -> str:
    begin, end = sheet.index(found[0]), sheet.rindex(found[-1]) + len(found[-1])
    pieces, shift, waiting = [], 0, list(rows)
    letters = _letters(found[max(0, first - 1) : first + _SHOWN])
    for place, old in enumerate(found):
        while waiting and first + waiting[0].before <= place:
            pieces.append(_clone(old, waiting.pop(0), shift, letters, strings))
            shift += 1
        pieces.append(_moved(old, shift) if shift else old)
    for row in waiting:
        shift += 1
        pieces.append(_clone(found[-1], row, shift, letters, strings))
    text = sheet[:begin] + "".join(pieces) + sheet[end:]
    return re.sub(
        r'<dimension ref="([A-Z]+\d+:[A-Z]+)(\d+)"', lambda r: f'<dimension ref="{r[1]}{int(r[2]) + len(rows)}"', text
    )


def _moved(row: str, shift: int) -> str:
    row = _NUMBERED.sub(lambda found: f"{found[1]}{int(found[2]) + shift}{found[3]}", row, count=1)
    head, close, rest = row.partition(">")
    return head + close + _REFERENCE.sub(lambda found: f'r="{found[1]}{int(found[2]) + shift}"', rest)


def _clone(model: str, row: Row, shift: int, letters: Sequence[str], strings: _Strings) -> str:
    """A row with the model's number, height and cell styles; a cell the model lacks is written without style."""
    moved = _moved(model, shift)
    head, _, _ = moved.partition(">")
    number = _NUMBERED.search(head + ">")
    at = number[2] if number else ""
    known = {found["letter"]: found for found in _LETTERED.finditer(moved)}
    cells = []
    for letter, value in zip(letters, row.cells, strict=False):
        found = known.get(letter)
        if found is not None:
            cells.append(_cell(found["attributes"], found["body"] or "", value, strings))
        elif value:
            cells.append(_cell(f' r="{letter}{at}"', "", value, strings))
    return f"{head.removesuffix('/')}>{''.join(cells)}</row>"


def _letters(rows: Sequence[str]) -> list[str]:
    """The sheet's columns, from the left, that any of these rows fills."""
    found = {cell["letter"] for row in rows for cell in _LETTERED.finditer(row)}
    return sorted(found, key=lambda letter: (len(letter), letter))


def _cell(attributes: str, body: str, value: str | None, strings: _Strings) -> str:
    kind = re.search(r'\bt="(\w+)"', attributes)
    bare = re.sub(r'\s*\bt="\w+"', "", attributes).rstrip("/ ")
    if not value:
        return f"<c{bare}/>"
    if kind is None and body:
        number = _as_number(value)
        if number is not None:
            return f"<c{bare}><v>{number}</v></c>"
    if strings.text and (kind is None or kind[1] != "inlineStr"):
        return f'<c{bare} t="s"><v>{strings.place(value)}</v></c>'
    return f'<c{bare} t="inlineStr"><is><t{_space(value)}>{escape(value, quote=False)}</t></is></c>'


def _as_number(value: str) -> str | None:
    """A number as it is, a moment as the workbook's day number."""
    told = canonical(fold([value])[0])
    if told.startswith("n:"):
        return value.replace(",", "")
    if told[:2] in {"d:", "t:"}:
        digits = told[2:].ljust(12, "0")
        try:
            moment = datetime.strptime(digits, "%Y%m%d%H%M")  # noqa: DTZ007 - a workbook's clock has no zone
        except ValueError:
            return None
        return f"{(moment - _ZERO).total_seconds() / 86_400:.10f}".rstrip("0").rstrip(".")
    return None


def _stretch(parts: dict[str, bytes], sheet: str, count: int) -> None:
    """Make the frames of the sheet's tables and filters longer."""
    related = parts.get(sheet.replace("worksheets/", "worksheets/_rels/") + ".rels", b"").decode()
    for target in re.findall(r'Target="[^"]*?(tables/[^"]+)"', related):
        name = f"xl/{target}"
        if name in parts:
            text = parts[name].decode()
            parts[name] = _RANGE.sub(lambda found: f'ref="{found[1]}{int(found[2]) + count}"', text).encode()
