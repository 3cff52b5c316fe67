from __future__ import annotations

import hashlib
import json
import random
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.tracer import apart
from tests.tracer.conftest import DAYS, Town
from tests.tracer.contents import contents, picture
from tracer.errors import KeyFault, TracerError, VaultFault
from tracer.registration import register
from tracer.tracing import trace
from tracer.vault.vault import Vault


def manifest(vault: Path, change: Callable[[Any], object]) -> None:
    """Change the manifest of a vault by hand."""
    path = vault / "manifest.json"
    body = json.loads(path.read_text("utf-8"))
    change(body)
    path.write_text(json.dumps(body), "utf-8")


def refused(vault: Path, town: Town) -> TracerError:
    """Tracing and registering both fail with a hint, and neither writes anything."""
    before = picture(vault)
    with pytest.raises(TracerError) as reading:
        trace(town.dump, Vault.open(vault))
    with pytest.raises(TracerError) as writing:
        register(Vault.open(vault), town.table(town.first, DAYS[1]), town.first, DAYS[1].replace(day=2))
    assert reading.value.hint
    assert writing.value.hint
    assert picture(vault) == before
    return reading.value


@pytest.mark.parametrize("name", ["identifier-phone", "claim-0", "joined", "presence"])
@pytest.mark.parametrize("how", ["cut", "flipped", "emptied", "missing", "folder", "longer"])
def test_a_damaged_file(vault: Path, town: Town, name: str, how: str) -> None:
    """A file of a part that is cut, changed in one bit, empty, gone or no file is told, and nothing is written."""
    platform = Vault.open(vault).platform(town.first)
    path = vault / "parts" / platform.part / f"{name}.parquet"
    content = bytearray(path.read_bytes())
    path.unlink()
    if how == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif how == "flipped":
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    elif how == "emptied":
        path.write_bytes(b"")
    elif how == "folder":
        path.mkdir()
    elif how == "longer":
        path.write_bytes(content + b"x")
    opened = Vault.open(vault)
    with pytest.raises(VaultFault, match=r"damaged|missing") as caught:
        contents(opened)
    assert caught.value.hint
    with pytest.raises(VaultFault):
        register(opened, town.table(town.first, DAYS[1]), town.first, DAYS[1].replace(day=2))
    assert {path.name for path in (vault / "parts").iterdir()} == {one.part for one in opened.platforms}


def test_a_missing_part(vault: Path, town: Town) -> None:
    """Where a whole part is gone both reading and writing say so."""
    part = vault / "parts" / Vault.open(vault).platform(town.first).part
    part.rename(vault.with_name("elsewhere"))
    assert "missing" in refused(vault, town).message


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"1", b"\xff", b"[" * 100_000, b"{}", b'{"schema": "luobo.vault/0"}'],
    ids=lambda content: repr(content[:30]),
)
def test_a_broken_manifest(vault: Path, town: Town, content: bytes) -> None:
    """A manifest that is not JSON, or JSON of something else, is told as damaged."""
    (vault / "manifest.json").write_bytes(content)
    fault = refused(vault, town)
    assert isinstance(fault, VaultFault)
    assert "manifest" in fault.message


def test_a_manifest_of_another_version(vault: Path, town: Town) -> None:
    """A vault that a later luobo made is not called damaged."""
    manifest(vault, lambda body: body.update(schema="luobo.vault/1"))
    assert "another version" in refused(vault, town).message


HOSTILE: list[tuple[str, Callable[[dict[str, Any]], object]]] = [
    ("part above", lambda one: one.update(part="../../x")),
    ("part absolute", lambda one: one.update(part="/etc")),
    ("part empty", lambda one: one.update(part="")),
    ("part dots", lambda one: one.update(part="..")),
    ("file above", lambda one: one["files"][0].update(name="../manifest.json")),
    ("file absolute", lambda one: one["files"][0].update(name="/etc/passwd")),
    ("file with NUL", lambda one: one["files"][0].update(name="a\0b.parquet")),
    ("name with slash", lambda one: one.update(name="../x")),
    ("name of controls", lambda one: one.update(name="\x1b[2J")),
    ("name no text", lambda one: one.update(name=7)),
    ("people infinite", lambda one: one.update(people=float("inf"))),
    ("people text", lambda one: one.update(people="many")),
    ("no claims", lambda one: one.pop("claims")),
    ("claims number", lambda one: one.update(claims=7)),
    ("day impossible", lambda one: one["snapshots"][0].update(taken_at="2025-02-30")),
    ("files null", lambda one: one.update(files=None)),
    ("size huge", lambda one: one["files"][0].update(size=float("inf"))),
]


@pytest.mark.parametrize("change", [change for _, change in HOSTILE], ids=[name for name, _ in HOSTILE])
def test_a_hostile_manifest(vault: Path, town: Town, change: Callable[[dict[str, Any]], object]) -> None:
    """Names that lead out of the vault and impossible values are told as damage; nothing outside is touched."""
    outside = vault.with_name("x")
    outside.mkdir()
    manifest(vault, lambda body: change(body["platforms"][0]))
    assert "manifest is damaged" in refused(vault, town).message
    assert outside.is_dir()


def test_a_manifest_changed_anywhere(vault: Path) -> None:
    """One changed byte of the manifest gives a clear fault, or a vault whose every file is still found right."""
    rng = random.Random(7)
    path = vault / "manifest.json"
    whole = path.read_bytes()
    for place in rng.sample(range(len(whole)), 150):
        changed = bytearray(whole)
        changed[place] = rng.randrange(256)
        path.write_bytes(changed)
        try:
            contents(Vault.open(vault))
        except TracerError as fault:
            assert fault.hint  # noqa: PT017 - whether there is a fault at all depends on the byte


def test_a_file_that_is_no_table(vault: Path, town: Town) -> None:
    """A file with the right digest that is no Parquet at all is told as no table."""

    def change(body: Any) -> None:
        file = body["platforms"][0]["files"][0]
        (vault / "parts" / body["platforms"][0]["part"] / file["name"]).write_bytes(b"no parquet")
        file["sha256"] = hashlib.sha256(b"no parquet").hexdigest()

    manifest(vault, change)
    with pytest.raises(VaultFault, match="is no table") as caught:
        contents(Vault.open(vault))
    assert caught.value.hint


@pytest.mark.parametrize("name", ["missing", "file", "folder", "file/in"])
def test_what_is_no_vault(town: Town, tmp_path: Path, name: str) -> None:
    """Nothing, a file, a folder of other things: no vault, and the hint says how to make one."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    with pytest.raises(VaultFault, match="is no vault") as caught:
        Vault.open(tmp_path / name)
    assert "luobo vault create" in caught.value.hint
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_a_vault_without_its_key(vault: Path, town: Town) -> None:
    """A vault whose key is gone says so, and that the key cannot be had again."""
    vault.with_name("vault.key").unlink()
    fault = refused(vault, town)
    assert isinstance(fault, KeyFault)
    assert "cannot be had again" in fault.hint


def starve(vault: Vault, table: Path, platform: str) -> None:
    """Register a table where no file may grow beyond a few thousand bytes, as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    register(vault, table, platform, DAYS[0])


def test_a_full_disk(vault: Path, town: Town) -> None:
    """Where a file cannot be written whole luobo refuses, the vault is as before, and the next add cleans up."""
    opened = Vault.open(vault)
    before = contents(opened)
    process = apart.start(apart.attempt, starve, opened, town.table(town.third, DAYS[0]), town.third)
    assert apart.finish(process) == 3
    assert contents(Vault.open(vault)) == before
    after, _ = register(Vault.open(vault), town.table(town.third, DAYS[0]), town.third, DAYS[0])
    assert len(list((vault / "parts").iterdir())) == len(after.platforms)
