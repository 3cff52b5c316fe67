"""Does a Spark cluster find what one machine finds, and does a second worker help?

    python benchmarks/spark_scaling.py [--rows N]

Ten platforms of half a million customers; a dump of ten million records, four million of them all customers of eight of
the platforms, the rest nobody's. The cluster is standalone: a master and one or two workers of one core each, on this
machine. Each way is a process of its own that says what it found and how long its bulk work took.
Writes `spark_scaling.md` and `spark_scaling.json` to `benchmarks/results/`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from measure import measured, publish

HERE: Final = Path(__file__).parent
WORK: Final = HERE / "work" / "spark"
DAY: Final = "2025-10-28"
PLATFORMS: Final = 10
SOURCES: Final = 8
WAYS: Final = {"here": 0, "Spark, one worker": 1, "Spark, two workers": 2}

WORLD: Final = """
import sys
from datetime import date
from pathlib import Path
import numpy as np
import polars as pl
from tracer.demo import WorldPlan, invent
from tracer.registration import register
from tracer.vault.vault import Vault
work, rows, platforms, sources, day = Path(sys.argv[1]), *map(int, sys.argv[2:5]), date.fromisoformat(sys.argv[5])
vault, taken = Vault.create(work / "vault"), []
for number in range(platforms):
    plan = WorldPlan(seed=200 + number, people=800_000, platforms=1, customers=500_000, snapshots=(day,), churn=0.0,
                     phone_change_rate=0.0, names=("S",))
    table = invent(plan).table("S", day)
    vault, _ = register(vault, table, f"S{number:02}", day)
    if number < sources:
        taken.append(table.select("手机号码", "客户姓名", "贷款产品", "授信额度").cast(pl.String))
leaked = pl.concat(taken)
leaked = leaked.sample(min(leaked.height, rows * 2 // 5), shuffle=True, seed=1)
rng = np.random.default_rng(1)
others = rows - leaked.height
phone = "1" + pl.Series(rng.integers(3 * 10**9, 10**10, others)).cast(pl.String)
mixed = leaked.sample(others, with_replacement=True, seed=2).with_columns(phone.alias("手机号码"))
pl.concat([leaked, mixed]).sample(fraction=1, shuffle=True, seed=3).write_csv(work / "dump.csv")
"""
TRACE: Final = """
import json, sys, time
from contextlib import nullcontext
from pathlib import Path
from tracer.intake.child import begin
begin()
from tracer.engines.here import Here
from tracer.intake.limits import raised
from tracer.tracing import trace
from tracer.vault.vault import Vault

class Timed:
    def __init__(self, engine):
        self.engine, self.spent, self.laid = engine, {"each": 0.0, "rowwise": 0.0}, engine.laid
    def each(self, work, items):
        return self._timed("each", work, items)
    def rowwise(self, work, frame):
        return self._timed("rowwise", work, frame)
    def _timed(self, name, work, what):
        begun = time.perf_counter()
        done = getattr(self.engine, name)(work, what)
        self.spent[name] += time.perf_counter() - begun
        return done

work, master = Path(sys.argv[1]), sys.argv[2]
if master == "here":
    connected = nullcontext(Here())
else:
    from tracer.engines.spark import Spark
    connected = Spark.connect(master, work)
with connected as engine:
    if master != "here":  # executors are started, and import what they need, before the clock is
        engine.each(len, [DAY for DAY in ("day",) * 8])
    timed, begun = Timed(engine), time.perf_counter()
    findings = trace(work / "dump.csv", Vault.open(work / "vault"), engine=timed, limits=raised(["memory=6G"]))
    wall = time.perf_counter() - begun
print(json.dumps({"wall": wall, **timed.spent, "findings": findings.to_dict()}, default=str))
"""


def prepare(rows: int) -> None:
    """Invent platforms, vault and dump, once."""
    told = WORK / "rows"
    if told.exists() and told.read_text() == str(rows):
        return
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    arguments = [str(WORK), str(rows), str(PLATFORMS), str(SOURCES), DAY]
    subprocess.run([sys.executable, "-c", WORLD, *arguments], check=True)
    told.write_text(str(rows))


def traced(workers: int) -> dict[str, Any]:
    """One way."""
    if not workers:
        return _ran("here")
    sys.path.insert(0, str(HERE.parent))
    from tests.tracer.engines.conftest import awaited, end, free_port, start  # noqa: PLC0415 - only here

    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        port, page = free_port(), free_port()
        package = "org.apache.spark.deploy"
        running = [start(f"{package}.master.Master", Path(folder), "--port", str(port), "--webui-port", str(page))]
        master = f"spark://127.0.0.1:{port}"
        try:
            for _ in range(workers):
                options = ("--webui-port", "0", "-c", "1", "-m", "2g", "-d", folder, master)
                running.append(start(f"{package}.worker.Worker", Path(folder), *options))
            awaited(page, workers)
            return _ran(master)
        finally:
            for process in running:
                end(process)


def _ran(master: str) -> dict[str, Any]:
    cost = measured([sys.executable, "-c", TRACE, str(WORK), master])
    assert cost.code == 0, cost.errors
    return {**json.loads(cost.output.splitlines()[-1]), "peak MiB of the driver": cost.peak_mib}


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    options = parser.parse_args()
    os.environ |= {"SPARK_LOCAL_IP": "127.0.0.1", "PYTHONPATH": str(HERE.parent)}
    prepare(options.rows)
    runs = {name: traced(workers) for name, workers in WAYS.items()}
    wanted = runs["here"].pop("findings")
    rows = []
    for name, run in runs.items():
        same = run.pop("findings", wanted) == wanted
        rows.append(
            {
                "where": name,
                "findings": "identical" if same else "DIFFERENT",
                "tokens s": run["rowwise"],
                "joins s": run["each"],
                "whole trace s": run["wall"],
                "peak MiB of the driver": run["peak MiB of the driver"],
            }
        )
    one, two = (rows[place]["tokens s"] + rows[place]["joins s"] for place in (1, 2))
    sources = [f"{one['platform']} {one['verdict']} {one['rows']:,}" for one in wanted["sources"]]
    lines = [list(rows[0]), ["---"] * len(rows[0])]
    lines += [[f"{cell:,.1f}" if isinstance(cell, float) else str(cell) for cell in row.values()] for row in rows]
    text = f"# Spark: a dump of {options.rows:,} records\n\n" + "".join(
        "| " + " | ".join(line) + " |\n" for line in lines
    )
    text += f"\nTokens and joins with two workers: {one / two:.2f} times as fast as with one.\n"
    text += f"Load average at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.\n\n"
    text += f"Found: {'; '.join(sources)}; unknown {wanted['unknown']['rows']:,}.\n"
    publish("spark_scaling", {"rows": options.rows, "runs": rows, "load": os.getloadavg()[0]}, text)
    print(text)
    assert all(row["findings"] == "identical" for row in rows)


if __name__ == "__main__":
    main()
