"""A member in runs of whole lines, so that a file of any size is read in the same memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tracer.intake.interface import Reject
from tracer.intake.member import Member

BLOCK = 16 << 20
"""Bytes that are worked on at once."""
LONGEST_LINE = 64 << 20
"""A line longer than this many bytes is refused."""
_QUOTED_OVER = 400
"""How many line ends back a run is cut so that a quoted cell stays whole."""


@dataclass(frozen=True, slots=True)
class Block:
    """A run of whole lines."""

    raw: bytes
    offset: int
    """Where it begins in the member."""
    number: int
    """The number of its first line, from 1."""
    last: bool = True
    rejects: tuple[Reject, ...] = ()
    """Lines before it that are too long to be read."""


def blocks(member: Member, start: int, unit: int, big_endian: bool) -> Iterator[Block]:  # noqa: FBT001
    """The lines of a member behind byte `start`, `unit` bytes a character.

    Runs end at a line feed (at a carriage return where there is none), not inside a quoted cell if that can be seen.
    """
    feed = (b"\x00" * (unit - 1) + b"\n") if big_endian else b"\n" + b"\x00" * (unit - 1)
    stream = member.stream
    left, offset, number = b"", start, 1
    rejects: tuple[Reject, ...] = ()
    while True:
        stream.seek(offset + len(left))
        piece = _filled(stream.read, BLOCK)
        raw = left + piece
        if len(piece) < BLOCK:
            yield Block(raw, offset, number, last=True, rejects=rejects)
            return
        end = _end(raw, feed, unit)
        if not end:
            if len(raw) <= LONGEST_LINE:
                left = raw
                continue
            skipped, left = _rest_of_line(stream.read, feed)
            rejects = (*rejects, Reject(offset, number, "line longer than 64 MiB"))
            offset, number = offset + len(raw) + skipped, number + 1
            continue
        yield Block(raw[:end], offset, number, last=False, rejects=rejects)
        rejects = ()
        number += raw.count(feed, 0, end) or raw.count(b"\r", 0, end)
        offset += end
        left = b""  # what stands behind the end is read again: to put it in front would copy all that follows


def _filled(read: object, size: int) -> bytes:
    """So many bytes, or all that are left."""
    pieces, have = [], 0
    while have < size and (piece := read(size - have)):  # type: ignore[operator]
        pieces.append(piece)
        have += len(piece)
    return b"".join(pieces)


def _end(raw: bytes, feed: bytes, unit: int) -> int:
    end = _last(raw, feed, len(raw), unit)
    if not end and unit == 1:
        return raw.rfind(b"\r", 0, -1) + 1
    if unit == 1 and end and raw.count(b'"', 0, end) % 2:
        at = end
        for _ in range(_QUOTED_OVER):
            before = raw.rfind(b"\n", 0, at - 1) + 1
            if not before:
                break
            if raw.count(b'"', before, end) % 2:
                return before
            at = before
    return end


def _last(raw: bytes, feed: bytes, end: int, unit: int) -> int:
    """Where the last whole line ends: behind a line feed that begins where a character does."""
    while (at := raw.rfind(feed, 0, end)) >= 0:
        if at % unit == 0:
            return at + unit
        end = at + unit - 1
    return 0


def _rest_of_line(read: object, feed: bytes) -> tuple[int, bytes]:
    """(bytes up to and with the next line feed, what was read behind it)."""
    skipped = 0
    while piece := _filled(read, BLOCK):
        at = piece.find(feed)
        if at >= 0:
            return skipped + at + len(feed), piece[at + len(feed) :]
        skipped += len(piece)
    return skipped, b""
