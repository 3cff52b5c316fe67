"""The story of one dump: seal, read, tokens, link, attribute, date, and say what was found."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from canaries.register import Register
from tracer.attribution.anachronism import Anachronism, anachronism
from tracer.attribution.attribution import Attribution, Inquiry, attribute
from tracer.attribution.dating import EPOCH, NO_WINDOW, Joiners, Window, Written, sure, versions, window
from tracer.attribution.lots import lots
from tracer.attribution.newcomers import Dated, recognise
from tracer.attribution.overlap import Overlap, overlap, stratify
from tracer.attribution.sketched import sketched
from tracer.attribution.standing import Verdict
from tracer.attribution.unjoined import unjoined
from tracer.attribution.verdict import Source, conclude
from tracer.canary.checking import check, combined
from tracer.custody.exhibit import Exhibit
from tracer.engines.here import HERE
from tracer.engines.interface import Engine
from tracer.errors import VaultFault
from tracer.findings import DumpFacts, Findings, Unknown
from tracer.intake.interface import OFFSET, ROW, Reading
from tracer.intake.limits import DEFAULT_LIMITS, Limits
from tracer.intake.material import Material, material
from tracer.linkage.chance import left_out
from tracer.linkage.claims import Comparison, testify
from tracer.linkage.clientele import clientele, shared
from tracer.linkage.dump import NO_DAY, Dump, prepare
from tracer.linkage.exact import link_all
from tracer.linkage.facts import Acquaintances, facts
from tracer.linkage.history import UNKNOWN, history
from tracer.linkage.screening import screen
from tracer.linkage.written_days import written_days
from tracer.settings import DEFAULT, Settings
from tracer.vault.shelf import kept_sketches
from tracer.vault.vault import Vault

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[str], None]
"""Told what is being done."""


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
) -> Findings:
    """Trace a dump to the platforms it came from.

    Args:
        dump: a file in any shape intake reads, an exhibit of a case, or a pandas or Polars frame.
        vault: what platforms registered.
        engine: where bulk work runs; in this process if left out.
        settings: of the run.
        progress: told what is being done.
        registers: of canaries, to be looked for beside.
        limits: what reading the dump may cost.
        password: of an encrypted archive or workbook.

    Raises:
        TracerError: the dump cannot be read or the vault is empty or damaged.
    """
    if not vault.platforms:
        raise VaultFault(f"{vault.root}: nothing is registered in it", hint="register a platform with: luobo vault add")
    progress = progress or _silent
    progress("reading the dump")
    read = material(dump, settings, limits=limits, password=password)
    progress("making tokens")
    prepared = prepare(read.reading.tables, vault.key, engine)
    progress("choosing platforms")
    screening = screen(prepared, vault)
    everybody, vault = vault, screening.near
    progress("linking records to customers")
    links, census = link_all(prepared, vault, engine)
    testimonies = []
    for place, one in enumerate(links):
        progress(f"comparing values with {one.platform.name}")
        testimonies.append(testify(Comparison(prepared.values, vault, one), settings.seed + place))
    progress("weighing the evidence")
    person = distinct_people(prepared)
    tested = len(everybody.platforms)
    attribution = attribute(
        Inquiry(testimonies, person, prepared.filled, prepared.unidentified, census, tested, read.sealed_on, settings)
    )
    dated = [_dated(prepared, vault, attribution, place, settings) for place in range(len(testimonies))]
    attribution = replace(attribution, standings=recognise(attribution.standings, dated, settings.confidence))
    windows = [one.window for one in dated]
    active = [standing.name for standing in attribution.standings if standing.active]
    times = _times(prepared, vault, attribution, windows, settings)
    sources = [
        replace(conclude(standing, one.window, anachronisms, active, settings.nominal_level), lots=one.lots)
        for standing, one, anachronisms in zip(attribution.standings, dated, times, strict=True)
    ]
    sources = _beside(prepared, vault, attribution, sources)
    sources += [
        unjoined(everybody.platform(one.name), one, screening.sampling, prepared, read.sealed_on)
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
    progress("looking for canaries")
    checks = [check(read.reading, register, read.sealed_on) for register in registers]
    best = min((source.false_accusation for source in findings.found), default=1.0)
    return replace(findings, canaries=combined(checks, best))


def distinct_people(dump: Dump) -> NDArray[np.int64]:
    """(records,) The first record about the same person, by the kind of identifier that most records carry."""
    person = np.arange(dump.records, dtype=np.int64)
    if dump.main_kind is not None:
        carried = dump.identifiers[dump.main_kind]
        row, token = carried.get_column("row").to_numpy(), carried.get_column("token").to_numpy()
        begins = np.flatnonzero(np.concatenate(([True], token[1:] != token[:-1])))
        first = np.repeat(np.minimum.reduceat(row, begins), np.diff(np.append(begins, row.size)))
        if np.bincount(row).max() == 1:
            person[row] = first
        else:  # A record with two numbers goes by the one that was carried first.
            np.minimum.at(person, row, first)
    return person


def _dated(dump: Dump, vault: Vault, attribution: Attribution, place: int, settings: Settings) -> Dated:
    standing = attribution.standings[place]
    if not standing.active:
        return Dated(NO_WINDOW)
    share = attribution.shares(place)
    odds = share / np.maximum(1 - share, _LEAST)
    links, past = standing.testimony.links, history(dump, vault, standing.testimony)
    certain = sure(odds)
    seen = [versions(column.held, links.person[certain], column.run[certain]) for column in past.columns]
    newest, level = links.platform.days[-1], settings.confidence
    last = (newest - EPOCH).days
    joined = None if past.joined is None else past.joined[links.person]
    if past.joined is None or joined is None:
        parts = lots(seen, None, np.empty(0, np.int32), last, level)
        return Dated(window(None, seen, newest, level), None, parts, past.lost_per_day)
    once, everybody = standing.testimony.once, past.joined[past.joined != UNKNOWN]
    known = once[joined[once] != UNKNOWN]
    joiners = Joiners(everybody, joined[known], odds[known])
    parts = lots(seen, joined[certain], everybody, last, level)
    days = written_days(dump.values, links, past.joined, certain)
    written = None
    if days is not None and _alone(attribution, place):
        own, unclaimed = days[links.row[certain]], days[attribution.unclaimed]
        written = Written(own[own != NO_DAY], unclaimed[unclaimed != NO_DAY], last)
    when = window(joiners, seen, newest, level, written)
    when = Window(parts[0].window.after, parts[1].window.before) if parts else when
    return Dated(when, written, parts, past.lost_per_day)


def _alone(attribution: Attribution, place: int) -> bool:
    """Whether no other platform can have supplied a number of the records that nobody claims."""
    others = sum(one.rows for other, one in enumerate(attribution.standings) if other != place)
    return bool(others <= _BESIDE * attribution.standings[place].rows)


_BESIDE: Final = 0.02
_LEAST: Final = 1e-12


def _times(
    dump: Dump, vault: Vault, attribution: Attribution, windows: Sequence[Window], settings: Settings
) -> list[Anachronism | None]:
    """What the platforms' times say; asked only of those whom values do not name, for it reads all identifiers."""
    active = [standing.name for standing in attribution.standings if standing.active]
    known = Acquaintances(vault)
    times: list[Anachronism | None] = []
    for standing, when in zip(attribution.standings, windows, strict=True):
        asked = standing.active and standing.bound(None) > settings.nominal_level
        held = facts(dump, known, standing.testimony.links, active) if asked else None
        if held is None:
            times.append(None)
            continue
        last = held.days[-1] if when.before is None else (when.before - EPOCH).days
        times.append(anachronism(held, last if when.after is None else (when.after - EPOCH).days, last))
    return times


def _beside(dump: Dump, vault: Vault, attribution: Attribution, sources: list[Source]) -> list[Source]:
    """Sources in the order of the platforms; the consistent ones with what the established ones explain of them."""
    asked = [place for place, one in enumerate(sources) if one.verdict is Verdict.CONSISTENT]
    said: dict[int, list[tuple[str, Overlap]]] = {place: [] for place in asked}
    for place, source in enumerate(sources):
        if not asked or source.verdict is not Verdict.ESTABLISHED:
            continue
        links, share = attribution.standings[place].testimony.links, attribution.shares(place)
        own = clientele(dump, vault, links, share > _EVEN)
        if own is None:
            continue
        draw = stratify(own.drawn, own.columns)
        for other in asked:
            both = shared(vault, own, attribution.standings[other].testimony.links.platform)
            if both is not None:
                said[other].append((source.platform, overlap(draw, both)))
    return [source.beside(said[place]) if place in said else source for place, source in enumerate(sources)]


_EVEN: Final = 0.5


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
        unknown=_unknown(person.size, sources),
        indistinguishable=attribution.groups,
        warnings=_warnings(reading, sources),
        attribution=attribution,
        places=places,
    )


def _unknown(records: int, sources: Sequence[Source]) -> Unknown:
    """What is left; only established sources bound it from above, for all others may be somebody unregistered."""
    rows = records - sum(source.rows for source in sources)
    low = records - sum(source.rows_high for source in sources if source.rows > 0)
    high = records - sum(source.rows_low for source in sources if source.verdict is Verdict.ESTABLISHED)
    return Unknown(round(max(0.0, rows)), int(max(0.0, low)), round(min(records, high)))


def _warnings(reading: Reading, sources: Sequence[Source]) -> tuple[str, ...]:
    said = list(reading.warnings)
    if reading.rejected:
        said.append(f"{reading.rejected} records could not be read and were not traced")
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
