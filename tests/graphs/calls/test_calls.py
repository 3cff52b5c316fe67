from __future__ import annotations

import io
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.calls.call import Call, UnreadCall
from graphs.calls.number import class_of, mask, normalise
from graphs.calls.reading import CALL_LISTS
from graphs.registry import UnknownFormat

CALLS = b"""<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>
<!-- made up -->
<calls count="3" backup_set="x">
  <call number="+86 138 0013 8000" duration="35" date="1709265600000" type="2" presentation="1" contact_name="a" />
  <call number="95188" duration="0" date="1709265660000" type="3" presentation="1" />
  <call number="" duration="7" date="1709265720000" type="1" presentation="2" />
</calls>"""
MESSAGES = """<?xml version='1.0' encoding='UTF-8'?><smses count="1">
<sms protocol="0" address="106901234567" date="1709265600000" type="1" body="额度&#10;50000元，回复Y" /></smses>"""
_WHO = b'"","1001","913800138000","from-internal","""a"" <1001>","SIP/1","SIP/2","Dial","x"'
CDR = (
    _WHO
    + b',"2024-03-01 10:00:00","2024-03-01 10:00:05","2024-03-01 10:01:00",60,55,"ANSWERED","3","1709.1",""\n'
    + _WHO.replace(b"913800138000", b"13900138000")
    + b',"2024-03-01 11:00:00",,"2024-03-01 11:00:20",20,0,"NO ANSWER","DOCUMENTATION"\n'
)
CUSTOM = (
    b'"""Joe"" <1001>","1001","13800138000","ctx","SIP/1","SIP/2","Dial","x","2024-03-01 10:00:00",'
    b'"2024-03-01 10:00:05","2024-03-01 10:01:00","60","55","ANSWERED","3","","170.1",""\n'
)
BILL = """中国移动通话详单
客户号码：13800001111,查询月份：2024年03月
起始时间,通信地点,通信方式,对方号码,通信时长,通信类型,实收通信费
2024-03-01 10:00:00,杭州,主叫,13900001111,1分20秒,本地,0.00
03-02 11:00:00,杭州,被叫,02188881111,35秒,本地,0.00
合计,,,,,,1.00
"""


def read(raw: bytes) -> tuple[str, list[Call], list[UnreadCall]]:
    stream = io.BytesIO(raw)
    format_ = CALL_LISTS.format_of(stream)
    entries = list(format_.read(stream))
    calls = [entry for entry in entries if isinstance(entry, Call)]
    return format_.name, calls, [entry for entry in entries if isinstance(entry, UnreadCall)]


def test_android_calls_are_read_exactly() -> None:
    """Direction, number, Chinese time and length of the backup; a hidden caller has no number."""
    name, calls, unread = read(CALLS)
    assert (name, unread) == ("android-xml", [])
    assert [(one.direction, one.other, one.seconds) for one in calls] == [
        ("out", "13800138000", 35),
        ("missed", "95188", 0),
        ("in", "", 7),
    ]
    assert calls[0].time == datetime(2024, 3, 1, 12, 0)
    assert [CALLS[one.offset :].startswith(b"<call ") for one in calls] == [True] * 3
    assert [one.dialled for one in calls] == ["13800138000", "", ""]


def test_android_messages_are_read_exactly() -> None:
    """A text message keeps its words, line break and all."""
    _, calls, _ = read(MESSAGES.encode())
    assert [(one.kind, one.direction, one.other, one.text) for one in calls] == [
        ("sms", "in", "106901234567", "额度\n50000元，回复Y")
    ]


def test_entities_are_refused() -> None:
    """An XML file that declares entities is read up to there and no further: none can blow it up."""
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><calls><call number="&b;" type="2"/></calls>'
    _, calls, unread = read(bomb)
    assert calls == []
    assert len(unread) == 1


def test_a_backup_cut_short_gives_what_came_before() -> None:
    """The calls before the break are read, and where it breaks is told."""
    _, calls, unread = read(CALLS[: CALLS.index(b'  <call number=""') + 20])
    assert len(calls) == 2
    assert "no XML" in unread[0].reason


def test_asterisk_records_are_read_exactly() -> None:
    """Both layouts; the prefix that dials out is no part of the number, an unanswered call lasts no second."""
    name, calls, unread = read(CDR)
    assert (name, unread) == ("asterisk-cdr", [])
    assert [(one.caller, one.callee, one.seconds) for one in calls] == [
        ("1001", "13800138000", 55),
        ("1001", "13900138000", 0),
    ]
    _, (custom,), _ = read(CUSTOM)
    assert (custom.caller, custom.callee, custom.time, custom.seconds) == (
        "1001",
        "13800138000",
        datetime(2024, 3, 1, 10, 0),
        55,
    )


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig"])
def test_a_bill_is_read_exactly(encoding: str) -> None:
    """Lines above the heading are passed over, the year is the bill's, the sum at the end is no call and is told."""
    raw = BILL.encode(encoding)
    _, calls, unread = read(raw)
    assert [(one.direction, one.other, one.time, one.seconds) for one in calls] == [
        ("out", "13900001111", datetime(2024, 3, 1, 10, 0), 80),
        ("in", "02188881111", datetime(2024, 3, 2, 11, 0), 35),
    ]
    assert raw[calls[1].offset :].startswith(b"03-02")
    assert len(unread) == 1


@pytest.mark.parametrize(
    "text",
    [
        "caller,callee,start,duration\n13800001111,13900001111,2024-03-01 10:00:00,30\n",
        "主叫号码;被叫号码;开始时间;时长\n13800001111;13900001111;2024/3/1 10:00:00;00:00:30\n",
        "start\tfrom\tto\tseconds\n1709258400\t13800001111\t+8613900001111\t30\n",
        "13800001111,13900001111,2024-03-01 10:00:00,30\n13800001111,13900001112,2024-03-01 10:00:00,30\n",
    ],
)
def test_tables_are_told_by_heading_or_values(text: str) -> None:
    """Any separator, either language, seconds since 1970, and a table without a heading."""
    _, calls, _ = read(text.encode())
    first = calls[0]
    assert (first.caller, first.callee, first.time, first.seconds) == (
        "13800001111",
        "13900001111",
        datetime(2024, 3, 1, 10, 0),
        30,
    )


@pytest.mark.parametrize("text", ["13900001111\n13900001112\n", "手机号\n13900001111\n139 0000 1112\n"])
def test_a_list_of_numbers_is_what_was_dialled(text: str) -> None:
    """One number a line, with or without a heading."""
    _, calls, _ = read(text.encode())
    assert [one.dialled for one in calls] == ["13900001111", "13900001112"]


@pytest.mark.parametrize(
    ("written", "number", "name"),
    [
        ("+86 138-0013-8000", "13800138000", "mobile"),
        ("008613800138000", "13800138000", "mobile"),
        ("17951 13800138000", "13800138000", "mobile"),
        ("17012345678", "17012345678", "virtual_operator"),
        ("16212345678", "16212345678", "virtual_operator"),
        ("95533", "95533", "enterprise"),
        ("95013812345", "95013812345", "call_centre"),
        ("4008123456", "4008123456", "shared_cost"),
        ("10690123456789", "10690123456789", "sms"),
        ("10086", "10086", "carrier"),
        ("0571-88881111", "057188881111", "landline"),
        ("+1 202 555 0100", "0012025550100", "abroad"),
        ("110", "110", "emergency"),
    ],
)
def test_a_number_is_of_its_class(written: str, number: str, name: str) -> None:
    """Writings become one, and the number says what it is."""
    assert normalise(written) == number
    assert class_of(number).name == name


def test_only_peoples_numbers_are_masked() -> None:
    """A person's number loses its middle; a company's service number is nobody's."""
    assert [mask(number) for number in ("13800138000", "95533", "057188881111")] == [
        "138****8000",
        "95533",
        "05718888****",
    ]


@given(st.binary(max_size=300))
def test_noise_raises_nothing(raw: bytes) -> None:
    """Any bytes are of no known format or are read to the end."""
    for prefix in (b"", b"<calls>", b"caller,callee,start\n", CDR):
        try:
            read(prefix + raw)
        except UnknownFormat:
            continue
