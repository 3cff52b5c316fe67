"""Structured attacks on a bundle, each with the number of the check that must name it.

Most of them are an insider's: digest, checkpoint and signatures are right again after the change.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from tests.tracer.custody.forger import STRANGER, Body, Forged, member
from tracer.custody.checkpoint import checkpoint
from tracer.custody.verify import (
    CHECKPOINT,
    ENTRY_CONTEXT,
    JOURNAL,
    MANIFEST,
    ORIGINALS,
    canonical,
    header,
    leaf,
    note_id,
)


class Attack(NamedTuple):
    """What somebody did, and who must notice."""

    name: str
    data: bytes
    check: int
    """Number of the check; 0 where the bundle is honest."""
    outside: bytes | None = None
    notices: int | None = None
    """How many notices there must be, where that matters."""


def attacks(good: Forged) -> Iterator[Attack]:
    """All of them, the honest bundle first."""
    yield Attack("honest", good.packed(), 0, notices=2)
    yield Attack("honest, with an earlier checkpoint", good.packed(), 0, good.earlier, notices=1)
    yield Attack("honest, without originals", replace(good, originals={}).packed(), 0, notices=3)
    for group in (_container, _digest, _contents, _entries, _order, _people, _inside, _papers, _originals):
        yield from group(good)
    yield from _second_person(good)
    yield from _clock(good)
    yield from _outside(good)


def _container(good: Forged) -> Iterator[Attack]:
    held, whole = good.container(), good.packed()
    changed = bytearray(held)
    changed[136:147] = b"00000000001"
    yield Attack("a time in a header", good.packed(bytes(changed)), 1)
    name, content = JOURNAL, good.members()[JOURNAL]
    padded = held.replace(member(name, content), header(name, len(content)) + content + b"x" * (-len(content) % 512))
    yield Attack("something in the padding", good.packed(padded), 1)
    yield Attack("something after the end", whole + b"x", 1)
    yield Attack("cut in the middle", whole[: len(whole) // 2], 1)
    yield Attack("cut at a block", whole[: len(held) - 1024], 1)
    yield Attack("the last line cut", whole[:-1], 1)
    yield Attack("no last line", held, 1)
    yield Attack("nothing", b"", 1)
    yield Attack("another kind of file", b"PK\x03\x04" + bytes(600), 1)
    yield Attack("half an end mark", good.packed(held[:-512]), 1)
    yield Attack("something in the end mark", good.packed(held[:-1] + b"x"), 1)
    twice = held[:-1024] + member(JOURNAL, content) + bytes(1024)
    yield Attack("a member twice", good.packed(twice), 1)
    last = sorted(good.originals)
    turned = {one: good.originals[one] for one in reversed(last)}
    reordered = b"".join(member(f"{ORIGINALS}{one}.age", content) for one, content in turned.items())
    honest = b"".join(member(f"{ORIGINALS}{one}.age", good.originals[one]) for one in last)
    yield Attack("originals in another order", good.packed(held.replace(honest, reordered)), 1)
    yield Attack("no hexadecimal in the last line", whole[:-2] + b"G\n", 1)
    bare = replace(good, originals={}).container()[:-1024]
    yield Attack("a member twice, no originals", good.packed(bare + member(JOURNAL, content) + bytes(1024)), 1)
    huge = header("huge", 8**11 + 5)
    yield Attack("a length beyond the file", good.packed(huge), 1)
    odd = bytearray(header("odd", 5))
    odd[124:136] = b"          5\x00"
    yield Attack("a length in another writing", bytes(odd) + bytes(512), 1)


def _digest(good: Forged) -> Iterator[Attack]:
    whole = good.packed()
    flipped = bytearray(whole)
    at = whole.index(member(CHECKPOINT, good.note)) + 520
    flipped[at] ^= 1
    yield Attack("a bit in the content", bytes(flipped), 2)
    at = whole.rindex(b" by=") - 10
    flipped = bytearray(whole)
    flipped[at] = ord("0") if flipped[at] != ord("0") else ord("1")
    yield Attack("another digest", bytes(flipped), 2)
    flipped = bytearray(whole)
    flipped[-10] = ord("0") if flipped[-10] != ord("0") else ord("1")
    yield Attack("another signature under the digest", bytes(flipped), 2)
    yield Attack("a stranger signs the bundle", replace(good, signer=STRANGER).packed(), 2)


def _contents(good: Forged) -> Iterator[Attack]:
    yield Attack("an extra file", replace(good, extra={"zz.txt": b"look here"}).packed(), 3)
    yield Attack("a list of contents that lies", replace(good, manifest=b"{}").packed(), 3)
    held = replace(good, originals={}).members()
    first = {name: content for name, content in held.items() if name != MANIFEST}
    late = b"".join(member(name, content) for name, content in (*first.items(), (MANIFEST, held[MANIFEST])))
    yield Attack("the list of contents last", good.packed(late + bytes(1024)), 3)


def _entries(good: Forged) -> Iterator[Attack]:
    def broken(name: str, change: Callable[[bytes], bytes], place: int = 2) -> Attack:
        """An entry that the right key signed in another writing."""
        told = change(good.lines[place][129:])
        key = good.keys[good.bodies[place]["by"]]
        line = key.sign(ENTRY_CONTEXT + told).hex().encode() + b" " + told
        return Attack(name, good.with_line(place, line).noted().packed(), 4)

    yield broken("a space in an entry", lambda told: told.replace(b":", b": ", 1))
    yield broken("a key twice", lambda told: told.replace(b'{"act"', b'{"act":"other","act"', 1))
    yield broken("no JSON", lambda told: told[:-1])
    yield broken("nested beyond reading", lambda _: b"[" * 100_000)
    yield broken("no object", lambda _: b"[]")
    yield broken("a number", lambda _: b"5")

    def with_(name: str, field: str, value: object, place: int = 2) -> Attack:
        def change(bodies: list[Body]) -> None:
            bodies[place][field] = value

        return Attack(name, good.rewritten(change).packed(), 4)

    yield with_("an older version", "version", 0)
    yield with_("a newer version", "version", 2)
    yield with_("another case", "case", "0" * 32)
    yield with_("a field that nobody knows", "also", 1)
    yield with_("no case", "case", "x")
    yield with_("no act", "act", "A!")
    yield with_("an act that is no text", "act", 5)
    yield with_("a time in another writing", "time", "2025-01-01T00:00:00+00:00")
    yield with_("no boot", "boot", "here")
    yield with_("no time", "time", "yesterday")
    yield with_("a day that is none", "time", "2025-13-45T00:00:00.000+00:00")
    yield with_("an anomaly that nobody knows", "anomaly", ["weather"])
    yield with_("no clock", "clock", "12")
    yield with_("a clock before zero", "clock", -1)
    yield with_("papers that are none", "papers", ["../x"])
    yield with_("papers that are no list", "papers", {})
    yield with_("papers that are no text", "papers", [5])
    yield with_("facts that are none", "facts", [])
    yield with_("facts that are nested", "facts", {"of": [1]})
    yield with_("no second person asked by a word", "countersign", False)

    yield from _links(good)


def _links(good: Forged) -> Iterator[Attack]:
    def drop(name: str, field: str) -> Attack:
        def change(bodies: list[Body]) -> None:
            del bodies[2][field]

        return Attack(name, good.rewritten(change).packed(), 4)

    yield drop("a field is missing", "boot")

    def unlinked(name: str, field: str, value: object) -> Attack:
        def change(bodies: list[Body]) -> None:
            bodies[2][field] = value

        return Attack(name, good.rewritten(change, relink=False).packed(), 4)

    yield unlinked("no number", "seq", "2")
    yield unlinked("no hash before", "prev", "x")
    line = good.lines[2]
    yield Attack("a signature in capitals", good.with_line(2, line[:128].upper() + line[128:]).noted().packed(), 4)
    foreign = {**good.bodies[2], "by": "x"}
    yield Attack("no key", good.with_line(2, good.signed(foreign)).noted().packed(), 4)
    yield Attack("no creation", good.rewritten(lambda bodies: bodies[1:]).packed(), 4)
    yield Attack("no entry", replace(good, lines=()).packed(), 4)

    def again(bodies: list[Body]) -> list[Body]:
        copied = {**bodies[0], "by": STRANGER.public, "facts": {"name": "C", "key": STRANGER.public}, "papers": []}
        return [*bodies, copied]

    yield Attack("created twice", good.rewritten(again).packed(), 4)

    def joined(bodies: list[Body]) -> None:
        bodies[0]["act"] = "join"

    def elsewhere(bodies: list[Body]) -> None:
        for body in bodies:
            body["case"] = "x"

    yield Attack("a case that is none", good.rewritten(elsewhere).packed(), 4)
    yield Attack("begun by joining", good.rewritten(joined).packed(), 4)


def _order(good: Forged) -> Iterator[Attack]:
    lines = good.lines
    yield Attack("an entry dropped", replace(good, lines=(*lines[:3], *lines[4:])).noted().packed(), 5)
    yield Attack("two entries exchanged", replace(good, lines=(*lines[:3], lines[4], lines[3], *lines[5:])).packed(), 5)
    yield Attack("an entry twice", replace(good, lines=(*lines[:3], lines[2], *lines[3:])).noted().packed(), 5)

    def number(bodies: list[Body]) -> None:
        bodies[-1]["seq"] += 1

    yield Attack("a number left out", good.rewritten(number, relink=False).packed(), 5)

    def before(bodies: list[Body]) -> None:
        bodies[-1]["prev"] = "0" * 64

    yield Attack("a link to nowhere", good.rewritten(before, relink=False).packed(), 5)


def _people(good: Forged) -> Iterator[Attack]:
    lines = good.lines
    swapped = good.with_line(4, lines[2][:128] + lines[4][128:]).noted()
    yield Attack("a signature of another entry", swapped.packed(), 6)
    told = lines[4][129:]
    stranger = STRANGER.sign(ENTRY_CONTEXT + told).hex().encode() + b" " + told
    yield Attack("a signature of another key", good.with_line(4, stranger).noted().packed(), 6)
    plain = good.first.sign(told).hex().encode() + b" " + told
    yield Attack("a signature without its context", good.with_line(4, plain).noted().packed(), 6)

    def stranger_acts(bodies: list[Body]) -> None:
        bodies[-1]["by"] = STRANGER.public

    yield Attack("a key that never joined", good.rewritten(stranger_acts).packed(), 6)

    def impostor(name: str, key: str) -> Callable[[list[Body]], list[Body]]:
        def change(bodies: list[Body]) -> list[Body]:
            joining = next(body for body in bodies if body["act"] == "join")
            facts = {**joining["facts"], "name": name, "key": key}
            return [*bodies, {**joining, "by": STRANGER.public, "facts": facts, "time": bodies[-1]["time"]}]

        return change

    yield Attack("another's name", good.rewritten(impostor("A", STRANGER.public)).packed(), 6)
    yield Attack("another's key", good.rewritten(impostor("C", good.first.public)).packed(), 6)

    def nameless(bodies: list[Body]) -> list[Body]:
        joining = next(body for body in bodies if body["act"] == "join")
        facts = {**joining["facts"], "name": 7, "key": STRANGER.public}
        return [*bodies, {**joining, "by": STRANGER.public, "facts": facts}]

    yield Attack("a name that is none", good.rewritten(nameless).packed(), 6)

    def twice(bodies: list[Body]) -> list[Body]:
        joining = next(body for body in bodies if body["act"] == "join")
        return [*bodies, {**joining, "facts": {**joining["facts"], "name": "Z"}}]

    yield Attack("a key joins again by another name", good.rewritten(twice).packed(), 6)


def _inside(good: Forged) -> Iterator[Attack]:
    leaves = [leaf(line) for line in good.lines]
    notes = {
        "of fewer entries": checkpoint(good.case, leaves[:-1], good.first),
        "of other entries": checkpoint(good.case, [*leaves[:-1], leaves[0]], good.first),
        "of another case": checkpoint("0" * 32, leaves, good.first),
        "of a stranger": checkpoint(good.case, leaves, STRANGER),
        "with more in it": good.note.decode().replace("\n\n", "\nmore\n\n"),
        "without signature": good.note.decode().partition("\n\n")[0] + "\n",
    }
    for name, note in notes.items():
        yield Attack(f"a checkpoint {name}", replace(good, note=note.encode()).packed(), 7)
    text = good.note.decode()
    later = text.replace("+00:00", "+01:00", 1)
    yield Attack("a checkpoint with another time", replace(good, note=later.encode()).packed(), 7)
    key = text.index("— ") + 2 + 65
    other = text[:key] + ("A" if text[key] != "A" else "B") + text[key + 1 :]
    yield Attack("a checkpoint with another key id", replace(good, note=other.encode()).packed(), 7)
    root = text.split("\n")[2]
    loose = text.replace(root, root[:42] + _next(root[42]) + "=")
    sized = text.replace(f"\n{len(leaves)}\n", f"\n{len(leaves) + 1}\n", 1)
    yield Attack("a checkpoint of another size", replace(good, note=_resigned(good, sized)).packed(), 7)
    end = text.rstrip("\n").removesuffix("=")
    ending = f"{end[:-1]}{_next(end[-1])}=\n"
    yield Attack("a signature in a loose writing", replace(good, note=ending.encode()).packed(), 7)
    yield Attack("a root in a loose writing", replace(good, note=_resigned(good, loose)).packed(), 7)


def _next(char: str) -> str:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return letters[letters.index(char) ^ 1]


def _resigned(good: Forged, text: str) -> bytes:
    body = text.partition("\n\n")[0] + "\n"
    stamp = base64.b64encode(note_id(good.first.public) + good.first.sign(body.encode())).decode()
    return f"{body}\n— {good.first.public} {stamp}\n".encode()


def _papers(good: Forged) -> Iterator[Attack]:
    name, *rest = sorted(good.papers)
    yield Attack("a changed paper", replace(good, papers={**good.papers, name: b"{}"}).packed(), 8)
    yield Attack("a paper missing", replace(good, papers={one: good.papers[one] for one in rest}).packed(), 8)
    extra = hashlib.sha256(b"{}").hexdigest()
    yield Attack("a paper that nobody names", replace(good, papers={**good.papers, extra: b"{}"}).packed(), 8)


def _originals(good: Forged) -> Iterator[Attack]:
    one, two = sorted(good.originals)
    swapped = {one: good.originals[two], two: good.originals[one]}
    yield Attack("two originals exchanged", replace(good, originals=swapped).packed(), 9)
    yield Attack("an original missing", replace(good, originals={one: good.originals[one]}).packed(), 9)
    extra = hashlib.sha256(b"x").hexdigest()
    yield Attack("an original that nobody names", replace(good, originals={**good.originals, extra: b"x"}).packed(), 9)
    for name, parent in (("no exhibit", 0), ("a later exhibit", 99), ("itself", 4), ("no number", "1")):

        def change(bodies: list[Body], parent: int | str = parent) -> None:
            derived = [body for body in bodies if body["act"] == "add"][-1]
            derived["facts"]["parent"] = derived["seq"] if parent == 4 else parent

        yield Attack(f"derived from {name}", _approved(good, change).packed(), 9)

    def purged(bodies: list[Body]) -> list[Body]:
        return [*bodies, {**bodies[-1], "act": "purge", "papers": [], "facts": {}, "countersign": True}]

    one_less = replace(good, originals={one: good.originals[one]})
    yield Attack("a purge that nobody countersigned", one_less.rewritten(purged).packed(), 9)


def _approved(good: Forged, change: Callable[[list[Body]], object]) -> Forged:
    """Changed entries, and approvals that follow them: as two who conspire would."""

    def both(bodies: list[Body]) -> None:
        change(bodies)
        lines: list[bytes] = []
        for place, body in enumerate(bodies):
            body["seq"], body["prev"] = place, leaf(lines[-1]).hex() if lines else "0" * 64
            if body["act"] == "approve":
                body["facts"]["leaf"] = leaf(lines[body["facts"]["of"]]).hex()
            lines.append(good.signed(body))

    return good.rewritten(both)


def _second_person(good: Forged) -> Iterator[Attack]:
    def approval(**facts: object) -> Callable[[list[Body]], None]:
        def change(bodies: list[Body]) -> None:
            made = next(body for body in bodies if body["act"] == "approve")
            made["facts"] = {**made["facts"], **facts}

        return change

    yield Attack("an approval of nothing", good.rewritten(approval(of=99)).packed(), 10)
    yield Attack("an approval of another entry", good.rewritten(approval(leaf="0" * 64)).packed(), 10)
    yield Attack("an approval of what asks for none", _approved(good, approval(of=0)).packed(), 10)

    def own(bodies: list[Body]) -> None:
        made = next(body for body in bodies if body["act"] == "approve")
        made["by"] = bodies[made["facts"]["of"]]["by"]

    yield Attack("an approval of one's own act", _approved(good, own).packed(), 10, notices=3)


def _clock(good: Forged) -> Iterator[Attack]:
    def back(bodies: list[Body]) -> None:
        bodies[-1]["time"] = "2020-01-01T00:00:00.000+00:00"

    yield Attack("a time that went back", good.rewritten(back).packed(), 11)

    def jumped(bodies: list[Body]) -> None:
        bodies[-1]["time"] = "2099-01-01T00:00:00.000+00:00"

    yield Attack("a time that jumped", good.rewritten(jumped).packed(), 11)

    def rebooted(bodies: list[Body]) -> None:
        bodies[-1] |= {"boot": "0" * 8, "time": "2020-01-01T00:00:00.000+00:00"}

    yield Attack("a time that went back over a start of the machine", good.rewritten(rebooted).packed(), 11)

    def restarted(bodies: list[Body]) -> None:
        bodies[-1] |= {"boot": "0" * 8, "clock": 5}

    yield Attack("honest, after a start of the machine", good.rewritten(restarted).packed(), 0)

    def marked(bodies: list[Body]) -> None:
        bodies[-1]["anomaly"] = ["clock"]

    yield Attack("a step that was none", good.rewritten(marked).packed(), 11)


def _outside(good: Forged) -> Iterator[Attack]:
    size = int(good.earlier.split(b"\n")[1])
    cut = replace(good, lines=good.lines[: size - 2])
    named = {digest for body in cut.bodies for digest in body["papers"]}
    sealed = {body["facts"]["sealed_sha256"] for body in cut.bodies if body["act"] == "add"}
    cut = replace(
        cut,
        papers={one: told for one, told in good.papers.items() if one in named},
        originals={one: told for one, told in good.originals.items() if one in sealed},
    ).noted()
    yield Attack("a cut tail", cut.packed(), 12, good.earlier)
    yield Attack("a cut tail that nobody can see", cut.packed(), 0)

    def change(bodies: list[Body]) -> None:
        bodies[1]["facts"]["kind"] = "other"

    yield Attack("a rewritten beginning", _approved(good, change).packed(), 12, good.earlier)
    leaves = [leaf(line) for line in good.lines[:size]]
    notes = {
        "of another case": checkpoint("0" * 32, leaves, good.first).encode(),
        "of a stranger": checkpoint(good.case, leaves, STRANGER).encode(),
        "that was changed": good.earlier.replace(b"+00:00", b"+01:00", 1),
        "that is none": b"luobo.case/" + canonical({}),
        "cut in half": good.earlier[: len(good.earlier) // 2],
    }
    for name, note in notes.items():
        yield Attack(f"a checkpoint {name}", good.packed(), 12, note)
