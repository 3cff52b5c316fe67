"""The bytes of a dump become text, and every line still knows at which byte of the exhibit it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracer.errors import UnreadableInput
from tracer.intake.blocks import Block, blocks
from tracer.intake.encoding import (
    Positions,
    has_utf8_lines,
    is_utf8,
    is_utf8_line,
    is_utf8_throughout,
    legacy,
    mark_of,
    refuse_binary,
    wide,
)
from tracer.intake.interface import Reject
from tracer.intake.member import HEAD, Member

_LF, _CR = 10, 13
_UNITS = {"utf-16-le": "<u2", "utf-16-be": ">u2", "utf-32-le": "<u4", "utf-32-be": ">u4"}
_INK = re.compile(rb"[^\x00 \t\r\n\x0b\x0c]")
_BLOCK = 1 << 19
_FIRST = np.zeros(1, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """A member as UTF-8 without a mark, its line ends LF or CRLF, with the way back to the original bytes."""

    data: bytes
    encoding: str
    """What it was written in; `mixed` where its lines differ."""
    begins: Positions
    """Where each line begins in `data`."""
    offsets: Positions
    """Where each line begins in the original member."""
    ends: Positions
    """Where each line ends there, behind its line end."""
    numbers: Positions
    """The number of each line in the original, from 1 (rejected lines are missing)."""
    rejects: tuple[Reject, ...] = ()
    foreign: frozenset[int] = frozenset()
    """Which lines of a `mixed` text were in the `other` encoding; the rest were UTF-8."""
    other: str = "gb18030"

    def lines_of(self, positions: Positions) -> Positions:
        """The index of the line that holds each position of `data`."""
        return np.searchsorted(self.begins, positions, side="right") - 1

    def locate(self, positions: Positions) -> Positions:
        """The byte offset in the original of each (rising) position of `data`; O(len(data)) where it was transcoded."""
        lines = self.lines_of(positions)
        within = positions - self.begins[lines]
        if self.encoding not in ("utf-8", "utf-8-sig"):
            codec = self.encoding
            line, width, last = -1, 0, 0
            for i, (at, to) in enumerate(zip(lines.tolist(), positions.tolist(), strict=True)):
                if at != line:
                    line, width, last = at, 0, int(self.begins[at])
                    if self.encoding == "mixed":
                        codec = self.other if at in self.foreign else "utf-8"
                width += len(self.data[last:to].decode().encode(codec))
                within[i], last = width, to
        return self.offsets[lines] + within


def texts(member: Member) -> Iterator[Text]:
    """The member as text, in runs of whole lines of about 16 MB; most dumps are a single run.

    The encoding is told by its mark, else strict UTF-8, UTF-16 by its NULs, GB18030 or Big5, else line by line.

    Raises:
        UnreadableInput: nothing in it can be read as text.
    """
    head = member.head()
    mark, encoding = mark_of(head)
    encoding = encoding or wide(head)
    if not encoding:
        refuse_binary(head, member.name)
    if encoding in ("", "utf-8-sig"):
        throughout = is_utf8_throughout(member)
        encoding = (encoding or "utf-8") if throughout else "" if encoding else legacy(head)
    inked = False
    for block in blocks(member, len(mark), np.dtype(_UNITS.get(encoding, "u1")).itemsize, encoding.endswith("be")):
        text = _decoded(block, encoding, member.name, first=not inked)
        inked = inked or bool(_INK.search(text.data))
        yield text
    if not inked:
        raise UnreadableInput(f"{member.name}: holds nothing but blanks", hint="check that it was copied whole")


def decode_bytes(raw: bytes, name: str) -> Text:
    """As `texts`, for bytes that are at hand."""
    mark, encoding = mark_of(raw)
    encoding = encoding or wide(raw[:HEAD])
    if encoding in ("", "utf-8-sig"):
        encoding = (encoding or "utf-8") if is_utf8(raw) else "" if encoding else legacy(raw[:HEAD])
    return _decoded(Block(raw[len(mark) :], len(mark), 1), encoding, name, first=False)


def _decoded(block: Block, encoding: str, name: str, *, first: bool) -> Text:
    if encoding in _UNITS:
        return _from_units(block, encoding, name, first=first)
    raw, cut = block.raw, 0
    if block.last and encoding in ("utf-8", "utf-8-sig"):
        cut = _cut_off(raw)
        raw = raw[: len(raw) - cut] if cut else raw
    body = np.frombuffer(raw, np.uint8)
    if b"\r" in raw:
        body = _settle(body)
    begins = line_begins(body)
    data = body.tobytes() if body.flags.owndata else raw
    offsets = begins + block.offset
    ends = np.append(offsets[1:], block.offset + len(body)) if len(begins) else offsets
    numbers = np.arange(block.number, block.number + len(begins))
    if encoding in ("utf-8", "utf-8-sig"):
        return Text(data, encoding, begins, offsets, ends, numbers, block.rejects)
    if encoding and not (encoding == "gb18030" and has_utf8_lines(data, begins)):
        try:
            data = data.decode(encoding).encode()
        except UnicodeDecodeError as fault:
            cut_off = block.last and len(data) - fault.start < 4 and "incomplete" in fault.reason
            if not cut_off:
                return _line_by_line(data, block, offsets, ends, encoding, name if first else "")
            data = data[: fault.start].decode(encoding).encode()
        begins = line_begins(np.frombuffer(data, np.uint8))
        lines = len(begins)
        return Text(data, encoding, begins, offsets[:lines], ends[:lines], numbers[:lines], block.rejects)
    return _line_by_line(data, block, offsets, ends, encoding or "gb18030", name if first else "")


def _cut_off(raw: bytes) -> int:
    """How many bytes at the end are the beginning of a character whose rest is missing."""
    for count in (1, 2, 3):
        lead = raw[-count : len(raw) - count + 1]
        if lead and lead[0] >= 0xC0:
            return count if (2 if lead[0] < 0xE0 else 3 if lead[0] < 0xF0 else 4) > count else 0
    return 0


def _settle(units: NDArray[Any]) -> NDArray[Any]:
    """Make lone carriage returns line ends where they serve as such: all of them, or at least one line end in ten."""
    returns = np.flatnonzero(units == _CR)
    if not len(returns):
        return units
    following = units[np.minimum(returns + 1, len(units) - 1)]
    lone = returns[following != _LF]
    if not len(lone) or 10 * len(lone) < np.count_nonzero(units == _LF):
        return units
    settled = units.copy()
    settled[lone] = _LF
    return settled


def find(units: NDArray[Any], value: int) -> Positions:
    """Where `value` stands. In pieces, for a mask that stays in the processor's cache is made three times as fast."""
    pieces = [np.flatnonzero(units[at : at + _BLOCK] == value) + at for at in range(0, len(units), _BLOCK)]
    return np.concatenate(pieces) if pieces else np.zeros(0, np.int64)


def tally(data: bytes, sign: bytes) -> int:
    """How often a byte stands in a text: of signs as frequent as separators, in a third of the time of bytes.count."""
    units = np.frombuffer(data, np.uint8)
    return sum(int(np.count_nonzero(units[at : at + _BLOCK] == sign[0])) for at in range(0, len(units), _BLOCK))


def line_begins(units: NDArray[Any]) -> Positions:
    """Where each line begins; what follows the last line end is a line only if there is something."""
    ends = find(units, _LF) + 1
    begins = np.concatenate((_FIRST, ends)) if len(units) else ends
    return begins[:-1] if len(begins) and begins[-1] == len(units) else begins


def _from_units(block: Block, encoding: str, name: str, *, first: bool) -> Text:
    kind = np.dtype(_UNITS[encoding])
    units = _settle(np.frombuffer(block.raw, kind, count=len(block.raw) // kind.itemsize))
    begins = line_begins(units)
    offsets = begins * kind.itemsize + block.offset
    final = np.append(offsets[1:], block.offset + len(units) * kind.itemsize) if len(begins) else offsets
    numbers = np.arange(block.number, block.number + len(begins))
    whole = units.tobytes()
    rejects: list[Reject] = []
    try:
        data = whole.decode(encoding).encode()
    except (UnicodeDecodeError, UnicodeEncodeError):
        lines = []
        ends = np.append(begins[1:], len(units)) * kind.itemsize
        kept = np.ones(len(begins), bool)
        for i, (start, end) in enumerate(zip((begins * kind.itemsize).tolist(), ends.tolist(), strict=True)):
            try:
                lines.append(whole[start:end].decode(encoding).encode())
            except (UnicodeDecodeError, UnicodeEncodeError):
                kept[i] = False
                rejects.append(Reject(int(offsets[i]), int(numbers[i]), f"not valid {encoding.upper()}"))
        data, offsets, final, numbers = b"".join(lines), offsets[kept], final[kept], numbers[kept]
        if first:
            _require_some(lines, rejects, name)
    begins = line_begins(np.frombuffer(data, np.uint8))
    return Text(data, encoding, begins, offsets, final, numbers, (*block.rejects, *rejects))


def _line_by_line(  # noqa: PLR0913 (what is known of the lines)
    data: bytes, block: Block, offsets: Positions, ends: Positions, other: str, name: str
) -> Text:
    """Each line by itself: UTF-8, else the `other` encoding, else a reject."""
    lines = data.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    kept = np.ones(len(lines), bool)
    rejects: list[Reject] = []
    foreign = set()
    for i, line in enumerate(lines):
        if is_utf8_line(line):
            continue
        try:
            lines[i] = line.decode(other).encode()
            foreign.add(i - len(rejects))
        except UnicodeDecodeError:
            kept[i] = False
            rejects.append(Reject(int(offsets[i]), block.number + i, f"neither UTF-8 nor {other.upper()}"))
    whole = [line for line, keep in zip(lines, kept.tolist(), strict=True) if keep]
    if name:
        _require_some(whole, rejects, name)
    begins = np.zeros(len(whole), np.int64)
    np.cumsum([len(line) + 1 for line in whole[:-1]], out=begins[1:])
    numbers = np.flatnonzero(kept) + block.number
    told = (*block.rejects, *rejects)
    text = b"\n".join(whole) + b"\n" if whole else b""
    begins = begins[: len(whole)]
    return Text(text, "mixed", begins, offsets[kept], ends[kept], numbers, told, frozenset(foreign), other)


def _require_some(read: list[bytes], rejects: list[Reject], name: str) -> None:
    """Where most lines are no text in any encoding, the few that decode do so by chance."""
    if len(rejects) > 2 * sum(1 for line in read if line.strip()):
        raise UnreadableInput(
            f"{name}: {len(rejects)} of its lines are text in no known encoding",
            hint="it may be encrypted or compressed",
        )
