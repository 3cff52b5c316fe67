"""Who lives in an invented world: a name, an ID, a city and mobile numbers for every person's number, by arithmetic.

Nobody is stored and nobody is real. Person 17's ID is what a keyed shuffle of all (district, birthday, sequence) makes
of 17, with its true check digit; so no two people share an ID or a phone number, and the millionth is had as fast as
the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from tracer.demo.chance import Index, Real, pick, shuffled, uniform
from tracer.demo.vocabulary import CITIES, FEMALE, HEADS, MALE, SURNAMES

_BORN_FROM: Final = date(1960, 1, 1)
_BORN_DAYS: Final = (date(2005, 1, 1) - _BORN_FROM).days
_SEQUENCES: Final = 999
_CHECK_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS: Final = "10X98765432"
_LINES: Final = 10**8
_SINGLE_NAMES: Final = 0.14
_AT_HOME: Final = 0.75

IDENTITIES: Final = len(CITIES) * _BORN_DAYS * _SEQUENCES
"""How many people there can be (0.7 thousand million)."""
NUMBERS: Final = len(HEADS) * _LINES
"""How many mobile numbers there can be (4 thousand million)."""

_SURNAMES: Final = pl.Series(SURNAMES)
_GIVEN: Final = pl.Series([*MALE, *FEMALE])
_CITY: Final = pl.Series([city for _, city in CITIES])
_DISTRICT: Final = np.array([code for code, _ in CITIES], dtype=np.int64)
_HEAD: Final = np.array(HEADS, dtype=np.int64)
_CHECK: Final = pl.Series(list(_CHECK_DIGITS))


@dataclass(frozen=True, slots=True)
class _Birth:
    """What an ID says: the row of `CITIES`, days after `_BORN_FROM`, and 1 … 999 (odd for men)."""

    city: Index
    day: Index
    sequence: Index


def _birth(person: Index, seed: int) -> _Birth:
    place = shuffled(person, IDENTITIES, seed, "identity")
    rest, sequence = np.divmod(place, np.int64(_SEQUENCES))
    city, day = np.divmod(rest, np.int64(_BORN_DAYS))
    return _Birth(city, day, sequence + 1)


def national_ids(person: Index, seed: int) -> pl.Series:
    """Citizen identity numbers of 18 characters with their check digit (GB 11643-1999); Utf8, one per entry.

    Args:
        person: numbers of people, 0 … IDENTITIES - 1.
        seed: the world's.
    """
    birth = _birth(person, seed)
    born = (np.datetime64(_BORN_FROM) + birth.day).astype("datetime64[D]")
    year, month = born.astype("datetime64[Y]"), born.astype("datetime64[M]")
    written = (year.astype(np.int64) + 1970) * 10_000
    written += ((month - year).astype(np.int64) + 1) * 100 + (born - month).astype(np.int64) + 1
    body = (_DISTRICT[birth.city] * 10**8 + written) * 1000 + birth.sequence
    return pl.Series("national_id", body).cast(pl.String) + _CHECK.gather(_check(body))


def _check(body: Index) -> Index:
    total, rest = np.zeros_like(body), body
    for weight in reversed(_CHECK_WEIGHTS):
        rest, digit = np.divmod(rest, 10)
        total += weight * digit
    return total % 11


def names(person: Index, seed: int) -> pl.Series:
    """A surname and one or two given characters that suit the ID's sex; many people share a name, as they do."""
    rank = np.arange(len(SURNAMES), dtype=np.float64)
    surname = _SURNAMES.gather(pick(person, 1.0 / (rank + 4.0), seed, "surname"))
    female = (_birth(person, seed).sequence % 2 == 0) * np.int64(len(MALE))
    first, second = (_given(person, seed, place) + female for place in ("first", "second"))
    single = pl.Series(uniform(person, seed, "single name") < _SINGLE_NAMES)
    ending = _GIVEN.gather(second).zip_with(~single, pl.Series([""]).new_from_index(0, len(person)))
    return (surname + _GIVEN.gather(first) + ending).alias("name")


def _given(person: Index, seed: int, place: str) -> Index:
    weights: Real = 1.0 / (np.arange(min(len(MALE), len(FEMALE)), dtype=np.float64) + 8.0)
    return pick(person, weights, seed, "given name", place)


def cities(person: Index, seed: int) -> pl.Series:
    """The city a person lives in: mostly the one the ID was given in."""
    away = pick(person, np.ones(len(CITIES)), seed, "moved to")
    stays = uniform(person, seed, "stays") < _AT_HOME
    return _CITY.gather(np.where(stays, _birth(person, seed).city, away)).alias("city")


def phones(line: Index, seed: int) -> pl.Series:
    """Mainland mobile numbers of 11 digits; different lines have different numbers.

    Args:
        line: numbers of telephone lines, 0 … NUMBERS - 1.
        seed: the world's.
    """
    head, rest = np.divmod(shuffled(line, NUMBERS, seed, "phone"), np.int64(_LINES))
    return pl.Series("phone", _HEAD[head] * _LINES + rest).cast(pl.String)
