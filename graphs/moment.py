"""Dates and times as chat programs write them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))

DATE = r"(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}/\d{1,2}/\d{4})"
CLOCK = (
    r"(?:(?:上午|下午|凌晨|早上|中午|晚上|AM|PM)\s?)?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?"
    r"(?:\s?(?:AM|PM|am|pm|上午|下午))?"
)
DAY = r"(?:\s*(?:星期|周)[一二三四五六日天]|\s*(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*)?"
WHEN = rf"{DATE},?{DAY}[ T]+{CLOCK}"
"""A regular expression for a date with a time of day."""

_NUMBERS = re.compile(r"\d+")
_PLAIN = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2}) (\d{1,2}):(\d\d):(\d\d)")
_EVENING = ("下午", "晚上", "PM", "pm")
_MORNING = ("上午", "凌晨", "早上", "AM", "am")


def moment(text: str) -> datetime | None:
    """What `WHEN` matched, or None where there is no such day or time. `9/23/2019` is read as month/day/year."""
    plain = _PLAIN.fullmatch(text)
    try:
        if plain:
            return datetime(*map(int, plain.groups()))  # type: ignore[arg-type]  # noqa: DTZ001 (local, as written)
        numbers = [int(found) for found in _NUMBERS.findall(text)]
        if "/" in text[:3]:
            numbers[:3] = numbers[2], numbers[0], numbers[1]
        day = date(numbers[0], numbers[1], numbers[2])
        return at(day, text[text.index(":") - 2 :], text)
    except (ValueError, IndexError):
        return None


def at(day: date, clock: str, context: str = "") -> datetime | None:
    """A time of day (`8:43:38 PM`, `下午 8:43`) on `day`; `context` is searched for the half of the day as well."""
    numbers = [int(found) for found in _NUMBERS.findall(clock)][:3]
    hour, minute, second = [*numbers, 0, 0][:3]
    said = context or clock
    if any(word in said for word in _EVENING) and hour < 12:
        hour += 12
    elif any(word in said for word in _MORNING) and hour == 12:
        hour = 0
    try:
        return datetime(day.year, day.month, day.day, hour, minute, second)  # noqa: DTZ001 (local, as written)
    except ValueError:
        return None


def day_of(text: str) -> date | None:
    """The date that `DATE` matched."""
    found = moment(f"{text} 0:00:00")
    return found.date() if found else None


def from_seconds(seconds: float) -> datetime | None:
    """Chinese local time, without a zone, of seconds since 1970; milliseconds and microseconds are recognised."""
    while abs(seconds) > 1e11:
        seconds /= 1000
    try:
        return datetime.fromtimestamp(seconds, UTC).astimezone(CHINA).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return None
