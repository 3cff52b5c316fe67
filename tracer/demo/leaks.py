"""What was stolen: rows of invented platforms' tables on one day, mixed, padded with rows that come from nowhere.

Padding is what a seller makes up: people in no platform's table, with names, IDs, numbers and loans of the right form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from tracer.demo.chance import Index, generator
from tracer.demo.people import IDENTITIES
from tracer.demo.platforms import Platform
from tracer.demo.world import World, describe

TRUTH: Final = "truth"
"""Column of a leak: the platform a row comes from, empty for padding. Never written to a dump."""
PERSON: Final = "person"
"""Column of a leak: the number of the person a row is about, -1 for padding. Never written to a dump."""


@dataclass(frozen=True, slots=True)
class LeakPlan:
    """What shall be in a dump."""

    sources: Mapping[str, int]
    """Platform, registered or hidden → how many of its rows."""
    day: date
    """When they were taken: the tables are those of the end of this day."""
    columns: tuple[str, ...] = ("name", "phone", "product", "limit")
    """Fields, in order (see `HEADERS`)."""
    junk: int = 0
    """How many rows of padding."""
    seed: int = 0
    """Of the choice of rows; the world has its own."""
    select: pl.Expr | None = field(default=None, compare=False)
    """Which rows the thief cared for, over all fields as Utf8; null is no. None: the whole table."""


def leak(world: World, plan: LeakPlan) -> pl.DataFrame:
    """Steal the rows of a plan.

    Returns:
        Utf8 columns `plan.columns` in clear text, `truth` (Utf8) and `person` (Int64); rows in random order.

    Raises:
        UnknownName: a source is no platform of this world.
        ValueError: a source's table has fewer rows than it is to lose.
    """
    rng = generator(plan.seed, "leak", *plan.sources, plan.day.isoformat())
    parts = [_stolen(world, plan, name, count, rng) for name, count in plan.sources.items() if count]
    parts += _padding(world, plan, rng)
    if not parts:
        schema = {**dict.fromkeys(plan.columns, pl.String), TRUTH: pl.String, PERSON: pl.Int64}
        return pl.DataFrame(schema=schema)
    rows = pl.concat(parts)
    return rows[rng.permutation(rows.height)]


def truth(world: World, rows: pl.DataFrame) -> dict[str, object]:
    """What a leak is made of: `rows`, `junk`, and rows by platform in `sources` and `unregistered`."""
    counts: dict[str, int] = dict(rows[TRUTH].value_counts(sort=True, name="rows").iter_rows())
    return {
        "rows": rows.height,
        "junk": counts.get("", 0),
        "sources": {name: count for name, count in counts.items() if name in world.registered},
        "unregistered": {name: count for name, count in counts.items() if name in world.hidden},
    }


def _stolen(world: World, plan: LeakPlan, name: str, count: int, rng: np.random.Generator) -> pl.DataFrame:
    place = world.present(name, plan.day)
    if plan.select is not None:
        wanted = world.records(name, place, plan.day).select(plan.select.fill_null(value=False)).to_series()
        place = place[wanted.to_numpy()]
    if count > len(place):
        raise ValueError(f"{name} holds {len(place)} such rows on {plan.day}, fewer than {count}")
    taken = place[rng.choice(len(place), count, replace=False)]
    person = world.platform(name).person[taken]
    return _marked(world.records(name, taken, plan.day, plan.columns), name, person)


def _padding(world: World, plan: LeakPlan, rng: np.random.Generator) -> list[pl.DataFrame]:
    """Made-up rows that imitate each source's, as many as its share; of all platforms where there is no source."""
    sizes = {name: count for name, count in plan.sources.items() if count} or dict.fromkeys(world.registered, 1)
    shares = np.array([*sizes.values()], dtype=np.float64)
    counts = rng.multinomial(plan.junk, shares / shares.sum())
    return [
        _imitation(world, plan, world.platform(name), rng, int(count))
        for name, count in zip(sizes, counts, strict=True)
        if count
    ]


def _imitation(world: World, plan: LeakPlan, model: Platform, rng: np.random.Generator, count: int) -> pl.DataFrame:
    # Above everybody's first and second number, so that nothing a seller makes up is a person's of this world.
    stranger: Index = rng.integers(2 * world.plan.people, IDENTITIES - world.plan.people, count)
    joined = rng.choice(model.joined[world.present(model.name, plan.day)], count)
    everyone = np.arange(count, dtype=np.int64)
    made_up = replace(model, person=stranger, joined=joined)
    return _marked(describe(world.plan, made_up, everyone, plan.day, plan.columns), "", np.full(count, -1))


def _marked(rows: pl.DataFrame, origin: str, person: Index) -> pl.DataFrame:
    return rows.with_columns(pl.lit(origin).alias(TRUTH), pl.Series(PERSON, person, dtype=pl.Int64))
