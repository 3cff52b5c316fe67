"""Traces of what sellers select: rows without strata and within them, and the verdict. Phones are invented numbers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.tracer.linkage.registered import named, vault_of, verdicts
from tracer.attribution.standing import Estimate, Regression, Standing
from tracer.attribution.verdict import Source, decide
from tracer.findings import Findings
from tracer.tracing import trace
from tracer.vault.vault import Vault

DAY = date(2025, 6, 1)
PEOPLE = 9_000
LARGE, LOCAL, OTHER = "large", "local", "other"
PHONE, CITY, PRODUCT, LIMIT, JOINED = "手机号码", "城市", "贷款产品", "授信额度", "进件时间"
HOME = "成都市"
FILTERS = {
    "province": pl.col(CITY) == HOME,
    "product": pl.col(PRODUCT) == "随心借",
    "date": pl.col(JOINED) >= "2024-12-01",
    "amount": pl.col(LIMIT).cast(pl.Int64) > 15_000,
}


@dataclass(frozen=True)
class Town:
    """Three lenders, the second of which does its business in one city."""

    vault: Vault
    tables: dict[str, pl.DataFrame]

    def stolen(self, rows: dict[str, int], by: str, seed: int, columns: tuple[str, ...] = (PHONE,)) -> pl.DataFrame:
        """Rows of lenders, of the large one's through a filter."""
        parts = []
        for name, count in rows.items():
            table = self.tables[name].filter(FILTERS[by]) if by and name == LARGE else self.tables[name]
            parts.append(table.sample(min(count, table.height), seed=seed))
        return pl.concat(parts).select(columns).sample(fraction=1.0, shuffle=True, seed=seed)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    rng = np.random.default_rng(105)
    city = rng.choice(["北京市", "上海市", HOME, "武汉市", "广州市"], PEOPLE)
    tables = {}
    for name in (LARGE, LOCAL, OTHER):
        chance = np.where(city == HOME, 0.5, 0.05) if name == LOCAL else np.full(PEOPLE, 0.25)
        who = np.flatnonzero(rng.random(PEOPLE) < chance)
        joined = [(DAY - timedelta(days=int(days))).isoformat() for days in rng.integers(1, 700, who.size)]
        tables[name] = pl.DataFrame(
            {
                PHONE: [f"139{one:08d}" for one in who.tolist()],
                CITY: city[who],
                PRODUCT: rng.choice(["极速贷", "随心借", "白领贷"], who.size),
                LIMIT: (rng.integers(1, 31, who.size) * 1_000).astype(str),
                JOINED: joined,
            }
        )
    folder = tmp_path_factory.mktemp("town")
    return Town(vault_of(folder, {name: {DAY: table} for name, table in tables.items()}), tables)


def sources(findings: Findings) -> dict[str, Source]:
    return {one.platform: one for one in findings.found}


def test_both_ways_are_kept_and_said(town: Town) -> None:
    """Of a leak by city beside a local lender's, both counts are in the findings, and in words in both languages."""
    findings = trace(town.stolen({LARGE: 300, LOCAL: 200}, "province", 1), town.vault)
    told = {one["platform"]: one for one in json.loads(json.dumps(findings.to_dict()))["sources"]}
    regression = told[LARGE]["regression"]
    assert list(regression) == ["unstratified", "stratified", "strata", "cells"]
    assert regression["strata"] == [CITY]
    assert regression["cells"] == 2
    for name, rows in ((LARGE, 300), (LOCAL, 200)):
        plain, strict = told[name]["regression"]["unstratified"], told[name]["regression"]["stratified"]
        assert not plain["rows_low"] <= rows <= plain["rows_high"]
        assert strict["rows_low"] <= rows <= strict["rows_high"]
        assert told[name]["rows"] == strict["rows"]
        (said,) = [one for one in told[name]["evidence"] if one["kind"] == "strata"]
        assert "the two differ" in said["statement"]
        assert "两者不一致" in said["statement_zh"]
    assert told[OTHER]["regression"] is None


@pytest.mark.parametrize("by", FILTERS)
def test_innocents_of_a_filtered_leak(town: Town, by: str) -> None:
    """Whatever the large lender's table is filtered by, whatever the dump holds, no innocent is given rows or named.

    Where all rows show the one product that was asked for, nothing in them tells their lender from a stranger.
    """
    for seed in range(4):
        for columns in ((PHONE,), (PHONE, PRODUCT), (PHONE, LIMIT)):
            findings = trace(town.stolen({LARGE: 300}, by, seed, columns), town.vault)
            assert named(findings) <= {LARGE}
            assert {one.platform for one in findings.found if one.rows} <= {LARGE}
            if (by, columns) != ("product", (PHONE, PRODUCT)):
                assert sources(findings)[LARGE].rows == pytest.approx(300, rel=0.02)


def test_nothing_filtered_nothing_said(town: Town) -> None:
    """Of a leak of the whole table the two counts are one, and no evidence speaks of strata."""
    for seed in range(3):
        source = sources(trace(town.stolen({LARGE: 400}, "", seed), town.vault))[LARGE]
        assert source.regression is not None
        assert source.regression.stratified == source.regression.unstratified
        assert source.regression.strata == ()
        assert "strata" not in {one.kind for one in source.evidence}


def test_parts_are_divided_as_the_whole_is(town: Town, tmp_path: Path) -> None:
    """A filtered dump in three parts is counted within the same strata as in one piece."""
    town.stolen({LARGE: 300, LOCAL: 200}, "province", 2, (PHONE, PRODUCT)).write_csv(tmp_path / "dump.csv")
    whole = trace(tmp_path / "dump.csv", town.vault)
    parted = trace(tmp_path / "dump.csv", town.vault, parts=3, scratch=tmp_path)
    assert verdicts(whole) == verdicts(parted)
    for name in (LARGE, LOCAL):
        mine, theirs = sources(whole)[name].regression, sources(parted)[name].regression
        assert mine is not None
        assert theirs is not None
        assert (mine.strata, mine.cells) == (theirs.strata, theirs.cells)
        assert theirs.stratified.rows == pytest.approx(mine.stratified.rows, rel=0.02)
    parted.forget()


def standing(town: Town, plain: Estimate, strict: Estimate) -> Standing:
    """A platform that values name beyond doubt, with these rows."""
    attribution = trace(town.stolen({LARGE: 300}, "", 1, (PHONE, LIMIT)), town.vault).attribution
    (one,) = [each for each in attribution.standings if each.name == LARGE]
    return one.within(Regression(plain, strict, (CITY,), 2, divided=True))


def test_the_more_doubtful_way_rules(town: Town) -> None:
    """A platform is named only if both ways give it rows for certain; what one alone gives is in the interval."""
    some, few, none = Estimate(300.0, 280.0, 320.0), Estimate(20.0, 0.0, 60.0), Estimate(0.0, 0.0, 0.0)
    assert decide(standing(town, some, some), None, 1e-4)[0] == "established"
    for plain, strict in ((some, few), (few, some), (some, none)):
        assert decide(standing(town, plain, strict), None, 1e-4) == ("consistent", 1.0)
    alone = standing(town, some, none)
    assert (alone.rows, alone.rows_low, alone.rows_high) == (0.0, 0.0, 320.0)
