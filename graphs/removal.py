"""The key set: the few removals that take their last route from the most campaigns.

Cutting off is not submodular (of two parallel routes either alone is worth nothing), so greedy choice has no
guarantee. The set is therefore the optimum of an integer programme (HiGHS through scipy); where that takes too long,
greedy choice with exchanges stands in for it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from graphs.routes import Routes, path_shares

_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Step:
    """One more removal of the key set."""

    node: str
    gain: float
    """Weight of the campaigns that lose their last route by it."""
    cut: float
    """Weight cut so far."""


def key_set(ways: Routes, most: int, weights: Mapping[str, float] | None = None) -> tuple[Step, ...]:
    """Up to `most` removals that take their routes from the most campaigns, with the gain of each.

    Args:
        ways: the routes.
        most: how many removals.
        weights: campaign → what it is worth to stop it; 1 by default.
    """
    value = {one: (weights or {}).get(one, 1.0) for one in ways.campaigns}
    fed = ways.fed()
    total = sum(value[one] for one in fed)

    def cut_by(removed: Collection[str]) -> float:
        return total - sum(value[one] for one in ways.fed(removed))

    chosen = _optimum(ways, most, value)
    if chosen is None:
        chosen = _greedy(ways, most, total, cut_by)
    return _curve(chosen, cut_by)


def _greedy(ways: Routes, most: int, total: float, cut_by: Callable[[Collection[str]], float]) -> list[str]:
    """One after the other; where none cuts a campaign off, the one that most route weight passes."""
    chosen: list[str] = []
    candidates = ways.removable
    while len(chosen) < most and cut_by(chosen) < total:
        shares = path_shares(ways, chosen)
        open_ = [node for node in candidates if node not in chosen and shares.get(node, 0.0) > 0]
        if not open_:
            break
        chosen.append(max(open_, key=lambda node: (cut_by([*chosen, node]), shares[node], node)))
    return _exchanged(chosen, candidates, cut_by)


def _exchanged(chosen: list[str], candidates: Sequence[str], cut_by: Callable[[Collection[str]], float]) -> list[str]:
    """Exchange one or two members as long as it cuts more off."""
    best = cut_by(chosen)
    improved = True
    while improved:
        improved = False
        for place in range(len(chosen)):
            for node in candidates:
                trial = [*chosen[:place], node, *chosen[place + 1 :]]
                if node not in chosen and cut_by(trial) > best:
                    chosen, best, improved = trial, cut_by(trial), True
    return chosen


def _optimum(ways: Routes, most: int, value: Mapping[str, float]) -> list[str] | None:
    """The best set, or None where it is not found in time.

    x says who is removed, y who is still reached: y_v >= y_u - x_v along every link, and the value of the campaigns
    reached is made as small as can be.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 (heavy)
    from scipy.sparse import coo_array  # noqa: PLC0415

    live = sorted(ways.live(()))
    place = {name: number for number, name in enumerate(live)}
    removable = set(ways.removable)
    if not removable or most < 1:
        return []
    count = len(live)
    links = [(place[one], place[other]) for one, other in ways.graph.edges if one in place and other in place]
    roots = [place[root] for root in ways.roots if root in place]
    entries: list[tuple[int, int, int]] = []
    for row, (one, other) in enumerate(links):
        entries += [(row, count + other, 1), (row, count + one, -1), (row, other, 1)]
    entries += [(len(links) + row, count + root, 1) for row, root in enumerate(roots)]
    last = len(links) + len(roots)
    entries += [(last, number, -1) for number in range(count)]
    rows, columns, values = (np.array(part) for part in zip(*entries, strict=True))
    matrix = coo_array((values, (rows, columns)), shape=(last + 1, 2 * count)).tocsr()
    least = np.concatenate((np.zeros(len(links)), np.ones(len(roots)), [-float(most)]))
    cost = np.array([1e-6 if name in removable else 0.0 for name in live] + [value.get(name, 0.0) for name in live])
    upper = np.array([float(name in removable) for name in live] + [1.0] * count)
    found = milp(
        cost,
        constraints=LinearConstraint(matrix, least, np.inf),
        bounds=Bounds(np.zeros(2 * count), upper),
        integrality=np.repeat([1, 0], count),
        options={"time_limit": _SECONDS},
    )
    if found.status != 0:
        return None
    return [name for name, chosen in zip(live, found.x, strict=False) if chosen > 0.5]


def _curve(chosen: Sequence[str], cut_by: Callable[[Collection[str]], float]) -> tuple[Step, ...]:
    """The members in the order of what each adds."""
    left, before = list(chosen), 0.0
    steps: list[Step] = []
    while left:
        taken = [step.node for step in steps]
        node = max(left, key=lambda one: (cut_by([*taken, one]), one))
        left.remove(node)
        now = cut_by([*taken, node])
        steps.append(Step(node, now - before, now))
        before = now
    return tuple(steps)
