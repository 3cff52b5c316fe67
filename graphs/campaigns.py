"""Which dump a caller's list of numbers was dialled from.

Three questions are kept apart. Is the overlap with a dump more than chance (Poisson, against what random dialling in
the same number blocks would hit)? Which dump explains the calls best, where several hold the same number (likelihood
of a mixture: a number dialled from a dump of D numbers has probability 1/D, so of two dumps that both hold every
number the smaller one explains them better, and one exclusive number tells them apart)? And how much of the list does
no dump explain?

What cannot be known: a list that nobody seized and that holds the same people explains the calls as well.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NUMBERS_IN_USE = 1.7e9
"""Mobile numbers in use on the mainland (MIIT, 2023: 1.727 thousand million subscriptions)."""
_BLOCK = 7
"""Digits that name a block of 10,000 numbers."""
_IN_BLOCK = 1e4
LEVEL = 1e-4
"""Greatest false-accusation bound, over all dumps compared, at which a dump is `established`."""
_MAJORITY = 0.5
_FEWEST = 5
"""Dialled numbers below which chance may be excluded and a list with a few of the same people may not."""
_STEPS = 60
_WEIGHTS = np.linspace(0.025, 0.975, 39)
_MOST = 12
"""Dumps that one campaign may be put down to."""


@dataclass(frozen=True, slots=True)
class DumpNumbers:
    """The mobile numbers of a dump, normalised."""

    name: str
    numbers: frozenset[str]
    canaries: frozenset[str] = field(default=frozenset())
    """Numbers that were invented for this dump's source and given to nobody else."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """How well one dump explains the calls."""

    dump: str
    numbers: int
    """Distinct numbers in the dump."""
    dialled: int
    """How many of them were dialled."""
    expected: float
    """How many random dialling in the same number blocks would have hit."""
    log_likelihood_ratio: float
    """Poisson: k ln(k/μ) - (k - μ), nats; 0 where no more was dialled than expected."""
    exclusive: int
    """Dialled numbers that no other dump holds."""
    exclusive_expected: float
    share: float
    """Part of the list put down to this dump, with 95 % limits."""
    share_low: float
    share_high: float
    false_accusation: float
    """Bound on the chance of so much evidence if nothing was dialled from this dump, times the dumps compared."""
    verdict: str
    """established, consistent, indeterminate or excluded."""
    rivals: tuple[str, ...]
    """Dumps that explain the same calls about as well."""
    canaries: tuple[str, ...]
    """Canary numbers that were dialled."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """A list of dialled numbers and what explains it."""

    numbers: int
    """Distinct mobile numbers dialled."""
    explanations: tuple[Explanation, ...]
    """Every dump compared, the best first."""
    cover: tuple[str, ...]
    """The fewest dumps that explain the list, in the order of what each adds."""
    unexplained: int
    """Dialled numbers that no dump of the cover holds."""
    unexplained_share: float
    """Part of the list that was dialled from no dump: the numbers above, and those that random dialling would hit."""


def explain(dialled: Iterable[str], dumps: Sequence[DumpNumbers], *, rivals_within: float = 1 / LEVEL) -> Campaign:
    """Find the dumps a list of numbers was dialled from.

    Args:
        dialled: mobile numbers, normalised; each counts once however often it was called.
        dumps: what may have been dialled from.
        rivals_within: a dump is a rival where exchanging it changes the likelihood by less than this factor.
    """
    listed = sorted(set(dialled))
    if not listed or not dumps:
        return Campaign(len(listed), (), (), len(listed), 1.0 if listed else 0.0)
    held = np.array([[number in dump.numbers for dump in dumps] for number in listed], dtype=bool)
    random = _random_density(listed)
    sizes = np.array([max(1, len(dump.numbers)) for dump in dumps], dtype=np.float64)
    density = held / sizes
    cover, bounds, weights = _cover(density, random, held)
    rivals = _rivals(cover, density, random, math.log(rivals_within))
    explained = held[:, cover].any(axis=1) if cover else np.zeros(len(listed), bool)
    blocks = Counter(number[:_BLOCK] for number in listed)
    made = [
        _explanation(place, dumps, (listed, held, blocks), (cover, bounds, weights, rivals))
        for place in range(len(dumps))
    ]
    order = {place: rank for rank, place in enumerate(cover)}
    made.sort(key=lambda one: (order.get(_place(dumps, one), len(dumps)), -one.log_likelihood_ratio, -one.dialled))
    return Campaign(
        numbers=len(listed),
        explanations=tuple(made),
        cover=tuple(dumps[place].name for place in cover),
        unexplained=int((~explained).sum()),
        unexplained_share=float(weights[0]),
    )


def poisson_ratio(seen: int, expected: float) -> float:
    """Log-likelihood ratio of a Poisson count against its expectation, nats, one-sided."""
    if seen <= expected or seen == 0:
        return 0.0
    return seen * math.log(seen / max(expected, 1e-12)) - (seen - expected)


def _place(dumps: Sequence[DumpNumbers], one: Explanation) -> int:
    return next(place for place, dump in enumerate(dumps) if dump.name == one.dump)


def _random_density(listed: Sequence[str]) -> Floats:
    """Probability of each number under random dialling: half all over the country, half in the blocks of the others.

    Whoever runs through a block of numbers hits every dump that has customers there; leaving the number itself out
    keeps a list scattered over the country from explaining itself.
    """
    blocks = Counter(number[:_BLOCK] for number in listed)
    others = max(1, len(listed) - 1)
    near = np.array([(blocks[number[:_BLOCK]] - 1) / others / _IN_BLOCK for number in listed])
    return np.asarray(0.5 / NUMBERS_IN_USE + 0.5 * near, dtype=np.float64)


def _fit(density: Floats, random: Floats) -> tuple[Floats, float]:
    """(weights: random dialling first, log-likelihood) of the mixture, by expectation maximisation."""
    parts = np.column_stack((random, density))
    weights = np.full(parts.shape[1], 1 / parts.shape[1])
    total = -math.inf
    for _ in range(_STEPS):
        joint = parts * weights
        whole = joint.sum(axis=1)
        weights = (joint / whole[:, None]).mean(axis=0)
        last, total = total, float(np.log(whole).sum())
        if total - last < 1e-6:
            break
    return weights, total


def _evidence(extra: Floats, before: Floats, null: float) -> float:
    """Log of the mean likelihood ratio over shares of the list, against the best fit without the dump.

    By Markov's inequality a mean likelihood ratio of 1/ε or more has probability at most ε where the dump was not used
    (universal inference; Wasserman, Ramdas and Balakrishnan, PNAS 2020).
    """
    totals = np.log(before[:, None] * (1 - _WEIGHTS) + extra[:, None] * _WEIGHTS).sum(axis=0) - null
    return float(np.logaddexp.reduce(totals) - math.log(len(_WEIGHTS)))


def _cover(density: Floats, random: Floats, held: NDArray[np.bool_]) -> tuple[list[int], dict[int, float], Floats]:
    """Add the dump that explains most, as long as the evidence for it is beyond chance."""
    cover: list[int] = []
    bounds: dict[int, float] = {}
    weights, null = _fit(density[:, cover], random)
    left = [place for place in range(density.shape[1]) if held[:, place].any()]
    while left and len(cover) < _MOST:
        before = np.column_stack((random, density[:, cover])) @ weights
        evidence = {place: _evidence(density[:, place], before, null) for place in left}
        best = max(left, key=lambda place: (evidence[place], -place))
        bound = min(1.0, density.shape[1] * math.exp(-min(700.0, evidence[best])))
        if bound > LEVEL:
            break
        cover.append(best)
        bounds[best] = bound
        left.remove(best)
        weights, null = _fit(density[:, cover], random)
    for place in left:
        before = np.column_stack((random, density[:, cover])) @ weights
        bounds[place] = min(1.0, density.shape[1] * math.exp(-_evidence(density[:, place], before, null)))
    return cover, bounds, weights


def _rivals(cover: list[int], density: Floats, random: Floats, within: float) -> dict[int, list[int]]:
    """For each dump of the cover, those that could stand in its place."""
    _, best = _fit(density[:, cover], random)
    found: dict[int, list[int]] = {}
    for place in cover:
        rest = [other for other in cover if other != place]
        found[place] = [
            other
            for other in range(density.shape[1])
            if other not in cover
            and density[:, other].any()
            and best - _fit(density[:, [*rest, other]], random)[1] < within
        ]
    return found


def _explanation(
    place: int,
    dumps: Sequence[DumpNumbers],
    seen: tuple[Sequence[str], NDArray[np.bool_], Mapping[str, int]],
    judged: tuple[list[int], Mapping[int, float], Floats, Mapping[int, list[int]]],
) -> Explanation:
    dump, (listed, held, blocks), (cover, bounds, weights, rivals) = dumps[place], seen, judged
    hits = int(held[:, place].sum())
    alone = held[:, place] & (held.sum(axis=1) == 1)
    others = [other.numbers for at, other in enumerate(dumps) if at != place]
    expected = _expected(dump.numbers, blocks, len(listed))
    lone = [
        number for number in dump.numbers if number[:_BLOCK] in blocks and not any(number in other for other in others)
    ]
    share = float(weights[1 + cover.index(place)]) if place in cover else 0.0
    low, high = _limits(share, len(listed))
    named = tuple(dumps[other].name for other in rivals.get(place, ()))
    proof = tuple(sorted(dump.canaries.intersection(listed)))
    bound = bounds.get(place, 1.0)
    if proof:
        bound = min(bound, len(dumps) * len(listed) * len(dump.canaries) / NUMBERS_IN_USE)
    return Explanation(
        dump=dump.name,
        numbers=len(dump.numbers),
        dialled=hits,
        expected=expected,
        log_likelihood_ratio=poisson_ratio(hits, expected),
        exclusive=int(alone.sum()),
        exclusive_expected=_expected(lone, blocks, len(listed)),
        share=share,
        share_low=low if share else 0.0,
        share_high=high if share or hits else _limits(0.0, len(listed))[1],
        false_accusation=bound,
        verdict=_verdict(place in cover, bound, (share, 1 - float(weights[0])), (named, proof, hits, len(listed))),
        rivals=named,
        canaries=proof,
    )


def _verdict(
    chosen: bool,  # noqa: FBT001 (one of the facts judged)
    bound: float,
    shares: tuple[float, float],
    facts: tuple[tuple[str, ...], tuple[str, ...], int, int],
) -> str:
    rivals, proof, hits, count = facts
    if proof and bound <= LEVEL:
        return "established"
    if chosen and bound <= LEVEL:
        whole = shares[1] >= _MAJORITY
        return "established" if whole and not rivals and hits >= _FEWEST else "consistent"
    # Had a fifth of the list been dialled from it, one number in five would be in it.
    if count >= 20 and hits < 0.02 * count:
        return "excluded"
    return "indeterminate"


def _expected(numbers: Iterable[str], blocks: Mapping[str, int], dialled: int) -> float:
    """Hits of random dialling: in each block the dialled numbers times the part of the block that the dump holds."""
    inside = Counter(number[:_BLOCK] for number in numbers if number[:_BLOCK] in blocks)
    everywhere = dialled * sum(inside.values()) / NUMBERS_IN_USE
    return max(everywhere, sum(blocks[block] * count for block, count in inside.items()) / _IN_BLOCK)


def _limits(share: float, count: int) -> tuple[float, float]:
    """Wilson's 95 % limits of a share of `count` numbers."""
    z = 1.959964
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0.0, middle - half), min(1.0, middle + half)
