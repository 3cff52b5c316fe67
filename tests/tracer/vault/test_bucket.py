"""A vault in an object store: what a kill leaves, and who may write."""

from __future__ import annotations

import hashlib
import secrets
import shutil
import subprocess
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from tests.tracer import apart
from tests.tracer.conftest import DAYS, Town
from tests.tracer.contents import contents
from tests.tracer.object_store import ObjectStore, die_after
from tracer.errors import KeyFault, MissingExtra, VaultFault
from tracer.registration import register
from tracer.vault.address import is_address, masked, place_of
from tracer.vault.bucket import LOCK, Bucket
from tracer.vault.driver import Refused, driver
from tracer.vault.fetching import Fetched
from tracer.vault.folder import Folder
from tracer.vault.place import MANIFEST
from tracer.vault.store import write_manifest, write_part
from tracer.vault.vault import Vault

BETWEEN = DAYS[0].replace(day=20)
ALL = 10_000
MOMENTS = [1, 2, 3, 14, 24, 25, 26, ALL]
"""The lock is written twice, then come the files, then the manifest; then the old files are removed, and the lock."""


@pytest.fixture
def town_in_store(store: ObjectStore, town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Vault:
    """The town's vault, copied into the store."""
    for name, value in store.environment.items():
        monkeypatch.setenv(name, value)
    shutil.copytree(town.vault, store.bucket / tmp_path.name)
    return Vault.open(f"s3://bucket/{tmp_path.name}", key_path=key_of(town))


def key_of(town: Town) -> Path:
    return town.vault.with_name("vault.key")


def strays(vault: Vault, store: ObjectStore) -> set[str]:
    """Objects of a vault that its manifest does not name."""
    folder = store.bucket / str(vault.place).rpartition("/")[2]
    named = {f"parts/{one.part}/{file.name}" for one in vault.platforms for file in one.files}
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert named <= found
    return found - named - {"manifest.json", "lock"}


def add_one(address: str, key: Path, table: Path, platform: str) -> None:
    register(Vault.open(address, key_path=key), table, platform, BETWEEN)


@pytest.mark.parametrize("writes", MOMENTS)
def test_a_registration_killed_at_any_moment(town_in_store: Vault, store: ObjectStore, town: Town, writes: int) -> None:
    """Wherever it is killed, the vault is what it was before or after; freed, it is written and tidied again."""
    address, key, table = str(town_in_store.place), key_of(town), town.table(town.first, DAYS[0])
    before = contents(town_in_store)
    process = apart.start(die_after, writes, store.environment, add_one, address, key, table, town.first)
    killed = apart.finish(process) == -9
    assert killed == (writes != ALL)
    after = Vault.open(address, key_path=key)
    assert (BETWEEN in after.platform(town.first).days) == (contents(after) != before)
    if killed:
        with pytest.raises(VaultFault, match="somebody else is writing") as caught:
            add_one(address, key, town.table(town.third, DAYS[0]), town.third)
        assert "luobo vault unlock" in caught.value.hint
        assert after.place.freed() is not None
    assert after.place.freed() is None
    add_one(address, key, town.table(town.third, DAYS[0]), town.third)
    assert strays(Vault.open(address, key_path=key), store) == set()


def test_the_moments_of_a_registration(town_in_store: Vault, store: ObjectStore, town: Town) -> None:
    """The kills above fall before, among and after the files, and right before and after the manifest."""
    begin = len(store.requests())
    add_one(str(town_in_store.place), key_of(town), town.table(town.first, DAYS[0]), town.first)
    changes = [path for method, path in store.requests()[begin:] if method in {"PUT", "DELETE"}]
    manifest = next(place for place, path in enumerate(changes) if path.endswith("manifest.json")) + 1
    assert changes[0].endswith(LOCK)
    assert changes[1].endswith(LOCK)
    assert {manifest - 1, manifest, manifest + 1} <= set(MOMENTS)
    assert manifest + 1 < len(changes)


def test_a_writer_who_was_taken_for_dead(town_in_store: Vault, store: ObjectStore) -> None:
    """Whose lock was freed meanwhile changes nothing any more, also if nobody else holds it, and frees nobody's."""
    place, before = town_in_store.place, town_in_store.manifest

    def slow() -> None:
        with place.locked() as one:
            write_part(one, {"a.parquet": b"a"})
            assert place.freed() is not None
            with place.locked() as other:
                with pytest.raises(VaultFault, match="was freed for others"):
                    write_manifest(one, before)
                write_manifest(other, before)
                assert strays(town_in_store, store) == {LOCK}
            write_manifest(one, before)

    with pytest.raises(VaultFault, match="was freed for others") as caught:
        slow()
    assert caught.value.hint
    assert place.freed() is None


def test_a_writer_who_was_freed_at_the_last_moment(
    town_in_store: Vault, monkeypatch: pytest.MonkeyPatch, store: ObjectStore
) -> None:
    """Freed between his last look and the manifest, he says what may be lost and removes nothing of the next writer."""
    place, put = town_in_store.place, Bucket.put

    def late(self: Bucket, name: str, data: bytes, **condition: str) -> None:
        if name == MANIFEST:
            assert place.freed() is not None
            with_others.enter_context(place.locked()).replace("parts/b/b.parquet", b"b")
        put(self, name, data, **condition)

    def slow() -> None:
        with place.locked() as one:
            write_part(one, {"a.parquet": b"a"})
            monkeypatch.setattr(Bucket, "put", late)
            write_manifest(one, town_in_store.manifest)

    with ExitStack() as with_others, pytest.raises(VaultFault, match="freed for others while") as caught:
        slow()
    assert "may be gone" in caught.value.hint
    assert "parts/b/b.parquet" in strays(town_in_store, store)


def test_a_manifest_that_may_have_arrived(
    town_in_store: Vault, monkeypatch: pytest.MonkeyPatch, store: ObjectStore
) -> None:
    """If nobody knows whether the manifest was replaced, the vault stays locked, and the hint says how to go on."""
    place = town_in_store.place

    def unanswered(*_: object) -> None:
        raise Refused(TimeoutError(), "no answer")

    def lost() -> None:
        with place.locked() as writing:
            monkeypatch.setattr(Bucket, "put", unanswered)
            write_manifest(writing, town_in_store.manifest)

    with pytest.raises(VaultFault, match="nobody knows") as caught:
        lost()
    assert "luobo vault unlock" in caught.value.hint
    assert strays(town_in_store, store) == {LOCK}
    assert place.freed() is not None


def test_an_empty_answer_is_no_lock_of_mine(town_in_store: Vault, store: ObjectStore) -> None:
    """A lock that nobody can read keeps writers out like any other."""
    folder = store.bucket / str(town_in_store.place).rpartition("/")[2]
    (folder / LOCK).write_text("")
    with pytest.raises(VaultFault, match="since a time that is not told"), town_in_store.place.locked():
        pass
    assert town_in_store.place.freed() == "a time that is not told"


def test_a_store_of_another_kind(town: Town, tmp_path: Path) -> None:
    """Nothing rests on S3: fsspec's own store in memory holds a vault that says what one in a folder says."""
    key, folder = tmp_path / "key", Vault.create(tmp_path / "folder", key_path=tmp_path / "key")
    driver("memory").pipe_file("memory://bucket/vault/manifest.json", (tmp_path / "folder/manifest.json").read_bytes())
    vault = Vault.open("memory://bucket/vault", key_path=key)
    for day in DAYS[:2]:
        vault, _ = register(vault, town.table(town.first, day), town.first, day)
        folder, _ = register(folder, town.table(town.first, day), town.first, day)
    assert contents(vault) == contents(folder)
    held = {f"parts/{vault.platforms[0].part}/{file.name}" for file in vault.platforms[0].files}
    found = {path.removeprefix("/bucket/vault/") for path in driver("memory").find("memory://bucket/vault")}
    assert found == held | {"manifest.json"}


# --- addresses -------------------------------------------------------------------------------------------------------


def test_what_an_address_is(tmp_path: Path) -> None:
    """Addresses are told from paths by their scheme; one of a file is a path."""
    assert not any(is_address(one) for one in ("city.vault", "/a/b", "../s3", "s3:/b/c", Path("s3://b/c")))
    assert all(map(is_address, ("s3://b/c", "gs://b", "az://b/c/", "file:///a")))
    assert place_of(f"file://{tmp_path}/a%20b") == Folder(tmp_path / "a b")
    assert place_of("s3://bucket/folder/") == Bucket("s3://bucket/folder")
    assert masked("s3://key:sec/ret@bucket/x?a=b") == "s3://…@bucket/x?…"


def test_a_key_has_no_place_in_a_store() -> None:
    """Beside a vault in a store there is no key file: it must be named, before anything is asked of the store."""
    with pytest.raises(KeyFault) as caught:
        Vault.open("s3://bucket/x")
    assert "--key" in caught.value.hint


def test_a_driver_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its driver an address is one error that says what to install; a folder needs none."""
    driver.cache_clear()
    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(MissingExtra) as caught:
        Bucket("s3://bucket/x").read("manifest.json")
    assert "luobo[s3]" in caught.value.hint


def test_a_folder_needs_nothing_of_stores(town: Town) -> None:
    """Who opens a vault in a folder loads no driver of a store, nor anything else that only stores need."""
    program = (
        "import sys; from tracer.vault.vault import Vault; import tracer.tracing; Vault.open(sys.argv[1]); "
        "print(*sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program, town.vault], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split())
    assert "tracer.vault.folder" in loaded
    assert not {"fsspec", "s3fs", "asyncio", "tracer.vault.bucket", "tracer.vault.driver"} & loaded


# --- fetching --------------------------------------------------------------------------------------------------------


def test_nothing_is_fetched_twice_while_it_is_kept() -> None:
    """What is kept comes once; what was not asked for lately makes room; what failed is fetched again."""
    fetched, asked = Fetched(room=20), list[str]()

    def get(name: str) -> bytes:
        def come() -> bytes:
            asked.append(name)
            if name == "bad":
                raise VaultFault(name)
            return bytes(8)

        return fetched.ask(name, come).result()

    assert [get(name) for name in ("a", "b", "a", "c", "a", "b")] == [bytes(8)] * 6
    assert asked == ["a", "b", "c", "b"]
    for _ in range(2):
        with pytest.raises(VaultFault):
            get("bad")
    assert asked[-2:] == ["bad", "bad"]


def test_no_more_is_fetched_ahead_than_there_is_room_for() -> None:
    """What is fetched ahead fills the room and no more, is kept until it is asked for, and is not fetched again."""
    fetched, asked = Fetched(room=20), list[str]()

    def come(name: str) -> bytes:
        asked.append(name)
        return bytes(8)

    for name in ("a", "b", "c", "a"):
        fetched.ahead(name, 8, partial(come, name))
    assert [fetched.ask(name, partial(come, name)).result() for name in ("a", "b")] == [bytes(8)] * 2
    assert sorted(asked) == ["a", "b"]
    assert fetched.ask("c", partial(come, "c")).result() == bytes(8)
    fetched.ahead("d", 8, partial(come, "d"))
    for name in ("e", "f", "d"):
        fetched.ask(name, partial(come, name)).result()
    assert sorted(asked) == ["a", "b", "c", "d", "e", "f"]


def test_a_long_file_goes_in_pieces(town_in_store: Vault) -> None:
    """What is longer than may be held in memory comes whole, in pieces, and is found by its digest."""
    data = secrets.token_bytes(1 << 20) * 70
    with town_in_store.place.locked() as writing:
        part, (file,) = write_part(writing, {"long.parquet": data})
        assert file.sha256 == hashlib.sha256(data).hexdigest()
        assert town_in_store.place.read(f"parts/{part}/long.parquet") == data
        write_manifest(writing, town_in_store.manifest)
