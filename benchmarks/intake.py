"""How fast and in how little memory `luobo inspect` reads, each figure beside its floor in the same run.

    python benchmarks/intake.py [--repeat N] [--only NAME …]

The floor of text is Polars reading the UTF-8 CSV, every cell of it as text; of a workbook, calamine alone; beside them
the bare reading of the bytes, which also brings the file into the page cache. Every process is fresh. Writes
`benchmarks/results/intake.json` and `intake.md` (not with --only).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from measure import Cost, measured, publish

HERE = Path(__file__).parent
RESULTS, WORK = HERE / "results", HERE / "work" / "intake"
LUOBO = Path(sys.executable).with_name("luobo")
_POLARS = """
import polars, sys
frame = polars.read_csv(sys.argv[1], infer_schema=False)
print(frame.select(polars.sum_horizontal(polars.all().str.len_bytes() > 0).sum()).item())
"""
_CALAMINE = """
import python_calamine, sys
book = python_calamine.CalamineWorkbook.from_path(sys.argv[1])
print(sum(len(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names))
"""
_BYTES = "import sys; f = open(sys.argv[1], 'rb', buffering=0)\nwhile f.read(1 << 20): pass"
_DIGEST = "import hashlib, sys; print(hashlib.file_digest(open(sys.argv[1], 'rb'), 'sha256').hexdigest())"


@dataclass(frozen=True)
class Dump:
    """A file to be read, and what reading it is compared with."""

    name: str
    title: str
    make: str
    """A call of `intake_dumps`, `path` being where to."""
    floor: str | None = None
    """A program that reads the same and does nothing else."""
    bar: str = ""


DUMPS = (
    Dump("200m.csv", "CSV, UTF-8, 0.2 GB", "csv(path, 200_000_000)", _POLARS, "flat memory"),
    Dump("1g.csv", "CSV, UTF-8, 1 GB", "csv(path, 10**9)", _POLARS, "≤ 6 × Polars, ≤ 1 GiB"),
    Dump("1g.gb18030.csv", "CSV, GB18030, 1 GB", "csv(path, 10**9, 'gb18030')", None, "≤ 1 GiB"),
    Dump("500m.sql", "mysqldump, 0.5 GB", "sql(path, 500_000_000)", None, "≥ 20 MB/s"),
    Dump("400k.xlsx", "XLSX, 400,000 rows", "xlsx(path, 400_000)", _CALAMINE, "≤ 2 × calamine"),
)


def prepare(dump: Dump) -> Path:
    """The file, made once."""
    WORK.mkdir(parents=True, exist_ok=True)
    path = WORK / dump.name
    if not path.exists():
        code = f"import sys; sys.path.insert(0, {str(HERE)!r})\nfrom pathlib import Path\nfrom intake_dumps import *\n"
        code += f"path = Path({str(path)!r} + '.part')\n{dump.make}\npath.rename({str(path)!r})"
        subprocess.run([sys.executable, "-c", code], check=True)
    return path


def rounds(dump: Dump, path: Path, repeat: int) -> dict[str, Cost]:
    """Every program in turn, `repeat` times; of each the run of least wall time, for other work only adds to it."""
    programs: dict[str, list[str]] = {
        "bytes": [sys.executable, "-c", _BYTES, str(path)],
        "digest": [sys.executable, "-c", _DIGEST, str(path)],
        **({"floor": [sys.executable, "-c", dump.floor, str(path)]} if dump.floor else {}),
        "inspect": [str(LUOBO), "inspect", str(path), "--json", "-"],
    }
    best: dict[str, Cost] = {}
    for _ in range(repeat):
        for name, command in programs.items():
            cost = measured(command)
            if cost.code:
                raise SystemExit(f"{name} of {dump.name}: {cost.errors}")
            if name not in best or cost.wall < best[name].wall:
                best[name] = cost
    return best


def figures(dump: Dump, path: Path, costs: dict[str, Cost]) -> dict[str, object]:
    """One row of the table."""
    size, mine, floor = path.stat().st_size, costs["inspect"], costs.get("floor")
    told = json.loads(mine.output)
    times = (mine.wall / floor.wall, mine.cpu / floor.cpu) if floor else (None, None)
    return {
        "name": dump.name, "title": dump.title, "bar": dump.bar, "bytes": size, "records": told["records"],
        "rejected": told["rejected"], "phones": told["phones"], "ids": told["ids"],
        "seconds": round(mine.wall, 2), "cpu": round(mine.cpu, 2),
        "megabytes_a_second": round(size / mine.wall / 1e6, 1),
        "peak_mib": round(mine.peak_mib), "bytes_seconds": round(costs["bytes"].wall, 2),
        "digest_seconds": round(costs["digest"].wall, 2), "floor_seconds": round(floor.wall, 2) if floor else None,
        "floor_cpu": round(floor.cpu, 2) if floor else None, "floor_peak_mib": round(floor.peak_mib) if floor else None,
        "times_floor": times[0] and round(times[0], 2), "times_floor_cpu": times[1] and round(times[1], 2),
        "load": round(os.getloadavg()[0], 1),
    }  # fmt: skip


def markdown(rows: list[dict[str, object]]) -> str:
    """The table for people."""
    heads = (
        "dump", "bar", "records", "s", "CPU s", "MB/s", "peak MiB", "floor s", "× floor", "× floor, CPU", "bytes s",
        "SHA-256 s", "load",
    )  # fmt: skip
    keys = (
        "title", "bar", "records", "seconds", "cpu", "megabytes_a_second", "peak_mib", "floor_seconds", "times_floor",
        "times_floor_cpu", "bytes_seconds", "digest_seconds", "load",
    )  # fmt: skip
    lines = ["| " + " | ".join(heads) + " |", "|---|---|" + "---:|" * (len(heads) - 2)]
    for row in rows:
        cells = (row[key] for key in keys)
        lines.append("| " + " | ".join(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in cells) + " |")
    note = (
        "Floor: Polars reading the CSV as text, calamine reading the workbook. `inspect` also takes the digest, tells "
        "every column's role and counts the different phones, IDs and names. Two cores; `load` is how many processes "
        "wanted them when the row was done: seconds under a load above two are longer than they need be."
    )
    return "\n".join([*lines, "", note, ""]).replace("None", "–")


def main() -> int:
    """Measure and write down."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--only", nargs="*", default=[], choices=[dump.name for dump in DUMPS], metavar="NAME")
    options = parser.parse_args()
    rows = []
    for dump in DUMPS:
        if options.only and dump.name not in options.only:
            continue
        path = prepare(dump)
        rows.append(figures(dump, path, rounds(dump, path, options.repeat)))
        print(json.dumps(rows[-1], ensure_ascii=False), file=sys.stderr)
    if not options.only:
        publish("intake", rows, markdown(rows))
    print(markdown(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
