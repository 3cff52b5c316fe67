"""PostgreSQL's COPY … FROM stdin: rows of tab-separated text up to a line with a backslash and a dot."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import polars as pl

from tracer.intake.decode import Text, find
from tracer.intake.grid import only, parse, rewritten
from tracer.intake.interface import Part, Piece, Reject
from tracer.intake.sql_dialects import capitals

HEAD = re.compile(
    rb'^COPY\s+((?:"[^"]+"|[\w.])+)\s*(?:\(([^)]*)\))?\s+FROM\s+stdin\b[^\n]*;[ \t]*\r?$', re.IGNORECASE | re.MULTILINE
)
_END = b"\\."
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{1,2})|([0-7]{1,3})|(.))", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}


def copies(text: Text) -> Iterator[Part]:
    """The records of every COPY in a text."""
    bounds = np.append(text.begins, len(text.data))
    for found in _heads(text.data):
        first = int(np.searchsorted(text.begins, found.end()))
        last = first
        while last < len(text.begins) and not text.data.startswith(_END, int(bounds[last])):
            last += 1
        lines = np.zeros(len(text.begins), bool)
        lines[first:last] = True
        if lines.any():
            yield from _rows(only(text, lines), _last_name(found[1]), _names(found[2] or b""))


def _heads(data: bytes) -> Iterator[re.Match[bytes]]:
    # Most dumps hold none, and to find that out by the bare word takes a tenth of the time.
    return HEAD.finditer(data) if b"COPY" in capitals(data) else iter(())


def without_copies(text: Text) -> Text:
    """The text with the rows of every COPY blank, so that nothing else is read in them."""
    spans = []
    for found in _heads(text.data):
        end = text.data.find(b"\n" + _END, found.end() - 1)
        spans.append((found.start(), end if end >= 0 else len(text.data)))
    if not spans:
        return text
    data = bytearray(text.data)
    units = np.frombuffer(data, np.uint8)
    for start, end in spans:
        part = units[start:end]
        part[part != ord("\n")] = ord(" ")
    return rewritten(text, bytes(data))


def _rows(text: Text, name: str, names: tuple[str, ...]) -> Iterator[Part]:
    data = text.data.replace(b"\r\n", b"\n")
    units = np.frombuffer(data, np.uint8)
    text = rewritten(text, data) if len(data) != len(text.data) else text
    counts = np.diff(np.searchsorted(find(units, 9), np.append(text.begins, len(data))))
    usual = len(names) - 1 if names else int(np.bincount(counts).argmax())
    for line in np.flatnonzero(counts != usual).tolist():
        yield Reject(int(text.offsets[line]), int(text.numbers[line]), "not as many values as the table has columns")
    text = only(text, counts == usual)
    if not len(text.begins):
        return
    cells = parse(text.data, b"\t", np.full(len(text.begins), usual, np.int64), quoted=False)
    cells = cells.with_columns(pl.when((pl.all() != "\\N") & (pl.all() != "")).then(pl.all()))
    if b"\\" in text.data:
        cells = cells.with_columns(_unescaped(cells[column]) for column in cells.columns)
    yield Piece(name, names or (None,) * cells.width, cells, text.offsets, text.ends)


def _unescaped(cells: pl.Series) -> pl.Series:
    rows = cells.str.contains("\\", literal=True).fill_null(False).arg_true()
    if not len(rows):
        return cells
    return cells.scatter(rows, [_ESCAPE.sub(_meant, cell) for cell in cells[rows].to_list()])


def _meant(found: re.Match[str]) -> str:
    if found[1]:
        return chr(int(found[1], 16))
    if found[2]:
        return chr(int(found[2], 8) & 0xFF)
    return _LETTERS.get(found[3], found[3])


def _names(listed: bytes) -> tuple[str, ...]:
    return tuple(_last_name(name) for name in listed.split(b",") if name.strip())


def _last_name(name: bytes) -> str:
    part = name.strip().rsplit(b".", 1)[-1]
    return part.strip(b'" ').decode(errors="replace")
