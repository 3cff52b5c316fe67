from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.market.market import Line
from graphs.market.message import Message
from tests.graphs.market import exports
from tests.graphs.market.exports import Said, talk
from tracer.cli.chats import _message, _talk
from tracer.cli.main import main

DAY = datetime(2024, 1, 1)
SAID = ["side", "data_kind", "price_per_record", "volume", "freshness", "hand", "contacts", "sample_records", "spans"]
KEYS = ["file", "index", "sender_id", "sender", "time", "is_advert", *SAID]
PRIVATE = ("13800138001", "420106199001011234", "张伟")


def run(*arguments: str) -> int:
    return main(["chats", *arguments])


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run(*arguments, "--json", "-") == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.fixture
def group(tmp_path: Path) -> Path:
    """A QQ group: an advert with a sample, talk, and the same seller's second account."""
    shown = f"网贷料 1.3一条 一手实时 加薇❤：liao_zs01\n{PRIVATE[2]} {PRIVATE[0]} {PRIVATE[1]}"
    said = [
        Said("70001", "卖家", DAY, shown),
        Said("70002", "小号", DAY + timedelta(hours=1), "出股民料 隔天 2元/条 日出5000 V信：Liao_ZS01"),
        Said("70003", "路人", DAY + timedelta(hours=2), "今天吃什么"),
    ]
    path = tmp_path / "group.txt"
    path.write_text(exports.qq_text(said), "gb18030")
    return path


def test_the_json_is_the_interfaces(group: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every message has every key of `luobo.chats/1`, adverts their fields, and the two accounts are aliases."""
    found = document(capsys, str(group))
    assert found["schema"] == "luobo.chats/1"
    assert all(list(message)[: len(KEYS)] == KEYS for message in found["messages"])
    first, second, third = found["messages"]
    assert [first[key] for key in ("index", "sender_id", "sender", "time")] == [
        0,
        "70001",
        "卖家",
        "2024-01-01T00:00:00",
    ]
    assert [first[key] for key in ("side", "data_kind", "price_per_record", "freshness", "hand", "sample_records")] == [
        "offer",
        "loan",
        1.3,
        "realtime",
        "first",
        1,
    ]
    assert [(one["kind"], one["value"]) for one in first["contacts"]] == [("wechat", "liao_zs01")]
    assert (second["volume"], second["freshness"]) == (5000, "yesterday")
    assert (third["is_advert"], third["side"], third["contacts"]) == (False, None, [])
    assert found["aliases"] == [[f"{group}#70001", f"{group}#70002"]]
    assert found["templates"] == []


def test_nobodys_record_is_shown_unless_asked(group: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither table nor JSON shows the sample's name, phone or ID number; --reveal does."""
    assert run(str(group)) == 0
    assert run(str(group), "--json", "-") == 0
    shown = capfd.readouterr()
    assert not [word for word in PRIVATE if word in shown.out + shown.err]
    assert run(str(group), "--json", "-", "--reveal") == 0
    assert PRIVATE[0] in capfd.readouterr().out


def test_several_formats_are_read_in_one_go(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files of different programs give one list in the order named, each message with its file and index."""
    made = {
        "a.txt": exports.qq_text(talk()),
        "b.mht": exports.qq_mht(talk()),
        "result.json": exports.telegram(talk()),
        "w.csv": exports.wechat_csv(talk()),
        "d.json": exports.discord(talk()),
    }
    paths = []
    for name, text in made.items():
        (tmp_path / name).write_text(text, "utf-8")
        paths.append(str(tmp_path / name))
    found = document(capsys, *paths)
    assert [(one["file"], one["index"]) for one in found["messages"]] == [(path, n) for path in paths for n in range(6)]
    assert [one["format"] for one in found["files"]] == ["text", "qq-mht", "telegram", "wechat-csv", "discord"]
    assert [f"{paths[0]}#10234567", f"{paths[1]}#10234567"] in found["aliases"]


def test_a_json_file_appears_whole_or_not_at_all(group: Path, tmp_path: Path) -> None:
    """The output file is JSON; where a later input cannot be read, nothing is written."""
    target = tmp_path / "out.json"
    bad = tmp_path / "bad.txt"
    bad.write_text("nothing of the kind\n")
    assert run(str(group), str(bad), "--json", str(target)) == 2
    assert not target.exists()
    assert run(str(group), "--json", str(target)) == 0
    assert json.loads(target.read_text("utf-8"))["schema"] == "luobo.chats/1"


@pytest.mark.parametrize("content", [b"", b"hello\n", b"\x00\x01\x02" * 99, b"%PDF-1.4 x", b"[1, 2]", b"{}"])
def test_what_is_no_chat_is_refused(tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, one line and a hint, no traceback."""
    path = tmp_path / "x"
    path.write_bytes(content)
    assert run(str(path)) == 2
    told = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in told] == ["luobo", "hint"]


def test_a_chat_is_never_written_over(group: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Naming the export itself as output is refused, and naming it twice as input too."""
    before = group.read_bytes()
    assert run(str(group), "--json", str(group)) == 2
    assert run(str(group), str(group)) == 2
    assert group.read_bytes() == before
    assert "Traceback" not in capsys.readouterr().err


@given(st.text(max_size=20), st.text(max_size=20), st.booleans(), st.none() | st.text(max_size=9))
def test_talk_is_written_as_every_message_is(sender: str, chat: str, service: bool, identity: str | None) -> None:  # noqa: FBT001
    """The JSON put together by hand for plain talk says exactly what the general form says."""
    for time in (None, DAY):
        line = Line('a"b.txt', 3, Message(7, identity, sender, time, "x", chat, service), None)
        assert json.loads(_talk(line)) == _message(line, reveal=False)
