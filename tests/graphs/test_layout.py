from __future__ import annotations

import pytest

from graphs.layout import COLUMN, downwards, layered
from tests.graphs.made import made_chain

BOX = (132.0, 28.0)
"""Width and height of a box, in picture units."""


@pytest.mark.parametrize("nodes", [12, 60, 200])
def test_no_link_runs_behind_somebodys_box(nodes: int) -> None:
    """A link past other columns runs straight where no box stands: behind one it would seem to end or begin there."""
    chain = made_chain(nodes)
    layout = layered(chain)
    bent = 0
    for link in chain.links:
        start, end = layout.places[link.source], layout.places[link.target]
        left, right = sorted((start[0], end[0]))
        passed = [(x, y) for x, y in layout.places.values() if left + COLUMN / 2 < x < right - COLUMN / 2]
        assert ((link.source, link.target) in layout.bends) == bool(passed)
        if passed:
            (first, lane), (last, same) = layout.bends[link.source, link.target]
            assert lane == same
            assert all(abs(y - lane) > BOX[1] / 2 + 2 for _, y in passed)
            assert min(first, last) < min(x for x, _ in passed) - BOX[0] / 2 + 1
            assert max(first, last) > max(x for x, _ in passed) + BOX[0] / 2 - 1
            bent += 1
    assert bent or nodes < 60


def test_the_same_holds_downwards() -> None:
    """Turned to go down a page, a link still passes every box at more than half its width."""
    turned = downwards(layered(made_chain(60)))
    for (source, target), ((lane, first), (_, last)) in turned.bends.items():
        ends = {source, target}
        top, bottom = sorted((first, last))
        passed = [x for node, (x, y) in turned.places.items() if node not in ends and top < y < bottom]
        assert all(abs(x - lane) > BOX[0] / 2 for x in passed)
