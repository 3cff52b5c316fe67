"""Dumps whose truth is known: what the calibration invents, and what may rightly be said of each.

Every world has registered platforms that share 13 to 30 % of their customers, a registered pair that shares more, and
two platforms nobody registered, each with 50 to 80 % of its customers in common with a registered one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from tracer.demo import Alike, LeakPlan, Style, World, WorldPlan, leak

CORRELATIONS: Final = (0.0, 0.3, 0.6, 0.9)
"""Of one person's limits at two platforms."""
SIZES: Final = (10, 30, 100, 300, 1_000, 2_000, 5_000)
"""Rows that leave a platform."""
DAYS: Final = {
    "before the snapshots": date(2025, 3, 16),
    "between snapshots": date(2025, 6, 19),
    "on a snapshot's day": date(2025, 7, 30),
    "near the newest": date(2025, 10, 9),
    "after the snapshots": date(2026, 1, 11),
}

LOAN: Final = ("name", "phone", "product", "limit")
RICH: Final = ("name", "phone", "national_id", "city", "product", "limit", "amount", "account", "joined")
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "loan": LOAN,
    "loan with balance": (*LOAN, "amount"),
    "rich": RICH,
    "limit only": ("phone", "limit"),
    "product only": ("phone", "product"),
    "balance only": ("phone", "amount"),
    "identifiers": ("name", "phone", "national_id"),
    "phones": ("phone",),
    "masked": (*LOAN, "amount"),
    "repeated": LOAN,
}
"""What a dump holds, and in which columns."""
VALUES: Final = frozenset({"product", "limit", "amount", "account", "joined"})
"""Fields that only the platform itself can know of its customer."""

_CUSTOMERS: Final = (5_000, 3_000, 4_500, 2_500, 4_000)
_HIDDEN: Final = (5_400, 3_300)
_REPEATS: Final = 5


@dataclass(frozen=True, slots=True)
class Trial:
    """One dump to invent."""

    content: str
    """A key of `COLUMNS`."""
    sources: dict[str, int]
    """Registered platforms → rows."""
    strangers: dict[str, int]
    """Platforms nobody registered → rows."""
    junk: int
    when: str
    """A key of `DAYS`."""
    style: Style
    written: bool
    """Whether it is traced as a file; else as a frame."""
    seed: int = field(default=0)

    @property
    def kind(self) -> str:
        """What it is made of."""
        if self.sources:
            return "mixture" if self.strangers else "registered"
        return "unregistered" if self.strangers else "invented"

    @property
    def tells(self) -> bool:
        """Whether it holds a column that only a platform can know."""
        return bool(VALUES & set(COLUMNS[self.content]))

    @property
    def day(self) -> date:
        """When the records left."""
        return DAYS[self.when]


def world_plan(number: int) -> WorldPlan:
    """World `number`, from 0: every fourth has the same correlation of limits, every other one uneven borrowers."""
    rng = np.random.default_rng([number, 41])
    share = [float(one) for one in rng.uniform(0.5, 0.8, 3).round(2)]
    return WorldPlan(
        seed=9_000 + number,
        people=18_000,
        platforms=len(_CUSTOMERS),
        customers=(*_CUSTOMERS, *_HIDDEN),
        hidden=len(_HIDDEN),
        overlap=1.0 if number // 4 % 2 == 0 else 1.3,
        alike=(Alike(4, 2, share[0]), Alike(5, 0, share[1]), Alike(6, 1, share[2])),
        correlation=CORRELATIONS[number % len(CORRELATIONS)],
    )


def trials(world: World, number: int, nulls: int, positives: int) -> Iterator[Trial]:
    """The dumps of one world: `nulls` without a registered source, then `positives` with at least one.

    Every third positive has unregistered records of a look-alike among it: those must not be blamed on its neighbour.
    """
    rng = np.random.default_rng([number, 42])
    contents, days = list(COLUMNS), list(DAYS)
    for place in range(nulls + positives):
        # The stride visits all pairs of content and size before one comes again.
        content = contents[(place + 3 * number) % len(contents)]
        size = SIZES[(place + number) % len(SIZES)]
        sources, strangers = _origins(world, rng, size, null=place < nulls, mixed=place % 3 == 0)
        if place == nulls // 2:
            strangers = {}
        yield Trial(
            content,
            sources,
            strangers,
            junk=int(size * rng.uniform(0.0, 0.12)) if sources or strangers else size,
            when=days[int(rng.integers(len(days)))],
            style=_style(rng, content),
            written=place % 6 == 5,
            seed=int(rng.integers(2**31)),
        )


def _origins(
    world: World, rng: np.random.Generator, size: int, *, null: bool, mixed: bool
) -> tuple[dict[str, int], dict[str, int]]:
    hidden = list(world.hidden)
    if null:
        # The greater part from one that nobody registered, sometimes with some of the other.
        first = hidden[int(rng.integers(2))]
        return {}, _fitting(world, {first: size, **({hidden[0]: size, hidden[1]: size // 3} if mixed else {})})
    count = 1 if size < 300 else int(rng.choice([1, 1, 2, 3]))
    names = [str(name) for name in rng.choice(world.registered, count, replace=False)]
    shares = rng.dirichlet(np.full(count, 4.0)) if count > 1 else np.ones(1)
    sources = {name: max(1, int(size * share)) for name, share in zip(names, shares, strict=True)}
    strangers = {hidden[int(rng.integers(2))]: max(1, int(size * rng.uniform(0.3, 1.5)))} if mixed else {}
    return _fitting(world, sources), _fitting(world, strangers)


def _fitting(world: World, sources: dict[str, int]) -> dict[str, int]:
    """No more rows than a platform has customers on the earliest day."""
    return {name: min(rows, len(world.present(name, min(DAYS.values())))) for name, rows in sources.items()}


def _style(rng: np.random.Generator, content: str) -> Style:
    shape, phone = rng.choice(["csv", "txt", "jsonl", "sql"]), rng.choice(["plain", "mixed", "dashes"])
    return Style(
        shape=shape,
        phone=phone,
        header=int(rng.integers(4)),
        mask_phone=content == "masked",
        shuffle=bool(rng.integers(2)),
        damage=float(rng.choice([0.0, 0.03])),
        seed=int(rng.integers(2**31)),
    )


def invented(world: World, trial: Trial) -> pl.DataFrame:
    """The records of a trial with their truth, see `tracer.demo.leak`."""
    plan = LeakPlan({**trial.sources, **trial.strangers}, trial.day, COLUMNS[trial.content], trial.junk, trial.seed)
    rows = leak(world, plan)
    if trial.content != "repeated":
        return rows
    return pl.concat([rows] * _REPEATS).sample(fraction=1.0, shuffle=True, seed=trial.seed)
