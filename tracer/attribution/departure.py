"""When the records left, and what times and overlaps say beside: what the histories of platforms add to the counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracer.attribution.anachronism import Anachronism, anachronism
from tracer.attribution.attribution import Attribution
from tracer.attribution.dating import EPOCH, Joiners, Window, Written, sure, versions, window
from tracer.attribution.inclusion import Floats
from tracer.attribution.lots import lots
from tracer.attribution.newcomers import Dated, won_per_day
from tracer.attribution.overlap import Overlap, overlap, stratify
from tracer.attribution.standing import Standing, Verdict
from tracer.attribution.verdict import Source
from tracer.linkage.clientele import Clientele, shared
from tracer.linkage.facts import Facts
from tracer.linkage.history import History
from tracer.linkage.joining import UNKNOWN
from tracer.linkage.testimony import Testimony
from tracer.vault.manifest import Platform
from tracer.vault.vault import Vault

Flags = NDArray[np.bool_]
_LEAST: Final = 1e-12
_BESIDE: Final = 0.02


def departed(
    testimony: Testimony, share: Floats, past: History, written: Callable[[Flags], Written | None], level: float
) -> Dated:
    """When the records of one platform left.

    Args:
        testimony: of the platform.
        share: (links,) chance that each record came from it.
        past: what the platform's history says of the linked customers.
        written: asked with which links are the platform's for certain, the days on which records say that their
            customers joined; None where they do not say, or somebody else's may be among them.
        level: of the windows, for example 0.95.
    """
    odds = share / np.maximum(1 - share, _LEAST)
    links, certain = testimony.links, sure(odds)
    seen = [versions(column.held, links.person[certain], column.run[certain]) for column in past.columns]
    newest = links.platform.days[-1]
    last = (newest - EPOCH).days
    if past.joined is None:
        parts = lots(seen, None, np.empty(0, np.int32), last, level)
        return Dated(window(None, seen, newest, level), None, parts, past.lost_per_day)
    joined, everybody = past.joined[links.person], past.joined[past.joined != UNKNOWN]
    known = testimony.once[joined[testimony.once] != UNKNOWN]
    joiners = Joiners(everybody, joined[known], odds[known])
    parts = lots(seen, joined[certain], everybody, last, level)
    days = written(certain)
    when = window(joiners, seen, newest, level, days)
    when = Window(parts[0].window.after, parts[1].window.before) if parts else when
    own = known[certain[known]]
    each = testimony.counted(certain) / max(1, own.size)
    return Dated(when, days, parts, past.lost_per_day, won_per_day=each * won_per_day(joined[own], last, level))


def is_alone(attribution: Attribution, place: int) -> bool:
    """Whether no other platform can have supplied a number of the records that nobody claims."""
    others = sum(one.rows for other, one in enumerate(attribution.standings) if other != place)
    return bool(others <= _BESIDE * attribution.standings[place].rows)


def anachronisms(
    standings: Sequence[Standing], windows: Sequence[Window], level: float, facts_of: Callable[[Standing], Facts | None]
) -> list[Anachronism | None]:
    """What the platforms' times say; asked only of those whom values do not name, for it reads all identifiers.

    Args:
        standings: of the platforms.
        windows: in which their records left.
        level: at which a platform is named.
        facts_of: what is known of a platform's identifiers and the dump's.
    """
    times: list[Anachronism | None] = []
    for standing, when in zip(standings, windows, strict=True):
        asked = standing.active and standing.bound(None) > level
        held = facts_of(standing) if asked else None
        if held is None:
            times.append(None)
            continue
        last = held.days[-1] if when.before is None else (when.before - EPOCH).days
        times.append(anachronism(held, last if when.after is None else (when.after - EPOCH).days, last))
    return times


def beside(
    sources: Sequence[Source],
    vault: Vault,
    platforms: Sequence[Platform],
    clientele_of: Callable[[int], Clientele | None],
) -> list[Source]:
    """Sources in the order of the platforms; the consistent ones with what the established ones explain of them.

    Args:
        sources: in the order of the platforms.
        vault: what these registered.
        platforms: that were joined.
        clientele_of: the customers of the platform at a place, and which of them the dump carries.
    """
    asked = [place for place, one in enumerate(sources) if one.verdict is Verdict.CONSISTENT]
    said: dict[int, list[tuple[str, Overlap]]] = {place: [] for place in asked}
    for place, source in enumerate(sources):
        if not asked or source.verdict is not Verdict.ESTABLISHED:
            continue
        own = clientele_of(place)
        if own is None:
            continue
        draw = stratify(own.drawn, own.columns)
        for other in asked:
            both = shared(vault, own, platforms[other])
            if both is not None:
                said[other].append((source.platform, overlap(draw, both)))
    return [source.beside(said[place]) if place in said else source for place, source in enumerate(sources)]
