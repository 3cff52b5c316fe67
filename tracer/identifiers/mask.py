"""How a value is shown to somebody who need not know it."""

from __future__ import annotations

import polars as pl

HIDDEN = "***"


def mask_any(e: pl.Expr) -> pl.Expr:
    """`***` for every text of which nothing is known; null stays null."""
    return pl.when(e.is_not_null()).then(pl.lit(HIDDEN))


def show(e: pl.Expr, shape: str, ends: pl.Expr) -> pl.Expr:
    """`ends` where `e` has the `shape` (a regular expression) it is meant for, and `***` for any other text."""
    return pl.when(e.str.contains(shape)).then(ends).when(e.is_not_null()).then(pl.lit(HIDDEN))
