"""Sealing: commitments to every canary in one signed head, before anything leaves; and disclosing a few of them later.

Each field of each canary is committed to by itself with a salt of its own (as in RFC 9901, SD-JWT), so that a proof can
open the fields that matter and nothing else. Shadow canaries and the allotment are leaves like all others. The head
tells how many there are: a platform cannot commit to millions and show the lucky ones.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from canaries.canary import Canary, Kind, State
from canaries.errors import CanaryFault
from canaries.merkle import DIGESTS, levels, path
from canaries.register import Register
from canaries.table import IDS, PHONES
from canaries.verify import FIELD, HEAD_SCHEMA, PROOF_SCHEMA, bind, canonical, missing

ALLOTMENT: Final = "allotment"
_OWN: Final = (ALLOTMENT, "id", "clock", "policy")
_SALT: Final = 16
_PRIVATE: Final = frozenset({"ids", "keys", "sequences"})


def sealed_fields(register: Register) -> list[str]:
    """Names of the committed fields: allotment, name and phone first, for they are opened most often."""
    first = [one.name for one in register.fields if one.role in ("name", *PHONES)]
    ids = [one.name for one in register.fields if one.role in IDS]
    rest = [one.name for one in register.fields if one.name not in {*first, *ids}]
    return [ALLOTMENT, *first, *ids, *rest, *_OWN[1:]]


@lru_cache(maxsize=1)
def version() -> str:
    """SHA-256 over the sources of this package: which generator and matcher were sealed with."""
    made = hashlib.sha256()
    for source in sorted(Path(__file__).parent.rglob("*.py")):
        made.update(source.read_bytes())
    return made.hexdigest()


def _values(canary: Canary, names: Sequence[str]) -> list[str]:
    holders = canary.holders if canary.sealed_holders is None else canary.sealed_holders
    own = {
        ALLOTMENT: _allotment(canary.kind, holders, canary.bias),
        "id": canary.id,
        "clock": _text([[turn.since.isoformat(), turn.text] for turn in canary.clock]) if canary.clock else "",
        "policy": _policy(tuple(canary.proofs.items())),
    }
    told = {**own, **canary.cells}
    return [told.get(name) or "" for name in names]


@lru_cache(maxsize=4096)
def _allotment(kind: Kind, holders: tuple[str, ...], bias: float | None) -> str:
    return _text({"kind": kind, "holders": list(holders)} | ({"bias": bias} if bias is not None else {}))


@lru_cache(maxsize=4096)
def _policy(proofs: tuple[tuple[str, str], ...]) -> str:
    return _text(dict(proofs))


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _salts(master: bytes, canary: Canary, count: int) -> list[bytes]:
    stream = hashlib.shake_256(master + canary.id.encode()).digest(_SALT * count)
    return [stream[at : at + _SALT] for at in range(0, len(stream), _SALT)]


def _commitments(master: bytes, canary: Canary, names: Sequence[str]) -> list[bytes]:
    # `commit`, with what does not change from canary to canary worked out once.
    told = zip(_salts(master, canary, len(names)), _named(tuple(names)), _values(canary, names), strict=True)
    return [hashlib.sha256(FIELD + salt + name + value.encode()).digest() for salt, name, value in told]


@lru_cache(maxsize=8)
def _named(names: tuple[str, ...]) -> list[bytes]:
    return [len(name.encode()).to_bytes(2, "big") + name.encode() for name in names]


def _leaves(register: Register, canaries: Iterable[Canary], names: Sequence[str]) -> list[bytes]:
    master = register.derive("salts")
    return [bind(_commitments(master, canary, names)) for canary in canaries]


def _signing_key(register: Register) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(register.derive("signing key"))


def _signed(register: Register, body: dict[str, Any]) -> dict[str, Any]:
    return body | {"signature": _signing_key(register).sign(canonical(body)).hex()}


def seal(register: Register) -> tuple[Register, bytes]:
    """Seal all canaries of a register as it is.

    Returns:
        The register, in which they are sealed, and the head as a file.

    Raises:
        CanaryFault: there is no canary.
    """
    if not register.canaries:
        raise CanaryFault("the register holds no canary", hint="mint some with: luobo canary mint")
    names = sealed_fields(register)
    fixed = [_fixed(one) for one in register.canaries]
    leaves = _leaves(register, fixed, names)
    body = {
        "schema": HEAD_SCHEMA,
        "tree_size": len(leaves),
        **{f"root_{name}": levels(leaves, digest)[-1][0].hex() for name, digest in DIGESTS.items()},
        "fields": names,
        "counts": _counts(fixed),
        "coded": sum(one.kind is Kind.CODED for one in fixed),
        "shadows": sum(one.kind is Kind.SHADOW for one in fixed),
        "version": version(),
        "sealed_at": datetime.now(UTC).isoformat(),
        "previous": register.heads[-1]["sha256"] if register.heads else None,
        "public_key": _signing_key(register).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex(),
    }
    data = canonical(_signed(register, body))
    head = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(leaves), "text": data.decode()}
    return replace(register, canaries=tuple(fixed), heads=(*register.heads, head)), data


def _fixed(canary: Canary) -> Canary:
    """A canary that is sealed, with the holders it has now unless it was sealed before."""
    holders = canary.holders if canary.sealed_holders is None else canary.sealed_holders
    return replace(canary, sealed_holders=holders, state=canary.state if canary.reached(State.SEALED) else State.SEALED)


def _counts(canaries: Iterable[Canary]) -> dict[str, int]:
    """Exclusive canaries by holder; one has exactly one holder, so they add up to no more than the tree."""
    counts = Counter(
        holder for one in canaries if one.kind is Kind.EXCLUSIVE for holder in (one.sealed_holders or one.holders)
    )
    return dict(sorted(counts.items()))


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What is to be shown of one check."""

    hits: Mapping[str, Sequence[str]]
    """Canary → headers whose values may be shown, besides its allotment."""
    dump: Mapping[str, Any]
    """Digest and time of the dump, as the check wrote them."""
    shadow: Mapping[str, Any]
    """What the check said of the shadows."""


def disclose(register: Register, shown: Disclosure, digest: str = "sha256") -> tuple[Register, bytes]:
    """Prove that some canaries are in the last sealed head.

    Returns:
        The register, in which they are burned, and the proof as a file.

    Raises:
        CanaryFault: nothing was sealed, or a canary is younger than the head.
    """
    if not register.heads:
        raise CanaryFault("the register was never sealed", hint="luobo canary seal, before the export leaves")
    head = _head_of(register, shown.hits)
    names = json.loads(head["text"])["fields"]
    sealed = register.canaries[: head["size"]]
    grown = levels(_leaves(register, sealed, names), DIGESTS[digest])
    if grown[-1][0].hex() != json.loads(head["text"])[f"root_{digest}"]:
        raise CanaryFault("the register is not the one that was sealed", hint="take it from a backup")
    master = register.derive("salts")
    place = {canary.id: at for at, canary in enumerate(sealed)}
    opened = [_opened(sealed[place[one]], place[one], names, headers, master) for one, headers in shown.hits.items()]
    for one in opened:
        one["p"] = _joined(path(grown, one["i"]))
    hit = {holder for one in shown.hits for holder in register.find(one).holders}
    body = {
        "schema": PROOF_SCHEMA,
        "head_sha256": head["sha256"],
        "digest": digest,
        "canaries": sorted(opened, key=lambda one: one["i"]),
        "receipts": _receipts(register, hit),
        "dump": dict(shown.dump),
        "shadow": dict(shown.shadow),
        "not_hit": len(register.live) - len(shown.hits),
        "revealed_at": datetime.now(UTC).isoformat(),
    }
    return register.advanced(shown.hits, State.BURNED), canonical(_signed(register, body))


def _head_of(register: Register, hits: Iterable[str]) -> Mapping[str, Any]:
    """The oldest head that holds all of these canaries."""
    places = {canary.id: at for at, canary in enumerate(register.canaries)}
    wanted = [places.get(one, -1) for one in hits]
    if not wanted or min(wanted) < 0:
        raise CanaryFault("the hits name no canary of this register", hint="give the JSON of: luobo canary check")
    fitting = [head for head in register.heads if head["size"] > max(wanted)]
    if not fitting:
        raise CanaryFault("a hit canary is younger than the last head", hint="only sealed canaries can be proven")
    return fitting[0]


def _receipts(register: Register, holders: set[str]) -> list[dict[str, Any]]:
    """What was handed to these holders, without the rows that the register alone may know."""
    wanted = [one for one in register.receipts if one.get("recipient") in holders and not one.get("undone")]
    return [{part: told for part, told in one.items() if part not in _PRIVATE} for one in wanted]


def _opened(canary: Canary, place: int, names: Sequence[str], headers: Sequence[str], master: bytes) -> dict[str, Any]:
    wanted = sorted({names.index(name) for name in (ALLOTMENT, *headers) if name in names})
    salts, values = _salts(master, canary, len(names)), _values(canary, names)
    level = _commitments(master, canary, names)
    grid = [level]
    while len(grid[-1]) > 1:
        last = grid[-1]
        grid.append([hashlib.sha256(b"\x02" + b"".join(last[at : at + 4])).digest() for at in range(0, len(last), 4)])
    told = [grid[depth][at] for depth, at in missing(len(names), wanted)]
    fields = [[at, base64.b85encode(salts[at]).decode(), values[at]] for at in wanted]
    return {"i": place, "f": fields, "s": _joined(told)}


def _joined(hashes: Iterable[bytes]) -> str:
    return base64.b85encode(b"".join(hashes)).decode()
