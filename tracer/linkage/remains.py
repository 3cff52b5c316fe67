"""What is left of damaged and masked identifiers in a dump, worked out for the records that need it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.identifiers.id_repair import damaged
from tracer.tokens import TokenKey
from tracer.vault.composites import Clues, Columns, clues

Rows = NDArray[np.bool_]
"""(records,) which records are meant."""


@dataclass(frozen=True, slots=True)
class Remains:
    """The clear cells that may name a person, and what was made of them so far. `repr` shows none of it."""

    tables: tuple[tuple[pl.DataFrame, Columns], ...] = field(repr=False)
    """Frames with a column `row`, and (key, role) of their other columns."""
    key: TokenKey
    shown: Rows = field(repr=False)
    """Records whose clues are in `clues`."""
    clues: dict[str, Clues] = field(repr=False)
    """Composite kind → clues, with the records' numbers."""

    @staticmethod
    def of(tables: Sequence[tuple[pl.DataFrame, Columns]], records: int, key: TokenKey) -> Remains:
        """Of tables that nothing was made of yet."""
        named = tuple(
            (frame.select("row", *(column for column, _ in kept)), kept)
            for frame, columns in tables
            if (kept := [(column, role) for column, role in columns if role in _NAMING])
        )
        return Remains(named, key, np.zeros(records, bool), {})

    def shown_by(self, rows: Rows) -> Remains:
        """With the clues of these records too."""
        fresh = rows & ~self.shown
        if not fresh.any():
            return self
        found = dict(self.clues)
        for frame, columns in self.tables:
            chosen = frame.filter(pl.Series(fresh[frame.get_column("row").to_numpy()]))
            number = chosen.get_column("row").to_numpy()
            for kind, made in clues(chosen, columns, self.key, mistyped=True).items():
                one = replace(made, row=number[made.row].astype(np.uint32))
                found[kind] = found[kind].with_more(one) if kind in found else one
        return replace(self, shown=self.shown | fresh, clues=found)

    def failing_ids(self, rows: Rows) -> pl.DataFrame:
        """(`row` UInt32, `number` Utf8) of the identity numbers of these records that are mistyped."""
        parts = [pl.DataFrame(schema={"row": pl.UInt32, "number": pl.String})]
        for frame, columns in self.tables:
            chosen = frame.filter(pl.Series(rows[frame.get_column("row").to_numpy()]))
            for column, role in columns:
                if role == "national_id" and chosen.height:
                    number = damaged(chosen.get_column(column))
                    parts.append(pl.DataFrame({"row": chosen.get_column("row"), "number": number}).drop_nulls())
        return pl.concat(parts)

    def cells(self, role: str, most: int) -> pl.Series:
        """Some cells of the columns of a role, evenly chosen, `most` a table."""
        parts = [pl.Series(dtype=pl.String)]
        for frame, columns in self.tables:
            step = max(1, frame.height // most)
            parts += [frame.get_column(column).gather_every(step) for column, found in columns if found == role]
        return pl.concat(parts).drop_nulls()


_NAMING = frozenset({"name", "phone", "masked_phone", "national_id", "masked_id", "birth_date", "region"})
