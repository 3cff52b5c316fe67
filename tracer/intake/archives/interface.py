"""What every kind of archive gives: its members one after the other, as bytes that flow."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Protocol

from tracer.intake.member import Member

Say = Callable[[str], None]
"""Told what a reader of the result has to know."""


DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ValueError,
    OSError,
    EOFError,
    NotImplementedError,
    LookupError,
)
"""What zipfile raises at archives that are damaged or made to break it; half of it is nowhere written down."""


class LimitReached(Exception):
    """More was packed than the limits allow."""

    def __init__(self, message: str, limit: str) -> None:
        super().__init__(message)
        self.limit = limit


class WrongPassword(Exception):
    """The member is encrypted, and there is no password or not the right one."""


@dataclass(frozen=True, slots=True)
class Item:
    """One packed member that is a file."""

    name: str
    """As it was stored, decoded: data, never a path."""
    chunks: Callable[[], Iterator[bytes]]
    """Its bytes; an error in the middle of them leaves those before it."""


class Packed(Protocol):
    """One kind of archive."""

    format: ClassVar[str]

    def __init__(self, member: Member, password: str | None, budget: int) -> None:
        """Look at an archive; `budget` is how many bytes may still be unpacked."""
        ...

    @classmethod
    def recognises(cls, member: Member, head: bytes) -> bool:
        """Whether it is such an archive."""
        ...

    def items(self, say: Say) -> Iterator[Item]:
        """Every file in it; links, devices and folders are said and skipped.

        Raises:
            UnreadableInput: it is damaged, or encrypted and the password is missing.
        """
        ...


def legible(stored: bytes) -> str:
    """A member's name from its bytes: UTF-8, else GB18030, else Big5, else one character a byte (CP437)."""
    for encoding in ("utf-8", "gb18030", "big5"):
        try:
            return stored.decode(encoding)
        except UnicodeDecodeError:
            continue
    return stored.decode("cp437")
