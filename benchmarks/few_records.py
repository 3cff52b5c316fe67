"""From how few records is a platform named? Leaks of 6 to 30 records, each traced, beside strangers' lists as small.

    python benchmarks/few_records.py [--jobs N] [--worlds N]

In worlds of four regimes of the accuracy programme, for each set of columns and each number of records: two leaks of
registered platforms and one of an unregistered one.
Writes `few_records.json` and `few_records.md` to `benchmarks/results/`.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Final

# One thread each, as in `accuracy.py`.
os.environ.setdefault("POLARS_MAX_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from accuracy import registered
from measure import publish
from regimes import COLUMNS, REGIMES

from tracer.demo import LeakPlan, World, invent, leak
from tracer.demo.chance import generator
from tracer.demo.styles import Style, styled
from tracer.tracing import trace
from tracer.vault.vault import Vault

SOME: Final = ("damage", "look-alikes", "fields", "overlap")
RECORDS: Final = (6, 8, 10, 12, 15, 20, 30)
HELD: Final[dict[str, tuple[str, ...]]] = {
    **{name: COLUMNS[name] for name in ("loan", "loan with balance", "loan with date", "rich", "limit only")},
    "account only": ("phone", "account"),
    "product only": COLUMNS["product only"],
}


@dataclass(frozen=True)
class Leak:
    """One traced list."""

    content: str
    records: int
    registered: bool
    named: bool
    """Whether its platform was established."""
    innocents: int
    """Other platforms that were."""


def traced(
    case: tuple[World, Vault], content: str, records: int, rng: np.random.Generator, *, known: bool
) -> Leak | None:
    """A leak of one platform, on any day between the snapshots; None where it does not hold these columns."""
    world, vault = case
    name = str(rng.choice(world.registered if known else world.hidden))
    first, last = world.plan.snapshots[0], world.plan.snapshots[-1]
    day = first + timedelta(days=int(rng.integers(1, (last - first).days)))
    seed = int(rng.integers(2**31))
    if not all(world.platform(name).holds(column) for column in HELD[content]):
        return None
    rows = leak(world, LeakPlan({name: records}, day, HELD[content], 0, seed))
    named = {one.platform for one in trace(styled(rows, Style()), vault).established}
    return Leak(content, records, known, name in named, len(named - {name}))


def of_world(regime_name: str, number: int) -> list[Leak]:
    """All leaks of one world."""
    regime = next(one for one in REGIMES if one.name == regime_name)
    world, rng = invent(regime.plan(number, generator(regime_name, number))), generator("few", regime_name, number)
    with tempfile.TemporaryDirectory() as folder:
        case = world, registered(world, Path(folder))
        told = [
            traced(case, content, records, rng, known=known)
            for content, records, known in product(HELD, RECORDS, (True, True, False))
        ]
    return [one for one in told if one is not None]


def page(leaks: list[Leak]) -> str:
    """The shares as a table."""
    own, foreign = ([one for one in leaks if one.registered == known] for known in (True, False))
    innocents = sum(one.innocents for one in own), sum(one.innocents for one in foreign)
    lines = [
        "# From how few records a platform is named",
        "",
        f"The share of {len(own):,} leaks of registered platforms that establish the platform. Innocents that were:",
        f"{innocents[0]} there, and {innocents[1]} in {len(foreign):,} lists of unregistered platforms as small.",
        "",
        "| columns | " + " | ".join(f"{records} records" for records in RECORDS) + " |",
        "| --- |" + " ---: |" * len(RECORDS),
    ]
    for content, columns in HELD.items():
        named = [[one.named for one in own if (one.content, one.records) == (content, n)] for n in RECORDS]
        lines.append(
            f"| {content} ({', '.join(columns)}) | " + " | ".join(f"{np.mean(one):.0%}" for one in named) + " |"
        )
    return "\n".join([*lines, ""])


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--worlds", type=int, default=4, help="of each regime")
    options = parser.parse_args()
    worlds = list(product(SOME, range(options.worlds)))
    with ProcessPoolExecutor(options.jobs) as pool:
        leaks = [one for told in pool.map(of_world, *zip(*worlds, strict=True)) for one in told]
    publish("few_records", [asdict(one) for one in leaks], page(leaks))
    print(page(leaks))


if __name__ == "__main__":
    main()
