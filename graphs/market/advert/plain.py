"""Text without its disguise, and the way back from every character to the one that was written.

Unicode's compatibility forms (NFKC, Standard Annex 15), traditional to simplified characters, look-alikes and signs that
are read as words (`characters.toml`); unseen characters, hearts and flames are dropped; words written with a space after
every character are drawn together.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_SPREAD = re.compile(r"(?:(?<![^\s])|(?<=[:：]))(?:[^\s][ \t]){4,}[^\s](?![^\s])")
_NOTHING = frozenset({"Cf", "Mn", "Me", "Cc", "Co", "Cs"})
_NEGATIVE = ((0x1F150, 26, "a"), (0x1F170, 26, "a"), (0x2776, 9, "1"), (0x2780, 9, "1"), (0x278A, 9, "1"))
"""Letters and digits in black circles and squares, which NFKC leaves as they are: (first, how many, stands for)."""


@dataclass(frozen=True, slots=True)
class Plain:
    """`text` is to be read; `low` is the same in lower case, character for character."""

    text: str
    low: str
    origin: tuple[int, ...]
    """Which character of the written text each one comes from."""
    length: int
    """Characters of the written text."""

    def written(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the written text that `text[start:end]` comes from."""
        if start >= end:
            return (0, 0)
        return self.origin[start], self.origin[end - 1] + 1


def plain(written: str) -> Plain:
    """The text without its disguise."""
    table = _table()
    chars: list[str] = []
    origin: list[int] = []
    for place, char in enumerate(written):
        shown = table.get(char)
        if shown is None:
            shown = table[char] = _reading(char)
        for one in shown:
            chars.append(one)
            origin.append(place)
    text = "".join(chars)
    for spread in reversed(list(_SPREAD.finditer(text))):
        keep = [place for place in range(*spread.span()) if not text[place].isspace()]
        text = text[: spread.start()] + "".join(text[place] for place in keep) + text[spread.end() :]
        origin[spread.start() : spread.end()] = [origin[place] for place in keep]
    low = text.lower()
    if len(low) != len(text):  # İ and its like
        low = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
    return Plain(text, low, tuple(origin), len(written))


def _reading(char: str) -> str:
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
        return "".join(_table().get(one, one) for one in normal)
    if code == 0x2764 or code in range(0x1F493, 0x1F4A0) or char in "♥♡❣":
        return ""  # a heart stands between letters: V❤
    return " " if category in {"So", "Zs", "Zl", "Zp"} else char


@cache
def _table() -> dict[str, str]:
    listed = tomllib.loads(Path(__file__).with_name("characters.toml").read_text("utf-8"))
    pairs = {pair[0]: pair[1] for pair in listed["traditional"].split()}
    return {**pairs, **listed["read_as"]}
