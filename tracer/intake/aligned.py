"""Tables whose columns are parted by blanks: runs of blanks, or places where every line has one."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from tracer.intake.decode import Text
from tracer.intake.grid import line_by_line, rewritten
from tracer.intake.separator import is_identifier, lays_bare

_GAP = re.compile(r"(?:[ \u3000\xa0]|\t){2,}")
_GAP_BYTES = re.compile(rb"(?:[ \t]|\xe3\x80\x80|\xc2\xa0){2,}")
_UNPARTED = (
    r"(?:(?<![-/.]\d)(?<![-/.]\d\d)(?<!日)|(?![ ]\d{1,2}:\d\d))"  # a day and its time
    r"(?<!\+86)(?<!\b0086)"  # a number and where it rings
    r"(?:(?<!\b1[3-9]\d)|(?![ ]\d{4}[ ]\d{4}\b))(?:(?<!\b1[3-9]\d[ ]\d{4})|(?![ ]\d{4}\b))"  # its three parts
)
"""What stands beside a blank within a cell."""
_BLANK = re.compile(_UNPARTED + r"[ \u3000\xa0\t]+|(?<=\d)、[ \u3000\xa0\t]*")
_BLANK_BYTES = re.compile(
    _UNPARTED.encode() + rb"(?:[ \t]|\xe3\x80\x80|\xc2\xa0)+|(?<=\d)\xe3\x80\x81(?:[ \t]|\xe3\x80\x80|\xc2\xa0)*"
)
_EDGE = re.compile(rb"(?m)^(?:[ \t]|\xe3\x80\x80|\xc2\xa0)+|(?:[ \t]|\xe3\x80\x80|\xc2\xa0)+(?=\r?$)")
_RULED = re.compile(r"^\s*-{2,}(?:\s+-{2,})+\s*$")
_SIGN = b"\x1f"
_WIDEST = 2_000
_ALL = 0.98
"""Share of the lines that is as good as all of them."""
Width = Callable[[str], int]


def align(text: Text, lines: Sequence[str]) -> Text | None:
    """The text with 0x1F between its cells, or None where blanks part no columns.

    Args:
        text: every line.
        lines: a sample of them.
    """
    lines = [line[:_WIDEST].rstrip() for line in lines if any(map(str.isalnum, line)) or _RULED.match(line)]
    words = [line.strip() for line in lines if not _RULED.match(line)]
    if len(words) < 2 or sum(map(is_identifier, words)) >= 0.5 * len(words):
        return None
    gaps = _agreement([len(_GAP.split(line)) for line in words])
    if gaps >= 0.95:
        return _cut(text, _GAP_BYTES)
    bare = lays_bare(words, _BLANK.split)
    if bare and sum(_GAP.search(line) is None for line in words) >= _ALL * len(words):
        return _cut(text, _BLANK_BYTES)
    for width in (_display, _single):
        gutters = _gutters(lines, [line for line in lines if not _RULED.match(line)], width)
        if gutters:
            return _sliced(text, gutters, width)
    if gaps >= 0.6:
        return _cut(text, _GAP_BYTES)
    return _cut(text, _BLANK_BYTES) if bare else None


def _agreement(counts: Sequence[int]) -> float:
    """The share of the commonest count, 0 where that is one cell."""
    usual, agreeing = Counter(counts).most_common(1)[0]
    return agreeing / len(counts) if usual > 1 else 0.0


def _cut(text: Text, gap: re.Pattern[bytes]) -> Text:
    return rewritten(text, gap.sub(_SIGN, _EDGE.sub(b"", text.data)))


def _display(char: str) -> int:
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _single(_char: str) -> int:
    return 1


def _gutters(lines: Sequence[str], words: Sequence[str], width: Width) -> list[int]:
    """Places at which columns begin: behind a place where every line has a blank."""
    ruled = next((line for line in lines if _RULED.match(line)), None)
    if ruled is not None:
        return [found.start() for found in re.finditer(r"-+", ruled)]
    size = min(_WIDEST, max(sum(map(width, line)) for line in words))
    ink = np.zeros(size + 1, np.int64)
    for line in words:
        at = 0
        for char in line:
            step = width(char)
            if char not in " \u3000\t":
                ink[at : min(at + step, size)] += 1
            at += step
            if at >= size:
                break
    blank = ink <= 0.01 * len(words)
    begins = [i for i in range(1, size) if blank[i - 1] and not blank[i]]
    columns = [0, *begins] if not blank[0] else begins
    if len(columns) < 2:
        return []
    cut = [_cells(line, columns, width) for line in words]
    shown = max(sum(is_identifier(cells[i].strip()) for cells in cut) for i in range(len(columns)))
    return columns if shown >= 0.5 * len(words) else []


def _cells(line: str, columns: Sequence[int], width: Width) -> list[str]:
    cells, at, place = [""] * len(columns), 0, 0
    for char in line:
        while place + 1 < len(columns) and at >= columns[place + 1]:
            place += 1
        cells[place] += char
        at += width(char)
    return cells


def _sliced(text: Text, columns: Sequence[int], width: Width) -> Text:
    def row(line: str) -> str:
        cells = _cells(line, columns, width) if line.strip() else []
        return _SIGN.decode().join(cell.strip() for cell in cells)

    return line_by_line(text, row)
