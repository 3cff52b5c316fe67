"""The guided run: an invented leak is traced, and the findings stand beside the truth."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import polars as pl

from tracer.demo.casework import Casework, Finished
from tracer.demo.leaks import PERSON, TRUTH, LeakPlan, leak, truth
from tracer.demo.market import bill, group
from tracer.demo.plan import Alike, WorldPlan
from tracer.demo.styles import Style
from tracer.demo.world import World, invent
from tracer.demo.writing import write
from tracer.findings import Findings
from tracer.registration import register
from tracer.vault.vault import Vault

PLAN: Final = WorldPlan(
    seed=7, people=60_000, platforms=5, customers=8_000, hidden=1, overlap=1.6, alike=(Alike(5, 0, 0.6),)
)
"""Five platforms that registered and one that did not, which has most of its customers in common with the first."""
_RESOLD: Final = 1_200


@dataclass(frozen=True, slots=True)
class Scene:
    """One seized dump of the demonstration."""

    file: str
    story: str
    plan: LeakPlan
    style: Style
    cut_from: str = ""
    """The dump that it was made from, where it was not stolen itself."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found in one dump, and what is true."""

    scene: Scene
    findings: Findings
    true_sources: dict[str, int]

    @property
    def right(self) -> bool:
        """Whether exactly the true registered sources are established, with the true day inside each window."""
        named = {source.platform for source in self.findings.established}
        windows = [source.window for source in self.findings.established]
        day = self.scene.plan.day
        timely = all(
            (one.after is None or one.after <= day) and (one.before is None or day <= one.before) for one in windows
        )
        return named == set(self.true_sources) and timely

    def row_error(self, source: str) -> float:
        """Relative error of the rows found of one true source."""
        found = next(one.rows for one in self.findings.found if one.platform == source)
        return abs(found - self.true_sources[source]) / self.true_sources[source]


def scenes(world: World) -> tuple[Scene, ...]:
    """The dumps of the demonstration."""
    first, second, third = world.registered[:3]
    stranger = world.hidden[0]
    loan = ("name", "phone", "product", "limit")
    return (
        Scene(
            "first-hand.csv",
            f"“First-hand loan data, yesterday's lot.” {first} leaked 2,500 rows; "
            "the seller padded them with 300 invented ones.",
            LeakPlan({first: 2_500}, date(2025, 9, 12), (*loan, "amount"), junk=300, seed=1),
            Style(phone="mixed"),
        ),
        Scene(
            "resold-mixture.txt",
            f"A reseller mixed {second} (1,800 rows) and {third} (900) with 1,500 of a platform nobody registered.",
            LeakPlan({second: 1_800, third: 900, stranger: 1_500}, date(2025, 8, 20), loan, junk=200, seed=2),
            Style(shape="txt", encoding="gb18030", phone="spaces"),
        ),
        Scene(
            "second-hand.csv",
            "The first list again, resold: 1,200 of its rows, without the amounts, as the buyer's own.",
            LeakPlan({first: 0}, date(2025, 9, 12), loan, seed=4),
            Style(separator="|", shuffle=True, seed=4),
            cut_from="first-hand.csv",
        ),
        Scene(
            "stranger.sql",
            f"The trap: everything is from the unregistered platform, and 60 % of its customers are {first}'s as well.",
            LeakPlan({stranger: 3_000}, date(2025, 9, 1), loan, junk=100, seed=3),
            Style(shape="sql", phone="dashes"),
        ),
    )


@dataclass(frozen=True, slots=True)
class Performance:
    """What a demonstration leaves behind."""

    outcomes: tuple[Outcome, ...]
    finished: Finished


def perform(folder: Path, tell: Callable[[str], None] = print) -> Performance:
    """Invent the world in `folder`, register its platforms, and work a case over its dumps to the end.

    `folder` gets `platforms/NAME/DATE.csv`, `dumps/`, `group.txt` (a chat), `bill.csv` (calls), `truth.json` (which
    the trace never reads), `vault` and `vault.key`, `case/`, and what is handed over: `report.pdf`, `report.en.pdf`,
    `chain.html`, `case.luobo` and its checkpoint.
    """
    world = invent(PLAN)
    tell(f"inventing {len(world.registered)} platforms, {PLAN.people:,} people")
    vault = Vault.create(folder / "vault")
    for name in world.registered:
        for day in PLAN.snapshots:
            path = folder / "platforms" / name / f"{day}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            world.table(name, day).write_csv(path)
            vault, _ = register(vault, path, name, day)
        tell(f"registered {name}: {vault.platform(name).people:,} customers, {len(PLAN.snapshots)} snapshots")
    told: dict[str, dict[str, Any]] = {}
    leaks: dict[str, pl.DataFrame] = {}
    (folder / "dumps").mkdir(exist_ok=True)
    for scene in scenes(world):
        leaks[scene.file] = rows = _stolen(world, scene, leaks)
        write(rows, folder / "dumps" / scene.file, scene.style)
        told[scene.file] = truth(world, rows) | {"day": scene.plan.day.isoformat()}
    (folder / "truth.json").write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    chat, calls = folder / "group.txt", folder / "bill.csv"
    chat.write_text(group(leaks), encoding="utf-8")
    calls.write_text(bill(leaks["second-hand.csv"]), encoding="utf-8")
    tell("sealing what was seized")
    work = Casework.opened(folder, [folder / "dumps" / file for file in leaks], chat, calls)
    findings = work.traced(vault, tell)
    outcomes = tuple(Outcome(one, findings[one.file], told[one.file]["sources"]) for one in scenes(world))
    return Performance(outcomes, work.finished(tell))


def _stolen(world: World, scene: Scene, leaks: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    if not scene.cut_from:
        return leak(world, scene.plan)
    whole = leaks[scene.cut_from]
    return whole.select(*scene.plan.columns, TRUTH, PERSON).sample(_RESOLD, seed=scene.plan.seed, shuffle=True)
