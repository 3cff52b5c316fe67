from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests.graphs.calls.test_calls import BILL, CALLS, CDR
from tracer.cli.main import main


def number(chance: random.Random) -> str:
    return f"1{chance.choice('3589')}{chance.randrange(10**9):09d}"


def document(capsys: pytest.CaptureFixture[str], code: int, *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    assert main([*arguments, "--json", "-"]) == code
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


Paths = tuple[str, str, str]


@pytest.fixture
def lists(tmp_path: Path) -> list[str]:
    made = {"calls.xml": CALLS, "Master.csv": CDR, "bill.csv": BILL.encode("gb18030")}
    for name, raw in made.items():
        (tmp_path / name).write_bytes(raw)
    return [str(tmp_path / name) for name in made]


@pytest.fixture
def dumps(tmp_path: Path) -> Paths:
    """A caller's list dialled from the second of two dumps that share customers; paths of list and dumps."""
    chance = random.Random(4)
    first = [number(chance) for _ in range(800)]
    second = [*first[:200], *(number(chance) for _ in range(500))]
    for name, numbers in (("first.csv", first), ("second.csv", second)):
        rows = "\n".join(f"张三{place % 9},{one}" for place, one in enumerate(numbers))
        (tmp_path / name).write_text(f"姓名,手机\n{rows}\n", "utf-8")
    calls = [*chance.sample(second, 80), *(number(chance) for _ in range(20))]
    (tmp_path / "calls.csv").write_text(
        "\n".join(["number,time", *(f"{one},2024-03-01 10:00:00" for one in calls)]), "utf-8"
    )
    return str(tmp_path / "calls.csv"), str(tmp_path / "first.csv"), str(tmp_path / "second.csv")


def test_calls_of_every_kind_are_listed(lists: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Phone, exchange and bill give one list with direction, class and length, people's numbers masked."""
    found = document(capsys, 0, "calls", *lists)
    assert found["schema"] == "luobo.calls/1"
    assert [one["format"] for one in found["files"]] == ["android-xml", "asterisk-cdr", "table"]
    assert [(one["number"], one["class"]) for one in found["calls"][:2]] == [
        ("138****8000", "mobile"),
        ("95188", "enterprise"),
    ]
    assert found["files"][2]["unread"] == 1


def test_numbers_are_shown_on_demand(lists: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    """Without --reveal no whole number of a person leaves; with it they do."""
    assert main(["calls", *lists, "--json", "-"]) == 0
    assert main(["calls", *lists]) == 0
    assert "13800138000" not in capfd.readouterr().out
    assert main(["calls", *lists, "--reveal"]) == 0
    assert "13800138000" in capfd.readouterr().out


def test_a_campaign_names_its_dump(dumps: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    """The dump dialled from is established, the other not; a fifth of the list is explained by neither; exit code 0."""
    calls, first, second = dumps
    found = document(capsys, 0, "campaign", calls, "--dumps", first, second)
    assert (found["schema"], found["best"], found["cover"]) == ("luobo.campaign/1", second, [second])
    verdicts = {one["file"]: one["verdict"] for one in found["dumps"]}
    assert verdicts[second] == "established"
    assert verdicts[first] != "established"
    assert found["calls"]["numbers"] == 100
    assert found["unexplained"]["numbers"] == 20
    assert document(capsys, 0, "campaign", calls, "--dumps", first, "--dumps", second)["dumps"] == found["dumps"]


def test_a_random_dialler_exits_with_one(dumps: Paths, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Numbers dialled at random establish nothing: exit code 1, everything unexplained."""
    chance = random.Random(9)
    (tmp_path / "random.txt").write_text("\n".join(number(chance) for _ in range(150)))
    found = document(capsys, 1, "campaign", str(tmp_path / "random.txt"), "--dumps", *dumps[1:])
    assert (found["best"], found["unexplained"]["share"]) == (None, 1.0)


def test_a_canary_number_proves(dumps: Paths, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With a file of canary numbers, one that was dialled is proof."""
    calls, _, second = dumps
    dialled = Path(calls).read_text().splitlines()[1].partition(",")[0]
    (tmp_path / "canaries.txt").write_text(dialled + "\n")
    few = tmp_path / "few.txt"
    few.write_text(dialled + "\n13700001111\n")
    arguments = ("campaign", str(few), "--dumps", second)
    assert document(capsys, 1, *arguments)["dumps"][0]["verdict"] == "consistent"
    found = document(capsys, 0, *arguments, "--canaries", str(tmp_path / "canaries.txt"))
    assert found["dumps"][0]["canaries"] == 1


def test_no_dialled_number_is_shown(dumps: Paths, capfd: pytest.CaptureFixture[str]) -> None:
    """The findings count numbers and name none."""
    main(["campaign", dumps[0], "--dumps", *dumps[1:]])
    main(["campaign", dumps[0], "--dumps", *dumps[1:], "--json", "-"])
    shown = capfd.readouterr()
    numbers = [line.partition(",")[0] for line in Path(dumps[0]).read_text().splitlines()[1:]]
    assert not [one for one in numbers if one in shown.out + shown.err]


@pytest.mark.parametrize("command", ["calls", "campaign"])
@pytest.mark.parametrize("content", [b"", b"hello\n", b"\x00\x01" * 99, b"<calls></calls>"])
def test_what_is_no_call_list_is_refused(
    command: str, content: bytes, dumps: Paths, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2 with one line and a hint, or an empty list where the file is one; never a traceback."""
    path = tmp_path / "x"
    path.write_bytes(content)
    arguments = [command, str(path), *(["--dumps", dumps[1]] if command == "campaign" else [])]
    code = main(arguments)
    assert code == (0 if command == "calls" and content.startswith(b"<calls") else 2)
    told = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in told] == (["luobo", "hint"] if code else [])
