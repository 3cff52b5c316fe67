"""The other side's check of a proof. It needs the Python standard library and `cryptography`, nothing of luobo:

    python verify.py PROOF HEAD

A *head* is what the platform signed and published before any export left: the root of a tree of commitments, how many
canaries there are, and how many each recipient has. A *proof* discloses some canaries of that tree.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HEAD_SCHEMA: Final = "luobo.canary-head/1"
PROOF_SCHEMA: Final = "luobo.canary-proof/1"
FIELD: Final = b"luobo/field/1\x00"
"""In front of every committed field."""
WIDTH: Final = 4
"""Commitments of one canary's fields are hashed together by fours."""

CANNOT_PROVE: Final = (
    "That the canaries really stood in the export that the recipient got: only the export's receipt says so.",
    "That nobody else saw the register: whoever holds it can recognise canaries.",
    (
        "That the platform did not plant its own canaries into the dump to frame the recipient. Against it speaks "
        "that the dump was sealed by somebody else before the canaries were revealed."
    ),
    "Who among the recipient's people passed the export on.",
)


class Check(NamedTuple):
    """One numbered check."""

    name: str
    passed: bool
    detail: str


def canonical(value: Any) -> bytes:
    """The one writing of a JSON value here: sorted keys, no blanks, UTF-8, a line feed at the end."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def commit(salt: bytes, name: str, value: str) -> bytes:
    """The commitment to one field: SHA-256 over a salt of 128 bits, the field's name and its value.

    Without the salt the commitment of a phone number could be opened by trying all of them.
    """
    told = name.encode()
    return hashlib.sha256(FIELD + salt + len(told).to_bytes(2, "big") + told + value.encode()).digest()


def bind(commitments: Sequence[bytes]) -> bytes:
    """All fields of one canary in one hash: by fours, behind 0x02, level by level."""
    level = list(commitments)
    while True:
        level = [
            hashlib.sha256(b"\x02" + b"".join(level[at : at + WIDTH])).digest() for at in range(0, len(level), WIDTH)
        ]
        if len(level) == 1:
            return level[0]


def missing(count: int, opened: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Which hashes (level, place) must be told beside the opened fields so that `bind` can be worked out."""
    known, level = set(opened), 0
    while count > 1 or level == 0:
        groups = -(-count // WIDTH)
        reached = set()
        for group in range(groups):
            members = range(group * WIDTH, min(count, (group + 1) * WIDTH))
            if known & set(members):
                yield from ((level, place) for place in members if place not in known)
                reached.add(group)
        known, count, level = reached, groups, level + 1


def rebind(count: int, opened: dict[int, bytes], told: Sequence[bytes]) -> bytes | None:
    """The hash of all fields from the opened ones and the hashes that were told; None where those do not fit."""
    rest = list(told)
    known, level = dict(opened), 0
    wanted = list(missing(count, sorted(opened)))
    if len(wanted) != len(rest) or not opened:
        return None
    while count > 1 or level == 0:
        for at, place in [each for each in wanted if each[0] == level]:
            known[place] = rest.pop(0)
            assert at == level  # noqa: S101 - by construction
        groups = -(-count // WIDTH)
        above = {}
        for group in range(groups):
            members = range(group * WIDTH, min(count, (group + 1) * WIDTH))
            if all(place in known for place in members):
                above[group] = hashlib.sha256(b"\x02" + b"".join(known[place] for place in members)).digest()
        known, count, level = above, groups, level + 1
    return known.get(0)


def _digest(name: str) -> Callable[[bytes], bytes]:
    def by_sm3(data: bytes) -> bytes:
        made = hashes.Hash(hashes.SM3())
        made.update(data)
        return made.finalize()

    if name not in {"sha256", "sm3"}:
        raise ValueError(name)
    return by_sm3 if name == "sm3" else lambda data: hashlib.sha256(data).digest()


def _root(leaf: bytes, index: int, size: int, siblings: list[bytes], digest: Callable[[bytes], bytes]) -> bytes | None:
    """RFC 9162, section 2.1.3.2."""
    if not 0 <= index < size:
        return None
    node, last = digest(b"\x00" + leaf), size - 1
    while last:
        if index % 2 or index != last:
            if not siblings:
                return None
            other = siblings.pop(0)
            node = digest(b"\x01" + other + node) if index % 2 else digest(b"\x01" + node + other)
        index, last = index // 2, last // 2
    return None if siblings else node


def _chunks(text: str) -> list[bytes]:
    data = base64.b85decode(text)
    return [data[at : at + 32] for at in range(0, len(data), 32)]


def examine(proof_data: bytes, head_data: bytes) -> list[Check]:
    """Every check of a proof against a head; the proof holds only if all passed.

    It never raises: what cannot be read fails its check.
    """
    checks: list[Check] = []
    try:
        head = json.loads(head_data)
        proof = json.loads(proof_data)
        checks.append(_form("1 head is written in its one form", head, head_data, HEAD_SCHEMA))
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(head["public_key"]))
        checks.append(_signed("2 head is signed by the key in it", head, key))
        checks.append(_form("3 proof is written in its one form", proof, proof_data, PROOF_SCHEMA))
        checks.append(_signed("4 proof is signed by the same key", proof, key))
        same = proof["head_sha256"] == hashlib.sha256(head_data).hexdigest()
        checks.append(Check("5 proof is about this head", same, str(proof["head_sha256"])[:16]))
        checks.append(_included(proof, head))
        checks.append(_counted(proof, head))
        checks.append(_in_order(proof, head))
    except Exception as fault:  # noqa: BLE001 - whatever a forged file makes of our code, the check has failed
        checks.append(
            Check("0 files can be read", False, f"{type(fault).__name__}: this is no proof and head of one register")
        )
    return checks


def _form(name: str, value: Any, data: bytes, schema: str) -> Check:
    right = isinstance(value, dict) and value.get("schema") == schema and canonical(value) == data
    return Check(name, right, schema)


def _signed(name: str, value: dict[str, Any], key: Ed25519PublicKey) -> Check:
    body = {part: told for part, told in value.items() if part != "signature"}
    signature = bytes.fromhex(value["signature"])
    fits = signature.hex() == value["signature"]  # not other letters for the same bytes
    try:
        key.verify(signature, canonical(body))
    except InvalidSignature:
        fits = False
    return Check(name, fits, "Ed25519" if fits else "the signature does not fit")


def _included(proof: dict[str, Any], head: dict[str, Any]) -> Check:
    digest = _digest(proof["digest"])
    root, names = bytes.fromhex(head[f"root_{proof['digest']}"]), head["fields"]
    wrong = []
    for one in proof["canaries"]:
        opened = {int(at): commit(base64.b85decode(salt), names[at], value) for at, salt, value in one["f"]}
        leaf = rebind(len(names), opened, _chunks(one["s"]))
        if leaf is None or _root(leaf, one["i"], head["tree_size"], _chunks(one["p"]), digest) != root:
            wrong.append(one["i"])
    different = len({one["i"] for one in proof["canaries"]}) == len(proof["canaries"])
    detail = f"{len(proof['canaries'])} canaries" if not wrong else f"{len(wrong)} do not lead to the root"
    return Check(
        "6 every disclosed canary is in the sealed tree", not wrong and different and bool(proof["canaries"]), detail
    )


def _counted(proof: dict[str, Any], head: dict[str, Any]) -> Check:
    """No recipient has more disclosed canaries than the head says it has: nobody chose the lucky ones of millions."""
    counts = head["counts"]
    place = head["fields"].index("allotment")
    shown: dict[str, int] = {}
    for one in proof["canaries"]:
        allotment = json.loads(next(value for at, _, value in one["f"] if at == place))
        for holder in allotment["holders"] if allotment["kind"] == "exclusive" else ():
            shown[holder] = shown.get(holder, 0) + 1
    right = sum(counts.values()) <= head["tree_size"] and all(n <= counts.get(name, 0) for name, n in shown.items())
    told = ", ".join(f"{name} {n} of {counts.get(name, 0)}" for name, n in sorted(shown.items()))
    return Check("7 counts agree with the head", right, told)


def _in_order(proof: dict[str, Any], head: dict[str, Any]) -> Check:
    exports = [datetime.fromisoformat(one["made_at"]) for one in proof["receipts"]]
    times = [datetime.fromisoformat(head["sealed_at"])]
    told = ["head"]
    if exports:
        times += [min(exports), max(exports)]
        told += ["export"]
    times += [datetime.fromisoformat(proof["dump"]["sealed_at"]), datetime.fromisoformat(proof["revealed_at"])]
    right = times[0] < times[1] and times == sorted(times) and times[-2] < times[-1] and bool(exports)
    return Check(
        "8 head < export < dump < reveal",
        right,
        " < ".join([*told, "dump", "reveal"]) if exports else "no export has a receipt",
    )


def main(arguments: Sequence[str]) -> int:
    """Check the files named on a command line; 0 if everything holds."""
    checks = examine(Path(arguments[0]).read_bytes(), Path(arguments[1]).read_bytes())
    for check in checks:
        print(f"{'ok    ' if check.passed else 'FAILED'} {check.name}: {check.detail}")  # noqa: T201 - it is a program
    for line in CANNOT_PROVE:
        print(f"cannot be proven: {line}")  # noqa: T201
    return 0 if all(check.passed for check in checks) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
