"""QQ's message manager in MIME: one HTML table, a day's heading above the messages of that day, pictures behind it."""

from __future__ import annotations

import base64
import binascii
import html
import io
import quopri
import re
from collections.abc import Iterator
from datetime import date
from typing import BinaryIO

from graphs.market.message import Entry, Message, Unread
from graphs.moment import CLOCK, DATE, WHEN, at, day_of, moment

_PIECE = 1 << 20
_LONGEST_ROW = 1 << 24
_BOUNDARY = re.compile(rb'boundary\s*=\s*"?([^"\r\n;]+)', re.IGNORECASE)
_TRANSFER = re.compile(rb"content-transfer-encoding:\s*([\w-]+)", re.IGNORECASE)
_CHARSET = re.compile(rb'charset\s*=\s*"?([\w-]+)', re.IGNORECASE)
_ROW = re.compile(rb"<tr\b.*?</tr\s*>", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<br\s*/?>|</p>|</div>\s*<div", re.IGNORECASE)
_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_HEAD = re.compile(rf"(?P<who>.*?)</div>\s*(?P<when>(?:{WHEN})|(?:{CLOCK}))\s*</div>", re.DOTALL)
_PARTNER = re.compile(r"消息对象\s*[:：]\s*(.*)")
_DAY = re.compile(rf"日期\s*[:：]\s*({DATE})")
_ID = re.compile(r"(?:[(（](\d{4,13})[)）]|[<＜]([^<>＜＞\s]+@[^<>＜＞\s]+)[>＞])\s*$")
_TITLE = re.compile(r"^【[^】]{0,12}】")
_SYSTEM = frozenset({"10000", "1000000"})


def recognises(head: bytes) -> bool:
    """Whether it says so itself, or is a MIME message with a QQ table in it."""
    start = head[:4096]
    return (
        b"Tencent MsgMgr" in start
        or b"Tencent IM Message" in start
        or (b"multipart/related" in start and "消息对象".encode() in head)
    )


def read(stream: BinaryIO) -> Iterator[Entry]:
    """Every message of the table, in file order. In an encoded part all messages have the part's own offset."""
    start, body, encoding, charset = _first_part(stream)
    if encoding in {b"base64", b"quoted-printable"}:
        decoded = _decoded(body, encoding)
        rows: Iterator[tuple[int, bytes]] = ((start, row) for _, row in _rows(io.BytesIO(decoded), 0, None))
    else:
        stream.seek(start)
        rows = _rows(stream, start, _boundary(stream, start))
    day: date | None = None
    chat = ""
    for offset, raw in rows:
        if not raw:
            yield Unread(offset, "a table row without an end")
            continue
        row = raw.decode(charset, errors="replace")
        plain = html.unescape(_TAG.sub("", row)).strip()
        partner, heading = _PARTNER.search(plain), _DAY.search(plain)
        head = _HEAD.search(row)
        if head:
            yield _message(row, head, offset, (day, chat))
        elif partner:
            chat = partner.group(1).strip()
        elif heading:
            day = day_of(heading.group(1)) or day
        elif plain and not re.match(r"消息(?:分组|记录)", plain):
            yield Unread(offset, "a table row that is no message")


def _message(row: str, head: re.Match[str], offset: int, context: tuple[date | None, str]) -> Entry:
    day, chat = context
    when = head["when"].strip()
    time = moment(when) if re.match(DATE, when) else (at(day, when) if day else None)
    # The innermost <div> before the time holds the name.
    who = html.unescape(_TAG.sub("", head["who"][head["who"].rfind("<div") :])).replace("\xa0", " ").strip()
    found = _ID.search(who)
    name = _TITLE.sub("", who[: found.start()] if found else who).strip()
    identity = (found.group(1) or found.group(2)) if found else None
    content = _IMAGE.sub("[图片]", row[head.end() :])
    text = html.unescape(_TAG.sub("", _BREAK.sub("\n", content))).replace("\xa0", " ").strip()
    return Message(offset, identity, name, time, text, chat, service=identity in _SYSTEM)


def _first_part(stream: BinaryIO) -> tuple[int, bytes, bytes, str]:
    """(where the HTML begins, all of it if it is encoded, how it is encoded, its character set)."""
    stream.seek(0)
    head = stream.read(1 << 16)
    begin = _html_begin(head)
    header = head[:begin]
    encodings = _TRANSFER.findall(header)
    encoding = encodings[-1].lower() if encodings else b"8bit"
    charsets = _CHARSET.findall(header)
    charset = charsets[-1].decode() if charsets else "utf-8"
    try:
        "".encode(charset)
    except LookupError:
        charset = "utf-8"
    body = b""
    if encoding in {b"base64", b"quoted-printable"}:
        stream.seek(begin)
        boundary = _boundary(stream, begin)
        stream.seek(begin)
        body = stream.read()
        body = body.partition(boundary)[0] if boundary else body
    return begin, body, encoding, charset


def _html_begin(head: bytes) -> int:
    """Behind the empty line after the first part's own header, or at the first tag."""
    boundary = _BOUNDARY.search(head)
    at_part = head.find(b"--" + boundary.group(1), boundary.end()) if boundary else 0
    for end in (b"\r\n\r\n", b"\n\n"):
        found = head.find(end, max(at_part, 0))
        if found >= 0:
            return found + len(end)
    return max(head.find(b"<"), 0)


def _boundary(stream: BinaryIO, begin: int) -> bytes | None:
    stream.seek(0)
    found = _BOUNDARY.search(stream.read(begin))
    stream.seek(begin)
    return b"\n--" + found.group(1) if found else None


def _decoded(body: bytes, encoding: bytes) -> bytes:
    try:
        return base64.b64decode(body) if encoding == b"base64" else quopri.decodestring(body)
    except binascii.Error:
        return b""


def _rows(stream: BinaryIO, start: int, boundary: bytes | None) -> Iterator[tuple[int, bytes]]:
    """Every table row with the byte at which it begins, up to the next part of the message."""
    held, offset, done = b"", start, False
    while not done:
        piece = stream.read(_PIECE)
        held += piece
        end = held.find(boundary) if boundary else -1
        done = not piece or end >= 0
        held = held[:end] if end >= 0 else held
        last = 0
        for row in _ROW.finditer(held):
            yield offset + row.start(), row.group()
            last = row.end()
        if not done and len(held) - last > _LONGEST_ROW:
            yield offset + last, b""
            last = len(held)
        # A boundary may lie across two pieces.
        held, offset = held[last:], offset + last
