"""Which database an address names, and how it is read."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final

from tracer.errors import MissingExtra
from tracer.intake.databases import mysql, postgresql
from tracer.intake.databases.stream import Stream

_READERS: Final[dict[str, Callable[[str, str | None], AbstractContextManager[Stream]]]] = {
    "postgresql": postgresql.read_table,
    "postgres": postgresql.read_table,
    "mysql": mysql.read_table,
    "mariadb": mysql.read_table,
}


def is_database(address: str) -> bool:
    """Whether something names a database and not a file.

    Raises:
        MissingExtra: a kind of database that cannot be read.
    """
    scheme, there, _ = address.partition("://")
    if there and scheme not in _READERS:
        raise MissingExtra(f"{scheme}: such databases cannot be read", hint="export the table as CSV")
    return bool(there)


def streamed(address: str, table: str | None = None) -> AbstractContextManager[Stream]:
    """Read a table or view.

    Args:
        address: `postgresql://USER@HOST:PORT/DATABASE` or `mysql://USER@HOST:PORT/DATABASE`; never shown, for it may
            hold a password.
        table: its name, with or without schema; may be left out where there is only one.

    Raises:
        MissingExtra: the packages for it are not installed.
        UnknownName: there is no such table, or several and none is named.
        UnreadableInput: the database cannot be reached, or refuses.
    """
    return _READERS[address.partition("://")[0]](address, table)
