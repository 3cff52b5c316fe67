"""Registering from a database. The customers are invented: numbered phones, random limits."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import psycopg
import pytest

from tracer.cli.main import main
from tracer.intake.databases.opening import streamed

CUSTOMERS = 400


@pytest.fixture
def customers(server: str) -> pl.DataFrame:
    """What the one table of the database holds, text as an export would write it."""
    rng = np.random.default_rng(8)
    phones = [f"137{number:08d}" for number in rng.choice(10**8, CUSTOMERS, replace=False)]
    limits = [str(one) for one in rng.integers(1, 90_000, CUSTOMERS)]
    notes = ['a,"b"', "两\n行", "", None] * (CUSTOMERS // 4)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        connection.execute('CREATE TABLE "客户" ("手机号" text, "授信额度" integer, note text, joined timestamp)')
        with connection.cursor() as cursor:
            rows = list(zip(phones, limits, notes, ["2025-03-04 05:06:07"] * CUSTOMERS, strict=True))
            cursor.executemany('INSERT INTO "客户" VALUES (%s, %s::int, %s, %s::timestamp)', rows)
    return pl.DataFrame({"手机号": phones, "授信额度": limits, "note": notes})


def table_of(server: str, table: str | None = None) -> pl.DataFrame:
    with streamed(server, table) as stream:
        return pl.concat(stream.portions())


def test_a_table_comes_as_text(server: str, customers: pl.DataFrame) -> None:
    """Every value comes as the server writes it, commas, quotes and line breaks whole, null and empty text apart."""
    found = table_of(server)
    assert found.select(customers.columns).sort("手机号").equals(customers.sort("手机号"))
    assert found.get_column("joined").unique().to_list() == ["2025-03-04 05:06:07"]
    assert table_of(server, "客户").height == CUSTOMERS


def test_a_registered_table_names_its_platform(
    server: str, customers: pl.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was registered straight from the database establishes the platform, and nothing in it was changed."""
    vault = tmp_path / "vault"
    assert main(["vault", "create", str(vault)]) == 0
    line = ["vault", "add", str(vault), server, "--platform", "huadai", "--taken-at", "2025-06-01"]
    capsys.readouterr()
    assert main([*line, "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["people"] == CUSTOMERS
    customers.sample(150, seed=1).select("手机号", "授信额度").write_csv(tmp_path / "dump.csv")
    assert main(["trace", str(tmp_path / "dump.csv"), "--vault", str(vault), "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["sources"][0]["verdict"] == "established"
    with psycopg.connect(server) as connection:
        assert connection.execute('SELECT count(*) FROM "客户"').fetchone() == (CUSTOMERS,)


def test_nothing_can_be_written_while_reading(server: str, customers: pl.DataFrame) -> None:
    """A view whose reading would write is refused by the database, in one line that quotes no row."""
    del customers
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION sneak() RETURNS integer LANGUAGE sql AS "
            "$$ INSERT INTO \"客户\" VALUES ('x', 1, '', now()) RETURNING 1 $$; CREATE VIEW trap AS SELECT sneak()"
        )
    with pytest.raises(Exception, match=r"^the database refused: ReadOnlySqlTransaction 25006") as refusal:
        table_of(server, "trap")
    assert "sneak" not in str(refusal.value)


@pytest.mark.parametrize(
    ("table", "said"), [("none", "no such table"), (None, "holds 2 tables"), ("客户; DROP TABLE x", "no such table")]
)
def test_a_table_must_be_named_and_there(
    server: str,
    customers: pl.DataFrame,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    table: str | None,
    said: str,
) -> None:
    """A table that is not there, or not named among several, is one line with a hint and leaves the vault alone."""
    del customers
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE TABLE other (x text)")
    vault = tmp_path / "vault"
    assert main(["vault", "create", str(vault)]) == 0
    line = ["vault", "add", str(vault), server, "--platform", "huadai", "--taken-at", "2025-06-01"]
    assert main([*line, *(() if table is None else ("--table", table))]) == 2
    assert said in capsys.readouterr().err
