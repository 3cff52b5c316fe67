from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
import pytest
from scipy import stats

from tests.tracer.linkage.registered import named, stolen, tables_of, vault_of
from tracer.attribution.dating import NO_WINDOW, Joiners, Window, window
from tracer.attribution.verdict import Source
from tracer.demo import LeakPlan, Style, World, WorldPlan, invent, leak
from tracer.demo.styles import styled
from tracer.tracing import trace
from tracer.vault.vault import Vault

SNAPSHOTS: Final = (date(2025, 5, 1), date(2025, 7, 30), date(2025, 10, 28))
SEEDS: Final = 60
FIRST, SECOND = "huadai", "shuitadai"


@pytest.fixture(scope="module")
def world() -> World:
    return invent(WorldPlan(seed=51, people=9_000, platforms=2, customers=(2_600, 1_400), beyond=80))


@pytest.fixture(scope="module")
def vault(world: World, tmp_path_factory: pytest.TempPathFactory) -> Vault:
    return vault_of(tmp_path_factory.mktemp("dating"), tables_of(world))


def holds(when: Window, day: date) -> bool:
    return (when.after is None or when.after <= day) and (when.before is None or day <= when.before)


def often_enough(held: int, told: int) -> bool:
    """Whether so many of the windows told hold their day as 95 % intervals must, at a chance of one in a thousand."""
    return bool(held >= stats.binom.ppf(1e-3, told, 0.95))


def found(frame: pl.DataFrame, vault: Vault) -> Source:
    findings = trace(frame, vault)
    return next(one for one in findings.found if one.platform == FIRST)


def test_windows_hold_the_true_day(world: World, vault: Vault) -> None:
    """Of 60 leaks from before the first to after the last snapshot, at least 90 % have their day in the window."""
    held, closed, widths = 0, 0, []
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        day = date(2025, 3, 1) + timedelta(days=int(rng.integers(0, 300)))
        columns = ("phone", "product", "limit") if seed % 2 else ("name", "phone", "limit", "amount")
        when = found(stolen(world, LeakPlan({FIRST: 300}, day, columns, junk=20, seed=seed)), vault).window
        held += holds(when, day)
        if when.after is not None and when.before is not None:
            closed += 1
            widths.append((when.before - when.after).days)
    assert held >= 0.9 * SEEDS
    assert closed >= 0.5 * SEEDS
    assert np.median(widths) <= 31


def test_a_daily_lot_has_a_narrow_window(world: World, vault: Vault) -> None:
    """Where only customers of the last days were cut out, the window is two weeks wide at most and holds the day."""
    held, narrow, lots = 0, 0, 16
    for seed in range(lots):
        day = date(2025, 6, 1) + timedelta(days=8 * seed)
        recent = pl.col("joined") >= (day - timedelta(days=6)).isoformat()
        plan = LeakPlan(
            {FIRST: 10}, day, ("name", "phone", "national_id", "limit", "amount", "joined"), seed=seed, select=recent
        )
        source = found(stolen(world, plan), vault)
        when = source.window
        held += holds(when, day)
        narrow += when.after is not None and when.before is not None and (when.before - when.after).days <= 14
    assert often_enough(held, lots)
    assert narrow >= 0.75 * lots


def test_phone_changes_alone_bracket_the_day(tmp_path: Path) -> None:
    """Without joining days, values or newcomers, which numbers were still old says between which snapshots it left."""
    world = invent(
        WorldPlan(seed=52, people=6_000, platforms=1, customers=2_000, churn=0.0, phone_change_rate=0.4, beyond=0)
    )
    vault = vault_of(tmp_path, tables_of(world, without=("joined", "amount")))
    old_hands = pl.col("joined") < SNAPSHOTS[0].isoformat()
    days = [first + timedelta(days=33 + 8 * place) for first in SNAPSHOTS[:2] for place in range(4)]
    held = bracketed = 0
    for seed, day in enumerate(days):
        plan = LeakPlan({FIRST: 1_000}, day, ("name", "national_id", "phone", "limit"), seed=seed, select=old_hands)
        when = found(stolen(world, plan), vault).window
        held += holds(when, day)
        earlier = max(one for one in SNAPSHOTS if one <= day)
        later = min(one for one in SNAPSHOTS if one >= day)
        inside = when.after is not None and when.before is not None and earlier <= when.after and when.before <= later
        bracketed += inside
    assert often_enough(held, len(days))
    assert bracketed >= 0.7 * len(days)


def test_a_leak_after_the_newest_snapshot_has_no_end(world: World, vault: Vault) -> None:
    """Nothing is known of the time after the newest snapshot, so a later leak's window stays open."""
    for seed in range(6):
        day = SNAPSHOTS[-1] + timedelta(days=5 + 12 * seed)
        frame = stolen(world, LeakPlan({FIRST: 300}, day, ("phone", "product", "limit"), seed=seed))
        source = found(frame, vault)
        assert source.window.before is None
        assert holds(source.window, day)
        assert named(trace(frame, vault)) == {FIRST}


def test_days_in_the_records_close_the_window_of_a_late_leak(world: World, vault: Vault) -> None:
    """Where records say when customers joined, leaks after the newest snapshot get a window of days and their rows."""
    held, widths, errors = 0, [], []
    for seed in range(12):
        day = SNAPSHOTS[-1] + timedelta(days=4 + 6 * seed)
        plan = LeakPlan({FIRST: 900}, day, ("phone", "product", "limit", "joined"), junk=80, seed=seed)
        source = found(stolen(world, plan), vault)
        held += holds(source.window, day)
        assert source.window.after is not None
        assert source.window.before is not None
        widths.append((source.window.before - source.window.after).days)
        errors.append(abs(source.rows - 900) / 900)
    assert often_enough(held, 12)
    assert np.median(widths) <= 7
    assert np.median(errors) < 0.01


def test_made_up_days_do_not_pass_for_newcomers(world: World, vault: Vault) -> None:
    """Made-up records with days of any year neither move the window nor count as the platform's."""
    rng = np.random.default_rng(5)
    for seed in range(4):
        day = date(2025, 9, 1) + timedelta(days=10 * seed)
        plan = LeakPlan({FIRST: 600}, day, ("phone", "product", "limit", "joined"), junk=150, seed=seed)
        rows = leak(world, plan)
        anyday = [
            (date(2023, 1, 1) + timedelta(days=int(one))).isoformat() for one in rng.integers(0, 1_090, rows.height)
        ]
        made_up = pl.col("truth") == ""
        rows = rows.with_columns(joined=pl.when(made_up).then(pl.Series(anyday)).otherwise("joined"))
        source = found(styled(rows, Style()), vault)
        assert holds(source.window, day)
        assert source.window.before is not None
        assert source.window.before < SNAPSHOTS[-1]
        assert source.rows == pytest.approx(600, rel=0.02)


def test_a_dump_merged_from_two_days_is_two_lots(world: World, vault: Vault) -> None:
    """Leaks of May and September in one file are told apart, each with its day; a leak of one day is never cut."""
    columns = ("phone", "product", "limit", "amount")
    days = (date(2025, 5, 10), date(2025, 9, 20))
    held = told = 0
    for seed in range(8):
        parts = [stolen(world, LeakPlan({FIRST: 300}, day, columns, junk=20, seed=seed)) for day in days]
        lots = found(pl.concat(parts), vault).lots
        told += len(lots)
        held += sum(holds(lot.window, day) for lot, day in zip(lots, days, strict=False))
        assert all(0 < lot.records <= 300 for lot in lots)
    assert told >= 14
    assert often_enough(held, told)
    for seed in range(12):
        day = date(2025, 4, 20) + timedelta(days=17 * seed)
        old_hands = pl.col("joined") < SNAPSHOTS[0].isoformat() if seed % 2 else None
        plan = LeakPlan({FIRST: 400}, day, columns, junk=20, seed=seed, select=old_hands)
        assert found(stolen(world, plan), vault).lots == ()


def test_nothing_known_gives_no_window() -> None:
    """Without joining days and versions there is no window."""
    assert window(None, [], SNAPSHOTS[-1], 0.95) == NO_WINDOW
    nobody = Joiners(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))
    assert window(nobody, [], SNAPSHOTS[-1], 0.95) == NO_WINDOW
