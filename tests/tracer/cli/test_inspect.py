from __future__ import annotations

import csv
import json
from pathlib import Path

import openpyxl
import pytest

from tests.tracer.intake.packed import locked, locked_workbook, zipped
from tests.tracer.intake.readable import lines, rows
from tracer.cli.main import main
from tracer.intake.spool import MOST_REJECTS

CSV = lines(",", rows()).encode()
BROKEN = b"\xff\xff\xff,13800000000\n"


def test_rejects_are_written_with_their_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every record that could not be read is a row of the file: member, line, byte and reason, and no content."""
    dump, out = tmp_path / "dump", tmp_path / "rejects.csv"
    dump.write_bytes(CSV + BROKEN + CSV[CSV.index(b"\n") + 1 :] + BROKEN)
    assert main(["inspect", str(dump), "--rejects", str(out), "--json", "-"]) == 0
    told = json.loads(capsys.readouterr().out)
    with out.open(encoding="utf-8-sig", newline="") as stream:
        found = list(csv.DictReader(stream))
    assert told["rejected"] == len(found) == 2
    assert [int(one["offset"]) for one in found] == [len(CSV), dump.stat().st_size - len(BROKEN)]
    assert [int(one["line"]) for one in found] == [42, 83]
    assert "13800000000" not in out.read_text(encoding="utf-8")
    assert told["records"] == 80


def test_rejects_are_safe_to_open(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A member whose name is a formula stays text in CSV and in XLSX."""
    dump = tmp_path / "dump.zip"
    dump.write_bytes(zipped({"=cmd|'calc'!A1.csv": CSV + BROKEN, "＠SUM(1).csv": CSV + BROKEN}))
    for name in ("rejects.csv", "rejects.xlsx"):
        assert main(["inspect", str(dump), "--rejects", str(tmp_path / name), "--json", "-"]) == 0
    capsys.readouterr()
    with (tmp_path / "rejects.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert [row["member"][0] for row in csv.DictReader(stream)] == ["'", "'"]
    sheet = openpyxl.load_workbook(tmp_path / "rejects.xlsx").worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows(min_row=2, max_col=1) for cell in row} == {"s"}


def test_rejects_beyond_the_list_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where more are refused than are listed, the count is of all of them and a warning says so."""
    more = MOST_REJECTS + 100
    dump = tmp_path / "dump"
    dump.write_bytes(CSV * 1_500 + BROKEN * more)
    assert main(["inspect", str(dump), "--json", "-"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["rejected"], len(told["rejects"])) == (more, MOST_REJECTS)
    assert told["records"] == 1_500 * 40


@pytest.mark.parametrize("content", [locked("密码"), locked_workbook("密码")], ids=["zip", "xlsx"])
def test_a_password_opens_what_is_locked(content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the password it is refused with a hint; with it every record is there; the wrong one is said to be it."""
    dump = tmp_path / "dump"
    dump.write_bytes(content)
    assert main(["inspect", str(dump)]) == 2
    assert "--password" in capsys.readouterr().err
    assert main(["inspect", str(dump), "--password", "wrong"]) == 2
    assert "password" in capsys.readouterr().err
    assert main(["inspect", str(dump), "--password", "密码", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["records"] == 40


def test_locked_tables_are_registered_and_traced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`vault add` and `trace` take --password and --limit as `inspect` does, and the raised limit is noted."""
    vault, table, dump = (str(tmp_path / name) for name in ("vault", "table.xlsx", "dump.zip"))
    Path(table).write_bytes(locked_workbook("密码"))
    Path(dump).write_bytes(locked("密码"))
    opened = ["--password", "密码", "--limit", "depth=4"]
    named = ["--platform", "one", "--taken-at", "2025-05-01"]
    assert main(["vault", "create", vault]) == 0
    assert main(["vault", "add", vault, table, *named]) == 2
    assert main(["vault", "add", vault, table, *named, *opened]) == 0
    assert main(["trace", dump, "--vault", vault]) == 2
    capsys.readouterr()
    assert main(["trace", dump, "--vault", vault, *opened, "--json", "-"]) in (0, 1)
    told = json.loads(capsys.readouterr().out)
    assert (told["dump"]["records"], told["sources"][0]["rows"]) == (40, 40)
    assert any("limit of depth was set to 4" in warning for warning in told["warnings"])
