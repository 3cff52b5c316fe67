"""One person, one row: of all pairs those that together are likeliest, each person at most once on either side."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linear_sum_assignment
from scipy.sparse.csgraph import connected_components

Places = NDArray[np.int64]
Floats = NDArray[np.float64]

_LARGEST: Final = 400
"""People of either side that are assigned together exactly; among more, the likeliest pair goes first."""


def resolve(ours: Places, theirs: Places, gain: Floats) -> NDArray[np.bool_]:
    """(pairs,) which pairs are kept: no person twice, and the sum of the gains as great as can be.

    Args:
        ours: (pairs,) person of the dump.
        theirs: (pairs,) person of the table.
        gain: (pairs,) log odds of each pair; only positive ones are ever kept.
    """
    kept = np.zeros(ours.size, bool)
    worth = np.flatnonzero(gain > 0)
    if not worth.size:
        return kept
    left, right = np.unique(ours[worth], return_inverse=True)[1], np.unique(theirs[worth], return_inverse=True)[1]
    lefts, rights = int(left.max()) + 1, int(right.max()) + 1
    graph = sparse.coo_array((np.ones(worth.size), (left, lefts + right)), shape=(lefts + rights,) * 2)
    _, label = connected_components(graph, directed=False)
    group = label[left]
    order = np.argsort(group, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(group[order])) + 1):
        if members.size == 1:
            kept[worth[members]] = True
        else:
            kept[worth[members[_assign(left[members], right[members], gain[worth[members]])]]] = True
    return kept


def _assign(left: Places, right: Places, gain: Floats) -> Places:
    one, row = np.unique(left, return_inverse=True)
    other, column = np.unique(right, return_inverse=True)
    if max(one.size, other.size) > _LARGEST:
        return _greedy(row, column, gain)
    matrix = np.zeros((one.size, other.size))
    matrix[row, column] = gain
    chosen = np.column_stack(linear_sum_assignment(matrix, maximize=True))
    place = np.full(matrix.shape, -1, np.int64)
    place[row, column] = np.arange(row.size)
    found = place[chosen[:, 0], chosen[:, 1]]
    return np.asarray(found[found >= 0])


def _greedy(row: Places, column: Places, gain: Floats) -> Places:
    used_row, used_column, chosen = set[int](), set[int](), []
    for pair in np.argsort(-gain, kind="stable").tolist():
        if int(row[pair]) not in used_row and int(column[pair]) not in used_column:
            used_row.add(int(row[pair]))
            used_column.add(int(column[pair]))
            chosen.append(pair)
    return np.array(chosen, np.int64)
