"""GEXF 1.2 with times, for Gephi's timeline."""

from __future__ import annotations

import io

import networkx as nx

from graphs.chain import Chain
from graphs.exports.flat import flat


def export(chain: Chain) -> str:
    """The chain as GEXF; nodes and links carry when they were first and last seen as start and end."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(mode="dynamic")
    source = flat(chain)
    for node, attributes in source.nodes(data=True):
        graph.add_node(node, label=attributes["name"], **_dated(attributes))
    for number, (one, other, key, attributes) in enumerate(source.edges(keys=True, data=True)):
        dated = _dated(attributes)
        dated["link"] = dated.pop("kind")
        graph.add_edge(one, other, key=f"{number} {key}", id=f"{number} {key}", **dated)
    stream = io.BytesIO()
    nx.write_gexf(graph, stream, version="1.2draft")
    return stream.getvalue().decode("utf-8")


def _dated(attributes: dict[str, str | int | float | bool]) -> dict[str, str | int | float | bool]:
    found = dict(attributes)
    first, last = str(found.get("first") or ""), str(found.get("last") or "")
    if first:
        # Days: networkx reads no times of day. `first` and `last` keep them.
        found["start"] = first[:10]
        found["end"] = max(first, last)[:10]
    return found
