"""Android's SMS Backup & Restore: `<calls>` and `<smses>` in XML, read as a stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO
from xml.parsers import expat

from graphs.calls.call import Call, Entry, UnreadCall
from graphs.calls.number import normalise
from graphs.lines import glimpse
from graphs.moment import from_seconds

_CALLS = {
    "1": "in",
    "2": "out",
    "3": "missed",
    "4": "voicemail",
    "5": "rejected",
    "6": "blocked",
    "7": "answered_elsewhere",
}
_MESSAGES = {"1": "in", "2": "out", "3": "draft", "4": "out", "5": "out", "6": "out"}
_PIECE = 1 << 18


def recognises(head: bytes) -> bool:
    """Whether the first bytes look like such a backup."""
    text = glimpse(head)
    return text.lstrip("\ufeff \r\n\t").startswith("<") and any(
        tag in text for tag in ("<calls", "<smses", "<call ", "<sms ")
    )


def read(stream: BinaryIO) -> Iterator[Entry]:
    """Every call and message in file order; stops with an `UnreadCall` where the XML breaks or declares entities."""
    stream.seek(0)
    reader = _Reader()
    try:
        while piece := stream.read(_PIECE):
            reader.parser.Parse(piece, False)
            yield from reader.taken()
        reader.parser.Parse(b"", True)
    except expat.ExpatError as fault:
        yield from reader.taken()
        reason = expat.errors.messages.get(fault.code, "broken")
        yield UnreadCall(reader.parser.CurrentByteIndex, f"the rest is no XML: {reason}")
    except _EntityDeclared:
        yield UnreadCall(reader.parser.CurrentByteIndex, "declares entities, which no backup does")
    yield from reader.taken()


class _EntityDeclared(Exception):
    """Entities can blow a small file up; a backup has none."""


class _Reader:
    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EntityDeclHandler = self._entity
        self._found: list[Entry] = []
        self._mms: tuple[int, Mapping[str, str]] | None = None

    def taken(self) -> Iterator[Entry]:
        found, self._found = self._found, []
        yield from found

    def _entity(self, *_: object) -> None:
        raise _EntityDeclared

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        offset = self.parser.CurrentByteIndex
        if tag == "call":
            direction = _CALLS.get(attributes.get("type", ""), "other")
            number = attributes.get("number", "") + attributes.get("post_dial_digits", "")
            self._add(offset, "call", direction, (number, attributes))
        elif tag == "sms":
            direction = _MESSAGES.get(attributes.get("type", ""), "other")
            self._add(offset, "sms", direction, (attributes.get("address", ""), attributes))
        elif tag == "mms":
            direction = {"1": "in", "2": "out"}.get(attributes.get("msg_box", ""), "other")
            self._add(offset, "sms", direction, (attributes.get("address", ""), attributes))

    def _add(self, offset: int, kind: str, direction: str, said: tuple[str, Mapping[str, str]]) -> None:
        written, attributes = said
        hidden = attributes.get("presentation", "1") in {"2", "3"}
        number = "" if hidden else normalise(written)
        try:
            time = from_seconds(int(attributes.get("date", "")[:18]))
        except ValueError:
            time = None
        length = attributes.get("duration", "")
        incoming = direction not in {"out", "draft", "other"}
        self._found.append(
            Call(
                offset=offset,
                kind=kind,
                direction=direction,
                caller=number if incoming else "",
                callee="" if incoming else number,
                time=time,
                seconds=int(length[:9]) if length.isdigit() else None,
                text=attributes.get("body", "") if kind == "sms" else "",
            )
        )
