"""The story of a case's dumps: seal and read each, sketch it, infer the lineage, show the rows that tell of it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from graphs.lineage.evidence import Fact
from graphs.lineage.lineage import Edge, Lineage, trace_lineage
from tracer.custody.exhibit import Exhibit, seal
from tracer.intake.interface import Reading
from tracer.intake.reading import read
from tracer.lineage.masking import Sample, sample
from tracer.lineage.seen import first_seen
from tracer.lineage.sketching import sketch
from tracer.settings import DEFAULT, Settings
from tracer.tokens import TokenKey

SCHEMA: Final = "luobo.lineage/1"
_KEPT: Final = 3_000_000
"""Records of all dumps together up to which they are kept at hand, to show rows of them."""
_MANY, _WORKERS = 200, 2
"""Dumps beyond which families are looked at by several processes."""
PLATFORM: Final = "platform:"
"""What stands before the name of a parent that is a platform's table and no file."""

Progress = Callable[[int], None]


def _silent(_done: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class DumpSeen:
    """One dump of the case; exact copies of a file are one dump with several sightings."""

    file: str
    records: int
    rejected: int
    first_seen: date | None
    copies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leak:
    """A dump holds records of a platform that no seized dump can have given it: the leak itself."""

    platform: str
    child: str
    rows: int
    """Records of the dump that are the platform's."""
    false_accusation: float
    """Upper bound of the chance that an innocent platform would look like this."""
    after: date | None
    before: date | None
    """Between which days it left, as far as is known."""
    rivals: tuple[str, ...]

    @property
    def parent(self) -> str:
        """The platform as the parent of an edge, which no file is called."""
        return PLATFORM + self.platform

    @property
    def probability(self) -> float:
        """That it is so. No bound makes it certain: somebody else may have held the platform's table."""
        return min(0.99, 1 - self.false_accusation)

    @property
    def operation(self) -> str:
        """What was done."""
        return "leak"

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What speaks for it."""
        bound = f"the chance that an innocent platform would look like this is at most {self.false_accusation:.1e}"
        return (
            Fact("records", f"about {self.rows:,} of the dump's records are the platform's", self.rows),
            Fact("false_accusation", bound, self.false_accusation),
        )

    def to_dict(self, through: Sequence[str]) -> dict[str, Any]:
        """As an edge of the JSON; `through` are unseized dumps that stand between."""
        between = [
            Fact("unseized", f"it may have passed through {name}, which was not seized", 1.0) for name in through
        ]
        return {
            "parent": self.parent,
            "child": self.child,
            "probability": round(self.probability, 4),
            "direction": "determined",
            "operation": self.operation,
            "evidence": [
                {"kind": fact.kind, "statement": fact.statement, "value": fact.value}
                for fact in (*self.facts, *between)
            ],
            "alternatives": [{"parents": [PLATFORM + rival], "nats_worse": None} for rival in self.rivals],
            "leaked_after": self.after.isoformat() if self.after else None,
            "leaked_before": self.before.isoformat() if self.before else None,
        }


@dataclass(frozen=True, slots=True)
class Account:
    """What was found about the dumps of a case."""

    dumps: tuple[DumpSeen, ...]
    lineage: Lineage
    samples: dict[tuple[str, str], tuple[Sample, ...]]
    """Edge → masked rows that show it."""
    warnings: tuple[str, ...]
    leaks: tuple[Leak, ...] = ()
    """Edges from platforms, where a vault was asked."""

    def to_dict(self) -> dict[str, Any]:
        """As the JSON of `luobo lineage --json`."""
        return {
            "schema": SCHEMA,
            "dumps": [
                {
                    "file": one.file,
                    "records": one.records,
                    "rejected": one.rejected,
                    "first_seen": one.first_seen.isoformat() if one.first_seen else None,
                    "copies": list(one.copies),
                }
                for one in self.dumps
            ],
            "edges": [
                *(self._edge(edge) for edge in self.lineage.edges),
                *(leak.to_dict(self._through(leak.child)) for leak in self.leaks),
            ],
            "unseized": [
                {
                    "id": one.name,
                    "children": list(one.children),
                    "records_estimate": one.records,
                    "before": one.before.isoformat() if one.before else None,
                }
                for one in self.lineage.missing
            ],
            "roots": {name: list(roots) for name, roots in self.lineage.roots.items()},
            "warnings": list(self.warnings),
        }

    def _through(self, dump: str) -> list[str]:
        return [one.name for one in self.lineage.missing if dump in one.children]

    def _edge(self, edge: Edge) -> dict[str, Any]:
        rows = [
            {"kind": "row", "statement": one.statement, "value": one.rows}
            for one in self.samples.get((edge.parent, edge.child), ())
        ]
        return {
            "parent": edge.parent,
            "child": edge.child,
            "probability": round(edge.probability, 4),
            "direction": "determined" if edge.determined else "undetermined",
            "operation": edge.operation,
            "evidence": [
                *({"kind": fact.kind, "statement": fact.statement, "value": fact.value} for fact in edge.facts),
                *rows,
            ],
            "alternatives": [{"parents": list(parents), "nats_worse": nats} for parents, nats in edge.alternatives],
        }


def lineage(
    files: Sequence[str | os.PathLike[str] | Exhibit],
    *,
    seen: str | os.PathLike[str] | None = None,
    settings: Settings = DEFAULT,
    progress: Progress | None = None,
) -> Account:
    """Say which of some dumps was made from which.

    Args:
        files: the dumps, in any shape intake reads, or exhibits of a case with distinct names.
        seen: a CSV `file,first_seen`.
        settings: of the run.
        progress: told how many dumps were read or compared.

    Raises:
        TracerError: a file cannot be read.
    """
    told = progress or _silent
    given = {one.name if isinstance(one, Exhibit) else os.fspath(one): one for one in files}
    days, warnings = first_seen(os.fspath(seen), list(given)) if seen is not None else ({}, ())
    sealed = [one if isinstance(one, Exhibit) else seal(one) for one in given.values()]
    copies = _copies(sealed)
    key = TokenKey(hashlib.sha256("".join(sorted(exhibit.sha256 for exhibit in sealed)).encode()).digest())
    dumps, sketches, readings, kept = [], [], {}, 0
    for exhibit, others in copies:
        reading = read(exhibit, settings)
        dates = [days[name] for name in (exhibit.name, *others) if name in days]
        sketches.append(sketch(reading, exhibit.name, key, min(dates, default=None)))
        dumps.append(DumpSeen(exhibit.name, reading.records, reading.rejected, min(dates, default=None), tuple(others)))
        kept += reading.records
        if kept <= _KEPT and sketches[-1].share == 1.0:
            readings[exhibit.name] = reading
        warnings += tuple(f"{exhibit.name}: {warning}" for warning in reading.warnings)
        told(1)
    workers = _WORKERS if len(sketches) > _MANY else 1
    found = trace_lineage(sketches, seed=settings.seed, workers=workers, progress=told)
    samples = {(edge.parent, edge.child): _samples(edge, readings) for edge in found.edges}
    return Account(tuple(dumps), found, samples, (*warnings, *_rejected(dumps)))


def _copies(sealed: Sequence[Exhibit]) -> list[tuple[Exhibit, list[str]]]:
    """Each different file, and the names of the others that are the same byte for byte."""
    first: dict[str, tuple[Exhibit, list[str]]] = {}
    for exhibit in sealed:
        if exhibit.sha256 in first:
            first[exhibit.sha256][1].append(exhibit.name)
        else:
            first[exhibit.sha256] = (exhibit, [])
    return list(first.values())


def _samples(edge: Edge, readings: dict[str, Reading]) -> tuple[Sample, ...]:
    if edge.parent not in readings or edge.child not in readings:
        return ()
    return tuple(sample(place, readings[edge.parent], readings[edge.child]) for place in edge.examples)


def _rejected(dumps: Sequence[DumpSeen]) -> tuple[str, ...]:
    return tuple(f"{one.file}: {one.rejected:,} records could not be read" for one in dumps if one.rejected)
