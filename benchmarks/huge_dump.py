"""A dump of any length: what tracing it costs beside merely reading it, in time and in memory, and what it answers.

    python benchmarks/huge_dump.py [--rows N …] [--memory 2G] [--keep]

Three platforms of two, one and half a million customers are registered as CSV files: name, mobile number, credit limit
and day of joining, out of five hundred million invented people. A dump of N rows holds a sixth of rows of the first
platform (no more than it has customers), a thirtieth of the second, none of the third, and else people whom nobody
sold, of whom some are customers by chance; their limits are anybody's. Every trace is a fresh process. Writes
`huge_dump.json` and `huge_dump.md` to `benchmarks/results/`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from measure import Cost, measured, publish
from numpy.typing import NDArray

HERE: Final = Path(__file__).parent
WORK: Final = HERE / "work" / "huge"
LUOBO: Final = Path(sys.executable).with_name("luobo")
PEOPLE: Final = 500_000_000
CUSTOMERS: Final = {"p0": 2_000_000, "p1": 1_000_000, "p2": 500_000}
SHARES: Final = {"p0": 1 / 6, "p1": 1 / 30}
MOST_SOLD: Final = 0.9
"""Share of its customers that a source sells at most."""
SIZES: Final = (1_000_000, 3_000_000, 10_000_000, 30_000_000, 100_000_000)
LIMITS: Final = np.array([str(1_000 * step) for step in range(1, 201)])
TAKEN: Final = datetime.now(UTC).date() - timedelta(days=30)
FIRST_DAY: Final = TAKEN - timedelta(days=3 * 365)
PORTION: Final = 1_000_000
_SURNAMES: Final = list(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
)
_GIVEN: Final = list("伟芳娜敏静秀丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰红建国文斌宇浩凯欣怡嘉晨子轩雨泽博梓涵思佳俊")
READ: Final = (
    "import sys, polars as pl\n"
    "cells = pl.scan_csv(sys.argv[1], infer_schema=False).select(pl.all().str.len_bytes().sum())\n"
    "print(cells.collect(engine='streaming').row(0))"
)


def mixed(number: NDArray[np.int64], salt: int) -> NDArray[np.uint64]:
    """A number for each person that looks like chance and is always the same (splitmix64)."""
    x = number.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15 * (salt + 1) & 0xFFFFFFFFFFFFFFFF)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def people(person: NDArray[np.int64]) -> dict[str, pl.Series]:
    """The name and number of each person."""
    word = mixed(person, 1)
    surname = pl.Series(_SURNAMES).gather((word % np.uint64(len(_SURNAMES))).astype(np.int64))
    first, second = (pl.Series(_GIVEN).gather((word >> np.uint64(bits)) % np.uint64(len(_GIVEN))) for bits in (10, 30))
    return {"姓名": surname + first + second, "手机号": pl.Series(person + 13_300_000_000).cast(pl.String)}


def customers(platform: str) -> NDArray[np.int64]:
    """Who they are."""
    many = CUSTOMERS[platform]
    rng = np.random.default_rng([many, 1])
    person = np.unique(rng.integers(0, PEOPLE, many + many // 50))
    return rng.permutation(person)[:many]


def held(platform: str, person: NDArray[np.int64]) -> dict[str, pl.Series]:
    """What a platform holds of its customers: a limit, and the day on which they joined."""
    word = mixed(person, CUSTOMERS[platform])
    days = (word >> np.uint64(20)) % np.uint64((TAKEN - FIRST_DAY).days)
    day = pl.Series(np.datetime64(FIRST_DAY) + days.astype("timedelta64[D]")).dt.strftime("%Y-%m-%d")
    return {"授信额度": pl.Series(LIMITS[(word % np.uint64(LIMITS.size)).astype(np.int64)]), "注册日期": day}


def registered() -> Path:
    """The vault, made once."""
    root = WORK / "vault"
    if (WORK / "made").exists():
        return root
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    subprocess.run([LUOBO, "vault", "create", root], check=True, stdout=subprocess.DEVNULL)
    for platform in CUSTOMERS:
        person, table = customers(platform), WORK / f"{platform}.csv"
        pl.DataFrame({**people(person), **held(platform, person)}).write_csv(table)
        command = [LUOBO, "vault", "add", root, table, "--platform", platform, "--taken-at", TAKEN.isoformat()]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        table.unlink()
    (WORK / "made").touch()
    return root


def sold(rows: int) -> dict[str, int]:
    """How many rows of a dump of this length each source supplied."""
    return {name: int(min(share * rows, MOST_SOLD * CUSTOMERS[name])) for name, share in SHARES.items()}


def dump(rows: int) -> Path:
    """Write a dump, a portion at a time: in each the sources and the others are shuffled."""
    path = WORK / f"{rows}.csv"
    if path.exists():
        return path
    rng = np.random.default_rng(rows)
    portions = max(1, rows // PORTION)
    lots = {
        name: np.array_split(rng.permutation(customers(name))[:many], portions) for name, many in sold(rows).items()
    }
    fresh = path.with_suffix(".part")
    with fresh.open("wb") as stream:
        for portion in range(portions):
            parts = [pl.DataFrame({**people(lot[portion]), **held(name, lot[portion])}) for name, lot in lots.items()]
            left = rows // portions - sum(part.height for part in parts)
            stranger = rng.integers(0, PEOPLE, left)
            parts.append(pl.DataFrame({**people(stranger), **held("p1", rng.integers(0, PEOPLE, left))}))
            whole = pl.concat(parts).sample(fraction=1.0, shuffle=True, seed=portion)
            whole.write_csv(stream, include_header=portion == 0)
    fresh.rename(path)
    return path


def trace(rows: int, memory: str) -> dict[str, Any]:
    """One trace in a fresh process with its rows written, beside reading the dump; its answer beside the truth."""
    path, truth, room = dump(rows), sold(rows), WORK / "room"
    room.mkdir(exist_ok=True)
    reading = measured([sys.executable, "-c", READ, path])
    table = WORK / "rows.parquet"
    command = [LUOBO, "trace", path, "--vault", registered(), "--memory", memory, "--scratch", room]
    cost = measured([*command, "--rows", table, "--json", "-"])
    if cost.code not in {0, 1} or reading.code:
        raise SystemExit(cost.errors or reading.errors)
    said = json.loads(cost.output)
    found = {one["platform"]: one for one in said["sources"]}
    given = pl.scan_parquet(table).group_by("platform").len().collect()
    figures = {
        "rows": rows, "bytes": path.stat().st_size, "memory": memory, **_cost("trace", cost), **_cost("read", reading),
        "named": sorted(name for name, one in found.items() if one["verdict"] == "established"),
        "truth": truth,
        "found": {name: found[name]["rows"] for name in truth},
        "intervals": {name: [found[name]["rows_low"], found[name]["rows_high"]] for name in truth},
        "given": {name: many for name, many in given.iter_rows() if name is not None},
        "rows_written": int(given["len"].sum()), "records": said["dump"]["records"],
    }  # fmt: skip
    table.unlink()
    left = list(room.iterdir())
    return figures | {"left_behind": len(left)}


def _cost(what: str, cost: Cost) -> dict[str, float]:
    return {f"{what}_s": round(cost.wall, 1), f"{what}_cpu": round(cost.cpu, 1), f"{what}_mib": round(cost.peak_mib)}


def slope(figures: list[dict[str, Any]], what: str) -> float:
    """The power of the rows with which something grows, fitted over all sizes (least squares of logarithms)."""
    x, y = (np.log([float(one[name]) for one in figures]) for name in ("rows", what))
    return float(np.polyfit(x, y, 1)[0])


def markdown(figures: list[dict[str, Any]]) -> str:
    """The tables for people."""
    lines = [
        "# A dump of any length",
        "",
        "Whole process, rows written as Parquet. Memory: the most seen of the proportional sets (Pss) of the process",
        "and of all it started together, 20 looks a second. Reading: Polars, streaming, every cell touched.",
        "",
        "| rows | CSV MB | trace s | CPU s | peak MiB | read s | read CPU s | read peak MiB |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {one['rows']:,} | {one['bytes'] / 1e6:,.0f} | {one['trace_s']:,} | {one['trace_cpu']:,} | "
        f"{one['trace_mib']:,} | {one['read_s']} | {one['read_cpu']} | {one['read_mib']:,} |"
        for one in figures
    ]
    lines += [
        "",
        "| rows | platform | truth | found | 95 % interval | rows given to it |",
        "|---:|---|---:|---:|---|---:|",
    ]
    lines += [
        f"| {one['rows']:,} | {name} | {many:,} | {one['found'][name]:,} | "
        f"{one['intervals'][name][0]:,} – {one['intervals'][name][1]:,} | {one['given'].get(name, 0):,} |"
        for one in figures
        for name, many in one["truth"].items()
    ]
    told = [
        (one["found"][name], many, one["intervals"][name]) for one in figures for name, many in one["truth"].items()
    ]
    off = max(abs(found - many) / many for found, many, _ in told)
    holding = sum(low <= many <= high for _, many, (low, high) in told)
    lines += [
        "",
        f"Greatest error of the rows found: {off:.4%}; intervals that hold the truth: {holding} of {len(told)}.",
    ]
    right = all(one["named"] == sorted(one["truth"]) for one in figures)
    lines += ["", "Named in every trace: just the two true sources." if right else "**Not always the true sources.**"]
    if len(figures) > 1:
        whole, own = slope(figures, "trace_s"), slope(figures, "trace_cpu")
        lines += ["", f"Power of the rows with which time grows: {whole:.3f}; processor time: {own:.3f}."]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure all sizes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="*", default=SIZES)
    parser.add_argument("--memory", default="2G")
    parser.add_argument("--keep", action="store_true", help="keep the dumps and the vault")
    asked = parser.parse_args()
    registered()
    figures = []
    for rows in asked.rows:
        figures.append(trace(rows, asked.memory))
        print(json.dumps(figures[-1]), file=sys.stderr)
        if not asked.keep:
            (WORK / f"{rows}.csv").unlink()
    if not asked.keep:
        shutil.rmtree(WORK)
    if len(figures) > 1:
        publish("huge_dump", figures, markdown(figures))


if __name__ == "__main__":
    main()
