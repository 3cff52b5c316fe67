"""From sightings to a verdict: which recipient's canaries are in the dump, and what else could explain them.

Three explanations are told apart. The *recipient's* export leaked: its canaries are there, and nobody else's. The
*platform's* own tables leaked: the platform's canaries are there without any recipient's. The *register* leaked:
canaries of everybody are there, shadows too. A recipient is established only if neither accidents of matching nor a
leak of the register that happened to show just these canaries explain its sightings.

What no test here can exclude: the platform knows its canaries and could plant them into a "dump" itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from canaries.canary import PLATFORM, Canary, Kind, State
from canaries.chance import accidents, hypergeometric_tail, poisson_upper
from canaries.dating import window
from canaries.register import Register
from canaries.sightings import Sighting, Sightings, heaviest
from canaries.tardos import accuse

NOMINAL: Final = 1e-4
"""Greatest false-accusation bound, corrected for all holders tested, of an established verdict."""
_PLAUSIBLE: Final = 0.05
_ABSENT: Final = 0.01
_FEWEST_CODED: Final = 20


@dataclass(frozen=True, slots=True)
class Holder:
    """One recipient's standing."""

    recipient: str
    verdict: str
    """established, consistent, indeterminate or excluded."""
    false_accusation: float
    """Bound of the chance of naming it falsely, corrected for all holders tested."""
    hits: int
    """Different canaries of its own that were sighted."""
    expected: float
    """How many would be by accident."""
    held: int
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the canaries in a dump tell."""

    holders: tuple[Holder, ...]
    shadows: int
    """How many were looked for."""
    shadow_hits: int
    shadow_bound: float
    """95 % upper bound of the false sightings among all planted canaries, from the shadows."""
    leaked_after: date | None
    leaked_before: date | None
    hypotheses: Mapping[str, float]
    """Explanation → chance of what was seen, or of less of it, under it; small ones are as good as excluded."""
    collusion: tuple[str, ...]
    """Holders established together, where there are several."""
    warnings: tuple[str, ...]


def conclude(register: Register, found: Sightings, seen_on: date) -> Verdict:
    """Weigh the sightings of one dump that was seen on a day."""
    canaries = {canary.id: canary for canary in register.canaries}
    best = heaviest(found.planted)
    firm = {identity: weight for identity, weight in best.items() if weight >= found.threshold}
    levels = (
        _level(register, heaviest([*found.planted, *found.shadows]), found.threshold),
        _level(register, heaviest(found.faint), 0.0),
    )
    shadow_hits = len({one.canary for one in found.shadows})
    coded = _coded(register, firm)
    tested = _tested(register, best, canaries)
    holders = [
        _holder(name, register, found, levels, coded.get(name, 1.0) * len(tested), len(tested)) for name in tested
    ]
    holders = _explained(_absent(holders))
    after, before = window(found.planted, [one for one in register.canaries if one.id in best], seen_on)
    live, shadows = len(register.live), len(register.shadows)
    bound = poisson_upper(shadow_hits) * live / shadows if shadows else float(live)
    established = tuple(one.recipient for one in holders if one.verdict == "established" and one.recipient != PLATFORM)
    return Verdict(
        tuple(sorted(holders, key=lambda one: (-one.hits, one.recipient))),
        shadows,
        shadow_hits,
        bound,
        after,
        before,
        _hypotheses(register, firm, canaries, shadow_hits),
        established if len(established) > 1 else (),
        _warnings(register, found, firm, canaries, shadow_hits),
    )


def _tested(register: Register, best: Mapping[str, float], canaries: Mapping[str, Canary]) -> list[str]:
    """Every recipient; the platform where its canaries were planted or sighted, or where there is nobody else."""
    seen = any(PLATFORM in canaries[identity].holders for identity in best)
    planted = any(canary.planted for canary in register.of(PLATFORM))
    with_platform = seen or planted or not register.recipients
    return [*register.recipients, *([PLATFORM] if with_platform else [])]


@dataclass(frozen=True, slots=True)
class _Level:
    """Sightings that are tested together, and what a leak of the register would draw them from."""

    weights: Mapping[str, float]
    least: float
    """Weight from which on they count."""
    everybody: int
    """Canaries and shadows that have one holder at most."""
    shown: int
    """How many of them count."""


def _level(register: Register, best: Mapping[str, float], least: float) -> _Level:
    everybody = [canary.id for canary in register.canaries if canary.kind is not Kind.CODED]
    return _Level(best, least, len(everybody), sum(best.get(identity, -1.0) >= least for identity in everybody))


def _exclusive(register: Register, name: str) -> list[Canary]:
    return [canary for canary in register.of(name) if canary.kind is Kind.EXCLUSIVE]


def _holder(  # noqa: PLR0913 - what a standing rests on
    name: str,
    register: Register,
    found: Sightings,
    levels: Sequence[_Level],
    coded: float,
    tested: int,
) -> Holder:
    own = _exclusive(register, name)
    # Listed sightings, and all likely ones together: the better of two tests, so twice its chance.
    chances = [_chances(own, found.records, level) for level in levels]
    by_accident, by_register = min(chances, key=sum)
    exclusive = min(1.0, tested * len(levels) * (by_accident + by_register))
    bound = min(1.0, 2 * min(exclusive, coded) if coded < 1.0 else exclusive)
    hits = sum(canary.id in levels[0].weights for canary in own)
    verdict = "established" if bound <= NOMINAL else "consistent" if hits or bound <= _PLAUSIBLE else "indeterminate"
    expected = found.records * len(own) * 2.0**-found.threshold
    why = f"{hits} of its {len(own)} own canaries sighted"
    if by_accident + by_register < 1:
        why += f"; by accidents of matching: {by_accident:.1e}; by a leak of the register: {by_register:.1e}"
    if coded < 1.0:
        why += f"; coded canaries, if it were innocent: {coded:.1e}"
    return Holder(name, verdict, bound, hits, expected, len(own), why)


def _chances(own: Sequence[Canary], records: int, level: _Level) -> tuple[float, float]:
    """Chances of such sightings by accidents of matching, and by a leak of the register at random."""
    weights = [level.weights[one.id] for one in own if level.weights.get(one.id, -1.0) >= level.least]
    by_register = hypergeometric_tail(level.everybody, len(own), level.shown, len(weights))
    return accidents(weights, records * len(own)), by_register


def _coded(register: Register, firm: Mapping[str, float]) -> dict[str, float]:
    """Recipient → chance of its score over the coded canaries, if it were innocent."""
    slots = [canary for canary in register.canaries if canary.kind is Kind.CODED and canary.bias is not None]
    seen = np.array([canary.id in firm for canary in slots], bool)
    if len(slots) < _FEWEST_CODED or not seen.any() or not register.recipients:
        return {}
    chances = np.array([canary.bias for canary in slots], float)
    holders = [frozenset(canary.holders) for canary in slots]
    held = np.array([[name in some for some in holders] for name in register.recipients], bool)
    bounds = accuse(held, chances, seen)
    return dict(zip(register.recipients, bounds.tolist(), strict=True))


def _absent(holders: Sequence[Holder]) -> list[Holder]:
    """Exclude who should have shown canaries at the rate at which the established ones do, and did not."""
    named = [one for one in holders if one.verdict == "established" and one.held]
    rate = min((one.hits / one.held for one in named), default=0.0)
    changed = []
    for one in holders:
        silent = not one.hits and one.verdict == "indeterminate" and (1 - rate) ** one.held <= _ABSENT
        verdict = "excluded" if silent else one.verdict
        why = f"{one.why}; at the rate of the established ones some would be here" if silent else one.why
        changed.append(Holder(one.recipient, verdict, one.false_accusation, one.hits, one.expected, one.held, why))
    return changed


def _explained(holders: Sequence[Holder]) -> list[Holder]:
    """The platform's canaries are in every export: where a recipient is established, they prove nothing more."""
    if not any(one.verdict == "established" and one.recipient != PLATFORM for one in holders):
        return list(holders)
    return [
        Holder(one.recipient, "consistent", one.false_accusation, one.hits, one.expected, one.held,
               f"{one.why}; an export holds the platform's canaries too")
        if one.recipient == PLATFORM and one.verdict == "established"
        else one
        for one in holders
    ]  # fmt: skip


def _hypotheses(
    register: Register, firm: Mapping[str, float], canaries: Mapping[str, Canary], shadow_hits: int
) -> dict[str, float]:
    """How well each explanation goes with the sightings."""
    counts = Counter(
        holder
        for identity in firm
        if canaries[identity].kind is Kind.EXCLUSIVE
        for holder in canaries[identity].holders
    )
    shown = counts.total()
    recipients = shown - counts[PLATFORM]
    everybody = sum(canary.kind is not Kind.CODED for canary in register.canaries)
    shadows = len(register.shadows)
    few = 1.0 - hypergeometric_tail(everybody, shadows, shown + shadow_hits, shadow_hits + 1)
    return {
        "recipient": 1.0 if recipients else 0.0,
        "platform": 1.0 if counts[PLATFORM] and not recipients else 0.0,
        "register": max(0.0, few) if shown else 0.0,
    }


def _warnings(
    register: Register, found: Sightings, firm: Mapping[str, float], canaries: Mapping[str, Canary], shadow_hits: int
) -> tuple[str, ...]:
    said = []
    if firm and not register.heads:
        said.append("the register was never sealed: nobody can prove that these canaries were made before the dump")
    unplanted = sum(not canaries[identity].planted for identity in firm)
    if unplanted:
        said.append(f"{unplanted} sighted canaries were never planted, as far as the register knows")
    if shadow_hits:
        said.append(f"{shadow_hits} shadow canaries were sighted: the matching errs here, or the register leaked")
    if not found.fuzzy:
        said.append("the dump is so large that damaged names and numbers were not looked for")
    if found.ambiguous:
        said.append(f"{found.ambiguous} records fit two canaries equally well and count for none")
    burned = sum(canaries[identity].reached(State.BURNED) for identity in firm)
    if burned:
        said.append(f"{burned} sighted canaries were disclosed before: whoever read the proof could have planted them")
    if firm:
        said.append("a platform knows its canaries and could plant them itself; no test on the dump excludes that")
    return tuple(said)


__all__ = ["Holder", "Sighting", "Verdict", "conclude"]
