"""Chat exports of every kind, written from one list of invented messages, so that what must be read is known."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

PREAMBLE = "消息记录（此消息记录为文本格式，不支持重新导入）"
RULE = "=" * 64


@dataclass(frozen=True)
class Said:
    """What somebody said."""

    sender_id: str
    sender: str
    time: datetime
    text: str


def talk(count: int = 6) -> list[Said]:
    """A talk of several people; names with brackets, texts of several lines, an empty one."""
    begin = datetime(2023, 9, 3, 8, 5, 9)
    people = [("10234567", "小王(一)"), ("20345678", "李 四"), ("3045678901", "Lao<z>hang"), ("40567890", "")]
    texts = ["出网贷料，一手，1.5一条", "在吗\n在的话说一声", "[图片]", "2023-09-03 9:00:00 这不是消息头", "好", ""]
    return [
        Said(*people[place % len(people)], begin + timedelta(hours=5 * place, seconds=place), texts[place % len(texts)])
        for place in range(count)
    ]


def _clock(time: datetime, *, half_day: bool) -> str:
    if half_day:
        return f"{time:%Y-%m-%d} {time.hour % 12 or 12}:{time:%M:%S} {'AM' if time.hour < 12 else 'PM'}"
    return f"{time:%Y-%m-%d} {time.hour}:{time:%M:%S}"


def qq_text(
    said: list[Said], *, half_day: bool = False, title: str = "", chat: str = "数据群", preamble: bool = True
) -> str:
    """QQ's message manager, one chat."""
    head = f"{RULE}\n消息分组:我的QQ群\n{RULE}\n消息对象:{chat}\n{RULE}\n\n"
    body = "".join(
        f"{_clock(one.time, half_day=half_day)} {title}{one.sender}({one.sender_id})\n{one.text}\n\n" for one in said
    )
    return f"{PREAMBLE}\n\n{head}{body}"


def qq_mht(said: list[Said]) -> str:
    """The same as MIME, times of day below the heading of the day."""
    rows, day = [], None
    for one in said:
        if one.time.date() != day:
            day = one.time.date()
            rows.append(f"<tr><td style=font-weight:bold>日期: {day}</td></tr>")
        text = escape(one.text).replace("\n", "<br>").replace("[图片]", '<IMG src="{6F1}.dat">')
        rows.append(
            f"<tr><td><div style=color:#006EFE><div style=float:left>{escape(one.sender)}({one.sender_id})</div>"
            f"{one.time.hour}:{one.time:%M:%S}</div><div style=padding-left:20px><font>{text}</font></div></td></tr>"
        )
    head = (
        "From: <Save by Tencent MsgMgr>\r\nSubject: Tencent IM Message\r\nMIME-Version: 1.0\r\n"
        'Content-Type:multipart/related;\r\n\tcharset="utf-8"\r\n\ttype="text/html";\r\n\tboundary="----=_NextPart_1"\r\n\r\n'
        "------=_NextPart_1\r\nContent-Type: text/html\r\nContent-Transfer-Encoding:7bit\r\n\r\n"
    )
    table = "<html><body><table><tr><td><div>消息记录</div></td></tr><tr><td><div>消息分组:我的QQ群</div></td></tr>"
    table += "<tr><td><div>消息对象:数据群</div></td></tr>" + "\n".join(rows) + "</table></body></html>\r\n"
    return (
        head + table + "\r\n------=_NextPart_1\r\nContent-Type:image/jpeg\r\nContent-Location:{6F1}.dat\r\n\r\nQUJD\r\n"
    )


def telegram_chat(said: list[Said], *, entities: bool = True) -> dict[str, object]:
    """One chat of a result.json; the text as a string or as parts."""
    return {
        "name": "数据群",
        "type": "private_supergroup",
        "id": 77,
        "messages": [
            {
                "id": place + 1,
                "type": "message",
                "date": one.time.isoformat(),
                "date_unixtime": "0",
                "from": one.sender,
                "from_id": f"user{one.sender_id}",
                "text": [one.text[:3], {"type": "bold", "text": one.text[3:]}] if entities and place % 2 else one.text,
                "text_entities": [{"type": "plain", "text": one.text}] if entities else [],
            }
            for place, one in enumerate(said)
        ],
    }


def telegram(said: list[Said], *, full: bool = False, indent: int | None = 1) -> str:
    """A result.json of one chat, or of all of them."""
    chat = telegram_chat(said)
    document = {"about": "x", "personal_information": {"user_id": 1}, "chats": {"about": "y", "list": [chat, chat]}}
    return json.dumps(document if full else chat, ensure_ascii=False, indent=indent)


def wechat_csv(said: list[Said]) -> str:
    """留痕's table."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    names = "localId,TalkerId,Type,SubType,IsSender,CreateTime,Status,StrContent,StrTime,Remark,NickName,Sender"
    writer.writerow(names.split(","))
    for place, one in enumerate(said):
        seconds = int((one.time - datetime(1970, 1, 1)).total_seconds()) - 8 * 3600
        row = [
            place,
            3,
            1,
            0,
            0,
            seconds,
            "",
            one.text,
            f"{one.time:%Y-%m-%d %H:%M:%S}",
            "",
            one.sender,
            f"wxid_{one.sender_id}",
        ]
        writer.writerow(row)
    return "\ufeff" + stream.getvalue()


def wechat_text(said: list[Said]) -> str:
    """A text export: no ids."""
    return "".join(f"{one.time:%Y-%m-%d %H:%M:%S} {one.sender or 'x'}\n{one.text}\n\n" for one in said)


def discord(said: list[Said]) -> str:
    """DiscordChatExporter's JSON."""
    document = {
        "guild": {"id": "1", "name": "G"},
        "channel": {"id": "2", "type": "GuildTextChat", "name": "数据"},
        "messages": [
            {
                "id": str(place),
                "type": "Default",
                "timestamp": one.time.isoformat() + "+00:00",
                "content": one.text,
                "author": {"id": one.sender_id, "name": one.sender, "isBot": False},
                "attachments": [],
            }
            for place, one in enumerate(said)
        ],
    }
    return json.dumps(document, ensure_ascii=False)
