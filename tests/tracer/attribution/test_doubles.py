from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tests.tracer.linkage.registered import stolen, tables_of, vault_of, verdicts
from tracer.demo import HEADERS, LeakPlan, World, WorldPlan, invent
from tracer.findings import Findings
from tracer.tracing import trace
from tracer.vault.vault import Vault

DAY = date(2025, 10, 28)
LOAN = ("phone", "name", "product", "limit", "amount")
AGGREGATOR, COPY, NAMESAKE = "zhongjie", "zigongsi", "tongmen"


@pytest.fixture(scope="module")
def world() -> World:
    """Four lenders, each with one person in seven."""
    plan = WorldPlan(
        seed=7, people=20_000, platforms=4, customers=3_000, snapshots=(DAY,), churn=0.0, phone_change_rate=0.0
    )
    return invent(plan)


@pytest.fixture(scope="module")
def vault(world: World, tmp_path_factory: pytest.TempPathFactory) -> Vault:
    """The four; one with the tables of the first two; one with nearly all the third's; one with the fourth's people."""
    tables = tables_of(world)
    first, second, third, fourth = (tables[name][DAY] for name in world.registered)
    both = pl.concat([first, second]).unique(HEADERS["national_id"], keep="first", maintain_order=True)
    limits = fourth.get_column(HEADERS["limit"])
    strangers = fourth.with_columns(
        pl.Series(HEADERS["limit"], limits.sample(fraction=1.0, shuffle=True, seed=1)),
        pl.Series(HEADERS["amount"], fourth.get_column(HEADERS["amount"]).sample(fraction=1.0, shuffle=True, seed=2)),
    )
    more = {AGGREGATOR: both, COPY: third.sample(fraction=0.98, seed=1), NAMESAKE: strangers}
    folder = tmp_path_factory.mktemp("doubles")
    return vault_of(folder, tables | {name: {DAY: table} for name, table in more.items()})


def traced(world: World, vault: Vault, source: str, *fields: str) -> Findings:
    return trace(stolen(world, LeakPlan({source: 800}, DAY, columns=fields or LOAN, seed=3)), vault)


def test_nobody_is_named_or_excluded_whose_table_another_holds(world: World, vault: Vault) -> None:
    """Of a platform and the aggregator that holds its table neither is named and neither excluded: they are a group."""
    first = world.registered[0]
    found = traced(world, vault, first)
    said = verdicts(found)
    assert said[first] == said[AGGREGATOR] == "consistent"
    assert found.indistinguishable == (tuple(sorted((first, AGGREGATOR))),)
    for source in found.found:
        if source.platform in {first, AGGREGATOR}:
            assert source.rows_high >= 800
            assert {first, AGGREGATOR} - {source.platform} <= set(source.rivals)
            assert {"shared", "separation"} <= {one.kind for one in source.evidence}
    assert all(said[name] == "excluded" for name in said if name not in {first, AGGREGATOR})


def test_doubles_are_seen_in_parts(world: World, vault: Vault, tmp_path: Path) -> None:
    """A dump in parts has the same verdicts, groups, rivals and shared records as in one piece."""
    for source in world.registered[:3]:
        stolen(world, LeakPlan({source: 800}, DAY, columns=LOAN, seed=3)).write_csv(tmp_path / "dump.csv")
        whole = trace(tmp_path / "dump.csv", vault)
        parted = trace(tmp_path / "dump.csv", vault, parts=3, scratch=tmp_path)
        assert verdicts(parted) == verdicts(whole)
        assert parted.indistinguishable == whole.indistinguishable
        rivals = {one.platform: one.rivals for one in whole.found}
        assert {one.platform: one.rivals for one in parted.found} == rivals
        for one, other in zip(parted.attribution.standings, whole.attribution.standings, strict=True):
            told = [(each.other.name, each.columns, each.of) for each in other.sharings]
            assert [(each.other.name, each.columns, each.of) for each in one.sharings] == told


def test_an_aggregator_may_have_been_its_sources(world: World, vault: Vault) -> None:
    """Of an aggregator's own leak those whose tables it holds may have supplied their parts, and are not excluded."""
    first, second = world.registered[:2]
    tables = tables_of(world)
    both = pl.concat([tables[first][DAY], tables[second][DAY]]).unique(HEADERS["national_id"], keep="first")
    dump = both.sample(800, seed=5).select(HEADERS[field] for field in LOAN)
    said = {source.platform: source for source in trace(dump, vault).found}
    assert said[AGGREGATOR].verdict == "consistent"
    assert {first, second} <= set(said[AGGREGATOR].rivals)
    for name in (first, second):
        assert said[name].verdict == "indeterminate"
        assert 200 < said[name].rows_high < 800


def test_a_daughter_with_nearly_all_of_it(world: World, vault: Vault) -> None:
    """Two platforms that hold nearly the same are a group whichever of them leaked."""
    third = world.registered[2]
    said = verdicts(found := traced(world, vault, third))
    assert said[third] == said[COPY] == "consistent"
    assert found.indistinguishable == (tuple(sorted((third, COPY))),)


def test_the_same_people_with_other_values_are_no_double(world: World, vault: Vault) -> None:
    """Who has the same customers with other limits is no double, and the source is named."""
    found = traced(world, vault, world.registered[3])
    said = {source.platform: source for source in found.found}
    assert said[world.registered[3]].verdict == "established"
    assert said[NAMESAKE].verdict in {"excluded", "indeterminate"}
    assert found.indistinguishable == ()


def test_people_alone_tell_no_two_with_the_same_people_apart(world: World, vault: Vault) -> None:
    """Where a dump holds no values, nobody who knows all of its people is excluded."""
    fourth = world.registered[3]
    said = verdicts(found := traced(world, vault, fourth, "phone", "name"))
    assert said[fourth] == said[NAMESAKE] == "consistent"
    assert found.indistinguishable == (tuple(sorted((fourth, NAMESAKE))),)


@pytest.mark.parametrize("seed", range(6))
def test_lenders_with_many_customers_in_common_are_no_doubles(seed: int, tmp_path: Path) -> None:
    """Lenders who share two customers in three, whose limits go together and whose borrowers keep their tastes."""
    plan = WorldPlan(
        seed=seed, people=3_000, platforms=4, customers=2_000, snapshots=(DAY,), churn=0.0, phone_change_rate=0.0,
        correlation=0.9, taste=0.5,
    )  # fmt: skip
    world = invent(plan)
    vault = vault_of(tmp_path, tables_of(world))
    for fields in (LOAN, ("phone", "name", "product")):
        found = traced(world, vault, world.registered[0], *fields)
        assert found.attribution is not None
        assert not [one for standing in found.attribution.standings for one in standing.sharings]
        assert found.indistinguishable == ()


def test_few_records_and_platforms_that_know_nobody(world: World, tmp_path: Path) -> None:
    """A dump of five people is traced beside a platform that knows none of them."""
    tables = tables_of(world)
    first, second = world.registered[:2]
    theirs = tables[first][DAY].get_column(HEADERS["phone"])
    apart = tables[second][DAY].filter(~pl.col(HEADERS["phone"]).is_in(theirs.implode())).head(50)
    vault = vault_of(tmp_path, {first: tables[first], second: {DAY: apart}})
    found = trace(tables[first][DAY].head(5).select(HEADERS[field] for field in LOAN), vault)
    assert verdicts(found)[second] == "excluded"
