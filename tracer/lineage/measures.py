"""By what a dump's rows can be selected: sums, days, ages, places, products, and what numbers say of their owners."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.identifiers import national_id, phone, value
from tracer.intake.interface import Role, Table

_NUMBERS: Final = frozenset({Role.AMOUNT, Role.LIMIT, Role.AGE, Role.OTHER})
_DAYS: Final = frozenset({Role.DATE, Role.DATETIME, Role.BIRTH_DATE})
_CATEGORIES: Final = frozenset({Role.PRODUCT, Role.REGION, Role.SEX, Role.CODE, Role.TEXT, Role.OTHER})
_KINDS: Final = 200

Made = tuple[bool, pl.Series]


def measured(tables: Sequence[Table]) -> tuple[NDArray[np.float32], tuple[bool, ...]]:
    """(rows, measures) of all tables together, NaN where a row has none, and whether each is a range or a category."""
    columns: list[tuple[bool, NDArray[np.float32]]] = []
    rows = sum(table.frame.height for table in tables)
    start = 0
    for table in tables:
        end = start + table.frame.height
        for ordinal, series in _of(table):
            wide = np.full(rows, np.nan, np.float32)
            wide[start:end] = series.cast(pl.Float32, strict=False).fill_null(np.nan).to_numpy()
            columns.append((ordinal, wide))
        start = end
    if not columns:
        return np.zeros((rows, 0), np.float32), ()
    return np.column_stack([wide for _, wide in columns]), tuple(ordinal for ordinal, _ in columns)


def _of(table: Table) -> list[Made]:
    found: list[Made] = []
    for column in table.columns:
        cell, role = pl.col(column.key), column.role
        if role in _NUMBERS:
            found.append((True, _made(table, value.number(cell))))
        if role in _DAYS:
            found.append((True, _made(table, value.day(cell).cast(pl.Int32))))
        if role in _CATEGORIES:
            found += _category(table, cell)
        if role is Role.NATIONAL_ID:
            found += [
                (ordinal, _made(table, part(national_id.normalise(cell))))
                for ordinal, part in _PARTS
            ]  # fmt: skip
        if role is Role.PHONE:
            found.append((False, _made(table, phone.normalise(cell).str.slice(0, 3).cast(pl.Int32, strict=False))))
    return found


_PARTS: Final[tuple[tuple[bool, Callable[[pl.Expr], pl.Expr]], ...]] = (
    (False, lambda number: number.str.slice(0, 2).cast(pl.Int32, strict=False)),
    (True, lambda number: number.str.slice(6, 4).cast(pl.Int32, strict=False)),
    (False, lambda number: (national_id.sex(number) == "M").cast(pl.Int8)),
)
"""Province, year of birth and sex, as an identity number tells them."""


def _category(table: Table, cell: pl.Expr) -> list[Made]:
    series = _made(table, value.canonical(cell))
    kinds = series.drop_nulls().unique().sort()
    if not 1 < len(kinds) <= _KINDS:
        return []
    codes = pl.Series(range(len(kinds)), dtype=pl.Int32)
    return [(False, series.replace_strict(kinds, codes, default=None, return_dtype=pl.Int32))]


def _made(table: Table, expr: pl.Expr) -> pl.Series:
    return table.frame.select(expr.alias("measure")).to_series()
