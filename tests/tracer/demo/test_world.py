from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.demo import HEADERS, Alike, World, WorldPlan, invent
from tracer.errors import UnknownName

FIRST, LAST = date(2025, 5, 1), date(2025, 10, 28)
PLAN = WorldPlan(seed=11, platforms=3, hidden=1, alike=(Alike(3, 1, 0.8),))


@pytest.fixture(scope="module")
def world() -> World:
    return invent(PLAN)


def shares(world: World, day: date = LAST) -> dict[tuple[str, str], float]:
    return {(one, other): share for one, other, share in world.overlap(day).iter_rows() if one != other}


def test_same_plan_same_world(world: World) -> None:
    """The same plan gives the same tables, another seed gives other people."""
    again, other = invent(PLAN), invent(WorldPlan(seed=12, platforms=3))
    name = world.registered[0]
    assert again.table(name, LAST).equals(world.table(name, LAST))
    assert not set(other.table(name, LAST)["身份证号"]) & set(world.table(name, LAST)["身份证号"])


def test_the_world_is_the_same_on_every_machine() -> None:
    """A customer of a fixed seed never changes, so figures of other days can be compared."""
    world = invent(WorldPlan(seed=1))
    assert world.table("huadai", LAST).row(0) == (
        *("李娟洁", "13143740385", "320102196704039107", "南京市"),
        *("小微贷", "71000", "69847.82", "u62db7a7226", "2022-09-19 18:30"),
    )


def test_tables_have_the_columns_of_a_loan_list(world: World) -> None:
    """Every cell of a table is text under the planned headers, and none is empty."""
    table = world.table("huadai", LAST)
    assert table.columns == list(HEADERS.values())
    assert set(table.dtypes) == {pl.String}
    assert sum(table.null_count().row(0)) == 0
    assert table.select((pl.all() == "").any()).row(0) == (False,) * table.width


def test_hidden_platforms_come_last(world: World) -> None:
    """Registered and hidden platforms are told apart, and a wrong name is refused."""
    assert world.registered == ("huadai", "shuitadai", "ciweidai")
    assert world.hidden == ("kedoudai",)
    with pytest.raises(UnknownName):
        world.table("nobody", LAST)


def test_customers_persist_and_keep_what_cannot_change(world: World) -> None:
    """A customer who stays keeps name, ID, city, product, limit, account and joining time for ever."""
    before, after = (world.table("huadai", day) for day in (FIRST, LAST))
    both = before.join(after, on="用户名", suffix="_after")
    assert 0.97 < both.height / before.height < 1.0
    for header in ("客户姓名", "身份证号", "城市", "贷款产品", "授信额度", "进件时间"):
        assert (both[header] == both[f"{header}_after"]).all()


def test_balances_change_each_month_within_the_limit(world: World) -> None:
    """A balance is positive, below its limit, the same next day for nearly all, another two months later for all."""
    fields = ("用户名", "授信额度", "在贷余额")
    today, tomorrow, later = (world.table("huadai", LAST + timedelta(days=days)).select(fields) for days in (0, 1, 62))
    amount, limit = today["在贷余额"].cast(pl.Float64), today["授信额度"].cast(pl.Float64)
    assert ((amount > 0) & (amount <= limit)).all()
    next_day = today.join(tomorrow, on="用户名", suffix="_next")
    assert 0.01 < (next_day["在贷余额"] != next_day["在贷余额_next"]).mean() < 0.06  # type: ignore[operator]
    next_month = today.join(later, on="用户名", suffix="_next")
    assert (next_month["在贷余额"] != next_month["在贷余额_next"]).mean() > 0.999  # type: ignore[operator]


def test_customers_join_before_the_day_and_more_and_more(world: World) -> None:
    """A table holds only who joined up to the day, ascending, and the last year brought more than the first."""
    joined = world.table("huadai", LAST)["进件时间"].str.to_datetime("%Y-%m-%d %H:%M")
    assert joined.is_sorted()
    assert joined.dt.date().max() == LAST or joined.dt.date().max() == LAST - timedelta(days=1)
    late, early = joined.dt.date() > date(2024, 10, 28), joined.dt.date() <= date(2023, 10, 28)
    assert late.to_numpy().sum() > 1.2 * early.to_numpy().sum()
    assert world.table("huadai", LAST + timedelta(days=90)).height > len(joined)


def test_as_many_join_as_planned() -> None:
    """Without churn a table holds exactly the planned customers at the last snapshot."""
    world = invent(WorldPlan(seed=3, platforms=2, customers=(700, 1_300), churn=0.0))
    assert [world.table(name, LAST).height for name in world.registered] == [700, 1_300]


def test_people_leave_at_the_rate_of_the_plan() -> None:
    """With a yearly churn of 0.5 a half-year loses about 1 - exp(-0.25) of the customers."""
    world = invent(WorldPlan(seed=4, platforms=1, customers=8_000, people=20_000, churn=0.5))
    before, after = (set(world.table("huadai", day)["用户名"]) for day in (FIRST, LAST))
    assert len(before - after) / len(before) == pytest.approx(1 - np.exp(-0.5 * 180 / 365.25), abs=0.02)


def test_numbers_change_at_the_rate_of_the_plan() -> None:
    """Some customers change their number, no two ever have the same, and platforms disagree about a few."""
    plan = WorldPlan(seed=5, platforms=2, customers=8_000, people=16_000, churn=0.0, phone_change_rate=0.2)
    world = invent(plan)
    before, after = (world.table("huadai", day) for day in (FIRST, LAST))
    both = before.join(after, on="用户名", suffix="_after")
    changed = np.mean(both["手机号码"].to_numpy() != both["手机号码_after"].to_numpy())
    assert 0.02 < changed < 0.2 * 180 / 365.25
    assert after["手机号码"].n_unique() == after.height
    shared = after.join(world.table("shuitadai", LAST), on="身份证号", suffix="_there")
    assert 0.02 < (shared["手机号码"] != shared["手机号码_there"]).mean() < 0.4  # type: ignore[operator]


def test_a_steady_world_has_no_changes_of_number() -> None:
    """At a rate of 0 nobody changes the number."""
    world = invent(WorldPlan(seed=5, platforms=1, churn=0.0, phone_change_rate=0.0))
    before, after = (world.table("huadai", day) for day in (FIRST, LAST))
    assert before["手机号码"].equals(after["手机号码"].head(before.height))


def test_independent_platforms_overlap_by_chance() -> None:
    """Independent platforms share customers / people of their customers."""
    world = invent(WorldPlan(seed=6, people=40_000, platforms=4, customers=5_000, churn=0.0))
    assert list(shares(world).values()) == pytest.approx([0.125] * 12, abs=0.02)


@pytest.mark.parametrize("overlap", [1.5, 3.0, 6.0])
def test_overlap_is_as_many_times_chance_as_planned(overlap: float) -> None:
    """An overlap of k makes platforms share about k times as many customers as independent ones."""
    world = invent(WorldPlan(seed=7, people=40_000, platforms=4, customers=5_000, churn=0.0, overlap=overlap))
    assert np.mean(list(shares(world).values())) == pytest.approx(0.125 * overlap, rel=0.07)


def test_a_look_alike_has_the_share_of_the_plan(world: World) -> None:
    """A hidden platform shares what was planned with its model, and no more than chance with others."""
    found = shares(invent(WorldPlan(seed=11, platforms=3, hidden=1, alike=(Alike(3, 1, 0.8),), churn=0.0)))
    assert found["kedoudai", "shuitadai"] == pytest.approx(0.8, abs=1e-9)
    assert found["kedoudai", "huadai"] == pytest.approx(0.125, abs=0.03)
    assert shares(world)["kedoudai", "shuitadai"] == pytest.approx(0.8, abs=0.05)


@pytest.mark.parametrize("correlation", [0.0, 0.5, 1.0])
def test_limits_of_one_person_correlate_as_planned(correlation: float) -> None:
    """The logarithms of a person's limits at two platforms have the planned correlation, but for the rounding."""
    world = invent(WorldPlan(seed=8, people=9_000, platforms=2, customers=6_000, correlation=correlation))
    logs = pl.col("授信额度").cast(pl.Float64).log().alias("log")
    one, other = (world.table(name, LAST).with_columns(logs) for name in world.registered)
    both = one.join(other, on="身份证号", suffix="_there")
    assert both.select(pl.corr("log", "log_there")).item() == pytest.approx(correlation, abs=0.06)


@pytest.mark.parametrize(
    "plan",
    [
        WorldPlan(seed=1, customers=(1, 2)),
        WorldPlan(seed=1, people=2_000),
        WorldPlan(seed=1, names=("one", "one")),
        WorldPlan(seed=1, snapshots=()),
        WorldPlan(seed=1, overlap=0.5),
        WorldPlan(seed=1, correlation=1.5),
        WorldPlan(seed=1, alike=(Alike(0, 1, 0.5),)),
        WorldPlan(seed=1, churn=-1.0),
    ],
)
def test_an_impossible_plan_is_refused(plan: WorldPlan) -> None:
    """A plan that cannot be is refused with a word why."""
    with pytest.raises(ValueError, match=r"\w"):
        invent(plan)


@settings(max_examples=20)
@given(
    seed=st.integers(0, 2**63),
    customers=st.integers(1, 400),
    hidden=st.integers(0, 2),
    growth=st.floats(0, 3),
    later=st.integers(-400, 400),
)
def test_every_world_holds_together(seed: int, customers: int, hidden: int, growth: float, later: int) -> None:
    """Whatever the plan, a table has one row for each of its customers, with an ID and a number of one's own."""
    plan = WorldPlan(seed=seed, people=3_000, platforms=2, customers=customers, hidden=hidden, growth=growth)
    world = invent(plan)
    for name in (*world.registered, *world.hidden):
        table = world.table(name, LAST + timedelta(days=later))
        assert (
            table["身份证号"].n_unique() == table["手机号码"].n_unique() == table["用户名"].n_unique() == table.height
        )
        assert world.platform(name).person.max() < plan.people
