"""The people a dump is about, as sets of keyed tokens: one set for each kind of identifier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.identifiers.kinds import NUMBERING, Form, whole_forms
from tracer.identifiers.text import tidy
from tracer.intake.interface import ROW, Table
from tracer.intake.material import Material
from tracer.tokens import TokenKey, identifier_token
from tracer.vault.composites import clues

Tokens = NDArray[np.uint64]

RECORD: Final = "record"
"""Kind of dumps without identifiers: a record is known by all it says."""
KINDS: Final = (*NUMBERING, RECORD)
"""Kinds by which two dumps can be compared, the weightiest first."""


@dataclass(frozen=True, slots=True)
class Persons:
    """One dump as sets."""

    file: str
    sha256: str
    records: int
    rejected: int
    people: int
    """Distinct people by the kind that most records carry; records without it count one each."""
    sets: dict[str, Tokens]
    """Kind → distinct tokens, ascending."""
    carried: dict[str, float]
    """Kind → share of the records that have it."""


def persons(material: Material, key: TokenKey) -> Persons:
    """The sets of one dump.

    Args:
        material: what was read.
        key: of the tokens; dumps are comparable under one key.
    """
    reading = material.reading
    tokens: dict[str, list[pl.DataFrame]] = {}
    for table in reading.tables:
        for form in _forms(table):
            made = table.frame.select(ROW, token=identifier_token(form.expr, key, form.kind)).drop_nulls()
            tokens.setdefault(form.kind, []).append(made)
        row = table.frame.get_column(ROW)
        for kind, shown in clues(table.frame, _roles(table), key, mistyped=False).items():
            made = shown.tokens(key, kind)
            tokens.setdefault(kind, []).append(made.with_columns(row=row.gather(made.get_column(ROW))))
    joined = {kind: pl.concat(parts) for kind, parts in tokens.items()}
    sets = {kind: joined[kind].get_column("token").unique().sort().to_numpy() for kind in KINDS if kind in joined}
    carried = {kind: joined[kind].get_column(ROW).n_unique() / max(1, reading.records) for kind in sets}
    main = max(carried, key=lambda kind: carried[kind], default=None)
    people = reading.records
    if main is not None:
        people = sets[main].size + round(reading.records * (1 - carried[main]))
    found = {kind: one for kind, one in sets.items() if one.size}
    return Persons(material.name, material.sha256, reading.records, reading.rejected, people, found, carried)


def _roles(table: Table) -> list[tuple[str, str]]:
    return [(column.key, column.role.value) for column in table.columns]


def _forms(table: Table) -> Sequence[Form]:
    said = [tidy(pl.col(column.key)).str.to_lowercase().fill_null("") for column in table.columns]
    forms = whole_forms(_roles(table))
    return [*forms, Form(RECORD, pl.concat_str(said, separator="\x1f"))] if said else forms
