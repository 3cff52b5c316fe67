"""The story of one family: compare, look for options, search, and look again among those that came before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from graphs.lineage.board import Menu
from graphs.lineage.cost import costs
from graphs.lineage.family import Family
from graphs.lineage.ledger import Ledger, added, extended, opened
from graphs.lineage.options import Option
from graphs.lineage.search import Answer, menu, search
from graphs.lineage.weights import Weights

_ROUNDS = 4
_SHAKES = 4
"""How often an order is shaken in each round without success."""


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
    book = opened(family, weights)
    for allowed in (None, _smaller(family), _sooner(family)):
        book = extended(book, weights, allowed)
    found: Inference | None = None
    for _ in range(_ROUNDS):
        nats = costs(book, weights)[:, 0]
        card = menu(book.options, len(family.members))
        starts = [found.answer.order] if found else _starts(family)
        answer = search(card, nats, starts=starts, shakes=_SHAKES)
        if found is not None and answer.cost > found.answer.cost - 0.5:
            break
        found = Inference(family, book, weights, card, nats, answer)
        book = extended(added(book, _parts(found), weights), weights, _earlier(answer.order))
    assert found is not None  # noqa: S101 - the first round always finds something
    return found


def _parts(found: Inference) -> list[Option]:
    """What was chosen with one parent or sibling less, as far as it was not thought of."""
    fewer = [
        Option(
            option.child,
            tuple(parent for parent in option.parents if parent != one),
            tuple(sibling for sibling in option.siblings if sibling != one),
        )
        for option in found.chosen
        for one in option.before
    ]
    known = set(found.book.options)
    return [option for option in dict.fromkeys(fewer) if option not in known]


def _smaller(family: Family) -> list[frozenset[int]]:
    """For every dump those with fewer records: of what lists it may have been put together."""
    size = [member.size for member in family.members]
    return [frozenset(other for other, its in enumerate(size) if its < mine) for mine in size]


def _sooner(family: Family) -> list[frozenset[int]]:
    """For every dump those that were not first seen later."""
    seen = [member.sketch.first_seen for member in family.members]
    return [
        frozenset(one for one, its in enumerate(seen) if one != child and (not its or not mine or its <= mine))
        for child, mine in enumerate(seen)
    ]


def _starts(family: Family) -> list[list[int]]:
    """Orders to begin with: by size, by size downwards, by day."""
    size = [member.size for member in family.members]
    days = [member.sketch.first_seen for member in family.members]
    known = sorted(day for day in days if day)
    middle = known[len(known) // 2] if known else None
    small = sorted(range(len(size)), key=lambda one: size[one])
    dated = sorted(range(len(size)), key=lambda one: (days[one] or middle or date.min, size[one]))
    return [small, small[::-1], dated]


def _earlier(order: tuple[int, ...]) -> list[frozenset[int]]:
    """For every dump those that stand before it."""
    place = {one: at for at, one in enumerate(order)}
    return [frozenset(other for other in order if place[other] < place[one]) for one in range(len(order))]
