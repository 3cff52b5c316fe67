"""The story of one dump: seal, read, tokens, link, attribute, date, and say what was found."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from canaries.register import Register
from tracer.attribution.attribution import Attribution, Inquiry, attribute
from tracer.attribution.dating import EPOCH, NO_WINDOW, Written
from tracer.attribution.departure import anachronisms, beside, departed, is_alone
from tracer.attribution.newcomers import Dated, recognise
from tracer.attribution.showings import Singles
from tracer.attribution.sketched import sketched
from tracer.attribution.unjoined import unjoined
from tracer.attribution.verdict import Source, conclude
from tracer.canary.checking import Checked, check, check_survey, combined
from tracer.custody.exhibit import Exhibit, seal
from tracer.division.answer import Division, job_key
from tracer.division.plan import DEFAULT_MEMORY, parts_of
from tracer.division.scratch import Scratch
from tracer.engines.here import HERE
from tracer.engines.interface import Engine
from tracer.errors import VaultFault
from tracer.findings import DumpFacts, Findings, cautions, unknown_rest
from tracer.intake.interface import OFFSET, ROW
from tracer.intake.limits import DEFAULT_LIMITS, Limits
from tracer.intake.material import Material, material, of_exhibit
from tracer.intake.reading import Survey, survey, whole
from tracer.linkage.chance import left_out
from tracer.linkage.claims import Comparison, testify
from tracer.linkage.clientele import clientele
from tracer.linkage.dump import NO_DAY, Dump, prepare
from tracer.linkage.exact import link_all
from tracer.linkage.facts import Acquaintances, facts
from tracer.linkage.history import history
from tracer.linkage.people import distinct_people
from tracer.linkage.screening import screen
from tracer.linkage.written_days import written_days
from tracer.settings import DEFAULT, Settings
from tracer.vault.shelf import kept_sketches
from tracer.vault.vault import Vault

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[str], None]
"""Told what is being done."""
_EVEN: Final = 0.5


def _silent(_step: str) -> None:
    """Tell nobody."""


def trace(  # noqa: PLR0913 - all a user may say about a trace
    dump: str | os.PathLike[str] | Exhibit | pd.DataFrame | pl.DataFrame,
    vault: Vault,
    *,
    engine: Engine = HERE,
    settings: Settings = DEFAULT,
    progress: Progress | None = None,
    registers: Sequence[Register] = (),
    limits: Limits = DEFAULT_LIMITS,
    password: str | None = None,
    memory: int = DEFAULT_MEMORY,
    scratch: str | os.PathLike[str] | None = None,
    parts: int | None = None,
) -> Findings:
    """Trace a dump to the platforms it came from.

    A file too long for the memory is divided by people and traced part by part. What was done lies encrypted in a
    working folder until the findings are there, so that the same trace, asked for again after a kill, goes on.

    Args:
        dump: a file in any shape intake reads, an exhibit of a case, or a pandas or Polars frame.
        vault: what platforms registered.
        engine: where bulk work runs; in this process if left out.
        settings: of the run.
        progress: told what is being done.
        registers: of canaries, to be looked for beside.
        limits: what reading the dump may cost.
        password: of an encrypted archive or workbook.
        memory: bytes that all of it may take.
        scratch: the folder that working folders are made in; the system's own for temporary files if left out.
        parts: into how many a file is divided; by its size and the memory if left out.

    Raises:
        TracerError: the dump cannot be read, the vault is empty or damaged, or there is no room.
    """
    if not vault.platforms:
        raise VaultFault(
            f"{vault.place}: nothing is registered in it", hint="register a platform with: luobo vault add"
        )
    progress = progress or _silent
    if not isinstance(dump, str | os.PathLike | Exhibit):
        progress("reading the dump")
        return _traced(material(dump, settings), vault, engine, settings, progress, registers)
    exhibit = dump if isinstance(dump, Exhibit) else seal(dump)
    told = (limits, memory, parts, tuple(one.derive("job") for one in registers))
    folder = Scratch.of(Path(scratch or tempfile.gettempdir()), job_key(vault, exhibit.sha256, settings, *told))
    division = Division(vault, engine, settings, exhibit.sealed_at.date(), folder, memory, progress)
    with folder.held():
        journal = division.journal()
        if journal is None:
            progress("reading the dump")
            found = survey(exhibit, limits=limits, password=password)
            many = parts or parts_of(found.held, found.records, vault, memory)
            if many == 1:
                return _traced(of_exhibit(exhibit, whole(found)), vault, engine, settings, progress, registers)
            checks = tuple(check_survey(found, register, exhibit.sealed_at.date()) for register in registers)
            journal = division.begin(found, _facts_of(exhibit, found), many, checks)
            del found  # and with it the cells that the reader left on the disk
        return _with_canaries(division.answer(journal), journal.checks)


def _facts_of(exhibit: Exhibit, found: Survey) -> DumpFacts:
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


def _with_canaries(findings: Findings, checks: Sequence[Checked]) -> Findings:
    if not checks:
        return findings
    best = min((source.false_accusation for source in findings.found), default=1.0)
    return replace(findings, canaries=combined(checks, best))


def _traced(  # noqa: PLR0913 - as trace
    read: Material,
    vault: Vault,
    engine: Engine,
    settings: Settings,
    progress: Progress,
    registers: Sequence[Register],
) -> Findings:
    """Trace a dump that is held in memory."""
    progress("making tokens")
    prepared = prepare(read.reading.tables, vault.key, engine)
    progress("choosing platforms")
    screening = screen(prepared, vault)
    everybody, vault = vault, screening.near
    progress("linking records to customers")
    links, census = link_all(prepared, vault, engine)
    testimonies = []
    for one in links:
        Comparison(prepared.values, vault, one).ahead()
    for place, one in enumerate(links):
        progress(f"comparing values with {one.platform.name}")
        testimonies.append(testify(Comparison(prepared.values, vault, one), settings.seed + place))
    progress("weighing the evidence")
    person = distinct_people(prepared)
    rows, tested = Singles(person, prepared.filled), len(everybody.platforms)
    attribution = attribute(Inquiry(testimonies, rows, prepared.unidentified, census, tested, read.sealed_on, settings))
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
    if registers:
        progress("looking for canaries")
    return _with_canaries(findings, [check(read.reading, register, read.sealed_on) for register in registers])


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
