"""Who to cut: without whom no known route reaches the calls, the smallest set to act against, what a removal changes.

Everything here is about KNOWN routes: a dominator is indispensable in what was seen, not in the world.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

from graphs.chain import Chain
from graphs.removal import Step, key_set
from graphs.routes import COSTS, END, ROOT, Routes, path_shares, routes


@dataclass(frozen=True, slots=True)
class Dominator:
    """Somebody whom every known route to a campaign passes."""

    node: str
    campaigns: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a removal changes."""

    removed: tuple[str, ...]
    lost: tuple[str, ...]
    """Campaigns that no known route reaches any more."""
    still_fed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """The answer to: who to cut?"""

    dominators: tuple[Dominator, ...]
    minimum_cut: tuple[str, ...]
    """The cheapest set that stops every route; empty where some route passes nobody that can be acted against."""
    minimum_cost: float
    key_set: tuple[Step, ...]
    shares: Mapping[str, float]
    """Node → share of all route weight that passes it."""


def cut(chain: Chain, *, least: float = 0.5, most: int = 5, costs: Mapping[str, float] = COSTS) -> Cut:
    """Everything about whom to cut, for the command and the report.

    Args:
        chain: the chain.
        least: links of smaller probability are no route.
        most: size of the key set.
        costs: kind of node → cost to act; kinds that are missing cannot be removed.
    """
    ways = routes(chain, least=least)
    labels = {node.id: node.label for node in chain.nodes}
    names, cost = minimum_cut(ways, costs)
    return Cut(dominators(ways, labels), names, cost, key_set(ways, most), path_shares(ways))


def dominators(ways: Routes, labels: Mapping[str, str] | None = None) -> tuple[Dominator, ...]:
    """People, groups and dumps that every known route to a campaign passes, those of most campaigns first."""
    graph = ways.graph.copy()
    graph.add_edges_from((ROOT, root) for root in ways.roots)
    above = nx.immediate_dominators(graph, ROOT) if ways.roots else {}
    served: dict[str, list[str]] = {}
    for campaign in ways.campaigns:
        here = campaign if campaign in above else ROOT
        while here != ROOT:
            here = above[here] or ROOT
            if here not in {ROOT, campaign}:
                served.setdefault(here, []).append(campaign)
    ranked = sorted(served.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return tuple(
        Dominator(node, tuple(served_), _sentence(node, served_, ways, labels or {})) for node, served_ in ranked
    )


def _sentence(node: str, campaigns: Sequence[str], ways: Routes, labels: Mapping[str, str]) -> str:
    named = ", ".join(labels.get(one, one) for one in campaigns[:5]) + (" …" if len(campaigns) > 5 else "")
    all_of_them = " (all campaigns)" if len(campaigns) == len(ways.campaigns) > 1 else ""
    kind = ways.kinds[node].replace("_", " ")
    return f"Without {kind} {labels.get(node, node)} no known route reaches the calls of {named}{all_of_them}."


def minimum_cut(ways: Routes, costs: Mapping[str, float] = COSTS) -> tuple[tuple[str, ...], float]:
    """The cheapest set of people and groups whose removal stops every route, and its cost (Menger; max-flow min-cut).

    Empty with infinite cost where a route passes nobody that can be removed, with 0 where there is no route.
    """
    live = ways.live(())
    split: nx.DiGraph[tuple[str, str]] = nx.DiGraph()
    start, end = (ROOT, "out"), (END, "in")
    for node in sorted(live):
        cost = costs.get(ways.kinds[node])
        capacity = {} if cost is None else {"capacity": cost}
        split.add_edge((node, "in"), (node, "out"), **capacity)
    split.add_edges_from(((one, "out"), (other, "in")) for one, other in ways.graph.edges if {one, other} <= live)
    split.add_edges_from((start, (root, "in")) for root in ways.roots if root in live)
    split.add_edges_from(((one, "out"), end) for one in ways.campaigns if one in live)
    if start not in split or end not in split:
        return (), 0.0
    try:
        cost, (near, _) = nx.minimum_cut(split, start, end)
    except nx.NetworkXUnbounded:
        return (), math.inf
    chosen = sorted(node for node in live if (node, "in") in near and (node, "out") not in near)
    return tuple(chosen), float(cost)


def without(ways: Routes, removed: Collection[str]) -> Outcome:
    """What if these were gone: which campaigns lose every known route, which are still fed."""
    before, after = ways.fed(), ways.fed(removed)
    return Outcome(tuple(sorted(removed)), tuple(sorted(before - after)), tuple(sorted(after)))


def suspects(ways: Routes, campaign: str) -> list[tuple[str, float]]:
    """Whom to look at first from one campaign: personalised PageRank against the flow of goods, a hint and no more."""
    if campaign not in ways.graph:
        return []
    ranks = nx.pagerank(ways.graph.reverse(copy=False), personalization={campaign: 1.0}, weight="p")
    people = [(node, rank) for node, rank in ranks.items() if ways.kinds[node] in COSTS and rank > 0]
    return sorted(people, key=lambda pair: (-pair[1], pair[0]))
