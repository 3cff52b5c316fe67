"""A log of calls, messages or mails as events: who tried to reach whom, when."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import polars as pl

from canaries.tripwires import Event
from graphs.calls.call import INCOMING, Call
from graphs.calls.reading import CALL_LISTS
from graphs.registry import UnknownFormat
from tracer.custody.exhibit import Exhibit
from tracer.errors import UnreadableInput
from tracer.identifiers import email, phone
from tracer.intake.interface import Column, Reading, Role, Table
from tracer.intake.reading import read

_REACHED: Final = re.compile(
    r"被叫|对方|接收|收件|目的|callee|called|dialed|dialled|\bto\b|recipient|receiver|dst", re.IGNORECASE
)
_CALLING: Final = re.compile(r"主叫|本机|来电|发送|发件|源|caller|calling|\bfrom\b|sender|src", re.IGNORECASE)


_OWN_SHAPE: Final = ("android-xml", "asterisk-cdr")
"""Formats that are no tables; what is one is read as any other table, for it may be of mails."""


def events(exhibit: Exhibit, owner: str = "") -> Iterator[Event]:
    """Every event of a log: a phone's backup, an exchange's records, or a table of calls, messages or mails.

    Args:
        exhibit: the log.
        owner: number of the phone that the log is from, where it is one phone's: its own calls are to nobody's canary.

    Raises:
        UnreadableInput: it cannot be read, or does not say who was reached.
    """
    with exhibit.path.open("rb") as stream:
        try:
            format_ = CALL_LISTS.format_of(stream)
        except UnknownFormat:
            format_ = None
        if format_ is not None and format_.name in _OWN_SHAPE:
            calls = (entry for entry in format_.read(stream) if isinstance(entry, Call))
            yield from _called(calls, owner, exhibit.name)
            return
    yield from _tabled(read(exhibit))


def _called(calls: Iterator[Call], owner: str, name: str) -> Iterator[Event]:
    """A call that came in reached the phone's owner, whom the list itself does not name."""
    unnamed = True
    for call in calls:
        to = call.callee or (owner if call.direction in INCOMING else "")
        if to:
            unnamed = False
            yield Event(to, call.caller, call.time.isoformat(sep=" ") if call.time else "")
    if unnamed:
        hint = "say whose phone it is from: --of NUMBER"
        raise UnreadableInput(f"{name}: names no number that was reached", hint=hint)


def _tabled(reading: Reading) -> Iterator[Event]:
    found = False
    for table in reading.tables:
        addresses = [one for one in table.columns if one.role in {Role.PHONE, Role.EMAIL} or _REACHED.search(one.name)]
        reached = [one for one in addresses if _REACHED.search(one.name)] or [
            one for one in addresses if not _CALLING.search(one.name)
        ]
        if not reached:
            continue
        found = True
        callers = [
            one for one in table.columns if one not in reached and (_CALLING.search(one.name) or one in addresses)
        ]
        times = [one for one in table.columns if one.role in {Role.DATETIME, Role.DATE}]
        yield from _events(table, reached, callers[:1], times[:1])
    if not found:
        hint = "give a table with a column of called numbers, such as 被叫号码 or callee"
        raise UnreadableInput("the log has no column of numbers or addresses that were reached", hint=hint)


def _events(table: Table, reached: list[Column], callers: list[Column], times: list[Column]) -> Iterator[Event]:
    by = _texts(table, callers[0]) if callers else [""] * table.frame.height
    at = table.frame[times[0].key].fill_null("").to_list() if times else [""] * table.frame.height
    for column in reached:
        for to, who, when in zip(_texts(table, column), by, at, strict=True):
            if to:
                yield Event(to, who, when)


def _texts(table: Table, column: Column) -> list[str]:
    cell = pl.col(column.key)
    told = pl.coalesce(phone.normalise(cell), email.normalise(cell), cell.str.strip_chars()).fill_null("")
    return table.frame.select(told.alias("cell")).to_series().to_list()
