"""Whoever registers a table may say what a column is whose header says nothing, and the vault remembers it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.tracer.attribution.lenders import lenders
from tests.tracer.linkage.registered import tables_of
from tracer.demo import HEADERS, LeakPlan, World, leak
from tracer.registration import register
from tracer.tracing import trace
from tracer.vault.vault import Vault

DAY = date(2025, 6, 19)


@pytest.fixture(scope="module")
def world() -> World:
    return lenders(3)


def named(world: World, folder: Path, header: str, *, stated: bool) -> list[str]:
    """Whom 400 records of the first lender establish if it alone registers its limits, under this header.

    That they are limits is stated of its first snapshot, if at all.
    """
    vault, first = Vault.create(folder / "vault"), world.registered[0]
    for name, tables in tables_of(world, without=("account", "product", "amount", "joined")).items():
        for day, whole in tables.items():
            table = whole.rename({HEADERS["limit"]: header}) if name == first else whole.drop(HEADERS["limit"])
            told = {header: "limit"} if stated and name == first and day == world.plan.snapshots[0] else None
            vault, _ = register(vault, table, name, day, roles=told)
    records = leak(world, LeakPlan({first: 400}, DAY, ("phone", "limit"), 0, 1)).drop("truth", "person")
    found = trace(records, Vault.open(folder / "vault")).established
    return [one.platform for one in found]


@pytest.mark.parametrize(("header", "stated", "counts"), [
    ("F17", False, False), ("F17", True, True), ("信用卡额度", True, False),
])  # fmt: skip
def test_what_a_column_is_may_be_stated(
    world: World, tmp_path: Path, header: str, *, stated: bool, counts: bool
) -> None:
    """A limit of which the header does not say so counts once somebody does; one of a person's own card never."""
    assert named(world, tmp_path, header, stated=stated) == ([world.registered[0]] if counts else [])
