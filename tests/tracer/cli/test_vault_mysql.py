"""Registering from MariaDB. The customers are invented: numbered phones, random limits."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.tracer.mariadb import connected
from tracer.cli.main import main
from tracer.errors import UnreadableInput
from tracer.intake.databases.opening import streamed

CUSTOMERS = 400


@pytest.fixture
def customers(mariadb: str) -> pl.DataFrame:
    """What the one table of the database holds, text as an export would write it."""
    rng = np.random.default_rng(8)
    phones = [f"137{number:08d}" for number in rng.choice(10**8, CUSTOMERS, replace=False)]
    limits = [str(one) for one in rng.integers(1, 90_000, CUSTOMERS)]
    notes = ['a,"b"', "两\n行", "𬌆", None] * (CUSTOMERS // 4)
    with connected(mariadb) as client, client.cursor() as cursor:
        cursor.execute("DROP DATABASE shop")
        cursor.execute("CREATE DATABASE shop CHARACTER SET utf8mb4")
        cursor.execute("USE shop")
        cursor.execute("CREATE TABLE `客户` (`手机号` text, `100%% ``额度``` integer, note text, joined datetime)", ())
        rows = list(zip(phones, limits, notes, ["2025-03-04 05:06:07"] * CUSTOMERS, strict=True))
        cursor.executemany("INSERT INTO `客户` VALUES (%s, %s, %s, %s)", rows)
    return pl.DataFrame({"手机号": phones, "100% `额度`": limits, "note": notes})


def table_of(address: str, table: str | None = None) -> pl.DataFrame:
    with streamed(address, table) as stream:
        return pl.concat(stream.portions())


def test_a_table_comes_as_text(mariadb: str, customers: pl.DataFrame) -> None:
    """Every value comes as the server writes it, four-byte characters whole, whatever its column is called."""
    found = table_of(mariadb)
    assert found.select(customers.columns).sort("手机号").equals(customers.sort("手机号"))
    assert found.get_column("joined").unique().to_list() == ["2025-03-04 05:06:07"]
    assert table_of(mariadb, "shop.客户").height == CUSTOMERS


def test_a_registered_table_names_its_platform(
    mariadb: str, customers: pl.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was registered straight from the database establishes the platform; twice the same changes nothing."""
    vault = tmp_path / "vault"
    assert main(["vault", "create", str(vault)]) == 0
    line = ["vault", "add", str(vault), mariadb, "--platform", "huadai", "--taken-at", "2025-06-01"]
    line += ["--column", "100% `额度`=limit", "--json", "-"]
    for unchanged in (False, True):
        capsys.readouterr()
        assert main(line) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["people"], told["unchanged"]) == (CUSTOMERS, unchanged)
    customers.sample(150, seed=1).select("手机号", pl.nth(1).alias("授信额度")).write_csv(tmp_path / "dump.csv")
    assert main(["trace", str(tmp_path / "dump.csv"), "--vault", str(vault), "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["sources"][0]["verdict"] == "established"


def test_nothing_can_be_written_while_reading(mariadb: str, customers: pl.DataFrame) -> None:
    """A view whose reading would write is refused, in one line that quotes nothing, and all rows are there still."""
    del customers
    with connected(mariadb) as client, client.cursor() as cursor:
        cursor.execute("CREATE FUNCTION sneak() RETURNS int BEGIN DELETE FROM `客户`; RETURN 1; END")
        cursor.execute("CREATE VIEW trap AS SELECT sneak() AS x")
    with pytest.raises(UnreadableInput) as refusal:
        table_of(mariadb, "trap")
    assert "sneak" not in str(refusal.value)
    assert table_of(mariadb, "客户").height == CUSTOMERS


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("mysql://luobo@127.0.0.1:1/shop", "cannot be reached"),
        ("mysql://luobo@host:x/shop", "cannot be read"),
        ("oracle://luobo@/shop", "such databases cannot be read"),
    ],
)
def test_a_database_that_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], address: str, said: str
) -> None:
    """An address that leads nowhere is one line with a hint, and the password in it is not shown."""
    vault = tmp_path / "vault"
    assert main(["vault", "create", str(vault)]) == 0
    line = ["vault", "add", str(vault), address.replace("luobo@", "luobo:hush@"), "--platform", "a"]
    assert main([*line, "--taken-at", "2025-06-01"]) == 2
    shown = capsys.readouterr().err
    assert said in shown
    assert "hush" not in shown
