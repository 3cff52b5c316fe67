"""WeChat messages as tables: 留痕 (MemoTrace) and the CSV files of its relatives."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import BinaryIO

from graphs.lines import glimpse, lines
from graphs.market.message import Entry, Message, Unread
from graphs.moment import from_seconds, moment

_NAMES = {
    "id": ("sender", "wxid", "senderid", "sender_id", "发送者id", "发送人id", "talkerid", "发送者微信号", "微信号"),
    "name": ("nickname", "remark", "sendername", "昵称", "备注", "发送者", "发送人", "sender", "name"),
    "text": ("strcontent", "content", "message", "text", "msg", "内容", "消息内容", "消息"),
    "time": ("strtime", "time", "datetime", "date", "时间", "发送时间", "日期"),
    "seconds": ("createtime", "timestamp", "create_time"),
    "type": ("type", "msgtype", "类型", "消息类型", "type_name"),
    "key": ("msgsvrid", "localid", "id"),
    "mine": ("issender", "is_sender"),
    "chat": ("room_name", "talker", "chat", "会话", "群名"),
}
_TITLE = re.compile(r"<title>(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?</title>", re.DOTALL)
_SIZE = re.compile(r"<totallen>(\d+)</totallen>")
_NOTICE = frozenset({"10000", "10002", "系统消息", "系统通知"})
_FILE = frozenset({"49"})
_PLACEHOLDERS = {"3": "[图片]", "34": "[语音]", "43": "[视频]", "47": "[表情]", "48": "[位置]", "42": "[名片]"}


def recognises(head: bytes) -> bool:
    """Whether the first line names a text and a time, and who wrote it."""
    first = next(iter(glimpse(head).splitlines()), "")
    if "\t" not in first and "," not in first:
        return False
    found = _columns(_cells(first))
    return "text" in found and ("time" in found or "seconds" in found) and ("id" in found or "name" in found)


def read(stream: BinaryIO) -> Iterator[Entry]:
    """Every message in file order; a record that is no message is `Unread`."""
    source = _Counted(stream)
    first = next(source, "")
    separator = _separator(first)
    columns = _columns(_cells(first.rstrip("\n")))
    rows = csv.reader(source, delimiter=separator)
    while True:
        source.begun = None
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            yield Unread(source.record(), "no CSV record")
            continue
        if row:
            yield _message(row, columns, source.record())


class _Counted:
    """Lines for the csv module, which remembers at which byte the record at hand began."""

    def __init__(self, stream: BinaryIO) -> None:
        stream.seek(0)
        self._lines = lines(stream)
        self.begun: int | None = None

    def record(self) -> int:
        """The byte at which the record at hand began."""
        return self.begun or 0

    def __iter__(self) -> _Counted:
        return self

    def __next__(self) -> str:
        offset, line = next(self._lines)
        self.begun = offset if self.begun is None else self.begun
        return line + "\n"


def _cells(first: str) -> list[str]:
    try:
        return next(csv.reader([first], delimiter=_separator(first)), [])
    except csv.Error:
        return []


def _separator(first: str) -> str:
    return "\t" if first.count("\t") > first.count(",") else ","


def _columns(header: Sequence[str]) -> dict[str, int]:
    """What means what: the first name of each list that the header has."""
    places = {name.strip().strip("\ufeff").lower(): place for place, name in enumerate(header)}
    found: dict[str, int] = {}
    for meaning, names in _NAMES.items():
        place = next((places[name] for name in names if name in places), None)
        if place is not None and not (meaning == "name" and place == found.get("id") and "nickname" in places):
            found[meaning] = place
    return found


def _message(row: Sequence[str], columns: Mapping[str, int], offset: int) -> Entry:
    def cell(meaning: str) -> str:
        place = columns.get(meaning, len(row))
        return row[place].strip() if place < len(row) else ""

    time = _time(cell("time"), cell("seconds"))
    if time is None and not cell("text"):
        return Unread(offset, "a record without time and text")
    kind, text, size, name = cell("type"), cell("text"), None, None
    if text.lstrip().startswith("<"):
        title, length = _TITLE.search(text), _SIZE.search(text)
        shown = title.group(1) if title else ""
        if kind in _FILE and length and int(length.group(1)) > 0:
            name, size = shown, int(length.group(1)[:18])
        text = shown or _PLACEHOLDERS.get(kind, "")
    elif not text:
        text = _PLACEHOLDERS.get(kind, "")
    return Message(
        offset=offset,
        sender_id=cell("id") or None,
        sender=cell("name") or cell("id"),
        time=time,
        text=text,
        chat=cell("chat"),
        service=kind in _NOTICE,
        file_name=name,
        file_size=size,
        key=cell("key") or None,
    )


def _time(written: str, seconds: str) -> datetime | None:
    """The local time as written; Chinese time of the seconds where none is written."""
    time = moment(written) if ":" in written else None
    if time is not None:
        return time
    try:
        return from_seconds(float(seconds or written))
    except ValueError:
        return None
