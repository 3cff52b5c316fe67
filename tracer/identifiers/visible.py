"""What digits of a phone number or ID can be seen in a cell that is masked, mistyped, rounded or cut, as numbers.

A masked cell shows some digits at its ends. A mistyped one shows all, and is right everywhere but at one place: so
its first seven digits, its first three with its last four, or its last eight are as they were, whichever digit is
wrong, missing or doubled. Excel writes 1.3800138E+10 for a phone number and keeps fifteen digits of an ID.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.identifiers import national_id, phone
from tracer.identifiers.text import compact, starred, tidy

UNSEEN: Final = -1
"""Stands for digits that a cell does not show."""

Numbers = NDArray[np.int64]
_TAILS: Final = 11_000
"""Numbers that the last four characters of an ID can be: three digits, and one of eleven check characters."""
_DAYS: Final = 10**8


@dataclass(frozen=True, slots=True)
class Seen:
    """Digits of one kind that a column shows."""

    digits: str
    """Which: `phone_3_4` (first three, last four), `phone_first_7`, `phone_last_8`, `phone_last_4`, `id_6_4`,
    `id_first_14` (region and birth date), `id_last_4`."""
    numbers: Numbers
    """(rows,) The digits as one number, or `UNSEEN`."""


BELOW: Final = {
    "phone_3_4": 10**4,
    "phone_first_7": 10**4,
    "phone_last_8": 10**8,
    "phone_last_4": 10**4,
    "id_6_4": _TAILS,
    "id_first_14": _DAYS,
    "id_last_4": _TAILS,
}
"""Kinds of digits → how many numbers their last part can be: four digits, eight, a day, or the end of an ID."""


def of_phones(cells: pl.Series, *, mistyped: bool) -> list[Seen]:
    """The digits that a column of phone numbers shows, whole or masked in any style.

    Args:
        cells: (rows,) Utf8.
        mistyped: also read eleven digits as if two neighbours had been swapped where no other reading helps.
    """
    plain, other = _split(cells, phone.normalise(pl.col("cell")).cast(pl.Int64, strict=False))
    # Numbers of other countries come with a plus, which is read as a sign: they are no eleven digits.
    plain = np.where((plain >= 13 * 10**9) & (plain < 20 * 10**9), plain, UNSEEN)
    head, middle, tail = plain // 10**8, plain // 10**4, plain % 10**4
    seen = [("phone_3_4", head * 10**4 + tail), ("phone_first_7", middle), ("phone_last_8", plain % 10**8)]
    found = _merged([*seen, ("phone_last_4", tail)], plain, _odd_phones(other))
    if mistyped:
        # A swap over the edge of two parts leaves none of them whole, so it is undone before they are cut.
        third = head // 10 * 10 + middle // 10**3 % 10
        last = middle % 10 * 10**3 + tail % 10**3
        turned = [third * 10**4 + tail, head * 10**4 + last]
        found += [Seen("phone_3_4", np.where(plain == UNSEEN, UNSEEN, numbers)) for numbers in turned]
    return found


def of_ids(cells: pl.Series, *, mistyped: bool) -> list[Seen]:
    """The digits that a column of identity numbers shows; as `of_phones`."""
    number = national_id.normalise(pl.col("cell"))
    frame = cells.alias("cell").to_frame().lazy().select("cell", number=number).collect()
    body = frame.select(pl.col("number").str.slice(0, 17).cast(pl.Int64, strict=False).fill_null(UNSEEN))
    plain = body.to_series().to_numpy()
    check = frame.select(_check(pl.col("number").str.slice(17)).fill_null(0)).to_series().to_numpy()
    other = frame.with_row_index("row").filter(pl.col("number").is_null() & pl.col("cell").is_not_null())
    head, tail = plain // 10**11, plain % 10**3 * 11 + check
    seen = [("id_6_4", head * _TAILS + tail), ("id_first_14", plain // 10**3), ("id_last_4", tail)]
    found = _merged(seen, plain, _odd_ids(other.select("row", "cell")))
    if mistyped:
        sixth = head // 10 * 10 + plain // 10**10 % 10
        last = (plain // 10**3 % 10 * 100 + plain % 100) * 11 + check
        turned = [sixth * _TAILS + tail, head * _TAILS + last]
        found += [Seen("id_6_4", np.where(plain == UNSEEN, UNSEEN, numbers)) for numbers in turned]
    return found


def of_birth(region: pl.Series, day: pl.Series) -> Seen:
    """The first fourteen digits of an ID, from a column of regions (GB/T 2260, six digits) and one of birth dates.

    Args:
        region: (rows,) Utf8.
        day: (rows,) Date.
    """
    code = region.str.extract(r"^\s*([1-9][0-9]{5})\s*(?:\.0)?$", 1).cast(pl.Int64)
    number = code * _DAYS + day.dt.strftime("%Y%m%d").cast(pl.Int64)
    return Seen("id_first_14", number.fill_null(UNSEEN).to_numpy())


def _split(cells: pl.Series, number: pl.Expr) -> tuple[Numbers, pl.DataFrame]:
    """The cells that are whole, as numbers, and (`row`, `cell`) of the others."""
    frame = cells.alias("cell").to_frame().lazy().select("cell", number=number).collect()
    other = frame.with_row_index("row").filter(pl.col("number").is_null() & pl.col("cell").is_not_null())
    return frame.get_column("number").fill_null(UNSEEN).to_numpy(), other.select("row", "cell")


def _merged(seen: list[tuple[str, Numbers]], plain: Numbers, odd: pl.DataFrame) -> list[Seen]:
    rows = odd.get_column("row").to_numpy()
    merged = []
    for digits, numbers in seen:
        told = np.where(plain == UNSEEN, UNSEEN, numbers)
        told[rows] = odd.get_column(digits).fill_null(UNSEEN).to_numpy()
        merged.append(Seen(digits, told))
    return merged


_GAP: Final = r"…|⋯|\.{2,}|[?？_~—]+|某"
_ROUNDED_PHONE: Final = r"^(1)\.([0-9]{7,9})[eE]\+?10$"
_ROUNDED_ID: Final = r"^([1-9])\.([0-9]{14,})[eE]\+?17$"
_DIALLED: Final = r"^(?:\+86|0086|86)([1*].{6,})$"
_ELEVEN: Final = "^86[0-9]{9}$"
"""A number whose first digit is wrong, rather than one that lacks two behind the country's code."""


def _bare(gap: str) -> pl.Expr:
    """A cell without marks, with a star for every hidden place."""
    tidied = tidy(pl.col("cell")).str.replace_all(gap, "*")
    return compact(starred(tidied)).str.strip_suffix(".0")


def _odd_phones(other: pl.DataFrame) -> pl.DataFrame:
    bare = _bare(_GAP)
    # Excel rounds the last digit it shows.
    shown = bare.str.replace(_ROUNDED_PHONE, "${1}${2}").str.len_bytes()
    rounded = pl.when(bare.str.contains(_ROUNDED_PHONE)).then(
        bare.str.replace(_ROUNDED_PHONE, "${1}${2}").str.slice(0, shown - 1) + "*"
    )
    dialled = pl.when(bare.str.contains(_ELEVEN)).then(bare).otherwise(bare.str.replace(_DIALLED, "${1}"))
    text = pl.coalesce(rounded, dialled)
    text = text.str.replace(r"^(1[3-9][0-9])([0-9]{4})$", "${1}*${2}")  # seven digits: the hidden ones are left out
    text = text.str.replace(r"^0*([0-9]{1,4})$", "*000${1}")
    frame = other.with_columns(text=text)
    return _ends(
        frame.filter(pl.col("text").str.contains(r"^(?:[0-9]*\*[0-9*]*|[0-9]{10,12})$")), digits="[0-9]"
    ).select(
        "row",
        phone_3_4=_number(pl.col("head").str.slice(0, 3), 3) * 10**4 + _number(pl.col("tail").str.tail(4), 4),
        phone_first_7=_number(pl.col("head").str.slice(0, 7), 7),
        phone_last_8=_number(pl.col("tail").str.tail(8), 8),
        phone_last_4=_number(pl.col("tail").str.tail(4), 4),
    )


def _odd_ids(other: pl.DataFrame) -> pl.DataFrame:
    bare = _bare(_GAP)
    # An x at the end is a check character unless other x stand before it: those are stars.
    checked = compact(tidy(pl.col("cell"))).str.contains(r"[^xX][xX]$")
    bare = pl.when(checked).then(bare.str.replace(r".$", "X")).otherwise(bare)
    rounded = pl.when(bare.str.contains(_ROUNDED_ID)).then(bare.str.replace(_ROUNDED_ID, "${1}${2}") + "*")
    text = pl.coalesce(rounded, bare).str.replace(r"^0*([0-9]{1,3}[0-9X])$", "*000${1}")
    frame = other.with_columns(text=text)
    shape = r"^(?:[0-9]*\*[0-9*]*X?|[0-9]{16,18}[0-9X])$"
    tail = pl.col("tail").str.tail(4)
    last = _number(tail.str.slice(0, 3), 3) * 11 + pl.when(tail.str.len_bytes() == 4).then(_check(tail.str.slice(3)))
    return _ends(frame.filter(pl.col("text").str.contains(shape)), digits="[0-9X]").select(
        "row",
        id_6_4=_number(pl.col("head").str.slice(0, 6), 6) * _TAILS + last,
        id_first_14=_number(pl.col("head").str.slice(0, 14), 14),
        id_last_4=last,
    )


def _ends(frame: pl.DataFrame, *, digits: str) -> pl.DataFrame:
    """Add what stands before the first star and after the last one; of a text without stars, both are all of it."""
    return frame.with_columns(
        head=pl.col("text").str.extract(rf"^({digits}*)", 1), tail=pl.col("text").str.extract(rf"({digits}*)$", 1)
    )


def _number(digits: pl.Expr, places: int) -> pl.Expr:
    """The number that exactly so many digits write; null for fewer."""
    return pl.when(digits.str.len_bytes() == places).then(digits.cast(pl.Int64, strict=False))


def _check(character: pl.Expr) -> pl.Expr:
    """0 to 9, and 10 for X."""
    return character.replace({"X": "10"}).cast(pl.Int64, strict=False)
