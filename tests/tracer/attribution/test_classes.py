from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import cast

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from tests.tracer.linkage.registered import tables_of, vault_of
from tracer.attribution.attribution import _agreeing
from tracer.attribution.classes import Classes, classify
from tracer.attribution.standing import Verdict
from tracer.demo import LeakPlan, World, WorldPlan, invent, leak
from tracer.demo.damage import damage
from tracer.demo.styles import Style, styled
from tracer.linkage import testimony
from tracer.linkage.dump import Value
from tracer.linkage.exact import Links
from tracer.tracing import trace
from tracer.vault.manifest import Platform
from tracer.vault.snapshot import Claim

Outcome = NDArray[np.int8]


def told(agree: Outcome, dealt: Outcome) -> testimony.Testimony:
    """A testimony of (links, columns) outcomes and (comparisons, columns) deranged ones."""
    rows = np.arange(len(agree), dtype=np.uint32)
    links = Links(cast("Platform", None), rows, rows, np.ones(rows.size, np.uint16))
    pairings = tuple(
        testimony.Pairing(
            cast("Value", object()),
            Claim(str(column), "product"),
            trusted=True,
            volatile=False,
            agreed=int((agree[:, column] == 1).sum()),
            by_chance=float((dealt[:, column] == 1).mean()),
            familiar=True,
            pairs_tried=1,
        )
        for column in range(agree.shape[1])
    )
    giver = np.arange(len(dealt)) % len(agree)
    return testimony.Testimony(links, np.arange(len(agree)), pairings, agree, dealt, giver)


def chance_of(classes: Classes, digit: tuple[int, ...]) -> float:
    return float(classes.elsewhere()[(classes.digit == np.array(digit)).all(axis=1)][0])


def test_a_few_comparisons_make_nothing_impossible() -> None:
    """Where all of a few deranged records agree, a record that differs is rare elsewhere, and no more than that."""
    classes = classify(told(np.array([[1], [1], [0]], np.int8), np.ones((6, 1), np.int8)), (0,))
    assert (classes.elsewhere() > 0).all()
    assert np.isfinite(classes.kept(np.array([0.99])) / classes.elsewhere()).all()


def test_a_column_that_no_deranged_record_lacks_says_nothing_where_it_is_missing() -> None:
    """Where a record lacks a column, its class is as rare by chance as the columns that it has."""
    rng = np.random.default_rng(1)
    dealt = (rng.random((20_000, 3)) < np.array([0.1, 0.02, 0.3])).astype(np.int8)
    agree = np.array([[1, 1, -1], [1, 1, 1], [0, 0, 0], [1, 0, -1]], np.int8)
    classes = classify(told(agree, dealt), (0, 1, 2))
    assert chance_of(classes, (1, 1, -1)) == pytest.approx(0.002, rel=0.5)
    assert chance_of(classes, (1, 0, -1)) == pytest.approx(0.098, rel=0.1)


def test_records_that_agree_by_chance_are_known_by_those_that_do_not() -> None:
    """Where one in five agrees by chance, forty that differ mean ten that chance made agree; no value means nothing."""
    agree = np.full((1_000, 1), -1, np.int8)
    agree[:50] = 1
    dealt = np.zeros((5_000, 1), np.int8)
    dealt[:1_000] = 1
    assert _agreeing(told(agree, dealt), 0) == pytest.approx(50)
    agree[50:90] = 0
    assert _agreeing(told(agree, dealt), 0) == pytest.approx(40)
    assert _agreeing(told(agree, dealt), 1.96) == pytest.approx(40 - 1.96 * 12.5**0.5)


def rows_of(world: World, folder: Path, rows: pl.DataFrame) -> dict[str, float]:
    """Established platform → rows of it."""
    found = trace(rows, vault_of(folder, tables_of(world))).found
    return {one.platform: one.rows for one in found if one.verdict is Verdict.ESTABLISHED}


@pytest.mark.parametrize("place", range(3))
def test_a_value_that_has_changed_in_every_record_hides_no_source(place: int, tmp_path: Path) -> None:
    """Balances from before the first snapshot contradict every record; the source is established with all its rows."""
    days = date(2025, 6, 1), date(2025, 10, 1)
    world = invent(WorldPlan(85, 6_000, 3, customers=2_500, snapshots=days, overlap=1.6, correlation=0.6))
    name, columns = world.registered[place], ("name", "phone", "product", "limit", "amount")
    leaked = leak(world, LeakPlan({name: 500}, date(2025, 5, 2), columns, junk=30, seed=1))
    assert rows_of(world, tmp_path, styled(damage(leaked, 0.03, 1), Style())) == {name: pytest.approx(500, rel=0.02)}


def test_records_known_by_their_user_names_alone_are_counted(tmp_path: Path) -> None:
    """Masked records that their user names alone link are their sources', also beside many of a stranger's."""
    world = invent(WorldPlan(87, 6_000, 2, customers=3_000, hidden=1, beyond=0))
    first, second, stranger = *world.registered, *world.hidden
    columns = ("name", "phone", "product", "limit", "account", "joined")
    plan = LeakPlan({first: 100, second: 60, stranger: 1_500}, date(2025, 6, 19), columns, junk=40, seed=0)
    rows = styled(damage(leak(world, plan), 0.25, 0), Style(mask_phone=True, damage=0.25, seed=0))
    expected = {first: pytest.approx(100, rel=0.05), second: pytest.approx(60, rel=0.05)}
    assert rows_of(world, tmp_path, rows) == expected
