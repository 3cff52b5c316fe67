"""The embedded engine: everything in this process, two things at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
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
    near = True

    def laid(self, frame: pl.DataFrame) -> Held:
        """See `Engine.laid`."""
        return Held(frame)

    def each(self, work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """See `Engine.each`."""
        return side_by_side(work, items)

    def rowwise(self, work: Callable[[pl.DataFrame], pl.DataFrame], frame: pl.DataFrame) -> pl.DataFrame:
        """See `Engine.rowwise`."""
        return work(frame)


def side_by_side(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Work on each item in some thread: digests, numpy and Polars let others run meanwhile.

    Returns:
        (items) what the work gave, in the order of the items.
    """
    threads = min(_THREADS, os.cpu_count() or 1, len(items))
    if threads < 2:
        return [work(item) for item in items]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, items))


_THREADS: Final = 2
"""More would wait for the interpreter, and hold more platforms in memory."""

HERE: Final = Here()
