"""A dump made ready for linking: the tokens of its identifiers, and its other values in canonical form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from tracer.identifiers import value
from tracer.identifiers.kinds import composite_forms, whole_forms
from tracer.intake.interface import Table
from tracer.tokens import TokenKey, identifier_token
from tracer.vault.snapshot import is_claim


@dataclass(frozen=True, slots=True)
class Value:
    """One column of a dump that holds something other than identifiers. Clear text: it never leaves memory."""

    name: str
    role: str
    text: pl.DataFrame
    """`row` UInt32 (ordered), `text` Utf8: canonical values, without nulls."""


@dataclass(frozen=True, slots=True)
class Dump:
    """The records of a dump, ready for linking."""

    records: int
    identifiers: dict[str, pl.DataFrame]
    """Kind → (`row` UInt32, `token` UInt64) ordered by token."""
    values: tuple[Value, ...]

    @property
    def main_kind(self) -> str | None:
        """The kind of identifier that most records carry."""
        return max(self.identifiers, key=lambda kind: self.identifiers[kind].get_column("row").n_unique(), default=None)


def prepare(tables: Sequence[Table], key: TokenKey, *, composites: bool) -> Dump:
    """Tokenise the identifiers of a dump and bring its other values into canonical form.

    Args:
        tables: what intake read.
        key: the vault's key.
        composites: also make the composite kinds from whole phone numbers and IDs, for platforms that hold masked ones.
    """
    tokens: dict[str, list[pl.DataFrame]] = {}
    values: list[Value] = []
    for table in tables:
        roles = [(column.key, column.role.value) for column in table.columns]
        forms = [*whole_forms(roles), *composite_forms(roles, masked=True)]
        forms += composite_forms(roles, masked=False) if composites else []
        held = [column for column in table.columns if is_claim(column.role.value)]
        wide = table.frame.lazy().select(
            "row",
            *(identifier_token(form.expr, key, form.kind).alias(f"i{place}") for place, form in enumerate(forms)),
            *(value.canonical(pl.col(column.key)).alias(f"v{place}") for place, column in enumerate(held)),
        )
        made = wide.collect()
        for place, form in enumerate(forms):
            tokens.setdefault(form.kind, []).append(made.select("row", token=f"i{place}").drop_nulls())
        for place, column in enumerate(held):
            values.append(Value(column.name, column.role.value, made.select("row", text=f"v{place}").drop_nulls()))
    identifiers = {kind: pl.concat(parts).unique().sort("token", "row") for kind, parts in tokens.items()}
    return Dump(
        records=sum(table.frame.height for table in tables),
        identifiers={kind: frame for kind, frame in identifiers.items() if frame.height},
        values=tuple(one for one in values if one.text.height),
    )
