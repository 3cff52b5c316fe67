"""The bytes that a reader is given: an exhibit itself, or a member of an archive in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

HEAD = 1 << 16
"""How many bytes a reader is shown before it says whether the shape is its own."""


@dataclass(frozen=True, slots=True)
class Member:
    """A run of bytes that can be read more than once."""

    name: str
    """The exhibit's name, or the member's inside it; said in messages, never opened."""
    stream: BinaryIO
    size: int
    lasting: bool = True
    """Whether its bytes stay where they are while others are read (the exhibit's do, an archive member's do not)."""

    @property
    def path(self) -> str:
        """A path by which a library that insists on one can open the same bytes."""
        return f"/dev/fd/{self.stream.fileno()}"

    def head(self, size: int = HEAD) -> bytes:
        """Its first bytes."""
        self.stream.seek(0)
        return self.stream.read(size)

    def read(self) -> bytes:
        """All its bytes."""
        self.stream.seek(0)
        return self.stream.read()
