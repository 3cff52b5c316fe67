"""Bytes become lines of text, and each line knows at which byte it begins."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO

HEAD = 1 << 16
"""Bytes from which encoding and format are told."""

_LONGEST = 1 << 22
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def encoding_of(head: bytes) -> tuple[str, int]:
    """(encoding, length of its mark), told from the first bytes: a mark, NULs, strict UTF-8, else GB18030."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name, len(mark)
    if head[1::2].count(0) > len(head) // 20:
        return "utf-16-le", 0
    if head[0::2].count(0) > len(head) // 20:
        return "utf-16-be", 0
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "gb18030", 0
    return "utf-8", 0


def glimpse(head: bytes) -> str:
    """The first bytes as text, as well as can be told."""
    encoding, mark = encoding_of(head)
    return head[mark:].decode(encoding, errors="ignore")


def lines(stream: BinaryIO) -> Iterator[tuple[int, str]]:
    """Every line of the stream as (byte offset, text without its end); a line of over 4 MiB comes in pieces.

    Some exports are pasted together from files of two encodings, so a line that is not valid in the file's own
    encoding is tried in the other; what is valid in neither keeps its readable characters.
    """
    head = stream.read(HEAD)
    encoding, mark = encoding_of(head)
    stream.seek(mark)
    if encoding.startswith("utf-16"):
        yield from _wide(stream, encoding, mark)
        return
    other = "gb18030" if encoding == "utf-8" else "utf-8"
    offset = mark
    while raw := stream.readline(_LONGEST):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            text = _otherwise(raw, other, encoding)
        for part in text.rstrip("\r\n").split("\r") if "\r" in text else (text.rstrip("\n"),):
            yield offset, part
        offset += len(raw)


def _otherwise(raw: bytes, other: str, encoding: str) -> str:
    try:
        return raw.decode(other)
    except UnicodeDecodeError:
        return raw.decode(encoding, errors="replace")


def _wide(stream: BinaryIO, encoding: str, offset: int) -> Iterator[tuple[int, str]]:
    end = "\n".encode(encoding)
    rest = b""
    while piece := stream.read(1 << 20):
        rest += piece
        start = 0
        while (at := _aligned(rest, end, start)) >= 0:
            yield offset + start, rest[start:at].decode(encoding, errors="replace").rstrip("\r")
            start = at + 2
        rest, offset = rest[start:], offset + start
    if rest:
        yield offset, rest.decode(encoding, errors="replace").rstrip("\r")


def _aligned(data: bytes, end: bytes, start: int) -> int:
    at = data.find(end, start)
    while at >= 0 and at % 2:
        at = data.find(end, at + 1)
    return at
