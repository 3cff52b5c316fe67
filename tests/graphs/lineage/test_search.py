from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.lineage.options import Option
from graphs.lineage.search import menu, search

MEMBERS = 5


@st.composite
def choices(draw: st.DrawFn) -> tuple[list[Option], list[float]]:
    """Options of five dumps, each with having no parent and a few sets of parents."""
    options, costs = [], []
    for child in range(MEMBERS):
        others = [one for one in range(MEMBERS) if one != child]
        sets = draw(st.lists(st.sets(st.sampled_from(others), min_size=1, max_size=3), max_size=5, unique_by=frozenset))
        for parents in [set(), *sets]:
            options.append(Option(child, tuple(sorted(parents))))
            costs.append(draw(st.floats(0, 100)))
    return options, costs


def cheapest(options: list[Option], costs: list[float]) -> float:
    """The truth, by trying every order."""
    best = float("inf")
    for order in itertools.permutations(range(MEMBERS)):
        place = {one: at for at, one in enumerate(order)}
        total = 0.0
        for child in range(MEMBERS):
            total += min(
                cost
                for option, cost in zip(options, costs, strict=True)
                if option.child == child and all(place[one] < place[child] for one in option.parents)
            )
        best = min(best, total)
    return best


@given(choices())
@settings(max_examples=60, deadline=None)
def test_a_proven_answer_is_the_cheapest(case: tuple[list[Option], list[float]]) -> None:
    """What the search calls proven costs what the best of all orders costs."""
    options, costs = case
    answer = search(menu(options, MEMBERS), np.array(costs))
    assert answer.cost >= cheapest(options, costs) - 1e-6
    if answer.proven:
        assert abs(answer.cost - cheapest(options, costs)) < 1e-6


@given(choices())
@settings(max_examples=60, deadline=None)
def test_orders_alone_find_it_too(case: tuple[list[Option], list[float]]) -> None:
    """Without any proof, re-insertion and shaking find the best order of five dumps."""
    options, costs = case
    answer = search(menu(options, MEMBERS), np.array(costs), exact=0)
    assert abs(answer.cost - cheapest(options, costs)) < 1e-6


@given(choices())
@settings(max_examples=40, deadline=None)
def test_nobody_is_his_own_ancestor(case: tuple[list[Option], list[float]]) -> None:
    """Every chosen option asks only for dumps that stand before its child in the answer's order."""
    options, costs = case
    for exact in (0, 8):
        answer = search(menu(options, MEMBERS), np.array(costs), exact=exact)
        place = {one: at for at, one in enumerate(answer.order)}
        for chosen in answer.chosen:
            option = options[chosen]
            assert all(place[one] < place[option.child] for one in option.before)
