"""Which row of a new snapshot is which customer the platform had before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.identifiers.kinds import NUMBERING
from tracer.tokens import by_token
from tracer.vault.numbering import NOBODY, marked, number_rows

DECISIVE: Final = "national_id"
"""The kind that decides: under one phone number, two people with different ones are two."""


def number_customers(
    identifiers: dict[str, pl.DataFrame], rows: int, known: dict[str, pl.DataFrame], first: int
) -> pl.Series:
    """Give every row of a snapshot the number of the customer it is about.

    Rows that share their weightiest identifier are one customer (a table of loans has a customer many times), and so
    is a row that lacks it and shares a lighter one with them. A customer is one who was there before if the weightiest
    identifier that both have is the same; a phone number that passed from one national ID to another makes a new
    customer. Rows without any identifier get no number.

    Args:
        identifiers: kind → (`row`, `token`) of the new snapshot.
        rows: how many rows it has.
        known: kind → (`token`, `person`), each token once, of the customers there were.
        first: the first free number.

    Returns:
        UInt32 of length `rows`; null for rows without an identifier.
    """
    kinds = [kind for kind in NUMBERING if kind in identifiers]
    if not known and not first:
        return _of_first(identifiers, rows)
    wide = pl.DataFrame({"row": pl.Series(range(rows), dtype=pl.UInt32)})
    for kind in kinds:
        one_each = identifiers[kind].unique("row", keep="first", maintain_order=True)
        wide = wide.join(one_each.rename({"token": kind}), on="row", how="left", maintain_order="left")
    if not kinds:
        return pl.Series("person", [None] * rows, dtype=pl.UInt32)
    wide = wide.with_columns(
        holder=pl.coalesce(pl.when(pl.col(kind).is_not_null()).then(pl.lit(place)) for place, kind in enumerate(kinds)),
        handle=pl.coalesce(kinds),
    )
    wide = _owned(wide, kinds)
    customers = wide.drop_nulls("handle").group_by("holder", "handle", maintain_order=True)
    people = customers.agg(pl.col(kind).drop_nulls().first() for kind in kinds)
    people = _recognise(people, kinds, known).with_columns(person=_fill_new(pl.col("person"), first))
    numbered = wide.join(
        people.select("holder", "handle", "person"), on=["holder", "handle"], how="left", maintain_order="left"
    )
    return numbered.get_column("person")


@dataclass(frozen=True, slots=True)
class _Held:
    """Tokens of one kind in memory, as `number_rows` takes them."""

    tokens: pl.DataFrame

    def __len__(self) -> int:
        return self.tokens.height

    def ordered(self) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.uint32]]]:
        marks = self.tokens.with_columns(row=pl.Series(marked(self.tokens.get_column("row").to_numpy())))
        ordered = by_token(marks)
        yield ordered.get_column("token").to_numpy(), ordered.get_column("row").to_numpy()


def _of_first(identifiers: dict[str, pl.DataFrame], rows: int) -> pl.Series:
    """The numbers of the customers of a first snapshot."""
    number = number_rows({kind: _Held(tokens) for kind, tokens in identifiers.items()}, rows)
    if number is None:
        return pl.Series("person", np.arange(rows, dtype=np.uint32))
    return pl.Series("person", number).set(pl.Series(number == NOBODY), None)


def _owned(wide: pl.DataFrame, kinds: list[str]) -> pl.DataFrame:
    """Give rows that lack what names their customer elsewhere the `holder` and `handle` of the rows that have it."""
    for place, kind in enumerate(kinds):
        lacking = pl.col("holder") == place
        if not wide.select(lacking.any()).item():
            continue
        owners = wide.filter(pl.col("holder") < place).drop_nulls(kind).unique(kind, keep="first", maintain_order=True)
        owners = owners.select(kind, owner="holder", name="handle")
        owned = lacking & pl.col("owner").is_not_null()
        wide = wide.join(owners, on=kind, how="left", maintain_order="left").with_columns(
            holder=pl.when(owned).then("owner").otherwise("holder"),
            handle=pl.when(owned).then("name").otherwise("handle"),
        )
        wide = wide.drop("owner", "name")
    return wide


def _fill_new(person: pl.Expr, first: int) -> pl.Expr:
    new = person.is_null()
    return pl.when(new).then(new.cum_sum() + (first - 1)).otherwise(person).cast(pl.UInt32)


def _recognise(people: pl.DataFrame, kinds: list[str], known: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Add `person` (UInt32, null for a new customer) to a snapshot's people, the weightiest kind deciding first."""
    people = people.with_columns(person=pl.lit(None, pl.UInt32))
    with_id = known.get(DECISIVE)
    for kind in kinds:
        if kind not in known:
            continue
        found = people.filter(pl.col("person").is_null()).join(
            known[kind].rename({"token": kind, "person": "match"}), on=kind, how="inner", maintain_order="left"
        )
        if kind != DECISIVE and DECISIVE in people.columns and with_id is not None:
            # Both have an ID, and it was not the same one: another person under the same number.
            foreign = pl.col(DECISIVE).is_not_null() & pl.col("match").is_in(with_id.get_column("person").implode())
            found = found.filter(~foreign)
        taken = people.get_column("person").drop_nulls()
        found = found.filter(~pl.col("match").is_in(taken.implode()))
        found = found.unique("match", keep="first", maintain_order=True).select("holder", "handle", "match")
        people = people.join(found, on=["holder", "handle"], how="left", maintain_order="left").with_columns(
            person=pl.coalesce("person", "match")
        )
        people = people.drop("match")
    return people
