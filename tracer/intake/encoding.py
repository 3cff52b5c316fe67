"""Which encoding a dump was written in, told from its bytes."""

from __future__ import annotations

import codecs
import re

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.errors import UnreadableInput
from tracer.intake.member import Member

Positions = NDArray[np.int64]

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
    (b"GIF8", "a picture"),
    (b"MZ", "a program"),
    (b"!BDN", "an Outlook mailbox"),
    (b"PAR1", "a Parquet file"),
    (b"\x7fELF", "a program"),
)
_FOREIGN = {"shift_jis", "cp932", "euc-jp", "euc-kr", "cp949", "windows-1251", "windows-1252", "iso-8859-1"}
_CONTROL = re.compile(rb"[\x02-\x08\x0b\x0e-\x1a\x7f]")
_HAN_UTF8 = re.compile(rb"[\xe3-\xef][\x80-\xbf]{2}")
_PAIR = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")


def glimpse(head: bytes) -> str:
    """The first bytes as text, as well as can be told from them alone: enough to recognise a shape."""
    mark, encoding = mark_of(head)
    if not encoding:
        encoding = wide(head) or ("utf-8" if is_utf8(head[: head.rfind(b"\n") + 1]) else "gb18030")
    return head[len(mark) :].decode(encoding.removesuffix("-sig"), errors="ignore")


def mark_of(raw: bytes) -> tuple[bytes, str]:
    """(byte order mark, its encoding), both empty where there is none."""
    return next(((mark, name) for mark, name in _MARKS if raw.startswith(mark)), (b"", ""))


def wide(head: bytes) -> str:
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


def refuse_binary(head: bytes, name: str) -> None:
    """Raise UnreadableInput for what is known to be no text: archives, pictures, programs, control characters, NULs."""
    for magic, kind in _BINARY:
        if head.startswith(magic):
            raise UnreadableInput(f"{name}: is {kind}, not a table of text", hint="unpack or convert it first")
    if len(_CONTROL.findall(head)) > max(1, len(head) // 50):
        raise UnreadableInput(
            f"{name}: is binary, no records can be read in it", hint="name a text, SQL, JSON or XLSX file"
        )
    if not head.strip(b"\x00"):
        raise UnreadableInput(
            f"{name}: begins with {len(head)} NUL bytes and nothing else", hint="check that it was copied whole"
        )


def is_utf8(raw: bytes) -> bool:
    """Strictly UTF-8, but for a character cut off at the end? Polars checks it five times as fast as the codec."""
    start = 0
    while start < len(raw):
        end = len(raw) if len(raw) - start <= _PIECE else raw.rfind(b"\n", start, start + _PIECE) + 1
        if end <= start or end == len(raw):
            return _decodes_until_cut(raw[start:])
        if not _is_strict(raw[start:end]):
            return False
        start = end
    return True


def is_utf8_throughout(member: Member) -> bool:
    """The same for all bytes of a member, which need not fit into memory."""
    member.stream.seek(0)
    left = b""
    while piece := member.stream.read(_PIECE):
        piece = left + piece
        end = piece.rfind(b"\n") + 1 or max(0, len(piece) - 4)
        if len(piece) > len(left) and not (_is_strict(piece[:end]) if piece[end - 1 : end] == b"\n" else True):
            return False
        if piece[end - 1 : end] != b"\n":  # no line ends: cut where a character begins
            while end and piece[end] & 0xC0 == 0x80 and end > len(piece) - 8:
                end -= 1
            if not decodes(piece[:end], "utf-8"):
                return False
        left = piece[end:]
    return _decodes_until_cut(left)


def _is_strict(piece: bytes) -> bool:
    try:
        pl.Series([piece], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.ComputeError:
        return False
    return True


def _decodes_until_cut(raw: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(raw, final=False)
    except UnicodeDecodeError:
        return False
    return True


def decodes(raw: bytes, encoding: str) -> bool:
    """Whether the bytes are strictly valid in the encoding."""
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def legacy(head: bytes) -> str:
    """The encoding of a text that is not UTF-8, by its head: GB18030, Big5, or what chardet makes of it.

    In text of GB 2312's characters every second byte is at or above 0xA1, in Big5 four in ten lie below 0x7F.
    """
    head = head[: head.rfind(b"\n") + 1] or head
    pairs = _PAIR.findall(head)
    chinese = decodes(head, "gb18030")
    if not pairs or (chinese and sum(pair[1] >= 0xA1 for pair in pairs) >= 0.9 * len(pairs)):
        return "gb18030"
    if has_utf8_lines(head, np.append(0, np.flatnonzero(np.frombuffer(head[:-1], np.uint8) == 10) + 1)):
        return "gb18030"
    import chardet  # noqa: PLC0415 (few dumps need it)

    guess = (chardet.detect(head)["encoding"] or "").lower()
    if guess.startswith(("big5", "cp950")) and decodes(head, "big5hkscs"):
        return "big5hkscs"
    if not chinese and guess in _FOREIGN and decodes(head, guess):
        return guess
    return "gb18030"


def has_utf8_lines(data: bytes, begins: Positions) -> bool:
    """Whether a text that is not UTF-8 as a whole has lines that are: files pasted together.

    Such lines may be strict GB18030 too, and the other way round; but a line of GB18030 that is strict UTF-8 with a
    Chinese character in it comes about once in 100,000. So three lines, or one in a hundred, are no chance.
    """
    units = np.frombuffer(data, np.uint8)
    follows = (units & 0xC0) == 0x80
    han = np.flatnonzero((units[:-2] >= 0xE4) & (units[:-2] <= 0xE9) & follows[1:-1] & follows[2:])
    lines = np.searchsorted(begins, han, side="right") - 1
    lines = lines[np.diff(lines, prepend=-1) > 0]
    bounds = np.append(begins, len(data))
    found = sum(decodes(data[bounds[i] : bounds[i + 1]], "utf-8") for i in lines)
    return found >= 3 or (found > 0 and found * 100 >= len(begins))


def is_utf8_line(line: bytes) -> bool:
    """Whether a line of a mixed text is UTF-8. Two-byte characters alone do not tell: GB 2312 has them by chance."""
    if not decodes(line, "utf-8"):
        return False
    return line.isascii() or bool(_HAN_UTF8.search(line)) or not decodes(line, "gb18030")
