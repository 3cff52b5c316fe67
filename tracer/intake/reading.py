"""An exhibit becomes rows and nothing is lost: the one way into a dump."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from tracer.custody.exhibit import Exhibit
from tracer.errors import UnreadableInput
from tracer.intake.gathering import Gathering, gather
from tracer.intake.interface import LENGTH, OFFSET, ROW, Reading, Reject, Table
from tracer.intake.limits import DEFAULT_LIMITS, Limits
from tracer.intake.outline import Outline, outline
from tracer.settings import DEFAULT, Settings


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
    for table in found.tables:
        frame = pl.concat([*table.frames()]) if table.records else _nothing(table)
        frame = frame.with_row_index(ROW, first)
        first += frame.height
        tables.append(Table(table.name, table.columns, frame))
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
    before: tuple[Outline, ...] = ()

    def seen(so_far: Gathering) -> None:
        nonlocal before
        if watch is not None and so_far.records:
            known = understood(exhibit, so_far, before)
            before = known.tables
            watch(known)

    found = gather(exhibit, limits, password, seen if watch is not None else None)
    _require_unchanged(exhibit)
    return understood(exhibit, found)


def understood(exhibit: Exhibit, found: Gathering, before: Sequence[Outline] = ()) -> Survey:
    """What was handed over, every column with its role.

    Args:
        exhibit: that was read.
        found: what was handed over.
        before: what its tables were taken for when they were shorter; it is not asked again before they double.

    Raises:
        UnreadableInput: there is nothing in it.
    """
    faults = found.faults
    if not found.tables:
        message, hint = faults[0] if faults else (_nothing_in(exhibit, found), "check that it was copied whole")
        raise UnreadableInput(message, hint=hint)
    kept = [table for table in found.tables if table.records] or found.tables[:1]
    outlines = outline(kept, found.cells, before)
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


def _nothing(table: Outline) -> pl.DataFrame:
    return pl.DataFrame(
        schema={OFFSET: pl.Int64, LENGTH: pl.Int64, **{column.key: pl.String for column in table.columns}}
    )


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
