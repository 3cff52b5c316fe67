"""Donors: three real rows that are alike in everything, of which one canary's profile is mixed.

A hot deck (Andridge & Little 2010, "A review of hot deck imputation for survey non-response") fills a field from a real
row, so every value is one the table holds. Mixing three rows that are near each other keeps the dependence between
columns; columns that determine each other (an age and a year of birth) always come from the same donor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

Places = NDArray[np.int64]
Real = NDArray[np.float64]

NEIGHBOURS: Final = 8
"""Among how many rows nearest to the first donor the two others are drawn."""
_BINS: Final = 12
_TIED: Final = 0.25
"""Columns whose normalised mutual information is at least this much travel together."""
_TIED_ROWS: Final = 4_000
_RISING: Final = 0.15
"""Share of the variance of one number's ranks that another must explain for the two to travel together."""
_DECIDING: Final = 0.08
"""Share of the variance of their distance that a third must explain to travel with them."""
_FEWEST: Final = 50
_CHUNK: Final = 256
_ROUNDS: Final = 12


@dataclass(frozen=True, slots=True)
class Profile:
    """Columns of a sample of rows that say what kind of customer each is."""

    names: tuple[str, ...]
    numeric: NDArray[np.bool_]
    values: Real
    """(rows, columns): ranks in 0 … 1 for numbers, codes for words; missing is -1."""

    @property
    def rows(self) -> int:
        """How many rows there are to take from."""
        return int(self.values.shape[0])


def profile(columns: Mapping[str, pl.Series]) -> Profile:
    """Make numbers of columns of text: what reads as numbers in most cells is ranked, everything else is coded."""
    numeric, values = [], []
    for cells in columns.values():
        number = cells.str.replace_all(r"[^0-9.-]", "").cast(pl.Float64, strict=False)
        filled = cells.len() - cells.null_count()
        is_number = filled > 0 and cells.n_unique() > 2 * _BINS and number.count() > 0.9 * filled
        numeric.append(is_number)
        values.append(_ranks(number) if is_number else _codes(cells))
    rows = next(iter(columns.values())).len() if columns else 0
    matrix = np.column_stack(values) if values else np.zeros((rows, 0))
    return Profile(tuple(columns), np.array(numeric, bool), matrix)


def _ranks(number: pl.Series) -> Real:
    ranks = number.rank("average") / max(1, number.count())
    return ranks.fill_null(-1.0).to_numpy()


def _codes(cells: pl.Series) -> Real:
    codes = cells.rank("dense").cast(pl.Float64)
    return codes.fill_null(-1.0).to_numpy()


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Every row's nearest rows, and how often each is to be taken so that every row is taken alike.

    A row in a dense place is near to many; taken by nearness alone it would lend its values too often, and rare values
    would die out. The shares are balanced as by Sinkhorn & Knopp (1967).
    """

    nearest: Places
    """(rows, near)"""
    shares: Real
    """(rows, near) cumulated over each row."""


def neighbourhood(known: Profile, rng: np.random.Generator) -> Neighbourhood:
    """Find every row's nearest rows."""
    near = min(NEIGHBOURS, max(1, known.rows - 1))
    nearest = np.empty((known.rows, near), np.int64)
    for start in range(0, known.rows, _CHUNK):
        apart = distances(known, known.values[start : start + _CHUNK])
        apart += rng.random(apart.shape) * 1e-6  # ties are broken by lot
        mine = np.arange(len(apart))
        apart[mine, start + mine] = np.inf
        nearest[start : start + _CHUNK] = np.argpartition(apart, near - 1, axis=1)[:, :near]
    weight = np.ones(known.rows)
    for _ in range(_ROUNDS):
        shares = weight[nearest]
        shares /= shares.sum(axis=1, keepdims=True)
        taken = np.bincount(nearest.ravel(), shares.ravel(), known.rows)
        weight = np.clip(weight / np.maximum(taken, 1e-3), 1e-3, 1e3)
    return Neighbourhood(nearest, shares.cumsum(axis=1))


def deal(around: Neighbourhood, count: int, rng: np.random.Generator) -> Places:
    """Three donors each for `count` canaries: a row, and two of the rows nearest to it.

    Returns:
        (count, 3) places of rows.
    """
    rows = len(around.nearest)
    anchors = np.concatenate([rng.permutation(rows) for _ in range(-(-count // rows))])[:count]
    others = []
    for _ in range(2):
        drawn = (around.shares[anchors] < rng.random((count, 1))).sum(axis=1)
        others.append(around.nearest[anchors, np.minimum(drawn, around.nearest.shape[1] - 1)])
    return np.column_stack([anchors, *others])


def distances(known: Profile, rows: Real) -> Real:
    """(rows, all rows) how unlike each is: a different word counts 1, a number by how far its rank is off."""
    apart = np.zeros((len(rows), known.rows))
    for column, numeric in enumerate(known.numeric):
        mine, all_of_it = rows[:, column, None], known.values[None, :, column]
        apart += np.abs(mine - all_of_it) if numeric else (mine != all_of_it)
    return apart


def blocks(known: Profile, ordered: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Columns that must come from one donor together: tied by mutual information, or by an order that always holds."""
    names = list(known.names)
    leader = {name: name for name in names}

    def lead(name: str) -> str:
        while leader[name] != name:
            name = leader[name]
        return name

    binned = [_bins(known, column) for column in range(len(names))]
    pairs = [
        (one, other)
        for at, one in enumerate(names)
        for to, other in enumerate(names[:at])
        if _tie(binned[at], binned[to]) >= _TIED
    ]
    for one, other in [*pairs, *ordered, *_in_proportion(known)]:
        if one in leader and other in leader:
            leader[lead(one)] = lead(other)
    together: dict[str, list[str]] = {}
    for name in names:
        together.setdefault(lead(name), []).append(name)
    return list(together.values())


def _in_proportion(known: Profile) -> list[tuple[str, str]]:
    """Numbers that rise together, and what decides their proportion: a term, beside a limit and its instalment."""
    numbers = [at for at, numeric in enumerate(known.numeric) if numeric]
    found = []
    for at, one in enumerate(numbers):
        for other in numbers[:at]:
            there = (known.values[:, one] >= 0) & (known.values[:, other] >= 0)
            ranks = known.values[there][:, [one, other]]
            if len(ranks) < _FEWEST or _correlation(ranks[:, 0], ranks[:, 1]) ** 2 < _RISING:
                continue
            found.append((known.names[one], known.names[other]))
            apart = ranks[:, 0] - ranks[:, 1]
            found += [
                (known.names[one], known.names[third])
                for third in set(range(len(known.names))) - {one, other}
                if _explained(apart, _bins(known, third, rows=known.rows)[there]) >= _DECIDING
            ]
    return found


def _correlation(one: Real, other: Real) -> float:
    spread = float(one.std() * other.std())
    return float(((one - one.mean()) * (other - other.mean())).mean()) / spread if spread > 0 else 0.0


def _explained(values: Real, groups: Places) -> float:
    """The share of the variance that lies between groups (Pearson's correlation ratio, squared)."""
    counts = np.bincount(groups)
    means = np.bincount(groups, values) / np.maximum(counts, 1)
    return float((counts * (means - values.mean()) ** 2).sum() / max(1e-12, ((values - values.mean()) ** 2).sum()))


def _bins(known: Profile, column: int, rows: int = _TIED_ROWS) -> Places:
    values = known.values[:rows, column]
    if known.numeric[column]:
        return np.where(values < 0, 0, 1 + np.minimum(_BINS - 1, values * _BINS)).astype(np.int64)
    codes, counts = np.unique(values, return_counts=True)
    common = codes[np.argsort(-counts)][:_BINS]
    found = np.searchsorted(np.sort(common), values)
    sorted_common = np.sort(common)
    hit = sorted_common[np.minimum(found, len(sorted_common) - 1)] == values
    return np.where(hit, found + 1, 0).astype(np.int64)


def _tie(one: Places, other: Places) -> float:
    """Mutual information over the smaller entropy, less what chance gives (Miller 1955): 0 … 1."""
    rows = len(one)
    if rows < 50:
        return 0.0
    joint = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(joint, (one, other), 1.0)
    joint /= rows
    left, right = joint.sum(1), joint.sum(0)
    seen = joint > 0
    mutual = float((joint[seen] * np.log(joint[seen] / np.outer(left, right)[seen])).sum())
    by_chance = ((left > 0).sum() - 1) * ((right > 0).sum() - 1) / (2 * rows)
    least = min(_entropy(left), _entropy(right))
    return max(0.0, mutual - float(by_chance)) / least if least > 0.01 else 0.0


def _entropy(shares: Real) -> float:
    seen = shares[shares > 0]
    return float(-(seen * np.log(seen)).sum())
