"""The invented world that the benchmarks run on: 20 platforms of half a million customers, and one mixed dump.

Written to a folder once and kept; asked for again with the same plan, it is there already.

    python benchmarks/world_scale.py [FOLDER]
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

from tracer.demo import Alike, LeakPlan, Style, World, WorldPlan, invent, leak, truth, write

WORK = Path(__file__).parent / "work"
DAY = date(2025, 10, 28)
PLAN = WorldPlan(
    seed=20,
    people=4_000_000,
    platforms=20,
    customers=500_000,
    snapshots=(DAY,),
    # Nobody left and numbers are as they were: what a join on phones gets wrong here is its own doing.
    churn=0.0,
    phone_change_rate=0.0,
    alike=(Alike(platform=7, other=3, share=0.3),),
    names=tuple(f"S{number:02}" for number in range(20)),
)
LEAK = LeakPlan(
    {"S03": 189_000, "S11": 81_000}, DAY, columns=("phone", "name", "product", "amount"), junk=30_000, seed=20
)
STYLE = Style("csv", header=1, phone="mixed", seed=20)


def prepare(folder: Path = WORK) -> Path:
    """Write the world below `folder` unless it is there; give its own folder.

    It holds `platforms/S00/2025-10-28.csv` …, `dump.csv` and, written last, `truth.json`.
    """
    home = folder / "scale"
    wanted = repr((PLAN, LEAK, STYLE))
    told = home / "truth.json"
    if told.exists() and json.loads(told.read_text(encoding="utf-8")).get("plan") == wanted:
        return home
    told.unlink(missing_ok=True)
    begun = perf_counter()
    world = invent(PLAN)
    for name in world.registered:
        table = home / "platforms" / name / f"{DAY}.csv"
        table.parent.mkdir(parents=True, exist_ok=True)
        world.table(name, DAY).write_csv(table)
    rows = leak(world, LEAK)
    write(rows, home / "dump.csv", STYLE)
    facts = {"plan": wanted, "day": str(DAY), **truth(world, rows), "overlap": _overlap(world)}
    told.write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")
    print(f"invented {home} in {perf_counter() - begun:.0f} s", file=sys.stderr)
    return home


def _overlap(world: World) -> dict[str, dict[str, float]]:
    shares: dict[str, Any] = {}
    for one, other, share in world.overlap(DAY).iter_rows():
        shares.setdefault(one, {})[other] = round(share, 4)
    return shares


if __name__ == "__main__":
    print(prepare(Path(sys.argv[1]) if len(sys.argv) > 1 else WORK))
