"""How many nats it takes to tell how a dump came about (minimum description length; Rissanen 1978).

Records are told as a choice: of those of the parents, and of an invisible stock of people. So "a selection from a
larger dump" and "an addition to a smaller one" cost the same, as they should: containment has no direction. What breaks
the tie is irreversible: damaged cells, columns left out, masked digits, a lost order, and days.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from graphs.lineage.family import BLOCKS, Counts
from graphs.lineage.ledger import Ledger
from graphs.lineage.weights import Weights

_WHOLE = 0.98
"""Share of a list from which it was taken whole."""
_GAINED = 1.05
"""What a list put together from others has of them, in shares of the largest part, where it was worth while."""

Nats = NDArray[np.float64]


def costs(book: Ledger, weights: Weights, draws: Counts | None = None) -> Nats:
    """(options, replicates) nats of every option.

    Args:
        book: the options.
        weights: of events.
        draws: (BLOCKS, replicates) weight of each block of records; all 1 if left out.
    """
    draws = np.ones((BLOCKS, 1), np.float32) if draws is None else draws
    return book.acts[:, None] + _records(book, weights, draws)


def _records(book: Ledger, weights: Weights, draws: Counts) -> Nats:
    children = np.array([option.child for option in book.options])
    fathers = np.array([[*option.parents, -1, -1, -1][:3] for option in book.options])
    count = (fathers >= 0).sum(axis=1)[:, None]
    size = (book.sizes @ draws).astype(np.float64)
    own, union, covered, beside, aside = (
        size[children], _weighed(book.union, draws), _weighed(book.covered, draws),
        _weighed(book.beside, draws), _weighed(book.aside, draws),
    )  # fmt: skip
    separate: Nats = np.zeros_like(own)
    for place in range(3):
        there = fathers[:, place] >= 0
        part = _selection(size[fathers[there, place]], _weighed(book.hits[there, place], draws), weights)
        separate[there] += part
    joint = _selection(union, covered, weights) + weights.loose
    chosen = np.where(count > 1, np.minimum(separate, joint), separate)
    fresh = np.maximum(0.0, own - covered - aside)
    stock = weights.overlap * book.stock * float(draws.mean())
    novel = _choose(np.maximum(stock - union - beside, fresh), fresh)
    share = fresh / np.maximum(own, 1)
    padded = weights.pad + np.log1p(own) + weights.wild * np.maximum(0, share - weights.tame)
    novel += np.where((fresh > 0.5) & (count > 0), padded, 0)
    several = count > 1
    most = np.max([_weighed(book.hits[:, place], draws) for place in range(3)], axis=0)
    cut = (count == 1) & (most < _WHOLE * size[fathers[:, 0]])
    novel += np.where((several | cut) & (fresh > 0.5), weights.topped, 0)
    novel += np.where(several & (covered < _GAINED * most), weights.needless, 0)
    sibling = np.array([bool(option.siblings) for option in book.options])[:, None]
    # Of a dump that was not seized only its descendants are known: one selection out of all of them together.
    whole = _selection(union + beside, covered + aside, weights)
    return np.where(sibling, whole, chosen) + novel + _weighed(book.cells, draws)


def _weighed(sums: Counts, draws: Counts) -> Nats:
    total: Nats = (sums @ draws).astype(np.float64)
    return total


def _choose(total: Nats, part: Nats) -> Nats:
    """Logarithm of how many ways there are to choose `part` of `total`."""
    part = np.clip(part, 0, total)
    ways: Nats = gammaln(total + 1) - gammaln(part + 1) - gammaln(total - part + 1)
    return ways


def _selection(total: Nats, part: Nats, weights: Weights) -> Nats:
    whole = part >= total - 0.5
    some = weights.part + _choose(total, part) + np.log1p(total)
    return np.where(whole, weights.whole, some)
