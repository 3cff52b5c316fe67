"""Every hostile file of the tests' corpus, heavy ones too, by `luobo inspect`: 60 s, 2 GiB, a count or a clear line.

    python benchmarks/hostile.py [--only NAME …] [--heavy]

Each runs in a fresh process that works in an empty folder of its own. Checked are the exit code, the time, the memory
of all its processes together, what it said, whether anything was written beside the dump, whether a process is left.
Writes `benchmarks/results/hostile.json` and `hostile.md` (not with --only).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from measure import Cost, measured

HERE = Path(__file__).parent
RESULTS = HERE / "results"
LUOBO = Path(sys.executable).with_name("luobo")
MOST_SECONDS, MOST_MIB, MOST_LINES = 60, 2048, 3
_LIST = """
import sys
sys.path.insert(0, sys.argv[1])
from tests.tracer.intake.hostile import ATTACKS
for one in ATTACKS:
    print(one.name, int(one.light), -1 if one.records is None else one.records)
"""
_MAKE = """
import sys
sys.path.insert(0, sys.argv[1])
from tests.tracer.intake.hostile import ATTACKS
open(sys.argv[3], "wb").write(next(one for one in ATTACKS if one.name == sys.argv[2]).make())
"""


@dataclass(frozen=True)
class Outcome:
    """What became of one file."""

    name: str
    megabytes: float
    seconds: float
    cpu: float
    peak_mib: float
    said: str
    """How many records, or the line it was refused with."""
    faults: tuple[str, ...]


def attack(name: str, expected: int) -> Outcome:
    """Make one file and inspect it."""
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / "dump"
        # In a process of its own: what making a bomb takes would be counted as every child's peak.
        subprocess.run([sys.executable, "-c", _MAKE, str(HERE.parent), name, str(dump)], check=True)
        size = dump.stat().st_size
        cost = measured(["sh", "-c", 'cd "$1" && exec "$2" inspect dump --json -', "sh", folder, str(LUOBO)])
        beside = sorted(one.name for one in Path(folder).iterdir() if one.name != "dump")
        unharmed = dump.stat().st_size == size
        left = _left_behind(folder)
    return Outcome(
        name, round(size / 1e6, 2), round(cost.wall, 2), round(cost.cpu, 2), round(cost.peak_mib), _said(cost),
        tuple(_faults(cost, expected, beside, unharmed=unharmed, left=left)),
    )  # fmt: skip


def _said(cost: Cost) -> str:
    if cost.code == 0 and cost.output.startswith("{"):
        said = json.loads(cost.output)
        return f"{said['records']:,} records, {said['rejected']:,} rejects"
    return cost.errors.strip().splitlines()[0] if cost.errors.strip() else "nothing"


def _faults(cost: Cost, expected: int, beside: list[str], *, unharmed: bool, left: bool) -> list[str]:
    found = []
    if cost.code not in {0, 2}:
        found.append(f"exit code {cost.code}")
    if cost.code == 0 and (not cost.output.startswith("{") or json.loads(cost.output)["records"] < expected):
        found.append(f"fewer than {expected} records")
    if cost.code == 2 and (expected > 0 or not 0 < len(cost.errors.strip().splitlines()) <= MOST_LINES):
        found.append("refused, though it holds records" if expected > 0 else "not one clear line")
    if "Traceback" in cost.errors or "unexpected" in cost.errors:
        found.append("a traceback")
    if cost.wall > MOST_SECONDS:
        found.append(f"over {MOST_SECONDS} s")
    if cost.peak_mib > MOST_MIB:
        found.append(f"over {MOST_MIB} MiB")
    if beside or not unharmed:
        found.append("wrote beside the dump" if beside else "changed the dump")
    if left:
        found.append("left a process behind")
    return found


def _left_behind(folder: str) -> bool:
    """Whether a process still runs that was started there."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if str((process / "cwd").readlink()).startswith(folder):
                return True
    return False


def markdown(outcomes: list[Outcome]) -> str:
    """The table for people."""
    lines = ["| file | MB | s | CPU s | peak MiB | what it said | faults |", "|---|---:|---:|---:|---:|---|---|"]
    lines += [
        f"| {one.name} | {one.megabytes:.2f} | {one.seconds:.1f} | {one.cpu:.1f} | {one.peak_mib:.0f} "
        f"| {one.said.replace('|', ' ')[:120]} | {'; '.join(one.faults) or '–'} |"
        for one in outcomes
    ]
    bad = sum(bool(one.faults) for one in outcomes)
    slowest, largest = max(one.seconds for one in outcomes), max(one.peak_mib for one in outcomes)
    total = f"{len(outcomes)} files, {bad} with a fault; slowest {slowest:.1f} s, most memory {largest:.0f} MiB."
    return "\n".join([*lines, "", f"{total} {os.cpu_count()} cores, shared with other work.", ""])


def main() -> int:
    """Inspect the files and write down what became of them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME")
    parser.add_argument("--heavy", action="store_true", help="the heavy ones alone")
    options = parser.parse_args()
    told = subprocess.run(
        [sys.executable, "-c", _LIST, str(HERE.parent)], check=True, stdout=subprocess.PIPE, text=True
    )
    outcomes = []
    for name, light, records in (line.split() for line in told.stdout.splitlines()):
        if (options.only and name not in options.only) or (options.heavy and light == "1"):
            continue
        outcomes.append(attack(name, int(records)))
        one = outcomes[-1]
        print(f"{name}: {one.seconds:.1f} s, {one.peak_mib:.0f} MiB, {one.said} {one.faults or ''}", file=sys.stderr)
    if not options.only:
        RESULTS.mkdir(exist_ok=True)
        report = json.dumps([asdict(one) for one in outcomes], ensure_ascii=False, indent=1)
        (RESULTS / "hostile.json").write_text(report + "\n", encoding="utf-8")
        (RESULTS / "hostile.md").write_text(markdown(outcomes), encoding="utf-8")
    return int(any(one.faults for one in outcomes))


if __name__ == "__main__":
    sys.exit(main())
