"""A table whose columns are understood, its cells still on disk."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from tracer.intake.columns import assign_all
from tracer.intake.header import names as titles_of
from tracer.intake.interface import LENGTH, OFFSET, Column, Role
from tracer.intake.merged import Part, parts_of
from tracer.intake.spool import File
from tracer.intake.stored import Stored

_SAMPLED = 2_000
"""Records of a table by which its columns are understood."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How the cells of a table are understood: under equal plans equal pieces give equal frames."""

    begins: int
    """Where its first piece lies."""
    places: tuple[int, ...]
    roles: tuple[Role, ...]
    parts: tuple[tuple[str, Role], ...]
    """Which column, and what is taken out of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Understanding:
    """What the columns of a table are taken for."""

    places: tuple[int, ...]
    """Those that have a header or hold something."""
    columns: tuple[Column, ...]
    parts: tuple[Part, ...]
    """What is taken out of them."""
    sample: pl.DataFrame
    """The records that were looked at."""
    records: int
    """How many there were then."""


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A table, and what its columns are taken for."""

    name: str
    understanding: Understanding
    stored: Stored
    cells: File

    @property
    def columns(self) -> tuple[Column, ...]:
        """Also those that are taken out of others."""
        return (*self.understanding.columns, *(part.column for part in self.understanding.parts))

    @property
    def records(self) -> int:
        """How many there are."""
        return self.stored.records

    @property
    def sample(self) -> pl.DataFrame:
        """Some of them, spread evenly over all that there were when the columns were looked at."""
        parts = self.understanding.parts
        return _with(self.understanding.sample, parts)

    @property
    def held(self) -> int:
        """Bytes of their cells on disk."""
        return self.stored.held

    @property
    def pieces(self) -> int:
        """In how many `frames` comes."""
        return len(self.stored.portions)

    @property
    def plan(self) -> Plan:
        """How it is understood."""
        known = self.understanding
        return Plan(
            self.stored.portions[0].held[0] if self.stored.portions else 0,
            known.places,
            tuple(column.role for column in known.columns),
            tuple((part.source, part.column.role) for part in known.parts),
        )

    def frames(self, roles: Collection[Role] | None = None, first: int = 0) -> Iterator[pl.DataFrame]:
        """Its records in pieces, from the `first` on: `offset`, `length`, each column as Utf8, or each of some roles.

        They are read anew each time they are asked for.
        """
        known = self.understanding
        taken = [part for part in known.parts if roles is None or part.column.role in roles]
        keys = {column.key for column in known.columns if roles is None or column.role in roles}
        keys |= {part.source for part in taken}
        kept = [(place, f"c{k}") for k, place in enumerate(known.places) if f"c{k}" in keys]
        for frame in self.stored.frames(self.cells, [place for place, _ in kept], first):
            held = frame.select(OFFSET, LENGTH, *(pl.col(f"c{place}").alias(key) for place, key in kept))
            yield _with(held, taken)


def outline(tables: Sequence[Stored], cells: File, before: Sequence[Outline] = ()) -> tuple[Outline, ...]:
    """Understand tables by samples of their records; columns without header and content are left out.

    Args:
        tables: as they are now.
        cells: where their cells are.
        before: what they were taken for when they were shorter: what has not doubled since then is not looked at again.
    """
    names = [table.name if len(tables) > 1 else "" for table in tables]
    if len(before) == len(tables) and all(map(_holds, before, tables)):
        known = [one.understanding for one in before]
    else:
        known = [one for batch in _batches(tables) for one in _understood(batch, cells)]
    return tuple(Outline(name, one, table, cells) for name, one, table in zip(names, known, tables, strict=True))


def _holds(before: Outline, table: Stored) -> bool:
    """Whether a table is still what it was taken for when it was shorter."""
    known = before.understanding
    return (
        table.records < 2 * known.records
        and table.portions[:1] == before.stored.portions[:1]
        and table.names == before.stored.names
        and _places(table) == known.places
    )


def _batches(tables: Sequence[Stored]) -> Iterator[list[Stored]]:
    """Tables that are understood together: small ones by the hundred, large ones alone."""
    batch: list[Stored] = []
    records = 0
    for table in tables:
        batch.append(table)
        records += table.records
        if records >= _SAMPLED:
            yield batch
            batch, records = [], 0
    if batch:
        yield batch


def _places(table: Stored) -> tuple[int, ...]:
    filled = table.filled()
    return tuple(i for i, name in enumerate(table.names) if name or filled[i])


def _understood(tables: Sequence[Stored], cells: File) -> Iterator[Understanding]:
    samples, kept, headers = [], [], []
    for table in tables:
        places = _places(table)
        every = titles_of(table.names, len(table.names))
        sample = table.sample(cells, _SAMPLED)
        samples.append(sample.select(pl.col(f"c{i}").alias(f"c{k}") for k, i in enumerate(places)))
        kept.append(places)
        headers.append(tuple(every[i] for i in places))
    roles = assign_all(list(zip(samples, headers, strict=True)))
    for table, places, sample, columns in zip(tables, kept, samples, roles, strict=True):
        yield Understanding(places, columns, parts_of(sample, columns), sample, table.records)


def _with(frame: pl.DataFrame, parts: Sequence[Part]) -> pl.DataFrame:
    return frame.with_columns(part.taken() for part in parts) if parts else frame
