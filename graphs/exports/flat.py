"""The chain as a plain networkx graph whose attributes are texts and numbers: what GraphML, GEXF and CSV hold."""

from __future__ import annotations

import json
import re

import networkx as nx

from graphs.chain import Chain, Link, Node
from graphs.evidence import to_dict

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")

Attributes = dict[str, str | int | float | bool]


def legal(text: str) -> str:
    """Text without the characters that XML 1.0 forbids."""
    return _ILLEGAL.sub("\ufffd", text)


def flat(chain: Chain) -> nx.MultiDiGraph[str]:
    """Every node and link with all its facts; the evidence as JSON text, dates as ISO 8601 text."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for node in chain.nodes:
        graph.add_node(legal(node.id), **node_attributes(node))
    for link in chain.links:
        graph.add_edge(legal(link.source), legal(link.target), key=link.kind, **link_attributes(link))
    return graph


def node_attributes(node: Node) -> Attributes:
    """What a node carries; facts are prefixed, so that none hides a name of ours."""
    found: Attributes = {"kind": node.kind, "name": legal(node.label), "first": node.first, "last": node.last}
    found |= {
        f"fact_{legal(key)}": legal(value) if isinstance(value, str) else value for key, value in node.facts.items()
    }
    return found


def link_attributes(link: Link) -> Attributes:
    """What a link carries."""
    weight = link.weight
    return {
        "kind": link.kind,
        "probability": weight.probability,
        "low": weight.low,
        "high": weight.high,
        "status": weight.status,
        "determined": link.determined,
        "first": link.first,
        "last": link.last,
        "alternatives": legal("; ".join(link.alternatives)),
        "evidence": legal(json.dumps([to_dict(item) for item in link.evidence], ensure_ascii=False)),
    }
