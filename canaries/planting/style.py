"""A canary's cell in the writing of its neighbours: their masks, their date order, their decimals, their pinyin.

A canary that is written more neatly than the rows around it is found by eye. So every cell takes the cell of a real row
as its pattern, and only the content is the canary's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from canaries.identity import surname_of
from canaries.values import canonical
from canaries.writing import fold, spelled

_STARS: Final = "*xX#＊×•●○■□"
_DIGIT_OR_STAR: Final = re.compile(f"[0-9０-９{re.escape(_STARS)}]")
_MOMENT: Final = re.compile(
    r"^(\d{4})([-/.年])(\d{1,2})([-/.月])(\d{1,2})(日?)(?:(\D{1,2})(\d{1,2}):(\d{2})(?::(\d{2}))?(.*))?$"
)
_RUN: Final = re.compile(r"^(\d{8})(?:(\D?)(\d{4,6}))?$")
_NUMBER: Final = re.compile(r"^([¥￥]?)(-?[\d,]+)(\.\d+)?(\D*)$")


def like(cell: str | None, pattern: str | None, role: str) -> str | None:
    """The canary's cell as its neighbour's `pattern` is written; without a pattern as it is.

    Args:
        cell: of the canary, in its plain form; hidden digits of numbers are `*`.
        pattern: a real cell of the same column.
        role: of the column.
    """
    if not cell or not pattern:
        return cell
    writer = _WRITERS.get(role)
    return writer(cell, pattern) if writer is not None else cell


def phone(cell: str, pattern: str) -> str:
    """Eleven characters set into the pattern's: its separators, its width, and its stars where it hides digits.

    A digit the canary does not have (its policy hides it) stays `*` even where the pattern shows one.
    """
    places = [found.start() for found in _DIGIT_OR_STAR.finditer(pattern)]
    if len(places) >= 11:
        return _set(pattern, places[-11:], cell)
    if 7 < len(places) < 11:  # 138*1234: fewer stars than hidden digits
        return _set(_set(pattern, places[:3], cell[:3]), places[-4:], cell[7:])
    if len(places) == 4:
        return _set(pattern, places, cell[7:])
    return cell


def identity(cell: str, pattern: str) -> str:
    """Eighteen characters set into the pattern's, with its stars."""
    places = [found.start() for found in re.finditer(f"[0-9Xx{re.escape(_STARS)}]", pattern)]
    return _set(pattern, places, cell, check=True) if len(places) == 18 else cell


def _set(pattern: str, places: list[int], chars: str, *, check: bool = False) -> str:
    written = list(pattern)
    for place, char in zip(places, chars, strict=True):
        old = pattern[place]
        last = check and place == places[-1]
        if old in _STARS and not (last and old in "xX"):
            continue
        wide = "０" <= old <= "９"
        written[place] = chr(ord(char) + 0xFEE0) if wide and char.isdigit() else char
    return "".join(written)


def name(cell: str, pattern: str) -> str:
    """A name in the pattern's script: Han, pinyin in its case and with its blanks, or with stars for what it hides."""
    starred = re.sub(f"[{re.escape(_STARS)}]", "*", pattern)
    if "*" in starred and any(char != "*" for char in starred):
        return _hidden(cell, starred, next(char for char in pattern if char in _STARS))
    letters = unicodedata.normalize("NFKC", pattern)
    if letters.isascii() and letters.replace(" ", "").isalpha() and not cell.isascii():
        return _cased(spelled(cell), letters)
    return cell


def _hidden(cell: str, starred: str, star: str) -> str:
    if starred.startswith("*"):
        return star * (len(cell) - 1) + cell[-1]
    shown = len(surname_of(cell)) or 1
    hidden = len(cell) - shown
    if starred.endswith("*") or len(cell) < 3:
        fixed = starred.count("*") if starred.count("*") == 2 and len(starred) == 3 and hidden == 1 else hidden
        return cell[:shown] + star * (max(hidden, fixed))
    return cell[:shown] + star * (hidden - 1) + cell[-1]


def _cased(text: str, pattern: str) -> str:
    if " " not in pattern:
        text = (
            text.title().replace(" ", "") if pattern[:1].isupper() and not pattern.isupper() else text.replace(" ", "")
        )
    if pattern.isupper():
        return text.upper()
    return text.title() if pattern[:1].isupper() and " " in pattern else text


def moment(cell: str, pattern: str) -> str:
    """A day or moment in the pattern's order, signs and precision."""
    told = canonical(fold([cell])[0])
    if told[:2] not in {"d:", "t:"}:
        return cell
    digits = told[2:].ljust(12, "0")
    year, month, day, hour, minute = digits[:4], digits[4:6], digits[6:8], digits[8:10], digits[10:12]
    found = _MOMENT.match(pattern)
    if found is None:
        run = _RUN.match(pattern)
        if run is None:
            return cell
        clock = run.group(3)
        return digits[:8] + ((run.group(2) or "") + (hour + minute + _seconds(cell))[: len(clock)] if clock else "")
    parts = found.groups()
    text = f"{year}{parts[1]}{_width(month, parts[2])}{parts[3]}{_width(day, parts[4])}{parts[5]}"
    if parts[7] is None:
        return text
    text += f"{parts[6]}{_width(hour, parts[7])}:{minute}"
    return text + (f":{_seconds(cell)}" if parts[9] is not None else "") + (parts[10] or "")


def _seconds(cell: str) -> str:
    found = re.search(r"\d:\d\d:(\d\d)", cell)
    return found.group(1) if found else "00"


def _width(value: str, like_this: str) -> str:
    # 7 is written without a zero where the pattern's own number is; 12 does not tell.
    return str(int(value)) if len(like_this) == 1 else value


def number(cell: str, pattern: str) -> str:
    """A number with the pattern's sign of money, grouping, decimals and unit."""
    mine, theirs = _NUMBER.match(cell), _NUMBER.match(pattern)
    if mine is None or theirs is None or theirs.group(4).startswith(("万", "w", "k")):
        return cell
    whole, places = mine.group(2).replace(",", ""), theirs.group(3)
    grouped = f"{int(whole):,}" if "," in theirs.group(2) else whole
    fraction = mine.group(3) or ""
    if places and not fraction:
        fraction = "." + "0" * (len(places) - 1)
    if not places and fraction.strip(".0") == "":
        fraction = ""
    return f"{theirs.group(1)}{grouped}{fraction}{theirs.group(4)}"


_WRITERS: Final[dict[str, Callable[[str, str], str]]] = {
    "phone": phone,
    "masked_phone": phone,
    "national_id": identity,
    "masked_id": identity,
    "name": name,
    "date": moment,
    "datetime": moment,
    "birth_date": moment,
    "amount": number,
    "limit": number,
}
