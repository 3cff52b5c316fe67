"""A table in a PostgreSQL database, read portion by portion in one transaction that cannot write.

The server copies the table out as it does for a backup (COPY … TO STDOUT), every value as text, so that what is
registered is what an export would have held. Nothing of it is put on this machine's disk, and no more than a portion of
it is ever in memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from tracer.errors import MissingExtra, UnknownName, UnreadableInput

if TYPE_CHECKING:
    import psycopg
    import pyarrow as pa

SCHEMES: Final = ("postgresql", "postgres")
PORTION: Final = 250_000
"""Rows that are handed over at a time."""
_SAMPLED: Final = 50
"""Pages of a table, spread over it at random, by which its columns are understood."""
_LISTED: Final = 10
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


@dataclass(frozen=True, slots=True)
class Name:
    """A table or view."""

    schema: str
    table: str
    pages: int
    """How long the server thinks it is; 0 for a view."""


@dataclass(slots=True)
class Stream:
    """The rows of a table, read once."""

    name: str
    sample: pl.DataFrame | None
    """Rows from all over it, as `portions` gives them; None of a view, of which only the server knows the parts."""
    batches: Iterator[pa.RecordBatch]
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    @property
    def sha256(self) -> str:
        """Digest of all that was read so far."""
        return self.digest.hexdigest()

    def portions(self) -> Iterator[pl.DataFrame]:
        """All rows, as many at a time as can be held: Utf8 columns, null where the database has null.

        Raises:
            UnreadableInput: the database refuses to go on.
        """
        held: list[pl.DataFrame] = []
        with _spoken():
            for batch in self.batches:
                self._digest(batch)
                held.append(pl.DataFrame(batch))
                if sum(one.height for one in held) >= PORTION:
                    yield pl.concat(held)
                    held = []
        if held:
            yield pl.concat(held)

    def _digest(self, batch: pa.RecordBatch) -> None:
        for column in batch.columns:
            for buffer in column.buffers():
                self.digest.update(b"" if buffer is None else memoryview(buffer))


def is_database(address: str) -> bool:
    """Whether something names a database and not a file.

    Raises:
        MissingExtra: a kind of database that cannot be read.
    """
    scheme, there, _ = address.partition("://")
    if there and scheme not in SCHEMES:
        raise MissingExtra(f"{scheme}: such databases cannot be read", hint="export the table as CSV")
    return bool(there)


@contextmanager
def streamed(address: str, table: str | None = None) -> Iterator[Stream]:
    """Read a table or view.

    Args:
        address: `postgresql://USER@HOST:PORT/DATABASE`, as libpq takes it; never shown, for it may hold a password.
        table: its name, with or without schema; may be left out where there is only one.

    Raises:
        MissingExtra: the packages for it are not installed.
        UnknownName: there is no such table, or several and none is named.
        UnreadableInput: the database cannot be reached, or refuses.
    """
    try:
        import psycopg  # noqa: PLC0415 - an extra
        from adbc_driver_postgresql import dbapi  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        message = "databases need the packages psycopg and adbc-driver-postgresql"
        raise MissingExtra(message, hint="pip install 'luobo[postgres]'") from None
    with _spoken():
        with psycopg.connect(address, connect_timeout=_PATIENCE) as connection:
            connection.read_only = True
            name = _chosen(connection, table)
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
            yield Stream(f"{name.schema}.{name.table}", sample, cursor._results.reader)  # noqa: SLF001


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


def _chosen(connection: psycopg.Connection[Any], table: str | None) -> Name:
    there = [Name(str(schema), str(name), int(pages)) for schema, name, pages in connection.execute(_TABLES)]
    found = [one for one in there if table in {None, one.table, f"{one.schema}.{one.table}"}]
    if len(found) == 1:
        return found[0]
    if table is not None and not found:
        raise UnknownName(f"{table}: the database has no such table", hint="name it as SCHEMA.TABLE")
    listed = ", ".join(f"{one.schema}.{one.table}" for one in found[:_LISTED]) or "none"
    raise UnknownName(f"the database holds {len(found)} tables ({listed})", hint="say which with --table SCHEMA.TABLE")
