from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tracer.attribution.anachronism import Anachronism, anachronism, on_day
from tracer.linkage.facts import NEVER, Facts

DAYS = (1_000, 1_090, 1_180)
NULLS = 400


def facts(
    rng: np.random.Generator,
    *,
    together: float = 0.0,
    leak: int | None = None,
    stranger: float = 0.5,
    people: int = 5_000,
) -> Facts:
    """An invented platform of `people` customers won over 1,180 days, 3 % of whom change their number, and four others.

    Each other platform has a quarter of its customers, won on days of their own. The dump is the platform's own of day
    `leak`, or, if that is None, a stranger's with a share `stranger` of its customers, taken on a random day, of whom a
    share `together` joined both on days that lie about three weeks apart (Laplace).
    """
    joined = rng.integers(0, DAYS[-1] + 1, people).astype(np.int32)
    first = np.array([next(day for day in DAYS if day >= one) for one in joined], np.int32)
    last = np.full(people, DAYS[-1], np.int32)
    renewed = np.flatnonzero((rng.random(people) < 0.03) & (first < DAYS[-1]))
    learned = np.array([rng.choice([day for day in DAYS if day > first[one]]) for one in renewed], np.int32)
    before = np.array([max(day for day in DAYS if day < one) for one in learned], np.int32)
    last[renewed] = before
    since = np.concatenate([first, learned])
    until = np.concatenate([last, np.full(renewed.size, DAYS[-1], np.int32)])
    joining = np.concatenate([joined, joined[renewed]])
    person = np.concatenate([np.arange(people), renewed])

    def elsewhere(share: float, together: float = 0.0) -> NDArray[np.int32]:
        met = rng.random(people) < share
        own = rng.integers(0, DAYS[-1] + 1, people)
        near = joined + np.rint(rng.laplace(0, 20, people)).astype(np.int32)
        day = np.where(rng.random(people) < together, near, own)
        known: NDArray[np.int32] = np.where(met, day, NEVER).astype(np.int32)[person]
        # A new number is known elsewhere from about the day it is known here, the old one in a third of cases.
        known[people:] = np.where(known[people:] == NEVER, NEVER, np.maximum(known[people:], learned - 30))
        return known

    if leak is None:
        day = int(rng.integers(500, DAYS[-1] + 1))
        found = (elsewhere(stranger, together) <= day) & (rng.random(person.size) < 0.8)
    else:
        there = (joining <= leak) & (until >= min((one for one in DAYS if one >= leak), default=DAYS[-1]))
        there[people:] &= learned <= leak
        found = there & (rng.random(person.size) < 0.6)
    others = tuple(elsewhere(0.25) for _ in range(4))
    return Facts(since, until, joining, found, np.zeros(person.size, bool), others, DAYS)


def worst(told: Facts, days: range) -> float:
    """The smallest bound over all days that somebody might pick."""
    return min((one.bound for day in days if (one := on_day(told, day))), default=1.0)


@pytest.mark.parametrize("together", [0.0, 0.5, 0.9])
def test_a_stranger_with_the_same_customers_is_not_taken_for_the_platform(together: float) -> None:
    """Over 400 strangers with half of a platform's customers, on the worst of 30 days, bounds hold as stated."""
    rng = np.random.default_rng(11)
    bounds = np.array([worst(facts(rng, together=together), range(600, 1_181, 20)) for _ in range(NULLS)])
    for level in (0.1, 0.01, 0.001):
        assert (bounds <= level).mean() <= level + 3 * np.sqrt(level / NULLS)


def test_a_leak_shows_no_anachronisms() -> None:
    """Of 100 leaks of 60 % of a platform 90 days before its newest snapshot, all are told from any stranger's."""
    rng = np.random.default_rng(12)
    told = [anachronism(facts(rng, leak=1_090), 1_088, 1_092) for _ in range(100)]
    assert all(one is not None and one.found == 0 and one.bound < 1e-4 for one in told)


def test_numbers_given_up_before_the_newest_snapshot_count() -> None:
    """Without any later joiner, old numbers that are not in the dump speak for the platform as well."""
    rng = np.random.default_rng(13)
    told = anachronism(facts(rng, leak=1_180, people=20_000), 1_180, 1_180)
    assert told is not None
    assert told.found == 0
    assert told.foreign > 100
    assert told.bound < 1e-3


def test_without_other_platforms_nothing_is_expected() -> None:
    """Where nobody else can say what a stranger would show, no bound is given."""
    alone = replace(facts(np.random.default_rng(14), leak=1_090), elsewhere=())
    told = anachronism(alone, 1_090, 1_090)
    assert isinstance(told, Anachronism)
    assert (told.expected, told.bound) == (0.0, 1.0)


def test_what_other_suppliers_hold_does_not_count() -> None:
    """Records that another supplier would explain are left out; without any of its own a platform says nothing."""
    told = facts(np.random.default_rng(15), leak=1_090)
    assert anachronism(replace(told, shared=np.ones(told.since.size, bool)), 1_090, 1_090) is None
