from __future__ import annotations

import io
import json
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.market.message import Message, Unread
from graphs.market.reading import CHATS
from graphs.registry import UnknownFormat
from tests.graphs.market import exports
from tests.graphs.market.exports import Said, talk

Known = list[tuple[str | None, str, datetime, str]]


def read(raw: bytes) -> tuple[str, list[Message], list[Unread]]:
    stream = io.BytesIO(raw)
    format_ = CHATS.format_of(stream)
    entries = list(format_.read(stream))
    messages = [entry for entry in entries if isinstance(entry, Message)]
    return format_.name, messages, [entry for entry in entries if isinstance(entry, Unread)]


def facts(messages: list[Message]) -> Known:
    found = []
    for one in messages:
        assert one.time is not None
        found.append((one.sender_id, one.sender, one.time.replace(tzinfo=None), one.text))
    return found


def known(said: list[Said], prefix: str = "") -> Known:
    return [(prefix + one.sender_id, one.sender, one.time, one.text) for one in said]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("half_day", [False, True], ids=["24 hours", "12 hours"])
@pytest.mark.parametrize("title", ["", "【管理员】"], ids=["untitled", "titled"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_qq_text_is_read_exactly(encoding: str, half_day: bool, title: str, end: str) -> None:  # noqa: FBT001
    """Count, sender, time and text of QQ's text export are exact in every encoding, clock, title and line end."""
    text = exports.qq_text(talk(), half_day=half_day, title=title).replace("\n", end)
    name, messages, unread = read(text.encode(encoding))
    assert (name, facts(messages), unread) == ("text", known(talk()), [])
    assert {one.chat for one in messages} == {"数据群"}


def test_a_qq_file_of_several_chats_names_each() -> None:
    """A full export repeats the block 消息分组/消息对象 for each chat; none of it becomes a message."""
    first, second = talk(3), talk(5)
    text = exports.qq_text(first, chat="甲") + exports.qq_text(second, chat="乙").partition("\n\n")[2]
    _, messages, unread = read(text.encode())
    assert [one.chat for one in messages] == ["甲"] * 3 + ["乙"] * 5
    assert facts(messages) == known(first) + known(second)
    assert not unread


def test_a_talk_between_two_has_no_numbers() -> None:
    """In a one-to-one chat the header lacks the number: the name is read and the id is unknown."""
    head = exports.qq_text([], chat="阿强")
    text = head + "2023-09-03 8:05:09 阿强\n在吗\n\n2023-09-03 21:05:10 我\n在\n\n"
    _, messages, _ = read(text.encode())
    assert [(one.sender_id, one.sender, one.text) for one in messages] == [(None, "阿强", "在吗"), (None, "我", "在")]


@pytest.mark.parametrize(
    ("line", "sender_id", "sender"),
    [
        ("2023/09/03 08:05:09 小王(10234567)", "10234567", "小王"),
        ("2023年9月3日 8:05:09 小王(10234567)", "10234567", "小王"),
        ("2023-09-03 星期日 8:05:09 小王（10234567）", "10234567", "小王"),
        ("2023-09-03 上午 8:05:09 小王(10234567)", "10234567", "小王"),
        ("9/3/2023 8:05:09 AM 小王(10234567)", "10234567", "小王"),
        ("2023-09-03 8:05:09 小王<a.b@example.com>", "a.b@example.com", "小王"),
        ("2023-09-03 8:05:09 系统消息(10000)", "10000", "系统消息"),
        ("小王(10234567) 2023-09-03 8:05:09", "10234567", "小王"),
        ("小王(10234567) 2023/9/3 8:05:09", "10234567", "小王"),
        ("2023-09-03 8:05:09 (10234567)", "10234567", ""),
        ("2023-09-03 8:05:09 a(b)(c)(10234567)", "10234567", "a(b)(c)"),
        ("2023-09-03 08:05:09 小王(wxid_ab12cd)", "wxid_ab12cd", "小王"),
    ],
)
def test_every_shape_of_header_is_read(line: str, sender_id: str, sender: str) -> None:
    """Date and clock may be written in many ways; the last brackets hold the account."""
    _, messages, _ = read(f"{line}\n甲\n\n{line}\n乙\n\n{line}\n丙\n".encode())
    assert facts(messages) == [(sender_id, sender, datetime(2023, 9, 3, 8, 5, 9), text) for text in "甲乙丙"]


def test_tim_writes_header_and_text_in_one_line() -> None:
    """TIM's `time nick(number): text` is one message a line, with lines that follow."""
    text = "2023-09-03 8:05:09 小王(10234567): 出料\n第二行\n2023-09-03 8:06:00 李四(20345678): 好\n"
    _, messages, _ = read(text.encode())
    assert [(one.sender, one.text) for one in messages] == [("小王", "出料\n第二行"), ("李四", "好")]


def test_a_quoted_header_stays_text() -> None:
    """A header inside a message, which follows no empty line, is what somebody pasted and no message."""
    said = [Said("10234567", "小王", datetime(2023, 9, 3, 8, 5, 9), "看\n2023-09-01 9:00:00 李四(20345678)\n他说的")]
    _, messages, _ = read(exports.qq_text([*said, *talk(3)]).encode())
    assert messages[0].text == said[0].text
    assert len(messages) == 4


def test_mht_is_read_exactly() -> None:
    """Messages of the MIME export carry the day of the heading above them; pictures become [图片]."""
    name, messages, unread = read(exports.qq_mht(talk()).encode())
    assert (name, facts(messages), unread) == ("qq-mht", known(talk()), [])


@pytest.mark.parametrize("full", [False, True], ids=["one chat", "all chats"])
@pytest.mark.parametrize("indent", [None, 1])
def test_telegram_is_read_exactly(full: bool, indent: int | None) -> None:  # noqa: FBT001
    """A result.json of one chat or of many, indented or not, with texts in parts."""
    name, messages, unread = read(exports.telegram(talk(), full=full, indent=indent).encode())
    assert (name, facts(messages), unread) == ("telegram", known(talk(), "user") * (2 if full else 1), [])


def test_telegram_files_forwards_and_notices_are_kept() -> None:
    """File name and size, whose words they are, hidden links, answers and who joined are in the message."""
    chat = exports.telegram_chat(talk(1))
    items = chat["messages"]
    assert isinstance(items, list)
    items += [
        {
            "id": 9,
            "type": "message",
            "date": "2023-09-03T10:00:00",
            "from": "x",
            "from_id": "user5",
            "forwarded_from": "别的群",
            "reply_to_message_id": 1,
            "file": "files/a.csv",
            "file_name": "a.csv",
            "file_size": 1234,
            "text": "",
            "text_entities": [{"type": "text_link", "text": "点", "href": "https://t.me/liao_88"}],
        },
        {
            "id": 10,
            "type": "service",
            "date": "2023-09-03T11:00:00",
            "actor": "y",
            "actor_id": "user6",
            "action": "invite_members",
            "members": ["z"],
            "text": "",
        },
    ]
    _, messages, _ = read(json.dumps(chat).encode())
    sent, notice = messages[1:]
    assert (sent.file_name, sent.file_size, sent.forwarded_from) == ("a.csv", 1234, "别的群")
    assert (sent.links, sent.reply_to) == (("https://t.me/liao_88",), "1")
    assert (notice.service, notice.sender_id, notice.members) == (True, "user6", ("z",))


def test_wechat_table_and_text_are_read_exactly() -> None:
    """留痕's CSV gives account, name and local time; the text export has names only."""
    name, messages, unread = read(exports.wechat_csv(talk()).encode())
    want = [(one[0], one[1] or one[0], *one[2:]) for one in known(talk(), "wxid_")]
    assert (name, facts(messages), unread) == ("wechat-csv", want, [])
    _, messages, unread = read(exports.wechat_text(talk()[:3]).encode())
    assert [(one.sender, one.text) for one in messages] == [(one.sender, one.text) for one in talk()[:3]]
    assert not unread


def test_discord_is_read_exactly() -> None:
    """DiscordChatExporter's JSON gives account, name, time with its zone and text."""
    name, messages, unread = read(exports.discord(talk()).encode())
    assert (name, facts(messages), unread) == ("discord", known(talk()), [])


@pytest.mark.parametrize(
    ("raw", "mark"),
    [
        (exports.qq_text(talk()).encode("gb18030"), b"2023-09-03"),
        (exports.qq_text(talk()).encode("utf-8-sig"), b"2023-09-03"),
        (exports.telegram(talk(), full=True).encode(), b"{"),
        (exports.discord(talk()).encode(), b'{"id"'),
        (exports.qq_mht(talk()).encode(), b"<tr>"),
        (exports.wechat_csv(talk()).encode(), b"0,3,1"),
    ],
    ids=["qq gb18030", "qq mark", "telegram", "discord", "mht", "wechat"],
)
def test_an_offset_leads_to_the_message(raw: bytes, mark: bytes) -> None:
    """At a message's byte offset its own header begins, in whatever encoding."""
    _, messages, _ = read(raw)
    assert raw[messages[0].offset :].startswith(mark)
    offsets = [one.offset for one in messages]
    assert offsets == sorted(set(offsets))


def test_broken_json_gives_what_came_before() -> None:
    """A result.json cut in the middle gives its messages up to there and says where it breaks."""
    raw = exports.telegram(talk(6)).encode()
    _, messages, unread = read(raw[: len(raw) * 2 // 3])
    assert 0 < len(messages) < 6
    assert len(unread) == 1
    assert 0 < unread[0].offset <= len(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"messages": ' + b"[" * 100_000 + b', "from_id": 1, "text_entities": 1}',
        b'{"name": ' + b"9" * 10_000 + b', "messages": [], "from_id": "x"}',
        b'{"messages": [1, null, {"from_id": "x", "date": 5, "text": {"a": 1}}]}',
        b'{"messages": [{"from_id": "x", "text_entities": "no", "members": 3, "file_size": "x"}]}',
        b"From: <Save by Tencent MsgMgr>\r\n\r\n<tr><td>",
        b"From: <Save by Tencent MsgMgr>\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%%",
        "2023-13-45 8:05:09 小王(10234567)\n甲\n\n2023-09-03 88:05:09 小王(10234567)\n乙\n".encode(),
        b'StrContent,StrTime,NickName\n"open,2023-09-03 8:00:00,x\n',
    ],
    ids=["deep", "huge number", "no objects", "wrong types", "cut mht", "bad base64", "no such day", "open quote"],
)
def test_hostile_files_raise_nothing(raw: bytes) -> None:
    """What is deep, huge, cut or of the wrong type raises nothing but UnknownFormat."""
    try:
        read(raw)
    except UnknownFormat:
        return


@given(st.binary(max_size=400))
def test_noise_raises_nothing(raw: bytes) -> None:
    """Any bytes are either of no known format or are read to the end."""
    for prefix in (b"", b'{"from_id": "x", "messages": [', b"From: <Save by Tencent MsgMgr>\n\n"):
        try:
            read(prefix + raw)
        except UnknownFormat:
            continue


@given(st.lists(st.text(st.characters(exclude_categories=("C", "Z")), max_size=30), min_size=2, max_size=8))
def test_any_text_survives_every_json_format(texts: list[str]) -> None:
    """Whatever people write is given back unchanged from Telegram's and Discord's JSON."""
    said = [Said("10234567", "小王", datetime(2023, 9, 3, 8, 5, place), text) for place, text in enumerate(texts)]
    for raw in (exports.telegram(said), exports.discord(said)):
        _, messages, _ = read(raw.encode())
        assert [one.text for one in messages] == texts


def test_a_message_longer_than_a_piece_is_read_whole() -> None:
    """A text of several megabytes is one message, and the next one's offset is right."""
    said = [Said("10234567", "小王", datetime(2023, 9, 3, 8, 5, 9), "料" * 1_500_000), talk()[0]]
    raw = exports.telegram(said).encode()
    _, messages, unread = read(raw)
    assert [len(one.text) for one in messages] == [1_500_000, len(talk()[0].text)]
    assert raw[messages[1].offset :].startswith(b"{")
    assert not unread
