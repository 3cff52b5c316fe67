"""A dump in runs that end between statements, so that a dump of any size is read in the same memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tracer.intake.decode import Text, texts
from tracer.intake.grid import only, rewritten
from tracer.intake.member import Member
from tracer.intake.sql_copy import HEAD as COPY
from tracer.intake.sql_dialects import capitals

_BEGINS = (b"\nINSERT", b"\n-- ", b"\nREPLACE", b"\nCOPY ", b"\nCREATE", b"\nLOCK")
_HEAD = re.compile(rb"\A[^()]*?\b(?:INSERT|REPLACE)\b.*?\bVALUES?\s*(?=\()", re.IGNORECASE | re.DOTALL)
_LONGEST_HEAD = 1 << 16


def portions(member: Member) -> Iterator[Text]:
    """The text of a member, cut between statements, or between the rows of a statement that is longer than a run."""
    held: Text | None = None
    for text in texts(member):
        if held is not None:
            ready, held = _parted(held)
            if ready is not None:
                yield ready
            held = _joined(held, text) if held is not None else text
        else:
            held = text
    if held is not None:
        yield held


def _parted(text: Text) -> tuple[Text | None, Text | None]:
    """(what is complete, what goes on in the next run)."""
    at, upper = -1, capitals(text.data)
    for sign in _BEGINS:
        at = max(at, upper.rfind(sign, at + 1))  # only behind the last one found: few dumps hold all of them
    at += 1
    line = int(np.searchsorted(text.begins, at))
    copy = COPY.match(text.data, at)
    if copy is None and line:
        return _split(text, line)
    if copy is not None and b"\n\\." not in text.data[at:]:
        # The rows read so far are complete; the head goes on.
        return text, only(text, np.arange(len(text.begins)) == line)
    if line:
        return _split(text, line)
    head = _HEAD.match(text.data[:_LONGEST_HEAD])
    cut = max(text.data.rfind(b"),\n"), text.data.rfind(b"),\r\n"))
    if head is None or cut < 0:
        return None, text
    ready, rest = _split(text, int(np.searchsorted(text.begins, cut + 2)))
    again = only(text, np.arange(len(text.begins)) == 0)
    return ready, _joined(rewritten(again, head[0].replace(b"\n", b" ") + b"\n"), rest) if rest is not None else None


def _split(text: Text, line: int) -> tuple[Text | None, Text | None]:
    before = np.arange(len(text.begins)) < line
    ready = replace(only(text, before), rejects=text.rejects)
    return ready, only(text, ~before) if not before.all() else None


def _joined(first: Text, second: Text) -> Text:
    data = first.data if first.data.endswith(b"\n") or not first.data else first.data + b"\n"
    shift = len(first.begins)
    return Text(
        data + second.data,
        second.encoding,
        np.concatenate((first.begins, second.begins + len(data))),
        np.concatenate((first.offsets, second.offsets)),
        np.concatenate((first.ends, second.ends)),
        np.concatenate((first.numbers, second.numbers)),
        (*first.rejects, *second.rejects),
        first.foreign | {line + shift for line in second.foreign},
        second.other,
    )
