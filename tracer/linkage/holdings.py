"""What a platform held about its customers, as arrays in which each customer's values stand together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Holdings:
    """Runs of one column as arrays: customer p held `token[start[p]:start[p + 1]]`, in the order of time."""

    start: Places
    token: NDArray[np.uint64]
    days: tuple[pl.Series, pl.Series] | None
    """Days from which and until which each was seen, where they were asked for."""

    def held(self, person: NDArray[np.uint32], token: NDArray[np.uint64]) -> Places:
        """For each pair, the index of the customer's first run with this token, or -1."""
        first, last = self.start[person], self.start[person.astype(np.int64) + 1]
        found = np.full(person.size, -1, np.int64)
        open_ = np.flatnonzero(first < last)
        while open_.size:
            place = first[open_]
            same = self.token[place] == token[open_]
            found[open_[same]] = place[same]
            first[open_] += 1
            open_ = open_[~same & (first[open_] < last[open_])]
        return found

    def knows(self, person: NDArray[np.uint32]) -> Flags:
        """Whether the platform holds any value of this column about these customers."""
        return np.asarray(self.start[person] < self.start[person.astype(np.int64) + 1])

    def familiar(self, token: NDArray[np.uint64]) -> float:
        """Share of these tokens that the platform holds about anybody."""
        if not token.size:
            return 0.0
        sought = pl.Series(token).unique()
        held = pl.Series(self.token)
        return held.filter(held.is_in(sought.implode())).n_unique() / sought.len()


def arrange(runs: pl.DataFrame, people: int) -> Holdings:
    """Bring runs (`person`, `token` and perhaps `since`, `until`), ordered by person and time, into arrays."""
    person = runs.get_column("person").to_numpy()
    if person.size == people and people and person[-1] == people - 1 and bool((np.diff(person) == 1).all()):
        start = np.arange(people + 1)
    else:
        start = np.concatenate(([0], np.cumsum(np.bincount(person, minlength=people))))
    days = (runs.get_column("since"), runs.get_column("until")) if "since" in runs.columns else None
    return Holdings(start.astype(np.int64, copy=False), runs.get_column("token").to_numpy(), days)
