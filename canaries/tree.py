"""Which customers are alike for one column: a tree over the columns already known, whose leaves lend its values.

Classification and regression trees as a synthesiser draws from them (Reiter 2005, "Using CART to generate partially
synthetic public use microdata"), with two changes. A split is judged by the whole distribution of the column in the
node, cut into classes anew at every node, so that a spread that changes is found as well as a mean; and it must stand
out from chance (as in Hothorn, Hornik & Zeileis 2006; the best of many cuts is not corrected for, as a fork too many
does no harm), so leaves stay large where nothing depends on anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]
Real = NDArray[np.float64]
Bins = NDArray[np.uint8]

BINS: Final = 256
"""Different values of a predictor that can be told apart; 0 is a missing one."""
_CLASSES: Final = 12
_SMALLEST: Final = 8
"""Rows of a leaf, at least: so many customers might have lent the value."""
_BEYOND: Final = 3.0
"""Standard normal deviate that the best split of a node must exceed."""


@dataclass(frozen=True, slots=True)
class Predictor:
    """One known column of the rows a tree grows from, and how to bring other rows' values to the same bins."""

    bins: Bins
    ordered: bool
    """Numbers are; the levels of a word are not."""
    edges: Real
    """Of numbers: a value is in the bin behind the last edge that does not exceed it."""


def predictor(values: Real, *, ordered: bool) -> Predictor:
    """Bin a column; NaN is missing. Codes of words are 0 … n, the commonest first; what is rare is one level."""
    if not ordered:
        return Predictor(coded(values), ordered=False, edges=np.zeros(0))
    known = np.unique(values[~np.isnan(values)])
    if len(known) > BINS - 1:
        known = np.unique(known[np.linspace(0, len(known) - 1, BINS - 1).round().astype(np.int64)])
    return Predictor(binned(values, known), ordered=True, edges=known)


def binned(values: Real, edges: Real) -> Bins:
    """Bins of numbers; NaN is 0."""
    found = np.clip(np.searchsorted(edges, values, side="right"), 1, BINS - 1)
    return np.where(np.isnan(values), 0, found).astype(np.uint8)


def coded(values: Real) -> Bins:
    """Bins of codes; NaN is 0."""
    return np.where(np.isnan(values), 0, np.clip(np.nan_to_num(values) + 1, 1, BINS - 1)).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class _Fork:
    predictor: int
    left: NDArray[np.bool_]
    """Bin → whether it goes left."""
    children: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Tree:
    """Forks, and the rows of the leaves it was grown from."""

    forks: dict[int, _Fork]
    leaves: dict[int, Places]
    """Node → the rows that ended there."""

    def sort(self, bins: NDArray[np.uint8]) -> dict[int, Places]:
        """Leaf → those of other rows, (rows, predictors) bins, that end there."""
        found: dict[int, Places] = {}
        waiting = [(0, np.arange(len(bins)))]
        while waiting:
            node, rows = waiting.pop()
            fork = self.forks.get(node)
            if fork is None:
                found[node] = rows
                continue
            left = fork.left[bins[rows, fork.predictor]]
            waiting += [(fork.children[0], rows[left]), (fork.children[1], rows[~left])]
        return found


def grow(target: Real, predictors: list[Predictor], *, ordered: bool) -> Tree:
    """Split rows by the predictors until nothing more is told about the target.

    Args:
        target: (rows,) numbers, or codes of words; NaN is missing.
        predictors: of the same rows.
        ordered: whether the target is a number.
    """
    classes_of = _ranked if ordered else _levels
    forks: dict[int, _Fork] = {}
    leaves: dict[int, Places] = {}
    waiting = [(0, np.arange(len(target)))]
    nodes = 1
    while waiting:
        node, rows = waiting.pop()
        found = _split(classes_of(target[rows]), predictors, rows)
        if found is None:
            leaves[node] = rows
            continue
        at, left = found
        goes = left[predictors[at].bins[rows]]
        forks[node] = _Fork(at, left, (nodes, nodes + 1))
        waiting += [(nodes, rows[goes]), (nodes + 1, rows[~goes])]
        nodes += 2
    return Tree(forks, leaves)


def _ranked(values: Real) -> Places:
    """Classes of numbers of about as many rows each; 0 is missing, and a value is never cut in two."""
    there = ~np.isnan(values)
    known = values[there]
    classes = np.zeros(len(values), np.int64)
    if len(known):
        cuts = np.unique(np.quantile(known, np.linspace(0, 1, _CLASSES + 1)[1:-1], method="inverted_cdf"))
        classes[there] = 1 + np.searchsorted(cuts, known)
    return classes


def _levels(values: Real) -> Places:
    """Classes of words: the commonest, and one for all others; 0 is missing."""
    there = ~np.isnan(values)
    codes, counts = np.unique(values[there], return_counts=True)
    common = np.sort(codes[np.argsort(-counts, kind="stable")][:_CLASSES])
    classes = np.zeros(len(values), np.int64)
    if len(common):
        at = np.minimum(np.searchsorted(common, values[there]), len(common) - 1)
        classes[there] = np.where(common[at] == values[there], 2 + at, 1)
    return classes


def _split(classes: Places, predictors: list[Predictor], rows: Places) -> tuple[int, NDArray[np.bool_]] | None:
    """The predictor and the bins that go left in the most telling split; None where none is beyond chance."""
    met, classes = np.unique(classes, return_inverse=True)
    if len(met) < 2 or len(rows) < 2 * _SMALLEST:
        return None
    best: tuple[float, int, Places, int] = (_BEYOND, -1, np.zeros(0, np.int64), 0)
    for at, one in enumerate(predictors):
        joint = np.bincount(one.bins[rows].astype(np.int64) * len(met) + classes, minlength=BINS * len(met))
        joint = joint.reshape(BINS, len(met))
        order = np.flatnonzero(joint.any(axis=1))
        if len(order) < 2:
            continue
        together = np.inf
        if not one.ordered:
            # Levels are put in the order that suits them: the cut is beyond chance only if all of them together are.
            together = _deviate(_association(joint[order]), (len(order) - 1) * (len(met) - 1))
            if together <= best[0]:
                continue
            order = order[_turns(joint[order])]
        told, cut = _best_cut(joint[order])
        beyond = min(together, _deviate(told, len(met) - 1))
        if beyond > best[0]:
            best = (beyond, at, order, cut)
    _, at, order, cut = best
    if at < 0:
        return None
    left = np.zeros(BINS, bool)
    left[order[: cut + 1]] = True
    if predictors[at].ordered:
        left[: order[cut] + 1] = True
    return at, left


def _association(joint: Places) -> float:
    """The G statistic of a table of levels and classes."""
    cells = joint.astype(float)
    return 2 * float(_information(cells).sum() - _information(cells.sum(axis=0)[None, :])[0])


def _best_cut(joint: Places) -> tuple[float, int]:
    """The greatest G statistic of a cut behind a bin, and the bin; -inf where every cut leaves too few on a side."""
    left = joint.cumsum(axis=0)[:-1].astype(float)
    whole = joint.sum(axis=0)
    right = whole - left
    size = left.sum(axis=1)
    fits = (size >= _SMALLEST) & (whole.sum() - size >= _SMALLEST)
    if not fits.any():
        return -np.inf, 0
    told = 2 * (_information(left) + _information(right) - _information(whole[None, :].astype(float)))
    told[~fits] = -np.inf
    cut = int(told.argmax())
    return float(told[cut]), cut


def _information(counts: Real) -> Real:
    """Sum of n·ln n over classes, less the same of their sum."""
    total = counts.sum(axis=1)
    result: Real = _n_log_n(counts).sum(axis=1) - _n_log_n(total)
    return result


def _n_log_n(counts: Real) -> Real:
    return counts * np.log(np.maximum(counts, 1.0))


def _turns(joint: Places) -> Places:
    """Levels of a word in the order of the first principal component of their classes (Coppersmith et al. 1999)."""
    size = joint.sum(axis=1, keepdims=True)
    share = joint / size
    off = share - joint.sum(axis=0) / joint.sum()
    _, vectors = np.linalg.eigh((off * size).T @ off)
    order: Places = np.argsort(off @ vectors[:, -1], kind="stable")
    return order


def _deviate(told: float, freedom: int) -> float:
    """A chi-squared value as a standard normal deviate (Wilson & Hilferty 1931)."""
    if told <= 0:
        return -np.inf
    spread = 2 / (9 * freedom)
    return float(((told / freedom) ** (1 / 3) - (1 - spread)) / np.sqrt(spread))
