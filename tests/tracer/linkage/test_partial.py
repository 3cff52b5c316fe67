from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import stats

from tests.tracer.linkage.registered import customers_of, tables_of, vault_of
from tracer.demo import PERSON, LeakPlan, Style, World, WorldPlan, invent, leak
from tracer.demo.damage import damage, through_excel
from tracer.demo.styles import MaskStyle, styled
from tracer.engines.here import Here
from tracer.identifiers.kinds import BIT, COMPOSITE, KINDS, PART, REPAIRED
from tracer.intake.material import material
from tracer.linkage.chance import MatchRate, left_out
from tracer.linkage.dump import prepare
from tracer.linkage.exact import Census, Links, link_all
from tracer.linkage.partial import HIGHEST_RATE, Tried, _hits, _settled, _usable
from tracer.settings import DEFAULT
from tracer.vault.growth import SAMPLED
from tracer.vault.vault import Vault

DAY = date(2025, 10, 28)
FIELDS = ("name", "phone", "national_id", "limit")


@pytest.fixture(scope="module")
def world() -> World:
    return invent(
        WorldPlan(
            seed=91,
            people=12_000,
            platforms=2,
            customers=3_000,
            hidden=1,
            snapshots=(DAY,),
            phone_change_rate=0,
            churn=0,
        )
    )


@pytest.fixture(scope="module")
def vault(world: World, tmp_path_factory: pytest.TempPathFactory) -> Vault:
    return vault_of(tmp_path_factory.mktemp("partial"), tables_of(world))


def linked(frame: pl.DataFrame, vault: Vault) -> tuple[list[Links], Census]:
    return link_all(prepare(material(frame, DEFAULT).reading.tables, vault.key), vault, Here())


def scores(rows: pl.DataFrame, table: pl.DataFrame, world: World, vault: Vault) -> tuple[float, int, int]:
    """Recall over both platforms, wrong links, and links."""
    pairs = right = made = 0
    for one in linked(table, vault)[0]:
        customers = customers_of(world, vault, one.platform.name, DAY)
        person = rows[PERSON].to_numpy()
        pairs += int(np.isin(person, customers).sum())
        right += int((customers[one.person] == person[one.row]).sum())
        made += one.row.size
    return right / max(1, pairs), made - right, made


def few(wrong: int, made: int) -> bool:
    """Whether so many wrong links of so many fit a precision of 0.999, at a chance of one in a thousand."""
    return bool(wrong <= stats.binom.ppf(0.999, made, 1e-3))


def stolen(world: World, *fields: str, rows: int = 2_000) -> pl.DataFrame:
    """Rows of one platform, of one that nobody registered, and of nobody."""
    plan = LeakPlan({"huadai": rows, world.hidden[0]: rows // 5}, DAY, columns=fields, junk=rows // 5, seed=5)
    return leak(world, plan)


@pytest.mark.parametrize("mask", ["stars", "crosses", "dots", "signs", "short", "tail"])
def test_masked_phones_with_names(mask: MaskStyle, world: World, vault: Vault) -> None:
    """Whatever a mask looks like, records are linked to the right customers and to no others."""
    rows = stolen(world, "name", "phone", "limit")
    recall, wrong, made = scores(rows, styled(rows, Style(mask_phone=True, mask=mask)), world, vault)
    assert recall >= 0.98
    assert few(wrong, made)


@pytest.mark.parametrize(
    "fields", [("name", "phone", "limit"), ("name", "national_id", "limit"), FIELDS, ("national_id", "limit")]
)
def test_a_quarter_of_the_rows_mistyped(fields: tuple[str, ...], world: World, vault: Vault) -> None:
    """A typing error in one identifier costs hardly a link and makes no wrong one."""
    rows = stolen(world, *fields)
    recall, wrong, made = scores(rows, styled(damage(rows, 0.25, 3), Style()), world, vault)
    assert recall >= 0.95
    assert few(wrong, made)


def test_through_a_spreadsheet(world: World, vault: Vault) -> None:
    """Rounded IDs and phone numbers in scientific writing are linked by what is left of them."""
    rows = stolen(world, *FIELDS)
    recall, wrong, made = scores(rows, styled(through_excel(rows), Style()), world, vault)
    assert recall >= 0.98
    assert few(wrong, made)


@pytest.mark.parametrize("style", [Style(), Style(mask_phone=True), Style(mask_phone=True, mask="tail")])
def test_strangers_stay_strangers(style: Style, world: World, vault: Vault) -> None:
    """Of 4,000 people nobody knows, with the most usual names, hardly one is linked in a thousand."""
    rows = leak(world, LeakPlan({}, DAY, columns=("name", "phone", "limit"), junk=4_000, seed=8))
    rows = rows.with_columns(name=pl.lit("王伟"))
    _, _, made = scores(rows, styled(damage(rows, 0.25, 1), style), world, vault)
    assert made <= 0.001 * 2 * rows.height


def test_rates_are_told(world: World, vault: Vault) -> None:
    """Every kind that was tried says what it found, what chance finds, and how that was measured."""
    rows = damage(stolen(world, *FIELDS), 1.0, 3)
    census = linked(styled(rows, Style()), vault)[1]
    methods = {rate.kind: rate.method for rate in census.rates}
    assert methods["phone"] == methods["national_id"] == methods[REPAIRED] == "decoys"
    assert methods["name_phone"] == "derangement"
    for rate in census.rates:
        assert rate.records >= rate.links
        assert rate.trials >= rate.hits
        assert rate.by_chance <= rate.records


def test_a_platform_with_masked_numbers_is_asked_about_all_records(world: World, tmp_path: Path) -> None:
    """Records that others recognise by whole numbers are linked by masked ones where a platform holds no others."""
    whole = world.table("huadai", DAY)
    blurred = whole.select("客户姓名", pl.col("手机号码").str.replace(r"^(.{3}).{4}", "$1****"), "授信额度")
    vault = vault_of(tmp_path, {"one": {DAY: whole}, "two": {DAY: blurred}})
    rows = stolen(world, "name", "phone", "limit")
    one, two = linked(styled(rows, Style()), vault)[0]
    assert one.linked_by("phone").mean() >= 0.99
    assert two.linked_by("name_phone").mean() >= 0.99
    assert two.row.size >= 0.99 * one.row.size


def test_a_name_known_twice_links_nobody(world: World, tmp_path: Path) -> None:
    """Where two customers fit a record equally well, it is linked to neither."""
    table = pl.DataFrame({"姓名": ["张伟", "章伟", "李娜"], "手机号": ["13800001111", "13899991111", "13700002222"]})
    vault = vault_of(tmp_path, {"one": {DAY: table}})
    frame = pl.DataFrame({"姓名": ["张伟", "李娜"] * 5, "手机号": ["138****1111", "137****2222"] * 5})
    links = linked(frame, vault)[0][0]
    assert links.row.tolist() == [1, 3, 5, 7, 9]


def rate(kind: str, platform: str, *, records: int, links: int, hits: int) -> MatchRate:
    return MatchRate(kind, platform, records, links, 20_000, hits, "derangement", used=False)


def test_a_kind_that_chance_hits_is_left_out(vault: Vault) -> None:
    """More than one hit in a thousand, anywhere, or links of which one in a thousand is chance: not alone."""
    one, two = vault.platforms
    pairs = pl.DataFrame()

    def tried(kind: str, *, links: int, hits: tuple[int, int]) -> frozenset[str]:
        rates = [
            rate(kind, each.name, records=1_000, links=links, hits=hit)
            for each, hit in zip((one, two), hits, strict=True)
        ]
        return _usable([Tried(each, pairs, (told,)) for each, told in zip((one, two), rates, strict=True)])

    assert tried("name_phone_last_4", links=900, hits=(0, 0))
    assert not tried("name_phone_last_4", links=900, hits=(0, 1 + int(HIGHEST_RATE * 20_000)))
    assert not tried("name_phone_last_4", links=900, hits=(20, 20))
    assert not tried("name_phone_last_4", links=1, hits=(0, 0))
    assert tried("name_phone", links=1, hits=(1, 1))


def test_what_was_left_out_is_said() -> None:
    """A warning counts the records that only an unused kind would have linked, and is silent where there are none."""
    unused = rate("surname_phone", "one", records=3_000, links=1_500, hits=40)
    (said,) = left_out([replace(unused, lost=1_234), rate("name_phone", "one", records=9, links=9, hits=0)])
    assert said.startswith("1,234 records would be linked to one by surname")
    assert "about 6.0" in said
    assert left_out([unused, replace(unused, used=True, lost=1_234)]) == ()


def test_two_weak_kinds_of_different_digits_are_enough() -> None:
    """The ends of a phone number and of an ID that name one customer link, though neither would alone."""
    kinds = [("name_phone_last_4", 0), ("name_id_last_4", 0), ("name_phone_last_4", 1), ("surname_phone", 1)]
    pairs = pl.DataFrame(
        {"row": [row for _, row in kinds], "person": [7] * 4, "kinds": [BIT[kind] for kind, _ in kinds]},
        schema={"row": pl.UInt32, "person": pl.UInt32, "kinds": pl.UInt16},
    )
    assert _settled(pairs, frozenset()).get_column("row").to_list() == [0]
    assert _settled(pairs, frozenset({"surname_phone"})).get_column("row").to_list() == [0, 1]


def test_kinds_fit_into_sixteen_bits() -> None:
    """Every kind has a bit of its own, the weightiest the highest, and every partial kind a part."""
    assert sorted(BIT.values(), reverse=True) == [BIT[kind] for kind in KINDS]
    assert max(BIT.values()) < 2**16
    assert PART.keys() == COMPOSITE.keys() | {REPAIRED}


def test_the_sample_tells_hits_from_none(vault: Vault) -> None:
    """About one in 64 of a platform's tokens is in its sample, and only those hit it."""
    platform = vault.platforms[0]
    tokens = vault.identifiers(platform, "name_phone")
    held = vault.sample(platform)["name_phone"]
    assert _hits(tokens.unique("token", keep="first", maintain_order=True), held) == held.size
    assert tokens.height / SAMPLED / 2 < held.size < tokens.height / SAMPLED * 2
    assert _hits(tokens.with_columns(pl.col("token") + 1), held) == 0
