"""The story of one registration: a platform's table is sealed, read, tokenised and folded into its history."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING, Final, TypeVar

import polars as pl

from tracer.custody.exhibit import seal
from tracer.errors import UnknownName, UnreadableInput
from tracer.identifiers import value
from tracer.intake.columns import assign
from tracer.intake.database import Stream
from tracer.intake.interface import Column, Role, Table
from tracer.intake.limits import DEFAULT_LIMITS, Limits
from tracer.intake.material import material
from tracer.intake.reading import Outline, survey
from tracer.settings import DEFAULT, Settings
from tracer.vault.long_table import LongTable
from tracer.vault.snapshot import Origin, Snapshot, tokenise
from tracer.vault.vault import Added, Vault

if TYPE_CHECKING:
    import pandas as pd

_JOINING_WORDS: Final = (
    "进件", "注册", "开户", "入会", "加入", "建档", "开通", "首次", "joined", "join_", "signup", "sign_up", "register",
    "created", "create_time", "opened", "zhuce", "jinjian",
)  # fmt: skip
"""What headers of columns that say when a customer joined tend to contain."""
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
    keys = [f"c{place}" for place in range(len(headers))]
    columns = assign(sample.rename(dict(zip(headers, keys, strict=True))), headers)
    named = (portion.rename(dict(zip(headers, keys, strict=True))) for portion in chain([first], portions))
    sample = sample.rename(dict(zip(headers, keys, strict=True)))
    held = Held(stream.name, columns, None, sample, named, lambda: stream.sha256)
    return _registered(vault, held, Wish(platform, taken_at, roles or {}, joined))


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
    joining = _joining(held, columns, wish)
    origin = Origin(wish.platform, wish.taken_at, "")

    def tokenised(portion: pl.DataFrame) -> Snapshot:
        days = None if joining is None else _days(portion, joining)
        return tokenise(portion, [(one.key, one.name, one.role.value) for one in columns], origin, vault.key, days)

    made: Snapshot | LongTable
    if held.rows is not None and held.rows <= LONG:
        made = tokenised(next(held.portions))
        made = replace(made, origin=replace(origin, sha256=held.sha256()))
    else:
        made = _taken(held.portions, tokenised, LongTable(origin))
        made.origin = replace(origin, sha256=held.sha256())
    if wish.joined is not None and not _tells(made):
        raise UnknownName(f"{held.name}: its column {wish.joined} holds no dates", hint=_look(held.name))
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
            raise UnknownName(f"{file}: has no column {header}", hint=_look(file))
        if role not in set(Role):
            raise UnknownName(f"{role}: no such role", hint="roles: " + ", ".join(Role))
    return tuple(
        replace(column, role=Role(roles[column.name]), why="said so") if column.name in roles else column
        for column in columns
    )


def _look(file: str) -> str:
    # Not its columns here: the first record of a table without header may have been taken for one.
    return f"see its columns with: luobo inspect {file}"


def _joining(held: Held, columns: tuple[Column, ...], wish: Wish) -> Column | None:
    """What says when each row's customer joined: the column that was named, else one whose header and values fit."""
    if wish.joined is not None:
        for column in columns:
            if column.name == wish.joined:
                return column
        raise UnknownName(f"{held.name}: has no column {wish.joined}", hint=_look(held.name))
    for column in columns:
        worded = any(word in column.name.lower() for word in _JOINING_WORDS)
        if worded and column.role in {Role.DATE, Role.DATETIME}:
            days = _days(held.sample, column)
            # Hardly any joining day can lie after the day of the snapshot.
            if int((days > wish.taken_at).sum()) < 0.001 * (days.len() - days.null_count()):
                return column
    return None


def _days(frame: pl.DataFrame, column: Column) -> pl.Series:
    return frame.select(value.day(pl.col(column.key))).to_series()
