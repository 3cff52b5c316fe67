"""Names with the digits that are seen beside them: how a masked or damaged record still meets its customer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.identifiers import value
from tracer.identifiers.kinds import COMPOSITE
from tracer.identifiers.name_sight import at_sight, spoken
from tracer.identifiers.name_sound import READINGS, sounds
from tracer.identifiers.visible import UNSEEN, Seen, of_birth, of_ids, of_phones
from tracer.tokens import TokenKey, composite_tokens, name_digests

Columns = Sequence[tuple[str, str]]
"""(key, role) of each column of a table."""

_PHONES: Final = ("phone", "masked_phone")
_IDS: Final = ("national_id", "masked_id")


@dataclass(frozen=True, slots=True)
class Clues:
    """What records show of one composite kind. A record may have several, for it may be read in several ways."""

    row: NDArray[np.uint32]
    """(clues,) place of the record in its table."""
    name: NDArray[np.uint64]
    """(clues,) digests of the names."""
    digits: NDArray[np.int64]
    """(clues,) the digits seen, as numbers."""

    def with_more(self, other: Clues) -> Clues:
        """These and the other ones."""
        return Clues(
            np.concatenate((self.row, other.row)),
            np.concatenate((self.name, other.name)),
            np.concatenate((self.digits, other.digits)),
        )

    def of(self, rows: NDArray[np.bool_]) -> Clues:
        """Those of some records: (records,) which."""
        kept = rows[self.row]
        return Clues(self.row[kept], self.name[kept], self.digits[kept])

    def tokens(self, key: TokenKey, kind: str) -> pl.DataFrame:
        """(`row` UInt32, `token` UInt64), one a clue."""
        return pl.DataFrame({"row": self.row, "token": composite_tokens(self.name, self.digits, key, kind)})


def has_clues(columns: Columns) -> bool:
    """Whether a table with these columns can have any."""
    roles = {role for _, role in columns}
    return "name" in roles and bool(roles & {*_PHONES, *_IDS} or roles >= {"birth_date", "region"})


def clues(frame: pl.DataFrame, columns: Columns, key: TokenKey, *, mistyped: bool) -> dict[str, Clues]:
    """What a table shows of each composite kind.

    Args:
        frame: Utf8 columns.
        columns: of the frame.
        key: the vault's key.
        mistyped: take cells as somebody may have mistyped them (a dump), instead of as they are (a platform).

    Returns:
        Kind → its clues, only kinds of which there are any.
    """
    if not has_clues(columns) or frame.is_empty():
        return {}
    names = [_names(frame.get_column(column), key, mistyped=mistyped) for column, role in columns if role == "name"]
    seen = list(_seen(frame, columns, mistyped=mistyped))
    made = {}
    for kind, mixed in COMPOSITE.items():
        pairs = product((one for known in names for part, one in known if part == mixed.name), seen)
        parts = [_paired(name, one) for name, one in pairs if one.digits == mixed.digits]
        if parts and (found := reduce(Clues.with_more, parts)).row.size:
            made[kind] = found
    return made


def _names(cells: pl.Series, key: TokenKey, *, mistyped: bool) -> list[tuple[str, NDArray[np.uint64]]]:
    """(part of the name, digests) for each way to read a column of names."""
    sight = at_sight(cells)
    whole, surname = (np.zeros(cells.len(), np.uint64) for _ in range(2))
    whole[sight.row] = name_digests(sight.whole, key, "whole")
    surname[sight.row] = _surnames(key)[sight.surname]
    made = {"whole": whole, "surname": surname}
    left = np.ones(cells.len(), bool)
    left[sight.row] = False
    rows = np.flatnonzero(left)
    for reading, found in _at_leisure(cells[rows], key, mistyped=mistyped).items():
        made.setdefault(reading, np.zeros(cells.len(), np.uint64))[rows] = found
    return [("surname" if reading == "surname" else "whole", one) for reading, one in made.items() if one.any()]


def _surnames(key: TokenKey) -> NDArray[np.uint64]:
    """Digests of surnames by the number of their sound; 0 for none."""
    digests = name_digests(pl.Series(spoken()), key, "surname")
    return np.where(np.arange(digests.size) > 0, digests, np.uint64(0))


def _at_leisure(cells: pl.Series, key: TokenKey, *, mistyped: bool) -> dict[str, NDArray[np.uint64]]:
    """Reading → digests of names of any writing."""
    distinct = cells.alias("name").unique().drop_nulls()
    heard = sounds(distinct)
    readings = READINGS if mistyped else READINGS[:1]
    digests = {
        reading: name_digests(heard.get_column(reading), key, "surname" if reading == "surname" else "whole")
        for reading in ("surname", *readings)
        if heard.get_column(reading).null_count() < distinct.len()
    }
    known = distinct.to_frame().with_columns(pl.Series(reading, found) for reading, found in digests.items())
    told = cells.alias("name").to_frame().join(known, on="name", how="left", maintain_order="left")
    return {reading: told.get_column(reading).fill_null(0).to_numpy() for reading in digests}


def _seen(frame: pl.DataFrame, columns: Columns, *, mistyped: bool) -> Iterator[Seen]:
    for column, role in columns:
        if role in _PHONES:
            yield from of_phones(frame.get_column(column), mistyped=mistyped)
        if role in _IDS:
            yield from of_ids(frame.get_column(column), mistyped=mistyped)
    regions = [frame.get_column(column) for column, role in columns if role == "region"]
    births = [column for column, role in columns if role == "birth_date"]
    for region, column in product(regions, births):
        yield of_birth(region, frame.select(value.day(pl.col(column))).to_series())


def _paired(name: NDArray[np.uint64], seen: Seen) -> Clues:
    row = np.flatnonzero((name != 0) & (seen.numbers != UNSEEN)).astype(np.uint32)
    return Clues(row, name[row], seen.numbers[row])
