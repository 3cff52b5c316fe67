"""One form for what was said, whatever program wrote it down."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Message(NamedTuple):
    """One message of a chat export, or a notice of the program (`service`)."""

    offset: int
    """Byte of the file at which it begins."""
    sender_id: str | None
    """The account: QQ number, Telegram id, wxid …; None where the export holds none."""
    sender: str
    """The name shown; anybody may choose any."""
    time: datetime | None
    """As written: without time zone where the export has local times."""
    text: str
    chat: str = ""
    """Name of the group or of the other person."""
    service: bool = False
    """A notice (somebody joined, a message was taken back) and no speech."""
    links: tuple[str, ...] = ()
    """Addresses behind words, which the text itself does not show."""
    forwarded_from: str | None = None
    """Whose words these are, if somebody else's."""
    file_name: str | None = None
    file_size: int | None = None
    """Bytes."""
    key: str | None = None
    """The export's own number of the message."""
    reply_to: str | None = None
    """`key` of the message answered."""
    members: tuple[str, ...] = ()
    """Who joined or was invited, in a notice."""


class Unread(NamedTuple):
    """A stretch of the file that is no message, and why. It never holds the content."""

    offset: int
    reason: str


Entry = Message | Unread
