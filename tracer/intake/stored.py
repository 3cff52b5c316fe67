"""A table whose cells were handed over and lie on disk, in pieces."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from tracer.intake.interface import LENGTH, OFFSET
from tracer.intake.spool import File, frame_at


@dataclass(frozen=True, slots=True)
class Portion:
    """A piece of a table, on disk."""

    names: tuple[str | None, ...]
    """The header of each of its columns."""
    rows: int
    held: tuple[int, int]
    """(byte, bytes) of its cells."""
    sample: tuple[int, int]
    """The same of one in `stride` of its records."""
    stride: int
    void: frozenset[int]
    """Columns, by their place, that hold nothing."""


@dataclass(slots=True)
class Stored:
    """A table whose cells are on disk."""

    name: str
    names: list[str | None]
    """Header of each column, None where it has none."""
    keyed: bool
    portions: list[Portion] = field(default_factory=list)

    @property
    def records(self) -> int:
        """How many there are."""
        return sum(portion.rows for portion in self.portions)

    @property
    def held(self) -> int:
        """Bytes of their cells."""
        return sum(portion.held[1] for portion in self.portions)

    def take(self, portion: Portion) -> None:
        """Add a piece."""
        names = portion.names
        if self.keyed:
            known = set(self.names)
            self.names += [name for name in names if name not in known]
        else:
            self.names = [a or b for a, b in zip(self.names, names, strict=False)] + [
                *self.names[len(names) :], *names[len(self.names) :]
            ]  # fmt: skip
        self.portions.append(portion)

    def frames(self, cells: File, wanted: Collection[int] | None = None, first: int = 0) -> Iterator[pl.DataFrame]:
        """Its records, piece by piece from the `first` on: `offset`, `length` and a column `c0`, `c1` … for each name.

        Where only some are `wanted`, by their place, only these are read.
        """
        wanted = range(len(self.names)) if wanted is None else sorted(wanted)
        for portion in self.portions[first:]:
            yield self._arranged(cells, portion, portion.held, wanted)

    def sample(self, cells: File, most: int) -> pl.DataFrame:
        """At least `most` of its records (all if there are fewer), spread evenly, as `frames` gives them."""
        share = max(1, self.records // most)
        return pl.concat(
            self._arranged(cells, portion, portion.sample, range(len(self.names))).gather_every(
                max(1, share // portion.stride)
            )
            for portion in self.portions
        )

    def filled(self) -> list[bool]:
        """Whether a column holds anything, for each of `names`."""
        filled = [False] * len(self.names)
        for portion in self.portions:
            for i, place in enumerate(self._places(portion)):
                filled[place] = filled[place] or i not in portion.void
        return filled

    def _places(self, portion: Portion) -> Sequence[int]:
        if not self.keyed:
            return range(len(portion.names))
        places = {name: place for place, name in enumerate(self.names)}
        return [places[name] for name in portion.names]

    def _arranged(self, cells: File, portion: Portion, where: tuple[int, int], wanted: Sequence[int]) -> pl.DataFrame:
        held = {place: f"c{i}" for i, place in enumerate(self._places(portion))}
        frame = frame_at(cells, *where, [OFFSET, LENGTH, *(held[place] for place in wanted if place in held)])
        nothing = pl.lit(None, pl.String)
        return frame.select(
            OFFSET, LENGTH, *((pl.col(held[i]) if i in held else nothing).alias(f"c{i}") for i in wanted)
        )
