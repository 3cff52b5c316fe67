"""Who gets which canary: each recipient its own in every stratum, coded ones by lot, the platform some, and shadows."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import gcd
from typing import Final

import numpy as np

from canaries.canary import PLATFORM, Canary, Kind
from canaries.dating import schedule
from canaries.errors import CanaryFault
from canaries.mint import Minted
from canaries.register import Register
from canaries.table import Field
from canaries.tardos import biases, code

WEEKS: Final = 104
"""How far ahead a clock's schedule is sealed."""
_SHORT: Final = 7


@dataclass(frozen=True, slots=True)
class Shares:
    """How many canaries each group gets."""

    recipients: int
    """All recipients together."""
    platform: int
    coded: int
    shadows: int

    @property
    def handed_out(self) -> int:
        """How many may be planted."""
        return self.recipients + self.platform + self.coded


def identities(count: int) -> list[str]:
    """Names for canaries that say nothing."""
    return [f"c{secrets.token_hex(8)}" for _ in range(count)]


def allot(register: Register, minted: Sequence[Minted], shares: Shares, rng: np.random.Generator) -> Register:
    """Enter minted customers into the register: recipients' first, then the platform's, coded ones, shadows.

    The recipients' are dealt stratum by stratum (product, place, month), so that whatever part of an export is sold,
    every recipient's canaries are in it in like number.

    Raises:
        CanaryFault: coded canaries without recipients.
    """
    names = register.recipients
    if shares.coded and len(names) < 2:
        raise CanaryFault("coded canaries need two recipients or more", hint="name them with --recipients FILE")
    parts = np.cumsum([shares.recipients, shares.platform, shares.coded, shares.shadows])
    own, platform, coded, shadows = (list(part) for part in np.split(np.arange(len(minted)), parts[:-1])[:4])
    made = [None] * len(minted)  # type: list[Canary | None]
    ids = identities(len(minted))

    def enter(place: int, kind: Kind, holders: tuple[str, ...], bias: float | None = None) -> None:
        made[place] = Canary(ids[place], kind, holders, minted[place].cells, minted[place].proofs, bias=bias)

    dealt = sorted(own, key=lambda place: (_stratum(minted[place].cells, register.fields), rng.random()))
    offset = int(rng.integers(max(1, len(names))))
    for turn, place in enumerate(dealt):
        enter(place, Kind.EXCLUSIVE, (names[(turn + offset) % len(names)],) if names else (PLATFORM,))
    for place in platform:
        enter(place, Kind.EXCLUSIVE, (PLATFORM,))
    chances = biases(len(coded), rng)
    held = code(chances, len(names), rng)
    for slot, place in enumerate(coded):
        holders = tuple(name for name, has in zip(names, held[:, slot], strict=True) if has)
        enter(place, Kind.CODED, holders, float(chances[slot]))
    for place in shadows:
        enter(place, Kind.SHADOW, ())
    numbers = tuple(number for one in minted for number in one.numbers)
    entered = tuple(canary for canary in made if canary is not None)
    return replace(register, canaries=register.canaries + entered, numbers=register.numbers + numbers)


def _stratum(cells: Mapping[str, str | None], fields: Sequence[Field]) -> tuple[str, str, str]:
    """Product, place and month of a canary."""

    def cell(*roles: str) -> str:
        return next((cells.get(one.name) or "" for one in fields if one.role in roles and cells.get(one.name)), "")

    return cell("product"), cell("region")[:2], cell("datetime", "date")[:_SHORT]


def wind(
    register: Register, share: float, observed: Mapping[str, Sequence[str]], start: date, rng: np.random.Generator
) -> Register:
    """Turn a share of the canaries that were just minted into clocks: a harmless number changes every seven days.

    Args:
        register: with the new canaries.
        share: of the exclusive canaries that have no clock and were never planted.
        observed: header → the values customers have there, for limits and amounts.
        start: the first day of the schedule.
        rng: chance.
    """
    header = next((one.name for one in register.fields if one.role == "limit" and observed.get(one.name)), None)
    if header is None or share <= 0:
        return register
    numbers = sorted({int(text) for text in observed[header] if text.isdigit() and int(text) > 0})
    if len(numbers) < 2:
        return register
    ready = [one for one in register.canaries if one.kind is Kind.EXCLUSIVE and not one.planted and not one.clock]
    chosen = {one.id for one in ready if rng.random() < share}
    monday = start - timedelta(days=start.weekday())

    def wound(canary: Canary) -> Canary:
        own = canary.cells.get(header)
        if own is None or not own.isdigit():
            return canary
        return replace(canary, clock=schedule(_around(int(own), numbers), monday, WEEKS, rng), clock_field=header)

    return register.changed(chosen, wound)


def _around(own: int, numbers: Sequence[int]) -> list[str]:
    """`WEEKS` values near a canary's own that customers have, or could have: multiples of the table's step."""
    near = sorted(numbers, key=lambda value: abs(value - own))[:WEEKS]
    step = gcd(*numbers)
    if len(near) < WEEKS and step > 0:
        grid = range(numbers[0], numbers[-1] + 1, step)
        spare = [value for value in grid if value not in set(near)] if len(grid) < 10**6 else []
        near += sorted(spare, key=lambda value: abs(value - own))[: WEEKS - len(near)]
    return [str(value) for value in near]
