"""By what rule a selection was made: a few values of one column, or a range of it."""

from __future__ import annotations

from dataclasses import dataclass
from math import lgamma, log1p

import numpy as np
from numpy.typing import NDArray

from graphs.lineage.weights import Weights

_CATEGORIES = 64
"""Different values up to which a set of them can be a rule."""
_SLACK = 0.005
"""Share of the selected records that may break a rule (typing errors, a second parent)."""

_EXACT, _NARROW = 0.98, 0.75

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """One thing by which a dump's rows can be selected."""

    values: NDArray[np.float32]
    codes: NDArray[np.int64] | None
    """Place of each row's value among the different ones, where there are few."""
    kinds: int
    ordinal: bool


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """What all records that a child has of a parent have in common, and most others have not."""

    measure: int
    """Its place among the measures; -1 for a stretch of the file."""
    inside: Mask
    """(rows of the parent,) whether the rule lets a record through."""
    saved: float
    """Nats saved by saying the rule and its exceptions instead of naming the records."""
    exact: bool
    """Whether it lets hardly any record through that was not chosen, and keeps many out."""
    telling: bool
    """Whether it hints at a selection: what stands at the end of a file may have been added as well as cut off."""


def measures(values: NDArray[np.float32], ordinal: tuple[bool, ...]) -> tuple[Measure, ...]:
    """The columns of (rows, measures) made ready."""
    made = []
    for place, ranged in enumerate(ordinal):
        column = values[:, place]
        kinds, codes = np.unique(column, return_inverse=True)
        few = 1 < len(kinds) <= _CATEGORIES
        if few or (ranged and len(kinds) > 1):
            made.append(Measure(column, codes.astype(np.int64) if few else None, len(kinds), ranged))
        else:
            made.append(Measure(column, None, 0, ordinal=False))
    return tuple(made)


def rule(known: tuple[Measure, ...], place: NDArray[np.int64], chosen: Mask, weights: Weights) -> Rule | None:
    """The rule that saves most in telling which rows were `chosen`, or None where naming them is cheaper.

    Args:
        known: by what the rows can be selected.
        place: (rows,) where each row stands in the file.
        chosen: (rows,) which were selected.
        weights: of saying a rule.
    """
    size, taken = len(chosen), int(chosen.sum())
    if taken < 10 or taken > 0.97 * size:
        return None
    # Naming them takes their number first; a rule tells it.
    plain = _ways(size, taken) + log1p(size)
    best: Rule | None = None
    offers = [(at, *offer) for at, measure in enumerate(known) for offer in _candidates(measure, chosen, taken)]
    offers += [(-1, *_stretch(place, chosen, slack)) for slack in sorted({0, int(_SLACK * taken)})]
    for at, inside, said in offers:
        within = int(inside.sum())
        kept = int((inside & chosen).sum())
        told = (weights.rule if at >= 0 else weights.cut) + said + weights.exception * (taken - kept)
        saved = plain - _ways(within, kept) - told
        if saved > 0 and (best is None or saved > best.saved):
            exact = kept >= _EXACT * max(1, within) and within <= _NARROW * size
            ends = at == -1 and bool(chosen[np.argmin(place)] or chosen[np.argmax(place)])
            best = Rule(at, inside, saved, exact, exact and not ends)
    return best


def _candidates(measure: Measure, chosen: Mask, taken: int) -> list[tuple[Mask, float]]:
    found: list[tuple[Mask, float]] = []
    slack = int(_SLACK * taken)
    if measure.codes is not None:
        counts = np.bincount(measure.codes[chosen], minlength=measure.kinds)
        ranked = np.argsort(counts, kind="stable")
        dropped = ranked[np.cumsum(counts[ranked]) <= slack]
        named = measure.kinds - len(dropped)
        if len(dropped):
            keep = np.ones(measure.kinds, bool)
            keep[dropped] = False
            found.append((keep[measure.codes], _ways(measure.kinds, named)))
    if measure.ordinal and measure.kinds > 1:
        told = np.sort(measure.values[chosen])
        told = told[np.isfinite(told)]
        if len(told):
            low, high = told[min(slack, len(told) - 1)], told[max(0, len(told) - 1 - slack)]
            found.append(((measure.values >= told[0]) & (measure.values <= told[-1]), 8.0))
            found.append((measure.values >= low, 5.0))
            found.append((measure.values <= high, 5.0))
    return found


def _stretch(place: NDArray[np.int64], chosen: Mask, slack: int) -> tuple[Mask, float]:
    """The rows between the first and the last that were chosen, but for so many at either end."""
    told = np.sort(place[chosen])
    low, high = told[slack], told[len(told) - 1 - slack]
    return (place >= low) & (place <= high), 2 * float(np.log(len(place)))


def _ways(total: int, part: int) -> float:
    return lgamma(total + 1) - lgamma(part + 1) - lgamma(total - part + 1)
