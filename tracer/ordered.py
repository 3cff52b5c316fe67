"""Numbers that stand in ascending order: found, cut and told apart without sorting or hashing them anew."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.generic)
Numbers = NDArray[Number]


def among(sought: Numbers[Any], ascending: Numbers[Any]) -> NDArray[np.bool_]:
    """(sought,) whether each number, in whatever order they stand, is one of those in order."""
    if not ascending.size:
        return np.zeros(sought.size, bool)
    place = np.minimum(np.searchsorted(ascending, sought), ascending.size - 1)
    return np.asarray(ascending[place] == sought)


def distinct(ascending: Numbers[Number]) -> Numbers[Number]:
    """Each number once."""
    fresh = np.ones(ascending.size, bool)
    fresh[1:] = ascending[1:] != ascending[:-1]
    return ascending[fresh]


def below(ascending: NDArray[np.uint64], rate: float) -> NDArray[np.uint64]:
    """Those below 2^64 · rate: of tokens, which are even, a random sample of that share. A rate of 1 keeps all."""
    if rate >= 1.0:
        return ascending
    return ascending[: np.searchsorted(ascending, np.uint64(int(2**64 * rate)))]
