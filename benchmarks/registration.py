"""What registering costs: `luobo vault add` beside merely reading the file, and a database's table beside COPY.

    python benchmarks/registration.py [--rows N ...] [--database postgresql://…]

A platform's table of half a million customers: the whole process of `vault add`, of Polars and of pandas reading the
CSV. Then tables of growing length in PostgreSQL (one of its own is started unless a database is named): a client that
reads COPY … TO STDOUT and throws everything away, and `vault add`, with the most memory it held. Then a platform's
second snapshot.
Writes `registration.md` and `registration.json` to `benchmarks/results/`.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from measure import Cost, measured, publish

HERE: Final = Path(__file__).parent
WORK: Final = HERE / "work" / "registration"
DAY: Final = date(2025, 10, 28)
CUSTOMERS: Final = 500_000
COLUMNS: Final = (
    "name text, phone text, national_id text, city text, product text, credit_limit integer, "
    "balance numeric(12,2), account text, joined timestamp"
)
FILL: Final = "COPY customers FROM STDIN (FORMAT csv, HEADER)"
LUOBO: Final = [sys.executable, "-c", "import sys; from tracer.cli.main import main; sys.exit(main())"]
DISCARD: Final = """
import sys, psycopg
with psycopg.connect(sys.argv[1]) as connection, connection.cursor() as cursor:
    with cursor.copy(f"COPY {sys.argv[2]} TO STDOUT (FORMAT csv)") as copy:
        while copy.read():
            pass
"""
INVENT: Final = """
import sys
from datetime import date
from tracer.demo import WorldPlan, invent
plan = WorldPlan(seed=int(sys.argv[1]), people=800_000, platforms=1, customers=500_000, snapshots=(date(2025, 10, 28),),
                 churn=0.0, phone_change_rate=0.0, names=("S",))
invent(plan).table("S", date(2025, 10, 28)).write_csv(sys.argv[2])
"""

LATER: Final = """
import sys
import numpy as np
import polars as pl
*tables, first, second = sys.argv[1:]
held = pl.concat([pl.read_csv(path, infer_schema=False) for path in tables])
held.write_csv(first)
rng, phone, balance = np.random.default_rng(1), pl.col(held.columns[1]), pl.col(held.columns[6])
held = held.filter(pl.Series(rng.random(held.height) < 0.97))
paid, moved = (pl.Series(rng.random(held.height) < share) for share in (0.5, 0.02))
less, other = (balance.cast(pl.Float64) + 100).round(2).cast(pl.String), pl.concat_str(pl.lit("17"), phone.str.tail(9))
held.with_columns(pl.when(paid).then(less).otherwise(balance).alias(held.columns[6])).with_columns(
    pl.when(moved).then(other).otherwise(phone).alias(held.columns[1]),
).write_csv(second)
"""


def table(number: int) -> Path:
    """A platform's table, invented once."""
    path = WORK / f"{number}.csv"
    if not path.exists():
        WORK.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-c", INVENT, str(number), str(path)], check=True)
    return path


def added(source: str, *options: str) -> Cost:
    """`vault add` into a new vault."""
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        vault = f"{folder}/vault"
        subprocess.run([*LUOBO, "vault", "create", vault], check=True, capture_output=True)
        line = [*LUOBO, "vault", "add", vault, source, "--platform", "S", "--taken-at", str(DAY), *options]
        cost = measured(line)
        assert cost.code == 0, cost.errors
        return cost


def file_figures(repeat: int) -> list[dict[str, Any]]:
    """The middle one, by processor time, of several runs of each."""
    path = str(table(0))
    reads = {
        "Polars reads the CSV": f"import polars; polars.read_csv({path!r})",
        "pandas reads the CSV": f"import pandas; pandas.read_csv({path!r})",
    }
    runs = {name: [measured([sys.executable, "-c", code]) for _ in range(repeat)] for name, code in reads.items()}
    runs["luobo vault add"] = [added(path) for _ in range(repeat)]
    rows = []
    for name, costs in runs.items():
        middle = sorted(costs, key=lambda one: one.cpu)[len(costs) // 2]
        rows.append({"what": name, "wall s": middle.wall, "CPU s": middle.cpu, "peak MiB": middle.peak_mib})
    for row in rows:
        row["x Polars, wall"], row["x Polars, CPU"] = (row[unit] / rows[0][unit] for unit in ("wall s", "CPU s"))
    return rows


@contextlib.contextmanager
def database(address: str | None) -> Iterator[str]:
    """The database that is named, or one of our own for the time being."""
    if address is not None:
        yield address
        return
    sys.path.insert(0, str(HERE.parent))
    from tests.tracer.postgresql import binaries, humble, run  # noqa: PLC0415 - only here

    folder, who = str(binaries()), humble()
    with tempfile.TemporaryDirectory(prefix="luobo-pg-") as home:
        if who:
            os.chown(home, who["user"], who["group"])
        options = f"-k {home} -c listen_addresses='' -c fsync=off -c max_wal_size=8GB"
        run(home, who, f"{folder}/initdb", "-D", f"{home}/data", "-A", "trust", "-E", "UTF8", "-U", "luobo")
        run(home, who, f"{folder}/pg_ctl", "-D", f"{home}/data", "-o", options, "-w", "-l", f"{home}/log", "start")
        try:
            yield f"postgresql://luobo@/postgres?host={quote(home, safe='')}"
        finally:
            run(home, who, f"{folder}/pg_ctl", "-D", f"{home}/data", "-m", "immediate", "stop")


def database_figures(address: str, lengths: list[int]) -> list[dict[str, Any]]:
    """Tables of growing length."""
    import psycopg  # noqa: PLC0415 - only here

    rows = []
    for length in lengths:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"DROP TABLE IF EXISTS customers; CREATE TABLE customers ({COLUMNS})")
            for number in range(length // CUSTOMERS):
                with (
                    connection.cursor() as cursor,
                    cursor.copy("COPY customers FROM STDIN (FORMAT csv, HEADER)") as copy,
                ):
                    copy.write(table(number).read_bytes())
            connection.execute("VACUUM FREEZE ANALYZE customers")
            connection.execute(
                "DROP TABLE IF EXISTS narrow; CREATE TABLE narrow AS SELECT phone, joined FROM customers"
            )
            connection.execute("VACUUM FREEZE ANALYZE narrow")
        rows.append(one_table(address, "customers", length))
    rows.append(one_table(address, "narrow", length))
    return rows


def one_table(address: str, name: str, length: int) -> dict[str, Any]:
    """COPY and `vault add` of one table."""
    copied = measured([sys.executable, "-c", DISCARD, address, name])
    assert copied.code == 0, copied.errors
    cost = added(address, "--table", name)
    row = {
        "table": "nine columns" if name == "customers" else "two columns (phone, joined)",
        "rows": length,
        "COPY, discarded, s": copied.wall,
        "its client's CPU s": copied.cpu,
        "vault add s": cost.wall,
        "its CPU s": cost.cpu,
        "share of COPY's speed": copied.wall / cost.wall,
        "rows a second": length / cost.wall,
        "peak MiB": cost.peak_mib,
    }
    print(row, file=sys.stderr)
    return row


def history_figures(lengths: list[int]) -> list[dict[str, Any]]:
    """A first snapshot and a second, in which 3 % are gone, half have another balance and 2 % another phone number."""
    rows = []
    for length in lengths:
        with tempfile.TemporaryDirectory(dir=WORK) as folder:
            tables = [str(table(number)) for number in range(length // CUSTOMERS)]
            paths = [f"{folder}/first.csv", f"{folder}/second.csv"]
            subprocess.run([sys.executable, "-c", LATER, *tables, *paths], check=True)
            vault = f"{folder}/vault"
            subprocess.run([*LUOBO, "vault", "create", vault], check=True, capture_output=True)
            row: dict[str, Any] = {"customers": length}
            for name, path, day in zip(("first", "second"), paths, ("2025-01-01", "2025-02-01"), strict=True):
                cost = measured([*LUOBO, "vault", "add", vault, path, "--platform", "S", "--taken-at", day])
                assert cost.code == 0, cost.errors
                row |= {f"{name} s": cost.wall, f"{name} CPU s": cost.cpu, f"{name} peak MiB": cost.peak_mib}
        rows.append(row)
        print(row, file=sys.stderr)
    return rows


def page(title: str, rows: list[dict[str, Any]]) -> str:
    """A table."""
    lines = [list(rows[0]), ["---"] * len(rows[0]), *([_cell(cell) for cell in row.values()] for row in rows)]
    return f"## {title}\n\n" + "".join("| " + " | ".join(line) + " |\n" for line in lines) + "\n"


def _cell(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:,.0f}" if cell >= 100 else f"{cell:.2f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="*", default=[1_000_000, 2_500_000, 5_000_000])
    parser.add_argument("--database")
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    files = file_figures(options.repeat)
    with database(options.database) as address:
        tables = database_figures(address, options.rows)
    histories = history_figures(options.rows)
    load = os.getloadavg()[0]
    text = "# Registering\n\n" + page("A table of 500,000 customers and nine columns, 52 MB of CSV", files)
    text += page("A table in PostgreSQL, server and client on the same two cores", tables)
    text += page("A first snapshot, and a later one folded into its history, from CSV", histories)
    text += f"Load average at the end: {load:.1f}.\n"
    publish("registration", {"files": files, "tables": tables, "histories": histories, "load": load}, text)
    print(text)


if __name__ == "__main__":
    main()
