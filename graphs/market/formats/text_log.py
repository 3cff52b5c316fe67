"""Chats written as plain text: QQ's message manager and TIM, WeChat exports, whatever was copied from a window.

A message is a header line and the lines after it. QQ's message manager writes `2019-09-23 8:43:38 nick(12345678)` or
`… nick<mail>`, the hour without a leading zero, a title before the name (`【管理员】`), and in a talk between two no
number at all; an English Windows writes `8:43:38 PM`. Others put the name first, or the text into the same line.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import BinaryIO, NamedTuple

from graphs.lines import HEAD, glimpse, lines
from graphs.market.message import Entry, Message, Unread
from graphs.moment import CLOCK, DATE, WHEN, at, day_of, moment

_ID = r"(?:[(（](?P<id>\d{4,13}|wxid_[\w-]+|gh_\w+|\d+@chatroom)[)）]|[<＜](?P<mail>[^<>＜＞\s]+)[>＞])"
_BARE = re.compile(rf"(?P<when>{WHEN})(?:[ \t](?P<who>.*))?")
_PATTERNS = {
    "time first": re.compile(rf"\[?(?P<when>{WHEN})\]?[ \t]+(?P<who>.*?)[ \t]*{_ID}[ \t]*$"),
    "one line": re.compile(rf"\[?(?P<when>{WHEN})\]?[ \t]+(?P<who>.*?)[ \t]*{_ID}[:：][ \t]?(?P<text>.*)$"),
    "name first": re.compile(rf"(?P<who>.*?)[ \t]*{_ID}[ \t]+(?P<when>{WHEN})[ \t]*$"),
    "bare name first": re.compile(rf"(?P<who>\S.*?)[ \t]+(?P<when>{WHEN})[ \t]*$"),
    "time in brackets": re.compile(
        rf"(?P<who>[^:：\[\]]*?)[ \t]*{_ID}?[ \t]*[(（](?P<when>{WHEN})[)）][ \t]*[:：][ \t]?(?P<text>.*)$"
    ),
    "bare one line": re.compile(rf"\[(?P<when>{WHEN})\][ \t]*(?P<who>[^:：]*?)[:：][ \t]?(?P<text>.*)$"),
    "clock only": re.compile(rf"(?P<clock>{CLOCK})[ \t]+(?P<who>.*?)[ \t]*{_ID}[ \t]*$"),
}
_TITLE = re.compile(r"【[^】]{0,12}】")
_RULE = re.compile(r"={8,}$|-{8,}$")
_FURNITURE = re.compile(
    r"(消息分组|消息对象|消息记录|日期|Message group|Message object|Date)\s*[（(:：]\s*(.*)", re.IGNORECASE
)
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
SYSTEM = frozenset({"10000", "1000000"})
"""QQ's own senders of notices."""


class _Survey(NamedTuple):
    """What the first bytes tell about the whole file."""

    shapes: Counter[str]
    """How many headers of each shape."""
    bare: int
    """How many headers without a number."""
    preamble: bool
    """Whether the message manager's own words stand before them."""
    apart: bool
    """Whether headers follow an empty line, as the message manager writes them."""


class _Header(NamedTuple):
    time: datetime | None
    sender_id: str | None
    sender: str
    text: str


def recognises(head: bytes) -> bool:
    """Whether the first bytes hold at least two headers, or one and the message manager's preamble."""
    seen = _survey(head)
    found = sum(seen.shapes.values()) + seen.bare
    return found >= 2 or (found == 1 and seen.preamble)


def read(stream: BinaryIO) -> Iterator[Entry]:
    """Every message in file order; text before the first header is `Unread`."""
    seen = _survey(stream.read(HEAD))
    stream.seek(0)
    reader = _Reader([_PATTERNS[name] for name, hits in seen.shapes.items() if hits], seen)
    for offset, line in lines(stream):
        if reader.take(offset, line):
            yield from reader.ready()
    reader.finish()
    yield from reader.ready()


def _survey(head: bytes) -> _Survey:
    shapes: Counter[str] = Counter()
    bare = apart = 0
    text = _UNSEEN.sub("", glimpse(head))
    blank = True
    for line in text.splitlines():
        name = next((name for name, pattern in _PATTERNS.items() if pattern.match(line)), None)
        if name == "bare name first" and not blank:
            name = None
        if name:
            shapes[name] += 1
            apart += blank
        elif blank and _BARE.fullmatch(line):
            bare += 1
        blank = not line.strip() or bool(_RULE.match(line))
    numbered = shapes.total()
    if shapes["clock only"] and not re.search(rf"日期\s*[:：]\s*{DATE}", text):
        del shapes["clock only"]
    if shapes["bare name first"] and shapes["bare name first"] < max(bare, 2, shapes["time first"]):
        del shapes["bare name first"]
    preamble = "消息记录" in text[:400] or "消息对象" in text
    return _Survey(shapes, bare, preamble, apart=apart >= 0.8 * numbered)


class _Reader:
    """Lines in, messages out; it keeps the message that may not be complete yet."""

    def __init__(self, patterns: list[re.Pattern[str]], seen: _Survey) -> None:
        self._patterns = patterns
        self._seen = seen
        self._numbered = 0
        self._blank = True
        self._chat = ""
        self._day: date | None = None
        self._begun: tuple[int, _Header] | None = None
        self._body: list[str] = []
        self._lost: int | None = None
        self._ready: list[Entry] = []

    def ready(self) -> list[Entry]:
        """What is complete and was not given yet."""
        given, self._ready = self._ready, []
        return given

    def take(self, offset: int, line: str) -> bool:
        """Take a line; whether something is complete now."""
        header = self._header(line)
        if header is not None:
            self.finish()
            self._begun, self._body = (offset, header), [header.text] if header.text else []
        elif (self._blank or self._begun is None or line.startswith("=" * 40)) and self._is_furniture(line):
            self.finish()
        elif self._begun is not None:
            self._body.append(line)
        elif line.strip() and self._lost is None:
            self._lost = offset
        self._blank = not line.strip() or (line[0] in "=-" and bool(_RULE.match(line)))
        return bool(self._ready)

    def finish(self) -> None:
        """The message at hand, if any, is complete."""
        if self._lost is not None:
            self._ready.append(Unread(self._lost, "text that belongs to no message"))
            self._lost = None
        if self._begun is None:
            return
        offset, header = self._begun
        body = self._body
        while body and not body[-1].strip():
            body.pop()
        service = header.sender_id in SYSTEM or (header.sender_id is None and header.sender in {"系统消息", "系统提示"})
        message = Message(offset, header.sender_id, header.sender, header.time, "\n".join(body), self._chat, service)
        self._ready.append(message)
        self._begun, self._body = None, []

    def _is_furniture(self, line: str) -> bool:
        if _RULE.match(line):
            return True
        found = _FURNITURE.match(_UNSEEN.sub("", line))
        if not found:
            return False
        name, value = found.groups()
        if name == "消息对象":
            self._chat, self._numbered = value.strip(), 0
        elif name == "日期":
            self._day = day_of(value.strip()) or self._day
        return True

    def _header(self, line: str) -> _Header | None:
        if len(line) < 8 or ":" not in line:
            return None
        line = line.lstrip("\ufeff\u200b\u200e\u202a\u202b\u202c\u202d")
        for pattern in self._patterns:
            found = pattern.match(line)
            if found:
                header = self._made(found)
                # A message may quote another one, header and all; a real header follows an empty line.
                if header and (self._blank or not self._seen.apart or pattern in _INLINE):
                    self._numbered += header.sender_id is not None and header.sender_id not in SYSTEM
                    return header
        if self._seen.bare and self._blank and not self._numbered:
            found = _BARE.fullmatch(line)
            if found:
                return self._made(found)
        return None

    def _made(self, found: re.Match[str]) -> _Header | None:
        parts = found.groupdict()
        clock = parts.get("clock")
        time = moment(parts["when"]) if clock is None else at(self._day, clock) if self._day else None
        if time is None:
            return None
        who = _TITLE.sub("", (parts.get("who") or "").strip(), count=1)
        return _Header(time, parts.get("id") or parts.get("mail"), who.strip(), parts.get("text") or "")


_INLINE = (_PATTERNS["one line"], _PATTERNS["time in brackets"], _PATTERNS["bare one line"])
