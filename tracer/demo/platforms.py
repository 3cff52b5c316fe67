"""One invented lender: whom it serves since when, and what it lends them.

Products and limits are drawn for each platform; a person's limits at two platforms correlate as far as the plan says,
for both look at one income.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from tracer.demo.chance import Index, bits, generator, normal, pick, uniform
from tracer.demo.vocabulary import PRODUCTS

DAY: Final = 86_400
"""Seconds."""
YEAR: Final = 365.25
"""Days."""
_EPOCH: Final = date(1970, 1, 1)
_MONTH: Final = 30.4375
_LIMIT_SPREAD: Final = 1.0
_STEPS: Final = (500, 1000, 2000)


@dataclass(frozen=True, slots=True)
class Trade:
    """What a platform sells."""

    products: tuple[str, ...]
    shares: tuple[float, ...]
    """How much of the trade each product is."""
    step: int
    """Limits are multiples of this, in yuan."""
    median: float
    """Median limit in yuan."""


@dataclass(frozen=True, slots=True, eq=False)
class Platform:
    """A lender and its customers, in the order they joined."""

    name: str
    hidden: bool
    """Nobody registered it: its dumps must not be blamed on a registered platform."""
    person: Index
    """Number of each customer's person."""
    joined: Index
    """When each customer joined: seconds since 1970, ascending."""
    trade: Trade
    fields: tuple[str, ...] = ()
    """What its table holds; empty for everything."""

    def holds(self, field: str) -> bool:
        """Whether its table has this field."""
        return not self.fields or field in self.fields


def days_of(day: date) -> int:
    """Days since 1970."""
    return (day - _EPOCH).days


def trade(seed: int, name: str) -> Trade:
    """Invent what a platform sells."""
    rng = generator(seed, name, "trade")
    count = int(rng.integers(4, 7))
    chosen = rng.choice(len(PRODUCTS), count, replace=False)
    shares = rng.dirichlet(np.full(count, 4.0))
    median = float(rng.uniform(8_000, 40_000))
    names = tuple(PRODUCTS[place] for place in chosen)
    return Trade(names, tuple(map(float, shares)), int(rng.choice(_STEPS)), median)


def products(platform: Platform, person: Index, seed: int, taste: float = 0.0) -> pl.Series:
    """The loan each person has at this platform; it stays.

    Args:
        platform: whose customers they are.
        person: numbers of people.
        seed: the world's.
        taste: share of people who take the one they like best of those that are sold.
    """
    place = pick(person, np.array(platform.trade.shares), seed, platform.name, "product")
    if taste:
        liking = np.stack([uniform(person, seed, "likes", product) for product in platform.trade.products])
        place = np.where(uniform(person, seed, "has taste") < taste, liking.argmax(axis=0), place)
    return pl.Series("product", platform.trade.products).gather(place)


def limits(platform: Platform, person: Index, seed: int, correlation: float) -> Index:
    """Credit limits in yuan: log-normal, rounded up to the platform's step; they stay.

    Args:
        platform: whose customers they are.
        person: numbers of people.
        seed: the world's.
        correlation: of the logarithms of one person's limits at two platforms, before rounding; 0 … 1.
    """
    income = normal(person, seed, "income")
    own = normal(person, seed, platform.name, "limit")
    score = np.sqrt(correlation) * income + np.sqrt(1.0 - correlation) * own
    yuan = platform.trade.median * np.exp(_LIMIT_SPREAD * score)
    steps = np.clip(np.ceil(yuan / platform.trade.step), 2, 400).astype(np.int64)
    rounded: Index = steps * platform.trade.step
    return rounded


def balances(platform: Platform, person: Index, limit: Index, day: int, seed: int) -> Index:
    """What each person owes on a day, in fen: a new share of the limit every month, from a billing day of one's own.

    Args:
        platform: whose customers they are.
        person: numbers of people.
        limit: their limits, yuan.
        day: days since 1970.
        seed: the world's.
    """
    billing = uniform(person, seed, platform.name, "billing day") * _MONTH
    month = np.floor((day + billing) / _MONTH).astype(np.int64)
    used = uniform(person * 4096 + month, seed, platform.name, "balance")
    fen: Index = np.maximum(1, np.floor(used * limit * 100.0)).astype(np.int64)
    return fen


def accounts(platform: Platform, person: Index, seed: int) -> pl.Series:
    """User names: `u` and ten hexadecimal digits, other ones at every platform."""
    drawn = bits(person, seed, platform.name, "account").astype(">u8")
    written = np.frombuffer(drawn.tobytes().hex().encode(), dtype="S16")
    return ("u" + pl.Series(written, dtype=pl.Binary).cast(pl.String).str.slice(0, 10)).alias("account")
