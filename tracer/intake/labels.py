"""Cells that say what they are: `姓名：张三`, `phone=138…`. The label becomes the column's name, the rest its cell."""

from __future__ import annotations

import re

import polars as pl

_LABELLED = r"^\s*[\"'{]?\s*([\p{L}_][\p{L}\p{N}_ ]{0,15}?)\s*[\"']?\s*[:：=]\s*"
_LEAST = 0.8
_SAMPLED = 300
_NARROWEST = 2
_NUMBER = r"^\s*\d{1,7}[、．]\s*"
_LOOKED_AT = 200
"""How many columns are looked at: no table of people has more."""


_WRAPS = (("'", "'"), ("“", "”"), ("`", "`"), ('"', '"'), ("「", "」"))


def unwrap(cells: pl.DataFrame) -> pl.DataFrame:
    """The cells without the quotes that stand round nearly all of them, where they are not those of CSV."""
    cells = _unnumbered(_unbracketed(cells))
    columns = cells.columns[:_LOOKED_AT]
    sample = _some(cells).select(columns)
    # All columns and wraps in one query, for each query costs as much as a hundred cells.
    counts = iter(sample.select(_wrapped(place, wrap) for place in range(len(columns)) for wrap in _WRAPS).row(0))
    changed = []
    for column, nulls in zip(columns, sample.null_count().row(0), strict=True):
        filled = sample.height - nulls
        found = [wrap for wrap in _WRAPS if next(counts) >= _LEAST * filled]
        if filled > 1 and found:
            left, right = found[0]
            bare = pl.col(column).str.strip_prefix(left).str.strip_suffix(right)
            changed.append(pl.when(bare != "").then(bare).alias(column))
    return cells.with_columns(changed) if changed else cells


def _unnumbered(cells: pl.DataFrame) -> pl.DataFrame:
    """The cells without the number of the line that stands, with a sign behind it, before nearly all first ones."""
    if not cells.width or cells.height < _NARROWEST:
        return cells
    first = pl.col(cells.columns[0])
    numbered = _some(cells).select(first.str.contains(_NUMBER).fill_null(value=False).mean())
    if (numbered.item() or 0.0) < _LEAST:
        return cells
    bare = first.str.replace(_NUMBER, "")
    return cells.with_columns(pl.when(bare != "").then(bare).alias(cells.columns[0]))


def _unbracketed(cells: pl.DataFrame) -> pl.DataFrame:
    """The cells without the brackets in which nearly all rows stand, as values of SQL or tuples of Python do."""
    if cells.width < _NARROWEST or cells.height < _NARROWEST:
        return cells
    sample = _some(cells)
    first, last = cells.columns[0], next((name for name in cells.columns[:0:-1] if sample[name].count()), None)
    if last is None:
        return cells
    opened, closed = pl.col(first).str.contains(r"^\s*[(\[{]"), pl.col(last).str.contains(r"[)\]}]\s*;?\s*$")
    lone = ~pl.col(first).str.contains(r"[)\]}]") & ~pl.col(last).str.contains(r"[(\[{]")
    if sample.select((opened & closed & lone).fill_null(value=False).mean()).item() < _LEAST:
        return cells
    bare = {first: pl.col(first).str.replace(r"^\s*[(\[{]", ""), last: pl.col(last).str.replace(r"[)\]}]\s*;?\s*$", "")}
    return cells.with_columns(pl.when(text != "").then(text).alias(name) for name, text in bare.items())


def _some(cells: pl.DataFrame) -> pl.DataFrame:
    """Rows spread over all of them, as many as tell what nearly all are."""
    return cells[:: max(1, cells.height // _SAMPLED)]


def _wrapped(place: int, wrap: tuple[str, str]) -> pl.Expr:
    """How many cells of the column at this place stand between these signs."""
    cell, (left, right) = pl.nth(place), wrap
    long = cell.str.len_bytes() > len((left + right).encode())
    return (cell.str.starts_with(left) & cell.str.ends_with(right) & long).sum().alias(f"{place} {left}{right}")


def strip_labels(cells: pl.DataFrame, names: list[str | None]) -> tuple[pl.DataFrame, list[str | None]]:
    """The cells without the label that nearly all cells of a column share, which becomes its name if it had none."""
    sample = _some(cells)
    changed = []
    named = list(names)
    for place, column in enumerate(cells.columns[:_LOOKED_AT]):
        filled = sample[column].drop_nulls()
        filled = filled.filter(filled.str.strip_chars() != "")
        if len(filled) < 2:
            continue
        found = filled.str.extract(_LABELLED, 1).drop_nulls()
        if len(found) < _LEAST * len(filled):
            continue
        label = str(found.mode().sort()[0])
        if (found == label).sum() < _LEAST * len(filled) or label.lower() in ("http", "https", "ftp"):
            continue
        pattern = rf"^\s*[\"'{{]?\s*{re.escape(label)}\s*[\"']?\s*[:：=]\s*"
        text = pl.col(column).str.replace(pattern, "").str.strip_chars()
        changed.append(pl.when(text != "").then(text).alias(column))
        named[place] = named[place] or label
    return (cells.with_columns(changed) if changed else cells), named
