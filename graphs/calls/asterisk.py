"""Asterisk's call detail records: `Master.csv` of cdr_csv, and cdr_custom's, neither with a header.

cdr_csv: accountcode, src, dst, dcontext, clid, channel, dstchannel, lastapp, lastdata, start, answer, end, duration,
billsec, disposition, amaflags, and where configured uniqueid and userfield. cdr_custom's sample begins with clid. So
the columns are told by where the times stand (docs.asterisk.org, CDR variables).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from graphs.calls.call import Call, Entry, UnreadCall
from graphs.calls.number import normalise
from graphs.calls.rows import rows
from graphs.lines import glimpse
from graphs.moment import moment

_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")
_DISPOSITIONS = frozenset({"ANSWERED", "NO ANSWER", "BUSY", "FAILED", "CONGESTION", "UNKNOWN"})
_CLID = re.compile(r'^"?"?.*?"?"?\s*<[^>]*>$')


def recognises(head: bytes) -> bool:
    """Whether the first lines have a disposition and a start time."""
    found = [line for line in glimpse(head).splitlines()[:20] if line.strip()]
    hits = sum(
        any(word in line for word in _DISPOSITIONS) and bool(re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d", line))
        for line in found
    )
    return bool(found) and 2 * hits >= len(found) and not re.search(r"disposition", found[0], re.IGNORECASE)


def read(stream: BinaryIO) -> Iterator[Entry]:
    """Every record in file order. Times may be GMT where the exchange was set so (usegmtime); the file does not say."""
    for offset, cells in rows(stream):
        if cells is None:
            yield UnreadCall(offset, "no CSV record")
            continue
        start = next((place for place, cell in enumerate(cells) if _TIME.match(cell)), None)
        if start is None or start < 6 or len(cells) < start + 5:
            yield UnreadCall(offset, "no start time where a call record has one")
            continue
        # Behind the last of the up to three times: duration, billsec, disposition.
        last = max(
            place for place in range(start, min(start + 3, len(cells))) if not cells[place] or _TIME.match(cells[place])
        )
        seconds = cells[last + 2] if last + 2 < len(cells) else ""
        shift = 1 if _CLID.match(cells[0]) else 0  # cdr_custom: clid, src, dst …; cdr_csv: accountcode, src, dst …
        source, target = (1, 2) if shift or start >= 9 else (0, 1)
        yield Call(
            offset=offset,
            kind="call",
            direction="through",
            caller=normalise(cells[source]),
            callee=normalise(cells[target]),
            time=moment(cells[start]),
            seconds=int(seconds[:9]) if seconds.isdigit() else None,
        )
