"""Kinds of file told apart by their first bytes: each reader says what it recognises, the first that does reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Generic, TypeVar

from graphs.lines import HEAD

Entry = TypeVar("Entry")


class UnknownFormat(ValueError):
    """No file of a known kind."""


@dataclass(frozen=True, slots=True)
class Format(Generic[Entry]):
    """One kind of file."""

    name: str
    recognises: Callable[[bytes], bool]
    """Whether the first bytes (up to 64 KiB) look like it."""
    read: Callable[[BinaryIO], Iterator[Entry]]
    """Every entry of a seekable binary stream, in file order."""


@dataclass(frozen=True, slots=True)
class Registry(Generic[Entry]):
    """All kinds of one thing, in the order in which they are asked."""

    thing: str
    """What they are kinds of, in words."""
    formats: tuple[Format[Entry], ...]

    def format_of(self, stream: BinaryIO) -> Format[Entry]:
        """Tell the format from the first 64 KiB; the stream is rewound.

        Raises:
            UnknownFormat: it is none of them.
        """
        head = stream.read(HEAD)
        stream.seek(0)
        for one in self.formats:
            if one.recognises(head):
                return one
        raise UnknownFormat(f"no {self.thing} of a known kind")
