"""Traits of a platform's customers as numbers: what can be drawn for a canary (see `synthesis`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from canaries.columns import MOMENTS, Column, Treated
from canaries.synthesis import Trait
from canaries.tree import Real

_WORDS: Final = 24
"""A column of no more different values is one of words, even if they are digits."""
_MOST: Final = 0.9
_NUMBER: Final = r"^[¥￥]?\s*(-?[0-9][0-9,]*\.?[0-9]*)\s*[元%万]?$"


def traits_of(columns: Sequence[Column]) -> list[Trait]:
    """Every trait of every column; its key is the column's, and a part of it behind a point."""
    return [_trait(column, part, cells) for column in columns for part, cells in column.traits.items()]


def key(column: Column, part: str = "") -> str:
    """The key of a trait."""
    return f"{column.key}.{part}" if part else column.key


def _trait(column: Column, part: str, cells: pl.Series) -> Trait:
    name = key(column, part)
    if part == "day" or (not part and column.field.role in MOMENTS):
        days = np.array([_day(cell) for cell in cells.to_list()])
        if np.isfinite(days).sum() > _MOST * (cells.len() - cells.null_count()):
            return Trait(name, days, ordered=True, beside=days % 7)
        return Trait(name, _codes(cells), ordered=False)
    if part == "clock":
        return Trait(name, np.array([_seconds(cell) for cell in cells.to_list()]), ordered=True)
    number = cells.str.extract(_NUMBER, 1).str.replace_all(",", "").cast(pl.Float64, strict=False)
    filled = cells.len() - cells.null_count()
    if filled and cells.n_unique() > _WORDS and number.count() > _MOST * filled:
        smooth = column.treated is Treated.NUMBER
        return Trait(name, number.fill_null(float("nan")).to_numpy(), ordered=True, smooth=smooth)
    return Trait(name, _codes(cells), ordered=False)


def _codes(cells: pl.Series) -> Real:
    """0 … n, the commonest first; missing is NaN."""
    counts = cells.drop_nulls().value_counts(sort=True, name="count").to_series(0)
    table = {text: float(place) for place, text in enumerate(counts.to_list())}
    return np.array([table.get(cell, np.nan) for cell in cells.to_list()])


def _day(cell: str | None) -> float:
    """Days since the year 1; NaN where the text begins with no day."""
    digits = "".join(char if char.isdigit() else " " for char in cell or "").split()
    if digits and len(digits[0]) >= 8:
        digits = [digits[0][:4], digits[0][4:6], digits[0][6:8]]
    try:
        return float(date(*map(int, digits[:3])).toordinal())
    except (TypeError, ValueError, OverflowError):
        return float("nan")


def _seconds(cell: str | None) -> float:
    """Seconds since midnight; NaN where the text is no time of day."""
    digits = "".join(char if char.isdigit() else " " for char in cell or "").split()[:3]
    if len(digits) < 2:
        return float("nan")
    hour, minute, second = (*map(int, digits), 0)[:3]
    return float(hour * 3600 + minute * 60 + second)
