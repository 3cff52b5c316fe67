from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.tracer import apart
from tests.tracer.conftest import DAYS, Town
from tests.tracer.contents import facts, folder_of, picture
from tracer.custody.exhibit import seal
from tracer.errors import VaultFault
from tracer.intake.reading import read
from tracer.registration import register
from tracer.vault.handover import hand_over, take_over
from tracer.vault.manifest import Platform
from tracer.vault.snapshot import Origin, Snapshot, tokenise
from tracer.vault.store import read_file
from tracer.vault.vault import Vault

BETWEEN = DAYS[0].replace(day=20)
KILLS = 25
_NEXT = 5
"""After every so many kills the next registration is tried too."""
LONGEST = 0.3
"""Seconds after which a random kill comes at the latest; a registration of this size takes about a tenth of one."""


def leftovers(vault: Vault) -> set[str]:
    """What lies in a vault that its manifest does not name."""
    named = {platform.part for platform in vault.platforms}
    strays = {path.name for path in (folder_of(vault) / "parts").iterdir()} - named
    return strays | {path.name for path in folder_of(vault).iterdir()} - {"manifest.json", "parts", "lock"}


def snapshot(town: Town, platform: str, day: date) -> Snapshot:
    """The first table of a platform, as if it had been taken on another day."""
    exhibit = seal(town.table(platform, DAYS[0]))
    (table,) = read(exhibit).tables
    columns = [(column.key, column.name, column.role.value) for column in table.columns]
    return tokenise(table.frame, columns, Origin(platform, day, exhibit.sha256), Vault.open(town.vault).key, None)


def whole(vault: Vault) -> tuple[Platform, ...]:
    """Everything a vault says of its platforms, every file read and its digest found right."""
    for platform in vault.platforms:
        for file in platform.files:
            assert len(read_file(vault.place, platform, file)) == file.size
    return vault.platforms


def survives_every_kill(town: Town, folder: Path, work: Callable[..., object], *arguments: object) -> None:
    """Kill `work(vault, *arguments)`, which adds a snapshot to the first platform, at each of its named points.

    Every time the vault is whole and what it was before or after, and the next registration works and cleans up.
    """
    key = town.vault.with_name("vault.key")
    before = Vault.open(town.vault).platforms
    root = folder / "done"
    shutil.copytree(town.vault, root)
    work(Vault.open(root, key_path=key), *arguments)
    done = Vault.open(root, key_path=key)
    after = facts(done, done.platform(town.first))
    found, dirty = [], 0
    for call in range(1, 500):
        root = folder / str(call)
        shutil.copytree(town.vault, root)
        code = apart.finish(apart.start(apart.die_at, call, work, Vault.open(root, key_path=key), *arguments))
        vault = Vault.open(root, key_path=key)
        found.append(whole(vault) != before)
        if found[-1]:
            assert facts(vault, vault.platform(town.first)) == after
            assert [one for one in vault.platforms if one.name != town.first] == [
                one for one in before if one.name != town.first
            ]
        if code == 0:
            break
        assert code == -9
        dirty += bool(leftovers(vault))
        if call % _NEXT == 0:
            now, _ = register(vault, town.table(town.third, DAYS[1]), town.third, DAYS[1])
            assert not leftovers(now)
            assert Vault.open(root, key_path=key) == now
        shutil.rmtree(root)
    assert found == sorted(found), "once it is done it stays done"
    assert found.count(False) >= 5
    assert dirty >= 5


def spans(vault: Vault, name: str) -> set[tuple[object, ...]]:
    """First and last day of every run of a platform."""
    held = facts(vault, vault.platform(name))
    return {row[-2:] for frame, rows in held.items() if frame != "joined" for row in rows}


def test_a_registration_killed_at_every_named_point(town: Town, tmp_path: Path) -> None:
    """Killed wherever it opens, forces, renames, makes or removes something, a registration is done or was never begun.

    The next registration works and removes what the killed one left lying.
    """
    survives_every_kill(town, tmp_path, Vault.add, snapshot(town, town.first, BETWEEN))


def test_an_import_killed_at_every_named_point(town: Town, tmp_path: Path) -> None:
    """A handover that is taken in is taken in whole or not at all."""
    source = tmp_path / "source"
    shutil.copytree(town.vault, source)
    vault = Vault.open(source, key_path=town.vault.with_name("vault.key"))
    vault, _ = register(vault, town.table(town.first, DAYS[0]), town.first, BETWEEN)
    hand_over(vault, vault.platform(town.first), tmp_path / "handover")
    survives_every_kill(town, tmp_path, take_over, tmp_path / "handover")


def test_killed_at_random_moments(vault: Path, town: Town, tmp_path: Path) -> None:
    """A process that registers one table day after day is killed again and again; each time the vault is whole.

    It holds the table for every day of an unbroken row of days, and nothing else has changed.
    """
    rng = random.Random(11)
    others = Vault.open(vault).platforms
    name = town.third
    told = snapshot(town, name, DAYS[0])
    for kill in range(KILLS):
        begun = tmp_path / f"begun {kill}"
        process = apart.start(apart.add_for_ever, Vault.open(vault), told, begun)
        apart.await_file(process, begun)
        time.sleep(rng.uniform(0, LONGEST))
        process.kill()
        assert apart.finish(process) == -9
        opened = Vault.open(vault)
        assert tuple(platform for platform in whole(opened) if platform.name != name) == others
        days = opened.platform(name).days
        assert (days[-1] - days[0]).days == len(days) - 1
        assert spans(opened, name) == {(days[0], days[-1])}
    now, _ = Vault.open(vault).add(snapshot(town, name, DAYS[1]))
    assert not leftovers(now)


def test_a_second_writer_is_told(vault: Path, town: Town) -> None:
    """While one writes, another gets one clear fault and changes nothing; afterwards it may write."""
    opened = Vault.open(vault)
    before = picture(vault)
    with opened.place.locked(), pytest.raises(VaultFault, match="somebody else is writing") as caught:
        register(opened, town.table(town.third, DAYS[0]), town.third, DAYS[0])
    assert caught.value.hint
    assert picture(vault) == before
    register(opened, town.table(town.third, DAYS[0]), town.third, DAYS[0])


def test_a_lock_ends_with_its_holder(vault: Path, town: Town, tmp_path: Path) -> None:
    """A writer that was killed locks nobody out."""
    process = apart.start(
        apart.add_for_ever, Vault.open(vault), snapshot(town, town.third, DAYS[0]), tmp_path / "begun"
    )
    apart.await_file(process, tmp_path / "begun")
    process.kill()
    apart.finish(process)
    register(Vault.open(vault), town.table(town.third, DAYS[1]), town.third, DAYS[1])


def test_many_writers_at_once(vault: Path, town: Town) -> None:
    """Of six that register at once each is done or refused; the vault holds what was said to be done, and no more."""
    opened = Vault.open(vault)
    before = {platform.name for platform in opened.platforms}
    table = town.table(town.third, DAYS[0])
    writers = {
        name: apart.start(apart.attempt, register, opened, table, name, DAYS[0])
        for name in (f"writer {number}" for number in range(6))
    }
    codes = {name: apart.finish(process) for name, process in writers.items()}
    assert set(codes.values()) <= {0, 3}
    assert 0 in codes.values()
    after = Vault.open(vault)
    assert {platform.name for platform in after.platforms} == before | {
        name for name, code in codes.items() if not code
    }
    whole(after)
    assert not leftovers(after)


def test_a_reader_during_writes(vault: Path, town: Town, tmp_path: Path) -> None:
    """Who reads while others write sees the vault before or after, or is told to run again; never a mixture."""
    name = town.third
    process = apart.start(apart.add_for_ever, Vault.open(vault), snapshot(town, name, DAYS[0]), tmp_path / "begun")
    apart.await_file(process, tmp_path / "begun")
    refused: list[VaultFault] = []
    seen, until = 0, time.monotonic() + 2
    while time.monotonic() < until:
        opened = Vault.open(vault)
        days = opened.platform(name).days
        try:
            assert spans(opened, name) == {(days[0], days[-1])}
            seen += 1
        except VaultFault as fault:
            refused.append(fault)
    process.kill()
    apart.finish(process)
    assert seen >= 5
    assert all("missing" in fault.message and "run again" in fault.hint for fault in refused)
