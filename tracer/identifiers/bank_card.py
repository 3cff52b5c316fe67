"""Bank card numbers: one writing for each, and the check digit that shows most slips."""

from __future__ import annotations

import operator
from functools import reduce

import polars as pl

from tracer.identifiers.mask import show
from tracer.identifiers.sieve import once, sift
from tracer.identifiers.text import compact, tidy

# ISO/IEC 7812-1 allows up to 19 digits; cards of UnionPay (62) have at least 16.
_NORMAL = r"^(?:62[0-9]{14,17}|6[013-9][0-9]{11,17}|[1-57-9][0-9]{12,18})$"


def normalise(e: pl.Expr) -> pl.Expr:
    """13 to 19 digits (16 to 19 after 62) without separators; null when the shape does not fit."""
    return sift(e, _shaped, lambda cell: _shaped(compact(tidy(cell))), worth=lambda cell: cell.str.len_bytes() >= 13)


def valid(e: pl.Expr) -> pl.Expr:
    """Whether a text of any writing is a card number with the right check digit; null stays null."""
    return pl.when(e.is_not_null()).then((luhn_sum(normalise(e)) % 10 == 0).fill_null(False))


def luhn_sum(number: pl.Expr) -> pl.Expr:
    """The sum of the Luhn formula (ISO/IEC 7812-1, annex B) of at most 19 digits; right numbers give a multiple of ten.

    From the right every second digit counts double, and a double of two digits counts as their sum.
    """
    return once(number.cast(pl.UInt64, strict=False), _luhn_sum, dtype=pl.UInt64)


def mask(e: pl.Expr) -> pl.Expr:
    """`6222********1234` (first four, last four) of a normal form; other text `***`."""
    return show(e, _NORMAL, pl.concat_str(e.str.slice(0, 4), pl.lit("********"), e.str.slice(-4)))


def _luhn_sum(number: pl.Expr) -> pl.Expr:
    digits = [number // 10**place % 10 for place in range(19)]
    # Ten to nineteen is one more than nine less: 16 gives 1 + 6 = 16 - 9.
    counted = [digit * 2 - digit // 5 * 9 if place % 2 else digit for place, digit in enumerate(digits)]
    total: pl.Expr = reduce(operator.add, counted)
    return total


def _shaped(cell: pl.Expr) -> pl.Expr:
    return pl.when(cell.str.contains(_NORMAL)).then(cell)
