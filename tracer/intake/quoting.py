"""Quoted cells: where quotes keep a separator or a line end inside one cell, and where they are mere signs."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from tracer.intake.encoding import Positions

_QUOTE = ord('"')
_BREAK = b"\x1e"
"""Stands for a line end inside a cell in repaired text; `grid` turns it back."""
_FURTHEST = 1 << 16
"""How many bytes a quoted cell may reach beyond its first line before its quote is taken for a mere sign."""


def quote_positions(units: NDArray[np.uint8], separator: int) -> Positions | None:
    """Every quote of a text in which all quotes open and close cells (RFC 4180), or None where one does not.

    A quote that opens stands at the start of a cell or right behind the one that closed (a doubled quote); one that
    closes stands at the end of a cell or right before the one that opens again.
    """
    quotes = np.flatnonzero(units == _QUOTE)
    if len(quotes) % 2:
        return None
    opening, closing = quotes[0::2], quotes[1::2]
    before = units[np.maximum(opening - 1, 0)]
    fits = (opening == 0) | np.isin(before, (separator, 10, 13, _QUOTE))
    after = units[np.minimum(closing + 1, len(units) - 1)]
    fits &= (closing == len(units) - 1) | np.isin(after, (separator, 10, 13, _QUOTE))
    # A quote before an opening one counts only as the other half of a doubled quote, that is the one just closed.
    doubled = (before == _QUOTE) & (opening > 0)
    doubled[1:] &= closing[:-1] != opening[1:] - 1
    return quotes if bool(fits.all()) and not bool(doubled.any()) else None


def inside(quotes: Positions, positions: Positions) -> NDArray[np.bool_]:
    """Which positions lie between an opening quote and its closing one."""
    odd: NDArray[np.bool_] = np.searchsorted(quotes, positions) % 2 == 1
    return odd


def repair(data: bytes, begins: Positions, separator: bytes) -> tuple[bytes, Positions]:
    """Resolve the quotes of a text in which some are mere signs: (text without them, the first line of each record).

    A cell is quoted where it begins with a quote that closes before a separator or a line end, at most 64 KiB on; every
    other quote stays as it is. Line ends inside cells become 0x1E and separators inside cells 0x1D.
    """
    cell = re.compile(rb'"((?:[^"]|"")*)"(?=' + re.escape(separator) + rb"|\r?\n|\r?$|\Z)")
    bounds = [*begins.tolist(), len(data)]
    pieces: list[bytes] = []
    first: list[int] = []
    line, lines = 0, len(begins)
    while line < lines:
        start, end = bounds[line], bounds[line + 1]
        first.append(line)
        if data.find(b'"', start, end) < 0:
            pieces.append(data[start:end])
            line += 1
            continue
        record, at = _record(data, start, end, separator, cell)
        pieces.append(record)
        line += 1
        while line < lines and bounds[line] < at:
            line += 1
    return b"".join(pieces), np.array(first, np.int64)


def _record(data: bytes, start: int, end: int, separator: bytes, cell: re.Pattern[bytes]) -> tuple[bytes, int]:
    """One record from `start`, whose first line ends at `end`: (its canonical bytes with line end, where it ends)."""
    cells: list[bytes] = []
    at = start
    while True:
        found = cell.match(data, at, min(len(data), end + _FURTHEST)) if data[at : at + 1] == b'"' else None
        if found:
            value = found.group(1).replace(b'""', b'"').replace(separator, b"\x1d")
            cells.append(value.replace(b"\r\n", _BREAK).replace(b"\n", _BREAK))
            at = found.end()
            if at > end:
                end = _line_end(data, at)
        else:
            stop = data.find(separator, at, end)
            stop = stop if stop >= 0 else at + len(data[at:end].rstrip(b"\r\n"))
            cells.append(data[at:stop])
            at = stop
        if data[at : at + 1] != separator or at >= end:
            return separator.join(cells) + b"\n", end
        at += 1


def _line_end(data: bytes, at: int) -> int:
    end = data.find(b"\n", at)
    return len(data) if end < 0 else end + 1
