"""The story of a long dump: deal, link each part, hear witnesses, count showings, weigh once, answer."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from canaries.register import Register
from tracer.attribution.attribution import Inquiry, attribute
from tracer.attribution.unjoined import unjoined
from tracer.attribution.verdict import Source
from tracer.canary.checking import Checked, check_survey, with_canaries
from tracer.custody.exhibit import Exhibit
from tracer.division.dealing import Dealt, deal, settle
from tracer.division.linked import Parts, Tally
from tracer.division.narrowing import collapsed, hear, left_out_of
from tracer.division.records import OnDisk
from tracer.division.scratch import Scratch
from tracer.division.sources import Answering
from tracer.division.witnesses import united_columns, witnesses
from tracer.engines.interface import Engine
from tracer.findings import DumpFacts, Findings, cautions, unknown_rest
from tracer.intake.interface import ROW
from tracer.intake.reading import Survey
from tracer.linkage.chance import left_out
from tracer.linkage.exact import Census
from tracer.linkage.screening import screen
from tracer.linkage.shortlist import Dropped, Sampling
from tracer.settings import Settings
from tracer.vault.shelf import kept_sketches
from tracer.vault.variety import Distinct
from tracer.vault.vault import Vault

JOURNAL: Final = "journal"


@dataclass(slots=True)
class Journal:
    """What of a trace in parts is done: where one that was killed goes on."""

    dealt: Dealt
    facts: DumpFacts
    """Of the dump, the people still uncounted."""
    checks: tuple[Checked, ...] = ()
    """What looking for canaries gave while the dump was read."""
    near: tuple[str, ...] | None = None
    """The platforms that are joined, once that is known."""
    dropped: tuple[Dropped, ...] = ()
    sampling: Sampling | None = None
    used: dict[str, bool] = field(default_factory=dict)
    """Masked and damaged kinds of identifier, and whether they are used."""
    varieties: list[Distinct] = field(default_factory=list)
    """How many different values each value column has."""
    tallies: list[Tally] = field(default_factory=list)
    """Of the parts that were linked."""


@dataclass(frozen=True, slots=True)
class Division:
    """What a trace in parts is asked."""

    vault: Vault
    engine: Engine
    settings: Settings
    sealed_on: date
    scratch: Scratch
    memory: int
    progress: Callable[[str], None]

    def journal(self) -> Journal | None:
        """What an earlier run of the same trace did, which left a folder; None if it had not dealt the dump out."""
        self.scratch.begin()
        content = self.scratch.take(JOURNAL)
        if not content:
            self.scratch.remove()
            return None
        return pickle.loads(content)  # type: ignore[no-any-return]  # noqa: S301 - sealed under our own key

    def begin(self, found: Survey, exhibit: Exhibit, parts: int, registers: Sequence[Register]) -> Journal:
        """Deal out a dump that was read, after a look for canaries."""
        checks = tuple(check_survey(found, register, self.sealed_on) for register in registers)
        self.progress(f"dealing records out to {parts} parts")
        self.scratch.begin()
        settled = settle(found, self.vault.key)
        dealt = deal(found, settled, parts, self.vault.key, self.scratch)
        journal = Journal(dealt, _facts(exhibit, found), checks, varieties=[Distinct() for _ in settled.natures])
        self._note(journal)
        return journal

    def answer(self, journal: Journal) -> Findings:
        """Trace what was dealt, from where the last run came to."""
        linked = self._linked(journal)
        tallies = journal.tallies
        columns = linked.columns(journal.varieties)
        self.progress("comparing values")
        seen, beside = witnesses(linked, columns, tallies)
        columns, seen, beside = united_columns(columns, seen, beside, linked.vault, self.settings.seed)
        heard = hear(linked, seen, beside, self.settings.seed)
        parts, heard, whole = collapsed(linked, columns, tallies, heard, self.memory // 2)
        self.progress("weighing the evidence")
        census = _census(parts, tallies)
        unidentified, tested = sum(one.unidentified for one in tallies), len(self.vault.platforms)
        asked = whole.testimonies, whole.rows, unidentified, census, tested, self.sealed_on, self.settings
        attribution = attribute(Inquiry(*asked))
        answering = Answering(parts, self.settings, columns, heard, whole, attribution).stratified()
        attribution, sources = answering.sources()
        sources += [*left_out_of(linked, parts, tallies, self.sealed_on), *self._others(journal)]
        sources.sort(key=lambda one: (-one.rows, -one.rows_high, one.platform))
        sketches = kept_sketches(self.vault)
        hints = answering.hints(sketches, tallies)
        people, records = sum(one.people for one in tallies), sum(one.records for one in tallies)
        told = cautions(journal.facts.notes, journal.facts.rejected, sources)
        findings = Findings(
            dump=replace(journal.facts, people=people),
            found=(*sources, *hints),
            unknown=unknown_rest(records, sources),
            indistinguishable=attribution.groups,
            warnings=(*told, *left_out(census.rates)),
            attribution=attribution,
            places=pl.DataFrame(schema={ROW: pl.UInt32}),
            recorded=OnDisk(parts, whole.code, records),
        )
        return with_canaries(findings, journal.checks)

    def _linked(self, journal: Journal) -> Parts:
        """Link the parts that were not linked yet."""
        parts = journal.dealt.parts
        for part in range(len(journal.tallies), parts):
            self.progress(f"linking part {part + 1} of {parts}")
            joined = self._joined(journal)
            dump = joined.prepared(part, self.engine)
            if journal.near is None:
                screening = screen(dump, self.vault)
                journal.near = tuple(one.name for one in screening.near.platforms)
                journal.dropped, journal.sampling = screening.dropped, screening.sampling
                joined = self._joined(journal)
            tally = joined.link(part, dump, self.engine, journal.used)
            journal.used = {rate.kind: rate.used for rate in tally.rates} | journal.used
            for met, one in zip(journal.varieties, dump.values, strict=True):
                met.meet(one.digest[one.present].astype(np.uint32))
            # The sample of the census is the same for all parts.
            journal.tallies.append(replace(tally, samples=()) if journal.tallies else tally)
            self._note(journal)
            self.scratch.drop(f"cells/{part}")
        return self._joined(journal)

    def _joined(self, journal: Journal) -> Parts:
        near = journal.near
        others = set() if near is None else {one.name for one in self.vault.platforms} - set(near)
        return Parts(journal.dealt, self.vault.without(others), self.scratch, near or ())

    def _note(self, journal: Journal) -> None:
        self.scratch.put(JOURNAL, pickle.dumps(journal, pickle.HIGHEST_PROTOCOL))

    def _others(self, journal: Journal) -> list[Source]:
        """What is said of the platforms that the dump was not joined with: by the first part, a random sample."""
        if journal.sampling is None:
            return []
        records, first = sum(one.records for one in journal.tallies), journal.tallies[0].carried
        share = first / max(1, sum(one.carried for one in journal.tallies))
        looked = replace(journal.sampling, rate=journal.sampling.rate * share)
        return [
            unjoined(self.vault.platform(one.name), one, looked, records, first, self.sealed_on)
            for one in journal.dropped
        ]


def _census(parts: Parts, tallies: Sequence[Tally]) -> Census:
    places, names = [parts.place(one) for one in parts.platforms], {one.name for one in parts.platforms}
    samples = tuple(tallies[0].samples[place] for place in places)
    people = tuple(one.people for one in parts.platforms)
    each = [Census(people, samples, tuple(rate for rate in one.rates if rate.platform in names)) for one in tallies]
    return each[0].pooled(each, [one.records for one in tallies])


def _facts(exhibit: Exhibit, found: Survey) -> DumpFacts:
    """What was read of a dump that is not held; of its people nothing is known yet."""
    return DumpFacts(
        file=exhibit.name,
        sha256=exhibit.sha256,
        bytes=exhibit.size,
        records=found.records,
        rejected=found.rejected,
        people=0,
        columns=tuple(column for table in found.tables for column in table.columns),
        format=found.format,
        encoding=found.encoding,
        rejects=found.rejects,
        notes=found.notes,
    )
