from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd
import polars as pl
import pytest

from tests.tracer.linkage.registered import named, stolen, tables_of, vault_of, verdicts
from tracer.attribution.records import stranger
from tracer.demo import Alike, LeakPlan, Style, World, WorldPlan, invent, leak, write
from tracer.errors import UnreadableInput, VaultFault
from tracer.findings import Findings
from tracer.registration import register
from tracer.settings import Settings
from tracer.tracing import trace
from tracer.vault.vault import Vault

DAY = date(2025, 9, 12)
FIRST, SECOND, STRANGER = "huadai", "shuitadai", "kedoudai"
LOAN = ("name", "phone", "product", "limit")
VALUES = {"product", "limit", "amount", "account", "datetime"}
PLAN = WorldPlan(seed=61, people=8_000, platforms=3, customers=2_000, hidden=1, alike=(Alike(3, 0, 0.6),))


@pytest.fixture(scope="module")
def world() -> World:
    return invent(PLAN)


@pytest.fixture(scope="module")
def vault(world: World, tmp_path_factory: pytest.TempPathFactory) -> Vault:
    return vault_of(tmp_path_factory.mktemp("tracing"), tables_of(world))


@pytest.fixture(scope="module")
def mixture(world: World) -> pl.DataFrame:
    """800 records of one platform, 300 of another, 500 of a stranger with the first one's customers, 60 invented."""
    return stolen(world, LeakPlan({FIRST: 800, SECOND: 300, STRANGER: 500}, DAY, LOAN, junk=60, seed=1))


@pytest.fixture(scope="module")
def findings(mixture: pl.DataFrame, vault: Vault) -> Findings:
    return trace(mixture, vault)


def found(findings: Findings) -> dict[str, object]:
    """What was found, without what was read."""
    told = findings.to_dict()
    return {key: told[key] for key in ("sources", "unknown", "indistinguishable", "warnings")}


def test_pandas_polars_and_a_file_give_the_same_findings(mixture: pl.DataFrame, vault: Vault, tmp_path: Path) -> None:
    """The same records give the same findings as a pandas frame, a Polars frame and a CSV file."""
    mixture.write_csv(tmp_path / "dump.csv")
    by_polars, by_pandas = trace(mixture, vault), trace(mixture.to_pandas(), vault)
    by_file = trace(tmp_path / "dump.csv", vault)
    assert found(by_polars) == found(by_pandas) == found(by_file)
    assert by_polars.dump.records == by_file.dump.records == 1_660


def test_sources_are_a_pandas_frame(findings: Findings) -> None:
    """A notebook gets one row a platform, most rows first, with the names of the JSON."""
    frame = findings.sources
    assert isinstance(frame, pd.DataFrame)
    assert set(frame["platform"]) == set(verdicts(findings))
    assert frame["rows"].is_monotonic_decreasing
    assert {"verdict", "rows_low", "rows_high", "share", "false_accusation", "leaked_after", "leaked_before"} <= set(
        frame
    )


def test_the_same_dump_gives_the_same_findings(mixture: pl.DataFrame, vault: Vault, findings: Findings) -> None:
    """Traced again with the same seed, every figure is the same; the JSON can be written and read."""
    again = trace(mixture, vault)
    assert again.to_dict() == findings.to_dict()
    assert again.rows.equals(findings.rows)
    assert json.loads(json.dumps(findings.to_dict())) == findings.to_dict()


def test_another_seed_changes_no_verdict(mixture: pl.DataFrame, vault: Vault, findings: Findings) -> None:
    """Which values were dealt to whom by chance decides nothing."""
    for seed in (1, 2, 3):
        assert verdicts(trace(mixture, vault, settings=Settings(seed=seed))) == verdicts(findings)


def test_the_order_of_records_and_columns_changes_no_verdict(
    mixture: pl.DataFrame, vault: Vault, findings: Findings
) -> None:
    """Shuffled records and reversed columns give the same verdicts and, to a record or two, the same rows."""
    shuffled = mixture.sample(fraction=1.0, shuffle=True, seed=3).select(mixture.columns[::-1])
    again = trace(shuffled, vault)
    assert verdicts(again) == verdicts(findings)
    rows = {source.platform: source.rows for source in findings.found}
    assert {one.platform: one.rows for one in again.found} == pytest.approx(rows, abs=3.0)


def test_a_mixture_is_told_apart(findings: Findings) -> None:
    """Both true sources are established with their rows; the stranger's records and the invented ones are unknown."""
    assert named(findings) == {FIRST, SECOND}
    rows = {source.platform: source.rows for source in findings.established}
    assert rows == pytest.approx({FIRST: 800, SECOND: 300}, rel=0.03)
    assert findings.unknown.rows == pytest.approx(560, rel=0.06)
    assert findings.unknown.rows_low <= findings.unknown.rows <= findings.unknown.rows_high


def test_every_record_has_its_row(findings: Findings, vault: Vault) -> None:
    """The table of records has one row a record; likely sources are registered ones and add up to the rows found."""
    rows = findings.rows
    assert rows.height == findings.dump.records
    assert rows["row"].to_list() == list(range(rows.height))
    probability, unknown = rows["probability"].to_numpy(), rows["unknown"].to_numpy()
    assert ((probability > 0) & (probability <= 1 + 1e-9)).all()
    assert ((unknown >= 0) & (unknown <= 1 + 1e-9)).all()
    named_rows = rows["platform"].is_not_null().to_numpy()
    assert (probability + unknown <= 1 + 1e-9)[named_rows].all()
    assert np.allclose(probability[~named_rows], unknown[~named_rows])
    assert set(rows["platform"].drop_nulls()) <= {platform.name for platform in vault.platforms}
    registered = sum(source.rows for source in findings.found)
    linked = findings.attribution.mixture.row
    assert linked.size - unknown[linked].sum() == pytest.approx(registered, abs=1.0)
    unlinked = np.delete(unknown, linked)
    assert unlinked.size > 0
    assert 0.5 <= unlinked.min() == unlinked.max() <= 1


def test_records_that_nobody_knows_may_be_a_sources_as_far_as_its_interval_says() -> None:
    """Of what an interval leaves open half is taken to be the source's, shared among the records that nobody knows."""
    for possible, chance in ((0.0, 1.0), (20.0, 0.9), (100.0, 0.5), (5_000.0, 0.5)):
        assert stranger(100.0, possible) == pytest.approx(chance)
    assert stranger(0.0, 5_000.0) == 1


def test_a_records_row_names_its_true_source(world: World, vault: Vault) -> None:
    """Of the records said to come from a platform at 90 % and more, hardly any does not."""
    plan = LeakPlan({FIRST: 800, SECOND: 300, STRANGER: 500}, DAY, LOAN, junk=60, seed=1)
    truth = leak(world, plan)["truth"]
    rows = trace(stolen(world, plan), vault).rows.with_columns(truth=truth)
    sure = rows.filter(pl.col("probability") >= 0.9, pl.col("platform").is_not_null())
    assert sure.height >= 1_000
    assert (sure["platform"] != sure["truth"]).sum() <= 0.02 * sure.height


def test_the_records_row_holds_no_personal_data(mixture: pl.DataFrame, findings: Findings) -> None:
    """No name, number or value of the dump stands in the table of records or in the JSON."""
    told = findings.rows.write_csv() + json.dumps(findings.to_dict(), ensure_ascii=False)
    for name in mixture.columns[:2]:
        assert not any(cell in told for cell in mixture[name].head(50))


def test_rejects_are_counted_and_told(world: World, vault: Vault, tmp_path: Path) -> None:
    """A damaged line is refused, the rest is traced, and the findings say how many there were."""
    rows = leak(world, LeakPlan({FIRST: 120}, DAY, LOAN, seed=2))
    write(rows, tmp_path / "dump.jsonl", Style(shape="jsonl"))
    lines = (tmp_path / "dump.jsonl").read_text("utf-8").splitlines()
    damaged = [*lines[:40], '{"姓名": "赵', *lines[40:]]
    (tmp_path / "damaged.jsonl").write_text("\n".join(damaged) + "\n", "utf-8")
    findings = trace(tmp_path / "damaged.jsonl", vault)
    assert (findings.dump.records, findings.dump.rejected) == (120, 1)
    assert findings.dump.records + findings.dump.rejected == len(damaged)
    assert findings.rows.height == 120
    assert any("1 record" in warning for warning in findings.warnings)
    assert named(findings) == {FIRST}


def test_repeated_records_are_counted_and_weigh_once(world: World, vault: Vault) -> None:
    """Five copies of every record count five times in the rows and not at all in the evidence."""
    frame = stolen(world, LeakPlan({FIRST: 200}, DAY, LOAN, seed=3))
    once, often = trace(frame, vault).found[0], trace(pl.concat([frame] * 5), vault).found[0]
    assert often.rows == pytest.approx(5 * once.rows, rel=0.02)
    assert often.verdict == once.verdict
    values = [next(one.value for one in source.evidence if one.kind == "values") for source in (once, often)]
    assert values[1] >= 0.1 * values[0]


def test_a_strangers_dump_names_nobody(world: World, vault: Vault) -> None:
    """All comes from an unregistered platform with 60 % of a registered one's customers; nobody is established."""
    for seed, columns in enumerate((LOAN, ("phone",), ("name", "phone", "national_id"), ("phone", "limit"))):
        findings = trace(stolen(world, LeakPlan({STRANGER: 1_200}, DAY, columns, junk=50, seed=seed)), vault)
        assert named(findings) == set()
        assert findings.conclusion().startswith("Unknown")
        assert all(source.rows_low == 0 and source.false_accusation == 1.0 for source in findings.found)


def test_nothing_to_trace_is_said(vault: Vault, tmp_path: Path) -> None:
    """An empty frame and an empty vault are the user's mistakes, each with a hint."""
    with pytest.raises(UnreadableInput) as empty:
        trace(pl.DataFrame({"手机号": []}), vault)
    with pytest.raises(VaultFault) as bare:
        trace(pl.DataFrame({"手机号": ["13800001111"]}), Vault.create(tmp_path / "bare"))
    assert empty.value.hint
    assert bare.value.hint


def test_a_dump_without_identifiers_links_nobody(vault: Vault) -> None:
    """Values alone are about nobody: every record is unknown and no platform is named."""
    findings = trace(pl.DataFrame({"额度": ["10000", "20000", "30000"]}), vault)
    assert named(findings) == set()
    assert findings.unknown.rows == 3
    assert findings.rows.height == 3


# --- the sample worlds -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def answered(worlds: Path, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[dict[str, int], Findings]]:
    """Every attribution dump of the sample worlds: its true registered sources with rows, and the findings."""
    answers = []
    for told in sorted(worlds.glob("*/truth.json")):
        vault = Vault.create(tmp_path_factory.mktemp("sample") / "vault")
        for table in sorted(told.parent.glob("platforms/*/*.csv")):
            vault, _ = register(vault, table, table.parent.name, date.fromisoformat(table.stem))
        cases = json.loads(told.read_text("utf-8"))["attribution"]
        answers += [(case["sources"], trace(told.parent / case["file"], vault)) for case in cases]
    return answers


def tells(findings: Findings) -> bool:
    return any(column.role.value in VALUES for column in findings.dump.columns)


def test_no_innocent_of_the_sample_worlds_is_established(answered: list[tuple[dict[str, int], Findings]]) -> None:
    """Over all dumps of both sample worlds, whoever is established is a true source."""
    assert [named(findings) - set(sources) for sources, findings in answered] == [set()] * len(answered)


def test_nine_in_ten_sources_of_the_sample_worlds_are_established(
    answered: list[tuple[dict[str, int], Findings]],
) -> None:
    """Of the true sources with 30 rows or more in dumps that hold a value, at least 90 % are established."""
    hits = [
        name in named(findings)
        for sources, findings in answered
        for name, rows in sources.items()
        if rows >= 30 and tells(findings)
    ]
    assert sum(hits) >= 0.9 * len(hits)


def test_rows_of_the_sample_worlds_are_right(answered: list[tuple[dict[str, int], Findings]]) -> None:
    """The median error of the rows of a true source with 30 rows or more is at most 2 %."""
    errors = [
        abs(next(one.rows for one in findings.found if one.platform == name) - rows) / rows
        for sources, findings in answered
        for name, rows in sources.items()
        if rows >= 30
    ]
    assert median(errors) <= 0.02
