"""Numbers and sums of money as text: digits are moved, never rounded."""

from __future__ import annotations

import polars as pl

from tracer.identifiers.sieve import sift

PLAIN = r"^(?:0|-?[1-9][0-9]{0,14}(?:\.[0-9]*[1-9])?|-?0\.[0-9]*[1-9])$"
"""The one writing of a number: up to 15 digits, no leading or trailing zeros, no sign on zero."""

_SCALES = {"百": 2, "千": 3, "k": 3, "万": 4, "w": 4, "十万": 5, "百万": 6, "千万": 7, "亿": 8}
_YUAN = r"(?:¥|rmb|cny|人民币)"  # only the yuan: 500 dollars are not 500
_DIGITS = r"(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|0|[1-9][0-9]*)"
_SCALE = r"(?:e[+-]?[0-9]{1,2}|" + "|".join(sorted(_SCALES, key=len, reverse=True)) + ")"
_WRITTEN = (
    rf"^{_YUAN}? ?([+−-]?{_YUAN}? ?(?:{_DIGITS}\.?[0-9]*|\.[0-9]+)) ?({_SCALE})? ?(?:元|块|圆|{_YUAN})?整?$"
)


def written(text: pl.Expr) -> pl.Expr:
    """The one writing of a number, from tidied lower-case text; null when it is none.

    Known writings: grouping commas, decimals, a sign, an exponent, 万 and its like, marks of the yuan. Digits with a
    leading zero, or more than 15 before the point, are codes and no numbers.
    """
    return sift(text, plain, _others, worth=lambda cell: cell.str.contains(_WRITTEN))


def plain(text: pl.Expr) -> pl.Expr:
    """Numbers that are in their one writing already; null for everything else."""
    return pl.when(text.str.contains(PLAIN)).then(text)


def _others(text: pl.Expr) -> pl.Expr:
    return sift(text, _unscaled, _scaled)


def _unscaled(text: pl.Expr) -> pl.Expr:
    return pl.when(~text.str.contains(f"[0-9.] ?{_SCALE}")).then(_trimmed(_bare(text)))


def _scaled(text: pl.Expr) -> pl.Expr:
    bare = _bare(text.str.extract(_WRITTEN, 1))
    scale = text.str.extract(_WRITTEN, 2)
    power = pl.coalesce(
        scale.str.strip_prefix("e").cast(pl.Int64, strict=False),
        scale.replace_strict(_SCALES, default=None, return_dtype=pl.Int64),
    )
    sign, digits = bare.str.extract("^(-?)", 1), bare.str.replace_all("[-.]", "")
    whole = bare.str.strip_prefix("-").str.extract(r"^([0-9]*)", 1).str.len_bytes().cast(pl.Int64)
    point = whole + power
    ahead = pl.max_horizontal(pl.lit(1) - point, 0)  # zeros to put before the digits, so that one precedes the point
    filled = pl.lit("0").repeat_by(ahead).list.join("") + digits
    point = point + ahead
    filled = filled.str.pad_end(point, "0")
    moved = pl.concat_str(filled.str.slice(0, point).str.strip_chars_start("0"), pl.lit("."), filled.str.slice(point))
    return _trimmed(sign + moved)


def _bare(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all("−", "-", literal=True).str.replace_all("[^0-9.-]", "")


def _trimmed(bare: pl.Expr) -> pl.Expr:
    """Sign, digits and at most one point without the zeros that say nothing; null where it is too long."""
    cut = pl.when(bare.str.contains(".", literal=True)).then(bare.str.strip_chars_end("0").str.strip_suffix("."))
    led = pl.coalesce(cut, bare).str.replace(r"^(-?)(\.|$)", "${1}0${2}")
    zero = led.str.contains("^-?0$")
    return pl.when(zero).then(pl.lit("0")).when(led.str.contains(PLAIN)).then(led)
