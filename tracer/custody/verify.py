"""Verify a bundle with nothing but this file, Python and `cryptography`: `python verify.py case.luobo`.

Numbered checks, every fault listed with what it means and what to do. What the bytes of a bundle, an entry and a
checkpoint are is written here once; whoever writes them takes it from here. Entries: RFC 8785 bytes without floats.
Tree: RFC 9162, section 2.1. Checkpoints: C2SP tlog-checkpoint in a C2SP signed note. Container: POSIX ustar.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

VERSION: Final = 1
ORIGIN: Final = "luobo.case/"
ENTRY_CONTEXT: Final = b"luobo journal entry v1\n"
BUNDLE_CONTEXT: Final = b"luobo bundle v1\n"
MANIFEST, JOURNAL, CHECKPOINT = "luobo.json", "journal.txt", "checkpoint.txt"
PAPERS, ORIGINALS = "papers/", "originals/"
FIELDS: Final = ("act", "boot", "by", "case", "clock", "facts", "papers", "prev", "seq", "time", "version")
FLAGS: Final = ("anomaly", "countersign")
JOINING: Final = ("create", "join")
CHECKS: Final = {
    1: "the file is a bundle in canonical form, nothing before, between or after",
    2: "the digest over all of it is right, and signed by a key of the case",
    3: "the list of contents names exactly what is there",
    4: "every journal entry is well formed, of a known version and of this case",
    5: "entries are numbered without gap and each names the one before",
    6: "every entry is signed by a key that had joined the case",
    7: "the checkpoint inside covers all entries and is signed by a key of the case",
    8: "every paper that an entry names is there unchanged, and no other",
    9: "every original that an entry names is there unchanged, and no other",
    10: "every act that needs a second person has one, by another key",
    11: "the clock went forward",
    12: "the journal continues the checkpoint that was handed over earlier",
}
_TRAILER: Final = re.compile(rb"luobo-bundle/1 sha256=([0-9a-f]{64}) by=([0-9a-f]{64}) signature=([0-9a-f]{128})\n")
_TRAILER_SIZE: Final = 15 + 7 + 64 + 4 + 64 + 11 + 128 + 1
_CHUNK: Final = 1 << 20
_STEP: Final = 2_000
_ADVICE: Final = "do not rely on it; ask whoever made it for a fresh copy, and compare with the office's own case"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it must be, or (a notice) that whoever relies on the bundle should know."""

    check: int
    place: str
    what: str
    advice: str = _ADVICE


@dataclass
class Verdict:
    """What the checks found."""

    faults: list[Fault] = field(default_factory=list)
    notices: list[Fault] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        """Whether no check found a fault."""
        return not self.faults

    def to_dict(self) -> dict[str, Any]:
        """As the JSON of `luobo verify --json`."""
        failed = {fault.check for fault in self.faults}
        listed = [[vars_of(one) for one in kind] for kind in (self.faults, self.notices)]
        checks = [
            {"number": number, "claim": claim, "passed": number not in failed} for number, claim in CHECKS.items()
        ]
        head = {"schema": "luobo.verify/1", "sound": self.sound, "checks": checks}
        return head | {"faults": listed[0], "notices": listed[1], **self.facts}


def vars_of(fault: Fault) -> dict[str, Any]:
    """A fault as JSON."""
    return {"check": fault.check, "place": fault.place, "what": fault.what, "advice": fault.advice}


def canonical(value: Any) -> bytes:
    """RFC 8785 bytes of what has neither floats nor keys beyond ASCII: they are Python's own, sorted and tight."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def leaf(line: bytes) -> bytes:
    """The hash by which a line of the journal (signature, space, body) stands in the chain and in the tree."""
    return hashlib.sha256(b"\x00" + line).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root of the Merkle tree over hashed leaves."""
    level = list(leaves) or [hashlib.sha256(b"").digest()]
    while len(level) > 1:
        pairs = [hashlib.sha256(b"\x01" + level[at] + level[at + 1]).digest() for at in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0]


def header(name: str, size: int) -> bytes:
    """The one header that a member of this name and length may have (ustar; larger than 8 GiB in base 256, as GNU)."""
    length = b"%011o\x00" % size if size < 8**11 else b"\x80" + size.to_bytes(11, "big")
    block = name.encode().ljust(100, b"\x00") + b"0000400\x000000000\x000000000\x00" + length + b"00000000000\x00"
    block += b" " * 8 + b"0" + bytes(100) + b"ustar\x0000"
    block = block.ljust(512, b"\x00")
    return block[:148] + b"%06o\x00 " % sum(block) + block[156:]


def trailer(digest: str, by: str, signature: bytes) -> bytes:
    """The last line of a bundle."""
    return f"luobo-bundle/1 sha256={digest} by={by} signature={signature.hex()}\n".encode()


def note_id(by: str) -> bytes:
    """The key id of a signed note: the first four bytes over name, newline, algorithm (1: Ed25519) and key."""
    return hashlib.sha256(f"{by}\n".encode() + b"\x01" + bytes.fromhex(by)).digest()[:4]


@dataclass(frozen=True, slots=True)
class Note:
    """A checkpoint that was read: so many entries had this root, says this key."""

    case: str
    size: int
    root: bytes
    by: str
    genuine: bool


def read_note(text: bytes) -> Note | None:
    """A checkpoint, or None where the text is none."""
    form = rb"(luobo\.case/([0-9a-f]{32})\n([1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n[^\n]+\n)\n"
    found = re.fullmatch(form + rb"\xe2\x80\x94 ([0-9a-f]{64}) ([A-Za-z0-9+/=]{92})\n", text)
    if found is None:
        return None
    body, case, size, rooted, by, signed = found.groups()
    stamp, told = base64.b64decode(signed), base64.b64decode(rooted)
    plain = base64.b64encode(stamp) == signed and base64.b64encode(told) == rooted
    key = by.decode()
    genuine = plain and stamp[:4] == note_id(key) and signed_by(key, stamp[4:], body)
    return Note(case.decode(), int(size), told, key, genuine)


def signed_by(by: str, signature: bytes, message: bytes) -> bool:
    """Whether this Ed25519 key (hexadecimal) signed the message."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(by)).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@dataclass
class _Contents:
    """What a container holds: digests of everything, and the bytes of what is small."""

    sizes: dict[str, int] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    small: dict[str, bytes] = field(default_factory=dict)


def verify(stream: BinaryIO, outside: bytes | None = None) -> Verdict:
    """Run all checks over a bundle.

    Args:
        stream: the bundle.
        outside: a checkpoint that was handed over earlier and kept by somebody else.
    """
    found = Verdict()
    contents, signer = _container(stream, found)
    lines = contents.small.get(JOURNAL, b"").split(b"\n")[:-1]
    told = read_journal(lines, found)
    case, leaves, people = told.case, told.leaves, told.people
    if signer not in people:
        found.faults.append(Fault(2, "the last line", "the bundle is signed by a key that never joined the case"))
    _checkpoint(contents.small.get(CHECKPOINT, b""), case, leaves, people, found)
    _files(contents, told.bodies, found)
    _outside(outside, case, leaves, people, found)
    found.facts = {
        "case": case,
        "entries": len(lines),
        "root": base64.b64encode(root(leaves)).decode(),
        "people": [{"name": name, "key": key} for key, name in people.items()],
        "exhibits": sum(body["act"] == "add" for body in told.bodies),
    }
    return found


@dataclass(frozen=True, slots=True)
class Told:
    """What a journal says, as far as it can be read."""

    case: str
    bodies: Sequence[Mapping[str, Any]]
    """Of the entries that stand at their number."""
    leaves: Sequence[bytes]
    people: Mapping[str, str]
    """Key → name."""


def read_journal(lines: Sequence[bytes], found: Verdict) -> Told:
    """Run the checks that need the journal alone (4, 5, 6, 10, 11); faults and notices are added to `found`."""
    entries = _entries(lines, found)
    leaves = [leaf(line) for line in lines]
    people = _people(lines, entries, leaves, found)
    bodies = [body for place, body in entries if body["seq"] == place]
    _second_persons(bodies, leaves, found)
    _clock(bodies, found)
    return Told(entries[0][1]["case"] if entries else "", bodies, leaves, people)


def _container(stream: BinaryIO, found: Verdict) -> tuple[_Contents, str]:
    """Read the whole file once. Gives the contents and the key that signed the digest."""
    whole, contents = hashlib.sha256(), _Contents()

    def broken(what: str) -> tuple[_Contents, str]:
        found.faults.append(Fault(1, f"byte {at}", what))
        return contents, ""

    at, last = 0, ""
    while (block := stream.read(512)) != bytes(512):
        name = block[:100].rstrip(b"\x00").decode("ascii", "replace")
        size = _size(block)
        if block != header(name, size):
            return broken("the head of a member is not the canonical one")
        if name in contents.sizes or (last.startswith(ORIGINALS) and not name > last):
            return broken("a member stands twice or out of order")
        whole.update(block)
        if not _member(stream, name, size, whole, contents):
            return broken("a member is cut short or padded with something else")
        at, last = at + 512 + size + -size % 512, name
    tail = stream.read(512)
    whole.update(block + tail)
    end = _TRAILER.fullmatch(stream.read(_TRAILER_SIZE))
    if tail != bytes(512) or end is None or stream.read(1):
        return broken("the bundle does not end as it must")
    digest, by, signature = (part.decode() for part in end.groups())
    if whole.hexdigest() != digest:
        found.faults.append(Fault(2, "the whole file", "the content is not what the digest at its end was taken of"))
    if not signed_by(by, bytes.fromhex(signature), BUNDLE_CONTEXT + digest.encode() + b"\n"):
        found.faults.append(Fault(2, "the last line", "the signature under the digest is not that key's"))
    _manifest(contents, found)
    return contents, by


def _size(block: bytes) -> int:
    told = block[124:136]
    if told[:1] == b"\x80":
        return int.from_bytes(told[1:], "big")
    return int(told[:11], 8) if re.fullmatch(rb"[0-7]{11}\x00", told) else 0


def _member(stream: BinaryIO, name: str, size: int, whole: Any, contents: _Contents) -> bool:
    """Read one member; whether it was there whole."""
    digest, kept, left = hashlib.sha256(), [], size
    while left:
        chunk = stream.read(min(left, _CHUNK))
        if not chunk:
            return False
        left -= len(chunk)
        whole.update(chunk)
        digest.update(chunk)
        if not name.startswith((ORIGINALS, PAPERS)):
            kept.append(chunk)
    padding = stream.read(-size % 512)
    whole.update(padding)
    contents.sizes[name], contents.digests[name] = size, digest.hexdigest()
    contents.small[name] = b"".join(kept)
    return padding == bytes(-size % 512)


def _manifest(contents: _Contents, found: Verdict) -> None:
    names = [name for name in contents.sizes if name != MANIFEST]
    members = [{"name": name, "sha256": contents.digests[name], "size": contents.sizes[name]} for name in names]
    made = canonical({"members": members, "version": VERSION})
    if contents.small.get(MANIFEST) != made or next(iter(contents.sizes)) != MANIFEST:
        found.faults.append(Fault(3, MANIFEST, "the list of contents and the contents differ"))


def _entries(lines: Sequence[bytes], found: Verdict) -> list[tuple[int, dict[str, Any]]]:
    """(place, body) of every line that is an entry."""
    entries: list[tuple[int, dict[str, Any]]] = []
    for place, line in enumerate(lines):
        body = read_entry(line)
        if body is None:
            found.faults.append(Fault(4, f"entry {place}", "is not an entry in canonical form and of a known version"))
        elif entries and body["case"] != entries[0][1]["case"]:
            found.faults.append(Fault(4, f"entry {place}", "belongs to another case"))
        else:
            entries.append((place, body))
    if not entries or entries[0][1]["act"] != "create":
        found.faults.append(Fault(4, JOURNAL, "the journal does not begin with the creation of a case"))
    return entries


def read_entry(line: bytes) -> dict[str, Any] | None:
    """The body of a line, or None where it is none: signature in hex, space, canonical body (a key twice is not)."""
    if re.fullmatch(rb"[0-9a-f]{128} .*", line, re.DOTALL) is None:
        return None
    try:
        body = json.loads(line[129:])
        if canonical(body) != line[129:]:
            return None
    except (ValueError, RecursionError):
        return None
    right = isinstance(body, dict) and set(FIELDS) <= set(body) <= {*FIELDS, *FLAGS} and body["version"] == VERSION
    return body if right and _well_formed(body) else None


def _well_formed(body: Mapping[str, Any]) -> bool:
    texts = {"case": r"[0-9a-f]{32}", "by": r"[0-9a-f]{64}", "prev": r"[0-9a-f]{64}", "act": r"[a-z_]+"}
    texts |= {"boot": r"[0-9a-f]{8}", "time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00"}
    if not all(isinstance(body[name], str) and re.fullmatch(form, body[name]) for name, form in texts.items()):
        return False
    try:
        datetime.fromisoformat(body["time"])
    except ValueError:
        return False
    papers, facts = body["papers"], body["facts"]
    return (
        all(type(body[name]) is int and body[name] >= 0 for name in ("clock", "seq"))
        and isinstance(papers, list)
        and all(isinstance(one, str) and re.fullmatch(r"[0-9a-f]{64}", one) for one in papers)
        and isinstance(facts, dict)
        and all(type(one) in {str, int} for one in facts.values())
        and body.get("countersign", True) is True
        and body.get("anomaly", ["clock"]) == ["clock"]
    )


def _people(
    lines: Sequence[bytes],
    entries: Sequence[tuple[int, dict[str, Any]]],
    leaves: Sequence[bytes],
    found: Verdict,
) -> dict[str, str]:
    """Check numbers, chain and signatures in one walk. Gives the keys that joined, with the names they go by."""
    people: dict[str, str] = {}
    for place, body in entries:
        before = leaves[place - 1].hex() if place else "0" * 64
        if body["seq"] != place or body["prev"] != before:
            found.faults.append(Fault(5, f"entry {place}", "does not follow the entry before it"))
        by, name = body["by"], body["facts"].get("name")
        if body["act"] in JOINING:
            if body["facts"].get("key") != by or not isinstance(name, str) or by in people or name in people.values():
                found.faults.append(Fault(6, f"entry {place}", "a person joins with another's key or name"))
            elif (place == 0) != (body["act"] == "create"):
                found.faults.append(Fault(4, f"entry {place}", "a case is created once, by its first entry"))
            else:
                people[by] = name
        if by not in people:
            found.faults.append(Fault(6, f"entry {place}", "is by a key that had not joined the case"))
        elif not signed_by(by, bytes.fromhex(lines[place][:128].decode()), ENTRY_CONTEXT + lines[place][129:]):
            found.faults.append(Fault(6, f"entry {place}", f"the signature is not {people[by]}'s over this entry"))
    if entries and entries[0][1]["facts"].get("alone"):
        what = "one person alone leads this case: no act of it was countersigned"
        found.notices.append(Fault(10, "entry 0", what, "weigh it as one person's word"))
    return people


def _checkpoint(text: bytes, case: str, leaves: Sequence[bytes], people: Mapping[str, str], found: Verdict) -> None:
    note = read_note(text)
    if note is None or not note.genuine or note.by not in people:
        found.faults.append(Fault(7, CHECKPOINT, "is no checkpoint signed by a key of the case"))
    elif (note.case, note.size, note.root) != (case, len(leaves), root(leaves)):
        found.faults.append(Fault(7, CHECKPOINT, "does not cover this journal"))


def _files(contents: _Contents, entries: Sequence[Mapping[str, Any]], found: Verdict) -> None:
    """Every paper and original that the journal names, unchanged, and nothing that it does not name."""
    purged = any(body["act"] == "purge" and body["seq"] in _countersigned(entries) for body in entries)
    originals = {
        f"{ORIGINALS}{body['facts'].get('sealed_sha256')}.age": body for body in entries if body["act"] == "add"
    }
    papers = {f"{PAPERS}{one}.json" for body in entries for one in body["papers"]}
    for check, folder, named in ((8, PAPERS, papers), (9, ORIGINALS, originals.keys())):
        there = {name for name in contents.sizes if name.startswith(folder)}
        for name in sorted(there - named):
            found.faults.append(Fault(check, name, "is named by no entry"))
        for name in sorted(there & named):
            if contents.digests[name] != name.removeprefix(folder).partition(".")[0]:
                found.faults.append(Fault(check, name, "is not the file that was sealed"))
        missing = named - there
        if missing and purged:
            advice = "the journal tells who destroyed it and when"
            found.notices.append(Fault(check, folder, f"{len(missing)} files were destroyed by a purge", advice))
        elif missing and check == 9 and not there:
            advice = "ask for a bundle with originals if they are to be compared"
            found.notices.append(Fault(check, folder, "this bundle was made without the originals", advice))
        else:
            found.faults.extend(Fault(check, name, "is missing") for name in sorted(missing))
    known = {MANIFEST, JOURNAL, CHECKPOINT}
    for name in contents.sizes:
        if name not in known and not name.startswith((PAPERS, ORIGINALS)):
            found.faults.append(Fault(3, ascii(name), "has no place in a bundle"))
    _parents(entries, found)


def _parents(entries: Sequence[Mapping[str, Any]], found: Verdict) -> None:
    exhibits = {body["seq"] for body in entries if body["act"] == "add"}
    for body in entries:
        parent = body["facts"].get("parent")
        if parent is not None and not (parent in exhibits and parent < body["seq"]):
            found.faults.append(Fault(9, f"entry {body['seq']}", "names a parent that is no earlier exhibit"))


def _approvals(entries: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any] | None]]:
    """Every approval and the entry that it is for, None where there is none that asks for approval."""
    by_number = {body["seq"]: body for body in entries}
    for body in entries:
        if body["act"] == "approve":
            of = by_number.get(body["facts"].get("of"))
            yield body, of if of is not None and of.get("countersign") else None


def _countersigned(entries: Sequence[Mapping[str, Any]]) -> set[int]:
    """Numbers of the acts that a second person signed, and of all of them where one person leads the case alone."""
    if entries and entries[0]["facts"].get("alone"):
        return {body["seq"] for body in entries if body.get("countersign")}
    return {of["seq"] for body, of in _approvals(entries) if of is not None and of["by"] != body["by"]}


def _second_persons(bodies: Sequence[Mapping[str, Any]], leaves: Sequence[bytes], found: Verdict) -> None:
    for body, of in _approvals(bodies):
        place = f"entry {body['seq']}"
        if of is None or body["facts"].get("leaf") != leaves[of["seq"]].hex():
            found.faults.append(Fault(10, place, "approves an entry that is not there, or another than it says"))
        elif of["by"] == body["by"]:
            found.faults.append(Fault(10, place, "somebody approves an act of his own"))
    agreed = _countersigned(bodies)
    for body in bodies:
        if body.get("countersign") and body["seq"] not in agreed:
            what = f"the act “{body['act']}” still waits for a second person"
            found.notices.append(Fault(10, f"entry {body['seq']}", what, "do not rely on it until it is countersigned"))


def _clock(entries: Sequence[Mapping[str, Any]], found: Verdict) -> None:
    """Order is by number; times are what a machine said, and a machine that was set back is pointed out."""
    for before, body in pairwise(entries):
        if stepped(before, body) != ("clock" in body.get("anomaly", [])):
            found.faults.append(Fault(11, f"entry {body['seq']}", "a step of the clock that is not marked as one"))
        elif "anomaly" in body:
            what = "the machine's clock was set between this entry and the one before"
            found.notices.append(Fault(11, f"entry {body['seq']}", what, "the order stands; do not rely on the time"))


def stepped(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether the clock was set in between: it went back, or (in one run of the machine) not as its timer did."""
    times = [datetime.fromisoformat(body["time"]) for body in (before, after)]
    passed = round((times[1] - times[0]).total_seconds() * 1000)
    same = before["boot"] == after["boot"]
    return passed < -_STEP or (same and abs(passed - (after["clock"] - before["clock"])) > _STEP)


def _outside(text: bytes | None, case: str, leaves: Sequence[bytes], people: Mapping[str, str], found: Verdict) -> None:
    if text is None:
        what = "completeness is not provable: without an earlier checkpoint nobody sees that the last entries were cut"
        advice = "give a checkpoint that somebody else kept: --checkpoint FILE"
        found.notices.append(Fault(12, "the journal", what, advice))
        return
    note = read_note(text)
    if note is None or not note.genuine:
        found.faults.append(Fault(12, "the checkpoint given", "is no checkpoint, or its signature is wrong"))
    elif note.case != case:
        found.faults.append(Fault(12, "the checkpoint given", "is of another case"))
    elif note.by not in people:
        found.faults.append(Fault(12, "the checkpoint given", "is signed by a key that this journal does not know"))
    elif note.size > len(leaves):
        what = f"the journal was cut: it has {len(leaves)} entries, and had {note.size} when the checkpoint was made"
        found.faults.append(Fault(12, "the journal", what))
    elif root(leaves[: note.size]) != note.root:
        what = f"the first {note.size} entries are not those that the checkpoint was made of: they were rewritten"
        found.faults.append(Fault(12, "the journal", what))


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify a bundle from the command line; gives 0 where it is sound, 1 where it is not."""
    parser = argparse.ArgumentParser(description="Verify a luobo bundle.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--checkpoint", type=Path, help="a checkpoint that was handed over earlier")
    given = parser.parse_args(arguments)
    with given.bundle.open("rb") as stream:
        found = verify(stream, given.checkpoint.read_bytes() if given.checkpoint else None)
    print(json.dumps(found.to_dict(), ensure_ascii=True, indent=1))  # noqa: T201 - it stands alone
    return 0 if found.sound else 1


if __name__ == "__main__":
    raise SystemExit(main())
