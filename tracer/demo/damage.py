"""Typing errors: some rows of a dump have one wrong character in one identifier, as if typed off a screen."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from tracer.demo.chance import generator

IDENTIFIERS: Final = ("phone", "national_id", "account", "name")
"""Fields that get errors, where a dump has them."""
_DIGITS: Final = "0123456789"
_LOOK_ALIKES: Final = "子宇晓小文雯静婧杨扬"


def damage(rows: pl.DataFrame, share: float, seed: int) -> pl.DataFrame:
    """Put one typing error into one identifier of a share of the rows.

    A character is replaced, left out, swapped with its neighbour, or typed twice, each as likely.

    Args:
        rows: a leak in clear text.
        share: of the rows, 0 … 1; each row is drawn on its own.
        seed: of what happens where.
    """
    rng = generator(seed, "damage")
    fields = [field for field in IDENTIFIERS if field in rows.columns]
    if not fields or not share:
        return rows
    hit = np.flatnonzero(rng.random(rows.height) < share)
    field_of = rng.integers(0, len(fields), len(hit))
    for number, field in enumerate(fields):
        where = hit[field_of == number]
        wrong = pl.Series([_mistyped(cell, rng) for cell in rows[field].gather(where)], dtype=pl.String)
        rows = rows.with_columns(rows[field].clone().scatter(where, wrong))
    return rows


def _mistyped(cell: str | None, rng: np.random.Generator) -> str | None:
    if not cell:
        return cell
    place, kind = int(rng.integers(len(cell))), int(rng.integers(4))
    if kind == 1 and len(cell) > 1:
        return cell[:place] + cell[place + 1 :]
    if kind == 3:
        return cell[: place + 1] + cell[place:]
    swapped = cell[:place] + cell[place : place + 2][::-1] + cell[place + 2 :]
    if kind == 2 and swapped != cell:
        return swapped
    others = [letter for letter in (_DIGITS if cell[place].isascii() else _LOOK_ALIKES) if letter != cell[place]]
    return cell[:place] + str(rng.choice(others)) + cell[place + 1 :]


def through_excel(rows: pl.DataFrame) -> pl.DataFrame:
    """What a spreadsheet leaves of long numbers: fifteen digits of an ID, and a phone number in scientific writing."""
    kept = {
        "national_id": pl.col("national_id").str.replace(r"^([0-9]{15})[0-9]{3}$", "${1}000"),
        "phone": pl.col("phone").str.replace(r"^([0-9])([0-9]{7})[0-9]{3}$", "${1}.${2}E+10"),
    }
    return rows.with_columns(cell.alias(field) for field, cell in kept.items() if field in rows.columns)
