"""A table in a PostgreSQL database, read portion by portion in one transaction that cannot write.

The server copies the table out as it does for a backup (COPY … TO STDOUT), every value as text, so that what is
registered is what an export would have held. Nothing of it is put on this machine's disk, and no more than a portion of
it is ever in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import polars as pl

from tracer.errors import MissingExtra, UnreadableInput
from tracer.intake.databases.stream import Name, Stream, chosen

_SAMPLED: Final = 50
"""Pages of a table, spread over it at random, by which its columns are understood."""
_PATIENCE: Final = 10
"""Seconds to wait for a connection."""
_TABLES: Final = """
SELECT n.nspname, c.relname, CASE WHEN relkind IN ('r', 'm') THEN relpages ELSE 0 END
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY 1, 2
"""
_COLUMNS: Final = """
SELECT attname FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace
WHERE nspname = %s AND relname = %s AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""


@contextmanager
def read_table(address: str, table: str | None) -> Iterator[Stream]:
    """See `opening.streamed`; the address is `postgresql://USER@HOST:PORT/DATABASE`, as libpq takes it."""
    try:
        import psycopg  # noqa: PLC0415 - an extra
        from adbc_driver_postgresql import dbapi  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        message = "databases need the packages psycopg and adbc-driver-postgresql"
        raise MissingExtra(message, hint="pip install 'luobo[postgres]'") from None
    with _spoken():
        with psycopg.connect(address, connect_timeout=_PATIENCE) as connection:
            connection.read_only = True
            there = [Name(str(one), str(other), int(pages)) for one, other, pages in connection.execute(_TABLES)]
            name = chosen(there, table)
            columns = [str(one) for (one,) in connection.execute(_COLUMNS, (name.schema, name.table))]
            source = psycopg.sql.Identifier(name.schema, name.table).as_string(connection)
            texts = ", ".join(f"{psycopg.sql.Identifier(one).as_string(connection)}::text" for one in columns)
        with dbapi.connect(address) as reading, reading.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            sample = None
            if name.pages > _SAMPLED:
                some = f"TABLESAMPLE SYSTEM ({100 * _SAMPLED / name.pages})"
                cursor.execute(f"SELECT {texts} FROM {source} {some}")  # noqa: S608 - names the driver has quoted
                sample = pl.DataFrame(cursor.fetch_arrow_table())
            cursor.execute(f"SELECT {texts} FROM {source}")  # noqa: S608 - as above
            # fetch_record_batch() gives the same without the state by which the server says why it refuses.
            yield Stream(str(name), sample, cursor._results.reader, _spoken)  # noqa: SLF001


@contextmanager
def _spoken() -> Iterator[None]:
    """What a driver complains of, as an error of ours. Its message may quote a row: only its kind is told."""
    import psycopg  # noqa: PLC0415 - an extra
    from adbc_driver_manager import Error  # noqa: PLC0415 - an extra

    try:
        yield
    except psycopg.OperationalError:
        hint = "check the address: postgresql://USER@HOST:PORT/DATABASE"
        raise UnreadableInput("the database cannot be reached", hint=hint) from None
    except (psycopg.Error, Error) as fault:
        state = fault.sqlstate or ""
        message = f"the database refused: {_kind(state)} {state}".strip()
        raise UnreadableInput(message, hint="check that the user may read the table") from None


def _kind(state: str) -> str:
    import psycopg  # noqa: PLC0415 - an extra

    try:
        return psycopg.errors.lookup(state).__name__
    except KeyError:
        return "error"
