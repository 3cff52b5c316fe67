"""Which column of a platform's table says when each customer joined."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

import polars as pl

from tracer.errors import UnknownName
from tracer.identifiers import value
from tracer.intake.headers import joining
from tracer.intake.interface import Column, Role


def joining_column(
    file: str, columns: Sequence[Column], sample: pl.DataFrame, taken_at: date, named: str | None
) -> Column | None:
    """The column that was named, else one whose header and values fit.

    Args:
        file: what the table is called.
        columns: of the table.
        sample: rows of it.
        taken_at: the day on which it was as it is.
        named: header of the column, if somebody said it.

    Raises:
        UnknownName: there is no column of this header.
    """
    if named is not None:
        for column in columns:
            if column.name == named:
                return column
        raise UnknownName(f"{file}: has no column {named}", hint=look(file))
    others = any(_REGISTERED.search(column.name.lower()) for column in columns)
    for column in columns:
        if others and any(word in column.name.lower() for word in _REGISTERING):
            continue
        if joining(column.name) and column.role in {Role.DATE, Role.DATETIME}:
            days = days_of(sample, column.key)
            # Hardly any joining day can lie after the day of the snapshot.
            if int((days > taken_at).sum()) < 0.001 * (days.len() - days.null_count()):
                return column
    return None


_REGISTERED = re.compile(
    r"车牌|车架|发动机|车型|企业名|公司名|信用代码|法人|法定代表|注册资本|company_?name|(?<![a-z])(?:vin|(?:number|license)?_?plate)"
)
"""What headers of tables of cars and companies hold, which are registered themselves."""
_REGISTERING = ("注册", "首次", "register", "created", "zhuce")


def days_of(frame: pl.DataFrame, column: str) -> pl.Series:
    """(rows,) the day in each cell of a column (Date), null where there is none."""
    return frame.select(value.day(pl.col(column))).to_series()


def look(file: str) -> str:
    """Where the columns of a table are told."""
    # Not its columns here: the first record of a table without header may have been taken for one.
    return f"see its columns with: luobo inspect {file}"
