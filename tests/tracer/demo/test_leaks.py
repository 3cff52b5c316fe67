from __future__ import annotations

import csv
import json
import re
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import get_args

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from tracer.demo import HEADERS, PERSON, TRUTH, LeakPlan, Style, World, WorldPlan, invent, leak, truth, write
from tracer.demo.damage import damage
from tracer.demo.styles import PhoneStyle, styled
from tracer.errors import UnknownName
from tracer.identifiers import phone

LAST = date(2025, 10, 28)
ALL = tuple(HEADERS)


@pytest.fixture(scope="module")
def world() -> World:
    return invent(WorldPlan(seed=21, platforms=2, hidden=1))


@pytest.fixture(scope="module")
def rows(world: World) -> pl.DataFrame:
    return leak(world, LeakPlan({"huadai": 300, "ciweidai": 100}, LAST, columns=ALL, junk=60, seed=1))


@settings(max_examples=25)
@given(counts=st.tuples(*[st.integers(0, 400)] * 4), seed=st.integers(0, 2**63))
def test_the_truth_adds_up(world: World, counts: tuple[int, int, int, int], seed: int) -> None:
    """Rows are those of the sources, the unregistered and the padding, and the truth says how many of each."""
    first, second, hidden, junk = counts
    sources = {"huadai": first, "shuitadai": second, "ciweidai": hidden}
    rows = leak(world, LeakPlan(sources, LAST, junk=junk, seed=seed))
    assert rows.columns == ["name", "phone", "product", "limit", TRUTH, PERSON]
    assert truth(world, rows) == {
        "rows": sum(counts),
        "junk": junk,
        "sources": {name: count for name, count in sources.items() if count and name != "ciweidai"},
        "unregistered": {"ciweidai": hidden} if hidden else {},
    }


def test_stolen_rows_are_the_tables_rows(world: World, rows: pl.DataFrame) -> None:
    """Every row with an origin stands in that platform's table of that day, once at most."""
    for name in ("huadai", "ciweidai"):
        stolen = rows.filter(pl.col(TRUTH) == name).select(ALL).rename(HEADERS)
        assert stolen.join(world.table(name, LAST), on=stolen.columns, how="semi").height == stolen.height
        assert stolen.n_unique() == stolen.height


def test_padding_is_nobody(world: World, rows: pl.DataFrame) -> None:
    """No padding row has an ID, number or account of any customer of any platform."""
    junk = rows.filter(pl.col(TRUTH) == "")
    for name, field in product((*world.registered, *world.hidden), ("phone", "national_id", "account")):
        assert not set(junk[field]) & set(world.table(name, LAST)[HEADERS[field]])
    assert set(junk["product"]) <= {sold for each in world.platforms for sold in each.trade.products}


def test_the_same_plan_steals_the_same_rows(world: World) -> None:
    """A plan gives the same rows again, and another seed gives others."""
    plans = [LeakPlan({"huadai": 50}, LAST, junk=5, seed=seed) for seed in (1, 1, 2)]
    first, again, other = (leak(world, plan) for plan in plans)
    assert first.equals(again)
    assert not first.equals(other)


def test_a_late_dump_has_customers_nobody_registered(world: World) -> None:
    """Of rows taken after the last snapshot some are about customers who joined since."""
    rows = leak(world, LeakPlan({"huadai": 1_000}, LAST + timedelta(days=90), columns=ALL))
    new = set(rows["account"]) - set(world.table("huadai", LAST)["用户名"])
    assert 20 < len(new) < 300


def test_a_thief_may_choose(world: World) -> None:
    """Only rows that fit the thief's choice are taken, and asking for more than there are is refused."""
    rich = pl.col("limit").cast(pl.Int64) > 20_000
    rows = leak(world, LeakPlan({"huadai": 100}, LAST, select=rich))
    assert (rows["limit"].cast(pl.Int64) > 20_000).all()
    with pytest.raises(ValueError, match="fewer than 3000"):
        leak(world, LeakPlan({"huadai": 3_000}, LAST, select=rich))


def test_unknown_names_are_refused(world: World) -> None:
    """A source or a field that does not exist is refused."""
    with pytest.raises(UnknownName):
        leak(world, LeakPlan({"nobody": 1}, LAST))
    with pytest.raises(UnknownName):
        leak(world, LeakPlan({"huadai": 1}, LAST, columns=("shoe size",)))


def test_nothing_stolen_is_an_empty_table(world: World) -> None:
    """A leak of no rows still has its columns."""
    assert leak(world, LeakPlan({}, LAST)).columns == ["name", "phone", "product", "limit", TRUTH, PERSON]


def test_damage_hits_its_share(rows: pl.DataFrame) -> None:
    """About the planned share of rows has an error, each in one identifier, of one character or a swap."""
    wrong = damage(rows, 0.3, seed=5)
    fields = ("phone", "national_id", "account", "name")
    changes = pl.sum_horizontal((rows[field] != wrong[field]).cast(pl.Int64) for field in fields)
    counts = pl.select(changes).to_series()
    assert counts.max() == 1
    assert counts.mean() == pytest.approx(0.3, abs=0.07)
    assert rows.select("product", "limit", TRUTH).equals(wrong.select("product", "limit", TRUTH))
    assert all(abs(len(a) - len(b)) <= 1 for a, b in zip(rows["phone"], wrong["phone"], strict=True))


@pytest.mark.parametrize("writing", get_args(PhoneStyle))
def test_every_writing_of_a_phone_reads_back(rows: pl.DataFrame, writing: PhoneStyle) -> None:
    """However a number is written, it is normalised to itself; masked, to its masked form."""
    whole = styled(rows, Style(phone=writing))["手机号"].to_frame("phone")
    assert whole.select(phone.normalise(pl.col("phone"))).to_series().equals(rows["phone"])
    masked = styled(rows, Style(phone=writing, mask_phone=True))["手机号"].to_frame("phone")
    assert (
        masked.select(phone.normalise_masked(pl.col("phone")))
        .to_series()
        .equals(rows.select(phone.head_tail(pl.col("phone"))).to_series())
    )


def test_mixed_writings_are_mixed(rows: pl.DataFrame) -> None:
    """A mixed dump has all six writings."""
    cells = styled(rows, Style(phone="mixed"))["手机号"]
    assert cells.str.replace_all(r"[0-9]", "9").str.replace_all(r"[０-９]", "W").n_unique() == 6


def _read(path: Path, style: Style) -> list[list[str]]:
    text = path.read_bytes().decode(style.encoding)
    if style.shape == "csv":
        return list(csv.reader(text.splitlines(), delimiter=style.separator))
    if style.shape == "txt":
        return [line.split("----") for line in text.splitlines()]
    if style.shape == "jsonl":
        objects = [json.loads(line) for line in text.splitlines()]
        return [list(objects[0]), *(list(each.values()) for each in objects)]
    names = re.findall(r"`([^`]+)`", text.split("VALUES")[0])[1:]
    return [names, *(re.findall(r"'([^']*)'", row) for row in re.findall(r"\(('[^)]*')\)", text))]


@pytest.mark.parametrize("shape", ["csv", "txt", "jsonl", "sql"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_file_holds_every_row(rows: pl.DataFrame, tmp_path: Path, shape: str, encoding: str) -> None:
    """Every shape in every encoding reads back as the styled rows, and never tells the truth."""
    style = Style(shape, encoding=encoding, separator="|", phone="mixed", mask_id=True, header=2)  # type: ignore[arg-type]
    path = tmp_path / f"dump.{shape}"
    write(rows, path, style)
    table = styled(rows, style)
    assert _read(path, style) == [table.columns, *map(list, table.rows())]
    assert TRUTH not in table.columns
    assert PERSON not in table.columns


def test_a_file_may_have_no_header(rows: pl.DataFrame, tmp_path: Path) -> None:
    """Without a header the first line is a row."""
    path = tmp_path / "dump.txt"
    write(rows, path, Style("txt", header=None))
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) == rows.height
    assert lines[0] == "----".join(rows.select(ALL).row(0))


def test_columns_may_stand_in_another_order(rows: pl.DataFrame) -> None:
    """A shuffled style has the same columns elsewhere."""
    plain, other = (styled(rows, Style(shuffle=shuffle, seed=4)) for shuffle in (False, True))
    assert plain.columns != other.columns
    assert plain.equals(other.select(plain.columns))


def test_a_spreadsheet_holds_every_row(rows: pl.DataFrame, tmp_path: Path) -> None:
    """An xlsx reads back as the styled rows, numbers kept as text."""
    pytest.importorskip("xlsxwriter")
    path = tmp_path / "dump.xlsx"
    write(rows, path, Style("xlsx"))
    table = styled(rows, Style("xlsx"))
    cells = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    assert cells == [table.columns, *map(list, table.rows())]
