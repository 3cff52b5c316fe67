"""A source's customers by province, product and month, an innocent neighbour, and a seller's filtered draw."""

from __future__ import annotations

import numpy as np

from tracer.attribution.overlap import Flags, Labels

CUSTOMERS = 6_000


def table(rng: np.random.Generator) -> dict[str, Labels]:
    """Province, product and month of joining of a source's customers; some provinces are not known."""
    province = rng.choice(12, CUSTOMERS, p=rng.dirichlet(np.full(12, 3.0)))
    return {
        "province": np.where(rng.random(CUSTOMERS) < 0.05, -1, province),
        "product": rng.choice(5, CUSTOMERS),
        "month": rng.integers(0, 30, CUSTOMERS),
    }


def regional(rng: np.random.Generator, columns: dict[str, Labels]) -> Flags:
    """Who is a customer of an innocent platform that does most of its business in the first provinces."""
    chance = np.where((columns["province"] >= 0) & (columns["province"] < 4), 0.5, 0.05)
    return np.asarray(rng.random(CUSTOMERS) < chance)


def filtered(rng: np.random.Generator, columns: dict[str, Labels], count: int) -> Flags:
    """A draw from the first provinces and two of the products."""
    fits = (columns["province"] >= 0) & (columns["province"] < 4) & (columns["product"] < 2)
    drawn = np.zeros(CUSTOMERS, bool)
    drawn[rng.choice(np.flatnonzero(fits), min(count, int(fits.sum())), replace=False)] = True
    return drawn
