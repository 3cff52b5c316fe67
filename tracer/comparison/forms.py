"""The one writing in which two sides are compared, and the forms that a mask leaves of it.

A dump that shows 138****1234 is compared with what the same mask would leave of the table's numbers. So each column of
a dump gives one field for its whole values and one for every way in which it is masked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import polars as pl

from tracer.comparison.alignment import Aligned, Kind, Sheet
from tracer.comparison.han import simplified
from tracer.identifiers import amount, email, moment, national_id, person_name, phone
from tracer.identifiers.text import compact, starred, tidy
from tracer.intake.interface import Role

_STYLES: Final = 4
"""Most ways of masking that one column may have."""
_RARE: Final = 0.005
"""Share of a column below which a way of masking is taken for damage."""
_STAR: Final = "*"
_LONGEST: Final = 200
"""Characters of a cell that are compared: nobody's name is longer, and a hostile cell may be."""


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One thing that both sides tell about a person, in comparable writing."""

    dump_name: str
    table_name: str
    kind: Kind
    claim: bool
    volatile: bool
    """Whether the table's value may have moved since: a balance."""
    masked: bool
    dump: pl.Series
    """(records of the dump,) Utf8, null where there is nothing to compare."""
    table: pl.Series
    """(rows of the table,) Utf8."""


@dataclass(frozen=True, slots=True)
class _Mask:
    """How many characters a mask shows at either end."""

    head: int
    tail: int

    def of(self, whole: pl.Expr) -> pl.Expr:
        """What it leaves of a value that is longer than what it shows."""
        shown = self.head + self.tail
        end = whole.str.tail(self.tail) if self.tail else pl.lit("")
        return pl.when(whole.str.len_chars() > shown).then(whole.str.head(self.head) + _STAR + end)


def fields(aligned: tuple[Aligned, ...], dump: Sheet, table: Sheet) -> tuple[Field, ...]:
    """Every pair of columns in comparable writing."""
    return tuple(
        one for pair in aligned for one in _fields(pair, dump.frame[pair.dump.key], table.frame[pair.table.key])
    )


def _fields(pair: Aligned, ours: pl.Series, theirs: pl.Series) -> Iterator[Field]:
    def field(dump: pl.Series, table: pl.Series, *, masked: bool) -> Field:
        volatile = Role.AMOUNT in (pair.dump.role, pair.table.role)
        return Field(pair.dump.name, pair.table.name, pair.kind, pair.claim, volatile, masked, dump, table)

    stars = [_masked(cells, pair.kind) for cells in (ours, theirs)]
    whole = [
        _written(cells.zip_with(hidden.is_null(), _nothing(cells)), pair.kind)
        for cells, hidden in zip((ours, theirs), stars, strict=True)
    ]
    if whole[0].null_count() < len(ours) and whole[1].null_count() < len(theirs):
        yield field(*whole, masked=False)
    for side in (0, 1):
        for mask, shown in _masks(stars[side], pair.kind):
            other = _left(whole[1 - side], mask, pair.kind)
            if side == 0:
                same = _left_of_masked(stars[1], mask, pair.kind)
                other = other.zip_with(other.is_not_null(), same)
            if other.null_count() < len(other):
                yield field(*((shown, other) if side == 0 else (other, shown)), masked=True)


def _nothing(cells: pl.Series) -> pl.Series:
    return pl.Series(cells.name, [None] * len(cells), dtype=pl.String)


def _masked(cells: pl.Series, kind: Kind) -> pl.Series:
    """What a masked value shows, with a single `*` between its ends; null for values that are not masked."""
    cell = pl.col(cells.name)
    made = cells.to_frame().select(_HIDINGS.get(kind, _starred)(cell).alias(cells.name)).to_series()
    bare = pl.when(cell.str.contains(r"[\p{L}\p{N}]")).then(cell.str.replace(r"\*.*\*", "*"))
    return simplified(made.to_frame().select(bare).to_series())


def _starred(cell: pl.Expr) -> pl.Expr:
    text = _lower(cell).str.replace_many(_STARS, ["*"] * len(_STARS))
    return pl.when(text.str.contains("*", literal=True)).then(text)


def _starred_phone(cell: pl.Expr) -> pl.Expr:
    tail = tidy(cell).str.extract(r"^(?:尾号|后四位)[^0-9]*([0-9]{3,6})$", 1)
    bare = starred(compact(tidy(cell))).str.replace(r"^(?:\+86|0086|86)(.{11})$", "${1}")
    return pl.coalesce("*" + tail, pl.when(bare.str.contains(r"^[0-9*]*\*[0-9*]*$")).then(bare))


def _starred_id(cell: pl.Expr) -> pl.Expr:
    text = compact(tidy(cell)).str.to_uppercase()
    partly = pl.when(text.str.contains(r"^[0-9*]*\*[0-9*]*X?$")).then(text)
    return pl.when(national_id.normalise(cell).is_null()).then(pl.coalesce(national_id.normalise_masked(cell), partly))


_STARS: Final = [*"＊●○■□×✱∗"]
_HIDINGS: Final[dict[Kind, Callable[[pl.Expr], pl.Expr]]] = {
    Kind.PHONE: _starred_phone,
    Kind.NATIONAL_ID: _starred_id,
}


def _masks(shown: pl.Series, kind: Kind) -> Iterator[tuple[_Mask, pl.Series]]:
    """The ways in which a column is masked, each with the values that are masked so (null elsewhere)."""
    if shown.null_count() == len(shown):
        return
    parts = shown.to_frame().select(
        head=pl.col(shown.name).str.find("*", literal=True),
        tail=pl.col(shown.name).str.len_chars() - pl.col(shown.name).str.split("*").list.first().str.len_chars() - 1,
    )
    parts = parts.with_columns(head=pl.Series(shown.str.split("*").list.first().str.len_chars()))
    if kind is Kind.EMAIL:
        parts = parts.with_columns(tail=pl.when(pl.col("tail") > 0).then(pl.lit(_DOMAIN)).otherwise(0))
    common = parts.drop_nulls().group_by("head", "tail").len().sort("len", "head", "tail", descending=True)
    least = _RARE * len(shown)
    for head, tail, count in common.head(_STYLES).iter_rows():
        if count >= least and head + tail:
            holds = ((parts["head"] == head) & (parts["tail"] == tail)).fill_null(value=False)
            yield _Mask(head, tail), shown.zip_with(holds, _nothing(shown))


_DOMAIN: Final = 1_000
"""Stands for a tail that is an e-mail address's domain."""


def _left(whole: pl.Series, mask: _Mask, kind: Kind) -> pl.Series:
    cell = pl.col(whole.name)
    if kind is Kind.EMAIL and mask.tail == _DOMAIN:
        made = cell.str.head(mask.head) + _STAR + cell.str.extract("(@.*)$", 1)
    else:
        made = mask.of(cell)
    return whole.to_frame().select(made.alias(whole.name)).to_series()


def _left_of_masked(shown: pl.Series, mask: _Mask, kind: Kind) -> pl.Series:
    """The other side's masked values that are masked the same way."""
    found = _nothing(shown)
    for other, values in _masks(shown, kind):
        if other == mask:
            found = values
    return found


def _written(cells: pl.Series, kind: Kind) -> pl.Series:
    """Values in one writing; what does not fit its kind is tidied and kept, for it may be damaged."""
    cells = cells.str.head(_LONGEST)
    if kind is Kind.DATE:
        cells = _year_first(cells)
    made = cells.to_frame().select(_WRITINGS[kind](pl.col(cells.name)).alias(cells.name)).to_series()
    return simplified(made)


def _lower(cell: pl.Expr) -> pl.Expr:
    return tidy(cell).str.to_lowercase()


def _year_first(cells: pl.Series) -> pl.Series:
    """Days before months or months before days, as the whole column is written, in ISO order; other text stays.

    20.01.2024 shows how the column is written; 03.05.2024 does not, and is read like the others.
    """
    cell = pl.col(cells.name)
    parts = cells.to_frame().select(
        one=cell.str.extract(_YEAR_LAST, 1).cast(pl.Int8),
        two=cell.str.extract(_YEAR_LAST, 2).cast(pl.Int8),
    )
    day_first, month_first = int((parts["one"] > 12).sum()), int((parts["two"] > 12).sum())
    if day_first == month_first:
        return cells
    order = "${3}-${2}-${1}" if day_first > month_first else "${3}-${1}-${2}"
    return cells.to_frame().select(cell.str.replace(_YEAR_LAST, order)).to_series()


_YEAR_LAST: Final = r"^\s*([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]((?:19|20)[0-9]{2})"


def _code(cell: pl.Expr) -> pl.Expr:
    bare = compact(_lower(cell)).str.replace(r"^([0-9]+)\.0+$", "${1}")
    # Spreadsheets drop leading zeros.
    return pl.when(bare.str.contains("^0+[0-9]+$")).then(bare.str.strip_chars_start("0")).otherwise(bare)


def _moment(cell: pl.Expr) -> pl.Expr:
    text = _lower(cell)
    return pl.coalesce(moment.written(text), compact(text))


_WRITINGS: Final[dict[Kind, Callable[[pl.Expr], pl.Expr]]] = {
    Kind.PHONE: lambda cell: pl.coalesce(phone.normalise(cell), _code(cell)),
    Kind.NATIONAL_ID: lambda cell: pl.coalesce(national_id.normalise(cell), compact(tidy(cell)).str.to_uppercase()),
    Kind.EMAIL: lambda cell: pl.coalesce(email.normalise(cell), _lower(cell)),
    Kind.NAME: lambda cell: person_name.normalise(cell).str.to_lowercase(),
    Kind.DATE: _moment,
    Kind.NUMBER: lambda cell: pl.coalesce(amount.written(_lower(cell)), _lower(cell)),
    Kind.CODE: _code,
    Kind.TEXT: _lower,
}
