"""Chance that can be asked again: the same person, platform and month always get the same draw, in any order.

Every draw is a hash of an index, so nothing has to be drawn in sequence or kept: the balance of customer 3,141,592 in a
month of next year is had without inventing anybody else. SplitMix64 gives the bits (Steele, Lea & Flood 2014, "Fast
splittable pseudorandom number generators"), a Feistel network with cycle walking the shuffles (Black & Rogaway 2002,
"Ciphers with arbitrary finite domains").
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

Index = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint64]
Real = npt.NDArray[np.float64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_ROUNDS = 4


def seed_of(*words: int | str) -> int:
    """A 64-bit number for some words, the same on every machine."""
    return int.from_bytes(hashlib.blake2b("/".join(map(str, words)).encode(), digest_size=8).digest(), "big")


def generator(*words: int | str) -> np.random.Generator:
    """A stream of chance for some words, for what is drawn in one go."""
    return np.random.Generator(np.random.PCG64(seed_of(*words)))


def bits(index: Index, *words: int | str) -> Bits:
    """64 evenly drawn bits for every entry of `index`, another draw for other words."""
    z = index.astype(np.uint64)
    z += np.uint64(1)
    z *= _STEP
    z += np.uint64(seed_of(*words))
    z ^= z >> np.uint64(30)
    z *= _FIRST
    z ^= z >> np.uint64(27)
    z *= _SECOND
    z ^= z >> np.uint64(31)
    return z


def uniform(index: Index, *words: int | str) -> Real:
    """Evenly drawn numbers in the open interval (0, 1)."""
    return ((bits(index, *words) >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


def normal(index: Index, *words: int | str) -> Real:
    """Standard normal numbers (Box & Muller 1958)."""
    radius = np.sqrt(-2.0 * np.log(uniform(index, *words, "radius")))
    turned: Real = radius * np.cos(2.0 * np.pi * uniform(index, *words, "angle"))
    return turned


def exponential(index: Index, mean: float, *words: int | str) -> Real:
    """Exponentially distributed waiting times of the given mean."""
    waits: Real = -mean * np.log(uniform(index, *words))
    return waits


def pick(index: Index, weights: Real, *words: int | str) -> Index:
    """A place 0 … len(weights) - 1 for every entry, as likely as its weight says."""
    steps = np.cumsum(weights)
    return np.searchsorted(steps / steps[-1], uniform(index, *words), side="right").astype(np.int64)


def shuffled(index: Index, size: int, *words: int | str) -> Index:
    """Where a shuffle of 0 … size - 1 puts every entry of `index`; different entries never meet.

    Args:
        index: numbers in 0 … size - 1.
        size: how many there are.
        words: name the shuffle.
    """
    half = max(1, (int(size - 1).bit_length() + 1) // 2)
    keys = [f"round {number}" for number in range(_ROUNDS)]
    place = index.copy()
    astray = np.arange(len(index))
    while len(astray):
        moved = _feistel(place[astray], half, *words, keys=keys)
        place[astray] = moved
        astray = astray[moved >= size]
    return place


def _feistel(value: Index, half: int, *words: int | str, keys: list[str]) -> Index:
    mask = np.int64((1 << half) - 1)
    left, right = value >> np.int64(half), value & mask
    for key in keys:
        left, right = right, left ^ (bits(right, *words, key).astype(np.int64) & mask)
    return (left << np.int64(half)) | right
