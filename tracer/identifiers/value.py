"""Any other cell: equal values give equal text, whatever their writing."""

from __future__ import annotations

from typing import Final

import polars as pl

from tracer.identifiers import amount
from tracer.identifiers import moment as moments
from tracer.identifiers.sieve import once, sift, sift_at_sight
from tracer.identifiers.text import tidy

_WITHOUT_DIGITS = r"^[^0-9]+$"
_PADDED = r"^(?:0|[1-9][0-9]{0,9})\.[0-9]{0,4}0$"
_DAY_DIGITS, _SECOND_DIGITS = 8, 14
_DAY = (
    r"^(?:(?:19|20)[0-9]{2}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    r"|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
    r"|(?:2000|(?:19|20)(?:0[48]|[2468][048]|[13579][26]))-02-29)"
)
_NOT_MIDNIGHT = r"(?:(?:0[1-9]|1[0-9]|2[0-3]):[0-5][0-9]|00:(?:0[1-9]|[1-5][0-9]))(?::(?:0[1-9]|[1-5][0-9]))?$"
_MOMENT = f"{_DAY}[ T]{_NOT_MIDNIGHT}"
_DAY_ALONE = _DAY + r"(?:[ T]00:00(?::00)?)?$"
_WORD = r"^[a-z_][a-z0-9_.@-]*$"
_HAN = r"^[\u4E00-\u9FFF]+$"
_WRITTEN_MOMENT = r"^(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}(?:[ Tt](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?)?$"


def canonical(e: pl.Expr) -> pl.Expr:
    """One text for every writing of a value: `n:4000`, `d:2024-01-20`, `t:2024-01-20T19:56` or `s:` and the text.

    Numbers are in minimal decimal form, moments in ISO 8601 (midnight is the day alone), and other text is tidied and
    in lower case. Eight or fourteen digits that are a possible day or second of 1900 to 2099 are that, not a number.
    Null and empty text are null.
    """
    return sift_at_sight(e, _SIGHTS, _at_leisure)


def canonical_moment(e: pl.Expr) -> pl.Expr:
    """The same of a column that holds moments: there a number may be one, see `moment.counted`."""
    return canonical(sift(e, _worded, lambda left: pl.coalesce(moments.counted(_lower(left)), left)))


def number(e: pl.Expr) -> pl.Expr:
    """The number a text stands for (Float64), in yuan where it is money; null when it is none."""
    return amount.written(_lower(e)).cast(pl.Float64)


def moment(e: pl.Expr) -> pl.Expr:
    """The moment a text stands for, Datetime("us") on Beijing's clock; a day is its midnight; null when it is none."""
    return once(moments.written(_lower(e)), moments.instant, dtype=pl.Datetime("us"))


def day(e: pl.Expr) -> pl.Expr:
    """The day of a date or of a date with time, written or counted (Date); null when it is none."""
    written = sift(e, _day_at_sight, lambda left: once(_lower(left), _written_day))
    return written.str.to_date("%Y-%m-%d", strict=False)


def _day_at_sight(text: pl.Expr) -> pl.Expr:
    return pl.when(text.str.contains(_WRITTEN_MOMENT)).then(text.str.slice(0, 10))


def _written_day(text: pl.Expr) -> pl.Expr:
    return pl.coalesce(moments.written(text), moments.counted(text)).str.slice(0, 10)


def _worded(text: pl.Expr) -> pl.Expr:
    """Cells that hold more than the digits and the point of a number."""
    return pl.when(text.str.contains("[^0-9.]")).then(text)


def _lower(e: pl.Expr) -> pl.Expr:
    return tidy(e).str.to_lowercase()


def _number_at_sight(text: pl.Expr) -> pl.Expr:
    """Numbers in their one writing: most of what tables hold."""
    return pl.when(text.str.contains(amount.PLAIN) & ~_maybe_day(text)).then("n:" + text)


def _maybe_day(number: pl.Expr) -> pl.Expr:
    """Whether a number in its one writing may be a day or second of 1900 to 2099: without a regular expression."""
    length = number.str.len_bytes()
    this_long = (length == _DAY_DIGITS) | (length == _SECOND_DIGITS)
    begun = number.str.starts_with("19") | number.str.starts_with("20")
    return this_long & begun & ~number.str.contains(".", literal=True)


def _padded_at_sight(text: pl.Expr) -> pl.Expr:
    """Numbers with zeros at their end (12.50)."""
    return pl.when(text.str.contains(_PADDED)).then("n:" + text.str.strip_chars_end("0").str.strip_suffix("."))


def _moment_at_sight(text: pl.Expr) -> pl.Expr:
    """Moments in ISO order."""
    moment = "t:" + text.str.replace(" ", "T", literal=True)
    return pl.when(text.str.contains(_MOMENT)).then(moment)


def _day_alone_at_sight(text: pl.Expr) -> pl.Expr:
    """Days in ISO order, alone or with their midnight."""
    return pl.when(text.str.contains(_DAY_ALONE)).then("d:" + text.str.slice(0, 10))


def _word_at_sight(text: pl.Expr) -> pl.Expr:
    """Plain words, which is how most user names look."""
    money = text.str.starts_with("rmb") | text.str.starts_with("cny")
    return pl.when(text.str.contains(_WORD) & ~money).then("s:" + text)


def _han_at_sight(text: pl.Expr) -> pl.Expr:
    """Chinese characters alone: names, towns, products."""
    return pl.when(text.str.contains(_HAN)).then("s:" + text)


_SIGHTS: Final = (
    _number_at_sight, _padded_at_sight, _moment_at_sight, _day_alone_at_sight, _word_at_sight, _han_at_sight,
)  # fmt: skip


def _at_leisure(text: pl.Expr) -> pl.Expr:
    return sift(_lower(text), _easy, lambda left: sift(left, _moment, _number_or_text))


def _easy(text: pl.Expr) -> pl.Expr:
    plain = pl.when(text.str.contains(_WITHOUT_DIGITS)).then("s:" + text).otherwise(_number_at_sight(text))
    return pl.coalesce(plain, _padded_at_sight(text))


def _moment(text: pl.Expr) -> pl.Expr:
    return once(moments.written(text), _marked)


def _marked(written: pl.Expr) -> pl.Expr:
    return pl.when(written.str.len_bytes() == 10).then("d:" + written).otherwise("t:" + written)


def _number_or_text(text: pl.Expr) -> pl.Expr:
    return pl.coalesce("n:" + amount.written(text), "s:" + text)
