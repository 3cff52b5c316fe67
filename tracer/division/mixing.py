"""Numbers that look like chance and are always the same: choices that every run and every part makes alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]


def mixed(number: NDArray[np.unsignedinteger], salt: int = 0) -> Words:
    """A word for each number, equal for equal ones (splitmix64: Steele, Lea & Flood 2014)."""
    word = number.astype(np.uint64) + np.uint64((0x9E3779B97F4A7C15 * (salt + 1)) & (2**64 - 1))
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


def chosen(number: NDArray[np.unsignedinteger], rate: float, salt: int) -> NDArray[np.bool_]:
    """Which of the numbers are of a random choice of this share; what is chosen at a lower rate is at a higher one."""
    if rate >= 1:
        return np.ones(number.size, bool)
    return np.asarray(mixed(number, salt) < np.uint64(int(2**64 * rate)))
