"""How much of a dump is one platform's customers says nothing without how much platforms have in common anyway."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.tracer.linkage.registered import stolen, tables_of, vault_of
from tracer.attribution.coverage import InCommon, in_common
from tracer.demo import LeakPlan, World, WorldPlan, invent
from tracer.tracing import trace
from tracer.vault.index import RATE
from tracer.vault.vault import Vault

DAY = date(2025, 10, 28)
PEOPLE = 20_000


def sampled(people: NDArray[np.int64]) -> dict[str, NDArray[np.uint64]]:
    """A platform's sample: one token a person, spread evenly below the bound."""
    step = np.uint64(int(2**64 * RATE) // PEOPLE)
    return {"phone": np.sort(people).astype(np.uint64) * step}


def test_what_platforms_have_in_common_is_counted_exactly() -> None:
    """Of a daughter all customers are her mother's, of the mother a quarter, of a stranger none."""
    mother, daughter, stranger = np.arange(4_000), np.arange(1_000), np.arange(10_000, 12_000)
    own_names = {"account": np.arange(99, dtype=np.uint64)}
    told = in_common([sampled(mother), sampled(daughter), sampled(stranger), own_names])
    assert told is not None
    assert told.shares == (0.0, 0.25, 1.0)
    assert in_common([sampled(mother), sampled(np.arange(9))]) is None
    assert in_common([]) is None


def test_many_platforms_are_looked_at_in_a_smaller_sample() -> None:
    """Of a hundred platforms with 400,000 sampled customers in all, shares are right within a few percent."""
    rng = np.random.default_rng(1)
    crowd = [sampled(rng.choice(PEOPLE, 4_000, replace=False)) for _ in range(100)]
    told = in_common(crowd)
    assert told is not None
    assert len(told.shares) == 100
    assert 0.2 <= told.shares[0] <= told.shares[-1] <= 0.28


def test_a_stranger_like_the_others_reaches_a_share_no_more_often_than_said() -> None:
    """Over 20,000 invented sets of 19 platforms and one stranger who is like them, a chance of t comes in t of them."""
    rng = np.random.default_rng(2)
    shares = rng.beta(2, 5, (20_000, 20))
    chances = np.array([InCommon(tuple(np.sort(row[:-1]))).chance(row[-1]) for row in shares])
    for level in (0.05, 0.1, 0.25, 0.5):
        assert (chances <= level).mean() == pytest.approx(level, abs=0.01)


@pytest.fixture(scope="module")
def world() -> World:
    plan = WorldPlan(seed=11, people=PEOPLE, platforms=4, customers=4_000, snapshots=(DAY,), churn=0.0)
    return invent(plan)


@pytest.fixture(scope="module")
def vault(world: World, tmp_path_factory: pytest.TempPathFactory) -> Vault:
    return vault_of(tmp_path_factory.mktemp("coverage"), tables_of(world))


def test_it_is_told_of_whom_only_customers_speak_for(world: World, vault: Vault, tmp_path: Path) -> None:
    """A list of phone numbers says how much of it is the platform's customers, in one piece and in parts; no bound."""
    source = world.registered[0]
    stolen(world, LeakPlan({source: 800}, DAY, columns=("phone", "name"), seed=3)).write_csv(tmp_path / "dump.csv")
    for parts in (1, 3):
        found = {one.platform: one for one in trace(tmp_path / "dump.csv", vault, parts=parts, scratch=tmp_path).found}
        (said,) = [one for one in found[source].evidence if one.kind == "coverage"]
        assert said.value == pytest.approx(1 / 5)
        assert said.statement.startswith("100.0% of the records are about customers of")
        assert "no two have as much in common" in said.statement
        assert said.statement_zh.startswith("100.0%的记录涉及")
        assert found[source].verdict == "consistent"
        assert found[source].false_accusation == 1.0


def test_it_is_not_told_of_whom_values_name(world: World, vault: Vault) -> None:
    """Where values name a platform, what its customers have in common with others' adds nothing."""
    plan = LeakPlan({world.registered[0]: 800}, DAY, columns=("phone", "product", "limit"), seed=3)
    (source,) = trace(stolen(world, plan), vault).established
    assert "coverage" not in {one.kind for one in source.evidence}
