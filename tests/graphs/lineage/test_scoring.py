from __future__ import annotations

from graphs.lineage.scoring import contract, score

PARENTS: dict[str, list[str]] = {"a": [], "b": ["a"], "x": ["b"], "c": ["x"], "d": ["x"], "e": ["c", "a"]}


def test_unseized_dumps_are_contracted() -> None:
    """Children of an unseized dump have its nearest seized ancestors as parents, and it is remembered."""
    truth = contract(PARENTS, "abcde")
    assert truth.parents["c"] == truth.parents["d"] == frozenset("b")
    assert truth.unseized == (frozenset("cd"),)


def test_the_truth_scores_one() -> None:
    """The truth itself gets full marks in everything."""
    truth = contract(PARENTS, "abcde")
    full = score(truth, truth.edges, truth.unseized)
    assert {full.precision, full.recall, full.edge, full.undirected, full.orientation} == {1.0}
    assert {full.ancestor, full.root, full.merge, full.unseized} == {1.0}


def test_a_turned_edge_costs_direction_only() -> None:
    """An edge the wrong way round is right without its direction."""
    truth = contract({"a": [], "b": ["a"]}, "ab")
    turned = score(truth, [("b", "a")])
    assert (turned.edge, turned.undirected, turned.orientation, turned.root) == (0.0, 1.0, 0.0, 0.0)


def test_nothing_found_scores_nothing() -> None:
    """No edge at all has no recall."""
    assert score(contract(PARENTS, "abcde"), []).recall == 0.0
