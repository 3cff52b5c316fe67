from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tracer.comparison.alignment import Kind
from tracer.comparison.claims import Agreement
from tracer.comparison.claims import testify as heard
from tracer.comparison.forms import Field


def field(name: str, dump: list[str], table: list[str], *, volatile: bool = False) -> Field:
    cells = (pl.Series("value", dump), pl.Series("value", table))
    return Field(name, name, Kind.NUMBER, claim=True, volatile=volatile, masked=False, dump=cells[0], table=cells[1])


def told(
    dump: np.ndarray[tuple[int], np.dtype[np.int64]], table: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> Agreement:
    """The agreement of records and rows about the same people, in that order."""
    same = np.arange(dump.size)
    return heard([field("额度", dump.astype(str).tolist(), table.astype(str).tolist())], same, same, same, 1)


def test_ten_rows_suffice() -> None:
    """Ten records with the table's own limits bound a false accusation at one in ten thousand."""
    limit = np.random.default_rng(1).integers(10, 400, 10) * 500
    found = told(limit, limit)
    assert (found.agreed, found.compared) == (10, 10)
    assert found.bound <= 1e-4
    assert (found.own > 0.9).all()


@pytest.mark.parametrize("seed", range(5))
def test_a_stranger_with_the_same_customers(seed: int) -> None:
    """Limits of another platform about the same people bound nothing, and the records are not this table's."""
    rng = np.random.default_rng(seed)
    found = told(rng.integers(10, 400, 300) * 500, rng.integers(10, 400, 300) * 500)
    assert found.bound > 0.1
    assert found.own.mean() < 0.05


def test_a_mixture_is_taken_apart() -> None:
    """Where 200 of 500 records are this table's and the rest another's about its people, about 200 are counted."""
    rng = np.random.default_rng(3)
    table, other = rng.integers(10, 400, 500) * 500, rng.integers(10, 400, 500) * 500
    found = told(np.where(np.arange(500) < 200, table, other), table)
    assert found.bound <= 1e-4
    assert found.own.sum() == pytest.approx(200, abs=10)


def test_the_row_that_agrees_is_chosen() -> None:
    """Of a customer's several loans the record is linked to the one it tells of."""
    person = np.array([0, 0, 0, 1])
    found = heard(
        [field("额度", ["3000", "500"], ["1000", "2000", "3000", "500"])], np.arange(2), np.arange(2), person, 1
    )
    assert found.row.tolist() == [2, 3]
    assert found.outcome.tolist() == [[1], [1]]


def test_a_balance_that_has_moved_says_nothing() -> None:
    """Records whose balance differs are still this table's if nothing else speaks against it."""
    rng = np.random.default_rng(5)
    cells = [rng.integers(10, 10_000, 200).astype(str).tolist() for _ in range(2)]
    same = np.arange(200)
    found = heard([field("余额", cells[0], cells[1], volatile=True)], same, same, same, 1)
    assert found.own.mean() > 0.8


def test_nothing_to_compare() -> None:
    """Without claims there is no bound and no reason to doubt a link."""
    same = np.arange(3)
    found = heard([], same, same, same, 1)
    assert (found.bound, found.core, found.own.tolist()) == (1.0, (), [1, 1, 1])
