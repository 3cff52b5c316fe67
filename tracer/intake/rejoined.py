"""Records that a line end inside a cell broke in two, in files that quote nothing."""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from tracer.intake.decode import Text, find
from tracer.intake.furniture import IDENTIFIER
from tracer.intake.grid import BREAK_SIGN, merged

BREAK = BREAK_SIGN.decode()
"""Stands for the line end that was taken out."""
_MOST_PIECES = 5
_LEAST_WHOLE = 0.6
"""Least share of lines that must be whole for the others to be thought broken."""


def rejoined(text: Text, separator: str) -> tuple[Text, bool]:
    """The text with broken records on one line each, and whether there were any.

    Lines that are too short, stand behind each other and have together exactly the separators of a whole one are one
    record, unless several of them name somebody: then they are short records of their own.
    """
    sign = separator.encode()
    if len(text.begins) < 3 or not sign or b'"' in text.data or BREAK_SIGN in text.data:
        return text, False
    at = find(np.frombuffer(text.data, np.uint8), sign[0])
    if len(sign) > 1:
        at = np.array([place for place in at.tolist() if text.data.startswith(sign, place)], np.int64)
    counts = np.diff(np.searchsorted(at, np.append(text.begins, len(text.data))))
    tally = np.bincount(np.minimum(counts, 10_000))
    usual = int(tally.argmax())
    if usual < 2 or tally[usual] < _LEAST_WHOLE * len(counts):
        return text, False
    short = np.flatnonzero((counts < usual) & (counts > 0))
    if not len(short):
        return text, False
    bounds = np.append(text.begins, len(text.data))
    named = re.compile(IDENTIFIER)
    goes_on: list[int] = []
    taken = -1
    for first in short.tolist():
        if first <= taken:
            continue
        total, last = int(counts[first]), first
        while total < usual and last + 1 < len(counts) and counts[last + 1] < usual and last - first < _MOST_PIECES:
            last += 1
            total += int(counts[last])
        lines = [text.data[bounds[i] : bounds[i + 1]].decode(errors="replace") for i in range(first, last + 1)]
        if (
            last > first
            and total == usual
            and all(map(str.strip, lines))
            and sum(map(bool, map(named.search, lines))) <= 1
        ):
            goes_on += range(first + 1, last + 1)
            taken = last
    return (merged(text, np.array(goes_on, np.int64)), True) if goes_on else (text, False)


def with_breaks(cells: pl.DataFrame) -> pl.DataFrame:
    """The cells with their line ends."""
    return cells.with_columns(pl.all().str.replace_all(BREAK, "\n", literal=True))
