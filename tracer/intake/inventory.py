"""What is in a dump: how many different people it could be about, before anything is matched."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from tracer.identifiers import national_id, person_name, phone
from tracer.intake.interface import Column, Reading, Role
from tracer.intake.mentions import identities_in, masked_phones_in, phones_in
from tracer.intake.reading import Outline, Survey
from tracer.settings import DEFAULT, Settings

_ALIKE = {Role.PHONE, Role.MASKED_PHONE}, {Role.NATIONAL_ID, Role.MASKED_ID}
_SEARCHED = {Role.ACCOUNT, Role.EMAIL, Role.ADDRESS, Role.PRODUCT, Role.TEXT, Role.OTHER}
"""Roles whose cells may hold a phone or an ID among other text; digits in the others are sums, days and codes."""


_FOLDED = 60
"""How many sets of hashes are kept before they are made one."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """How many different valid identifiers of each kind a dump holds."""

    phones: int
    """Full mobile numbers, normalised."""
    masked_phones: int
    ids: int
    """Whole identity numbers with a real province, a possible birth date and the right check character."""
    names: int


def take(found: Reading | Survey, settings: Settings = DEFAULT) -> Inventory:
    """Count the identifiers of the whole: those of columns that mean them, and those found in other text.

    Distinct ones are told by a 64-bit hash each, so that a dump of any size is counted in little memory. Of a hundred
    million of them less than one is expected to be taken for another.
    """
    seen: dict[str, list[pl.Series]] = {"phones": [], "masked": [], "ids": [], "names": []}
    for table in found.tables:
        frames = table.frames() if isinstance(table, Outline) else table.frame.iter_slices(500_000)
        for frame in frames:
            for kind, values in _identifiers(frame, table.columns, settings.region):
                seen[kind].append(values.drop_nulls().unique().hash(seed=1))
            for kind, parts in seen.items():
                if len(parts) > _FOLDED:
                    seen[kind] = [pl.concat(parts).unique()]
    phones, masked, ids, names = (pl.concat(parts).n_unique() if parts else 0 for parts in seen.values())
    return Inventory(phones, masked, ids, names)


def phones(reading: Reading, settings: Settings = DEFAULT) -> frozenset[str]:
    """Every different full phone number, normalised: those of columns that mean them and those in other text."""
    found = (
        values.drop_nulls().unique()
        for table in reading.tables
        for kind, values in _identifiers(table.frame, table.columns, settings.region)
        if kind == "phones"
    )
    return frozenset(number for values in found for number in values)


def examples(table: Outline) -> dict[str, str]:
    """One cell of each column with an identifying role, masked: column key → text."""
    masks: dict[Role, Callable[[pl.Expr], pl.Expr]] = {
        Role.PHONE: lambda e: phone.mask(phone.normalise(e)),
        Role.MASKED_PHONE: phone.normalise_masked,
        Role.NATIONAL_ID: lambda e: national_id.mask(national_id.normalise(e)),
        Role.MASKED_ID: national_id.normalise_masked,
        Role.NAME: lambda e: person_name.mask(person_name.normalise(e)),
    }
    shown = {}
    for column in table.columns:
        mask = masks.get(column.role)
        if mask is not None:
            text = table.sample.head(100).select(mask(pl.col(column.key))).to_series().drop_nulls()
            shown[column.key] = str(text[0]) if len(text) else ""
    return shown


def _identifiers(frame: pl.DataFrame, columns: Sequence[Column], region: str) -> Iterator[tuple[str, pl.Series]]:
    cell = pl.col("cell")
    cells = _together(frame, columns, _ALIKE[0])
    made = cells.to_frame().select(whole=phone.normalise(cell, region), masked=phone.normalise_masked(cell))
    yield "phones", made["whole"]
    yield "masked", made["masked"]
    yield from _in_text(cells.filter(made["whole"].is_null() & made["masked"].is_null()))
    cells = _together(frame, columns, _ALIKE[1])
    made = cells.to_frame().select(whole=national_id.normalise(cell), valid=national_id.valid(cell))
    yield "ids", made["whole"].filter(made["valid"])
    yield from _in_text(cells.filter(~made["valid"]))
    cells = _together(frame, columns, {Role.NAME})
    valid = cells.to_frame().select(pl.when(person_name.valid(cell)).then(person_name.normalise(cell)))
    yield "names", valid.to_series()
    yield from _in_text(cells)
    yield from _in_text(_together(frame, columns, _SEARCHED))


def _together(frame: pl.DataFrame, columns: Sequence[Column], roles: set[Role]) -> pl.Series:
    """The distinct cells of all columns of these roles."""
    found = [frame[column.key].drop_nulls().alias("cell") for column in columns if column.role in roles]
    if not found:
        return pl.Series("cell", [], dtype=pl.String)
    return (pl.concat(found) if len(found) > 1 else found[0]).unique()


def _in_text(cells: pl.Series) -> Iterator[tuple[str, pl.Series]]:
    """Phones and IDs that stand among other text."""
    rich = cells.filter(cells.str.len_bytes() >= 11)
    rich = rich.filter(
        rich.str.contains("[0-9０-９].*[0-9０-９].*[0-9０-９].*[0-9０-９].*[0-9０-９].*[0-9０-９].*[0-9０-９]")
    )
    if rich.is_empty():
        return
    yield "phones", phones_in(rich)
    yield "masked", masked_phones_in(rich)
    yield "ids", identities_in(rich)
