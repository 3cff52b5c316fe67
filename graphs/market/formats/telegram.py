"""Telegram Desktop's `result.json`: one chat, or a full export with its `chats.list`.

The format is described at core.telegram.org/import-export.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO

from graphs.lines import glimpse
from graphs.market.formats.json_stream import JsonFault, JsonText
from graphs.market.message import Entry, Message, Unread
from graphs.moment import from_seconds


def recognises(head: bytes) -> bool:
    """Whether the first bytes look like a result.json."""
    text = glimpse(head).lstrip()
    told = ('"from_id"', '"actor_id"', '"date_unixtime"', '"text_entities"', '"personal_information"', '"left_chats"')
    return text.startswith("{") and ('"messages"' in text or '"chats"' in text) and any(key in text for key in told)


def read(stream: BinaryIO) -> Iterator[Entry]:
    """Every message and service notice of every chat in file order; stops with an `Unread` where the JSON breaks."""
    text = JsonText(stream)
    try:
        yield from _walk(text)
    except JsonFault as fault:
        yield Unread(fault.offset, f"the rest is no JSON: {fault.reason}")


def _walk(text: JsonText) -> Iterator[Entry]:
    """A chat, the whole export, or one of its parts: wherever messages are, and however deep."""
    name = ""
    for key in text.items():
        if key == "messages" and text.peek() == "[":
            yield from _messages(text, name)
        elif key in {"chats", "left_chats"} and text.peek() == "{":
            yield from _walk(text)
        elif key == "list" and text.peek() == "[":
            for _ in text.elements():
                if text.peek() == "{":
                    yield from _walk(text)
                else:
                    text.value()
        else:
            value = text.value()
            if key == "name":
                name = str(value or "")


def _messages(text: JsonText, chat: str) -> Iterator[Entry]:
    for _ in text.elements():
        offset = text.offset()
        item = text.value()
        if isinstance(item, dict):
            yield _message(item, chat, offset)
        else:
            yield Unread(offset, "no message object")


def _message(item: Mapping[str, Any], chat: str, offset: int) -> Message:
    service = item.get("type") == "service"
    spoken, links = _text(item)
    sender_id, sender = (
        (item.get("actor_id"), item.get("actor")) if service else (item.get("from_id"), item.get("from"))
    )
    size = item.get("file_size")
    members = item.get("members")
    return Message(
        offset=offset,
        sender_id=None if sender_id is None else str(sender_id),
        sender=str(sender or ""),
        time=_time(item),
        text=spoken or (str(item.get("action") or "") if service else ""),
        chat=chat,
        service=service,
        links=links,
        forwarded_from=_said(item.get("forwarded_from") or item.get("forwarded_from_id")),
        file_name=_file_name(item),
        file_size=size if isinstance(size, int) else None,
        key=_said(item.get("id")),
        reply_to=_said(item.get("reply_to_message_id")),
        members=tuple(str(member) for member in members) if isinstance(members, list) else (),
    )


def _said(value: object) -> str | None:
    return None if value is None else str(value)


def _file_name(item: Mapping[str, Any]) -> str | None:
    name = item.get("file_name")
    if name:
        return str(name)
    path = item.get("file")
    # "(File not included. …)" stands where the export left the file out.
    return str(path).rsplit("/", 1)[-1] if path and not str(path).startswith("(") else None


def _time(item: Mapping[str, Any]) -> datetime | None:
    """The local time as written, without a zone; from `date_unixtime` in Chinese time where it is missing."""
    try:
        return datetime.fromisoformat(str(item["date"])).replace(tzinfo=None)
    except (KeyError, ValueError):
        pass
    try:
        return from_seconds(float(item["date_unixtime"]))
    except (KeyError, TypeError, ValueError):
        return None


def _text(item: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """(the words, the addresses hidden behind them). `text` is a string or a list of strings and entities."""
    text = item.get("text", "")
    if isinstance(text, str) and text and not item.get("text_entities"):
        return text, ()
    parts = text if isinstance(text, list) else ()
    entities = item.get("text_entities") or parts
    if isinstance(text, list) and parts:
        words = "".join(str(part.get("text", "")) if isinstance(part, dict) else str(part) for part in parts)
    elif isinstance(text, str) and text:
        words = text
    else:
        words = "".join(str(part.get("text", "")) for part in entities if isinstance(part, dict))
    links = (part.get("href") for part in entities if isinstance(part, dict))
    return words, tuple(str(link) for link in links if link)
