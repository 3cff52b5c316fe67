"""What a platform did not hold on the day of the leak is not in the dump: evidence that needs no values.

Identifiers alone name nobody, for an unregistered platform with the same customers has the same people. But it does not
have them *at the same time*. If the records left platform P on day t, they hold nobody who joined P after t, no number
that P had given up before t, and none that P learned only later: no anachronisms. Records of a stranger with the same
public do, for when a person joined P has nothing to do with when the stranger got to know him.

How many there would be is taken from the vault. Of what P held on day t the share r is in the dump. Had a stranger
supplied it, then of the N facts that P did not hold on day t about N · r · f would be in it too, where f says how much
rarer such facts are elsewhere (who joins P late may join everywhere late). The other registered platforms say what f
is, and half of that is used. So few as were found, or fewer, come by chance with probability
P(X ≤ found), X ~ Poisson(N · r · f / 2).

What it cannot see: a stranger to whom P itself passes its customers on, or from whom P has them, shares P's days.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tracer.linkage.facts import Facts
from tracer.linkage.history import UNKNOWN

Flags = NDArray[np.bool_]

_SAFETY: Final = 0.5
"""A stranger's customers may follow P's more closely than any registered platform's do."""
_LEAST: Final = 20
"""Facts that another platform must share to say how many anachronisms a stranger would show."""
_DOUBT: Final = 0.2
"""Level of the limits at which what other platforms share is taken."""
_RECENT: Final = 30
"""Recent joiners from which on their own share in the dump is looked at."""


@dataclass(frozen=True, slots=True)
class Anachronism:
    """Facts that a platform did not hold on a day, and how many of them the dump carries."""

    day: int
    """Days since 1970-01-01."""
    held: int
    """Identifiers it held on that day and no other supplier has."""
    carried: int
    """Of these, those that are in the dump."""
    foreign: int
    """Identifiers it did not hold on that day, before or after it."""
    found: int
    """Of these, those that are in the dump."""
    expected: float
    """How many of these a stranger's dump would carry at the least."""
    bound: float
    """Chance of finding so few if a stranger supplied the records, times the looks that were taken; at most 1."""


def anachronism(facts: Facts, day: int) -> Anachronism | None:
    """How the dump stands to what a platform held on one day.

    Args:
        facts: of the platform.
        day: when the records may have left at the latest, in days since 1970-01-01.

    Returns:
        None where the platform held nothing then that is its own.
    """
    classes, held = _parted(facts, day)
    many, carried = int(held.sum()), int((held & facts.found).sum())
    if not many or not carried:
        return None
    rate = _rate(facts, held, day, carried / many)
    known = [since <= day for since in facts.elsewhere]
    found, foreign, expected = 0, 0, 0.0
    for absent in classes:
        share = _rarity(absent, held, known)
        if share > 0:
            found += int((absent & facts.found).sum())
            foreign += int(absent.sum())
            expected += int(absent.sum()) * rate * share * _SAFETY
    chance = float(special.gammaincc(found + 1, expected)) if expected > 0 else 1.0
    return Anachronism(day, many, carried, foreign, found, expected, min(1.0, chance * _looks(facts, day, found)))


def _parted(facts: Facts, day: int) -> tuple[tuple[Flags, Flags, Flags], Flags]:
    """The platform's own facts: who joined after the day, what it had given up, what came later; and what it held then.

    What may have been so or so is in none of them.
    """
    last = max((one for one in facts.days if one <= day), default=None)
    following = min((one for one in facts.days if one >= day), default=None)
    own, known = ~facts.shared, facts.joined != UNKNOWN
    joined_later = own & known & (facts.joined > day)
    there = own & ~joined_later
    nothing = np.zeros(there.size, bool)
    gone = there & (facts.until < last) if last is not None else nothing
    later = there & (facts.since > following) if following is not None else nothing
    seen_before = facts.since <= last if last is not None else nothing
    joined_between = known if last is None else known & (facts.joined > last)
    first_seen = facts.since <= following if following is not None else nothing
    kept = facts.until >= following if following is not None else facts.until == last
    held = there & kept & (seen_before | (joined_between & first_seen))
    return (joined_later, gone, later), held


def _rate(facts: Facts, held: Flags, day: int, overall: float) -> float:
    """Share of what the platform held that is in the dump; that of its recent joiners, where it is lower."""
    recent = held & (facts.joined > 2 * day - max(facts.days))
    many = int(recent.sum())
    return min(overall, int((recent & facts.found).sum()) / many) if many >= _RECENT else overall


def _rarity(absent: Flags, held: Flags, known: list[Flags]) -> float:
    """How much rarer than what the platform held the absent facts are elsewhere.

    All other platforms together say it, at their lower limit; a platform where they are rarer still for certain, at its
    upper limit, has the last word. 0 where nobody can say.
    """
    many, there = int(absent.sum()), int(held.sum())
    if not many:
        return 0.0
    common = [(int((one & absent).sum()), int((one & held).sum()) * many / there) for one in known]
    told = [(met, expected) for met, expected in common if expected * there >= _LEAST * many]
    if not told:
        return 0.0
    met, expected = (sum(counts) for counts in zip(*told, strict=True))
    least = float(special.gammaincinv(met, _DOUBT)) if met else 0.0
    most = [float(special.gammaincinv(one + 1, 1 - _DOUBT)) / many_there for one, many_there in told]
    return float(min(1.0, least / expected, *most))


def _looks(facts: Facts, day: int, found: int) -> int:
    """By how much the chance grows because the day was searched for; 1 if the records are taken to have left last.

    Going back in time the joiners that are too late only become more, so that for each k one day is the first on which
    k found would be too few: at most one look for each k. They are weighed 1 / ((k + 1) (k + 2)), which adds up to 1.
    What was given up or learned changes only where a snapshot lies between.
    """
    return 1 if day >= facts.days[-1] else (found + 1) * (found + 2) * (len(facts.days) + 1)
