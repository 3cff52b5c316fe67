from __future__ import annotations

import hashlib
import json
import random
import shutil
import zipfile
from pathlib import Path

import pytest

from tests.tracer.conftest import Town
from tests.tracer.contents import facts, folder_of, picture
from tracer.errors import KeyFault, TracerError, UnknownName, UnreadableInput, VaultFault
from tracer.tracing import trace
from tracer.vault.handover import hand_over, take_over
from tracer.vault.vault import Vault

Members = dict[str, bytes]


@pytest.fixture(scope="module")
def exported(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("handover") / "first.tokens"
    vault = Vault.open(town.vault)
    hand_over(vault, vault.platform(town.first), path)
    return path


@pytest.fixture
def empty(town: Town, tmp_path: Path) -> Vault:
    """An empty vault with the town's key."""
    made = Vault.create(tmp_path / "empty", key_path=tmp_path / "unused.key")
    shutil.copy2(town.vault.with_name("vault.key"), tmp_path / "empty.key")
    manifest = folder_of(made) / "manifest.json"
    body = json.loads(manifest.read_text("utf-8")) | {"key": Vault.open(town.vault).key.fingerprint}
    manifest.write_text(json.dumps(body), "utf-8")
    return Vault.open(folder_of(made))


def members(path: Path) -> Members:
    with zipfile.ZipFile(path) as bundle:
        return {name: bundle.read(name) for name in bundle.namelist()}


def zipped(path: Path, held: Members, compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as bundle:
        for name, content in held.items():
            bundle.writestr(name, content)
    return path


def sealed(vault: Vault, held: Members, change: dict[str, object]) -> Members:
    """The members with another entry, sealed with the right key: what somebody who has the key may make."""
    body = json.loads(held["platform.json"])
    body["platform"] |= change
    entry = json.dumps(body).encode()
    return held | {"platform.json": entry, "seal": vault.key.mac("handover", entry).encode()}


def refused(vault: Vault, path: Path, fault: type[TracerError] = UnreadableInput) -> TracerError:
    """Taking `path` over fails with this fault and a hint, and changes nothing."""
    before = picture(folder_of(vault))
    with pytest.raises(fault) as caught:
        take_over(vault, path)
    assert caught.value.hint
    assert picture(folder_of(vault)) == before
    return caught.value


def test_a_round_trip_holds_the_same(town: Town, exported: Path, empty: Vault) -> None:
    """What was handed over and taken in says what the vault said of the platform."""
    taken = take_over(empty, exported)
    source, target = Vault.open(town.vault), Vault.open(folder_of(empty))
    assert taken == target.platform(town.first)
    assert facts(target, taken) == facts(source, source.platform(town.first))


def test_a_round_trip_gives_an_equal_trace(town: Town, empty: Vault, tmp_path: Path) -> None:
    """A dump traced against a vault of handovers gives the same findings, record by record."""
    source = Vault.open(town.vault)
    for platform in source.platforms:
        hand_over(source, platform, tmp_path / "one.tokens")
        take_over(empty, tmp_path / "one.tokens")
    here, there = trace(town.dump, source), trace(town.dump, Vault.open(folder_of(empty)))
    assert here.to_dict() == there.to_dict()
    assert here.rows.equals(there.rows)
    assert [one.platform for one in here.established] == [town.first]


def test_a_handover_takes_the_place_of_the_old(vault: Path, town: Town, exported: Path) -> None:
    """A platform that is there already is replaced, and its old files are removed."""
    opened = Vault.open(vault)
    old = opened.platform(town.first).part
    take_over(opened, exported)
    after = Vault.open(vault)
    assert [one.name for one in after.platforms] == [one.name for one in opened.platforms]
    assert after.platform(town.first).part != old
    assert not (vault / "parts" / old).exists()


def test_a_handover_is_its_owners(exported: Path) -> None:
    """The file is readable by its owner only, and nothing lies beside it."""
    assert exported.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in exported.parent.iterdir()] == [exported.name]


def test_a_handover_holds_no_clear_text(town: Town, exported: Path) -> None:
    """No name, number or ID of the platform's customers stands in the file."""
    content = exported.read_bytes()
    assert not [one for one in town.personal if one.encode() in content]


def test_another_key(exported: Path, tmp_path: Path) -> None:
    """A handover made with another key is refused as a fault of the key."""
    assert "another key" in refused(Vault.create(tmp_path / "vault"), exported, KeyFault).message


def test_where_nothing_can_be_written(town: Town, tmp_path: Path) -> None:
    """A folder, a path without folder or below a file: one clear fault, and nothing is left lying."""
    vault = Vault.open(town.vault)
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "folder", tmp_path / "none" / "a", tmp_path / "file" / "a", Path("/"), Path("/proc/a")):
        with pytest.raises(VaultFault, match="cannot be written") as caught:
            hand_over(vault, vault.platforms[0], path)
        assert caught.value.hint
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_an_unknown_platform(town: Town) -> None:
    """Only a registered platform can be handed over."""
    with pytest.raises(UnknownName):
        Vault.open(town.vault).platform("nobody")


def test_what_is_no_handover(empty: Vault, tmp_path: Path, exported: Path, town: Town) -> None:
    """Nothing, a folder, an empty file, a table, another archive: one clear fault each."""
    (tmp_path / "nothing").write_bytes(b"")
    (tmp_path / "text").write_text("no archive")
    zipped(tmp_path / "archive", {"a.txt": b"x"})
    zipped(tmp_path / "list", {"platform.json": b"[]"})
    zipped(tmp_path / "deep", {"platform.json": b"[" * 100_000})
    zipped(tmp_path / "schema", members(exported) | {"platform.json": b'{"schema": "luobo.handover/3"}'})
    names = ("missing", "", "nothing", "text", "archive", "list", "deep", "schema")
    for path in (*(tmp_path / name for name in names), town.dump):
        refused(empty, path)


def test_cut_anywhere(empty: Vault, exported: Path, tmp_path: Path) -> None:
    """A handover cut short at any of forty places is refused."""
    whole = exported.read_bytes()
    for part in range(40):
        path = tmp_path / "cut"
        path.write_bytes(whole[: len(whole) * part // 40])
        refused(empty, path)


def test_flipped_anywhere(empty: Vault, exported: Path, tmp_path: Path) -> None:
    """A changed byte is refused wherever it stands, or else what is taken in is what was handed over."""
    rng, whole = random.Random(5), exported.read_bytes()
    listed = whole.index(b"PK\x01\x02")
    places = [*rng.sample(range(listed), 60), *rng.sample(range(listed, len(whole)), 60), *range(40)]
    held = members(exported).items()
    honest = {name: hashlib.sha256(content).hexdigest() for name, content in held if name.endswith(".parquet")}
    for place in places:
        flipped = bytearray(whole)
        flipped[place] ^= 1 << rng.randrange(8)
        path = tmp_path / "flipped"
        path.write_bytes(flipped)
        try:
            taken = take_over(empty, path)
        except UnreadableInput:
            continue
        # Dates and flags of the archive itself say nothing of the content.
        assert {file.name: file.sha256 for file in taken.files} == honest


def test_a_forged_entry(empty: Vault, exported: Path, tmp_path: Path) -> None:
    """An entry that was changed by somebody without the key is refused, however well its archive is made."""
    held = members(exported)
    body = json.loads(held["platform.json"])
    body["platform"]["people"] += 1
    refused(empty, zipped(tmp_path / "forged", held | {"platform.json": json.dumps(body).encode()}))
    refused(empty, zipped(tmp_path / "bare", {name: held[name] for name in held if name != "seal"}))


@pytest.mark.parametrize(
    "name", ["../x", "/etc/x", "a/b.parquet", "x\x00", "", ".", "..", "manifest.json", "CON.parquet"]
)
def test_hostile_names(empty: Vault, exported: Path, tmp_path: Path, name: str) -> None:
    """A member that would be written elsewhere than into the vault's part is refused, even with the right seal."""
    held = members(exported)
    file = {"name": name, "size": 1, "sha256": hashlib.sha256(b"x").hexdigest()}
    path = zipped(tmp_path / "hostile", {**sealed(empty, held, {"files": [file]}), **({name: b"x"} if name else {})})
    refused(empty, path)
    assert not (folder_of(empty).parent / "x").exists()


@pytest.mark.parametrize("name", ["", "../x", "a\nb", "\u202egpj", "x" * 65, " "])
def test_hostile_platform_names(empty: Vault, exported: Path, tmp_path: Path, name: str) -> None:
    """A platform's name that could not be registered cannot be taken over."""
    refused(empty, zipped(tmp_path / "hostile", sealed(empty, members(exported), {"name": name})))


def test_archives_that_claim_too_much(empty: Vault, exported: Path, tmp_path: Path) -> None:
    """A compressed archive is refused before it is unpacked, and so is one whose members claim more than it holds."""
    held = members(exported)
    refused(empty, zipped(tmp_path / "bomb", held | {"big": bytes(1 << 24)}, zipfile.ZIP_DEFLATED))
    assert (tmp_path / "bomb").stat().st_size < 1 << 22
    buffer = bytearray(exported.read_bytes())
    entry = buffer.index(b"PK\x01\x02")
    buffer[entry + 20 : entry + 28] = (0xFFFFFFF0).to_bytes(4, "little") * 2
    (tmp_path / "liar").write_bytes(buffer)
    refused(empty, tmp_path / "liar")


def test_an_encrypted_archive(empty: Vault, exported: Path, tmp_path: Path) -> None:
    """A handover that was put into an encrypted archive is refused in words."""
    buffer = bytearray(exported.read_bytes())
    entry = buffer.index(b"PK\x01\x02")
    buffer[entry + 8] |= 1
    buffer[6] |= 1
    (tmp_path / "locked").write_bytes(buffer)
    refused(empty, tmp_path / "locked")


def test_while_somebody_writes(empty: Vault, exported: Path) -> None:
    """A vault that is being written takes nothing over."""
    with empty.place.locked():
        assert "somebody else" in refused(empty, exported, VaultFault).message


def test_a_handover_of_a_damaged_vault(vault: Path, town: Town, tmp_path: Path) -> None:
    """What is damaged is not handed over, and no file appears."""
    opened = Vault.open(vault)
    part = vault / "parts" / opened.platform(town.first).part
    (part / "presence.parquet").write_bytes(b"x")
    with pytest.raises(VaultFault, match="damaged"):
        hand_over(opened, opened.platform(town.first), tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".luobo-*"))
