"""The story of one check: a dump is sealed, read and searched for the canaries of a register."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import polars as pl

from canaries.dumps import SAMPLED, Column, Records, count, heard, records
from canaries.register import Register
from canaries.sightings import Lookout, Sighting, Sightings, gather
from canaries.verdict import Verdict, conclude
from tracer.custody.exhibit import Exhibit
from tracer.findings import Findings
from tracer.intake.interface import ROW, Reading, Table
from tracer.intake.interface import Column as Named
from tracer.intake.outline import Outline
from tracer.intake.reading import Survey

SCHEMA: Final = "luobo.canary/1"
_PART: Final = 100_000


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in one dump."""

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

    def to_dict(self, exhibit: Exhibit) -> dict[str, Any]:
        """As the JSON of `luobo canary check --json`."""
        told = self.canaries()
        told["warnings"] = [*self.reading.warnings, *told["warnings"]]
        several = len(self.reading.tables) > 1
        return {
            "schema": SCHEMA,
            "dump": {
                "file": exhibit.name,
                "sha256": exhibit.sha256,
                "bytes": exhibit.size,
                "sealed_at": exhibit.sealed_at.isoformat(),
                "records": self.reading.records,
                "rejected": self.reading.rejected,
                "columns": [
                    {"name": column.name, "role": column.role.value, "why": column.why}
                    | ({"table": table.name} if several else {})
                    for table in self.reading.tables
                    for column in table.columns
                ],
            },
            **told,
        }


def check(reading: Reading, register: Register, seen_on: date) -> Checked:
    """Look for the canaries of a register in a dump that was read, and that was sealed on a day."""
    sightings = _sought(register, reading.records, _held(reading))
    return Checked(reading, sightings, conclude(register, sightings, seen_on))


def check_survey(found: Survey, register: Register, seen_on: date) -> Checked:
    """As `check`, in a dump that was read and is not held."""
    sightings = _sought(register, found.records, _streamed(found))
    return Checked(Reading(found.format, found.encoding, ()), sightings, conclude(register, sightings, seen_on))


Sought = tuple[list[Column], Records, Iterable[Table]]
"""A table's columns, some of its records, spread evenly, and all of them in pieces."""


def _sought(register: Register, many: int, tables: Iterable[Sought]) -> Sightings:
    """Look for canaries in tables, of so many records in all."""
    found: list[Sighting] = []
    lookout = None
    for columns, sample, pieces in tables:
        lookout = Lookout(register, count(sample), sample, many)
        for piece in pieces:
            for part in _parts(piece, columns, None if lookout.fuzzy else lookout.sieve):
                found += lookout.look(part)
    if lookout is None:
        empty = records((), (), ())
        lookout = Lookout(register, count(empty), empty, 0)
    return gather(register, lookout, found)


def _held(reading: Reading) -> Iterator[Sought]:
    for table in reading.tables:
        columns = _heard(table.columns, table.frame)
        some = table.frame.gather_every(max(1, -(-table.frame.height // SAMPLED)))
        yield columns, _records(some, table.columns, columns), [table]


def _streamed(found: Survey) -> Iterator[Sought]:
    first = 0
    for outline in found.tables:
        step = max(1, -(-outline.records // SAMPLED))
        some = pl.concat([frame.gather_every(step) for frame in outline.frames()]).with_row_index(ROW)
        columns = _heard(outline.columns, some)
        yield columns, _records(some, outline.columns, columns), _numbered(outline, first)
        first += outline.records


def _numbered(outline: Outline, first: int) -> Iterator[Table]:
    """A table in pieces, its records numbered from the `first` on."""
    for frame in outline.frames():
        yield Table(outline.name, outline.columns, frame.with_row_index(ROW, first))
        first += frame.height


def _heard(columns: Sequence[Named], frame: pl.DataFrame) -> list[Column]:
    return [heard(one.name, one.role.value, frame[one.key].head(_PART).to_list()) for one in columns]


def with_canaries(findings: Findings, checks: Sequence[Checked]) -> Findings:
    """The findings with what canaries say."""
    if not checks:
        return findings
    best = min((source.false_accusation for source in findings.found), default=1.0)
    return replace(findings, canaries=combined(checks, best))


def combined(checks: Sequence[Checked], best: float) -> dict[str, Any]:
    """The canaries of some registers beside an attribution whose best source has the false-accusation bound `best`.

    The two look at different things, values that platforms registered and customers that never were, so either can be
    right alone; the lesser bound times two is a bound for naming anybody falsely by the two together (Bonferroni).
    """
    bounds = [one.false_accusation for each in checks for one in each.verdict.holders]
    told = [each.canaries() for each in checks]
    merged = {
        part: [item for each in told for item in each[part]] for part in ("hits", "recipients", "warnings", "collusion")
    }
    after = [each["leaked_after"] for each in told if each["leaked_after"]]
    before = [each["leaked_before"] for each in told if each["leaked_before"]]
    return {
        **merged,
        "shadow": {
            "planted": 0,
            "hits": sum(each["shadow"]["hits"] for each in told),
            "bound": sum(each["shadow"]["bound"] for each in told),
            "canaries": sum(each["shadow"]["canaries"] for each in told),
        },
        "leaked_after": max(after, default=None),
        "leaked_before": min(before, default=None),
        "combined": {
            "rule": "twice the lesser of the two false-accusation bounds (Bonferroni over attribution and canaries)",
            "false_accusation": min(1.0, 2 * min([best, *bounds])),
        },
    }


def _parts(table: Table, columns: list[Column], sieve: pl.Expr | None) -> Iterator[Records]:
    for whole in table.frame.iter_slices(_PART):
        part = whole
        if sieve is not None:
            cells = whole.select(pl.col(column.key).alias(f"c{at}") for at, column in enumerate(table.columns))
            part = whole.filter(cells.select(sieve).to_series())
        yield _records(part, table.columns, columns)


def _records(frame: pl.DataFrame, named: Sequence[Named], columns: list[Column]) -> Records:
    return records(columns, frame[ROW].to_list(), [frame[one.key].to_list() for one in named])
