"""Days and times as text: every writing of a moment gives the same."""

from __future__ import annotations

import polars as pl

from tracer.identifiers.sieve import once, sift

_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?"
_ISO = rf"^(?:19|20)[0-9]{{2}}-[0-9]{{2}}-[0-9]{{2}}(?:[ t]{_CLOCK})?$"
_BEGINS = (
    r"^(?:[0-9]{4}[-/.年] ?[0-9]{1,2}[-/.月]|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4}"
    r"|(?:19|20)[0-9]{6}(?:[0-9]{6}$|[t ][0-9]|$))"
)
_RUN_OF_DIGITS = r"^[0-9]{8}(?:[t ]?[0-9]{6}$|[t ][0-9]{2}:|$)"
_RUN_OF_SIX = r"^[t ]?[0-9]{6}$"
_TIME = (
    r"(?:[ t]*(?<hour>[0-9]{1,2})[:时点](?<minute>[0-9]{1,2})(?:[:分](?<second>[0-9]{1,2})?(?:[.,][0-9]+)?秒?)?"
    r" ?(?<zone>z|[+-][0-9]{2}:?[0-9]{2})?)?$"
)
_YEAR_FIRST = (
    r"^(?<year>(?:19|20)[0-9]{2})[-/.年] ?(?<month>[0-9]{1,2})[-/.月] ?(?<day>[0-9]{1,2})日?" + _TIME
)  # fmt: skip
_YEAR_LAST = r"^(?<one>[0-9]{1,2})[-/.](?<two>[0-9]{1,2})[-/.](?<year>(?:19|20)[0-9]{2})" + _TIME
_SECONDS = r"^[0-9]{10}(?:\.[0-9]*)?$"
_MILLISECONDS = r"^[0-9]{13}$"
_SERIAL = r"^[2-7][0-9]{4}(?:\.[0-9]*)?$"
_COUNTED = f"{_SECONDS}|{_MILLISECONDS}|{_SERIAL}"
_SERIAL_TO_1970 = 25_569
"""Days from 30 December 1899, from which spreadsheets count, to 1 January 1970."""
_A_DAY = 86_400
_MONTHS = 12
_MOSTLY = 20
"""So many times as many days as months at one place of a column say that days stand there."""
_BEIJING = 8 * 60  # minutes east of UTC: clocks without a zone are read as mainland clocks


def written(text: pl.Expr) -> pl.Expr:
    """`2024-01-20`, `2024-01-20T19:56` or `2024-01-20T19:56:33`, from tidied lower-case text; null when it is none.

    The years are 1900 to 2099 and the day must be in the calendar. Seconds are left out when they are zero, fractions
    of them always, and midnight is the day alone, for that is how spreadsheets and databases write a day. A time with
    a zone is moved to Beijing time. A day or month before the year is read where neither can be mistaken for the other,
    20.01.2024, and as the same column writes nearly all of such days.
    """
    return sift(text, _iso, lambda cell: once(_spelled(cell), _iso), worth=lambda cell: cell.str.contains(_BEGINS))


def counted(text: pl.Expr) -> pl.Expr:
    """Moments that are counted, as `2024-01-20 19:56:33`; null for everything else.

    Ten digits are seconds and thirteen are milliseconds since 1970 in UTC (POSIX), moved to Beijing time; five are days
    as spreadsheets count them on the clock of whoever wrote them. Only where a column holds moments is a number one.
    """
    number = text.cast(pl.Float64, strict=False)
    posix = pl.when(text.str.contains(_MILLISECONDS)).then(number / 1000).otherwise(number) + _BEIJING * 60
    seconds = pl.when(text.str.contains(_SERIAL)).then((number - _SERIAL_TO_1970) * _A_DAY).otherwise(posix)
    told = pl.when(text.str.contains(_COUNTED)).then(seconds)
    return pl.from_epoch(told.round().cast(pl.Int64), "s").dt.strftime("%Y-%m-%d %H:%M:%S")


def instant(text: pl.Expr) -> pl.Expr:
    """What `written` gave, as Datetime("us")."""
    full = text + pl.lit("T00:00:00").str.slice(text.str.len_bytes() - 10)
    return full.str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="us", strict=False, cache=False)


def _iso(text: pl.Expr) -> pl.Expr:
    """Text that is in ISO order already, with its time in the shortest form; null for everything else."""
    real = text.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False, cache=False).is_not_null()
    minutes = text.str.slice(11, 5)
    seconds = text.str.slice(16)
    midnight = (minutes == "00:00") & seconds.is_in(["", ":00"])
    day = pl.when(midnight).then(text.str.slice(0, 10))
    time = pl.concat_str(
        text.str.slice(0, 10), pl.lit("T"), minutes, pl.when(seconds != ":00").then(seconds).otherwise(pl.lit(""))
    )
    whole = pl.when(text.str.len_bytes() == 10).then(text).otherwise(pl.coalesce(day, time))
    return pl.when(text.str.contains(_ISO) & real).then(whole)


def _spelled(text: pl.Expr) -> pl.Expr:
    """The same moment in ISO order, `2024-01-20` or `2024-01-20 19:56:33`; null where there is none."""
    return sift(text, _run_of_digits, lambda cell: sift(cell, _year_first, _year_last))


def _run_of_digits(text: pl.Expr) -> pl.Expr:
    day = pl.concat_str(text.str.slice(0, 4), text.str.slice(4, 2), text.str.slice(6, 2), separator="-")
    rest = text.str.slice(8)
    clock = rest.str.strip_prefix("t").str.strip_prefix(" ")
    spread = pl.concat_str(clock.str.slice(0, 2), clock.str.slice(2, 2), clock.str.slice(4), separator=":")
    time = pl.when(rest.str.contains(_RUN_OF_SIX)).then(" " + spread).otherwise(rest)
    return pl.when(text.str.contains(_RUN_OF_DIGITS)).then(day + time)


def _year_first(text: pl.Expr) -> pl.Expr:
    return once(
        text.str.extract_groups(_YEAR_FIRST), lambda parts: _joined(parts, _part(parts, "month"), _part(parts, "day"))
    )


def _year_last(text: pl.Expr) -> pl.Expr:
    return once(text.str.extract_groups(_YEAR_LAST), _told_apart)


def _told_apart(parts: pl.Expr) -> pl.Expr:
    one, two = _part(parts, "one"), _part(parts, "two")
    day_first, month_first = (part.cast(pl.Int8) > _MONTHS for part in (one, two))
    mostly_day = day_first.sum() > _MOSTLY * month_first.sum()
    mostly_month = month_first.sum() > _MOSTLY * day_first.sum()
    month = (
        pl.when(day_first | (one == two) | (mostly_day & ~month_first))
        .then(two)
        .when(month_first | mostly_month)
        .then(one)
    )
    return _joined(parts, month, pl.when(month == two).then(one).otherwise(two))


def _joined(parts: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    date = pl.concat_str(_part(parts, "year"), _two(month), _two(day), separator="-")
    clock = [_two(_part(parts, name).fill_null("0")) for name in ("hour", "minute", "second")]
    time = pl.when(_part(parts, "hour").is_not_null()).then(" " + pl.concat_str(clock, separator=":"))
    return _in_beijing(date + time.fill_null(""), _part(parts, "zone"))


def _in_beijing(text: pl.Expr, zone: pl.Expr) -> pl.Expr:
    hours, minutes = zone.str.slice(1, 2).cast(pl.Int32, strict=False), zone.str.tail(2).cast(pl.Int32, strict=False)
    offset = hours * 60 + minutes
    east = pl.when(zone == "z").then(0).when(zone.str.starts_with("-")).then(-offset).otherwise(offset)
    clock = text.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, cache=False)
    moved = clock + pl.duration(minutes=pl.lit(_BEIJING) - east)
    return pl.when(zone.is_null()).then(text).otherwise(moved.dt.strftime("%Y-%m-%d %H:%M:%S"))


def _part(parts: pl.Expr, name: str) -> pl.Expr:
    return parts.struct.field(name)


def _two(digits: pl.Expr) -> pl.Expr:
    return digits.str.pad_start(2, "0")
