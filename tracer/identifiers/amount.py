"""Numbers and sums of money as text: digits are moved, and rounded only where a computer made them up.

A program that works out 0.1 + 0.7 in doubles (IEEE 754) and writes down all it has writes 0.7999999999999999.
No double holds more than 15 digits that can be relied on; those behind them are dropped.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

import polars as pl

from tracer.identifiers.sieve import each_once, once, sift

PLAIN = r"^(?:0|-?[1-9][0-9]{0,9}(?:\.[0-9]{0,4}[1-9])?|-?[1-9][0-9]{10,14}|-?0\.[0-9]{0,13}[1-9])$"
"""The one writing of most numbers: up to 15 digits, no leading or trailing zeros, no sign on zero."""
_LONG = r"^(?:0|-?[1-9][0-9]{0,14}(?:\.[0-9]*[1-9])?|-?0\.[0-9]*[1-9])$"
"""That of all others, and of what is yet to be rounded: up to 15 digits before the point and any number behind it."""
_DIGITS_HELD = 15
"""Decimal digits that a double holds."""

_ROOM = 100
_SCALES = {"百": 2, "千": 3, "k": 3, "万": 4, "w": 4, "十万": 5, "百万": 6, "千万": 7, "亿": 8}
_HEADED: Final = re.compile(r"[(（\[【/] *(?:单位[:：]? *)?(万|千|w|k|分)?元? *[)）\]】]? *$|(万|千)?元$|(万)$")
"""How a header ends that says in what its sums are: 额度(万), 金额（单位：千元）, 余额/分, 金额(元)."""
_HUNDREDTHS: Final = {"分": "e-2"}
_BARE: Final = r"^[0-9][0-9,]*(?:\.[0-9]+)?$"
_YUAN = r"(?:¥|rmb|cny|人民币)"  # only the yuan: 500 dollars are not 500
_DIGITS = r"(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|0|[1-9][0-9]*)"
_SCALE = r"(?:e[+-]?[0-9]{1,2}|" + "|".join(sorted(_SCALES, key=len, reverse=True)) + ")"
_WRITTEN = rf"^{_YUAN}? ?([+−-]?{_YUAN}? ?(?:{_DIGITS}\.?[0-9]*|\.[0-9]+)) ?({_SCALE})? ?(?:元|块|圆|{_YUAN})?整?$"


def written(text: pl.Expr) -> pl.Expr:
    """The one writing of a number, from tidied lower-case text; null when it is none.

    Known writings: grouping commas, decimals, a sign, an exponent, 万 and its like, marks of the yuan. Digits with a
    leading zero, or more than 15 before the point, are codes and no numbers.
    """
    return sift(text, plain, _others, worth=lambda cell: cell.str.contains(_WRITTEN))


def unit(header: str) -> str:
    """What stands behind each number of a column by its header, as `written` reads it: 万, e-2 or nothing."""
    found = _HEADED.search(header.strip().lower())
    named = next(filter(None, found.groups()), "") if found else ""
    return _HUNDREDTHS.get(named, named)


def without_unit(header: str) -> str:
    """A header without the unit that it says its sums are in."""
    return _HEADED.sub("", header.strip().lower())


def with_unit(text: pl.Expr, unit: str) -> pl.Expr:
    """Cells with the unit of their column behind them, where they are numbers without any."""
    return pl.when(text.str.contains(_BARE)).then(text + unit).otherwise(text)


def plain(text: pl.Expr) -> pl.Expr:
    """Numbers that are in their one writing already; null for everything else."""
    return pl.when(text.str.contains(PLAIN)).then(text)


def _others(text: pl.Expr) -> pl.Expr:
    return sift(text, _unscaled, _scaled)


def _unscaled(text: pl.Expr) -> pl.Expr:
    return pl.when(~text.str.contains(f"[0-9.] ?{_SCALE}")).then(_trimmed(_bare(text)))


def _scaled(text: pl.Expr) -> pl.Expr:
    scale = text.str.extract(f"[0-9.] ?({_SCALE})", 1)
    power = pl.coalesce(
        scale.str.strip_prefix("e").cast(pl.Int64, strict=False),
        scale.replace_strict(_SCALES, default=None, return_dtype=pl.Int64),
    )
    mantissa = _bare(text.str.replace("e.*$", ""))
    return once(pl.struct(mantissa.alias("mantissa"), power.alias("power")), _moved)


def _moved(scaled: pl.Expr) -> pl.Expr:
    mantissa, power = scaled.struct.field("mantissa"), scaled.struct.field("power")
    whole = mantissa.str.count_matches("[0-9]") - mantissa.str.extract(r"\.(.*)", 1).str.len_bytes().fill_null(0)
    # With more zeros in front than any power can take away, the point lands behind a digit.
    point = whole.cast(pl.Int64) + power + _ROOM
    digits = (pl.lit("0" * _ROOM) + mantissa.str.replace_all("[-.]", "")).str.pad_end(point, "0")
    sign = pl.when(mantissa.str.starts_with("-")).then(pl.lit("-")).otherwise(pl.lit(""))
    ahead = digits.str.slice(0, point).str.strip_chars_start("0")
    return _trimmed(pl.concat_str(sign, ahead, pl.lit("."), digits.str.slice(point)))


def _bare(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all("−", "-", literal=True).str.replace_all("[^0-9.-]", "")


def _trimmed(bare: pl.Expr) -> pl.Expr:
    """Sign, digits and at most one point without the zeros that say nothing; null where it is too long."""
    cut = bare.str.strip_chars_end("0").str.strip_suffix(".")
    return once(pl.when(bare.str.contains(".", literal=True)).then(cut).otherwise(bare), _led)


def _led(cut: pl.Expr) -> pl.Expr:
    number = cut.str.replace(r"^-?0?$", "0").str.replace(r"^(-?)\.", "${1}0.")
    return sift(number, plain, _dusted, worth=lambda text: text.str.contains(_LONG))


def _dusted(number: pl.Expr) -> pl.Expr:
    """The same without digits that no double holds."""
    digits = number.str.replace_all("[-.]", "").str.strip_chars_start("0")
    held = pl.when(digits.str.len_bytes() <= _DIGITS_HELD).then(number)
    return sift(number, lambda _: held, lambda left: each_once(left, _rounded))


def _rounded(number: str) -> str:
    """Rounded as the double that it stands for, which alone says which way a written half goes."""
    return f"{Decimal(f'{float(number):.{_DIGITS_HELD}g}'):f}"
