from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tests.tracer.linkage.registered import named, stolen, tables_of, told_by, vault_of, verdicts
from tracer.attribution.classes import classify
from tracer.demo import HEADERS, Alike, LeakPlan, World, WorldPlan, invent
from tracer.linkage import testimony
from tracer.tracing import trace
from tracer.vault.vault import Vault

DAY = date(2025, 10, 28)
FIRST, SECOND, STRANGER = "huadai", "shuitadai", "ciweidai"
"""Platform, another, and one nobody registered that has 60 % of its customers in common with the first."""
LOAN = ("name", "phone", "product", "limit", "amount")
PLAN = WorldPlan(
    seed=31, people=6_000, platforms=2, customers=2_000, hidden=1, snapshots=(DAY,), alike=(Alike(2, 0, 0.6),), beyond=0
)


@pytest.fixture(scope="module")
def world() -> World:
    return invent(PLAN)


@pytest.fixture(scope="module")
def vault(world: World, tmp_path_factory: pytest.TempPathFactory) -> Vault:
    return vault_of(tmp_path_factory.mktemp("claims"), tables_of(world))


def paired(testimony: testimony.Testimony) -> dict[str, str]:
    """The dump's column → the platform's."""
    return {pairing.value.name: pairing.claim.name for pairing in testimony.pairings}


@pytest.mark.parametrize("people", [2, 3, 5, 40, 400])
def test_a_derangement_never_compares_a_person_with_himself(world: World, vault: Vault, people: int) -> None:
    """Balances are nobody else's, so dealt ones never agree, however few the people and however often they appear."""
    frame = stolen(world, LeakPlan({FIRST: people}, DAY, ("phone", "amount"), seed=people))
    first = told_by(pl.concat([frame, frame]), vault)[0]
    (balance,) = [pairing for pairing in first.pairings if pairing.claim.name == HEADERS["amount"]]
    assert balance.agreed == people
    assert balance.by_chance == 0.0
    assert (first.dealt == 1).sum() == 0
    assert first.dealt.shape[0] >= people


def test_columns_are_paired_by_agreement_whatever_the_headers_say(world: World, vault: Vault) -> None:
    """Limits under the header of balances and balances under that of limits are recognised for what they are."""
    frame = stolen(world, LeakPlan({FIRST: 400}, DAY, LOAN, seed=1))
    limit, amount = "额度", "借款金额"
    swapped = frame.rename({limit: amount, amount: limit})
    first = told_by(swapped, vault)[0]
    assert paired(first)[amount] == HEADERS["limit"]
    assert paired(first)[limit] == HEADERS["amount"]
    assert named(trace(swapped, vault)) == {FIRST}


def test_columns_are_paired_under_meaningless_headers(world: World, vault: Vault) -> None:
    """Columns without a telling header are paired all the same, and the source is established."""
    frame = stolen(world, LeakPlan({SECOND: 300}, DAY, LOAN, seed=2))
    bare = frame.rename({name: f"f{place}" for place, name in enumerate(frame.columns)})
    second = told_by(bare, vault)[1]
    assert {HEADERS["limit"], HEADERS["amount"], HEADERS["product"]} <= set(paired(second).values())
    assert named(trace(bare, vault)) == {SECOND}


def test_a_rewritten_column_speaks_neither_way(world: World, vault: Vault) -> None:
    """Where the seller wrote another product into every record, the rest establishes the source with all its rows."""
    frame = stolen(world, LeakPlan({FIRST: 500}, DAY, LOAN, seed=3))
    rewritten = frame.with_columns(pl.lit("优质客户专享").alias("产品"))
    first = told_by(rewritten, vault)[0]
    place = [pairing.claim.name for pairing in first.pairings].index(HEADERS["product"])
    columns = tuple(range(len(first.pairings)))
    assert (classify(first, columns).digit[:, place] == testimony.MISSING).all()
    findings = trace(rewritten, vault)
    assert named(findings) == {FIRST}
    assert findings.found[0].rows == pytest.approx(500, rel=0.02)


def test_no_agreement_is_seen_where_nothing_agrees(world: World, vault: Vault) -> None:
    """The records of an unregistered platform agree with its look-alike no more often than dealt ones."""
    frame = stolen(world, LeakPlan({STRANGER: 1_500}, DAY, LOAN, seed=4))
    for pairing in told_by(frame, vault)[0].pairings:
        assert pairing.agreed <= 15 + 4 * pairing.by_chance * 900


def with_employer(world: World, table: pl.DataFrame) -> pl.DataFrame:
    """A table with each person's employer, the same wherever he borrows, under a header that does not say so."""
    employer = "第" + pl.col(HEADERS["national_id"]).str.slice(6, 10) + "号公司"
    return table.with_columns(employer.alias("字段七"))


def test_what_everybody_knows_of_a_person_names_nobody(world: World, tmp_path: Path) -> None:
    """An employer, the same everywhere, establishes neither of two that share the unregistered one's customers."""
    tables = {name: {DAY: with_employer(world, world.table(name, DAY))} for name in world.registered}
    vault = vault_of(tmp_path, tables)
    everything = with_employer(world, world.table(STRANGER, DAY))
    dump = everything.select(HEADERS["name"], HEADERS["phone"], "字段七")
    findings = trace(dump, vault)
    assert named(findings) == set()


def test_few_records_of_what_everybody_knows_name_nobody(world: World, tmp_path: Path) -> None:
    """A monthly income, the same on every platform, establishes nobody in a dump of 60 records either."""
    income = ((pl.col(HEADERS["national_id"]).str.slice(8, 8).cast(pl.Int64) % 37 + 3) * 500).cast(pl.String)

    def told(name: str) -> pl.DataFrame:
        return world.table(name, DAY).with_columns(income.alias("字段八"))

    vault = vault_of(tmp_path, {name: {DAY: told(name)} for name in world.registered})
    dump = told(STRANGER).sample(60, seed=9).select(HEADERS["phone"], "字段八")
    assert named(trace(dump, vault)) == set()


@pytest.mark.parametrize(
    ("header", "divided"), [("额度(万)", 10_000), ("credit_limit(k)", 1_000), ("授信额度/分", 0.01)]
)
def test_sums_are_read_in_the_unit_of_their_header(world: World, vault: Vault, header: str, divided: float) -> None:
    """Limits in ten thousands, thousands or hundredths, as their header says, are the limits that were registered."""
    frame = stolen(world, LeakPlan({FIRST: 300}, DAY, ("phone", "limit"), seed=3))
    phone, limit = frame.columns
    dump = frame.select(phone, (pl.col(limit).cast(pl.Float64) / divided).cast(pl.String).alias(header))
    findings = trace(dump, vault)
    assert named(findings) == {FIRST}
    assert findings.found[0].rows == pytest.approx(300, rel=0.02)


def test_what_headers_call_the_persons_own_is_never_evidence(world: World, tmp_path: Path) -> None:
    """A stranger's list agrees with one platform in incomes that it alone registered as such: they are not compared."""
    income = ((pl.col(HEADERS["national_id"]).str.slice(8, 8).cast(pl.Int64) % 37 + 3) * 500).cast(pl.String)
    tables = {name: world.table(name, DAY).with_columns(月收入=income) for name in world.registered}
    for name in world.registered[1:]:
        tables[name] = tables[name].with_columns(pl.col("月收入").reverse())
    vault = vault_of(tmp_path, {name: {DAY: table} for name, table in tables.items()})
    frame = world.table(STRANGER, DAY).with_columns(月收入=income).select(HEADERS["phone"], "月收入")
    assert told_by(frame, vault)[0].pairings == ()
    assert named(trace(frame, vault)) == set()


def test_a_true_source_is_named_beside_what_everybody_knows(world: World, tmp_path: Path) -> None:
    """With the employer in the dump, the platform whose limits it carries is established, and nobody else."""
    tables = {name: {DAY: with_employer(world, world.table(name, DAY))} for name in world.registered}
    vault = vault_of(tmp_path, tables)
    everything = with_employer(world, world.table(FIRST, DAY)).sample(600, seed=5)
    dump = everything.select(HEADERS["phone"], "字段七", HEADERS["limit"])
    assert named(trace(dump, vault)) == {FIRST}


def test_twins_are_told_to_be_indistinguishable(world: World, tmp_path: Path) -> None:
    """Of two platforms with the same table neither is established, and the findings say they cannot be told apart."""
    table = world.table(FIRST, DAY)
    vault = vault_of(tmp_path, {"one": {DAY: table}, "other": {DAY: table}, SECOND: {DAY: world.table(SECOND, DAY)}})
    findings = trace(stolen(world, LeakPlan({FIRST: 600}, DAY, LOAN, seed=6)), vault)
    assert named(findings) == set()
    assert findings.indistinguishable == (("one", "other"),)
    said = verdicts(findings)
    assert "consistent" in {said["one"], said["other"]}
    assert {said["one"], said["other"]} <= {"consistent", "indeterminate"}
    assert said[SECOND] in {"excluded", "indeterminate"}


def test_the_same_values_for_most_customers_name_no_innocent(world: World, tmp_path: Path) -> None:
    """A lender who shares the loan book of four in five customers is not established for the other's leak."""
    table = world.table(FIRST, DAY)
    partner = pl.concat([table.sample(fraction=0.8, seed=7), world.table(SECOND, DAY).sample(600, seed=7)])
    partner = partner.unique(HEADERS["phone"], keep="first", maintain_order=True)
    vault = vault_of(tmp_path, {"lender": {DAY: table}, "partner": {DAY: partner}})
    findings = trace(stolen(world, LeakPlan({FIRST: 1_000}, DAY, LOAN, seed=8)), vault)
    assert "partner" not in named(findings)
