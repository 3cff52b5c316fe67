"""Which of many records are looked at: some out of every part, and never in step with what recurs in the file."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def spread(count: int, most: int) -> NDArray[np.int64]:
    """At most `most` places out of `count`, rising: one drawn at random from each of as many runs of equal length.

    Every k-th place would see one half of a file in which two sources take turns. The draw is the same every time.
    """
    runs = min(count, most)
    bounds = np.linspace(0, count, runs + 1).astype(np.int64)
    lengths = np.diff(bounds)
    return bounds[:-1] + (np.random.default_rng(runs).random(runs) * lengths).astype(np.int64)
