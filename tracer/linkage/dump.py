"""A dump made ready for linking: tokens of its identifiers, and keyed digests of its other values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.engines.here import HERE
from tracer.engines.interface import Engine
from tracer.identifiers import account, value
from tracer.identifiers.kinds import COMPOSITE, EVERYWHERE, KINDS, SINGLE, whole_forms
from tracer.intake.interface import Column, Table
from tracer.linkage.remains import Remains
from tracer.tokens import TokenKey, by_token, identifier_token
from tracer.vault.snapshot import Claim, canonical, digests, is_claim

PERSONAL: Final = frozenset(
    {"name", "sex", "age", "birth_date", "region", "address", "phone", "masked_phone", "national_id", "masked_id"}
)
"""Roles that describe the person and are the same on every platform: they agree whoever leaked the record."""


NO_DAY: Final = np.iinfo(np.int32).min


@dataclass(frozen=True, slots=True)
class Value:
    """One column of a dump that may tell platforms apart; of its values only keyed digests are kept."""

    name: str
    role: str
    nature: str
    """What most of its values are: `n` numbers, `d` days, `t` moments, `s` other text (see `value.canonical`), and of
    such text `i` names that a service gave out (see `account.issued`)."""
    variety: float
    """Distinct values over values, about."""
    digest: NDArray[np.uint64]
    """(records,) keyed digests; 0 where there is no value."""
    present: NDArray[np.bool_]
    """(records,) whether there is a value."""
    day: NDArray[np.int32] | None = None
    """(records,) days since 1970-01-01 of a column of dates, `NO_DAY` where there is none; None for other columns."""
    places: tuple[int, ...] = ()
    """Which it is of all value columns, or which they are that it unites (see `union`)."""


@dataclass(frozen=True, slots=True)
class Dump:
    """The records of a dump, ready for linking."""

    records: int
    identifiers: dict[str, pl.DataFrame]
    """Kind → (`row` UInt32, `token` UInt64) ordered by token; composite kinds of the records without a whole one that
    their people have everywhere."""
    remains: Remains
    """What the records show of masked and damaged identifiers."""
    values: tuple[Value, ...]
    unidentified: int
    """Records without any readable identifier."""
    main_kind: str | None
    """The kind of identifier that stands for people, see `leading`."""

    @property
    def filled(self) -> NDArray[np.intp]:
        """(records,) Which value columns a record fills: equal numbers fill the same; 0 stands for all rare ways."""
        number, count = np.unique(self.ways, return_inverse=True, return_counts=True)[1:]
        return common_ways(count)[number]

    @property
    def ways(self) -> NDArray[np.uint64]:
        """(records,) A word for the set of value columns that a record fills."""
        return ways_of(self.values, self.records)


def ways_of(values: Sequence[Value], records: int) -> NDArray[np.uint64]:
    """(records,) a word for the set of value columns that each record fills."""
    words = np.random.default_rng(0).integers(0, 2**64, size=len(values), dtype=np.uint64)
    way = np.zeros(records, np.uint64)
    for word, one in zip(words, values, strict=True):
        way ^= np.where(one.present, word, np.uint64(0))
    return way


def common_ways(count: NDArray[np.int64]) -> NDArray[np.intp]:
    """(ways,) numbers of the common ones from 1, given how many records go each; 0 for all rare ones."""
    common = np.argsort(-count, kind="stable")[:_WAYS]
    common = common[count[common] >= _COMMON]
    names = np.zeros(count.size, np.intp)
    names[common] = np.arange(1, common.size + 1)
    return names


@dataclass(frozen=True, slots=True)
class Settled:
    """What is settled once for a dump that is made ready part by part."""

    main_kind: str | None
    natures: tuple[str, ...]
    """Of the value columns of all tables, see `Value.nature`."""


def prepare(tables: Sequence[Table], key: TokenKey, engine: Engine = HERE, settled: Settled | None = None) -> Dump:
    """Tokenise the identifiers of a dump and take digests of its other values.

    Args:
        tables: what intake read.
        key: the vault's key.
        engine: where that is done.
        settled: where `tables` are but a part of a dump, what is settled for all of it. Then columns in which the part
            has no value are there as well.
    """
    records = sum(table.frame.height for table in tables)
    tokens: dict[str, list[pl.DataFrame]] = {}
    values: list[Value] = []
    for table in tables:
        forms = whole_forms(_roles(table.columns))
        told = telling(table.columns)
        needed = {key for key, role in _roles(table.columns) if role in SINGLE} | {column.key for column in told}
        cells = table.frame.select("row", *sorted(needed))
        made = engine.rowwise(
            partial(_coded, _roles(table.columns), [(one.key, _claim(one)) for one in told], key), cells
        )
        for place, form in enumerate(forms):
            tokens.setdefault(form.kind, []).append(made.select("row", token=f"i{place}").drop_nulls())
        for place, column in enumerate(told):
            nature = nature_of(table.frame, column) if settled is None else settled.natures[len(values)]
            one = _value(table, column, made.get_column(f"v{place}"), records, nature)
            values.append(replace(one, places=(len(values),)))
    remains = Remains.of([(table.frame, _roles(table.columns)) for table in tables], records, key)
    remains = remains.shown_by(~_identified({kind: tokens[kind] for kind in EVERYWHERE & tokens.keys()}, records))
    for kind, clues in remains.clues.items():
        tokens[kind] = [clues.tokens(key, kind)]
    joined = {kind: pl.concat(parts).unique() if len(parts) > 1 else parts[0] for kind, parts in tokens.items()}
    identifiers = {kind: by_token(joined[kind]) for kind in KINDS if kind in joined and joined[kind].height}
    carried = {kind: frame.get_column("row").n_unique() for kind, frame in identifiers.items()}
    return Dump(
        records=records,
        identifiers=identifiers,
        remains=remains,
        values=tuple(one for one in values if settled is not None or one.present.any()),
        unidentified=records - int(_identified(tokens, records).sum()),
        main_kind=leading(carried) if settled is None else settled.main_kind,
    )


def leading(carried: Mapping[str, float]) -> str | None:
    """The kind of identifier that stands for people: which most records carry, of several the weightiest.

    Args:
        carried: kind → records that carry it. One that people have a different one of on each platform stands for them
            only if twice as many do.
    """
    lasting = EVERYWHERE | COMPOSITE.keys()
    weight = {kind: many if kind in lasting else many / 2 for kind, many in carried.items()}
    return max(weight, key=lambda kind: weight[kind], default=None)


def _coded(
    roles: Sequence[tuple[str, str]], told: Sequence[tuple[str, Claim]], key: TokenKey, cells: pl.DataFrame
) -> pl.DataFrame:
    """`row`, the tokens `i0`, `i1` … of the whole identifiers and the digests `v0`, `v1` … of the columns `told`."""
    forms = whole_forms(roles)
    made = cells.lazy().select(
        "row",
        *(identifier_token(form.expr, key, form.kind).alias(f"i{place}") for place, form in enumerate(forms)),
        *(digests(pl.col(column), claim, key).alias(f"v{place}") for place, (column, claim) in enumerate(told)),
    )
    return made.collect(engine="in-memory")


def telling(columns: Sequence[Column]) -> list[Column]:
    """The columns of a table that may tell platforms apart."""
    return [column for column in columns if is_claim(column.role.value) and column.role not in PERSONAL]


def nature_of(frame: pl.DataFrame, column: Column) -> str:
    """What most cells of a column are, see `Value.nature`."""
    cells = frame.get_column(column.key)
    sample = cells.drop_nulls().gather_every(max(1, cells.len() // _SAMPLE))
    told = sample.to_frame("text").select(canonical(pl.col("text"), _claim(column))).to_series()
    kinds = told.str.head(1).drop_nulls().mode()
    nature = str(kinds.sort()[0]) if kinds.len() else "s"
    return "i" if nature == "s" and account.issued(told.str.slice(2)) else nature


def _claim(column: Column) -> Claim:
    return Claim(column.name, column.role.value)


def _roles(columns: Sequence[Column]) -> list[tuple[str, str]]:
    return [(column.key, column.role.value) for column in columns]


def _identified(tokens: dict[str, list[pl.DataFrame]], records: int) -> NDArray[np.bool_]:
    """(records,) Which have at least one identifier."""
    has = np.zeros(records, bool)
    for parts in tokens.values():
        for frame in parts:
            has[frame.get_column("row").to_numpy()] = True
    return has


def _value(table: Table, column: Column, made: pl.Series, records: int, nature: str) -> Value:
    row = table.frame.get_column("row").to_numpy()
    digest, present = np.zeros(records, np.uint64), np.zeros(records, bool)
    digest[row], present[row] = made.fill_null(0).to_numpy(), made.is_not_null().to_numpy()
    variety = int(made.to_frame("value").select(pl.col("value").approx_n_unique()).item()) / max(1, int(present.sum()))
    day = None
    if nature in {"d", "t"}:
        day = np.full(records, NO_DAY, np.int32)
        told = table.frame.select(value.day(pl.col(column.key)).cast(pl.Int32).fill_null(NO_DAY))
        day[row] = told.to_series().to_numpy()
    return Value(column.name, column.role.value, nature, variety, digest, present, day)


_WAYS: Final = 15
_COMMON: Final = 20
"""Records that fill the same columns, at least, for that to be a way of its own."""
_SAMPLE: Final = 1_000
