"""A table in a MySQL or MariaDB database, read portion by portion in one transaction that cannot write.

The server keeps the rows and sends them as they are asked for, every value as text, as an export would hold it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

import polars as pl

from tracer.errors import MissingExtra, UnreadableInput
from tracer.intake.databases.stream import Name, Stream, chosen

if TYPE_CHECKING:
    import pyarrow as pa
    from pymysql.cursors import Cursor

_PORT: Final = 3306
_AT_ONCE: Final = 10_000
"""Rows that are fetched at a time."""
_PATIENCE: Final = 10
"""Seconds to wait for a connection."""
_WHERE: Final = "mysql://USER@HOST:PORT/DATABASE, or mysql://USER@/DATABASE?unix_socket=PATH"
_TABLES: Final = """
SELECT table_schema, table_name FROM information_schema.tables
WHERE table_schema NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys') ORDER BY 1, 2
"""
_COLUMNS: Final = """
SELECT column_name FROM information_schema.columns WHERE table_schema = %s AND table_name = %s
ORDER BY ordinal_position
"""
_NO_CONNECTION: Final = range(2000, 2100)
"""Errors of the client, not of the server."""
_REFUSED: Final = (1044, 1045, 1049, 1698)
"""The server does not let this user in, or has no such database."""


@contextmanager
def read_table(address: str, table: str | None) -> Iterator[Stream]:
    """See `opening.streamed`; the address is `mysql://USER:PASSWORD@HOST:PORT/DATABASE?unix_socket=PATH`."""
    try:
        import pymysql  # noqa: PLC0415 - an extra
        from pymysql.cursors import SSCursor  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        message = "MySQL databases need the package pymysql"
        raise MissingExtra(message, hint="pip install 'luobo[mysql]'") from None
    with (
        _spoken(),
        pymysql.connect(**_told(address), cursorclass=SSCursor, charset="utf8mb4", connect_timeout=_PATIENCE) as server,
        server.cursor() as cursor,
    ):
        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        cursor.execute(_TABLES)
        name = chosen([Name(str(schema), str(one)) for schema, one in cursor.fetchall()], table)
        cursor.execute(_COLUMNS, (name.schema, name.table))
        columns = [str(one) for (one,) in cursor.fetchall()]
        if not columns:  # of a view that would have to write the server says none
            message = f"{name}: the database does not say which columns it has"
            raise UnreadableInput(message, hint="name a table, or a view that only reads")
        texts = ", ".join(f"CAST({_quoted(one)} AS CHAR CHARACTER SET utf8mb4)" for one in columns)
        cursor.execute(f"SELECT {texts} FROM {_quoted(name.schema)}.{_quoted(name.table)}")  # noqa: S608 - quoted names
        yield Stream(str(name), None, _batches(cursor, columns), _spoken)


def _batches(cursor: Cursor, columns: list[str]) -> Iterator[pa.RecordBatch]:
    schema = dict.fromkeys(columns, pl.String)
    while rows := cursor.fetchmany(_AT_ONCE):
        yield from pl.DataFrame(rows, schema, orient="row").to_arrow(compat_level=pl.CompatLevel.oldest()).to_batches()


def _quoted(name: str) -> str:
    # As for % in a query without arguments: the driver leaves it as it is.
    return "`" + name.replace("`", "``") + "`"


def _told(address: str) -> dict[str, Any]:
    """What an address says.

    Raises:
        UnreadableInput: it is none.
    """
    try:
        parts = urlsplit(address)
        told: dict[str, Any] = {
            "host": parts.hostname or "localhost",
            "port": parts.port or _PORT,
            "user": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "database": unquote(parts.path.lstrip("/")) or None,
        }
    except ValueError:
        raise UnreadableInput("the address of the database cannot be read", hint=f"write {_WHERE}") from None
    socket = parse_qs(parts.query).get("unix_socket")
    return told | ({"unix_socket": socket[0]} if socket else {})


@contextmanager
def _spoken() -> Iterator[None]:
    """What the driver complains of, as an error of ours. Its message may quote a row: only its number is told."""
    import pymysql  # noqa: PLC0415 - an extra

    try:
        yield
    except pymysql.Error as fault:
        number = fault.args[0] if fault.args and isinstance(fault.args[0], int) else 0
        if number in _REFUSED or number in _NO_CONNECTION:
            raise UnreadableInput("the database cannot be reached", hint=f"check the address: {_WHERE}") from None
        message = f"the database refused: error {number}"
        raise UnreadableInput(message, hint="check that the user may read the table") from None
