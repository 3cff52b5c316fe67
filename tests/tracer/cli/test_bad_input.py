from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.tracer import apart
from tests.tracer.conftest import DAYS, Town
from tests.tracer.contents import picture
from tracer.demo import HEADERS
from tracer.tokens import create_key
from tracer.vault.vault import Vault


@pytest.fixture(scope="module")
def places(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What the command lines below call by name: good and bad files, vaults and keys. No line may change any of it."""
    tmp_path = tmp_path_factory.mktemp("places")
    vault = tmp_path / "vault"
    shutil.copytree(town.vault, vault)
    shutil.copy2(town.vault.with_name("vault.key"), tmp_path / "vault.key")
    made = {
        name: tmp_path / name for name in ("folder", "empty.csv", "noise.bin", "fifo", "words", "blank", "raw", "taken")
    }
    made["folder"].mkdir()
    made["empty.csv"].touch()
    made["noise.bin"].write_bytes(b"\x00\x01\x02\xff" * 64)
    os.mkfifo(made["fifo"])
    made["words"].write_text("wrong words\n")
    made["blank"].write_text("\n")
    made["raw"].write_bytes(b"\xff\xfe\xfd")
    made["taken"].mkdir()
    (made["taken"] / "file").write_text("x")
    table = town.world.table(town.first, DAYS[0])
    nobody = tmp_path / "nobody.csv"
    table.select(HEADERS["city"], HEADERS["product"]).write_csv(nobody)
    bare = tmp_path / "bare.csv"
    table.head(40).select(HEADERS["name"], HEADERS["phone"], HEADERS["city"]).write_csv(bare, include_header=False)
    create_key(tmp_path / "other.key")
    Vault.create(tmp_path / "new")
    Vault.create(tmp_path / "locked", passphrase="right words")
    open_key = tmp_path / "open.key"
    shutil.copy2(vault.with_name("vault.key"), open_key)
    open_key.chmod(0o644)
    torn = tmp_path / "torn"
    shutil.copytree(vault, torn)
    for path in (torn / "parts").rglob("identifier-phone.parquet"):
        path.write_bytes(path.read_bytes()[:-9])
    shutil.copy2(vault.with_name("vault.key"), tmp_path / "torn.key")
    forged = tmp_path / "forged"
    shutil.copytree(vault, forged)
    body = json.loads((forged / "manifest.json").read_text("utf-8"))
    body["platforms"][0]["part"] = "../../x"
    (forged / "manifest.json").write_text(json.dumps(body), "utf-8")
    shutil.copy2(vault.with_name("vault.key"), tmp_path / "forged.key")
    return {
        "vault": str(vault),
        "dump": str(town.dump),
        "table": str(town.table(town.first, DAYS[1])),
        "first": town.first,
        "tmp": str(tmp_path),
        "product": HEADERS["product"],
    }


ADD = "vault add {vault} {table} --platform x --taken-at 2025-01-01"
LINES = {
    # trace: the dump
    "no such file": "trace {tmp}/none.csv --vault {vault}",
    "a directory": "trace {tmp}/folder --vault {vault}",
    "an empty file": "trace {tmp}/empty.csv --vault {vault}",
    "a fifo": "trace {tmp}/fifo --vault {vault}",
    "a device": "trace /dev/null --vault {vault}",
    "below a file": "trace {dump}/x --vault {vault}",
    "a name too long": "trace {tmp}/" + "x" * 300 + " --vault {vault}",
    # trace: the vault
    "no such vault": "trace {dump} --vault {tmp}/none",
    "no vault": "trace {dump} --vault {tmp}/folder",
    "a file as vault": "trace {dump} --vault {dump}",
    "an empty vault": "trace {dump} --vault {tmp}/new",
    "a torn vault": "trace {dump} --vault {tmp}/torn",
    "a forged vault": "trace {dump} --vault {tmp}/forged",
    # trace: the key
    "another key": "trace {dump} --vault {vault} --key {tmp}/other.key",
    "no such key": "trace {dump} --vault {vault} --key {tmp}/none.key",
    "a directory as key": "trace {dump} --vault {vault} --key {tmp}/folder",
    "a table as key": "trace {dump} --vault {vault} --key {tmp}/nobody.csv",
    "an open key": "trace {dump} --vault {vault} --key {tmp}/open.key",
    "a locked key": "trace {dump} --vault {tmp}/locked",
    "a wrong passphrase": "trace {dump} --vault {tmp}/locked --passphrase-file {tmp}/words",
    "no such passphrase file": "trace {dump} --vault {tmp}/locked --passphrase-file {tmp}/none",
    "a directory as passphrase file": "trace {dump} --vault {tmp}/locked --passphrase-file {tmp}/folder",
    "an empty passphrase file": "trace {dump} --vault {tmp}/locked --passphrase-file {tmp}/empty.csv",
    "a blank passphrase file": "trace {dump} --vault {tmp}/locked --passphrase-file {tmp}/blank",
    "a raw passphrase file": "trace {dump} --vault {tmp}/locked --passphrase-file {tmp}/raw",
    # trace: what it writes
    "nowhere for json": "trace {dump} --vault {vault} --json {tmp}/none/out.json",
    "a directory for json": "trace {dump} --vault {vault} --json {tmp}/folder",
    "nowhere for rows": "trace {dump} --vault {vault} --rows {tmp}/none/out.parquet",
    "json over the dump": "trace {dump} --vault {vault} --json {dump}",
    "rows over the dump": "trace {dump} --vault {vault} --rows {dump}",
    # trace: the line
    "no vault named": "trace {dump}",
    "no dump named": "trace --vault {vault}",
    "an unknown engine": "trace {dump} --vault {vault} --engine steam",
    "an unknown option": "trace {dump} --vault {vault} --nothing",
    # vault add
    "add: no such file": "vault add {vault} {tmp}/none --platform x --taken-at 2025-01-01",
    "add: a directory": "vault add {vault} {tmp}/folder --platform x --taken-at 2025-01-01",
    "add: an empty file": "vault add {vault} {tmp}/empty.csv --platform x --taken-at 2025-01-01",
    "add: an unknown column": ADD + " --column nothing=phone",
    "add: an unknown column of a table without header": (
        "vault add {vault} {tmp}/bare.csv --platform x --taken-at 2025-01-01 --column nothing=phone"
    ),
    "add: an unknown role": ADD + " --column {product}=thing",
    "add: no role": ADD + " --column {product}",
    "add: an unknown joining column": ADD + " --joined nothing",
    "add: a joining column without dates": ADD + " --joined {product}",
    "add: an unknown table": ADD + " --table nothing",
    "add: nobody in it": "vault add {vault} {tmp}/nobody.csv --platform x --taken-at 2025-01-01",
    "add: no such day": "vault add {vault} {table} --platform x --taken-at 2025-02-30",
    "add: no day": "vault add {vault} {table} --platform x --taken-at yesterday",
    "add: no platform": "vault add {vault} {table} --taken-at 2025-01-01",
    "add: a path as platform": "vault add {vault} {table} --platform ../x --taken-at 2025-01-01",
    "add: a database": "vault add {vault} postgresql://u:secret@h/d --platform x --taken-at 2025-01-01",
    "add: a torn vault": "vault add {tmp}/torn {table} --platform {first} --taken-at 2025-01-01",
    "add: no vault": "vault add {tmp}/folder {table} --platform x --taken-at 2025-01-01",
    "add: another key": ADD + " --key {tmp}/other.key",
    # the other commands
    "create: there already": "vault create {vault}",
    "create: a file": "vault create {dump}",
    "create: below a file": "vault create {dump}/vault",
    "create: a key there already": "vault create {tmp}/open",
    "create: nowhere for the key": "vault create {tmp}/fresh --key {tmp}/none/a.key",
    "list: no vault": "vault list {tmp}/folder",
    "list: nowhere for json": "vault list {vault} --json {tmp}/none/out.json",
    "export: an unknown platform": "vault export {vault} --platform nobody -o {tmp}/out",
    "export: nowhere": "vault export {vault} --platform {first} -o {tmp}/none/out",
    "export: a directory": "vault export {vault} --platform {first} -o {tmp}/folder",
    "export: below a file": "vault export {vault} --platform {first} -o {dump}/out",
    "export: a torn vault": "vault export {tmp}/torn --platform {first} -o {tmp}/out",
    "import: no such file": "vault import {vault} {tmp}/none",
    "import: a directory": "vault import {vault} {tmp}/folder",
    "import: an empty file": "vault import {vault} {tmp}/empty.csv",
    "import: a fifo": "vault import {vault} {tmp}/fifo",
    "import: a table": "vault import {vault} {dump}",
    "demo: a full directory": "demo {tmp}/taken",
    "demo: a file": "demo {dump}",
    "demo: below a file": "demo {dump}/x",
    "inspect: no such file": "inspect {tmp}/none",
    "inspect: a directory": "inspect {tmp}/folder",
    "inspect: an empty file": "inspect {tmp}/empty.csv",
    "no such command": "tarce {dump}",
    "no such vault command": "vault remove {vault}",
}
"""What somebody may type: what is wrong with it → the line."""


def words(line: str, places: Mapping[str, str]) -> list[str]:
    return [word.format_map(places) for word in line.split(" ")]


def judge(ended: apart.Ended, town: Town) -> None:
    """Exit code 2, nothing on stdout, one clear line with a hint on stderr, and nobody's data in it."""
    assert ended.code == 2, ended
    assert ended.out == ""
    lines = ended.err.splitlines()
    assert 1 <= len(lines) <= 3, ended.err
    assert lines[0].startswith("luobo: ")
    assert any(line.startswith("hint: ") for line in lines), ended.err
    assert "unexpected" not in ended.err
    assert "Traceback" not in ended.err
    assert "secret" not in ended.err
    assert not [one for one in town.personal if one in ended.err]


def tree(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
        if path.name != "lock"
    }


@pytest.mark.parametrize("line", LINES.values(), ids=list(LINES))
def test_a_mistake_is_one_clear_line(town: Town, places: Mapping[str, str], tmp_path: Path, line: str) -> None:
    """Whatever is wrong gets one line and a hint and exit code 2; no vault, key, dump or other file changes."""
    before, dump = tree(Path(places["tmp"])), town.dump.read_bytes()
    judge(apart.luobo(tmp_path, words(line, places)), town)
    assert tree(Path(places["tmp"])) == before
    assert town.dump.read_bytes() == dump


REAL = ("no such file", "a torn vault", "another key", "add: an unknown column", "import: a table", "no such command")


def test_the_installed_command_does_the_same(town: Town, places: Mapping[str, str]) -> None:
    """The `luobo` that was installed, started as people start it, answers six of these mistakes alike."""
    before = picture(Path(places["vault"]))
    program = Path(sys.executable).with_name("luobo")
    started = [
        subprocess.Popen(
            [program, *words(LINES[name], places)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        for name in REAL
    ]
    for process in started:
        out, err = process.communicate(timeout=apart.PATIENCE)
        judge(apart.Ended(process.returncode, out, err), town)
    assert picture(Path(places["vault"])) == before


def test_noise_is_no_traceback(town: Town, places: Mapping[str, str], tmp_path: Path) -> None:
    """A file of control bytes is refused, or read as something in which nobody is found."""
    ended = apart.luobo(tmp_path, words("trace {tmp}/noise.bin --vault {vault}", places))
    assert ended.code in {1, 2}
    assert "unexpected" not in ended.err


@pytest.mark.parametrize("command", ["inspect", "trace", "add"])
def test_what_is_read_is_never_written_over(command: str, town: Town, vault: Path, tmp_path: Path) -> None:
    """Findings asked for in the place of the file itself are refused, under another name of it too."""
    evidence = tmp_path / "evidence.csv"
    evidence.write_bytes(town.dump.read_bytes())
    other = tmp_path / "other.json"
    other.symlink_to(evidence)
    lines = {
        "inspect": ["inspect", str(evidence)],
        "trace": ["trace", str(evidence), "--vault", str(vault)],
        "add": ["vault", "add", str(vault), str(evidence), "--platform", "x", "--taken-at", "2025-05-01"],
    }
    ended = apart.luobo(tmp_path, [*lines[command], "--json", str(other)])
    assert ended.code == 2
    assert evidence.read_bytes() == town.dump.read_bytes()
