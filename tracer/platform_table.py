"""A platform's table: what its columns mean, and the tokens that are made of it, portion by portion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

import polars as pl

from tracer.errors import TracerError, UnknownName, UnreadableInput
from tracer.intake.interface import Column, Role, Table
from tracer.intake.joining import days_of, joining_column, look
from tracer.intake.outline import Outline, Plan
from tracer.intake.reading import Survey
from tracer.tokens import TokenKey
from tracer.vault.long_table import LONG, LongTable
from tracer.vault.snapshot import Claim, Origin, Snapshot, together, tokenise

Some = TypeVar("Some", Table, Outline)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody says about a table."""

    platform: str
    taken_at: date
    table: str | None = None
    """Which one, where a file holds several."""
    roles: Mapping[str, str] | None = None
    """Header → role, where the role found from the values is wrong."""
    joined: str | None = None
    """Header of the column that says when a customer joined."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the columns of a table mean, so that any of its rows become tokens."""

    columns: tuple[tuple[str, str, str], ...]
    """(key, header, role) of each."""
    joining: str | None
    """Key of the column that says when a customer joined."""
    origin: Origin

    def tokens(self, portion: pl.DataFrame, key: TokenKey) -> Snapshot:
        """Of some rows.

        Raises:
            UnreadableInput: no column holds an identifier.
        """
        joined = None if self.joining is None else days_of(portion, self.joining)
        return tokenise(portion, self.columns, self.origin, key, joined)


def meaning(name: str, columns: Sequence[Column], sample: pl.DataFrame, wish: Wish) -> Meaning:
    """What the columns of a table mean.

    Args:
        name: of the table, for messages.
        columns: with the roles that were found.
        sample: rows of it.
        wish: what somebody says about it.

    Raises:
        UnknownName: there is no such column or no such role.
    """
    said = _with_roles(name, columns, wish.roles or {})
    joining = joining_column(name, said, sample, wish.taken_at, wish.joined)
    return Meaning(
        tuple((one.key, one.name, one.role.value) for one in said),
        None if joining is None else joining.key,
        Origin(wish.platform, wish.taken_at, "", tuple(Claim(*one) for one in sorted((wish.roles or {}).items()))),
    )


def _with_roles(file: str, columns: Sequence[Column], roles: Mapping[str, str]) -> list[Column]:
    for header, role in roles.items():
        if header not in {column.name for column in columns}:
            raise UnknownName(f"{file}: has no column {header}", hint=look(file))
        if role not in set(Role):
            raise UnknownName(f"{role}: no such role", hint="roles: " + ", ".join(Role))
    return [replace(one, role=Role(roles[one.name]), why="said so") if one.name in roles else one for one in columns]


class Tokens:
    """Tokens of a table's portions: in memory while they are few, on disk from then on."""

    def __init__(self) -> None:
        """None yet."""
        self._few: list[Snapshot] = []
        self._many: LongTable | None = None

    def take(self, part: Snapshot) -> None:
        """Those of the next portion."""
        if self._many is not None:
            self._many.take(part)
            return
        self._few.append(part)
        if sum(one.rows for one in self._few) > LONG:
            self._many = LongTable(part.origin)
            for one in self._few:
                self._many.take(one)
            self._few = []

    def whole(self, sha256: str) -> Snapshot | LongTable:
        """Those of all portions, one at least, of a table with this digest."""
        if self._many is None:
            made = together(self._few)
            return replace(made, origin=replace(made.origin, sha256=sha256))
        self._many.origin = replace(self._many.origin, sha256=sha256)
        return self._many


class Reading:
    """The tokens of a file's table, made while the file is still being read."""

    def __init__(self, name: str, wish: Wish, key: TokenKey) -> None:
        """Nothing was read yet."""
        self.tokens = Tokens()
        self._name, self._wish, self._key = name, wish, key
        self._understood: tuple[Plan, Meaning] | None = None
        self._pieces = 0

    def watch(self, so_far: Survey) -> None:
        """Go on with what was read so far, if it can be understood already."""
        with suppress(TracerError):
            self.go_on(so_far)

    def go_on(self, found: Survey) -> None:
        """Make tokens of what was read since; of everything anew where it is understood otherwise than before.

        Raises:
            TracerError: the file has no such table or column, or nobody can be recognised by what it holds.
        """
        table = choose(found.tables, self._name, self._wish.table)
        understood = table.plan, meaning(self._name, table.columns, table.sample, self._wish)
        if understood != self._understood or table.pieces < self._pieces:
            self.tokens, self._pieces, self._understood = Tokens(), 0, understood
        for frame in table.frames(first=self._pieces):
            self.tokens.take(understood[1].tokens(frame, self._key))
            self._pieces += 1


def choose(tables: Sequence[Some], file: str, name: str | None) -> Some:
    """The table of this name, or the only one.

    Raises:
        UnreadableInput: there is none.
        UnknownName: there is none of this name, or there are several and none was named.
    """
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
