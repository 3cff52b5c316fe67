"""What is in a dump: how many different people it could be about, before anything is matched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

from tracer.identifiers import national_id, person_name, phone
from tracer.intake.interface import Column, Reading, Role, Table
from tracer.settings import DEFAULT, Settings

_ALIKE = {Role.PHONE, Role.MASKED_PHONE}, {Role.NATIONAL_ID, Role.MASKED_ID}
_SEARCHED = {
    Role.NAME,
    Role.ACCOUNT,
    Role.EMAIL,
    Role.ADDRESS,
    Role.PRODUCT,
    Role.TEXT,
    Role.OTHER,
    *_ALIKE[0],
    *_ALIKE[1],
}
"""Roles whose cells may hold a phone or an ID among other text; digits in the others are sums, days and codes."""

_RUN = "[0-9A-Za-z]{11,18}"
_SPACED = r"1[3-9][0-9][ -][0-9]{4}[ -][0-9]{4}"
_MASKED_RUN = r"1[3-9][0-9]\*{4}[0-9]{4}"


@dataclass(frozen=True, slots=True)
class Inventory:
    """How many different valid identifiers of each kind a dump holds."""

    phones: int
    """Full mobile numbers, normalised."""
    masked_phones: int
    ids: int
    """Whole identity numbers with a real province, a possible birth date and the right check character."""
    names: int


def take(reading: Reading, settings: Settings = DEFAULT) -> Inventory:
    """Count the identifiers of the whole reading: those of columns that mean them, and those found in other text."""
    found: dict[str, list[pl.Series]] = {"phones": [], "masked": [], "ids": [], "names": []}
    for table in reading.tables:
        for kind, values in _identifiers(table, settings.region):
            found[kind].append(values.drop_nulls().unique())
    phones, masked, ids, names = (pl.concat(parts).n_unique() if parts else 0 for parts in found.values())
    return Inventory(phones, masked, ids, names)


def phones(reading: Reading, settings: Settings = DEFAULT) -> frozenset[str]:
    """Every different full phone number, normalised: those of columns that mean them and those in other text."""
    found = (
        values.drop_nulls().unique()
        for table in reading.tables
        for kind, values in _identifiers(table, settings.region)
        if kind == "phones"
    )
    return frozenset(number for values in found for number in values)


def examples(table: Table) -> dict[str, str]:
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
            text = table.frame.head(100).select(mask(pl.col(column.key))).to_series().drop_nulls()
            shown[column.key] = str(text[0]) if len(text) else ""
    return shown


def _identifiers(table: Table, region: str) -> Iterator[tuple[str, pl.Series]]:
    for column in table.columns:
        cells = table.frame[column.key].drop_nulls().unique()
        if column.role in _ALIKE[0]:
            yield "phones", _made(cells, phone.normalise(_cell(cells), region))
            yield "masked", _made(cells, phone.normalise_masked(_cell(cells)))
        elif column.role in _ALIKE[1]:
            yield "ids", _ids(cells)
        elif column.role is Role.NAME:
            yield (
                "names",
                _made(cells, pl.when(person_name.valid(_cell(cells))).then(person_name.normalise(_cell(cells)))),
            )
        if column.role in _SEARCHED:
            yield from _in_text(column, cells)


def _in_text(column: Column, cells: pl.Series) -> Iterator[tuple[str, pl.Series]]:
    """Phones and IDs that stand among other text."""
    rich = cells.filter(cells.str.count_matches("[0-9]") >= 7)
    if rich.is_empty():
        return
    runs = rich.str.extract_all(_RUN).explode().drop_nulls().unique()
    if column.role not in _ALIKE[1]:
        whole = runs.filter(runs.str.contains("^(?:86)?1[3-9][0-9]{9}$"))
        spaced = rich.str.extract_all(_SPACED).explode().drop_nulls()
        yield "phones", _made(whole, phone.normalise(_cell(whole)))
        yield "phones", _made(spaced, phone.normalise(_cell(spaced)))
        yield "masked", rich.str.extract_all(_MASKED_RUN).explode().drop_nulls()
    if column.role not in _ALIKE[0]:
        yield "ids", _ids(runs.filter(runs.str.len_bytes().is_in([15, 18])))


def _ids(cells: pl.Series) -> pl.Series:
    return _made(cells, pl.when(national_id.valid(_cell(cells))).then(national_id.normalise(_cell(cells))))


def _cell(cells: pl.Series) -> pl.Expr:
    return pl.col(cells.name)


def _made(cells: pl.Series, made: pl.Expr) -> pl.Series:
    return cells.to_frame().select(made.alias("made")).to_series()
