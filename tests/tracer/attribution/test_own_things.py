"""What is a person's own, such as a passport, a car or a telephone, is the same with everybody and names nobody."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from tests.tracer.attribution.lenders import lenders
from tests.tracer.linkage.registered import tables_of, vault_of
from tracer.demo import HEADERS, LeakPlan, World, leak
from tracer.intake.interface import Column, Role
from tracer.intake.joining import joining_column
from tracer.tracing import trace
from tracer.vault.vault import Vault

PHONE = HEADERS["phone"]
DAY = date(2025, 6, 19)
Own = Callable[[str], str]


def number(phone: str) -> int:
    """Of a person: what everybody who asks is told in some form."""
    return int.from_bytes(hashlib.sha256(phone.encode()).digest()[:8])


def code(begins: str, digits: int) -> Own:
    return lambda phone: begins + f"{number(phone) % 10**digits:0{digits}d}"


def moment(style: str) -> Own:
    return lambda phone: (datetime(2018, 1, 1) + timedelta(seconds=number(phone) % 200_000_000)).strftime(style)


OWN: dict[str, Own] = {
    "车架号": code("LSVA", 13),
    "cjh": code("LSVA", 13),
    "护照号": code("E", 8),
    "社保号": code("SB", 10),
    "F8": code("u", 10),
    "入网时间": moment("%Y-%m-%d %H:%M:%S"),
    "初登日期": moment("%Y-%m-%d"),
    "信用卡额度": lambda phone: str(number(phone) % 90 * 1_000),
    "总借款金额": lambda phone: str(number(phone) % 900 * 100),
    "住房贷款产品": lambda phone: ("公积金贷款", "商业贷款", "组合贷")[number(phone) % 3],
    "芝麻分": lambda phone: str(350 + number(phone) % 600),
}


def with_own(world: World, folder: Path, header: str, own: Own) -> Vault:
    """A vault in which the first lender alone asked for this."""
    tables = tables_of(world, without=("account",))
    first = world.registered[0]
    tables[first] = {
        day: one.with_columns(pl.Series(header, [own(phone) for phone in one[PHONE].to_list()]))
        for day, one in tables[first].items()
    }
    return vault_of(folder, tables)


@pytest.mark.parametrize("header", OWN)
def test_what_is_a_persons_own_names_nobody(header: str, tmp_path: Path) -> None:
    """A stranger's list carries what one registered platform alone knows of the same people: it is not taken for it.

    Until now a form of names that looked issued, and the last word of a header, were enough to be taken for it.
    """
    world = lenders(3)
    vault = with_own(world, tmp_path, header, OWN[header])
    for rows in (60, 600):
        records = leak(world, LeakPlan({world.hidden[0]: rows}, DAY, ("phone",), 0, 1))
        own = [OWN[header](phone) for phone in records["phone"].to_list()]
        assert not trace(records.select("phone", pl.Series(header, own)), vault).established


CARS = {"车牌号": code("粤A", 5), "注册日期": moment("%Y-%m-%d")}


def test_the_day_of_a_car_is_no_day_of_joining(tmp_path: Path) -> None:
    """Beside a number plate it is the car that was registered on a day, and with every insurer on the same."""
    world = lenders(4)
    tables = tables_of(world, without=("account", "joined"))
    for days in tables.values():
        for day, one in days.items():
            phones = one[PHONE].to_list()
            days[day] = one.with_columns(pl.Series(name, [own(p) for p in phones]) for name, own in CARS.items())
    vault = vault_of(tmp_path, {name: tables[name] for name in world.registered[:1]})
    assert not vault.platforms[0].joined
    records = leak(world, LeakPlan({world.hidden[0]: 600}, DAY, ("phone",), 0, 1))
    bought = [CARS["注册日期"](phone) for phone in records["phone"].to_list()]
    assert not trace(records.select("phone", pl.Series("注册日期", bought)), vault).established


@pytest.mark.parametrize(
    ("beside", "joins"),
    [("province", True), ("template", True), ("VIN", False), ("plate_no", False), ("车型", False)],
)
def test_only_cars_and_companies_are_registered_themselves(*, beside: str, joins: bool) -> None:
    """A column of provinces is no column of cars, though a VIN stands in the word."""
    columns = (Column("c0", beside, Role.TEXT, ""), Column("c1", "created_at", Role.DATE, ""))
    sample = pl.DataFrame({"c0": ["a"], "c1": ["2024-01-20"]})
    found = joining_column("a table", columns, sample, date(2025, 1, 1), None)
    assert (found == columns[1]) is joins


@pytest.mark.parametrize("field", ["joined", "limit"])
def test_days_of_joining_and_compounds_still_name(field: str, tmp_path: Path) -> None:
    """A platform that registers days without hours, or its "available limit", is named by these."""
    world = lenders(5)
    header = {"joined": "注册日期", "limit": "可用额度"}[field]
    tables = {
        name: {
            day: one.rename({HEADERS[field]: header}).with_columns(pl.col(header).str.slice(0, 10))
            for day, one in days.items()
        }
        for name, days in tables_of(world, without=("account",)).items()
    }
    vault = vault_of(tmp_path, tables)
    for place, name in enumerate((*world.registered, *world.hidden)):
        records = leak(world, LeakPlan({name: 200}, DAY, ("phone", field), 0, place))
        found = trace(records.select("phone", pl.col(field).str.slice(0, 10)), vault)
        assert [one.platform for one in found.established] == [one for one in world.registered if one == name]
