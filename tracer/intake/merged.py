"""Cells in which several things stand together (张三13800000000, a line typed by hand) give a column of each thing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from tracer.identifiers import national_id, person_name, phone
from tracer.identifiers.text import tidy
from tracer.intake.interface import Column, Role
from tracer.intake.mentions import EMAIL, MASKED_ID, MASKED_PHONE, NAME, first_phone, identity

_LOOKED_AT = 200
"""How many columns are looked at: no table of people has more."""
_LEAST = 0.3
"""Least share of a column's cells that must hold a thing for it to be taken out."""
_MIXED = {Role.TEXT, Role.OTHER, Role.NAME, Role.ADDRESS, Role.CODE, Role.ACCOUNT, Role.PRODUCT, Role.REGION}
_SAID: dict[Role, str] = {
    Role.PHONE: "mobile numbers", Role.MASKED_PHONE: "masked mobile numbers", Role.NATIONAL_ID: "identity numbers",
    Role.MASKED_ID: "masked identity numbers", Role.EMAIL: "e-mail addresses", Role.NAME: "personal names",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to be taken out of a column."""

    source: str
    column: Column

    def taken(self) -> pl.Expr:
        """It, out of each cell; null where there is none."""
        return _EXPRESSIONS[self.column.role](pl.col(self.source)).alias(self.column.key)


_EXPRESSIONS: dict[Role, Callable[[pl.Expr], pl.Expr]] = {
    Role.PHONE: first_phone,
    Role.MASKED_PHONE: lambda e: phone.normalise_masked(tidy(e).str.extract(MASKED_PHONE, 1)),
    Role.NATIONAL_ID: identity,
    Role.MASKED_ID: lambda e: national_id.normalise_masked(tidy(e).str.extract(MASKED_ID, 1)),
    Role.EMAIL: lambda e: e.str.extract(EMAIL, 1),
    Role.NAME: lambda e: _name(e),  # noqa: PLW0108 (it is defined below)
}


def parts_of(sample: pl.DataFrame, columns: Sequence[Column]) -> tuple[Part, ...]:
    """What is to be taken out of the columns of a table, judged by a sample of its records."""
    taken: list[Part] = []
    number = len(columns)
    for column in columns[:_LOOKED_AT]:
        if column.role not in _MIXED or column.key not in sample.columns:
            continue
        cells = sample.select(pl.col(column.key).drop_nulls()).to_series()
        rich = cells.str.len_chars() >= 8
        if not len(cells) or (rich.sum() or 0) < _LEAST * len(cells):
            continue
        frame = cells.alias("cell").to_frame()
        found = frame.select(
            expression(pl.col("cell")).is_not_null().mean().alias(str(role))
            for role, expression in _EXPRESSIONS.items()
        )
        shares = {role: float(found[str(role)][0] or 0) for role in _EXPRESSIONS}
        identifying = max(share for role, share in shares.items() if role is not Role.NAME)
        for role, share in shares.items():
            if share >= _LEAST and (
                role is not Role.NAME or (identifying >= _LEAST and column.role is not Role.ADDRESS)
            ):
                why = f"taken out of {share:.0%} of the cells of {column.name}: {_SAID[role]}"
                taken.append(Part(column.key, Column(f"c{number}", f"{column.name} ({role})", role, why)))
                number += 1
    return tuple(taken)


def _name(e: pl.Expr) -> pl.Expr:
    labelled = e.str.extract(NAME, 1)
    bare = e.str.extract(r"(?:^|[^\p{L}\p{N}])(\p{Han}{2,4})(?:$|[^\p{L}])", 1)
    second = e.str.extract(r"[^\p{L}\p{N}](\p{Han}{2,4})(?:$|[^\p{L}])", 1)
    last = e.str.extract(r"(\p{Han}{2,4})$", 1)
    return pl.coalesce(*(pl.when(person_name.valid(one)).then(one) for one in (labelled, bare, second, last)))
