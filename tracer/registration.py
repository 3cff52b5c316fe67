"""The story of one registration: a platform's table is sealed, read, tokenised and folded into its history."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final

import polars as pl

from tracer.errors import UnknownName, UnreadableInput
from tracer.identifiers import value
from tracer.intake.interface import Column, Role, Table
from tracer.intake.limits import DEFAULT_LIMITS, Limits
from tracer.intake.material import material
from tracer.settings import DEFAULT, Settings
from tracer.vault.snapshot import Origin, tokenise
from tracer.vault.vault import Added, Vault

if TYPE_CHECKING:
    import pandas as pd

_JOINING_WORDS: Final = (
    "进件", "注册", "开户", "入会", "加入", "建档", "开通", "首次", "joined", "join_", "signup", "sign_up", "register",
    "created", "create_time", "opened", "zhuce", "jinjian",
)  # fmt: skip
"""What headers of columns that say when a customer joined tend to contain."""


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
    held = material(file, settings, limits=limits, password=password)
    chosen = _choose(held.reading.tables, table, held.name)
    columns = _with_roles(chosen.columns, roles or {}, held.name)
    snapshot = tokenise(
        chosen.frame,
        [(column.key, column.name, column.role.value) for column in columns],
        Origin(platform, taken_at, held.sha256),
        vault.key,
        _joining_days(chosen.frame, columns, taken_at, joined, held.name),
    )
    vault, added = vault.add(snapshot)
    return vault, replace(added, rejected=held.reading.rejected, warnings=held.reading.warnings)


def _choose(tables: tuple[Table, ...], name: str | None, file: str) -> Table:
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


def _joining_days(
    frame: pl.DataFrame, columns: tuple[Column, ...], taken_at: date, named: str | None, file: str
) -> pl.Series | None:
    """When each row's customer joined: by the column that was named, else by one whose header and values fit."""
    if named is not None:
        for column in columns:
            if column.name == named:
                days = _days(frame, column)
                if days.is_null().all():
                    raise UnknownName(f"{file}: its column {named} holds no dates", hint=_look(file))
                return days
        raise UnknownName(f"{file}: has no column {named}", hint=_look(file))
    for column in columns:
        worded = any(word in column.name.lower() for word in _JOINING_WORDS)
        if worded and column.role in {Role.DATE, Role.DATETIME}:
            days = _days(frame, column)
            # Hardly any joining day can lie after the day of the snapshot.
            if int((days > taken_at).sum()) < 0.001 * (days.len() - days.null_count()):
                return days
    return None


def _days(frame: pl.DataFrame, column: Column) -> pl.Series:
    return frame.select(value.day(pl.col(column.key))).to_series()
