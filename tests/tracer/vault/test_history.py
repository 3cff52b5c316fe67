from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tracer.vault.history import RUN_SCHEMA, fold, no_runs

START = date(2025, 1, 1)
TODAY = st.integers(0, 8).map(lambda days: START + timedelta(days))
FACT = st.tuples(st.integers(0, 3), st.integers(0, 2))
Fact = tuple[int, int]
Said = tuple[date, frozenset[Fact] | None]
"""A day and what its snapshot held in the column; None where it had no such column."""
SAID: st.SearchStrategy[list[Said]] = st.lists(
    st.tuples(TODAY, st.one_of(st.none(), st.frozensets(FACT, max_size=8))), max_size=7
)


def facts(held: frozenset[Fact]) -> pl.DataFrame:
    return pl.DataFrame(list(held), schema={"person": pl.UInt32, "token": pl.UInt64}, orient="row")


def folded(told: Sequence[Said]) -> pl.DataFrame:
    """The history of a column after snapshots in the order given."""
    runs, days = no_runs(), list[date]()
    for day, held in told:
        if held is not None:
            runs = fold(runs, facts(held), day, sorted(set(days)))
            days.append(day)
    return runs


def as_set(runs: pl.DataFrame) -> set[tuple[object, ...]]:
    return set(runs.iter_rows())


def expanded(runs: pl.DataFrame, days: Sequence[date]) -> dict[date, set[Fact]]:
    """What the runs say of each day on which there was a snapshot with the column."""
    return {
        day: {(person, token) for person, token, since, until in runs.iter_rows() if since <= day <= until}
        for day in days
    }


@given(told=SAID, data=st.data())
def test_the_order_of_snapshots_does_not_matter(told: list[Said], data: st.DataObject) -> None:
    """Folded in any order, snapshots give the runs that the order of their days gives."""
    shuffled = data.draw(st.permutations(told))
    assert as_set(folded(shuffled)) == as_set(folded(sorted(told, key=lambda one: one[0])))


@given(told=SAID)
def test_folding_loses_nothing(told: list[Said]) -> None:
    """Runs say of every day exactly what its snapshots said; two files of one day are their union."""
    said: dict[date, set[Fact]] = {}
    for day, held in told:
        if held is not None:
            said.setdefault(day, set()).update(held)
    assert expanded(folded(told), list(said)) == said


@given(told=SAID)
def test_runs_of_one_fact_neither_overlap_nor_touch(told: list[Said]) -> None:
    """Between two runs of one fact lies a snapshot that had the column and not the fact; so no history is shorter."""
    days = sorted({day for day, held in told if held is not None})
    spans: dict[Fact, list[tuple[date, date]]] = {}
    for person, token, since, until in folded(told).iter_rows():
        spans.setdefault((person, token), []).append((since, until))
    for runs in spans.values():
        assert all(since <= until and {since, until} <= set(days) for since, until in runs)
        assert all(any(earlier[1] < day < later[0] for day in days) for earlier, later in pairwise(sorted(runs)))


@given(told=SAID)
def test_the_columns_keep_their_types(told: list[Said]) -> None:
    """A history has the columns of the schema, whatever was folded."""
    assert dict(folded(told).schema) == RUN_SCHEMA


def test_an_unchanged_fact_is_one_run() -> None:
    """A hundred snapshots that say the same are one run a fact."""
    held = frozenset((person, person % 3) for person in range(50))
    runs = folded([(START + timedelta(day), held) for day in range(100)])
    assert as_set(runs) == {(*fact, START, START + timedelta(99)) for fact in held}


def test_the_history_grows_with_what_changed() -> None:
    """Of 200 people 3 change at each of 20 snapshots: the history has one run a person and one a change."""
    value = [0] * 200
    told: list[Said] = []
    for step in range(20):
        for person in range(3 * step, 3 * step + 3):
            value[person] = step
        told.append((START + timedelta(step), frozenset(enumerate(value))))
    assert folded(told).height == 200 + 3 * 19


def test_a_snapshot_without_the_column_ends_nothing() -> None:
    """A day whose table lacked the column neither cuts a run nor makes one."""
    held = frozenset({(0, 1)})
    told: list[Said] = [(START, held), (START + timedelta(1), None), (START + timedelta(2), held)]
    assert as_set(folded(told)) == {(0, 1, START, START + timedelta(2))}


def test_a_value_that_comes_back_has_two_runs() -> None:
    """A value that was gone on a day in between is not said to have held then, even if that day comes last."""
    held, nothing = frozenset({(0, 1)}), frozenset[Fact]()
    told: list[Said] = [(START, held), (START + timedelta(2), held), (START + timedelta(1), nothing)]
    assert as_set(folded(told)) == {(0, 1, START, START), (0, 1, START + timedelta(2), START + timedelta(2))}
