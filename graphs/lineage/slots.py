"""Which column of one dump is which of another: paired by equal values of the same people, whatever the headers say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from graphs.lineage.records import Numbers
from graphs.lineage.sketch import Cells, Sketch

_LOOKED_AT = 600
"""People on whom two columns are compared."""
_FEW = 12
"""People in common below which the roles alone decide."""
_SAME_ROLE, _OTHER_ROLE = 0.3, 0.6
_BEYOND_CHANCE = 0.4


def align(sketches: Sequence[Sketch], person: Sequence[Numbers]) -> list[tuple[int, ...]]:
    """The slot of every column of every dump; columns of one slot hold the same thing, and no dump has a slot twice.

    The largest dump comes first and opens the slots; every other dump's columns are compared with what is known.
    """
    count = max((int(one.max()) + 1 for one in person if len(one)), default=0)
    known: list[tuple[str, Cells, Cells]] = []
    slots: dict[int, tuple[int, ...]] = {}
    for dump in sorted(range(len(sketches)), key=lambda place: (-sketches[place].rows, place)):
        slots[dump] = _assign(sketches[dump], person[dump], known, count)
        _learn(sketches[dump], person[dump], slots[dump], known)
    return [slots[dump] for dump in range(len(sketches))]


def _assign(sketch: Sketch, person: Numbers, known: list[tuple[str, Cells, Cells]], people: int) -> tuple[int, ...]:
    seen = np.zeros(len(person), bool)
    for _, values, _ in known:
        seen |= values[person] != 0
    rows = np.flatnonzero(seen)
    rows = rows[:: max(1, len(rows) // _LOOKED_AT)]
    offers = []
    if known:
        values = np.array([values[person[rows]] for _, values, _ in known])
        partial = np.array([partial[person[rows]] for _, _, partial in known])
        fit, chance = _fits(sketch.cells[rows].T, sketch.partial[rows].T, values, partial)
        for column, role in enumerate(sketch.roles):
            for slot, (other, _, _) in enumerate(known):
                score = _score(fit[column, slot], chance[column, slot], alike=role == other)
                if score > _SAME_ROLE:
                    offers.append((score, column, slot))
    chosen: dict[int, int] = {}
    for _, column, slot in sorted(offers, key=lambda offer: (-offer[0], offer[1], offer[2])):
        if column not in chosen and slot not in chosen.values():
            chosen[column] = slot
    for column, role in enumerate(sketch.roles):
        if column not in chosen:
            chosen[column] = len(known)
            known.append((role, np.zeros(people, np.uint32), np.zeros(people, np.uint32)))
    return tuple(chosen[column] for column in range(len(sketch.roles)))


def _score(fit: float, chance: float, *, alike: bool) -> float:
    """How well a column fits a slot; one of the same role is taken for the same unless another fits better."""
    if np.isnan(fit):
        return 0.5 if alike else 0.0
    if alike:
        return _SAME_ROLE + 0.05 + fit
    return fit if fit >= _OTHER_ROLE and fit - chance >= _BEYOND_CHANCE else 0.0


def _fits(cells: Cells, shown: Cells, values: Cells, partial: Cells) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(columns, slots) share of the people for whom both say the same, and the share among people mixed up.

    Args:
        cells: (columns, people) of the dump.
        shown: what masked writings of them show.
        values: (slots, people) what is known of the same people.
        partial: what masked writings of it show.

    Returns:
        NaN where too few have both.
    """
    half = values.shape[1] // 2
    mixed = np.roll(values, half, axis=1), np.roll(partial, half, axis=1)
    return _agreement(cells, shown, values, partial), _agreement(cells, shown, *mixed)


def _agreement(cells: Cells, shown: Cells, values: Cells, partial: Cells) -> NDArray[np.float64]:
    there = (cells != 0)[:, None] & (values != 0)
    same = (cells[:, None] == values) | ((shown[:, None] == partial) & (shown != 0)[:, None])
    count = np.count_nonzero(there, axis=2)
    return np.where(count < _FEW, np.nan, np.count_nonzero(same & there, axis=2) / np.maximum(1, count))


def _learn(sketch: Sketch, person: Numbers, slots: tuple[int, ...], known: list[tuple[str, Cells, Cells]]) -> None:
    for column, slot in enumerate(slots):
        _, values, partial = known[slot]
        fresh = (values[person] == 0) & (sketch.cells[:, column] != 0)
        values[person[fresh]] = sketch.cells[fresh, column]
        partial[person[fresh]] = sketch.partial[fresh, column]


_Number = TypeVar("_Number", np.uint32, np.uint8)


def spread(values: NDArray[_Number], slots: tuple[int, ...], count: int) -> NDArray[_Number]:
    """(rows, slots) the columns of one dump at their slots; slots it has no column for are 0."""
    wide = np.zeros((len(values), count), values.dtype, order="F")
    wide[:, list(slots)] = values
    return wide
