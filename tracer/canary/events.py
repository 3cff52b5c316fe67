"""A log of calls, messages or mails as events: who tried to reach whom, when."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import polars as pl

from canaries.tripwires import Event
from tracer.errors import UnreadableInput
from tracer.identifiers import email, phone
from tracer.intake.interface import Column, Reading, Role, Table

_REACHED: Final = re.compile(
    r"被叫|对方|接收|收件|目的|callee|called|dialed|dialled|\bto\b|recipient|receiver|dst", re.IGNORECASE
)
_CALLING: Final = re.compile(r"主叫|本机|来电|发送|发件|源|caller|calling|\bfrom\b|sender|src", re.IGNORECASE)


def events(reading: Reading) -> Iterator[Event]:
    """Every event of a log.

    Raises:
        UnreadableInput: it has no column of numbers or addresses that were reached.
    """
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
