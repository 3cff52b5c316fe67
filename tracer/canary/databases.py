"""The platform's own tables in PostgreSQL: planting, undoing and turning clocks."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import numpy as np
import polars as pl

from canaries.canary import Canary, Kind, Planting, State
from canaries.errors import CanaryFault
from canaries.planting import postgres
from canaries.planting.export import written
from canaries.register import Register
from canaries.table import Field, Table
from tracer.intake.columns import assign

_SAMPLED: Final = 5_000
_FEWEST: Final = 20


@dataclass(frozen=True, slots=True)
class Result:
    """What was done to a database and how the register changed with it."""

    register: Register
    rows: int
    columns: tuple[str, ...]
    """Columns whose values were given."""
    warnings: tuple[str, ...]


def plant(register: Register, address: str, table: str, holder: str, *, dry: bool) -> Result:
    """Put a holder's canaries that are not in this table yet into it. `dry`: try everything and roll it back.

    Raises:
        CanaryFault: there is none to plant, or the database refuses.
    """
    place = _place(address, table)
    chosen = [one for one in register.of(holder) if _plantable(one, place)]
    if not chosen:
        hint = "mint some with: luobo canary mint … --platform COUNT, or name another holder with --recipient"
        raise CanaryFault(f"{holder}: has no canary to plant into {table}", hint=hint)
    today = datetime.now(UTC).date()
    with postgres.connected(address) as connection:
        known = postgres.columns(connection, table)
        given = [column for column in known if column.given]
        sample = _sample(postgres.sample(connection, table, [column.name for column in given], _SAMPLED), given)
        rng = np.random.default_rng(secrets.randbits(128))
        rows = written(register, chosen, sample, today, rng)
        rows = _numbered(connection, table, given, rows)
        done = postgres.insert(connection, table, known, rows)
        said = [
            f"trigger {name} fired; what it did elsewhere is not undone"
            for name in postgres.triggers(connection, table)
        ]
        if dry:
            connection.rollback()
            postgres.restore(connection, done)
    names = tuple(column.name for column in given)
    if dry:
        return Result(register, len(done.keys), names, tuple(said))
    if any(not one.reached(State.SEALED) for one in chosen):
        said.append("the register is not sealed yet: seal it, or nothing can be proven later")
    planting = Planting(place, today, holder)
    ids = [one.id for one in chosen]
    changed = register.changed(ids, lambda one: replace(one, planted=(*one.planted, planting)))
    changed = changed.advanced(ids, State.PLANTED)
    receipt = _receipt(holder, place, ids, done, today)
    return Result(replace(changed, receipts=(*changed.receipts, receipt)), len(done.keys), names, tuple(said))


def unplant(register: Register, address: str, table: str) -> Result:
    """Take every canary of this register out of a table again, and set its sequences back where nobody moved them.

    Raises:
        CanaryFault: none was planted there, or the database refuses.
    """
    place = _place(address, table)
    receipts = [one for one in register.receipts if one.get("place") == place and not one.get("undone")]
    if not receipts:
        raise CanaryFault(f"{table}: nothing of this register was planted there", hint="see: luobo canary list REG")
    said, gone = [], 0
    with postgres.connected(address) as connection:
        known = postgres.columns(connection, table)
        for one in reversed(receipts):
            count, moved = postgres.delete(connection, table, known, _planted(one))
            gone += count
            if moved:
                said.append("a sequence was moved by others since and stays where it is")
            if count < len(one["keys"]):
                said.append(f"{len(one['keys']) - count} canaries were gone from the table already")
    undone = tuple({**one, "undone": True} if one in receipts else one for one in register.receipts)
    return Result(replace(register, receipts=undone), gone, (), tuple(said))


def turn(register: Register, address: str, table: str, on: date) -> Result:
    """Set every clock canary in a table to the value that its sealed schedule has for a day.

    Raises:
        CanaryFault: none was planted there, or the database refuses.
    """
    place = _place(address, table)
    keys = {
        identity: tuple(key)
        for one in register.receipts
        if one.get("place") == place and not one.get("undone")
        for identity, key in zip(one["ids"], one["keys"], strict=True)
    }
    clocks = [one for one in register.canaries if one.clock and one.clock_field and one.id in keys]
    if not clocks:
        raise CanaryFault(f"{table}: no clock canary was planted there", hint="mint with --clocks and plant")
    with postgres.connected(address) as connection:
        known = postgres.columns(connection, table)
        if not any(column.key for column in known):
            raise CanaryFault(f"{table}: has no primary key", hint="clocks cannot be turned without one")
        names = {column.name for column in known}
        changes = [
            (keys[one.id], str(one.clock_field), str(one.at(on)[str(one.clock_field)]))
            for one in clocks
            if one.clock_field in names
        ]
        done = postgres.update(connection, table, known, changes)
    return Result(
        register,
        done,
        (),
        () if done == len(clocks) else (f"{len(clocks) - done} clock canaries are not in the table",),
    )


def _plantable(one: Canary, place: str) -> bool:
    there = any(each.place == place for each in one.planted)
    return one.kind is not Kind.SHADOW and not one.reached(State.BURNED) and not there


def _place(address: str, table: str) -> str:
    """The database and table, without user and password."""
    parts = urlsplit(address)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise CanaryFault("only PostgreSQL can be planted", hint="--database postgresql://USER@HOST/DATABASE")
    return f"{parts.path.strip('/') or 'postgres'}:{table}"


def _sample(rows: Sequence[tuple[str | None, ...]], given: Sequence[postgres.Column]) -> Table:
    if len(rows) < _FEWEST:
        hint = f"plant into a table of customers with {_FEWEST} rows at least"
        raise CanaryFault(f"the table holds {len(rows)} rows, too few to hide among", hint=hint)
    frame = pl.DataFrame(
        {f"c{at}": pl.Series([row[at] or None for row in rows], dtype=pl.String) for at in range(len(given))}
    )
    roles = assign(frame, tuple(column.name for column in given))
    return Table(tuple(Field(one.name, one.role.value) for one in roles), frame)


def _numbered(
    connection: Any, table: str, given: Sequence[postgres.Column], rows: Sequence[tuple[str | None, ...]]
) -> list[tuple[str | None, ...]]:
    """Rows with the next free numbers where a whole-number key has no sequence of its own."""
    made = [list(row) for row in rows]
    for at, column in enumerate(given):
        if column.key and column.type in {"integer", "bigint", "smallint"}:
            top = postgres.highest(connection, table, column.name)
            for step, row in enumerate(made, 1):
                row[at] = str(top + step)
    return [tuple(row) for row in made]


def _receipt(holder: str, place: str, ids: Sequence[str], done: postgres.Planted, on: date) -> dict[str, Any]:
    return {
        "schema": "luobo.canary-receipt/1",
        "recipient": holder,
        "place": place,
        "canaries": len(ids),
        "on": on.isoformat(),
        "made_at": datetime.now(UTC).isoformat(),
        "ids": list(ids),
        "keys": [list(key) for key in done.keys],
        "sequences": [list(one) for one in done.sequences],
    }


def _planted(receipt: dict[str, Any]) -> postgres.Planted:
    keys = tuple(tuple(key) for key in receipt["keys"])
    return postgres.Planted(keys, tuple((str(n), int(v), bool(u), int(left)) for n, v, u, left in receipt["sequences"]))
