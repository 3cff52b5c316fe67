"""How alike two values are, in five steps: the same, heard alike, a typing error apart, alike, different."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA, JaroWinkler

from tracer.comparison.alignment import Kind
from tracer.comparison.people import Codes, Trait

Levels = NDArray[np.uint8]

MISSING, SAME, SOUNDS, TYPO, ALIKE, DIFFER = range(6)
STEPS: Final = 6

_LIKE: Final = 0.88
"""Jaro-Winkler similarity from which two texts are alike (Winkler 1990 prefix bonus, 0 … 1)."""
_REORDERED: Final = 85.0
"""Ratio of sorted words from which two texts are alike (0 … 100)."""
_NEAR: Final = 0.02
"""Two numbers are alike that differ by this share of the greater."""
_BATCH: Final = 1_000_000


def compare(trait: Trait, ours: Codes, theirs: Codes) -> Levels:
    """(pairs,) level of each pair of values, given by their numbers (-1: missing)."""
    level = np.full(ours.size, DIFFER, np.uint8)
    level[(ours < 0) | (theirs < 0)] = MISSING
    both = (ours >= 0) & (theirs >= 0)
    level[both & (ours == theirs)] = SAME
    if (trait.sound >= 0).any():
        heard = both & (level == DIFFER) & (trait.sound[ours] >= 0) & (trait.sound[ours] == trait.sound[theirs])
        level[heard] = SOUNDS
    rest = np.flatnonzero(level == DIFFER)
    if rest.size:
        number = ours[rest].astype(np.int64) * len(trait.values) + theirs[rest]
        distinct, place = np.unique(number, return_inverse=True)
        one, other = np.divmod(distinct, len(trait.values))
        level[rest] = _unlike(trait, one, other)[place]
    return level


def _unlike(trait: Trait, one: NDArray[np.int64], other: NDArray[np.int64]) -> Levels:
    """Levels of pairs of values that are not the same."""
    parts = [
        _batch(
            trait, trait.values.gather(one[start : start + _BATCH]), trait.values.gather(other[start : start + _BATCH])
        )
        for start in range(0, one.size, _BATCH)
    ]
    return np.concatenate(parts)


def _batch(trait: Trait, one: pl.Series, other: pl.Series) -> Levels:
    ours, theirs = one.to_list(), other.to_list()
    level = np.full(len(ours), DIFFER, np.uint8)
    shorter = np.minimum(one.str.len_chars().to_numpy(), other.str.len_chars().to_numpy())
    edits = _scored(ours, theirs, OSA.distance, score_cutoff=2, dtype=np.uint8)
    if trait.kind in (Kind.NAME, Kind.TEXT):
        like = _scored(ours, theirs, JaroWinkler.similarity, dtype=np.float32) >= _LIKE
        words = _scored(ours, theirs, fuzz.token_sort_ratio, dtype=np.float32) >= _REORDERED
        level[like | words | ((edits == 1) & (shorter >= 2))] = ALIKE
        level[(edits == 1) & (shorter >= 3)] = TYPO
        return level
    if trait.kind is Kind.NUMBER:
        level[_near(one, other)] = ALIKE
    else:
        level[(edits == 2) & (shorter >= 5)] = ALIKE
    level[(edits == 1) & (shorter >= 3)] = TYPO
    if trait.kind is Kind.DATE:
        level[_day_and_month(one, other)] = TYPO
    return level


def _scored(ours: list[str], theirs: list[str], scorer: Any, **settings: Any) -> NDArray[Any]:
    return process.cpdist(ours, theirs, scorer=scorer, workers=-1, **settings)


def _near(one: pl.Series, other: pl.Series) -> NDArray[np.bool_]:
    ours, theirs = (each.cast(pl.Float64, strict=False).to_numpy() for each in (one, other))
    with np.errstate(invalid="ignore"):
        return np.asarray(np.abs(ours - theirs) <= _NEAR * np.maximum(np.abs(ours), np.abs(theirs)))


def _day_and_month(one: pl.Series, other: pl.Series) -> NDArray[np.bool_]:
    """Whether day and month have changed places: 2024-05-03 and 2024-03-05."""
    turned = one.str.replace(r"^(\d{4})-(\d\d)-(\d\d)", "${1}-${3}-${2}")
    return (turned == other).to_numpy()
