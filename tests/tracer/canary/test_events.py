from __future__ import annotations

from pathlib import Path

import pytest

from canaries.tripwires import Event
from tracer.canary.events import events
from tracer.custody.exhibit import seal
from tracer.errors import UnreadableInput

BACKUP = """<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>
<{root} count="2">
{rows}
</{root}>
"""
SMS = (
    '<sms protocol="0" address="+86 177 0000 0001" date="1767323045000" type="1" body="贷款吗" readable_date="x" />\n'
    '<sms protocol="0" address="10086" date="1767323046000" type="2" body="TD" readable_date="x" />'
)
CALLS = (
    '<call number="17700000002" duration="0" date="1767323045000" type="3" presentation="1" readable_date="x" />\n'
    '<call number="17700000003" duration="31" date="1767323046000" type="2" presentation="1" readable_date="x" />'
)


def told(path: Path, text: str, owner: str = "") -> list[Event]:
    path.write_text(text, "utf-8")
    return list(events(seal(path), owner))


@pytest.mark.parametrize(
    ("root", "rows", "caller", "other"),
    [("smses", SMS, "17700000001", "10086"), ("calls", CALLS, "17700000002", "17700000003")],
)
def test_what_came_in_reached_the_owner(root: str, rows: str, caller: str, other: str, tmp_path: Path) -> None:
    """In a phone's backup an incoming message or missed call reached its owner; an outgoing one somebody else."""
    seen = told(tmp_path / "backup.xml", BACKUP.format(root=root, rows=rows), "13900000007")
    assert [(one.to, one.by) for one in seen] == [("13900000007", caller), (other, "")]
    assert seen[0].at == "2026-01-02 11:04:05"


def test_a_backup_without_its_owner_is_refused(tmp_path: Path) -> None:
    """Nobody can say whom incoming messages reached if the phone is not named."""
    with pytest.raises(UnreadableInput, match="names no number"):
        told(tmp_path / "sms.xml", BACKUP.format(root="smses", rows=SMS.splitlines()[0]))


def test_an_exchange_names_both_ends(tmp_path: Path) -> None:
    """Asterisk's call records give caller, callee and time without a header."""
    line = (
        '"","17700000001","13900000007","from-trunk","""x"" <17700000001>","SIP/a-1","SIP/b-2","Dial","SIP/b",'
        '"2026-01-02 10:00:00","2026-01-02 10:00:03","2026-01-02 10:00:09",9,6,"ANSWERED","DOCUMENTATION"\n'
    )
    assert told(tmp_path / "Master.csv", line * 3)[0] == Event("13900000007", "17700000001", "2026-01-02 10:00:00")


def test_mails_are_events(tmp_path: Path) -> None:
    """A table of mails gives recipient and sender, in small letters."""
    text = "发件人,收件人,时间\n" + "".join(
        f"spam{at}@x.cn,Li.Na{at}@Canary.example,2026-01-02 10:00\n" for at in range(5)
    )
    seen = told(tmp_path / "mails.csv", text)
    assert (seen[3].to, seen[3].by) == ("li.na3@canary.example", "spam3@x.cn")
