"""The distinct people of two sides: records that tell the same about somebody are one, and every value has a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.comparison.alignment import Kind
from tracer.comparison.forms import Field
from tracer.comparison.han import sounded

Places = NDArray[np.int64]
Codes = NDArray[np.int32]

MISSING: Final = np.int32(-1)


@dataclass(frozen=True)
class Trait:
    """A field of which every distinct value has a number."""

    name: str
    kind: Kind
    claim: bool
    masked: bool
    values: pl.Series
    """The distinct values of both sides."""
    dump: Codes
    """(people of the dump and decoys,) place in `values`, -1 where there is none."""
    table: Codes
    """(people of the table,)"""

    @cached_property
    def sound(self) -> Codes:
        """(values,) the same number for values that sound alike; -1 for values without Chinese characters."""
        if self.kind not in (Kind.NAME, Kind.TEXT):
            return np.full(len(self.values), MISSING)
        heard = sounded(self.values)
        return _numbered(heard)

    @cached_property
    def coarse(self) -> Codes:
        """(values,) the same number for values that sound or begin alike."""
        text = pl.col(self.values.name)
        if self.kind in (Kind.NAME, Kind.TEXT):
            begun = self.values.to_frame().select(text.str.replace_all(r"[^\p{L}\p{N}]", "").str.head(_BEGUN)).to_series()
            return _numbered(sounded(self.values).fill_null(begun))
        return np.arange(len(self.values), dtype=np.int32)

    @cached_property
    def held(self) -> NDArray[np.int64]:
        """(values,) how many people of the table have each."""
        present = self.table[self.table >= 0]
        return np.bincount(present, minlength=len(self.values))


_BEGUN: Final = 3


@dataclass(frozen=True)
class People:
    """Two sides as distinct people."""

    traits: tuple[Trait, ...]
    of_record: Places
    """(records of the dump,) the person each is about."""
    of_row: Places
    """(rows of the table,) the same."""
    theirs: int
    """Distinct people of the table."""
    decoys: Places
    """(decoys,) people of the table who are also looked for in it, as if they were strangers to themselves: they stand
    behind the people of the dump, lack what some of those lack, and whoever they are taken for is somebody else."""

    @property
    def ours(self) -> int:
        """Distinct people of the dump."""
        return self.looked_for - self.decoys.size

    @property
    def looked_for(self) -> int:
        """Distinct people of the dump, and the decoys."""
        return self.traits[0].dump.size if self.traits else 0


def gather(fields: Sequence[Field], decoys: int = 0, seed: int = 0) -> People:
    """Number the values of every field, and take records that tell the same as one person.

    Args:
        fields: what both sides tell; one at least.
        decoys: people of the table who are looked for in it themselves, at most half of them.
        seed: of their choice.
    """
    numbered = [encode(one) for one in fields]
    of_record, first = _distinct([codes for _, codes, _ in numbered])
    of_row, first_row = _distinct([codes for _, _, codes in numbered])
    generator = np.random.default_rng(seed)
    chosen = generator.choice(first_row.size, min(decoys, first_row.size // 2), replace=False)
    model = first[generator.integers(0, first.size, chosen.size)]
    traits = tuple(
        Trait(
            f"{one.dump_name}" if one.dump_name == one.table_name else f"{one.dump_name}/{one.table_name}",
            one.kind,
            one.claim,
            one.masked,
            values,
            np.concatenate([dump[first], np.where(dump[model] < 0, MISSING, table[first_row[chosen]])]),
            table[first_row],
        )
        for one, (values, dump, table) in zip(fields, numbered, strict=True)
    )
    return People(traits, of_record, of_row, first_row.size, chosen)


def encode(field: Field) -> tuple[pl.Series, Codes, Codes]:
    """The distinct values of both sides, and the place in them of every record's and every row's value, or -1."""
    both = pl.concat([field.dump.alias("value"), field.table.alias("value")])
    codes = _numbered(both)
    values = pl.DataFrame({"value": both, "code": codes}).filter(pl.col("code") >= 0).unique("code").sort("code")
    return values.get_column("value"), codes[: len(field.dump)], codes[len(field.dump) :]


def information(fields: Sequence[Field]) -> float:
    """How well the fields tell the people of the table apart, in bits: of each column's ways of masking the best."""
    best: dict[str, float] = {}
    for field in fields:
        counts = field.table.drop_nulls().value_counts().get_column("count").to_numpy().astype(np.float64)
        people = counts.sum()
        pairs = people * (people - 1) / 2
        met = max(1.0, float((counts * (counts - 1) / 2).sum()))
        bits = float(np.log2(pairs / met)) if pairs > met else 0.0
        best[field.dump_name] = max(best.get(field.dump_name, 0.0), bits)
    return sum(best.values())


def _numbered(values: pl.Series) -> Codes:
    """Dense numbers of the values, -1 for null."""
    ranked = values.rank("dense").cast(pl.Int64) - 1
    return ranked.fill_null(-1).to_numpy().astype(np.int32)


def _distinct(columns: Sequence[Codes]) -> tuple[Places, Places]:
    """(records,) person of each, and (people,) the first record of each."""
    frame = pl.DataFrame({str(place): codes for place, codes in enumerate(columns)})
    keyed = frame.with_row_index("row").with_columns(first=pl.col("row").min().over(frame.columns))
    first, of = np.unique(keyed.get_column("first").to_numpy(), return_inverse=True)
    return of.astype(np.int64), first.astype(np.int64)
