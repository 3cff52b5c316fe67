"""Whether a dump is traced in one piece, and else into how many parts it is divided."""

from __future__ import annotations

from typing import Final

from tracer.errors import TracerError, UnknownName
from tracer.intake.limits import counted
from tracer.vault.vault import Vault

DEFAULT_MEMORY: Final = 2 << 30
LEAST_MEMORY: Final = 1 << 30
_STANDING: Final = 400 << 20
"""Bytes that a trace takes however short the dump."""
_CELLS: Final = 6
"""Bytes that it takes for each byte of cells, as they are handed over."""
_A_PLATFORM: Final = 4
"""Bytes that it takes for each record and platform."""
_REGISTERED: Final = 40
"""Bytes that it takes for each customer of the largest platform."""
_SPARE: Final = 0.55
"""Share of the memory that a part may fill by this reckoning."""
_PART: Final = 750_000
"""Records of a part at most: from some twice as many on, parts take less time than one piece, and half the memory."""


def memory_of(written: str | None) -> int:
    """What tracing may take, in bytes, as it is written on the command line.

    Raises:
        UnknownName: it is no size.
    """
    if written is None:
        return DEFAULT_MEMORY
    size = counted(written)
    if size is None:
        raise UnknownName(f"{written}: is no size", hint="write it like 2G or 1500M")
    return size


def parts_of(held: int, records: int, vault: Vault, memory: int) -> int:
    """Into how many parts a dump is divided; 1 where it fits as a whole and is not long.

    Args:
        held: bytes of its cells, as they were handed over.
        records: of it.
        vault: with which it is joined.
        memory: bytes that all of it may take.

    Raises:
        TracerError: so little memory does for nothing.
    """
    if memory < LEAST_MEMORY:
        raise TracerError(f"--memory {memory >> 20}M is too little", hint=f"at least {LEAST_MEMORY >> 20}M")
    from tracer.linkage.shortlist import MOST  # noqa: PLC0415 - it loads scipy, which reading a dump does not wait for

    platforms = min(len(vault.platforms), MOST)
    customers = max(one.people for one in vault.platforms)
    needed = _CELLS * held + _A_PLATFORM * platforms * records
    room = memory - _STANDING - min(_REGISTERED * customers, memory // 4)
    if needed <= room and records <= 2 * _PART:
        return 1
    return max(-(-needed // int(_SPARE * room)), -(-records // _PART))
