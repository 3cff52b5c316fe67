"""The resale chain: platforms, dumps, adverts, sellers, groups, buyers and campaigns, every link with its evidence.

Links point the way the goods go: platform → dump → … → advert → seller → group → buyer → campaign. A chain is a
value: taking back a piece of evidence gives a new chain, in which the links are weighed anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import networkx as nx

from graphs.evidence import Evidence, Weight, from_dict, to_dict, weigh

KINDS = ("platform", "dump", "unseized_dump", "advert", "seller", "group", "buyer", "campaign")
"""Kinds of node, in the order in which goods pass them."""

LINKS = {
    "leaked_to": "the platform's rows are in the dump",
    "copied_to": "the second dump was made from the first",
    "offered_in": "the advert offers the dump",
    "made_by": "the seller makes the advert",
    "sells_in": "the seller offers in the group",
    "bought_by": "the buyer is supplied from here",
    "forwarded_to": "what is said in the first group is passed on to the second",
    "used_in": "the buyer's calls",
    "dialled_in": "the campaign's numbers were dialled from the dump",
}
"""Kinds of link and what each says."""


@dataclass(frozen=True, slots=True)
class Node:
    """Something in the chain."""

    id: str
    kind: str
    """One of `KINDS`."""
    label: str
    facts: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    """What is known of it, without personal data."""
    first: str = ""
    """When it was first seen, ISO 8601; empty where that is not known."""
    last: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """What connects two nodes, and why one thinks so."""

    source: str
    target: str
    kind: str
    """One of `LINKS`."""
    evidence: tuple[Evidence, ...]
    prior: float = 0.01
    determined: bool = True
    """Whether the direction is known; where not, it may be the other way round."""
    disputed: bool = False
    first: str = ""
    last: str = ""
    alternatives: tuple[str, ...] = ()
    """What else would explain it."""

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from every other link."""
        return self.source, self.target, self.kind

    @property
    def weight(self) -> Weight:
        """What its evidence amounts to."""
        return weigh(self.evidence, prior=self.prior, disputed=self.disputed)


class ChainFault(ValueError):
    """The nodes and links do not fit together."""


@dataclass(frozen=True, slots=True)
class Chain:
    """All nodes and links of a case."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]

    def __post_init__(self) -> None:
        known = {node.id for node in self.nodes}
        if len(known) != len(self.nodes):
            raise ChainFault("two nodes have the same id")
        for node in self.nodes:
            if node.kind not in KINDS:
                raise ChainFault(f"{node.kind!r} is no kind of node")
        for link in self.links:
            if link.kind not in LINKS or not {link.source, link.target} <= known:
                raise ChainFault(f"a link of kind {link.kind!r} leads nowhere or is of no known kind")
        if len({link.key for link in self.links}) != len(self.links):
            raise ChainFault("two links of one kind between the same nodes")

    @property
    def id(self) -> str:
        """SHA-256 of the content: the same chain has the same name wherever it is built."""
        return hashlib.sha256(json.dumps(to_json(self), sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def node(self, identity: str) -> Node:
        """The node with this id."""
        found = next((node for node in self.nodes if node.id == identity), None)
        if found is None:
            raise ChainFault("there is no such node in the chain")
        return found

    def graph(self, *, least: float = 0.0) -> nx.MultiDiGraph[str]:
        """The links of at least this probability as a networkx graph; every edge carries its `Link` and `Weight`.

        Nodes without a link stay; retracted links are left out.
        """
        graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        for node in self.nodes:
            graph.add_node(node.id, node=node)
        for link in self.links:
            weight = link.weight
            if weight.status != "retracted" and weight.probability >= least:
                graph.add_edge(link.source, link.target, key=link.kind, link=link, weight=weight)
        return graph

    def retract(self, reference: str) -> Chain:
        """The chain without what rests on the evidence at `reference`: its items are marked, nothing is deleted."""

        def without(link: Link) -> Link:
            items = tuple(
                replace(item, retracted=True) if item.reference == reference else item for item in link.evidence
            )
            return replace(link, evidence=items)

        return replace(self, links=tuple(map(without, self.links)))

    def back(self, identity: str, *, least: float = 0.5) -> list[list[str]]:
        """From a node (a campaign, say) every route back to what nothing leads to, the most probable first."""
        return _routes(self.graph(least=least).reverse(copy=True), self.node(identity).id)

    def forward(self, identity: str, *, least: float = 0.5) -> list[str]:
        """Everyone whom the goods of a node reach, in the order of distance."""
        graph = self.graph(least=least)
        reached = nx.single_source_shortest_path_length(graph, self.node(identity).id)
        return [node for node, steps in sorted(reached.items(), key=lambda pair: (pair[1], pair[0])) if steps]

    def circles(self) -> list[list[str]]:
        """Nodes that lead to each other in a ring: dumps copied back and forth. They are shown, not hidden."""
        return [sorted(part) for part in nx.strongly_connected_components(self.graph()) if len(part) > 1]


def _routes(graph: nx.MultiDiGraph[str], start: str, most: int = 200) -> list[list[str]]:
    """Up to `most` simple routes from `start` to nodes without a way on, by falling product of probabilities."""
    simple: nx.DiGraph[str] = nx.DiGraph()
    simple.add_node(start)
    for source, target, key in graph.edges(keys=True):
        weight: Weight = graph.edges[source, target, key]["weight"]
        best = max(weight.probability, simple.get_edge_data(source, target, {}).get("p", 0.0))
        simple.add_edge(source, target, p=best)
    found: list[tuple[float, list[str]]] = []
    stack: list[tuple[str, float, list[str]]] = [(start, 1.0, [start])]
    while stack and len(found) < most:
        here, chance, route = stack.pop()
        onward = [node for node in simple.successors(here) if node not in route]
        if not onward and len(route) > 1:
            found.append((chance, route))
        stack += [(node, chance * simple[here][node]["p"], [*route, node]) for node in onward]
    return [route for _, route in sorted(found, key=lambda pair: (-pair[0], pair[1]))]


def merged(links: Iterable[Link]) -> tuple[Link, ...]:
    """Links of one kind between the same nodes become one with all their evidence, each item once."""
    found: dict[tuple[str, str, str], Link] = {}
    for link in links:
        before = found.get(link.key)
        if before is None:
            found[link.key] = link
            continue
        items = tuple(dict.fromkeys((*before.evidence, *link.evidence)))
        times = [time for time in (before.first, link.first) if time]
        found[link.key] = replace(
            before,
            evidence=items,
            first=min(times, default=""),
            last=max(before.last, link.last),
            determined=before.determined or link.determined,
            disputed=before.disputed or link.disputed,
            alternatives=tuple(dict.fromkeys((*before.alternatives, *link.alternatives))),
        )
    return tuple(found.values())


def to_json(chain: Chain) -> dict[str, Any]:
    """The chain as JSON (`luobo.chain/1`), nothing lost."""
    return {
        "schema": "luobo.chain/1",
        "nodes": [
            {
                "id": node.id,
                "kind": node.kind,
                "label": node.label,
                "facts": dict(node.facts),
                "first": node.first,
                "last": node.last,
            }
            for node in chain.nodes
        ],
        "links": [
            {
                "source": link.source,
                "target": link.target,
                "kind": link.kind,
                "prior": link.prior,
                "determined": link.determined,
                "disputed": link.disputed,
                "first": link.first,
                "last": link.last,
                "alternatives": list(link.alternatives),
                "evidence": [to_dict(item) for item in link.evidence],
                **_weighed(link.weight),
            }
            for link in chain.links
        ],
    }


def _weighed(weight: Weight) -> dict[str, Any]:
    return {"probability": weight.probability, "low": weight.low, "high": weight.high, "status": weight.status}


def from_json(document: Mapping[str, Any]) -> Chain:
    """The inverse of `to_json`; probabilities are computed anew from the evidence.

    Raises:
        ChainFault: it is no such document.
    """
    try:
        nodes = tuple(
            Node(one["id"], one["kind"], one["label"], one["facts"], one["first"], one["last"])
            for one in document["nodes"]
        )
        links = tuple(
            Link(
                one["source"],
                one["target"],
                one["kind"],
                tuple(map(from_dict, one["evidence"])),
                one["prior"],
                one["determined"],
                one["disputed"],
                one["first"],
                one["last"],
                tuple(one["alternatives"]),
            )
            for one in document["links"]
        )
    except (KeyError, TypeError, AttributeError):
        raise ChainFault("this is no chain of schema luobo.chain/1") from None
    return Chain(nodes, links)
