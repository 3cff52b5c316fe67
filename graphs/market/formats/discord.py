"""Discord chats as DiscordChatExporter writes them in JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO

from graphs.lines import glimpse
from graphs.market.formats.json_stream import JsonFault, JsonText
from graphs.market.message import Entry, Message, Unread

_SPOKEN = frozenset({"Default", "Reply", "0", "19", ""})


def recognises(head: bytes) -> bool:
    """Whether the first bytes look like such an export."""
    text = glimpse(head).lstrip()
    return (
        text.startswith("{")
        and '"messages"' in text
        and ('"guild"' in text or '"authorId"' in text or '"author"' in text)
    )


def read(stream: BinaryIO) -> Iterator[Entry]:
    """Every message in file order; stops with an `Unread` where the JSON breaks."""
    text = JsonText(stream)
    chat = ""
    try:
        for key in text.items():
            if key == "messages" and text.peek() == "[":
                yield from _messages(text, chat)
                continue
            value = text.value()
            if key in {"guild", "channel"} and isinstance(value, dict):
                chat = "/".join(filter(None, (chat, str(value.get("name") or ""))))
    except JsonFault as fault:
        yield Unread(fault.offset, f"the rest is no JSON: {fault.reason}")


def _messages(text: JsonText, chat: str) -> Iterator[Entry]:
    for _ in text.elements():
        offset = text.offset()
        item = text.value()
        yield _message(item, chat, offset) if isinstance(item, dict) else Unread(offset, "no message object")


def _dict(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _message(item: Mapping[str, Any], chat: str, offset: int) -> Message:
    author = _dict(item.get("author"))
    attachments = item.get("attachments")
    first = _dict(attachments[0]) if isinstance(attachments, list) and attachments else {}
    size = first.get("fileSizeBytes")
    identity = author.get("id")
    words = [str(item.get("content") or "")]
    embeds = item.get("embeds")
    for embed in embeds if isinstance(embeds, list) else ():
        words += [str(_dict(embed).get(part) or "") for part in ("title", "description")]
    reply = _dict(item.get("reference")).get("messageId")
    return Message(
        offset=offset,
        sender_id=None if identity is None else str(identity),
        sender=str(author.get("nickname") or author.get("name") or ""),
        time=_time(item.get("timestamp")),
        text="\n".join(filter(None, words)),
        chat=chat,
        service=str(item.get("type") or "") not in _SPOKEN,
        file_name=str(first["fileName"]) if first.get("fileName") else None,
        file_size=size if isinstance(size, int) else None,
        key=str(item["id"]) if "id" in item else None,
        reply_to=str(reply) if reply else None,
    )


def _time(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None
