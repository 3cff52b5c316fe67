"""When a dump left: after the planting of every canary in it, and while its clock canaries told the time they tell."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final

import numpy as np

from canaries.canary import Canary, Turn
from canaries.sightings import Sighting
from canaries.values import canonical
from canaries.writing import fold

TAMPERED: Final = 0.2
"""Chance that a clock's value in a dump is not the one it showed: a dealer changed it, or it was typed wrongly."""
_MASS: Final = 0.95


def schedule(values: Sequence[str], start: date, weeks: int, rng: np.random.Generator) -> tuple[Turn, ...]:
    """One value a week; every value comes once, in random order, before any comes again in another order."""
    if not values:
        return ()
    rounds = -(-weeks // len(values))
    order = [values[place] for _ in range(rounds) for place in rng.permutation(len(values))][:weeks]
    return tuple(Turn(start + timedelta(days=7 * week), text) for week, text in enumerate(order))


def window(sightings: Iterable[Sighting], canaries: Iterable[Canary], seen_on: date) -> tuple[date | None, date | None]:
    """The day after which and the day before which the records were taken; None where nothing tells.

    The dump was seen on the day `seen_on`, so no later week can have been its own. A canary cannot be in a dump that
    left before it was planted. A clock canary shows one of its values; over all of them the likeliest weeks are kept
    until they hold 95 %, each value being tampered with by a chance of `TAMPERED`.
    """
    known = {canary.id: canary for canary in canaries}
    found = [(one, known[one.canary]) for one in sightings if one.canary in known]
    planted = [min(each.on for each in canary.planted) for _, canary in found if canary.planted]
    after = max(planted, default=None)
    told = [(canary.clock, one.values.get(canary.clock_field or "")) for one, canary in found if canary.clock]
    clocked = _weeks([(clock, value) for clock, value in told if value], seen_on)
    if clocked is None:
        return after, None
    first, last = clocked
    return (max(first, after) if after is not None and after <= last else first), last


def _weeks(told: Sequence[tuple[Sequence[Turn], str]], seen_on: date) -> tuple[date, date] | None:
    days = sorted({turn.since for clock, _ in told for turn in clock if turn.since <= seen_on})
    if not days:
        return None
    logs = [0.0] * len(days)
    for clock, value in told:
        texts = [canonical(text) for text in fold(turn.text for turn in clock)]
        kinds = max(2, len(set(texts)))
        showed = dict(zip((turn.since for turn in clock), texts, strict=True))
        for place, day in enumerate(days):
            now = _at(showed, day)
            logs[place] += math.log(1 - TAMPERED if now == value else TAMPERED / kinds)
    top = max(logs)
    shares = [math.exp(log - top) for log in logs]
    total = sum(shares)
    kept: list[int] = []
    for place in sorted(range(len(days)), key=lambda at: -shares[at]):
        if sum(shares[at] for at in kept) >= _MASS * total:
            break
        kept.append(place)
    first, last = days[min(kept)], max(kept)
    end = days[last + 1] if last + 1 < len(days) else days[last] + timedelta(days=7)
    return first, end


def _at(showed: dict[date, str], day: date) -> str:
    since = [each for each in showed if each <= day]
    return showed[max(since)] if since else ""
