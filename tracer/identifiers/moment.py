"""Days and times as text: every writing of a moment gives the same."""

from __future__ import annotations

import polars as pl

from tracer.identifiers.sieve import sift

_ISO = r"^(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}(?:[ t][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?$"
_BEGINS = r"^(?:[0-9]{4}[-/.年]|(?:19|20)[0-9]{6}(?:[0-9]{6}$|[t ]|$)|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4})"
_TIME = (
    r"(?:[ t]*([0-9]{1,2})[:时点]([0-9]{1,2})(?:[:分]([0-9]{1,2})?(?:[.,][0-9]+)?秒?)?"
    r" ?(z|[+-][0-9]{2}:?[0-9]{2})?)?$"
)
_YEAR_FIRST = r"^((?:19|20)[0-9]{2})[-/.年] ?([0-9]{1,2})[-/.月] ?([0-9]{1,2})日?" + _TIME
_YEAR_LAST = r"^([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]((?:19|20)[0-9]{2})" + _TIME
_DIGITS_ONLY = r"^([0-9]{4})([0-9]{2})([0-9]{2})(?:t?([0-9]{2})([0-9]{2})([0-9]{2}))?$"
_DIGITS_DAY = r"^([0-9]{4})([0-9]{2})([0-9]{2})([t ].*)?$"
_BEIJING = 8 * 60  # minutes east of UTC: clocks without a zone are read as mainland clocks


def written(text: pl.Expr) -> pl.Expr:
    """`2024-01-20`, `2024-01-20T19:56` or `2024-01-20T19:56:33`, from tidied lower-case text; null when it is none.

    The years are 1900 to 2099 and the day must be in the calendar. Seconds are left out when they are zero, fractions of
    them always, and midnight is the day alone, for that is how spreadsheets and databases write a day. A time with a zone
    is moved to Beijing time. Days before months (or after) are read only where they cannot be mistaken: 20.01.2024.
    """
    return sift(text, _iso, lambda cell: _iso(_spelled(cell)), worth=lambda cell: cell.str.contains(_BEGINS))


def instant(text: pl.Expr) -> pl.Expr:
    """What `written` gave, as Datetime("us")."""
    full = text + pl.lit("T00:00:00").str.slice(text.str.len_bytes() - 10)
    return full.str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="us", strict=False)


def _iso(text: pl.Expr) -> pl.Expr:
    shaped = pl.when(text.str.contains(_ISO)).then(text)
    short = shaped.str.replace(r"[ t](.{5})(?::00)?$", "T${1}").str.replace(r"[ t]", "T").str.strip_suffix("T00:00")
    return pl.when(instant(short).is_not_null()).then(short)


def _spelled(text: pl.Expr) -> pl.Expr:
    """ISO text from year-first, year-last and digits-only writings."""
    dashed = text.str.replace(_DIGITS_ONLY, "${1}-${2}-${3} ${4}:${5}:${6}").str.strip_suffix(" ::")
    dashed = dashed.str.replace(_DIGITS_DAY, "${1}-${2}-${3}${4}")
    first, last = dashed.str.extract_groups(_YEAR_FIRST).struct, dashed.str.extract_groups(_YEAR_LAST).struct
    day, month = _day_and_month(last.field("1"), last.field("2"))
    date = pl.concat_str(
        pl.coalesce(first.field("1"), last.field("3")),
        _two(pl.coalesce(first.field("2"), month)),
        _two(pl.coalesce(first.field("3"), day)),
        separator="-",
    )
    hour, minute, second, zone = (pl.coalesce(first.field(name), last.field(name)) for name in "4567")
    time = pl.concat_str(pl.lit(" "), _two(hour), pl.lit(":"), _two(minute), pl.lit(":"), _two(second.fill_null("0")))
    return _in_beijing(date + time.fill_null(""), zone)


def _day_and_month(one: pl.Expr, two: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    first, second = one.cast(pl.Int8, strict=False), two.cast(pl.Int8, strict=False)
    day = pl.when((first > 12) | (first == second)).then(one).when(second > 12).then(two)
    return day, pl.when((first > 12) | (first == second)).then(two).when(second > 12).then(one)


def _two(digits: pl.Expr) -> pl.Expr:
    return digits.str.pad_start(2, "0")


def _in_beijing(text: pl.Expr, zone: pl.Expr) -> pl.Expr:
    bare = zone.str.replace(":", "", literal=True)
    minutes = bare.str.slice(1, 2).cast(pl.Int32, strict=False) * 60 + bare.str.slice(3).cast(pl.Int32, strict=False)
    east = pl.when(zone == "z").then(0).when(zone.str.starts_with("-")).then(-minutes).otherwise(minutes)
    moved = text.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False) + pl.duration(minutes=pl.lit(_BEIJING) - east)
    return pl.when(zone.is_null()).then(text).otherwise(moved.dt.strftime("%Y-%m-%d %H:%M:%S"))
