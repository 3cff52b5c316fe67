"""The story of one family: compare, look for options, search, and look again among those that came before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphs.lineage.cost import costs
from graphs.lineage.family import Family
from graphs.lineage.ledger import Ledger, extended, opened
from graphs.lineage.options import Option, matches
from graphs.lineage.search import Answer, Menu, menu, search
from graphs.lineage.weights import Weights

_ROUNDS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Inference:
    """The cheapest story of a family, and what it was chosen from."""

    family: Family
    book: Ledger
    weights: Weights
    card: Menu
    nats: NDArray[np.float64]
    """(options,) their costs."""
    answer: Answer

    @property
    def chosen(self) -> tuple[Option, ...]:
        """One option for every dump."""
        return tuple(self.book.options[place] for place in self.answer.chosen)


def infer(family: Family, weights: Weights) -> Inference:
    """The cheapest story of a family under the given weights."""
    book = extended(opened(family, matches(family, weights)), family, weights)
    found: Inference | None = None
    for _ in range(_ROUNDS):
        nats = costs(family, book, weights)[:, 0]
        card = menu(book.options, len(family.members))
        answer = search(card, nats, start=found.answer.order if found else ())
        if found is not None and answer.cost > found.answer.cost - 0.5:
            break
        found = Inference(family, book, weights, card, nats, answer)
        book = extended(book, family, weights, _earlier(answer.order))
    assert found is not None  # noqa: S101 - the first round always finds something
    return found


def _earlier(order: tuple[int, ...]) -> list[frozenset[int]]:
    """For every dump those that stand before it."""
    place = {one: at for at, one in enumerate(order)}
    return [frozenset(other for other in order if place[other] < place[one]) for one in range(len(order))]
