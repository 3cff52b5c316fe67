"""A dump becomes a sketch: keyed tokens of its cells, whole and masked, their quality, their order, its times.

Nothing of the dump's text leaves this module but as tokens under the key of the case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphs.lineage.sketch import Cells, Grade, Sketch
from tracer.identifiers import account, bank_card, email, national_id, person_name, phone, value
from tracer.identifiers.text import tidy
from tracer.intake.interface import ROW, Column, Reading, Role, Table
from tracer.lineage.measures import measured
from tracer.lineage.scars import scars
from tracer.tokens import TokenKey, identifier_token

KINDS: Final = ("phone", "national_id", "email", "bank_card", "account", "name_phone", "name_id")
"""Identifiers that join the rows of two dumps, in the order in which sketches hold them."""
_WEAK: Final = 3
"""Further kinds, for rows that have none of those: a name or a masked number with one other value each."""
_SHAPED: Final = frozenset({Role.ACCOUNT, Role.CODE, Role.BANK_CARD, Role.EMAIL})
"""Columns whose cells often all have one shape."""
_ONE_SHAPE: Final = 0.95
_MOST_ROWS: Final = 400_000
"""Rows beyond which a dump is sampled, by person."""
_TIMES: Final = frozenset({Role.DATE, Role.DATETIME})
_FUTURE: Final = ("到期", "还款", "应还", "截止", "due", "expire", "end", "rq_end")
"""Headers of days that lie ahead when a dump is made."""
_ORDERED: Final = 0.995
_NONE: Final = pl.lit(None, pl.String)


@dataclass(frozen=True, slots=True)
class _Made:
    """One column of a table, made ready."""

    role: Role
    normal: pl.Series
    """Its values in one writing, null where the cell is empty."""
    partial: pl.Series
    """What a masked writing shows, null where there is none."""
    grade: NDArray[np.uint8]
    identifier: pl.Series | None
    """Normal form of a kind of identifier, null where it is none."""


def sketch(reading: Reading, name: str, key: TokenKey, first_seen: date | None = None) -> Sketch:
    """Sketch a dump that intake has read.

    Args:
        reading: of the dump.
        name: what it is called in the lineage.
        key: of the case; sketches under different keys have nothing in common.
        first_seen: the latest day on which it can have been made.
    """
    made = [[_make(table.frame, column) for column in table.columns] for table in reading.tables]
    places = _places(made)
    roles = tuple(role.value for role, _ in places)
    rows = sum(table.frame.height for table in reading.tables)
    cells, partial = np.zeros((rows, len(roles)), np.uint32), np.zeros((rows, len(roles)), np.uint32)
    grades = np.zeros((rows, len(roles)), np.uint8)
    identifiers = np.zeros((rows, len(KINDS) + _WEAK), np.uint64)
    start = 0
    for table, columns in zip(reading.tables, made, strict=True):
        part = slice(start, start + table.frame.height)
        for column, place in zip(columns, _numbered(columns), strict=True):
            at = places.index(place)
            cells[part, at] = _short(column.normal, key, "cell")
            partial[part, at] = _short(column.partial, key, "partial")
            grades[part, at] = column.grade
        identifiers[part] = _identifiers(columns, key, table.frame.height)
        start += table.frame.height
    kept = _sample(identifiers)
    measures, ordinal = measured(reading.tables)
    return Sketch(
        name=name,
        records=rows,
        identifiers=identifiers[kept],
        strong=len(KINDS),
        roles=roles,
        cells=cells[kept],
        partial=partial[kept],
        grades=grades[kept],
        measures=measures[kept],
        ordinal=ordinal,
        sorted=any(_is_sorted(table) for table in reading.tables),
        scars=scars(reading),
        first_seen=first_seen,
        newest=_newest(reading.tables, first_seen),
        share=len(kept) / rows if rows else 1.0,
    )


def _numbered(columns: Sequence[_Made]) -> list[tuple[Role, int]]:
    """Each column as its role and how many of this role stand before it."""
    return [(one.role, sum(other.role is one.role for other in columns[:at])) for at, one in enumerate(columns)]


def _places(made: Sequence[Sequence[_Made]]) -> list[tuple[Role, int]]:
    """The columns of all tables of a dump together: several sheets of one shape are one table."""
    return list(dict.fromkeys(place for columns in made for place in _numbered(columns)))


def _make(frame: pl.DataFrame, column: Column) -> _Made:
    cell = pl.col(column.key)
    text = value.canonical(cell)
    match column.role:
        case Role.PHONE | Role.MASKED_PHONE:
            whole, masked = phone.normalise(cell), phone.normalise_masked(cell)
            text = _digits(cell)
            ends, right = phone.head_tail(pl.col("whole")), pl.lit(True)
        case Role.NATIONAL_ID | Role.MASKED_ID:
            whole, masked = national_id.normalise(cell), national_id.normalise_masked(cell)
            ends, right = national_id.head_tail(pl.col("whole")), national_id.valid(pl.col("whole"))
        case Role.NAME:
            return _name(frame, column)
        case Role.EMAIL:
            whole, masked, ends, right = email.normalise(cell), _NONE, _NONE, email.valid(pl.col("whole"))
        case Role.BANK_CARD:
            whole, masked, ends, right = bank_card.normalise(cell), _NONE, _NONE, bank_card.valid(pl.col("whole"))
        case Role.ACCOUNT:
            whole, masked, ends, right = account.normalise(cell), _NONE, _NONE, pl.lit(True)
        case _:
            return _plain(frame, column)
    made = frame.lazy().select(
        text.alias("text"), whole.alias("whole"), masked.alias("masked")
    ).with_columns(ends.alias("ends"), right.fill_null(False).alias("right")).collect()  # fmt: skip
    normal = made.select(pl.coalesce("whole", "masked", "text")).to_series()
    grade = np.full(frame.height, int(Grade.FAULTY), np.uint8)
    grade[(made["whole"].is_not_null() & made["right"]).to_numpy()] = Grade.WHOLE
    grade[(made["whole"].is_null() & made["masked"].is_not_null()).to_numpy()] = Grade.REDUCED
    grade[normal.is_null().to_numpy()] = Grade.EMPTY
    if column.role in _SHAPED:
        _mark_shapes(normal, grade)
    identifier = made["whole"] if column.role is not Role.ACCOUNT or _varied(normal) else None
    return _Made(column.role, normal, made.select(pl.coalesce("ends", "masked")).to_series(), grade, identifier)


def _digits(cell: pl.Expr) -> pl.Expr:
    """A damaged number without the accidents of its writing, so that the same damage is recognised in every format."""
    bare = tidy(cell).str.replace_all(r"[^0-9*]", "").str.replace(r"^(?:00)?86(1[3-9])", "${1}")
    return pl.when(bare.str.len_bytes() > 0).then(bare).otherwise(value.canonical(cell))


def _name(frame: pl.DataFrame, column: Column) -> _Made:
    """A name; 张** is masked and shows its first character."""
    normal = frame.select(person_name.normalise(pl.col(column.key)).alias("name")).to_series()
    masked = normal.str.contains(r"[*＊xX×某]").fill_null(value=False).to_numpy()
    grade = np.where(masked, int(Grade.REDUCED), int(Grade.WHOLE)).astype(np.uint8)
    grade[normal.is_null().to_numpy()] = Grade.EMPTY
    return _Made(column.role, normal, normal.str.slice(0, 1), grade, None)


def _plain(frame: pl.DataFrame, column: Column) -> _Made:
    normal = frame.select(value.canonical(pl.col(column.key)).alias("cell")).to_series()
    grade = np.where(normal.is_null().to_numpy(), int(Grade.EMPTY), int(Grade.WHOLE)).astype(np.uint8)
    if column.role in _SHAPED:
        _mark_shapes(normal, grade)
    return _Made(column.role, normal, pl.Series(normal.name, [None] * len(normal), pl.String), grade, None)


def _mark_shapes(normal: pl.Series, grade: NDArray[np.uint8]) -> None:
    """Where nearly all cells have one length and plain letters, the others are damaged."""
    shape = normal.str.len_chars().cast(pl.Int64) * 2 + normal.str.contains(r"[^\x21-\x7e]").cast(pl.Int64)
    counts = shape.drop_nulls().value_counts(sort=True)
    if counts.height > 1 and int(counts["count"][0]) >= _ONE_SHAPE * len(shape.drop_nulls()):
        odd = (shape != counts.item(0, 0)).fill_null(value=False).to_numpy()
        grade[odd & (grade == Grade.WHOLE)] = Grade.FAULTY


def _varied(normal: pl.Series) -> bool:
    """Whether an account name tells people apart here."""
    told = normal.drop_nulls()
    return len(told) > 0 and told.n_unique() > 0.9 * len(told)


def _short(text: pl.Series, key: TokenKey, purpose: str) -> Cells:
    token = text.alias("text").to_frame().select(identifier_token(pl.col("text"), key, f"lineage/{purpose}"))
    wide = token.to_series().fill_null(0).to_numpy()
    low = (wide & np.uint64(0xFFFFFFFF)).astype(np.uint32)
    return np.where((wide != 0) & (low == 0), np.uint32(1), low)


def _identifiers(columns: Sequence[_Made], key: TokenKey, rows: int) -> NDArray[np.uint64]:
    tokens = np.zeros((rows, len(KINDS) + _WEAK), np.uint64)
    for column in columns:
        kind = column.role.value
        if column.identifier is not None and kind in KINDS:
            _fill(tokens, KINDS.index(kind), column.identifier, key, kind)
    names = next((column for column in columns if column.role is Role.NAME), None)
    for kind, roles in (
        ("name_phone", (Role.PHONE, Role.MASKED_PHONE)),
        ("name_id", (Role.NATIONAL_ID, Role.MASKED_ID)),
    ):
        shown = next((column for column in columns if column.role in roles), None)
        if names is not None and shown is not None:
            _fill(tokens, KINDS.index(kind), _joined(names.normal, shown.partial), key, kind)
    _weak(tokens, columns, names, key)
    return tokens


def _weak(tokens: NDArray[np.uint64], columns: Sequence[_Made], names: _Made | None, key: TokenKey) -> None:
    """A name or masked number with each of a row's most telling other values, for dumps that have nothing better."""
    masked = next((one for one in columns if one.role in {Role.MASKED_PHONE, Role.MASKED_ID, Role.PHONE}), None)
    values = [one for one in columns if one.identifier is None and one.role is not Role.NAME]
    values = sorted(values, key=lambda one: -one.normal.n_unique())[:_WEAK]
    head = masked.partial if masked is not None and names is None else names.normal if names is not None else None
    if head is None:
        return
    for place, other in enumerate(values):
        # The role is left out: a limit in one dump may pass for an amount in another.
        _fill(tokens, len(KINDS) + place, _joined(head, other.normal), key, "weak")


def _joined(first: pl.Series, second: pl.Series) -> pl.Series:
    return first.alias("a").to_frame().with_columns(second.alias("b")).select(
        pl.concat_str("a", "b", separator="|")
    ).to_series()  # fmt: skip


def _fill(tokens: NDArray[np.uint64], place: int, text: pl.Series, key: TokenKey, kind: str) -> None:
    """Set the tokens of one kind where none is yet: a second phone column helps rows that lack the first."""
    made = text.alias("text").to_frame().select(identifier_token(pl.col("text"), key, f"lineage/{kind}"))
    fresh = made.to_series().fill_null(0).to_numpy()
    tokens[:, place] = np.where(tokens[:, place] == 0, fresh, tokens[:, place])


def _sample(identifiers: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Rows that are kept: all, or of a very large dump those whose least token is small, alike in every dump."""
    if len(identifiers) <= _MOST_ROWS:
        return np.arange(len(identifiers), dtype=np.int64)
    halvings = int(np.ceil(np.log2(len(identifiers) / _MOST_ROWS)))
    first = np.where(identifiers[:, 0] != 0, identifiers[:, 0], identifiers[:, 1])
    return np.flatnonzero(first >> np.uint64(64 - halvings) == 0).astype(np.int64)


def _is_sorted(table: Table) -> bool:
    """Whether the rows stand in the order of some column that tells rows apart."""
    for column in table.columns:
        cells = table.frame.select(tidy(pl.col(column.key)).alias("text"))
        number = cells.select(value.number(pl.col("text"))).to_series()
        series = number if number.null_count() < 0.05 * len(number) else cells.to_series()
        told = series.drop_nulls()
        if len(told) < 30 or told.n_unique() < 0.1 * len(told):
            continue
        after = told.shift(-1)
        steps = len(told) - 1
        rising, falling = int((after >= told).sum()) / steps, int((after <= told).sum()) / steps
        if max(rising, falling) >= _ORDERED:
            return True
    return False


def _newest(tables: Sequence[Table], first_seen: date | None) -> date | None:
    """The latest day that the rows themselves tell of, three rows at least; None if they tell of days ahead."""
    found: list[date] = []
    for table in tables:
        for column in table.columns:
            if column.role not in _TIMES or any(word in column.name.lower() for word in _FUTURE):
                continue
            days = table.frame.select(value.day(pl.col(column.key))).to_series().drop_nulls().sort(descending=True)
            if len(days) >= 30:
                found.append(days[2])
    newest = max(found, default=None)
    return None if newest and first_seen and newest > first_seen else newest


__all__ = ["KINDS", "ROW", "sketch"]
