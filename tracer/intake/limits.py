"""What a dump may cost to read, and how somebody who must read a greater one says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from tracer.errors import UnknownName

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


@dataclass(frozen=True, slots=True)
class Limits:
    """Where reading stops. The defaults hold for any dump that people make; raising one is noted in the result."""

    memory: int = 1664 << 20
    """Bytes of address space that a reader may take beyond those it starts with."""
    seconds: int = 40
    """How long a reader may take, besides a second for every two megabytes that it has to read."""
    output: int = 64 << 30
    """Bytes of cells that a reader may hand over."""
    unpacked: int = 50 << 30
    """Bytes that all members of an archive may have together."""
    ratio: int = 200
    """How many times the size of the archive its members may have together, beyond the first 256 MiB."""
    depth: int = 3
    """How deep archives may stand in archives."""
    members: int = 100_000
    """How many members all archives may have together."""

    def budget(self, size: int) -> int:
        """Bytes that an archive of `size` bytes may unpack to."""
        return min(self.unpacked, max(256 << 20, self.ratio * size))

    def patience(self, size: int) -> float:
        """Seconds that `size` bytes may take."""
        return self.seconds + size / 2e6


DEFAULT_LIMITS = Limits()


def raised(settings: Iterable[str]) -> Limits:
    """The default limits with some of them set: `depth=5`, `unpacked=200G`.

    Raises:
        UnknownName: there is no such limit, or its value is no number.
    """
    known = [field.name for field in fields(Limits)]
    limits = DEFAULT_LIMITS
    for setting in settings:
        name, _, written = setting.partition("=")
        number = counted(written)
        if name not in known or number is None:
            raise UnknownName(f"{setting}: sets no limit", hint=f"NAME=NUMBER, NAME one of {', '.join(known)}")
        limits = replace(limits, **{name: number})
    return limits


def counted(written: str) -> int | None:
    """A number as people write sizes: `200G`, `512 MB`, `5`; None if it is none."""
    digits = written.strip().upper().removesuffix("B")
    unit = digits[-1:] if digits[-1:] in _UNITS else ""
    number = digits.removesuffix(unit).strip()
    return int(number) * _UNITS[unit] if number.isdecimal() else None


def changes(limits: Limits) -> tuple[str, ...]:
    """What was set otherwise than by default, in words, for whoever reads the result."""
    pairs = ((f.name, getattr(DEFAULT_LIMITS, f.name), getattr(limits, f.name)) for f in fields(Limits))
    return tuple(f"the limit of {name} was set to {new} instead of {old}" for name, old, new in pairs if new != old)
