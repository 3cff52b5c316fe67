"""How near an inferred lineage comes to the true one, where the truth is known.

Dumps that nobody seized are contracted: a dump's true parents are its nearest seized ancestors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Edge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Truth:
    """Who was made from whom, seized dumps only."""

    parents: Mapping[str, frozenset[str]]
    """Of every seized dump its nearest seized ancestors."""
    unseized: tuple[frozenset[str], ...]
    """Of every unseized dump with at least two nearest seized descendants, these."""

    @property
    def edges(self) -> frozenset[Edge]:
        """(parent, child) of all seized dumps."""
        return frozenset((parent, child) for child, parents in self.parents.items() for parent in parents)


@dataclass(frozen=True, slots=True)
class Score:
    """Shares between 0 and 1; a share of nothing is 1."""

    precision: float
    recall: float
    edge: float
    """F1 of edges with their direction."""
    undirected: float
    """F1 of edges without it."""
    orientation: float
    """Of the true pairs found, how many point the right way."""
    ancestor: float
    """F1 of (ancestor, descendant) pairs."""
    root: float
    """Mean Jaccard of the sets of first ancestors."""
    merge: float
    """F1 of the dumps that have several parents."""
    unseized: float
    """Of the unseized dumps with two children or more, how many are implied with at least two of these."""


def contract(parents: Mapping[str, Sequence[str]], seized: Iterable[str]) -> Truth:
    """The truth about the seized dumps, from the truth about all.

    Args:
        parents: of every dump, seized or not.
        seized: which were.
    """
    there = frozenset(seized)

    def nearest(one: str) -> frozenset[str]:
        found: set[str] = set()
        for parent in parents[one]:
            found |= {parent} if parent in there else nearest(parent)
        return frozenset(found)

    children: dict[str, list[str]] = {one: [] for one in parents}
    for child, several in parents.items():
        for parent in several:
            children[parent].append(child)

    def below(one: str) -> frozenset[str]:
        found: set[str] = set()
        for child in children[one]:
            found |= {child} if child in there else below(child)
        return frozenset(found)

    missing = tuple(below(one) for one in parents if one not in there)
    return Truth({one: nearest(one) for one in there}, tuple(group for group in missing if len(group) > 1))


def score(truth: Truth, edges: Iterable[Edge], unseized: Iterable[Iterable[str]] = ()) -> Score:
    """Compare inferred edges (parent, child) and the children of inferred unseized dumps with the truth."""
    found, true = frozenset(edges), truth.edges
    hit = len(found & true)
    precision, recall = _share(hit, len(found)), _share(hit, len(true))
    pairs, true_pairs = {frozenset(edge) for edge in found}, {frozenset(edge) for edge in true}
    both = pairs & true_pairs
    parents: dict[str, set[str]] = {one: set() for one in truth.parents}
    for parent, child in found:
        parents[child].add(parent)
    above, true_above = _ancestors(parents), _ancestors(truth.parents)
    lines = {(parent, child) for child, several in above.items() for parent in several}
    true_lines = {(parent, child) for child, several in true_above.items() for parent in several}
    merges = {child for child, several in parents.items() if len(several) > 1}
    true_merges = {child for child, several in truth.parents.items() if len(several) > 1}
    groups = [frozenset(group) for group in unseized]
    return Score(
        precision=precision,
        recall=recall,
        edge=_f1(hit, len(found), len(true)),
        undirected=_f1(len(both), len(pairs), len(true_pairs)),
        orientation=_share(sum(any(frozenset(edge) == pair for edge in found & true) for pair in both), len(both)),
        ancestor=_f1(len(lines & true_lines), len(lines), len(true_lines)),
        root=_roots(parents, above, truth.parents, true_above),
        merge=_f1(len(merges & true_merges), len(merges), len(true_merges)),
        unseized=_share(
            sum(any(len(group & one) > 1 for group in groups) for one in truth.unseized), len(truth.unseized)
        ),
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _f1(hit: int, found: int, true: int) -> float:
    return 2 * hit / (found + true) if found + true else 1.0


def _ancestors(parents: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    known: dict[str, set[str]] = {}

    def above(one: str) -> set[str]:
        if one not in known:
            known[one] = set()
            known[one] = {up for parent in parents[one] for up in (parent, *above(parent))}
        return known[one]

    for one in parents:
        above(one)
    return known


def _roots(
    parents: Mapping[str, Iterable[str]],
    above: Mapping[str, set[str]],
    true_parents: Mapping[str, Iterable[str]],
    true_above: Mapping[str, set[str]],
) -> float:
    total = 0.0
    for one in true_parents:
        mine = {up for up in (one, *above[one]) if not parents[up]}
        theirs = {up for up in (one, *true_above[one]) if not true_parents[up]}
        total += len(mine & theirs) / len(mine | theirs)
    return total / len(true_parents) if true_parents else 1.0
