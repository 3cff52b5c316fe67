"""The embedded engine: everything in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from tracer.engines.interface import Item, Result


@dataclass(frozen=True, slots=True)
class Held:
    """A frame in memory."""

    held: pl.DataFrame = field(repr=False)

    def frame(self) -> pl.DataFrame:
        """See `Laid.frame`."""
        return self.held


class Here:
    """Bulk work in this process."""

    name = "here"

    def laid(self, frame: pl.DataFrame) -> Held:
        """See `Engine.laid`."""
        return Held(frame)

    def each(self, work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """See `Engine.each`."""
        return [work(item) for item in items]

    def rowwise(self, work: Callable[[pl.DataFrame], pl.DataFrame], frame: pl.DataFrame) -> pl.DataFrame:
        """See `Engine.rowwise`."""
        return work(frame)


HERE: Final = Here()
