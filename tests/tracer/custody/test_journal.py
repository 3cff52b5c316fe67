from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pymerkle
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from tracer.case import Case
from tracer.custody.checkpoint import checkpoint
from tracer.custody.journal import Act, Journal, paper
from tracer.custody.keys import PersonKey, load_key, new_key
from tracer.custody.verify import canonical, leaf, read_note, root, stepped
from tracer.errors import CaseFault

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner),
    max_leaves=10,
)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal.create(tmp_path / "journal.sqlite", "ab" * 16)


@pytest.fixture(scope="module")
def key() -> PersonKey:
    return new_key()


@given(VALUES)
def test_the_bytes_of_an_entry_are_those_of_the_standard(value: Any) -> None:
    """Without floats our canonical form is RFC 8785, as another implementation has it."""
    assert canonical(value) == rfc8785.dumps(value)


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=70))
def test_the_tree_is_that_of_the_standard(lines: list[bytes]) -> None:
    """Roots are those of RFC 9162, as another implementation has them."""
    other = pymerkle.InmemoryTree(algorithm="sha256")
    for line in lines:
        other.append_entry(line)
    assert root([leaf(line) for line in lines]) == other.get_root()


def test_entries_are_linked_and_stay(journal: Journal, key: PersonKey) -> None:
    """Each entry names the one before; the file itself refuses changes and deletions."""
    journal.append([Act("note", {"count": number}) for number in range(3)], key)
    journal.append([Act("note", {"count": 3}, (paper("note", {"text": "词"}),))], key)
    entries = list(journal.entries())
    assert [entry.seq for entry in entries] == [0, 1, 2, 3]
    assert all(after.body["prev"] == before.leaf for before, after in pairwise(entries))
    with sqlite3.connect(journal.path) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute("DELETE FROM entry")
    with sqlite3.connect(journal.path) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute("UPDATE entry SET line = x'00'")
    connection.close()


@pytest.mark.parametrize("number", ["13800138000", "138 0013-8000", "11010519491231002X"])
def test_no_number_of_a_person_gets_in(journal: Journal, key: PersonKey, number: str) -> None:
    """An entry that would hold a phone or identity number is refused, and nothing of it is written."""
    with pytest.raises(CaseFault, match="number of a person"):
        journal.append([Act("note", {"text": f"call {number}"})], key)
    assert list(journal.entries()) == []


def test_a_paper_is_not_guessed_from_its_digest(journal: Journal, key: PersonKey) -> None:
    """The same content twice has two digests: a salt stands in each paper."""
    one, other = (paper("note", {"name": "张伟"}) for _ in range(2))
    assert one != other
    assert json.loads(one)["content"] == json.loads(other)["content"]


def test_a_checkpoint_is_read_back(key: PersonKey) -> None:
    """What a checkpoint says is what was signed; another text under the signature is not genuine."""
    leaves = [leaf(b"one"), leaf(b"two")]
    text = checkpoint("ab" * 16, leaves, key)
    note = read_note(text.encode())
    assert note is not None
    assert (note.case, note.size, note.root, note.by, note.genuine) == ("ab" * 16, 2, root(leaves), key.public, True)
    changed = read_note(text.replace("\n2\n", "\n3\n").encode())
    assert changed is not None
    assert not changed.genuine


def test_a_clock_that_was_set_is_an_anomaly(journal: Journal, key: PersonKey, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time that goes back, or on while the machine's timer does not, is marked in the entry itself."""
    journal.append([Act("note", {})], key)
    real = time.clock_gettime_ns
    monkeypatch.setattr(time, "clock_gettime_ns", lambda which: real(which) + 3_600_000_000_000)
    (entry,) = journal.append([Act("note", {})], key)
    assert entry.body["anomaly"] == ["clock"]
    before, after = ({"time": f"2025-01-01T00:00:0{second}.000+00:00", "boot": "a", "clock": 0} for second in (0, 1))
    assert not stepped(before, after)
    assert stepped(after | {"time": "2025-01-01T00:00:09.000+00:00"}, before)


def _writer(journal: Journal, key: PersonKey, end: int) -> None:
    count = 0
    while True:
        (entry,) = journal.append([Act("note", {"count": count})], key)
        os.write(end, f"{entry.seq} {entry.leaf}\n".encode())
        count += 1


def test_killed_writers_lose_nothing(journal: Journal, key: PersonKey) -> None:
    """Two writers killed at random moments: what was acknowledged is there, and nothing forks."""
    chance, told = random.Random(5), b""
    running: list[tuple[int, int]] = []

    def start() -> None:
        pipe, end = os.pipe()
        process = os.fork()
        if process == 0:
            try:
                os.close(pipe)
                _writer(journal, key, end)
            finally:
                os._exit(1)
        os.close(end)
        running.append((process, pipe))

    def kill() -> bytes:
        process, pipe = running.pop(chance.randrange(len(running)))
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        with os.fdopen(pipe, "rb") as stream:
            return stream.read()

    start()
    start()
    for _ in range(40):
        time.sleep(chance.uniform(0.0, 0.05))
        told += kill()
        start()
    while running:
        told += kill()
    entries = list(journal.entries())
    assert all(after.body["prev"] == before.leaf for before, after in pairwise(entries))
    written = {entry.seq: entry.leaf for entry in entries}
    acknowledged = dict(line.split() for line in told.decode().splitlines())
    assert acknowledged
    assert all(written[int(seq)] == hashed for seq, hashed in acknowledged.items())


FULL = """
import resource, signal, sys
from tracer.case import Case
from tracer.errors import TracerError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
try:
    case = Case.open(sys.argv[1], by="A")
    print(case.add([sys.argv[2]], kind="dump", circumstances={})[0].number, flush=True)
    print(case.record("export", {}, {"text": "x" * 30_000}).seq, flush=True)
    case.bundle(sys.argv[1] + "/case.luobo")
except TracerError as fault:
    sys.exit(f"luobo: {fault.message}")
"""


@pytest.mark.parametrize("most", [1, 4_096, 20_000, 40_000, 65_000, 90_000, 120_000, 200_000])
def test_no_room_is_a_clean_refusal(tmp_path: Path, most: int) -> None:
    """Where no file may grow beyond a size, an act is done whole or refused in one line, and the case stays whole."""
    Case.create(tmp_path / "case", title="T", by="A", alone="a test")
    (tmp_path / "one.csv").write_bytes(b"invented,1\n" * 3_000)
    command = [sys.executable, "-c", FULL, str(tmp_path / "case"), str(tmp_path / "one.csv"), str(most)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Traceback" not in run.stderr
    assert run.returncode == 0 or run.stderr.startswith("luobo: ")
    book = Case.open(tmp_path / "case").book
    assert {int(line) for line in run.stdout.split()} <= {step.number for step in book.steps}
    assert not list((tmp_path / "case").rglob(".*"))


def test_a_damaged_journal_is_said_so(tmp_path: Path) -> None:
    """A journal whose bytes were overwritten is refused with one line, not believed."""
    case = Case.create(tmp_path / "case", title="T", by="A", alone="a test")
    content = bytearray(case.journal.path.read_bytes())
    place = content.index(b'"act":"create"')
    content[place + 8] ^= 1
    case.journal.path.write_bytes(content)
    with pytest.raises(CaseFault, match="damaged"):
        _ = Case.open(tmp_path / "case").book


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """The mode of a key file is looked at before the key is used."""
    case = Case.create(tmp_path / "case", title="T", by="A", alone="a test")
    (path,) = (tmp_path / "case" / "keys").glob("*.key")
    path.chmod(0o644)
    with pytest.raises(Exception, match="others can read"):
        load_key(case.book.people[0].key, path.parent, None)
