"""Values that look like a column's without being anybody's: pieces of several real cells, joined where they agree.

A near-unique cell (an account, a balance to the cent, a minute of joining) would point at its donor. So its significant
part stays and the rest is taken, character by character, from other cells of the same length.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import numpy as np

_MOMENT: Final = re.compile(r"^(\d{4})(\D{1,2})(\d{1,2})(\D{1,2})(\d{1,2})(\D{1,3})(\d{1,2}):(\d{2})(?::(\d{2}))?(.*)$")
_DIGITS: Final = re.compile(r"\d+")
_FEW: Final = 8
_UNUSUAL: Final = 4.0
"""Standard deviations."""
_HALF: Final = 0.5


class Cards:
    """Texts dealt like cards, all of them before any a second time: each comes as often as in a sample of customers.

    Drawn with replacement they would keep what is peculiar to the donors, and an attacker can learn that.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._left: list[int] = []

    def __len__(self) -> int:
        return len(self._texts)

    def draw(self, rng: np.random.Generator) -> str:
        """The next one; there must be some."""
        if not self._left:
            self._left = rng.permutation(len(self._texts)).tolist()
        return self._texts[self._left.pop()]


class Deck:
    """All cells of one column, ready to lend characters to cells of their own length."""

    def __init__(self, cells: Sequence[str | None]) -> None:
        by_length: dict[int, list[str]] = defaultdict(list)
        for cell in cells:
            if cell:
                by_length[len(cell)].append(cell)
        self._by_place = {length: [Cards(pool) for _ in range(length)] for length, pool in by_length.items()}

    def respliced(self, cell: str, rng: np.random.Generator, kept: int) -> str:
        """`cell` with every character behind the first `kept` taken from the same place of another cell of its length.

        A place that holds a sign (a point, a dash) in `cell` keeps it.
        """
        drawn = cell[:kept]
        for place, own in enumerate(cell[kept:], kept):
            cards = self._by_place.get(len(cell))
            lent = cards[place].draw(rng)[place] if cards is not None and own.isalnum() else own
            drawn += lent if _alike(own, lent) else own
        return drawn


def _alike(one: str, other: str) -> bool:
    return (one.isdigit() and other.isdigit()) or (one.isalpha() and other.isalpha())


def number(cell: str, deck: Deck, rng: np.random.Generator) -> str:
    """A number of the same size: its first three digits stay at most, the rest is lent; trailing zeros stay.

    With more of them it would point at its donor, with fewer its proportion to other numbers would be lost.
    """
    whole = cell.partition(".")[0]
    digits = sum(map(str.isdigit, whole))
    body = cell.rstrip("0") if "." not in cell else cell
    kept = len(whole) - digits + min(3, max(1, digits - 1))
    drawn = deck.respliced(cell, rng, kept)
    return drawn if "." in cell else drawn[: len(body)] + cell[len(body) :]


_PLAIN: Final = re.compile(r"^(\D*)(-?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?(\D*)$")


def heaped(cells: Sequence[str | None]) -> bool:
    """Whether more (or fewer) numbers end with a zero than one in ten, as prices and estimates do."""
    ends = [found.group(3) + (found.group(4) or "") for cell in cells if cell and (found := _PLAIN.match(cell))]
    zeros, usual = sum(end.endswith("0") for end in ends), 0.1 * len(ends)
    return bool(abs(zeros - usual) > _UNUSUAL * math.sqrt(max(1.0, usual)))


def written(value: float, cell: str, rng: np.random.Generator, *, heaps: bool) -> str | None:
    """A number as `cell` writes its own: as many decimals, the same signs around it, and if `heaps` as many end zeros.

    None where `cell` is written otherwise, as one with an exponent is.
    """
    found = _PLAIN.match(cell)
    if found is None:
        return None
    before, _, whole, decimals, behind = found.groups()
    places = len(decimals or "")
    digits = whole.replace(",", "") + (decimals or "")
    zeros = len(digits) - len(digits.rstrip("0")) if heaps and digits.strip("0") else 0
    units = round(abs(value) * 10.0**places / 10**zeros)
    if heaps and units % 10 == 0:  # a zero more than the donor has
        units = max(1, units + int(rng.integers(1, 10)) * (1 if rng.random() < _HALF else -1))
    text = str(units * 10**zeros).zfill(places + 1)
    body = text[: len(text) - places]
    grouped = f"{int(body):,}" if "," in whole else body
    sign = "-" if value < 0 else ""
    return f"{before}{sign}{grouped}{'.' + text[len(text) - places :] if places else ''}{behind}"


def account(cell: str, deck: Deck, rng: np.random.Generator) -> str:
    """A name or code of the same pattern: its first half stays, the rest is lent."""
    return deck.respliced(cell, rng, (len(cell) + 1) // 2 if len(cell) > _FEW else max(1, len(cell) // 3))


def address(cell: str, rng: np.random.Generator) -> str:
    """The same street and another house: every number but the first digits of long ones is drawn anew."""

    def drawn(found: re.Match[str]) -> str:
        size = len(found.group())
        low = 10 ** (size - 1) if size > 1 else 1
        return str(int(rng.integers(low, 10**size)))

    return _DIGITS.sub(drawn, cell)


def shifted(cell: str, seconds: int) -> str:
    """A moment moved by some seconds, in the very writing of `cell`; a bare day and anything else stays as it is."""
    found = _MOMENT.match(cell)
    if found is None:
        return cell
    year, sign, month, sign2, day, gap, hour, minute, second, rest = found.groups()
    try:
        moved = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0)) + timedelta(  # noqa: DTZ001 - text has no zone
            seconds=seconds
        )
    except (ValueError, OverflowError):
        return cell

    def written(value: int, like: str) -> str:
        return (
            f"{value:0{len(like)}d}" if like.startswith("0") or (len(like) == 2 and value > 9) else _narrow(value, like)
        )

    clock = f"{written(moved.hour, hour)}:{moved.minute:02d}" + (f":{moved.second:02d}" if second else "")
    return f"{moved.year}{sign}{written(moved.month, month)}{sign2}{written(moved.day, day)}{gap}{clock}{rest}"


def _narrow(value: int, like: str) -> str:
    # "7" may be written without a zero; "12" does not tell, so the usual two places are taken.
    return str(value) if len(like) == 1 else f"{value:02d}"
