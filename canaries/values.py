"""When two cells say the same: numbers by value, moments by their digits, other text letter by letter."""

from __future__ import annotations

import re
from typing import Final

_NUMBER: Final = re.compile(r"^[¥￥]?(-?[\d,]*\.?\d+)(?:元|块)?$")
_SCALED: Final = re.compile(r"^(-?\d+\.?\d*)([wk万千])(?:元)?$")
_SCALE: Final = {"w": 10_000, "万": 10_000, "k": 1_000, "千": 1_000}
_YEAR_FIRST: Final = re.compile(
    r"^((?:19|20)\d{2})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ t]*(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2}))?.*)?$"
)
_RUN: Final = re.compile(r"^((?:19|20)\d{2})(0[1-9]|1[0-2])([0-2]\d|3[01])(?:[ t]?(\d{2}):?(\d{2}):?(\d{2})?)?$")
_DROPPED: Final = re.compile(r"[\s\-_()·'\"]+")


def compact(text: str) -> str:
    """Folded text without blanks, dashes and brackets."""
    return _DROPPED.sub("", text)


def canonical(text: str) -> str:
    """One text for every writing of a folded cell: `n:28000`, `d:20250120`, `t:202501201956`, or its letters."""
    if not text:
        return ""
    if text[0].isdigit():
        found = _YEAR_FIRST.match(text) or _RUN.match(text)
        if found is not None:
            return _moment(found)
    bare = text.replace(" ", "")
    number = _NUMBER.match(bare)
    if number is not None:
        return _plain(number.group(1).replace(",", ""))
    scaled = _SCALED.match(bare)
    if scaled is not None:
        return _plain(str(float(scaled.group(1)) * _SCALE[scaled.group(2)]))
    return compact(text)


def _moment(found: re.Match[str]) -> str:
    year, month, day, hour, minute, _ = found.groups()
    date = f"{year}{int(month):02d}{int(day):02d}"
    if hour is None or (int(hour) == 0 and int(minute) == 0):
        return f"d:{date}"
    return f"t:{date}{int(hour):02d}{int(minute):02d}"


def _plain(number: str) -> str:
    if len(number) > 1 and number[0] == "0" and number[1].isdigit():
        return number  # a code
    cut = number.rstrip("0").rstrip(".") if "." in number else number
    return f"n:{cut}"
