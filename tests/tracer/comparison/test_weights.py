from __future__ import annotations

import numpy as np
import pytest

from tracer.comparison.levels import DIFFER, SAME, TYPO
from tracer.comparison.matching import alone
from tracer.comparison.weights import learn, patterns, slips, usual

M = np.array([[0, 0.8, 0, 0.15, 0, 0.05], [0, 0.6, 0, 0.1, 0, 0.3], [0, 0.95, 0, 0.02, 0, 0.03]])
U = np.array([[0, 0.01, 0, 0.005, 0, 0.985], [0, 0.05, 0, 0.02, 0, 0.93], [0, 0.001, 0, 0.001, 0, 0.998]])


def drawn(
    rng: np.random.Generator, chance: np.ndarray[tuple[int, int], np.dtype[np.float64]], count: int
) -> list[object]:
    return [rng.choice(6, count, p=row / row.sum()).astype(np.uint8) for row in chance]


@pytest.mark.parametrize("share", [0.05, 0.3, 0.9])
def test_the_weights_are_learned_without_labels(share: float) -> None:
    """From pairs alone, EM finds how records of one person agree, and how many of the dump are in the table."""
    rng = np.random.default_rng(4)
    people, table = 2_000, 100
    ours = np.repeat(np.arange(people), table)
    levels = np.array(drawn(rng, U, ours.size))
    there = rng.random(people) < share
    levels[:, np.flatnonzero(there) * table] = np.array(drawn(rng, M, int(there.sum())))
    with np.errstate(divide="ignore"):
        logs = np.log(U)
    log_chance = sum(logs[place][levels[place].astype(int)] for place in range(3))
    found = learn(patterns(levels), log_chance, np.arange(people) * table, (people, table), usual(3))
    assert found.share == pytest.approx(there.mean(), abs=0.02)
    assert found.match[:, SAME] == pytest.approx(M[:, SAME], abs=0.08)
    assert found.match[:, TYPO] == pytest.approx(M[:, TYPO], abs=0.08)


def test_nobody_or_one_of_those() -> None:
    """A person's chances and that of nobody sum to one, and equal candidates share alike."""
    ours = np.array([0, 0, 0, 2])
    chance = alone(ours, np.log(np.array([4.0, 4.0, 1.0, 3.0])))
    assert chance == pytest.approx([0.4, 0.4, 0.1, 0.75])


def test_slips_are_no_rarer_than_usual() -> None:
    """How often what is the same is mistyped is bounded below, for a stranger's record is damaged as well."""
    made = slips(usual(2))
    assert (made[:, TYPO] > 0.01).all()
    assert made[:, SAME].tolist() == [1, 1]
    assert made[:, DIFFER].tolist() == [0, 0]
