"""The casebook: what the journal and its papers say of a case, folded into frozen values for whoever reports it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from tracer.custody.journal import Entry

ROLES: Final = ("custodian", "investigator", "reviewer", "auditor")
KINDS: Final = ("dump", "chat", "calls", "other")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who acts in the case."""

    name: str
    key: str
    """Public signing key, hexadecimal; its first 16 digits are shown."""
    recipient: str
    """Public age key."""
    role: str
    joined: int
    """Number of the entry."""
    vouched: bool
    """Whether somebody else of the case confirmed the role; a key alone proves a key and no person."""


@dataclass(frozen=True, slots=True)
class CaseExhibit:
    """An original of the case."""

    number: int
    """The entry that sealed it; it is called E and this number."""
    kind: str
    name: str
    """What the file was called; empty after a purge."""
    sha256: str
    sm3: str
    size: int
    sealed_sha256: str
    """Digest of the age file, which is called by it."""
    sealed_size: int
    parent: int | None
    """The exhibit it was derived from."""
    circumstances: Mapping[str, str]
    """seized_at, from, medium, seal_number, holder, witness, method …; what is not there was not recorded."""
    added_by: str
    added_at: datetime
    approved_by: tuple[str, ...]
    effective: bool

    @property
    def label(self) -> str:
        """How people call it."""
        return f"E{self.number}"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A result that an entry wrote down: findings of a dump, the chain."""

    number: int
    """The entry."""
    exhibit: int | None
    document: dict[str, Any]
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """An entry as people read it."""

    number: int
    time: datetime
    by: str
    act: str
    facts: Mapping[str, str | int]
    about: Mapping[str, Any]
    """What its papers say."""
    status: str
    """done, waiting (for a second person), countersigned, or alone."""
    approved_by: tuple[str, ...]
    anomalies: tuple[str, ...]
    leaf: str


@dataclass(frozen=True, slots=True)
class Casebook:
    """A case as its journal has it."""

    case: str
    title: str
    created: datetime
    alone: str | None
    """Why one person leads it alone; None where acts are countersigned."""
    people: tuple[Person, ...]
    exhibits: tuple[CaseExhibit, ...]
    steps: tuple[Step, ...]
    findings: tuple[Recorded, ...]
    """The last findings of each exhibit, in the order of exhibits."""
    chain: Recorded | None
    purged: bool

    @property
    def waiting(self) -> tuple[Step, ...]:
        """Acts that a second person has not signed yet."""
        return tuple(step for step in self.steps if step.status == "waiting")

    def person(self, name: str) -> Person | None:
        """The person of this name."""
        return next((one for one in self.people if one.name == name), None)

    def exhibit(self, number: int) -> CaseExhibit | None:
        """The exhibit of this number."""
        return next((one for one in self.exhibits if one.number == number), None)


def fold(entries: Sequence[Entry], papers: Mapping[str, bytes]) -> Casebook:
    """The casebook of a journal.

    Args:
        entries: all of them, in order; the first is the creation.
        papers: by digest; those that a purge destroyed are missing.
    """
    alone = bool(entries[0].body["facts"].get("alone"))
    names = {one.body["by"]: str(one.body["facts"]["name"]) for one in entries if one.act in {"create", "join"}}
    approved = _approvals(entries)
    steps = tuple(
        _step(one, names, tuple(names[key] for key in approved.get(one.seq, ())), papers, alone=alone)
        for one in entries
    )
    done = [step for step in steps if step.status != "waiting"]
    about = steps[0].about
    return Casebook(
        case=str(entries[0].body["case"]),
        title=str(about.get("title", "")),
        created=steps[0].time,
        alone=str(about.get("alone", "")) if alone else None,
        people=_people(steps),
        exhibits=tuple(_exhibit(step) for step in steps if step.act == "add"),
        steps=steps,
        findings=_findings(done),
        chain=next((_recorded(step) for step in reversed(done) if step.act == "chain"), None),
        purged=any(step.act == "destroyed" for step in done),
    )


def _approvals(entries: Sequence[Entry]) -> dict[int, list[str]]:
    """Number of an act → keys of those who countersigned it; nobody countersigns an act of his own."""
    found: dict[int, list[str]] = {}
    for one in entries:
        of = one.body["facts"].get("of")
        if one.act == "approve" and isinstance(of, int) and 0 <= of < one.seq:
            wanted = entries[of]
            if wanted.body["by"] != one.body["by"] and wanted.leaf == one.body["facts"].get("leaf"):
                found.setdefault(of, []).append(str(one.body["by"]))
    return found


def _step(
    entry: Entry, names: Mapping[str, str], approved_by: tuple[str, ...], papers: Mapping[str, bytes], *, alone: bool
) -> Step:
    body = entry.body
    about: dict[str, Any] = {}
    for digest in body["papers"]:
        if digest in papers:
            told = json.loads(papers[digest])
            about |= told["content"]
    status = "done"
    if body.get("countersign"):
        status = "countersigned" if approved_by else "alone" if alone else "waiting"
    return Step(
        number=entry.seq,
        time=datetime.fromisoformat(body["time"]),
        by=names[body["by"]],
        act=entry.act,
        facts=body["facts"],
        about=about,
        status=status,
        approved_by=approved_by,
        anomalies=tuple(body.get("anomaly", ())),
        leaf=entry.leaf,
    )


def _people(steps: Sequence[Step]) -> tuple[Person, ...]:
    found: dict[str, Person] = {}
    for step in steps:
        facts = step.facts
        if step.act in {"create", "join"}:
            founder = step.act == "create"
            found[str(facts["key"])] = Person(
                step.by, str(facts["key"]), str(facts["recipient"]), str(facts["role"]), step.number, founder
            )
        elif step.act == "role" and step.status != "waiting" and facts.get("key") in found:
            known = found[str(facts["key"])]
            found[known.key] = replace(known, role=str(facts["role"]), vouched=known.vouched or step.by != known.name)
    return tuple(found.values())


def _exhibit(step: Step) -> CaseExhibit:
    facts, told = step.facts, dict(step.about)
    parent = facts.get("parent")
    return CaseExhibit(
        number=step.number,
        kind=str(facts["kind"]),
        name=str(told.pop("name", "")),
        sha256=str(facts["sha256"]),
        sm3=str(facts["sm3"]),
        size=int(facts["bytes"]),
        sealed_sha256=str(facts["sealed_sha256"]),
        sealed_size=int(facts["sealed_bytes"]),
        parent=int(parent) if parent else None,
        circumstances={key: str(value) for key, value in told.items()},
        added_by=step.by,
        added_at=step.time,
        approved_by=step.approved_by,
        effective=step.status != "waiting",
    )


def _recorded(step: Step) -> Recorded:
    exhibit = step.facts.get("exhibit")
    number = int(exhibit) if isinstance(exhibit, int) else None
    return Recorded(step.number, number, dict(step.about), step.by, step.time)


def _findings(steps: Sequence[Step]) -> tuple[Recorded, ...]:
    last = {int(step.facts["exhibit"]): _recorded(step) for step in steps if step.act == "trace"}
    return tuple(last[number] for number in sorted(last) if last[number].document)
