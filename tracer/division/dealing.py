"""A dump is dealt out to parts, so that all records of a person lie in one, and each part is a random sample of people.

Whose a record is says the token of its main identifier. Tokens are even and keyed, so that which part a person falls to
has nothing to do with anything else about him. Records without one count as one person each and go by their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.division.mixing import mixed
from tracer.division.scratch import Scratch, packed, unpacked
from tracer.identifiers.kinds import COMPOSITE, whole_forms
from tracer.intake.interface import LENGTH, OFFSET, ROW, Column, Table
from tracer.intake.outline import Outline
from tracer.intake.reading import Survey
from tracer.linkage.dump import Settled, leading, nature_of, prepare, telling
from tracer.tokens import TokenKey, identifier_token
from tracer.vault.composites import clues

_TABLE: Final = 4
"""Bytes before a piece that say of which table it is."""
_WAITING: Final = 400_000
"""Records that are kept back, so that pieces are not too small."""


@dataclass(frozen=True, slots=True)
class Headed:
    """A table of a dump without its records."""

    name: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Dealt:
    """A dump that lies in parts."""

    records: tuple[int, ...]
    """Of each part."""
    tables: tuple[Headed, ...]
    settled: Settled

    @property
    def parts(self) -> int:
        """How many there are."""
        return len(self.records)


def settle(found: Survey, key: TokenKey) -> Settled:
    """What is settled for all of a dump by the samples of its tables: what values are, and which identifier leads."""
    natures: list[str] = []
    carried: dict[str, float] = {}
    for outline in found.tables:
        natures += [nature_of(outline.sample, column) for column in telling(outline.columns)]
        if outline.sample.is_empty():
            continue
        sample = prepare([Table(outline.name, outline.columns, outline.sample.with_row_index(ROW))], key)
        for kind, frame in sample.identifiers.items():
            share = frame.get_column("row").n_unique() / outline.sample.height
            carried[kind] = carried.get(kind, 0.0) + share * outline.records
    return Settled(leading(carried), tuple(natures))


def deal(found: Survey, settled: Settled, parts: int, key: TokenKey, scratch: Scratch) -> Dealt:
    """Deal the records of a dump out to parts, reading them once."""
    first, counted = 0, np.zeros(parts, np.int64)
    for place, outline in enumerate(found.tables):
        waiting = _Waiting(place, parts, scratch)
        for frame in outline.frames():
            numbered = frame.drop(LENGTH).with_row_index(ROW, first)
            first += frame.height
            part = _part(numbered, outline, settled.main_kind, parts, key)
            counted += np.bincount(part, minlength=parts)
            waiting.take(numbered, part)
        waiting.flush()
    return Dealt(tuple(counted.tolist()), tuple(Headed(one.name, one.columns) for one in found.tables), settled)


def tables_of(dealt: Dealt, part: int, scratch: Scratch) -> tuple[list[Table], pl.DataFrame]:
    """The records of one part.

    Returns:
        Its tables, their records numbered from 0; and (`row`, `offset`) that each of them has in the dump.

    Raises:
        TracerError: some of them are lost.
    """
    pieces: list[list[pl.DataFrame]] = [[] for _ in dealt.tables]
    for content in scratch.pieces(f"cells/{part}"):
        pieces[int.from_bytes(content[:_TABLE], "little")].append(unpacked(content[_TABLE:]))
    tables, places, first = [], [pl.DataFrame(schema={ROW: pl.UInt32, OFFSET: pl.Int64})], 0
    for headed, held in zip(dealt.tables, pieces, strict=True):
        if held:
            frame = pl.concat(held)
            held.clear()
        else:
            frame = pl.DataFrame(
                schema={ROW: pl.UInt32, OFFSET: pl.Int64, **{one.key: pl.String for one in headed.columns}}
            )
        places.append(frame.select(ROW, OFFSET))
        tables.append(Table(headed.name, headed.columns, frame.drop(ROW).with_row_index(ROW, first)))
        first += frame.height
    if first != dealt.records[part]:
        raise scratch.damaged()
    return tables, pl.concat(places)


@dataclass(slots=True)
class _Waiting:
    """Records of one table on their way to the parts."""

    table: int
    parts: int
    scratch: Scratch
    frames: list[pl.DataFrame] = field(default_factory=list)
    chosen: list[NDArray[np.int64]] = field(default_factory=list)

    def take(self, frame: pl.DataFrame, part: NDArray[np.int64]) -> None:
        """Some more of them, and the part of each."""
        self.frames.append(frame)
        self.chosen.append(part)
        if sum(one.size for one in self.chosen) >= _WAITING:
            self.flush()

    def flush(self) -> None:
        """Lay them down."""
        if not self.frames:
            return
        part = np.concatenate(self.chosen)
        frame = pl.concat(self.frames)[np.argsort(part, kind="stable")]
        ends = np.cumsum(np.bincount(part, minlength=self.parts))
        for number, (start, end) in enumerate(zip(np.append(0, ends[:-1]).tolist(), ends.tolist(), strict=True)):
            if end > start:
                piece = packed(frame.slice(start, end - start))
                self.scratch.append(f"cells/{number}", self.table.to_bytes(_TABLE, "little") + piece)
        self.frames.clear()
        self.chosen.clear()


def _part(frame: pl.DataFrame, outline: Outline, kind: str | None, parts: int, key: TokenKey) -> NDArray[np.int64]:
    """(records,) the part of each."""
    number = mixed(frame.get_column(ROW).to_numpy().astype(np.uint64))
    roles = [(column.key, column.role.value) for column in outline.columns]
    token = _tokens(frame, roles, kind, key)
    word = number if token is None else np.where(token == 0, number, mixed(token))
    return (word % np.uint64(parts)).astype(np.int64)


def _tokens(
    frame: pl.DataFrame, roles: Sequence[tuple[str, str]], kind: str | None, key: TokenKey
) -> NDArray[np.uint64] | None:
    """(records,) the token of the kind that leads, the first of several; 0 where there is none; None if none has."""
    if kind in COMPOSITE:
        found = clues(frame, list(roles), key, mistyped=True).get(kind)
        if found is None:
            return None
        token = np.zeros(frame.height, np.uint64)
        carried = found.tokens(key, kind)
        token[carried.get_column("row").to_numpy()[::-1]] = carried.get_column("token").to_numpy()[::-1]
        return token
    forms = [form.expr for form in whole_forms(list(roles)) if form.kind == kind]
    if kind is None or not forms:
        return None
    made = pl.coalesce(identifier_token(form, key, kind) for form in forms)
    return frame.lazy().select(made.fill_null(0)).collect(engine="in-memory").to_series().to_numpy()
