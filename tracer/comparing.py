"""The story of a dump beside one clear table: seal, read, align, match without labels, compare the claims, conclude."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from tracer.attribution.standing import Verdict
from tracer.attribution.verdict import Source
from tracer.comparison.alignment import Sheet, align, laid_together
from tracer.comparison.claims import Agreement, testify
from tracer.comparison.forms import Field, fields
from tracer.comparison.links import Links, link
from tracer.comparison.matching import Matching, match
from tracer.comparison.people import gather, information
from tracer.comparison.records import records, unlinked
from tracer.comparison.standing import Standing, Strangers
from tracer.findings import DumpFacts, Unknown, document, tabulated
from tracer.intake.limits import DEFAULT_LIMITS, Limits
from tracer.intake.material import Material, material
from tracer.settings import DEFAULT, Settings

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[str], None]
"""Told what is being done."""

_DECOYS: Final = 4_000
_MOST: Final = 16
"""Fields by which people are told apart."""
_ROOM: Final = 7.0
"""Bits beyond the size of the table that who-is-who must offer, or the claims help to tell people apart."""


def _silent(_step: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Compared:
    """The frozen result of comparing a dump with one clear table."""

    dump: DumpFacts
    table: str
    found: tuple[Source, ...]
    """The table alone."""
    unknown: Unknown
    warnings: tuple[str, ...]
    links: Links = field(repr=False, compare=False)
    matching: Matching | None = field(repr=False, compare=False)
    """None where no column of the dump holds what a column of the table holds."""
    claims: Agreement = field(repr=False, compare=False)
    _sheets: tuple[Sheet, Sheet] = field(repr=False, compare=False)
    _fields: tuple[Field, ...] = field(repr=False, compare=False)

    indistinguishable: tuple[tuple[str, ...], ...] = ()
    attribution: None = None
    recorded: None = None
    """There is no other platform to weigh it against."""

    @property
    def established(self) -> tuple[Source, ...]:
        """The table, if it is named."""
        return tuple(source for source in self.found if source.verdict is Verdict.ESTABLISHED)

    @cached_property
    def sources(self) -> pd.DataFrame:
        """The table, as one row."""
        return tabulated(self.found, self.dump.records)

    @cached_property
    def rows(self) -> pl.DataFrame:
        """One row a record of the dump, everything personal masked.

        `row` and `offset` of the record; `platform` (null: about nobody in the table); `probability` that it is about
        somebody in the table, `unknown` the rest; `linked_by`, `agrees` and `differs`: what is the same, and which
        claims are and are not; `table_row` and `table_offset` of the row it was linked to; `weight` of the link in
        bits; `record` and `customer`, masked.
        """
        if self.matching is None:
            return unlinked(self._sheets[0])
        return records(self.table, self._sheets, self._fields, self.matching, (self.links, self.claims))

    def to_dict(self) -> dict[str, Any]:
        """As the JSON of `luobo trace --json`."""
        return document(self.dump, self.found, self.unknown, self.indistinguishable, self.warnings)

    def conclusion(self) -> str:
        """The finding in one sentence."""
        source, name = self.found[0], self.table
        if source.verdict is Verdict.ESTABLISHED:
            return f"{name} ({round(source.rows):,} rows) established; {self.unknown.rows:,} rows from elsewhere."
        if source.verdict is Verdict.CONSISTENT:
            return (
                f"The people fit {name}, and whoever else has the same customers: nothing only {name} knows was seen."
            )
        if source.verdict is Verdict.EXCLUDED:
            return f"Not from {name}: it holds no more of these people than chance would."
        return f"It cannot be said whether this came from {name}."

    def _repr_html_(self) -> str:
        """How a notebook draws it."""
        return f"<p><b>{escape(self.dump.file)}</b>: {escape(self.conclusion())}</p>{self.sources.to_html(index=False)}"


def compare(  # noqa: PLR0913 - all a user may say about a comparison
    dump: str | os.PathLike[str] | pd.DataFrame | pl.DataFrame,
    table: str | os.PathLike[str] | pd.DataFrame | pl.DataFrame,
    *,
    name: str | None = None,
    settings: Settings = DEFAULT,
    progress: Progress | None = None,
    limits: Limits = DEFAULT_LIMITS,
    password: str | None = None,
) -> Compared:
    """Compare a dump with one clear table: which records are about whom, and are they this table's?

    Nothing has to be labelled: what an agreement is worth is learned from the two files alone. Any language.

    Args:
        dump: a file in any shape intake reads, or a pandas or Polars frame.
        table: the same, in clear text.
        name: what the table is called; its file name if left out.
        settings: of the run.
        progress: told what is being done.
        limits: what reading may cost.
        password: of an encrypted archive or workbook among the two.

    Raises:
        TracerError: one of them cannot be read.
    """
    progress = progress or _silent
    progress("reading the dump")
    ours = material(dump, settings, limits=limits, password=password)
    progress("reading the table")
    theirs = material(table, settings, limits=limits, password=password)
    called = name or Path(theirs.name).name
    sheets = laid_together(ours.reading), laid_together(theirs.reading)
    progress("aligning the columns")
    every = fields(align(*sheets), *sheets)
    if not every:
        return _nothing(ours, called, sheets)
    identity, told_by_claims = _identity(every, theirs.reading.records)
    people = gather(identity, _DECOYS, settings.seed)
    matching = match(people, settings.seed, progress)
    links = link(matching)
    progress("comparing the claims")
    claims = testify([one for one in every if one.claim], links.record, links.person, people.of_row, settings.seed)
    taken = int(matching.found[people.ours + 1 :: 2].sum())
    strangers = Strangers(matching.strangers.size, taken, matching.recognised)
    standing = Standing(called, links, claims, strangers, told_by_claims)
    source = standing.conclude(settings)
    return Compared(
        dump=_facts(ours, people.ours),
        table=called,
        found=(source,),
        unknown=_unknown(links.records, source),
        warnings=_warnings(ours, theirs),
        links=links,
        matching=matching,
        claims=claims,
        _sheets=sheets,
        _fields=every,
    )


def _identity(every: tuple[Field, ...], rows: int) -> tuple[tuple[Field, ...], bool]:
    """What people are told apart by, and whether that takes the claims too."""
    people = tuple(one for one in every if not one.claim)
    if len(people) < len(every) and information(people) < np.log2(max(2, rows)) + _ROOM:
        return _telling(every), True
    return _telling(people), False


def _telling(every: tuple[Field, ...]) -> tuple[Field, ...]:
    """Of very many fields those that tell people apart best, in their order."""
    best = sorted(every, key=lambda one: -information([one]))[:_MOST]
    return tuple(one for one in every if one in best) if len(every) > _MOST else every


def _facts(ours: Material, people: int) -> DumpFacts:
    reading = ours.reading
    columns = tuple(column for table in reading.tables for column in table.columns)
    return DumpFacts(ours.name, ours.sha256, ours.size, reading.records, reading.rejected, people, columns)


def _unknown(records: int, source: Source) -> Unknown:
    rows = round(source.rows)
    return Unknown(records - rows, max(0, int(records - source.rows_high)), records - int(source.rows_low))


def _warnings(ours: Material, theirs: Material) -> tuple[str, ...]:
    said = list(ours.reading.warnings)
    if ours.reading.rejected:
        said.append(f"{ours.reading.rejected} records could not be read and were not compared")
    if theirs.reading.rejected:
        said.append(f"{theirs.reading.rejected} rows of the table could not be read: nobody can be found in them")
    return tuple(said)


def _nothing(ours: Material, called: str, sheets: tuple[Sheet, Sheet]) -> Compared:
    empty = np.empty(0, np.int64)
    records = ours.reading.records
    links = Links(records, records, 0, empty, empty, empty, np.empty(0), 0.0, ())
    claims = testify([], empty, empty, empty, 0)
    source = Standing(called, links, claims, Strangers(0, 0, 0.0), told_by_claims=False).conclude(DEFAULT)
    warning = "no column of the dump holds what a column of the table holds: there was nothing to compare"
    return Compared(
        dump=_facts(ours, records),
        table=called,
        found=(source,),
        unknown=Unknown(records, 0, records),
        warnings=(warning,),
        links=links,
        matching=None,
        claims=claims,
        _sheets=sheets,
        _fields=(),
    )
