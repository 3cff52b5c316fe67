from __future__ import annotations

import random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canaries.dumps import Column, count, records
from canaries.register import Register
from canaries.sightings import Accidents, Lookout, Sighting, Sightings, gather
from canaries.table import Table
from canaries.writing import fold, readings
from tests.canaries import invented
from tests.canaries.damaged import WAYS, Row, hidden

ROLES = {
    **dict.fromkeys(("a", "who", "姓名"), "name"),
    **dict.fromkeys(("b", "phone", "手机号"), "masked_phone"),
    **dict.fromkeys(("p", "产品"), "product"),
    "额度": "limit",
    "余额": "amount",
    "进件时间": "datetime",
}


def look(register: Register, rows: list[dict[str, str]]) -> Sightings:
    columns = [Column(header, ROLES.get(header, "text")) for header in rows[0]]
    part = records(columns, range(len(rows)), [[row[header] for row in rows] for header in rows[0]])
    lookout = Lookout(register, count(part), part, len(rows))
    return gather(register, lookout, lookout.look(part))


def mixed(customers: Table, register: Register, holder: str, seed: int) -> list[tuple[str | None, Row]]:
    """Customers and one holder's canaries, shuffled: (canary or None, row)."""
    rows: list[tuple[str | None, Row]] = [
        (None, dict(zip(invented.NAMES, row, strict=True))) for row in customers.frame.rows()
    ]
    rows += [(one.id, one.cells) for one in register.of(holder)]
    random.Random(seed).shuffle(rows)
    return rows


@pytest.mark.parametrize("kind", WAYS)
def test_damaged_rows_are_recognised(kind: str, customers: Table, register: Register) -> None:
    """Under every kind of damage the asked share of canary rows is found, each as itself, and no customer is."""
    way, share = WAYS[kind]
    found = right = there = wrong = 0
    for seed in range(5):
        draw = random.Random(seed)
        rows = mixed(customers, register, f"r{seed}", seed)
        told = look(register, [way(row, draw) for _, row in rows])
        truth = {at: identity for at, (identity, _) in enumerate(rows) if identity}
        there += len(truth)
        found += len(told.planted)
        right += sum(truth.get(one.row) == one.canary for one in told.planted)
        holders = {one.id: one.holders for one in register.canaries}
        wrong += sum(holders[one.canary] != (f"r{seed}",) for one in told.planted)
    assert right >= share * there - 1e-9
    assert found - right <= 1
    assert wrong == 0


def test_nobody_is_seen_where_nobody_is(register: Register) -> None:
    """Other platforms' customers hold no canary: within what is expected, which is a hundredth of a sighting a dump."""
    seen = 0
    for seed in range(6):
        other = invented.table(2000, seed + 100)
        rows = [dict(zip(invented.NAMES, row, strict=True)) for row in other.frame.rows()]
        told = look(
            register, [{"a": row["姓名"] or "", "b": hidden(row["手机号"]), "p": row["产品"] or ""} for row in rows]
        )
        seen += len(told.planted) + len(told.shadows)
    assert seen <= 1


def test_columns_may_stand_anywhere(customers: Table, register: Register) -> None:
    """Values in each other's columns, under headers that say something else, are still recognised."""
    rows = mixed(customers, register, "r1", 3)
    dump = [
        {"a": row["产品"] or "", "b": row["姓名"] or "", "c": row["额度"] or "", "d": hidden(row["手机号"])}
        for _, row in rows
    ]
    columns = [Column(name, "text") for name in "abcd"]
    part = records(columns, range(len(dump)), [[row[name] for row in dump] for name in "abcd"])
    lookout = Lookout(register, count(part), part, len(dump))
    told = gather(register, lookout, lookout.look(part))
    assert len(told.planted) >= 19


def test_an_empty_dump(register: Register) -> None:
    """No record, no sighting."""
    part = records((), (), ())
    assert not gather(register, Lookout(register, count(part), part, 0), ()).planted


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("張偉明", "张伟明"),
        ("１３８＊＊＊＊１２３４", "138****1234"),
        ("Zhāng Wěi", "zhang wei"),
        ("138××××1234", "138****1234"),
    ],
)
def test_writings_fold(written: str, folded: str) -> None:
    """Traditional characters, full width, accents and other stars have one writing."""
    assert fold([written, None]) == [folded, ""]


@pytest.mark.parametrize(
    ("name", "reading"),
    [("曾国藩", "zengguofan"), ("单雄信", "shanxiongxin"), ("吕布", "lvbu"), ("吕布", "lubu"), ("欧阳修", "xiuouyang")],
)
def test_surnames_have_their_readings(name: str, reading: str) -> None:
    """Surnames read otherwise than their character, ü, and the given name first are all known."""
    assert reading in readings(name)


@pytest.mark.parametrize("total", [5_000, 10**8])
def test_the_sieve_loses_nobody(customers: Table, register: Register, total: int) -> None:
    """Of undamaged and pinyin rows the sieve for large dumps keeps every canary and few customers."""
    rows = mixed(customers, register, "r2", 5)
    for way in ("masked", "pinyin"):
        dump = [WAYS[way][0](row, random.Random(1)) for _, row in rows]
        columns = [Column(header, ROLES.get(header, "text")) for header in dump[0]]
        part = records(columns, range(len(dump)), [[row[header] for row in dump] for header in dump[0]])
        frame = pl.DataFrame({f"c{at}": [row[header] for row in dump] for at, header in enumerate(dump[0])})
        kept = frame.select(Lookout(register, count(part), part, total).sieve).to_series().to_list()
        assert all(kept[at] for at, (identity, _) in enumerate(rows) if identity)
        assert sum(kept) < 0.6 * len(rows)


def test_a_name_passes_alone_where_it_can_be_enough(customers: Table, register: Register) -> None:
    """Where no phone agrees, the sieve leaves out only what no weighing would have made a likely sighting."""
    rows = mixed(customers, register, "r2", 6)
    dump = [{h: row[h] or "" for h in ("姓名", "产品", "额度")} | {"手机号": ""} for _, row in rows]
    dump[0]["手机号"] = "199****0000"
    columns = [Column(header, ROLES[header]) for header in dump[0]]
    part = records(columns, range(len(dump)), [[row[header] for row in dump] for header in dump[0]])
    frame = pl.DataFrame({f"c{at}": [row[header] for row in dump] for at, header in enumerate(dump[0])})
    likely = 0
    for total in (300, 30_000, 1_000_000):
        lookout = Lookout(register, count(part), part, total)
        kept = frame.select(lookout.sieve).to_series().to_list()
        seen = [one for one in lookout.look(part) if one.weight >= lookout.faintest]
        likely += len(seen)
        assert all(kept[one.row] for one in seen)
    assert likely


def test_shadows_tell_how_light_a_sighting_may_be(register: Register) -> None:
    """What no shadow reaches completes the list of a holder that is there beyond doubt; what they reach does not."""
    part = records((), (), ())
    lookout = Lookout(register, count(part), part, 100_000)
    own = [one.id for one in register.of("r1")]
    firm = [Sighting(one, at, "name", lookout.threshold + 5) for at, one in enumerate(own[:-1])]
    light = Sighting(own[-1], 99, "name", lookout.faintest - 1)
    assert light in gather(register, lookout, [*firm, light]).planted
    decoys = [Sighting(one.id, 200 + at, "name", light.weight + 0.5) for at, one in enumerate(register.shadows[:30])]
    assert light not in gather(register, lookout, [*firm, light, *decoys]).planted
    assert light not in gather(register, lookout, [light]).planted


@given(st.integers(1, 10**8), st.integers(1, 500), st.floats(0, 60), st.lists(st.floats(0, 60), max_size=40))
def test_accidents_are_bounded_by_the_better_of_two(
    total: int, missing: int, weight: float, decoys: list[float]
) -> None:
    """Heavier sightings are never expected more often, and shadows only ever lower the bound of the weight."""
    alone, beside = Accidents(total, (), 0), Accidents(total, decoys, 500)
    assert beside.expected(missing, weight) <= alone.expected(missing, weight)
    assert beside.expected(missing, weight + 1) <= beside.expected(missing, weight)
