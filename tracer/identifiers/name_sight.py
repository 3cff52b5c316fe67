"""Names of two or three common characters, read by looking each character up: what most names in a table are.

It gives what `name_sound.sounds` gives, without a regular expression and without asking for the distinct ones first.
What could be read otherwise (surnames of two characters or with a reading of their own, 张先生, 李某) is left to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.identifiers.name_sound import TITLES, written
from tracer.identifiers.surnames import COMPOUND, SINGLE, SOUNDS
from tracer.ordered import among
from tracer.views import Views

_CHARACTER: Final = 3
"""Bytes of a Chinese character in UTF-8."""
_BLOCK: Final = range(0x4E00, 0xA000)
"""The block of Unicode in which nothing is changed when a name is brought into its one writing."""
_HIDDEN: Final = "某"


@dataclass(frozen=True, slots=True)
class Sight:
    """The names of a column that can be read at sight."""

    row: NDArray[np.intp]
    """(names,) their places in the column."""
    whole: pl.Series
    """(names,) Utf8: what they sound like."""
    surname: NDArray[np.uint16]
    """(names,) number of what the surname sounds like in `spoken`; 0 where it is no surname that is known."""


def at_sight(names: pl.Series) -> Sight:
    """Read those names of a column (Utf8) that can be read at sight."""
    view = Views.of(names.fill_null(""))
    length = view.length
    row = np.flatnonzero((length == 2 * _CHARACTER) | (length == 3 * _CHARACTER))
    block = view.block(0, row)
    three = length[row] == 3 * _CHARACTER
    low, high = block[:, 0], block[:, 1]
    letters = [low, low >> np.uint64(24), low >> np.uint64(48) | high << np.uint64(16)]
    begin, middle, end = _begins(), _middles(), _ends()
    codes = [_code_point(letter) for letter in letters]
    codes[2][~three] = 0
    spoken_by = [begin[codes[0]], np.where(three, middle[codes[1]], end[codes[1]]), end[codes[2]]]
    known = (spoken_by[0] > 0) & (spoken_by[1] > 0) & ((spoken_by[2] > 0) | ~three)
    known &= ~among(codes[0].astype(np.uint32) << 16 | codes[1], _pairs())
    first, second, third = (one[known] for one in spoken_by)
    sounds = pl.Series(spoken())
    whole = sounds.gather(first) + sounds.gather(second) + sounds.gather(third)
    surname = np.where(_surnames()[codes[0][known]], first, np.uint16(0))
    return Sight(row[known], whole, surname)


def _code_point(letter: NDArray[np.uint64]) -> NDArray[np.uint16]:
    """Of the character in the lowest three bytes; 0 if it is none of three bytes."""
    wide = letter.astype(np.uint32)
    code = (wide & 0x0F) << 12 | (wide >> 8 & 0x3F) << 6 | wide >> 16 & 0x3F
    return np.where(wide & 0xC0C0F0 == 0x8080E0, code, 0).astype(np.uint16)


@cache
def spoken() -> list[str]:
    """Sounds by their number; 0 is silence."""
    return ["", *sorted(written())]


@cache
def _middles() -> NDArray[np.uint16]:
    """(2^16,) code point → number of its usual sound; 0 for what is not read at sight."""
    table = np.zeros(1 << 16, np.uint16)
    for number, sound in enumerate(spoken()[1:], start=1):
        points = np.frombuffer(written()[sound].encode("utf-32-le"), np.uint32)
        table[points[(points >= _BLOCK.start) & (points < _BLOCK.stop)]] = number
    return table


@cache
def _begins() -> NDArray[np.uint16]:
    """The same of first characters: not of surnames that are read in their own way."""
    return _without({name for name in SOUNDS if len(name) == 1})


@cache
def _pairs() -> NDArray[np.uint32]:
    """Surnames of two characters, as numbers, ascending."""
    pairs = {name for name in (*COMPOUND, *SOUNDS) if len(name) == 2}
    return np.array(sorted(ord(name[0]) << 16 | ord(name[1]) for name in pairs), np.uint32)


@cache
def _ends() -> NDArray[np.uint16]:
    """The same of last characters: not where a title or a word for something hidden may end."""
    return _without({title[-1] for title in TITLES} | {_HIDDEN})


def _without(characters: set[str]) -> NDArray[np.uint16]:
    table = _middles().copy()
    table[[ord(one) for one in characters if ord(one) < table.size]] = 0
    return table


@cache
def _surnames() -> NDArray[np.bool_]:
    """(2^16,) whether a code point is a surname."""
    table = np.zeros(1 << 16, bool)
    table[[ord(one) for one in SINGLE if ord(one) < table.size]] = True
    return table
