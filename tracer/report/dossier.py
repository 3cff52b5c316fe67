"""All that a report is written from: one frozen value, the same for every language and format.

A fact that nobody recorded is None. It is printed as "not recorded" and listed as a defect, never passed over.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graphs.chain import Chain, to_json

SCHEMA: Final = "luobo.report/1"

Document = Mapping[str, Any]
"""What a command writes as JSON, such as the findings of `luobo trace`."""


@dataclass(frozen=True, slots=True)
class Head:
    """What the report is about."""

    title: str
    number: str
    """Of the report."""
    created: str
    """ISO 8601, UTC."""
    issued: str
    """Time of the last act the report covers, so that the same case gives the same report."""
    cause: str | None = None
    office: str | None = None
    """Who commissioned it."""
    procedure: str | None = None
    """Number of the legal document it was done under."""
    purpose: str | None = None
    alone: str | None = None
    """Why one person acted alone, where that was so."""
    case: str = ""
    """Identity of the case, the same in all its reports; the report's number if empty."""


@dataclass(frozen=True, slots=True)
class Tool:
    """The program that made the findings."""

    name: str
    version: str
    digest: str
    """SHA-256 over all its source files."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who acted in the case."""

    name: str
    role: str
    key: str | None
    """Fingerprint of the signing key."""
    since: str | None = None
    vouched: bool = True
    """Whether somebody else of the case confirmed who this is."""
    unit: str | None = None
    badge: str | None = None


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A sealed original."""

    number: str
    name: str
    kind: str
    """dump, chat, calls or other."""
    bytes: int
    sha256: str
    sm3: str | None = None
    sealed_at: str | None = None
    sealed_by: str | None = None
    seized_at: str | None = None
    holder: str | None = None
    """From whom or where it was taken."""
    place: str | None = None
    medium: str | None = None
    seal_number: str | None = None
    method: str | None = None
    witness: str | None = None
    format: str | None = None
    encoding: str | None = None
    begun_at: str | None = None
    """When copying and digesting began; `sealed_at` is when they ended."""
    clock_offset: str | None = None
    """Of the machine's clock from the true time."""
    write_blocker: str | None = None
    seal_photo: str | None = None
    """Digests of the photographs of the seal, before and after."""
    parent: str | None = None
    """The exhibit it was derived from; None for an original."""


@dataclass(frozen=True, slots=True)
class Derived:
    """A file made from exhibits."""

    name: str
    sha256: str
    parents: tuple[str, ...]
    made_by: str


@dataclass(frozen=True, slots=True)
class Act:
    """One entry of the journal."""

    seq: int
    time: str
    """ISO 8601."""
    actor: str
    action: str
    subject: str = ""
    """What it was done to: exhibits, files, people."""
    purpose: str = ""
    moved: str = ""
    """From whom to whom and where, where an exhibit changed hands."""
    second: str = ""
    """Who signed second; empty where nobody had to or nobody has."""
    state: str = "effective"
    """effective, pending or override."""
    facts: Mapping[str, str | int] = field(default_factory=dict)
    """What came of it, without personal data."""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Journal:
    """What the journal's integrity rests on, at the last act the report covers."""

    entries: int
    root: str
    checkpoint: str
    """The signed text to be handed to the other side."""
    checks: tuple[tuple[str, bool, str], ...] = ()
    """Name of a check, whether it passed, what it says."""
    anomalies: tuple[str, ...] = ()
    timestamp: str | None = None
    """Who else vouches for the time."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file was read."""

    exhibit: str
    records: int
    rejected: int
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Cause → rejects."""
    first: tuple[tuple[int | None, str], ...] = ()
    """The first rejects: byte offset, where the shape has one, and cause."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """The findings of one dump."""

    exhibit: str
    document: Document
    """As `luobo trace --json` writes it."""
    entry: int | None = None
    """The journal entry that it rests on."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the processing, with what it takes to do it again."""

    action: str
    inputs: tuple[str, ...]
    parameters: str
    output: str
    command: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """A case as the report sees it."""

    head: Head
    tool: Tool
    people: tuple[Person, ...] = ()
    exhibits: tuple[Exhibit, ...] = ()
    derived: tuple[Derived, ...] = ()
    acts: tuple[Act, ...] = ()
    journal: Journal | None = None
    readings: tuple[Reading, ...] = ()
    steps: tuple[Step, ...] = ()
    traces: tuple[Trace, ...] = ()
    lineage: Document | None = None
    """As `luobo lineage --json` writes it."""
    chain: Chain | None = None
    people_in_all: int | None = None
    """Distinct people over all dumps together, where that was counted."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON, without the digest of itself."""
        told = {name: _plain(getattr(self, name)) for name in self.__slots__ if name != "chain"}
        return {"schema": SCHEMA, **told, "chain": None if self.chain is None else to_json(self.chain)}

    @property
    def digest(self) -> str:
        """SHA-256 of the report's content, whatever its language and format.

        It is taken over `to_dict()` as UTF-8 JSON with sorted keys and no spaces, so that whoever has the JSON report
        can take it again.
        """
        text = json.dumps(self.to_dict(), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()

    def exhibit(self, number: str) -> Exhibit | None:
        """The exhibit of this number."""
        return next((one for one in self.exhibits if one.number == number), None)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value
