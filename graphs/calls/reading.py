"""The one way into a list of calls: which format it is, and its calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

from graphs.calls import android, asterisk, bill
from graphs.calls.call import Entry
from graphs.lines import HEAD


class Format(NamedTuple):
    """One kind of call list."""

    name: str
    recognises: Callable[[bytes], bool]
    read: Callable[[BinaryIO], Iterator[Entry]]
    """Every call of a seekable binary stream, in file order."""


FORMATS = (
    Format("android-xml", android.recognises, android.read),
    Format("asterisk-cdr", asterisk.recognises, asterisk.read),
    Format("table", bill.recognises, bill.read),
)
"""In the order in which they are asked."""


class UnknownFormat(ValueError):
    """No call list of a known kind."""


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
    raise UnknownFormat("no call list of a known kind")
