"""How a platform comes to its customers: who joins, and when.

Customers arrive at random moments of a trade that grows by a steady factor a year (a Poisson process of growing rate).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

from tracer.demo.chance import Index, Real, generator, normal
from tracer.demo.plan import Alike, WorldPlan
from tracer.demo.platforms import DAY, YEAR, Platform, days_of, trade
from tracer.demo.vocabulary import PLATFORMS

_GRID: Final = 2001
_STEEPEST: Final = 12.0
_SPELL_DAYS: Final = 20.0
_Mask = npt.NDArray[np.bool_]


def found(plan: WorldPlan, number: int, earlier: Sequence[Platform], pull: Real | None) -> Platform:
    """Open platform `number` of a plan and let people join it.

    Args:
        plan: the world's.
        number: position of the platform, from 0.
        earlier: the platforms founded before it.
        pull: what `pulls` gave.

    Raises:
        ValueError: it wants more customers than there are.
    """
    name = _name(plan, number)
    rng = generator(plan.seed, name, "customers")
    opened = days_of(plan.snapshots[0] - timedelta(days=round(plan.years * YEAR * rng.uniform(0.7, 1.0))))
    last = days_of(plan.snapshots[-1]) + 1
    now = plan.sizes[number]
    later = int(rng.poisson(now * _ratio(plan, last - opened)))
    common, barred = _common(plan, number, earlier, (now, later), rng)
    own = pick_people(rng, now + later - len(common[0]) - len(common[1]), pull, barred)
    fresh = now - len(common[0])
    # Mixed, so that those who came from the other platform did not all join first.
    first = rng.permutation(np.concatenate([common[0], own[:fresh]]))
    then = rng.permutation(np.concatenate([common[1], own[fresh:]]))
    early = _together(plan, number, earlier, first, arrivals(rng, now, (opened, last), plan.growth))
    late = arrivals(rng, later, (last, last + plan.beyond), plan.growth)
    seconds = np.floor(np.concatenate([early, late]) * DAY).astype(np.int64)
    order = np.argsort(seconds, kind="stable")
    person = np.concatenate([first, then])[order]
    hidden = number >= plan.platforms
    return Platform(name, hidden, person, seconds[order], trade(plan.seed, name), plan.held(number))


def _together(plan: WorldPlan, number: int, earlier: Sequence[Platform], person: Index, moments: Real) -> Real:
    """The `moments` (days) at which some people join, moved where one need drives a person to two platforms."""
    pair = _pair(plan, number)
    if pair is None or not pair.together:
        return moments
    rng = generator(plan.seed, number, "together")
    model = earlier[pair.other]
    order = np.argsort(model.person)
    place = order[np.minimum(np.searchsorted(model.person, person, sorter=order), len(order) - 1)]
    there = model.joined[place] / DAY
    moved = there + rng.laplace(0.0, _SPELL_DAYS, len(person))
    common = (model.person[place] == person) & (rng.random(len(person)) < pair.together)
    return np.where(common & (moved > moments.min()) & (moved < moments.max()), moved, moments)


def _pair(plan: WorldPlan, number: int) -> Alike | None:
    return next((pair for pair in plan.alike if pair.platform == number), None)


def _ratio(plan: WorldPlan, age: float) -> float:
    """How many join in `plan.beyond` days after the last snapshot for each who joined in the `age` days before."""
    rate = np.log1p(plan.growth) / YEAR
    return float(np.expm1(rate * plan.beyond) / -np.expm1(-rate * age)) if rate else plan.beyond / age


def _common(
    plan: WorldPlan, number: int, earlier: Sequence[Platform], counts: tuple[int, int], rng: np.random.Generator
) -> tuple[list[Index], _Mask]:
    """Who comes from a platform this one is like, before and after the last snapshot; and who may not come else."""
    barred = np.zeros(plan.people, dtype=np.bool_)
    pair = _pair(plan, number)
    if pair is None:
        return [np.empty(0, dtype=np.int64)] * 2, barred
    model = earlier[pair.other]
    known = model.person[model.joined < (days_of(plan.snapshots[-1]) + 1) * DAY]
    before, after = (round(pair.share * count) for count in counts)
    if before > len(known):
        raise ValueError(f"{model.name} has {len(known)} customers, too few to share {before} with another")
    barred[model.person] = True
    first = rng.choice(known, before, replace=False)
    # As many later ones as the other platform still has.
    rest = np.setdiff1d(model.person, first, assume_unique=True)
    return [first, rng.choice(rest, min(after, len(rest)), replace=False)], barred


def arrivals(rng: np.random.Generator, count: int, span: tuple[float, float], growth: float) -> Real:
    """Moments (in days) at which `count` customers arrive while the trade grows.

    Args:
        rng: where chance comes from.
        count: how many arrive.
        span: first and last moment, days.
        growth: yearly growth of the rate, 0.4 for 40 %; the rate is proportional to (1 + growth) ** years.
    """
    first, last = span
    share = rng.random(count)
    rate = np.log1p(growth) / YEAR
    if rate * (last - first) < 1e-9:
        return first + share * (last - first)
    # The inverse of the integrated rate (exp(rate t) - 1) / (exp(rate T) - 1).
    moments: Real = first + np.log1p(share * np.expm1(rate * (last - first))) / rate
    return moments


def pick_people(rng: np.random.Generator, count: int, pull: Real | None, barred: _Mask) -> Index:
    """Draw `count` different people in random order, likelier the greater their pull.

    Every person gets an exponential key divided by the pull and the least keys win (Efraimidis & Spirakis 2006,
    "Weighted random sampling with a reservoir").

    Args:
        rng: where chance comes from.
        count: how many.
        pull: logarithm of every person's weight, or None where all are alike.
        barred: whether a person must not be drawn.

    Raises:
        ValueError: there are not so many.
    """
    free = len(barred) - int(barred.sum())
    if count > free:
        raise ValueError(f"a platform wants {count} customers of {free} people")
    key = rng.standard_exponential(len(barred), dtype=np.float32)
    if pull is not None:
        key = np.log(np.maximum(key, np.finfo(np.float32).tiny)) - pull.astype(np.float32)
    key[barred] = np.inf
    winners = np.argpartition(key, count - 1)[:count] if count else np.empty(0, dtype=np.int64)
    # In which order a partition leaves them depends on the processor.
    return rng.permutation(np.sort(winners).astype(np.int64))


def pulls(plan: WorldPlan) -> Real | None:
    """How much each person is drawn to borrowing: logarithms, normal, as uneven as the overlap asks; None if alike."""
    if plan.overlap == 1.0:
        return None
    everybody = np.arange(plan.people, dtype=np.int64)
    pull: Real = _unevenness(plan) * normal(everybody, plan.seed, "pull")
    return pull


def _unevenness(plan: WorldPlan) -> float:
    """The standard deviation of pulls at which platforms of middling size overlap as planned."""
    age = (plan.snapshots[-1] - plan.snapshots[0]).days + 0.85 * plan.years * YEAR
    served = float(np.mean(plan.sizes)) * (1.0 + _ratio(plan, age)) / plan.people
    scores = np.array([NormalDist().inv_cdf((place + 0.5) / _GRID) for place in range(_GRID)])
    return _root(lambda spread: _lift(np.exp(spread * scores), served) - plan.overlap, 0.0, _STEEPEST)


def _lift(weight: Real, served: float) -> float:
    """How many times likelier than by chance two platforms, each serving a share of all people, share a customer.

    A person of pull w is served by one with 1 - exp(-t w), the chance that an exponential key beats a bound t.
    """
    bound = _root(lambda log: float(np.mean(-np.expm1(-np.exp(log) * weight))) - served, -60.0, 60.0)
    return float(np.mean(np.expm1(-np.exp(bound) * weight) ** 2)) / served**2


def _root(rising: Callable[[float], float], low: float, high: float) -> float:
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2


def _name(plan: WorldPlan, number: int) -> str:
    if plan.names:
        return plan.names[number]
    return PLATFORMS[number] if number < len(PLATFORMS) else f"{PLATFORMS[number % len(PLATFORMS)]}{number}"
