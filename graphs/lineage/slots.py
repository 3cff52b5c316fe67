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
    for column, role in enumerate(sketch.roles):
        for slot, (other, values, partial) in enumerate(known):
            fit = _fit(sketch, column, rows, values[person[rows]], partial[person[rows]])
            score = _score(fit, alike=role == other)
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


def _score(fit: tuple[float, float] | None, *, alike: bool) -> float:
    """How well a column fits a slot; one of the same role is taken for the same unless another fits better."""
    if fit is None:
        return 0.5 if alike else 0.0
    if alike:
        return _SAME_ROLE + 0.05 + fit[0]
    return fit[0] if fit[0] >= _OTHER_ROLE and fit[0] - fit[1] >= _BEYOND_CHANCE else 0.0


def _fit(sketch: Sketch, column: int, rows: Numbers, values: Cells, partial: Cells) -> tuple[float, float] | None:
    """Share of the people for whom both say the same, and the share among people mixed up; None if too few."""
    cells, shown = sketch.cells[rows, column], sketch.partial[rows, column]
    both = (cells != 0) & (values != 0)
    if both.sum() < _FEW:
        return None
    cells, shown, values, partial = cells[both], shown[both], values[both], partial[both]
    return _agreement(cells, shown, values, partial), _agreement(
        cells, shown, np.roll(values, len(values) // 2), np.roll(partial, len(partial) // 2)
    )


def _agreement(cells: Cells, shown: Cells, values: Cells, partial: Cells) -> float:
    return float(np.mean((cells == values) | ((shown == partial) & (shown != 0))))


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
