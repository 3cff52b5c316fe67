"""`luobo trace --against` on 300,000 records and 500,000 rows: what it costs, and whether it is right.

    python benchmarks/comparison_scale.py

200,000 records are the table's, 100,000 strangers', a quarter has a typing error in one identifier. Results:
`benchmarks/results/comparison_scale.md`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import polars as pl
from comparison_world import chinese, masked, mistyped
from measure import measured

HERE = Path(__file__).parent
WORK, RESULTS = HERE / "work", HERE / "results"
TABLE, TRUE, STRANGERS = 500_000, 200_000, 100_000
WHO = {
    "name, phone, ID, city and the loan": ("姓名", "手机号", "身份证号"),
    "name, masked phone, city": ("姓名", "手机号"),
}


def main() -> int:
    """Draw, run and judge both kinds of dump."""
    WORK.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(3)
    drawn = chinese(rng, TABLE + STRANGERS)
    table, dump, rows = WORK / "scale-table.csv", WORK / "scale-dump.csv", WORK / "scale-rows.parquet"
    drawn.head(TABLE).write_csv(table)
    taken = rng.choice(TABLE, TRUE, replace=False)
    order = rng.permutation(np.concatenate([taken, TABLE + np.arange(STRANGERS)]))
    lines = [
        "# 300,000 records against 500,000 rows",
        "",
        "`python benchmarks/comparison_scale.py`: whole processes on two cores shared with other work.",
        "",
        "| the dump tells | recall | precision | rows | seconds | processor seconds | peak MiB |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, who in WHO.items():
        told = mistyped(drawn[order], rng, 0.25, list(who))
        told = told if "身份证号" in who else masked(told.select(*who, "城市"), "手机号", 3, 4)
        told.write_csv(dump)
        command = [sys.executable, "-m", "tracer.cli.main", "trace", dump, "--against", table, "--rows", rows]
        cost = measured(command)
        assert cost.code in {0, 1}, cost.errors
        linked = pl.read_parquet(rows)
        sure = linked.filter(pl.col("table_row").is_not_null())
        right = int((order[sure["row"].to_numpy()] == sure["table_row"].to_numpy()).sum())
        lines.append(
            f"| {name} | {right / TRUE:.4f} | {right / sure.height:.5f} | {linked['probability'].sum():,.0f} "
            f"| {cost.wall:.0f} | {cost.cpu:.0f} | {cost.peak_mib:,.0f} |"
        )
        print(lines[-1], file=sys.stderr, flush=True)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "comparison_scale.md").write_text("\n".join([*lines, ""]), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
