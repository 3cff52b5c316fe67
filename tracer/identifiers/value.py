"""Any other cell: equal values give equal text, whatever their writing."""

from __future__ import annotations

import polars as pl

from tracer.identifiers import amount
from tracer.identifiers import moment as moments
from tracer.identifiers.sieve import once, sift
from tracer.identifiers.text import tidy

_WITHOUT_DIGITS = r"^[^0-9]+$"
_PADDED = r"^(?:0|[1-9][0-9]{0,14})\.[0-9]*0$"
_MAYBE_DAY = r"^(?:19|20)[0-9]{6}(?:[0-9]{6})?$"
_SAFE_DAY = r"^(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"  # in every calendar
_NOT_MIDNIGHT = r"(?:0[1-9]|1[0-9]|2[0-3]):[0-5][0-9](?::(?:0[1-9]|[1-5][0-9]))?$"
_WORD = r"^[a-z_][a-z0-9_.@-]*$"
_MONEY = r"^(?:rmb|cny)"


def canonical(e: pl.Expr) -> pl.Expr:
    """One text for every writing of a value: `n:4000`, `d:2024-01-20`, `t:2024-01-20T19:56` or `s:` and the text.

    Numbers are in minimal decimal form, moments in ISO 8601 (midnight is the day alone), and other text is tidied and
    in lower case. Eight or fourteen digits that are a possible day or second of 1900 to 2099 are that, not a number.
    Null and empty text are null.
    """
    return sift(e, _number_at_sight, lambda left: sift(left, _moment_or_word_at_sight, _at_leisure))


def number(e: pl.Expr) -> pl.Expr:
    """The number a text stands for (Float64), in yuan where it is money; null when it is none."""
    return amount.written(_lower(e)).cast(pl.Float64)


def moment(e: pl.Expr) -> pl.Expr:
    """The moment a text stands for, Datetime("us") on Beijing's clock; a day is its midnight; null when it is none."""
    return once(moments.written(_lower(e)), moments.instant, dtype=pl.Datetime("us"))


def day(e: pl.Expr) -> pl.Expr:
    """The day of a date or of a date with time (Date); null when it is none."""
    return moments.written(_lower(e)).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)


def _lower(e: pl.Expr) -> pl.Expr:
    return tidy(e).str.to_lowercase()


def _number_at_sight(text: pl.Expr) -> pl.Expr:
    """Numbers in their one writing, or but for zeros at the end (12.50): most of what tables hold, at little cost."""
    short = text.str.strip_chars_end("0").str.strip_suffix(".")
    return (
        pl.when(text.str.contains(amount.PLAIN) & ~text.str.contains(_MAYBE_DAY)).then("n:" + text)
        .when(text.str.contains(_PADDED)).then("n:" + short)
    )  # fmt: skip


def _moment_or_word_at_sight(text: pl.Expr) -> pl.Expr:
    """Moments in ISO order on days that every month has, and plain words, which is how most user names look."""
    moment = pl.concat_str(pl.lit("t:"), text.str.slice(0, 10), pl.lit("T"), text.str.slice(11))
    return (
        pl.when(text.str.contains(f"{_SAFE_DAY}[ Tt]{_NOT_MIDNIGHT}")).then(moment)
        .when(text.str.contains(_WORD) & ~text.str.contains(_MONEY)).then("s:" + text)
    )  # fmt: skip


def _at_leisure(text: pl.Expr) -> pl.Expr:
    return sift(_lower(text), _easy, lambda left: sift(left, _moment, _number_or_text))


def _easy(text: pl.Expr) -> pl.Expr:
    return pl.when(text.str.contains(_WITHOUT_DIGITS)).then("s:" + text).otherwise(_number_at_sight(text))


def _moment(text: pl.Expr) -> pl.Expr:
    return once(moments.written(text), _marked)


def _marked(written: pl.Expr) -> pl.Expr:
    return pl.when(written.str.len_bytes() == 10).then("d:" + written).otherwise("t:" + written)


def _number_or_text(text: pl.Expr) -> pl.Expr:
    return pl.coalesce("n:" + amount.written(text), "s:" + text)
