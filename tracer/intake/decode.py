"""The bytes of a dump become text, and every line still knows at which byte of the exhibit it stands."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.custody.exhibit import Exhibit
from tracer.errors import UnreadableInput
from tracer.intake.interface import Reject

HEAD = 1 << 16
"""How many bytes a reader is shown before it says whether the shape is its own."""

_LF, _CR = 10, 13
_PIECE = 1 << 22
"""How many bytes are checked at once: what fits the processor's cache."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_UNITS = {"utf-16-le": "<u2", "utf-16-be": ">u2", "utf-32-le": "<u4", "utf-32-be": ">u4"}
_BINARY = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an OLE document"),
    (b"%PDF-", "a PDF document"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"PAR1", "a Parquet file"),
    (b"\x7fELF", "a program"),
)
_CONTROL = re.compile(rb"[\x02-\x08\x0b\x0e-\x1a\x7f]")
_HAN_UTF8 = re.compile(rb"[\xe3-\xef][\x80-\xbf]{2}")
_INK = re.compile(rb"[^\x00 \t\r\n\x0b\x0c]")
_PAIR = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
_BLOCK = 1 << 19
_FIRST = np.zeros(1, np.int64)

Positions = NDArray[np.int64]


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
    numbers: Positions
    """The number of each line in the original, from 1 (rejected lines are missing)."""
    rejects: tuple[Reject, ...] = ()
    chinese: frozenset[int] = frozenset()
    """Which lines of a `mixed` text were GB18030; the others were UTF-8."""

    def lines_of(self, positions: Positions) -> Positions:
        """The index of the line that holds each position of `data`."""
        return np.searchsorted(self.begins, positions, side="right") - 1

    def locate(self, positions: Positions) -> Positions:
        """The byte offset in the original of each position of `data`; `positions` rise. O(len(data)) where it was transcoded."""
        lines = self.lines_of(positions)
        within = positions - self.begins[lines]
        if self.encoding not in ("utf-8", "utf-8-sig"):
            codec = self.encoding
            line, width, last = -1, 0, 0
            for i, (at, to) in enumerate(zip(lines.tolist(), positions.tolist(), strict=True)):
                if at != line:
                    line, width, last = at, 0, int(self.begins[at])
                    if self.encoding == "mixed":
                        codec = "gb18030" if at in self.chinese else "utf-8"
                width += len(self.data[last:to].decode().encode(codec))
                within[i], last = width, to
        return self.offsets[lines] + within


def decode(exhibit: Exhibit) -> Text:
    """Read the exhibit as text: mark, strict UTF-8, UTF-16 by its NULs, GB18030 or Big5, else line by line.

    Raises:
        UnreadableInput: nothing in it can be read as text.
    """
    raw = read_bytes(exhibit)
    text = decode_bytes(raw, exhibit.name)
    if not _INK.search(text.data):
        raise UnreadableInput(f"{exhibit.name}: holds nothing but blanks", hint="check that it was copied whole")
    return text


def read_bytes(exhibit: Exhibit) -> bytes:
    """All bytes of the exhibit."""
    try:
        with open(exhibit.path, "rb") as stream:
            return stream.read()
    except OSError as fault:
        raise UnreadableInput(f"{exhibit.name}: cannot be read ({fault.strerror})", hint="check its permissions") from None


def glimpse(head: bytes) -> str:
    """The first bytes as text, as well as can be told from them alone: enough to recognise a shape."""
    mark, encoding = _mark(head)
    if not encoding:
        encoding = _wide(head) or ("utf-8" if _utf8(head[: head.rfind(b"\n") + 1]) else "gb18030")
    return head[len(mark) :].decode(encoding.removesuffix("-sig"), errors="ignore")


def decode_bytes(raw: bytes, name: str) -> Text:
    """As `decode`, for the bytes of a member called `name`."""
    mark, encoding = _mark(raw)
    encoding = encoding or _wide(raw[:HEAD])
    if not encoding:
        _refuse_binary(raw[:HEAD], name)
        encoding = "utf-8" if _utf8(raw) else _legacy(raw)
    if encoding in _UNITS:
        return _from_units(raw, mark, encoding, name)
    if encoding == "utf-8-sig" and not _utf8(raw):
        encoding = ""
    body = np.frombuffer(raw, np.uint8)[len(mark) :]
    if b"\r" in raw:
        body = _settle(body)
    begins = line_begins(body)
    data = body.tobytes() if mark or body.flags.owndata else raw
    offsets = begins + len(mark) if mark else begins
    numbers = np.arange(1, len(begins) + 1)
    if encoding in ("utf-8", "utf-8-sig"):
        return Text(data, encoding, begins, offsets, numbers)
    if encoding and not (encoding == "gb18030" and _has_utf8_lines(data, begins)):
        try:
            data = data.decode(encoding).encode()
        except UnicodeDecodeError:
            return _line_by_line(data, offsets, name)
        return Text(data, encoding, line_begins(np.frombuffer(data, np.uint8)), offsets, numbers)
    return _line_by_line(data, offsets, name)


def _mark(raw: bytes) -> tuple[bytes, str]:
    return next(((mark, name) for mark, name in _MARKS if raw.startswith(mark)), (b"", ""))


def _wide(head: bytes) -> str:
    """UTF-16 without a mark: digits and line ends leave a NUL in every second byte, always on the same side."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) < max(2, len(head) // 20) or max(even, odd) < 10 * min(even, odd):
        return ""
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    try:
        head[: len(head) // 2 * 2].decode(encoding)
    except UnicodeDecodeError as fault:
        if fault.start < len(head) - 4:
            return ""
    return encoding


def _refuse_binary(head: bytes, name: str) -> None:
    for magic, kind in _BINARY:
        if head.startswith(magic):
            raise UnreadableInput(f"{name}: is {kind}, not a table of text", hint="unpack or convert it first")
    if len(_CONTROL.findall(head)) > max(1, len(head) // 50):
        raise UnreadableInput(f"{name}: is binary, no records can be read in it", hint="name a text, SQL, JSON or XLSX file")
    if not head.strip(b"\x00"):
        raise UnreadableInput(f"{name}: begins with {len(head)} NUL bytes and nothing else", hint="check that it was copied whole")


def _utf8(raw: bytes) -> bool:
    """Strictly UTF-8? Polars checks it five times as fast as the codec does."""
    start = 0
    while start < len(raw):
        end = len(raw) if len(raw) - start <= _PIECE else raw.rfind(b"\n", start, start + _PIECE) + 1
        if end <= start:
            return _decodes(raw[start:], "utf-8")  # one huge line
        try:
            pl.Series([raw[start:end]], dtype=pl.Binary).cast(pl.String)
        except pl.exceptions.ComputeError:
            return False
        start = end
    return True


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _legacy(raw: bytes) -> str:
    """GB18030 or Big5, by the head; empty where neither is strict over the head.

    In text of GB 2312's characters every second byte is at or above 0xA1, in Big5 four in ten lie below 0x7F.
    """
    head = raw[:HEAD]
    head = head[: head.rfind(b"\n") + 1] or head
    pairs = _PAIR.findall(head)
    if not pairs or sum(pair[1] >= 0xA1 for pair in pairs) >= 0.9 * len(pairs):
        return "gb18030"
    import chardet

    guess = (chardet.detect(head)["encoding"] or "").lower()
    if guess.startswith(("big5", "cp950")):
        return "big5hkscs" if _decodes(raw, "big5hkscs") else "gb18030"
    return "gb18030"


def _has_utf8_lines(data: bytes, begins: Positions) -> bool:
    """Whether a text that is not UTF-8 as a whole has lines that are: files pasted together.

    Such lines may be strict GB18030 too, and the other way round; but a line of GB18030 that is strict UTF-8 and holds a
    Chinese character in it comes about once in 100,000. So three lines, or one in a hundred, are no chance.
    """
    units = np.frombuffer(data, np.uint8)
    follows = (units & 0xC0) == 0x80
    han = np.flatnonzero((units[:-2] >= 0xE4) & (units[:-2] <= 0xE9) & follows[1:-1] & follows[2:])
    lines = np.unique(np.searchsorted(begins, han, side="right") - 1)
    bounds = np.append(begins, len(data))
    found = sum(_decodes(data[bounds[i] : bounds[i + 1]], "utf-8") for i in lines)
    return found >= 3 or (found > 0 and found * 100 >= len(begins))


def _is_utf8(line: bytes) -> bool:
    """Whether one line of a mixed text is UTF-8. Two-byte characters alone do not tell: GB 2312 has the same by chance."""
    if not _decodes(line, "utf-8"):
        return False
    return line.isascii() or bool(_HAN_UTF8.search(line)) or not _decodes(line, "gb18030")


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
    """Where `value` stands. Piece by piece, for a mask that stays in the processor's cache is made three times as fast."""
    pieces = [np.flatnonzero(units[at : at + _BLOCK] == value) + at for at in range(0, len(units), _BLOCK)]
    return np.concatenate(pieces) if pieces else np.zeros(0, np.int64)


def line_begins(units: NDArray[Any]) -> Positions:
    """Where each line begins; what follows the last line end is a line only if there is something."""
    ends = find(units, _LF) + 1
    begins = np.concatenate((_FIRST, ends)) if len(units) else ends
    return begins[:-1] if len(begins) and begins[-1] == len(units) else begins


def _from_units(raw: bytes, mark: bytes, encoding: str, name: str) -> Text:
    kind = np.dtype(_UNITS[encoding])
    usable = (len(raw) - len(mark)) // kind.itemsize
    units = _settle(np.frombuffer(raw, kind, count=usable, offset=len(mark)))
    begins = line_begins(units)
    offsets = begins * kind.itemsize + len(mark)
    numbers = np.arange(1, len(begins) + 1)
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
                rejects.append(Reject(int(offsets[i]), i + 1, f"not valid {encoding.upper()}"))
        data, offsets, numbers = b"".join(lines), offsets[kept], numbers[kept]
        _require_some(lines, rejects, name)
    return Text(data, encoding, line_begins(np.frombuffer(data, np.uint8)), offsets, numbers, tuple(rejects))


def _line_by_line(data: bytes, offsets: Positions, name: str) -> Text:
    """Each line by itself: UTF-8, else GB18030, else a reject."""
    lines = data.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    kept = np.ones(len(lines), bool)
    rejects: list[Reject] = []
    chinese = set()
    for i, line in enumerate(lines):
        if _is_utf8(line):
            continue
        try:
            lines[i] = line.decode("gb18030").encode()
            chinese.add(i - len(rejects))
        except UnicodeDecodeError:
            kept[i] = False
            rejects.append(Reject(int(offsets[i]), i + 1, "neither UTF-8 nor GB18030"))
    whole = [line for line, keep in zip(lines, kept.tolist(), strict=True) if keep]
    _require_some(whole, rejects, name)
    begins = np.zeros(len(whole), np.int64)
    np.cumsum([len(line) + 1 for line in whole[:-1]], out=begins[1:])
    numbers = np.flatnonzero(kept) + 1
    return Text(b"\n".join(whole) + b"\n", "mixed", begins, offsets[kept], numbers, tuple(rejects), frozenset(chinese))


def _require_some(read: list[bytes], rejects: list[Reject], name: str) -> None:
    """Where most lines are no text in any encoding, the few that decode do so by chance."""
    if len(rejects) > 2 * sum(1 for line in read if line.strip()):
        raise UnreadableInput(
            f"{name}: {len(rejects)} of its lines are text in no known encoding", hint="it may be encrypted or compressed"
        )
