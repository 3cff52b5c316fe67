"""The story of one registration: a platform's table is sealed, read, tokenised and folded into its history."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final, TypeVar

import polars as pl

from tracer.custody.exhibit import seal
from tracer.errors import UnknownName, UnreadableInput
from tracer.intake.columns import assign
from tracer.intake.database import Stream
from tracer.intake.interface import Column, Role, Table
from tracer.intake.joining import days_of, joining_column, look
from tracer.intake.limits import DEFAULT_LIMITS, Limits
from tracer.intake.material import material
from tracer.intake.reading import Outline, survey
from tracer.settings import DEFAULT, Settings
from tracer.tokens import TokenKey
from tracer.vault.long_table import LongTable
from tracer.vault.snapshot import Origin, Snapshot, tokenise
from tracer.vault.vault import Added, Vault

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import DataFrame as SparkFrame

    from tracer.engines.spark import Spark

LONG: Final = 2_000_000
"""Rows beyond which a table is not held in memory."""
_SAMPLED: Final = 500
"""Rows from all over a database's table that are enough to understand its columns by."""
Some = TypeVar("Some", Table, Outline)


def register(  # noqa: PLR0913 - all a user may say about a table
    vault: Vault,
    file: str | os.PathLike[str] | pd.DataFrame | pl.DataFrame,
    platform: str,
    taken_at: date,
    *,
    table: str | None = None,
    roles: Mapping[str, str] | None = None,
    joined: str | None = None,
    settings: Settings = DEFAULT,
    limits: Limits = DEFAULT_LIMITS,
    password: str | None = None,
) -> tuple[Vault, Added]:
    """Register what a platform's table held on the day `taken_at`.

    Args:
        vault: where to.
        file: the table, in any shape intake reads, or a pandas or Polars frame.
        platform: its name.
        taken_at: the day of the snapshot.
        table: which table (sheet, SQL table) of the file, where it holds several.
        roles: header → role, where the role found from the values is wrong.
        joined: header of the column that says when a customer joined; found by its header and values if left out.
        settings: of the run.
        limits: what reading the file may cost.
        password: of an encrypted archive or workbook.

    Raises:
        TracerError: the file cannot be read, a name is wrong, or the vault cannot be written.
    """
    held = _held(file, table, settings, limits, password)
    return _registered(vault, held, Wish(platform, taken_at, roles or {}, joined))


def register_stream(  # noqa: PLR0913 - all a user may say about a table
    vault: Vault,
    stream: Stream,
    platform: str,
    taken_at: date,
    *,
    roles: Mapping[str, str] | None = None,
    joined: str | None = None,
) -> tuple[Vault, Added]:
    """Register a database's table, of which no more than a few portions are ever in memory.

    Args:
        vault: where to.
        stream: the table, see `tracer.intake.database.streamed`.
        platform: its name.
        taken_at: the day of the snapshot.
        roles: header → role, where the role found from the values is wrong.
        joined: header of the column that says when a customer joined; found by its header and values if left out.

    Raises:
        TracerError: the database refuses, a name is wrong, or the vault cannot be written.
    """
    portions = stream.portions()
    first = next(portions, None)
    if first is None:
        raise UnreadableInput(f"{stream.name}: has no rows", hint="name a table that holds records")
    sample = first if stream.sample is None or stream.sample.height < _SAMPLED else stream.sample
    headers = tuple(sample.columns)
    sample = _keyed(sample)
    named = map(_keyed, chain([first], portions))
    held = Held(stream.name, assign(sample, headers), None, sample, named, lambda: stream.sha256)
    return _registered(vault, held, Wish(platform, taken_at, roles or {}, joined))


def register_spark(  # noqa: PLR0913 - all a user may say about a table
    vault: Vault,
    table: SparkFrame,
    spark: Spark,
    platform: str,
    taken_at: date,
    *,
    roles: Mapping[str, str] | None = None,
    joined: str | None = None,
) -> tuple[Vault, Added]:
    """Register a table of a Spark cluster: its executors make the tokens, and the rows never leave them.

    Args:
        vault: where to.
        table: a DataFrame, also of a Hive table.
        spark: the cluster, see `tracer.engines.spark.Spark`.
        platform: its name.
        taken_at: the day of the snapshot.
        roles: header → role, where the role found from the values is wrong.
        joined: header of the column that says when a customer joined; found by its header and values if left out.

    Raises:
        TracerError: the cluster gives up, a name is wrong, or the vault cannot be written.
    """
    sample = spark.sample(table, _SAMPLED)
    if sample.is_empty():
        raise UnreadableInput("the table has no rows", hint="give a table that holds records")
    headers = tuple(sample.columns)
    sample = _keyed(sample)
    wish = Wish(platform, taken_at, roles or {}, joined)
    held = Held("the table", assign(sample, headers), None, sample, iter(()), str)
    columns = _with_roles(held.columns, wish.roles, held.name)
    work = partial(
        _portion,
        columns,
        joining_column(held.name, columns, held.sample, wish.taken_at, wish.joined),
        Origin(platform, taken_at, ""),
        vault.key,
    )
    long, digest = LongTable(Origin(platform, taken_at, "")), hashlib.sha256()
    for snapshot in spark.portions(table, work):
        long.take(snapshot)
        digest.update(snapshot.origin.sha256.encode())
    long.origin = replace(long.origin, sha256=digest.hexdigest())
    return vault.add(long)


def _portion(
    columns: tuple[Column, ...], joining: Column | None, origin: Origin, key: TokenKey, portion: pl.DataFrame
) -> Snapshot:
    """The tokens of some rows, with their digest."""
    told = replace(origin, sha256=hashlib.sha256(portion.write_csv().encode()).hexdigest())
    frame = _keyed(portion)
    days = None if joining is None else days_of(frame, joining)
    return tokenise(frame, [(one.key, one.name, one.role.value) for one in columns], told, key, days)


def _keyed(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.rename({name: f"c{place}" for place, name in enumerate(frame.columns)})


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody says about a table."""

    platform: str
    taken_at: date
    roles: Mapping[str, str]
    joined: str | None


@dataclass(frozen=True, slots=True)
class Held:
    """A platform's table, wherever it comes from."""

    name: str
    columns: tuple[Column, ...]
    rows: int | None
    """None where nobody knows before the end."""
    sample: pl.DataFrame
    """By which its columns are understood: all of a short table."""
    portions: Iterator[pl.DataFrame]
    sha256: Callable[[], str]
    """Its digest, when it was read to its end."""
    rejected: int = 0
    warnings: tuple[str, ...] = ()


def _held(
    file: str | os.PathLike[str] | pd.DataFrame | pl.DataFrame,
    table: str | None,
    settings: Settings,
    limits: Limits,
    password: str | None,
) -> Held:
    if not isinstance(file, str | os.PathLike):
        held = material(file, settings)
        one = _choose(held.reading.tables, table, held.name)
        return Held(held.name, one.columns, one.frame.height, one.frame, iter([one.frame]), lambda: held.sha256)
    exhibit = seal(file)
    found = survey(exhibit, limits=limits, password=password)
    chosen = _choose(found.tables, table, exhibit.name)
    rest: Iterator[pl.DataFrame] = chosen.frames()
    sample = chosen.sample
    if chosen.records <= LONG:
        sample = pl.concat(rest) if chosen.records else sample
        rest = iter([sample])
    said = (found.rejected, found.warnings)
    return Held(exhibit.name, chosen.columns, chosen.records, sample, rest, lambda: exhibit.sha256, *said)


def _registered(vault: Vault, held: Held, wish: Wish) -> tuple[Vault, Added]:
    columns = _with_roles(held.columns, wish.roles, held.name)
    joining = joining_column(held.name, columns, held.sample, wish.taken_at, wish.joined)
    origin = Origin(wish.platform, wish.taken_at, "")

    roles = [(one.key, one.name, one.role.value) for one in columns]

    def tokenised(portion: pl.DataFrame) -> Snapshot:
        return tokenise(portion, roles, origin, vault.key, None if joining is None else days_of(portion, joining))

    made: Snapshot | LongTable
    if held.rows is not None and held.rows <= LONG:
        made = tokenised(next(held.portions))
        made = replace(made, origin=replace(origin, sha256=held.sha256()))
    else:
        made = _taken(held.portions, tokenised, LongTable(origin))
        made.origin = replace(origin, sha256=held.sha256())
    if wish.joined is not None and not _tells(made):
        raise UnknownName(f"{held.name}: its column {wish.joined} holds no dates", hint=look(held.name))
    vault, added = vault.add(made)
    return vault, replace(added, rejected=held.rejected, warnings=held.warnings)


def _taken(
    portions: Iterator[pl.DataFrame], tokenised: Callable[[pl.DataFrame], Snapshot], long: LongTable
) -> LongTable:
    """Lay a table on disk, the tokens of one portion being made while the next one is read."""

    def take(portion: pl.DataFrame) -> None:
        long.take(tokenised(portion))

    with ThreadPoolExecutor(1) as worker:
        waiting: Future[None] | None = None
        for portion in portions:
            if waiting is not None:
                waiting.result()
            waiting = worker.submit(take, portion)
        if waiting is not None:
            waiting.result()
    return long


def _tells(made: Snapshot | LongTable) -> bool:
    """Whether it is known of anybody when he joined."""
    return made.joined is not None and len(made.joined) > 0


def _choose(tables: Sequence[Some], name: str | None, file: str) -> Some:
    if name is None:
        if not tables:
            raise UnreadableInput(f"{file}: holds no table", hint="look at it with: luobo inspect")
        if len(tables) > 1:
            names = ", ".join(table.name for table in tables)
            raise UnknownName(f"{file}: holds several tables ({names})", hint="say which with --table")
        return tables[0]
    for table in tables:
        if table.name == name:
            return table
    raise UnknownName(f"{file}: has no table {name}", hint="look at it with: luobo inspect")


def _with_roles(columns: tuple[Column, ...], roles: Mapping[str, str], file: str) -> tuple[Column, ...]:
    for header, role in roles.items():
        if header not in {column.name for column in columns}:
            raise UnknownName(f"{file}: has no column {header}", hint=look(file))
        if role not in set(Role):
            raise UnknownName(f"{role}: no such role", hint="roles: " + ", ".join(Role))
    return tuple(
        replace(column, role=Role(roles[column.name]), why="said so") if column.name in roles else column
        for column in columns
    )
