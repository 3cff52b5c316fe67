"""What a platform did not hold on the day of the leak is not in the dump: evidence that needs no values.

Identifiers alone name nobody, for an unregistered platform with the same customers has the same people. But it does not
have them *at the same time*. If the records left platform P on day t, they hold nobody who joined P after t, no number
that P had given up before t, and none that P learned only later: no anachronisms. Records of a stranger with the same
public do, for when a person joined P has nothing to do with when the stranger got to know him.

How many there would be is taken from the vault. Facts given up before t or learned later: of what P held on day t the
share r is in the dump, so of N such facts N · r · f would be in a stranger's, where f says how much rarer they are
elsewhere. The other registered platforms say what f is, and half of that is used; so few as were found, or fewer, come
by chance with probability P(X ≤ found), X ~ Poisson(N · r · f / 2).

Late joiners: people may join P and the stranger for one reason and so at about the same time, and how often they do
cannot be known of somebody unregistered. It is assumed that at least one in ten joins independently, and that the
others are spread over two weeks or more (e-folding time). Then the stranger's share among those who joined P x days
after t is at least f · (0.1 + 0.9 exp(-(x + w) / 14)) of its share among those who joined in the last w days before t:
his edge is blurred, a leak's is sharp. Given all that were found on both sides, those after t are binomial.

What it cannot see: a stranger to whom P itself passes its customers on, or from whom P has them, shares P's days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tracer.linkage.facts import Facts
from tracer.linkage.joining import UNKNOWN

Flags = NDArray[np.bool_]

_SAFETY: Final = 0.5
"""A stranger's customers may follow P's more closely than any registered platform's do."""
_APART: Final = 0.1
"""Share of a stranger's customers at the least who join P and the stranger independently."""
_SPREAD: Final = 14.0
"""Days over which the others are spread, at the least (e-folding time)."""
_NEAR: Final = 10
"""Days before the leak whose joiners are compared with those after it (w)."""
_LIMIT: Final = 0.975
_DAYS: Final = 16
"""Days of a window that are looked at."""
_WIDEST: Final = 45
"""Days back from the end of a window that are looked at."""
_WORTH: Final = 3.0
"""Anachronisms that must be expected of facts given up or learned for these to be looked at."""
_LEAST: Final = 20
"""Facts that another platform must share to say how many anachronisms a stranger would show."""
_DOUBT: Final = 0.2
"""Level of the limits at which what other platforms share is taken."""


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
    strangers: float
    """Upper limit (97.5 %) of the share of the dump's identifiers that a stranger supplied."""
    bound: float
    """Chance of finding so few if a stranger supplied the records, times the looks that were taken; at most 1."""


def anachronism(facts: Facts, first: int, last: int) -> Anachronism | None:
    """How the dump stands to what a platform held on the day of a leak window on which it speaks clearest.

    Args:
        facts: of the platform.
        first: begin of the window, in days since 1970-01-01.
        last: its end.

    Returns:
        None where the platform held nothing then that is its own.
    """
    days = np.unique(np.linspace(max(first, last - _WIDEST), last, _DAYS).round().astype(int)).tolist()
    told = [one for day in days if (one := on_day(facts, day)) is not None]
    return min(told, key=lambda one: one.bound, default=None)


def on_day(facts: Facts, day: int) -> Anachronism | None:
    """How the dump stands to what a platform held on one day.

    Args:
        facts: of the platform.
        day: in days since 1970-01-01.

    Returns:
        None where the platform held nothing then that is its own.
    """
    joined_later, others, held = _parted(facts, day)
    many, carried = int(held.sum()), int((held & facts.found).sum())
    if not many or not carried:
        return None
    known = [since <= day for since in facts.elsewhere]
    common = [int((one & held).sum()) for one in known]
    joiners = _joiners(facts, joined_later, held, day, _rarity(joined_later, many, known, common))
    rest = [_rest(facts, absent, held, day, _rarity(absent, many, known, common)) for absent in others]
    told = [one for one in (joiners, *rest) if one.expected > 0]
    return Anachronism(
        day=day,
        held=many,
        carried=carried,
        foreign=sum(one.facts for one in told),
        found=sum(one.found for one in told),
        expected=sum(one.expected for one in told),
        strangers=_strangers(told),
        bound=_together([one.chance for one in told]),
    )


@dataclass(frozen=True, slots=True)
class _Absent:
    """Facts of one class that a platform did not hold on the day."""

    facts: int
    found: int
    """Of them, those that are in the dump."""
    expected: float
    """How many of them a stranger's dump would carry at the least."""
    chance: float
    """Of finding so few if a stranger supplied the records."""


def _joiners(facts: Facts, later: Flags, held: Flags, day: int, rarity: float) -> _Absent:
    """Those who joined after the day, beside those who joined in the last days before it."""
    near = held & (facts.joined > day - _NEAR)
    before, after = int((near & facts.found).sum()), int((later & facts.found).sum())
    blur = _APART + (1 - _APART) * np.exp(-(facts.joined[later] - day + _NEAR) / _SPREAD)
    weight, beside = rarity * float(blur.sum()), int(near.sum())
    if not before or not weight:
        return _Absent(0, 0, 0.0, 1.0)
    # P(X ≤ after) of a binomial X out of all that were found, on both sides.
    chance = float(special.bdtr(after, before + after, weight / (weight + beside)))
    # Going back in time the joiners that are too late only become more, so that for each k one day is the first on
    # which k found would be too few: at most one look for each k, weighed 1 / ((k + 1) (k + 2)), which adds up to 1.
    chance = min(1.0, chance * (after + 1) * (after + 2))
    return _Absent(int(later.sum()), after, weight * before / beside, chance)


def _rest(facts: Facts, absent: Flags, held: Flags, day: int, rarity: float) -> _Absent:
    """Those that the platform had given up before the day, or learned later."""
    many, found = int(absent.sum()), int((absent & facts.found).sum())
    expected = many * rarity * _SAFETY * int((held & facts.found).sum()) / int(held.sum())
    if expected < _WORTH:
        return _Absent(0, 0, 0.0, 1.0)
    # What was given up or learned changes only where a snapshot lies between, and not at all after the newest.
    looks = 1 if day >= facts.days[-1] else len(facts.days)
    return _Absent(many, found, expected, min(1.0, looks * float(special.gammaincc(found + 1, expected))))


def _strangers(told: Sequence[_Absent]) -> float:
    """What the found ones allow for, the expected ones being the least that a stranger alone would show."""
    expected, found = sum(one.expected for one in told), sum(one.found for one in told)
    return min(1.0, float(special.gammaincinv(found + 1, _LIMIT)) / expected) if expected else 1.0


def _together(chances: list[float]) -> float:
    """Chance of so small a product of independent chances (Fisher 1932)."""
    if not chances:
        return 1.0
    return float(special.gammaincc(len(chances), -np.log(np.maximum(chances, 1e-300)).sum()))


def _parted(facts: Facts, day: int) -> tuple[Flags, tuple[Flags, Flags], Flags]:
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
    return joined_later, (gone, later), held


def _rarity(absent: Flags, held: int, known: list[Flags], common: list[int]) -> float:
    """How much rarer than what the platform held the absent facts are elsewhere.

    All other platforms together say it, at their lower limit; a platform where they are rarer still for certain, at its
    upper limit, has the last word. 0 where nobody can say.

    Args:
        absent: (facts,) which are absent.
        held: how many the platform held.
        known: for each other platform, (facts,) which it knew.
        common: for each other platform, how many of those held it knew.
    """
    where = np.flatnonzero(absent)
    if not where.size:
        return 0.0
    counts = [
        (int(np.count_nonzero(one[where])), here * where.size / held) for one, here in zip(known, common, strict=True)
    ]
    told = [(met, expected) for met, expected in counts if expected * held >= _LEAST * where.size]
    if not told:
        return 0.0
    met, expected = (sum(each) for each in zip(*told, strict=True))
    least = float(special.gammaincinv(met, _DOUBT)) if met else 0.0
    most = [float(special.gammaincinv(one + 1, 1 - _DOUBT)) / there for one, there in told]
    return float(min(1.0, least / expected, *most))
