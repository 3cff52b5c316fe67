"""XML: the elements that come again and again are the records, what is in them their cells."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, BinaryIO, Protocol
from xml.etree import ElementTree as ET

from tracer.errors import UnreadableInput
from tracer.intake.encoding import glimpse, is_utf8, legacy, mark_of, wide
from tracer.intake.interface import Note, Part, Shape
from tracer.intake.json_values import Row, frame_of, piece
from tracer.intake.member import Member

_BEGINS = re.compile(r"\s*(?:<\?xml\b|<!--|<[^\W\d][\w.:-]*(?:\s[^<>]*)?>\s*<[^\W\d]|<[^\W\d][^<>]*>\s*<[?!])")
_DECLARED = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([\w-]+)["'][^>]*\?>""", re.IGNORECASE)
_BYTEWISE = frozenset({"utf8", "utf8sig", "usascii", "iso88591"})
_WIDE = frozenset({"utf16", "utf16le", "utf16be"})
"""Encodings that expat tells by their mark."""
_SURVEYED = 8 << 20
_BATCH = 20_000
_DEEPEST = 100


class _Source(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class Xml:
    """Any XML with repeating elements (MySQL's, Oracle's and Navicat's exports)."""

    format = "xml"

    def recognises(self, member: Member, head: bytes) -> bool:
        """Whether it begins like XML."""
        return _BEGINS.match(glimpse(head).lstrip("\ufeff")) is not None

    def read(self, member: Member) -> Iterator[Part]:
        """Every repeating element a record.

        Raises:
            UnreadableInput: nothing in it repeats.
        """
        head = member.head()
        declared = _DECLARED.search(head)
        encoding = mark_of(head)[1] or (declared[1].decode().lower() if declared else wide(head) or _unmarked(head))
        yield Shape("xml", "gb18030" if encoding in ("gbk", "gb2312") else encoding)
        path, rooted = _records(member, encoding)
        rows: dict[str, list[Row]] = {}
        count = 0
        table = ""
        trail: list[str] = []
        try:
            for event, element in ET.iterparse(_source(member, encoding, rooted=rooted), events=("start", "end")):
                if event == "start":
                    trail.append(_bare(element.tag))
                    if element.get("name") and len(trail) == len(path) - 1:
                        table = str(element.get("name"))
                    if len(trail) > _DEEPEST:
                        raise UnreadableInput(f"{member.name}: is XML nested without end", hint="it may be a bomb")
                    continue
                if tuple(trail) == path:
                    rows.setdefault(table, []).append(_row(element))
                    count += 1
                    element.clear()
                elif len(trail) < len(path):
                    element.clear()
                trail.pop()
                if sum(map(len, rows.values())) >= _BATCH:
                    yield from (piece(name, frame_of(kept), None) for name, kept in rows.items())
                    rows = {}
        except (ET.ParseError, ValueError, LookupError):
            yield Note(f"{member.name}: is damaged XML behind record {count}; what stands before was read")
        yield from (piece(name, frame_of(kept), None) for name, kept in rows.items())


def _source(member: Member, encoding: str, *, rooted: bool = False) -> _Source:
    """The bytes as expat reads them, if need be within an element around all the others."""
    source = _readable(member, encoding, _BYTEWISE if rooted else _BYTEWISE | _WIDE)
    return _Rooted(source) if rooted else source


def _unmarked(head: bytes) -> str:
    return "utf-8" if is_utf8(head) else legacy(head)


def _readable(member: Member, encoding: str, known: frozenset[str]) -> BinaryIO:
    """Expat knows no Chinese encoding, so those are made UTF-8 first, as all are that are not `known`."""
    member.stream.seek(0)
    if encoding.replace("-", "").lower() in known:
        return member.stream
    try:
        text = member.read().decode("gb18030" if encoding in ("gbk", "gb2312") else encoding, errors="replace")
    except LookupError:
        text = member.read().decode(errors="replace")
    return io.BytesIO(re.sub(r"<\?xml[^>]*\?>", "", text, count=1).encode())


def _records(member: Member, encoding: str) -> tuple[tuple[str, ...], bool]:
    """The path of the elements that are records, and whether one around all others had to be put there for it.

    Raises:
        UnreadableInput: nothing in it repeats.
    """
    for rooted in (False, True):
        path = _repeating(_source(member, encoding, rooted=rooted))
        if path is not None:
            return path, rooted
    raise UnreadableInput(f"{member.name}: is XML in which nothing repeats", hint="was it copied whole?")


class _Rooted:
    """Elements one after the other, without one around them all, as lines of a list have them: with one."""

    def __init__(self, stream: BinaryIO) -> None:
        """Nothing was read yet."""
        self._parts = [io.BytesIO(b"<rows>"), stream, io.BytesIO(b"</rows>")]

    def read(self, size: int = -1, /) -> bytes:
        """At most so many bytes; none at the end."""
        while self._parts:
            if raw := self._parts[0].read(size):
                return raw
            del self._parts[0]
        return b""


def _repeating(source: _Source) -> tuple[str, ...] | None:  # noqa: C901 (one case for each thing that may come)
    """The path of the elements that are records: of those that repeat and hold cells, the outermost."""
    times: Counter[tuple[str, ...]] = Counter()
    holding: Counter[tuple[str, ...]] = Counter()
    trail: list[str] = []
    parser: Any = ET.XMLPullParser(events=("start", "end"))
    seen = 0
    try:
        while seen < _SURVEYED and (raw := source.read(1 << 18)):
            seen += len(raw)
            parser.feed(raw)
            for event, element in parser.read_events():
                if event == "start":
                    trail.append(_bare(element.tag))
                    if len(trail) > _DEEPEST:
                        return None
                    if len(trail) > 1:
                        times[tuple(trail)] += 1
                        if len(element.attrib) > 1:
                            holding[tuple(trail)] += 1
                else:
                    if len(element) > 1:
                        holding[tuple(trail)] += 1
                    if len(trail) < 4:
                        for child in element:
                            child.clear()
                    trail.pop()
    except (ET.ParseError, ValueError, LookupError):
        pass
    found = [path for path, count in times.items() if holding[path] >= max(1, 0.5 * count)]
    often = [path for path in found if times[path] > 1] or found
    return min(often, key=lambda path: (len(path), -times[path]), default=None)


def _row(element: ET.Element) -> Row:
    row: Row = {}
    _gather(element, "", row, 0)
    return row


def _gather(element: ET.Element, prefix: str, row: Row, depth: int) -> None:
    for name, value in element.attrib.items():
        if prefix == "" or name not in ("name", "type"):
            row[f"{prefix}{_bare(name)}"] = value or None
    for child in element:
        name = child.get("name") or child.get("column") or _bare(child.tag)
        key, count = f"{prefix}{name}", 2
        while key in row:
            key, count = f"{prefix}{name}{count}", count + 1
        if len(child) and depth < 5:
            _gather(child, f"{key}.", row, depth + 1)
        else:
            row[key] = (child.text or "").strip() or child.get("value") or None


def _bare(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]
