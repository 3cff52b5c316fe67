"""A JSON document of any size: an array of objects, an envelope round one, or objects one after the other."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np

from tracer.errors import UnreadableInput
from tracer.intake.encoding import glimpse, is_utf8_throughout, legacy, mark_of, wide
from tracer.intake.interface import Part, Reject, Shape
from tracer.intake.json_values import Row, decoder, flat, frame_of, piece, records_in
from tracer.intake.member import Member

_WHOLE = 48 << 20
"""Up to so many bytes a document is parsed as one value; beyond, object by object."""
_LONGEST = 16 << 20
"""Characters of the longest object; what is longer is taken for an envelope."""
_BATCH = 20_000
_BEGINS = re.compile(
    r"(?:(?:(?:var|let|const)\s{1,9}|window\.)?[\w.$]{1,99}\s{0,9}=\s{0,9}|[\w.$]{1,99}\(\s{0,9})?[\[{]\s{0,999}(?:[\[{\"'\]}]|\Z)"
)
_NEXT = re.compile(r"\}\s*,?\s*(?=\{)|\n\s*(?=\{)")
_TRAILING = re.compile(r",(\s*[\]}])")


class JsonDocument:
    """One JSON value, or many over several lines each."""

    format = "json"

    def recognises(self, member: Member, head: bytes) -> bool:
        """Whether the text begins a list or an object."""
        shown = glimpse(head).lstrip()
        found = _BEGINS.match(shown)
        return found is not None and (":" in shown[:4096] or "[" in shown[:64])

    def read(self, member: Member) -> Iterator[Part]:
        """Every object a record; one that is broken is a reject, and what follows is read on.

        Raises:
            UnreadableInput: no object can be read.
        """
        head = member.head()
        mark, encoding = mark_of(head)
        encoding = encoding or wide(head)
        if encoding in ("", "utf-8-sig"):
            encoding = (encoding or "utf-8") if is_utf8_throughout(member) else legacy(head)
        yield Shape("json", encoding)
        if member.size <= _WHOLE:
            whole = list(_whole(member, mark, encoding))
            if whole:
                yield from whole
                return
        yield from _one_by_one(member, mark, encoding)


def _whole(member: Member, mark: bytes, encoding: str) -> Iterator[Part]:
    """All records of a sound document, each with the offset of its text; nothing where it is not sound."""
    document = member.read()[len(mark) :].decode(encoding, errors="replace")
    start = _BEGINS.match(document, len(document) - len(document.lstrip()))
    if start is None:
        return
    at = min(place for place in (document.find(sign, start.start(), start.end()) for sign in "[{") if place >= 0)
    try:
        value, end = decoder().raw_decode(document, at)
    except RecursionError:
        return
    except ValueError:
        try:
            value, end = decoder().raw_decode(_TRAILING.sub(r"\1", document), at)
        except (ValueError, RecursionError):
            return
        end = len(document)
    if document[end:].strip(" \t\r\n\0;)"):
        return  # more than one value
    tables: dict[str, list[Row]] = {}
    try:
        for name, row in records_in(value):
            tables.setdefault(name, []).append(flat(row))
    except RecursionError:
        return
    count = sum(map(len, tables.values()))
    places = _places(document, at) if len(tables) == 1 else []
    found = _bytes_at(document, places, encoding) + len(mark) if len(places) == 2 * count else None
    for name, rows in tables.items():
        yield piece(name, frame_of(rows), found)


def _places(document: str, at: int) -> list[int]:
    """Where each object of the outermost list of objects begins and where it ends, in characters, in turn."""
    if document[at] != "[":
        at = document.find("[", at)
    places: list[int] = []
    machine = decoder()
    opening = re.compile(r"[\s,]*([{\[\]])")
    at += 1
    while found := opening.match(document, at):
        if found[1] == "]":
            break
        try:
            _, end = machine.raw_decode(document, found.start(1))
        except (ValueError, RecursionError):
            return []
        places += (found.start(1), end)
        at = end
    return places


def _bytes_at(document: str, places: list[int], encoding: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Character positions as positions in the encoded text."""
    out = np.zeros(len(places), np.int64)
    codec = encoding.removesuffix("-sig")
    at, size = 0, 0
    for i, place in enumerate(places):
        size += len(document[at:place].encode(codec, errors="replace"))
        at, out[i] = place, size
    return out


@dataclass(slots=True)
class _Window:
    """A moving view of a text too long to hold."""

    stream: BinaryIO
    codec: codecs.IncrementalDecoder
    encoding: str
    offset: int
    """Bytes before the view."""
    line: int = 1
    text: str = ""
    ended: bool = False
    _pieces: list[str] = field(default_factory=list)

    def more(self) -> bool:
        """See further; False at the end."""
        if self.ended:
            return False
        raw = self.stream.read(4 << 20)
        self.ended = not raw
        self.text += self.codec.decode(raw, final=self.ended)
        return not self.ended

    def leave(self, count: int) -> None:
        """Move on by so many characters."""
        passed, self.text = self.text[:count], self.text[count:]
        self.offset += len(passed.encode(self.encoding, errors="replace"))
        self.line += passed.count("\n")


def _one_by_one(member: Member, mark: bytes, encoding: str) -> Iterator[Part]:  # noqa: C901 (one case for each thing that may come)
    """Every object that is sound, as far as they can be made out."""
    codec = encoding.removesuffix("-sig")
    member.stream.seek(len(mark))
    window = _Window(member.stream, codecs.getincrementaldecoder(codec)("replace"), codec, len(mark))
    machine = decoder()
    rows: dict[str, list[tuple[Row, tuple[int, int]]]] = {}
    count = held = 0
    window.more()
    while True:
        at = window.text.find("{")
        if at < 0:
            window.leave(len(window.text))
            if not window.more():
                break
            continue
        window.leave(at)
        try:
            value, end = machine.raw_decode(window.text)
        except RecursionError:
            yield Reject(window.offset, window.line, "nested too deep to be read")
            count += 1
            if not _skip(window):
                break
            continue
        except ValueError as fault:
            torn = getattr(fault, "pos", 0) >= len(window.text) - 16 or "Unterminated" in str(fault)
            if torn and len(window.text) < _LONGEST and window.more():
                continue
            # What holds whole objects before any was read is an envelope; any other is broken.
            if not count and "{" in window.text[1:] and (torn or _opens(window.text)):
                window.leave(1)
                continue
            yield Reject(window.offset, window.line, "not a JSON object")
            count += 1
            if not _skip(window):
                break
            continue
        begun = window.offset
        window.leave(end)
        for name, row in records_in(value):
            rows.setdefault(name, []).append((flat(row), (begun, window.offset)))
            held += 1
        count += 1
        if held >= _BATCH:
            yield from _handed_over(rows)
            rows, held = {}, 0
    if not count:
        raise UnreadableInput(
            f"{member.name}: begins like JSON, but no object can be read in it", hint="check that it was copied whole"
        )
    yield from _handed_over(rows)


def _opens(text: str) -> bool:
    """Whether an object's first value is a list or an object that holds another."""
    return re.match(r'\{\s*"(?:[^"\\]|\\.)*"\s*:\s*[\[{]\s*[\[{]', text) is not None


def _skip(window: _Window) -> bool:
    """To where the next object may begin; False where there is none."""
    window.leave(1)
    while True:
        found = _NEXT.search(window.text)
        if found:
            window.leave(found.end())
            return True
        window.leave(max(0, len(window.text) - 64))
        if not window.more():
            return False


def _handed_over(rows: dict[str, list[tuple[Row, tuple[int, int]]]]) -> Iterator[Part]:
    for name, kept in rows.items():
        yield piece(name, frame_of([row for row, _ in kept]), [place for _, place in kept])
