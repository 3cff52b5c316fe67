"""Mainland identity numbers: one writing for each, whole or masked, and what they tell about a person.

GB 11643-1999: six digits of region, eight of birth date, three of sequence (odd for men), one check character.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.identifiers.mask import show
from tracer.identifiers.sieve import once, sift
from tracer.identifiers.text import STAR, compact, starred, tidy

PROVINCES = (
    *("11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37"),
    *("41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65"),
    *("71", "81", "82", "83"),
)
"""First two digits of GB/T 2260, with 71, 81, 82, 83 for residents of Taiwan (71, 83), Hong Kong and Macau."""

WEIGHTS = tuple(2 ** (17 - place) % 11 for place in range(17))
"""ISO 7064 MOD 11-2: the weight of each of the first 17 digits, 2^(17-i) mod 11."""

_CHECKS = "10X98765432"  # the check character for each remainder of the weighted sum
_NORMAL = r"^[1-9][0-9]{16}[0-9X]$"
_WRITTEN = r"^([1-9][0-9]{16}[0-9Xx])$"
# Before 1999: no century, no check character. Month and day are looked at, or every IMEI would be an identity number.
_OLD = r"^([1-8][0-9]{7}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3})$"
_BEIJING = timezone(timedelta(hours=8))
_FIRST_DAY = date(1900, 1, 1)
_SIX_FOUR = r"^[1-9][0-9]{5}\*{8}[0-9]{3}[0-9X]$"
_SIX_FOUR_WRITTEN = r"^[1-9][0-9]{5}\*+[0-9]{3}[0-9X]$"
_EIGHTEEN_PLACES = r"^[1-9*][0-9*]{16}[0-9X*]$"
_TWO_SEEN = r"[0-9]\**[0-9X]"


def normalise(e: pl.Expr) -> pl.Expr:
    """18 characters with an upper-case X; the old 15 digits become 18 (19.. years, check character computed).

    Null when the shape does not fit. The check character is not judged here: see `valid`.
    """
    return sift(
        e,
        lambda cell: pl.when(cell.str.contains(_NORMAL)).then(cell),
        lambda cell: sift(compact(tidy(cell)), _upper, _from_old),
        worth=lambda cell: (cell.str.len_bytes() >= 15) & cell.str.contains("[0-9０-９]{6}"),
    )


def valid(e: pl.Expr, *, today: date | None = None) -> pl.Expr:
    """Whether a text of any writing has a real province, a possible birth date and the right check character.

    Null stays null. `today` is the last day on which somebody can have been born (today in Beijing, unless given).
    """
    last_day = today or datetime.now(_BEIJING).date()

    def right(number: pl.Expr) -> pl.Expr:
        born = birth_date(number).is_between(_FIRST_DAY, last_day)
        checked = number.str.slice(17) == check_character(number)
        return (number.str.slice(0, 2).is_in(PROVINCES) & born & checked).fill_null(False)

    return pl.when(e.is_not_null()).then(once(normalise(e), right, dtype=pl.Boolean))


def check_character(number: pl.Expr) -> pl.Expr:
    """The check character that belongs to the first 17 digits (ISO 7064 MOD 11-2); null where they are no digits."""
    return once(number.str.slice(0, 17).cast(pl.Int64, strict=False), _check_character)


def mask(e: pl.Expr) -> pl.Expr:
    """`110101********1234` of a normal form; other text `***`."""
    return show(e, _NORMAL, _ends(e))


def head_tail(e: pl.Expr) -> pl.Expr:
    """The masked form `110101********1234` (first six, last four) of a normal form; null for everything else."""
    return pl.when(e.str.contains(_NORMAL)).then(_ends(e))


def normalise_masked(e: pl.Expr) -> pl.Expr:
    """The one writing of a masked identity number: 18 characters with `*` for every hidden one.

    Any number of star characters stands for eight where the first six and last four are seen. Otherwise all 18 places
    must be there and two characters seen. Null when it is not a masked identity number.
    """
    return sift(
        e,
        lambda cell: pl.when(cell.str.contains(_SIX_FOUR)).then(cell),
        _masked,
        worth=lambda cell: cell.str.contains(STAR) & cell.str.contains("[0-9０-９]"),
    )


def birth_date(e: pl.Expr) -> pl.Expr:
    """Date of birth of a normal form (Date); null where there is no such day."""
    return e.str.slice(6, 8).str.to_date("%Y%m%d", strict=False)


def sex(e: pl.Expr) -> pl.Expr:
    """`M` or `F` of a normal form, from the 17th digit; null where it is hidden."""
    odd = e.str.slice(16, 1).cast(pl.Int8, strict=False) % 2 == 1
    return pl.when(odd).then(pl.lit("M")).when(~odd).then(pl.lit("F"))


def region(e: pl.Expr) -> pl.Expr:
    """The six digits of the region (GB/T 2260) of a normal or masked form; null where one of them is hidden."""
    return e.str.extract(r"^([1-9][0-9]{5})", 1)


def _upper(bare: pl.Expr) -> pl.Expr:
    return bare.str.extract(_WRITTEN, 1).str.to_uppercase()


def _from_old(bare: pl.Expr) -> pl.Expr:
    old = bare.str.extract(_OLD, 1)
    seventeen = pl.concat_str(old.str.slice(0, 6), pl.lit("19"), old.str.slice(6))
    return seventeen + check_character(seventeen)


def _check_character(seventeen: pl.Expr) -> pl.Expr:
    # Several digits at a time, from a table of their weighted sums: seventeen divisions would take ten times as long.
    return seventeen.map_batches(_looked_up, return_dtype=pl.String, is_elementwise=True)


def _looked_up(seventeen: pl.Series) -> pl.Series:
    first, middle, last = _sums()
    known = seventeen.is_between(0, 10**17 - 1)
    number = pl.select(pl.when(known).then(seventeen).otherwise(0)).to_series().to_numpy()
    remainder = (first[number // 10**12] + middle[number // 10**6 % 10**6] + last[number % 10**6]) % 11
    character = pl.Series([*_CHECKS]).gather(pl.Series(remainder, dtype=pl.UInt32))
    return pl.select(pl.when(known).then(character)).to_series().alias(seventeen.name)


@cache
def _sums() -> tuple[NDArray[np.uint8], ...]:
    """The weighted sums modulo 11 of all first five, next six and last six digits."""
    return tuple(_weighted(WEIGHTS[start:end]) for start, end in ((0, 5), (5, 11), (11, 17)))


def _weighted(weights: tuple[int, ...]) -> NDArray[np.uint8]:
    sums = np.zeros(1, np.int64)
    for weight in weights:
        sums = (sums[:, None] + weight * np.arange(10)).reshape(-1)
    return (sums % 11).astype(np.uint8)


def _ends(number: pl.Expr) -> pl.Expr:
    return pl.concat_str(number.str.slice(0, 6), pl.lit("********"), number.str.slice(-4))


def _masked(cell: pl.Expr) -> pl.Expr:
    # An x at the end is a check character unless other x stand before it: those are stars.
    bare = compact(cell)
    checked = bare.str.contains("[^xX][xX]$")
    ends_in_check = starred(bare.str.head(-1)) + "X"
    return sift(pl.when(checked).then(ends_in_check).otherwise(starred(bare)), _six_four_seen, _partly_seen)


def _six_four_seen(number: pl.Expr) -> pl.Expr:
    return pl.when(number.str.contains(_SIX_FOUR_WRITTEN)).then(_ends(number))


def _partly_seen(number: pl.Expr) -> pl.Expr:
    hidden, seen = number.str.contains("*", literal=True), number.str.contains(_TWO_SEEN)
    return pl.when(number.str.contains(_EIGHTEEN_PLACES) & hidden & seen).then(number)
