"""Carriers' bills and any other table of calls: the columns are told by their headings, in either language.

Bills differ from province to province and carry lines above the heading (whose bill, which month). A table without a
heading is read by its values: what is a number, what a time, what a length.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import BinaryIO

from graphs.calls.call import Call, Entry, UnreadCall
from graphs.calls.number import class_of, normalise
from graphs.calls.rows import rows
from graphs.lines import HEAD, glimpse
from graphs.moment import DATE, WHEN, at, day_of, from_seconds, moment

_OUT = ("主叫", "呼出", "拨出", "去电", "外呼", "out", "发送", "发", "dialed", "outgoing", "outbound", "2", "mo")
_IN = ("被叫", "呼入", "来电", "接听", "in", "接收", "收", "incoming", "inbound", "1", "mt", "received")
_MISSED = ("未接", "missed", "3")
_LENGTH = re.compile(
    r"(?:(\d+)\s*(?:小时|时|h))?\s*(?:(\d+)\s*(?:分钟|分|m(?:in)?))?\s*(?:(\d+)\s*(?:秒|s(?:ec)?)?)?$", re.IGNORECASE
)
_CLOCKED = re.compile(r"(?:(\d+):)?(\d+):(\d+)$")
_WHEN = re.compile(rf"(?:{WHEN})")
_NUMBER = re.compile(r"(?:\+|00)?[\d*][\d* \-]{2,19}$")
_LINES_BEFORE = 40


def recognises(head: bytes) -> bool:
    """Whether a heading names a number and a time, or the values of the first lines look like calls."""
    lines_ = [re.split(r"[,\t;|]", line) for line in glimpse(head).splitlines()[:_LINES_BEFORE]]
    return any(_columns(cells) for cells in lines_) or any(_by_value(cells) for cells in lines_)


def read(stream: BinaryIO) -> Iterator[Entry]:
    """Every record below the heading in file order."""
    stream.seek(0)
    columns: dict[str, int] | None = None
    waiting: list[int] = []
    year = _year(glimpse(_head(stream)))
    for offset, cells in rows(stream):
        if cells is None:
            yield UnreadCall(offset, "no CSV record")
            continue
        named = _columns(cells)
        if named:
            columns, waiting = named, []
            continue
        known = columns or _by_value(cells)
        if known is None:
            waiting.append(offset)
            continue
        columns = known
        yield _call(offset, cells, known, year)
    for offset in waiting:
        yield UnreadCall(offset, "no call in it")


def _head(stream: BinaryIO) -> bytes:
    head = stream.read(HEAD)
    stream.seek(0)
    return head


def _year(head: str) -> int | None:
    """The year of a bill whose rows name only month and day."""
    found = re.search(r"(20\d\d)[-年/]", head)
    return int(found.group(1)) if found else None


def _columns(cells: Sequence[str]) -> dict[str, int] | None:
    places: dict[str, int] = {}
    for place, cell in enumerate(cells):
        places.setdefault(re.sub(r"[\s\"'\ufeff=]", "", cell).lower(), place)
    found: dict[str, int] = {}
    for meaning, names in _headings().items():
        known = [places[name] for name in names if name in places]
        if known and known[0] not in found.values():
            found[meaning] = known[0]
    party = {"other", "callee", "caller"} & found.keys()
    # One column alone is a list of numbers, but "caller" alone says nobody was called.
    if not party or (len(found) == 1 and (len(cells) > 1 or "caller" in found)):
        return None
    return found


def _by_value(cells: Sequence[str]) -> dict[str, int] | None:
    """What the values are; None where they are no call."""
    found: dict[str, int] = {}
    numbers = [
        place
        for place, cell in enumerate(cells)
        if _NUMBER.match(cell) and class_of(normalise(cell)).name not in {"unknown", "landline"}
    ]
    times = [place for place, cell in enumerate(cells) if _WHEN.fullmatch(cell.strip())]
    if not numbers or (not times and len(cells) > 1):
        return None
    if len(numbers) > 1:
        found["caller"], found["callee"] = numbers[:2]
    else:
        found["other"] = numbers[0]
    if times:
        found["time"] = times[0]
    for place, cell in enumerate(cells):
        if place not in found.values() and cell and (_seconds(cell) is not None) and "seconds" not in found:
            found["seconds"] = place
        if any(cell.startswith(word) for word in (*_OUT[:5], *_IN[:4])) and len(cell) <= 6:
            found["direction"] = place
    return found


def _call(offset: int, cells: Sequence[str], columns: Mapping[str, int], year: int | None) -> Entry:
    def cell(meaning: str) -> str:
        place = columns.get(meaning, len(cells))
        return cells[place] if place < len(cells) else ""

    caller, callee, other = normalise(cell("caller")), normalise(cell("callee")), normalise(cell("other"))
    if not (caller or callee or other):
        return UnreadCall(offset, "no number where the heading has one")
    direction = _direction(cell("direction"))
    if other and not caller and not callee:
        direction = direction or "out"
        caller, callee = ("", other) if direction == "out" else (other, "")
    elif not direction:
        direction = "through" if caller or not callee else "out"
    text = cell("text")
    sms = bool(text) or any(word in cell("direction") + cell("kind") for word in ("短信", "彩信", "sms", "SMS"))
    return Call(
        offset=offset,
        kind="sms" if sms else "call",
        direction=direction,
        caller=caller,
        callee=callee,
        time=_time(cell("time"), cell("date"), year),
        seconds=_seconds(cell("seconds")),
        text=text,
    )


@cache
def _headings() -> Mapping[str, Sequence[str]]:
    """Meaning of a column → the headings that announce it."""
    listed = tomllib.loads(Path(__file__).with_name("bill_headings.toml").read_text("utf-8"))
    return {meaning: tuple(names) for meaning, names in listed.items()}


def _direction(word: str) -> str:
    word = word.strip().lower()
    for name, words in (("missed", _MISSED), ("out", _OUT), ("in", _IN)):
        if any(
            word == one if one.isdigit() or (len(one) < 3 and one.isascii()) else word.startswith(one) for one in words
        ):
            return name
    return ""


def _time(written: str, day: str, year: int | None) -> datetime | None:
    if written.isdigit() and len(written) >= 10:
        if len(written) == 14 and written.startswith(("19", "20")):
            try:
                return datetime.strptime(written, "%Y%m%d%H%M%S")  # noqa: DTZ007 (local, as written)
            except ValueError:
                return None
        return from_seconds(int(written[:18]))
    if day and ":" in written:
        found = day_of(day)
        return at(found, written) if found else None
    written = written.replace("T", " ").split("+")[0].removesuffix("Z")
    if re.match(r"\d{1,2}-\d{1,2} ", written) and year:
        written = f"{year}-{written}"
    if re.fullmatch(DATE, written):
        found = day_of(written)
        return datetime(found.year, found.month, found.day) if found else None  # noqa: DTZ001 (local, as written)
    return moment(written) if ":" in written else None


def _seconds(written: str) -> int | None:
    """`1分20秒`, `80`, `00:01:20`, `1时1分20秒` in seconds."""
    clocked = _CLOCKED.match(written)
    if clocked:
        hours, minutes, seconds = (int(part or 0) for part in clocked.groups())
        return hours * 3600 + minutes * 60 + seconds
    found = _LENGTH.match(written)
    if not written or not found or not any(found.groups()) or len(written) > 16:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds
