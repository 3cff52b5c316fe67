"""One form for calls and text messages, whatever wrote them down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Call:
    """A call or a text message."""

    offset: int
    """Byte of the file at which it begins."""
    kind: str
    """call or sms."""
    direction: str
    """out, in, missed, rejected … as seen from whose list it is; `through` where the list is an exchange's."""
    caller: str
    """Normalised number; empty where it is the list's owner or hidden."""
    callee: str
    """Normalised number; empty where it is the list's owner."""
    time: datetime | None
    seconds: int | None
    """Length of the talk; None where it is not known."""
    text: str = ""
    """Words of a text message."""

    @property
    def dialled(self) -> str:
        """The number that was called or written to, if the list shows one."""
        return "" if self.direction in INCOMING else self.callee

    @property
    def other(self) -> str:
        """The number that is not the owner's; of an exchange's list the callee."""
        return self.caller if self.direction in INCOMING else self.callee


INCOMING = frozenset({"in", "missed", "voicemail", "rejected", "blocked", "answered_elsewhere"})


@dataclass(frozen=True, slots=True)
class UnreadCall:
    """A stretch of the file that is no call, and why. It never holds the content."""

    offset: int
    reason: str


Entry = Call | UnreadCall
