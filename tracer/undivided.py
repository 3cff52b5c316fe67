"""The story of a dump that is held in memory: tokens, link, compare, attribute, date, and say what was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.attribution.attribution import Attribution, Inquiry, attribute
from tracer.attribution.coverage import with_coverage
from tracer.attribution.dating import EPOCH, NO_WINDOW, Written
from tracer.attribution.departure import anachronisms, beside, departed, is_alone
from tracer.attribution.newcomers import Dated, recognise
from tracer.attribution.showings import Singles
from tracer.attribution.sketched import sketched
from tracer.attribution.stratified import drawn, tabulate, within_strata
from tracer.attribution.unjoined import unjoined
from tracer.attribution.verdict import Source, conclude
from tracer.engines.here import side_by_side
from tracer.engines.interface import Engine
from tracer.findings import DumpFacts, Findings, cautions, unknown_rest
from tracer.intake.interface import OFFSET, ROW
from tracer.intake.material import Material
from tracer.linkage.chance import left_out
from tracer.linkage.claims import testify
from tracer.linkage.clientele import clientele
from tracer.linkage.comparison import Comparison
from tracer.linkage.dump import NO_DAY, Dump, prepare
from tracer.linkage.exact import link_all
from tracer.linkage.facts import Acquaintances, facts
from tracer.linkage.history import history
from tracer.linkage.people import distinct_people
from tracer.linkage.screening import screen
from tracer.linkage.union import groups, united
from tracer.linkage.written_days import written_days
from tracer.settings import Settings
from tracer.vault.shelf import kept_sketches
from tracer.vault.vault import Vault

if TYPE_CHECKING:
    from canaries.register import Register

_EVEN: Final = 0.5


def undivided(  # noqa: PLR0913 - all a user may say about a trace
    read: Material,
    vault: Vault,
    engine: Engine,
    settings: Settings,
    progress: Callable[[str], None],
    registers: Sequence[Register],
) -> Findings:
    """Trace a dump in one piece.

    Args:
        read: its records.
        vault: what platforms registered.
        engine: where bulk work runs.
        settings: of the run.
        progress: told what is being done.
        registers: of canaries, to be looked for beside.

    Raises:
        TracerError: the vault is damaged.
    """
    progress("making tokens")
    prepared = prepare(read.reading.tables, vault.key, engine)
    progress("choosing platforms")
    screening = screen(prepared, vault)
    everybody, vault = vault, screening.near
    progress("linking records to customers")
    links, census = link_all(prepared, vault, engine)
    progress("comparing values")
    grouped = groups(prepared.values, [(prepared.values, one) for one in links], vault, settings.seed)
    prepared = replace(prepared, values=united(prepared.values, grouped))
    for one in links:
        Comparison(prepared.values, vault, one).ahead()
    testimonies = side_by_side(
        lambda place: testify(Comparison(prepared.values, vault, links[place]), settings.seed + place),
        range(len(links)),
    )
    progress("weighing the evidence")
    person = distinct_people(prepared)
    rows, tested = Singles(person, prepared.filled), len(everybody.platforms)
    attribution = attribute(Inquiry(testimonies, rows, prepared.unidentified, census, tested, read.sealed_on, settings))
    asked = partial(drawn, attribution), partial(tabulate, attribution)
    attribution = within_strata(attribution, vault, *asked, settings)
    dated = [_dated(prepared, vault, attribution, place, settings) for place in range(len(testimonies))]
    attribution = replace(attribution, standings=recognise(attribution.standings, dated, settings.confidence))
    standings, windows = attribution.standings, [one.window for one in dated]
    active = [standing.name for standing in standings if standing.active]
    known = Acquaintances(vault)
    times = anachronisms(
        standings,
        windows,
        settings.nominal_level,
        lambda standing: facts(prepared, known, standing.testimony.links, active),
    )
    sources = [
        replace(conclude(standing, one.window, when, active, settings.nominal_level), lots=one.lots)
        for standing, one, when in zip(standings, dated, times, strict=True)
    ]
    sources = beside(
        sources,
        vault,
        vault.platforms,
        lambda place: clientele(prepared, vault, links[place], attribution.shares(place) > _EVEN),
    )
    carried = prepared.identifiers[prepared.main_kind].height if prepared.main_kind in prepared.identifiers else 0
    sources = with_coverage(sources, standings, vault)
    sources += [
        unjoined(everybody.platform(one.name), one, screening.sampling, prepared.records, carried, read.sealed_on)
        for one in screening.dropped
    ]
    sources.sort(key=lambda one: (-one.rows, -one.rows_high, one.platform))
    findings = _findings(read, person, attribution, sources)
    hints = [sketched(one, prepared, attribution.unclaimed, settings.confidence) for one in kept_sketches(everybody)]
    findings = replace(
        findings, found=(*findings.found, *hints), warnings=(*findings.warnings, *left_out(census.rates))
    )
    if not registers:
        return findings
    from tracer.canary.checking import check, with_canaries  # noqa: PLC0415 - most traces ask for none

    progress("looking for canaries")
    return with_canaries(findings, [check(read.reading, register, read.sealed_on) for register in registers])


def _dated(dump: Dump, vault: Vault, attribution: Attribution, place: int, settings: Settings) -> Dated:
    standing = attribution.standings[place]
    if not standing.active:
        return Dated(NO_WINDOW)
    testimony = standing.testimony
    links, past = testimony.links, history(dump, vault, testimony)

    def written(certain: NDArray[np.bool_]) -> Written | None:
        told = None if past.joined is None else written_days(dump.values, links, past.joined, certain)
        if told is None or told.day is None or not is_alone(attribution, place):
            return None
        own, unclaimed = told.day[links.row[certain]], told.day[attribution.unclaimed]
        return Written(own[own != NO_DAY], unclaimed[unclaimed != NO_DAY], (links.platform.days[-1] - EPOCH).days)

    return departed(testimony, attribution.shares(place), past, written, settings.confidence)


def _findings(
    material: Material, person: NDArray[np.int64], attribution: Attribution, sources: Sequence[Source]
) -> Findings:
    reading = material.reading
    facts = DumpFacts(
        file=material.name,
        sha256=material.sha256,
        bytes=material.size,
        records=person.size,
        rejected=reading.rejected,
        people=int((person == np.arange(person.size)).sum()),
        columns=tuple(column for table in reading.tables for column in table.columns),
        format=reading.format,
        encoding=reading.encoding,
        rejects=reading.rejects,
        notes=reading.warnings,
    )
    places = pl.concat([table.frame.select(ROW, OFFSET) for table in reading.tables])
    return Findings(
        dump=facts,
        found=tuple(sources),
        unknown=unknown_rest(person.size, sources),
        indistinguishable=attribution.groups,
        warnings=cautions(reading.warnings, reading.rejected, sources),
        attribution=attribution,
        places=places,
    )
