"""Calls, messages and mails to canary numbers: each is a sighting, for nobody but a leak's reader knows the number.

Wrong numbers happen. How often is measured on shadow numbers, which the platform owns and never gave to anybody. Given
all events, those to a recipient's numbers are a binomial share of the sum if nobody leaked (Przyborowski & Wilenski
1940); its tail is the chance of so many by wrong numbers alone.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from canaries.canary import Kind
from canaries.chance import log_choose
from canaries.register import Register
from canaries.table import PHONES

NOMINAL: Final = 1e-4
_PLAUSIBLE: Final = 0.05


@dataclass(frozen=True, slots=True)
class Event:
    """Somebody tried to reach a number or an address."""

    to: str
    by: str
    at: str
    """As the log has it."""


@dataclass(frozen=True, slots=True)
class Reached:
    """What came to one recipient's numbers."""

    recipient: str
    verdict: str
    false_accusation: float
    events: int
    """Different pairs of caller and number."""
    numbers: int
    """Numbers that were reached."""
    first: str


@dataclass(frozen=True, slots=True)
class Tripped:
    """What a log says."""

    recipients: tuple[Reached, ...]
    shadow_numbers: int
    shadow_events: int
    warnings: tuple[str, ...]


def reachable(register: Register) -> dict[str, tuple[str, Kind, tuple[str, ...]]]:
    """Number or address → canary, kind and holders, of every canary that can be reached."""
    headers = [one.name for one in register.fields if one.role in (*PHONES, "email")]
    return {
        cell: (canary.id, canary.kind, canary.holders)
        for canary in register.canaries
        for header in headers
        if (cell := canary.cells.get(header)) and "*" not in cell
    }


def trip(register: Register, events: Iterable[Event], own: Iterable[str] = ()) -> Tripped:
    """Weigh the events of a log.

    Args:
        register: with its canaries' numbers.
        events: of the log, any number of them to other numbers.
        own: callers that are the platform's own, which do not count.
    """
    numbers = reachable(register)
    white = set(own)
    pairs: dict[tuple[str, str], str] = {}
    for event in events:
        if event.to in numbers and event.by not in white:
            key = (event.to, event.by)
            pairs[key] = min(pairs.get(key, event.at), event.at)
    shadows = [number for number, (_, kind, _) in numbers.items() if kind is Kind.SHADOW]
    at_shadows = sum(numbers[to][1] is Kind.SHADOW for to, _ in pairs)
    holders = [
        name for name in (*register.recipients, "platform") if any(name in who for _, _, who in numbers.values())
    ]
    told = [_reached(name, numbers, pairs, (len(shadows), at_shadows), len(holders)) for name in holders]
    said = (
        [] if shadows else ["no shadow number is owned, so the rate of wrong numbers is unknown: nobody is established"]
    )
    told.sort(key=lambda one: (-one.events, one.recipient))
    return Tripped(tuple(told), len(shadows), at_shadows, tuple(said))


def _reached(
    name: str,
    numbers: dict[str, tuple[str, Kind, tuple[str, ...]]],
    pairs: dict[tuple[str, str], str],
    shadow: tuple[int, int],
    tested: int,
) -> Reached:
    own = {number for number, (_, kind, holders) in numbers.items() if holders == (name,) and kind is Kind.EXCLUSIVE}
    came = [pair for pair in pairs if pair[0] in own]
    shadows, at_shadows = shadow
    chance = binomial_tail(len(came) + at_shadows, len(own) / max(1, len(own) + shadows), len(came)) if shadows else 1.0
    bound = min(1.0, tested * chance)
    verdict = "established" if bound <= NOMINAL else "consistent" if came and bound <= _PLAUSIBLE else "indeterminate"
    reached = Counter(to for to, _ in came)
    return Reached(name, verdict, bound, len(came), len(reached), min((pairs[pair] for pair in came), default=""))


def binomial_tail(trials: int, share: float, count: int) -> float:
    """P(X ≥ count)."""
    if count <= 0:
        return 1.0
    if share >= 1:
        return 1.0
    logs: Sequence[float] = [
        log_choose(trials, x) + x * math.log(share) + (trials - x) * math.log1p(-share)
        for x in range(count, trials + 1)
    ]
    return min(1.0, math.fsum(map(math.exp, logs)))
