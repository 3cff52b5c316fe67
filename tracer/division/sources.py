"""What is found of each platform, once the showings of a dump in parts were weighed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.attribution.attribution import Attribution
from tracer.attribution.coverage import with_coverage
from tracer.attribution.dating import EPOCH, NO_WINDOW, Written
from tracer.attribution.departure import anachronisms, beside, departed, is_alone
from tracer.attribution.newcomers import Dated, recognise
from tracer.attribution.sketched import sketched
from tracer.attribution.standing import Standing
from tracer.attribution.strata import Strata
from tracer.attribution.stratified import Cells, within_strata
from tracer.attribution.verdict import Source, conclude
from tracer.division.collapse import Collapsed
from tracer.division.linked import Parts, Tally
from tracer.division.mixing import chosen
from tracer.division.narrowing import Heard
from tracer.division.witnesses import SALT
from tracer.linkage.clientele import Clientele, Flags, clientele
from tracer.linkage.dump import NO_DAY, Value
from tracer.linkage.exact import Links
from tracer.linkage.facts import Acquaintances, Facts, facts
from tracer.linkage.history import history
from tracer.linkage.written_days import written_days
from tracer.ordered import among
from tracer.settings import Settings
from tracer.vault.sketch import Sketch

_EVEN: Final = 0.5


@dataclass(frozen=True, slots=True)
class Answering:
    """All that is known when the sources are found."""

    parts: Parts
    settings: Settings
    columns: tuple[Value, ...]
    heard: Heard
    whole: Collapsed
    attribution: Attribution
    drawn: Mapping[int, Flags] = field(default_factory=dict)
    """Place of a platform in the model → (customers,) whom the records that came from it are about."""

    def stratified(self) -> Answering:
        """The same with what strata make of the rows."""
        drawn = self._drawn(self.attribution.mixture.inclusion.active)
        asked = self.attribution, self.parts.vault, drawn.__getitem__, self._cells, self.settings
        return replace(self, attribution=within_strata(*asked), drawn=drawn)

    def sources(self) -> tuple[Attribution, list[Source]]:
        """What is found of the platforms that were joined, in their order; and the attribution with newcomers."""
        settings, platforms = self.settings, self.parts.platforms
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
        sources = beside(sources, self.parts.vault, platforms, self._clientele)
        return attribution, with_coverage(sources, standings, self.parts.vault)

    def hints(self, sketches: Sequence[Sketch], tallies: Sequence[Tally]) -> list[Source]:
        """What sketches say of the first part, a random sample of the people, as if of all."""
        if not sketches:
            return []
        dump = self.parts.dump(0, self.columns, tallies[0].records)
        showings = self.parts.scratch.frame("showings/0")
        unclaimed = np.ones(dump.records, bool)
        showing = np.searchsorted(self.whole.code, showings.get_column("code").to_numpy())
        unclaimed[showings.get_column("at").to_numpy()] = self.attribution.unclaimed[showing]
        scale = sum(one.records for one in tallies) / max(1, dump.records)
        level = self.settings.confidence
        hints = [sketched(one, dump, unclaimed, level) for one in sketches]
        return [replace(one, rows=one.rows * scale, rows_high=one.rows_high * scale) for one in hints]

    def _dated(self, place: int) -> Dated:
        if not self.attribution.standings[place].active:
            return Dated(NO_WINDOW)
        one, testimony = self.heard.witnesses[place], self.heard.testimonies[place]
        share = self.attribution.shares(place)[self.whole.witnessed[place]]
        past, rate = history(one.dump, self.parts.vault, testimony), min(one.rate, self.heard.bystanders.rate)

        def written(certain: NDArray[np.bool_]) -> Written | None:
            told = None if past.joined is None else written_days(one.dump.values, one.links, past.joined, certain)
            if told is None or told.day is None or not is_alone(self.attribution, place):
                return None
            kept = certain & chosen(one.links.person, rate, SALT + place)
            own = told.day[one.links.row[kept]]
            others = self._unclaimed_days(next(at for at, each in enumerate(one.dump.values) if each is told), rate)
            last = (one.links.platform.days[-1] - EPOCH).days
            return Written(own[own != NO_DAY], others[others != NO_DAY], last)

        dated = departed(testimony, share, past, written, self.settings.confidence)
        whole = 1 / one.rate
        lots = tuple(replace(lot, records=round(lot.records * whole)) for lot in dated.lots)
        return replace(dated, lots=lots, looked_at=rate, won_per_day=dated.won_per_day * whole)

    def _unclaimed_days(self, column: int, rate: float) -> NDArray[np.int32]:
        """Days in a column of bystanders whom nobody claims, thinned to this rate."""
        beside, showing = self.heard.bystanders, self.whole.bystanding
        days = beside.days[column]
        if days is None:
            return np.empty(0, np.int32)
        unclaimed = showing < 0
        unclaimed[showing >= 0] = self.attribution.unclaimed[showing[showing >= 0]]
        number = beside.row.astype(np.uint64) | (beside.part.astype(np.uint64) << np.uint64(32))
        return days[unclaimed & chosen(number, rate / beside.rate, 2)]

    def _facts(self, known: Acquaintances, suppliers: Sequence[str], standing: Standing) -> Facts | None:
        """What is known of a platform's identifiers; of those in the dump only the platform's own are held."""
        place = next(at for at, one in enumerate(self.attribution.standings) if one.name == standing.name)
        links, kinds = self.heard.witnesses[place].links, self.parts.platforms[place].kinds
        held = {kind: self._carried(place, kind) for kind in kinds if links.linked_by(kind).any()}
        return (
            facts(replace(self.heard.witnesses[place].dump, identifiers=held), known, links, suppliers)
            if held
            else None
        )

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
        who = np.flatnonzero(self.drawn[place]).astype(np.uint32)
        platform = self.parts.platforms[place]
        every = Links(platform, np.arange(who.size, dtype=np.uint32), who, np.zeros(who.size, np.uint16))
        return clientele(self.heard.witnesses[place].dump, self.parts.vault, every, np.ones(who.size, bool))

    def _drawn(self, places: Sequence[int]) -> dict[int, Flags]:
        """See `drawn`; every part is read once for all platforms."""
        own = {place: self.attribution.shares(place) > _EVEN for place in places}
        drawn = {place: np.zeros(self.parts.platforms[place].people, bool) for place in places}
        for part in self.parts.each():
            every, shown = self.parts.links(part), self._shown(part)
            for place in places:
                showing = shown.showing[shown.places(every[place])]
                showing_of = self.attribution.standings[place].testimony.links.row
                drawn[place][every[place].person[own[place][np.searchsorted(showing_of, showing)]]] = True
        return drawn

    def _cells(self, strata: Mapping[int, Strata]) -> Cells:
        """The records of all parts, counted by their pattern and the strata of their customers."""
        mixture, counted = self.attribution.mixture, []
        for part in self.parts.each():
            every, shown = self.parts.links(part), self._shown(part)
            stratum = {place: np.full(shown.at.size, -1, np.int64) for place in strata}
            for place, one in strata.items():
                stratum[place][shown.places(every[place])] = one.stratum[every[place].person]
            counted.append(Cells.of(mixture.pattern_of(shown.showing), stratum))
        return Cells.together(counted)

    def _shown(self, part: int) -> _Shown:
        frame = self.parts.scratch.frame(f"showings/{part}")
        code = frame.get_column("code").to_numpy()
        return _Shown(frame.get_column("at").to_numpy(), np.searchsorted(self.whole.code, code))


@dataclass(frozen=True, slots=True)
class _Shown:
    """The linked records of a part, and what each shows."""

    at: NDArray[np.uint32]
    """(linked records,) ascending."""
    showing: NDArray[np.int64]

    def places(self, links: Links) -> NDArray[np.int64]:
        """(links,) where their records stand here."""
        return np.asarray(np.searchsorted(self.at, links.row))
