"""Dumps of several tables: what a platform claims is compared in all of them, whatever their headers."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.tracer.attribution.lenders import lenders
from tests.tracer.linkage.registered import tables_of, vault_of
from tracer.demo import LeakPlan, World, leak
from tracer.linkage.dump import Value
from tracer.linkage.union import united
from tracer.tracing import trace
from tracer.vault.vault import Vault

DAY = date(2025, 6, 19)
FIRST = {"name": "姓名", "phone": "手机号", "product": "产品", "limit": "额度"}
SECOND = {"phone": "mobile", "name": "cust", "limit": "quota", "product": "pname"}


@pytest.fixture(scope="module")
def world() -> World:
    return lenders(21)


@pytest.fixture(scope="module")
def vault(world: World, tmp_path_factory: pytest.TempPathFactory) -> Vault:
    return vault_of(tmp_path_factory.mktemp("union"), tables_of(world))


def archive(folder: Path, tables: Sequence[pl.DataFrame]) -> Path:
    """A file of each table, in one archive."""
    path = folder / "lists.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for place, table in enumerate(tables):
            packed.writestr(f"{place}.csv", table.write_csv())
    return path


def part(world: World, name: str, rows: int, headers: dict[str, str], seed: int, day: date = DAY) -> pl.DataFrame:
    """Some customers of one platform under these headers."""
    taken = leak(world, LeakPlan({name: rows}, day, tuple(headers), 0, seed))
    return taken.select(pl.col(field).alias(header) for field, header in headers.items())


@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("turned", [False, True])
def test_a_strangers_table_beside_a_sources_is_not_counted(
    *, world: World, vault: Vault, tmp_path: Path, parts: int, turned: bool
) -> None:
    """200 records of a lender and 1,500 of a stranger in a file of their own: 200 are the lender's.

    Until now the limits of one file alone were compared, and some 1,200 records were the lender's.
    """
    first, stranger = world.registered[0], world.hidden[0]
    tables = [part(world, first, 200, FIRST, 1), part(world, stranger, 1_500, SECOND, 2)]
    found = trace(archive(tmp_path, tables[::-1] if turned else tables), vault, parts=parts)
    assert [one.platform for one in found.established] == [first]
    assert found.established[0].rows == pytest.approx(200, abs=6)
    assert found.established[0].rows_high < 220


@pytest.mark.parametrize("parts", [1, 3])
def test_columns_that_agree_with_different_claims_stay_apart(
    world: World, vault: Vault, tmp_path: Path, parts: int
) -> None:
    """Limits in one file and user names in the other, or sums of two meanings under one header: all are found."""
    first, day = world.registered[0], world.plan.snapshots[1]
    limits, balances = ({"phone": "手机号", field: "金额"} for field in ("limit", "amount"))
    names = {"phone": "手机号", "account": "用户名"}
    for headers in (balances, names):
        tables = [part(world, first, 200, limits, 1, day), part(world, first, 200, headers, 2, day)]
        found = trace(archive(tmp_path, tables), vault, parts=parts)
        assert [one.platform for one in found.established] == [first]
        assert found.established[0].rows == pytest.approx(400, abs=4)


def test_a_united_column_has_the_values_of_all() -> None:
    """Each record keeps the digest and the day of the column of its own table."""

    def column(digest: list[int], day: list[int], place: int) -> Value:
        nothing = np.iinfo(np.int32).min
        days = np.array([one or nothing for one in day], np.int32)
        values = np.array(digest, np.uint64)
        return Value(f"c{place}", "date", "d", 0.5 + place, values, values > 0, days, places=(place,))

    first, second = column([5, 0, 0], [20_000, 0, 0], 0), column([0, 0, 7], [0, 0, 20_001], 1)
    alone, both = united([first, second, first], [(2,), (0, 1)])
    assert alone is first
    assert (both.name, both.variety, both.places) == ("c0", 1.5, (0, 1))
    assert both.digest.tolist() == [5, 0, 7]
    assert both.present.tolist() == [True, False, True]
    assert both.day is not None
    assert both.day[[0, 2]].tolist() == [20_000, 20_001]
