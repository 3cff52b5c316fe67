"""A forger who holds every key of a case: takes a bundle apart, changes what he likes, and signs it anew.

Everything in it is invented: a case of two people with a few bytes as exhibits.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tracer import Case
from tracer.custody.checkpoint import checkpoint
from tracer.custody.keys import PersonKey, load_key, new_key
from tracer.custody.verify import (
    BUNDLE_CONTEXT,
    CHECKPOINT,
    ENTRY_CONTEXT,
    JOURNAL,
    MANIFEST,
    ORIGINALS,
    PAPERS,
    canonical,
    header,
    leaf,
    trailer,
)

Body = dict[str, Any]
STRANGER = new_key()


@dataclass(frozen=True)
class Forged:
    """A bundle in pieces."""

    lines: tuple[bytes, ...]
    note: bytes
    papers: Mapping[str, bytes]
    originals: Mapping[str, bytes]
    keys: Mapping[str, PersonKey]
    case: str
    custodian: str
    """The public key of whoever made the case."""
    earlier: bytes
    """A checkpoint that was handed over before the last entries."""
    extra: Mapping[str, bytes] | None = None
    manifest: bytes | None = None
    signer: PersonKey | None = None

    @property
    def bodies(self) -> list[Body]:
        """What the entries say."""
        return [json.loads(line[129:]) for line in self.lines]

    @property
    def first(self) -> PersonKey:
        """The custodian's key."""
        return self.keys[self.custodian]

    def members(self) -> dict[str, bytes]:
        """Name → content, in the order of the file, the list of contents first."""
        held = {JOURNAL: b"".join(line + b"\n" for line in self.lines), CHECKPOINT: self.note}
        held |= {f"{PAPERS}{name}.json": self.papers[name] for name in sorted(self.papers)}
        held |= {f"{ORIGINALS}{name}.age": self.originals[name] for name in sorted(self.originals)}
        held |= self.extra or {}
        listed = [
            {"name": name, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
            for name, content in held.items()
        ]
        made = canonical({"members": listed, "version": 1}) if self.manifest is None else self.manifest
        return {MANIFEST: made, **held}

    def container(self) -> bytes:
        """All members and the end mark, without the last line."""
        return b"".join(member(name, content) for name, content in self.members().items()) + bytes(1024)

    def packed(self, container: bytes | None = None) -> bytes:
        """The bundle, with a right digest signed by a key of the case."""
        held = self.container() if container is None else container
        digest, signer = hashlib.sha256(held).hexdigest(), self.signer or self.first
        return held + trailer(digest, signer.public, signer.sign(BUNDLE_CONTEXT + digest.encode() + b"\n"))

    def noted(self) -> Forged:
        """With a fresh checkpoint over the entries as they are now."""
        note = checkpoint(self.case, [leaf(line) for line in self.lines], self.first)
        return replace(self, note=note.encode())

    def rewritten(self, change: Callable[[list[Body]], list[Body] | None], *, relink: bool = True) -> Forged:
        """With changed entries, all signed and linked anew, and a fresh checkpoint."""
        bodies = self.bodies
        bodies = change(bodies) or bodies
        lines: list[bytes] = []
        for place, body in enumerate(bodies):
            if relink:
                body["seq"], body["prev"] = place, leaf(lines[-1]).hex() if lines else "0" * 64
            lines.append(self.signed(body))
        made = replace(self, lines=tuple(lines))
        return made.noted()

    def signed(self, body: Body) -> bytes:
        """The line of an entry."""
        told = canonical(body)
        key = self.keys.get(body["by"], STRANGER)
        return key.sign(ENTRY_CONTEXT + told).hex().encode() + b" " + told

    def with_line(self, place: int, line: bytes) -> Forged:
        """With another line at a place."""
        return replace(self, lines=(*self.lines[:place], line, *self.lines[place + 1 :]))


def member(name: str, content: bytes) -> bytes:
    return header(name, len(content)) + content + bytes(-len(content) % 512)


def honest(folder: Path) -> Forged:
    """The pieces of an honest bundle: exhibits of which one is derived, approvals, a role, an act that waits."""
    first, second = folder / "one.csv", folder / "two.csv"
    first.write_bytes(b"invented,1\n" * 3)
    second.write_bytes(b"invented,2\n")
    case = Case.create(folder / "case", title="Forged", by="A")
    (whole,) = case.add([first], kind="dump", circumstances={"seized_at": "2025-10-08"})
    other = Case.open(folder / "case", by="B")
    other.approve()
    case.add([second], kind="dump", circumstances={}, parent=whole.number)
    other.approve()
    earlier = case.checkpoint()
    case.assign("B", "reviewer")
    case.record("export", {"of": "report"}, {"file": "report.pdf"})
    case.bundle(folder / "honest.luobo")
    return apart(folder / "honest.luobo", folder / "case", earlier.encode())


def apart(bundle: Path, case: Path, earlier: bytes) -> Forged:
    """Take a bundle apart; its container is read by Python's own tar, not by ours."""
    with tarfile.open(fileobj=io.BytesIO(bundle.read_bytes())) as tar:
        held = {one.name: tar.extractfile(one) for one in tar.getmembers()}
        content = {name: stream.read() for name, stream in held.items() if stream is not None}

    def of(folder: str) -> dict[str, bytes]:
        return {Path(name).stem: told for name, told in content.items() if name.startswith(folder)}

    keys = {path.stem: load_key(path.stem, case / "keys", None) for path in (case / "keys").glob("*.key")}
    lines = tuple(content[JOURNAL].split(b"\n")[:-1])
    first = json.loads(lines[0][129:])
    return Forged(lines, content[CHECKPOINT], of(PAPERS), of(ORIGINALS), keys, first["case"], first["by"], earlier)
