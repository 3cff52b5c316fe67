from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.tracer import apart
from tests.tracer.comparison.populations import people
from tests.tracer.comparison.test_records import ROWS
from tracer.cli.main import main


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A platform's table, a dump of 150 of its rows and 50 strangers, and a dump of strangers."""
    folder = tmp_path_factory.mktemp("against")
    drawn = people(1, 900)
    drawn.head(700).write_csv(folder / "customers.csv")
    shown = drawn.with_columns(pl.col("手机号").str.head(3) + "****" + pl.col("手机号").str.tail(4))
    shown[[*range(150), *range(700, 750)]].select("手机号", "姓名", "产品", "额度").write_csv(folder / "dump.csv")
    shown[700:].select("手机号", "姓名").write_csv(folder / "stranger.csv")
    return folder


def run(folder: Path, *line: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the JSON of a trace."""
    code = main([*line, "--json", str(folder / "out.json")])
    return code, json.loads((folder / "out.json").read_text("utf-8"))


def test_the_table_is_the_one_source(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--against` gives `luobo.trace/1` with the table's file name as the only source, its rows and their interval."""
    line = ["trace", str(folder / "dump.csv"), "--against", str(folder / "customers.csv")]
    code = main([*line, "--json", str(tmp_path / "out.json")])
    told = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert code == 0
    assert list(told) == ["schema", "dump", "sources", "unknown", "indistinguishable", "canaries", "warnings"]
    assert told["schema"] == "luobo.trace/1"
    (source,) = told["sources"]
    assert list(source) == [
        *("platform", "verdict", "rows", "rows_low", "rows_high", "share", "false_accusation"),
        *("leaked_after", "leaked_before", "evidence", "rivals", "lots", "overlaps", "regression"),
    ]
    assert (source["platform"], source["verdict"]) == ("customers.csv", "established")
    assert source["rows_low"] <= 150 <= source["rows_high"]
    assert told["dump"]["records"] == 200
    assert {one["kind"] for one in source["evidence"]} == {"values", "identifiers", "strangers"}
    assert "customers.csv (150 rows) established" in capsys.readouterr().out


def test_the_rows_are_masked(folder: Path, tmp_path: Path) -> None:
    """`--rows` says for every record which row of the table it is, and shows nobody."""
    line = ["trace", str(folder / "dump.csv"), "--against", str(folder / "customers.csv")]
    assert main([*line, "--rows", str(tmp_path / "rows.parquet"), "--json", "-"]) == 0
    rows = pl.read_parquet(tmp_path / "rows.parquet")
    assert dict(rows.schema) == ROWS
    assert rows["table_row"].to_list() == [*range(150), *([None] * 50)]
    assert rows["platform"].drop_nulls().unique().to_list() == ["customers.csv"]
    text = rows.write_csv()
    table = pl.read_csv(folder / "customers.csv", infer_schema=False)
    assert not any(value in text for name in ("姓名", "手机号", "身份证号") for value in table[name].to_list())
    assert rows["customer"][0] == rows["record"][0]


def test_strangers_exit_with_one(folder: Path, tmp_path: Path) -> None:
    """A dump of strangers ends with exit code 1 and a verdict that names nobody."""
    code, told = run(tmp_path, "trace", str(folder / "stranger.csv"), "--against", str(folder / "customers.csv"))
    assert code == 1
    assert told["sources"][0]["verdict"] == "excluded"
    assert told["sources"][0]["rows"] == 0
    assert told["unknown"]["rows"] == 200


@pytest.mark.parametrize("extra", [[], ["--vault", "v", "--against", "t.csv"]])
def test_one_of_vault_and_table(folder: Path, extra: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Neither or both of --vault and --against is the user's mistake."""
    assert main(["trace", str(folder / "dump.csv"), *extra]) == 2
    assert "--against TABLE" in capsys.readouterr().err


def test_a_table_that_is_not_there(folder: Path, tmp_path: Path) -> None:
    """A missing table ends with exit code 2 and one line that names it."""
    ended = apart.luobo(tmp_path, ["trace", str(folder / "dump.csv"), "--against", "nowhere.csv"])
    assert ended.code == 2
    assert ended.err.startswith("luobo: nowhere.csv: no such file")


def test_the_table_is_not_written_over(folder: Path) -> None:
    """Neither the dump nor the table may be the output."""
    table = str(folder / "customers.csv")
    before = Path(table).read_bytes()
    assert main(["trace", str(folder / "dump.csv"), "--against", table, "--json", table]) == 2
    assert Path(table).read_bytes() == before
