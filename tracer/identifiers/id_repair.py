"""What a mistyped identity number may have been: every number one slip away that passes all checks.

The check character of ISO 7064 MOD 11-2 shows every single wrong digit and every swap of neighbours, so of the some two
hundred readings one slip away from a failing number only about fifteen are left, and fewer with a possible birth date.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.identifiers import national_id
from tracer.identifiers.text import compact, tidy

_SHAPE: Final = r"^[0-9]{15,17}[0-9X]{2}$"
_WEIGHTS: Final = np.array([*national_id.WEIGHTS, 1], np.int16)
_INVERSE: Final = tuple(pow(int(weight), -1, 11) for weight in _WEIGHTS)
_TEN: Final = ord("X") - ord("0")

Digits = NDArray[np.int16]
"""(numbers, places) the digits of each number; 10 for X."""


def damaged(cells: pl.Series) -> pl.Series:
    """The cells that may be identity numbers with one slip: 17 to 19 characters whose checks fail; the others null."""
    cell = pl.col("cell")
    bare = compact(tidy(cell)).str.to_uppercase()
    frame = cells.alias("cell").to_frame().lazy().select(bare.alias("bare"), valid=national_id.valid(cell)).collect()
    shaped = pl.col("bare").str.contains(_SHAPE) & ~pl.col("valid")
    return frame.select(pl.when(shaped).then("bare")).to_series()


def candidates(numbers: pl.Series) -> pl.DataFrame:
    """What each number may have been.

    Args:
        numbers: what `damaged` gave.

    Returns:
        (`row` UInt32, place in `numbers`; `number` Utf8), each pair once: numbers that pass `national_id.valid` and
        become the one given by a wrong, missing, doubled or swapped character.
    """
    told = numbers.alias("number").to_frame().with_row_index("row").drop_nulls()
    parts = [pl.DataFrame(schema={"row": pl.UInt32, "number": pl.String})]
    for length, readings in ((18, _same_length), (17, _longer), (19, _shorter)):
        chosen = told.filter(pl.col("number").str.len_bytes() == length)
        if chosen.height:
            digits = _digits(chosen.get_column("number"), length)
            parts += [_passing(chosen.get_column("row"), reading) for reading in readings(digits)]
    found = pl.concat(parts).unique(maintain_order=True)
    return found.filter(national_id.valid(pl.col("number")))


def _digits(numbers: pl.Series, length: int) -> Digits:
    text = np.frombuffer("".join(numbers.to_list()).encode(), np.uint8).reshape(-1, length)
    digit = text.astype(np.int16) - ord("0")
    return np.where(digit == _TEN, np.int16(10), digit)


def _same_length(digits: Digits) -> Iterator[Digits]:
    """One character was wrong, or two neighbours were swapped: one reading of each number at a time, (numbers, 18)."""
    for place in range(18):
        yield _solved(digits, place)
    for place in range(17):
        yield digits[:, [*range(place), place + 1, place, *range(place + 2, 18)]]


def _longer(digits: Digits) -> Iterator[Digits]:
    """One character was left out."""
    for place in range(18):
        yield _solved(np.insert(digits, place, 0, axis=1), place)


def _shorter(digits: Digits) -> Iterator[Digits]:
    """One character was typed twice, or one too many."""
    for place in range(19):
        yield np.delete(digits, place, axis=1)


def _solved(digits: Digits, place: int) -> Digits:
    """With the one character at a place that makes the check right: the weighted sum is 1 modulo 11."""
    solved = digits.copy()
    solved[:, place] = 0
    solved[:, place] = (1 - solved @ _WEIGHTS) * _INVERSE[place] % 11
    return solved


def _passing(row: pl.Series, reading: Digits) -> pl.DataFrame:
    """The readings of which the check is right and only the last character is X, as text."""
    right = (reading @ _WEIGHTS % 11 == 1) & (reading[:, :17] < 10).all(axis=1)
    text = (reading[right] + ord("0")).astype(np.uint8)
    text[text == ord("0") + 10] = ord("X")
    numbers = pl.Series(np.ascontiguousarray(text).view("S18").ravel().tolist(), dtype=pl.Binary)
    return pl.DataFrame({"row": row.filter(pl.Series(right)), "number": numbers.cast(pl.String)})
