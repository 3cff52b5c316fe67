"""Records in which nothing can be compared: whose they are is told by how many of their people are customers."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.tracer.linkage.registered import tables_of, vault_of
from tracer.demo import Alike, LeakPlan, World, WorldPlan, invent, leak
from tracer.findings import Findings
from tracer.tracing import trace
from tracer.vault.vault import Vault

DAY = date(2025, 6, 19)
NAMED, WHOLE = ("name", "phone"), ("name", "phone", "limit")


@pytest.fixture(scope="module")
def world() -> World:
    """Five lenders, and one that nobody registered with six in ten customers from the first one."""
    alike = (Alike(5, 0, 0.6),)
    sizes = (3_000, 2_000, 2_500, 2_000, 2_500, 2_500)
    return invent(
        WorldPlan(
            seed=23, people=9_000, platforms=5, customers=sizes, hidden=1, overlap=1.5, alike=alike, beyond=0
        )
    )  # fmt: skip


@pytest.fixture(scope="module")
def vault(world: World, tmp_path_factory: pytest.TempPathFactory) -> Vault:
    return vault_of(tmp_path_factory.mktemp("apart"), tables_of(world))


def taken(world: World, name: str, rows: int, columns: tuple[str, ...], seed: int) -> pl.DataFrame:
    return leak(world, LeakPlan({name: rows}, DAY, columns, 0, seed)).drop("truth", "person")


def traced(tables: list[pl.DataFrame], vault: Vault, folder: Path, parts: int) -> Findings:
    """What is found of tables put into one file, shuffled."""
    pl.concat(tables, how="diagonal").sample(fraction=1, shuffle=True, seed=4).write_csv(folder / "list.csv")
    return trace(folder / "list.csv", vault, parts=parts)


@pytest.mark.parametrize("parts", [1, 3])
def test_a_strangers_records_without_the_column_are_not_counted(
    world: World, vault: Vault, tmp_path: Path, parts: int
) -> None:
    """200 records with a limit are the lender's; of a stranger's 2,000 without one, 1,400 know its customers.

    Until now they counted as the lender's in proportion, or all of them.
    """
    first, stranger = world.registered[0], world.hidden[0]
    tables = [taken(world, first, 200, WHOLE, 1), taken(world, stranger, 2_000, NAMED, 2)]
    found = traced(tables, vault, tmp_path, parts).established
    assert [one.platform for one in found] == [first]
    assert found[0].rows == pytest.approx(200, abs=4)
    # Nothing says that the lender cannot have put some there.
    assert found[0].rows_high > 600


@pytest.mark.parametrize("parts", [1, 3])
def test_an_own_table_without_the_column_is_counted(world: World, vault: Vault, tmp_path: Path, parts: int) -> None:
    """A lender's 300 records with limits and 900 others without: nearly all the people are its customers."""
    first = world.registered[0]
    found = traced(
        [taken(world, first, 300, WHOLE, 1), taken(world, first, 900, NAMED, 2)], vault, tmp_path, parts
    ).established
    assert [one.platform for one in found] == [first]
    assert found[0].rows == pytest.approx(1_200, rel=0.02)


@pytest.mark.parametrize("parts", [1, 3])
def test_cells_left_empty_at_random_are_shared_out(world: World, vault: Vault, tmp_path: Path, parts: int) -> None:
    """Where every third limit is missing, of a lender's records as of a stranger's, the lender's are counted whole."""
    first, stranger = world.registered[0], world.hidden[0]
    tables = [taken(world, first, 800, WHOLE, 1), taken(world, stranger, 800, WHOLE, 2)]
    gaps = np.random.default_rng(9).random(800) < 1 / 3
    tables = [one.with_columns(pl.when(pl.Series(~gaps)).then("limit").alias("limit")) for one in tables]
    found = traced(tables, vault, tmp_path, parts).established
    assert [one.platform for one in found] == [first]
    assert found[0].rows == pytest.approx(800, rel=0.06)
    assert found[0].rows_low <= 800 <= found[0].rows_high


@pytest.mark.parametrize("parts", [1, 3])
def test_a_table_of_two_named_lenders_is_shared_out_between_them(
    world: World, vault: Vault, tmp_path: Path, parts: int
) -> None:
    """Nearly all people of a table without limits are customers of one or the other: no stranger is needed for it.

    Until now up to half of such records counted as a stranger's with one lender's customers.
    """
    first, second = world.registered[:2]
    whole = [taken(world, first, 300, WHOLE, 1), taken(world, second, 300, WHOLE, 2)]
    bare = [taken(world, first, 700, NAMED, 3), taken(world, second, 300, NAMED, 4)]
    found = {one.platform: one for one in traced([*whole, *bare], vault, tmp_path, parts).established}
    assert set(found) == {first, second}
    assert found[first].rows == pytest.approx(1_000, rel=0.04)
    assert found[second].rows == pytest.approx(600, rel=0.05)


def test_a_column_that_somebody_else_wrote_is_nothing_to_compare(world: World, vault: Vault, tmp_path: Path) -> None:
    """A stranger's user names disagree in all its records: these are no edited records of the lender's."""
    first, stranger = world.registered[0], world.hidden[0]
    tables = [taken(world, first, 200, WHOLE, 1), taken(world, stranger, 800, ("phone", "account"), 2)]
    found = traced(tables, vault, tmp_path, 1).established
    assert [one.platform for one in found] == [first]
    assert found[0].rows == pytest.approx(200, abs=4)
