"""The day on which a customer joined names the platform where a dump has lost the hour."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.tracer.linkage.registered import named, stolen, tables_of, vault_of
from tracer.demo import HEADERS, Alike, LeakPlan, World, WorldPlan, invent
from tracer.tracing import trace
from tracer.vault.vault import Vault

DAY = date(2025, 8, 1)
PHONE, JOINED = HEADERS["phone"], HEADERS["joined"]


@pytest.fixture(scope="module")
def world() -> World:
    """Five lenders, and one that nobody registered with most of the first one's customers."""
    customers = (4_000, 3_000, 3_500, 3_000, 3_500, 4_000)
    return invent(
        WorldPlan(seed=0, people=14_000, platforms=5, customers=customers, hidden=1, alike=(Alike(5, 0, 0.8),))
    )


@pytest.fixture(scope="module")
def vault(world: World, tmp_path_factory: pytest.TempPathFactory) -> Vault:
    return vault_of(tmp_path_factory.mktemp("joining"), tables_of(world))


@pytest.mark.parametrize("written", ["%Y-%m-%d", "%Y年%-m月%-d日", "%Y%m%d"])
@pytest.mark.parametrize("rows", [40, 600])
def test_days_without_hours_name_the_source(world: World, vault: Vault, written: str, rows: int) -> None:
    """Phone numbers and days of joining, however these are written, establish their platform with all its rows.

    Until now a customer who had joined at midnight sufficed to make all others contradict it.
    """
    first = world.registered[0]
    frame = stolen(world, LeakPlan({first: rows}, DAY, ("phone", "joined"), seed=rows))
    frame = frame.with_columns(pl.col(frame.columns[1]).str.slice(0, 10).str.to_date().dt.strftime(written))
    source = trace(frame, vault).found[0]
    assert (source.platform, source.verdict.value) == (first, "established")
    assert source.rows == pytest.approx(rows, rel=0.02)
    said = next(one for one in source.evidence if one.kind == "values")
    assert JOINED in said.statement


COUNTED = {
    "seconds": pl.col("moment").dt.replace_time_zone("Asia/Shanghai").dt.epoch("s").cast(pl.String),
    "milliseconds": pl.col("moment").dt.replace_time_zone("Asia/Shanghai").dt.epoch("ms").cast(pl.String),
    "a spreadsheet's days": ((pl.col("moment") - pl.datetime(1899, 12, 30)).dt.total_minutes() / 1_440).cast(pl.String),
}


@pytest.mark.parametrize("counted", COUNTED)
def test_counted_moments_name_the_source_to_the_minute(world: World, vault: Vault, counted: str) -> None:
    """Moments that a program or a spreadsheet counted agree with those that the platform wrote out."""
    first = world.registered[0]
    frame = stolen(world, LeakPlan({first: 100}, DAY, ("phone", "joined"), seed=9))
    phone, joined = frame.columns
    moment = pl.col(joined).str.to_datetime("%Y-%m-%d %H:%M").alias("moment")
    found = trace(frame.select(phone, moment).select(phone, COUNTED[counted].alias(joined)), vault)
    assert (found.found[0].platform, found.found[0].verdict.value) == (first, "established")
    assert found.dump.columns[1].role == "datetime"
    assert found.rows["agrees"].str.contains(JOINED).sum() >= 99
    assert found.attribution.standings[0].testimony.pairings[0].claim.role == "datetime"


def test_moments_are_compared_to_the_minute_beside_another_source(world: World, vault: Vault) -> None:
    """A few records with their minutes, among many of another platform's, name their platform by these minutes."""
    first, second = world.registered[:2]
    for seed in range(5):
        plan = LeakPlan({first: 60, second: 1_500}, DAY, ("phone", "joined"), junk=60, seed=seed)
        found = trace(stolen(world, plan), vault)
        assert named(found) == {first, second}
        assert {one.claim.role for one in found.attribution.standings[0].testimony.pairings} == {"datetime"}


def test_a_stranger_to_whom_half_came_on_the_same_day_is_not_taken_for_the_platform(world: World, vault: Vault) -> None:
    """Half of a stranger's customers joined both on one day: nobody is named."""
    first, stranger = world.registered[0], world.hidden[0]
    there = world.table(first, DAY).select(PHONE, theirs=pl.col(JOINED).str.slice(0, 10))
    mine = world.table(stranger, DAY).select(PHONE, JOINED).join(there, on=PHONE, how="left")
    for seed in range(5):
        same = pl.Series(np.random.default_rng(seed).random(mine.height) < 0.5)
        day = pl.when(same).then(pl.col("theirs")).otherwise(None).fill_null(pl.col(JOINED).str.slice(0, 10))
        dump = mine.select(PHONE, 日期=day).sample(200 + 300 * seed, seed=seed)
        assert named(trace(dump, vault)) == set()


def test_days_where_the_platform_knows_hours_do_not_contradict_it(world: World, tmp_path: Path) -> None:
    """Days of what was registered to the minute say nothing against a platform whose limits agree."""
    first = world.registered[0]
    other = pl.col(JOINED).str.to_datetime("%Y-%m-%d %H:%M").dt.offset_by("3d").dt.strftime("%Y-%m-%d %H:%M")
    tables = {
        name: {day: one.select(PHONE, HEADERS["limit"], 放款时间=other) for day, one in snapshots.items()}
        for name, snapshots in tables_of(world).items()
    }
    vault = vault_of(tmp_path, tables)
    dump = tables[first][min(tables[first])].sample(500, seed=1).with_columns(pl.col("放款时间").str.slice(0, 10))
    source = trace(dump, vault).found[0]
    assert (source.platform, source.verdict.value) == (first, "established")
    assert source.rows == pytest.approx(500, rel=0.02)
