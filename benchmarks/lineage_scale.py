"""What the lineage of a thousand and of ten thousand dumps costs, from sketches.

    python benchmarks/lineage_scale.py [--rows N] [--families N …] [--workers N]

Families of 40 dumps are invented as in `lineage_families`, and sketched; larger cases are made of copies of 25 families
about other people (their tokens are changed). A sketch holds a sample of the dump's rows, drawn by person: with 600
rows a dump edge F1 is 0.971 and with 300 rows 0.950 where all rows give 0.976 (8 families). Publishes
`benchmarks/results/lineage_scale.md`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Final

import numpy as np
from lineage_families import case, plan
from measure import measured as costs
from measure import publish

from graphs.lineage.lineage import trace_lineage
from graphs.lineage.records import people
from graphs.lineage.sketch import Sketch

_REGIME: Final = "0.5 % errors, all seized"
_DIFFERENT: Final = 25


def sampled(sketches: Sequence[Sketch], rows: int) -> list[Sketch]:
    """Sketches of about as many rows on average, of the same people in every dump."""
    whose = people(sketches)
    share = rows * len(sketches) / sum(len(one) for one in whose)
    chosen = np.random.default_rng(0).random(1 + max(int(one.max()) for one in whose)) < share
    return [sketch.only(np.flatnonzero(chosen[one])) for sketch, one in zip(sketches, whose, strict=True)]


def copied(sketch: Sketch, copy: int) -> Sketch:
    """The sketch of a like dump about other people."""
    mark = np.uint64(copy) << np.uint64(40)
    named = np.where(sketch.identifiers != 0, sketch.identifiers ^ mark, 0).astype(np.uint64)
    return replace(sketch, name=f"{copy}/{sketch.name}", identifiers=named)


def measured(folder: Path, families: int, workers: int) -> dict[str, float]:
    """Seconds and memory of one case."""
    sketches: list[Sketch] = []
    for place in range(families):
        kept = np.load(folder / f"{place % _DIFFERENT}.npy", allow_pickle=True)
        sketches += [copied(sketch, 1 + place) for sketch in kept]
    began, spent = perf_counter(), os.times()
    found = trace_lineage(sketches, workers=workers)
    after = os.times()
    worked = sum(after[:4]) - sum(spent[:4])
    return {
        "dumps": len(sketches),
        "rows": float(np.mean([sketch.rows for sketch in sketches])),
        "edges": len(found.edges),
        "seconds": perf_counter() - began,
        "processor_seconds": worked,
        "processor_ms_a_dump": 1_000 * worked / len(sketches),
    }


def main() -> int:
    """Invent the families, measure each case in a process of its own, and publish."""
    parser = argparse.ArgumentParser(description="What the lineage of many dumps costs.")
    parser.add_argument("--rows", type=int, default=400)
    parser.add_argument("--families", nargs="+", type=int, default=[5, 25, 250])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=Path("lineage-scale"))
    parser.add_argument("--one", type=int, help="Measure one case of so many families and print it.")
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(measured(asked.folder, asked.one, asked.workers)))
        return 0
    asked.folder.mkdir(exist_ok=True)
    for place in range(_DIFFERENT):
        if not (asked.folder / f"{place}.npy").exists():
            sketches = sampled(case(plan(place, _REGIME, 40, 2_000)).sketches, asked.rows)
            np.save(asked.folder / f"{place}.npy", np.array(sketches, object), allow_pickle=True)
    runs = []
    for families in asked.families:
        command = [sys.executable, __file__, "--one", str(families), "--workers", str(asked.workers)]
        cost = costs([*command, "--folder", str(asked.folder)])
        assert cost.code == 0, cost.errors
        runs.append(json.loads(cost.output) | {"peak_mib": cost.peak_mib})
        print(runs[-1], file=sys.stderr)
    publish("lineage_scale", runs, page(runs))
    return 0


def page(runs: list[dict[str, float]]) -> str:
    """The runs as a table."""
    lines = ["# Lineage of many dumps", "", str(__doc__).split("\n\n")[2].replace("\n", " "), ""]
    lines += ["| " + " | ".join(name.replace("_", " ") for name in runs[0]) + " |", "|---" * len(runs[0]) + "|"]
    lines += ["| " + " | ".join(f"{figure:,.0f}" for figure in run.values()) + " |" for run in runs]
    lines += [
        "",
        "The peak is the most seen of the proportional sets (Pss) of all processes together, 20 looks a second.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
