"""Which column of a dump holds what which column of the table holds: by role, header and the values they share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import polars as pl

from tracer.identifiers import value
from tracer.identifiers.text import tidy
from tracer.intake.headers import hinted
from tracer.intake.interface import OFFSET, ROW, Column, Reading, Role


class Kind(StrEnum):
    """How two values are compared."""

    PHONE = "phone"
    NATIONAL_ID = "national_id"
    EMAIL = "email"
    NAME = "name"
    DATE = "date"
    NUMBER = "number"
    CODE = "code"
    TEXT = "text"


CLAIMS: Final = frozenset({Role.PRODUCT, Role.AMOUNT, Role.LIMIT, Role.DATETIME})
"""Roles that say what happened between a platform and its customer, and not who the customer is."""

_SAME_THING: Final = {Role.MASKED_PHONE: Role.PHONE, Role.MASKED_ID: Role.NATIONAL_ID}
_SPEAKING: Final = frozenset({Role.PHONE, Role.NATIONAL_ID, Role.EMAIL, Role.BANK_CARD})
"""Roles that values prove: a column of one of them is never paired with a column of another."""
_TELLING: Final = _SPEAKING | {Role.NAME, Role.ADDRESS, Role.BIRTH_DATE, Role.ACCOUNT, *CLAIMS}
_VALUES: Final = 20_000
"""Distinct values of a column by which it is compared with others."""
_PHRASE: Final = re.compile(r"[\W_]+")
_HEADLESS: Final = re.compile(r"column \d+")
_HEADER, _HINT, _ROLE, _SHARED = 3.0, 1.5, 2.0, 4.0
_ENOUGH: Final = 1.0
_MOMENTS, _NUMBERS = 0.5, 0.7


@dataclass(frozen=True, slots=True)
class Sheet:
    """All tables of one reading laid together: columns with the same header are one column."""

    columns: tuple[Column, ...]
    frame: pl.DataFrame
    """`row`, `offset` and a text column for each of `columns`."""


@dataclass(frozen=True, slots=True)
class Aligned:
    """A column of the dump and the column of the table that holds the same."""

    dump: Column
    table: Column
    kind: Kind
    claim: bool
    """Whether it says what happened with the customer, rather than who that is."""


def laid_together(reading: Reading) -> Sheet:
    """All tables of a reading as one."""
    columns: dict[str, Column] = {}
    parts = []
    for table in reading.tables:
        named: dict[str, int] = {}
        chosen = []
        for column in table.columns:
            named[column.name] = named.get(column.name, 0) + 1
            place = f"{column.name}\n{named[column.name]}"
            known = columns.setdefault(place, Column(f"c{len(columns)}", column.name, column.role, column.why))
            chosen.append(pl.col(column.key).alias(known.key))
        parts.append(table.frame.select(ROW, OFFSET, *chosen))
    frame = pl.concat(parts, how="diagonal") if parts else pl.DataFrame(schema={ROW: pl.UInt32, OFFSET: pl.Int64})
    return Sheet(tuple(columns.values()), frame.select(ROW, OFFSET, *(one.key for one in columns.values())))


def align(dump: Sheet, table: Sheet) -> tuple[Aligned, ...]:
    """Pair the columns of a dump with those of a table, each at most once, the surest pairs first."""
    ours = [one for one in dump.columns if not _counts(dump.frame[one.key])]
    theirs = list(table.columns)
    values = {id(one): _values(dump.frame[one.key]) for one in ours}
    values |= {id(one): _values(table.frame[one.key]) for one in theirs}
    scores = [
        (_likeness(one, other, values[id(one)], values[id(other)], (ours, theirs)), -i, -j, one, other)
        for i, one in enumerate(ours)
        for j, other in enumerate(theirs)
    ]
    scores.sort(key=lambda each: each[:3], reverse=True)
    taken: set[int] = set()
    pairs = []
    for score, _, _, one, other in scores:
        if score < _ENOUGH or id(one) in taken or id(other) in taken:
            continue
        taken |= {id(one), id(other)}
        kind = _kind(one, other, dump.frame[one.key], table.frame[other.key])
        pairs.append(Aligned(one, other, kind, _is_claim(one, other)))
    order = {id(one): place for place, one in enumerate(ours)}
    return tuple(sorted(pairs, key=lambda pair: order[id(pair.dump)]))


def _role(column: Column) -> Role:
    return _SAME_THING.get(column.role, column.role)


def _likeness(
    one: Column, other: Column, values: pl.Series, others: pl.Series, sides: tuple[Sequence[Column], Sequence[Column]]
) -> float:
    role = _role(one)
    speaking = 0 if role == _role(other) else len({role, _role(other)} & _SPEAKING)
    if speaking == 2:
        return 0.0
    score = 0.0
    header = _PHRASE.sub("", one.name.casefold())
    named = not _HEADLESS.fullmatch(one.name)
    if named and header and header == _PHRASE.sub("", other.name.casefold()):
        score += _HEADER
    elif hinted(one.name) is not None and hinted(one.name) == hinted(other.name):
        score += _HINT
    elif speaking:
        return 0.0  # z***@qq.com is no e-mail address, but its header may say so
    if role == _role(other) and role in _TELLING:
        alone = all(sum(_role(each) == role for each in side) == 1 for side in sides)
        score += _ROLE if alone else _ROLE / 3
    shared = float(values.is_in(others.implode()).to_numpy().sum()) if len(values) and len(others) else 0.0
    return score + _SHARED * shared / max(1, min(len(values), len(others)))


def _values(cells: pl.Series) -> pl.Series:
    """Distinct values of a column; of many, those with the smallest digests, so that two samples hold the same ones."""
    distinct = cells.drop_nulls().unique()
    if len(distinct) > _VALUES:
        distinct = distinct.gather(distinct.hash().arg_sort()[:_VALUES])
    return distinct.to_frame().select(tidy(pl.col(cells.name)).str.to_lowercase()).to_series().drop_nulls().unique()


def _counts(cells: pl.Series) -> bool:
    """Whether a column merely numbers its records: 1, 2, 3 …"""
    number = cells.cast(pl.Int64, strict=False)
    steps = number.diff().drop_nulls()
    return len(steps) > 1 and number.null_count() == 0 and bool((steps == 1).all())


def _is_claim(one: Column, other: Column) -> bool:
    """Whether a header of either side says, as the values do, that this is about a transaction."""
    return any(each.role in CLAIMS and hinted(each.name) == each.role for each in (one, other))


def _kind(one: Column, other: Column, ours: pl.Series, theirs: pl.Series) -> Kind:
    roles = {_role(one), _role(other)}
    for role, kind in ((Role.PHONE, Kind.PHONE), (Role.NATIONAL_ID, Kind.NATIONAL_ID), (Role.EMAIL, Kind.EMAIL)):
        if role in roles:
            return kind
    if roles & {Role.BANK_CARD, Role.ACCOUNT} and Role.NAME not in roles and _coded(ours) and _coded(theirs):
        return Kind.CODE
    if all(_share(cells, value.moment(pl.col(cells.name)).is_not_null()) >= _MOMENTS for cells in (ours, theirs)):
        return Kind.DATE
    hints = {hinted(one.name), hinted(other.name)}
    sums = {Role.AMOUNT, Role.LIMIT, Role.AGE}
    if hints & sums and all(
        _share(cells, value.number(pl.col(cells.name)).is_not_null()) >= _NUMBERS for cells in (ours, theirs)
    ):
        return Kind.NUMBER
    if _coded(ours) and _coded(theirs):
        return Kind.CODE
    return Kind.NAME if roles == {Role.NAME} or Role.NAME in hints else Kind.TEXT


def _coded(cells: pl.Series) -> bool:
    """Whether most values have digits in most of their places."""
    cell = pl.col(cells.name)
    return _share(cells, cell.str.count_matches(r"[0-9０-９]") * 2 >= cell.str.len_chars()) >= _NUMBERS


def _share(cells: pl.Series, holds: pl.Expr) -> float:
    sample = cells.drop_nulls()
    sample = sample.gather_every(max(1, len(sample) // 1_000))
    share = sample.to_frame().select(holds.mean()).item()
    return float(share or 0.0)
