"""An exhibit becomes rows and nothing is lost: the one way into a dump."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from tracer.custody.exhibit import Exhibit
from tracer.errors import UnreadableInput
from tracer.intake.columns import assign_all
from tracer.intake.gathering import Gathering, gather
from tracer.intake.header import names as titles_of
from tracer.intake.interface import LENGTH, OFFSET, ROW, Column, Reading, Reject, Role, Table
from tracer.intake.limits import DEFAULT_LIMITS, Limits
from tracer.intake.merged import Part, parts_of
from tracer.intake.spool import File
from tracer.intake.stored import Stored
from tracer.settings import DEFAULT, Settings

_SAMPLED = 2_000
"""Records of a table by which its columns are understood."""


class Frames(Protocol):
    """The records of a table, read anew each time they are asked for."""

    def __call__(self, roles: Collection[Role] | None = None, first: int = 0) -> Iterator[pl.DataFrame]:
        """In pieces, from the `first` on: `offset`, `length`, each column as Utf8, or each of one of these roles."""
        ...


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
class Outline:
    """A table that was understood, its cells still on disk."""

    name: str
    columns: tuple[Column, ...]
    records: int
    sample: pl.DataFrame
    frames: Frames
    """Its records in pieces."""
    pieces: int
    plan: Plan
    held: int = 0
    """Bytes of its cells on disk."""


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """An exhibit that was read to its end and is too large to be held."""

    format: str
    encoding: str
    tables: tuple[Outline, ...]
    rejects: tuple[Reject, ...]
    rejected: int
    """All rejects, also those beyond the first 100,000, which alone are listed."""
    members: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def records(self) -> int:
        """Rows of data about a person or an account."""
        return sum(table.records for table in self.tables)

    @property
    def notes(self) -> tuple[str, ...]:
        """The warnings, and whether some rejects are not listed."""
        if self.rejected == len(self.rejects):
            return self.warnings
        return (*self.warnings, f"only the first {len(self.rejects)} of {self.rejected} rejects are listed")

    @property
    def held(self) -> int:
        """Bytes of the cells on disk."""
        return sum(table.held for table in self.tables)


def read(
    exhibit: Exhibit,
    settings: Settings = DEFAULT,  # noqa: ARG001 (roles will depend on the region)
    *,
    limits: Limits = DEFAULT_LIMITS,
    password: str | None = None,
) -> Reading:
    """Every record of the exhibit as text cells, with the role of each column.

    Raises:
        UnreadableInput: nothing in it can be read as records, or it changed while it was read.
    """
    return whole(survey(exhibit, limits=limits, password=password))


def whole(found: Survey) -> Reading:
    """What was read, with all its records in memory."""
    tables, first = [], 0
    for outline in found.tables:
        frame = pl.concat([*outline.frames()]) if outline.records else _nothing(outline)
        frame = frame.with_row_index(ROW, first)
        first += frame.height
        tables.append(Table(outline.name, outline.columns, frame))
    unlisted = found.rejected - len(found.rejects)
    return Reading(found.format, found.encoding, tuple(tables), found.rejects, unlisted, found.members, found.notes)


def survey(
    exhibit: Exhibit,
    *,
    limits: Limits = DEFAULT_LIMITS,
    password: str | None = None,
    watch: Callable[[Survey], None] | None = None,
) -> Survey:
    """As `read`, for whoever looks at the records once and need not hold them.

    Args:
        exhibit: to be read.
        limits: what that may cost.
        password: of an encrypted archive or workbook.
        watch: shown, in a thread of its own, what was read so far, while more is being read. What a column means may
            look different at the end.

    Raises:
        UnreadableInput: nothing in it can be read as records, or it changed while it was read.
    """

    def seen(so_far: Gathering) -> None:
        if watch is not None and so_far.records:
            watch(understood(exhibit, so_far))

    found = gather(exhibit, limits, password, seen if watch is not None else None)
    _require_unchanged(exhibit)
    return understood(exhibit, found)


def understood(exhibit: Exhibit, found: Gathering) -> Survey:
    """What was handed over, every column with its role.

    Raises:
        UnreadableInput: there is nothing in it.
    """
    faults = found.faults
    if not found.tables:
        message, hint = faults[0] if faults else (_nothing_in(exhibit, found), "check that it was copied whole")
        raise UnreadableInput(message, hint=hint)
    kept = [table for table in found.tables if table.records] or found.tables[:1]
    single = len(kept) == 1
    outlines = tuple(one for batch in _batches(kept) for one in _outlines(batch, found.cells, named=not single))
    shapes = list(dict.fromkeys(found.formats))
    encodings = list(dict.fromkeys(found.encodings))
    return Survey(
        format=shapes[0] if shapes else "",
        encoding=encodings[0] if len(encodings) == 1 else "mixed" if encodings else "",
        tables=outlines,
        rejects=tuple(found.rejects),
        rejected=len(found.rejects) + found.unlisted,
        members=_members(found),
        warnings=(*found.notes, *_hidden(found), *(message for message, _ in faults)),
    )


def _members(found: Gathering) -> tuple[str, ...]:
    if found.members:
        return tuple(found.members)
    return tuple(found.sheets) if len(found.sheets) > 1 else ()


def _hidden(found: Gathering) -> Iterator[str]:
    names = set(found.hidden.values())
    records = [table.records for table in found.tables if table.name.partition(" (table ")[0] in names]
    if any(records):
        yield f"{len([count for count in records if count])} hidden sheets hold {sum(records)} records"


def _nothing_in(exhibit: Exhibit, found: Gathering) -> str:
    if found.rejects:
        return f"{exhibit.name}: holds no record that can be read, and {len(found.rejects)} that cannot"
    return f"{exhibit.name}: holds no record"


def _nothing(outline: Outline) -> pl.DataFrame:
    return pl.DataFrame(
        schema={OFFSET: pl.Int64, LENGTH: pl.Int64, **{column.key: pl.String for column in outline.columns}}
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


def _outlines(tables: Sequence[Stored], cells: File, *, named: bool) -> Iterator[Outline]:
    """Understand tables by a sample of their records; columns without header and content are left out."""
    samples, kept, headers = [], [], []
    for table in tables:
        filled = table.filled()
        places = [i for i in range(len(table.names)) if table.names[i] or filled[i]]
        every = titles_of(table.names, len(table.names))
        sample = table.sample(cells, _SAMPLED)
        samples.append(sample.select(pl.col(f"c{i}").alias(f"c{k}") for k, i in enumerate(places)))
        kept.append(places)
        headers.append(tuple(every[i] for i in places))
    roles = assign_all(list(zip(samples, headers, strict=True)))
    for table, places, sample, columns in zip(tables, kept, samples, roles, strict=True):
        yield _outline(table, places, sample, columns, cells, table.name if named else "")


def _outline(  # noqa: PLR0913 (what is known of a table)
    table: Stored, places: list[int], sample: pl.DataFrame, columns: tuple[Column, ...], cells: File, name: str
) -> Outline:
    parts = parts_of(sample, columns)

    def frames(roles: Collection[Role] | None = None, first: int = 0) -> Iterator[pl.DataFrame]:
        taken = [part for part in parts if roles is None or part.column.role in roles]
        keys = {column.key for column in columns if roles is None or column.role in roles}
        keys |= {part.source for part in taken}
        kept = [(place, f"c{k}") for k, place in enumerate(places) if f"c{k}" in keys]
        for frame in table.frames(cells, [place for place, _ in kept], first):
            held = frame.select(OFFSET, LENGTH, *(pl.col(f"c{place}").alias(key) for place, key in kept))
            yield held.with_columns(part.taken() for part in taken) if taken else held

    plan = Plan(
        table.portions[0].held[0] if table.portions else 0,
        tuple(places),
        tuple(column.role for column in columns),
        tuple((part.source, part.column.role) for part in parts),
    )
    every = (*columns, *(part.column for part in parts))
    return Outline(name, every, table.records, _with(sample, parts), frames, len(table.portions), plan, table.held)


def _with(sample: pl.DataFrame, parts: tuple[Part, ...]) -> pl.DataFrame:
    return sample.with_columns(part.taken() for part in parts) if parts else sample


def _require_unchanged(exhibit: Exhibit) -> None:
    """Refuse what is no longer what was sealed: another length, or touched since and of another digest."""
    changed = f"{exhibit.name}: changed while it was being read"
    hint = "copy it to a place that nobody writes to"
    with contextlib.suppress(OSError):
        state = exhibit.path.stat()
        if state.st_size != exhibit.size:
            raise UnreadableInput(changed, hint=hint)
        if max(state.st_ctime, state.st_mtime) < exhibit.sealed_at.timestamp() - 1:
            return
        with exhibit.path.open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != exhibit.sha256:
                raise UnreadableInput(changed, hint=hint)
        return
    raise UnreadableInput(changed, hint=hint)
