"""A vault in an object store, from the command line."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import threading
import time
from collections import Counter
from pathlib import Path

import click
import pytest

from tests.tracer import apart
from tests.tracer.conftest import DAYS, Town
from tests.tracer.object_store import SECRET, ObjectStore, free_port, local_bucket
from tracer.cli.engine import engine_of

ADD = ("--taken-at", DAYS[0].isoformat(), "--platform")


def copied(town: Town, store: ObjectStore, name: str) -> str:
    """The town's vault, copied into the store file by file; its address."""
    shutil.copytree(town.vault, store.bucket / name)
    return f"s3://bucket/{name}"


def key_of(town: Town) -> tuple[str, Path]:
    return "--key", town.vault.with_name("vault.key")


def test_the_whole_way_in_a_store(store: ObjectStore, town: Town, tmp_path: Path) -> None:
    """create, add, list, export, import, trace, lineage: all as in a folder, and the findings are the same bytes."""
    folder, address, key = tmp_path / "city", "s3://bucket/way", ("--key", tmp_path / "city.key")
    assert store.luobo(tmp_path, "vault", "create", folder).code == 0
    # Tokens are compared below, so both have one key: the empty vault is copied.
    shutil.copytree(folder, store.bucket / "way")
    said, traces = [], []
    for vault in (str(folder), address):
        for name, day in [(name, day) for name in town.world.registered[:2] for day in DAYS[:2]]:
            told = ("--platform", name, "--taken-at", day.isoformat(), "--json", "-")
            added = store.luobo(tmp_path, "vault", "add", vault, town.table(name, day), *told, *key)
            assert (added.code, added.err) == (0, "")
            said.append(added.out)
        listed = store.luobo(tmp_path, "vault", "list", vault, "--json", "-", *key)
        traced = store.luobo(tmp_path, "trace", town.dump, "--vault", vault, "--json", "-", *key)
        assert (listed.code, traced.code) == (0, 0)
        traces.append((listed.out, traced.out))
    assert said[:4] == said[4:]
    assert traces[0] == traces[1]
    tokens = tmp_path / "first.tokens"
    assert store.luobo(tmp_path, "vault", "export", address, "--platform", town.first, "-o", tokens, *key).code == 0
    assert store.luobo(tmp_path, "vault", "import", address, tokens, *key).code == 0
    again = store.luobo(tmp_path, "trace", town.dump, "--vault", address, "--json", "-", *key)
    assert again.out == traces[0][1]
    chained = store.luobo(tmp_path, "lineage", town.dump, "--vault", address, *key)
    assert (chained.code, town.first in chained.out) == (0, True)


def test_create_in_a_store(store: ObjectStore, tmp_path: Path) -> None:
    """A new vault asks for the place of its key, which never goes into the store, and is made over nothing."""
    unsaid = store.luobo(tmp_path, "vault", "create", "s3://bucket/new")
    assert (unsaid.code, "--key" in unsaid.err) == (2, True)
    key = ("--key", tmp_path / "new.key")
    made = store.luobo(tmp_path, "vault", "create", "s3://bucket/new/", *key)
    assert (made.code, f"key:   {tmp_path / 'new.key'}" in made.out) == (0, True)
    assert key[1].stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (store.bucket / "new").iterdir()] == ["manifest.json"]
    secret = key[1].read_bytes()
    assert all(secret not in path.read_bytes() for path in store.bucket.rglob("*") if path.is_file())
    assert "is there already" in store.luobo(tmp_path, "vault", "create", "s3://bucket/new", "--key", "other.key").err
    (store.bucket / "theirs" / "parts").mkdir(parents=True)
    (store.bucket / "theirs" / "parts" / "of-a-car").write_text("wheel")
    assert store.luobo(tmp_path, "vault", "create", "s3://bucket/theirs", "--key", tmp_path / "t.key").code == 2
    assert (store.bucket / "theirs" / "parts" / "of-a-car").exists()


def test_a_trace_asks_for_little(store: ObjectStore, town: Town, tmp_path: Path) -> None:
    """A trace gets the manifest once and each file it needs once, lists nothing, and leaves most files alone."""
    address = copied(town, store, "little")
    third = town.table(town.third, DAYS[0])
    assert store.luobo(tmp_path, "vault", "add", address, third, *ADD, town.third, *key_of(town)).code == 0
    sketch = tmp_path / "third.sketch"
    export = ("vault", "export", address, "--sketch", "-o", sketch, "--platform", town.third)
    assert store.luobo(tmp_path, *export, *key_of(town)).code == 0
    address = copied(town, store, "sketched")
    assert store.luobo(tmp_path, "vault", "import", address, sketch, *key_of(town)).code == 0
    before = len(store.requests())
    assert store.luobo(tmp_path, "trace", town.dump, "--vault", address, *key_of(town)).code == 0
    asked = Counter(store.requests()[before:])
    assert {method for method, _ in asked} == {"GET"}
    assert set(asked.values()) == {1}
    names = [path.removeprefix("/bucket/sketched/") for _, path in asked]
    assert not [name for name in names if "?" in name]
    assert "manifest.json" in names
    assert sum(name.startswith("sketches/") for name in names) == 1
    held = list((store.bucket / "sketched").rglob("*.parquet"))
    assert len(names) < len(held)
    assert not any("national_id" in name for name in names)


def test_a_damaged_object(store: ObjectStore, town: Town, tmp_path: Path) -> None:
    """An object that is not what the manifest says is refused, and so is one that is gone."""
    address = copied(town, store, "damaged")
    path = next((store.bucket / "damaged").rglob("identifier-phone.parquet"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    changed = store.luobo(tmp_path, "trace", town.dump, "--vault", address, *key_of(town))
    assert (changed.code, "is damaged (its digest is not the manifest's)" in changed.err) == (2, True)
    path.unlink()
    gone = store.luobo(tmp_path, "trace", town.dump, "--vault", address, *key_of(town))
    assert (gone.code, "is missing from the vault" in gone.err) == (2, True)


def test_a_store_that_overlooks_conditions(careless: ObjectStore, town: Town, tmp_path: Path) -> None:
    """Where two writers could overwrite each other nobody may write; what is there can be traced."""
    address = copied(town, careless, "copied")
    add = ("vault", "add", address, town.table(town.third, DAYS[0]), *ADD, town.third, *key_of(town))
    refused = careless.luobo(tmp_path, *add)
    assert (refused.code, "lets two writers write one object" in refused.err) == (2, True)
    assert not (careless.bucket / "copied" / "writer.json").exists()
    assert careless.luobo(tmp_path, "trace", town.dump, "--vault", address, *key_of(town)).code == 0


@pytest.mark.parametrize(
    ("address", "more", "said"),
    [
        ("s3://bucket/nothing", {}, "is no vault"),
        ("s3://nobody/nothing", {}, "is no vault"),
        ("s3://bucket/x", {"AWS_SECRET_ACCESS_KEY": "another"}, "access denied"),
        ("s3://bucket/x", {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "EndpointConnectionError"),
        ("s3://bucket/x", {"AWS_ENDPOINT_URL": "no address"}, "cannot be read"),
        (f"s3://{SECRET}@bucket/x", {}, "s3://…@bucket/x: an address has no user name"),
        (f"s3://bucket/x?secret={SECRET}", {}, "s3://bucket/x?…: an address has no"),
        ("gs://bucket/x", {}, "needs a driver that is not installed"),
        ("nowhere://bucket/x", {}, "no kind of store"),
        ("s3:///x", {}, "names no bucket"),
    ],
)
def test_what_a_store_refuses(
    careless: ObjectStore, town: Town, tmp_path: Path, address: str, more: dict[str, str], said: str
) -> None:
    """Whatever is wrong with a store is one clear line with a hint, exit code 2, and no credential in it."""
    line = ("trace", town.dump, "--vault", address, *key_of(town))
    for debug in ({}, {"LUOBO_DEBUG": "1"}):
        ended = careless.luobo(tmp_path, *line, **more, **debug)
        assert ended.code == 2
        assert said in ended.err
        assert "hint: " in ended.err
        assert SECRET not in ended.err + ended.out
        assert bool(debug) or len(ended.err.splitlines()) == 2


def test_writing_where_there_is_no_bucket(store: ObjectStore, tmp_path: Path) -> None:
    """A bucket is never made on the way, and no key is left behind for a vault that could not be made."""
    ended = store.luobo(tmp_path, "vault", "create", "s3://nobody/x", "--key", tmp_path / "x.key")
    assert (ended.code, "the bucket is not there" in ended.err) == (2, True)
    assert not (tmp_path / "x.key").exists()


def careless_way(port: int, to: int) -> socket.socket:
    """A way to a store that hangs up on whoever comes first, and lets everybody through from then on."""
    gate = socket.create_server(("127.0.0.1", port))

    def passed(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def led(visitor: socket.socket) -> None:
        with visitor, socket.create_connection(("127.0.0.1", to)) as beyond:
            asking = threading.Thread(target=passed, args=(visitor, beyond))
            asking.start()
            passed(beyond, visitor)
            asking.join()

    def watch() -> None:
        with contextlib.suppress(OSError):
            gate.accept()[0].close()
            while True:
                threading.Thread(target=led, args=(gate.accept()[0],), daemon=True).start()

    threading.Thread(target=watch, daemon=True).start()
    return gate


def test_a_fault_that_passes(town: Town, tmp_path: Path) -> None:
    """A store that hangs up once is asked again."""
    near, far = ObjectStore(tmp_path, free_port()), ObjectStore(tmp_path, free_port())
    address = copied(town, near, "late")
    server = local_bucket(far)
    gate = careless_way(near.port, far.port)
    try:
        ended = near.luobo(tmp_path, "vault", "list", address, *key_of(town))
    finally:
        gate.shutdown(socket.SHUT_RDWR)
        gate.close()
        server.terminate()
        server.wait(60)
    assert (ended.code, ended.err) == (0, "")
    assert town.first in ended.out


def test_writers_at_once(store: ObjectStore, town: Town, tmp_path: Path) -> None:
    """Of four who register at once each is done or told so; the vault holds what was said to be done, and no more."""
    address = copied(town, store, "many")
    table = town.table(town.third, DAYS[0])
    names = [f"writer {number}" for number in range(4)]
    running = {}
    for name in names:
        (tmp_path / name).mkdir()
        line = [str(word) for word in ("vault", "add", address, table, *ADD, name, *key_of(town))]
        files = tmp_path / name / "out", tmp_path / name / "err"
        running[name] = apart.start(apart.speak, line, *files, store.environment)
    codes = {name: apart.finish(process) for name, process in running.items()}
    done = {name for name, code in codes.items() if code == 0}
    assert done
    for name in set(names) - done:
        assert codes[name] == 2
        told = (tmp_path / name / "err").read_text("utf-8")
        assert "somebody else is writing" in told or "was freed" in told
    listed = json.loads(store.luobo(tmp_path, "vault", "list", address, "--json", "-", *key_of(town)).out)
    assert {one["platform"] for one in listed["platforms"]} == {*town.world.registered[:2], *done}
    assert store.luobo(tmp_path, "trace", town.dump, "--vault", address, *key_of(town)).code == 0
    assert not (store.bucket / "many" / "writer.json").exists()


def test_a_cluster_needs_a_folder_of_its_own() -> None:
    """Beside a vault in a store no folder is at hand for the machines of a cluster: one must be named."""
    with pytest.raises(click.UsageError, match="--spark-folder"):
        engine_of("spark", "local[2]", None, "s3://bucket/x")


@pytest.mark.parametrize("writes", [False, True], ids=["trace", "add"])
def test_a_store_that_goes_away(town: Town, tmp_path: Path, *, writes: bool) -> None:
    """A store that is stopped in the middle is one clear line; what was in it before can be read when it is back."""
    store = ObjectStore(tmp_path, free_port())
    address, key = copied(town, store, "going"), key_of(town)
    add = ("vault", "add", address, town.table(town.third, DAYS[0]), *ADD, town.third, *key)
    line = [str(word) for word in (add if writes else ("trace", town.dump, "--vault", address, *key))]
    server = local_bucket(store)
    process = apart.start(apart.speak, line, tmp_path / "out", tmp_path / "err", store.environment)
    while not any(path.endswith(("manifest.json", ".parquet")) for _, path in store.requests()):
        assert process.is_alive()
        time.sleep(0.005)
    server.kill()
    server.wait()
    assert apart.finish(process) == 2
    told = (tmp_path / "err").read_text("utf-8").splitlines()
    assert len(told) == 2
    assert told[0].startswith(f"luobo: {address}: cannot be ")
    assert told[1].startswith("hint: ")
    server = local_bucket(store)
    try:
        assert store.luobo(tmp_path, "trace", town.dump, "--vault", address, *key).code == 0
        store.luobo(tmp_path, "vault", "unlock", address)
        assert store.luobo(tmp_path, *add).code == 0
    finally:
        server.terminate()
        server.wait(60)


def test_a_case_is_traced_to_a_store(store: ObjectStore, town: Town, tmp_path: Path) -> None:
    """The dumps of a case are traced to a vault in a store as to any other."""
    address, case, by = copied(town, store, "case"), tmp_path / "case-7", ("--by", "Li Lei")
    for line in (
        ("create", case, "--title", "T", "--alone", "a test", *by),
        ("add", case, town.dump, "--kind", "dump", "--seized-at", "2025-11-01", *by),
        ("trace", case, "--vault", address, *key_of(town), *by),
    ):
        ended = store.luobo(tmp_path, "case", *line, LUOBO_PASSPHRASE="words")
        assert ended.code == 0, ended.err
    assert f"{town.first} (" in ended.out
