"""What bulk work an engine does, wherever it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import polars as pl

Item = TypeVar("Item")
Result = TypeVar("Result")


class Laid(Protocol):
    """A frame that lies where work is done, so that work takes this instead of the frame."""

    def frame(self) -> pl.DataFrame:
        """The frame."""
        ...


class Engine(Protocol):
    """Does the same work on many platforms or many records, here or on other machines.

    Work is a function of a module, or a `functools.partial` of one, so that it can be sent; so are its arguments and
    what it gives.
    """

    name: str
    near: bool
    """Whether work is done in this process, so that what it will read may be fetched ahead."""

    def laid(self, frame: pl.DataFrame) -> Laid:
        """Lay a frame where work can take it."""
        ...

    def each(self, work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """Work on each item by itself.

        Returns:
            (items) what the work gave, in the order of the items.

        Raises:
            TracerError: the work raised it, or the machines are gone.
        """
        ...

    def rowwise(self, work: Callable[[pl.DataFrame], pl.DataFrame], frame: pl.DataFrame) -> pl.DataFrame:
        """Work on a frame of which each row stands for itself, in as many pieces as the engine likes.

        Returns:
            (rows) what the work gave, which must be as many rows as it got.
        """
        ...
