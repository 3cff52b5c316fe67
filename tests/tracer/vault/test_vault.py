from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations
from pathlib import Path

import polars as pl
import pytest

from tests.tracer.conftest import DAYS, Town
from tests.tracer.contents import contents, facts, folder_of, picture
from tracer.demo import HEADERS, World, WorldPlan, invent
from tracer.errors import KeyFault, UnknownName, VaultFault
from tracer.identifiers.kinds import COMPOSITE
from tracer.registration import register
from tracer.tokens import create_key
from tracer.vault.folder import Folder
from tracer.vault.snapshot import Origin, tokenise
from tracer.vault.vault import Added, Vault

COLUMNS = [
    (header, header, {"limit": "limit", "city": "region", "joined": "datetime"}.get(field, field))
    for field, header in HEADERS.items()
]


@pytest.fixture(scope="module")
def world() -> World:
    """Some two hundred customers whose phones change fast and who leave fast."""
    return invent(WorldPlan(seed=3, people=2_000, platforms=1, customers=300, phone_change_rate=0.3, churn=0.2))


@pytest.fixture
def empty(tmp_path: Path) -> Vault:
    return Vault.create(tmp_path / "vault")


def add(vault: Vault, table: pl.DataFrame, day: date, *, platform: str = "one") -> tuple[Vault, Added]:
    """Add a table with its full set of roles; its digest stands for its content and day."""
    held = [column for column in COLUMNS if column[0] in table.columns]
    joined = table[HEADERS["joined"]].str.slice(0, 10).str.to_date() if HEADERS["joined"] in table.columns else None
    digest = f"{table.hash_rows().sum():x}"
    return vault.add(tokenise(table, held, Origin(platform, day, digest), vault.key, joined))


def added(vault: Vault, tables: Sequence[tuple[date, pl.DataFrame]]) -> Vault:
    for day, table in tables:
        vault, _ = add(vault, table, day)
    return vault


def another(empty: Vault, name: str) -> Vault:
    """An empty vault with the same key, so that its tokens can be compared."""
    root = folder_of(empty).with_name(name)
    shutil.copytree(folder_of(empty), root)
    return replace(empty, place=Folder(root))


def size(vault: Vault) -> int:
    return sum(path.stat().st_size for path in (folder_of(vault) / "parts").rglob("*.parquet"))


# --- adding ----------------------------------------------------------------------------------------------------------


def test_the_first_snapshot(empty: Vault, world: World) -> None:
    """A first table brings all its customers, and every kind of identifier and claim it has."""
    table = world.table("huadai", DAYS[0])
    vault, told = add(empty, table, DAYS[0])
    assert told == Added("one", DAYS[0], table.height, table.height, table.height, 0, unchanged=False)
    platform = vault.platform("one")
    assert platform.kinds == {"national_id", "phone", "account", *COMPOSITE}
    assert {claim.name for claim in platform.claims} >= {"城市", "贷款产品", "授信额度", "在贷余额"}
    assert platform.joined
    assert platform.days == (DAYS[0],)
    assert vault.presence(platform).height == table.height


def test_the_same_snapshot_twice_changes_nothing(empty: Vault, world: World) -> None:
    """A table that was added for its day before is told as unchanged, and no byte of the vault changes."""
    table = world.table("huadai", DAYS[0])
    vault, _ = add(empty, table, DAYS[0])
    before = picture(folder_of(vault))
    _, told = add(vault, table, DAYS[0])
    assert told.unchanged
    assert told.new_people == 0
    assert picture(folder_of(vault)) == before


def test_an_opened_vault_is_the_one_that_was_written(empty: Vault, world: World) -> None:
    """What `add` returns equals what opening the vault gives."""
    vault, _ = add(empty, world.table("huadai", DAYS[0]), DAYS[0])
    opened = Vault.open(folder_of(vault))
    assert opened == vault
    assert contents(opened) == contents(vault)


def test_the_order_of_snapshots_does_not_matter(empty: Vault, world: World) -> None:
    """Three tables added in any of their six orders say the same of every customer and every day."""
    tables = [(day, world.table("huadai", day)) for day in DAYS]
    told = [contents(added(another(empty, str(number)), order)) for number, order in enumerate(permutations(tables))]
    assert all(one == told[0] for one in told)


def test_a_vault_says_what_the_tables_said(empty: Vault, world: World) -> None:
    """Of each day, what the runs give is exactly what a vault of that day's table alone holds."""
    tables = [(day, world.table("huadai", day)) for day in DAYS]
    whole = contents(added(another(empty, "whole"), tables))["one"]
    for day, table in tables:
        single = contents(added(another(empty, str(day)), [(day, table)]))["one"]
        for name in single.keys() - {"joined"}:
            held = {row[:-2] for row in whole[name] if str(row[-2]) <= str(day) <= str(row[-1])}
            assert held == {row[:-2] for row in single[name]}, name


def test_phone_changes_make_no_new_customers(empty: Vault, world: World) -> None:
    """Though phone numbers change, the customers ever seen are the IDs ever seen."""
    tables = [(day, world.table("huadai", day)) for day in DAYS]
    vault = added(empty, tables)
    ids = pl.concat(table.select(HEADERS["national_id"]) for _, table in tables).n_unique()
    platform = vault.platform("one")
    assert platform.people == ids
    assert vault.identifiers(platform, "phone")["token"].n_unique() > ids


def test_ten_unchanged_snapshots_cost_what_one_does(empty: Vault, world: World) -> None:
    """Ten days with equal content take at most 3 % more of the disk than one."""
    table = world.table("huadai", DAYS[0])
    vault, _ = add(empty, table, DAYS[0])
    one = size(vault)
    for later in range(1, 10):
        vault, told = add(vault, table.with_columns(pl.lit(str(later)).alias("批次")), DAYS[0] + timedelta(later))
        assert told.new_people == 0
    assert len(vault.platform("one").days) == 10
    assert size(vault) <= 1.03 * one


def test_the_vault_grows_with_what_changed(empty: Vault, world: World) -> None:
    """A day on which one column of all changed costs less than the whole table did."""
    table = world.table("huadai", DAYS[0]).drop(HEADERS["amount"])
    vault, _ = add(empty, table, DAYS[0])
    one = size(vault)
    vault, _ = add(vault, table.with_columns(pl.lit("上海").alias(HEADERS["city"])), DAYS[1])
    assert one < size(vault) < 1.4 * one


def test_fewer_columns_end_nothing(empty: Vault, world: World) -> None:
    """A table without city and ID between two with them cuts none of their runs, and what it has is folded in."""
    less = [HEADERS["city"], HEADERS["national_id"]]
    table = world.table("huadai", DAYS[0])
    told = [(DAYS[0], table), (DAYS[2], table)]
    vault = added(empty, told)
    whole, people = facts(vault, vault.platform("one")), vault.platform("one").people
    vault, _ = add(vault, table.drop(less), DAYS[1])
    platform = vault.platform("one")
    assert facts(vault, platform) == whole
    assert platform.days_with_claim(HEADERS["city"]) == (DAYS[0], DAYS[2])
    assert platform.people == people


def test_more_columns_later(empty: Vault, world: World) -> None:
    """A claim that only the second table has is held from that day on."""
    table = world.table("huadai", DAYS[0])
    vault = added(empty, [(DAYS[0], table.drop(HEADERS["city"])), (DAYS[1], table)])
    platform = vault.platform("one")
    city = next(claim for claim in platform.claims if claim.name == HEADERS["city"])
    assert set(vault.claims(platform, city)["since"]) == {DAYS[1]}


def test_a_table_in_two_files(empty: Vault, world: World) -> None:
    """Two files of one day are one table: the second ends nothing of what the first said."""
    table = world.table("huadai", DAYS[0])
    vault, _ = add(empty, table.head(100), DAYS[0])
    vault, told = add(vault, table.tail(-100), DAYS[0])
    assert told.new_people == table.height - 100
    assert vault.presence(vault.platform("one")).height == table.height


def test_equal_headers_are_two_claims(empty: Vault) -> None:
    """Two columns with one header keep their own values, under numbered names."""
    table = pl.DataFrame({"a": ["13800001234", "13900005678"], "b": ["x", "y"], "c": ["z", "z"]})
    columns = [("a", "手机", "phone"), ("b", "备注", "text"), ("c", "备注", "product")]
    vault, _ = empty.add(tokenise(table, columns, Origin("one", DAYS[0], "d"), empty.key, None))
    platform = vault.platform("one")
    assert [(claim.name, claim.role) for claim in platform.claims] == [("备注", "text"), ("备注 (2)", "product")]
    assert [vault.claims(platform, claim)["token"].n_unique() for claim in platform.claims] == [2, 1]


def test_rows_of_nobody_are_counted(empty: Vault) -> None:
    """Rows without identifier are told and left out."""
    table = pl.DataFrame({"手机": ["13800001234", None, "none"], "城市": ["北京", "上海", "广州"]})
    columns = [("手机", "手机", "phone"), ("城市", "城市", "region")]
    vault, told = empty.add(tokenise(table, columns, Origin("one", DAYS[0], "d"), empty.key, None))
    assert (told.rows, told.people, told.unidentified) == (3, 1, 2)
    assert vault.claims(vault.platform("one"), vault.platform("one").claims[0]).height == 1


@pytest.mark.parametrize("name", ["", " ", "a/b", "a\\b", "a\nb", "x" * 65, " a", "a ", "\u202ea", "a\x00"])
def test_names_that_no_platform_may_have(empty: Vault, world: World, name: str) -> None:
    """A platform's name is something that can be seen and typed; else nothing is written."""
    before = picture(folder_of(empty))
    with pytest.raises(UnknownName) as caught:
        add(empty, world.table("huadai", DAYS[0]), DAYS[0], platform=name)
    assert caught.value.hint
    assert picture(folder_of(empty)) == before


def test_a_platform_that_is_not_there(town: Town) -> None:
    """A name that nobody registered is the user's mistake, and the hint lists the vault."""
    vault = Vault.open(town.vault)
    with pytest.raises(UnknownName, match="no such platform") as caught:
        vault.platform("nobody")
    assert "luobo vault list" in caught.value.hint
    with pytest.raises(UnknownName):
        vault.identifiers(vault.platforms[0], "bank_card")


# --- making and opening ----------------------------------------------------------------------------------------------


def test_a_vault_is_never_made_over_something(tmp_path: Path) -> None:
    """Where a file, a folder or a key is already, no vault is made and nothing is left behind."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    create_key(tmp_path / "new.key")
    for name, fault in (("file", VaultFault), ("folder", VaultFault), ("new", KeyFault), ("file/in", VaultFault)):
        with pytest.raises(fault) as caught:
            Vault.create(tmp_path / name)
        assert caught.value.hint
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder", "new.key"]


def test_the_vault_of_this_folder(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A vault can be named as `.` or `..`: its key is found beside where it lies."""
    monkeypatch.chdir(town.vault)
    assert Vault.open(".").platforms == Vault.open(town.vault).platforms
    monkeypatch.chdir(town.vault / "parts")
    assert Vault.open("..").platforms == Vault.open(town.vault).platforms
    assert Folder(Path("a/b")).key_path() == Path("a/b.key")


def test_another_vaults_key(town: Town, tmp_path: Path) -> None:
    """A key that did not make the vault's tokens is refused by name."""
    create_key(tmp_path / "other.key")
    with pytest.raises(KeyFault, match="this key did not make") as caught:
        Vault.open(town.vault, key_path=tmp_path / "other.key")
    assert "--key" in caught.value.hint


def test_a_vault_behind_a_passphrase(tmp_path: Path, town: Town) -> None:
    """A vault whose key has a passphrase takes tables and opens with it only."""
    made = Vault.create(tmp_path / "vault", passphrase="words")
    register(made, town.table(town.first, DAYS[0]), "one", DAYS[0])
    assert Vault.open(tmp_path / "vault", passphrase="words").platform("one").people > 500
    with pytest.raises(KeyFault):
        Vault.open(tmp_path / "vault", passphrase="other words")
