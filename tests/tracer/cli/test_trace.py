from __future__ import annotations

import io
import json
from pathlib import Path

import polars as pl
import pytest

from tests.tracer import apart
from tests.tracer.conftest import LEAKED, Town
from tests.tracer.contents import picture
from tracer.demo import HEADERS

ROWS = {
    "row": pl.UInt32,
    "offset": pl.Int64,
    "platform": pl.String,
    "probability": pl.Float64,
    "unknown": pl.Float64,
    "fits": pl.String,
    "linked_by": pl.String,
    "agrees": pl.String,
    "differs": pl.String,
}


@pytest.fixture(scope="module")
def out(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all that a trace of the leak writes and says."""
    folder = tmp_path_factory.mktemp("trace")
    line = ["trace", str(town.dump), "--vault", str(town.vault), "--json", str(folder / "findings.json")]
    ended = apart.luobo(folder, [*line, "--rows", str(folder / "rows.parquet")])
    assert ended.code == 0, ended.err
    return folder


def test_the_leak_is_established(town: Town, out: Path) -> None:
    """The platform that leaked is named with its rows and the day inside the window, and nobody else is."""
    told = json.loads((out / "findings.json").read_text("utf-8"))
    first, *others = told["sources"]
    assert (first["platform"], first["verdict"]) == (town.first, "established")
    assert first["rows_low"] <= 300 <= first["rows_high"]
    assert first["false_accusation"] <= 1e-4
    assert (first["leaked_after"] or "") <= LEAKED.isoformat() <= (first["leaked_before"] or "9")
    assert told["unknown"]["rows_low"] <= 30 <= told["unknown"]["rows_high"]
    assert [one["platform"] for one in others] == [town.world.registered[1]]
    assert others[0]["verdict"] != "established"


def test_the_table_for_people(town: Town, out: Path) -> None:
    """Without --json - a table is printed: every platform with its verdict, what is left, and the finding in words."""
    shown = (out / "stdout").read_text("utf-8")
    for word in (*town.world.registered[:2], "established", "(nobody registered)", "rows from nobody registered"):
        assert word in shown


def test_a_dump_of_nobody_registered(town: Town, tmp_path: Path) -> None:
    """Where no platform is established the exit code is 1, and the finding says so."""
    ended = apart.luobo(tmp_path, ["trace", str(town.stranger), "--vault", str(town.vault)])
    assert ended.code == 1
    assert "established;" not in ended.out
    assert "Unknown" in ended.out


@pytest.mark.parametrize(("size", "why"), [("lots", "is no size"), ("12M", "too little")])
def test_memory_that_will_not_do(town: Town, tmp_path: Path, size: str, why: str) -> None:
    """A size that is none, or too small to trace anything in, is the user's mistake and is told in one line."""
    ended = apart.luobo(tmp_path, ["trace", str(town.dump), "--vault", str(town.vault), "--memory", size])
    assert ended.code == 2
    assert why in ended.err


def test_json_on_stdout_is_json_alone(town: Town, out: Path, tmp_path: Path) -> None:
    """`--json -` prints the same JSON as the file has, and nothing else, on stdout."""
    ended = apart.luobo(tmp_path, ["trace", str(town.dump), "--vault", str(town.vault), "--json", "-"])
    assert ended.code == 0
    assert json.loads(ended.out) == json.loads((out / "findings.json").read_text("utf-8"))
    assert ended.out == (out / "findings.json").read_text("utf-8")


def test_the_rows_as_parquet(town: Town, out: Path) -> None:
    """`--rows` has one row a record of the dump, with the documented columns; the platform's rows are the findings'."""
    rows = pl.read_parquet(out / "rows.parquet")
    assert dict(rows.schema) == ROWS
    assert rows["row"].to_list() == list(range(330))
    assert rows["offset"].is_sorted()
    assert 290 <= rows.filter(pl.col("platform") == town.first).height <= 310
    assert rows.select((pl.col("probability", "unknown").is_between(0, 1)).all()).row(0) == (True, True)
    linked = rows.filter(pl.col("platform") == town.first)
    assert linked["linked_by"].str.contains("phone").all()
    assert linked["agrees"].str.contains(HEADERS["product"]).mean() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("name", ["findings.json", "rows.parquet"])
def test_what_is_written_is_its_owners(out: Path, name: str) -> None:
    """Findings are readable by their owner only."""
    assert (out / name).stat().st_mode & 0o777 == 0o600


def test_nobody_stands_in_the_findings(town: Town, out: Path) -> None:
    """No name, number, ID or user name of the world is in the JSON, the Parquet, stdout or stderr of a trace."""
    assert len(town.personal) > 5_000
    texts = {path.name: path.read_bytes() for path in out.iterdir()}
    rows = pl.read_parquet(out / "rows.parquet")
    texts["cells"] = rows.write_csv().encode()
    assert texts.keys() == {"findings.json", "rows.parquet", "stdout", "stderr", "cells"}
    found = {name for name, text in texts.items() if any(one.encode() in text for one in town.personal)}
    assert found == set()


def test_nobody_stands_in_the_vault(town: Town) -> None:
    """No name, number, ID or user name of the world is in any file of the vault, nor in any cell of its tables."""
    assert len(list((town.vault / "parts").rglob("*.parquet"))) > 20
    for path in town.vault.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(one.encode() in content for one in town.personal), path.name
        if path.suffix == ".parquet":
            frame = pl.read_parquet(io.BytesIO(content))
            assert all(kind in {pl.UInt32, pl.UInt64, pl.Date} for kind in frame.dtypes), path.name


def test_a_trace_changes_nothing(town: Town, vault: Path, tmp_path: Path) -> None:
    """Tracing leaves the vault and the dump as they were."""
    before, dump = picture(vault), town.dump.read_bytes()
    assert apart.luobo(tmp_path, ["trace", str(town.dump), "--vault", str(vault)]).code == 0
    assert picture(vault) == before
    assert town.dump.read_bytes() == dump
