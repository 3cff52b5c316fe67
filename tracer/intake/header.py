"""Whether the first lines of a table are its title and its header, decided from the values below them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from tracer.intake.headers import hinted

Cells = Sequence[str | None]

_NARROW = str.maketrans("０１２３４５６７８９＋－（）．：／　＊", "0123456789+-().:/ *")
_NUMBER = re.compile(r"^[+(]?\d[\d\s,.:/()+\-年月日时分秒TZ元]*[%Xx万]?$|^-\d[\d.,]*$")
_MASKED = re.compile(r"\d\*+|\*+\d|\*{2,}|\d[Xx]{3,}\d")
_NUMBERED = re.compile(r"^([^\W\d]{1,10})[ _]?(\d{1,3})$")
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]")
_LONGEST_TITLE = 20
"""How many lines of title a table may carry above its header."""


def kind(cell: str | None) -> str:
    """What a cell is made of: empty, number, masked, address (e-mail, URL), mixed, word (letters only) or han."""
    text = (cell or "").strip().translate(_NARROW)
    if not text:
        return "empty"
    if _NUMBER.match(text):
        return "number"
    if _MASKED.search(text):
        return "masked"
    if "@" in text or "://" in text:
        return "address"
    if _HAN.search(text):
        return "han"
    return "mixed" if any(c.isdigit() for c in text) else "word"


def title_lines(rows: Sequence[Cells]) -> int:
    """How many of the first rows are a title: one cell of words where the table is wider. Never all of them."""
    widths = Counter(_filled(row) for row in rows)
    usual = widths.most_common(1)[0][0] if widths else 0
    if usual < 2:
        return 0
    for i, row in enumerate(rows[:_LONGEST_TITLE]):
        words = all(kind(cell) in ("empty", "han", "word", "mixed") for cell in row)
        if _filled(row) > max(1, usual // 3) or not words:
            return i
    return 0


def is_header(first: Cells, below: Sequence[Cells]) -> bool:
    """Whether `first` names the columns of the rows `below` it.

    It holds no number, mask or address, and either most of its cells are known column names, or at least one cell is of
    another kind than nearly all cells below it.
    """
    filled = [(i, cell) for i, cell in enumerate(first) if cell and cell.strip()]
    if not filled or any(kind(cell) in ("number", "masked", "address") for _, cell in filled):
        return False
    known = max(sum(hinted(cell) is not None for _, cell in filled), _numbered(filled))
    if known * 2 >= len(filled) and not _recur(filled, below):
        return True
    if len(filled) * 2 < len(first) or not below:
        return False
    return any(_differs(cell, [row[i] for row in below if i < len(row)]) for i, cell in filled)


def is_known(row: Cells) -> bool:
    """Whether a row is made of column names that are known: at least two, or the only cell, and no value among them."""
    filled = [cell for cell in row if cell and cell.strip()]
    if not filled or len(filled[0]) > 40 or any(sum(map(str.isdigit, cell)) > 3 for cell in filled):
        return False
    known = sum(hinted(cell) is not None for cell in filled)
    if known * 2 < len(filled) or (known < 2 and len(filled) > 1):
        return False
    return (
        not any(kind(cell) in ("number", "masked", "address") for cell in filled)
        and len(set(filled)) > len(filled) // 2
    )


def holds_values(row: Cells) -> bool:
    """Whether a row holds a number, a mask or an address: something that is about somebody."""
    return any(kind(cell) in ("number", "masked", "address") for cell in row)


def names(header: Cells | None, width: int) -> tuple[str, ...]:
    """The header's names, `column k` where it has none."""
    given = list(header or ())[:width]
    given += [None] * (width - len(given))
    return tuple((name or "").strip() or f"column {i + 1}" for i, name in enumerate(given))


def _filled(row: Cells) -> int:
    return sum(bool(cell and cell.strip()) for cell in row)


def _numbered(filled: Sequence[tuple[int, str]]) -> int:
    """How many cells are one word with a number of its own each, as in F1, F2 or 列1, 列2; 0 where only one is."""
    found = [_NUMBERED.match(cell.strip()) for _, cell in filled]
    numbers: dict[str, set[str]] = {}
    for one in filter(None, found):
        numbers.setdefault(one[1].casefold(), set()).add(one[2])
    most = max(map(len, numbers.values()), default=0)
    return most if most > 1 else 0


def _recur(filled: Sequence[tuple[int, str]], below: Sequence[Cells]) -> bool:
    """Whether most of the cells come back as values lower down: then they are values themselves."""
    found = sum(any(i < len(row) and row[i] == cell for row in below) for i, cell in filled)
    # A header that comes back whole was repeated (files pasted together), and is no value.
    repeated = any(all(i < len(row) and row[i] == cell for i, cell in filled) for row in below)
    return found * 2 >= len(filled) and not repeated


def _differs(cell: str, below: Sequence[str | None]) -> bool:
    kinds = Counter(kind(value) for value in below)
    kinds.pop("empty", None)
    if not kinds:
        return False
    usual, count = kinds.most_common(1)[0]
    mine = kind(cell)
    if count < 0.8 * kinds.total() or usual == mine:
        return False
    return usual in ("number", "masked", "address", "mixed") or (usual == "han" and mine == "word" and count >= 3)
