from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tracer.cli.main import main

DIGITS = "13800001{:03}"
CITIES = ("北京", "上海", "广州", "深圳")
VERDICTS = {"established", "consistent", "indeterminate", "excluded"}
ROLES = {
    *(
        "name",
        "phone",
        "masked_phone",
        "national_id",
        "masked_id",
        "email",
        "bank_card",
        "account",
        "address",
        "region",
    ),
    *("sex", "age", "birth_date", "product", "amount", "limit", "date", "datetime", "code", "text", "other"),
}


def table(people: range) -> str:
    rows = [f"{DIGITS.format(one)},{CITIES[one % 4]},{one * 37 % 90 + 10}00" for one in people]
    return "\n".join(["手机号,城市,额度", *rows, ""])


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """Two registered platforms and a dump of the first."""
    (tmp_path / "one.csv").write_text(table(range(400)), "utf-8")
    (tmp_path / "other.csv").write_text(table(range(300, 700)), "utf-8")
    (tmp_path / "dump.csv").write_text(table(range(250, 350)), "utf-8")
    vault = str(tmp_path / "vault")
    assert main(["vault", "create", vault]) == 0
    for name in ("one", "other"):
        line = ["vault", "add", vault, str(tmp_path / f"{name}.csv"), "--platform", name, "--taken-at", "2025-05-01"]
        assert main(line) == 0
    capsys.readouterr()
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *line: str) -> dict[str, Any]:
    """The JSON that a command prints on stdout; there must be nothing else."""
    assert main([*line, "--json", "-"]) in {0, 1}
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def test_the_keys_of_a_trace(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`luobo.trace/1` has exactly the keys, types and words that the interface promises."""
    told = said(capsys, "trace", str(folder / "dump.csv"), "--vault", str(folder / "vault"))
    assert list(told) == ["schema", "dump", "sources", "unknown", "indistinguishable", "canaries", "warnings"]
    assert told["schema"] == "luobo.trace/1"
    added = {"format": "csv", "encoding": "utf-8", "causes": {}, "rejects": [], "notes": []}
    assert list(told["dump"]) == ["file", "sha256", "bytes", "records", "rejected", "people", "columns", *added]
    assert told["dump"] | {"columns": []} == added | {
        "file": str(folder / "dump.csv"),
        "sha256": told["dump"]["sha256"],
        "bytes": (folder / "dump.csv").stat().st_size,
        "records": 100,
        "rejected": 0,
        "people": 100,
        "columns": [],
    }
    assert [set(one) for one in told["dump"]["columns"]] == [{"name", "role", "why"}] * 3
    assert {one["role"] for one in told["dump"]["columns"]} <= ROLES
    assert {type(value) for value in told["unknown"].values()} == {int}
    assert list(told["unknown"]) == ["rows", "rows_low", "rows_high"]
    assert told["canaries"] is None
    assert all(isinstance(one, str) for one in told["warnings"])
    assert all(isinstance(one, list) for one in told["indistinguishable"])


def test_the_keys_of_a_source(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every platform tested is a source with exactly the promised keys, most rows first."""
    sources = said(capsys, "trace", str(folder / "dump.csv"), "--vault", str(folder / "vault"))["sources"]
    assert {one["platform"] for one in sources} == {"one", "other"}
    assert [one["rows"] for one in sources] == sorted((one["rows"] for one in sources), reverse=True)
    for one in sources:
        assert list(one) == [
            *("platform", "verdict", "rows", "rows_low", "rows_high", "share", "false_accusation"),
            *("leaked_after", "leaked_before", "evidence", "rivals", "lots", "overlaps", "regression"),
        ]
        assert one["verdict"] in VERDICTS
        assert {type(one[name]) for name in ("rows", "rows_low", "rows_high")} == {int}
        assert 0 <= one["rows_low"] <= one["rows"] <= one["rows_high"] <= 100
        assert 0 <= one["share"] <= 1
        assert 0 <= one["false_accusation"] <= 1
        assert all(one[name] is None or len(one[name]) == 10 for name in ("leaked_after", "leaked_before"))
        assert all(list(each) == ["kind", "statement", "value", "statement_zh"] for each in one["evidence"])
        assert all(isinstance(each, str) for each in one["rivals"])


def test_the_keys_of_an_inspection(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`luobo.inspect/1` has exactly the keys and types that the interface promises."""
    with (folder / "dump.csv").open("ab") as stream:
        stream.write(b'13800009999,"\n')
    told = said(capsys, "inspect", str(folder / "dump.csv"))
    assert list(told) == [
        *("schema", "file", "sha256", "bytes", "format", "encoding", "members", "records", "rejected", "rejects"),
        *("phones", "masked_phones", "ids", "names", "columns", "warnings"),
    ]
    assert told["schema"] == "luobo.inspect/1"
    counts = ("bytes", "records", "rejected", "phones", "masked_phones", "ids", "names")
    assert {type(told[name]) for name in counts} == {int}
    assert told["records"] + told["rejected"] == 101
    assert told["rejected"] == len(told["rejects"])
    assert all({"offset", "line", "reason"} <= set(one) for one in told["rejects"])
    assert [set(one) for one in told["columns"]] == [{"name", "role", "why"}] * 3
    assert told["columns"][0]["role"] == "phone"
    assert DIGITS.format(250) not in json.dumps(told, ensure_ascii=False)


def test_the_same_as_a_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--json FILE` writes the very text that `--json -` prints, and the table for people goes to stdout."""
    for line in (
        ["trace", str(folder / "dump.csv"), "--vault", str(folder / "vault")],
        ["inspect", str(folder / "dump.csv")],
    ):
        told = said(capsys, *line)
        main([*line, "--json", str(folder / "out.json")])
        assert json.loads((folder / "out.json").read_text("utf-8")) == told
        assert capsys.readouterr().out.strip()
