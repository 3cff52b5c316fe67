"""The story of a dump too long for memory: deal, link each part, hear witnesses, count cases, weigh once, answer."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.attribution.attribution import Attribution, Inquiry, attribute
from tracer.attribution.dating import EPOCH, NO_WINDOW, Written
from tracer.attribution.departure import anachronisms, beside, departed, is_alone
from tracer.attribution.newcomers import Dated, recognise
from tracer.attribution.sketched import sketched
from tracer.attribution.unjoined import unjoined
from tracer.attribution.verdict import Source, Standing, conclude
from tracer.canary.checking import Checked
from tracer.division.collapse import Collapsed, collapse
from tracer.division.dealing import Dealt, deal, settle
from tracer.division.linked import Parts, Tally
from tracer.division.mixing import chosen
from tracer.division.records import OnDisk
from tracer.division.scratch import Scratch, derived
from tracer.division.witnesses import Bystanders, Witnesses, witnesses
from tracer.engines.interface import Engine
from tracer.findings import DumpFacts, Findings, cautions, unknown_rest
from tracer.intake.interface import ROW
from tracer.intake.reading import Survey
from tracer.linkage.chance import left_out
from tracer.linkage.claims import Comparison, Testimony, testify
from tracer.linkage.clientele import Clientele, clientele
from tracer.linkage.dump import NO_DAY, Dump, Value
from tracer.linkage.exact import Census, Links
from tracer.linkage.facts import Acquaintances, Facts, facts
from tracer.linkage.history import history
from tracer.linkage.screening import screen
from tracer.linkage.shortlist import Dropped, Sampling
from tracer.linkage.written_days import written_days
from tracer.ordered import among
from tracer.settings import Settings
from tracer.vault.shelf import kept_sketches
from tracer.vault.variety import Distinct
from tracer.vault.vault import Vault

JOURNAL: Final = "journal"
_SALT: Final = 1_000
_EVEN: Final = 0.5


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
    progress: Callable[[str], None]

    def journal(self) -> Journal | None:
        """What an earlier run of the same trace did; None if there was none, or it had not dealt the dump out."""
        if not self.scratch.path.is_dir():
            return None
        self.scratch.begin()
        content = self.scratch.take(JOURNAL)
        if not content:
            self.scratch.remove()
            return None
        return pickle.loads(content)  # type: ignore[no-any-return]  # noqa: S301 - sealed under our own key

    def begin(self, found: Survey, facts: DumpFacts, parts: int, checks: tuple[Checked, ...]) -> Journal:
        """Deal out a dump that was read."""
        self.progress(f"dealing records out to {parts} parts")
        self.scratch.begin()
        settled = settle(found, self.vault.key)
        dealt = deal(found, settled, parts, self.vault.key, self.scratch)
        journal = Journal(dealt, facts, checks, varieties=[Distinct() for _ in settled.natures])
        self._note(journal)
        return journal

    def answer(self, journal: Journal) -> Findings:
        """Trace what was dealt, from where the last run came to."""
        parts = self._linked(journal)
        tallies = journal.tallies
        columns = parts.columns(journal.varieties)
        self.progress("comparing values")
        seen, bystanders = witnesses(parts, columns, tallies)
        testimonies = [
            testify(
                Comparison(one.dump.values, parts.vault, one.links), self.settings.seed + place, thorough=one.rate < 1
            )
            for place, one in enumerate(seen)
        ]
        heard = [_about(columns, one.dump.values, said) for one, said in zip(seen, testimonies, strict=True)]
        whole = collapse(parts, columns, tallies, heard, seen, bystanders)
        self.progress("weighing the evidence")
        census = _census(parts, tallies)
        unidentified, tested = sum(one.unidentified for one in tallies), len(self.vault.platforms)
        asked = whole.testimonies, whole.rows, unidentified, census, tested, self.sealed_on, self.settings
        attribution = attribute(Inquiry(*asked))
        answering = _Answering(self, parts, columns, seen, testimonies, bystanders, whole, attribution)
        attribution, sources = answering.sources()
        sources += self._others(journal)
        sources.sort(key=lambda one: (-one.rows, -one.rows_high, one.platform))
        sketches = kept_sketches(self.vault)
        hints = answering.hints(tallies) if sketches else []
        people, records = sum(one.people for one in tallies), sum(one.records for one in tallies)
        names = [one.name for one in attribution.standings]
        told = cautions(journal.facts.notes, journal.facts.rejected, sources)
        return Findings(
            dump=replace(journal.facts, people=people),
            found=(*sources, *hints),
            unknown=unknown_rest(records, sources),
            indistinguishable=tuple(tuple(names[place] for place in group) for group in attribution.mixture.groups),
            warnings=(*told, *left_out(census.rates)),
            attribution=attribution,
            places=pl.DataFrame(schema={ROW: pl.UInt32}),
            recorded=OnDisk(parts, whole.code, records),
        )

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
        return Parts(journal.dealt, self.vault.without(others), self.scratch)

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


def _about(columns: Sequence[Value], values: Sequence[Value], testimony: Testimony) -> Testimony:
    """A testimony in which the columns of all platforms are the same objects."""
    place = {id(one): number for number, one in enumerate(values)}
    pairings = tuple(replace(one, value=columns[place[id(one.value)]]) for one in testimony.pairings)
    return replace(testimony, pairings=pairings)


def _census(parts: Parts, tallies: Sequence[Tally]) -> Census:
    people = tuple(one.people for one in parts.platforms)
    each = [Census(people, one.samples, one.rates) for one in tallies]
    return each[0].pooled(each, [one.records for one in tallies])


@dataclass(frozen=True, slots=True)
class _Answering:
    """All that is known when the sources are found."""

    division: Division
    parts: Parts
    columns: tuple[Value, ...]
    seen: list[Witnesses]
    heard: list[Testimony]
    bystanders: Bystanders
    whole: Collapsed
    attribution: Attribution

    def sources(self) -> tuple[Attribution, list[Source]]:
        """What is found of the platforms that were joined, in their order; and the attribution with newcomers."""
        settings, platforms = self.division.settings, self.parts.platforms
        dated = [self._dated(place) for place in range(len(platforms))]
        standings = recognise(self.attribution.standings, dated, settings.confidence)
        attribution, windows = replace(self.attribution, standings=standings), [one.window for one in dated]
        active = [one.name for one in standings if one.active]
        facts_of = partial(self._facts, Acquaintances(self.parts.vault), active)
        times = anachronisms(standings, windows, settings.nominal_level, facts_of)
        sources = [
            replace(conclude(standing, one.window, when, active, settings.nominal_level), lots=one.lots)
            for standing, one, when in zip(standings, dated, times, strict=True)
        ]
        return attribution, beside(sources, self.parts.vault, platforms, self._clientele)

    def hints(self, tallies: Sequence[Tally]) -> list[Source]:
        """What sketches say of the first part, a random sample of the people, as if of all."""
        dump = self.parts.dump(0, self.columns, tallies[0].records)
        cases = self.parts.scratch.frame("cases/0")
        unclaimed = np.ones(dump.records, bool)
        case = np.searchsorted(self.whole.code, cases.get_column("code").to_numpy())
        unclaimed[cases.get_column("at").to_numpy()] = self.attribution.unclaimed[case]
        scale = sum(one.records for one in tallies) / max(1, dump.records)
        level = self.division.settings.confidence
        hints = [sketched(one, dump, unclaimed, level) for one in kept_sketches(self.division.vault)]
        return [replace(one, rows=one.rows * scale, rows_high=one.rows_high * scale) for one in hints]

    def _dated(self, place: int) -> Dated:
        if not self.attribution.standings[place].active:
            return Dated(NO_WINDOW)
        one, testimony = self.seen[place], self.heard[place]
        share = self.attribution.shares(place)[self.whole.witnessed[place]]
        past, rate = history(one.dump, self.parts.vault, testimony), min(one.rate, self.bystanders.rate)

        def written(certain: NDArray[np.bool_]) -> Written | None:
            told = None if past.joined is None else written_days(one.dump.values, one.links, past.joined, certain)
            if told is None or told.day is None or not is_alone(self.attribution, place):
                return None
            kept = certain & chosen(one.links.person, rate, _SALT + place)
            own = told.day[one.links.row[kept]]
            others = self._unclaimed_days(next(at for at, each in enumerate(one.dump.values) if each is told), rate)
            last = (one.links.platform.days[-1] - EPOCH).days
            return Written(own[own != NO_DAY], others[others != NO_DAY], last)

        dated = departed(testimony, share, past, written, self.division.settings.confidence)
        whole = 1 / one.rate
        lots = tuple(replace(lot, records=round(lot.records * whole)) for lot in dated.lots)
        return replace(dated, lots=lots, looked_at=rate)

    def _unclaimed_days(self, column: int, rate: float) -> NDArray[np.int32]:
        """Days in a column of bystanders whom nobody claims, thinned to this rate."""
        beside, case = self.bystanders, self.whole.bystanding
        days = beside.days[column]
        if days is None:
            return np.empty(0, np.int32)
        unclaimed = case < 0
        unclaimed[case >= 0] = self.attribution.unclaimed[case[case >= 0]]
        number = beside.row.astype(np.uint64) | (beside.part.astype(np.uint64) << np.uint64(32))
        return days[unclaimed & chosen(number, rate / beside.rate, 2)]

    def _facts(self, known: Acquaintances, suppliers: Sequence[str], standing: Standing) -> Facts | None:
        """What is known of a platform's identifiers; of those in the dump only the platform's own are held."""
        place = next(at for at, one in enumerate(self.attribution.standings) if one.name == standing.name)
        links, kinds = self.seen[place].links, self.parts.platforms[place].kinds
        held = {kind: self._carried(place, kind) for kind in kinds if links.linked_by(kind).any()}
        dump = self.parts.dump(0, self.columns, 0) if not held else _bare(held, self.seen[place].dump)
        return facts(dump, known, links, suppliers)

    def _carried(self, place: int, kind: str) -> pl.DataFrame:
        """(`token`) Those of a platform's identifiers of one kind that the dump carries, ascending."""
        vault, platform = self.parts.vault, self.parts.platforms[place]
        registered = vault.identifiers(platform, kind, dated=False).get_column("token").to_numpy()
        met = np.zeros(registered.size, bool)
        for part in self.parts.each():
            met |= among(registered, self.parts.tokens(part, kind).get_column("token").to_numpy())
        return pl.DataFrame({"token": registered[met]})

    def _clientele(self, place: int) -> Clientele | None:
        """The customers of an established source, and which of them the dump carries as its own."""
        share = self.attribution.shares(place)
        case_of = self.attribution.standings[place].testimony.links.row
        platform = self.parts.platforms[place]
        drawn = np.zeros(platform.people, bool)
        for part in self.parts.each():
            links, cases = self.parts.links(part)[place], self.parts.scratch.frame(f"cases/{part}")
            at = np.searchsorted(cases.get_column("at").to_numpy(), links.row)
            case = np.searchsorted(self.whole.code, cases.get_column("code").to_numpy()[at])
            drawn[links.person[share[np.searchsorted(case_of, case)] > _EVEN]] = True
        who = np.flatnonzero(drawn).astype(np.uint32)
        every = Links(platform, np.arange(who.size, dtype=np.uint32), who, np.zeros(who.size, np.uint16))
        return clientele(self.seen[place].dump, self.parts.vault, every, np.ones(who.size, bool))


def _bare(held: dict[str, pl.DataFrame], dump: Dump) -> Dump:
    """A dump of which nothing is asked but which tokens it carries."""
    return replace(dump, identifiers=held)


def job_key(vault: Vault, sha256: str, *others: object) -> bytes:
    """The key of the working folder of one trace: of the vault's key, and of all that the answer depends on."""
    state = hashlib.sha256(vault.manifest.to_json().encode()).hexdigest()
    return derived(vault.key.derive("scratch"), sha256, state, *map(repr, others))
