"""The story of one check: a dump is sealed, read and searched for the canaries of a register."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from canaries.dumps import SAMPLED, Column, Records, count, records
from canaries.register import Register
from canaries.sightings import Lookout, Sightings, gather
from canaries.verdict import Verdict, conclude
from tracer.custody.exhibit import Exhibit
from tracer.intake.interface import ROW, Reading, Table

SCHEMA: Final = "luobo.canary/1"
_PART: Final = 100_000


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in one dump."""

    exhibit: Exhibit
    reading: Reading
    sightings: Sightings
    verdict: Verdict

    @property
    def established(self) -> bool:
        """Whether somebody is named."""
        return any(one.verdict == "established" for one in self.verdict.holders)

    def canaries(self) -> dict[str, Any]:
        """The part of the JSON that is about canaries; `luobo trace` shows it as well."""
        verdict = self.verdict
        return {
            "hits": [
                {"canary": one.canary, "row": one.row, "match": one.match, "weight": one.weight}
                for one in self.sightings.planted
            ],
            "recipients": [
                {
                    "recipient": one.recipient,
                    "verdict": one.verdict,
                    "false_accusation": one.false_accusation,
                    "hits": one.hits,
                    "expected": one.expected,
                    "held": one.held,
                    "why": one.why,
                }
                for one in verdict.holders
            ],
            "shadow": {
                "planted": 0,
                "hits": verdict.shadow_hits,
                "bound": verdict.shadow_bound,
                "canaries": verdict.shadows,
            },
            "leaked_after": verdict.leaked_after.isoformat() if verdict.leaked_after else None,
            "leaked_before": verdict.leaked_before.isoformat() if verdict.leaked_before else None,
            "warnings": list(verdict.warnings),
            "threshold": self.sightings.threshold,
            "hypotheses": dict(verdict.hypotheses),
            "collusion": list(verdict.collusion),
        }

    def to_dict(self) -> dict[str, Any]:
        """As the JSON of `luobo canary check --json`."""
        told = self.canaries()
        told["warnings"] = [*self.reading.warnings, *told["warnings"]]
        several = len(self.reading.tables) > 1
        return {
            "schema": SCHEMA,
            "dump": {
                "file": self.exhibit.name,
                "sha256": self.exhibit.sha256,
                "bytes": self.exhibit.size,
                "sealed_at": self.exhibit.sealed_at.isoformat(),
                "records": self.reading.records,
                "rejected": len(self.reading.rejects),
                "columns": [
                    {"name": column.name, "role": column.role.value, "why": column.why}
                    | ({"table": table.name} if several else {})
                    for table in self.reading.tables
                    for column in table.columns
                ],
            },
            **told,
        }


def check(exhibit: Exhibit, reading: Reading, register: Register) -> Checked:
    """Look for the canaries of a register in a dump that was read."""
    found, lookout = [], None
    for table in reading.tables:
        columns = [Column(column.name, column.role.value) for column in table.columns]
        sample = _some(table, columns)
        lookout = Lookout(register, count(sample), sample, reading.records)
        for part in _parts(table, columns):
            found += lookout.look(part)
    if lookout is None:
        empty = records((), (), ())
        lookout = Lookout(register, count(empty), empty, 0)
    sightings = gather(register, lookout, found)
    return Checked(exhibit, reading, sightings, conclude(register, sightings, exhibit.sealed_at.date()))


def _some(table: Table, columns: list[Column]) -> Records:
    step = max(1, -(-table.frame.height // SAMPLED))
    some = table.frame.gather_every(step)
    return _records(some[ROW].to_list(), [some[column.key].to_list() for column in table.columns], columns)


def _parts(table: Table, columns: list[Column]) -> Iterator[Records]:
    for part in table.frame.iter_slices(_PART):
        yield _records(part[ROW].to_list(), [part[column.key].to_list() for column in table.columns], columns)


def _records(rows: list[int], cells: list[list[str | None]], columns: list[Column]) -> Records:
    return records(columns, rows, cells)
