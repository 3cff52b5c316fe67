"""luobo beside its peers: one dump, 20 platforms, every method in a fresh process, its answer beside the truth.

    python benchmarks/peers.py [--repeat N] [--only METHOD …]

Writes `benchmarks/results/peers.json` and `peers.md` (not with --only). What a method prepares once for all dumps is
timed apart from what it does for each. Files are read once before, so all find them in the page cache.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from environment import environment
from measure import Cost, measured, publish

HERE = Path(__file__).parent
RESULTS = HERE / "results"
LUOBO = Path(sys.executable).with_name("luobo")
PACKAGES = ("luobo", "polars", "pandas", "numpy", "pyarrow", "datasketch", "duckdb")
APART = ("rensa==0.5.0", "sourmash==4.9.4", "splink==5.0.0", "pandas", "pyarrow", "duckdb")
"""Peers with an environment of their own, for what they need might not go with what we need."""
NAMED_SHARE = 0.05
"""A join names nobody; as its answer counts every platform that holds more than this share of the dump."""


@dataclass(frozen=True)
class Bench:
    """One row of the table."""

    key: str
    title: str
    run: Callable[[Path, Path, int], Cost]
    """World, folder for what is kept, how often → cost."""
    once: bool = False
    """Prepares something for all dumps; too long to repeat, and not to be done twice."""


def method(name: str, title: str, *, once: bool = False, apart: bool = False) -> Bench:
    """A method of `peer_methods.py`; if it is `apart`, in the peers' own environment."""
    script = HERE / "peer_methods.py"

    def run(world: Path, kept: Path, repeat: int) -> Cost:
        python = environment("peers", APART) if apart else sys.executable
        return measured([python, script, name, world, kept], repeat=repeat)

    return Bench(name, title, run, once)


def luobo(key: str, title: str, *arguments: str) -> Bench:
    """A call of our own command; `{world}` and `{kept}` in its arguments are the folders."""

    def run(world: Path, kept: Path, repeat: int) -> Cost:
        return measured([LUOBO, *(each.format(world=world, kept=kept) for each in arguments)], repeat=repeat)

    return Bench(key, title, run)


def add_all(world: Path, kept: Path, repeat: int) -> Cost:
    """Make the vault and register every platform, one after the other; the sum of all."""
    del repeat
    costs = [measured([LUOBO, "vault", "create", str(kept / "vault")])]
    for table in sorted(world.glob("platforms/*/*.csv")):
        costs.append(measured([LUOBO, *vault_add(kept / "vault", table)]))
        if costs[-1].code:
            break
    last = costs[-1]
    wall, cpu = sum(cost.wall for cost in costs), sum(cost.cpu for cost in costs)
    return Cost(wall, cpu, max(cost.peak_mib for cost in costs), last.code, "{}", last.errors)


def add_one(world: Path, kept: Path, repeat: int) -> Cost:
    """Register one platform in an empty vault."""
    table = min(world.glob("platforms/*/*.csv"))
    runs = []
    for _ in range(repeat):
        with tempfile.TemporaryDirectory(dir=kept) as folder:
            vault = Path(folder) / "vault"
            measured([LUOBO, "vault", "create", vault])
            runs.append(measured([LUOBO, *vault_add(vault, table)]))
    return sorted(runs, key=lambda cost: cost.wall)[(repeat - 1) // 2]


def vault_add(vault: Path, table: Path) -> list[str]:
    """The command that registers a platform's table; folder and file name say whose and of what day."""
    return ["vault", "add", str(vault), str(table), "--platform", table.parent.name, "--taken-at", table.stem]


BENCHES = (
    method("read_dump", "floor: Polars only reads the dump"),
    method("read_platform", "floor: Polars only reads one platform's CSV"),
    method("read_platform_duckdb", "DuckDB only reads one platform's CSV"),
    method("read_platform_pandas", "pandas only reads one platform's CSV"),
    method("read_platforms", "floor: Polars only reads all platforms' CSVs"),
    method("read_platforms_duckdb", "DuckDB only reads all platforms' CSVs"),
    method("polars_join", "Polars semi-join on phones, from the CSVs"),
    method("pandas_csv", "pandas merge on phones, from the CSVs"),
    method("pandas_prepare", "  prepare: phones to Parquet", once=True),
    method("pandas_parquet", "pandas merge on phones, prepared"),
    method("minhash_prepare", "  prepare: MinHash 128 and LSH Ensembles", once=True),
    method("minhash", "datasketch MinHash 128 + LSH Ensemble, prepared"),
    method("rensa_prepare", "  prepare: rensa MinHash 128", once=True, apart=True),
    method("rensa", "rensa MinHash 128, prepared", apart=True),
    method("sourmash_prepare", "  prepare: sourmash FracMinHash 1/50", once=True, apart=True),
    method("sourmash_gather", "sourmash FracMinHash gather, prepared", apart=True),
    method("duckdb_prepare", "  prepare: a bit a platform in DuckDB", once=True),
    method("duckdb_bits", "DuckDB join with these bits, prepared"),
    method("splink", "Splink on DuckDB, from the CSVs", once=True, apart=True),
    Bench("luobo_add_one", "  luobo vault add, one platform", add_one),
    Bench("luobo_prepare", "  prepare: luobo vault add, all platforms", add_all, once=True),
    luobo(
        "luobo_trace", "luobo trace, prepared", "trace", "{world}/dump.csv", "--vault", "{kept}/vault", "--json", "-"
    ),
    method("luobo_start", "start: what luobo trace loads"),
    luobo("luobo_help", "start: luobo --help", "--help"),
    luobo("luobo_trace_help", "start: luobo trace --help", "trace", "--help"),
)


def answer(key: str, cost: Cost, total: int) -> dict[str, Any]:
    """What a method said: `rows` by platform, `named` platforms and, where it says so, `unknown` rows."""
    # 1 is luobo's "nothing found", which is an answer.
    if cost.code and not (cost.code == 1 and key == "luobo_trace" and cost.output):
        return {"failed": (cost.errors.strip().splitlines() or [f"exit code {cost.code}"])[0]}
    if not cost.output.lstrip().startswith("{"):
        return {}
    said = json.loads(cost.output)
    if key == "luobo_trace":
        sources = said["sources"]
        return {
            "rows": {source["platform"]: source["rows"] for source in sources},
            "intervals": {source["platform"]: [source["rows_low"], source["rows_high"]] for source in sources},
            "verdicts": {source["platform"]: source["verdict"] for source in sources},
            "named": sorted(source["platform"] for source in sources if source["verdict"] == "established"),
            "unknown": said["unknown"]["rows"],
        }
    if "rows" in said and "named_at" not in said:
        said["named"] = sorted(name for name, rows in said["rows"].items() if rows > NAMED_SHARE * total)
    return dict(said)


def beside_truth(said: dict[str, Any], truth: dict[str, Any]) -> dict[str, Any]:
    """How far an answer is off: rows of each source, the worst innocent platform, innocents named."""
    if "rows" not in said:
        return {}
    true = truth["sources"]
    innocent = {name: rows for name, rows in said["rows"].items() if name not in true}
    worst = max(innocent, key=lambda name: innocent[name], default=None)
    named = said.get("named_at") or {"": said.get("named", [])}
    return {
        "source_rows_off": {name: said["rows"].get(name, 0) - rows for name, rows in true.items()},
        "worst_innocent": worst and {worst: innocent[worst]},
        "innocents_named": {level: sorted(set(names) - set(true)) for level, names in named.items()},
        "sources_missed": {level: sorted(set(true) - set(names)) for level, names in named.items()},
    }


def machine() -> dict[str, Any]:
    """Where this was measured, without its name."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = {name: version(name) for name in PACKAGES} | dict(one.split("==") for one in APART if "==" in one)
    system = f"{platform.system()} {platform.machine()}"
    when = datetime.now(UTC).date().isoformat()
    python = platform.python_version()
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(memory),
        "system": system,
        "python": python,
        "on": when,
        **versions,
    }


def markdown(report: dict[str, Any]) -> str:
    """The table for people."""
    truth = report["truth"]
    sources = list(truth["sources"])
    heads = ["method", "wall s", "CPU s", "peak MiB", *(f"rows {name}" for name in sources), "worst innocent", "named"]
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * (len(heads) - 2) + "---|"]
    true = [f"**{rows:,}**" for rows in truth["sources"].values()]
    lines.append("| " + " | ".join(["**truth**", "", "", "", *true, "**0**", f"**{', '.join(sources)}**"]) + " |")
    for run in report["runs"]:
        said, off = run["answer"], run["beside_truth"]
        rows = [f"{said['rows'].get(name, 0):,}" if "rows" in said else "" for name in sources]
        worst = ", ".join(f"{name} {count:,}" for name, count in (off.get("worst_innocent") or {}).items())
        figures = [f"{run['wall']:.2f}", f"{run['cpu']:.2f}", f"{run['peak_mib']:.0f}"]
        # What a method that failed took says nothing.
        cells = [run["title"].strip(), *(figures if "failed" not in said else [""] * 3), *rows, worst]
        lines.append("| " + " | ".join([*cells, _named(said)]) + " |")
    facts = ", ".join(f"{key} {value}" for key, value in report["machine"].items())
    padding = f"The dump has {truth['rows']:,} rows, of which {truth['junk']:,} are made up."
    note = f"A join names nobody; as named counts what holds over {NAMED_SHARE:.0%} of the dump."
    return "\n".join([*lines, "", f"{padding} {note}", "", f"Measured on: {facts}.", ""])


def _named(said: dict[str, Any]) -> str:
    if "failed" in said:
        return "failed"
    if "named_at" in said:
        return "; ".join(f"≥ {level}: {_few(names)}" for level, names in said["named_at"].items())
    return _few(said.get("named", []))


def _few(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 6 else f"{len(names)} platforms"


def compare(world: Path, chosen: list[str], repeat: int) -> dict[str, Any]:
    """Measure the chosen methods (all if none) on a world; the report."""
    truth = json.loads((world / "truth.json").read_text(encoding="utf-8"))
    kept = world.parent / "peers"
    if not chosen:
        shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(exist_ok=True)
    measured([sys.executable, HERE / "peer_methods.py", "read_platforms", world, kept])
    runs = []
    for bench in BENCHES:
        if chosen and bench.key not in chosen:
            continue
        cost = bench.run(world, kept, 1 if bench.once else repeat)
        said = answer(bench.key, cost, truth["rows"])
        outcome = f"failed: {said['failed']}" if "failed" in said else f"{cost.wall:.2f} s"
        print(f"{bench.title.strip()} … {outcome}", file=sys.stderr)
        figures = {"wall": round(cost.wall, 3), "cpu": round(cost.cpu, 3), "peak_mib": round(cost.peak_mib, 1)}
        off = beside_truth(said, truth)
        runs.append({"key": bench.key, "title": bench.title, **figures, "answer": said, "beside_truth": off})
    told = {key: truth[key] for key in ("rows", "junk", "sources", "unregistered", "day")}
    return {"machine": machine(), "repeat": repeat, "truth": told, "runs": runs}


def main() -> int:
    """Measure and write down."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeat", type=int, default=3, help="runs of each method; the median counts (default 3)")
    parser.add_argument("--only", nargs="*", default=[], choices=[bench.key for bench in BENCHES], metavar="METHOD")
    options = parser.parse_args()
    # In a process of its own: whatever this one holds would be counted as every child's peak.
    made = subprocess.run([sys.executable, HERE / "world_scale.py"], check=True, stdout=subprocess.PIPE, text=True)
    report = compare(Path(made.stdout.strip()), options.only, options.repeat)
    if not options.only:
        publish("peers", report, markdown(report))
    print(markdown(report))
    return 0


if __name__ == "__main__":
    sys.exit(main())
