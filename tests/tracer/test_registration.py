from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tests.tracer.conftest import DAYS, Town
from tests.tracer.contents import contents, folder_of, picture
from tracer.demo import HEADERS
from tracer.errors import TracerError, UnknownName, UnreadableInput, VaultFault
from tracer.identifiers.kinds import COMPOSITE
from tracer.registration import register
from tracer.vault.vault import Vault

DAY = date(2025, 5, 1)


@pytest.fixture
def empty(tmp_path: Path) -> Vault:
    return Vault.create(tmp_path / "vault")


@pytest.fixture
def table(tmp_path: Path, town: Town) -> Callable[..., Path]:
    """Write a part of a platform's table, with other headers if wished, to a file."""

    def written(*drop: str, rename: dict[str, str] | None = None, name: str = "table.csv") -> Path:
        path = tmp_path / name
        kept = town.world.table(town.first, DAYS[0]).drop(*(HEADERS[field] for field in drop))
        kept.rename(rename or {}).write_csv(path)
        return path

    return written


def refused(vault: Vault, fault: type[TracerError], act: Callable[[], object]) -> TracerError:
    before = picture(folder_of(vault))
    with pytest.raises(fault) as caught:
        act()
    assert caught.value.hint
    assert picture(folder_of(vault)) == before
    return caught.value


def test_every_column_finds_its_place(town: Town) -> None:
    """Names, numbers, IDs and user names become identifiers, all other columns and user names claims."""
    platform = Vault.open(town.vault).platform(town.first)
    assert platform.kinds == {"national_id", "phone", "account", *COMPOSITE}
    claimed = {claim.name for claim in platform.claims}
    assert {HEADERS[field] for field in ("city", "product", "limit", "amount", "account")} <= claimed
    assert HEADERS["phone"] not in claimed
    assert platform.joined
    assert platform.joins_per_day is not None
    assert 0.2 < platform.joins_per_day < 5


def test_customers_are_those_of_the_tables(town: Town) -> None:
    """A platform has as many customers as its tables hold IDs, though phone numbers change between them."""
    vault = Vault.open(town.vault)
    for name in town.world.registered[:2]:
        ids = pl.concat(town.world.table(name, day).select(HEADERS["national_id"]) for day in DAYS).n_unique()
        assert vault.platform(name).people == ids


def test_the_order_of_the_files_does_not_matter(vault: Path, town: Town) -> None:
    """An older table registered after newer ones gives the same, fact by fact, as in the order of the days."""
    told = []
    for number, days in enumerate((DAYS, (DAYS[2], DAYS[0], DAYS[1]))):
        root = vault.with_name(f"vault {number}")
        shutil.copytree(vault, root)
        opened = Vault.open(root, key_path=vault.with_name("vault.key"))
        for day in days:
            opened, _ = register(opened, town.table(town.third, day), town.third, day)
        told.append(contents(opened))
    assert told[0] == told[1]


@pytest.mark.parametrize(("column", "role"), [("进件", "x"), ("手机", "phone")])
def test_an_unknown_column(empty: Vault, table: Callable[..., Path], column: str, role: str) -> None:
    """A --column that the table has not is refused, without telling what the table has."""
    fault = refused(empty, UnknownName, lambda: register(empty, table(), "one", DAY, roles={column: role}))
    assert f"no column {column}" in fault.message
    assert HEADERS["national_id"] not in fault.message + fault.hint


def test_an_unknown_role(empty: Vault, table: Callable[..., Path]) -> None:
    """A role that does not exist is refused, and the hint names all that do."""
    fault = refused(empty, UnknownName, lambda: register(empty, table(), "one", DAY, roles={HEADERS["city"]: "town"}))
    assert "no such role" in fault.message
    assert "masked_phone" in fault.hint


def test_an_unknown_joining_column(empty: Vault, table: Callable[..., Path]) -> None:
    """A --joined that the table has not, or that holds no dates, is refused."""
    refused(empty, UnknownName, lambda: register(empty, table(), "one", DAY, joined="nothing"))
    fault = refused(empty, UnknownName, lambda: register(empty, table(), "one", DAY, joined=HEADERS["city"]))
    assert "holds no dates" in fault.message


def test_a_joining_column_by_name(empty: Vault, table: Callable[..., Path]) -> None:
    """A joining column whose header says nothing is used when it is named, and not otherwise."""
    renamed = table(rename={HEADERS["joined"]: "t"})
    vault, _ = register(empty, renamed, "named", DAYS[0], joined="t")
    vault, _ = register(vault, renamed, "unnamed", DAYS[0])
    assert vault.platform("named").joined
    assert not vault.platform("unnamed").joined


def test_dates_after_the_snapshot_are_no_joining_dates(empty: Vault, table: Callable[..., Path]) -> None:
    """A column that looks like joining dates but goes beyond the snapshot's day is not taken for one."""
    vault, _ = register(empty, table(), "one", date(2023, 5, 1))
    assert not vault.platform("one").joined


def test_a_role_that_was_said(empty: Vault, table: Callable[..., Path]) -> None:
    """A column called something else is what the user says: as text, phone numbers identify nobody."""
    vault, _ = register(empty, table(), "one", DAYS[0], roles={HEADERS["phone"]: "text", HEADERS["account"]: "text"})
    platform = vault.platform("one")
    assert platform.kinds == {"national_id", "name_id", "name_birth_region", "name_id_last_4"}
    assert HEADERS["phone"] in {claim.name for claim in platform.claims}


def test_a_table_that_identifies_nobody(empty: Vault, table: Callable[..., Path]) -> None:
    """A table without any identifier is refused, and the hint says how to name one."""
    path = table("name", "phone", "national_id", "account")
    fault = refused(empty, UnreadableInput, lambda: register(empty, path, "one", DAY))
    assert "--column" in fault.hint


def test_a_file_of_two_tables(empty: Vault, tmp_path: Path) -> None:
    """Of a file with two tables one must be named; a wrong name is refused."""
    path = tmp_path / "two.sql"
    rows = ",".join(f"('赵一{place}','138000011{place:02}')" for place in range(20))
    statement = f"INSERT INTO `t_user` (`name`,`phone`) VALUES {rows};\n"  # noqa: S608 - it is read, not run
    path.write_text(statement + statement.replace("t_user", "t_loan"), "utf-8")
    fault = refused(empty, UnknownName, lambda: register(empty, path, "one", DAY))
    assert "t_user" in fault.message
    assert "t_loan" in fault.message
    assert "--table" in fault.hint
    refused(empty, UnknownName, lambda: register(empty, path, "one", DAY, table="t_nothing"))
    vault, told = register(empty, path, "one", DAY, table="t_loan")
    assert told.people == 20
    assert "phone" in vault.platform("one").kinds


@pytest.mark.parametrize("name", ["missing.csv", "", "empty.csv"])
def test_what_cannot_be_read(empty: Vault, tmp_path: Path, name: str) -> None:
    """No such file, a folder, an empty file: refused, nothing written."""
    (tmp_path / "empty.csv").touch()
    refused(empty, UnreadableInput, lambda: register(empty, tmp_path / name, "one", DAY))


def test_the_same_file_twice(vault: Path, town: Town) -> None:
    """A file that was registered for its day before changes no byte; for another day it is another snapshot."""
    before = picture(vault)
    opened, told = register(Vault.open(vault), town.table(town.first, DAYS[0]), town.first, DAYS[0])
    assert told.unchanged
    assert picture(vault) == before
    opened, told = register(opened, town.table(town.first, DAYS[0]), town.first, date(2025, 5, 2))
    assert not told.unchanged
    assert told.new_people == 0
    assert len(opened.platform(town.first).days) == len(DAYS) + 1


def test_other_roles_for_a_registered_file_are_refused(empty: Vault, table: Callable[..., Path]) -> None:
    """A file registered for a day is not taken for the same when its columns are said to mean something else."""
    path = table()
    vault, _ = register(empty, path, "one", DAY)
    roles = {HEADERS["limit"]: "amount"}
    refused(vault, VaultFault, lambda: register(vault, path, "one", DAY, roles=roles))
    assert register(vault, path, "one", DAY)[1].unchanged


def test_a_vault_is_its_owners(empty: Vault) -> None:
    """Nobody else may look into a vault's folder: its tokens are personal data still."""
    assert folder_of(empty).stat().st_mode & 0o077 == 0


def test_unread_records_are_counted(empty: Vault, tmp_path: Path) -> None:
    """A record that cannot be read is counted and never registered in silence."""
    lines = [f'{{"手机号": "138{place:08d}", "额度": {place * 100}}}' for place in range(50)]
    (tmp_path / "table.jsonl").write_text("\n".join([*lines, '{"手机号": "1390000']), "utf-8")
    _, added = register(empty, tmp_path / "table.jsonl", "huadai", DAY)
    assert (added.rows, added.rejected) == (50, 1)


def test_a_frame_is_registered_like_a_file(empty: Vault, town: Town) -> None:
    """A Polars or pandas frame gives the vault what the same table gives as a file."""
    frame = town.world.table(town.first, DAYS[0])
    vault, added = register(empty, frame, "huadai", DAY)
    _, again = register(vault, frame.to_pandas(), "huadai", date(2025, 6, 1))
    assert added.people == added.new_people == frame.height
    assert again.new_people == 0
