"""SQLite databases: every table, read only, as a file that nobody changes; views are not read again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from urllib.parse import quote

import polars as pl

from tracer.errors import UnreadableInput
from tracer.intake.interface import Note, Part, Piece, Shape, Sheet
from tracer.intake.member import Member

_MAGIC = b"SQLite format 3\x00"
_BATCH = 50_000
_MOST_CELLS = 4 << 20
_LARGEST_IN_MEMORY = 512 << 20
_OWN = "sqlite_"


class Sqlite:
    """A database file (SQLite 3)."""

    format = "sqlite"

    def recognises(self, member: Member, head: bytes) -> bool:
        """Whether it has SQLite's mark."""
        return head.startswith(_MAGIC)

    def read(self, member: Member) -> Iterator[Part]:
        """Every row of every table a record.

        Raises:
            UnreadableInput: it is damaged beyond its first page.
        """
        yield Shape("sqlite", "")
        if member.head(20)[18:20] == b"\x02\x02":
            yield Note("the database was in WAL mode: changes in a file -wal beside it are not in it and were not read")
        base = _opened(member)
        try:
            names = _tables(base)
            if not names:
                raise UnreadableInput(
                    f"{member.name}: is a database without tables", hint="check that it was copied whole"
                )
            for name in names:
                yield Sheet(name)
                yield from _rows(base, name)
        except sqlite3.Error:
            raise UnreadableInput(f"{member.name}: is a damaged SQLite database", hint="was it copied whole?") from None
        finally:
            base.close()


def _opened(member: Member) -> sqlite3.Connection:
    try:
        if member.lasting:
            base = sqlite3.connect(f"file:{quote(member.path)}?mode=ro&immutable=1", uri=True)
        elif member.size <= _LARGEST_IN_MEMORY:
            base = sqlite3.connect(":memory:")
            base.deserialize(member.read())
        else:
            raise UnreadableInput(
                f"{member.name}: is too large a database to be read inside an archive", hint="unpack it"
            )
        base.execute("PRAGMA trusted_schema = OFF")
        base.execute("PRAGMA cell_size_check = ON")
        base.execute("PRAGMA query_only = ON")
        base.execute("PRAGMA temp_store = MEMORY")
    except sqlite3.Error:
        raise UnreadableInput(f"{member.name}: is a damaged SQLite database", hint="was it copied whole?") from None
    base.text_factory = bytes
    return base


def _tables(base: sqlite3.Connection) -> list[str]:
    """Tables that people made: no views, no indexes' shadows, nothing of SQLite's own."""
    found = base.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY rowid").fetchall()
    tables = {_decoded(name): _decoded(sql or b"") for name, sql in found}
    virtual = {name for name, sql in tables.items() if sql.upper().lstrip().startswith("CREATE VIRTUAL")}
    shadows = {
        f"{name}_{part}"
        for name in virtual
        for part in (
            "data",
            "idx",
            "content",
            "docsize",
            "config",
            "segments",
            "segdir",
            "stat",
            "node",
            "parent",
            "rowid",
        )
    }
    return [name for name in tables if not name.startswith(_OWN) and name not in shadows and name != "android_metadata"]


def _rows(base: sqlite3.Connection, name: str) -> Iterator[Part]:
    quoted = '"' + name.replace('"', '""') + '"'
    try:
        cursor = base.execute(f"SELECT * FROM {quoted}")  # noqa: S608 (a table's name cannot be a parameter)
        names = tuple(column[0] for column in cursor.description)
        size = max(1, min(_BATCH, _MOST_CELLS // len(names)))
        while rows := cursor.fetchmany(size):
            yield _piece(name, names, rows)
    except (sqlite3.Error, OverflowError) as fault:
        yield Note(
            f"{name}: this table is damaged or cannot be read on ({type(fault).__name__}); what stands before was read"
        )


def _piece(name: str, names: tuple[str, ...], rows: list[tuple[object, ...]]) -> Piece:
    columns = zip(*rows, strict=True)
    cells = pl.DataFrame(
        [pl.Series(f"c{i}", list(map(_text, column)), dtype=pl.String) for i, column in enumerate(columns)]
    )
    return Piece(name, names, cells)


def _text(value: object) -> str | None:
    if value is None or value == b"":
        return None
    if isinstance(value, bytes):
        return _decoded(value) if len(value) <= 1 << 20 else f"({len(value)} bytes)"
    if isinstance(value, float) and value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _decoded(value: bytes | str) -> str:
    if isinstance(value, str):
        return value
    for encoding in ("utf-8", "gb18030"):
        try:
            return value.decode(encoding)
        except UnicodeDecodeError:
            continue
    return value[:64].hex() if len(value) > 64 else value.hex()
