from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canaries.tardos import CUT, Bits, accuse, biases, chernoff, code, scores

ATTACKS = ("mix", "union", "majority", "minority", "intersection")


def attack(name: str, held: Bits, rng: np.random.Generator) -> Bits:
    count, coalition = held.sum(axis=0), len(held)
    ways = {
        "mix": held[rng.integers(0, coalition, held.shape[1]), np.arange(held.shape[1])],
        "union": count > 0,
        "majority": count * 2 > coalition,
        "minority": np.where(count == coalition, True, (count > 0) & (count * 2 < coalition)),
        "intersection": count == coalition,
    }
    return np.asarray(ways[name], bool)


@pytest.mark.parametrize("name", ATTACKS)
def test_three_colluders_are_caught(name: str) -> None:
    """Of 100 recipients with 900 slots, one of three colluders is accused at 1e-6 in every run, and nobody innocent."""
    for seed in range(6):
        rng = np.random.default_rng(seed)
        chances = biases(900, rng)
        held = code(chances, 100, rng)
        bounds = accuse(held, chances, attack(name, held[:3], rng)) * 100
        assert (bounds[:3] <= 1e-6).any()
        assert (bounds[3:] > 1e-6).all()


def test_chances_keep_their_distance() -> None:
    """No canary is given to hardly anybody, or to hardly anybody not."""
    chances = biases(10_000, np.random.default_rng(1))
    assert chances.min() >= CUT
    assert chances.max() <= 1 - CUT


@given(st.integers(0, 2**32), st.integers(4, 9))
@settings(max_examples=25)
def test_the_bound_is_never_below_the_truth(seed: int, slots: int) -> None:
    """For short codes the bound is at least the exact chance, worked out over all holdings."""
    rng = np.random.default_rng(seed)
    chances, seen = biases(slots, rng), rng.random(slots) < 0.5
    holdings = np.array(list(product((False, True), repeat=slots)))
    weights = np.where(holdings, chances, 1 - chances).prod(axis=1)
    for score in scores(chances, seen):
        totals = np.where(holdings, score.held, score.lacked).sum(axis=1)
        reached = np.quantile(totals, [0.5, 0.9, 1.0])
        exact = np.array([weights[totals >= each - 1e-9].sum() for each in reached])
        assert (chernoff(score, chances, reached - 1e-9) >= exact - 1e-9).all()


def test_innocents_look_innocent() -> None:
    """Without any leak of theirs, bounds of recipients are below 1 % about once in a hundred, or more seldom."""
    rng = np.random.default_rng(5)
    low = 0
    for _ in range(20):
        chances = biases(200, rng)
        held = code(chances, 101, rng)
        low += int((accuse(held[1:], chances, held[0]) < 0.01).sum())
    assert low <= 20
