"""Who holds what, each fact once and in one order."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.ordered import distinct
from tracer.tokens import order

_HALF: Final = np.uint64(32)
_EARLIEST: Final = 2**31
"""Added to a day, so that it is not negative."""


def by_token(token: NDArray[np.uint64], person: NDArray[np.uint32]) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
    """(token, customer) ordered by both, each once."""
    placed = order(token)
    return once(token[placed], person[placed])


def once(token: NDArray[np.uint64], person: NDArray[np.uint32]) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
    """Facts ordered by token, ordered by both, each once."""
    same = token[1:] == token[:-1]
    if not same.any():
        return token, person
    several = np.flatnonzero(np.append(same, False) | np.insert(same, 0, False))
    placed = several[np.lexsort((person[several], token[several]))]
    person = person.copy()
    person[several] = person[placed]
    fresh = np.insert(~same | (person[1:] != person[:-1]), 0, True)
    return token[fresh], person[fresh]


def by_person(person: NDArray[np.uint32], value: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """(customer, value) ordered by both, each once."""
    if person.size and (np.diff(person.astype(np.int64)) <= 0).any():
        key = person.astype(np.uint64) << _HALF | value
        held = distinct(pl.Series(key).sort().to_numpy())
        return (held >> _HALF).astype(np.uint32), held.astype(np.uint32)
    return person, value


def earliest(person: NDArray[np.uint32], day: pl.Series) -> tuple[NDArray[np.uint32], pl.Series]:
    """(customer, Date) the first day of each customer, ordered by customer."""
    person, value = by_person(person, numbers(day))
    first = np.ones(person.size, bool)
    first[1:] = person[1:] != person[:-1]
    return person[first], days(value[first])


def numbers(day: pl.Series) -> NDArray[np.uint32]:
    """Days (Date) as numbers in the same order."""
    return (day.cast(pl.Int32).to_numpy().astype(np.int64) + _EARLIEST).astype(np.uint32)


def days(number: NDArray[np.unsignedinteger]) -> pl.Series:
    """What `numbers` was given."""
    return pl.Series((number.astype(np.int64) - _EARLIEST).astype(np.int32)).cast(pl.Date)
