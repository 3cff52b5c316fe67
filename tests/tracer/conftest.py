from __future__ import annotations

import csv
import os
import shutil
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import pytest

from tracer.demo import HEADERS, LeakPlan, Style, World, WorldPlan, invent, leak, write
from tracer.registration import register
from tracer.vault.vault import Vault

DAYS = (date(2025, 5, 1), date(2025, 7, 30), date(2025, 10, 28))
LEAKED = date(2025, 9, 12)
PERSONAL = ("name", "phone", "national_id", "account")
PLAN = WorldPlan(seed=5, people=6_000, platforms=3, customers=700, hidden=1, snapshots=DAYS)


@dataclass(frozen=True)
class Town:
    """An invented world on disk, with a vault of two of its platforms and two dumps."""

    folder: Path
    world: World

    @property
    def vault(self) -> Path:
        """The vault; its key is beside it."""
        return self.folder / "vault"

    @property
    def dump(self) -> Path:
        """300 records of the first platform and 30 of nobody."""
        return self.folder / "leak.csv"

    @property
    def stranger(self) -> Path:
        """200 records of a platform that nobody registered."""
        return self.folder / "stranger.csv"

    @property
    def first(self) -> str:
        """The platform that leaked."""
        return self.world.registered[0]

    @property
    def third(self) -> str:
        """A platform that has tables on disk but is not in the vault."""
        return self.world.registered[2]

    def table(self, platform: str, day: date) -> Path:
        """The file of a platform's table."""
        return self.folder / "platforms" / platform / f"{day}.csv"

    @cached_property
    def personal(self) -> frozenset[str]:
        """Every name, phone number, ID and user name of the tables and dumps, as they are written there."""
        tables = [self.world.table(one.name, day) for one in self.world.platforms for day in (*DAYS, LEAKED)]
        told = {text for table in tables for field in PERSONAL for text in table[HEADERS[field]]}
        for dump in (self.dump, self.stranger):
            _, *rows = csv.reader(dump.read_text("utf-8").splitlines())
            told |= {text for row in rows for text in row[:2]}
        return frozenset(told - {""})


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """The world, to be read only."""
    town = Town(tmp_path_factory.mktemp("town"), invent(PLAN))
    for name in town.world.registered:
        for day in DAYS:
            town.table(name, day).parent.mkdir(parents=True, exist_ok=True)
            town.world.table(name, day).write_csv(town.table(name, day))
    vault = Vault.create(town.vault)
    for name in town.world.registered[:2]:
        for day in DAYS:
            vault, _ = register(vault, town.table(name, day), name, day)
    fields = ("name", "phone", "product", "limit", "amount")
    stolen = LeakPlan({town.first: 300}, LEAKED, fields, junk=30, seed=1)
    write(leak(town.world, stolen), town.dump, Style(phone="mixed"))
    write(leak(town.world, LeakPlan({town.world.hidden[0]: 200}, LEAKED, fields, seed=2)), town.stranger, Style())
    return town


@pytest.fixture
def vault(town: Town, tmp_path: Path) -> Path:
    """A copy of the vault and its key, to be written, damaged and thrown away."""
    path = tmp_path / "vault"
    shutil.copytree(town.vault, path)
    shutil.copy2(town.vault.with_name("vault.key"), tmp_path / "vault.key")
    return path


@pytest.fixture(autouse=True)
def _no_passphrase_around(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("LUOBO_")]:
        monkeypatch.delenv(name)
