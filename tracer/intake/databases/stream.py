"""The rows of a database's table as they come, whatever database it is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import polars as pl

from tracer.errors import UnknownName

if TYPE_CHECKING:
    import pyarrow as pa

PORTION: Final = 250_000
"""Rows that are handed over at a time."""
_LISTED: Final = 10


@dataclass(frozen=True, slots=True)
class Name:
    """A table or view."""

    schema: str
    table: str
    pages: int = 0
    """How long the server thinks it is; 0 for a view."""

    def __str__(self) -> str:
        """With its schema."""
        return f"{self.schema}.{self.table}"


@dataclass(slots=True)
class Stream:
    """The rows of a table, read once."""

    name: str
    sample: pl.DataFrame | None
    """Rows from all over it, as `portions` gives them; None where only the server knows the parts."""
    batches: Iterator[pa.RecordBatch]
    spoken: Callable[[], AbstractContextManager[None]]
    """Makes errors of ours of what the driver complains of while it reads."""
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
        with self.spoken():
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


def chosen(there: Sequence[Name], table: str | None) -> Name:
    """The table of this name, with or without schema, or the only one.

    Raises:
        UnknownName: there is no such table, or there are several and none is named.
    """
    found = [one for one in there if table in {None, one.table, str(one)}]
    if len(found) == 1:
        return found[0]
    if table is not None and not found:
        raise UnknownName(f"{table}: the database has no such table", hint="name it as SCHEMA.TABLE")
    listed = ", ".join(map(str, found[:_LISTED])) or "none"
    raise UnknownName(f"the database holds {len(found)} tables ({listed})", hint="say which with --table SCHEMA.TABLE")
