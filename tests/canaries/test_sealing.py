from __future__ import annotations

import json
import random
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

import canaries.verify
from canaries.canary import State
from canaries.errors import CanaryFault
from canaries.merkle import DIGESTS, levels, path, root_of
from canaries.register import Register
from canaries.sealing import Disclosure, disclose, seal
from canaries.verify import bind, examine, missing, rebind


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 8, 13, 100, 257])
def test_the_root_is_pymerkles(size: int) -> None:
    """The tree is that of RFC 9162, as another implementation has it."""
    leaves = [f"leaf {at}".encode() for at in range(size)]
    other = InmemoryTree(algorithm="sha256")
    for leaf in leaves:
        other.append_entry(leaf)
    assert levels(leaves)[-1][0] == other.get_root()


@given(st.integers(1, 40), st.data(), st.sampled_from(sorted(DIGESTS)))
def test_every_leaf_has_a_path(size: int, data: st.DataObject, digest: str) -> None:
    """A leaf with its path leads to the root, and another leaf, place or size does not."""
    leaves = [bytes([at]) for at in range(size)]
    grown = levels(leaves, DIGESTS[digest])
    at = data.draw(st.integers(0, size - 1))
    siblings, root = path(grown, at), grown[-1][0]
    assert root_of(leaves[at], at, size, siblings, DIGESTS[digest]) == root
    assert root_of(b"other", at, size, siblings, DIGESTS[digest]) != root
    if size > 1:
        assert root_of(leaves[at], (at + 1) % size, size, siblings, DIGESTS[digest]) != root


@given(st.integers(1, 30), st.data())
def test_fields_are_opened_one_by_one(count: int, data: st.DataObject) -> None:
    """Any choice of fields with the missing hashes gives the hash of all."""
    commitments = [bytes([at]) * 32 for at in range(count)]
    opened = data.draw(st.sets(st.integers(0, count - 1), min_size=1))
    grid = [commitments]
    while len(grid[-1]) > 1 or len(grid) == 1:
        grid.append([bind(grid[-1][at : at + 4]) for at in range(0, len(grid[-1]), 4)])
    told = [grid[level][at] for level, at in missing(count, sorted(opened))]
    assert rebind(count, {at: commitments[at] for at in opened}, told) == bind(commitments)


@pytest.fixture(scope="module")
def proven(register: Register) -> tuple[bytes, bytes, Register]:
    """A proof of three canaries of r1, its head, and the register afterwards."""
    sealed, head = seal(register)
    receipt = {"recipient": "r1", "made_at": datetime.now(UTC).isoformat(), "output_sha256": "0"}
    sealed = replace(sealed, receipts=(receipt,))
    hits = {one.id: ("姓名", "手机号") for one in sealed.of("r1")[:3]}
    dump = {"sha256": "0" * 64, "bytes": 1, "records": 9, "sealed_at": datetime.now(UTC).isoformat()}
    after, proof = disclose(sealed, Disclosure(hits, dump, {"planted": 0, "hits": 0, "bound": 0.1}))
    return proof, head, after


def test_a_proof_holds(proven: tuple[bytes, bytes, Register]) -> None:
    """Every check of a true proof passes, and the disclosed canaries are burned."""
    proof, head, after = proven
    assert all(check.passed for check in examine(proof, head)), examine(proof, head)
    assert sum(one.state is State.BURNED for one in after.canaries) == 3


def test_a_proof_shows_no_more_than_it_must(proven: tuple[bytes, bytes, Register], register: Register) -> None:
    """Neither head nor proof holds a value of a canary that was not hit, or a field that was not asked for."""
    proof, head, _ = proven
    hit = {one.id for one in register.of("r1")[:3]}
    for one in register.canaries:
        assert one.id in hit or str(one.cells["手机号"]).encode() not in proof + head
        assert str(one.cells["进件时间"]).encode() not in proof + head


def test_every_flipped_bit_is_found(proven: tuple[bytes, bytes, Register]) -> None:
    """One flipped bit anywhere in the proof or in the head fails a check."""
    proof, head, _ = proven
    draw = random.Random(4)
    for place in {draw.randrange(len(proof) * 8) for _ in range(700)}:
        damaged = bytearray(proof)
        damaged[place // 8] ^= 1 << place % 8
        assert not all(check.passed for check in examine(bytes(damaged), head)), place
    for place in range(0, len(head) * 8, 3):
        damaged = bytearray(head)
        damaged[place // 8] ^= 1 << place % 8
        assert not all(check.passed for check in examine(proof, bytes(damaged))), place


def test_the_order_of_times_is_checked(register: Register) -> None:
    """An export before the head, or a dump before the export, fails the last check."""
    sealed, head = seal(register)
    now = datetime.now(UTC)
    for export, dump in ((now - timedelta(hours=1), now), (now, now - timedelta(hours=1))):
        receipt = {"recipient": "r1", "made_at": export.isoformat()}
        told = {"sha256": "0", "bytes": 1, "records": 1, "sealed_at": dump.isoformat()}
        hits = {sealed.of("r1")[0].id: ("姓名",)}
        _, proof = disclose(replace(sealed, receipts=(receipt,)), Disclosure(hits, told, {}))
        assert [check.passed for check in examine(proof, head)] == [True] * 7 + [False]


def test_another_head_does_not_fit(proven: tuple[bytes, bytes, Register], register: Register) -> None:
    """A proof is about one head only."""
    _, head = seal(register)
    assert not all(check.passed for check in examine(proven[0], head))


def test_the_verifier_stands_alone(proven: tuple[bytes, bytes, Register], tmp_path: Path) -> None:
    """The verifier runs as a single file, without this package, in a directory of its own."""
    lonely = tmp_path / "verify.py"
    lonely.write_bytes(Path(canaries.verify.__file__).read_bytes())
    (tmp_path / "proof").write_bytes(proven[0])
    (tmp_path / "head").write_bytes(proven[1])
    command = [sys.executable, "-P", str(lonely), "proof", "head"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "canaries" not in json.dumps([line for line in lonely.read_text("utf-8").splitlines() if "import" in line])


def test_a_younger_canary_cannot_be_proven(register: Register) -> None:
    """A canary minted after the last head is refused."""
    sealed, _ = seal(replace(register, canaries=register.canaries[:-1]))
    grown = replace(sealed, canaries=(*sealed.canaries, register.canaries[-1]))
    with pytest.raises(CanaryFault, match="younger"):
        disclose(grown, Disclosure({register.canaries[-1].id: ()}, {"sealed_at": ""}, {}))


def test_sm3_proves_as_well(register: Register) -> None:
    """The same proof over the SM3 tree holds too."""
    sealed, head = seal(register)
    receipt = {"recipient": "r0", "made_at": datetime.now(UTC).isoformat()}
    dump = {"sealed_at": datetime.now(UTC).isoformat()}
    hits = {sealed.of("r0")[0].id: ("姓名",)}
    _, proof = disclose(replace(sealed, receipts=(receipt,)), Disclosure(hits, dump, {}), "sm3")
    assert all(check.passed for check in examine(proof, head))


def test_a_proof_of_one_canary_is_small(proven: tuple[bytes, bytes, Register]) -> None:
    """The part of one canary takes at most a kilobyte even in a tree of 100,000."""
    one = json.loads(proven[0])["canaries"][0]
    one["p"] = "x" * (17 * 40)
    assert len(json.dumps(one, ensure_ascii=False, separators=(",", ":")).encode()) <= 1000
