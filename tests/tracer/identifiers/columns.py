"""One cell or several put through an expression."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import polars as pl
from hypothesis import strategies as st

Step = Callable[[pl.Expr], pl.Expr]


def through(step: Step, cells: Iterable[str | None]) -> list[Any]:
    """What `step` makes of a column of these cells."""
    frame = pl.DataFrame({"cells": list(cells)}, schema={"cells": pl.String})
    return frame.select(step(pl.col("cells"))).to_series().to_list()


def one(step: Step, cell: str | None) -> Any:
    """What `step` makes of one cell."""
    return through(step, [cell])[0]


ODD_CELLS = (
    *("", " ", "\u3000", "\x00", "\u200f", "\ufeff", "😀", "👨‍👩‍👧", "𬎆", "שלום", "1" * 5000, "张" * 5000, "*" * 5000),
    *(
        "x",
        "X",
        "-",
        "+",
        ".",
        "'",
        "@",
        "e",
        "1e99",
        "9e-99",
        "0" * 40,
        "\r\n",
        "١٢٣٤٥٦٧٨٩٠١",
        "1\x003812345678",
        "¥",
        "万",
    ),
)
"""Cells on which nothing may fail."""

cells = st.text(max_size=30) | st.from_regex(r"\A[0-9xX*+\-. eE@,/:年月日万]{0,24}\Z") | st.sampled_from(ODD_CELLS)
"""Any text, and text of the characters that identifiers are made of."""
