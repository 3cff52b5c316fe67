"""Accidents of a file that whoever copies it may keep: its shape, the words of its header, the order of its columns."""

from __future__ import annotations

from typing import Final

import polars as pl

from tracer.intake.interface import Reading, Role

_STYLES: Final = (
    ("plus", r"^\+86"),
    ("prefixed", r"^(?:0086|86)"),
    ("dashes", r"^1[0-9]{2}-"),
    ("spaces", r"^1[0-9]{2} "),
    ("wide", r"^１"),
    ("plain", r"^1[0-9]{9,10}$"),
)
_ONE_STYLE: Final = 0.9


def scars(reading: Reading) -> dict[str, str]:
    """Name → what it is; two dumps share a scar when they have the same under the same name."""
    table = max(reading.tables, key=lambda one: one.frame.height, default=None)
    found = {"shape": f"{reading.format}/{reading.encoding}"}
    if table is None:
        return found
    names = [column.name for column in table.columns]
    named = not all(name.startswith("column ") for name in names)
    found["header"] = ",".join(sorted(names)) if named else "none"
    found["order"] = ",".join(column.role.value for column in table.columns)
    phones = [column for column in table.columns if column.role is Role.PHONE]
    if phones:
        found["phone"] = _style(table.frame[phones[0].key])
    return found


def _style(cells: pl.Series) -> str:
    told = cells.drop_nulls().head(2_000)
    for name, pattern in _STYLES:
        if int(told.str.contains(pattern).sum()) >= _ONE_STYLE * max(1, len(told)):
            return name
    return "mixed"
