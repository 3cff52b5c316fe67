"""Numbers as people write them: 1,200 · 3.5 · 120w · 三万五 · 壹佰 · 两千."""

from __future__ import annotations

import re

_DIGITS = {
    char: value
    for value, chars in enumerate(("零〇", "一壹幺", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"))
    for char in chars
}
_PLACES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_SCALES = {
    "万": 1e4,
    "w": 1e4,
    "亿": 1e8,
    "千": 1e3,
    "k": 1e3,
    "百": 1e2,
    "kk": 1e6,
    "百万": 1e6,
    "千万": 1e7,
    "百w": 1e6,
    "千w": 1e7,
    "万亿": 1e12,
}

HAN_DIGIT = "零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖幺两"
ARABIC = r"\d{1,3}(?:,\d{3}){1,4}(?!\d)|\d{1,12}(?:\.\d{1,6})?"
HAN = rf"(?:半|[{HAN_DIGIT}十拾百佰千仟]{{1,9}}(?:万[{HAN_DIGIT}十拾百佰千仟]{{0,9}})?(?:亿)?)"
SCALE = r"(?:千万|百万|千w|百w|kk|亿|万|w(?![a-z])|千|k(?![a-z])|百)"
NUMBER = rf"(?:(?:{ARABIC})|{HAN})"
"""A number without a scale."""


def digit(char: str) -> str | None:
    """The Arabic digit a character stands for, or None."""
    if char.isascii():
        return char if char.isdigit() else None
    value = _DIGITS.get(char)
    return None if value is None else str(value)


def number(text: str, scale: str = "") -> float | None:
    """The value of what `NUMBER` matched, times the scale."""
    factor = _SCALES.get(scale, 1.0)
    text = text.replace(",", "")
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return float(text[:18]) * factor
    value = _han(text)
    return None if value is None else value * factor


def _han(text: str) -> float | None:
    if text == "半":
        return 0.5
    if not text:
        return None
    if all(char in _DIGITS for char in text):
        return float("".join(str(_DIGITS[char]) for char in text[:15]))
    total, section, held = 0.0, 0.0, None
    last = 1.0
    for char in text:
        if char in _DIGITS:
            held = _DIGITS[char]
        elif char in _PLACES:
            last = _PLACES[char]
            section += (1 if held is None else held) * last
            held = None
        elif char in "万亿":
            last = _SCALES[char]
            total = (total + section + (held or 0)) * last
            section, held = 0.0, None
        else:
            return None
    # 三万五 is 35,000 and 两千五 2,500: a last digit alone counts one place below.
    if held is not None:
        section += held * (last / 10 if last > 10 and text[-2] not in "零〇" else 1)
    return total + section
