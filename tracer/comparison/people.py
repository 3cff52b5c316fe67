"""The distinct people of two sides: records that tell the same about somebody are one, and every value has a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
            begun = (
                self.values.to_frame().select(text.str.replace_all(r"[^\p{L}\p{N}]", "").str.head(_BEGUN)).to_series()
            )
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

    def themselves(self, ours: Places, theirs: Places) -> NDArray[np.bool_]:
        """(pairs,) whether a decoy is paired with the very person it is."""
        decoy = ours >= self.ours
        met = np.zeros(ours.size, bool)
        met[decoy] = self.decoys[ours[decoy] - self.ours] == theirs[decoy]
        return met

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
    generator = np.random.default_rng(seed)
    records, rows = len(fields[0].dump), len(fields[0].table)
    chosen = generator.choice(rows, min(decoys, rows // 2), replace=False)
    model = generator.integers(0, records, chosen.size)
    numbered = [encode(replace(one, dump=_with_decoys(one, chosen, model, generator))) for one in fields]
    of_record, first = _distinct([codes[:records] for _, codes, _ in numbered], numbered)
    of_row, first_row = _distinct([codes for _, _, codes in numbered], numbered)
    traits = tuple(
        Trait(
            one.dump_name if one.dump_name == one.table_name else f"{one.dump_name}/{one.table_name}",
            one.kind,
            one.claim,
            one.masked,
            values,
            np.concatenate([dump[first], dump[records:]]),
            table[first_row],
        )
        for one, (values, dump, table) in zip(fields, numbered, strict=True)
    )
    return People(traits, of_record, of_row, first_row.size, of_row[chosen])


def _with_decoys(field: Field, chosen: Places, model: Places, generator: np.random.Generator) -> pl.Series:
    """The dump's values, and behind them those of the decoys: blank where a record is, and here and there mistyped."""
    cells = field.table.gather(pl.Series(chosen))
    cells = cells.zip_with(field.dump.gather(pl.Series(model)).is_not_null(), pl.Series([None], dtype=pl.String))
    slipped = np.flatnonzero(generator.random(chosen.size) < _SLIPS)
    texts = cells.to_list()
    for place in slipped:
        texts[place] = _mistyped(texts[place], generator)
    return pl.concat([field.dump.alias("value"), pl.Series("value", texts, dtype=pl.String)])


_SLIPS: Final = 0.06
"""Share of a decoy's values that are mistyped, for a stranger's are too."""


def _mistyped(text: str | None, generator: np.random.Generator) -> str | None:
    """The text with one of its characters left out, doubled, swapped with the next, or replaced by another of them."""
    if text is None or len(text) < 3:
        return text
    place, other, kind = (int(generator.integers(bound)) for bound in (len(text), len(text), 4))
    letter = text[place]
    return (
        text[:place]
        + ("", letter * 2, text[place + 1 : place + 2] + letter, text[other])[kind]
        + (text[place + (2 if kind == 2 else 1) :])
    )


def encode(field: Field) -> tuple[pl.Series, Codes, Codes]:
    """The distinct values of both sides, and the place in them of every record's and every row's value, or -1."""
    both = pl.concat([field.dump.alias("value"), field.table.alias("value")])
    values = both.drop_nulls().unique(maintain_order=True)
    codes = _numbered(both, values)
    return values, codes[: len(field.dump)], codes[len(field.dump) :]


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


def _numbered(values: pl.Series, distinct: pl.Series | None = None) -> Codes:
    """The place of each value among the distinct ones, in the order in which they come; -1 for null."""
    if distinct is None:
        distinct = values.drop_nulls().unique(maintain_order=True)
    number = pl.DataFrame({"value": distinct}).with_row_index("code")
    coded = pl.DataFrame({"value": values}).join(number, on="value", how="left", maintain_order="left")
    return coded.get_column("code").cast(pl.Int32).fill_null(-1).to_numpy()


def _distinct(columns: Sequence[Codes], numbered: Sequence[tuple[pl.Series, Codes, Codes]]) -> tuple[Places, Places]:
    """(records,) person of each, and (people,) the first record of each.

    Records that tell the same are one person if hardly two people could tell all that: a name and a city are many.
    """
    bits = np.zeros(columns[0].size)
    for codes, (values, _, table) in zip(columns, numbered, strict=True):
        held = np.bincount(table[table >= 0], minlength=len(values))
        worth = np.log2(max(1, held.sum())) - np.log2(np.maximum(1, held))
        bits += np.where(codes >= 0, worth[codes], 0.0)
    rows = numbered[0][2].size
    one = bits >= np.log2(max(2, rows)) + _ROOM
    frame = pl.DataFrame({str(place): codes for place, codes in enumerate(columns)}).with_row_index("row")
    frame = frame.with_columns(own=pl.when(pl.Series(~one)).then(pl.col("row")))
    keyed = frame.with_columns(first=pl.col("row").min().over([name for name in frame.columns if name != "row"]))
    first, of = np.unique(keyed.get_column("first").to_numpy(), return_inverse=True)
    return of.astype(np.int64), first.astype(np.int64)


_ROOM: Final = 7.0
"""Bits beyond the number of people that records must tell to be taken for one person."""
