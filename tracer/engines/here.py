"""The embedded engine: everything in this process, on ordered columns."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

_MATCHES: Final = {"row": pl.UInt32, "person": pl.UInt32}


class Here:
    """Bulk work in this process.

    Both sides are ordered by token, so each platform costs one binary search a distinct token of the dump; it neither
    hashes nor copies the platform's millions.
    """

    name = "here"

    def match(self, sought: pl.DataFrame, registered: pl.DataFrame) -> pl.DataFrame:
        """See `Engine.match`."""
        wanted, held = sought.get_column("token").to_numpy(), registered.get_column("token").to_numpy()
        if wanted.size == 0 or held.size == 0:
            return pl.DataFrame(schema=_MATCHES)
        first = np.searchsorted(held, wanted, side="left")
        hit = np.flatnonzero(held[np.minimum(first, held.size - 1)] == wanted)
        if hit.size == 0:
            return pl.DataFrame(schema=_MATCHES)
        last = np.searchsorted(held, wanted[hit], side="right")
        count = last - first[hit]
        # One entry for each registered run with this token: first[hit], first[hit] + 1, … last - 1.
        place = np.repeat(first[hit] - np.concatenate(([0], np.cumsum(count)[:-1])), count) + np.arange(count.sum())
        rows = sought.get_column("row").to_numpy()[hit]
        people = registered.get_column("person").to_numpy()
        matches = pl.DataFrame({"row": np.repeat(rows, count), "person": people[place]}, schema=_MATCHES)
        return matches.unique() if bool((count > 1).any()) else matches
