"""The one way into a chat export: which format it is, and its messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

from graphs.lines import HEAD
from graphs.market.formats import discord, qq_mht, telegram, text_log, wechat_csv
from graphs.market.message import Entry


class Format(NamedTuple):
    """One kind of chat export."""

    name: str
    recognises: Callable[[bytes], bool]
    """Whether the first bytes (up to 64 KiB) look like it."""
    read: Callable[[BinaryIO], Iterator[Entry]]
    """Every message of a seekable binary stream, in file order."""


FORMATS = (
    Format("qq-mht", qq_mht.recognises, qq_mht.read),
    Format("telegram", telegram.recognises, telegram.read),
    Format("discord", discord.recognises, discord.read),
    Format("wechat-csv", wechat_csv.recognises, wechat_csv.read),
    Format("text", text_log.recognises, text_log.read),
)
"""In the order in which they are asked."""


class UnknownFormat(ValueError):
    """No chat export of a known kind."""


def format_of(stream: BinaryIO) -> Format:
    """Tell the format from the first 64 KiB; the stream is rewound.

    Raises:
        UnknownFormat: it is none of `FORMATS`.
    """
    head = stream.read(HEAD)
    stream.seek(0)
    for format_ in FORMATS:
        if format_.recognises(head):
            return format_
    raise UnknownFormat("no chat export of a known kind")
