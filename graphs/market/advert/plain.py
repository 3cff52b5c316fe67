"""Text without its disguise, and the way back from every character to the one that was written.

Unicode's compatibility forms (NFKC, Standard Annex 15), traditional to simplified characters, look-alikes and signs
that are read as words (`characters.toml`); unseen characters, hearts and flames are dropped; words written with a
space after every character are drawn together.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_SPREAD = re.compile(r"(?:(?<![^\s])|(?<=[:：]))(?:[^\s][ \t]){4,}[^\s](?![^\s])")
_SPREAD_AT_ALL = " "
_NOTHING = frozenset({"Cf", "Mn", "Me", "Cc", "Co", "Cs"})
_NEGATIVE = ((0x1F150, 26, "a"), (0x1F170, 26, "a"), (0x2776, 9, "1"), (0x2780, 9, "1"), (0x278A, 9, "1"))
"""Letters and digits in black circles and squares, which NFKC leaves as they are: (first, how many, stands for)."""


@dataclass(frozen=True, slots=True)
class Plain:
    """`text` is to be read; `low` is the same in lower case, character for character."""

    text: str
    low: str
    origin: Sequence[int]
    """Which character of the written text each one comes from."""

    def written(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the written text that `text[start:end]` comes from."""
        if start >= end:
            return (0, 0)
        return self.origin[start], self.origin[end - 1] + 1


def quick(written: str) -> str | None:
    """`plain(written).low` at less cost, for texts without a blank that may have been spread; None for others."""
    table, _ = _readings()
    text = written.translate(table)
    return None if _SPREAD_AT_ALL in text else text.lower()


def plain(written: str) -> Plain:
    """The text without its disguise."""
    table, uneven = _readings()
    text = written.translate(table)
    origin: Sequence[int] = range(len(written))
    if not uneven.isdisjoint(written):
        origin = [place for place, char in enumerate(written) for _ in table[ord(char)]]
    if _SPREAD_AT_ALL in text:
        text, origin = _drawn_together(text, list(origin))
    low = text.lower()
    if len(low) != len(text):  # İ and its like
        low = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
    return Plain(text, low, origin)


def _drawn_together(text: str, origin: list[int]) -> tuple[str, list[int]]:
    for spread in reversed(list(_SPREAD.finditer(text))):
        keep = [place for place in range(*spread.span()) if not text[place].isspace()]
        text = text[: spread.start()] + "".join(text[place] for place in keep) + text[spread.end() :]
        origin[spread.start() : spread.end()] = [origin[place] for place in keep]
    return text, origin


class _Readings(dict[int, str]):
    """Code point → what it is read as, found when it is first met."""

    def __init__(self, listed: Mapping[str, str]) -> None:
        super().__init__()
        self._listed = listed
        self.uneven: set[str] = set()
        """Characters that are read as none or as several."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        shown = self._listed.get(char)
        if shown is None:
            shown = self._made(char)
        self[code] = shown
        if len(shown) != 1:
            self.uneven.add(char)
        return shown

    def _made(self, char: str) -> str:
        code = ord(char)
        for first, count, stands_for in _NEGATIVE:
            if first <= code < first + count:
                return chr(ord(stands_for) + code - first)
        if char in "\n\t":
            return char
        category = unicodedata.category(char)
        if category in _NOTHING or 0x1F3FB <= code <= 0x1F3FF:
            return ""
        normal = unicodedata.normalize("NFKC", char)
        if normal != char:
            return "".join(self._listed.get(one, one) for one in normal)
        if code == 0x2764 or code in range(0x1F493, 0x1F4A0) or char in "♥♡❣":
            return ""  # a heart stands between letters: V❤
        return " " if category in {"So", "Zs", "Zl", "Zp"} else char


@cache
def _readings() -> tuple[_Readings, set[str]]:
    listed = tomllib.loads(Path(__file__).with_name("characters.toml").read_text("utf-8"))
    pairs = {pair[0]: pair[1] for pair in listed["traditional"].split()}
    readings = _Readings({**pairs, **listed["read_as"]})
    return readings, readings.uneven
