"""How goods get from the roots of a chain to its campaigns: one graph for every question about cutting it.

A link that is drawn but whose direction is not known may be passed both ways, so that nobody is called indispensable
because of a guess.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import networkx as nx

from graphs.chain import Chain

_GREATEST = 1e12

ROOT, END = "\x00root", "\x00end"
"""The point before every root and the point behind every campaign."""

COSTS: dict[str, float] = {"seller": 1.0, "buyer": 1.0, "group": 3.0}
"""What it costs to act: a person 1, a group 3. Nothing else can be removed: what has leaked has leaked."""


@dataclass(frozen=True, slots=True)
class Routes:
    """The links of a chain from a given probability on, as a plain directed graph with `p` on every edge."""

    graph: nx.DiGraph[str]
    roots: tuple[str, ...]
    campaigns: tuple[str, ...]
    kinds: dict[str, str]

    @property
    def removable(self) -> list[str]:
        """People and groups that lie on a route, in the order of their names."""
        live = self.live(())
        return sorted(node for node in live if self.kinds.get(node) in COSTS)

    def live(self, removed: Collection[str]) -> set[str]:
        """Nodes that lie on a route from a root to a campaign."""
        graph = self.graph.subgraph([node for node in self.graph if node not in removed])
        forward = _reach(graph, [root for root in self.roots if root not in removed])
        backward = _reach(graph.reverse(copy=False), [one for one in self.campaigns if one not in removed])
        return forward & backward

    def fed(self, removed: Collection[str] = ()) -> set[str]:
        """Campaigns that a root still reaches."""
        graph = self.graph.subgraph([node for node in self.graph if node not in removed])
        return _reach(graph, [root for root in self.roots if root not in removed]) & set(self.campaigns)


def routes(chain: Chain, *, least: float = 0.5) -> Routes:
    """The routes of a chain.

    Args:
        chain: the chain.
        least: links of smaller probability are no route.
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    kinds = {node.id: node.kind for node in chain.nodes}
    graph.add_nodes_from(sorted(kinds))
    for link in sorted(chain.links, key=lambda link: link.key):
        weight = link.weight
        if weight.status == "retracted" or weight.probability < least:
            continue
        ways = [(link.source, link.target)] + ([] if link.determined else [(link.target, link.source)])
        for source, target in ways:
            known = graph.get_edge_data(source, target, {}).get("p", 0.0)
            graph.add_edge(source, target, p=max(known, weight.probability))
    return of_graph(graph, kinds)


def of_graph(graph: nx.DiGraph[str], kinds: dict[str, str]) -> Routes:
    """The routes of a ready graph: its roots are the platforms, and else the dumps, that nothing leads to."""
    sources = {"platform", "dump", "unseized_dump"}
    roots = tuple(sorted(node for node in graph if kinds[node] in sources and graph.in_degree(node) == 0))
    if not roots:
        # A ring of copies has no beginning: all of it is.
        parts = nx.condensation(graph)
        first = [part for part in parts if parts.in_degree(part) == 0]
        roots = tuple(sorted(node for part in first for node in parts.nodes[part]["members"] if kinds[node] in sources))
    campaigns = tuple(sorted(node for node in graph if kinds[node] == "campaign"))
    return Routes(graph, roots, campaigns, kinds)


def _reach(graph: nx.DiGraph[str], starts: Collection[str]) -> set[str]:
    seen, stack = set(starts), list(starts)
    while stack:
        for onward in graph.successors(stack.pop()):
            if onward not in seen:
                seen.add(onward)
                stack.append(onward)
    return seen


def path_shares(ways: Routes, removed: Collection[str] = ()) -> dict[str, float]:
    """Node → share of all route weight (products of probabilities) that passes it; two passes over the graph.

    Rings are passed as one node, so that a route is not counted again for every turn.
    """
    live = ways.live(removed)
    if not live:
        return {}
    graph = ways.graph.subgraph(live)
    parts = nx.condensation(graph)
    of = {node: part for part in parts for node in parts.nodes[part]["members"]}
    through: dict[tuple[int, int], float] = {}
    for one, other in graph.edges:
        p = float(graph[one][other]["p"])
        if of[one] != of[other]:
            through[of[one], of[other]] = max(p, through.get((of[one], of[other]), 0.0))
    order = list(nx.topological_sort(parts))
    into = dict.fromkeys(order, 0.0)
    out = dict.fromkeys(order, 0.0)
    for root in set(ways.roots) & live:
        into[of[root]] += 1.0
    for campaign in set(ways.campaigns) & live:
        out[of[campaign]] += 1.0
    for part in order:
        for onward in parts.successors(part):
            into[onward] += into[part] * through[part, onward]
    for part in reversed(order):
        out[part] += sum(out[onward] * through[part, onward] for onward in parts.successors(part))
        scale = max(1.0, out[part] / _GREATEST)
        out[part] /= scale
    total = sum(into[of[campaign]] for campaign in set(ways.campaigns) & live) or 1.0
    return {node: min(1.0, into[of[node]] * out[of[node]] / total) for node in sorted(live)}
