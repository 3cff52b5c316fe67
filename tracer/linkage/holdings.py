"""What a platform held about its customers, as arrays in which each customer's values stand together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.vault.history import PERSON

Flags = NDArray[np.bool_]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Holdings:
    """Runs of one column as arrays: customer p held `token[start[p]:start[p + 1]]`, in the order of time."""

    start: Places | None
    """None where run i is customer i's and there are no others."""
    token: NDArray[np.unsignedinteger]
    days: tuple[pl.Series, pl.Series] | None
    """Days from which and until which each was seen, where they were asked for."""

    def first(self, person: NDArray[np.uint32]) -> Places:
        """Index of each customer's first run."""
        return person.astype(np.int64) if self.start is None else self.start[person]

    def last(self, person: NDArray[np.uint32]) -> Places:
        """Index after each customer's last run."""
        return person.astype(np.int64) + 1 if self.start is None else self.start[person.astype(np.int64) + 1]

    def held(self, person: NDArray[np.uint32], token: NDArray[np.unsignedinteger]) -> Places:
        """For each pair, the index of the customer's first run with this token, or -1."""
        if self.start is None:
            return np.where(self.token[person] == token, person, np.int64(-1))
        first, last = self.first(person), self.last(person)
        found = np.full(person.size, -1, np.int64)
        open_ = np.flatnonzero(first < last)
        while open_.size:
            place = first[open_]
            same = self.token[place] == token[open_]
            found[open_[same]] = place[same]
            first[open_] += 1
            open_ = open_[~same & (first[open_] < last[open_])]
        return found

    def agrees(self, person: NDArray[np.uint32], token: NDArray[np.unsignedinteger]) -> Flags:
        """For each pair, whether the customer ever held this token."""
        return np.asarray(self.token[person] == token if self.start is None else self.held(person, token) >= 0)

    def knows(self, person: NDArray[np.uint32]) -> Flags:
        """Whether the platform holds any value of this column about these customers."""
        if self.start is None:
            return np.ones(person.size, bool)
        return np.asarray(self.first(person) < self.last(person))

    @property
    def changed(self) -> float:
        """Share of the customers with any value who had more than one."""
        if self.start is None:
            return 0.0
        many = np.diff(self.start)
        return float((many > 1).sum() / max(1, (many > 0).sum()))

    def known(self, token: NDArray[np.unsignedinteger]) -> Flags:
        """(tokens,) which of them the platform holds about anybody."""
        sought, held = pl.Series(token), pl.Series(self.token)
        found = held.filter(held.is_in(sought.unique().implode())).unique()
        return sought.is_in(found.implode()).to_numpy()

    def familiar(self, token: NDArray[np.unsignedinteger]) -> float:
        """Share of these tokens, each counted once, that the platform holds about anybody."""
        return float(self.known(np.unique(token)).mean()) if token.size else 0.0


def arrange(runs: pl.DataFrame, people: int) -> Holdings:
    """Bring packed runs (`person`, `token` and perhaps `since`, `until`), ordered by person and time, into arrays."""
    days = (runs.get_column("since"), runs.get_column("until")) if "since" in runs.columns else None
    token = runs.get_column("token").to_numpy()
    if PERSON in runs.columns:
        many = np.bincount(runs.get_column(PERSON).to_numpy(), minlength=people)
        return Holdings(np.concatenate(([0], np.cumsum(many))), token, days)
    # Run i is customer i's; customers who came later have none.
    return Holdings(None if token.size == people else np.minimum(np.arange(people + 1), token.size), token, days)
