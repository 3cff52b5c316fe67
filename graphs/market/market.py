"""A whole market read once: messages pass by, adverts are recognised, accounts and templates are remembered."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

from graphs.market.advert.advert import Advert, advert
from graphs.market.message import Message, Unread
from graphs.market.reading import CHATS
from graphs.market.seller import Handle, Judgement, Sellers, handle, resolve
from graphs.market.template import Templates

_THIRD_PERSON = re.compile(
    r"^\W{0,4}(?:转发?[:： ]|转自|fw[:：d]|搬运|代发|帮朋友|替朋友|帮人|朋友的|\[转发\]|【转】|引用)", re.IGNORECASE
)
_TELEGRAM = re.compile(r"(?:user|channel|chat)\d+$")
_REMEMBERED = 4096
"""Adverts whose reading is kept: sellers post the same one again and again."""


@dataclass(frozen=True, slots=True)
class Line:
    """One message in its file."""

    file: str
    index: int
    """Counted from 0 in file order."""
    message: Message
    advert: Advert | None

    @property
    def account(self) -> str:
        """`file#sender_id`; the name shown where the export has no id."""
        return account(self.file, self.message)


class Lost(NamedTuple):
    """A stretch of a file that is no message."""

    file: str
    unread: Unread


def account(file: str, message: Message) -> str:
    """What an account is called: `file#sender_id`, or by its name where the export has no id."""
    return f"{file}#{message.sender_id if message.sender_id is not None else message.sender}"


@dataclass(slots=True)
class Market:
    """What is remembered of the messages that have passed."""

    formats: dict[str, str] = field(default_factory=dict)
    """File → format."""
    lost: list[Lost] = field(default_factory=list)
    """The first of what could not be read."""
    lost_count: int = 0
    _accounts: dict[str, Handle | None] = field(default_factory=dict)
    _own: dict[str, set[Handle]] = field(default_factory=lambda: defaultdict(set))
    _escrow: set[Handle] = field(default_factory=set)
    """Handles that somebody called escrow: they join nobody, whoever else names them."""
    _accused: list[tuple[str, Handle]] = field(default_factory=list)
    _sellers: Sellers | None = None
    _read: dict[tuple[str, tuple[str, ...]], Advert] = field(default_factory=dict)
    _templates: Templates = field(default_factory=Templates)

    def read(self, file: str, stream: BinaryIO) -> Iterator[Line]:
        """Every message of a chat export (a seekable binary stream), in file order.

        Raises:
            UnknownFormat: it is no chat export of a known kind.
        """
        format_ = CHATS.format_of(stream)
        self.formats[file] = format_.name
        self._sellers = None
        index = 0
        for entry in format_.read(stream):
            if isinstance(entry, Unread):
                self.lost_count += 1
                if len(self.lost) < 100:
                    self.lost.append(Lost(file, entry))
                continue
            yield self._line(file, index, entry, format_.name)
            index += 1

    def sellers(self, judgements: tuple[Judgement, ...] = ()) -> Sellers:
        """The accounts by person, of all that has been read."""
        if not judgements and self._sellers is not None:
            return self._sellers
        owners: dict[Handle, set[str]] = defaultdict(set)
        for name, handles in self._own.items():
            for one in handles:
                owners[one].add(name)
        apart = {(accuser, name) for accuser, one in self._accused for name in owners.get(one, ()) if name != accuser}
        own = {name: handles - self._escrow for name, handles in self._own.items()}
        found = resolve(self._accounts, own, apart=apart, judgements=judgements)
        self._sellers = None if judgements else found
        return found

    def templates(self) -> list[list[str]]:
        """`file#index` of adverts by template."""
        return self._templates.groups()

    def _advert(self, message: Message) -> Advert | None:
        found = self._read.get((message.text, message.links)) or advert(message.text, message.links)
        if found is not None:
            if len(self._read) >= _REMEMBERED:
                self._read.clear()
            self._read[message.text, message.links] = found
        return found

    def _line(self, file: str, index: int, message: Message, format_: str) -> Line:
        found = None if message.service or not message.text else self._advert(message)
        name = account(file, message)
        if name not in self._accounts and not message.service:
            self._accounts[name] = _identity(message, format_)
        if found is not None:
            self._templates.add(f"{file}#{index}", message.text, found)
            first_person = message.forwarded_from is None and not _THIRD_PERSON.match(message.text)
            for contact in found.contacts:
                one = handle(contact.kind, contact.value)
                if contact.role == "escrow":
                    self._escrow.add(one)
                elif contact.role == "own" and first_person:
                    self._own[name].add(one)
                elif contact.role == "accused":
                    self._accused.append((name, one))
        return Line(file, index, message, found)


def _identity(message: Message, format_: str) -> Handle | None:
    """The account as the platform knows it, the same in every export."""
    identity = message.sender_id
    if identity is None:
        return None
    if format_ == "discord":
        return Handle("discord", identity)
    if _TELEGRAM.match(identity):
        # A channel or an anonymous administrator speaks for many.
        return Handle("telegram-id", identity) if identity.startswith("user") else None
    if "@" in identity:
        return None if identity.endswith("@chatroom") else handle("email", identity)
    if format_ in {"text", "qq-mht"} and identity.isdigit():
        return Handle("qq", identity)
    return handle("wechat", identity)
