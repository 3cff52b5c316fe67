"""Planting into a PostgreSQL table in one transaction, through its own sequences and constraints; and undoing it.

A planted row has no mark: no column, comment or number that says canary. Which rows they are is written only in the
register. A sequence that nobody else moved meanwhile is set back by the undo, so that the database is as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from canaries.errors import CanaryFault

if TYPE_CHECKING:
    import psycopg

_COLUMNS: Final = r"""
SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       COALESCE(pg_get_serial_sequence(a.attrelid::regclass::text, a.attname),
                substring(pg_get_expr(d.adbin, d.adrelid) FROM 'nextval\(''([^'']+)''')),
       a.attidentity <> '' OR a.attgenerated <> '', a.atthasdef,
       COALESCE(a.attnum = ANY (i.indkey), false)
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
_TRIGGERS: Final = (
    "SELECT tgname FROM pg_trigger WHERE tgrelid = to_regclass(%s) AND NOT tgisinternal AND tgenabled <> 'D'"
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table."""

    name: str
    type: str
    required: bool
    sequence: str | None
    """The sequence that numbers it."""
    generated: bool
    defaulted: bool
    key: bool
    """Whether it is of the primary key."""

    @property
    def given(self) -> bool:
        """Whether an insert must or may give its value; the database gives it to the others."""
        return self.sequence is None and not self.generated


@dataclass(frozen=True, slots=True)
class Planted:
    """What an insertion did, as far as its undo needs it."""

    keys: tuple[tuple[str | None, ...], ...]
    """What names each row (see `naming`), as text, in the order of the rows."""
    sequences: tuple[tuple[str, int, bool, int], ...]
    """Sequence, its value and whether it was used before, and its value afterwards."""


@contextmanager
def connected(address: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection in a transaction: committed at the end of the block, rolled back by an exception.

    Raises:
        CanaryFault: psycopg is missing, or the database cannot be reached or refuses.
    """
    try:
        import psycopg  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        raise CanaryFault("databases need the package psycopg", hint="pip install 'luobo[postgres]'") from None
    try:
        with psycopg.connect(address, connect_timeout=10) as connection:
            yield connection
    except psycopg.OperationalError:
        hint = "check the address: postgresql://USER@HOST:PORT/DATABASE"
        raise CanaryFault("the database cannot be reached", hint=hint) from None
    except psycopg.Error as fault:
        # Its message may quote a row, so only its kind and the constraint are told.
        about = fault.diag.constraint_name or fault.diag.column_name or fault.diag.sqlstate or ""
        message = f"the database refused: {type(fault).__name__} {about}".strip()
        raise CanaryFault(message, hint="nothing was changed; see which constraint it is") from None


def columns(connection: psycopg.Connection[Any], table: str) -> list[Column]:
    """The columns of a table.

    Raises:
        CanaryFault: there is no such table.
    """
    found = connection.execute(_COLUMNS, (table,)).fetchall()
    if not found:
        raise CanaryFault(f"{table}: no such table in this database", hint="name it with its schema: public.customers")
    return [Column(*row) for row in found]


def naming(known: Sequence[Column]) -> list[Column]:
    """The columns that name a row: the primary key, or all given columns where there is none."""
    keys = [column for column in known if column.key]
    return keys or [column for column in known if column.given]


def highest(connection: psycopg.Connection[Any], table: str, name: str) -> int:
    """The greatest whole number in a column, 0 where there is none."""
    from psycopg import sql  # noqa: PLC0415

    query = sql.SQL("SELECT COALESCE(max({}), 0)::bigint FROM {}").format(sql.Identifier(name), _identifier(table))
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def triggers(connection: psycopg.Connection[Any], table: str) -> list[str]:
    """Triggers of the table: what they do elsewhere, the undo does not know."""
    return [name for (name,) in connection.execute(_TRIGGERS, (table,)).fetchall()]


def sample(
    connection: psycopg.Connection[Any], table: str, names: Sequence[str], count: int
) -> list[tuple[str | None, ...]]:
    """Some rows in random order, as text."""
    from psycopg import sql  # noqa: PLC0415

    cells = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in names)
    query = sql.SQL("SELECT {} FROM {} ORDER BY random() LIMIT {}").format(
        cells, _identifier(table), sql.Literal(count)
    )
    return list(connection.execute(query).fetchall())


def insert(
    connection: psycopg.Connection[Any], table: str, known: Sequence[Column], rows: Sequence[Sequence[str | None]]
) -> Planted:
    """Insert rows; the cells are those of the `given` columns, in their order. Empty cells take the default."""
    from psycopg import sql  # noqa: PLC0415

    keys = naming(known)
    before = [(name, *_state(connection, name)) for name in _sequences(known)]
    given = [column for column in known if column.given]
    made = []
    for row in rows:
        filled = [
            (column, cell) for column, cell in zip(given, row, strict=True) if cell is not None or not column.defaulted
        ]
        query = sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING {}").format(
            _identifier(table),
            sql.SQL(", ").join(sql.Identifier(column.name) for column, _ in filled),
            sql.SQL(", ").join(
                sql.SQL("%s::" + column.type) for column, _ in filled
            ),  # the type is the catalogue's own
            sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(key.name)) for key in keys),
        )
        made.append(connection.execute(query, [cell for _, cell in filled]).fetchone() or ())
    after = [_state(connection, name)[0] for name in _sequences(known)]
    return Planted(tuple(made), tuple((*old, new) for old, new in zip(before, after, strict=True)))


def delete(
    connection: psycopg.Connection[Any], table: str, known: Sequence[Column], planted: Planted
) -> tuple[int, int]:
    """Undo an insertion: its rows go, and each sequence that nobody moved since goes back.

    Returns:
        How many rows were there to delete, and how many sequences could not be set back.
    """
    from psycopg import sql  # noqa: PLC0415

    keys = naming(known)
    match = sql.SQL(" AND ").join(
        sql.SQL("{} IS NOT DISTINCT FROM %s::" + key.type).format(sql.Identifier(key.name)) for key in keys
    )
    query = sql.SQL("DELETE FROM {} WHERE {}").format(_identifier(table), match)
    gone = sum(connection.execute(query, key).rowcount for key in planted.keys)
    return gone, restore(connection, planted)


def restore(connection: psycopg.Connection[Any], planted: Planted) -> int:
    """Set back each sequence that stands where the insertion left it; the number of those that do not."""
    moved = 0
    for name, value, used, left in planted.sequences:
        if _state(connection, name)[0] != left:
            moved += 1
        else:
            connection.execute("SELECT setval(%s::regclass, %s, %s)", (name, value, used))
    return moved


def update(
    connection: psycopg.Connection[Any],
    table: str,
    known: Sequence[Column],
    changes: Sequence[tuple[Sequence[str], str, str]],
) -> int:
    """Set one column of some rows: (primary key, column, text) each; the number of rows that were there."""
    from psycopg import sql  # noqa: PLC0415

    keys = [column for column in known if column.key]
    types = {column.name: column.type for column in known}
    match = sql.SQL(" AND ").join(sql.SQL("{} = %s::" + key.type).format(sql.Identifier(key.name)) for key in keys)
    done = 0
    for key, name, text in changes:
        query = sql.SQL("UPDATE {} SET {} = {} WHERE {}").format(
            _identifier(table), sql.Identifier(name), sql.SQL("%s::" + types[name]), match
        )
        done += connection.execute(query, [text, *key]).rowcount
    return done


def _identifier(table: str) -> Any:
    from psycopg import sql  # noqa: PLC0415

    return sql.Identifier(*table.split("."))


def _sequences(known: Sequence[Column]) -> list[str]:
    return [column.sequence for column in known if column.sequence is not None]


def _state(connection: psycopg.Connection[Any], name: str) -> tuple[int, bool]:
    from psycopg import sql  # noqa: PLC0415

    # pg_get_serial_sequence quotes the name where it must be.
    row = connection.execute(sql.SQL("SELECT last_value, is_called FROM {}").format(sql.SQL(name))).fetchone()
    return (int(row[0]), bool(row[1])) if row else (0, False)
