"""The findings of a trace: what was read, where it came from, how sure that is, and what would change it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, Final, Protocol

import polars as pl

from tracer.attribution.attribution import Attribution
from tracer.attribution.dating import Window
from tracer.attribution.records import records, stranger
from tracer.attribution.standing import Estimate, Regression, Verdict
from tracer.attribution.verdict import Source
from tracer.intake.interface import Column, Reject

if TYPE_CHECKING:
    import pandas as pd

SCHEMA: Final = "luobo.trace/1"
_REJECTS: Final = 20
"""Rejects listed with their places; `luobo inspect` lists all."""


@dataclass(frozen=True)
class DumpFacts:
    """What was read."""

    file: str
    sha256: str
    bytes: int
    records: int
    rejected: int
    people: int
    """Distinct people its records are about; records without any identifier count one each."""
    columns: tuple[Column, ...]
    format: str = ""
    """csv, text, jsonl, sql, xlsx …; empty for a frame."""
    encoding: str = ""
    rejects: tuple[Reject, ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = ()
    """What was set aside, skipped or could not be read."""


@dataclass(frozen=True)
class Unknown:
    """Records from no registered platform."""

    rows: int
    rows_low: int
    rows_high: int


class Recorded(Protocol):
    """The records of a dump that was traced in parts, on the disk."""

    def pieces(self, attribution: Attribution, named: Collection[str], nobodys: float) -> Iterator[pl.DataFrame]:
        """As `attribution.records` gives them, in pieces, in the order of the dump."""
        ...

    def forget(self) -> None:
        """Remove them."""
        ...


@dataclass(frozen=True)
class Findings:
    """The frozen result of tracing one dump."""

    dump: DumpFacts
    found: tuple[Source, ...]
    """Every platform tested, most rows first."""
    unknown: Unknown
    indistinguishable: tuple[tuple[str, ...], ...]
    warnings: tuple[str, ...]
    attribution: Attribution = field(repr=False, compare=False)
    """What all this rests on."""
    places: pl.DataFrame = field(repr=False, compare=False)
    """`row` and `offset` of each record."""
    canaries: dict[str, Any] | None = field(default=None, compare=False)
    """What the canary registers say, where some were asked."""
    recorded: Recorded | None = field(default=None, repr=False, compare=False)
    """Of a dump that was traced in parts, its records; then `attribution` is of showings and `places` is empty."""

    @cached_property
    def rows(self) -> pl.DataFrame:
        """One row a record, without personal data.

        `row`, `offset`, `platform` (null: nobody established), `probability` of it, `unknown`, `fits`, `linked_by`,
        `agrees`, `differs`.
        """
        return pl.concat(self.pieces())

    def pieces(self) -> Iterator[pl.DataFrame]:
        """`rows` in pieces, in the order of the dump, so that they need not be held."""
        named = {source.platform for source in self.established}
        whole = self.dump.records
        possible = sum(min(whole, source.rows_high) - source.rows for source in self.established)
        nobodys = stranger(whole - self.attribution.mixture.linked, possible)
        if self.recorded is None:
            yield records(self.places, self.attribution, named, nobodys)
        else:
            yield from self.recorded.pieces(self.attribution, named, nobodys)

    def forget(self) -> None:
        """Remove what a trace in parts left on the disk: `rows` can no longer be asked for."""
        if self.recorded is not None:
            self.recorded.forget()

    @property
    def established(self) -> tuple[Source, ...]:
        """The platforms that are named."""
        return tuple(source for source in self.found if source.verdict is Verdict.ESTABLISHED)

    @cached_property
    def sources(self) -> pd.DataFrame:
        """Every platform tested, one a row, most rows first."""
        return tabulated(self.found, self.dump.records)

    def to_dict(self) -> dict[str, Any]:
        """As the JSON of `luobo trace --json`."""
        return document(self.dump, self.found, self.unknown, self.indistinguishable, self.warnings) | {
            "canaries": self.canaries
        }

    def conclusion(self) -> str:
        """The finding in one sentence."""
        named = self.established
        if named:
            told = ", ".join(f"{one.platform} ({round(one.rows):,} rows)" for one in named)
            return f"{told} established; {self.unknown.rows:,} rows from nobody registered."
        fits = [one.platform for one in self.found if one.verdict is Verdict.CONSISTENT]
        if fits:
            return f"Unknown: nobody is established. The customers would fit {', '.join(fits)}, and others as well."
        return "Unknown: no registered platform supplied these records, as far as can be seen."

    def _repr_html_(self) -> str:
        """How a notebook draws it."""
        return f"<p><b>{escape(self.dump.file)}</b>: {escape(self.conclusion())}</p>{self.sources.to_html(index=False)}"


def document(
    dump: DumpFacts,
    found: Sequence[Source],
    unknown: Unknown,
    indistinguishable: Sequence[Sequence[str]],
    warnings: Sequence[str],
) -> dict[str, Any]:
    """What was found, as the JSON of `luobo trace --json`."""
    return {
        "schema": SCHEMA,
        "dump": {
            "file": dump.file,
            "sha256": dump.sha256,
            "bytes": dump.bytes,
            "records": dump.records,
            "rejected": dump.rejected,
            "people": dump.people,
            "columns": [{"name": one.name, "role": one.role.value, "why": one.why} for one in dump.columns],
            **_read(dump),
        },
        "sources": [_source(source, dump.records) for source in found],
        "unknown": {"rows": unknown.rows, "rows_low": unknown.rows_low, "rows_high": unknown.rows_high},
        "indistinguishable": [list(group) for group in indistinguishable],
        "canaries": None,
        "warnings": list(warnings),
    }


def _read(dump: DumpFacts) -> dict[str, Any]:
    """How the dump was read: causes of rejects with their counts, and the places of the first."""
    return {
        "format": dump.format,
        "encoding": dump.encoding,
        "causes": dict(Counter(one.reason for one in dump.rejects)),
        "rejects": [{"offset": one.offset, "reason": one.reason} for one in dump.rejects[:_REJECTS]],
        "notes": list(dump.notes),
    }


def unknown_rest(records: int, sources: Sequence[Source]) -> Unknown:
    """What is left; only established sources bound it from above, for all others may be somebody unregistered."""
    rows = records - sum(source.rows for source in sources)
    low = records - sum(source.rows_high for source in sources if source.rows > 0)
    high = records - sum(source.rows_low for source in sources if source.verdict is Verdict.ESTABLISHED)
    return Unknown(round(max(0.0, rows)), int(max(0.0, low)), round(min(records, high)))


def cautions(read: Sequence[str], rejected: int, sources: Sequence[Source]) -> tuple[str, ...]:
    """What whoever reads the findings has to know: of how the dump was `read`, and of the sources."""
    said = list(read)
    if rejected:
        said.append(f"{rejected} records could not be read and were not traced")
    said += [
        f"{source.platform}: its records left on two days at least, "
        f"{early.records:,} or more {_between(early.window)} and {late.records:,} or more {_between(late.window)}"
        for source in sources
        if source.lots
        for early, late in [source.lots]
    ]
    said += [
        f"{source.platform}: customers who joined after its newest snapshot cannot be recognised; "
        "its rows may be more than counted, by some of the unknown ones"
        for source in sources
        if source.rows > 0 and source.window.before is None
    ]
    return tuple(said)


def _between(when: Window) -> str:
    if when.after and when.before:
        return f"on {when.after}" if when.after == when.before else f"between {when.after} and {when.before}"
    return f"after {when.after}" if when.after else f"before {when.before}" if when.before else "at an unknown time"


def tabulated(found: Sequence[Source], records: int) -> pd.DataFrame:
    """Every platform tested, one a row, without what is not a single figure."""
    import pandas as pd  # noqa: PLC0415 - half of a trace's start-up, and only notebooks need it

    frame = pd.DataFrame([_source(source, records) for source in found], columns=list(_FIELDS))
    return frame.drop(columns=["evidence", "rivals", "lots", "overlaps", "regression"])


_FIELDS: Final = (
    "platform",
    "verdict",
    "rows",
    "rows_low",
    "rows_high",
    "share",
    "false_accusation",
    "leaked_after",
    "leaked_before",
    "evidence",
    "rivals",
    "lots",
    "overlaps",
    "regression",
)


def _source(source: Source, records: int) -> dict[str, Any]:
    rows, low, high = Estimate(source.rows, source.rows_low, source.rows_high).whole(records)
    return {
        "platform": source.platform,
        "verdict": source.verdict.value,
        "rows": rows,
        "rows_low": low,
        "rows_high": high,
        "share": round(source.rows / records, 6) if records else 0.0,
        "false_accusation": source.false_accusation,
        "leaked_after": _iso(source.window.after),
        "leaked_before": _iso(source.window.before),
        "evidence": [
            {"kind": one.kind, "statement": one.statement, "value": one.value, "statement_zh": one.statement_zh}
            for one in source.evidence
        ],
        "rivals": list(source.rivals),
        "lots": [
            {
                "rows_at_least": lot.records,
                "leaked_after": _iso(lot.window.after),
                "leaked_before": _iso(lot.window.before),
            }
            for lot in source.lots
        ],
        "overlaps": [
            {
                "source": name,
                "drawn": one.drawn,
                "unstratified": asdict(one.unstratified),
                "stratified": asdict(one.stratified),
                "strata": list(one.strata),
            }
            for name, one in source.overlaps
        ],
        "regression": None if source.regression is None else _regression(source.regression, records),
    }


def _regression(one: Regression, records: int) -> dict[str, Any]:
    def counted(estimate: Estimate) -> dict[str, int]:
        return dict(zip(("rows", "rows_low", "rows_high"), estimate.whole(records), strict=True))

    return {
        "unstratified": counted(one.unstratified),
        "stratified": counted(one.stratified),
        "strata": list(one.strata),
        "cells": one.cells,
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
