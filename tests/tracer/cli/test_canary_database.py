from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.tracer.canary_town import Office, furnish
from tracer.cli.main import main

CREATE = """
CREATE TABLE customers (
  id bigserial PRIMARY KEY, "姓名" text NOT NULL, "手机号" varchar(20) UNIQUE, "产品" text,
  "额度" integer NOT NULL CHECK ("额度" > 0), "余额" numeric(12, 2),
  "进件时间" timestamp, created_at timestamptz DEFAULT now()
)"""
FILL = """
INSERT INTO customers ("姓名", "手机号", "产品", "额度", "余额", "进件时间")
VALUES (%s, %s, %s, %s::integer, %s::numeric, %s::timestamp) ON CONFLICT DO NOTHING"""


@pytest.fixture
def office(tmp_path: Path, server: str) -> Office:
    """A register with 40 canaries of the platform's own, and a database with its customers."""
    office = furnish(tmp_path)
    rows = [line.split(",") for line in office.table.read_text("utf-8").splitlines()[1:]]
    with psycopg.connect(server) as connection:
        connection.execute("DROP TABLE IF EXISTS customers")
        connection.execute(CREATE)
        with connection.cursor() as cursor:
            cursor.executemany(FILL, [(row[0], row[1], row[3] or None, *row[4:7]) for row in rows])
    line = ["canary", "mint", str(office.table), "--register", str(office.register), "--count", "40", "--clocks", "1"]
    assert main([*line, "--shadows", "100"]) == 0
    return office


def contents(server: str) -> tuple[list[tuple[object, ...]], tuple[object, ...] | None]:
    with psycopg.connect(server) as connection:
        rows = connection.execute("SELECT * FROM customers ORDER BY id").fetchall()
        return rows, connection.execute("SELECT last_value, is_called FROM customers_id_seq").fetchone()


def line(verb: str, office: Office, server: str, *more: str) -> list[str]:
    return ["canary", verb, str(office.register), "--database", server, "--table", "customers", *more]


def test_planting_is_undone_exactly(office: Office, server: str, capsys: pytest.CaptureFixture[str]) -> None:
    """After dry run, planting and unplanting the table and its sequence are what they were before."""
    before = contents(server)
    assert main(line("plant", office, server, "--dry-run")) == 0
    assert contents(server) == before
    assert main(line("plant", office, server)) == 0
    rows, _ = contents(server)
    assert rows[: len(before[0])] == before[0]
    assert len(rows) == len(before[0]) + 40
    assert main(line("plant", office, server)) == 2
    assert main(line("unplant", office, server)) == 0
    assert contents(server) == before
    assert main(line("unplant", office, server)) == 2


def test_a_sequence_that_moved_stays(office: Office, server: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A customer who came meanwhile keeps place and number, and the sequence is not set back under them."""
    assert main(line("plant", office, server)) == 0
    with psycopg.connect(server) as connection:
        connection.execute('INSERT INTO customers ("姓名", "额度") VALUES (\'新客户\', 500)')
    moved = contents(server)[1]
    capsys.readouterr()
    assert main(line("unplant", office, server)) == 0
    assert "moved" in capsys.readouterr().err
    rows, sequence = contents(server)
    assert rows[-1][1] == "新客户"
    assert sequence == moved


def test_clocks_turn_in_the_table(office: Office, server: str) -> None:
    """On another week the clock canaries show other limits, and nobody else's limit changes."""
    own = {row[0] for row in contents(server)[0]}
    assert main(line("plant", office, server)) == 0
    before = {row[0]: row[4] for row in contents(server)[0]}
    assert main(line("turn", office, server, "--on", "2027-01-15")) == 0
    after = {row[0]: row[4] for row in contents(server)[0]}
    changed = {key for key in after if after[key] != before[key]}
    assert len(changed) >= 30
    assert not changed & own


def test_a_leaked_table_names_the_platform(office: Office, server: str, tmp_path: Path) -> None:
    """A dump of the table itself establishes the platform."""
    assert main(line("plant", office, server)) == 0
    rows = [",".join("" if cell is None else str(cell) for cell in row[1:7]) for row in contents(server)[0]]
    (tmp_path / "dump.csv").write_text("\n".join(rows), "utf-8")
    assert main(["canary", "check", str(tmp_path / "dump.csv"), "--register", str(office.register)]) == 0


def test_constraints_are_respected(office: Office, server: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Where a constraint refuses a canary nothing is planted, and the constraint is named without any row."""
    with psycopg.connect(server) as connection:
        connection.execute("ALTER TABLE customers ADD CONSTRAINT never CHECK (id < 1300)")
    before = contents(server)[0]
    capsys.readouterr()
    with psycopg.connect(server) as connection:
        connection.execute("SELECT setval('customers_id_seq', 1290)")
    assert main(line("plant", office, server)) == 2
    assert "never" in capsys.readouterr().err
    assert contents(server)[0] == before


def test_a_table_without_a_key(office: Office, server: str) -> None:
    """Without a primary key the rows are told by all their values, and the undo is as exact."""
    with psycopg.connect(server) as connection:
        connection.execute('CREATE TABLE bare AS SELECT "姓名", "手机号", "额度" FROM customers')
        before = connection.execute("SELECT * FROM bare").fetchall()
    named = ["--database", server, "--table", "bare"]
    assert main(["canary", "plant", str(office.register), *named]) == 0
    with psycopg.connect(server) as connection:
        assert len(connection.execute("SELECT * FROM bare").fetchall()) == len(before) + 40
    assert main(["canary", "unplant", str(office.register), *named]) == 0
    with psycopg.connect(server) as connection:
        assert connection.execute("SELECT * FROM bare").fetchall() == before
        connection.execute("DROP TABLE bare")
