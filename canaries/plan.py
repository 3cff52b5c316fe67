"""How many canaries are enough, exactly.

Two ways in which part of an export may be sold are told apart: every row with chance f (then one canary in K is missed
with (1-f)^K), and exactly f·N of N rows (hypergeometric, a little kinder). The first is the answer, for it holds
whatever the size; the second stands beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from canaries.chance import log_choose
from canaries.errors import CanaryFault

CONFIDENCE: Final = 0.99
COVER: Final = 20
"""Rows withheld per canary, so that a JOIN of two exports is right about one row in twenty at most."""
_NUIDA: Final = 5.35
"""Length of a discrete Tardos code over c² ln(n/ε) (Nuida et al. 2009, asymptotic); simulated in benchmarks."""
_FEWEST: Final = (1, 2, 3, 5, 10)


@dataclass(frozen=True, slots=True)
class Need:
    """How many canaries a recipient needs for one purpose."""

    hits: int
    """So many shall be in what is sold."""
    colluders: int
    """Of so many who each give an equal part of the rows."""
    canaries: int
    """If every row is sold with the same chance."""
    fixed_size: int
    """If exactly that share of the rows is sold."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The answer."""

    rows: int
    recipients: int
    colluders: int
    sample: float
    epsilon: float
    needs: tuple[Need, ...]
    coded_slots: int
    coded_per_recipient: int
    registers_hits: int
    """Sightings after which chance alone, in any matching that errs once in a hundred, is below epsilon."""

    @property
    def canaries(self) -> int:
        """Per recipient, so that one leaker shows at least once."""
        return self.needs[0].canaries

    @property
    def exclusive(self) -> int:
        """Per recipient, so that each of the colluders shows at least once."""
        return next(need.canaries for need in self.needs if need.hits == 1 and need.colluders == self.colluders)

    @property
    def cover(self) -> int:
        """Real rows to withhold from each export."""
        return COVER * self.exclusive


def plan(  # noqa: PLR0913 - all that the answer depends on
    rows: int, recipients: int, colluders: int, sample: float, epsilon: float, confidence: float = CONFIDENCE
) -> Plan:
    """Work out how many canaries to mint.

    Raises:
        CanaryFault: a number is impossible.
    """
    if colluders > recipients:
        raise CanaryFault(f"{colluders} colluders among {recipients} recipients", hint="give fewer colluders")
    needs = [_need(rows, sample, confidence, hits, 1) for hits in _FEWEST]
    needs += [_need(rows, sample, confidence, 1, count) for count in range(2, colluders + 1)]
    slots = math.ceil(_NUIDA * colluders**2 * math.log(recipients / epsilon)) if recipients > 1 else 0
    hits = math.ceil(math.log(recipients / epsilon) / math.log(100))
    return Plan(rows, recipients, colluders, sample, epsilon, tuple(needs), slots, -(-slots // 2), hits)


def _need(rows: int, sample: float, confidence: float, hits: int, colluders: int) -> Need:
    share = sample / colluders
    drawn = max(1, round(rows * share))
    by_chance = _least(lambda count: binomial_below(count, share, hits), confidence, hits)
    fixed = _least(lambda count: hypergeometric_below(rows, count, drawn, hits), confidence, hits, most=rows)
    return Need(hits, colluders, by_chance, fixed)


def binomial_below(count: int, share: float, hits: int) -> float:
    """P(fewer than `hits` of `count` canaries are sold), every one with chance `share`."""
    if share >= 1:
        return 0.0 if count >= hits else 1.0
    logs = [
        log_choose(count, x) + x * math.log(share) + (count - x) * math.log1p(-share)
        for x in range(min(hits, count + 1))
    ]
    return math.fsum(map(math.exp, logs))


def hypergeometric_below(rows: int, count: int, drawn: int, hits: int) -> float:
    """P(fewer than `hits` of `count` canaries among `rows` rows are sold), exactly `drawn` rows being sold."""
    whole = log_choose(rows, drawn)
    terms = [
        math.exp(log_choose(count, x) + log_choose(rows - count, drawn - x) - whole)
        for x in range(min(hits, count + 1))
        if 0 <= drawn - x <= rows - count
    ]
    return math.fsum(terms)


def _least(missed: Callable[[int], float], confidence: float, hits: int, most: int | None = None) -> int:
    """The least count at which the chance of missing is at most 1 - confidence; the chance falls with the count."""
    allowed = 1 - confidence
    high = hits
    while missed(high) > allowed:
        if most is not None and high >= most:
            return most
        high = high * 2 if most is None else min(most, high * 2)
    low = hits - 1
    while high - low > 1:
        middle = (low + high) // 2
        if middle >= hits and missed(middle) <= allowed:
            high = middle
        else:
            low = middle
    return high
