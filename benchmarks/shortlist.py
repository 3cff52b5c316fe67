"""Does a shortlist of platforms ever drop a true source, and what does it save?

    python benchmarks/shortlist.py [--seeds N]

Per case: 200 platforms of 2,000 customers, of which 40 share customers with the dump by chance, one great source, and
one small source that shares nobody else. Beside it what `datasketch`'s LSH Ensemble gives at several thresholds.
Writes `shortlist.md` and `shortlist.json` to `benchmarks/results/`.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import numpy as np
from measure import publish

from tracer.linkage.shortlist import Prominent, Tokens, sampling, shortlist
from tracer.vault.sketch import KindSketch

HERE: Final = Path(__file__).parent
CASES: Final = ((50, 1), (50, 10), (1_000, 10), (10_000, 10), (30_000, 10), (100_000, 30), (300_000, 90))
"""Tokens of the dump, and those of the small source."""
PLATFORMS: Final = 200
NEIGHBOURS: Final = 40
FIRST: Final = 3
THRESHOLDS: Final = (0.02, 0.1, 0.3)


def tokens(rng: np.random.Generator, count: int) -> Tokens:
    """So many random tokens, ascending."""
    return np.unique(rng.integers(0, 2**64, count, dtype=np.uint64))


def world(seed: int, size: int, rows: int) -> tuple[Tokens, dict[str, dict[str, Tokens]]]:
    """A dump and the platforms: p0 the small source, p1 the great one."""
    rng = np.random.default_rng([seed, size, rows])
    held = [tokens(rng, 2_000) for _ in range(PLATFORMS)]
    great = tokens(rng, size + 1_000)
    dump = np.concatenate([rng.choice(held[0], rows, replace=False), rng.choice(great, size - rows, replace=False)])
    for place in range(2, 2 + NEIGHBOURS):
        held[place] = np.unique(np.concatenate([held[place], rng.choice(great, 300)]))
    held[1] = great
    return np.sort(dump), {f"p{place}": {"phone": one} for place, one in enumerate(held)}


def measure(size: int, rows: int, seeds: int) -> dict[str, Any]:
    """One case over many seeds; times and LSH Ensemble on the first of them."""
    lost, dropped, seconds, joined = 0, 0, 0.0, 0.0
    missed = dict.fromkeys(THRESHOLDS, 0)
    for seed in range(seeds):
        dump, platforms = world(seed, size, rows)
        found = shortlist({"phone": dump}, platforms)
        lost += not {"p0", "p1"} <= set(found.kept)
        dropped += len(found.dropped)
        if seed < FIRST:
            begun = perf_counter()
            shortlist({"phone": dump}, platforms)
            screened = perf_counter()
            for held in platforms.values():
                np.isin(dump, held["phone"], assume_unique=True)
            seconds, joined = seconds + screened - begun, joined + perf_counter() - screened
            sketches = {name: KindSketch.of(held["phone"]) for name, held in platforms.items()}
            for threshold in THRESHOLDS:
                missed[threshold] += not {"p0", "p1"} <= set(Prominent(sketches, threshold).of(dump))
    return {
        "tokens": size,
        "of the small source": rows,
        "rate": sampling(size).rate,
        "seeds": seeds,
        "a source dropped": lost,
        "platforms dropped, of 200": round(dropped / seeds, 1),
        "time, of joining all": round(seconds / joined, 2),
        **{f"LSH Ensemble at {one:g} loses a source": f"{missed[one]} of {FIRST}" for one in THRESHOLDS},
    }


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=300)
    options = parser.parse_args()
    rows = [measure(size, few, options.seeds if size <= 10_000 else options.seeds // 3) for size, few in CASES]
    lines = [list(rows[0]), ["---"] * len(rows[0]), *([str(cell) for cell in row.values()] for row in rows)]
    text = "# Shortlist\n\n" + "".join("| " + " | ".join(line) + " |\n" for line in lines)
    publish("shortlist", rows, text)
    print(text)


if __name__ == "__main__":
    main()
