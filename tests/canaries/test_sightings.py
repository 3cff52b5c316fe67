from __future__ import annotations

import random

import polars as pl
import pytest

from canaries.dumps import Column, count, records
from canaries.register import Register
from canaries.sightings import Lookout, Sightings, gather
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


def test_the_sieve_loses_nobody(customers: Table, register: Register) -> None:
    """Of undamaged, pinyin and traditional rows the sieve for large dumps keeps every canary and few customers."""
    rows = mixed(customers, register, "r2", 5)
    for way in ("masked", "pinyin"):
        dump = [WAYS[way][0](row, random.Random(1)) for _, row in rows]
        columns = [Column(header, ROLES.get(header, "text")) for header in dump[0]]
        part = records(columns, range(len(dump)), [[row[header] for row in dump] for header in dump[0]])
        frame = pl.DataFrame({f"c{at}": [row[header] for row in dump] for at, header in enumerate(dump[0])})
        kept = frame.select(Lookout(register, count(part), part, len(dump)).sieve).to_series().to_list()
        assert all(kept[at] for at, (identity, _) in enumerate(rows) if identity)
        assert sum(kept) < 0.6 * len(rows)
