"""A table in a PostgreSQL database becomes a frame of text, read in one transaction that cannot write.

The server copies the table out as it does for a backup (COPY … TO STDOUT), every value as text, so that what is
registered is what an export would have held. Nothing of it is put on this machine's disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from tracer.errors import MissingExtra, UnknownName, UnreadableInput

if TYPE_CHECKING:
    import psycopg

SCHEMES: Final = ("postgresql", "postgres")
_BLOCK: Final = 1 << 25
"""Bytes that are parsed at a time."""
_LISTED: Final = 10
_PATIENCE: Final = 10
"""Seconds to wait for a connection."""
_TABLES: Final = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY 1, 2
"""
_COLUMNS: Final = """
SELECT attname FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace
WHERE nspname = %s AND relname = %s AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""

Name = tuple[str, str]
"""Schema and table."""


def is_database(address: str) -> bool:
    """Whether something names a database and not a file.

    Raises:
        MissingExtra: a kind of database that cannot be read.
    """
    scheme, there, _ = address.partition("://")
    if there and scheme not in SCHEMES:
        raise MissingExtra(f"{scheme}: such databases cannot be read", hint="export the table as CSV")
    return bool(there)


def table_of(address: str, table: str | None = None) -> pl.DataFrame:
    """Read a table or view: Utf8 columns, null where the database has null.

    Args:
        address: `postgresql://USER@HOST:PORT/DATABASE`, as libpq takes it; never shown, for it may hold a password.
        table: its name, with or without schema; may be left out where there is only one.

    Raises:
        MissingExtra: psycopg is not installed.
        UnknownName: there is no such table, or several and none is named.
        UnreadableInput: the database cannot be reached, or refuses.
    """
    try:
        import psycopg  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        raise MissingExtra("databases need the package psycopg", hint="pip install 'luobo[postgres]'") from None
    try:
        with psycopg.connect(address, connect_timeout=_PATIENCE) as connection:
            connection.read_only = True
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            return _copied(connection, _chosen(connection, table))
    except psycopg.OperationalError:
        hint = "check the address: postgresql://USER@HOST:PORT/DATABASE"
        raise UnreadableInput("the database cannot be reached", hint=hint) from None
    except psycopg.Error as fault:
        # Its message may quote a row: only its kind is told.
        message = f"the database refused: {type(fault).__name__} {fault.diag.sqlstate or ''}".strip()
        raise UnreadableInput(message, hint="check that the user may read the table") from None


def _chosen(connection: psycopg.Connection[Any], table: str | None) -> Name:
    there: list[Name] = [(str(schema), str(name)) for schema, name in connection.execute(_TABLES)]
    found = [one for one in there if table in {None, one[1], ".".join(one)}]
    if len(found) == 1:
        return found[0]
    if table is not None and not found:
        raise UnknownName(f"{table}: the database has no such table", hint="name it as SCHEMA.TABLE")
    listed = ", ".join(map(".".join, found[:_LISTED])) or "none"
    raise UnknownName(f"the database holds {len(found)} tables ({listed})", hint="say which with --table SCHEMA.TABLE")


def _copied(connection: psycopg.Connection[Any], table: Name) -> pl.DataFrame:
    from psycopg import sql  # noqa: PLC0415 - an extra

    columns = [str(name) for (name,) in connection.execute(_COLUMNS, table)]
    texts = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in columns)
    query = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT csv)").format(texts, sql.Identifier(*table))
    schema = dict.fromkeys(columns, pl.String)
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        blocks = [_parsed(block, schema) for block in _blocks(copy)]
    return pl.concat(blocks) if blocks else pl.DataFrame(schema=schema)


def _blocks(copy: psycopg.Copy) -> Iterator[bytes]:
    """Pieces of whole records: the protocol never breaks one across messages."""
    waiting, size = [], 0
    while piece := copy.read():
        waiting.append(bytes(piece))
        size += len(piece)
        if size >= _BLOCK:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def _parsed(block: bytes, schema: dict[str, type[pl.String]]) -> pl.DataFrame:
    # A quoted empty text is an empty text; an unquoted one is null, and so it is read.
    return pl.read_csv(block, has_header=False, new_columns=list(schema), infer_schema=False)
