from __future__ import annotations

from datetime import date
from typing import cast

import numpy as np
import pytest

from tests.tracer.linkage.registered import tables_of, vault_of
from tracer.attribution.agreement import Agreement
from tracer.attribution.attribution import _unsure
from tracer.attribution.newcomers import won_per_day
from tracer.demo import LeakPlan, World, WorldPlan, invent, leak
from tracer.demo.damage import damage
from tracer.demo.styles import Style, styled
from tracer.linkage import testimony
from tracer.linkage.exact import Links
from tracer.tracing import trace
from tracer.vault.manifest import Platform
from tracer.vault.vault import Vault

FIRST, SECOND = "huadai", "shuitadai"
DAYS = (date(2025, 4, 11), date(2025, 6, 19), date(2025, 9, 3))


@pytest.fixture(scope="module")
def world() -> World:
    return invent(WorldPlan(seed=71, people=7_000, platforms=2, customers=2_000, beyond=0))


@pytest.fixture(scope="module")
def vault(world: World, tmp_path_factory: pytest.TempPathFactory) -> Vault:
    return vault_of(tmp_path_factory.mktemp("intervals"), tables_of(world))


def held(world: World, vault: Vault, wrong: float, columns: tuple[str, ...]) -> float:
    """Share of 24 leaks of two platforms whose 95 % intervals hold the true rows."""
    kept = []
    for seed in range(12):
        plan = LeakPlan({FIRST: 400, SECOND: 250}, DAYS[seed % 3], columns, junk=40, seed=seed)
        rows = styled(damage(leak(world, plan), wrong, seed), Style())
        for source in trace(rows, vault).found:
            true = plan.sources[source.platform]
            kept.append(int(source.rows_low) <= true <= -int(-source.rows_high // 1))
    return sum(kept) / len(kept)


def test_intervals_of_whole_records_hold_the_rows(world: World, vault: Vault) -> None:
    """Where every record keeps its identifiers, at least nine in ten 95 % intervals hold the true rows."""
    assert held(world, vault, 0.0, ("name", "phone", "national_id", "product", "limit", "joined")) >= 0.9


def test_what_few_comparisons_leave_open() -> None:
    """How unsure the number of strangers is that agree by chance is as if all comparisons were made again."""
    rng = np.random.default_rng(3)
    rows, kinds = np.arange(500, dtype=np.uint32), np.ones(500, np.uint16)
    links = Links(cast("Platform", None), rows, rows, kinds)
    share, many = np.repeat([1.0, 0.0], 250), np.repeat([1.0, 200.0], 250)
    counted, stated = [], []
    for _ in range(400):
        giver = rng.integers(0, 500, 4_000)
        dealt = (rng.random((4_000, 1)) < 0.01).astype(np.int8)
        told = testimony.Testimony(links, np.arange(500), (), np.zeros((500, 1), np.int8), dealt, giver, many, many)
        foreign = share[giver] == 0
        counted.append(250 * 200 * dealt[foreign].mean())
        stated.append(_unsure(told, Agreement((0,)), share))
    assert np.mean(stated) == pytest.approx(np.std(counted), rel=0.15)


def test_intervals_of_damaged_records_hold_the_rows(world: World, vault: Vault) -> None:
    """Where one number in twenty has a typing error, at least nine in ten 95 % intervals hold the true rows."""
    assert held(world, vault, 0.1, ("phone", "product", "limit")) >= 0.9


@pytest.mark.parametrize("begins", [0, -700, -60, -20])
def test_newcomers_are_bounded_by_those_won_last(begins: int) -> None:
    """Of whole and recent customers, the newcomers of a day are below their limit in 95 of 100 leaks, and near it."""
    rng, held, limits, true = np.random.default_rng(5 - begins), 0, [], 1.5
    for _ in range(400):
        days = -begins or 1_000
        joined = rng.integers(-days, 0, rng.poisson(true * days), endpoint=True).astype(np.int32)
        limit = won_per_day(joined, 0, 0.95)
        held += true <= limit
        limits.append(limit)
    assert held / 400 >= 0.95
    assert np.median(limits) <= 2 * true


def test_few_customers_bound_no_newcomers() -> None:
    """Nine customers, or customers of whom none joined before the snapshot, say nothing of those who came after it."""
    assert won_per_day(np.arange(-9, 0, dtype=np.int32), 0, 0.95) == np.inf
    assert won_per_day(np.arange(1, 90, dtype=np.int32), 0, 0.95) == np.inf


def test_a_leak_after_the_newest_snapshot_may_hold_as_many_newcomers_as_came_before(world: World, vault: Vault) -> None:
    """Among many unclaimed records the interval reaches as far as customers came, and no longer over all of them."""
    newest = DAYS[-1]
    plan = LeakPlan({FIRST: 400}, newest, ("name", "phone", "product", "limit"), junk=2_000, seed=4)
    (source,) = [one for one in trace(leak(world, plan), vault).established if one.platform == FIRST]
    joined = vault.joined(vault.platform(FIRST))
    assert joined is not None
    days = (date.today() - newest).days  # noqa: DTZ011 - the day on which this very test seals its dump
    won_a_day = vault.platform(FIRST).joins_per_day or 0.0
    assert source.rows_high < 400 + 2 * days * won_a_day * 400 / 2_000
